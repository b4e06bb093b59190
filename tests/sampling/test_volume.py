"""Volume sampling against exhaustive enumeration of tiny pools."""

from __future__ import annotations

from itertools import combinations, product
from math import comb, factorial

import numpy as np
import pytest
from scipy.stats import chisquare

from infostat._arrays import row_shares
from infostat.exceptions import InfostatError
from infostat.sampling import greedy_removal, volume_sample
from infostat.sampling.density import BaseMeasure, Envelope
from infostat.sampling.designs import DesignPlan, draw_design, gram_matrix
from infostat.sampling.factor import orthonormal_factor
from infostat.sampling.least_squares import weighted_fit
from infostat.sampling.sources import PoolSource
from infostat.sampling.volume import (
    draw_fixed_size,
    draw_ridge,
    draw_volume,
)


def pool_of(rows: np.ndarray, weight=None) -> PoolSource:
    mu = row_shares(weight, len(rows))
    U, _ = orthonormal_factor(rows * np.sqrt(mu)[:, None])
    root = np.where(mu > 0, np.sqrt(mu), 1.0)
    return PoolSource(U / root[:, None], mu)


@pytest.fixture(scope="module")
def tiny() -> tuple[PoolSource, np.ndarray]:
    rng = np.random.default_rng(17)
    source = pool_of(rng.standard_normal((6, 2)), rng.uniform(0.5, 2.0, 6))
    return source, rng.standard_normal(6)


class Enumeration:
    """All ordered samples of gamma_n^nu on a pool, with their fits."""

    def __init__(self, source, y, n, base):
        m = source.rank
        every = source.rows(np.arange(len(y)))
        w = base.weights(every)
        nu = source.mu / w
        best = source.features.T @ (source.mu * y)
        self.error = float(source.mu @ (y - source.features @ best) ** 2)
        constant = n**m * factorial(n - m) / factorial(n)
        self.law, self.coef, self.inverse, self.marginal = [], [], [], np.zeros(len(y))
        self.score = 0.0
        misfit = y - source.features @ best
        for chosen in product(range(len(y)), repeat=n):
            rows = list(chosen)
            gram = gram_matrix(source.features[rows], w[rows])
            det = np.linalg.det(gram)
            if det < 1e-14:
                continue
            p = constant * det * nu[rows].prod()
            fit = weighted_fit(source.features[rows], w[rows], y[rows][:, None])
            self.law.append(p)
            self.coef.append(fit.coefficients[:, 0] - best)
            self.inverse.append(np.linalg.inv(gram))
            np.add.at(self.marginal, rows, p / n)
            g = (w[rows] * misfit[rows]) @ source.features[rows] / n
            self.score += p * float(g @ g)
        self.law, self.coef = np.array(self.law), np.array(self.coef)
        self.inverse = np.array(self.inverse)
        self.nu = nu


BASES = [BaseMeasure(0.0), BaseMeasure(1.0), BaseMeasure(0.4)]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("n", [2, 3, 4])
def test_enumerated_law_is_a_law_and_the_fit_is_unbiased(tiny, base, n):
    source, y = tiny
    seen = Enumeration(source, y, n, base)
    assert seen.law.sum() == pytest.approx(1.0, abs=1e-12)
    marginal = 2 / n * source.leverage / 2 + (1 - 2 / n) * seen.nu
    np.testing.assert_allclose(seen.marginal, marginal, atol=1e-13)
    np.testing.assert_allclose(seen.law @ seen.coef, 0.0, atol=1e-13)
    inverse = np.einsum("s,sij->ij", seen.law, seen.inverse)
    gap = n / (n - 1) * np.eye(2) - inverse
    assert np.linalg.eigvalsh(gap).min() > -1e-12
    if base.share == 0.0:
        assert seen.score <= 2 / n * seen.error * (1 + 1e-12)


@pytest.mark.parametrize("base", BASES)
def test_interpolation_has_error_one_plus_m_and_more_points_less(tiny, base):
    source, y = tiny
    errors = []
    for n in (2, 3, 4):
        seen = Enumeration(source, y, n, base)
        covariance = np.einsum("s,si,sj->ij", seen.law, seen.coef, seen.coef)
        errors.append(1 + np.trace(covariance) / seen.error)
        if n == 2:
            np.testing.assert_allclose(covariance, seen.error * np.eye(2), atol=1e-12)
    assert errors[0] == pytest.approx(3.0, abs=1e-12)
    assert errors[0] > errors[1] > errors[2] > 1


def test_on_a_one_hot_pool_the_identity_is_only_a_bound():
    source = pool_of(np.repeat(np.eye(2), 3, axis=0))
    y = np.array([0.0, 1.0, 5.0, 2.0, 2.0, 3.0])
    seen = Enumeration(source, y, 2, BaseMeasure(0.0))
    assert seen.law.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(seen.law @ seen.coef, 0.0, atol=1e-13)
    error = 1 + seen.law @ (seen.coef**2).sum(axis=1) / seen.error
    assert error == pytest.approx(2.0, abs=1e-12)


