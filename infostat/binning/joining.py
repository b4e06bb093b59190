"""Missing values inside the programme: intervals before, with and after them.

A binning whose missing values join one bin is a run of plain intervals, one interval
that holds the missing values too, and plain intervals again. Each kind is a set of rows
of the arrays that describe intervals, so that which kind may follow which is a question
of rows, and every programme asks it here.

Without missing values row ``a`` is the interval that starts at pre-bin ``a``. With them
rows ``P + 2 a`` and ``P + 2 a + 1`` follow, the interval that holds them and one that
comes later: the predecessors of each kind are then neighbours in memory.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = [
    "final_rows",
    "holds_missing",
    "joined_bin",
    "rows_at",
    "rows_before",
    "stack_kinds",
    "start_at",
    "start_of",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


def stack_kinds(plain: FloatArray, joined: FloatArray) -> FloatArray:
    """Rows of intervals before, with and after the missing values.

    Parameters
    ----------
    plain, joined : ndarray of shape (P, P + 1)
        What describes each interval without and with the missing values.

    Returns
    -------
    ndarray of shape (3 P, P + 1)
    """
    n_pre = len(plain)
    out = np.empty((3 * n_pre, n_pre + 1))
    out[:n_pre] = out[n_pre + 1 :: 2] = plain
    out[n_pre::2] = joined
    return out


def start_of(rows: IntArray, n_pre: int) -> IntArray:
    """First pre-bin of the intervals of some rows."""
    return np.where(rows < n_pre, rows, (rows - n_pre) // 2)


def start_at(row: int, n_pre: int) -> int:
    """First pre-bin of the intervals of one row."""
    return row if row < n_pre else (row - n_pre) // 2


def holds_missing(rows: IntArray, n_pre: int) -> BoolArray:
    """Whether the intervals of some rows hold the missing values."""
    return np.asarray((rows >= n_pre) & ((rows - n_pre) % 2 == 0))


def rows_at(start: int, n_rows: int, n_pre: int) -> tuple[int, ...]:
    """Rows of the intervals that start at a pre-bin."""
    if n_rows == n_pre:
        return (start,)
    later = n_pre + 2 * start
    return start, later, later + 1


def rows_before(row: int, n_pre: int) -> slice:
    """Rows of the intervals that may come right before those of a row.

    Before the missing values and with them only plain intervals that have not passed
    them; after them one that holds or has passed them.
    """
    if row < n_pre:
        return slice(0, row)
    start = start_at(row, n_pre)
    return slice(n_pre, row - 1) if (row - n_pre) % 2 else slice(0, start)


def final_rows(n_rows: int, n_pre: int) -> slice:
    """Rows of the last interval of a complete binning: missing values have joined."""
    return slice(0 if n_rows == n_pre else n_pre, n_rows)


def joined_bin(rows: list[int], n_pre: int) -> int | None:
    """Number of the bin that holds the missing values; None where none does."""
    held = (k for k, row in enumerate(rows) if row >= n_pre)
    return next(held, None)
