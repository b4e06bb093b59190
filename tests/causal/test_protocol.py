"""The estimator among others: scikit-learn, learners, frames, pickles, routing."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from infostat import CausalBounds

NO_TREATMENT = "ignore:No treatment was passed"


def fit(draw, **parameters):
    parameters = {"y_bounds": (0, 1), "random_state": 0} | parameters
    return CausalBounds(**parameters).fit(draw.X, draw.y, treatment=draw.treatment)


@pytest.mark.filterwarnings(NO_TREATMENT)
@parametrize_with_checks([CausalBounds()])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "learners",
    [
        {"outcome_learner": Ridge(), "propensity_learner": LogisticRegression()},
        {"outcome_learner": GradientBoostingRegressor(n_estimators=5)},
        {"outcome_learner": "xgboost", "propensity_learner": "xgboost"},
    ],
    ids=["linear", "one output", "xgboost"],
)
def test_any_learner_serves(draw, learners):
    bounds = fit(draw, method=["chi2", "tv"], cv=2, **learners)
    plain = fit(draw, method=["chi2", "tv"])
    np.testing.assert_allclose(
        bounds.bounds_["upper"], plain.bounds_["upper"], atol=0.03
    )


def test_device_reaches_xgboost():
    from infostat.causal.nuisance import outcome_learner, propensity_learner

    for learner in (
        outcome_learner("xgboost", 100, "cuda"),
        propensity_learner("xgboost", "cuda"),
    ):
        assert learner.steps[-1][1].get_params()["device"] == "cuda"


def test_frames_come_back_in_the_users_library(draw):
    names = list("abcde")
    frame = pd.DataFrame(draw.X, columns=names)
    frame["kind"] = np.where(draw.X[:, 0] > 0, "up", None)
    answers = {}
    for make in (lambda f: f, pl.from_pandas):
        X = make(frame)
        bounds = CausalBounds(y_bounds=(0, 1), method=["sharp", "kl"], random_state=0)
        bounds.fit(
            X, make(pd.Series(draw.y)), treatment=make(pd.Series(draw.treatment))
        )
        assert type(bounds.bounds_).__module__.startswith(
            type(X).__module__.split(".")[0]
        )
        assert list(bounds.feature_names_in_) == [*names, "kind"]
        answers[type(X)] = bounds.bounds_["upper"].to_numpy()
        bounds.predict_bounds(X[:5], 1)
    first, second = answers.values()
    np.testing.assert_allclose(first, second)


def test_clone_pickle_and_seed(draw):
    bounds = fit(draw, method=["sharp", "kl", "js"], n_rep=2)
    again = clone(bounds).fit(draw.X, draw.y, treatment=draw.treatment)
    pd.testing.assert_frame_equal(bounds.bounds_, again.bounds_)
    bounds.effect_bounds(draw.X[:2])
    restored = pickle.loads(pickle.dumps(bounds))  # noqa: S301 - our own bytes
    pd.testing.assert_frame_equal(restored.ladder(), bounds.ladder())
    pd.testing.assert_frame_equal(
        restored.effect_bounds(draw.X[:9]), bounds.effect_bounds(draw.X[:9])
    )


def test_metadata_is_routed_through_a_pipeline(draw):
    n = len(draw.y)
    groups, weight = np.arange(n) // 2, np.ones(n)
    with sklearn.config_context(enable_metadata_routing=True):
        step = CausalBounds(y_bounds=(0, 1)).set_fit_request(
            treatment=True, sample_weight=True, groups=True
        )
        pipe = Pipeline(
            [
                ("scale", StandardScaler().set_fit_request(sample_weight=False)),
                ("bounds", step),
            ]
        )
        pipe.fit(
            draw.X,
            draw.y,
            treatment=draw.treatment,
            sample_weight=weight,
            groups=groups,
        )
    direct = CausalBounds(y_bounds=(0, 1)).fit(
        draw.X, draw.y, treatment=draw.treatment, sample_weight=weight, groups=groups
    )
    pd.testing.assert_frame_equal(pipe[-1].bounds_, direct.bounds_)
