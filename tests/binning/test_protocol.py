"""Binners among scikit-learn's tools: names, output, clones, searches, routing."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import Pipeline

from infostat import (
    OptimalBinner,
    QuantileBinner,
    ScorecardClassifier,
    WOEEncoder,
)

ESTIMATORS = [QuantileBinner, OptimalBinner, WOEEncoder]
every = pytest.mark.parametrize("make", ESTIMATORS)


def numbers(n=600, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"])
    y = (X["a"] + X["b"] + rng.normal(size=n) > 0).astype(int).to_numpy()
    return X, y


@every
def test_names_and_their_order(make):
    X, y = numbers()
    fitted = make().fit(X, y)
    assert fitted.feature_names_in_.tolist() == ["a", "b", "c"]
    assert fitted.get_feature_names_out().tolist() == ["a", "b", "c"]
    assert list(fitted.bins_) == ["a", "b", "c"]
    swapped = make().fit(X[["c", "a", "b"]], y)
    assert list(swapped.bins_) == ["c", "a", "b"]
    assert swapped.bins_["a"] == fitted.bins_["a"]
    with pytest.raises(ValueError, match="same order"):
        fitted.transform(X[["c", "a", "b"]])
    with pytest.raises(ValueError, match="missing:\n- b"):
        fitted.transform(X[["a", "c"]])
    with pytest.raises(ValueError, match="unseen at fit time:\n- d"):
        fitted.transform(X.assign(d=0.0))


@every
def test_numbered_columns_go_by_position(make):
    X, y = numbers()
    unnamed = pd.DataFrame(X.to_numpy())
    fitted = make().fit(unnamed, y)
    assert list(fitted.bins_) == ["x0", "x1", "x2"]
    assert np.array_equal(fitted.transform(unnamed), fitted.transform(X.to_numpy()))


@every
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output(make, library):
    pytest.importorskip(library)
    X, y = numbers()
    plain = make().fit(X, y).transform(X)
    out = make().set_output(transform=library).fit(X, y).transform(X)
    assert type(out).__module__.split(".")[0] == library
    assert list(out.columns) == ["a", "b", "c"]
    assert np.array_equal(out.to_numpy(), plain)


def test_codes_are_small_unsigned_integers():
    X, y = numbers()
    assert OptimalBinner().fit(X, y).transform(X).dtype == np.uint8
    wide = QuantileBinner(max_bins=400).fit(X, y)
    codes = wide.transform(X)
    assert codes.dtype == np.uint16
    assert codes.max() == 400


@every
def test_clone_and_pickle(make):
    X, y = numbers()
    fitted = make().fit(X, y)
    assert not hasattr(clone(fitted), "bins_")
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - our own bytes
    assert again.bins_ == fitted.bins_
    assert np.array_equal(again.transform(X), fitted.transform(X))


def test_parameters_are_only_assigned():
    special, fixed = [1], {}
    binner = OptimalBinner(special_values=special, fixed_bins=fixed)
    assert binner.special_values is special
    assert binner.fixed_bins is fixed


@pytest.mark.parametrize(
    ("make", "parameters"),
    [
        (OptimalBinner, {"max_bins": 0}),
        (OptimalBinner, {"max_bins": 2.5}),
        (OptimalBinner, {"min_bin_size": 1.5}),
        (OptimalBinner, {"min_bin_size": -1}),
        (OptimalBinner, {"max_bin_size": 0}),
        (OptimalBinner, {"monotonic": "up"}),
        (OptimalBinner, {"objective": "gini"}),
        (OptimalBinner, {"prebins": 0}),
        (OptimalBinner, {"min_rate_gap": -0.1}),
        (QuantileBinner, {"categories": "all"}),
        (QuantileBinner, {"rare_level": 1.0}),
        (QuantileBinner, {"fixed_bins": [1]}),
        (WOEEncoder, {"sign": "up"}),
        (WOEEncoder, {"smoothing": -1}),
        (WOEEncoder, {"unseen": "drop"}),
        (WOEEncoder, {"binner": 3}),
    ],
)
def test_parameters_are_checked_at_fit(make, parameters):
    X, y = numbers(50)
    name = next(iter(parameters))
    with pytest.raises(ValueError, match=name):
        make(**parameters).fit(X, y)


def test_grid_search_over_nested_parameters():
    X, y = numbers()
    pipe = Pipeline(
        [("woe", WOEEncoder(OptimalBinner())), ("lr", LogisticRegression())]
    )
    search = GridSearchCV(
        pipe, {"woe__binner__max_bins": [1, 4]}, cv=3, scoring="roc_auc"
    ).fit(X, y)
    # One bin knows nothing.
    assert search.best_params_ == {"woe__binner__max_bins": 4}
    scores = search.cv_results_["mean_test_score"]
    assert scores[0] == pytest.approx(0.5)
    assert scores[1] > 0.75
    card = GridSearchCV(
        ScorecardClassifier(OptimalBinner()), {"binner__max_bins": [1, 4]}, cv=3
    ).fit(X, y)
    assert card.best_params_ == {"binner__max_bins": 4}


def test_cross_validation_of_a_card():
    X, y = numbers()
    scores = cross_validate(
        ScorecardClassifier(), X, y, cv=3, scoring=["roc_auc", "neg_log_loss"]
    )
    assert (scores["test_roc_auc"] > 0.75).all()
    assert (scores["test_neg_log_loss"] > np.log(0.5)).all()


def test_sample_weight_is_routed():
    X, y = numbers()
    weight = np.random.default_rng(0).integers(1, 5, len(y)).astype(float)
    with sklearn.config_context(enable_metadata_routing=True):
        pipe = Pipeline(
            [
                ("woe", WOEEncoder().set_fit_request(sample_weight=True)),
                ("lr", LogisticRegression().set_fit_request(sample_weight=True)),
            ]
        ).fit(X, y, sample_weight=weight)
    alone = WOEEncoder().fit(X, y, sample_weight=weight)
    table = pipe["woe"].tables_["a"]
    assert table.weight.sum() == weight.sum()
    assert np.array_equal(table.weight, alone.tables_["a"].weight)


@every
def test_not_fitted_says_so(make):
    X, _ = numbers(10)
    with pytest.raises(sklearn.exceptions.NotFittedError, match="not fitted"):
        make().transform(X)
