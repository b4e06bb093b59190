"""The door to counting: frame in, one count table a feature out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NoReturn

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._arrays import read_choice
from infostat._frames import as_frame
from infostat._text import name_list
from infostat.counts.array_engine import count_values
from infostat.counts.frame_engine import check_weights, count_frame
from infostat.counts.partition import Partition
from infostat.counts.table import CountTable
from infostat.exceptions import InfostatError

__all__ = ["tabulate"]


def tabulate(
    frame: Any,
    bins: Mapping[str, Partition],
    target: str,
    weight: str | None = None,
    *,
    classes: Sequence[Any] = (0, 1),
    engine: Literal["auto", "array", "frame"] = "auto",
) -> dict[str, CountTable]:
    """Count a frame in the engine that holds it.

    Parameters
    ----------
    frame : data frame
        pandas, polars (eager or lazy), pyarrow, DuckDB, or any other frame that
        narwhals reads.
    bins : mapping of str to Bins
        Bins of each feature to count.
    target : str
        Column of the class.
    weight : str, optional
        Column of the weights, finite and not negative.
    classes : sequence, default=(0, 1)
        Labels of the target in the order of the table's columns: non-event, event.
    engine : {"auto", "array", "frame"}, default="auto"
        "frame" groups inside the frame's own engine, "array" counts numpy columns; by
        default eager frames take the second road and lazy ones the first. Both give
        identical tables.

    Returns
    -------
    dict of str to CountTable
        Tables of the same bins add.

    Raises
    ------
    InfostatError
        If ``frame`` is no data frame, a column is absent, the target holds a value
        that is not among the classes, a weight cannot be summed, or the engine is
        unknown.
    """
    read_choice(engine, "engine", ("auto", "array", "frame"))
    data = as_frame(frame)
    if data is None:
        msg = (
            f"tabulate needs a data frame, got {type(frame).__name__}: wrap arrays in "
            f"one, or count them with a fitted binner."
        )
        raise InfostatError(msg)
    names = data.collect_schema().names()
    wanted = [*bins, target] + ([] if weight is None else [weight])
    absent = [name for name in wanted if name not in names]
    if absent:
        msg = f"The frame lacks {name_list(absent)}; it has {name_list(names)}."
        raise InfostatError(msg)
    for name, part in bins.items():
        if part.feature != name:
            msg = f"The bins given for {name!r} are those of {part.feature!r}."
            raise InfostatError(msg)
    if engine == "frame" or (engine == "auto" and isinstance(data, nw.LazyFrame)):
        return {
            name: count_frame(data, part, target, classes, weight=weight)
            for name, part in bins.items()
        }
    eager = data.collect() if isinstance(data, nw.LazyFrame) else data
    y = _class_index(eager.get_column(target), target, classes)
    w = None
    if weight is not None:
        w = column_values(eager.get_column(weight), categorical=False)
        check_weights(weight, int((~(np.isfinite(w) & (w >= 0))).sum()))
    return {
        name: count_values(
            column_values(eager.get_column(name), categorical=part.groups is not None),
            part,
            y,
            weight=w,
            n_classes=len(classes),
        )
        for name, part in bins.items()
    }


def column_values(column: nw.Series[Any], *, categorical: bool) -> Any:
    """Values of a column as the array engine reads them, null turned into NaN."""
    if categorical:
        return column
    dtype = column.dtype
    if isinstance(dtype, nw.Boolean) or (dtype.is_numeric() and not dtype.is_float()):
        column = column.cast(nw.Float64())
    try:
        return np.asarray(column.to_numpy(), dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = (
            f"Column {column.name!r} is a numeric feature but holds {dtype} ({error}): "
            f"cast it to numbers, or declare the feature categorical."
        )
        raise InfostatError(msg) from error


def _class_index(
    column: nw.Series[Any], target: str, classes: Sequence[Any]
) -> npt.NDArray[np.uint8]:
    # Missing values are asked first: pandas' NA refuses comparisons.
    known = ~column.is_null().to_numpy().astype(bool)
    if not known.all():
        _refuse(None, target, classes)
    values = column.to_numpy()
    index = np.zeros(len(values), dtype=np.uint8)
    known = np.zeros(len(values), dtype=bool)
    for k, label in enumerate(classes):
        match = np.asarray(values == label, dtype=bool)
        index[match] = k
        known |= match
    if not known.all():
        _refuse(values[~known].tolist()[0], target, classes)
    return index


def _refuse(stranger: Any, target: str, classes: Sequence[Any]) -> NoReturn:
    msg = (
        f"The target {target!r} holds {stranger!r}: its classes are {list(classes)}; "
        f"drop or recode such rows."
    )
    raise InfostatError(msg)
