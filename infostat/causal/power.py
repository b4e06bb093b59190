r"""Balls of the power family: power means of the distance to the end of the range.

Everything here speaks of distances ``w >= 0`` from the outcome to an end of its range.
A bound on the mean is that end, minus (above) or plus (below) the smallest mean
distance that a law in the ball can have:

.. math:: \rho = \max_{d \ge 0} \; e\, M_r(w + d) - d .

``r = 1/2`` is chi-square, 0 Kullback-Leibler, -1 Hellinger; at ``r = 1`` the maximum is
at ``d = 0`` and the value, ``e`` times the mean distance, is the sharp bound.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["mean_excess", "power_distance", "power_kernel", "power_mean"]

FloatArray = npt.NDArray[np.float64]

GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
DEPTH = 1e-13
"""Smallest shift tried, in units of the largest."""


def mean_excess(
    w: FloatArray, shares: FloatArray, shift: FloatArray, exponent: float
) -> FloatArray:
    r"""``M_r(w + d) - d`` without loss of digits at large shifts.

    Parameters
    ----------
    w : ndarray of shape (..., n_atoms)
        Distances, at least zero.
    shares : ndarray of shape (..., n_atoms)
        Probabilities, summing to one over the last axis.
    shift : ndarray of shape (...)
        Shifts ``d >= 0``.
    exponent : float
        Order ``r <= 1`` of the power mean.

    Returns
    -------
    ndarray of shape (...)
        Between zero and the mean distance.
    """
    mean = (shares * w).sum(axis=-1)
    total = mean + shift
    safe = np.where(total > 0.0, total, 1.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logs = np.log1p((w - mean[..., None]) / safe[..., None])
        if exponent == 0.0:
            terms = np.where(shares > 0.0, shares * logs, 0.0).sum(axis=-1)
            growth = np.expm1(terms)
        else:
            terms = np.where(shares > 0.0, shares * np.expm1(exponent * logs), 0.0)
            growth = np.expm1(np.log1p(terms.sum(axis=-1)) / exponent)
    return np.where(total > 0.0, total * growth + mean, 0.0)


def power_mean(w: FloatArray, shares: FloatArray, exponent: float) -> FloatArray:
    """Power mean ``(E w^r)^(1/r)``, the geometric mean at ``r = 0``.

    Parameters
    ----------
    w, shares : ndarray of shape (..., n_atoms)
        Values of at least zero and their probabilities.
    exponent : float
        Order, at most one.

    Returns
    -------
    ndarray of shape (...)
        Zero where a value of zero has mass and the order is not positive.
    """
    zero = np.zeros(np.broadcast_shapes(w.shape, shares.shape)[:-1])
    return mean_excess(w, shares, zero, exponent)


def power_kernel(b: FloatArray, w: FloatArray, exponent: float) -> FloatArray:
    r"""Tangent ``K_r(b, w)`` of the power mean: its expectation is at most the mean.

    Parameters
    ----------
    b : ndarray
        Point of tangency, above zero; any value is valid, the power mean is best.
    w : ndarray
        Distances, above zero where ``exponent <= 0``.
    exponent : float
        Order ``r <= 1``.

    Returns
    -------
    ndarray
        :math:`b + b ((w/b)^r - 1) / r`, at ``r = 0`` :math:`b (1 + \ln(w/b))`. Never
        above ``w``, and rising in ``r``: bounds of one tangency point are nested.
    """
    logs = np.log(w / b)
    if exponent == 0.0:
        return b * (1.0 + logs)
    return b * (1.0 + np.expm1(exponent * logs) / exponent)


def power_distance(
    w: FloatArray,
    shares: FloatArray,
    propensity: FloatArray,
    exponent: float,
    *,
    steps: int = 70,
) -> tuple[FloatArray, FloatArray]:
    r"""Smallest mean distance within a ball of the power family.

    Parameters
    ----------
    w : ndarray of shape (..., n_atoms)
        Distances to the end of the range, at least zero.
    shares : ndarray of shape (..., n_atoms)
        Probabilities of the observed law.
    propensity : ndarray of shape (...)
        Probability of the treatment, in [0, 1].
    exponent : float
        Order ``r <= 1``.
    steps : int, default=70
        Golden-section steps on the logarithm of the shift.

    Returns
    -------
    distance, shift : ndarray of shape (...)
        The maximum and where it is taken.

    Notes
    -----
    The objective is concave in the shift, and positive only up to
    ``e E[w] / (1 - e)``. The maximum is found by search and compared with zero shift;
    the first-order test at zero fails for laws with mass at the end of the range.
    """
    e = np.asarray(propensity, dtype=np.float64)
    mean = (shares * w).sum(axis=-1)
    mean, e = np.broadcast_arrays(mean, e)

    def value(shift: FloatArray) -> FloatArray:
        return e * mean_excess(w, shares, shift, exponent) - (1.0 - e) * shift

    zero = np.zeros(mean.shape)
    at_zero = value(zero)
    if exponent == 1.0:
        return at_zero, zero
    largest = np.where(e < 1.0, e * mean / np.maximum(1.0 - e, 1e-16), 0.0)
    high = np.log(np.maximum(largest, np.finfo(float).tiny))
    low = high + np.log(DEPTH)
    for _ in range(steps):
        span = GOLDEN * (high - low)
        left, right = high - span, low + span
        better = value(np.exp(left)) >= value(np.exp(right))
        high, low = np.where(better, right, high), np.where(better, low, left)
    shift = np.exp((low + high) / 2.0)
    inner = value(shift)
    shift = np.where((inner > at_zero) & (e < 1.0), shift, 0.0)
    best = np.maximum(inner, at_zero)
    return np.where(e >= 1.0, mean, np.maximum(best, 0.0)), shift
