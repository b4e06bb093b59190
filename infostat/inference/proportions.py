"""Intervals of a proportion that hold near zero and one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from infostat.inference.estimate import check_level

__all__ = ["wilson_interval"]

FloatArray = npt.NDArray[np.float64]


def wilson_interval(
    share: npt.ArrayLike, size: npt.ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Score interval of Wilson for proportions.

    Parameters
    ----------
    share : array-like
        Observed proportions, in [0, 1].
    size : array-like
        Rows (or effective rows) behind each; broadcast with ``share``.
    level : float, default=0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray
        Within [0, 1]; [0, 1] where there are no rows.

    References
    ----------
    Wilson, JASA 22 (1927) 209-212; Brown, Cai and DasGupta, Statistical Science 16
    (2001) 101-133, who find it best of the simple ones.
    """
    z = float(ndtri((1.0 + check_level(level)) / 2.0))
    p, n = np.broadcast_arrays(
        np.asarray(share, dtype=np.float64), np.asarray(size, dtype=np.float64)
    )
    some = n > 0
    rows = np.where(some, n, 1.0)
    spread = z**2 / rows
    centre = (p + spread / 2.0) / (1.0 + spread)
    reach = z / (1.0 + spread) * np.sqrt(p * (1.0 - p) / rows + spread / (4.0 * rows))
    low = np.where(some, np.where(p <= 0.0, 0.0, centre - reach), 0.0)
    high = np.where(some, np.where(p >= 1.0, 1.0, centre + reach), 1.0)
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
