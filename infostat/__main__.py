"""``python -m infostat``: the command line."""

from infostat.cli import main

main()
