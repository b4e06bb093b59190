"""Projection DPPs: their law, their cost, and the factorisation below them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import chisquare

from infostat._arrays import row_shares
from infostat.exceptions import InfostatError
from infostat.sampling import (
    FourierBasis,
    PolynomialBasis,
    SplineBasis,
    leverage_scores,
    numerical_dimension,
    sample_projection_dpp,
)
from infostat.sampling.dpp import (
    block_rejection,
    draw_projection,
    sequential_projection,
)
from infostat.sampling.factor import orthonormal_factor
from infostat.sampling.sources import Draws, PoolSource, Source


def pool_of(rows: np.ndarray, weight=None) -> PoolSource:
    mu = row_shares(weight, len(rows))
    U, _ = orthonormal_factor(rows * np.sqrt(mu)[:, None])
    return PoolSource(U / np.sqrt(mu)[:, None], mu)


def subset_law(U: np.ndarray) -> dict[tuple[int, ...], float]:
    n, m = U.shape
    return {
        chosen: np.linalg.det(U[list(chosen)]) ** 2
        for chosen in combinations(range(n), m)
    }


def frequencies(draw, law, n_draws):
    counts = dict.fromkeys(law, 0)
    for _ in range(n_draws):
        counts[tuple(sorted(int(i) for i in draw()))] += 1
    return np.array(list(counts.values()))


@pytest.mark.parametrize("sampler", ["block", "sequential"])
@pytest.mark.parametrize("weighted", [False, True])
def test_subsets_come_with_squared_determinants(sampler, weighted):
    rng = np.random.default_rng(5)
    rows = rng.standard_normal((7, 3))
    source = pool_of(rows, rng.uniform(0.5, 2, 7) if weighted else None)
    U = source.all_features()
    law = subset_law(U)
    assert sum(law.values()) == pytest.approx(1.0, abs=1e-12)

    def draw():
        if sampler == "block":
            return draw_projection(source, rng).places
        return sequential_projection(U, rng)

    n_draws = 6000
    seen = frequencies(draw, law, n_draws)
    expected = n_draws * np.array(list(law.values()))
    assert chisquare(seen, expected).pvalue > 1e-3
    # The same test sees draws by leverage alone.
    leverage = np.array([source.leverage[list(s)].prod() for s in law])
    wrong = rng.multinomial(n_draws, leverage / leverage.sum())
    assert chisquare(wrong, expected).pvalue < 1e-3


def test_order_of_acceptance_is_exchangeable():
    # The first point alone has the marginal law, whatever is drawn after it.
    rng = np.random.default_rng(0)
    source = pool_of(rng.standard_normal((8, 3)))
    for k in range(3):
        places = [int(draw_projection(source, rng).places[k]) for _ in range(3000)]
        seen = np.bincount(places, minlength=8)
        assert chisquare(seen, 3000 * source.leverage / 3).pvalue > 1e-3


def test_rows_that_repeat_and_rows_of_no_leverage():
    rng = np.random.default_rng(1)
    rows = np.repeat(rng.standard_normal((3, 2)), [4, 4, 2], axis=0)
    rows = np.vstack([rows, np.zeros((5, 2))])
    for seed in range(200):
        chosen = sample_projection_dpp(rows, rng=seed)
        assert chosen.max() < 10
        # Two copies of one row have no volume.
        assert len({tuple(rows[i]) for i in chosen}) == 2


@pytest.mark.parametrize("rank", [4, 10, 25])
def test_proposals_scanned_are_those_of_the_harmonic_sum(rank):
    rng = np.random.default_rng(rank)
    source = pool_of(rng.standard_normal((400, rank)))
    scanned = [
        block_rejection(source.leveraged, rank, rng).scanned for _ in range(1000)
    ]
    expected = rank * (1.0 / np.arange(1, rank + 1)).sum()
    assert np.mean(scanned) == pytest.approx(expected, rel=0.05)


class Stubborn(Source):
    """Proposals that always lie in one direction."""

    rank, constant = 2, None

    def measured(self, n, rng):
        return self.leveraged(n, rng)

    def leveraged(self, n, rng):
        return Draws(np.zeros(n, dtype=int), np.tile([1.0, 0.0], (n, 1)))


def test_features_that_span_less_are_refused_with_the_remedy():
    with pytest.raises(InfostatError, match=r"not orthonormal.*lower the degree"):
        draw_projection(Stubborn(), np.random.default_rng(0))


def test_a_pool_falls_back_to_the_sequential_sampler(monkeypatch):
    source = pool_of(np.random.default_rng(3).standard_normal((30, 4)))
    monkeypatch.setattr("infostat.sampling.dpp.block_rejection", lambda *_: None)
    drawn = draw_projection(source, np.random.default_rng(11))
    assert len(set(drawn.places.tolist())) == 4
    np.testing.assert_array_equal(drawn.features, source.features[drawn.places])


def exact_moments(source, function, n_nodes=60):
    """Mean and variance of the sum of a function of one variable over the DPP."""
    x, weight = np.polynomial.legendre.leggauss(n_nodes)
    features = source.features(x[:, None])
    kernel = features @ features.T
    weight = weight / 2
    h = function(x)
    mean = weight @ (h * np.diag(kernel))
    inner = (weight * h) @ kernel**2 @ (weight * h)
    return mean, weight @ (h**2 * np.diag(kernel)) - inner


def test_tridiagonal_and_rejection_have_the_exact_moments():
    source = PolynomialBasis(6, dimension=1).prepare().source_
    mean, variance = exact_moments(source, lambda x: x**2)
    rng = np.random.default_rng(2)
    n_draws = 3000
    for draw in (
        lambda: source.projection(rng),
        lambda: block_rejection(source.leveraged, 7, rng).draws,
    ):
        sums = np.array([(draw().places ** 2).sum() for _ in range(n_draws)])
        assert abs(sums.mean() - mean) < 4 * np.sqrt(variance / n_draws)
        assert sums.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / n_draws))
    # Independent points have a variance several times as large.
    assert variance < 0.4 * 7 * np.var(source.leveraged(4000, rng).places ** 2)


def test_hermite_tridiagonal_has_the_moments_of_rejection():
    source = PolynomialBasis(4, dimension=1, measure="normal").prepare().source_
    rng = np.random.default_rng(4)
    one = np.array([(source.projection(rng).places ** 2).sum() for _ in range(2000)])
    two = np.array(
        [
            (block_rejection(source.leveraged, 5, rng).draws.places ** 2).sum()
            for _ in range(2000)
        ]
    )
    # E sum x^2 = sum over k < 5 of (2k + 1).
    assert abs(one.mean() - 25) < 4 * one.std() / np.sqrt(2000)
    assert abs(two.mean() - 25) < 4 * two.std() / np.sqrt(2000)
    assert one.var() == pytest.approx(two.var(), rel=0.25)


@pytest.mark.parametrize(
    "basis",
    [
        PolynomialBasis(3, dimension=2),
        PolynomialBasis(2, dimension=2, measure=["exponential", ("beta", 1.0, -0.5)]),
        FourierBasis(2, dimension=2),
        SplineBasis(3, degree=2, dimension=2),
    ],
)
def test_sums_over_a_continuous_dpp_have_mean_m_times_the_leverage_mean(basis):
    source = basis.prepare().source_
    rng = np.random.default_rng(8)
    single = np.tanh(source.leveraged(60_000, rng).places)
    sums = np.array(
        [np.tanh(draw_projection(source, rng).places).sum(axis=0) for _ in range(1500)]
    )
    error = np.sqrt(sums.var(axis=0) / 1500 + source.rank**2 * single.var(axis=0) / 6e4)
    gap = sums.mean(axis=0) - source.rank * single.mean(axis=0)
    assert (np.abs(gap) < 4 * error).all()
    # Points repel: the variance lies below that of independent points.
    assert (sums.var(axis=0) < source.rank * single.var(axis=0)).all()


@pytest.mark.parametrize("condition", [1e2, 1e5, 1e7, 1e8, 1e11])
def test_columns_are_orthonormal_to_rounding(condition):
    rng = np.random.default_rng(9)
    left, _ = np.linalg.qr(rng.standard_normal((3000, 25)))
    right, _ = np.linalg.qr(rng.standard_normal((25, 25)))
    A = left * np.geomspace(1, 1 / condition, 25) @ right.T
    U, mapping = orthonormal_factor(A)
    assert U.shape == (3000, 25)
    assert np.abs(U.T @ U - np.eye(25)).max() < 1e-14
    # A backward stable factorisation: A is recovered to rounding.
    assert np.abs(U @ (U.T @ A) - A).max() < 1e-14
    assert np.abs(A @ mapping - U).max() < 1e-15 * condition + 1e-13


def test_collinear_dummies_reduce_the_rank():
    rng = np.random.default_rng(10)
    level = np.eye(4)[rng.integers(4, size=500)]
    rows = np.column_stack([level, rng.standard_normal(500), np.full(500, 7.0)])
    leverage = leverage_scores(rows)
    # Constant, three contrasts, one number: the fourth dummy and the 7 add nothing.
    assert leverage.sum() == pytest.approx(5.0, abs=1e-10)
    plain = leverage_scores(rows[:, [0, 1, 2, 4]])
    np.testing.assert_allclose(leverage, plain, atol=1e-10)


def test_leverage_is_the_diagonal_of_the_hat_matrix():
    rng = np.random.default_rng(12)
    X = rng.standard_normal((40, 3)) * [1, 1e4, 1e-3] + [0, 1e5, 0]
    weight = rng.uniform(0, 2, 40)
    weight[::7] = 0
    A = np.column_stack([np.ones(40), (X - X.mean(0)) / X.std(0)])
    A *= np.sqrt(weight)[:, None]
    hat = A @ np.linalg.pinv(A)
    np.testing.assert_allclose(leverage_scores(X, weight), np.diag(hat), atol=1e-9)


def test_numerical_dimension_counts_directions_above_rounding():
    x = np.linspace(-1, 1, 4000)
    monomials = np.vander(x, 41)
    dimension = numerical_dimension(monomials, 1e-8)
    assert 20 <= dimension <= 30
    legendre = PolynomialBasis(40).fit(x[:, None]).transform(x[:, None])
    assert numerical_dimension(legendre) == 41
    leverage = leverage_scores(monomials, fit_intercept=False, rcond=1e-8)
    centred = monomials / np.sqrt((monomials**2).mean(axis=0))
    assert leverage.sum() == pytest.approx(numerical_dimension(centred), abs=1e-8)


def test_the_same_seed_draws_the_same_rows():
    rows = np.random.default_rng(0).standard_normal((50, 4))
    first = sample_projection_dpp(rows, rng=3)
    assert np.array_equal(first, sample_projection_dpp(rows, rng=3))
    assert not np.array_equal(first, sample_projection_dpp(rows, rng=4))
