"""The estimator: what it computes, what it refuses, and how it fits in scikit-learn."""

from __future__ import annotations

import pickle
import warnings

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

from infostat import CausalBounds, InfostatError, InfostatWarning
from infostat.causal import divergence_bounds, marginal_sensitivity_bounds
from infostat.divergences import Triangular

NO_TREATMENT = "ignore:No treatment was passed"


@pytest.mark.filterwarnings(NO_TREATMENT)
@parametrize_with_checks([CausalBounds()])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def fit(draw, **parameters):
    parameters = {"y_bounds": (0, 1), "random_state": 0} | parameters
    return CausalBounds(**parameters).fit(draw.X, draw.y, treatment=draw.treatment)


def ends(bounds, estimand=None, method=None):
    frame = bounds.bounds_
    keep = frame["estimand"] == (estimand or frame["estimand"].iloc[-1])
    if method is not None:
        keep &= frame["method"] == method
    return frame[keep].iloc[0]


def test_sharp_bounds_are_the_formula(draw):
    bounds = fit(draw)
    for arm in (0, 1):
        seen = draw.treatment == arm
        inside = (draw.y * seen).mean()
        row = ends(bounds, f"E[Y({arm})]")
        assert row["lower"] == pytest.approx(inside)
        assert row["upper"] == pytest.approx(inside + 1 - seen.mean())
        score = np.where(seen, draw.y, 1.0)
        assert row["se_upper"] == pytest.approx(score.std(ddof=1) / np.sqrt(len(seen)))
    effect = ends(bounds)
    assert effect["width"] == pytest.approx(1.0)
    assert (
        effect["ci_lower"] < effect["lower"] < 0 < effect["upper"] < effect["ci_upper"]
    )
    assert (bounds.psi_lower_ <= bounds.psi_upper_).all()
    np.testing.assert_allclose(bounds.psi_upper_.mean(axis=0), bounds.bounds_["upper"])


def test_all_methods_are_ordered_and_hold_the_truth(draw):
    frame = fit(draw, method="all").bounds_
    assert list(frame["method"].unique()) == [
        "sharp",
        "chi2",
        "kl",
        "hellinger",
        "tv",
        "js",
    ]
    truth = draw.outcomes.mean(axis=0)
    for arm in (0, 1):
        rows = frame[frame["estimand"] == f"E[Y({arm})]"].set_index("method")
        assert (rows["lower"] < truth[arm]).all()
        assert (truth[arm] < rows["upper"]).all()
        for inner, outer in (("sharp", "chi2"), ("chi2", "kl"), ("kl", "hellinger")):
            assert rows.loc[outer, "lower"] <= rows.loc[inner, "lower"]
            assert rows.loc[inner, "upper"] <= rows.loc[outer, "upper"]
        assert (rows["width"] >= rows.loc["sharp", "width"] - 1e-12).all()


def test_power_scores_are_outside_the_sharp_ones_row_by_row(draw):
    bounds = fit(draw, method=["sharp", "chi2", "kl", "hellinger"])
    for k in range(3, bounds.psi_upper_.shape[1]):
        assert (bounds.psi_upper_[:, k] >= bounds.psi_upper_[:, k % 3] - 1e-9).all()
        assert (bounds.psi_lower_[:, k] <= bounds.psi_lower_[:, k % 3] + 1e-9).all()


@pytest.mark.parametrize("binary", [False, True])
def test_without_informative_covariates_fits_equal_the_marginal_bounds(binary):
    rng = np.random.default_rng(3)
    n = 4000
    treatment = (rng.random(n) < 0.6).astype(int)
    y = (rng.random(n) < 0.3).astype(float) if binary else rng.beta(2, 3, n)
    X = rng.normal(size=(n, 1))
    methods = ["chi2", "kl", "hellinger", "tv", "js", Triangular()]
    bounds = CausalBounds(y_bounds=(0, 1), method=methods, random_state=0)
    bounds.fit(X, y, treatment=treatment)
    seen = treatment == 1
    for method in methods:
        label = method if isinstance(method, str) else "triangular"
        row = ends(bounds, "E[Y(1)]", label)
        low, high = divergence_bounds(y[seen], seen.mean(), 0, 1, method)
        assert row["lower"] == pytest.approx(low, abs=0.006), label
        assert row["upper"] == pytest.approx(high, abs=0.006), label


