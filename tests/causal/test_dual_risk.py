"""The debiased dual risk is solved to its optimum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from infostat import CausalBounds
from infostat.causal.dual import ball_distance
from infostat.causal.radius import resolve_divergence
from infostat.causal.risk import RiskData, conjugate_slope, fit_dual_risk, risk_value


def data(n, p, seed, *, constant_propensity=False):
    rng = np.random.default_rng(seed)
    features = np.column_stack([np.ones(n), rng.uniform(-1, 1, (n, p))])
    e = 0.3 + 0.3 * (rng.random(n) if not constant_propensity else np.zeros(n))
    taken = rng.random(n) < e
    if constant_propensity:
        e = np.full(n, taken.mean())
    w = np.clip(0.5 + 0.2 * features[:, -1] + 0.2 * rng.normal(size=n), 0, 1)
    return RiskData(features, w, taken, e)


@pytest.mark.parametrize("name", ["chi2", "kl", "hellinger", "js", "tv"])
def test_with_a_constant_the_optimum_is_the_marginal_bound(name):
    divergence = resolve_divergence(name)
    rows = data(400, 0, 0, constant_propensity=True)
    multiplier, shift = fit_dual_risk(rows, divergence)
    value = risk_value(
        rows, rows.features @ multiplier, rows.features @ shift, divergence
    )
    own = rows.w[rows.taken]
    e = rows.taken.mean()
    exact = ball_distance(own, np.full(len(own), 1 / len(own)), e, divergence)
    # The risk weighs the arm by its share.
    assert value == pytest.approx(e * exact, abs=1e-8)


@pytest.mark.parametrize("name", ["chi2", "kl", "hellinger", "js", "tv"])
def test_no_direction_improves_the_optimum(name):
    divergence = resolve_divergence(name)
    rows = data(250, 2, 1)
    multiplier, shift = fit_dual_risk(rows, divergence)
    F = rows.features

    def value(theta):
        found, moved = F @ theta[:3], F @ theta[3:]
        if found.min() <= 0 or moved.min() < 0:
            return -np.inf
        return risk_value(rows, found, moved, divergence)

    best = np.concatenate([multiplier, shift])
    at_best = value(best)
    assert np.isfinite(at_best)
    rng = np.random.default_rng(2)
    for size in (1e-1, 1e-2, 1e-3, 1e-4):
        tried = [value(best + size * rng.normal(size=6)) for _ in range(100)]
        assert max(tried) <= at_best + 1e-9
    # A general solver from elsewhere finds nothing better.
    start = np.array([0.5, 0, 0, 0.2, 0, 0])
    options = {"maxiter": 4000, "maxfev": 4000, "xatol": 1e-9, "fatol": 1e-12}
    other = minimize(
        lambda t: -value(t) if np.isfinite(value(t)) else 1e3,
        start,
        method="Nelder-Mead",
        options=options,
    )
    assert -other.fun <= at_best + 1e-8


def test_slopes_of_conjugates_by_differences():
    t = np.array([-3.0, -0.5, 0.1])
    for name in ("chi2", "kl", "hellinger", "js"):
        swapped = resolve_divergence(name).adjoint()
        points = t - (0.2 if name == "kl" else 0.0)
        step = 1e-6
        slope = (
            swapped.conjugate(points + step) - swapped.conjugate(points - step)
        ) / (2 * step)
        np.testing.assert_allclose(conjugate_slope(swapped, points), slope, rtol=1e-6)


def test_the_published_estimator_agrees_with_the_per_row_dual(draw):
    methods = ["kl", "dual_risk_kl", "tv", "dual_risk_tv"]
    bounds = CausalBounds(y_bounds=(0, 1), method=methods, cv=3, random_state=0)
    bounds.fit(draw.X, draw.y, treatment=draw.treatment)
    frame = bounds.bounds_.set_index(["method", "estimand"])
    for name in ("kl", "tv"):
        for estimand in ("E[Y(0)]", "E[Y(1)]"):
            plain = frame.loc[(name, estimand)]
            risk = frame.loc[(f"dual_risk_{name}", estimand)]
            assert risk["lower"] == pytest.approx(plain["lower"], abs=0.02)
            assert risk["upper"] == pytest.approx(plain["upper"], abs=0.02)


def test_a_feature_map_of_ones_own(draw):
    def squares(X):
        return np.column_stack([X, X[:, :1] ** 2])

    bounds = CausalBounds(
        y_bounds=(0, 1), method="dual_risk_chi2", dual_features=squares, cv=2
    ).fit(draw.X, draw.y, treatment=draw.treatment)
    row = bounds.bounds_.iloc[1]
    assert 0.2 < row["lower"] < row["upper"] < 0.95
