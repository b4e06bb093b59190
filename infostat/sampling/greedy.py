"""Backward removal of design points, one rank-one update a point."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_choice, read_count, read_number, read_numbers
from infostat._threads import one_thread
from infostat.exceptions import InfostatError

__all__ = ["greedy_removal"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

REFRESH = 64
"""Removals between two computations from scratch."""


def greedy_removal(
    A: npt.ArrayLike,
    n: int,
    *,
    criterion: Literal["A", "D"] = "A",
    min_eigenvalue: float | None = None,
) -> IntArray:
    """Remove rows one at a time, each time the one that costs least.

    Parameters
    ----------
    A : array-like of shape (n_rows, m)
        Rows psi = sqrt(w) phi, of full column rank.
    n : int
        Rows to keep, at least m.
    criterion : {"A", "D"}, default="A"
        Keep the trace of the inverse Gram matrix small, or its determinant large.
    min_eigenvalue : float, optional
        Stop early before the smallest eigenvalue of the Gram matrix, divided by the
        number of rows kept, falls below it.

    Returns
    -------
    ndarray of shape (n_kept,)
        Sorted numbers of the rows kept.

    Raises
    ------
    InfostatError
        If n is below m, the rows are of deficient rank, or the criterion is unknown.

    Notes
    -----
    With M = (A^T A)^-1, h_i = a_i^T M a_i and s_i = (M a_i)^T (M a_i) the trace rises by
    s_i / (1 - h_i) and the determinant falls by 1 - h_i. A removal costs O(n_rows m).
    The rows kept depend on all rows: no design-based standard error holds for them.
    """
    read_choice(criterion, "criterion", ("A", "D"))
    n = read_count(n, "n")
    if min_eigenvalue is not None:
        read_number(min_eigenvalue, "min_eigenvalue", low=0.0)
    rows = read_numbers(A, "A", ndim=2)
    kept = np.arange(len(rows))
    if n < rows.shape[1]:
        msg = (
            f"{n} rows cannot carry {rows.shape[1]} independent functions: keep at "
            f"least {rows.shape[1]}."
        )
        raise InfostatError(msg)
    with one_thread():
        while len(kept) > n:
            steps = min(REFRESH, len(kept) - n, max(len(kept) // 2, 1))
            chosen = _remove(rows[kept], steps, criterion, min_eigenvalue)
            kept = kept[chosen]
            if chosen.sum() > len(chosen) - steps:
                break
    return kept


def _remove(
    rows: FloatArray, steps: int, criterion: str, floor: float | None
) -> npt.NDArray[np.bool_]:
    """Mask of the rows left after up to ``steps`` removals."""
    gram = rows.T @ rows
    values, vectors = np.linalg.eigh(gram)
    if values[0] <= values[-1] * 1e-14:
        msg = (
            "The rows have deficient rank: remove nothing, or start from a design with "
            "more points."
        )
        raise InfostatError(msg)
    solved = rows @ (vectors / values) @ vectors.T
    leverage = np.einsum("ij,ij->i", solved, rows)
    left = np.ones(len(rows), dtype=bool)
    for _ in range(steps):
        room = 1.0 - leverage
        cost = leverage.copy()
        if criterion == "A":
            square = np.einsum("ij,ij->i", solved, solved)
            cost = square / np.maximum(room, 1e-300)
        cost[~left | (room < 1e-12)] = np.inf
        worst = int(cost.argmin())
        if not np.isfinite(cost[worst]):
            break
        if floor is not None:
            gram -= np.outer(rows[worst], rows[worst])
            smallest = np.linalg.eigvalsh(gram)[0] / (left.sum() - 1)
            if smallest < floor:
                break
        left[worst] = False
        direction = solved[worst].copy()
        overlap = rows @ direction
        solved += np.outer(overlap / room[worst], direction)
        leverage += overlap**2 / room[worst]
    return left