@pytest.mark.parametrize("method", ["sharp", "kl", "tv", "js"])
def test_bounds_are_equivariant(draw, method):
    plain = fit(draw, method=method).bounds_
    a, b = 1000.0, -7.0
    moved = CausalBounds(y_bounds=(b, a + b), method=method, random_state=0).fit(
        draw.X, a * draw.y + b, treatment=draw.treatment
    )
    for side in ("lower", "upper"):
        shift = np.array([b, b, 0.0])
        np.testing.assert_allclose(
            moved.bounds_[side], a * plain[side] + shift, rtol=1e-10
        )
        np.testing.assert_allclose(
            moved.bounds_[f"se_{side}"], a * plain[f"se_{side}"], rtol=1e-9
        )


def test_a_negative_factor_swaps_the_ends(draw):
    plain = fit(draw).bounds_
    turned = CausalBounds(y_bounds=(-1, 0)).fit(
        draw.X, -draw.y, treatment=draw.treatment
    )
    np.testing.assert_allclose(turned.bounds_["lower"], -plain["upper"], rtol=1e-10)
    np.testing.assert_allclose(turned.bounds_["upper"], -plain["lower"], rtol=1e-10)


def test_frequency_weights_equal_repetition(draw):
    rng = np.random.default_rng(0)
    weight = rng.integers(0, 4, len(draw.y))
    weight[:4] = 1
    many = np.repeat(np.arange(len(draw.y)), weight)
    weighted = CausalBounds(y_bounds=(0, 1)).fit(
        draw.X, draw.y, treatment=draw.treatment, sample_weight=weight
    )
    repeated = CausalBounds(y_bounds=(0, 1)).fit(
        draw.X[many], draw.y[many], treatment=draw.treatment[many]
    )
    numbers = ["lower", "upper", "se_lower", "se_upper", "ci_lower", "ci_upper"]
    pd.testing.assert_frame_equal(weighted.bounds_[numbers], repeated.bounds_[numbers])


def test_sampling_weights_do_not_shrink_errors(draw):
    weight = np.full(len(draw.y), 5.0)

    def fitted(kind):
        return CausalBounds(y_bounds=(0, 1), weight_type=kind).fit(
            draw.X, draw.y, treatment=draw.treatment, sample_weight=weight
        )

    plain, sampled = fit(draw).bounds_, fitted("sampling").bounds_
    np.testing.assert_allclose(sampled["se_upper"], plain["se_upper"], rtol=1e-9)
    assert (fitted("frequency").bounds_["se_upper"] < plain["se_upper"] / 2).all()


def test_clusters_of_copies_count_once(draw):
    twice = np.tile(np.arange(len(draw.y)), 3)
    clustered = CausalBounds(y_bounds=(0, 1), method=["sharp", "chi2"], random_state=0)
    clustered.fit(
        draw.X[twice], draw.y[twice], treatment=draw.treatment[twice], groups=twice
    )
    plain = fit(draw, method=["sharp", "chi2"]).bounds_
    np.testing.assert_allclose(
        clustered.bounds_["se_lower"], plain["se_lower"], rtol=0.1
    )
    sharp = slice(0, 3)
    np.testing.assert_allclose(
        clustered.bounds_["se_lower"][sharp], plain["se_lower"][sharp], rtol=1e-9
    )


def test_ranges_as_arrays_and_callables(draw):
    n = len(draw.y)
    top = 1.0 + (draw.X[:, 0] > 0)
    arrays = fit(draw, y_bounds=(np.zeros(n), top))
    called = fit(
        draw,
        y_bounds=lambda X, arm: (0.0 * X[:, 0], 1.0 + (X[:, 0] > 0)),
        method="sharp",
    )
    pd.testing.assert_frame_equal(arrays.bounds_, called.bounds_)
    untaken = draw.treatment == 0
    expected = (draw.y * ~untaken).mean() + (top * untaken).mean()
    assert ends(arrays, "E[Y(1)]")["upper"] == pytest.approx(expected)
    with pytest.raises(InfostatError, match="callable"):
        arrays.predict_bounds(draw.X[:3], 1)
    assert len(called.predict_bounds(draw.X[:3], 1)) == 3
    wide = fit(draw, y_bounds=(np.zeros(n), top), method="chi2")
    assert ends(wide, "E[Y(1)]")["upper"] > expected


