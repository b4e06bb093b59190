"""Radii, golden figures, closed forms, nesting and the counter-examples."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial.legendre import leggauss
from scipy.stats import beta, norm

from infostat import InfostatError
from infostat.causal import (
    HockeyStick,
    binary_bounds,
    divergence_bounds,
    divergence_radius,
    marginal_sensitivity_bounds,
    mixture_bounds,
    policy_radius,
)
from infostat.causal.dual import quantile_distance
from infostat.causal.power import power_distance
from infostat.causal.radius import OUTER, radius_slope, resolve_divergence
from infostat.divergences import Alpha

MIDPOINTS = (np.arange(4001) + 0.5) / 4001
NODES, MASS = leggauss(1500)
NODES, MASS = (NODES + 1) / 2, MASS / 2


def law(name):
    if name == "uniform":
        return MIDPOINTS, None
    if name == "bernoulli":
        return np.array([0.0, 1.0]), [0.7, 0.3]
    if name == (0.5, 0.5):
        # Arcsine law: uniform in the angle, which has no singular density.
        return np.sin(np.pi * MIDPOINTS / 2) ** 2, None
    a, b = name
    return NODES, MASS * beta.pdf(NODES, a, b)


# Columns: sharp, chi2, kl, hellinger, tv, js.
GOLDEN = [
    ("uniform", 0.05, 0.9500, 0.9556, 0.9632, 0.9875, 0.9975, 0.9877),
    ("uniform", 0.20, 0.8000, 0.8222, 0.8528, 0.9332, 0.9600, 0.9109),
    ("uniform", 0.50, 0.5000, 0.5556, 0.6303, 0.7715, 0.7500, 0.7069),
    ("uniform", 0.80, 0.2000, 0.2887, 0.3770, 0.5057, 0.3600, 0.4367),
    ("uniform", 0.95, 0.0500, 0.1325, 0.1840, 0.2569, 0.0975, 0.2158),
    ((2, 5), 0.20, 0.8000, 0.8068, 0.8145, 0.8333, 0.8886, 0.8305),
    ((2, 5), 0.50, 0.5000, 0.5171, 0.5362, 0.5805, 0.6291, 0.5592),
    ((2, 5), 0.80, 0.2000, 0.2274, 0.2571, 0.3106, 0.2886, 0.2805),
    ("bernoulli", 0.20, 0.8000, 0.8800, 0.9567, 1.0000, 1.0000, 1.0000),
    ("bernoulli", 0.50, 0.5000, 0.6782, 0.8187, 0.9583, 0.8000, 0.9116),
    ("bernoulli", 0.80, 0.2000, 0.4176, 0.5553, 0.7332, 0.4000, 0.6518),
    ("bernoulli", 0.95, 0.0500, 0.2059, 0.2868, 0.3995, 0.1000, 0.3377),
    ((0.5, 0.5), 0.50, 0.5000, 0.5945, 0.7071, 0.8660, 0.8183, 0.8079),
]


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row[0]}-{row[1]}")
def test_widths_are_the_golden_ones(row):
    name, e, sharp, *outer = row
    values, weights = law(name)
    low, high = mixture_bounds(values, e, 0, 1, weights)
    assert high - low == pytest.approx(sharp, abs=5.1e-5)
    for divergence, width in zip(OUTER, outer, strict=True):
        low, high = divergence_bounds(values, e, 0, 1, divergence, weights)
        assert high - low == pytest.approx(width, abs=5.1e-5), divergence


@pytest.mark.parametrize("e", [0.1, 0.4, 0.7])
def test_uniform_law_has_exact_widths(e):
    low, high = divergence_bounds(NODES, e, 0, 1, "tv", MASS)
    assert high - low == pytest.approx(1 - e**2, abs=2e-6)
    low, high = divergence_bounds(NODES, e, 0, 1, "chi2", MASS)
    assert high - low == pytest.approx(1 - 8 * e / 9, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("kl", lambda e: -np.log(e)),
        ("hellinger", lambda e: 1 - np.sqrt(e)),
        ("chi2", lambda e: (1 - e) / (2 * e)),
        ("tv", lambda e: 1 - e),
        (
            "js",
            lambda e: (e * np.log(e) - (1 + e) * np.log(1 + e)) / 2 + np.log(2),
        ),
        ("renyi", lambda e: -np.log(e)),
        (HockeyStick(2.0), lambda e: np.maximum(1 - 2 * e, 0)),
    ],
)
def test_radius_and_its_slope_are_those_of_the_table(name, formula):
    e = np.array([0.03, 0.2, 0.45, 0.9])
    np.testing.assert_allclose(divergence_radius(e, name), formula(e), rtol=1e-12)
    if name != "renyi":
        step = 1e-6
        slope = (formula(e + step) - formula(e - step)) / (2 * step)
        found = radius_slope(e, resolve_divergence(name))
        np.testing.assert_allclose(found, slope, rtol=1e-7)


def test_radius_at_the_ends():
    assert [divergence_radius(1.0, d) for d in OUTER] == [0.0] * 5
    at_zero = [divergence_radius(0.0, d) for d in OUTER]
    np.testing.assert_allclose(at_zero, [np.inf, np.inf, 1.0, 1.0, np.log(2)])
    # The other order of the arguments says nothing.
    assert divergence_radius(0.5, "reverse_kl") == np.inf
    assert divergence_bounds([0.2, 0.4], 0.5, 0, 1, "neyman") == (0.0, 1.0)


def test_policy_radius_averages():
    e = np.array([[0.2, 0.8], [0.5, 0.5]])
    policy = np.array([[1.0, 0.0], [0.5, 0.5]])
    expected = (-np.log(0.2) - np.log(0.5)) / 2
    assert policy_radius(e, policy, "kl") == pytest.approx(expected)
    with pytest.raises(InfostatError, match="sum to one"):
        policy_radius(e, policy * 0.5, "kl")


@pytest.mark.parametrize("p", [0.0, 0.07, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("e", [0.05, 0.5, 0.97])
@pytest.mark.parametrize("name", ["sharp", *OUTER])
def test_binary_closed_forms_equal_the_general_bounds(p, e, name):
    closed = binary_bounds(p, e, name)
    if name == "sharp":
        general = mixture_bounds([0.0, 1.0], e, 0, 1, [1 - p, p])
    else:
        general = divergence_bounds([0.0, 1.0], e, 0, 1, name, [1 - p, p])
    np.testing.assert_allclose(closed, general, atol=2e-8)


def test_a_binary_outcome_at_the_end_of_the_range_is_no_corner():
    # The first-order test at zero shift would answer 1 here.
    _, high = divergence_bounds([0.0, 1.0], 0.8, 0, 1, "hellinger", [0.7, 0.3])
    assert high == pytest.approx(0.7466, abs=5e-5)


def test_hockey_stick_balls_reach_from_total_variation_to_sharp():
    rng = np.random.default_rng(1)
    v, e = rng.random(7), 0.3
    sharp = mixture_bounds(v, e, 0, 1)
    np.testing.assert_allclose(
        divergence_bounds(v, e, 0, 1, HockeyStick(1 / e)), sharp, atol=1e-12
    )
    np.testing.assert_allclose(
        divergence_bounds(v, e, 0, 1, HockeyStick(1.0)),
        divergence_bounds(v, e, 0, 1, "tv"),
        atol=1e-12,
    )
    # Orders above 1/e leave a radius of zero, and the bound is H - E[w]/order.
    assert divergence_bounds([0.5], 0.8, 0, 1, HockeyStick(2.0))[1] == 0.75


def test_power_family_has_the_named_members_and_shrinks_to_sharp():
    rng = np.random.default_rng(2)
    v, e = rng.random(6), 0.4
    for alpha, name in ((1.0, "kl"), (2.0, "chi2"), (0.5, "hellinger")):
        np.testing.assert_allclose(
            divergence_bounds(v, e, 0, 1, "power", alpha=alpha),
            divergence_bounds(v, e, 0, 1, name),
            atol=1e-12,
        )
    near = divergence_bounds(v, e, 0, 1, Alpha(1e6))
    np.testing.assert_allclose(near, mixture_bounds(v, e, 0, 1), atol=1e-4)


def test_nesting_on_1500_random_laws():
    rng = np.random.default_rng(0)
    n, k = 1500, 7
    # Laws of two to seven atoms: the others have no mass.
    v = rng.random((n, k))
    p = rng.exponential(size=(n, k)) * (np.arange(k) < rng.integers(2, 8, (n, 1)))
    p /= p.sum(axis=1, keepdims=True)
    e = rng.uniform(0.03, 0.97, n)
    top = np.where(p > 0, v, 0).max(axis=1) + rng.choice([0.0, 0.3], n)
    w = np.maximum(top[:, None] - v, 0)
    chain = [power_distance(w, p, e, r)[0] for r in (1.0, 0.5, 0.0, -1.0)]
    tv = np.array([quantile_distance(w[i], p[i], e[i], 1.0)[0] for i in range(n)])
    np.testing.assert_allclose(chain[0], e * (p * w).sum(axis=1), rtol=1e-12)
    for inner, outer in zip(chain, [*chain[1:], np.zeros(n)], strict=True):
        assert (outer <= inner + 1e-10).all()
    assert (tv <= chain[0] + 1e-10).all()
    # Neither chi-square nor total variation dominates the other.
    assert 50 < np.sum(tv > chain[1]) < 500


def test_balls_are_nested_by_their_generators():
    """Inclusion of balls, hence of bounds, for any law.

    With ``h(y) = y f(1/y)`` in the normal form, ball 1 lies inside ball 2 where h2 is an
    increasing concave function of h1: the slope ``dh2/dh1`` is positive and falls.
    """
    y = np.geomspace(1.0001, 1e5, 4001)
    h = {}
    for name in ("chi2", "kl", "hellinger", "js"):
        divergence = resolve_divergence(name)
        h[name] = (divergence.f(y) + divergence.at_zero * (y - 1)) / y
    for inner, outer in (
        ("chi2", "kl"),
        ("kl", "hellinger"),
        ("kl", "js"),
        ("chi2", "js"),
    ):
        slope = np.diff(h[outer]) / np.diff(h[inner])
        assert (slope > 0).all()
        assert (np.diff(slope) < 1e-7 * slope[1:]).all()
    # Hellinger and Jensen-Shannon are not comparable.
    slope = np.diff(h["js"]) / np.diff(h["hellinger"])
    assert (np.diff(slope) > 1e-9).any()
    assert (np.diff(slope) < -1e-9).any()


def test_worst_laws_of_smaller_balls_lie_in_larger_ones_on_1500_laws():
    rng = np.random.default_rng(3)
    n, k = 1500, 6
    w, p = rng.random((n, k)) + 0.01, rng.dirichlet(np.ones(k), n)
    e = rng.uniform(0.03, 0.97, n)

    def size(s, name):
        divergence = resolve_divergence(name)
        g = divergence.adjoint()
        return g.f(s) + divergence.at_zero * (1 - s)

    for inner, exponent in (("chi2", 0.5), ("kl", 0.0)):
        distance, shift = power_distance(w, p, e, exponent)
        far = w + shift[:, None]
        # The optimum is proportional to (w + shift)^(r - 1), on the edge of its ball.
        raw = far ** (exponent - 1)
        if exponent == 0.0:
            log_mean = (p * np.log(far)).sum(axis=1)
            scale = e * np.exp(log_mean)
        else:
            scale = e * (p * far**exponent).sum(axis=1) ** (1 / exponent - 1)
        s = scale[:, None] * raw
        np.testing.assert_allclose((p * size(s, inner)).sum(1), size(e, inner))
        mean = (p * s * w).sum(axis=1)
        np.testing.assert_allclose(mean, distance, rtol=1e-5, atol=1e-8)
        for outer in ("kl", "hellinger", "js"):
            inside = (p * size(s, outer)).sum(axis=1) - size(e, outer)
            assert inside.max() <= 1e-9


def test_js_lies_outside_kl_on_random_laws():
    rng = np.random.default_rng(3)
    for _ in range(40):
        k = rng.integers(2, 6)
        v, p, e = rng.random(k), rng.dirichlet(np.ones(k)), rng.uniform(0.05, 0.95)
        kl, js = (divergence_bounds(v, e, 0, 1, d, p) for d in ("kl", "js"))
        assert js[0] <= kl[0] + 1e-8
        assert kl[1] <= js[1] + 1e-8


def test_unbounded_outcomes_give_infinite_ends():
    v = np.random.default_rng(0).normal(size=50)
    assert mixture_bounds(v, 0.5, -np.inf, np.inf) == (-np.inf, np.inf)
    for name in OUTER:
        low, high = divergence_bounds(v, 0.5, -10, np.inf, name)
        assert np.isfinite(low)
        assert high == np.inf
    # Seen without a gap: nothing is unknown.
    seen = mixture_bounds(v, 1.0, -np.inf, np.inf)
    assert seen == pytest.approx((v.mean(), v.mean()), rel=1e-12)


@pytest.mark.parametrize("name", OUTER)
def test_a_law_with_mean_ten_lies_inside_every_ball(name):
    """P standard normal, e = 1/2, Q = (N(0,1) + N(20,1))/2: the finite bounds of the
    literature are exceeded by a law that its balls contain."""
    y = np.linspace(-12, 32, 400_001)
    p = norm.pdf(y)
    q = (p + norm.pdf(y - 20)) / 2
    f = resolve_divergence(name).f(p / q)
    distance = np.trapezoid(f * q, y)
    assert distance <= divergence_radius(0.5, name) + 1e-6
    assert np.trapezoid(y * q, y) == pytest.approx(10.0, abs=1e-6)


def test_the_range_of_the_arm_is_not_the_range():
    """Y(1) uniform, taken where it is below one half: the truth is 0.5."""
    seen = MIDPOINTS / 2
    expected = {"chi2": 0.389, "kl": 0.408, "js": 0.427, "tv": 0.4375}
    assert mixture_bounds(seen, 0.5, 0, 0.5)[1] == pytest.approx(0.375, abs=1e-3)
    for name, value in (expected | {"hellinger": 0.443}).items():
        arm = divergence_bounds(seen, 0.5, 0, 0.5, name)[1]
        assert arm == pytest.approx(value, abs=1e-3)
        assert arm < 0.5 < divergence_bounds(seen, 0.5, 0, 1, name)[1]
    assert mixture_bounds(seen, 0.5, 0, 1)[1] == pytest.approx(0.625, abs=1e-9)


@pytest.mark.parametrize("name", OUTER)
def test_bounds_move_with_the_outcome(name):
    rng = np.random.default_rng(5)
    v = rng.random(9)
    low, high = divergence_bounds(v, 0.3, 0, 1, name)
    for a, b in ((1000.0, 3.0), (1e-3, -1.0), (-2.0, 0.5)):
        ends = sorted((a * 0 + b, a * 1 + b))
        moved = divergence_bounds(a * v + b, 0.3, *ends, name)
        expected = sorted((a * low + b, a * high + b))
        np.testing.assert_allclose(moved, expected, rtol=1e-8, atol=1e-9 * abs(a))


def test_propensities_near_the_ends_are_finite_and_ordered():
    v = np.array([0.0, 0.2, 1.0])
    for e in (0.0, 1e-12, 1e-3, 1 - 1e-9, 1.0):
        for name in ("chi2", "kl", "hellinger", "tv", "js"):
            low, high = divergence_bounds(v, e, 0, 1, name)
            assert 0 <= low <= 0.4 + 1e-9
            assert 0.4 - 1e-9 <= high <= 1
    # Near one the half-width is sd * sqrt(2 (1 - r) e (1 - e)).
    e = 0.999
    for name, factor in (("chi2", 1.0), ("kl", 2.0), ("hellinger", 4.0)):
        low, high = divergence_bounds(NODES, e, 0, 1, name, MASS)
        reach = np.sqrt(factor * e * (1 - e) / 12)
        assert (high - low) / 2 == pytest.approx(reach, rel=0.02)


def test_marginal_sensitivity_is_the_linear_programme():
    from scipy.optimize import linprog

    rng = np.random.default_rng(6)
    for factor in (1.0, 1.7, 5.0):
        v, e = rng.normal(size=11), 0.35
        found = marginal_sensitivity_bounds(v, e, factor)
        for side, sign in ((0, 1.0), (1, -1.0)):
            best = linprog(
                sign * v,
                A_eq=np.ones((1, 11)),
                b_eq=[1.0],
                bounds=[(1 / factor / 11, factor / 11)] * 11,
            )
            assert found[side] == pytest.approx(
                e * v.mean() + (1 - e) * sign * best.fun
            )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([0.5], 1.5, 0, 1), "from 0 to 1, got 1.5"),
        (([0.5], 0.5, 1, 0), "must rise"),
        (([2.0], 0.5, 0, 1), "outside"),
        (([np.nan], 0.5, 0, 1), "missing"),
        (([0.5], 0.5, 0, 1, [-1.0]), "sample_weight holds -1"),
    ],
)
def test_bad_input_is_one_sentence(arguments, said):
    with pytest.raises(InfostatError, match=said):
        mixture_bounds(*arguments)
    with pytest.raises(InfostatError, match="divergence must be one of"):
        divergence_bounds([0.5], 0.5, 0, 1, "nothing")
    with pytest.raises(InfostatError, match="order"):
        divergence_bounds([0.5], 0.5, 0, 1, "power")


def test_binary_entropy_has_a_root_for_every_rate_and_propensity():
    rng = np.random.default_rng(0)
    cases = rng.uniform([0.0, 0.01], [1.0, 0.99], (2000, 2)) * [0.5, 1.0]
    cases = np.vstack([cases, [[0.02375, 0.2085], [1e-4, 0.01], [1 - 1e-9, 0.5]]])
    for p, e in cases:
        low, high = binary_bounds(p, e, "kl")
        assert 0.0 <= low <= p <= high <= 1.0
    for p, e in cases[::40]:
        general = divergence_bounds([0.0, 1.0], e, 0.0, 1.0, "kl", [1.0 - p, p])
        assert binary_bounds(p, e, "kl") == pytest.approx(general, abs=1e-9)
