"""Every member of the catalogue against its definition: limits, duality, derivatives.

The parameters come from the catalogue itself: a new member is tested by existing.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infostat.divergences import (
    Alpha,
    Divergence,
    Hellinger,
    KullbackLeibler,
    Neyman,
    Pearson,
    ReverseKullbackLeibler,
    TotalVariation,
    catalogue,
    get_divergence,
)
from infostat.exceptions import InfostatError

ORDERS = (-2.0, -1.0, -0.3, 0.4, 0.5, 0.7, 1.5, 2.0, 3.5)
MEMBERS = [*catalogue().values(), *(Alpha(a) for a in ORDERS)]
SMOOTH = [m for m in MEMBERS if np.isfinite(m.curvature)]
GRID = np.array([1e-3, 0.02, 0.2, 0.7, 0.999, 1.001, 1.3, 2.5, 8.0, 60.0])


def title(member):
    return f"{member.name}{getattr(member, 'a', '')}"


every = pytest.mark.parametrize("member", MEMBERS, ids=title)
smooth = pytest.mark.parametrize("member", SMOOTH, ids=title)


def slopes_inside(member, points=GRID):
    """Values of f' on a grid: where the supremum of the conjugate is attained."""
    return member.derivative(points)


@every
def test_generator_is_zero_at_one_and_convex(member):
    assert member.f(1.0) == pytest.approx(0.0, abs=1e-15)
    rng = np.random.default_rng(3)
    a, b = np.exp(rng.normal(0, 2, (2, 2000)))
    share = rng.random(2000)
    chord = share * member.f(a) + (1 - share) * member.f(b)
    below = member.f(share * a + (1 - share) * b)
    assert (below <= chord + 1e-10 * (1 + np.abs(chord))).all()


@smooth
def test_generator_is_strictly_convex_with_its_curvature(member):
    assert (member.second(GRID) > 0).all()
    assert member.second(1.0) == pytest.approx(member.curvature, rel=1e-12)


@smooth
@pytest.mark.parametrize(
    ("whole", "part"), [("f", "derivative"), ("derivative", "second")]
)
def test_derivatives_are_those_of_finite_differences(member, whole, part):
    step = 1e-5 * GRID
    function = getattr(member, whole)
    # Five points: error of fourth order.
    numeric = (
        8 * (function(GRID + step) - function(GRID - step))
        - (function(GRID + 2 * step) - function(GRID - 2 * step))
    ) / (12 * step)
    exact = getattr(member, part)(GRID)
    size = np.abs(function(GRID)) / GRID + 1.0
    assert np.abs(numeric - exact).max() <= (1e-8 * (np.abs(exact) + size)).max()
    np.testing.assert_allclose(numeric, exact, rtol=1e-7, atol=3e-8 * size.max())


def test_total_variation_has_a_kink_and_says_so():
    tv = TotalVariation()
    assert np.isnan(tv.curvature)
    np.testing.assert_array_equal(tv.derivative([0.5, 1.0, 2.0]), [-0.5, 0.0, 0.5])
    np.testing.assert_array_equal(tv.second([0.5, 2.0]), [0.0, 0.0])


@every
def test_value_at_zero_is_the_limit_and_the_value(member):
    with np.errstate(over="ignore"):
        near = member.f(np.array([1e-12, 1e-250]))
    if np.isinf(member.at_zero):
        # A logarithm climbs slowly, a power soon: still climbing is what matters.
        assert near[0] > 20
        assert near[1] > 20 * near[0]
    else:
        assert near[1] == pytest.approx(member.at_zero, abs=1e-12)
        assert member.f(0.0) == pytest.approx(member.at_zero, abs=1e-15)
    assert (member.f(0.0) == np.inf) == np.isinf(member.at_zero)


@every
def test_slope_at_infinity_is_a_limit(member):
    t = np.array([1e9, 1e150])
    with np.errstate(over="ignore"):
        ratio = member.f(t) / t
    if np.isinf(member.slope_at_infinity):
        assert ratio[0] > 10
        assert ratio[1] > 10 * ratio[0]
    else:
        assert ratio[1] == pytest.approx(member.slope_at_infinity, abs=1e-9)


@every
def test_domain_of_the_conjugate_ends_at_the_slope(member):
    end = member.conjugate_end
    assert end == pytest.approx(member.slope_at_infinity)
    if np.isfinite(end):
        assert member.conjugate(end + 1e-9) == np.inf
        assert np.isfinite(member.conjugate(end - 1e-3))


@every
def test_conjugate_is_the_supremum(member):
    """Against a fine grid of t, in the open domain and on its flat part."""
    t = np.exp(np.linspace(-14, 14, 400_001))
    values = member.f(t)
    end = min(member.conjugate_end, 3.0)
    points = np.array([-6.0, -2.5, -1.0, -0.3, 0.0, 0.2 * end, 0.5 * end, 0.8 * end])
    for s in points[points < end]:
        brute = np.max(s * t - values)
        exact = float(member.conjugate(s))
        if np.isfinite(member.at_zero):
            brute = max(brute, -member.at_zero)
        assert brute <= exact + 1e-9 * (1 + abs(exact))
        assert brute == pytest.approx(exact, rel=2e-6, abs=2e-6)


