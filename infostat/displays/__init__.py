"""Figures: one class a picture, with ``plot(ax=)`` and ``frame()``."""

from infostat.displays.bins import BinDisplay
<<<<<<< HEAD
from infostat.displays.samplesize import (
    BinCostDisplay,
    PathDisplay,
    RiskDisplay,
    TermDisplay,
=======
from infostat.displays.causal import (
    BoundsCurveDisplay,
    ConfoundingContourDisplay,
    GroupBoundsDisplay,
    LadderDisplay,
>>>>>>> causal
)
from infostat.displays.scores import ScoreDisplay

__all__ = [
<<<<<<< HEAD
    "BinCostDisplay",
    "BinDisplay",
    "PathDisplay",
    "RiskDisplay",
    "ScoreDisplay",
    "TermDisplay",
=======
    "BinDisplay",
    "BoundsCurveDisplay",
    "ConfoundingContourDisplay",
    "GroupBoundsDisplay",
    "LadderDisplay",
    "ScoreDisplay",
>>>>>>> causal
]
