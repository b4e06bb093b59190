"""Bounded coefficients, point constraints, selection, variance inflation."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.feature_selection import (
    RFE,
    SelectFromModel,
    SelectKBest,
    SequentialFeatureSelector,
    f_classif,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from statsmodels.stats.outliers_influence import (
    variance_inflation_factor as reference_inflation,
)

from infostat import (
    Bins,
    InfostatError,
    InfostatWarning,
    OptimalBinner,
    Scorecard,
    ScorecardClassifier,
    WOEEncoder,
)
from infostat.scorecard.bounded import fit_bounded
from infostat.scorecard.design import variance_inflation
from infostat.scorecard.logistic import fit_logistic, information_matrix


def correlated(n=3_000, seed=0):
    """Features b and c say what a says, so one of them turns against its evidence."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    X = pd.DataFrame(
        {
            "a": a,
            "b": a + 0.25 * rng.normal(size=n),
            "c": a + rng.normal(size=n),
            "d": rng.normal(size=n),
        }
    )
    eta = -1.5 + 2.2 * X["a"] - 1.2 * X["b"] + 0.5 * X["d"]
    return X, (rng.uniform(size=n) < expit(eta)).astype(int).to_numpy()


def loss(beta, design, y, weight):
    eta = beta[0] + design @ beta[1:]
    return float(weight @ (np.logaddexp(0, eta) - y * eta))


@pytest.mark.parametrize("seed", range(8))
def test_the_bounded_maximum_is_that_of_a_general_optimiser(seed):
    rng = np.random.default_rng(seed)
    n, p = 400, 5
    mixing = rng.normal(size=(p, p))
    design = rng.normal(size=(n, p)) @ mixing
    y = (rng.uniform(size=n) < expit(-0.5 + design @ rng.normal(0, 0.3, p))).astype(
        "u1"
    )
    weight = rng.integers(1, 4, n).astype(float)
    lower, upper = np.zeros(p), np.where(rng.random(p) < 0.5, 0.2, np.inf)
    fit = fit_bounded(design, y, weight, lower, upper)
    found = minimize(
        loss,
        np.zeros(p + 1),
        (design, y, weight),
        method="L-BFGS-B",
        bounds=[(None, None), *zip(lower, upper, strict=True)],
        options={"maxiter": 10_000, "ftol": 1e-15, "gtol": 1e-9},
    )
    ours = np.r_[fit.intercept, fit.coefficients]
    assert loss(ours, design, y, weight) <= found.fun + 1e-7
    np.testing.assert_allclose(ours, found.x, atol=2e-4)
    # The conditions of Karush, Kuhn and Tucker, which are sufficient here.
    score = (weight * (y - expit(ours[0] + design @ ours[1:]))) @ design
    at_low, at_high = ours[1:] == lower, ours[1:] == upper
    assert np.abs(score[~at_low & ~at_high]).max(initial=0) < 1e-4
    assert (score[at_low] <= 1e-6).all()
    assert (score[at_high] >= -1e-6).all()
    np.testing.assert_array_equal(fit.held, at_low | at_high)


def test_without_an_active_bound_it_is_the_maximum_likelihood():
    rng = np.random.default_rng(0)
    design = rng.normal(size=(500, 3))
    y = (rng.uniform(size=500) < expit(design @ [0.5, 1.0, 0.7])).astype("u1")
    free = fit_logistic(design, y)
    fit = fit_bounded(design, y, None, np.zeros(3), np.full(3, np.inf))
    np.testing.assert_allclose(fit.coefficients, free.coefficients, rtol=1e-6)
    assert not fit.held.any()


