"""Scores: influence functions by finite differences, and safety under wrong nuisances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from infostat.causal.dual import (
    ball_distance,
    dual_loss,
    hockey_order,
    quantile_distance,
)
from infostat.causal.hockey import HockeyStick
from infostat.causal.orthogonal import dual_score, power_score
from infostat.causal.power import power_distance, power_kernel, power_mean
from infostat.causal.radius import power_exponent, resolve_divergence
from infostat.causal.sensitivity import (
    doubly_robust_score,
    rest_score,
    shift_variable,
    tilt_variable,
)

W = np.array([0.05, 0.3, 0.55, 0.9])
"""Distances to the end of the range at the atoms."""


class DiscreteLaw:
    """A joint law of covariate (two values), treatment and outcome (four atoms)."""

    def __init__(self, rng):
        self.mass = rng.dirichlet(np.ones(2 * 2 * 4)).reshape(2, 2, 4) * 0.8 + 0.2 / 16

    def contaminated(self, x, a, k, step):
        out = DiscreteLaw.__new__(DiscreteLaw)
        out.mass = self.mass * (1 - step)
        out.mass[x, a, k] += step
        return out

    def given(self, x):
        """Share of x, propensity, and the law of the outcome in the arm."""
        inside = self.mass[x]
        return inside.sum(), inside[1].sum() / inside.sum(), inside[1] / inside[1].sum()


def derivative(law, functional, x, a, k):
    """Slope of a functional towards a point mass, by central differences."""
    values = [functional(law.contaminated(x, a, k, s)) for s in (1e-5, -1e-5)]
    return (values[0] - values[1]) / 2e-5


def assert_influence(law, functional, score):
    """``score(x, a, k)`` is the functional plus its slope, at every point."""
    value = functional(law)
    for x in range(2):
        for a in range(2):
            for k in range(4):
                slope = derivative(law, functional, x, a, k)
                assert score(x, a, k) - value == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("name", ["chi2", "kl", "hellinger"])
def test_power_scores_are_influence_functions_without_a_propensity(name):
    law = DiscreteLaw(np.random.default_rng(4))
    divergence = resolve_divergence(name)
    exponent = power_exponent(divergence)

    def functional(p):
        parts = (p.given(x) for x in range(2))
        return sum(share * ball_distance(W, q, e, divergence) for share, e, q in parts)

    chosen = []
    for x in range(2):
        _, e, q = law.given(x)
        _, shift = power_distance(W, q, np.asarray(e), exponent)
        chosen.append((float(shift), float(power_mean(W + shift, q, exponent))))

    def score(x, a, k):
        shift, b = chosen[x]
        taken = np.array([a == 1])
        return power_score(W[[k]], taken, shift, b, exponent)[0]

    assert_influence(law, functional, score)


@pytest.mark.parametrize("name", ["js", "tv", "hockey", "chi2", "kl", "hellinger"])
def test_general_scores_are_influence_functions(name):
    law = DiscreteLaw(np.random.default_rng(7))
    divergence = HockeyStick(1.3) if name == "hockey" else resolve_divergence(name)

    def functional(p):
        parts = (p.given(x) for x in range(2))
        return sum(share * ball_distance(W, q, e, divergence) for share, e, q in parts)

    chosen = [best_dual(law.given(x), divergence) for x in range(2)]

    def score(x, a, k):
        _, e, _ = law.given(x)
        shift, multiplier, mean = chosen[x]
        return dual_score(
            W[[k]],
            np.array([a == 1]),
            np.array([shift]),
            np.array([multiplier]),
            np.array([e]),
            np.array([mean]),
            divergence,
        )[0]

    assert_influence(law, functional, score)


def best_dual(given, divergence):
    """Dual optimum by a general solver, from many starts."""
    _, e, q = given
    order = hockey_order(divergence)
    if order is not None:
        _, quantile = quantile_distance(W, q, e, order)
        shift, multiplier = 0.0, quantile / order
    else:

        def loss(t):
            shift, multiplier = np.exp(t)
            terms = dual_loss(
                W, np.asarray(shift), np.asarray(multiplier), np.asarray(e), divergence
            )
            return -float(q @ terms)

        options = {"xatol": 1e-13, "fatol": 1e-16, "maxiter": 8000, "maxfev": 8000}
        best = min(
            (
                minimize(loss, [a, b], method="Nelder-Mead", options=options)
                for a in (-8.0, -2.0, 1.0)
                for b in (-2.0, 1.0)
            ),
            key=lambda r: r.fun,
        )
        shift, multiplier = np.exp(best.x)
    mean = q @ dual_loss(
        W, np.asarray(shift), np.asarray(multiplier), np.asarray(e), divergence
    )
    return float(shift), float(multiplier), float(mean)


FACTOR, KAPPA, RADIUS = 2.2, 0.7, 0.08


def tilt(q):
    """Temperature and value of ``min_t t rho + t log E exp(V/t)``."""

    def value(log_t):
        t = np.exp(log_t)
        return t * RADIUS + t * np.log(q @ np.exp(W / t))

    found = minimize_scalar(value, bounds=(-5, 5), options={"xatol": 1e-13})
    return np.exp(found.x), found.fun


def rest_mean(q, kind):
    """Largest mean of the unseen outcomes under each assumption."""
    mean = q @ W
    if kind == "entropy":
        return tilt(q)[1]
    if kind == "shift":
        return mean + KAPPA * np.sqrt(q @ W**2 - mean**2)
    place = np.argsort(-W)
    mass = q[place]
    taken = np.clip(1 / (1 + FACTOR) - (np.cumsum(mass) - mass), 0, mass)
    tail = (1 + FACTOR) * taken @ W[place]
    return mean / FACTOR + (1 - 1 / FACTOR) * tail


def transformed(q, kind):
    """Variable whose conditional mean is that, with the right derivative."""
    if kind == "entropy":
        t, value = tilt(q)
        return tilt_variable(W, t, q @ np.exp(W / t), value)
    if kind == "shift":
        mean = q @ W
        sd = np.sqrt(q @ W**2 - mean**2)
        return shift_variable(W, mean, sd, KAPPA)
    quantile = W[np.argmax(1 - np.cumsum(q) <= 1 / (1 + FACTOR))]
    tail = quantile + (1 + FACTOR) * np.maximum(W - quantile, 0)
    return W / FACTOR + (1 - 1 / FACTOR) * tail


@pytest.mark.parametrize("kind", ["shift", "odds", "entropy"])
def test_rest_scores_are_influence_functions(kind):
    law = DiscreteLaw(np.random.default_rng(8))

    def functional(p):
        parts = (p.given(x) for x in range(2))
        return sum(s * (e * q @ W + (1 - e) * rest_mean(q, kind)) for s, e, q in parts)

    def score(x, a, k):
        _, e, q = law.given(x)
        each = transformed(q, kind)
        return rest_score(
            W[[k]], np.array([a == 1]), np.array([e]), each[[k]], np.array([q @ each])
        )[0]

    assert_influence(law, functional, score)


def test_the_doubly_robust_score_is_an_influence_function():
    law = DiscreteLaw(np.random.default_rng(8))

    def functional(p):
        return sum(share * q @ W for share, _, q in (p.given(x) for x in range(2)))

    def score(x, a, k):
        _, e, q = law.given(x)
        return doubly_robust_score(
            W[[k]], np.array([a == 1]), np.array([e]), np.array([q @ W])
        )[0]

    assert_influence(law, functional, score)


@pytest.mark.parametrize("name", ["chi2", "kl", "hellinger"])
def test_wrong_nuisances_only_widen_the_power_family(name):
    rng = np.random.default_rng(9)
    exponent = power_exponent(resolve_divergence(name))
    q, e = rng.dirichlet(np.ones(4), 4000), rng.uniform(0.02, 0.98, 4000)
    shift, b = rng.exponential(size=(2, 4000)) + 1e-3
    kernel = power_kernel(b[:, None], W + shift[:, None], exponent)
    slack = power_distance(W, q, e, exponent)[0] - (
        e * (q * kernel).sum(axis=1) - shift
    )
    assert slack.min() >= -1e-12
    assert slack.min() < 0.05  # and some guesses come close


def test_total_variation_scores_are_not_safe():
    """The stated limit: with all nuisances wrong the score may be invalid."""
    rng, broken = np.random.default_rng(10), 0
    divergence = resolve_divergence("tv")
    for _ in range(2000):
        q, e = rng.dirichlet(np.ones(4)), rng.uniform(0.05, 0.95)
        wrong_e, wrong_q = rng.uniform(0.05, 0.95), rng.dirichlet(np.ones(4))
        _, quantile = quantile_distance(W, wrong_q, wrong_e, 1.0)
        one = np.ones(4)
        mean = wrong_q @ dual_loss(
            W, np.zeros(4), quantile * one, wrong_e * one, divergence
        )
        score = [
            dual_score(
                W,
                np.full(4, taken),
                np.zeros(4),
                quantile * one,
                wrong_e * one,
                mean * one,
                divergence,
            )
            for taken in (False, True)
        ]
        expected = (1 - e) * score[0][0] + e * q @ score[1]
        broken += expected > ball_distance(W, q, e, divergence) + 1e-9
    assert 0 < broken < 1000


def test_kernels_are_nested_row_by_row():
    rng = np.random.default_rng(11)
    b, w = rng.exponential(size=500) + 1e-3, rng.exponential(size=500) + 1e-6
    sharp, chi2, kl, hellinger = (power_kernel(b, w, r) for r in (1.0, 0.5, 0.0, -1.0))
    np.testing.assert_allclose(sharp, w, rtol=1e-9)
    for wide, narrow in ((chi2, sharp), (kl, chi2), (hellinger, kl)):
        assert (wide <= narrow + 1e-9 * (1 + np.abs(wide))).all()


@pytest.mark.parametrize("name", ["kl", "chi2", "js", "hellinger"])
def test_dual_loss_is_jointly_concave(name):
    rng = np.random.default_rng(12)
    divergence = resolve_divergence(name)
    for _ in range(300):
        w, e = rng.random(), np.asarray(rng.uniform(0.05, 0.95))
        first, last = rng.exponential(size=(2, 2)) + 0.01
        middle = (first + last) / 2

        def value(pair, w=w, e=e):
            return float(
                dual_loss(
                    np.asarray(w),
                    np.asarray(pair[0]),
                    np.asarray(pair[1]),
                    e,
                    divergence,
                )
            )

        assert value(middle) >= (value(first) + value(last)) / 2 - 1e-10
