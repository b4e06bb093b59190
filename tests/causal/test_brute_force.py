"""Every bound against the convex programme it solves, on 200 random discrete laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog, minimize

from infostat.causal import HockeyStick, divergence_bounds, mixture_bounds
from infostat.causal.radius import resolve_divergence
from infostat.divergences import Triangular

N_LAWS = 200


def random_law(rng):
    k = int(rng.integers(2, 8))
    v, p = np.sort(rng.random(k)), rng.dirichlet(np.ones(k)) * 0.9 + 0.1 / k
    high = v[-1] if rng.random() < 0.5 else v[-1] + rng.uniform(0.05, 0.5)
    return v, p, rng.uniform(0.03, 0.97), high


def normal_form(divergence, s):
    """g(s) + f(0) (1 - s), zero at s = 1 and falling."""
    return divergence.adjoint().f(s) + divergence.at_zero * (1 - s)


def smallest_mean_distance(w, p, e, divergence):
    """Primal: least E[s w] with E g(s) <= g(e), E s <= 1, s >= 0.

    The variables are logarithms of s, so that the solver never leaves the domain.
    """
    limit = float(normal_form(divergence, np.array(e)))

    def slope(s):
        return divergence.adjoint().derivative(s) - divergence.at_zero

    best = np.inf
    for start in (np.full(len(w), e), e + (1 - e) * (1 - w / w.max()) * 0.5):
        found = minimize(
            lambda t: p @ (np.exp(t) * w),
            np.log(start),
            jac=lambda t: p * w * np.exp(t),
            bounds=[(-60, 12)] * len(w),
            constraints=[
                {
                    "type": "ineq",
                    "fun": lambda t: limit - p @ normal_form(divergence, np.exp(t)),
                    "jac": lambda t: -p * slope(np.exp(t)) * np.exp(t),
                },
                {
                    "type": "ineq",
                    "fun": lambda t: 1 - p @ np.exp(t),
                    "jac": lambda t: -p * np.exp(t),
                },
            ],
            method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 2000},
        )
        s = np.exp(found.x)
        broken = max(p @ normal_form(divergence, s) - limit, p @ s - 1)
        if broken < 1e-10:
            best = min(best, found.fun)
    return best


@pytest.mark.parametrize("name", ["chi2", "kl", "hellinger", "js", "triangular"])
@pytest.mark.filterwarnings("ignore:Values in x were outside bounds")
def test_smooth_balls_equal_the_primal_programme(name):
    divergence = Triangular() if name == "triangular" else resolve_divergence(name)
    rng, solved = np.random.default_rng(11), 0
    n_laws = 40 if name == "triangular" else N_LAWS
    for _ in range(n_laws):
        v, p, e, high = random_law(rng)
        ours = divergence_bounds(v, e, 0, high, divergence, p)[1]
        primal = high - smallest_mean_distance(high - v, p, e, divergence)
        # A feasible point of the primal can never beat the dual.
        assert primal <= ours + 1e-8
        solved += abs(primal - ours) < 1e-8
    # The general solver stops early on one law in 800; never on the other side.
    assert solved >= 0.99 * n_laws


@pytest.mark.parametrize("order", [1.0, 1.8, "sharp"])
def test_piecewise_linear_balls_equal_the_linear_programme(order):
    rng = np.random.default_rng(12)
    for _ in range(N_LAWS):
        v, p, e, high = random_law(rng)
        gamma = 1 / e if order == "sharp" else order
        k, w = len(v), high - v
        # Variables s and its shortfall t >= 1 - gamma s.
        best = linprog(
            np.concatenate([p * w, np.zeros(k)]),
            A_ub=np.block(
                [
                    [-gamma * np.eye(k), -np.eye(k)],
                    [np.zeros((1, k)), p[None]],
                    [p[None], np.zeros((1, k))],
                ]
            ),
            b_ub=np.concatenate([-np.ones(k), [max(1 - gamma * e, 0.0)], [1.0]]),
            bounds=[(0, None)] * (2 * k),
        )
        if order == "sharp":
            ours = mixture_bounds(v, e, 0, high, p)[1]
        elif order == 1.0:
            ours = divergence_bounds(v, e, 0, high, "tv", p)[1]
        else:
            ours = divergence_bounds(v, e, 0, high, HockeyStick(order), p)[1]
        assert ours == pytest.approx(high - best.fun, abs=1e-8)
