"""Reject inference by robust self-training (arXiv 2310.00027)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks.considered.method import Method, generated, real_data
from benchmarks.papers.claims import Listing, Run
from benchmarks.validation.study import Scale

LABELLED, UNLABELLED = 50.0, 5.0
REJECTED = 5_000


def worst_case(margin, size: float, gamma: float):
    """Robust loss and its slopes in the margin and in the size of the weights.

    The most harmful shift u solves ``size sigma(-margin + size u) = 2 gamma u``.
    """
    low, high = np.zeros_like(margin), np.full_like(margin, size / (2 * gamma))
    for _ in range(40):
        middle = (low + high) / 2
        push = size * expit(-margin + size * middle) > 2 * gamma * middle
        low, high = np.where(push, middle, low), np.where(push, high, middle)
    u = (low + high) / 2
    chance = expit(-margin + size * u)
    loss = np.logaddexp(0, -margin + size * u) - gamma * u**2
    return loss, -chance, chance * u


def self_trained(x, y, rejects, share: float, start) -> np.ndarray:
    """Weights by labelled rows and by rejects under the model's own labels."""
    sign = 2 * y - 1
    x1, r1 = (np.column_stack([np.ones(len(v)), v]) for v in (x, rejects))

    def objective(w):
        size = float(np.linalg.norm(w[1:])) + 1e-12
        direction = np.r_[0.0, w[1:] / size]
        value, gradient = 0.0, 1e-6 * w
        parts = [(x1, sign, LABELLED, 1 / len(x1))]
        parts += [(r1, np.sign(r1 @ w), UNLABELLED, share / len(r1))]
        for rows, labels, gamma, weight in parts:
            # Below this the shift has no unique answer.
            gamma = max(gamma, size**2 / 8 + 0.1)
            loss, by_margin, by_size = worst_case(labels * (rows @ w), size, gamma)
            value += weight * loss.sum()
            gradient = gradient + weight * (rows.T @ (by_margin * labels))
            gradient = gradient + weight * by_size.sum() * direction
        return value, gradient

    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 60}
    )
    return found.x


def compared(x, y, m: int, seed: int) -> list[float]:
    """Areas on the whole population of four ways to fit."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    old, pool, test = np.split(order, [500, 500 + (len(y) - 500) // 2])
    score = LogisticRegression(C=0.1, max_iter=300).fit(x[old], y[old])
    value = score.decision_function(x[pool])
    value = value + value.std() * rng.normal(size=len(pool))
    accepted = pool[value <= np.quantile(value, 0.6)][:m]
    rejected = pool[value > np.quantile(value, 0.6)][:REJECTED]
    known = LogisticRegression(max_iter=300).fit(x[accepted], y[accepted])
    sample = rng.choice(pool, m, replace=False)
    random = LogisticRegression(max_iter=300).fit(x[sample], y[sample])
    start = np.r_[known.intercept_, known.coef_[0]]
    areas = [roc_auc_score(y[test], known.decision_function(x[test]))]
    for share in (0.1, 0.5):
        w = self_trained(x[accepted], y[accepted], x[rejected], share, start)
        areas.append(roc_auc_score(y[test], w[0] + x[test] @ w[1:]))
    return [*areas, roc_auc_score(y[test], random.decision_function(x[test]))]


def study(scale: Scale) -> Method:
    sets = {"generated": generated(8_000 if scale.quick else 20_000)}
    if not scale.quick:
        sets |= real_data()
    splits, sizes = (1, (300,)) if scale.quick else (3, (300, 2_000))
    body, gains = [], []
    for name, (x, y) in sets.items():
        for m in sizes:
            areas = np.mean([compared(x, y, m, s) for s in range(splits)], axis=0)
            body.append([name, f"{m:,}", *(f"{a:.3f}" for a in areas)])
            gains.append(float(areas[1:3].max() - areas[0]))
    lost = sum(gain < 0 for gain in gains)
    return Method(
        "Reject inference by robust self-training",
        "Fit on accepted rows with labels and on rejected rows with the model's own "
        "labels, each moved against the fit.",
        f"The better of two settings changed the area on the whole population by "
        f"{min(gains):+.3f} to {max(gains):+.3f}, and lowered it in {lost} of {len(gains)} "
        f"cases, while labels of a random sample help: rejected rows are no cluster, and "
        f"the cut depends on what is to be predicted.",
        "If unlabelled rows come from the same law as the labelled ones. For rejects the "
        "causal bounds say what can be known.",
        [
            Listing(
                f"Area under the curve on the whole population, {splits} splits",
                ["data", "accepted", "accepted only", "0.1", "0.5", "random labels"],
                body,
            )
        ],
        [Run(max(gains), [-0.3, 0.02], draws=splits)],
    )
