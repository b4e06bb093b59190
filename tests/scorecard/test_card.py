"""The fitted card: coefficients, points, probabilities, labels and weights."""

from __future__ import annotations

from dataclasses import replace

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV

from infostat import (
    Bins,
    InfostatError,
    InfostatWarning,
    OptimalBinner,
    QuantileBinner,
    Scorecard,
    ScorecardClassifier,
    WOEEncoder,
)
from infostat.scorecard import Scaling


def credit(n=2_000, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "z": rng.normal(size=n).round(1),
            "job": rng.choice(["a", "b", "c"], n),
        }
    )
    eta = -1 + X["x"] - 0.5 * X["z"] + (X["job"] == "c")
    y = (rng.uniform(size=n) < expit(eta)).astype(int).to_numpy()
    X.loc[rng.uniform(size=n) < 0.1, "x"] = np.nan
    return X, y


def codes_of(card, X):
    return card.card_.codes(X)


def test_coefficients_are_those_of_statsmodels():
    X, y = credit()
    card = ScorecardClassifier(OptimalBinner()).fit(X, y)
    columns = WOEEncoder(OptimalBinner()).fit(X, y).transform(X)
    logit_fit = sm.Logit(y, sm.add_constant(columns)).fit(disp=0)
    found = np.r_[card.intercept_, card.coef_[0]]
    np.testing.assert_allclose(found, logit_fit.params, rtol=1e-6)
    np.testing.assert_allclose(
        card.predict_proba(X)[:, 1], logit_fit.predict(), rtol=1e-6
    )
    # Safer evidence lowers the log-odds of the event.
    assert (card.coef_ < 0).all()


def test_one_hot_is_the_regression_on_dummies():
    X, y = credit()
    card = ScorecardClassifier(encoding="onehot").fit(X, y)
    columns, places, start = [], [0], 1
    for name, codes in codes_of(card, X).items():
        size = np.bincount(codes, minlength=card.bins_[name].n_bins)
        for k in np.flatnonzero(size):
            if k != size.argmax():  # the largest bin is the reference
                columns.append(codes == k)
                places.append(start + k)
        start += len(size)
    design = sm.add_constant(np.column_stack(columns).astype(float))
    fit = sm.Logit(y, design).fit(disp=0, tol=1e-10)
    np.testing.assert_allclose(
        np.r_[card.intercept_, card.coef_[0]], fit.params, rtol=1e-5
    )
    np.testing.assert_allclose(card.covariance_, fit.cov_params(), rtol=1e-5)
    stacked = card.card_.covariance
    np.testing.assert_allclose(
        stacked[np.ix_(places, places)], fit.cov_params(), rtol=1e-5
    )
    outside = np.setdiff1d(np.arange(len(stacked)), places)
    assert (stacked[outside] == 0).all()
    # The interval is Wald's on the log-odds.
    low, high = card.predict_interval(X)
    se = np.sqrt(np.einsum("ij,jk,ik->i", design, fit.cov_params(), design))
    eta = design @ fit.params
    np.testing.assert_allclose(low, expit(eta - 1.959964 * se), rtol=1e-5)
    np.testing.assert_allclose(high, expit(eta + 1.959964 * se), rtol=1e-5)


def test_scaling_by_hand():
    scaling = Scaling(pdo=20, base_points=600, base_odds=50)
    assert scaling.factor == pytest.approx(28.85390081777927)
    assert scaling.offset == pytest.approx(487.1228762045055)
    assert float(scaling.points(-np.log(50))) == pytest.approx(600)
    assert float(scaling.points(-np.log(100))) == pytest.approx(620)
    assert float(scaling.points(-np.log(25))) == pytest.approx(580)
    assert float(scaling.probability(600)) == pytest.approx(1 / 51)
    odds = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(logit(scaling.probability(scaling.points(odds))), odds)


