"""Which designed point each row of the told data is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["match_rows"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def match_rows(rows: FloatArray, designed: FloatArray) -> IntArray | None:
    """Number of the designed point for each row, in any order.

    Parameters
    ----------
    rows, designed : ndarray of shape (n, d)
        Told rows and designed points.

    Returns
    -------
    ndarray of shape (n,) or None
        None where the rows are not exactly the designed points, each as often.
    """
    if rows.shape != designed.shape:
        return None
    if np.array_equal(rows, designed):
        return np.arange(len(rows))
    told, asked = np.lexsort(rows.T), np.lexsort(designed.T)
    if not np.array_equal(rows[told], designed[asked]):
        return None
    out = np.empty(len(rows), dtype=np.intp)
    out[told] = asked
    return out
