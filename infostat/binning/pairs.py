"""The exact programme for any rule that two neighbouring bins must meet.

Trends of one event rate have a faster programme (:mod:`infostat.binning.optimal`). Here
the rule is asked for every pair of intervals that meet at a boundary, so that it may be
a test of two rates, a gap without a trend, or a trend in several samples at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.binning.joining import final_rows, rows_at, rows_before, start_at
from infostat.binning.optimal import ROUNDING, Partitioning, Trend, partitioning

__all__ = ["Neighbours", "Signs", "constrained_partition", "signs_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
Signs = tuple[tuple[int, ...], ...]
"""Per phase, the direction of each rate: 1 rises, -1 falls, 0 is free."""
Separation = Callable[[IntArray, int, int, IntArray], BoolArray]

_PHASES: dict[Trend, tuple[int, ...]] = {
    "ascending": (1,),
    "descending": (-1,),
    "peak": (1, -1),
    "valley": (-1, 1),
    None: (0,),
}


def signs_of(trend: Trend, n_rates: int) -> Signs:
    """Directions of a trend that holds for each of several rates."""
    return tuple((sign,) * n_rates for sign in _PHASES[trend])


@dataclass(frozen=True, eq=False)
class Neighbours:
    """What two intervals that meet at a boundary must satisfy.

    Attributes
    ----------
    rates : tuple of ndarray of shape (P, P + 1) or (3 P, P + 1)
        Event rate (or mean) of every interval, one array a sample or a class; rows as in
        :mod:`.joining`.
    gap : float
        Least change of each rate; of its size where the direction is free.
    separated : callable or None
        ``separated(rows, row, c, ends)``: whether the intervals of ``rows`` that end at
        ``c`` and those of ``row``, which start there, differ enough, an array of shape
        (n_rows, n_ends).
    """

    rates: tuple[FloatArray, ...]
    gap: float = 0.0
    separated: Separation | None = None

    def follow(
        self, rows: IntArray, row: int, c: int, ends: IntArray, signs: Sequence[int]
    ) -> BoolArray:
        """Whether intervals of a row, from ``c``, may follow those of ``rows``."""
        allowed = np.ones((rows.size, ends.size), dtype=bool)
        for rate, sign in zip(self.rates, signs, strict=True):
            change = rate[row, ends] - rate[rows, c][:, None]
            if sign:
                allowed &= sign * change >= self.gap - ROUNDING
            elif self.gap:
                allowed &= np.abs(change) >= self.gap - ROUNDING
        if self.separated is not None:
            allowed &= self.separated(rows, row, c, ends)
        return allowed


def constrained_partition(
    value: FloatArray,
    max_bins: int,
    rule: Neighbours,
    signs: Signs,
    *,
    trend: Trend = None,
    min_bins: int = 1,
) -> Partitioning | None:
    """Best binning in which every pair of neighbours meets a rule.

    Parameters
    ----------
    value : ndarray of shape (P, P + 1) or (3 P, P + 1)
        Objective of each interval, minus infinity where it is not allowed; rows as in
        :mod:`.joining`.
    max_bins, min_bins : int
        Most and fewest bins.
    rule : Neighbours
        What neighbours must satisfy.
    signs : tuple of tuple of int
        Directions of the rates, phase after phase; a phase may be empty.
    trend : str or None
        Name of the trend, for the result.

    Returns
    -------
    Partitioning or None
        None where no binning is allowed. Time grows with the cube of the pre-bins.
    """
    n_rows, n_pre = len(value), value.shape[1] - 1
    n_most = min(max_bins, n_pre)
    # best[l, k, a, e]: best k + 1 intervals, the last of row a and up to e, in phase l.
    best = np.full((len(signs), n_most, n_rows, n_pre + 1), -np.inf)
    for row in rows_at(0, n_rows, n_pre):
        best[0, 0, row] = value[row]
    for c in range(1, n_pre):
        for row in rows_at(c, n_rows, n_pre):
            held = rows_before(row, n_pre)
            rows = held.start + np.flatnonzero(value[held, c] > -np.inf)
            ends = c + 1 + np.flatnonzero(value[row, c + 1 :] > -np.inf)
            if not (rows.size and ends.size):
                continue
            reached = np.maximum.accumulate(best[:, :-1, rows, c], axis=0)
            for phase, directions in enumerate(signs):
                allowed = rule.follow(rows, row, c, ends, directions)
                known = np.where(allowed, reached[phase][:, :, None], -np.inf)
                best[phase, 1:, row, ends] = (known.max(axis=1) + value[row, ends]).T
    best[:, : min_bins - 1, :, -1] = -np.inf
    return _backtrack(best, rule, signs, trend)


def _backtrack(
    best: FloatArray, rule: Neighbours, signs: Signs, trend: Trend
) -> Partitioning | None:
    """Read the best complete sequence, last interval first."""
    n_rows, n_pre = best.shape[2], best.shape[3] - 1
    last = final_rows(n_rows, n_pre)
    finals = best[:, :, last, -1]
    if not finals.size or finals.max() == -np.inf:
        return None
    phase, k, row = (
        int(i) for i in np.unravel_index(int(finals.argmax()), finals.shape)
    )
    total = float(finals[phase, k, row])
    rows, end = [last.start + row], n_pre
    while k > 0:
        row, held = rows[-1], rows_before(rows[-1], n_pre)
        start = start_at(row, n_pre)
        earlier = np.arange(held.start, held.stop)
        allowed = rule.follow(earlier, row, start, np.array([end]), signs[phase])[:, 0]
        k -= 1
        scores = np.where(allowed, best[: phase + 1, k, held, start], -np.inf)
        phase, previous = (
            int(i) for i in np.unravel_index(int(scores.argmax()), scores.shape)
        )
        rows.append(held.start + previous)
        end = start
    return partitioning(rows[::-1], n_pre, total, trend)
