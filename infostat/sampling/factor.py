"""Orthonormal columns by Cholesky twice, or by triangles of row blocks.

The thin factorisation A = U R by CholeskyQR2 (Yamamoto and others 2015); where the
condition number is too large for it, by Householder triangles of row blocks and a
singular value decomposition that finds the rank.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.linalg import LinAlgError, cholesky, get_blas_funcs, solve_triangular

from infostat._threads import one_thread
from infostat.exceptions import InfostatError

__all__ = ["map_of_triangle", "orthonormal_factor", "triangle_of"]

FloatArray = npt.NDArray[np.float64]

BLOCK = 2048
"""Rows at a time; a block and the triangle stay in cache."""

LARGEST_CONDITION = 1e6
"""Beyond it the rounding of a Gram matrix, of relative size the rounding unit times its
order, may stand for its smallest eigenvalue, whatever the processor's kernels."""

FEWEST = 64
"""Rows that the default tolerance counts at least, so that rounding stays below it."""


def _blocks(n: int) -> Iterator[slice]:
    for start in range(0, n, BLOCK):
        yield slice(start, start + BLOCK)


def _gram(A: FloatArray) -> FloatArray:
    """Sum of products of columns, shape (p, p)."""
    out = np.zeros((A.shape[1], A.shape[1]))
    for rows in _blocks(len(A)):
        out += A[rows].T @ A[rows]
    return out


def _gram_of_solved(A: FloatArray, triangle: FloatArray) -> FloatArray:
    """Overwrite A by A R^-1 and return its Gram matrix, block by block."""
    (solve,) = get_blas_funcs(("trsm",), (A,))
    out = np.zeros_like(triangle)
    for rows in _blocks(len(A)):
        block = A[rows]
        block[:] = solve(1.0, triangle, block.T, trans_a=1, overwrite_b=1).T
        out += block.T @ block
    return out


def triangle_of(A: FloatArray, above: FloatArray | None = None) -> FloatArray:
    """Householder triangle of the rows of A, under those of an earlier triangle.

    Parameters
    ----------
    A : ndarray of shape (n, p)
        Rows.
    above : ndarray of shape (p, p), optional
        Triangle of the rows so far.

    Returns
    -------
    ndarray of shape (min(n, p), p) or (p, p)
    """
    rows = A if above is None else np.vstack([above, A])
    return np.asarray(np.linalg.qr(rows, mode="r"))


def _default_tolerance(n: int, p: int) -> float:
    return max(n, p, FEWEST) * float(np.finfo(float).eps)


def map_of_triangle(triangle: FloatArray, n: int, rcond: float | None) -> FloatArray:
    """Map to orthonormal columns from a triangle, its rank found by singular values.

    Parameters
    ----------
    triangle : ndarray of shape (k, p)
        R with R^T R the Gram matrix.
    n : int
        Rows behind it, for the default tolerance.
    rcond : float or None
        Singular values up to this share of the largest count as zero; None for
        max(n, p) times the rounding unit.

    Returns
    -------
    ndarray of shape (p, m)
        A times it has orthonormal columns, m the rank.

    Raises
    ------
    InfostatError
        If the rank is zero.
    """
    _, singular, right = np.linalg.svd(triangle, full_matrices=False)
    tolerance = _default_tolerance(n, triangle.shape[1]) if rcond is None else rcond
    kept = singular > tolerance * singular[0]
    if not kept.any():
        msg = "The pool has rank 0: every column is zero where the weight is positive."
        raise InfostatError(msg)
    right = right[kept]
    # The sign of a singular vector is free: its largest entry is made positive.
    largest = np.take_along_axis(right, np.abs(right).argmax(axis=1)[:, None], axis=1)
    return np.asarray((right * np.sign(largest)).T / singular[kept])


def orthonormal_factor(
    A: FloatArray, *, rcond: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Thin factorisation U = A T with orthonormal columns.

    Parameters
    ----------
    A : ndarray of shape (n, p)
        Rows, finite.
    rcond : float, optional
        Relative singular value that counts as zero; max(n, p) times the rounding unit
        by default.

    Returns
    -------
    U : ndarray of shape (n, m)
        Orthonormal columns, m the rank.
    T : ndarray of shape (p, m)
        The map; upper triangular where the columns are well conditioned.

    Raises
    ------
    InfostatError
        If A has rank zero.

    Notes
    -----
    Two passes of Cholesky give orthogonality to rounding for condition numbers up to
    1e6. Beyond, or where ``rcond`` cuts, the map comes from singular values and one
    Cholesky pass follows.
    """
    n, p = A.shape
    with one_thread():
        U = np.array(A, dtype=np.float64, order="C")
        first = _well_conditioned(_gram(U), rcond) if n >= p else None
        if first is not None:
            second = cholesky(_gram_of_solved(U, first))
            _gram_of_solved(U, second)
            inverse = solve_triangular(first, solve_triangular(second, np.eye(p)))
            return U, np.asarray(inverse)
        triangle: FloatArray | None = None
        for rows in _blocks(n):
            triangle = triangle_of(U[rows], triangle)
        if triangle is None:
            msg = "The pool has no rows: at least one is needed."
            raise InfostatError(msg)
        mapping = map_of_triangle(triangle, n, rcond)
        U = U @ mapping
        second = cholesky(_gram(U))
        _gram_of_solved(U, second)
        return U, mapping @ solve_triangular(second, np.eye(len(second)))


def _well_conditioned(gram: FloatArray, rcond: float | None) -> FloatArray | None:
    """Cholesky triangle, or None where the condition number is too large for it."""
    if not np.isfinite(gram).all():
        return None
    values = np.linalg.eigvalsh(gram)
    limit = LARGEST_CONDITION if rcond is None else min(LARGEST_CONDITION, 1.0 / rcond)
    if values[0] <= values[-1] / limit**2:
        return None
    try:
        return np.asarray(cholesky(gram))
    except LinAlgError:
        return None
