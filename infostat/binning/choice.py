"""From a binner's parameters and counted pre-bins to bins."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.binning.categories import joined_starts
from infostat.binning.columns import Column
from infostat.binning.curvature import CURVES, MOST_PREBINS
from infostat.binning.missing import send_missing
from infostat.binning.nesting import nest
from infostat.binning.optimal import TRENDS
from infostat.binning.prebins import regroup
from infostat.binning.search import PreCounts, Reserved, TrendSearch
from infostat.binning.splits import SplitRule, kept_starts, read_splits
from infostat.binning.trend import best_counts
from infostat.counts import CountTable
from infostat.divergences import get_divergence
from infostat.exceptions import InfostatError, InfostatWarning

__all__ = ["Problem", "choose_bins", "pose", "split_rule"]

FloatArray = npt.NDArray[np.float64]

AUTO_SHARE = 0.02
"""Least share of the weight in a bin where the user does not say."""

AUTO_EXPECTED = 5.0
"""Least expected rows of the smaller class in a bin where the user does not say."""


@dataclass(frozen=True, eq=False)
class Problem:
    """One feature's search.

    Attributes
    ----------
    pre : Bins
        Pre-bins in the order of the search.
    table : CountTable
        Their counts.
    counts : PreCounts
        The same, as the search reads them.
    search : TrendSearch
        Limits.
    trend : str or None
        Trend, or "auto".
    lenient : bool
        Whether a feature too small for two bins is left in one.
    """

    pre: Bins
    table: CountTable
    counts: PreCounts
    search: TrendSearch
    trend: str | None
    lenient: bool

    @property
    def is_trivial(self) -> bool:
        """Whether there is nothing to choose."""
        ordinary = self.table.weight[self.pre.first :]
        return self.pre.n_ordinary < 2 or float(ordinary.sum()) <= 0

    @property
    def is_small(self) -> bool:
        """Whether all ordinary values together are too few for a bin."""
        counts = self.counts
        sizes = counts.weight.sum() if counts.sizes is None else counts.sizes.sum()
        gone = counts.missing.size if counts.missing else 0.0
        return self.lenient and not counts.kept and sizes + gone < self.search.min_size


def split_rule(binner: Any, column: Column) -> SplitRule:
    """Where the candidate cuts of a column come from.

    Raises
    ------
    InfostatError
        If splits are given for levels, or are not numbers.
    """
    name = column.name
    return _splits(binner, name, levels=column.categorical)


def _splits(binner: Any, feature: str, *, levels: bool) -> SplitRule:
    given = (binner.user_splits or {}).get(feature)
    fixed = (binner.fixed_splits or {}).get(feature)
    if levels and (given is not None or fixed is not None):
        parameter = "user_splits" if given is not None else "fixed_splits"
        msg = (
            f"{parameter} names {feature!r}, which holds levels and has no cuts: give "
            f"its groups as fixed_bins."
        )
        raise InfostatError(msg)
    curved = trend_of(binner, feature) in CURVES
    return SplitRule(
        n_bins=min(binner.prebins, MOST_PREBINS) if curved else binner.prebins,
        given=None if given is None else read_splits("user_splits", feature, given),
        fixed=() if fixed is None else read_splits("fixed_splits", feature, fixed),
        digits=binner.split_digits,
        outliers=binner.outliers,
    )


def trend_of(binner: Any, feature: str) -> str | None:
    """Trend that is wanted of a feature.

    Raises
    ------
    InfostatError
        If it is none.
    """
    if not isinstance(binner.monotonic, dict):
        return binner.monotonic  # type: ignore[no-any-return]
    trend = binner.monotonic.get(feature, "auto")
    if trend not in ("auto", *CURVES, *TRENDS):
        msg = (
            f"monotonic of {feature!r} is {trend!r}: use 'auto', 'ascending', "
            f"'descending', 'peak', 'valley', 'concave', 'convex' or None."
        )
        raise InfostatError(msg)
    return trend  # type: ignore[no-any-return]


def pose(
    binner: Any, pre: Bins, table: CountTable, parts: tuple[CountTable, ...] = ()
) -> Problem:
    """State the search that a binner's parameters ask for.

    Parameters
    ----------
    binner : OptimalBinner
        Its parameters are read.
    pre : Bins
        Pre-bins of a feature.
    table : CountTable
        Their counts.
    parts : tuple of CountTable
        Counts of each of several samples that share the binning.

    Returns
    -------
    Problem
    """
    tables = (table, *parts)
    if pre.groups is not None:
        pre, tables = _ranked_levels(pre, tables, binner.prebins)
    rule = _splits(binner, pre.feature, levels=pre.groups is not None)
    if rule.given is not None:
        coarse = pre.with_cuts(np.union1d(rule.given, rule.fixed).tolist())
        codes = nest(pre, coarse)
        pre, tables = coarse, tuple(t.collapse(codes, coarse.labels) for t in tables)
    table, parts = tables[0], tables[1:]
    by_rows = binner.size_unit == "rows"
    counts = PreCounts(
        table.weight[pre.first :],
        table.totals,
        sizes=table.rows[pre.first :].sum(axis=1).astype(float) if by_rows else None,
        kept=kept_starts(pre.feature, pre.cuts or (), rule.fixed),
        samples=tuple((t.weight[pre.first :], t.totals) for t in parts),
        missing=_missing(table, parts, by_rows=by_rows)
        if binner.missing == "merge"
        else None,
    )
    return Problem(
        pre,
        table,
        counts,
        _limits(binner, pre.feature, table),
        None if pre.groups is not None else trend_of(binner, pre.feature),
        binner.min_bin_size == "auto",
    )


def _missing(
    table: CountTable, parts: tuple[CountTable, ...], *, by_rows: bool
) -> Reserved | None:
    weight = table.weight[0]
    if weight.sum() <= 0:
        return None
    size = table.rows[0].sum() if by_rows else weight.sum()
    return Reserved(weight, float(size), tuple(t.weight[0] for t in parts))


def level_order(weight: FloatArray) -> npt.NDArray[np.intp]:
    """Order of levels by event rate, empty ones last."""
    size = weight.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(size > 0, weight[:, 1] / size, np.inf)
    return np.argsort(rate, kind="stable")


def _ranked_levels(
    pre: Bins, tables: tuple[CountTable, ...], most: int
) -> tuple[Bins, tuple[CountTable, ...]]:
    """Levels in order of event rate, neighbours joined where there are too many."""
    groups = pre.groups or ()
    order = level_order(tables[0].weight[pre.first :])
    if (order != np.arange(order.size)).any():
        pre = Bins.categorical(
            pre.feature,
            [groups[k] for k in order],
            special_values=pre.special_values,
            missing_to=pre.missing_to,
        )
        place = np.concatenate([np.arange(pre.first), pre.first + order])
        tables = tuple(t.select(place) for t in tables)
    if len(groups) > most:
        starts = joined_starts(tables[0].weight[pre.first :].sum(axis=1), most)
        joined = [regroup(pre, table, starts) for table in tables]
        return joined[0][0], tuple(table for _, table in joined)
    return pre, tables


def _limits(binner: Any, feature: str, table: CountTable) -> TrendSearch:
    amounts = table.rows if binner.size_unit == "rows" else table.weight
    total = float(amounts.sum())
    if isinstance(binner.min_bin_size, str):
        rarest = float(amounts.sum(axis=0).min())
        smallest = max(AUTO_SHARE * total, AUTO_EXPECTED * total / rarest)
    else:
        smallest = _amount(binner.min_bin_size, total)
    named = {"iv": None, "iv_corrected": None}
    return TrendSearch(
        feature=feature,
        max_bins=binner.max_bins,
        min_bins=binner.min_bins,
        min_size=smallest,
        max_size=_amount(binner.max_bin_size, total),
        min_events=float(binner.min_events),
        max_events=_or_infinite(binner.max_events),
        min_non_events=float(binner.min_non_events),
        max_non_events=_or_infinite(binner.max_non_events),
        min_gap=float(binner.min_rate_gap),
        corrected=binner.objective == "iv_corrected",
        divergence=None
        if binner.objective in named
        else get_divergence(binner.objective),
        size_penalty=float(binner.size_penalty),
        max_pvalue=binner.max_pvalue,
        pvalue_pairs=binner.pvalue_pairs,
    )


def _amount(size: float | None, total: float) -> float:
    """A share (float) or an amount (int) as an amount."""
    if size is None:
        return np.inf
    if isinstance(size, float | np.floating):
        return float(size) * total
    return float(size)


def _or_infinite(limit: float | None) -> float:
    return np.inf if limit is None else float(limit)


def choose_bins(
    binner: Any, pre: Bins, table: CountTable, parts: tuple[CountTable, ...] = ()
) -> tuple[Bins, CountTable, str | None]:
    """Bins of a feature, their table, and the trend they follow.

    Parameters
    ----------
    binner, pre, table, parts
        See :func:`pose`.

    Returns
    -------
    bins : Bins
    table : CountTable
    trend : str or None

    Raises
    ------
    InfeasibleError
        If no binning is allowed.
    """
    problem = pose(binner, pre, table, parts)
    pre, table = problem.pre, problem.table
    if problem.is_trivial:
        return pre, table, None
    if problem.is_small:
        return (*regroup(pre, table, [0]), None)
    found = best_counts(problem.counts, problem.search, problem.trend)
    if len(found.starts) == 1:
        _warn_of_pure_cuts(problem.counts.weight, problem.search)
    bins, merged = regroup(pre, table, list(found.starts))
    if found.joined is not None:
        bins, merged = send_missing(bins, merged, found.joined)
    return bins, merged, found.trend


def _warn_of_pure_cuts(weight: FloatArray, search: TrendSearch) -> None:
    """Warn where a feature is left in one bin because it tells the classes apart."""
    left = np.cumsum(weight, axis=0)[:-1]
    right = weight.sum(axis=0) - left
    large = np.minimum(left.sum(axis=1), right.sum(axis=1)) >= search.min_size
    lacking = np.minimum(left, right).min(axis=1) <= 0
    if lacking[large].any() and lacking[large].all():
        warnings.warn(
            f"Every cut of {search.feature!r} leaves a bin without events or without "
            f"non-events, so it was left in one bin and shows no information value. It "
            f"may give the outcome away: check it for leakage, or give it fixed_bins.",
            InfostatWarning,
            stacklevel=8,
        )
