"""Empty cells, and complexity under a prior."""

from __future__ import annotations

import os

import numpy as np
import pytest

from infostat import InfostatError, PNCriterion
from infostat.samplesize import (
    effective_dimension,
    mixture_complexity,
    zero_cell_probability,
)
from infostat.samplesize.columns import read_design


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


def prequential_loss(x, y, tau):
    """Sum of one-step-ahead log losses, normal posterior at the ridge fit so far."""
    p = x.shape[1]
    precision, theta, total = np.eye(p) / tau**2, np.zeros(p), 0.0
    for k in range(len(y)):
        eta, spread = x[k] @ theta, x[k] @ np.linalg.solve(precision, x[k])
        # Mean of the logistic function under the normal posterior of eta.
        node, weight = np.polynomial.hermite_e.hermegauss(21)
        chance = weight @ (1 / (1 + np.exp(-eta - np.sqrt(spread) * node)))
        chance /= weight.sum()
        total -= np.log(chance if y[k] else 1 - chance)
        seen, label = x[: k + 1], y[: k + 1]
        for _ in range(3):
            mu = 1 / (1 + np.exp(-seen @ theta))
            precision = (seen * (mu * (1 - mu))[:, None]).T @ seen + np.eye(p) / tau**2
            gradient = seen.T @ (label - mu) - theta / tau**2
            theta = theta + np.linalg.solve(precision, gradient)
    mu = 1 / (1 + np.exp(-x @ theta))
    loss = -np.log(np.where(y == 1, mu, 1 - mu)).sum()
    fisher = (x * (mu * (1 - mu))[:, None]).T @ x / len(y)
    return total, loss, fisher, theta


def standardised(x):
    return np.column_stack([np.ones(len(x)), (x - x.mean(0)) / x.std(0)])


def test_prequential_loss_is_the_fit_plus_the_complexity():
    """Predicting each row from those before it costs what the complexity says."""
    rng = np.random.default_rng(20)
    x = standardised(rng.normal(size=(500, 6)))
    y = (rng.random(500) < 1 / (1 + np.exp(1 - x[:, 1] + 0.5 * x[:, 2]))).astype(int)
    total, loss, fisher, theta = prequential_loss(x, y, 1.0)
    cost = mixture_complexity(fisher, theta, 1.0, 500)
    assert 10 < cost < 25
    assert total == pytest.approx(loss + cost, abs=1.0)
    # What the criterion shows beside the risk: one Newton step from the other side.
    result = PNCriterion().fit(x[:, 1:], y).result_
    assert result.complexity == pytest.approx(cost, abs=0.1)
    assert result.effective_dimension == pytest.approx(
        effective_dimension(fisher, 1.0, 500), abs=0.02
    )
    assert "complexity" in result.summary()


@pytest.mark.skipif(
    not os.environ.get("INFOSTAT_DATA"),
    reason="real data sets: set INFOSTAT_DATA to their folder",
)
def test_prequential_loss_on_german_credit():
    pytest.importorskip("pandas")
    from infostat.datasets import load_german_credit

    data = load_german_credit(backend="pandas")
    frame = data.frame
    y = (frame[data.target] == data.event).astype(int).to_numpy()
    X = frame.drop(columns=data.target)
    design = read_design(X, rare_level=0.04).matrix
    binary = np.isin(design, (0, 1)).all(axis=0)
    design[:, ~binary] = standardised(design[:, ~binary])[:, 1:]
    x = np.column_stack([np.ones(len(y)), design])
    order = np.random.default_rng(0).permutation(len(y))
    total, loss, fisher, theta = prequential_loss(x[order], y[order], 1.0)
    cost = mixture_complexity(fisher, theta, 1.0, len(y))
    # A few nats of 77: both sides are normal approximations.
    assert cost > 60
    assert total == pytest.approx(loss + cost, abs=6.0)
    result = PNCriterion(rare_level=0.04).fit(X, y).result_
    assert result.complexity == pytest.approx(cost, abs=2.0)
    # 46 parameters, of which the data determine fewer than the prior leaves.
    assert 30 < result.effective_dimension < 46


def test_sparse_bins_count_in_p_but_not_in_the_effective_dimension():
    rng = np.random.default_rng(21)
    level = rng.integers(0, 10, size=4000)
    y = (rng.random(4000) < 0.1 + 0.02 * level).astype(int)
    rare = level.copy()
    sparse = rng.choice(4000, size=150, replace=False)
    rare[sparse] = 10 + np.arange(150) % 15
    y[sparse[:15]], y[sparse[15:30]] = 0, 1  # each rare bin has both classes
    merged, split = (
        PNCriterion().fit(np.eye(25)[v][:, 1:][:, : v.max()], y).result_
        for v in (level, rare)
    )
    assert split.p - merged.p == 15
    assert split.effective_dimension - merged.effective_dimension < 10