@pytest.mark.parametrize("encoding", ["woe", "onehot"])
def test_exact_points_lie_on_the_line(encoding):
    X, y = credit()
    card = ScorecardClassifier(
        encoding=encoding, rounding=None, pdo=40, base_points=500, base_odds=10
    ).fit(X, y)
    factor = 40 / np.log(2)
    offset = 500 - factor * np.log(10)
    expected = offset - factor * card.decision_function(X)
    np.testing.assert_allclose(card.predict_points(X), expected, rtol=1e-10)
    assert card.rounding_cost_.max_shift == 0
    assert card.rounding_cost_.auc_change == 0


@pytest.mark.parametrize("rounding", [0, 1])
def test_rounding_and_its_cost(rounding):
    X, y = credit()
    exact = ScorecardClassifier(rounding=None).fit(X, y)
    card = ScorecardClassifier(rounding=rounding).fit(X, y)
    for name, points in card.points_.items():
        np.testing.assert_array_equal(points, np.round(exact.points_[name], rounding))
    shift = np.abs(card.predict_points(X) - exact.predict_points(X))
    cost = card.rounding_cost_
    assert cost.max_shift == pytest.approx(shift.max())
    assert cost.mean_shift == pytest.approx(shift.mean())
    assert 0 < cost.max_shift <= 3 * 0.5 / 10**rounding
    change = roc_auc_score(y, -card.predict_points(X)) - roc_auc_score(
        y, -exact.predict_points(X)
    )
    assert cost.auc_change == pytest.approx(change)
    # Probabilities do not round.
    np.testing.assert_array_equal(card.predict_proba(X), exact.predict_proba(X))


def test_rounding_cost_counts_weights():
    X, y = credit(600)
    weight = np.random.default_rng(0).integers(0, 4, 600)
    weighted = ScorecardClassifier().fit(X, y, sample_weight=weight).rounding_cost_
    repeated = (
        ScorecardClassifier()
        .fit(X.loc[X.index.repeat(weight)], np.repeat(y, weight))
        .rounding_cost_
    )
    assert weighted.mean_shift == pytest.approx(repeated.mean_shift)
    assert weighted.auc_change == pytest.approx(repeated.auc_change)


def test_one_bin_of_each_feature_sums_to_the_score():
    X, y = credit()
    card = ScorecardClassifier().fit(X, y)
    total = sum(card.points_[name][codes] for name, codes in codes_of(card, X).items())
    np.testing.assert_array_equal(card.predict_points(X), total)


def test_the_sign_is_for_show():
    X, y = credit()
    good = ScorecardClassifier().fit(X, y)
    bad = ScorecardClassifier(sign="bad_over_good").fit(X, y)
    np.testing.assert_allclose(good.coef_, -bad.coef_)
    np.testing.assert_array_equal(good.woe_["x"], -bad.woe_["x"])
    np.testing.assert_array_equal(good.predict_points(X), bad.predict_points(X))
    np.testing.assert_allclose(
        good.covariance_[1:, 1:], bad.covariance_[1:, 1:], rtol=1e-12
    )
    np.testing.assert_allclose(
        good.covariance_[0, 1:], -bad.covariance_[0, 1:], rtol=1e-12
    )


@pytest.mark.parametrize("encoding", ["woe", "onehot"])
def test_a_weight_is_a_number_of_repeated_rows(encoding):
    X, y = credit(800)
    weight = np.random.default_rng(0).integers(0, 4, 800)
    weighted = ScorecardClassifier(encoding=encoding).fit(X, y, sample_weight=weight)
    repeated = ScorecardClassifier(encoding=encoding).fit(
        X.loc[X.index.repeat(weight)], np.repeat(y, weight)
    )
    assert weighted.bins_ == repeated.bins_
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-6)
    np.testing.assert_allclose(
        weighted.covariance_, repeated.covariance_, rtol=1e-4, atol=1e-7
    )
    for ours, theirs in zip(
        weighted.predict_interval(X), repeated.predict_interval(X), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)
    np.testing.assert_array_equal(
        weighted.predict_points(X), repeated.predict_points(X)
    )