@every
@given(t=st.floats(1e-6, 1e6), s=st.floats(-50, 3))
def test_fenchel_inequality(member, t, s):
    left = float(member.f(t)) + float(member.conjugate(s))
    assert left >= t * s - 1e-9 * (1 + abs(t * s) + abs(float(member.f(t))))


@smooth
def test_fenchel_equality_at_the_slope(member):
    s = slopes_inside(member)
    gap = member.f(GRID) + member.conjugate(s) - GRID * s
    size = 1 + np.abs(GRID * s) + np.abs(member.f(GRID))
    assert (np.abs(gap) <= 1e-11 * size).all()


@smooth
def test_biconjugate_is_the_generator(member):
    """f**(t) = sup_s (t s - f*(s)) over slopes finer than the points."""
    fine = member.derivative(np.exp(np.linspace(-8, 5, 40_001)))
    conjugate = member.conjugate(fine)
    back = np.max(np.outer(GRID, fine) - conjugate, axis=1)
    np.testing.assert_allclose(back, member.f(GRID), rtol=1e-5, atol=1e-6)


@every
def test_adjoint_swaps_the_arguments(member):
    t = GRID
    np.testing.assert_allclose(
        member.adjoint().f(t), t * member.f(1.0 / t), rtol=1e-10, atol=1e-13
    )
    twice = member.adjoint().adjoint()
    np.testing.assert_allclose(twice.f(t), member.f(t), rtol=1e-12, atol=1e-15)
    if np.isfinite(member.curvature):
        assert member.adjoint().curvature == member.curvature


@every
@pytest.mark.parametrize("t", [1e-300, 1e-12, 1e12, 1e300])
def test_generator_far_out_is_a_number_or_infinite(member, t):
    with np.errstate(over="ignore", divide="ignore"):
        value, slope = float(member.f(t)), float(member.derivative(t))
    assert not np.isnan(value)
    assert not np.isnan(slope)
    assert value >= -1e300  # reverse KL and the like may be negative, never -inf
    if np.isfinite(member.slope_at_infinity) and t > 1:
        # No overflow where the value itself is a float.
        assert value == pytest.approx(t * member.slope_at_infinity, rel=1e-2, abs=800)


@every
@pytest.mark.parametrize("s", [-1e300, -1e10, -700.0, 700.0, 800.0, 1e10])
def test_conjugate_far_out_is_never_nan(member, s):
    """Infinite beyond the domain, and where the value exceeds the floats."""
    with np.errstate(over="ignore"):
        value = float(member.conjugate(s))
    assert not np.isnan(value)
    if s > member.conjugate_end:
        assert value == np.inf
    if s < 0:
        assert value <= 1e-300
        assert value > -np.inf or s < -1e200


@pytest.mark.parametrize("name", ["kl", "jeffreys"])
def test_exponential_conjugates_overflow_without_a_warning(name):
    assert get_divergence(name).conjugate(2000.0) == np.inf


@pytest.mark.parametrize("name", ["neyman", "triangular"])
def test_rational_generators_do_not_overflow_early(name):
    assert get_divergence(name).f(1e300) == pytest.approx(1e300)


@pytest.mark.parametrize(
    ("left", "right", "factor"),
    [
        (Alpha(2.0), Pearson(), 0.5),
        (Alpha(-1.0), Neyman(), 0.5),
        (Alpha(0.5), Hellinger(), 4.0),
        (Alpha(1.0 + 1e-6), KullbackLeibler(), 1.0),
        (Alpha(1e-6), ReverseKullbackLeibler(), 1.0),
    ],
    ids=lambda v: title(v) if isinstance(v, Divergence) else str(v),
)
def test_alpha_family_holds_the_others(left, right, factor):
    """Up to a linear term c (t - 1), which no divergence can see."""
    t = GRID
    linear = left.derivative(1.0) - factor * right.derivative(1.0)
    np.testing.assert_allclose(
        left.f(t), factor * right.f(t) + linear * (t - 1), rtol=3e-5, atol=1e-8
    )


@pytest.mark.parametrize("order", [0, 1, 0.0, 1.0, np.nan, np.inf, -np.inf])
def test_alpha_refuses_its_limits(order):
    with pytest.raises(InfostatError, match="not 0 or 1"):
        Alpha(order)


def test_lookup_by_name_and_by_object():
    for name, member in catalogue().items():
        assert get_divergence(name) == member
        assert member.name == name
    assert get_divergence(Alpha(3.0)) == Alpha(3.0)
    with pytest.raises(InfostatError, match=r"jeffreys.*Alpha.*'shannon'"):
        get_divergence("shannon")
