"""The equilibrium of a series: likelihood against the dense law, recovery, runaway."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from infostat import InfostatError
from infostat.stability import DriftEquilibrium
from infostat.stability.candidates import (
    Candidates,
    _quantiles,
    filter_pull,
    weigh_candidates,
)
from infostat.stability.equilibrium import _fit_pull
from infostat.stability.filtering import filter_series


def series(rng, n, *, kappa=0.3, level=0.08, sigma=0.012, se=0.02):
    state = rng.normal(scale=sigma / np.sqrt(1 - (1 - kappa) ** 2))
    out = np.empty(n)
    for t in range(n):
        out[t] = level + state + rng.normal(scale=se)
        state = (1 - kappa) * state + rng.normal(scale=sigma)
    return out


@pytest.mark.parametrize("missing", [False, True])
def test_likelihood_is_that_of_the_dense_normal_law(missing):
    rng = np.random.default_rng(0)
    n, phi, sigma = 15, 0.6, 0.3
    noise = rng.uniform(0.01, 0.05, n)
    design = np.column_stack([np.ones(n), rng.normal(size=n)])
    y = rng.normal(size=n)
    lag = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    law = sigma**2 / (1 - phi**2) * phi**lag + np.diag(noise)
    kept = np.ones(n, dtype=bool)
    if missing:
        kept[[3, 9]] = False
    given = np.where(kept, y, np.nan)
    one = np.ones((1, 1))
    found = filter_series(
        given[None],
        noise,
        design[None, None],
        phi * one,
        sigma**2 * one,
        sigma**2 / (1 - phi**2) * one,
    )
    X, V = design[kept], law[np.ix_(kept, kept)]
    beta = np.linalg.solve(
        X.T @ np.linalg.solve(V, X), X.T @ np.linalg.solve(V, y[kept])
    )
    np.testing.assert_allclose(found.beta[0, 0], beta, rtol=1e-8)
    expected = multivariate_normal.logpdf(y[kept], X @ beta, V)
    assert found.log_likelihood[0, 0] == pytest.approx(expected, rel=1e-9)
    # The next state, by conditioning the joint law.
    ahead = sigma**2 / (1 - phi**2) * phi ** (n - np.arange(n)[kept])
    mean = ahead @ np.linalg.solve(V, y[kept] - X @ beta)
    assert found.deviation[0, 0] == pytest.approx(mean, rel=1e-8)
    variance = sigma**2 / (1 - phi**2) - ahead @ np.linalg.solve(V, ahead)
    assert found.variance[0, 0] == pytest.approx(variance, rel=1e-8)


def test_level_pull_and_swing_are_found():
    rng = np.random.default_rng(1)
    fits = [
        DriftEquilibrium(n_resamples=1).fit(series(rng, 120), 0.02) for _ in range(16)
    ]
    kappa, level, sigma = np.median(
        [(f.kappa_, f.level_, f.sigma_) for f in fits], axis=0
    )
    assert 0.25 < kappa < 0.45
    assert level == pytest.approx(0.08, abs=0.003)
    assert sigma == pytest.approx(0.012, abs=0.003)
    inside = [f.kappa_interval_[0] <= 0.3 <= f.kappa_interval_[1] for f in fits]
    assert np.sum(inside) >= 12
    # Errors taken for movement: a plain regression on the past is far off.
    plain = [
        np.corrcoef(y[1:], y[:-1])[0, 1] for y in (series(rng, 120) for _ in range(40))
    ]
    assert 1 - np.median(plain) > 0.6


def test_a_runaway_is_told_from_an_equilibrium():
    rng = np.random.default_rng(2)
    settled = DriftEquilibrium(n_resamples=49, random_state=0).fit(
        series(rng, 120, kappa=0.7, sigma=0.03, se=0.005), 0.005
    )
    assert settled.runaway_p_value_ <= 0.04
    walk = 0.02 + 0.003 * np.arange(60) + rng.normal(scale=0.006, size=60).cumsum()
    fitted = DriftEquilibrium(n_resamples=49, random_state=0).fit(walk, 0.003)
    assert fitted.runaway_p_value_ > 0.04


def test_size_of_the_runaway_test():
    rng = np.random.default_rng(3)
    rejected = 0
    for k in range(30):
        y = 0.1 + rng.normal(scale=0.01, size=40).cumsum() + 0.01 * rng.normal(size=40)
        fit = DriftEquilibrium(n_resamples=19, random_state=k).fit(y, 0.01)
        rejected += fit.runaway_p_value_ <= 0.05
    assert rejected <= 6  # of 30 at 5 %: exceeded in 1 of 700 runs of other seeds


def test_the_interval_of_the_pull_has_the_level_asked_for():
    y = series(np.random.default_rng(6), 120)
    fits = [
        DriftEquilibrium(n_resamples=1, level=v).fit(y, 0.02) for v in (0.5, 0.95, 0.99)
    ]
    widths = [np.diff(f.kappa_interval_)[0] for f in fits]
    assert 0 < widths[0] < widths[1] < widths[2]


def test_interventions_lower_the_level_once():
    rng = np.random.default_rng(4)
    y = series(rng, 100, kappa=0.4, sigma=0.004, se=0.004)
    done = np.zeros((100, 1))
    done[[20, 50, 80]] = 1.0
    response = np.zeros(100)
    for t in range(1, 100):
        response[t] = 0.6 * response[t - 1] - done[t - 1, 0]
    fit = DriftEquilibrium(n_resamples=1).fit(y + 0.05 * response, 0.004, done)
    assert fit.effects_[0] == pytest.approx(0.05, abs=0.015)
    assert fit.level_ == pytest.approx(0.08, abs=0.01)


def test_forecast_reverts_to_the_band():
    rng = np.random.default_rng(5)
    fit = DriftEquilibrium(n_resamples=1, limit=0.1).fit(series(rng, 60), 0.02)
    ahead = fit.forecast(200, like="pandas")
    last = ahead.iloc[-1]
    assert last["estimate"] == pytest.approx(fit.level_, abs=0.2 * fit.level_se_)
    # Level, pull and swing are not known, which the band does not count.
    assert last["conf_low"] < max(fit.band_[0], 1e-9)
    low, high = fit.level_interval_
    assert max(high, fit.band_[1]) < last["conf_high"]
    assert fit.alarm_ == (fit.band_[1] > 0.1)
    assert low < fit.level_ - 1.96 * fit.level_se_
    assert high > fit.level_ + 1.96 * fit.level_se_


def test_a_forecast_is_that_of_the_dense_normal_law():
    rng = np.random.default_rng(7)
    n, ahead, kappa, sigma = 9, 4, 0.35, 0.3
    done, noise = np.zeros((n, 1)), rng.uniform(0.01, 0.05, n)
    done[[2, n - 1]] = 1.0
    y = rng.normal(size=n)
    one = np.ones((1, 1))
    found = filter_pull(y[None], noise, done, (1 - kappa) * one, sigma * one)
    got = Candidates(*(np.array([v]) for v in (kappa, sigma, 1.0)), found, done)
    got = got.forecast(ahead, 0.9)
    # Best linear unbiased prediction from the joint law of past and future.
    everything = n + ahead
    response = np.zeros(everything)
    for s in range(1, everything):
        response[s] = (1 - kappa) * response[s - 1]
        response[s] -= done[s - 1, 0] if s <= n else 0.0
    design = np.column_stack([np.ones(everything), response])
    lag = np.abs(np.subtract.outer(np.arange(everything), np.arange(everything)))
    state = sigma**2 / (1 - (1 - kappa) ** 2) * (1 - kappa) ** lag
    V, X = state[:n, :n] + np.diag(noise), design[:n]
    covariance = np.linalg.inv(X.T @ np.linalg.solve(V, X))
    beta = covariance @ X.T @ np.linalg.solve(V, y)
    weights = np.linalg.solve(V, state[:n, n:]).T
    mean = design[n:] @ beta + weights @ (y - X @ beta)
    slope = design[n:] - weights @ X
    square = state[n:, n:] - weights @ state[:n, n:] + slope @ covariance @ slope.T
    error = np.sqrt(np.diag(square))
    np.testing.assert_allclose(got["estimate"], mean, rtol=1e-7)
    np.testing.assert_allclose(got["std_error"], error, rtol=1e-7)
    np.testing.assert_allclose(got["conf_low"], mean - 1.644854 * error, rtol=1e-5)


def test_quantiles_of_a_mixture_are_those_of_draws():
    rng = np.random.default_rng(8)
    weight = np.array([0.6, 0.3, 0.1, 1e-12])
    mean, spread = np.array([0.0, 3.0, -8.0, 1e6]), np.array([1.0, 0.5, 4.0, 1.0])
    tails = np.array([0.025, 0.5, 0.9])
    found = _quantiles(weight, mean[:, None], spread[:, None], tails)[:, 0]
    chosen = rng.choice(3, 400_000, p=weight[:3])
    drawn = mean[chosen] + spread[chosen] * rng.normal(size=chosen.size)
    share = [(drawn <= q).mean() for q in found]
    np.testing.assert_allclose(share, tails, atol=4 * 0.5 / np.sqrt(drawn.size))


@pytest.mark.parametrize(("kappa", "error"), [(0.1, 0.02), (0.3, 1.7)])
def test_short_series_are_covered(kappa, error):
    rng, n, draws = np.random.default_rng(9), 12, 80
    true = rng.normal(size=(draws, n + 6))
    true[:, 0] /= np.sqrt(1 - (1 - kappa) ** 2)
    for s in range(1, n + 6):
        true[:, s] += (1 - kappa) * true[:, s - 1]
    seen = true[:, :n] + error * rng.normal(size=(draws, n))
    noise, nothing = np.full(n, error**2), np.zeros((n, 0))
    hits = np.zeros(3)
    for past, future in zip(seen, true[:, n:], strict=True):
        found = weigh_candidates(past, noise, nothing, float(np.std(past)))
        low, high = found.level_interval(0.95)
        ahead = found.forecast(6, 0.95)
        inside = (ahead["conf_low"] <= future) & (future <= ahead["conf_high"])
        hits += [low <= 0.0 <= high, inside[0], inside[5]]
    # Four binomial errors below nominal; what takes pull and swing for known falls short.
    assert (hits / draws >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / draws)).all(), hits
    best = _fit_pull(seen, noise, nothing)
    reach = 1.96 * np.sqrt(best.filtered.covariance[:, 0, 0, 0])
    assert np.mean(np.abs(best.beta[:, 0]) <= reach) < 0.87


@pytest.mark.parametrize(
    ("psi", "se", "message"),
    [
        ([0.1] * 5, 0.1, "at least 8"),
        ([0.1] * 9, 0.0, "must be positive"),
    ],
)
def test_bad_series_are_named(psi, se, message):
    with pytest.raises(InfostatError, match=message):
        DriftEquilibrium().fit(psi, se)
