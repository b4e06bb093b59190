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


def feasible_means(w, p, e, divergence):
    """Primal: values E[s w] with E g(s) <= g(e), E s <= 1, s >= 0, near the least.

    A general solver from one start after another, in logarithms of s and in s itself: each
    form stops early on laws that the other solves.
    """
    limit = float(normal_form(divergence, np.array(e)))

    def slope(s):
        return divergence.adjoint().derivative(s) - divergence.at_zero

    forms = {
        "log": (np.exp, np.exp, np.log, (-60, 12)),
        "plain": (lambda t: t, np.ones_like, lambda s: s, (1e-14, 1e4)),
    }
    for start in (np.full(len(w), e), e + (1 - e) * (1 - w / w.max()) * 0.5):
        for to_s, step, back, box in forms.values():

            def radius(t, to_s=to_s):
                return limit - p @ normal_form(divergence, to_s(t))

            def mass(t, to_s=to_s):
                return 1 - p @ to_s(t)

            def radius_slope(t, to_s=to_s, step=step):
                return -p * slope(to_s(t)) * step(t)

            def mass_slope(t, step=step):
                return -p * step(t)

            found = minimize(
                lambda t, to_s=to_s: p @ (to_s(t) * w),
                back(start),
                jac=lambda t, step=step: p * w * step(t),
                bounds=[box] * len(w),
                constraints=[
                    {"type": "ineq", "fun": radius, "jac": radius_slope},
                    {"type": "ineq", "fun": mass, "jac": mass_slope},
                ],
                method="SLSQP",
                options={"ftol": 1e-15, "maxiter": 2000},
            )
            s = to_s(found.x)
            if max(p @ normal_form(divergence, s) - limit, p @ s - 1) < 1e-10:
                yield found.fun


@pytest.mark.parametrize("name", ["chi2", "kl", "hellinger", "js", "triangular"])
@pytest.mark.filterwarnings("ignore:Values in x were outside bounds")
def test_smooth_balls_equal_the_primal_programme(name):
    divergence = Triangular() if name == "triangular" else resolve_divergence(name)
    rng = np.random.default_rng(11)
    # The solver needs many starts on these two.
    n_laws = 40 if name == "triangular" else N_LAWS
    for _ in range(n_laws):
        v, p, e, high = random_law(rng)
        ours = divergence_bounds(v, e, 0, high, divergence, p)[1]
        # No feasible point may beat the dual, and one must reach it: then both are
        # optimal. The solver stops early from some starts.
        for mean in feasible_means(high - v, p, e, divergence):
            assert high - mean <= ours + 1e-8
            if high - mean >= ours - 1e-8:
                break
        else:
            pytest.fail(f"no feasible point reaches {ours} at e = {e}")


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