def test_several_treatments():
    rng = np.random.default_rng(1)
    n = 900
    arm = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    bounds = CausalBounds(y_bounds=(0, 1), control="b").fit(
        rng.normal(size=(n, 2)), rng.random(n), treatment=arm
    )
    assert bounds.control_ == "b"
    names = bounds.bounds_["estimand"].tolist()
    assert names[3:] == ["E[Y(a) - Y(b)]", "E[Y(c) - Y(b)]"]
    share = {level: np.mean(arm == level) for level in "abc"}
    width = ends(bounds, "E[Y(c) - Y(b)]")["width"]
    assert width == pytest.approx(2 - share["c"] - share["b"])


def test_distribution_function_and_winsorised_mean_need_no_range(draw):
    cdf = fit(draw, functional="cdf", at=[0.3, 0.6], y_bounds=None)
    row = ends(cdf, "P(Y(1) <= 0.6)")
    inside = np.mean((draw.treatment == 1) & (draw.y <= 0.6))
    assert row["lower"] == pytest.approx(inside)
    assert row["upper"] == pytest.approx(inside + np.mean(draw.treatment == 0))
    assert row["support"] == "by construction"
    clipped = fit(draw, functional="winsorised_mean", at=(0.2, 0.8), y_bounds=None)
    assert ends(clipped)["width"] == pytest.approx(0.6)
    squared = fit(draw, functional=np.square)
    assert ends(squared, "E[f(Y(1))]")["lower"] == pytest.approx(
        np.mean(draw.treatment * draw.y**2)
    )


def test_quantiles_invert_the_marginal_distribution(draw):
    found = fit(draw, functional="quantile", at=[0.5, 0.9], y_bounds=(0, 1))
    for arm in (0, 1):
        seen = draw.treatment == arm
        y = np.sort(draw.y[seen])
        e, grid = seen.mean(), np.arange(1, seen.sum() + 1) / seen.sum()
        for p in (0.5, 0.9):
            row = ends(found, f"Q{p:g}[Y({arm})]")
            low = y[np.argmax(e * grid + 1 - e >= p - 1e-12)] if 1 - e < p else 0.0
            high = y[np.argmax(e * grid >= p - 1e-12)] if e >= p else 1.0
            assert row["lower"] == pytest.approx(low)
            assert row["upper"] == pytest.approx(high)
            assert row["ci_lower"] <= low <= high <= row["ci_upper"]
            true = np.quantile(draw.outcomes[:, arm], p)
            assert row["ci_lower"] <= true <= row["ci_upper"]
    free = fit(draw, functional="quantile", at=0.9, y_bounds=None)
    assert ends(free, "Q0.9[Y(1)]")["upper"] == np.inf
    with pytest.raises(InfostatError, match="no scores"):
        found.ladder()
    with pytest.raises(InfostatError, match="sharp bounds only"):
        fit(draw, functional="quantile", at=0.5, method="kl")


def test_quantile_errors_agree_with_clustered_ones(draw):
    n = len(draw.y)
    plain = fit(draw, functional="quantile", at=0.6)
    alone = CausalBounds("quantile", at=0.6, y_bounds=(0, 1)).fit(
        draw.X, draw.y, treatment=draw.treatment, groups=np.arange(n)
    )
    pd.testing.assert_frame_equal(plain.bounds_, alone.bounds_)


def test_no_range_gives_infinite_ends_and_says_so(draw):
    with pytest.warns(InfostatWarning, match="pass y_bounds"):
        bounds = fit(draw, y_bounds=None, method=["sharp", "kl"])
    assert np.isinf(bounds.bounds_["upper"]).all()
    assert np.isinf(bounds.bounds_["ci_lower"]).all()
    with pytest.warns(InfostatWarning, match="no interval is given"):
        guessed = fit(draw, y_bounds="observed")
    assert set(guessed.bounds_["support"]) == {"observed"}
    assert guessed.bounds_["ci_lower"].isna().all()


def test_one_sided_ranges_keep_their_finite_end(draw):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bounds = fit(draw, y_bounds=(0, np.inf), method=["sharp", "kl", "js"])
    rows = bounds.bounds_[bounds.bounds_["estimand"] == "E[Y(1)]"].set_index("method")
    assert np.isinf(rows["upper"]).all()
    assert 0 < rows.loc["kl", "lower"] < rows.loc["sharp", "lower"]
    both = fit(draw, y_bounds=(0, 1), method="kl")
    assert rows.loc["kl", "lower"] == pytest.approx(
        ends(both, "E[Y(1)]")["lower"], abs=0.01
    )


