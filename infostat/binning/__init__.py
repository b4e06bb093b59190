"""Bins: by quantiles, by the exact optimum, or by hand."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from infostat.binning.bins import Bins

_LAZY = {
    "Binner": "infostat.binning.binner",
    "OptimalBinner": "infostat.binning.binners",
    "ContinuousBins": "infostat.binning.continuous",
    "MulticlassBins": "infostat.binning.multiclass",
    "Prebins": "infostat.binning.frames",
    "QuantileBinner": "infostat.binning.quantile_binner",
    "SelectionTest": "infostat.binning.selection",
    "StumpBinner": "infostat.binning.stumps",
    "continuous_bins": "infostat.binning.continuous",
    "multiclass_bins": "infostat.binning.multiclass",
    "prebin_batches": "infostat.binning.batches",
    "prebin_frame": "infostat.binning.frames",
    "selection_test": "infostat.binning.selection",
}

__all__ = [
    "Binner",
    "Bins",
    "ContinuousBins",
    "MulticlassBins",
    "OptimalBinner",
    "Prebins",
    "QuantileBinner",
    "SelectionTest",
    "StumpBinner",
    "continuous_bins",
    "multiclass_bins",
    "prebin_batches",
    "prebin_frame",
    "selection_test",
]


def __getattr__(name: str) -> Any:
    # Estimators bring scikit-learn; a card that only scores needs Bins alone.
    if name not in _LAZY:
        msg = f"module 'infostat.binning' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_LAZY[name]), name)
