"""The exact optimal binning of a row of pre-bins, by dynamic programming.

Intervals of pre-bins carry an additive value and an event rate. The best sequence of
adjoining intervals under a trend is found exactly: the state is the last interval, and
for every boundary the intervals that end there are sorted by rate, so that the best
admissible predecessor is a running maximum read by one binary search. Rows of intervals
may come in kinds, before, with and after missing values, see :mod:`.joining`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from infostat.binning.intervals import Intervals, interval_values
from infostat.binning.joining import (
    final_rows,
    joined_bin,
    rows_at,
    rows_before,
    start_at,
)

__all__ = [
    "Intervals",
    "Partitioning",
    "Trend",
    "interval_values",
    "optimal_partition",
    "optimal_partitions",
    "partitioning",
]

FloatArray = npt.NDArray[np.float64]
Trend = Literal["ascending", "descending", "peak", "valley", "concave", "convex"] | None

PHASES: dict[Trend, tuple[str, ...]] = {
    "ascending": ("ascending",),
    "descending": ("descending",),
    "peak": ("ascending", "after peak"),
    "valley": ("descending", "after valley"),
    None: ("any",),
}
"""Layers of the programme behind each trend: the part before a turn, the part after."""

BEFORE_TURN = {"after peak": "ascending", "after valley": "descending"}
RISING, FALLING = ("ascending", "after valley"), ("descending", "after peak")
"""Layers that grow by an interval of higher, or of lower, rate."""

ROUNDING = 1e-12
"""Rates this close count as equal."""

TRENDS: tuple[Trend, ...] = ("ascending", "descending", "peak", "valley", None)


@dataclass(frozen=True)
class Partitioning:
    """A binning of pre-bins.

    Attributes
    ----------
    starts : tuple of int
        First pre-bin of each bin; the first is 0.
    value : float
        Its additive objective.
    trend : str or None
        Trend it was found under.
    joined : int or None
        Number of the bin that missing values were merged into.
    """

    starts: tuple[int, ...]
    value: float
    trend: Trend
    joined: int | None = None


def optimal_partition(
    intervals: Intervals,
    max_bins: int,
    trend: Trend = None,
    *,
    min_gap: float = 0.0,
    min_bins: int = 1,
) -> Partitioning | None:
    """Best binning of at most ``max_bins`` bins under a trend.

    Parameters
    ----------
    intervals : Intervals
        Values and rates, see :func:`interval_values`.
    max_bins : int
        Most bins.
    trend : {"ascending", "descending", "peak", "valley", None}
        Shape of the event rate over the bins: a peak rises, then falls; either part may
        be empty.
    min_gap : float, default=0.0
        Least change of the event rate between neighbouring bins under a trend; without
        a trend see :func:`.pairs.constrained_partition`.
    min_bins : int, default=1
        Fewest bins.

    Returns
    -------
    Partitioning or None
        None where no sequence of allowed intervals covers the pre-bins.
    """
    return optimal_partitions(
        intervals, max_bins, (trend,), min_gap=min_gap, min_bins=min_bins
    )[trend]


def optimal_partitions(
    intervals: Intervals,
    max_bins: int,
    trends: Sequence[Trend],
    *,
    min_gap: float = 0.0,
    min_bins: int = 1,
) -> dict[Trend, Partitioning | None]:
    """Best binning under each of several trends, in one pass over the boundaries.

    Parameters
    ----------
    intervals, max_bins, min_gap, min_bins
        See :func:`optimal_partition`.
    trends : sequence of trends
        Those wanted; a peak shares its rising part with "ascending", a valley its
        falling part with "descending".

    Returns
    -------
    dict of trend to (Partitioning or None)
    """
    n_rows, n_pre = len(intervals.value), intervals.value.shape[1] - 1
    wanted = {name for trend in trends for name in PHASES[trend]}
    if wanted & set(BEFORE_TURN):
        # A layer after the turn stands second on its side.
        wanted |= set(BEFORE_TURN.values())
    sides = [[n for n in side if n in wanted] for side in (RISING, FALLING, ("any",))]
    names = [name for side in sides for name in side]
    # best[e, a, l, k]: value of the best k + 1 intervals of which the last is row a's that
    # ends at e, in layer l; layers and numbers of intervals lie side by side and move as
    # whole rows.
    shape = (n_pre + 1, n_rows, len(names), min(max_bins, n_pre))
    best = np.full(shape, -np.inf)
    layers = {name: best[:, :, number] for number, name in enumerate(names)}
    for name in wanted - set(BEFORE_TURN):
        for row in rows_at(0, n_rows, n_pre):
            layers[name][:, row, 0] = intervals.value[row]
    rate = np.where(np.isnan(intervals.rate), np.inf, intervals.rate)
    ends = intervals.value.max(axis=0)[:n_pre] > -np.inf
    begins = intervals.value.max(axis=1) > -np.inf
    n_layers = [len(side) for side in sides]
    for c in np.flatnonzero(ends).tolist():
        for row in rows_at(c, n_rows, n_pre):
            if begins[row]:
                _extend(best, n_layers, intervals.value, rate, row, c, min_gap)
    return {
        trend: _backtrack(
            [layers[n] for n in PHASES[trend]], rate, trend, min_gap, min_bins
        )
        for trend in trends
    }


def _extend(
    best: FloatArray,
    n_layers: list[int],
    value: FloatArray,
    rate: FloatArray,
    row: int,
    c: int,
    gap: float,
) -> None:
    """Append the intervals of a row, which start at ``c``, to what ends there."""
    up, down, free = n_layers
    turn = up + down
    worth = value[row, c + 1 :, None, None]
    rows = rows_before(row, value.shape[1] - 1)
    ended, begun = best[c, rows], best[c + 1 :, row]
    if free:
        np.add(ended[:, -1:, :-1].max(axis=0), worth, out=begun[:, -1:, 1:])
    if not turn:
        return
    # Of the predecessors in order of rate the first (or last) so many are admissible,
    # and the best of these is a running maximum; beyond the end stands none.
    key, after = rate[rows, c], rate[row, c + 1 :]
    order = key.argsort()
    key, ended = key.take(order), ended.take(order, axis=0)
    if up == 2:
        np.maximum(ended[:, 1], ended[:, up], out=ended[:, 1])
    if down == 2:
        np.maximum(ended[:, up + 1], ended[:, 0], out=ended[:, up + 1])
    running = np.full((len(key) + 1, max(up, down), best.shape[3]), -np.inf)
    # Rates of equal bins may differ in the last digit; admit them as equal.
    if up:
        top = running[:, :up]
        np.maximum.accumulate(ended[:, :up], axis=0, out=top[1:])
        count = key.searchsorted(after - (gap - ROUNDING), side="right")
        np.add(top.take(count, axis=0)[..., :-1], worth, out=begun[:, :up, 1:])
    if down:
        top = running[::-1, :down]
        top[0] = -np.inf
        np.maximum.accumulate(ended[::-1, up:turn], axis=0, out=top[1:])
        first = key.searchsorted(after + (gap - ROUNDING), side="left")
        np.add(
            running[:, :down].take(first, axis=0)[..., :-1],
            worth,
            out=begun[:, up:turn, 1:],
        )


def _backtrack(
    layers: list[FloatArray],
    rate: FloatArray,
    trend: Trend,
    gap: float,
    min_bins: int,
) -> Partitioning | None:
    """Read the best complete sequence off the layers, last interval first."""
    n_rows, n_pre = rate.shape[0], rate.shape[1] - 1
    last = final_rows(n_rows, n_pre)
    finals = np.stack([layer[-1, last].T for layer in layers])
    finals[:, : min_bins - 1] = -np.inf
    phase, k, row = (
        int(i) for i in np.unravel_index(int(finals.argmax()), finals.shape)
    )
    value = float(finals[phase, k, row])
    if value == -np.inf:
        return None
    rising = {"ascending": 1, "peak": 1, "descending": -1, "valley": -1, None: 0}[trend]
    rows, end = [last.start + row], n_pre
    while k > 0:
        direction = rising if phase == 0 else -rising
        # The predecessor is found again: cheaper than keeping one for every state.
        row, held = rows[-1], rows_before(rows[-1], n_pre)
        start = start_at(row, n_pre)
        change = direction * (rate[row, end] - rate[held, start])
        admissible = (change >= gap - ROUNDING) | (direction == 0)
        k -= 1
        before = [layer[start, held, k] for layer in layers[: phase + 1]]
        scores = np.where(admissible, np.maximum.reduce(before), -np.inf)
        previous = int(scores.argmax())
        phase = max(range(phase + 1), key=lambda p: float(before[p][previous]))
        rows.append(held.start + previous)
        end = start
    return partitioning(rows[::-1], n_pre, value, trend)


def partitioning(
    rows: list[int], n_pre: int, value: float, trend: Trend
) -> Partitioning:
    """Binning whose intervals stand in the given rows."""
    starts = tuple(start_at(row, n_pre) for row in rows)
    return Partitioning(starts, value, trend, joined_bin(rows, n_pre))
