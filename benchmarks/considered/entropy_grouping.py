"""Grouping of rare levels under an entropy budget."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.special import entr

from benchmarks.considered.method import Method
from benchmarks.papers.claims import Listing, Run
from benchmarks.validation.study import Scale

ALPHAS = (0.4, 0.6, 0.8)
LEVELS = 10


def kept_entropy(p) -> float:
    """Entropy of the kept levels, their shares made to add up to one."""
    return float(entr(p / p.sum()).sum())


def greedy(p, budget: float) -> int:
    """Levels kept, by falling share, while the normalised entropy is in the budget."""
    allowed = [k for k in range(1, len(p) + 1) if kept_entropy(p[:k]) <= budget]
    first = next((k for k in range(1, len(p) + 1) if k not in allowed), len(p) + 1)
    return first - 1


def unnormalised(p, alpha: float) -> int:
    """Levels kept by sums that were not made to add up to one, as once released."""
    inside = np.cumsum(entr(p)) <= alpha * entr(p).sum()
    return max(int(inside.sum()), 1)


def best_mass(p, budget: float) -> float:
    """Largest mass of any subset within the budget."""
    return max(
        p[list(s)].sum()
        for k in range(1, len(p) + 1)
        for s in combinations(range(len(p)), k)
        if kept_entropy(p[list(s)]) <= budget + 1e-12
    )


def study(scale: Scale) -> Method:
    draws, rng = scale.draws(100, 10), np.random.default_rng(0)
    laws = -np.sort(-rng.dirichlet(np.ones(LEVELS), draws), axis=1)
    body, gains, breaks = [], [], []
    for alpha in ALPHAS:
        broken, mass, optimum = 0, [], []
        for p in laws:
            budget = alpha * kept_entropy(p)
            k = greedy(p, budget)
            broken += kept_entropy(p[: unnormalised(p, alpha)]) > budget + 1e-12
            mass.append(p[:k].sum())
            optimum.append(best_mass(p, budget))
        gains.append(float(np.mean(optimum) - np.mean(mass)))
        breaks.append(broken / draws)
        cells = [f"{np.mean(v):.3f}" for v in (mass, optimum)]
        body.append([f"{alpha:g}", f"{100 * broken / draws:.0f} %", *cells])
    return Method(
        "Grouping levels under an entropy budget",
        "Keep the levels of a category that hold most mass while their entropy stays "
        "within a share of the whole, and send the others to one level.",
        f"The greedy rule adds levels by falling share, so that it keeps the most frequent "
        f"ones, as a least share of rows (`min_bin_size`) does. The best subset, which is "
        f"another, holds at most {max(gains):.3f} more mass. The released rule compares "
        f"sums that do not add up to one and breaks its own budget in up to "
        f"{100 * max(breaks):.0f} % of the cases.",
        "If a budget of information rather than of rows is asked for by a regulator.",
        [
            Listing(
                f"{draws} random laws of {LEVELS} levels",
                ["budget", "released rule breaks it", "greedy mass", "largest mass"],
                body,
            )
        ],
        [
            Run(max(gains), [0.0, 0.1], draws=draws),
            Run(max(breaks), [0.05, 0.8], draws=draws),
        ],
    )