@pytest.mark.parametrize("base", BASES)
def test_drawn_samples_follow_the_enumerated_law(tiny, base):
    source, _ = tiny
    rng = np.random.default_rng(2)
    n, n_draws = 3, 6000
    w = base.weights(source.rows(np.arange(6)))
    nu = source.mu / w
    law: dict[tuple[int, ...], float] = {}
    for chosen in product(range(6), repeat=n):
        rows = list(chosen)
        p = 9 / 6 * np.linalg.det(gram_matrix(source.features[rows], w[rows]))
        key = tuple(sorted(rows))
        law[key] = law.get(key, 0.0) + max(p, 0.0) * nu[rows].prod()
    counts = dict.fromkeys(law, 0)
    for _ in range(n_draws):
        counts[tuple(sorted(draw_volume(source, n, base, rng).places.tolist()))] += 1
    expected = np.array(list(law.values())) * n_draws
    seen = np.array(list(counts.values()))
    assert seen[expected < 1e-9].sum() == 0
    some = expected > 3
    pooled = [np.append(a[some], a[~some].sum()) for a in (seen, expected)]
    pooled[1] *= n_draws / pooled[1].sum()
    keep = pooled[1] > 0
    assert chisquare(pooled[0][keep], pooled[1][keep]).pvalue > 1e-3


def fixed_size_law(A, s, ridge=0.0):
    eye = ridge * np.eye(A.shape[1])
    law = {
        chosen: np.linalg.det(A[list(chosen)].T @ A[list(chosen)] + eye)
        for chosen in combinations(range(len(A)), s)
    }
    total = sum(law.values())
    return {key: value / total for key, value in law.items()}, total


@pytest.mark.parametrize(("s", "ridge"), [(3, 0.0), (5, 0.0), (2, 0.7), (4, 0.7)])
def test_padding_gives_the_law_of_fixed_size_volume_sampling(s, ridge):
    rng = np.random.default_rng(23)
    A = rng.standard_normal((7, 3))
    law, total = fixed_size_law(A, s, ridge)
    if not ridge:
        assert total == pytest.approx(comb(4, s - 3) * np.linalg.det(A.T @ A))
    source = pool_of(A)
    counts = dict.fromkeys(law, 0)
    for _ in range(5000):
        rows = (
            draw_ridge(A, s, ridge, rng)
            if ridge
            else draw_fixed_size(source, s, rng).places
        )
        counts[tuple(sorted(rows.tolist()))] += 1
    expected = 5000 * np.array(list(law.values()))
    assert chisquare(list(counts.values()), expected).pvalue > 1e-3


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("s", [3, 4, 6])
def test_fixed_size_fit_is_unbiased_with_the_stated_inclusion(weighted, s):
    rng = np.random.default_rng(29)
    n, m = 8, 3
    A, y = rng.standard_normal((n, m)), rng.standard_normal(n)
    mu = rng.uniform(0.3, 2.0, n) if weighted else np.ones(n)
    mu = mu / mu.sum()
    root = np.sqrt(mu)[:, None]
    best = np.linalg.lstsq(root * A, root[:, 0] * y, rcond=None)[0]
    least = float(mu @ (y - A @ best) ** 2)
    law, _ = fixed_size_law(root * A, s)
    mean, loss, inclusion = np.zeros(m), 0.0, np.zeros(n)
    for chosen, p in law.items():
        rows = list(chosen)
        coef = weighted_fit(A[rows], mu[rows], y[rows][:, None]).coefficients[:, 0]
        mean += p * coef
        loss += p * float(mu @ (y - A @ coef) ** 2)
        inclusion[rows] += p
    np.testing.assert_allclose(mean, best, atol=1e-11)
    leverage = pool_of(A, mu).leverage
    expected = (s - m) / (n - m) + (n - s) / (n - m) * leverage
    np.testing.assert_allclose(inclusion, expected, atol=1e-11)
    assert loss <= least * (1 + m * (n - s) / (n - m)) * (1 + 1e-10)
    if s == m:
        assert loss == pytest.approx((m + 1) * least, rel=1e-9)


def test_every_method_draws_what_it_says():
    rng = np.random.default_rng(31)
    mu = rng.uniform(0.5, 1.5, 300)
    mu[:20] = 0.0
    source = pool_of(rng.standard_normal((300, 5)), mu)
    for method in ("volume", "repeated_dpp", "dpp_greedy", "leverage", "best_of"):
        design = draw_design(source, 15, DesignPlan(method, candidates=20), rng)
        assert len(design) == 15
        assert design.draws.places.min() >= 20  # rows of weight zero
        expected = 5 / (source.features[design.draws.places] ** 2).sum(axis=1)
        np.testing.assert_allclose(design.weights, expected)
        assert design.unbiased == (method == "volume")
    distinct = draw_design(source, 15, DesignPlan("fixed_volume"), rng)
    assert len(set(distinct.draws.places.tolist())) == 15
    uniform = draw_design(source, 2000, DesignPlan("uniform"), rng)
    np.testing.assert_array_equal(uniform.weights, 1.0)
    seen = np.bincount(uniform.draws.places, minlength=300)
    assert chisquare(seen[20:], 2000 * source.mu[20:]).pvalue > 1e-3