def test_a_start_from_some_of_the_rows_ends_at_the_same_maximum(monkeypatch):
    rng = np.random.default_rng(0)
    design = rng.normal(size=(4_000, 4))
    design[:, 3] = rng.random(4_000) < 0.01
    y = (rng.uniform(size=4_000) < expit(-2 + design @ [1, 0.5, 0, 1])).astype("u1")
    weight = rng.integers(1, 4, 4_000).astype(float)
    for w in (None, weight):
        cold = fit_logistic(design, y, w)
        monkeypatch.setattr("infostat.scorecard.logistic.MANY", 1_000)
        warm = fit_logistic(design, y, w)
        monkeypatch.undo()
        np.testing.assert_allclose(warm.coefficients, cold.coefficients, rtol=1e-5)
        assert warm.intercept == pytest.approx(cold.intercept, rel=1e-5)
    # Every sixteenth row without an event, or with a constant column: a usual start.
    monkeypatch.setattr("infostat.scorecard.logistic.MANY", 1_000)
    for change in ("events", "column"):
        X, z = design.copy(), y.copy()
        if change == "events":
            z[::16] = 0
        else:
            X[::16, 3] = 0
        found = fit_logistic(X, z).coefficients
        score = (z - expit(fit_logistic(X, z).intercept + X @ found)) @ X
        assert np.abs(score).max() < 1e-3


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_score_is_zero_at_the_maximum(order, monkeypatch):
    rng = np.random.default_rng(6)
    design = np.asarray(rng.normal(size=(3_000, 5)), order=order)
    design[:, 3] = 2.0
    y = (rng.uniform(size=3_000) < expit(-2 + design[:, :2].sum(axis=1))).astype("u1")
    weight = rng.integers(0, 3, 3_000).astype(float)
    # Blocks that end within the rows.
    monkeypatch.setattr("infostat.scorecard.design.BLOCK", 5_001)
    for w in (np.ones(3_000), weight):
        fit = fit_logistic(design, y, None if w.all() else w)
        assert fit.maximum
        assert fit.coefficients[3] == 0
        p = expit(fit.intercept + design @ fit.coefficients)
        score = (w * (y - p)) @ np.column_stack([np.ones(3_000), design])
        assert np.abs(score).max() < 1e-8
        rows = np.column_stack([np.ones(3_000), design])
        np.testing.assert_allclose(
            information_matrix(design, fit.intercept + design @ fit.coefficients, w),
            (rows.T * (w * p * (1 - p))) @ rows,
            rtol=1e-11,
        )


def test_without_a_maximum_the_careful_solver_answers(monkeypatch):
    # No event where the column is one: its coefficient has no end.
    rng = np.random.default_rng(2)
    design = np.column_stack([rng.normal(size=5_000), np.arange(5_000) < 20])
    y = (rng.random(5_000) < 0.2).astype("u1")
    y[:20] = 0
    found = fit_logistic(design, y)
    monkeypatch.setattr("infostat.scorecard.logistic._newton", lambda *_: None)
    careful = fit_logistic(design, y)
    np.testing.assert_array_equal(found.coefficients, careful.coefficients)
    assert found.maximum == careful.maximum


def test_coefficients_do_not_turn_against_their_evidence():
    X, y = correlated()
    free = ScorecardClassifier().fit(X, y)
    wrong = [n for n, c in zip(X, free.coef_[0], strict=True) if c > 0]
    assert wrong  # otherwise the bound would not be needed
    with pytest.warns(InfostatWarning, match=r"held at their bound.*Drop") as caught:
        card = ScorecardClassifier(monotone_coefficients=True).fit(X, y)
    assert all(repr(name) in str(caught[0].message) for name in card.held_)
    assert (card.coef_ <= 0).all()
    assert set(wrong) <= set(card.held_)
    for name in card.held_:
        assert np.ptp(card.points_[name]) == 0
    # Errors are those of the fit without the held features.
    kept = [name for name in X if name not in card.held_]
    alone = ScorecardClassifier().fit(X[kept], y)
    place = [0, *(1 + list(X).index(name) for name in kept)]
    np.testing.assert_allclose(
        card.covariance_[np.ix_(place, place)], alone.covariance_, rtol=1e-4
    )
    np.testing.assert_allclose(card.coef_[0, np.array(place[1:]) - 1], alone.coef_[0])
    np.testing.assert_allclose(
        card.predict_interval(X), alone.predict_interval(X[kept]), rtol=1e-4
    )
    table = card.summary().set_index("feature")
    assert (table.loc[card.held_, "coefficient_std_error"] == 0).all()
    assert (table.loc[kept, "coefficient_std_error"] > 0).all()


