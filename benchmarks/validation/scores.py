"""Populations of scored rows with known area, distance, rates and shares."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import expit, ndtr, ndtri

from infostat.counts import tabulate_clusters
from infostat.counts.array_engine import count_codes
from infostat.inference import ScoreTable

HEAVY = {"events heavy": (1.0, 0.25), "non-events heavy": (0.25, 1.0)}
"""Chances that a non-event and an event are kept; the weight is the inverse."""

STEPS = {"ties": 0.5, "clusters": 0.1}
"""Steps of the log-odds predicted, elsewhere a hundredth."""


def scored(rng, kind, n1, n0, shift):
    """Table of normal scores, those of events higher by ``shift``."""
    y = np.repeat([1, 0], [n1, n0]).astype(np.uint8)
    # Weights that undo a tilt, which differs between the classes.
    tilt = np.where(y == 1, 0.5, -0.5) if kind == "weights" else 0.0
    s, weight = rng.normal(shift * y + tilt), None
    if kind == "weights":
        weight = np.exp(-tilt * s) * np.where(y == 1, 1.0, 3.0)
    if kind in ("ties", "frequencies"):
        s = np.round(2.0 * s) / 2.0
    if kind == "frequencies":
        pairs, weight = np.unique(np.stack([s, y]), axis=1, return_counts=True)
        s, y, weight = pairs[0], pairs[1].astype(np.uint8), weight.astype(float)
    return ScoreTable.count(s, y, weight, sampling=kind == "weights")


@cache
def score_truth(kind, shift):
    """True area and distance."""
    if kind not in ("ties", "frequencies"):
        return float(ndtr(shift / np.sqrt(2.0))), float(2.0 * ndtr(shift / 2.0) - 1.0)
    edges = np.arange(-9.75, 12.0, 0.5)
    below = ndtr(edges[:, None] - [0.0, shift])
    share = np.diff(below, axis=0)
    area = share[:, 1] @ (below[:-1, 0] + share[:, 0] / 2.0)
    return float(area), float(np.abs(below[:, 1] - below[:, 0]).max())


@cache
def law(kind, slope):
    """Log-odds predicted, their shares, the true rate, and the area."""
    step = STEPS.get(kind, 0.01)
    x = np.arange(-5.0, 2.0 + step / 2.0, step)
    share = np.diff(ndtr(np.append(x - step / 2.0, x[-1] + step / 2.0) + 1.5))
    share /= share.sum()
    rate = expit(slope * x - (1.0 - slope))
    p, q = share * rate, share * (1.0 - rate)
    p, q = p / p.sum(), q / q.sum()
    return x, share, rate, float(p @ (np.cumsum(q) - q / 2.0))


def outcomes(rng, kind, n, slope):
    """Places of the predictions, outcomes, owners and weights of rows."""
    _, share, rate, _ = law(kind, slope)
    normal = rng.normal(size=(2, n))
    owner = np.arange(n)
    if kind == "clusters":
        owner = rng.integers(0, n // 3, n)
        normal = np.sqrt(0.5) * (rng.normal(size=(2, n // 3))[:, owner] + normal)
    place = np.minimum(
        np.searchsorted(np.cumsum(share), ndtr(normal[0])), len(share) - 1
    )
    y = (normal[1] < ndtri(rate)[place]).astype(np.uint8)
    weight = None
    if kind in HEAVY:
        chance = np.array(HEAVY[kind])[y] * np.where(normal[0] < 0.0, 0.5, 1.0)
        kept = rng.random(n) < chance
        place, y, weight = place[kept], y[kept], 1.0 / chance[kept]
    return place, y, owner, weight


def predicted(rng, kind, n, slope):
    """Table of predicted log-odds."""
    x = law(kind, slope)[0]
    place, y, owner, weight = outcomes(rng, kind, n, slope)
    if kind == "frequencies":
        pairs, weight = np.unique(np.stack([place, y]), axis=1, return_counts=True)
        place, y, weight = pairs[0], pairs[1].astype(np.uint8), weight.astype(float)
    table = ScoreTable.count(x[place], y, weight, sampling=kind in HEAVY)
    if kind == "clusters":
        code = np.searchsorted(table.values, x[place])
        labels = tuple(map(str, table.values))
        products = tabulate_clusters(code, y, owner, labels).products
        table = ScoreTable(table.values, table.weight, table.squared, code, products)
    return table


def chances(table):
    """Table of the probabilities, from that of their log-odds."""
    return ScoreTable(
        expit(table.values), table.weight, table.squared, table.place, table.products
    )


def bins(rng, kind, n, slope):
    """Table of eight bins, and the true shares of the classes."""
    _, share, rate, _ = law(kind, slope)
    code = np.minimum((np.cumsum(share) - share / 2.0) * 8, 7).astype(np.uint8)
    place, y, owner, weight = outcomes(rng, kind, n, slope)
    counts = [np.bincount(code, share * r) for r in (rate, 1.0 - rate)]
    p, q = (c / c.sum() for c in counts)
    labels = tuple("abcdefgh")
    if kind == "clusters":
        return tabulate_clusters(code[place], y, owner, labels), p, q
    return count_codes(code[place], y, labels, weight=weight), p, q