def test_assumptions_without_a_range_are_finite(draw):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        free = fit(draw, y_bounds=None, msm_lambda=2.0)
    ranged = fit(draw, msm_lambda=2.0)
    for side in ("lower", "upper"):
        assert ends(free)[side] == pytest.approx(ends(ranged)[side], abs=0.01)


@pytest.mark.parametrize("binary", [False, True])
def test_fitted_assumptions_equal_their_formulas(binary):
    """Without informative covariates each assumption has a closed form."""
    rng = np.random.default_rng(8)
    n = 4000
    treatment = (rng.random(n) < 0.6).astype(int)
    y = (rng.random(n) < 0.3).astype(float) if binary else rng.beta(2, 3, n)
    X = rng.normal(size=(n, 1))
    own = y[treatment == 1]
    e, mean, sd = np.mean(treatment), own.mean(), own.std()

    def fitted(**assumption):
        bounds = CausalBounds(y_bounds=(0, 1), random_state=0, **assumption)
        return ends(bounds.fit(X, y, treatment=treatment), "E[Y(1)]")

    odds = fitted(msm_lambda=2.5)
    expected = marginal_sensitivity_bounds(own, e, 2.5)
    assert (odds["lower"], odds["upper"]) == pytest.approx(expected, abs=0.004)
    shift = fitted(mean_shift=0.3)
    assert shift["upper"] == pytest.approx(mean + (1 - e) * 0.3 * sd, abs=0.004)
    assert shift["lower"] == pytest.approx(mean - (1 - e) * 0.3 * sd, abs=0.004)
    far = fitted(mean_shift=50.0)
    sharp = fitted()
    assert far["upper"] == pytest.approx(sharp["upper"])
    assert far["lower"] == pytest.approx(sharp["lower"])
    tilt = fitted(entropy_shift=0.05)
    t = np.geomspace(0.01, 100, 4000)[:, None]
    top = (t[:, 0] * 0.05 + t[:, 0] * np.log(np.exp(own / t).mean(axis=1))).min()
    assert tilt["upper"] == pytest.approx(e * mean + (1 - e) * top, abs=0.004)


def test_gamma_is_linear_between_point_and_sharp(draw):
    point, half, free = (fit(draw, gamma=g).bounds_ for g in (0.0, 0.5, 1.0))
    for side in ("lower", "upper"):
        np.testing.assert_allclose(
            half[side], (point[side] + free[side]) / 2, atol=1e-12
        )
    assert half["width"].iloc[-1] == pytest.approx(0.5)


def test_breakdown_is_where_the_bound_meets_the_null(draw):
    bounds = fit(draw)
    rows = bounds.breakdown().set_index("assumption")
    for name in ("gamma", "msm_lambda"):
        row = rows.loc[name]
        at = ends(fit(draw, **{name: float(row["breakdown"])}))
        assert at["lower"] == pytest.approx(0.0, abs=1e-3)
        firm = ends(fit(draw, **{name: float(row["robust"])}))
        assert firm["ci_lower"] == pytest.approx(0.0, abs=1e-3)
        assert row["conf_low"] < row["breakdown"] < row["conf_high"]
        assert row["robust"] < row["breakdown"]
    below = bounds.breakdown(null=0.9)
    assert (below["breakdown"] > rows["breakdown"].to_numpy() * 0).all()
    by_group = bounds.breakdown(groups=draw.X[:, 0] > 0)
    assert len(by_group) == 4


def test_breakdown_without_a_range_knows_the_odds_factor_alone(draw):
    with pytest.warns(InfostatWarning, match="pass y_bounds"):
        free = fit(draw, y_bounds=None)
    rows = free.breakdown().set_index("assumption")
    assert np.isnan(rows.loc["gamma", "breakdown"])
    assert rows.loc["msm_lambda", "breakdown"] > 1.0
    # The lower end is what counts for a positive effect; it needs both arms' ends.
    half = fit(draw, y_bounds=(0, 5.0)).breakdown()["breakdown"][0]
    assert half < fit(draw).breakdown()["breakdown"][0]
    ladder = free.ladder().set_index("assumption")
    assert np.isinf(ladder.loc["gamma=0.5", "width"])
    assert np.isfinite(ladder.loc["Lambda=2", "width"])


