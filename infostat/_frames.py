"""Data frames of any library, read and built through narwhals alone.

No frame library is imported here or anywhere else in the package: narwhals finds the
one that the user's frame belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

__all__ = ["as_frame", "build_frame", "frame_backend", "is_lazy"]

_PREFERENCE = ("pandas", "polars", "pyarrow")


def as_frame(data: Any) -> nw.DataFrame[Any] | nw.LazyFrame[Any] | None:
    """Wrap ``data`` with narwhals; None where it is not a data frame."""
    frame = nw.from_native(data, pass_through=True)
    return frame if isinstance(frame, nw.DataFrame | nw.LazyFrame) else None


def is_lazy(data: Any) -> bool:
    """Whether ``data`` is a lazy frame (polars lazy, a DuckDB relation, ...)."""
    return isinstance(as_frame(data), nw.LazyFrame)


def frame_backend(like: Any = None) -> Any:
    """Name of the eager library for a new frame.

    That of ``like`` where it is an eager frame, else the first of pandas, polars and
    pyarrow that is installed, else None.
    """
    frame = as_frame(like) if like is not None else None
    if isinstance(frame, nw.DataFrame):
        return str(frame.implementation.value)
    if isinstance(frame, nw.LazyFrame) and str(frame.implementation.value) == "polars":
        return "polars"
    return next((name for name in _PREFERENCE if find_spec(name) is not None), None)


def build_frame(
    columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]], like: Any = None
) -> Any:
    """Build a frame in the library of ``like`` (a frame, or the library's name).

    Parameters
    ----------
    columns : mapping of str to sequence
        Columns of equal length, in order.
    like : frame or str, optional
        A frame whose library to use, or its name. Without one, or with arrays, pandas
        where it is installed, else polars, else pyarrow.

    Returns
    -------
    frame
        A frame of that library; a dict of arrays where none is installed.
    """
    backend: Any = like if isinstance(like, str) else frame_backend(like)
    if backend is None:
        return {name: np.asarray(values) for name, values in columns.items()}
    return nw.from_dict(dict(columns), backend=backend).to_native()