def test_rows_of_weight_zero_do_not_exist():
    # Not even when a level occurs in them alone.
    X, y = credit(800)
    X.loc[:19, "job"] = "ghost"
    weight = np.ones(800)
    weight[:20] = 0
    weighted = ScorecardClassifier().fit(X, y, sample_weight=weight)
    without = ScorecardClassifier().fit(X.iloc[20:], y[20:])
    assert weighted.bins_ == without.bins_
    np.testing.assert_allclose(weighted.coef_, without.coef_, rtol=1e-6)
    np.testing.assert_allclose(
        weighted.covariance_, without.covariance_, rtol=1e-4, atol=1e-8
    )


def test_a_column_that_varies_in_rows_of_weight_zero_only_is_constant():
    X, y = credit(800)
    X["flag"] = "same"
    X.loc[:19, "flag"] = "ghost"
    weight = np.ones(800)
    weight[:20] = 0
    card = ScorecardClassifier().fit(X, y, sample_weight=weight)
    assert card.coef_[0, -1] == 0
    assert card.covariance_ is not None


LABELS = [("bad", "good"), (1, 2), (-1, 1), (False, True), (0.0, 1.0), ("0", "1")]


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("second", [True, False])
def test_any_two_labels_with_the_event_named(labels, second):
    X, y = credit(800)
    event = labels[1] if second else labels[0]
    other = labels[0] if second else labels[1]
    named = np.array([event if v else other for v in y])
    plain = ScorecardClassifier().fit(X, y)
    card = ScorecardClassifier(event=event).fit(X, named)
    assert card.event_ == event
    assert card.classes_.tolist() == sorted(labels)
    np.testing.assert_array_equal(card.predict_points(X), plain.predict_points(X))
    column = card.classes_.tolist().index(event)
    np.testing.assert_array_equal(
        card.predict_proba(X)[:, column], plain.predict_proba(X)[:, 1]
    )
    np.testing.assert_allclose(card.predict_proba(X).sum(axis=1), 1.0)
    expected = np.where(plain.predict(X) == 1, event, other)
    assert (card.predict(X) == expected).all()
    sign = 1 if second else -1
    np.testing.assert_allclose(
        card.decision_function(X), sign * plain.decision_function(X)
    )


@pytest.mark.parametrize("labels", [(0, 1), (False, True), (0.0, 1.0)], ids=str)
def test_zero_and_one_need_no_event(labels):
    X, y = credit(400)
    named = np.array(labels)[y]
    card = ScorecardClassifier().fit(X, named)
    assert card.event_ == labels[1]


@pytest.mark.parametrize("labels", [("bad", "good"), (1, 2), (-1, 1)], ids=str)
def test_other_labels_warn_and_name_both(labels):
    X, y = credit(400)
    named = np.array(labels)[y]
    with pytest.warns(InfostatWarning) as caught:
        card = ScorecardClassifier().fit(X, named)
    message = str(caught[0].message)
    assert f"event={labels[0]!r}" in message
    assert f"event={labels[1]!r}" in message
    assert len(caught) == 1
    assert card.event_ == labels[1]


def test_an_event_that_does_not_occur_is_refused():
    X, y = credit(200)
    with pytest.raises(InfostatError, match=r"event='Bad'.*\[0, 1\]"):
        ScorecardClassifier(event="Bad").fit(X, y)


def test_an_estimator_of_ones_own_has_no_errors():
    X, y = credit()
    card = ScorecardClassifier(estimator=LogisticRegression(C=0.01)).fit(X, y)
    plain = ScorecardClassifier().fit(X, y)
    assert (np.abs(card.coef_) < np.abs(plain.coef_)).all()
    assert card.covariance_ is None
    with pytest.raises(InfostatError, match=r"no standard errors.*estimator=None"):
        card.predict_interval(X)
    assert "points_std_error" not in nw.from_native(card.points_table()).columns


