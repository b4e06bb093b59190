"""Every public estimator passes scikit-learn's own checks, without exceptions."""

from __future__ import annotations

import pytest
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

import infostat
from infostat import (
    BoostedScorecardClassifier,
    FairnessFrontier,
    OptimalBinner,
    QuantileBinner,
    ScorecardClassifier,
    StabilityMonitor,
    StumpBinner,
    WOEEncoder,
)

ESTIMATORS = [
    QuantileBinner(),
    OptimalBinner(),
    OptimalBinner(monotonic=None, objective="iv_corrected"),
    OptimalBinner(missing="merge", max_pvalue=0.5, honest=True),
    WOEEncoder(),
    WOEEncoder(QuantileBinner(max_bins=3), sign="bad_over_good"),
    ScorecardClassifier(),
    ScorecardClassifier(encoding="onehot", rounding=None),
    StumpBinner(n_rounds=5),
    StumpBinner(n_rounds=10, joint=True, reduction="gain", missing="merge"),
    BoostedScorecardClassifier(n_rounds=10),
    # Folds of repeated rows are not those of weighted ones: no cross-fitting here.
    ScorecardClassifier(
        monotone_coefficients=True,
        selector=SelectFromModel(LogisticRegression(), threshold=-float("inf")),
        selection_cv=None,
    ),
    StabilityMonitor(),
    StabilityMonitor(QuantileBinner(max_bins=4), adjust="bh", horizon=12),
    FairnessFrontier(),
]


# The checks fit two unnamed labels and very few rows on purpose; both warn.
@pytest.mark.filterwarnings("ignore::infostat.exceptions.InfostatWarning")
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_checks(estimator, check):
    # The checks assert; an estimator that fails one raises here.
    assert check(estimator) is None


def test_no_public_estimator_is_left_out():
    public = {
        name
        for name in infostat.__all__
        if hasattr(getattr(infostat, name), "get_params")
    }
    here = {type(estimator).__name__ for estimator in ESTIMATORS}
    # The rooms that do not count run the same checks in their own tests.
    elsewhere = {"CausalBounds", "PNCriterion", "VolumeRegressor", "VolumeSampler"}
    assert public == here | elsewhere