def test_blocks_of_a_repeated_dpp_are_dpps():
    source = pool_of(np.random.default_rng(37).standard_normal((40, 4)))
    rng = np.random.default_rng(0)
    design = draw_design(source, 12, DesignPlan("repeated_dpp"), rng)
    assert design.complete_blocks == 3
    for k in range(3):
        inside = design.blocks == k
        block = gram_matrix(design.draws.features[inside], design.weights[inside])
        assert np.trace(block) == pytest.approx(4.0)
    assert draw_design(source, 14, DesignPlan("repeated_dpp"), rng).complete_blocks == 0


def test_mixtures_bound_the_weights_and_a_kernel_is_normalised():
    rng = np.random.default_rng(41)
    source = pool_of(rng.standard_t(2, size=(500, 3)))
    mixed = BaseMeasure(0.5)
    every = source.rows(np.arange(500))
    assert mixed.weights(every).max() <= 2.0
    kernel = rng.uniform(0.1, 5.0, 500)
    base = BaseMeasure(0.3, Envelope(kernel, float(source.mu @ kernel)))
    density = 1 / base.weights(every)
    assert source.mu @ density == pytest.approx(1.0, abs=1e-12)
    drawn = base.draw(source, 20_000, rng).places
    cells = np.argsort(density).reshape(20, 25)
    seen = np.array([np.isin(drawn, cell).sum() for cell in cells])
    expected = 20_000 * np.array([(source.mu * density)[cell].sum() for cell in cells])
    assert chisquare(seen, expected).pvalue > 1e-3


def exhaustive_removal(A, n, criterion):
    kept = list(range(len(A)))
    while len(kept) > n:
        costs = []
        for j in kept:
            rest = A[[i for i in kept if i != j]]
            gram = rest.T @ rest
            costs.append(
                np.trace(np.linalg.inv(gram))
                if criterion == "A"
                else -np.linalg.slogdet(gram)[1]
            )
        kept.pop(int(np.argmin(costs)))
    return kept


@pytest.mark.parametrize("criterion", ["A", "D"])
def test_rank_one_removal_is_exhaustive_removal(criterion):
    rng = np.random.default_rng(43)
    for _ in range(40):
        # Few rows: leverages are large, and every update matters.
        A = rng.standard_normal((10, 4))
        kept = greedy_removal(A, 5, criterion=criterion)
        assert kept.tolist() == exhaustive_removal(A, 5, criterion)


def test_greedy_designs_start_from_more_points_than_they_keep():
    source = pool_of(np.random.default_rng(1).standard_normal((400, 4)))
    rng = np.random.default_rng(2)
    large = [
        draw_design(source, 40, DesignPlan(method), rng).eigenvalues[0]
        for method in ("dpp_greedy", "repeated_dpp")
        for _ in range(20)
    ]
    assert np.mean(large[:20]) > np.mean(large[20:]) + 0.05


def test_removal_survives_a_restart_and_keeps_the_floor():
    A = np.random.default_rng(44).standard_normal((200, 5))
    kept = greedy_removal(A, 5)  # more than two rounds of 64
    assert np.linalg.matrix_rank(A[kept]) == 5
    few = A[:14] / np.linalg.norm(A[:14], axis=1)[:, None]

    def smallest(rows):
        return np.linalg.eigvalsh(few[rows].T @ few[rows] / len(rows))[0]

    floor = 1.05 * smallest(greedy_removal(few, 5))
    assert smallest(np.arange(14)) > floor
    held = greedy_removal(few, 5, min_eigenvalue=floor)
    assert smallest(held) >= floor
    assert 5 < len(held) < 14


def test_too_few_points_and_too_many_rows_are_refused():
    X = np.random.default_rng(0).standard_normal((30, 3))
    with pytest.raises(InfostatError, match="3 points cannot carry 4"):
        volume_sample(X, 3)
    with pytest.raises(InfostatError, match="31 distinct rows"):
        draw_fixed_size(pool_of(X), 31, np.random.default_rng(0))
    with pytest.raises(InfostatError, match="2 rows cannot carry 3"):
        greedy_removal(X, 2)
    with pytest.raises(InfostatError, match="deficient rank"):
        greedy_removal(np.ones((10, 2)), 4)
    with pytest.raises(InfostatError, match="finite"):
        volume_sample([[np.nan], [1.0]], 2)
    rows, weights = volume_sample(X, 8, rng=0)
    assert len(rows) == len(weights) == 8
