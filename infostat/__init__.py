"""infostat: honest error bars for scorecards.

Public names are loaded when they are first used, so that importing the package costs
next to nothing and a saved card scores without scikit-learn.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "CountTable": "infostat.counts",
    "tabulate": "infostat.counts",
    "DivergenceEstimate": "infostat.inference",
    "Estimate": "infostat.inference",
    "divergence": "infostat.evidence",
    "information_value": "infostat.evidence",
    "population_stability_index": "infostat.evidence",
    "weight_of_evidence": "infostat.evidence",
    "Bins": "infostat.binning",
    "OptimalBinner": "infostat.binning",
    "QuantileBinner": "infostat.binning",
    "StumpBinner": "infostat.binning",
    "BoostedScorecardClassifier": "infostat.scorecard",
    "Scorecard": "infostat.scorecard",
    "ScorecardClassifier": "infostat.scorecard",
    "StabilityMonitor": "infostat.stability",
    "VolumeRegressor": "infostat.sampling",
    "VolumeSampler": "infostat.sampling",
    "WOEEncoder": "infostat.scorecard",
    "PNCriterion": "infostat.samplesize",
    "CausalBounds": "infostat.causal",
    "FairnessFrontier": "infostat.fairness",
    "InfostatError": "infostat.exceptions",
    "InfostatWarning": "infostat.exceptions",
    "show_versions": "infostat._versions",
}

__all__ = [*sorted(_HOME), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        msg = f"module 'infostat' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
