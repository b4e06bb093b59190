"""Figures: one class a picture, with ``plot(ax=)`` and ``frame()``."""

from infostat.displays.bins import BinDisplay
from infostat.displays.samplesize import (
    BinCostDisplay,
    PathDisplay,
    RiskDisplay,
    TermDisplay,
)
from infostat.displays.scores import ScoreDisplay

__all__ = [
    "BinCostDisplay",
    "BinDisplay",
    "PathDisplay",
    "RiskDisplay",
    "ScoreDisplay",
    "TermDisplay",
]
