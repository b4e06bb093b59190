"""The binnings of each feature that a frontier may choose from, with their constants.

A column is one complete binning. Whatever is computed from a binning (information
value, fairness value, its standard error, its upper limit) is a constant of its column,
so that the choice among columns is linear whatever the quantity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.binning.optimal import Trend, interval_values
from infostat.counts import CountTable
from infostat.divergences import contributions, derivatives, get_divergence
from infostat.evidence import smooth_shares
from infostat.exceptions import InfeasibleError, InfostatError
from infostat.fairness.labels import every_binning, non_dominated_binnings
from infostat.fairness.pareto import non_dominated

__all__ = [
    "BinningColumns",
    "FeatureCounts",
    "IntervalParts",
    "Limits",
    "binning_columns",
]

FloatArray = npt.NDArray[np.float64]

DIGITS = 12
"""Decimals to which two values count as different."""

EXPECTED = 5.0
"""Least pooled expected count of a bin in the smaller group, where limits are listed."""


@dataclass(frozen=True, eq=False)
class FeatureCounts:
    """What is counted of one feature.

    Attributes
    ----------
    pre : Bins
        Pre-bins.
    outcome : CountTable
        Non-events and events per pre-bin.
    groups : tuple of CountTable
        Reference group and protected group per pre-bin, one table a comparison.
    """

    pre: Bins
    outcome: CountTable
    groups: tuple[CountTable, ...]

    def __post_init__(self) -> None:
        for table in (self.outcome, *self.groups):
            if table.labels != self.pre.labels:
                msg = f"A table of {self.pre.feature!r} does not count its bins."
                raise InfostatError(msg)


@dataclass(frozen=True)
class Limits:
    """What a binning of one feature must keep to; sizes in units of weight.

    Attributes
    ----------
    max_bins : int
        Most ordinary bins.
    trend : str or None
        Trend of the event rate.
    min_size, max_size, min_events, min_non_events, min_gap : float
        See :func:`infostat.binning.optimal.interval_values`.
    fixed : bool
        Whether the pre-bins are the bins, with nothing to choose.
    """

    max_bins: int = 8
    trend: Trend = None
    min_size: float = 0.0
    max_size: float = np.inf
    min_events: float = 0.0
    min_non_events: float = 0.0
    min_gap: float = 0.0
    fixed: bool = False


@dataclass(frozen=True, eq=False)
class BinningColumns:
    """Candidate binnings of one feature; entry 0 leaves the feature out.

    Attributes
    ----------
    feature : str
        Name.
    starts : list of tuple of int
        First ordinary pre-bins of the bins; empty for entry 0.
    iv : ndarray of shape (n_columns,)
        Plug-in information value, reserved bins included.
    group_iv : ndarray of shape (n_columns, n_comparisons)
        Plug-in divergence between protected and reference group.
    limit : ndarray of shape (n_columns, n_comparisons)
        What counts against a cap: ``group_iv``, or with a confidence its upper bound.
    n_bins : ndarray of shape (n_columns,)
        Ordinary bins.
    """

    feature: str
    starts: list[tuple[int, ...]]
    iv: FloatArray
    group_iv: FloatArray
    limit: FloatArray
    n_bins: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, kept: npt.NDArray[np.intp]) -> BinningColumns:
        """Keep some of the columns."""
        return BinningColumns(
            self.feature,
            [self.starts[k] for k in kept],
            self.iv[kept],
            self.group_iv[kept],
            self.limit[kept],
            self.n_bins[kept],
        )


def binning_columns(
    counts: FeatureCounts,
    limits: Limits,
    *,
    reach: float = 0.0,
    listed: bool = False,
    count_bins: bool = False,
) -> BinningColumns:
    """Non-dominated binnings of one feature.

    Parameters
    ----------
    counts : FeatureCounts
        Counted pre-bins.
    limits : Limits
        Constraints.
    reach : float, default=0.0
        Standard errors added to the fairness value, the normal quantile of a
        confidence; zero without one. The limit is then the value plus so many errors,
        which may be summed over features.
    listed : bool, default=False
        Return every allowed binning instead, for limits that are no sum over bins; each
        bin then holds at least five expected rows of the smaller group.
    count_bins : bool, default=False
        Whether fewer bins are a merit, as under a cap on the number of bins.

    Returns
    -------
    BinningColumns
        Every quantity that a cap may speak of takes part in the dominance, so that no
        choice among all binnings is better than the best among these.

    Raises
    ------
    InfeasibleError
        If no binning is allowed; the message names the feature.
    """
    parts = IntervalParts.of(counts, limits)
    layers = [-parts.iv[..., None], parts.group_iv]
    if reach:
        layers.append(parts.spread)
    costs = np.concatenate(layers, axis=2)
    costs[~parts.allowed] = np.inf
    if listed:
        costs[_sparse(counts)] = np.inf
    binnings = (costs, parts.rate, limits.max_bins, limits.trend)
    if limits.fixed:
        rows = np.arange(len(costs))
        starts = [tuple(range(len(costs)))]
        totals = costs[rows, rows + 1].sum(axis=0)[None, :]
    elif listed:
        starts, totals = every_binning(
            *binnings, min_gap=limits.min_gap, feature=counts.pre.feature
        )
    else:
        starts, totals = non_dominated_binnings(
            *binnings, min_gap=limits.min_gap, count_bins=count_bins
        )
    if not starts or not np.isfinite(totals).all():
        raise InfeasibleError(_explain(counts, limits))
    table = _assemble(counts, starts, totals, parts, reach)
    return table if listed else _pruned(table, count_bins=count_bins)


def _sparse(counts: FeatureCounts) -> npt.NDArray[np.bool_]:
    """Intervals that inference would merge in the table of some comparison."""
    first = counts.pre.first
    n_pre = counts.pre.n_bins - first
    out = np.zeros((n_pre, n_pre + 1), dtype=bool)
    for table in counts.groups:
        size = np.append(0.0, np.cumsum(table.weight[first:].sum(axis=1)))
        expected = (size[None, :] - size[:-1, None]) / table.totals.sum()
        out |= expected * table.totals.min() < EXPECTED
    return out


@dataclass(frozen=True, eq=False)
class IntervalParts:
    """Additive values of every interval of pre-bins, and of the reserved bins.

    Attributes
    ----------
    iv, rate : ndarray of shape (P, P + 1)
        Information value and event rate of the interval ``[first, end)``.
    group_iv, spread : ndarray of shape (P, P + 1, n_comparisons)
        Fairness values, and parts of the upper bounds of their variances; infinite
        where an interval lacks a group.
    allowed : ndarray of shape (P, P + 1), bool
        Intervals within the limits, with both classes and all groups.
    reserved_iv : float
    reserved_group_iv, reserved_spread : ndarray of shape (n_comparisons,)
        The same of the bins that are always there: missing, special, unseen.
    """

    iv: FloatArray
    rate: FloatArray
    group_iv: FloatArray
    spread: FloatArray
    allowed: npt.NDArray[np.bool_]
    reserved_iv: float
    reserved_group_iv: FloatArray
    reserved_spread: FloatArray

    @classmethod
    def of(cls, counts: FeatureCounts, limits: Limits) -> IntervalParts:
        """Compute the parts of a feature.

        Parameters
        ----------
        counts : FeatureCounts
            Counted pre-bins.
        limits : Limits
            Constraints.

        Returns
        -------
        IntervalParts
        """
        first = counts.pre.first
        intervals = interval_values(
            counts.outcome.weight[first:],
            counts.outcome.totals,
            min_size=limits.min_size,
            max_size=limits.max_size,
            min_events=limits.min_events,
            min_non_events=limits.min_non_events,
        )
        parts = [_group_parts(table, first) for table in counts.groups]
        # Without groups there is an axis of length zero.
        empty = np.zeros((*intervals.value.shape, 0))
        group_iv = np.stack([p.value for p in parts], axis=2) if parts else empty
        spread = np.stack([p.spread for p in parts], axis=2) if parts else empty
        allowed = np.isfinite(intervals.value) & np.isfinite(group_iv).all(axis=2)
        return cls(
            intervals.value,
            intervals.rate,
            group_iv,
            spread,
            allowed,
            _group_parts(counts.outcome, first).reserved_value,
            np.array([p.reserved_value for p in parts]),
            np.array([p.reserved_spread for p in parts]),
        )


@dataclass(frozen=True, eq=False)
class _GroupParts:
    """Fairness value of every interval, and its part of the variance's upper bound.

    Attributes
    ----------
    value, spread : ndarray of shape (P, P + 1)
        Infinite where an interval lacks a group.
    reserved_value, reserved_spread : float
        The same of the bins that are always there: missing, special, unseen.
    """

    value: FloatArray
    spread: FloatArray
    reserved_value: float
    reserved_spread: float


def _group_parts(table: CountTable, first: int) -> _GroupParts:
    """Additive parts of the divergence between two groups.

    The variance is a sum over bins less two squares (delta method); without the squares
    it is a sum, and an upper bound.
    """
    running = np.vstack([np.zeros(2), np.cumsum(table.weight[first:], axis=0)])
    n_pre = len(running) - 1
    cells = running[None, :, :] - running[:-1, None, :]
    present = (cells > 0).all(axis=2)
    present &= np.arange(n_pre + 1)[None, :] > np.arange(n_pre)[:, None]
    q, p = (
        cells[present][:, 0] / table.totals[0],
        cells[present][:, 1] / table.totals[1],
    )
    value = np.full(present.shape, np.inf)
    spread = np.full(present.shape, np.inf)
    if present.any():
        value[present], spread[present] = _bin_parts(p, q, table.totals)
    always = table.select(np.arange(first))
    if always.weight.sum() <= 0:
        return _GroupParts(value, spread, 0.0, 0.0)
    # The ordinary bins as one: their shares make the reserved ones add up.
    codes = np.minimum(np.arange(table.n_bins), first)
    shares = smooth_shares(table.collapse(codes, [*table.labels[:first], "ordinary"]))
    kept = shares.filled.copy()
    kept[first:] = False
    chosen = kept[shares.filled]
    parts = _bin_parts(shares.p[chosen], shares.q[chosen], table.totals)
    return _GroupParts(value, spread, float(parts[0].sum()), float(parts[1].sum()))


def _bin_parts(
    p: FloatArray, q: FloatArray, totals: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Each bin's part of the Jeffreys divergence and of its variance's upper bound."""
    kind = get_divergence("jeffreys")
    slopes = derivatives(p, q, kind)
    spread = p * slopes.first_p**2 / totals[1] + q * slopes.first_q**2 / totals[0]
    return contributions(p, q, kind), np.asarray(spread)


