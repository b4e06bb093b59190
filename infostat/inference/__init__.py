"""Estimates, intervals and tests that read count tables only."""

from infostat.inference.calibration import Calibration, calibrate, hosmer_lemeshow
from infostat.inference.differences import (
    IndependentDifference,
    independent_difference,
    joint_table,
    paired_difference,
)
from infostat.inference.estimate import Estimate
from infostat.inference.kolmogorov import DistanceEstimate, kolmogorov_smirnov
from infostat.inference.measure import DivergenceEstimate, measure
from infostat.inference.multiplicity import adjust_p_values
from infostat.inference.proportions import wilson_interval
from infostat.inference.resampling import permutation_p_value, step_down_p_values
from infostat.inference.roc import (
    AreaEstimate,
    area_under_roc,
    paired_area_difference,
)
from infostat.inference.score_table import ScoreTable
from infostat.inference.sliding import (
    SlidingCalibration,
    sliding_calibration_test,
)
from infostat.inference.verdict import traffic_light, verdict

__all__ = [
    "AreaEstimate",
    "Calibration",
    "DistanceEstimate",
    "DivergenceEstimate",
    "Estimate",
    "IndependentDifference",
    "ScoreTable",
    "SlidingCalibration",
    "adjust_p_values",
    "area_under_roc",
    "calibrate",
    "hosmer_lemeshow",
    "independent_difference",
    "joint_table",
    "kolmogorov_smirnov",
    "measure",
    "paired_area_difference",
    "paired_difference",
    "permutation_p_value",
    "sliding_calibration_test",
    "step_down_p_values",
    "traffic_light",
    "verdict",
    "wilson_interval",
]
