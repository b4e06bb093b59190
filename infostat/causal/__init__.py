"""Bounds on causal effects when confounders may be unmeasured."""

from infostat.causal.aggregation import order_ends
from infostat.causal.binary import binary_bounds
from infostat.causal.estimator import CausalBounds
from infostat.causal.hockey import HockeyStick
from infostat.causal.intervals import imbens_manski, intersection_bounds
from infostat.causal.mixture import divergence_bounds, mixture_bounds
from infostat.causal.radius import divergence_radius, policy_radius
from infostat.causal.sensitivity import marginal_sensitivity_bounds

__all__ = [
    "CausalBounds",
    "HockeyStick",
    "binary_bounds",
    "divergence_bounds",
    "divergence_radius",
    "imbens_manski",
    "intersection_bounds",
    "marginal_sensitivity_bounds",
    "mixture_bounds",
    "order_ends",
    "policy_radius",
]
