"""First and second order of a divergence of sampled shares: variance and bias.

The one place of the delta method. Shares of a class of total weight W have spread
``f_j`` = (sum of squared weights in the bin) / W^2, which is share / n without weights;
their covariance is ``diag f - f p' - p f' + (sum f) p p'``. A fixed reference has
spread zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.counts import ClusteredTable
from infostat.divergences import Divergence, contributions, derivatives

__all__ = [
    "Moments",
    "clustered_moments",
    "clustered_part_errors",
    "part_errors",
    "share_moments",
]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Plug-in divergence, its first-order variance and its second-order bias.

    Attributes
    ----------
    plug_in : ndarray of shape (...)
        Divergence of the observed shares.
    variance : ndarray of shape (...)
        First-order variance V1 (scoring paper, corrected: the gradient goes through
        both factors of each term, and bins are dependent).
    bias : ndarray of shape (...)
        Expected excess of ``plug_in`` over the truth to second order.
    """

    plug_in: FloatArray
    variance: FloatArray
    bias: FloatArray


def _variances(shares: FloatArray, spread: FloatArray) -> FloatArray:
    """Variance of each share."""
    total = spread.sum(axis=-1, keepdims=True)
    return np.asarray(spread * (1.0 - 2.0 * shares) + shares**2 * total)


def share_moments(
    p: FloatArray,
    q: FloatArray,
    p_spread: FloatArray,
    q_spread: FloatArray,
    divergence: Divergence,
) -> Moments:
    r"""Moments of a divergence between two independent samples of shares.

    .. math::

        V_1 = \sum_j f_j (a_j - \bar a)^2 + \sum_j g_j (b_j - \bar b)^2, \qquad
        b = \tfrac12 \sum_j (D_{pp,j} \mathrm{Var}\, p_j + D_{qq,j} \mathrm{Var}\, q_j)

    with ``a, b`` the gradient by the two share vectors and ``f, g`` their spreads.

    Parameters
    ----------
    p, q : ndarray of shape (..., n_bins)
        Positive shares of the two laws.
    p_spread, q_spread : ndarray of shape (..., n_bins)
        Their spreads, see the module; zeros for a fixed reference.
    divergence : Divergence
        Member of the catalogue.

    Returns
    -------
    Moments
    """
    slopes = derivatives(p, q, divergence)
    a = slopes.first_p - (p * slopes.first_p).sum(axis=-1, keepdims=True)
    b = slopes.first_q - (q * slopes.first_q).sum(axis=-1, keepdims=True)
    bend = slopes.second_p * _variances(p, p_spread)
    bend += slopes.second_q * _variances(q, q_spread)
    return Moments(
        plug_in=contributions(p, q, divergence).sum(axis=-1),
        variance=np.asarray((p_spread * a**2 + q_spread * b**2).sum(axis=-1)),
        bias=np.asarray(0.5 * bend.sum(axis=-1)),
    )


def clustered_moments(clustered: ClusteredTable, divergence: Divergence) -> Moments:
    """Moments of a divergence when rows come in clusters, possibly in both classes.

    Influence values are summed within a cluster, both classes together, before they
    are squared.

    Parameters
    ----------
    clustered : ClusteredTable
        Counts with the cross products of the clusters' sums; no cell is zero.
    divergence : Divergence
        Member of the catalogue.

    Returns
    -------
    Moments
        Scalars.
    """
    totals = clustered.table.totals
    q, p = (clustered.table.weight / totals).T
    covariance = cluster_covariance(clustered, q, p)
    slopes = derivatives(p, q, divergence)
    gradient = (slopes.first_q, slopes.first_p)
    variance = sum(
        gradient[k] @ covariance[k][m] @ gradient[m] for k in (0, 1) for m in (0, 1)
    )
    bend = slopes.second_q * np.diag(covariance[0][0])
    bend += slopes.second_p * np.diag(covariance[1][1])
    bend += 2.0 * slopes.mixed * np.diag(covariance[0][1])
    return Moments(
        plug_in=contributions(p, q, divergence).sum(),
        variance=np.asarray(variance),
        bias=np.asarray(0.5 * bend.sum()),
    )


def cluster_covariance(
    clustered: ClusteredTable, centre_0: FloatArray, centre_1: FloatArray
) -> list[list[FloatArray]]:
    """Covariance blocks of the two share vectors, residuals taken at given centres."""
    totals = clustered.table.totals
    n_bins = clustered.table.n_bins
    centres = (centre_0, centre_1)
    # A cluster's residual is its sums less its total weight times the centre.
    project = [np.eye(n_bins) - np.outer(c, np.ones(n_bins)) for c in centres]
    return [
        [
            project[k]
            @ clustered.products[k, m]
            @ project[m].T
            / (totals[k] * totals[m])
            for m in (0, 1)
        ]
        for k in (0, 1)
    ]


def part_errors(
    p: FloatArray,
    q: FloatArray,
    p_spread: FloatArray,
    q_spread: FloatArray,
    divergence: Divergence,
) -> FloatArray:
    """Standard error of each bin's part of the divergence, shape (..., n_bins).

    Parts of different bins are negatively dependent: their variances do not add up to
    that of the sum.
    """
    # A single part p, q -> q f(p/q) is homogeneous: no centring of its gradient.
    slopes = derivatives(p, q, divergence)
    variance = slopes.first_p**2 * _variances(p, p_spread)
    variance += slopes.first_q**2 * _variances(q, q_spread)
    return np.sqrt(variance)


def clustered_part_errors(
    clustered: ClusteredTable, p: FloatArray, q: FloatArray, divergence: Divergence
) -> FloatArray:
    """Standard error of each bin's part where rows come in clusters, shape (n_bins,)."""
    slopes = derivatives(p, q, divergence)
    covariance = cluster_covariance(clustered, q, p)
    variance = slopes.first_p**2 * np.diag(covariance[1][1])
    variance += slopes.first_q**2 * np.diag(covariance[0][0])
    variance += 2.0 * slopes.first_p * slopes.first_q * np.diag(covariance[0][1])
    return np.sqrt(np.maximum(variance, 0.0))