def test_ladder_has_a_verdict_and_names_what_is_refuted(draw):
    ladder = fit(draw).ladder().set_index("assumption")
    assert ladder.loc["none", "width"] == pytest.approx(1.0)
    assert ladder.loc["none", "verdict"] == ""
    assert ladder.loc["no hidden confounding", "verdict"] == "above"
    assert ladder.loc["response increasing", "lower"] == 0.0
    both = "response and selection decreasing"
    assert ladder.loc[both, "verdict"] == "refuted"
    with pytest.warns(InfostatWarning, match="contradict the assumption"):
        fit(draw, monotone=("response_decreasing", "selection_decreasing"))
    for kind in ("gamma", "Lambda", "shift", "entropy"):
        rows = ladder[ladder.index.str.startswith(kind)]
        assert (np.diff(rows["width"]) < 0).all()


def test_monotone_levels(draw):
    response = fit(draw, monotone="response_increasing")
    mean = draw.y.mean()
    assert ends(response, "E[Y(1)]")["lower"] == pytest.approx(mean)
    assert ends(response, "E[Y(0)]")["upper"] == pytest.approx(mean)
    overall = fit(draw, monotone="selection_increasing", given_covariates=False)
    naive = draw.y[draw.treatment == 1].mean() - draw.y[draw.treatment == 0].mean()
    assert ends(overall)["upper"] == pytest.approx(naive)


def test_group_bounds_answer_for_the_treated(draw):
    bounds = fit(draw)
    groups = bounds.group_bounds(draw.treatment).set_index("group")
    treated = draw.y[draw.treatment == 1].mean()
    assert groups.loc[1, "upper"] == pytest.approx(treated)
    assert groups.loc[1, "lower"] == pytest.approx(treated - 1)
    assert (groups["band_lower"] <= groups["ci_lower"]).all()
    assert (groups["n"] == np.bincount(draw.treatment)).all()


def test_projection_on_group_indicators_equals_group_bounds(draw):
    bounds = fit(draw, method="kl")
    left = draw.X[:, 0] > 0
    basis = np.column_stack([~left, left]).astype(float)
    terms = bounds.project(basis)
    groups = bounds.group_bounds(left)
    for side in ("lower", "upper"):
        np.testing.assert_allclose(terms[side], groups[side])
        np.testing.assert_allclose(terms[f"se_{side}"], groups[f"se_{side}"], rtol=0.01)
    at = bounds.project(basis, at=np.eye(2))
    np.testing.assert_allclose(at["lower"], terms["lower"])
    assert (at["band_upper"] >= at["ci_upper"] - 1e-9).all()


def test_predictions_stay_in_the_range_and_in_order(draw):
    bounds = fit(draw, method=["sharp", "chi2"])
    for method in ("sharp", "chi2"):
        level = bounds.predict_bounds(draw.X, 1, method=method)
        assert (level["predicted_lower"] <= level["predicted_upper"]).all()
        assert level.to_numpy().min() >= 0
        assert level.to_numpy().max() <= 1
    effect = bounds.effect_bounds(draw.X)
    assert (effect["predicted_lower"] >= -1).all()
    assert 0 <= bounds.diagnostics_["crossing_rate"] <= 1
    # The regression of the scores averages to the bounds.
    assert effect["predicted_upper"].mean() == pytest.approx(
        ends(bounds, method="sharp")["upper"], abs=0.02
    )


def test_policies_mix_the_arms(draw):
    bounds = fit(draw)
    n = len(draw.y)
    always = bounds.policy_bounds(np.column_stack([np.zeros(n), np.ones(n)]))
    assert always["upper"][0] == pytest.approx(ends(bounds, "E[Y(1)]")["upper"])
    with pytest.raises(InfostatError, match="sum to one"):
        bounds.policy_bounds(np.full((n, 2), 0.3))


def test_intersections_take_the_best_of_each_side(draw):
    free = fit(draw)
    narrow = fit(draw, monotone="selection_increasing")
    both = free.intersect(narrow).iloc[0]
    assert both["upper"] == pytest.approx(ends(narrow)["upper"], abs=0.01)
    assert both["lower"] == pytest.approx(ends(free)["lower"], abs=0.01)
    assert both["verdict"] == ""
    assert both["ci_upper"] > both["upper"]


def test_repeated_splits_report_medians(draw):
    once = fit(draw, method=["sharp", "tv"])
    many = fit(draw, method=["sharp", "tv"], n_rep=2)
    assert ends(many, method="sharp")["lower"] == ends(once, method="sharp")["lower"]
    tv = [ends(b, method="tv") for b in (once, many)]
    assert tv[0]["upper"] == pytest.approx(tv[1]["upper"], abs=0.02)
    assert tv[0]["upper"] != tv[1]["upper"]


