"""infostat: honest error bars for scorecards."""
__version__ = "0.1.0"
