"""Brute force for the frontier: every binning, every combination, from the definition."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np

from infostat.binning.bins import Bins
from infostat.counts import CountTable
from infostat.fairness.columns import FeatureCounts


def jeffreys(a, b):
    p, q = a / a.sum(), b / b.sum()
    return float(((p - q) * np.log(p / q)).sum())


def random_feature(rng, name, n_pre, n_groups=1, *, missing=False, size=400):
    """Counted pre-bins of a feature that is related to outcome and groups."""
    first = 1
    bins = Bins.numeric(name, np.arange(1.0, n_pre))
    tilt = np.linspace(-1, 1, n_pre) * rng.normal(0, 0.7)
    share = rng.dirichlet(np.full(n_pre, 5.0))

    def counts(slope, n):
        law = share * np.exp(slope * tilt + rng.normal(0, 0.15, n_pre))
        ordinary = 1 + rng.multinomial(n, law / law.sum())
        reserved = [rng.integers(5, 20)] if missing else [0]
        return np.r_[reserved, ordinary].astype(float)

    def table(slope_1, slope_0, n_1, n_0):
        return CountTable.from_counts(
            counts(slope_1, n_1), counts(slope_0, n_0), bins.labels
        )

    assert bins.first == first
    groups = tuple(
        table(rng.normal(0, 1), 0.0, size // 3, size) for _ in range(n_groups)
    )
    return FeatureCounts(bins, table(1.0, -0.5, size // 4, size), groups)


def follows(rates, trend):
    change = np.diff(rates)
    if trend == "ascending":
        return bool((change >= -1e-12).all())
    if trend == "descending":
        return bool((change <= 1e-12).all())
    if trend == "peak":
        return any(
            (change[:k] >= -1e-12).all() and (change[k:] <= 1e-12).all()
            for k in range(len(change) + 1)
        )
    if trend == "valley":
        return follows(-np.asarray(rates), "peak")
    return True


def every_binning(counts, max_bins, trend=None, min_size=0.0):
    """(starts, value, fairness values, bins) of every allowed binning of a feature."""
    first = counts.pre.first
    n_pre = counts.pre.n_bins - first
    out = []
    for n_cuts in range(min(max_bins, n_pre)):
        for cuts in combinations(range(1, n_pre), n_cuts):
            starts = (0, *cuts)
            place = np.concatenate(
                [
                    np.arange(first),
                    first + np.searchsorted(cuts, np.arange(n_pre), "right"),
                ]
            )
            labels = [str(k) for k in range(first + len(starts))]
            table = counts.outcome.collapse(place, labels)
            cells = table.weight[first:]
            rates = cells[:, 1] / cells.sum(axis=1)
            if (cells.sum(axis=1) < min_size).any() or not follows(rates, trend):
                continue
            values = [
                jeffreys(t.events, t.non_events)
                for t in (
                    group.collapse(place, labels).drop_empty()
                    for group in (counts.outcome, *counts.groups)
                )
            ]
            out.append((starts, values[0], np.array(values[1:]), len(starts)))
    return out


def pareto(points):
    """Non-dominated (value up, limit down) pairs, by rising limit."""
    best, out = -np.inf, []
    for limit, value in sorted((p[1], -p[0]) for p in points):
        if -value > best + 1e-12:
            best = -value
            out.append((best, limit))
    return np.array(out)


def combined(listed):
    """(value, fairness values, bins, features) of every combination of binnings."""
    m = len(listed[0][0][2])
    choices = [[(None, 0.0, np.zeros(m), 0), *feature] for feature in listed]
    for pick in product(*choices):
        value = sum(p[1] for p in pick)
        if value > 0:
            yield (
                value,
                np.sum([p[2] for p in pick], axis=0),
                sum(p[3] for p in pick),
                tuple(p[3] > 0 for p in pick),
            )
