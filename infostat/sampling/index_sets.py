"""Which products of univariate functions belong to a basis."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError

__all__ = ["INDEX_SETS", "index_set"]

IntArray = npt.NDArray[np.intp]
FloatArray = npt.NDArray[np.float64]

INDEX_SETS = ("total_degree", "tensor", "hyperbolic_cross", "q_norm", "additive")
LARGEST = 20_000


def index_set(kind: str, degree: int, dimension: int, *, q: float = 0.5) -> IntArray:
    """Multi-indices of a downward closed set, the zero index first.

    Parameters
    ----------
    kind : {"total_degree", "tensor", "hyperbolic_cross", "q_norm", "additive"}
        Sum, largest entry, product of (entry + 1) at most ``degree`` + 1, q-norm, or
        no more than one entry that is not zero.
    degree : int
        Bound p.
    dimension : int
        Number of variables.
    q : float, default=0.5
        Exponent of the q-norm.

    Returns
    -------
    ndarray of shape (m, dimension)
        Sorted by the sum of their entries.

    Raises
    ------
    InfostatError
        If the kind is unknown or the set has more than 20,000 members.
    """
    if kind not in INDEX_SETS:
        msg = f"index_set must be one of {', '.join(INDEX_SETS)}, got {kind!r}."
        raise InfostatError(msg)
    if kind == "additive":
        zero = np.zeros((1, dimension), dtype=np.intp)
        axis = np.repeat(np.arange(dimension), degree)
        rest = np.zeros((degree * dimension, dimension), dtype=np.intp)
        rest[np.arange(len(rest)), axis] = np.tile(np.arange(1, degree + 1), dimension)
        return _sorted(np.concatenate([zero, rest]))
    found = np.zeros((1, 0), dtype=np.intp)
    entries = np.arange(degree + 1)
    for _ in range(dimension):
        _refuse_large(len(found), kind, degree, dimension)
        longer = np.empty((len(found), degree + 1, found.shape[1] + 1), dtype=np.intp)
        longer[..., :-1] = found[:, None, :]
        longer[..., -1] = entries
        candidates = longer.reshape(-1, longer.shape[-1])
        found = candidates[_size(candidates, kind, q) <= degree + 1e-9]
    _refuse_large(len(found), kind, degree, dimension)
    return _sorted(found)


def _refuse_large(count: int, kind: str, degree: int, dimension: int) -> None:
    if count > LARGEST:
        msg = (
            f"The {kind} set of degree {degree} in {dimension} variables has more "
            f"than {LARGEST} members: lower the degree, or use hyperbolic_cross."
        )
        raise InfostatError(msg)


def _size(index: IntArray, kind: str, q: float) -> FloatArray:
    """What a set of this kind bounds by its degree."""
    if kind == "total_degree":
        return np.asarray(index.sum(axis=1), dtype=float)
    if kind == "tensor":
        return np.asarray(index.max(axis=1), dtype=float)
    if kind == "hyperbolic_cross":
        return np.asarray(np.prod(index + 1.0, axis=1) - 1.0)
    return np.asarray((index.astype(float) ** q).sum(axis=1) ** (1.0 / q))


def _sorted(index: IntArray) -> IntArray:
    order = np.lexsort([*(-index.T[::-1]), index.sum(axis=1)])
    return index[order]
