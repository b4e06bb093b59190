"""The Cauchy-Schwarz divergence: closed forms, errors, size and what it sees."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from infostat import InfostatError, population_stability_index
from infostat.divergences.kernel import (
    cauchy_schwarz,
    gaussian_gram,
    kernel_cauchy_schwarz,
)
from infostat.stability import cs_divergence, cs_drift

P = np.array([0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05])
Q = np.array([0.15, 0.2, 0.2, 0.16, 0.12, 0.1, 0.07])


def test_value_and_derivatives():
    found = cauchy_schwarz(P, Q)
    cosine = P @ Q / np.sqrt((P @ P) * (Q @ Q))
    assert found.value == pytest.approx(-2 * np.log(cosine), abs=1e-14)
    step = 1e-5
    for k in range(P.size):
        e = np.zeros(P.size)
        e[k] = step
        up, down = cauchy_schwarz(P + e, Q), cauchy_schwarz(P - e, Q)
        slope = (up.value - down.value) / (2 * step)
        assert found.first_p[k] == pytest.approx(slope, rel=1e-6)
        bend = (up.first_p - down.first_p) / (2 * step)
        np.testing.assert_allclose(found.second_p[k], bend, rtol=1e-6, atol=1e-7)
        up, down = cauchy_schwarz(P, Q + e), cauchy_schwarz(P, Q - e)
        bend = (up.first_q - down.first_q) / (2 * step)
        np.testing.assert_allclose(found.second_q[k], bend, rtol=1e-6, atol=1e-7)
    with pytest.raises(InfostatError, match="share no bin"):
        cauchy_schwarz([1, 0], [0, 1])


@pytest.mark.parametrize("q", [P, Q])
def test_binned_size_coverage_bias_and_error(q):
    rng = np.random.default_rng(0)
    draws = 800
    actual, expected = rng.multinomial(1500, P, draws), rng.multinomial(2000, q, draws)
    found = [cs_drift(e, a) for e, a in zip(expected, actual, strict=True)]
    truth = cauchy_schwarz(P, q).value
    values = np.array([f.value for f in found])
    error = values.std() / np.sqrt(draws)
    assert abs(values.mean() - truth) < 4 * error
    ratio = np.mean([f.se for f in found]) / values.std()
    # Where the laws are equal the error is too large by up to a fifth, never too small.
    assert (0.92 if truth > 0 else 1.0) < ratio < (1.08 if truth > 0 else 1.25)
    inside = [low <= truth <= high for low, high in (f.interval() for f in found)]
    assert binom.ppf(1e-4, draws, 0.95) <= np.sum(inside)
    if truth > 0:
        assert np.sum(inside) <= binom.ppf(1 - 1e-4, draws, 0.95)
    else:
        size = np.mean([f.p_value() <= 0.05 for f in found])
        low, high = binom.ppf([1e-4, 1 - 1e-4], draws, 0.05) / draws
        assert low <= size <= high


@pytest.mark.parametrize("sizes", [(300, 6000), (1000, 1000)])
@pytest.mark.parametrize("shares", [[0.9, 0.1], [0.5] + 5 * [0.1]])
def test_size_at_a_threshold_near_zero(sizes, shares):
    """The tests are those of the interval; a normal law errs in up to a quarter."""
    rng, draws = np.random.default_rng([7, sizes[0], len(shares)]), 600
    p = np.array(shares)
    q = p * np.exp(0.15 * np.linspace(-1, 1, p.size))
    q /= q.sum()
    truth = cauchy_schwarz(p, q).value
    actual = rng.multinomial(sizes[0], p, draws)
    expected = rng.multinomial(sizes[1], q, draws)
    found = [cs_drift(e, a) for e, a in zip(expected, actual, strict=True)]
    for side in ("greater", "less"):
        rejected = sum(f.p_value(truth, side) <= 0.05 for f in found)
        assert rejected <= binom.ppf(1 - 1e-4, draws, 0.065)
    low, high = found[0].interval(0.9)
    assert found[0].p_value(high, "less") == pytest.approx(0.05, abs=1e-6)
    assert found[0].p_value(high) == pytest.approx(0.1, abs=1e-6)
    if low > 0:
        assert found[0].p_value(low, "greater") == pytest.approx(0.05, abs=1e-6)


def brute(points, n, width):
    """The statistic over all pairs of distinct rows."""
    square = ((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    gram = np.exp(-square / (2 * width**2))
    off = ~np.eye(len(points), dtype=bool)
    a, b = gram[:n, :n][off[:n, :n]].mean(), gram[n:, n:][off[n:, n:]].mean()
    return np.log(a) + np.log(b) - 2 * np.log(gram[:n, n:].mean())


def test_the_statistic_is_that_of_all_pairs_of_standardised_rows():
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=(60, 3)) * [1, 5, 0.1], rng.normal(size=(45, 3)) + 0.4
    pooled = np.concatenate([x, y])
    found = cs_divergence(x, y, bandwidth=1.3, n_resamples=1)
    assert found.value == pytest.approx(brute(pooled / pooled.std(axis=0), 60, 1.3))


def test_closed_form_of_two_gaussians():
    rng = np.random.default_rng(1)
    mean, width = np.array([0.5, 0.5, 0.0]), 1.3
    values = []
    for _ in range(30):
        rows = np.concatenate(
            [rng.normal(size=(400, 3)), rng.normal(size=(400, 3)) + mean]
        )
        first = np.arange(800)[:, None] < 400
        parts = kernel_cauchy_schwarz(gaussian_gram(rows, width), first)
        values.append(np.log(parts[0][0] * parts[1][0] / parts[2][0] ** 2))
    truth = mean @ mean / (width**2 + 2)
    assert np.mean(values) == pytest.approx(truth, abs=4 * np.std(values) / np.sqrt(30))


def test_kernel_error_and_the_statistic():
    rng = np.random.default_rng(2)
    found = []
    for _ in range(60):
        x, y = rng.normal(size=(250, 2)), rng.normal(size=(200, 2)) + 0.7
        found.append(cs_divergence(x, y, bandwidth=1.0, n_resamples=49, rng=0))
    values = np.array([f.value for f in found])
    # Sixty draws: the ratio of the two deviations errs by nine percent.
    assert np.mean([f.se for f in found]) == pytest.approx(values.std(), rel=0.3)
    assert all(f.p_value() == 0.02 for f in found)
    low, high = np.transpose([f.interval() for f in found])
    inside = ((low <= values.mean()) & (values.mean() <= high)).sum()
    assert inside >= binom.ppf(1e-3, 60, 0.95)


def test_permutation_is_exact_at_no_drift():
    rng = np.random.default_rng(3)
    draws = 200
    p_values = [
        cs_divergence(
            rng.exponential(size=(40, 2)),
            rng.exponential(size=(25, 2)),
            n_resamples=39,
            rng=k,
        ).p_value()
        for k in range(draws)
    ]
    rejected = np.sum(np.array(p_values) <= 0.05)
    assert binom.ppf(1e-3, draws, 0.05) <= rejected <= binom.ppf(0.999, draws, 0.05)


def test_a_change_of_correlation_that_no_margin_shows():
    rng = np.random.default_rng(4)
    root = np.linalg.cholesky([[1.0, 0.5], [0.5, 1.0]])
    seen, margins = 0, 0
    for k in range(20):
        x, y = rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) @ root.T
        seen += cs_divergence(x, y, n_resamples=99, rng=k).p_value() <= 0.05
        for j in (0, 1):
            edges = np.quantile(x[:, j], np.linspace(0.2, 0.8, 4))
            counts = [
                np.bincount(np.searchsorted(edges, z[:, j]), minlength=5)
                for z in (x, y)
            ]
            margins += population_stability_index(*counts).p_value() <= 0.025
    assert seen >= 17
    assert margins <= 6


def test_levels_and_large_samples():
    rng = np.random.default_rng(5)
    pandas = pytest.importorskip("pandas")
    one = rng.integers(0, 2, 5000)
    before = pandas.DataFrame(
        {"a": one, "b": np.where(rng.random(5000) < 0.5, "u", "v")}
    )
    now = before.assign(b=np.where(one == 1, "u", "v"))
    found = cs_divergence(before, now, kernel="delta", max_rows=500, rng=0)
    assert found.n == 1000
    assert found.p_value() == 1 / 200
    # Four equally likely pairs against two: ln(1/4) + ln(1/2) - 2 ln(1/4).
    assert found.value == pytest.approx(np.log(2), abs=0.15)


@pytest.mark.parametrize(
    ("x", "more", "message"),
    [
        (np.array([[np.nan]] * 20), {}, "missing or infinite"),
        (np.ones((20, 1)), {}, "constant"),
        (np.ones((5, 1)), {}, r"\[5, 5\] rows"),
        (np.ones((20, 1)), {"kernel": "linear"}, "'rbf', 'delta', got 'linear'"),
        (np.arange(20.0), {"bandwidth": -1.0}, "must be positive"),
    ],
)
def test_bad_samples_are_named(x, more, message):
    with pytest.raises(InfostatError, match=message):
        cs_divergence(x, x, **more)
    with pytest.raises(InfostatError, match="different columns"):
        cs_divergence(np.ones((20, 1)), np.ones((20, 2)))
