"""Intervals of a proportion that hold near zero and one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from infostat._arrays import read_numbers
from infostat.exceptions import InfostatError
from infostat.inference.estimate import check_level

__all__ = ["wilson_interval"]

FloatArray = npt.NDArray[np.float64]


def wilson_interval(
    share: npt.ArrayLike, size: npt.ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Score interval of Wilson for proportions.

    Parameters
    ----------
    share : array-like of shape (...)
        Observed proportions, in [0, 1].
    size : array-like of shape (...)
        Rows (or effective rows) behind each; broadcast with ``share``.
    level : float, default=0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray of shape (...)
        Within [0, 1]; [0, 1] where there are no rows.

    Raises
    ------
    InfostatError
        If a share lies outside [0, 1], a size is negative, the shapes do not match, or
        the level does not lie strictly between 0 and 1.

    References
    ----------
    Wilson, JASA 22 (1927) 209-212; Brown, Cai and DasGupta, Statistical Science 16
    (2001) 101-133, who find it best of the simple ones.
    """
    z = float(ndtri((1.0 + check_level(level)) / 2.0))
    p, n = np.broadcast_arrays(
        *_matching(
            read_numbers(share, "share", ndim=None, low=0.0, high=1.0),
            read_numbers(size, "size", ndim=None, low=0.0),
        )
    )
    some = n > 0
    rows = np.where(some, n, 1.0)
    spread = z**2 / rows
    centre = (p + spread / 2.0) / (1.0 + spread)
    reach = z / (1.0 + spread) * np.sqrt(p * (1.0 - p) / rows + spread / (4.0 * rows))
    low = np.where(some, np.where(p <= 0.0, 0.0, centre - reach), 0.0)
    high = np.where(some, np.where(p >= 1.0, 1.0, centre + reach), 1.0)
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def _matching(p: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    try:
        np.broadcast_shapes(p.shape, n.shape)
    except ValueError as error:
        msg = f"share and size do not match: shapes {p.shape} and {n.shape}."
        raise InfostatError(msg) from error
    tiny = (n > 0.0) & (n < 1e-30)
    if tiny.any():
        msg = f"size holds {n[tiny].flat[0]:g}: give the number of rows, or zero."
        raise InfostatError(msg)
    return p, n
