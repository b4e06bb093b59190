"""Pre-bins of one column, counted: quantiles of numbers, levels by event rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.binning.categories import ordered_groups
from infostat.binning.columns import Column
from infostat.binning.quantile import quantile_cuts
from infostat.counts import CountTable
from infostat.counts.array_engine import count_codes
from infostat.counts.levels import factorize, level_name

__all__ = [
    "declared_specials",
    "group_levels",
    "prebin_levels",
    "prebin_numbers",
    "regroup",
]

FloatArray = npt.NDArray[np.float64]
Classes = npt.NDArray[np.uint8]


def declared_specials(given: Any, column: Column) -> list[Any]:
    """Special values of one column.

    Parameters
    ----------
    given : list, dict or None
        As declared by the user: for all features, or feature by feature.
    column : Column
        The column.

    Returns
    -------
    list
        All that are declared for levels; for numbers those that are numbers, and out of
        a list for all features those that occur.
    """
    if isinstance(given, dict):
        declared = list(given.get(column.name, ()))
    else:
        declared = list(given or ())
    if column.categorical:
        return declared
    numbers = [v for v in declared if not isinstance(v, str)]
    if isinstance(given, dict):
        return numbers
    return [v for v in numbers if (column.values == v).any()]


def prebin_numbers(
    column: Column,
    n_bins: int,
    classes: Classes,
    *,
    weight: FloatArray | None = None,
    special_values: Sequence[float] = (),
) -> tuple[Bins, CountTable]:
    """Cut a numeric column at its quantiles and count it.

    Parameters
    ----------
    column : Column
        Numbers.
    n_bins : int
        Most ordinary bins.
    classes : ndarray of shape (n_samples,)
        0 for non-events, 1 for events.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights.
    special_values : sequence of float
        Codes that get a bin each and do not move the quantiles.

    Returns
    -------
    bins : Bins
    table : CountTable
    """
    ordinary, ordinary_weight = column.values, weight
    if special_values:
        kept = ~np.isin(column.values, special_values)
        ordinary = column.values[kept]
        ordinary_weight = None if weight is None else weight[kept]
    cuts = quantile_cuts(ordinary, n_bins, ordinary_weight)
    bins = Bins.numeric(column.name, cuts, special_values=special_values)
    return bins, bins.count(column.values, classes, weight)


def prebin_levels(
    column: Column,
    n_bins: int,
    classes: Classes,
    *,
    weight: FloatArray | None = None,
    special_values: Sequence[Any] = (),
    rare_level: float = 0.0,
) -> tuple[Bins, CountTable]:
    """Put the levels of a categorical column in order of event rate and count them.

    Parameters
    ----------
    column : Column
        Levels.
    n_bins : int
        Most ordinary bins.
    classes, weight
        See :func:`prebin_numbers`.
    special_values : sequence
        Levels that get a bin each, where they occur.
    rare_level : float, default=0.0
        Levels with a smaller share of the weight are pooled.

    Returns
    -------
    bins : Bins
    table : CountTable
    """
    codes, levels = factorize(column.values)
    # Code -1 (missing) is counted in a place of its own, after the levels.
    place = np.where(codes < 0, len(levels), codes)
    counted = count_codes(place, classes, [*levels, "missing"], weight=weight)
    return group_levels(
        column.name,
        levels,
        counted,
        n_bins,
        special_values=special_values,
        rare_level=rare_level,
    )


def group_levels(
    feature: str,
    levels: Sequence[str],
    counted: CountTable,
    n_bins: int,
    *,
    special_values: Sequence[Any] = (),
    rare_level: float = 0.0,
) -> tuple[Bins, CountTable]:
    """Put counted levels in order of event rate.

    Parameters
    ----------
    feature : str
        Name of the feature.
    levels : sequence of str
        Its levels.
    counted : CountTable
        Their counts, and those of missing values in the last row.
    n_bins, special_values, rare_level
        See :func:`prebin_levels`.

    Returns
    -------
    bins : Bins
    table : CountTable
    """
    names = [str(level_name(value)) for value in special_values]
    specials = [name for name in names if name in levels]
    ordinary = [k for k, level in enumerate(levels) if level not in specials]
    groups = ordered_groups(
        counted.weight[ordinary],
        [levels[k] for k in ordinary],
        rare_level=rare_level,
        max_groups=n_bins,
    )
    members = [[ordinary[k] for k in group] for group in groups]
    named = [[levels[k] for k in group] for group in members]
    bins = Bins.categorical(feature, named, special_values=specials)
    # A level whose rows all have weight zero was never seen.
    target = np.full(len(levels) + 1, bins.unseen, dtype=np.intp)
    target[-1] = 0
    for number, special in enumerate(specials, start=1):
        target[levels.index(special)] = number
    for number, group in enumerate(members, start=bins.first):
        target[group] = number
    return bins, counted.collapse(target, bins.labels)


def regroup(pre: Bins, table: CountTable, starts: list[int]) -> tuple[Bins, CountTable]:
    """Join ordinary pre-bins into bins that start at the given pre-bins."""
    ends = [*starts[1:], pre.n_ordinary]
    if pre.groups is not None:
        groups = [
            [level for group in pre.groups[a:b] for level in group]
            for a, b in zip(starts, ends, strict=True)
        ]
        bins = Bins.categorical(pre.feature, groups, special_values=pre.special_values)
    else:
        cuts = pre.cuts or ()
        bins = Bins.numeric(
            pre.feature,
            [cuts[b - 1] for b in ends[:-1]],
            special_values=pre.special_values,  # type: ignore[arg-type]
        )
    number = np.repeat(np.arange(len(starts)), np.diff([*starts, pre.n_ordinary]))
    codes = np.concatenate([np.arange(pre.first), pre.first + number])
    return bins, table.collapse(codes, bins.labels)
