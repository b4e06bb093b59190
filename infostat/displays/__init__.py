"""Figures: one class a picture, with ``plot(ax=)`` and ``frame()``."""

from infostat.displays.bins import BinDisplay
from infostat.displays.causal import (
    BoundsCurveDisplay,
    GroupBoundsDisplay,
    LadderDisplay,
)
from infostat.displays.causal_contour import ConfoundingContourDisplay
from infostat.displays.fairness import FrontierDisplay
from infostat.displays.samplesize import (
    BinCostDisplay,
    PathDisplay,
    RiskDisplay,
    TermDisplay,
)
from infostat.displays.sampling import DesignDisplay, FitDisplay
from infostat.displays.sampling_stability import StabilityDisplay
from infostat.displays.scores import ScoreDisplay

__all__ = [
    "BinCostDisplay",
    "BinDisplay",
    "BoundsCurveDisplay",
    "ConfoundingContourDisplay",
    "DesignDisplay",
    "FitDisplay",
    "FrontierDisplay",
    "GroupBoundsDisplay",
    "LadderDisplay",
    "PathDisplay",
    "RiskDisplay",
    "ScoreDisplay",
    "StabilityDisplay",
    "TermDisplay",
]
