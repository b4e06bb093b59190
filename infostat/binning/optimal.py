"""The exact optimal binning of a row of pre-bins, by dynamic programming.

Intervals of pre-bins carry an additive value and an event rate. The best sequence of
adjoining intervals under a trend is found exactly: the state is the last interval, and
for every boundary the intervals that end there are sorted by rate, so that the best
admissible predecessor is a running maximum read by one binary search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = [
    "Partitioning",
    "Trend",
    "interval_values",
    "optimal_partition",
    "optimal_partitions",
]

FloatArray = npt.NDArray[np.float64]
Trend = Literal["ascending", "descending", "peak", "valley"] | None

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
    """

    starts: tuple[int, ...]
    value: float
    trend: Trend


@dataclass(frozen=True, eq=False)
class Intervals:
    """All intervals of pre-bins, indexed by [first, end) with end after the last.

    Attributes
    ----------
    value : ndarray of shape (P, P + 1)
        Objective of each interval, minus infinity where it is not allowed.
    rate : ndarray of shape (P, P + 1)
        Event rate of each interval.
    """

    value: FloatArray
    rate: FloatArray


def interval_values(
    weight: FloatArray,
    totals: FloatArray,
    *,
    min_size: float = 0.0,
    max_size: float = np.inf,
    min_events: float = 0.0,
    min_non_events: float = 0.0,
    corrected: bool = False,
) -> Intervals:
    """Information value and event rate of every interval of pre-bins.

    Parameters
    ----------
    weight : ndarray of shape (P, 2)
        Non-events and events per pre-bin.
    totals : ndarray of shape (2,)
        Class totals, reserved bins included.
    min_size, max_size : float
        Limits on an interval's weight.
    min_events, min_non_events : float
        Least weight of each class in an interval; both classes must occur anyway.
    corrected : bool, default=False
        Subtract each interval's part of the second-order bias, an additive penalty of
        about ``1/n1 + 1/n0`` a bin that chooses the number of bins.

    Returns
    -------
    Intervals
    """
    n_pre = len(weight)
    running = np.vstack([np.zeros(2), np.cumsum(weight, axis=0)])
    cells = running[None, :, :] - running[:-1, None, :]
    zeros, ones = cells[..., 0], cells[..., 1]
    size = zeros + ones
    forward = np.arange(n_pre + 1)[None, :] > np.arange(n_pre)[:, None]
    allowed = forward & (zeros > 0) & (ones > 0)
    allowed &= (ones >= min_events) & (zeros >= min_non_events)
    # Sums of weights carry rounding: a bin of exactly the least size is allowed.
    slack = 1e-9 * max(float(totals.sum()), 1.0)
    allowed &= (size >= min_size - slack) & (size <= max_size + slack)
    value = np.full(size.shape, -np.inf)
    q, p = zeros[allowed] / totals[0], ones[allowed] / totals[1]
    worth = (p - q) * np.log(p / q)
    if corrected:
        worth = worth - (1.0 - p) * (1.0 + q / p) / (2.0 * totals[1])
        worth = worth - (1.0 - q) * (1.0 + p / q) / (2.0 * totals[0])
    value[allowed] = worth
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(size > 0, ones / size, np.nan)
    return Intervals(value, rate)


