"""Univariate systems, index sets and bases."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import chisquare

from infostat.exceptions import InfostatError
from infostat.sampling import FeatureBasis, FourierBasis, PolynomialBasis, SplineBasis
from infostat.sampling.families import Hermite, Jacobi, Laguerre, Splines
from infostat.sampling.index_sets import index_set
from infostat.sampling.induced import InducedTable
from infostat.sampling.systems import Fourier, Legendre

SYSTEMS = [
    (Legendre(), 31),
    (Hermite(), 41),
    (Laguerre(0.0), 31),
    (Laguerre(1.5), 21),
    (Jacobi(0.3, -0.4), 21),
    (Jacobi(2.0, 1.0), 31),
    (Jacobi(-0.5, -0.5), 21),
    (Splines(6, 3), 9),
]


def quadrature(system, size, n_nodes=24):
    """Nodes, densities and weights on the panels of a system."""
    edges = system.panels(size)
    node, weight = np.polynomial.legendre.leggauss(n_nodes)
    half = np.diff(edges)[:, None] / 2
    t = (edges[:-1] + edges[1:])[:, None] / 2 + half * node
    x, density = system.substitute(t)
    return x, density, half * weight


@pytest.mark.parametrize(("system", "size"), SYSTEMS)
def test_functions_are_orthonormal_and_the_first_is_one(system, size):
    x, density, weight = quadrature(system, size)
    values = system.evaluate(x.ravel(), size)
    np.testing.assert_allclose(values[:, 0], 1.0, atol=1e-12)
    gram = values.T @ (values * (density * weight).ravel()[:, None])
    np.testing.assert_allclose(gram, np.eye(size), atol=1e-8)


@pytest.mark.parametrize(("system", "size"), SYSTEMS)
def test_bounds_of_the_panels_hold_everywhere(system, size):
    induced = InducedTable.exactly(system, size)
    share = np.linspace(0, 1, 41)
    t = induced.edges[:-1, None] + np.diff(induced.edges)[:, None] * share
    x, density = system.substitute(t)
    values = density[..., None] * system.evaluate(x, size) ** 2
    assert (induced.bound * (1 + 1e-12) + 1e-300 >= values.max(axis=1).T).all()


@pytest.mark.parametrize(
    ("system", "k"), [*((s, n - 1) for s, n in SYSTEMS), (Fourier(), 3), (Fourier(), 0)]
)
def test_points_follow_the_induced_law(system, k):
    rng = np.random.default_rng(k)
    drawn = system.draw_induced(np.full(6000, k), rng)
    grid = np.linspace(0, 1, 200_001)
    if isinstance(system, Fourier):
        x, density = grid, np.ones_like(grid)
    else:
        ends = system.panels(k + 1)[[0, -1]]
        x, density = system.substitute(ends[0] + (ends[1] - ends[0]) * grid)
        order = np.argsort(x, kind="stable")
        x, density = x[order], density[order]
    mass = density * system.evaluate(x, k + 1)[:, k] ** 2
    cumulative = np.cumsum(mass) / mass.sum()
    cells = np.clip(np.searchsorted(x, drawn), 0, len(x) - 1)
    seen, _ = np.histogram(cumulative[cells], bins=20, range=(0, 1))
    assert chisquare(seen).pvalue > 1e-3


@pytest.mark.parametrize("system", [s for s, _ in SYSTEMS])
def test_points_follow_the_measure(system):
    drawn = system.sample(40_000, np.random.default_rng(0))
    values = system.evaluate(drawn, 3)[:, 1:]
    error = values.std(axis=0) / 200
    assert (np.abs(values.mean(axis=0)) < 4.5 * error).all()


@pytest.mark.parametrize(
    ("kind", "inside"),
    [
        ("total_degree", lambda a: sum(a) <= 4),
        ("tensor", lambda a: max(a) <= 4),
        ("hyperbolic_cross", lambda a: np.prod(np.array(a) + 1) <= 5),
        ("q_norm", lambda a: sum(np.sqrt(a)) ** 2 <= 4 + 1e-9),
        ("additive", lambda a: np.count_nonzero(a) <= 1),
    ],
)
def test_index_sets_by_their_definition(kind, inside):
    found = index_set(kind, 4, 3)
    expected = {a for a in product(range(5), repeat=3) if inside(a)}
    assert {tuple(a) for a in found.tolist()} == expected
    assert len(found) == len(expected)
    assert not found[0].any()


def test_a_fourier_basis_has_a_constant_kernel_diagonal():
    basis = FourierBasis(3, dimension=2).prepare()
    X = basis.sample_measure(20, rng=0)
    m = len(basis.index_set_)
    assert m == 25  # 1 + 2 * 2 * 3 + 4 * 3
    np.testing.assert_allclose(np.diag(basis.kernel(X)), m)


@pytest.mark.parametrize(
    "basis",
    [
        PolynomialBasis(3, bounds=[[2, 4], [-1, 9]]),
        PolynomialBasis(3, measure="normal", bounds=[[10, 3], [0, 1]]),
        PolynomialBasis(
            2, measure=["exponential", ("beta", 1.0, 0.5)], bounds=[[5, 2], [0, 1]]
        ),
        SplineBasis(3, bounds=[[2, 4], [0, 1]], index_set="tensor"),
        FourierBasis(1, bounds=[[0, 2 * np.pi], [0, 1]]),
    ],
)
def test_bases_are_orthonormal_on_their_own_domain(basis):
    basis.prepare()
    X = basis.sample_measure(60_000, rng=1)
    phi = basis.transform(X)
    gram = phi.T @ phi / len(phi)
    spread = np.sqrt(np.einsum("ni,nj->ij", phi**2, phi**2) / len(phi) ** 2)
    assert (np.abs(gram - np.eye(len(gram))) < 6 * spread + 1e-12).all()
    drawn = basis.sample_christoffel(500, rng=2)
    assert drawn.shape == (500, 2)
    assert basis.sample_dpp(rng=3).shape == (phi.shape[1], 2)


def test_bounds_from_data():
    X = np.random.default_rng(0).normal([3, 5], [1, 2], (500, 2))
    uniform = PolynomialBasis(1, bounds="data").fit(X)
    values = uniform.transform(X)[:, 1:]
    np.testing.assert_allclose(values.max(axis=0), np.sqrt(3))
    np.testing.assert_allclose(values.min(axis=0), -np.sqrt(3))
    normal = PolynomialBasis(1, measure="normal", bounds="data").fit(X)
    np.testing.assert_allclose(normal.transform(X)[:, 1:].mean(axis=0), 0, atol=1e-12)
    constant = PolynomialBasis(2, bounds="data").fit(np.full((5, 1), 3.0))
    assert np.isfinite(constant.transform([[3.0]])).all()


def test_a_feature_basis_is_orthonormal_on_its_reference():
    rng = np.random.default_rng(4)
    reference = rng.normal(size=(300, 3))
    weight = rng.uniform(0, 2, 300)
    basis = FeatureBasis(reference=reference, reference_weight=weight).prepare()
    phi = basis.transform(reference)
    gram = phi.T @ (phi * (weight / weight.sum())[:, None])
    np.testing.assert_allclose(gram, np.eye(4), atol=1e-13)
    known = {tuple(row) for row in reference}
    for drawn in (basis.sample_measure(9, 0), basis.sample_dpp(0)):
        assert {tuple(row) for row in drawn} <= known
    kernel = basis.kernel(reference[:5], reference)
    np.testing.assert_allclose(
        kernel @ (phi * (weight / weight.sum())[:, None]), phi[:5]
    )


@pytest.mark.parametrize(
    ("basis", "message"),
    [
        (PolynomialBasis(2, index_set=[[0, 1]], dimension=1), "must have 1 columns"),
        (SplineBasis(2, index_set=[[0], [9]], dimension=1), "There are 5 splines"),
        (PolynomialBasis(2, measure=["normal"] * 3, dimension=2), r"got \[2, 3\]"),
        (PolynomialBasis(2, bounds=[[0, np.inf]]), "finite numbers"),
        (PolynomialBasis(2, measure=("gamma", -2), dimension=1), "above -1"),
    ],
)
def test_mistakes_are_named(basis, message):
    with pytest.raises(InfostatError, match=message):
        basis.prepare()
