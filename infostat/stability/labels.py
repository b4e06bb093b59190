"""Segments, periods and outcomes of rows, as numbers with names."""

from __future__ import annotations

import warnings
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat.counts.levels import factorize, level_name
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.stability.snapshot import TOTAL

__all__ = ["read_outcome", "read_periods", "read_segments"]

Codes = npt.NDArray[np.intp]


def _named(values: Any, n_rows: int, what: str) -> tuple[Codes, list[str]]:
    """Codes and names, in numeric order where all names are numbers, else as text."""
    series = nw.from_native(values, pass_through=True, allow_series=True)
    column = series if isinstance(series, nw.Series) else np.asarray(values)
    shape = (len(column),) if isinstance(column, nw.Series) else column.shape
    if shape != (n_rows,):
        msg = f"{what} has the shape {shape}: give one name for each of {n_rows} rows."
        raise InfostatError(msg)
    if isinstance(column, nw.Series) and column.dtype.is_temporal():
        column = column.cast(nw.String())
    codes, levels = factorize(column)
    missing = codes < 0
    if missing.any():
        levels = [*levels, "missing"]
        codes = np.where(missing, len(levels) - 1, codes)
    used = np.unique(codes)
    names = [levels[k] for k in used]
    order = sorted(range(len(names)), key=_order(names))
    rank = np.empty(len(levels), dtype=np.intp)
    rank[used[order]] = np.arange(len(names))
    return rank[codes], [names[k] for k in order]


def _order(names: list[str]) -> Any:
    try:
        numbers = [float(name) for name in names]
    except ValueError:
        return lambda k: names[k]
    return lambda k: numbers[k]


def read_segments(values: Any, n_rows: int) -> tuple[Codes, tuple[str, ...]]:
    """Segment of each row; no names where there are no segments.

    Raises
    ------
    InfostatError
        If the length does not fit, or a segment has the name of their total.
    """
    if values is None:
        return np.zeros(n_rows, dtype=np.intp), ()
    codes, names = _named(values, n_rows, "segments")
    if TOTAL in names:
        msg = f"A segment is called {TOTAL!r}, the name of their total: rename it."
        raise InfostatError(msg)
    return codes, tuple(names)


def read_periods(period: Any, n_rows: int) -> tuple[Codes, list[str]]:
    """Period of each row: one label for all, or one a row (vintages).

    Raises
    ------
    InfostatError
        If there is no label, or the length does not fit.
    """
    name = None
    if np.ndim(period) == 0 and not hasattr(period, "__len__"):
        name = level_name(period)
    elif isinstance(period, str):
        name = period
    else:
        return _named(period, n_rows, "period")
    if name is None:
        msg = "period is missing: give the batch a label, such as period='2024-05'."
        raise InfostatError(msg)
    return np.zeros(n_rows, dtype=np.intp), [name]


def read_outcome(y: Any, event: Any, classes: Any, n_rows: int) -> Codes:
    """Outcome of each row: 0 non-event, 1 event, 2 not known.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or None
        Labels as at fit; missing where the outcome is not known yet.
    event : object
        Label of the event.
    classes : ndarray of shape (2,) or None
        Both labels; None where the reference had no outcome.
    n_rows : int
        Rows of the sample.

    Raises
    ------
    InfostatError
        If the length does not fit or a label was not seen at fit.
    """
    unknown = np.full(n_rows, 2, dtype=np.intp)
    if y is None:
        return unknown
    if classes is None:
        warnings.warn(
            "The reference sample has no outcome, so there is nothing to compare y "
            "with and it is not used: give y to fit.",
            InfostatWarning,
            stacklevel=4,
        )
        return unknown
    codes, names = _named(y, n_rows, "y")
    labels = [str(level_name(label)) for label in classes]
    strangers = [name for name in names if name not in (*labels, "missing")]
    if strangers:
        msg = (
            f"y holds {strangers[0]!r}, but the outcomes at fit were {labels}: recode "
            f"it, or leave it missing where the outcome is not known."
        )
        raise InfostatError(msg)
    hit = str(level_name(event))
    table = [2 if n == "missing" else int(n == hit) for n in names]
    return np.array(table, dtype=np.intp)[codes] if names else unknown
