"""Arguments as public functions take them: read once, refused in one sentence."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._magnitude import LARGEST
from infostat.exceptions import InfostatError

__all__ = [
    "as_array",
    "as_floats",
    "read_choice",
    "read_codes",
    "read_count",
    "read_number",
    "read_numbers",
    "row_shares",
]


def as_array(values: Any, name: str) -> npt.NDArray[Any]:
    """Return an array of any kind; rows of unequal length raise InfostatError."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        msg = f"{name} must be an array, got rows of unequal length: {_short(values)}."
        raise InfostatError(msg) from error


def as_floats(
    values: Any, name: str, needed: str = "a column of numbers"
) -> npt.NDArray[np.float64]:
    """Return an array of float64 of any shape, not copied where it is one already.

    Raises
    ------
    InfostatError
        If there is text, a date, a complex number or another object in it.
    """
    try:
        kind = np.asarray(values).dtype.kind
        if kind not in "biufO":
            raise TypeError(kind)  # noqa: TRY301 - one road for all kinds
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        msg = f"{name} must be {needed}, got {_short(values)}."
        raise InfostatError(msg) from error


def read_numbers(
    values: Any,
    name: str,
    *,
    ndim: int | None = 1,
    shape: tuple[int, ...] | None = None,
    low: float = -LARGEST,
    high: float = LARGEST,
    missing: bool = False,
) -> npt.NDArray[np.float64]:
    """Read an argument as an array of finite numbers within limits.

    Parameters
    ----------
    values : array-like
        Lists, arrays, series of any frame library; not text, dates or complex numbers.
    name : str
        Name of the argument, for messages.
    ndim : int or None, default=1
        Number of axes; None for any.
    shape : tuple of int, optional
        The very shape that is needed.
    low, high : float
        Least and largest number allowed.
    missing : bool, default=False
        Whether NaN may stand among the numbers.

    Returns
    -------
    ndarray of float64
        It has at least one entry.

    Raises
    ------
    InfostatError
        Naming the argument, what it holds and what is needed.
    """
    of = "" if shape == () else " of numbers"
    found = as_floats(values, name, _needed(ndim, shape) + of).copy()
    fits = shape in (None, found.shape) and (
        shape is not None or ndim in (None, found.ndim)
    )
    if not fits or not found.size:
        msg = f"{name} must be {_needed(ndim, shape)}, got shape {found.shape}."
        raise InfostatError(msg)
    bad = ~((found >= low) & (found <= high))
    if missing:
        bad &= ~np.isnan(found)
    if shape == () and bad:
        msg = f"{name} must be a finite number from {low:g} to {high:g}, got {found:g}."
        raise InfostatError(msg)
    if bad.any():
        msg = (
            f"{name} holds {found[bad].flat[0]:g} ({int(bad.sum())} of {found.size} "
            f"entries): finite numbers from {low:g} to {high:g} are needed."
        )
        raise InfostatError(msg)
    return found


def read_number(
    value: Any, name: str, *, low: float = -LARGEST, high: float = LARGEST
) -> float:
    """Read an argument as one finite number within limits, see :func:`read_numbers`."""
    return float(read_numbers(value, name, shape=(), low=low, high=high))


def read_count(value: Any, name: str, least: int = 1) -> int:
    """Read an argument as a whole number of at least ``least``."""
    whole = isinstance(value, Integral) and not isinstance(value, bool | np.bool_)
    if not whole or value < least:
        msg = f"{name} must be a whole number of at least {least}, got {_short(value)}."
        raise InfostatError(msg)
    return int(value)


def read_codes(
    values: Any, name: str, count: int, *, shape: tuple[int, ...] | None = None
) -> npt.NDArray[Any]:
    """Read an argument as whole numbers from zero, below ``count``.

    Parameters
    ----------
    values : array-like of shape (n_codes,)
        Integers of any type, returned as they are, or whole numbers.
    name : str
        Name of the argument, for messages.
    count : int
        Number of bins or classes that the numbers stand for.
    shape : tuple of int, optional
        The very shape that is needed; without it there may be none.

    Returns
    -------
    ndarray of int or bool

    Raises
    ------
    InfostatError
        Naming the argument, what it holds and what is needed.
    """
    found = as_array(values, name)
    if shape is None and found.shape == (0,):
        return found.astype(np.intp)
    if found.dtype.kind not in "biu":
        found = read_numbers(values, name, shape=shape)
    if found.ndim != 1 or shape not in (None, found.shape):
        msg = f"{name} must be {_needed(1, shape)}, got shape {found.shape}."
        raise InfostatError(msg)
    ends = (found.min(), found.max()) if found.size else (0, 0)
    whole = found if found.dtype.kind in "biu" else found.astype(np.intp)
    if found.size and (ends[0] < 0 or ends[1] >= count or (whole != found).any()):
        odd = found[(found < 0) | (found >= count) | (whole != found)][0]
        msg = (
            f"{name} holds {odd:g}: whole numbers from 0 to {count - 1} are needed, the "
            f"numbers of bins or classes."
        )
        raise InfostatError(msg)
    return whole


def read_choice(value: Any, name: str, allowed: Collection[Any], also: str = "") -> Any:
    """Read an argument that takes one of a few values.

    Parameters
    ----------
    value : object
        What was given.
    name : str
        Name of the argument, for messages.
    allowed : collection
        Values that it takes.
    also : str, default=""
        What else it takes, for messages: " or ...".

    Returns
    -------
    object
        The value.

    Raises
    ------
    InfostatError
        Naming the argument, what it holds and what it takes.
    """
    if not isinstance(value, Hashable) or value not in allowed:
        words = ", ".join(map(repr, allowed))
        msg = f"{name} must be one of {words}{also}, got {_short(value)}."
        raise InfostatError(msg)
    return value


def row_shares(
    sample_weight: Any, n_rows: int, name: str = "sample_weight"
) -> npt.NDArray[np.float64]:
    """Weights of rows scaled to sum to one; None weighs all rows alike.

    Raises
    ------
    InfostatError
        If there is not one number of at least 0 for each row, or all are 0.
    """
    if sample_weight is None:
        return np.full(n_rows, 1.0 / n_rows)
    w = read_numbers(sample_weight, name, shape=(n_rows,), low=0.0)
    total = float(w.sum())
    if total <= 0.0:
        msg = f"{name} holds {n_rows} zeros: at least one row must count."
        raise InfostatError(msg)
    return np.asarray(w / total)


def _short(values: Any) -> str:
    text = " ".join(repr(values).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _needed(ndim: int | None, shape: tuple[int, ...] | None) -> str:
    if shape == ():
        return "a number"
    if shape is not None:
        return f"an array of shape {shape}"
    return {1: "a non-empty vector", 2: "a non-empty table"}.get(
        ndim or 0, "a non-empty array"
    )
