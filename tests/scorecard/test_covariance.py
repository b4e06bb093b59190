"""The two-step covariance: by hand, by differentiation, and by Monte Carlo."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from infostat import Bins, OptimalBinner, ScorecardClassifier

SHAPE = (3, 4)
FIXED = {"u": Bins.numeric("u", [0, 1]), "v": Bins.numeric("v", [0, 1, 2])}
CELLS = pd.DataFrame(
    [(float(i), float(j)) for i in range(SHAPE[0]) for j in range(SHAPE[1])],
    columns=["u", "v"],
)


def law():
    """Probability of each cell, and its event rate: correlated and not additive."""
    joint = np.outer([0.3, 0.4, 0.3], [0.25, 0.25, 0.3, 0.2])
    joint += 0.03 * np.array([[1, 1, -1, -1], [0, 0, 0, 0], [-1, -1, 1, 1]])
    u, v = CELLS["u"].to_numpy(), CELLS["v"].to_numpy()
    return joint.ravel(), expit(-1.6 + 0.5 * u + 0.35 * v - 0.1 * u * v)


def card(**parameters):
    return ScorecardClassifier(OptimalBinner(fixed_bins=FIXED), **parameters)


def two_step(weight, sign=-1):
    """Intercept and coefficients from weights of (cell, class): an own small fit.

    ``weight`` has shape (cells, 2); evidence first, then Newton on the cells.
    """
    columns = [np.ones(len(weight))]
    for name in ("u", "v"):
        where = CELLS[name].to_numpy().astype(int)
        counts = np.stack([np.bincount(where, weight[:, k]) for k in (0, 1)], axis=1)
        shares = counts / counts.sum(axis=0)
        columns.append(sign * np.log(shares[:, 1] / shares[:, 0])[where])
    design = np.column_stack(columns)
    theta = np.zeros(3)
    for _ in range(50):
        p = expit(design @ theta)
        score = design.T @ (weight[:, 1] - weight.sum(axis=1) * p)
        information = (design.T * (weight.sum(axis=1) * p * (1 - p))) @ design
        step = np.linalg.solve(information, score)
        theta = theta + step
        if np.abs(step).max() < 1e-14:
            break
    return theta, design @ theta


def sample(n, seed):
    """Rows of the law, and their counts of (cell, class)."""
    rng = np.random.default_rng(seed)
    cell_share, rate = law()
    cell = rng.choice(len(cell_share), n, p=cell_share)
    y = (rng.uniform(size=n) < rate[cell]).astype(int)
    weight = np.zeros((len(cell_share), 2))
    np.add.at(weight, (cell, y), 1.0)
    return CELLS.iloc[cell].reset_index(drop=True), y, weight


def test_own_fit_agrees_with_the_card():
    # The yardstick of the tests below.
    X, y, weight = sample(3_000, 0)
    fitted = card().fit(X, y)
    theta, log_odds = two_step(weight)
    np.testing.assert_allclose(
        np.r_[fitted.intercept_, fitted.coef_[0]], theta, rtol=1e-7
    )
    np.testing.assert_allclose(fitted.decision_function(CELLS), log_odds, rtol=1e-7)


@pytest.mark.parametrize("sign", ["good_over_bad", "bad_over_good"])
def test_covariance_is_the_sum_of_squared_influences(sign):
    # Infinitesimal jackknife: the derivative of everything by the weight of one row.
    X, y, weight = sample(3_000, 1)
    fitted = card(sign=sign).fit(X, y)
    turn = 1 if sign == "bad_over_good" else -1
    step = 1e-4
    moves, odds = [], []
    for cell in range(len(weight)):
        for label in (0, 1):
            up, down = weight.copy(), weight.copy()
            up[cell, label] += step
            down[cell, label] -= step
            above, below = two_step(up, turn), two_step(down, turn)
            count = np.sqrt(weight[cell, label])
            moves.append(count * (above[0] - below[0]) / (2 * step))
            odds.append(count * (above[1] - below[1]) / (2 * step))
    covariance = np.array(moves).T @ np.array(moves)
    np.testing.assert_allclose(fitted.covariance_, covariance, rtol=1e-3, atol=1e-7)
    # The errors of scores, through all bins of all features.
    se = np.sqrt((np.array(odds) ** 2).sum(axis=0))
    low, high = fitted.predict_interval(CELLS)
    np.testing.assert_allclose(
        (logit(high) - logit(low)) / (2 * 1.959964), se, rtol=1e-3
    )


@pytest.mark.parametrize("missing", [False, True])
def test_a_single_feature_is_saturated(missing):
    # Intercept plus evidence reproduces every bin's rate: the coefficient is one by
    # construction, whatever the sample, so it has no error; the bins have theirs.
    rng = np.random.default_rng(3)
    x = rng.integers(0, 4, 4_000).astype(float)
    if missing:
        x[rng.uniform(size=4_000) < 0.2] = np.nan
    y = (rng.uniform(size=4_000) < 0.1 + 0.1 * np.nan_to_num(x, nan=1.5)).astype(int)
    X = pd.DataFrame({"x": x})
    binner = OptimalBinner(fixed_bins={"x": Bins.numeric("x", [0, 1, 2])})
    fitted = ScorecardClassifier(binner).fit(X, y)
    assert fitted.coef_[0, 0] == pytest.approx(-1, abs=1e-7)
    se = np.sqrt(max(fitted.covariance_[1, 1], 0))
    usual = 0.05  # what a regression on known evidence would say
    assert se < 0.01 * usual
    values = np.array([0, 1, 2, 3] + ([np.nan] if missing else []))
    low, high = fitted.predict_interval(pd.DataFrame({"x": values}), level=0.9)
    for value, below, above in zip(values, low, high, strict=True):
        rows = np.isnan(x) if np.isnan(value) else x == value
        ones, zeros = y[rows].sum(), (1 - y[rows]).sum()
        reach = 1.6448536 * np.sqrt(1 / ones + 1 / zeros)
        assert logit(below) == pytest.approx(np.log(ones / zeros) - reach, abs=2e-4)
        assert logit(above) == pytest.approx(np.log(ones / zeros) + reach, abs=2e-4)


def test_intervals_are_nested_and_hold_the_estimate():
    X, y, _ = sample(2_000, 4)
    fitted = card().fit(X, y)
    p = fitted.predict_proba(CELLS)[:, 1]
    narrow, wide = (fitted.predict_interval(CELLS, level) for level in (0.5, 0.99))
    assert (wide[0] < narrow[0]).all()
    assert (narrow[0] < p).all()
    assert (p < narrow[1]).all()
    assert (narrow[1] < wide[1]).all()
    for level in (0, 1, 95):
        with pytest.raises(ValueError, match="level"):
            fitted.predict_interval(CELLS, level)


def test_points_have_the_errors_of_their_effects():
    X, y, _ = sample(2_000, 5)
    fitted = card(rounding=None).fit(X, y)
    start, factor = 1, 20 / np.log(2)
    for feature in fitted.card_.features.values():
        size = feature.bins.n_bins
        variance = np.diag(fitted.card_.covariance)[start : start + size]
        np.testing.assert_allclose(feature.points_se, factor * np.sqrt(variance))
        start += size


def test_covariance_is_symmetric_and_not_negative():
    X, y, _ = sample(2_000, 6)
    full = card().fit(X, y).card_.covariance
    np.testing.assert_allclose(full, full.T, atol=1e-9)
    assert np.linalg.eigvalsh(full).min() > -1e-6


@pytest.fixture(scope="module")
def replications():
    """Estimates, variances and intervals of 300 samples of 1 500 rows."""
    found, variance, intervals = [], [], []
    for seed in range(300):
        X, y, _ = sample(1_500, 1_000 + seed)
        fitted = card().fit(X, y)
        found.append(np.r_[fitted.intercept_, fitted.coef_[0]])
        variance.append(np.diag(fitted.covariance_))
        intervals.append(fitted.predict_interval(CELLS))
    return np.array(found), np.array(variance), np.array(intervals)


@pytest.mark.slow
def test_coverage_of_intervals_and_coefficients(replications):
    found, variance, intervals = replications
    cell_share, rate = law()
    # The truth is what the card would give with unlimited data and the same bins.
    truth, true_odds = two_step(
        np.column_stack([cell_share * (1 - rate), cell_share * rate])
    )
    target = expit(true_odds)
    covered = ((intervals[:, 0] <= target) & (target <= intervals[:, 1])).mean(axis=0)
    # Three Monte-Carlo errors at 300 replications are 0.038.
    assert 0.92 < covered.mean() < 0.98
    assert (covered > 0.912).all()
    coefficient = (np.abs(found - truth) <= 1.959964 * np.sqrt(variance)).mean(axis=0)
    assert (coefficient > 0.92).all()
    assert (coefficient < 0.98).all()


@pytest.mark.slow
def test_standard_errors_equal_the_spread_of_replications(replications):
    found, variance, _ = replications
    spread = np.std(found, axis=0, ddof=1)
    # The error of a standard deviation from 300 replications is 4 %.
    np.testing.assert_allclose(np.sqrt(variance.mean(axis=0)), spread, rtol=0.12)
