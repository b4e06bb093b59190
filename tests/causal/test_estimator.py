"""The estimator: what it computes, with weights, ranges, functionals and treatments."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from infostat import CausalBounds, InfostatError, InfostatWarning
from infostat.causal import divergence_bounds
from infostat.divergences import Triangular


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
