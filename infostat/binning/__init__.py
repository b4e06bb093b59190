"""Bins: by quantiles, by the exact optimum, or by hand."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from infostat.binning.bins import Bins

_LAZY = {
    "Binner": "infostat.binning.binner",
    "OptimalBinner": "infostat.binning.binners",
    "Prebins": "infostat.binning.frames",
    "prebin_batches": "infostat.binning.batches",
    "prebin_frame": "infostat.binning.frames",
    "QuantileBinner": "infostat.binning.binners",
}

__all__ = [
    "Binner",
    "Bins",
    "OptimalBinner",
    "Prebins",
    "QuantileBinner",
    "prebin_batches",
    "prebin_frame",
]


def __getattr__(name: str) -> Any:
    # Estimators bring scikit-learn; a card that only scores needs Bins alone.
    if name not in _LAZY:
        msg = f"module 'infostat.binning' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_LAZY[name]), name)