def test_bounds_at_rest_change_nothing():
    X, y = correlated()
    X = X[["a", "d"]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        card = ScorecardClassifier(monotone_coefficients=True).fit(X, y)
    free = ScorecardClassifier().fit(X, y)
    np.testing.assert_allclose(card.coef_, free.coef_, rtol=1e-6)
    np.testing.assert_allclose(card.covariance_, free.covariance_, rtol=1e-5)
    assert card.held_ == []


@pytest.mark.parametrize("spans", [30.0, {"a": 25.0, "zz": 1.0}], ids=str)
def test_a_feature_spans_no_more_points_than_allowed(spans):
    X, y = correlated()
    X = X[["a", "d"]]
    free = ScorecardClassifier(rounding=None).fit(X, y)
    assert np.ptp(free.points_["a"]) > 60
    with pytest.warns(InfostatWarning, match="'a'"):
        card = ScorecardClassifier(rounding=None, max_points_span=spans).fit(X, y)
    limit = spans["a"] if isinstance(spans, dict) else spans
    assert np.ptp(card.points_["a"]) == pytest.approx(limit)
    assert "a" in card.held_


@pytest.mark.parametrize("rounding", [0, 1, None])
@pytest.mark.parametrize("encoding", ["woe", "onehot"])
@pytest.mark.parametrize("ends", [(0, 100), (300, 850), (-50, 1000)])
def test_the_worst_and_best_rows_score_at_the_ends(rounding, encoding, ends):
    X, y = correlated()
    X["e"] = "same"
    card = ScorecardClassifier(
        rounding=rounding, encoding=encoding, points_range=ends
    ).fit(X, y)
    filled = {n: t.weight.sum(axis=1) > 0 for n, t in card.tables_.items()}
    low = sum(p[filled[n]].min() for n, p in card.points_.items())
    high = sum(p[filled[n]].max() for n, p in card.points_.items())
    if rounding is None:
        assert (low, high) == pytest.approx(ends)
    else:
        assert (round(low, 9), round(high, 9)) == ends
        # Rounding moves no bin by more than a unit and a half.
        exact = ScorecardClassifier(
            rounding=None, encoding=encoding, points_range=ends
        ).fit(X, y)
        for name, points in card.points_.items():
            shift = np.abs(points - exact.points_[name])[filled[name]]
            assert shift.max() <= 1.5 * 10.0**-rounding + 1e-9
            # And keeps the order of the bins.
            order = np.argsort(exact.points_[name][filled[name]])
            assert (np.diff(points[filled[name]][order]) >= 0).all()
    points = card.predict_points(X)
    assert ends[0] - 1e-9 <= points.min() < points.max() <= ends[1] + 1e-9
    # The line is that of the scaling.
    line = card.card_.scaling.points(card.decision_function(X))
    assert np.abs(points - line).max() < 3.0 * (10.0 ** -(rounding or 0))
    again = ScorecardClassifier.from_json(card.to_json())
    np.testing.assert_array_equal(again.predict_points(X), points)


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ({"monotone_coefficients": True, "encoding": "onehot"}, "encoding='woe'"),
        (
            {"max_points_span": 5.0, "estimator": LogisticRegression()},
            "estimator=None",
        ),
        ({"max_points_span": 5.0, "points_range": (0, 1)}, "give one of the two"),
        ({"max_points_span": {"a": -1}}, "'a' must be a positive number, got -1"),
        ({"points_range": (850, 300)}, "increasing"),
        ({"points_range": (0, np.inf)}, "finite"),
        ({"points_range": (0, 99.5)}, "more decimals"),
        ({"points_range": (0, 1, 2)}, "smallest and the largest"),
    ],
    ids=str,
)
def test_constraints_that_cannot_be_are_refused(parameters, word):
    X, y = correlated(300)
    with pytest.raises(InfostatError, match=word):
        ScorecardClassifier(**parameters).fit(X, y)


def test_a_range_needs_a_card_that_separates():
    _, y = correlated(300)
    with pytest.raises(InfostatError, match="No feature carries evidence"):
        ScorecardClassifier(points_range=(0, 100)).fit(np.ones((300, 1)), y)


