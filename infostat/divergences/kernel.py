"""Cauchy-Schwarz divergence: no generator, no condition on supports.

With inner products of the laws (of share vectors, or of kernel mean embeddings) it is
minus twice the log-cosine of the angle between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError

__all__ = ["CauchySchwarz", "cauchy_schwarz", "gaussian_gram", "kernel_cauchy_schwarz"]

FloatArray = npt.NDArray[np.float64]

BLOCK = 512
"""Rows of a Gram matrix computed at a time."""


@dataclass(frozen=True)
class CauchySchwarz:
    """Divergence with the gradient by both share vectors.

    Attributes
    ----------
    value : float
        The divergence, not negative.
    first_p, first_q : ndarray of shape (n_bins,)
        Gradients.
    second_p, second_q : ndarray of shape (n_bins, n_bins)
        Hessian blocks.
    """

    value: float
    first_p: FloatArray
    first_q: FloatArray
    second_p: FloatArray
    second_q: FloatArray


def cauchy_schwarz(p: npt.ArrayLike, q: npt.ArrayLike) -> CauchySchwarz:
    r"""Divergence of two share vectors.

    .. math:: D = \ln p'p + \ln q'q - 2 \ln p'q

    Parameters
    ----------
    p, q : array-like of shape (n_bins,)
        Shares; zeros are allowed.

    Returns
    -------
    CauchySchwarz

    Raises
    ------
    InfostatError
        If the two laws have no bin in common, where it is infinite.

    References
    ----------
    Yu et al., arXiv 2404.17951.

    Examples
    --------
    >>> cauchy_schwarz([0.5, 0.5], [0.5, 0.5]).value
    0.0
    """
    p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    pp, qq, pq = float(p @ p), float(q @ q), float(p @ q)
    if pq <= 0:
        msg = "The two samples share no bin, so the divergence is infinite: merge bins."
        raise InfostatError(msg)

    def bend(own: FloatArray, square: float, other: FloatArray) -> FloatArray:
        first = np.eye(own.size) / square - 2.0 * np.outer(own, own) / square**2
        return np.asarray(2.0 * (first + np.outer(other, other) / pq**2))

    return CauchySchwarz(
        value=max(0.0, float(np.log(pp) + np.log(qq) - 2.0 * np.log(pq))),
        first_p=2.0 * p / pp - 2.0 * q / pq,
        first_q=2.0 * q / qq - 2.0 * p / pq,
        second_p=bend(p, pp, q),
        second_q=bend(q, qq, p),
    )


def gaussian_gram(points: FloatArray, bandwidth: float) -> FloatArray:
    """Gram matrix ``exp(-distance^2 / (2 bandwidth^2))`` of rows, block by block.

    Parameters
    ----------
    points : ndarray of shape (n_samples, n_features)
        Rows.
    bandwidth : float
        Width of the kernel.

    Returns
    -------
    ndarray of shape (n_samples, n_samples)
    """
    square = (points**2).sum(axis=1)
    gram = np.empty((points.shape[0], points.shape[0]))
    for start in range(0, points.shape[0], BLOCK):
        part = slice(start, start + BLOCK)
        distance = square[part, None] + square - 2.0 * (points[part] @ points.T)
        gram[part] = np.exp(-np.maximum(distance, 0.0) / (2.0 * bandwidth**2))
    return gram


def kernel_cauchy_schwarz(
    gram: FloatArray, first: npt.NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Inner products of two samples' embeddings, diagonals left out.

    Parameters
    ----------
    gram : ndarray of shape (n_samples, n_samples)
        Kernel of all pairs of the pooled rows.
    first : ndarray of shape (n_samples, n_splits), bool
        Rows of the first sample, for each way to split the pooled rows.

    Returns
    -------
    within_first, within_second, between : ndarray of shape (n_splits,)
        Means over pairs of distinct rows; the divergence is ``ln within_first + ln
        within_second - 2 ln between``.
    """
    ones = first.astype(np.float64)
    to_first = gram @ ones
    rows = gram.sum(axis=1)[:, None]
    diagonal = np.diag(gram)[:, None]
    n = ones.sum(axis=0)
    m = ones.shape[0] - n
    between = ((1.0 - ones) * to_first).sum(axis=0)
    within_first = (ones * (to_first - diagonal)).sum(axis=0)
    within_second = ((1.0 - ones) * (rows - to_first - diagonal)).sum(axis=0)
    return (
        within_first / (n * (n - 1.0)),
        within_second / (m * (m - 1.0)),
        between / (n * m),
    )
