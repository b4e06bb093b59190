"""Scorecards: weights of evidence, logistic regression, points, documents."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from infostat.scorecard.feature_card import FeatureCard
from infostat.scorecard.scaling import Scaling
from infostat.scorecard.scorecard import Scorecard

_LAZY = {
    "BoostedScorecardClassifier": "infostat.scorecard.boosted",
    "ScorePerformance": "infostat.scorecard.performance",
    "ScorecardClassifier": "infostat.scorecard.card",
    "WOEEncoder": "infostat.scorecard.encoder",
    "auc_difference": "infostat.scorecard.score_difference",
    "score_performance": "infostat.scorecard.performance",
}

__all__ = [
    "BoostedScorecardClassifier",
    "FeatureCard",
    "Scaling",
    "ScorePerformance",
    "Scorecard",
    "ScorecardClassifier",
    "WOEEncoder",
    "auc_difference",
    "score_performance",
]


def __getattr__(name: str) -> Any:
    # Estimators bring scikit-learn; scoring a saved card does not need it.
    if name not in _LAZY:
        msg = f"module 'infostat.scorecard' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_LAZY[name]), name)
