"""What fairness costs: the exact frontier of performance against group differences."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "FairnessFrontier": "infostat.fairness.frontier",
    "approval_measures": "infostat.fairness.approvals",
    "conservative_ratio": "infostat.fairness.measures",
    "demographic_iv": "infostat.fairness.measures",
    "fair_scorecard": "infostat.fairness.fair_card",
    "group_calibration": "infostat.fairness.calibration",
    "parity_gap_limit": "infostat.fairness.measures",
}

__all__ = [
    "FairnessFrontier",
    "approval_measures",
    "conservative_ratio",
    "demographic_iv",
    "fair_scorecard",
    "group_calibration",
    "parity_gap_limit",
]


def __getattr__(name: str) -> Any:
    # The estimators bring scikit-learn; the measures do not need it.
    if name not in _HOME:
        msg = f"module 'infostat.fairness' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOME[name]), name)
