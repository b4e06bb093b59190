"""Drift with error bars: characteristics, scores and performance over many periods."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_LAZY = {
    "CauchySchwarzEstimate": "infostat.stability.kernel",
    "DriftEquilibrium": "infostat.stability.equilibrium",
    "Snapshot": "infostat.stability.snapshot",
    "StabilityMonitor": "infostat.stability.monitor",
    "StabilityReport": "infostat.stability.report",
    "TransportEstimate": "infostat.stability.transport",
    "anytime_p_values": "infostat.stability.sequential",
    "cs_divergence": "infostat.stability.kernel",
    "cs_drift": "infostat.stability.kernel",
    "spending_share": "infostat.stability.sequential",
    "wasserstein_drift": "infostat.stability.transport",
}

__all__ = [
    "CauchySchwarzEstimate",
    "DriftEquilibrium",
    "Snapshot",
    "StabilityMonitor",
    "StabilityReport",
    "TransportEstimate",
    "anytime_p_values",
    "cs_divergence",
    "cs_drift",
    "spending_share",
    "wasserstein_drift",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        msg = f"module 'infostat.stability' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_LAZY[name]), name)
