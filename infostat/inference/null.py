"""The law of a divergence when both classes share one distribution over the bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from infostat.counts import ClusteredTable
from infostat.inference.delta import cluster_covariance

__all__ = [
    "NullLaw",
    "clustered_null",
    "count_null",
    "pearson_statistic",
    "weighted_null",
]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NullLaw:
    """A sum of scaled chi-squares with one degree of freedom each.

    Attributes
    ----------
    scale : ndarray of shape (...)
        Mean of the scales; ``1/n1 + 1/n0`` for counts.
    df : int
        Number of terms, ``n_bins - 1``.
    squares : ndarray of shape (...)
        Sum of the squared scales: half of the variance of the law.
    """

    scale: FloatArray
    df: int
    squares: FloatArray

    def p_value(self, statistic: npt.ArrayLike) -> FloatArray:
        """Probability of a larger value of ``statistic``, Rao-Scott second order.

        Mean and variance of the sum are matched by one scaled chi-square; with equal
        scales this is exact.
        """
        statistic = np.asarray(statistic, dtype=float)
        if self.df < 1:
            return np.ones_like(statistic)
        effective = (self.df * self.scale) ** 2 / self.squares
        return np.asarray(
            chdtrc(effective, statistic * effective / (self.df * self.scale))
        )


def pearson_statistic(p: FloatArray, q: FloatArray, pooled: FloatArray) -> FloatArray:
    """Pearson's distance to the pooled shares, ``sum (p - q)^2 / pooled``.

    Divided by ``1/n1 + 1/n0`` it is the chi-square of the two-way table; it stays
    finite with zero cells and has the null law of the Jeffreys divergence.
    """
    return np.asarray(((p - q) ** 2 / pooled).sum(axis=-1))


def count_null(n_bins: int, size_1: FloatArray, size_0: FloatArray | None) -> NullLaw:
    """Null law for plain counts (or frequency weights).

    Parameters
    ----------
    n_bins : int
        Number of bins.
    size_1, size_0 : ndarray of shape (...)
        Class sizes; ``size_0`` is None for a fixed reference.

    Returns
    -------
    NullLaw
    """
    scale = 1.0 / np.asarray(size_1, float)
    if size_0 is not None:
        scale = scale + 1.0 / np.asarray(size_0, float)
    return NullLaw(scale, n_bins - 1, (n_bins - 1) * scale**2)


def weighted_null(
    p_spread: FloatArray, q_spread: FloatArray, pooled: FloatArray
) -> NullLaw:
    """Null law under sampling weights (Rao and Scott).

    Parameters
    ----------
    p_spread, q_spread : ndarray of shape (n_bins,)
        Spreads of the two share vectors; zeros for a fixed reference.
    pooled : ndarray of shape (n_bins,)
        Common shares, pooled by Kish's effective sizes.

    Returns
    -------
    NullLaw
    """
    spread = p_spread + q_spread
    # The scales are the eigenvalues of D^-1/2 C D^-1/2 with D = diag pooled and
    # C = diag f - f pooled' - pooled f' + t pooled pooled'. Only their sum and sum of
    # squares enter, and those need no B x B matrix.
    total = spread.sum()
    ratio = spread / pooled
    trace = ratio.sum() - total
    squares = (ratio**2).sum() - 2.0 * (ratio * spread).sum() + total**2
    return NullLaw(
        np.asarray(trace / max(spread.size - 1, 1)),
        spread.size - 1,
        np.asarray(squares),
    )


def clustered_null(clustered: ClusteredTable, pooled: FloatArray) -> NullLaw:
    """Null law when rows come in clusters.

    Parameters
    ----------
    clustered : ClusteredTable
        Counts with the cross products of the clusters' sums.
    pooled : ndarray of shape (n_bins,)
        Common shares.

    Returns
    -------
    NullLaw
        Its scale is zero where no cluster changes its bin between the classes.
    """
    blocks = cluster_covariance(clustered, pooled, pooled)
    difference = blocks[0][0] + blocks[1][1] - blocks[0][1] - blocks[1][0]
    root = np.sqrt(pooled)
    matrix = difference / np.outer(root, root)
    df = pooled.size - 1
    trace = float(np.trace(matrix))
    both = float(((np.diag(blocks[0][0]) + np.diag(blocks[1][1])) / pooled).sum())
    if trace <= 1e-12 * both:  # every cluster has the same shares in both classes
        return NullLaw(np.zeros(()), df, np.zeros(()))
    return NullLaw(np.asarray(trace / max(df, 1)), df, np.asarray((matrix**2).sum()))
