"""Divergences of share vectors: closed forms, zero cells, gradients and Hessians."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from infostat.divergences import (
    Alpha,
    catalogue,
    contributions,
    derivatives,
    get_divergence,
)

MEMBERS = [*catalogue().values(), *(Alpha(a) for a in (-1.5, 0.3, 1.7, 3.0))]
SMOOTH = [m for m in MEMBERS if np.isfinite(m.curvature)]


def title(member):
    return f"{member.name}{getattr(member, 'a', '')}"


def shares(seed, n_bins=6):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(n_bins, 3.0)), rng.dirichlet(np.full(n_bins, 3.0))


def gaussian(edges, shift):
    """Shares of the bins between edges, exact in both tails."""
    left = np.diff(norm.cdf(edges, shift))
    right = -np.diff(norm.sf(edges, shift))
    return np.where(edges[:-1] < shift, left, right)


M = 0.7  # shift between two unit Gaussians
DELTA = norm.cdf(M / 2)
CLOSED = {
    "kl": M**2 / 2,
    "reverse_kl": M**2 / 2,
    "jeffreys": M**2,
    "hellinger": 1 - np.exp(-(M**2) / 8),
    "pearson": np.exp(M**2) - 1,
    "neyman": np.exp(M**2) - 1,
    "tv": 2 * DELTA - 1,
}


@pytest.mark.parametrize(("name", "value"), CLOSED.items())
def test_two_gaussians_in_fine_bins_reach_the_closed_form(name, value):
    edges = np.linspace(-9, 10, 4001)
    p, q = gaussian(edges, M), gaussian(edges, 0.0)
    total = contributions(p, q, get_divergence(name)).sum()
    assert total == pytest.approx(value, rel=2e-4)


@pytest.mark.parametrize("member", MEMBERS, ids=title)
def test_generator_integrates_like_its_bins(member):
    """E_Q f(dP/dQ) by quadrature, with unequal scales where it is finite."""

    def integrand(x):
        return norm.pdf(x) * float(member.f(np.exp(M * x - M**2 / 2)))

    value, _ = quad(integrand, -11, 13, limit=400, epsabs=1e-10)
    edges = np.linspace(-11, 13, 6001)
    p, q = gaussian(edges, M), gaussian(edges, 0.0)
    total = contributions(p, q, member).sum()
    assert total == pytest.approx(value, rel=1e-3)
    if member.name == "alpha":
        a = member.a
        closed = (np.exp(a * (a - 1) * M**2 / 2) - 1) / (a * (a - 1))
        assert value == pytest.approx(closed, rel=1e-6)


def test_jeffreys_is_the_sum_of_both_relative_entropies():
    p, q = shares(1)
    parts = contributions(p, q, get_divergence("jeffreys"))
    np.testing.assert_allclose(parts, (p - q) * np.log(p / q), rtol=1e-12)
    both = contributions(p, q, get_divergence("kl")).sum()
    both += contributions(p, q, get_divergence("reverse_kl")).sum()
    assert parts.sum() == pytest.approx(both, rel=1e-12)


def test_jensen_shannon_is_the_mean_entropy_to_the_midpoint():
    p, q = shares(2)
    m = (p + q) / 2
    expected = (p * np.log(p / m)).sum() / 2 + (q * np.log(q / m)).sum() / 2
    assert contributions(p, q, get_divergence("js")).sum() == pytest.approx(expected)


ZERO_P, ZERO_Q = np.array([0.0, 0.4, 0.6, 0.0]), np.array([0.3, 0.0, 0.7, 0.0])


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("kl", [0.0, np.inf, 0.6 * np.log(6 / 7), 0]),
        ("reverse_kl", [np.inf, 0.0, 0.7 * np.log(7 / 6), 0]),
        ("jeffreys", [np.inf, np.inf, -0.1 * np.log(6 / 7), 0]),
        ("tv", [0.15, 0.2, 0.05, 0]),
        ("hellinger", [0.15, 0.2, (0.6**0.5 - 0.7**0.5) ** 2 / 2, 0]),
        ("pearson", [0.3, np.inf, 0.01 / 0.7, 0]),
        ("neyman", [np.inf, 0.4, 0.01 / 0.6, 0]),
        ("triangular", [0.3, 0.4, 0.01 / 1.3, 0]),
        ("js", [0.15 * np.log(2), 0.2 * np.log(2), None, 0]),
    ],
)
def test_zero_cells_cost_their_limits_and_empty_ones_nothing(name, parts):
    found = contributions(ZERO_P, ZERO_Q, get_divergence(name))
    for value, expected in zip(found, parts, strict=True):
        if expected is not None:
            assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("member", MEMBERS, ids=title)
def test_zero_cells_of_any_member(member):
    found = contributions(ZERO_P, ZERO_Q, member)
    assert found[0] == pytest.approx(0.3 * member.at_zero)
    assert found[1] == pytest.approx(0.4 * member.slope_at_infinity)
    assert found[3] == 0.0


@pytest.mark.parametrize("member", MEMBERS, ids=title)
def test_swapping_the_laws_is_the_adjoint(member):
    p, q = shares(5)
    np.testing.assert_allclose(
        contributions(p, q, member),
        contributions(q, p, member.adjoint()),
        rtol=1e-9,
        atol=1e-13,
    )


@pytest.mark.parametrize("member", MEMBERS, ids=title)
@given(seed=st.integers(0, 10_000))
def test_divergence_is_not_negative_and_zero_at_equality(member, seed):
    p, q = shares(seed)
    assert contributions(p, q, member).sum() >= -1e-12
    assert contributions(p, p, member).sum() == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize("member", MEMBERS, ids=title)
@given(seed=st.integers(0, 10_000))
def test_merging_never_raises_it(member, seed):
    """Data processing: coarser bins know less."""
    p, q = shares(seed)
    coarse = contributions(*(np.add.reduceat(x, [0, 2, 3]) for x in (p, q)), member)
    assert coarse.sum() <= contributions(p, q, member).sum() + 1e-12


@pytest.mark.parametrize("member", SMOOTH, ids=title)
def test_near_equality_it_is_half_the_curvature_of_pearson(member):
    q = np.array([0.2, 0.3, 0.5])
    p = q + 1e-4 * np.array([1.0, -2.0, 1.0])
    pearson = ((p - q) ** 2 / q).sum()
    found = contributions(p, q, member).sum()
    assert found == pytest.approx(member.curvature / 2 * pearson, rel=2e-3)


@pytest.mark.parametrize("member", SMOOTH, ids=title)
def test_gradient_and_hessian_by_finite_differences(member):
    p, q = shares(7)
    found = derivatives(p, q, member)
    h = 1e-4 * min(p.min(), q.min())

    def part(dp, dq):
        return (q + dq) * member.f((p + dp) / (q + dq))

    central = {
        "first_p": (part(h, 0) - part(-h, 0)) / (2 * h),
        "first_q": (part(0, h) - part(0, -h)) / (2 * h),
    }
    for name, numeric in central.items():
        np.testing.assert_allclose(getattr(found, name), numeric, rtol=1e-5, atol=1e-6)

    h *= 30
    second = {
        "second_p": (part(h, 0) - 2 * part(0, 0) + part(-h, 0)) / h**2,
        "second_q": (part(0, h) - 2 * part(0, 0) + part(0, -h)) / h**2,
        "mixed": (part(h, h) - part(h, -h) - part(-h, h) + part(-h, -h)) / (4 * h**2),
    }
    for name, numeric in second.items():
        np.testing.assert_allclose(getattr(found, name), numeric, rtol=1e-3)


def test_jeffreys_derivatives_are_those_of_the_specification():
    p, q = shares(8)
    found = derivatives(p, q, get_divergence("jeffreys"))
    np.testing.assert_allclose(found.first_p, np.log(p / q) + 1 - q / p)
    np.testing.assert_allclose(found.first_q, -np.log(p / q) + 1 - p / q)
    np.testing.assert_allclose(found.second_p, 1 / p + q / p**2)
    np.testing.assert_allclose(found.second_q, 1 / q + p / q**2)
    np.testing.assert_allclose(found.mixed, -(1 / p + 1 / q))


def test_functions_work_along_the_last_axis():
    p = np.stack([shares(s)[0] for s in range(6)]).reshape(2, 3, 6)
    q = shares(9)[1]
    member = get_divergence("jeffreys")
    table = contributions(p, q, member)
    slopes = derivatives(p, q, member)
    assert table.shape == slopes.mixed.shape == (2, 3, 6)
    np.testing.assert_array_equal(table[1, 2], contributions(p[1, 2], q, member))
    np.testing.assert_array_equal(
        slopes.first_q[1, 2], derivatives(p[1, 2], q, member).first_q
    )
