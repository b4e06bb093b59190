"""Scorecards: weights of evidence, logistic regression, points, documents."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from infostat.scorecard.scaling import Scaling
from infostat.scorecard.scorecard import FeatureCard, Scorecard

_LAZY = {
    "BoostedScorecardClassifier": "infostat.scorecard.boosted",
    "ScorecardClassifier": "infostat.scorecard.card",
    "WOEEncoder": "infostat.scorecard.encoder",
}

__all__ = [
    "BoostedScorecardClassifier",
    "FeatureCard",
    "Scaling",
    "Scorecard",
    "ScorecardClassifier",
    "WOEEncoder",
]


def __getattr__(name: str) -> Any:
    # Estimators bring scikit-learn; scoring a saved card does not need it.
    if name not in _LAZY:
        msg = f"module 'infostat.scorecard' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_LAZY[name]), name)
