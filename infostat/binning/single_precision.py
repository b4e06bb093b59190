"""Thresholds in single precision, which XGBoost compares with, as cuts of doubles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["right_closed_cuts", "round_thresholds"]

FloatArray = npt.NDArray[np.float64]


def right_closed_cuts(thresholds: npt.ArrayLike) -> FloatArray:
    """Turn XGBoost's thresholds into cuts of doubles: ``float32(x) < t`` iff ``x <= c``.

    Parameters
    ----------
    thresholds : array-like of shape (n,), float32
        Thresholds ``t``; XGBoost sends ``x`` left where it, rounded to float32, lies
        below.

    Returns
    -------
    ndarray of shape (n,)
        The largest double that rounds to a float32 below the threshold: the midpoint
        between the threshold and its predecessor where that rounds down, else the
        double before it. The predecessor itself would be wrong for the doubles up to
        the midpoint.

    Examples
    --------
    >>> right_closed_cuts([1.0])
    array([0.99999997])
    """
    upper = np.asarray(thresholds, dtype=np.float32)
    with np.errstate(over="ignore"):
        below = np.nextafter(upper, np.float32(-np.inf)).astype(np.float64)
        # Where the predecessor is -inf the float32 grid would have gone on to -2**128.
        below[np.isneginf(below)] = -(2.0**128)
        middle = (upper.astype(np.float64) + below) / 2.0
        rounds_down = middle.astype(np.float32) < upper
    return np.where(rounds_down, middle, np.nextafter(middle, -np.inf))


def round_thresholds(cuts: npt.ArrayLike) -> FloatArray:
    """Read the thresholds behind cuts, where they are numbers of at most six digits.

    Parameters
    ----------
    cuts : array-like of shape (n,)
        Right-closed cuts, finite.

    Returns
    -------
    ndarray of shape (n,)
        Numbers that are left-closed to the eye: "below 5" is a truer name of the bin
        than "up to 4.9999998". NaN for any other cut.

    Examples
    --------
    >>> round_thresholds([right_closed_cuts([5.0])[0], 4.9])
    array([ 5., nan])
    """
    cut = np.asarray(cuts, dtype=np.float64)
    out = np.full(cut.shape, np.nan)
    # Whole numbers, and numbers with too many digits before the point, are themselves.
    asked = np.flatnonzero((cut != np.floor(cut)) & (np.abs(cut) <= 1e6))
    single = cut[asked].astype(np.float32)
    above = np.nextafter(single, np.float32(np.inf))
    single = np.where(single <= cut[asked], above, single)
    # Only a cut that was made from a threshold comes back from it: hardly any other
    # number has to be written down and read.
    made = right_closed_cuts(single) == cut[asked]
    for k, value in zip(asked[made], single[made].tolist(), strict=True):
        if float(f"{value:.6g}") == value:
            out[k] = value + 0.0
    return out
