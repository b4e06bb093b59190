"""Arrays of numbers as public functions take them: read once, refused in one sentence."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._magnitude import LARGEST
from infostat.exceptions import InfostatError

__all__ = ["as_array", "read_numbers", "row_shares", "whole_number"]


def as_array(values: Any, name: str) -> npt.NDArray[Any]:
    """Return an array of any kind; rows of unequal length raise InfostatError."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        msg = f"{name} must be an array, got rows of unequal length: {_short(values)}."
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
    try:
        found = np.asarray(values)
        if found.dtype.kind not in "biufO":
            raise TypeError(found.dtype)  # noqa: TRY301 - one road for all kinds
        found = found.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        msg = f"{name} must be {_needed(ndim, shape)} of numbers, got {_short(values)}."
        raise InfostatError(msg) from error
    fits = shape in (None, found.shape) and (
        shape is not None or ndim in (None, found.ndim)
    )
    if not fits or not found.size:
        msg = f"{name} must be {_needed(ndim, shape)}, got shape {found.shape}."
        raise InfostatError(msg)
    bad = ~((found >= low) & (found <= high))
    if missing:
        bad &= ~np.isnan(found)
    if bad.any():
        msg = (
            f"{name} holds {found[bad].flat[0]:g} ({int(bad.sum())} of {found.size} "
            f"entries): finite numbers from {low:g} to {high:g} are needed."
        )
        raise InfostatError(msg)
    return found


def whole_number(value: Any, name: str, low: int = 1) -> int:
    """Read an argument as one whole number of at least ``low``.

    Raises
    ------
    InfostatError
        Naming the argument and what it is.
    """
    try:
        found = operator.index(value)
    except TypeError:
        found = low - 1
    if isinstance(value, bool | np.bool_) or found < low:
        msg = f"{name} must be a whole number of at least {low}, got {_short(value)}."
        raise InfostatError(msg)
    return found


def row_shares(sample_weight: Any, n_rows: int) -> npt.NDArray[np.float64]:
    """Weights of rows scaled to sum to one; None weighs all rows alike.

    Raises
    ------
    InfostatError
        If there is not one number of at least 0 for each row, or all are 0.
    """
    if sample_weight is None:
        return np.full(n_rows, 1.0 / n_rows)
    w = read_numbers(sample_weight, "sample_weight", shape=(n_rows,), low=0.0)
    total = float(w.sum())
    if total <= 0.0:
        msg = f"sample_weight holds {n_rows} zeros: at least one row must count."
        raise InfostatError(msg)
    return np.asarray(w / total)


def _short(values: Any) -> str:
    text = " ".join(repr(values).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _needed(ndim: int | None, shape: tuple[int, ...] | None) -> str:
    if shape is not None:
        return f"an array of shape {shape}"
    return {1: "a non-empty vector", 2: "a non-empty table"}.get(
        ndim or 0, "a non-empty array"
    )
