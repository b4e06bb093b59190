"""Every interval of a row of pre-bins: its additive objective and its event rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.divergences import Divergence, contributions

__all__ = [
    "Intervals",
    "bin_worth",
    "interval_sums",
    "interval_values",
    "keep_cuts",
]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Intervals:
    """All intervals of pre-bins, indexed by [first, end) with end after the last.

    Attributes
    ----------
    value : ndarray of shape (P, P + 1) or (3 P, P + 1)
        Objective of each interval, minus infinity where it is not allowed; three kinds
        of rows where missing values join a bin, see :func:`.stack_kinds`.
    rate : ndarray of the same shape
        Event rate of each interval.
    """

    value: FloatArray
    rate: FloatArray


def interval_sums(amounts: FloatArray) -> FloatArray:
    """Sums over every interval ``[first, end)`` of pre-bins.

    Parameters
    ----------
    amounts : ndarray of shape (P, ...)
        What each pre-bin holds.

    Returns
    -------
    ndarray of shape (P, P + 1, ...)
        Not meaningful where ``end <= first``.
    """
    running = np.concatenate([np.zeros((1, *amounts.shape[1:])), amounts]).cumsum(
        axis=0
    )
    return np.asarray(running[None] - running[:-1, None])


def interval_values(
    weight: FloatArray,
    totals: FloatArray,
    *,
    min_size: float = 0.0,
    max_size: float = np.inf,
    min_events: float = 0.0,
    max_events: float = np.inf,
    min_non_events: float = 0.0,
    max_non_events: float = np.inf,
    corrected: bool = False,
    divergence: Divergence | None = None,
    size_penalty: float = 0.0,
    sizes: FloatArray | None = None,
    added: FloatArray | None = None,
    added_size: float = 0.0,
) -> Intervals:
    """Information value and event rate of every interval of pre-bins.

    Parameters
    ----------
    weight : ndarray of shape (P, 2)
        Non-events and events per pre-bin.
    totals : ndarray of shape (2,)
        Class totals, reserved bins included.
    min_size, max_size : float
        Limits on an interval's size.
    min_events, max_events, min_non_events, max_non_events : float
        Limits on the weight of each class in an interval; both must occur anyway.
    corrected : bool, default=False
        Subtract each interval's part of the second-order bias, an additive penalty of
        about ``1/n1 + 1/n0`` a bin that chooses the number of bins.
    divergence : Divergence, optional
        Divergence of the events' law from that of the non-events in place of the
        information value.
    size_penalty : float, default=0.0
        Times the squared share of the weight, subtracted from each interval.
    sizes : ndarray of shape (P,), optional
        Sizes of the pre-bins that the limits speak of; their weight by default.
    added : ndarray of shape (2,), optional
        Non-events and events that every interval holds besides.
    added_size : float, default=0.0
        Their size, where ``sizes`` are given.

    Returns
    -------
    Intervals
    """
    n_pre = len(weight)
    cells = interval_sums(weight)
    if added is not None:
        cells = cells + added
    zeros, ones = cells[..., 0], cells[..., 1]
    both = zeros + ones
    size = both if sizes is None else interval_sums(sizes) + added_size
    forward = np.arange(n_pre + 1)[None, :] > np.arange(n_pre)[:, None]
    allowed = forward & (zeros > 0) & (ones > 0)
    # Sums of weights carry rounding: a bin of exactly the least size is allowed.
    slack = 1e-9 * max(float(totals.sum()), 1.0)
    allowed &= (size >= min_size - slack) & (size <= max_size + slack)
    allowed &= (ones >= min_events) & (zeros >= min_non_events)
    allowed &= (ones <= max_events + slack) & (zeros <= max_non_events + slack)
    value = np.full(both.shape, -np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(both > 0, ones / both, np.nan)
    if not allowed.any():
        return Intervals(value, rate)
    value[allowed] = bin_worth(
        cells[allowed],
        totals,
        corrected=corrected,
        divergence=divergence,
        size_penalty=size_penalty,
    )
    return Intervals(value, rate)


def bin_worth(
    cells: FloatArray,
    totals: FloatArray,
    *,
    corrected: bool = False,
    divergence: Divergence | None = None,
    size_penalty: float = 0.0,
) -> FloatArray:
    """Parts that bins add to the objective.

    Parameters
    ----------
    cells : ndarray of shape (n_bins, 2)
        Non-events and events per bin, both positive.
    totals, corrected, divergence, size_penalty
        See :func:`interval_values`.

    Returns
    -------
    ndarray of shape (n_bins,)
    """
    q, p = cells[:, 0] / totals[0], cells[:, 1] / totals[1]
    worth = (
        (p - q) * np.log(p / q)
        if divergence is None
        else contributions(p, q, divergence)
    )
    if corrected:
        worth = worth - (1.0 - p) * (1.0 + q / p) / (2.0 * totals[1])
        worth = worth - (1.0 - q) * (1.0 + p / q) / (2.0 * totals[0])
    if size_penalty:
        share = (cells[:, 0] + cells[:, 1]) / totals.sum()
        worth = worth - size_penalty * share**2
    return np.asarray(worth)


def keep_cuts(value: FloatArray, kept: Iterable[int]) -> FloatArray:
    """Forbid the intervals that reach over a cut that must stay.

    Parameters
    ----------
    value : ndarray of shape (P, P + 1)
        Objective of each interval.
    kept : iterable of int
        Pre-bins that must start a bin.

    Returns
    -------
    ndarray of shape (P, P + 1)
        Copy with minus infinity where a kept pre-bin lies inside.
    """
    out = value.copy()
    for start in kept:
        out[:start, start + 1 :] = -np.inf
    return out
