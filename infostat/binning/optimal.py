"""The exact optimal binning of a row of pre-bins, by dynamic programming.

Intervals of pre-bins carry an additive value and an event rate. The best sequence of
adjoining intervals under a trend is found exactly: the state is the last interval, and
for every boundary the intervals that end there are sorted by rate, so that the best
admissible predecessor is a running maximum read by one binary search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Partitioning", "Trend", "interval_values", "optimal_partition"]

FloatArray = npt.NDArray[np.float64]
Trend = Literal["ascending", "descending", "peak", "valley"] | None

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


class _Layer:
    """Best values of sequences of intervals, one phase of the programme.

    ``best[k, a, e]`` is the value of the best sequence of ``k + 1`` intervals whose last
    one is ``[a, e)``; ``parent`` holds the start of the interval before it.
    """

    def __init__(self, max_bins: int, n_pre: int) -> None:
        self.best = np.full((max_bins, n_pre, n_pre + 1), -np.inf)
        self.parent = np.full((max_bins, n_pre, n_pre + 1), -1, dtype=np.int32)


def _extend(
    values: FloatArray,
    before: FloatArray,
    after: FloatArray,
    direction: int,
    gap: float,
) -> tuple[FloatArray, npt.NDArray[np.intp]]:
    """Best predecessor of each following interval at one boundary.

    Parameters
    ----------
    values : ndarray of shape (K, c)
        Values of sequences that end at the boundary, by number of intervals and start.
    before : ndarray of shape (c,)
        Rates of their last intervals.
    after : ndarray of shape (m,)
        Rates of the intervals that start at the boundary.
    direction : {1, -1, 0}
        Rates must rise, fall, or need not do either.
    gap : float
        Least change of the rate.

    Returns
    -------
    best : ndarray of shape (K, m)
    start : ndarray of shape (K, m)
        Index of the best predecessor.
    """
    if direction == 0:
        start = values.argmax(axis=1)
        best = values[np.arange(len(values)), start]
        shape = (len(values), after.size)
        return (
            np.broadcast_to(best[:, None], shape),
            np.broadcast_to(start[:, None], shape),
        )
    # An empty interval has no rate and no value: it sorts to the end, harmless.
    key = direction * before
    order = np.argsort(key, kind="stable")
    ranked = values[:, order]
    best = np.maximum.accumulate(ranked, axis=1)
    improved = ranked >= best
    place = np.where(improved, np.arange(order.size), 0)
    start = order[np.maximum.accumulate(place, axis=1)]
    # Rates of equal bins may differ in the last digit; admit them as equal.
    last = (
        np.searchsorted(key[order], direction * after - gap + 1e-12, side="right") - 1
    )
    admissible = last >= 0
    last = np.maximum(last, 0)
    return np.where(admissible, best[:, last], -np.inf), start[:, last]


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
    value, rate = intervals.value, intervals.rate
    n_pre = len(value)
    max_bins = min(max_bins, n_pre)
    phases = {
        "ascending": (1,),
        "descending": (-1,),
        "peak": (1, -1),
        "valley": (-1, 1),
        None: (0,),
    }[trend]
    layers = [_Layer(max_bins, n_pre) for _ in phases]
    # Which phase the predecessor of a second-phase state belongs to.
    turned = np.zeros((max_bins, n_pre, n_pre + 1), dtype=bool)
    layers[0].best[0, 0] = value[0]
    for c in range(1, n_pre):
        after, worth = rate[c, c + 1 :], value[c, c + 1 :]
        ends = slice(c + 1, None)
        first = layers[0].best[:-1, :c, c]
        best, start = _extend(first, rate[:c, c], after, phases[0], min_gap)
        layers[0].best[1:, c, ends] = best + worth
        layers[0].parent[1:, c, ends] = start
        if len(phases) == 2:
            second = layers[1].best[:-1, :c, c]
            either = np.maximum(first, second)
            best, start = _extend(either, rate[:c, c], after, phases[1], min_gap)
            layers[1].best[1:, c, ends] = best + worth
            layers[1].parent[1:, c, ends] = start
            stayed = np.take_along_axis(second > first, start, axis=1)
            turned[1:, c, ends] = ~stayed
    return _backtrack(layers, turned, trend)


def _backtrack(
    layers: list[_Layer], turned: npt.NDArray[np.bool_], trend: Trend
) -> Partitioning | None:
    """Read the best complete sequence off the layers."""
    finals = np.stack([layer.best[:, :, -1] for layer in layers])
    phase, k, start = (
        int(i) for i in np.unravel_index(int(finals.argmax()), finals.shape)
    )
    best = float(finals[phase, k, start])
    if best == -np.inf:
        return None
    end = finals.shape[2]
    starts = []
    while True:
        starts.append(start)
        previous = int(layers[phase].parent[k, start, end])
        if previous < 0 or k == 0:
            break
        if phase == 1 and turned[k, start, end]:
            phase = 0
        k, start, end = k - 1, previous, start
    return Partitioning(tuple(reversed(starts)), best, trend)
