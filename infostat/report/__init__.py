"""The report of a card: one self-contained HTML file."""

from infostat.report.html import render_report, write_report

__all__ = ["render_report", "write_report"]