def _assemble(
    counts: FeatureCounts,
    starts: Sequence[tuple[int, ...]],
    totals: FloatArray,
    parts: IntervalParts,
    reach: float,
) -> BinningColumns:
    """Add the reserved bins and the column that leaves the feature out."""
    m = len(counts.groups)
    iv = -totals[:, 0] + parts.reserved_iv
    group_iv = totals[:, 1 : 1 + m] + parts.reserved_group_iv
    limit = group_iv
    if reach:
        spread = totals[:, 1 + m :] + parts.reserved_spread
        limit = group_iv + reach * np.sqrt(spread)
    return BinningColumns(
        counts.pre.feature,
        [(), *starts],
        np.append(0.0, iv),
        np.vstack([np.zeros(m), group_iv]),
        np.vstack([np.zeros(m), limit]),
        np.array([0, *(len(s) for s in starts)]),
    )


def _pruned(table: BinningColumns, *, count_bins: bool) -> BinningColumns:
    """Leave out columns that another beats, and those that say nothing.

    A binning without value is the same as no feature; entry 0 stays.
    """
    criteria = [-table.iv[:, None], table.limit, table.group_iv]
    if count_bins:
        criteria.append(table.n_bins[:, None].astype(float))
    useful = np.flatnonzero(table.iv > 0)
    # Binnings that differ by rounding alone are one.
    kept = useful[non_dominated(np.round(np.hstack(criteria)[useful], DIGITS))]
    return table.take(np.concatenate([[0], np.sort(kept)]))


def _explain(counts: FeatureCounts, limits: Limits) -> str:
    """Say why a feature has no binning."""
    name = counts.pre.feature
    ordinary = counts.pre.first
    for table in counts.groups:
        group = table.weight[ordinary:].sum(axis=0)
        if (group <= 0).any():
            return (
                f"No binning of {name!r} is allowed: its ordinary values hold "
                f"{group[1]:g} rows of a protected group and {group[0]:g} of its "
                f"reference. Leave the feature or the group out."
            )
    return (
        f"No binning of {name!r} is allowed under the trend {limits.trend!r}, "
        f"{limits.max_bins} bins of at least {limits.min_size:g} rows with both classes "
        f"and every group in each. Lower min_bin_size, use fewer pre-bins, or leave the "
        f"feature out."
    )
