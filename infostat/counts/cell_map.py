"""The map from numbers to equal cells, shared by every kernel that counts by cell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["cell_map"]

FloatArray = npt.NDArray[np.float64]


def cell_map(
    low: float, high: float, n_cells: int, block: int
) -> Callable[[FloatArray], FloatArray] | None:
    """Map values to equal cells between two numbers, the end cells open.

    Subtraction, multiplication and truncation are monotone in floating point too. So
    every value of a cell lies between those of its neighbours, whatever the rounding.

    Parameters
    ----------
    low, high : float
        The ends; ``low`` falls about at the start of cell 1, ``high`` into the last but
        two.
    n_cells : int
        Number of cells. The last holds NaN alone.
    block : int
        Most values in one call.

    Returns
    -------
    callable or None
        Takes values and gives their cells as floats to be truncated, in a buffer that
        the next call overwrites. None where the range is too narrow or too wide.
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        scale = (n_cells - 3) / np.subtract(high, low)
        start = low - 1.0 / scale
    if not (np.isfinite(scale) and np.isfinite(start)) or scale <= 0.0:
        return None
    buffer = np.empty(block)

    def cell_of(values: FloatArray) -> FloatArray:
        cell = buffer[: values.size]
        with np.errstate(over="ignore", invalid="ignore"):
            np.subtract(values, start, out=cell)
            cell *= scale
        np.clip(cell, 0.0, n_cells - 2.0, out=cell)
        # A clip lets NaN pass, fmin sends it to the last cell.
        np.fmin(cell, n_cells - 1.0, out=cell)
        return cell

    return cell_of