# Coverage of the errors beside a bound


CELLS = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]


@pytest.mark.slow
def test_errors_of_features_away_from_the_bound_hold_and_at_it_are_not_given():
    # v repeats u with noise and has no effect of its own: half of the samples hold it.
    fixed = {name: Bins.numeric(name, [0.5]) for name in ("u", "v")}

    def draw(rng, n):
        u = (rng.random(n) < 0.5).astype(float)
        v = np.where(rng.random(n) < 0.7, u, 1 - u)
        X = pd.DataFrame({"u": u, "v": v})
        return X, (rng.random(n) < expit(-1.5 + 1.2 * u)).astype(int)

    rng = np.random.default_rng(5)
    hits, held = [], []
    for _ in range(300):
        X, y = draw(rng, 1_200)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InfostatWarning)
            card = ScorecardClassifier(
                OptimalBinner(fixed_bins=fixed), monotone_coefficients=True
            ).fit(X, y)
        held.append("v" in card.held_)
        low, high = card.predict_interval(pd.DataFrame(CELLS, columns=["u", "v"]))
        truth = expit(-1.5 + 1.2 * np.array([u for u, _ in CELLS]))
        hits.append((low <= truth) & (truth <= high))
    assert 0.4 < np.mean(held) < 0.6
    # Four Monte-Carlo errors at 300 replications are .05.
    assert (np.mean(hits, axis=0) > 0.90).all()


# Selection


def noisy(n=1_200, seed=0, noise=8):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    eta = -1 + X["x"] - 0.8 * X["z"]
    y = (rng.uniform(size=n) < expit(eta)).astype(int).to_numpy()
    for k in range(noise):
        X[f"noise{k}"] = rng.integers(0, 40, n).astype(str)
    return X, y


L1 = LogisticRegression(C=0.05, l1_ratio=1.0, solver="liblinear")
STEPWISE = LogisticRegression()
SELECTORS = {
    "l1": SelectFromModel(L1),
    "k best": SelectKBest(f_classif, k=2),
    "stepwise": SequentialFeatureSelector(
        STEPWISE, n_features_to_select=2, scoring="roc_auc", cv=3
    ),
    "recursive": RFE(STEPWISE, n_features_to_select=2),
}


@pytest.mark.parametrize("selector", SELECTORS.values(), ids=SELECTORS)
def test_selectors_of_scikit_learn_find_the_features(selector):
    X, y = noisy()
    card = ScorecardClassifier(selector=selector).fit(X, y)
    assert card.selected_ == ["x", "z"]
    assert card.card_.feature_names == ["x", "z"]
    assert card.n_features_in_ == X.shape[1]
    # The card is that of the kept features alone, in frames and in arrays.
    alone = ScorecardClassifier().fit(X[["x", "z"]], y)
    np.testing.assert_array_equal(
        card.predict_points(X), alone.predict_points(X[["x", "z"]])
    )
    np.testing.assert_allclose(card.covariance_, alone.covariance_, rtol=1e-6)
    saved = Scorecard.from_json(card.to_json())
    np.testing.assert_array_equal(saved.points(X[["z", "x"]]), card.predict_points(X))


@pytest.mark.parametrize("kind", ["array", "list", "numbered", "polars"])
def test_selection_where_columns_go_by_position(kind):
    rng = np.random.default_rng(1)
    data = rng.normal(size=(900, 4))
    y = (rng.uniform(size=900) < expit(data[:, 1] - data[:, 3])).astype(int)
    X = data
    if kind == "list":
        X = data.tolist()
    elif kind == "numbered":
        X = pd.DataFrame(data)
    elif kind == "polars":
        X = pytest.importorskip("polars").DataFrame(data)
    card = ScorecardClassifier(selector=SelectKBest(f_classif, k=2)).fit(X, y)
    alone = ScorecardClassifier().fit(data[:, [1, 3]], y)
    np.testing.assert_array_equal(
        card.predict_points(X), alone.predict_points(data[:, [1, 3]])
    )
    for method in ("predict_proba", "decision_function", "predict_interval"):
        np.testing.assert_array_equal(
            getattr(card, method)(X), getattr(alone, method)(data[:, [1, 3]])
        )
    assert len(card.reason_codes(X)) == len(alone.reason_codes(data[:, [1, 3]]))