@pytest.mark.filterwarnings("ignore:Sparse bins")  # pure bins are that, too
@pytest.mark.filterwarnings("ignore:At most one bin of x, z holds both")
@pytest.mark.parametrize("threshold", [0.5, 1.5])
def test_separated_classes_warn_with_a_remedy(threshold):
    # Two features that together tell the classes apart, though neither does alone.
    x = np.tile([0.0, 0.0, 1.0, 1.0], 200)
    z = np.tile([0.0, 1.0, 0.0, 1.0], 200)
    y = (x + z > threshold).astype(int)
    X = pd.DataFrame({"x": x, "z": z})
    binner = OptimalBinner(
        fixed_bins={name: Bins.numeric(name, [0.5]) for name in ("x", "z")}
    )
    with pytest.warns(InfostatWarning, match=r"separated.*fewer bins or estimator="):
        card = ScorecardClassifier(binner).fit(X, y)
    assert card.covariance_ is None
    with pytest.raises(InfostatError, match="separated"):
        card.predict_interval(X)
    # Scores must still be usable, also by tools that refuse infinities.
    assert np.isfinite(card.predict_points(X)).all()
    assert np.isfinite(card.decision_function(X)).all()
    assert (card.predict(X) == y).all()


def test_a_feature_that_gives_the_outcome_away_is_named():
    # Every bin must hold both classes, so a perfect predictor is left in one bin.
    X, y = credit(800)
    X["leak"] = y + 0.0
    with pytest.warns(InfostatWarning, match=r"'leak'.*leakage.*fixed_bins"):
        card = ScorecardClassifier().fit(X, y)
    assert card.bins_["leak"].n_ordinary == 1
    X["leak"] = np.where(y, "yes", "no")
    with pytest.warns(InfostatWarning, match="'leak'"):
        OptimalBinner().fit(X, y)


def test_collinear_features_warn_with_a_remedy():
    X, y = credit()
    X["copy"] = X["x"]
    with pytest.warns(InfostatWarning, match=r"collinear.*drop one"):
        card = ScorecardClassifier().fit(X, y)
    assert card.covariance_ is None
    with pytest.raises(InfostatError, match="collinear"):
        card.predict_interval(X)
    assert np.isfinite(card.predict_points(X)).all()


def test_a_constant_feature_weighs_nothing():
    X, y = credit()
    X["one"] = 1.0
    card = ScorecardClassifier().fit(X, y)
    alone = ScorecardClassifier().fit(X[["x", "z", "job"]], y)
    np.testing.assert_allclose(card.coef_[0, :3], alone.coef_[0], rtol=1e-6)
    assert card.coef_[0, 3] == 0
    assert card.iv_["one"].value == 0
    np.testing.assert_allclose(
        card.covariance_[:4, :4], alone.covariance_, rtol=1e-5, atol=1e-8
    )


def test_missing_bins_may_be_merged_by_hand():
    X, y = credit()
    first = ScorecardClassifier().fit(X, y)
    joined = first.bins_["x"].merge(0, 2)
    card = ScorecardClassifier(OptimalBinner(fixed_bins={"x": joined})).fit(X, y)
    assert card.bins_["x"] == joined
    # The second ordinary bin, since bin 0 is "missing" and 1 the first.
    inside = (joined.cuts[0] + joined.cuts[1]) / 2
    new = pd.DataFrame({"x": [np.nan, inside], "z": 0.0, "job": "a"})
    points = card.predict_points(new)
    assert points[0] == points[1]


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_tables_in_the_users_library(library):
    pytest.importorskip(library)
    X, y = credit()
    frame = nw.from_dict({c: X[c].to_list() for c in X}, backend=library).to_native()
    card = ScorecardClassifier().fit(frame, y)
    summary = nw.from_native(card.summary(), eager_only=True)
    assert summary.implementation.value == library
    assert summary.columns == [
        "feature",
        "bins",
        "estimate",
        "std_error",
        "conf_low",
        "conf_high",
        "p_value",
        "p_adjusted",
        "coefficient",
        "coefficient_std_error",
        "variance_inflation",
    ]
    by_name = dict(zip(X.columns, card.coef_[0], strict=True))
    for row in summary.iter_rows(named=True):
        assert row["coefficient"] == by_name[row["feature"]]
    estimates = summary.get_column("estimate").to_list()
    assert estimates == sorted(estimates, reverse=True)
    table = nw.from_native(card.points_table(), eager_only=True)
    rows = sum(int((t.weight.sum(axis=1) > 0).sum()) for t in card.tables_.values())
    assert table.shape[0] == rows
    events = table.get_column("events").to_numpy()
    good = table.get_column("non_events").to_numpy()
    np.testing.assert_allclose(
        table.get_column("event_rate").to_numpy(), events / (events + good)
    )
    assert events.sum() == 3 * y.sum()
    low = table.get_column("conf_low").to_numpy()
    woe = table.get_column("woe").to_numpy()
    np.testing.assert_allclose(
        woe - low, 1.959964 * table.get_column("std_error").to_numpy(), rtol=1e-6
    )


