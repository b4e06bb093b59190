"""The cost of crossed ranks in a repaired score."""

from __future__ import annotations

import numpy as np
from scipy.stats import spearmanr

from benchmarks.considered.method import Method
from benchmarks.papers.claims import Listing, Run
from benchmarks.validation.study import Scale

NOISE = (0.0, 0.1, 0.3, 0.6)


def crossing_cost(score, repaired) -> float:
    """Mean squared move less the least that gives the same two laws."""
    moved = np.mean((score - repaired) ** 2)
    return float(moved - np.mean((np.sort(score) - np.sort(repaired)) ** 2))


def study(scale: Scale) -> Method:
    rows, rng = scale.draws(20_000, 4_000), np.random.default_rng(0)
    score = rng.normal(size=rows)
    body, costs, ranks = [], [], []
    for noise in NOISE:
        repaired = 0.8 * score + 0.2 + noise * rng.normal(size=rows)
        costs.append(max(crossing_cost(score, repaired), 0.0))
        ranks.append(float(spearmanr(score, repaired).statistic))
        # For normal margins the cost is 2 s_x s_y (1 - r), r the correlation.
        spread = 2 * score.std() * repaired.std()
        r = float(np.corrcoef(score, repaired)[0, 1])
        body.append(
            [
                f"{noise:g}",
                f"{costs[-1]:.4f}",
                f"{spread * (1 - r):.4f}",
                f"{ranks[-1]:.4f}",
            ]
        )
    gap = max(abs(float(row[1]) - float(row[2])) for row in body)
    return Method(
        "Cost of crossed ranks in a fairness repair",
        "The squared points that a repair moves beyond the least that turns one law of "
        "scores into the other (the Monge gap in one dimension).",
        f"It is zero for a monotone repair, and otherwise what the correlation of the two "
        f"scores says: the two differ by at most {gap:.4f} here. A rank correlation is in "
        f"every user's hands.",
        "If repairs that are not monotone are ever shipped, to put a price in points on "
        "them.",
        [
            Listing(
                "Repair 0.8 s + 0.2 with noise",
                ["noise", "cost", "2 sx sy (1 - r)", "rank correlation"],
                body,
            )
        ],
        [Run(costs[0], [-1e-12, 1e-12]), Run(gap, [0.0, 0.01])],
    )
