"""Intervals for ratios and differences of two independent proportions.

By inversion of score tests, which hold at rates of zero and one, where the delta method
on the log ratio has no error or an infinite one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from infostat.inference.estimate import check_level
from infostat.inference.proportions import wilson_interval

__all__ = ["difference_interval", "ratio_interval"]

FloatArray = npt.NDArray[np.float64]

_STEPS = 60


def difference_interval(
    hits_1: npt.ArrayLike,
    size_1: npt.ArrayLike,
    hits_0: npt.ArrayLike,
    size_0: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Interval of ``rate_1 - rate_0`` from the two score intervals (Newcombe 1998).

    Parameters
    ----------
    hits_1, size_1, hits_0, size_0 : array-like of shape (...)
        Successes and trials of both groups.
    level : float, default=0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray of shape (...)
    """
    x1, n1, x0, n0 = (
        np.asarray(v, dtype=float) for v in (hits_1, size_1, hits_0, size_0)
    )
    rate_1, rate_0 = x1 / n1, x0 / n0
    low_1, high_1 = wilson_interval(x1 / n1, n1, level)
    low_0, high_0 = wilson_interval(x0 / n0, n0, level)
    gap = rate_1 - rate_0
    low = gap - np.hypot(rate_1 - low_1, high_0 - rate_0)
    high = gap + np.hypot(high_1 - rate_1, rate_0 - low_0)
    return np.asarray(low), np.asarray(high)


def ratio_interval(
    hits_1: npt.ArrayLike,
    size_1: npt.ArrayLike,
    hits_0: npt.ArrayLike,
    size_0: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Interval of ``rate_1 / rate_0`` by the score test (Koopman 1984).

    Parameters
    ----------
    hits_1, size_1, hits_0, size_0 : array-like of shape (...)
        Successes and trials of both groups; successes of group 0 positive.
    level : float, default=0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray of shape (...)
        Zero below where group 1 has no success.
    """
    x1, n1, x0, n0 = np.broadcast_arrays(
        *(np.asarray(v, dtype=float) for v in (hits_1, size_1, hits_0, size_0))
    )
    limit = float(ndtri((1.0 + check_level(level)) / 2.0)) ** 2
    ratio = (x1 / n1) / (x0 / n0)
    start = np.log(np.maximum(ratio, 0.5 / n1))
    ends = []
    for sign in (-1.0, 1.0):
        # The statistic grows on either side of the estimate: bisect the logarithm.
        near, far = start.copy(), start + sign * 30.0
        for _ in range(_STEPS):
            middle = 0.5 * (near + far)
            inside = _statistic(np.exp(middle), x1, n1, x0, n0) <= limit
            near, far = np.where(inside, middle, near), np.where(inside, far, middle)
        ends.append(np.exp(0.5 * (near + far)))
    return np.where(x1 > 0, ends[0], 0.0), ends[1]


def _statistic(
    ratio: FloatArray, x1: FloatArray, n1: FloatArray, x0: FloatArray, n0: FloatArray
) -> FloatArray:
    """Squared score statistic of a hypothesised ratio, rates fitted under it."""
    a = (n1 + n0) * ratio
    b = n1 * ratio + x1 + n0 + x0 * ratio
    rate_0 = (b - np.sqrt(np.maximum(b**2 - 4.0 * a * (x1 + x0), 0.0))) / (2.0 * a)
    rate_0 = np.clip(rate_0, 1e-300, 1.0)
    rate_1 = np.clip(rate_0 * ratio, 0.0, 1.0)
    variance = rate_1 * (1.0 - rate_1) / n1 + ratio**2 * rate_0 * (1.0 - rate_0) / n0
    distance = x1 / n1 - ratio * x0 / n0
    with np.errstate(divide="ignore", invalid="ignore"):
        value = distance**2 / variance
    return np.where(
        np.abs(distance) < 1e-15, 0.0, np.where(variance > 0, value, np.inf)
    )
