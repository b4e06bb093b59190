"""The columns of a table, whatever holds it: numbers as float64, levels as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._frames import as_frame
from infostat._text import name_list
from infostat.counts.levels import Factorized, factorize
from infostat.exceptions import InfostatError

__all__ = ["Column", "Columns", "read_columns"]

NEIGHBOURS = 8
"""Columns of a row-major array that share its cache lines."""

GATHERED = 32 * 2**20
"""Most bytes of neighbours copied at once, so that memory stays bounded."""

BLOCK = 4096
"""Rows of a block of neighbours: read and written within the cache."""

ARRAY_CHUNK, FRAME_CHUNK = 16_384, 131_072
"""Rows of a chunk: gathered columns stay in cache, but each column of a frame has costs."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes
    ----------
    name : str
        Name of the feature.
    values : ndarray of float64, or array, narwhals Series or Factorized of levels
        Numbers with NaN for missing, or anything that can be factorized.
    categorical : bool
        Whether ``values`` are levels.
    """

    name: str
    values: Any
    categorical: bool


class Columns:
    """Columns of an eager frame or of a two-dimensional array, read one at a time.

    Parameters
    ----------
    data : frame or ndarray of shape (n_samples, n_features)
        The table; it is neither copied nor changed.
    names : sequence of str, optional
        Features to read: columns of a frame by name, of an array by position.
    keep : bool, default=False
        Whether to remember how levels were numbered, for whoever reads them again.

    Raises
    ------
    InfostatError
        If a named column is absent, or the array has another number of columns.
    """

    def __init__(
        self, data: Any, names: Sequence[str] | None = None, *, keep: bool = False
    ) -> None:
        frame = as_frame(data)
        if isinstance(frame, nw.LazyFrame):
            msg = (
                "A lazy frame cannot be read row by row: collect it, or count it with "
                "infostat.tabulate."
            )
            raise InfostatError(msg)
        self._frame = frame
        self._rows: npt.NDArray[np.intp] | None = None
        self._array = None if frame is not None else np.asarray(data)
        self._kept: dict[str, Factorized] | None = {} if keep else None
        self._gathered: tuple[int, Any] | None = None
        self._first_row = 0
        self._owned = False
        if frame is not None:
            self._name_frame(frame, names)
            return
        shape = np.asarray(self._array).shape
        if len(shape) != 2:
            msg = f"Expected a table of two dimensions, got shape {shape}."
            raise InfostatError(msg)
        self.names = tuple(names or (f"x{k}" for k in range(shape[1])))
        if shape[1] != len(self.names):
            msg = (
                f"The array has {shape[1]} columns, the features are "
                f"{name_list(self.names)}: give {len(self.names)} in this order."
            )
            raise InfostatError(msg)
        self._place = {name: k for k, name in enumerate(self.names)}
        self.n_rows = int(shape[0])

    def _name_frame(
        self, frame: nw.DataFrame[Any], names: Sequence[str] | None
    ) -> None:
        present: list[Any] = list(frame.columns)
        known = set(present)
        self.n_rows = int(frame.shape[0])
        if any(not isinstance(name, str) for name in present):
            self._label = _numbered(present, names)
            self.names = tuple(self._label)
            return
        self.names = tuple(present if names is None else names)
        absent = [name for name in self.names if name not in known]
        if absent:
            msg = (
                f"The frame lacks the columns {name_list(absent)}; it has "
                f"{name_list(present)}."
            )
            raise InfostatError(msg)
        self._label = {name: name for name in self.names}

    @property
    def named(self) -> bool:
        """Whether the columns have names, rather than places only."""
        if self._frame is None:
            return False
        return all(isinstance(label, str) for label in self._frame.columns)

    def raw(self, name: str) -> Any:
        """Values of a column as they are stored."""
        if self._frame is not None:
            values: Any = self._frame.get_column(self._label[name])
        else:
            values = self._stored(self._place[name])
        return values if self._rows is None else values[self._rows]

    def _stored(self, number: int) -> Any:
        """Column of the array."""
        assert self._array is not None  # noqa: S101 - the caller asked
        column = self._array[:, number]
        if column.dtype.kind not in "iufb" or column.flags.c_contiguous:
            return column
        return self._gather(self._array, number)

    def take(self, rows: npt.NDArray[np.intp]) -> Columns:
        """Return a view of some rows; each column is copied when it is read."""
        part = copy(self)
        part._rows = rows if self._rows is None else self._rows[rows]
        part._gathered, part._kept, part._owned = None, None, False
        part.n_rows = len(rows)
        return part

    def _gather(self, array: Any, number: int) -> Any:
        """Column of a row-major array, copied along with its neighbours.

        One column alone reads as much memory as all that share its cache lines.
        """
        width = max(1, min(NEIGHBOURS, GATHERED // max(1, array[:, 0].nbytes)))
        first = number - number % width
        if self._gathered is None or self._gathered[0] != first:
            self._gathered = None
            part = array[:, first : first + width]
            out = np.empty(part.shape[::-1], dtype=array.dtype)
            _turn(part, out)
            self._gathered = (first, out)
        return self._gathered[1][number - first]

    def moved(self) -> Columns:
        """Copy the numbers of a row-major array to where their results will stand.

        Whoever reads every column, more than once, and then writes one result a row and
        column, so needs one pass over the array and no memory beside the result.

        Returns
        -------
        Columns
            Those of the copy, which :meth:`room` hands out; these columns, unmoved,
            where that would gain or keep nothing: a frame, a column-major array,
            levels, numbers no float64 holds.
        """
        array = self._array
        if array is None or self._rows is not None or array.flags.f_contiguous:
            return self
        kind, size = array.dtype.kind, array.dtype.itemsize
        if not (kind == "f" and size <= 8) and not (kind in "iu" and size <= 4):
            return self
        out = np.empty(array.shape, order="F")
        for first in range(0, array.shape[1], NEIGHBOURS):
            columns = slice(first, first + NEIGHBOURS)
            _turn(array[:, columns], out.T[columns])
        copied = Columns(out, self.names)
        copied._kept, copied._owned = self._kept, True
        return copied

    def room(self) -> npt.NDArray[np.float64]:
        """Room for one number a row and column, column by column.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Columns that were :meth:`moved` stand in it: each may be overwritten once it
            was read for the last time.
        """
        if self._owned and self._array is not None:
            return self._array
        return np.empty((self.n_rows, len(self.names)), order="F")

    def chunks(self) -> Iterator[tuple[slice, Columns]]:
        """Split the rows, so that numbers to convert need little memory.

        Yields
        ------
        rows : slice
            Rows of the part.
        columns : Columns
            Columns of these rows.
        """
        size = ARRAY_CHUNK if self._frame is None else FRAME_CHUNK
        for start in range(0, self.n_rows, size):
            rows = slice(start, min(start + size, self.n_rows))
            part = copy(self)
            part.n_rows, part._first_row = rows.stop - rows.start, start
            part._gathered, part._kept, part._owned = None, None, False
            if self._rows is not None:
                part._rows = self._rows[rows]
            elif self._frame is not None:
                part._frame = self._frame[rows]
            elif self._array is not None:
                part._array = self._array[rows]
            yield rows, part

    def read(self, name: str, *, categorical: bool) -> Column:
        """Read a column whose kind is known.

        Raises
        ------
        InfostatError
            If a numeric feature holds something else.
        """
        if categorical and self._kept is not None and name in self._kept:
            return Column(name, self._kept[name], categorical)
        return self._read(name, self.raw(name), categorical=categorical)

    def detect(self, name: str, forced: Collection[str]) -> Column:
        """Read a column; names in ``forced`` and non-numbers are categorical."""
        raw = self.raw(name)
        categorical = name in forced or _is_categorical(name, raw)
        return self._read(name, raw, categorical=categorical)

    def _read(self, name: str, raw: Any, *, categorical: bool) -> Column:
        if not categorical:
            values = _numbers(name, raw, self._first_row)
        elif self._kept is None:
            values = raw
        else:
            if name not in self._kept:
                codes, levels = factorize(raw)
                # The smallest type that holds the number of levels and their negative.
                kind = np.min_scalar_type(-max(len(levels), 1))
                self._kept[name] = Factorized(codes.astype(kind), levels)
            values = self._kept[name]
        return Column(name, values, categorical)


def _turn(part: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
    """Write some columns of a row-major array one after the other, in blocks of rows."""
    for start in range(0, len(part), BLOCK):
        rows = slice(start, start + BLOCK)
        out[:, rows] = part[rows].T


def _is_categorical(name: str, raw: Any) -> bool:
    if isinstance(raw, nw.Series):
        dtype = raw.dtype
        if dtype.is_numeric():
            return False
        if dtype.is_temporal():
            msg = (
                f"Column {name!r} holds dates or times ({dtype}): turn them into "
                f"numbers, for instance days before the application."
            )
            raise InfostatError(msg)
        if isinstance(dtype, nw.String | nw.Categorical | nw.Enum | nw.Boolean):
            return True
        raw = raw.to_numpy()
    if raw.dtype.kind in "iuf":
        return False
    if raw.dtype.kind in "bUS":
        return True
    if raw.dtype.kind == "O":
        kinds = set(map(type, raw.tolist()))
        odd = [kind for kind in kinds if not issubclass(kind, _SCALARS)]
        odd = [kind for kind in odd if kind.__name__ not in {"NAType", "NaTType"}]
        if not odd:
            return any(issubclass(kind, str | bool | np.bool_) for kind in kinds)
        held = odd[0].__name__
    else:
        held = str(raw.dtype)
    msg = f"Column {name!r} holds {held}: a feature must hold numbers, strings or booleans."
    raise InfostatError(msg)


_SCALARS = (str, bool, np.bool_, int, float, np.integer, np.floating, type(None))


def _numbers(name: str, raw: Any, first_row: int) -> Any:
    """Column as float64, missing as NaN, without a copy where it is float64 already."""
    if isinstance(raw, nw.Series):
        if isinstance(raw.dtype, nw.String | nw.Categorical | nw.Enum):
            return _parse(name, raw.to_numpy(), first_row)
        if raw.dtype.is_numeric() and not isinstance(raw.dtype, nw.Float64):
            raw = raw.cast(nw.Float64())
        raw = raw.to_numpy()
    if raw.dtype == np.float64:
        return raw
    if raw.dtype.kind in "iufb":
        return raw.astype(np.float64)
    return _parse(name, raw, first_row)


def _parse(name: str, raw: Any, first_row: int) -> Any:
    """Numbers out of objects or strings; an error names the first that is none."""
    out = np.full(raw.shape, np.nan)
    for k, value in enumerate(raw.tolist()):
        if value is None or type(value).__name__ in {"NAType", "NaTType"}:
            continue
        try:
            out[k] = float(value)
        except (TypeError, ValueError) as error:
            msg = (
                f"Column {name!r} is a numeric feature but holds {value!r} (row "
                f"{first_row + k}): recode it, or declare the feature categorical."
            )
            raise InfostatError(msg) from error
    return out


def read_columns(
    data: Any, names: Sequence[str] | None = None, *, keep: bool = False
) -> Columns:
    """Wrap a table, see :class:`Columns`; columns that are wrapped stay as they are."""
    if isinstance(data, Columns):
        return data
    try:
        return Columns(data, names, keep=keep)
    except nw.exceptions.DuplicateError as error:
        msg = f"The frame has duplicate column names: rename them ({error})."
        raise InfostatError(msg) from error


def _numbered(present: list[Any], names: Sequence[str] | None) -> dict[str, Any]:
    """Columns of a frame without names by feature: x0, x1, ... in increasing order.

    scikit-learn knows no names but text, so a model of numbered columns calls them x0,
    x1, ...; columns that were sorted or chosen anew must not pass for them.
    """
    unnamed = [f"x{k}" for k in range(len(present))]
    wanted = unnamed if names is None else list(names)
    increasing = all(isinstance(n, int | np.integer) for n in present) and all(
        low < high for low, high in pairwise(present)
    )
    if wanted != unnamed or not increasing:
        msg = (
            f"The frame has the columns {name_list(present)}, the features are "
            f"{name_list(wanted)}: give text as names, or numbers in increasing order "
            f"for features that never had names."
        )
        raise InfostatError(msg)
    return dict(zip(unnamed, present, strict=True))
