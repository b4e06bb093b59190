"""The columns of a table, whatever holds it: numbers as float64, levels as they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._frames import as_frame
from infostat._text import name_list
from infostat.exceptions import InfostatError

__all__ = ["Column", "Columns", "read_columns"]


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes
    ----------
    name : str
        Name of the feature.
    values : ndarray of float64, or array or narwhals Series of levels
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

    Raises
    ------
    InfostatError
        If a named column is absent, or the array has another number of columns.
    """

    def __init__(self, data: Any, names: Sequence[str] | None = None) -> None:
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
        self.n_rows = int(shape[0])

    def _name_frame(
        self, frame: nw.DataFrame[Any], names: Sequence[str] | None
    ) -> None:
        present: list[Any] = list(frame.columns)
        self.n_rows = int(frame.shape[0])
        if any(not isinstance(name, str) for name in present):
            self._label = _numbered(present, names)
            self.names = tuple(self._label)
            return
        self.names = tuple(present if names is None else names)
        absent = [name for name in self.names if name not in present]
        if absent:
            msg = (
                f"The frame lacks the columns {name_list(absent)}; it has "
                f"{name_list(present)}."
            )
            raise InfostatError(msg)
        self._label = {name: name for name in self.names}

    def raw(self, name: str) -> Any:
        """Values of a column as they are stored."""
        if self._frame is not None:
            values: Any = self._frame.get_column(self._label[name])
        else:
            assert self._array is not None  # noqa: S101 - one of the two is set
            values = self._array[:, self.names.index(name)]
        return values if self._rows is None else values[self._rows]

    def take(self, rows: npt.NDArray[np.intp]) -> Columns:
        """Return a view of some rows; each column is copied when it is read."""
        part = copy(self)
        part._rows = rows if self._rows is None else self._rows[rows]
        part.n_rows = len(rows)
        return part

    def read(self, name: str, *, categorical: bool) -> Column:
        """Read a column whose kind is known.

        Raises
        ------
        InfostatError
            If a numeric feature holds something else.
        """
        raw = self.raw(name)
        return Column(name, raw if categorical else _numbers(name, raw), categorical)

    def detect(self, name: str, forced: Collection[str]) -> Column:
        """Read a column; names in ``forced`` and non-numbers are categorical."""
        categorical = name in forced or _is_categorical(name, self.raw(name))
        return self.read(name, categorical=categorical)


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


def _numbers(name: str, raw: Any) -> Any:
    """Column as float64, missing as NaN, without a copy where it is float64 already."""
    if isinstance(raw, nw.Series):
        if isinstance(raw.dtype, nw.String | nw.Categorical | nw.Enum):
            return _parse(name, raw.to_numpy())
        if raw.dtype.is_numeric() and not isinstance(raw.dtype, nw.Float64):
            raw = raw.cast(nw.Float64())
        raw = raw.to_numpy()
    if raw.dtype == np.float64:
        return raw
    if raw.dtype.kind in "iufb":
        return raw.astype(np.float64)
    return _parse(name, raw)


def _parse(name: str, raw: Any) -> Any:
    """Numbers out of objects or strings; an error names the first that is none."""
    out = np.full(raw.shape, np.nan)
    for k, value in enumerate(raw.tolist()):
        if value is None or type(value).__name__ in {"NAType", "NaTType"}:
            continue
        try:
            out[k] = float(value)
        except (TypeError, ValueError) as error:
            msg = (
                f"Column {name!r} is a numeric feature but holds {value!r} (row {k}): "
                f"recode it, or declare the feature categorical."
            )
            raise InfostatError(msg) from error
    return out


def read_columns(data: Any, names: Sequence[str] | None = None) -> Columns:
    """Wrap a table; see :class:`Columns`."""
    try:
        return Columns(data, names)
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
