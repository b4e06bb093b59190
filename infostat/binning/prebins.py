"""Pre-bins of one column, counted: quantiles of numbers, levels by event rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.binning.categories import ordered_groups
from infostat.binning.columns import Column
from infostat.binning.quantile import counted_quantiles, quantile_cuts
from infostat.binning.specials import special_codes
from infostat.counts import CountTable
from infostat.counts.array_engine import count_levels
from infostat.counts.levels import Factorized, level_names

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

    Raises
    ------
    InfostatError
        See :func:`.special_codes`.
    """
    codes = special_codes(given, column.name, categorical=column.categorical)
    if column.categorical or isinstance(given, Mapping):
        return codes
    return [v for v in codes if (column.values == v).any()]


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
    ordinary, ordinary_weight, ordinary_classes = column.values, weight, classes
    if special_values:
        kept = ~np.isin(column.values, special_values)
        ordinary, ordinary_classes = column.values[kept], classes[kept]
        ordinary_weight = None if weight is None else weight[kept]
    if weight is not None:
        cuts = quantile_cuts(ordinary, n_bins, ordinary_weight)
        bins = Bins.numeric(column.name, cuts, special_values=special_values)
        return bins, bins.count(column.values, classes, weight)
    cuts, rows = counted_quantiles(ordinary, n_bins, ordinary_classes)
    bins = Bins.numeric(column.name, cuts, special_values=special_values)
    for value in reversed(special_values):
        counts = np.bincount(classes[column.values == value], minlength=2)
        rows = np.insert(rows, 1, counts, axis=0)
    sums = rows.astype(np.float64)
    return bins, CountTable(rows, sums, sums.copy(), bins.labels)


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
    counted = count_levels(column.values, classes, weight=weight)
    bins, places = _placed_levels(
        column.name, counted, n_bins, special_values, rare_level
    )
    if isinstance(column.values, Factorized):
        column.values.places.append((bins, places))
    return bins, counted.collapse(places, bins.labels)


def group_levels(
    feature: str,
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
    counted : CountTable
        Missing values first, then one row a level under its name.
    n_bins, special_values, rare_level
        See :func:`prebin_levels`.

    Returns
    -------
    bins : Bins
    table : CountTable
    """
    bins, places = _placed_levels(feature, counted, n_bins, special_values, rare_level)
    return bins, counted.collapse(places, bins.labels)


def _placed_levels(
    feature: str,
    counted: CountTable,
    n_bins: int,
    special_values: Sequence[Any],
    rare_level: float,
) -> tuple[Bins, npt.NDArray[np.intp]]:
    """Bins of counted levels, and the bin of missing values and of each level."""
    levels = counted.labels[1:]
    declared = level_names(special_values)
    place = {name: levels.index(name) for name in declared if name in levels}
    specials = list(place.values())
    ordinary = np.delete(np.arange(len(levels)), specials)
    groups = ordered_groups(
        counted.weight[1 + ordinary],
        [levels[k] for k in ordinary] if specials else levels,
        rare_level=rare_level,
        max_groups=n_bins,
    )
    members = [ordinary[group] for group in groups]
    # Far faster than one by one, should there be a hundred thousand.
    every = np.array(levels, dtype=object)
    named = [every[group].tolist() for group in members]
    bins = Bins.categorical(feature, named, special_values=list(place))
    # A level whose rows all have weight zero was never seen.
    target = np.full(len(levels) + 1, bins.unseen, dtype=np.intp)
    target[0] = 0
    target[1 + np.array(specials, dtype=np.intp)] = 1 + np.arange(len(specials))
    for number, group in enumerate(members, start=bins.first):
        target[1 + group] = number
    return bins, target


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
