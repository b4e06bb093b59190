"""Count tables inside the engine that holds the frame: one group-by a feature.

One nested ``when`` gives the same bins on every engine that narwhals speaks to. The
order of its tests matters: null and NaN are asked first, since engines disagree on how
NaN compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

from infostat.counts.levels import level_name
from infostat.counts.partition import Partition, first_ordinary
from infostat.counts.plain_names import plain_names
from infostat.counts.table import CountTable
from infostat.exceptions import InfostatError

__all__ = [
    "bin_expression",
    "check_weights",
    "count_frame",
    "count_frame_levels",
    "nan_expression",
]


def bin_expression(
    partition: Partition,
    dtype: Any,
    *,
    values: Sequence[float] | None = None,
    column_name: str | None = None,
    engine: nw.Implementation | None = None,
) -> nw.Expr:
    """Bin code of a column, or a value a bin, as an expression for any engine.

    Parameters
    ----------
    partition : Partition
        Bins of the feature.
    dtype : narwhals dtype
        Type of the column in the frame at hand.
    values : sequence of float, optional
        What each bin stands for, such as its points; its code by default.
    column_name : str, optional
        Name of the column in the frame; that of the feature by default.
    engine : narwhals Implementation, optional
        Library of the frame; DuckDB needs to be known.

    Returns
    -------
    narwhals Expr
        Integer codes in the documented order, or the values.

    Raises
    ------
    InfostatError
        If a numeric feature is held as text.
    """
    column = nw.col(partition.feature if column_name is None else column_name)
    if partition.groups is None:
        column = _number(column, partition.feature, dtype)
    elif dtype.is_float():
        column = column.cast(nw.Float64())
    means: Sequence[float] = range(len(partition.labels)) if values is None else values
    offset = first_ordinary(partition)
    if partition.groups is None:
        code = _by_halves(column, partition.cuts or (), means[offset:])
    else:
        groups = [_typed_levels(group, dtype) for group in partition.groups]
        held = [
            (levels, means[offset + k]) for k, levels in enumerate(groups) if levels
        ]
        code = _among(column, held, means[offset - 1])  # else the bin of unseen levels
    for k, special in enumerate(partition.special_values, start=1):
        for level in _typed_levels((str(level_name(special)),), dtype):
            code = nw.when(column == level).then(nw.lit(means[k])).otherwise(code)
    missing = nw.lit(means[partition.missing_to])
    if dtype.is_float():
        code = nw.when(nan_expression(column, engine)).then(missing).otherwise(code)
    return nw.when(column.is_null()).then(missing).otherwise(code)


def _by_halves(
    column: nw.Expr, cuts: Sequence[float], means: Sequence[float]
) -> nw.Expr:
    """Bin among cuts by bisection: no engine nests hundreds of tests in one another."""
    if not cuts:
        return nw.lit(means[0])
    middle = len(cuts) // 2
    below = _by_halves(column, cuts[:middle], means[: middle + 1])
    above = _by_halves(column, cuts[middle + 1 :], means[middle + 1 :])
    return nw.when(column <= cuts[middle]).then(below).otherwise(above)


def _among(
    column: nw.Expr, groups: Sequence[tuple[list[Any], float]], other: float
) -> nw.Expr:
    """Bin among groups of levels, likewise by bisection."""
    if not groups:
        return nw.lit(other)
    if len(groups) == 1:
        levels, mean = groups[0]
        return nw.when(column.is_in(levels)).then(nw.lit(mean)).otherwise(nw.lit(other))
    middle = len(groups) // 2
    first = [level for levels, _ in groups[:middle] for level in levels]
    return (
        nw.when(column.is_in(first))
        .then(_among(column, groups[:middle], other))
        .otherwise(_among(column, groups[middle:], other))
    )


def nan_expression(column: nw.Expr, engine: nw.Implementation | None) -> nw.Expr:
    """Whether a number is NaN, in words that the engine does not answer unseen.

    Statistics of a parquet file leave NaN out. DuckDB 2.0 takes them at their word and
    answers ``isnan(x)``, and ``isnan`` of most functions of x, from them (its issue
    25521); ``isfinite`` reads the values.
    """
    number = column.cast(nw.Float64())
    if engine is None or not engine.is_duckdb():
        return number.is_nan()
    infinite = (number == float("inf")) | (number == -float("inf"))
    return ~number.is_finite() & ~infinite


def _number(column: nw.Expr, feature: str, dtype: Any) -> nw.Expr:
    """Column as Float64; polars would round a cut to the float32 of its column."""
    if not (dtype.is_numeric() or isinstance(dtype, nw.Boolean | nw.Unknown)):
        msg = (
            f"Column {feature!r} is a numeric feature but holds {dtype}: cast it to "
            f"numbers, or declare the feature categorical."
        )
        raise InfostatError(msg)
    return column.cast(nw.Float64())


def _typed_levels(levels: Sequence[str], dtype: Any) -> list[Any]:
    """Level names as values of the column's type; names that cannot occur drop out."""
    if isinstance(dtype, nw.Boolean):
        return [name == "True" for name in levels if name in ("True", "False")]
    if not dtype.is_numeric():
        return list(levels)
    kind = float if dtype.is_float() else int
    values: list[Any] = []
    for name in levels:
        try:
            number = kind(name)
        except ValueError:
            continue
        # "01" reads as 1 but is another level; no column holds a wider whole number.
        if level_name(number) == name and (kind is float or -(2**63) <= number < 2**64):
            values.append(number)
    return values


