"""Empty cells, and complexity under a prior."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import InfostatError
from infostat.samplesize import (
    effective_dimension,
    mixture_complexity,
    zero_cell_probability,
)


def test_zero_cells_by_simulation():
    rng = np.random.default_rng(17)
    cells = np.array([[0.30, 0.05], [0.40, 0.012], [0.22, 0.018]])
    n = 200
    drawn = rng.multinomial(n, cells.ravel(), size=20_000)
    rate = (drawn == 0).any(axis=1).mean()
    se = np.sqrt(rate * (1 - rate) / 20_000)
    assert zero_cell_probability(cells * n, n) == pytest.approx(
        rate, abs=3 * se + 0.003
    )
    assert zero_cell_probability(np.array([[5.0, 0.0]])) == 1.0
    with pytest.raises(InfostatError, match="between 0 and n"):
        zero_cell_probability(np.array([[5.0, 9.0]]), 8)


def test_complexity_ignores_empty_bins():
    """20 bins, and the same with 180 empty ones beside them."""
    share = np.full(20, 1 / 20)
    dense = np.diag(share * 0.1 * 0.9)
    sparse = np.zeros((200, 200))
    sparse[:20, :20] = dense
    one, other = (effective_dimension(j, 2.0, 5000) for j in (dense, sparse))
    assert one == pytest.approx(other, rel=1e-12)
    assert 15 < one < 20
    theta = np.zeros(200)
    assert mixture_complexity(sparse, theta, 2.0, 5000) == pytest.approx(
        mixture_complexity(dense, theta[:20], 2.0, 5000), rel=1e-12
    )
    with pytest.raises(InfostatError, match="negative eigenvalue"):
        effective_dimension(-np.eye(2), 1.0, 10)
    with pytest.raises(InfostatError, match="tau"):
        effective_dimension(np.eye(2), 0.0, 10)


def test_complexity_is_exact_for_the_gaussian_linear_model():
    """Evidence of a linear model with known noise, against the joint normal law."""
    from scipy.stats import multivariate_normal

    rng = np.random.default_rng(18)
    n, p, tau = 40, 3, 0.8
    x = rng.normal(size=(n, p))
    y = x @ rng.normal(size=p) + rng.normal(size=n)
    ridge = np.linalg.solve(x.T @ x + np.eye(p) / tau**2, x.T @ y)
    evidence = multivariate_normal(np.zeros(n), np.eye(n) + tau**2 * x @ x.T).logpdf(y)
    at_ridge = -0.5 * ((y - x @ ridge) ** 2).sum() - 0.5 * n * np.log(2 * np.pi)
    cost = mixture_complexity(x.T @ x / n, ridge, tau, n)
    assert at_ridge - cost == pytest.approx(evidence, rel=1e-10)
