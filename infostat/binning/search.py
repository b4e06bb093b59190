"""One search: the counts of a feature's pre-bins, the limits, and the right programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from infostat.binning.apart import ProportionTest, separated_by
from infostat.binning.conflicts import Alike, conflict_free
from infostat.binning.curvature import CURVES, MOST_PREBINS, curved_partition
from infostat.binning.intervals import Intervals, interval_values, keep_cuts
from infostat.binning.joining import stack_kinds
from infostat.binning.optimal import Partitioning, Trend, optimal_partitions
from infostat.binning.pairs import Neighbours, constrained_partition, signs_of
from infostat.divergences import Divergence
from infostat.exceptions import InfostatError

__all__ = ["PreCounts", "Reserved", "TrendSearch", "partitions_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrendSearch:
    """Limits of a search; events in units of weight, sizes in those of the counts.

    Attributes
    ----------
    feature : str
        Name in messages.
    max_bins, min_bins : int
        Most and fewest bins.
    min_size, max_size : float
        Limits on the size of a bin.
    min_events, max_events, min_non_events, max_non_events : float
        Limits on the weight of each class in a bin.
    min_gap : float
        Least change of the event rate between neighbours.
    corrected : bool
        Subtract the second-order bias of the information value.
    divergence : Divergence or None
        Another objective than the information value.
    size_penalty : float
        Weight of the sum of squared shares.
    max_pvalue : float or None
        Largest p-value of the two-proportion test between bins.
    pvalue_pairs : {"neighbours", "all"}
        Bins that must differ.
    """

    feature: str
    max_bins: int
    min_size: float = 0.0
    max_size: float = np.inf
    min_events: float = 0.0
    min_non_events: float = 0.0
    min_gap: float = 0.0
    corrected: bool = False
    min_bins: int = 1
    max_events: float = np.inf
    max_non_events: float = np.inf
    divergence: Divergence | None = None
    size_penalty: float = 0.0
    max_pvalue: float | None = None
    pvalue_pairs: Literal["neighbours", "all"] = "neighbours"


@dataclass(frozen=True, eq=False)
class Reserved:
    """Missing values that may join a bin.

    Attributes
    ----------
    weight : ndarray of shape (2,)
        Non-events and events.
    size : float
        Their size, in the units of the limits.
    samples : tuple of ndarray of shape (2,)
        Their weights in each sample.
    """

    weight: FloatArray
    size: float
    samples: tuple[FloatArray, ...] = ()


@dataclass(frozen=True, eq=False)
class PreCounts:
    """Counts of the ordinary pre-bins of one feature.

    Attributes
    ----------
    weight : ndarray of shape (P, 2)
        Non-events and events.
    totals : ndarray of shape (2,)
        Class totals of the feature, reserved bins included.
    sizes : ndarray of shape (P,) or None
        Sizes that the limits speak of; the weight by default.
    kept : tuple of int
        Pre-bins that must start a bin.
    samples : tuple of (ndarray of shape (P, 2), ndarray of shape (2,))
        Weights and totals of each of several samples that share the binning.
    missing : Reserved or None
        Missing values, if they are to join a bin.
    """

    weight: FloatArray
    totals: FloatArray
    sizes: FloatArray | None = None
    kept: tuple[int, ...] = ()
    samples: tuple[tuple[FloatArray, FloatArray], ...] = ()
    missing: Reserved | None = None

    def intervals(
        self, search: TrendSearch
    ) -> tuple[Intervals, tuple[FloatArray, ...]]:
        """Objective of every interval, and its event rate in each sample.

        Where missing values join a bin, of every interval before, with and after them.
        """
        value, rates = self._kind(search, None)
        if self.missing is not None:
            joined, others = self._kind(search, self.missing)
            value = stack_kinds(value, joined)
            # No missing values have joined before the first pre-bin.
            value[len(self.weight) + 1] = -np.inf
            rates = tuple(map(stack_kinds, rates, others))
        return Intervals(value, rates[0]), rates

    def _kind(
        self, search: TrendSearch, gone: Reserved | None
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """Objective and rates of plain intervals, or of those with missing values."""
        pooled = interval_values(
            self.weight,
            self.totals,
            min_size=search.min_size,
            max_size=search.max_size,
            min_events=search.min_events,
            max_events=search.max_events,
            min_non_events=search.min_non_events,
            max_non_events=search.max_non_events,
            corrected=search.corrected,
            divergence=search.divergence,
            size_penalty=search.size_penalty,
            sizes=self.sizes,
            added=None if gone is None else gone.weight,
            added_size=0.0 if gone is None else gone.size,
        )
        value: FloatArray = pooled.value
        rates: tuple[FloatArray, ...] = (pooled.rate,)
        if self.samples:
            value, rates = self._over_samples(search, gone, np.isfinite(value))
        return keep_cuts(value, self.kept), rates

    def _over_samples(
        self,
        search: TrendSearch,
        gone: Reserved | None,
        allowed: npt.NDArray[np.bool_],
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """Objective averaged over the samples by weight, where the pool allows it."""
        whole = sum(float(totals.sum()) for _, totals in self.samples)
        value, rates = np.where(allowed, 0.0, -np.inf), []
        parts = gone.samples if gone else (None,) * len(self.samples)
        for (weight, totals), added in zip(self.samples, parts, strict=True):
            part = interval_values(
                weight,
                totals,
                corrected=search.corrected,
                divergence=search.divergence,
                size_penalty=search.size_penalty,
                added=added,
            )
            value = value + float(totals.sum()) / whole * part.value
            rates.append(part.rate)
        return value, tuple(rates)


def partitions_of(
    counts: PreCounts, search: TrendSearch, trends: Sequence[Trend]
) -> dict[Trend, Partitioning | None]:
    """Best binning under each of several trends.

    Parameters
    ----------
    counts : PreCounts
        Counts of the pre-bins.
    search : TrendSearch
        Limits.
    trends : sequence of trends
        Those wanted.

    Returns
    -------
    dict of trend to (Partitioning or None)
        None where no binning is allowed.
    """
    intervals, rates = counts.intervals(search)
    paired = search.max_pvalue is not None or len(rates) > 1
    paired |= search.min_gap > 0 and None in trends
    if paired or any(trend in CURVES for trend in trends):
        rule = _rule(counts, search, rates)
        return {t: _by_pairs(intervals.value, rule, counts, search, t) for t in trends}
    return optimal_partitions(
        intervals,
        search.max_bins,
        trends,
        min_gap=search.min_gap,
        min_bins=search.min_bins,
    )


def _test(counts: PreCounts, level: float) -> ProportionTest:
    running = np.vstack([np.zeros(2), np.cumsum(counts.weight, axis=0)])
    return ProportionTest(running, level)


def _rule(
    counts: PreCounts, search: TrendSearch, rates: tuple[FloatArray, ...]
) -> Neighbours:
    separated = None
    if search.max_pvalue is not None:
        added = counts.missing.weight if counts.missing else None
        separated = separated_by(_test(counts, search.max_pvalue), added)
    return Neighbours(rates, search.min_gap, separated)


def _by_pairs(
    value: FloatArray,
    rule: Neighbours,
    counts: PreCounts,
    search: TrendSearch,
    trend: Trend,
) -> Partitioning | None:
    """Best binning under a rule between bins, by the programme that fits the trend."""
    bins = {"max_bins": search.max_bins, "min_bins": search.min_bins}
    n_pre = len(counts.weight)
    if trend in CURVES and n_pre > MOST_PREBINS:
        msg = (
            f"{search.feature!r} has {n_pre} pre-bins: a {trend} trend compares three "
            f"bins in a row and takes at most {MOST_PREBINS}. Lower prebins."
        )
        raise InfostatError(msg)

    def solve(left: FloatArray) -> Partitioning | None:
        if trend == "concave" or trend == "convex":
            return curved_partition(left, rule=rule, curve=trend, **bins)
        signs = signs_of(trend, len(rule.rates))
        return constrained_partition(left, rule=rule, signs=signs, trend=trend, **bins)

    if search.max_pvalue is None or search.pvalue_pairs == "neighbours":
        return solve(value)
    test = _test(counts, search.max_pvalue)
    added = counts.missing.weight if counts.missing else None
    return conflict_free(value, solve, Alike(test, added), search.feature)