def optimal_partition(
    intervals: Intervals, max_bins: int, trend: Trend = None, *, min_gap: float = 0.0
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
        Least change of the event rate between neighbouring bins under a trend.

    Returns
    -------
    Partitioning or None
        None where no sequence of allowed intervals covers the pre-bins.
    """
    return optimal_partitions(intervals, max_bins, (trend,), min_gap=min_gap)[trend]


def optimal_partitions(
    intervals: Intervals,
    max_bins: int,
    trends: Sequence[Trend],
    *,
    min_gap: float = 0.0,
) -> dict[Trend, Partitioning | None]:
    """Best binning under each of several trends, in one pass over the boundaries.

    Parameters
    ----------
    intervals, max_bins, min_gap
        See :func:`optimal_partition`.
    trends : sequence of trends
        Those wanted; a peak shares its rising part with "ascending", a valley its
        falling part with "descending".

    Returns
    -------
    dict of trend to (Partitioning or None)
    """
    n_pre = len(intervals.value)
    wanted = {name for trend in trends for name in PHASES[trend]}
    if wanted & set(BEFORE_TURN):
        # A layer after the turn stands second on its side.
        wanted |= set(BEFORE_TURN.values())
    sides = [[n for n in side if n in wanted] for side in (RISING, FALLING, ("any",))]
    names = [name for side in sides for name in side]
    # best[e, a, l, k]: value of the best k + 1 intervals of which the last is [a, e), in
    # layer l; layers and numbers of intervals lie side by side and move as whole rows.
    shape = (n_pre + 1, n_pre, len(names), min(max_bins, n_pre))
    best = np.full(shape, -np.inf)
    layers = {name: best[:, :, number] for number, name in enumerate(names)}
    for name in wanted - set(BEFORE_TURN):
        layers[name][:, 0, 0] = intervals.value[0]
    rate = np.where(np.isnan(intervals.rate), np.inf, intervals.rate)
    top = intervals.value.max(axis=0)[:n_pre], intervals.value.max(axis=1)
    n_layers = [len(side) for side in sides]
    for c in np.flatnonzero(np.minimum(*top) > -np.inf):
        _extend(best, n_layers, intervals.value[c, c + 1 :], rate, int(c), min_gap)
    return {
        trend: _backtrack([layers[n] for n in PHASES[trend]], rate, trend, min_gap)
        for trend in trends
    }


def _extend(
    best: FloatArray,
    n_layers: list[int],
    worth: FloatArray,
    rate: FloatArray,
    c: int,
    gap: float,
) -> None:
    """Append all intervals that start at ``c`` to the sequences that end there."""
    up, down, free = n_layers
    turn = up + down
    worth = worth[:, None, None]
    ended, begun = best[c, :c], best[c + 1 :, c]
    if free:
        np.add(ended[:, -1:, :-1].max(axis=0), worth, out=begun[:, -1:, 1:])
    if not turn:
        return
    # Of the predecessors in order of rate the first (or last) so many are admissible,
    # and the best of these is a running maximum; beyond the end stands none.
    order = rate[:c, c].argsort()
    key, after = rate[order, c], rate[c, c + 1 :]
    ended = ended.take(order, axis=0)
    if up == 2:
        np.maximum(ended[:, 1], ended[:, up], out=ended[:, 1])
    if down == 2:
        np.maximum(ended[:, up + 1], ended[:, 0], out=ended[:, up + 1])
    running = np.full((c + 1, max(up, down), best.shape[3]), -np.inf)
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
    layers: list[FloatArray], rate: FloatArray, trend: Trend, gap: float
) -> Partitioning | None:
    """Read the best complete sequence off the layers, last interval first."""
    finals = np.stack([layer[-1].T for layer in layers])
    phase, k, start = (
        int(i) for i in np.unravel_index(int(finals.argmax()), finals.shape)
    )
    value = float(finals[phase, k, start])
    if value == -np.inf:
        return None
    rising = {"ascending": 1, "peak": 1, "descending": -1, "valley": -1, None: 0}[trend]
    starts, end = [start], rate.shape[1] - 1
    while k > 0:
        direction = rising if phase == 0 else -rising
        # The predecessor is found again: cheaper than keeping one for every state.
        change = direction * (rate[start, end] - rate[:start, start])
        admissible = (change >= gap - ROUNDING) | (direction == 0)
        k -= 1
        before = [layer[start, :start, k] for layer in layers[: phase + 1]]
        scores = np.where(admissible, np.maximum.reduce(before), -np.inf)
        previous = int(scores.argmax())
        phase = max(range(phase + 1), key=lambda p: float(before[p][previous]))
        start, end = previous, start
        starts.append(start)
    return Partitioning(tuple(reversed(starts)), value, trend)