def test_score_is_points_and_probability_in_one_pass():
    X, y = credit()
    card = ScorecardClassifier(QuantileBinner()).fit(X, y)
    assert isinstance(card.card_, Scorecard)
    points, probability = card.card_.score(X)
    np.testing.assert_array_equal(points, card.predict_points(X))
    np.testing.assert_array_equal(probability, card.predict_proba(X)[:, 1])
    # A bare card reads columns by name, whatever their order, and ignores others.
    mixed = X[["job", "x", "z"]].assign(extra=1)
    np.testing.assert_array_equal(card.card_.points(mixed), points)
    with pytest.raises(InfostatError, match=r"lacks the columns \['z'\]"):
        card.card_.points(X[["x", "job"]])


def test_a_changed_card_is_taken_by_a_copy():
    X, y = credit()
    fitted = ScorecardClassifier(QuantileBinner()).fit(X, y)
    before = fitted.predict_points(X)
    features = dict(fitted.card_.features)
    features["z"] = replace(features["z"], points=features["z"].points + 7)
    card = replace(fitted.card_, features=features)
    changed = fitted.with_card(card)
    np.testing.assert_array_equal(changed.predict_points(X), before + 7)
    np.testing.assert_array_equal(fitted.predict_points(X), before)
    np.testing.assert_array_equal(changed.points_["z"], fitted.points_["z"] + 7)
    again = ScorecardClassifier.from_json(changed.to_json())
    np.testing.assert_array_equal(again.predict_points(X), before + 7)
    # Labels are part of a card.
    named = fitted.with_card(replace(card, classes=("good", "bad"), event="bad"))
    assert set(named.predict(X)) == {"good", "bad"}
    assert set(fitted.predict(X)) == {0, 1}
    fewer = ScorecardClassifier(QuantileBinner()).fit(X[["x", "z"]], y)
    with pytest.raises(InfostatError, match=r"has the features \['x', 'z'\]"):
        fitted.with_card(fewer.card_)
    with pytest.raises(NotFittedError):
        ScorecardClassifier().with_card(card)


@pytest.mark.filterwarnings("ignore::infostat.InfostatWarning")
def test_parameters_of_the_default_binner_can_be_searched():
    X, y = credit(400)
    search = GridSearchCV(ScorecardClassifier(), {"binner__max_bins": [2, 5]}, cv=2)
    found = search.fit(X, y).best_estimator_
    assert found.binner.max_bins == search.best_params_["binner__max_bins"]
    by_hand = ScorecardClassifier(OptimalBinner(max_bins=found.binner.max_bins))
    points = by_hand.fit(X, y).predict_points(X)
    np.testing.assert_array_equal(found.predict_points(X), points)
    # Nothing else sets a binner, and one that was given stays.
    assert ScorecardClassifier().set_params(pdo=30).binner is None
    quantile = QuantileBinner()
    assert WOEEncoder(quantile).set_params(binner__max_bins=3).binner is quantile
    assert WOEEncoder().set_params(binner__max_bins=3).binner.max_bins == 3
    with pytest.raises(ValueError, match="Invalid parameter 'most'"):
        ScorecardClassifier().set_params(binner__most=3)
