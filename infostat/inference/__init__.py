"""Estimates, intervals and tests that read count tables only."""

from infostat.inference.differences import (
    IndependentDifference,
    independent_difference,
    joint_table,
    paired_difference,
)
from infostat.inference.estimate import Estimate
from infostat.inference.measure import DivergenceEstimate, measure
from infostat.inference.multiplicity import adjust_p_values
from infostat.inference.resampling import permutation_p_value, step_down_p_values
from infostat.inference.sliding import (
    SlidingCalibration,
    sliding_calibration_test,
)
from infostat.inference.verdict import verdict

__all__ = [
    "DivergenceEstimate",
    "Estimate",
    "IndependentDifference",
    "SlidingCalibration",
    "adjust_p_values",
    "independent_difference",
    "joint_table",
    "measure",
    "paired_difference",
    "permutation_p_value",
    "sliding_calibration_test",
    "step_down_p_values",
    "verdict",
]
