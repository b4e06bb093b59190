"""Figures: one class a picture, with ``plot(ax=)`` and ``frame()``."""

from infostat.displays.bins import BinDisplay
from infostat.displays.causal import (
    BoundsCurveDisplay,
    GroupBoundsDisplay,
    LadderDisplay,
)
from infostat.displays.causal_contour import ConfoundingContourDisplay
from infostat.displays.scores import ScoreDisplay

__all__ = [
    "BinDisplay",
    "BoundsCurveDisplay",
    "ConfoundingContourDisplay",
    "GroupBoundsDisplay",
    "LadderDisplay",
    "ScoreDisplay",
]
