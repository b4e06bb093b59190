"""Rules between bins that are not neighbours: verify the optimum, cut, and solve again."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from infostat.binning.optimal import Partitioning
from infostat.exceptions import InfostatError

__all__ = ["conflict_free"]

FloatArray = npt.NDArray[np.float64]

MOST_CUTS = 2_000
"""Programmes solved before the search gives up."""


def conflict_free(
    value: FloatArray,
    solve: Callable[[FloatArray], Partitioning | None],
    conflict: Callable[[Sequence[int]], tuple[int, int] | None],
    feature: str,
) -> Partitioning | None:
    """Best binning without a conflict between any two bins.

    Branch and bound: the programme without the rule bounds the optimum from above.
    Where its binning breaks the rule for two bins, at least one of them is absent from
    the answer, so the search goes on without the one and without the other. The first
    binning without conflict that comes off the queue is the optimum.

    Parameters
    ----------
    value : ndarray of shape (P, P + 1)
        Objective of each interval.
    solve : callable
        Best binning of given interval values without the rule.
    conflict : callable
        Two bins of a binning that break the rule, by number, or None.
    feature : str
        Name in the error.

    Returns
    -------
    Partitioning or None

    Raises
    ------
    InfostatError
        If the optimum is not proven after 2,000 programmes.
    """
    queue: list[tuple[float, int, frozenset[tuple[int, int]], Partitioning]] = []
    seen: set[frozenset[tuple[int, int]]] = set()
    n_pre = len(value)

    def push(banned: frozenset[tuple[int, int]]) -> None:
        if banned in seen:
            return
        seen.add(banned)
        if len(seen) > MOST_CUTS:
            msg = (
                f"No binning of {feature!r} was proven best among those whose bins all "
                f"differ, after {MOST_CUTS} programmes: use fewer prebins or max_bins, a "
                f"monotone trend, or pvalue_pairs='neighbours'."
            )
            raise InfostatError(msg)
        left = value.copy()
        for first, end in banned:
            left[first, end] = -np.inf
        found = solve(left)
        if found is not None:
            heapq.heappush(queue, (-found.value, len(seen), banned, found))

    push(frozenset())
    while queue:
        _, _, banned, found = heapq.heappop(queue)
        pair = conflict(found.starts)
        if pair is None:
            return found
        bounds = [*found.starts, n_pre]
        for number in pair:
            push(banned | {(bounds[number], bounds[number + 1])})
    return None