def test_evidence_of_other_folds_keeps_noise_out():
    X, y = noisy()
    selector = SelectFromModel(L1)
    naive = ScorecardClassifier(selector=selector, selection_cv=None).fit(X, y)
    # Forty levels joined by their own outcomes look informative on the same rows.
    assert sum(name.startswith("noise") for name in naive.selected_) >= 4
    card = ScorecardClassifier(selector=selector).fit(X, y)
    assert card.selected_ == ["x", "z"]


def test_selection_takes_weights_or_says_that_it_cannot():
    X, y = noisy(600)
    weight = np.random.default_rng(0).integers(1, 3, 600)
    card = ScorecardClassifier(selector=SelectFromModel(L1)).fit(X, y, weight)
    assert "x" in card.selected_
    refusing = ScorecardClassifier(selector=SelectKBest(f_classif, k=2))
    with pytest.raises(InfostatError, match=r"SelectKBest did not take sample_weight"):
        refusing.fit(X, y, sample_weight=weight)


def test_a_selector_that_keeps_nothing_is_refused():
    X, y = noisy(600)
    with pytest.raises(InfostatError, match=r"kept none of the 10 features.*loosen"):
        ScorecardClassifier(selector=SelectFromModel(L1, threshold=1e6)).fit(X, y)


def test_the_penalty_of_a_selector_is_a_parameter_like_others():
    X, y = noisy(600, noise=3)
    search = GridSearchCV(
        ScorecardClassifier(selector=SelectFromModel(L1)),
        {"selector__estimator__C": [0.1, 1.0]},
        scoring="roc_auc",
        cv=2,
    ).fit(X, y)
    assert search.best_score_ > 0.7


# Variance inflation


@pytest.mark.parametrize("weighted", [False, True])
def test_variance_inflation_is_that_of_statsmodels(weighted):
    X, y = correlated(800)
    weight = np.random.default_rng(0).integers(0, 4, 800) if weighted else None
    card = ScorecardClassifier().fit(X, y, sample_weight=weight)
    columns = WOEEncoder().fit(X, y, sample_weight=weight).transform(X)
    if weighted:
        columns = np.repeat(columns, weight, axis=0)
    design = np.column_stack([np.ones(len(columns)), columns])
    expected = [reference_inflation(design, k + 1) for k in range(4)]
    table = card.summary().set_index("feature")
    np.testing.assert_allclose(table.loc[list(X), "variance_inflation"], expected)
    again = Scorecard.from_json(card.to_json())
    assert again.features["a"].variance_inflation == pytest.approx(expected[0])


def test_variance_inflation_at_its_ends():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 3))
    design = np.column_stack([x, x[:, 0] + x[:, 1], np.ones(50)])
    found = variance_inflation(design, None)
    assert np.isinf(found[[0, 1, 3]]).all()
    assert 1 <= found[2] < 1.2
    assert found[4] == 1
    X, y = correlated(400)
    X["twin"] = X["a"]
    with pytest.warns(InfostatWarning, match="collinear"):
        card = ScorecardClassifier().fit(X, y)
    again = ScorecardClassifier.from_json(card.to_json()).summary().set_index("feature")
    assert np.isinf(again.loc[["a", "twin"], "variance_inflation"]).all()


def test_a_restored_card_has_the_stored_values_and_does_not_warn():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.choice(list("abcdefghij"), 120)})
    y = (rng.random(120) < 0.1).astype(int)
    binner = OptimalBinner(
        fixed_bins={"x": Bins.categorical("x", [[v] for v in "abcdefghij"])}
    )
    with pytest.warns(InfostatWarning, match="Sparse bins"):
        card = ScorecardClassifier(binner).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = ScorecardClassifier.from_json(card.to_json())
    assert again.iv_["x"].value == card.iv_["x"].value
    assert again.iv_["x"].se == card.iv_["x"].se
    assert again.iv_["x"].interval(0.8) == card.iv_["x"].interval(0.8)
    assert again.selected_ == ["x"]
