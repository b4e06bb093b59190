"""Figures: one class a picture, with ``plot(ax=)`` and ``frame()``."""

from infostat.displays.bins import BinDisplay
from infostat.displays.causal import (
    BoundsCurveDisplay,
    GroupBoundsDisplay,
    LadderDisplay,
)
from infostat.displays.causal_contour import ConfoundingContourDisplay
from infostat.displays.fairness import FrontierDisplay
from infostat.displays.performance import (
    CalibrationDisplay,
    CutoffDisplay,
    GainsDisplay,
    RocDisplay,
)
from infostat.displays.samplesize import (
    BinCostDisplay,
    PathDisplay,
    RiskDisplay,
    TermDisplay,
)
from infostat.displays.sampling import DesignDisplay, FitDisplay
from infostat.displays.sampling_stability import DesignStabilityDisplay
from infostat.displays.scores import ScoreDisplay
from infostat.displays.stability import DriftDisplay, DriftHistoryDisplay

__all__ = [
    "BinCostDisplay",
    "BinDisplay",
    "BoundsCurveDisplay",
    "CalibrationDisplay",
    "ConfoundingContourDisplay",
    "CutoffDisplay",
    "DesignDisplay",
    "DesignStabilityDisplay",
    "DriftDisplay",
    "DriftHistoryDisplay",
    "FitDisplay",
    "FrontierDisplay",
    "GainsDisplay",
    "GroupBoundsDisplay",
    "LadderDisplay",
    "PathDisplay",
    "RiskDisplay",
    "RocDisplay",
    "ScoreDisplay",
    "TermDisplay",
]
