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
from infostat.inference.verdict import traffic_light, verdict

__all__ = [
    "DivergenceEstimate",
    "Estimate",
    "IndependentDifference",
    "adjust_p_values",
    "independent_difference",
    "joint_table",
    "measure",
    "paired_difference",
    "permutation_p_value",
    "step_down_p_values",
    "traffic_light",
    "verdict",
]