def test_aggregates_are_order_statistics(draw):
    bounds = fit(draw, method="all", aggregate=1)
    frame = bounds.bounds_
    rows = frame[frame["estimand"] == "E[Y(1)]"]
    outer = rows[rows["method"].isin(["chi2", "kl", "hellinger", "tv", "js"])]
    best = rows[rows["method"] == "order 1 of 5"].iloc[0]
    assert best["lower"] == outer["lower"].max()
    assert best["upper"] == outer["upper"].min()
    assert np.isnan(best["ci_lower"])
    assert set(bounds.summary()["kind"]) == {"sharp", "outer"}


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


def refusals(draw):
    """Name, arguments changed, what the sentence must say."""
    n = len(draw.y)
    gap = draw.treatment.astype(float)
    gap[3] = np.nan
    far = draw.y.copy()
    far[5] = 1.5
    zero = np.where(draw.treatment == 1, 0.0, 1.0)
    text = np.array(["good", "bad"])[draw.treatment]
    hole = draw.y.copy()
    hole[2] = np.nan
    return [
        ({}, {"treatment": np.ones(n)}, "one level only"),
        ({}, {"treatment": gap}, "missing in 1 rows"),
        ({}, {"treatment": np.arange(n)}, "cut a dose"),
        ({}, {"treatment": draw.treatment[:-1]}, "one value a row"),
        ({}, {"y": far}, "outside y_bounds"),
        ({}, {"y": text}, "must be numeric"),
        ({}, {"y": hole}, "drop rows without an outcome"),
        ({}, {"sample_weight": zero}, "sample weight zero"),
        ({}, {"groups": np.zeros(n)}, "two clusters"),
        ({"y_bounds": (1, 0)}, {}, "must rise"),
        ({"y_bounds": (0, 1, 2)}, {}, "y_bounds must be"),
        ({"method": "nothing"}, {}, "Unknown divergence"),
        ({"method": []}, {}, "empty list"),
        ({"method": "power"}, {}, "alpha"),
        ({"method": "kl", "gamma": 0.5}, {}, "Assumptions go with"),
        ({"msm_lambda": 2.0, "gamma": 0.5}, {}, "not combined"),
        ({"monotone": "upwards"}, {}, "is unknown"),
        ({"functional": "cdf"}, {}, "needs at="),
        ({"functional": "winsorised_mean", "at": (2, 1)}, {}, "low < high"),
        ({"functional": "quantile", "at": 2}, {}, "between 0 and 1"),
        ({"functional": lambda y: 1.0}, {}, "one finite number"),
        ({"control": 7}, {}, "not among the treatments"),
        ({"method": "tv", "cv": 2000}, {}, "fewer than the 2000"),
        ({"method": "tv", "propensity_learner": NoClassifier()}, {}, "classifier"),
    ]


class NoClassifier(Ridge):
    def predict_proba(self, X):
        return self.predict(X)


@pytest.mark.parametrize("k", range(24))
def test_bad_input_is_one_sentence_with_the_remedy(draw, k):
    parameters, changed, said = refusals(draw)[k]
    data = {"y": draw.y, "treatment": draw.treatment} | changed
    bounds = CausalBounds(**{"y_bounds": (0, 1), "random_state": 0} | parameters)
    with pytest.raises(InfostatError, match=said) as error:
        bounds.fit(draw.X, **data)
    assert "\n" not in str(error.value)


def test_every_refusal_is_tried(draw):
    assert len(refusals(draw)) == 24


def test_poor_overlap_is_told():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 1))
    treatment = (X[:, 0] + 0.02 * rng.normal(size=600) > 0).astype(int)
    bounds = CausalBounds(y_bounds=(0, 1), method="tv", clip=0.05, random_state=0)
    with pytest.warns(InfostatWarning, match="clipped"):
        bounds.fit(X, rng.random(600), treatment=treatment)
    assert bounds.diagnostics_["clipped_share"] > 0.05


def test_lookups_name_what_exists(draw):
    bounds = fit(draw)
    with pytest.raises(InfostatError, match=r"E\[Y\(1\)\]"):
        bounds.group_bounds(draw.treatment, estimand="ATE")
    with pytest.raises(InfostatError, match="sharp"):
        bounds.group_bounds(draw.treatment, method="kl")
    with pytest.raises(InfostatError, match="treatments"):
        bounds.predict_bounds(draw.X, 3)
    with pytest.raises(InfostatError, match="not independent"):
        bounds.project(np.ones((len(draw.y), 2)))
