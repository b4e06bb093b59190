"""A column on its way to XGBoost and back: values to boost on, bins to count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.binning.boosting import BoostedColumn
from infostat.binning.columns import Column
from infostat.binning.prebins import declared_specials, prebin_levels, regroup
from infostat.binning.single_precision import right_closed_cuts
from infostat.counts import CountTable
from infostat.exceptions import InfostatError

__all__ = [
    "StumpColumn",
    "count_cuts",
    "join_levels",
    "monotone_constraint",
    "stump_column",
]

FloatArray = npt.NDArray[np.float64]
Classes = npt.NDArray[np.uint8]

MOST_LEVELS = 256
"""Levels XGBoost is given; with more, neighbours in event rate are joined first."""

DIRECTIONS = {"ascending": 1, "descending": -1}
"""Monotone constraint on the log-odds of the event for a trend of its rate."""


@dataclass(frozen=True, eq=False)
class StumpColumn:
    """A column, what XGBoost is given of it, and its counted levels.

    Attributes
    ----------
    source : Column
        Values as read.
    boosted : BoostedColumn
        Numbers, special values left out; or the place of each level among ``levels``'
        bins, special levels last.
    special_values : tuple
        Codes with a bin of their own.
    levels : Bins or None
        Single levels (rare ones pooled) of a categorical column.
    counted : CountTable or None
        Their counts.
    """

    source: Column
    boosted: BoostedColumn
    special_values: tuple[Any, ...]
    levels: Bins | None = None
    counted: CountTable | None = None


def monotone_constraint(wanted: Any, name: str, found: str | None) -> str | None:
    """Monotone constraint of one numeric feature.

    Parameters
    ----------
    wanted : str, dict or None
        As the user asked, for all features or feature by feature.
    name : str
        The feature.
    found : str or None
        Its trend, which "auto" takes where it is monotone.

    Returns
    -------
    {"ascending", "descending", None}

    Raises
    ------
    InfostatError
        If the constraint is unknown.
    """
    if isinstance(wanted, dict):
        wanted = wanted.get(name, "auto")
    if wanted == "auto":
        return found if found in DIRECTIONS else None
    if wanted is not None and wanted not in DIRECTIONS:
        msg = (
            f"monotonic of {name!r} is {wanted!r}: use 'auto', 'ascending', "
            f"'descending' or None."
        )
        raise InfostatError(msg)
    return wanted  # type: ignore[no-any-return]


def stump_column(
    column: Column,
    classes: Classes,
    weight: FloatArray | None,
    special_values: Any,
    rare_level: float,
    trend: str | None = None,
) -> StumpColumn:
    """Prepare a column.

    Parameters
    ----------
    column : Column
        Values as read.
    classes : ndarray of shape (n_samples,)
        0 for non-events, 1 for events.
    weight : ndarray of shape (n_samples,) or None
        Frequency weights.
    special_values : list, dict or None
        As declared by the user.
    rare_level : float
        Levels with a smaller share of the weight are pooled.
    trend : str or None
        "ascending" and "descending" become a monotone constraint.

    Returns
    -------
    StumpColumn
    """
    specials = tuple(declared_specials(special_values, column))
    if not column.categorical:
        values = column.values
        if specials:
            values = np.where(np.isin(values, specials), np.nan, values)
        direction = DIRECTIONS.get(trend or "", 0)
        return StumpColumn(column, BoostedColumn(values, 0, direction), specials)
    levels, counted = prebin_levels(
        column,
        MOST_LEVELS,
        classes,
        weight=weight,
        special_values=specials,
        rare_level=rare_level,
    )
    n_specials = len(levels.special_values)
    place = np.full(levels.n_bins, np.nan, dtype=np.float32)
    place[levels.first :] = np.arange(levels.n_ordinary)
    place[1 : 1 + n_specials] = levels.n_ordinary + np.arange(n_specials)
    boosted = BoostedColumn(
        place[levels.codes(column.values)], levels.n_ordinary + n_specials
    )
    return StumpColumn(column, boosted, levels.special_values, levels, counted)


def count_cuts(
    column: StumpColumn,
    thresholds: npt.NDArray[np.float32],
    classes: Classes,
    weight: FloatArray | None,
) -> tuple[Bins, CountTable, slice]:
    """Bins between thresholds, those without rows at either end left out.

    A stump that only sets missing values apart has its threshold outside the range of
    the data. Beyond it XGBoost would score a number like a missing value; here a number
    outside the training range belongs to the nearest bin with rows.

    Parameters
    ----------
    column : StumpColumn
        Numeric.
    thresholds : ndarray of float32
        Increasing.
    classes, weight
        See :func:`stump_column`.

    Returns
    -------
    bins : Bins
    table : CountTable
    kept : slice
        Which of the ``len(thresholds) + 1`` bins are left.
    """
    bins = Bins.numeric(
        column.source.name,
        right_closed_cuts(thresholds),
        special_values=column.special_values,
    )
    table = bins.count(column.source.values, classes, weight)
    filled = np.flatnonzero(table.weight[bins.first :].sum(axis=1) > 0)
    low, high = (int(filled[0]), int(filled[-1])) if filled.size else (0, 0)
    starts = [0, *range(low + 1, high + 1)]
    return *regroup(bins, table, starts), slice(low, high + 1)


def join_levels(
    column: StumpColumn, signature: npt.NDArray[np.intp]
) -> tuple[Bins, CountTable]:
    """Join the levels with one signature, bins by rising event rate.

    Parameters
    ----------
    column : StumpColumn
        Categorical.
    signature : ndarray of shape (n_levels,), int
        Number of each level; those of special levels, at the end, do not matter.

    Returns
    -------
    bins : Bins
    table : CountTable
    """
    levels, counted = column.levels, column.counted
    assert levels is not None  # noqa: S101 - a categorical column has both
    assert counted is not None  # noqa: S101
    names = levels.groups or ()
    size = counted.weight[levels.first :]
    groups = [
        np.flatnonzero(signature[: levels.n_ordinary] == number)
        for number in np.unique(signature[: levels.n_ordinary])
    ]
    cells = np.array([size[group].sum(axis=0) for group in groups]).reshape(-1, 2)
    rate = cells[:, 1] / np.maximum(cells.sum(axis=1), 1e-300)
    groups = [groups[k] for k in np.argsort(rate, kind="stable")]
    bins = Bins.categorical(
        column.source.name,
        [[name for k in group for name in names[k]] for group in groups],
        special_values=levels.special_values,
    )
    target = np.arange(levels.n_bins)
    for number, group in enumerate(groups, start=bins.first):
        target[levels.first + group] = number
    return bins, counted.collapse(target, bins.labels)
