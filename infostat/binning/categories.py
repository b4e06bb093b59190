"""Levels of a categorical feature: rare ones pooled, all put in order of event rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["joined_starts", "ordered_groups"]

FloatArray = npt.NDArray[np.float64]


def ordered_groups(
    weight: FloatArray, levels: Sequence[str], *, rare_level: float, max_groups: int
) -> list[list[int]]:
    """Group levels into pre-bins that are sorted by event rate.

    For two classes the best grouping under an additive divergence keeps neighbours in
    this order together, so that a programme on the ordered pre-bins is exact when only
    the number of bins is limited; with size limits it is a restriction.

    Parameters
    ----------
    weight : ndarray of shape (n_levels, 2)
        Non-events and events per level.
    levels : sequence of str
        Names, which break ties.
    rare_level : float
        Levels with less than this share of the weight are pooled.
    max_groups : int
        Neighbours are joined until at most this many groups are left.

    Returns
    -------
    list of list of int
        Indices of the levels in each group, by rising event rate.
    """
    size = weight.sum(axis=1)
    filled = size > 0
    rare = filled & (size < rare_level * size.sum())
    kept = np.flatnonzero(filled & ~rare)
    groups, cells = [[k] for k in kept.tolist()], weight[kept]
    pooled = np.flatnonzero(rare).tolist()
    if pooled:
        groups.append(sorted(pooled, key=levels.__getitem__))
        cells = np.vstack([cells, weight[rare].sum(axis=0)])
    rate = cells[:, 1] / cells.sum(axis=1)
    order = sorted(range(len(groups)), key=lambda g: (rate[g], levels[groups[g][0]]))
    groups = [groups[g] for g in order]
    if len(groups) <= max_groups:
        return groups
    starts = joined_starts(cells[order].sum(axis=1), max_groups)
    ends = [*starts[1:], len(groups)]
    return [
        [level for group in groups[a:b] for level in group]
        for a, b in zip(starts, ends, strict=True)
    ]


def joined_starts(size: FloatArray, max_groups: int) -> list[int]:
    """First of each run of neighbours that are joined to about equal weight.

    Parameters
    ----------
    size : ndarray of shape (n_groups,)
        Weight of each group.
    max_groups : int
        Most runs.

    Returns
    -------
    list of int
        Increasing, from 0.
    """
    running = np.cumsum(size)
    place = np.minimum(
        (running - 1e-12) / running[-1] * max_groups, max_groups - 1
    ).astype(int)
    return [0, *(np.flatnonzero(np.diff(place)) + 1).tolist()]
