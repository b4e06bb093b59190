"""Non-dominated rows of a matrix of costs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["non_dominated"]

FloatArray = npt.NDArray[np.float64]

BLOCK = 512
"""Rows compared at a time; bounds the memory of one comparison."""


def non_dominated(costs: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Rows that no other row beats or equals in every column.

    Parameters
    ----------
    costs : array-like of shape (n_rows, n_criteria)
        Smaller is better in every column.

    Returns
    -------
    ndarray of int
        Indices of the rows left, in lexicographic order of their costs. Of equal rows
        the first is kept.
    """
    matrix = np.asarray(costs, dtype=float)
    # In lexicographic order a row can only be dominated by an earlier one.
    order = np.lexsort(matrix.T[::-1])
    ranked = matrix[order]
    if matrix.shape[1] == 2:
        lowest = np.minimum.accumulate(ranked[:, 1])
        kept = np.r_[True, ranked[1:, 1] < lowest[:-1]][: len(ranked)]
        return np.asarray(order[kept])
    rest = np.arange(len(ranked))
    found = []
    while rest.size:
        head, rest = rest[:BLOCK], rest[BLOCK:]
        head = head[_survivors(ranked[head])]
        found.append(head)
        rest = rest[~_dominated(ranked[rest], ranked[head])]
    return order[np.concatenate(found)] if found else order


def _survivors(block: FloatArray) -> npt.NDArray[np.bool_]:
    """Rows of a sorted block that no earlier row of it dominates."""
    below = np.ones((len(block), len(block)), dtype=bool)
    for column in block.T:
        below &= column[None, :] <= column[:, None]
    return np.asarray(~np.tril(below, -1).any(axis=1))


def _dominated(rows: FloatArray, by: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether each row is dominated or equalled by one of ``by``."""
    out = np.zeros(len(rows), dtype=bool)
    for start in range(0, len(rows), BLOCK):
        part = rows[start : start + BLOCK]
        below = np.ones((len(part), len(by)), dtype=bool)
        for k in range(rows.shape[1]):
            below &= by[None, :, k] <= part[:, None, k]
        out[start : start + BLOCK] = below.any(axis=1)
    return out