def check_weights(weight: str, n_unusable: int) -> None:
    """Raise where some weights cannot be summed."""
    if n_unusable:
        msg = (
            f"{n_unusable} or more weights in {weight!r} are missing, negative or "
            f"infinite: weights must be finite and not negative."
        )
        raise InfostatError(msg)


def count_frame(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any],
    partition: Partition,
    target: str,
    classes: Sequence[Any],
    *,
    weight: str | None = None,
) -> CountTable:
    """Count one feature of a frame without bringing its rows into memory.

    Parameters
    ----------
    frame : narwhals DataFrame or LazyFrame
        Rows.
    partition : Partition
        Bins of the feature.
    target : str
        Column of the class.
    classes : sequence
        Labels of the classes, in the order of the table's columns.
    weight : str, optional
        Column of the weights.

    Returns
    -------
    CountTable

    Raises
    ------
    InfostatError
        If the target holds a value that is not among the classes, or a weight is
        missing, negative or infinite.
    """
    dtype = frame.collect_schema()[partition.feature]
    plain, named = plain_names(frame)
    code = bin_expression(
        partition,
        dtype,
        column_name=named[partition.feature],
        engine=plain.implementation,
    )
    cells = _group(plain, named, code, target, classes, weight)
    shape = (len(partition.labels), len(classes))
    rows = np.zeros(shape, dtype=np.int64)
    sums = np.zeros((2, *shape))
    for cell in cells:
        place = int(cell.key), cell.class_index
        rows[place] = cell.rows
        sums[(slice(None), *place)] = cell.weight, cell.squared
    return CountTable(rows, sums[0], sums[1], partition.labels)


def count_frame_levels(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any],
    feature: str,
    target: str,
    classes: Sequence[Any],
    *,
    weight: str | None = None,
) -> CountTable:
    """Count every level of a feature by one group-by in the engine.

    Parameters
    ----------
    frame, target, classes, weight
        See :func:`count_frame`.
    feature : str
        Column of levels.

    Returns
    -------
    CountTable
        Missing values first, then the levels, sorted, under their names.
    """
    plain, named = plain_names(frame)
    cells = _group(plain, named, nw.col(named[feature]), target, classes, weight)
    names = [level_name(cell.key) for cell in cells]
    levels = sorted({name for name in names if name is not None})
    index: dict[str | None, int] = {None: 0}
    index |= {name: k for k, name in enumerate(levels, start=1)}
    rows = np.zeros((len(levels) + 1, len(classes)), dtype=np.int64)
    sums = np.zeros((2, *rows.shape))
    for name, cell in zip(names, cells, strict=True):
        place = index[name], cell.class_index
        # Two raw values may share a name, such as NaN and null.
        rows[place] += cell.rows
        sums[(0, *place)] += cell.weight
        sums[(1, *place)] += cell.squared
    return CountTable(rows, sums[0], sums[1], ("missing", *levels))


class _Cell(NamedTuple):
    """Sums of the rows of one key and class."""

    key: Any
    class_index: int
    rows: int
    weight: float
    squared: float


def _group(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any],
    named: dict[str, str],
    key: nw.Expr,
    target: str,
    classes: Sequence[Any],
    weight: str | None,
) -> list[_Cell]:
    """Sums by key and class, from one group-by in the engine."""
    columns = [key.alias("bin_code"), nw.col(named[target]).alias("bin_class")]
    sums = [nw.len().alias("n_rows")]
    if weight is not None:
        w = nw.col(named[weight]).cast(nw.Float64())
        unusable = w.is_null() | ~((w >= 0) & (w < float("inf")))
        columns += [
            w.alias("bin_weight"),
            (w * w).alias("bin_squared"),
            nw.when(unusable)
            .then(nw.lit(1))
            .otherwise(nw.lit(0))
            .alias("bin_unusable"),
        ]
        sums += [nw.col("bin_weight", "bin_squared", "bin_unusable").sum()]
    # Products are made before the aggregation: pyarrow and Dask refuse them inside.
    counted = frame.select(*columns).group_by("bin_code", "bin_class").agg(*sums)
    if isinstance(counted, nw.LazyFrame):
        counted = counted.collect()
    place = {label: k for k, label in enumerate(classes)}
    cells = []
    for record in counted.iter_rows(named=True):
        label = record["bin_class"]
        if label is None or label not in place:
            msg = (
                f"The target {target!r} holds {label!r}: its classes are "
                f"{list(classes)}; drop or recode such rows."
            )
            raise InfostatError(msg)
        n_rows = int(record["n_rows"])
        total, squared = float(n_rows), float(n_rows)
        if weight is not None:
            total, squared = record["bin_weight"], record["bin_squared"]
            # A NaN that statistics hid from the comparison shows in the sum.
            hidden = total is not None and total != total
            check_weights(weight, int(record["bin_unusable"]) or int(hidden))
        cells.append(_Cell(record["bin_code"], place[label], n_rows, total, squared))
    return cells
