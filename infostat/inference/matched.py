"""Intervals and tests of a divergence that hold at zero, near it and far away.

The plug-in divergence is approximated by a scaled noncentral chi-square,
``scale * chi2(df, noncentrality = truth / scale)``. Scale and degrees of freedom are
matched to the first-order variance and the second-order bias: at equal laws this is the
exact null law, far away the normal law of the delta method.

All functions broadcast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, chndtr

if TYPE_CHECKING:
    from infostat.inference.measure import DivergenceEstimate

__all__ = [
    "divergence_intervals",
    "interval",
    "matched_law",
    "p_at_least",
    "p_at_most",
    "upper_limit",
]

FloatArray = npt.NDArray[np.float64]

_STEPS = 60
_NEGLIGIBLE = 1e-6
"""Below this multiple of the null scale the plug-in says nothing about its scale."""


def matched_law(
    plug_in: npt.ArrayLike,
    variance: npt.ArrayLike,
    bias: npt.ArrayLike,
    null_scale: npt.ArrayLike,
) -> tuple[FloatArray, FloatArray]:
    """Scale and degrees of freedom that match variance and bias.

    The law's variance at the truth ``D`` is ``V1 + 2 scale * bias`` with
    ``scale = V1 / (4 D)``, its mean ``D + bias``.

    Parameters
    ----------
    plug_in, variance, bias : array-like of shape (...)
        Moments of the statistic, see :class:`infostat.inference.delta.Moments`.
    null_scale : array-like of shape (...)
        Mean scale of the null law.

    Returns
    -------
    scale, df : ndarray of shape (...)
    """
    plug_in, variance, bias, null_scale = np.broadcast_arrays(
        *(np.asarray(x, dtype=float) for x in (plug_in, variance, bias, null_scale))
    )
    scale = null_scale.copy()
    apart = plug_in > _NEGLIGIBLE * null_scale
    scale[apart] = variance[apart] / (4.0 * plug_in[apart])
    return scale, np.asarray(bias / scale)


def _noncentrality(x: FloatArray, df: FloatArray, probability: float) -> FloatArray:
    """Solve ``chndtr(x, df, nc) = probability`` for ``nc``; 0 where even 0 is too large.

    The distribution function falls in the noncentrality, so bisection cannot fail.
    """
    low = np.zeros_like(x)
    high = x + 10.0 * np.sqrt(4.0 * x + 2.0 * df) + 40.0
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        above = chndtr(x, df, middle) > probability
        low = np.where(above, middle, low)
        high = np.where(above, high, middle)
    root = 0.5 * (low + high)
    return np.where(chndtr(x, df, 0.0) <= probability, 0.0, root)


def _guarded(x: FloatArray, df: FloatArray) -> FloatArray:
    """Statistic for upper limits: at least the median of the central law.

    Without it a plug-in near zero would certify equality at any sample size.
    """
    return np.maximum(x, chdtri(df, 0.5))


def interval(
    plug_in: npt.ArrayLike, scale: npt.ArrayLike, df: npt.ArrayLike, level: float
) -> tuple[FloatArray, FloatArray]:
    """Two-sided interval for the divergence, in its own units.

    Parameters
    ----------
    plug_in, scale, df : array-like of shape (...)
        The statistic and its matched law.
    level : float
        Confidence level.

    Returns
    -------
    low, high : ndarray of shape (...)
        ``low`` is zero where the data cannot exclude equal laws; ``high`` never is.
    """
    tail = (1.0 - level) / 2.0
    scale, df = np.asarray(scale, dtype=float), np.asarray(df, dtype=float)
    x = np.asarray(plug_in, dtype=float) / scale
    low = _noncentrality(x, df, 1.0 - tail)
    return scale * low, upper_limit(plug_in, scale, df, tail)


def divergence_intervals(
    estimates: Sequence[DivergenceEstimate], level: float
) -> tuple[FloatArray, FloatArray]:
    """Intervals of several estimates, solved for together.

    Parameters
    ----------
    estimates : sequence of DivergenceEstimate
        Estimates.
    level : float
        Confidence level.

    Returns
    -------
    low, high : ndarray of shape (n_estimates,)
        See :meth:`DivergenceEstimate.interval`.
    """
    single = [estimate._is_single_bin() for estimate in estimates]
    low = np.zeros(len(single))
    high = np.where(single, 0.0, np.inf)
    laws = [(e.plug_in, e.scale, e.df or 0.0) for e in estimates]
    plug_in, scale, df = np.array(laws, dtype=np.float64).reshape(-1, 3).T
    known = scale > 0
    low[known], high[known] = interval(plug_in[known], scale[known], df[known], level)
    high[[estimate.open_above for estimate in estimates]] = np.inf
    return low, high


def upper_limit(
    plug_in: npt.ArrayLike, scale: npt.ArrayLike, df: npt.ArrayLike, alpha: float
) -> FloatArray:
    """One-sided upper confidence limit at level ``1 - alpha``."""
    scale, df = np.asarray(scale, dtype=float), np.asarray(df, dtype=float)
    x = np.asarray(plug_in, dtype=float) / scale
    return np.asarray(scale * _noncentrality(_guarded(x, df), df, alpha))


def p_at_most(
    plug_in: npt.ArrayLike,
    scale: npt.ArrayLike,
    df: npt.ArrayLike,
    threshold: npt.ArrayLike,
) -> FloatArray:
    """P-value of "the divergence is at most ``threshold``"; small speaks for more.

    Accurate far into the tail, where one minus a distribution function returns zero.
    """
    from scipy.stats import ncx2

    scale, df = np.asarray(scale, dtype=float), np.asarray(df, dtype=float)
    x = np.asarray(plug_in, dtype=float) / scale
    return np.asarray(ncx2.sf(x, df, np.asarray(threshold, dtype=float) / scale))


def p_at_least(
    plug_in: npt.ArrayLike,
    scale: npt.ArrayLike,
    df: npt.ArrayLike,
    threshold: npt.ArrayLike,
) -> FloatArray:
    """P-value of "the divergence is at least ``threshold``"; small certifies less."""
    scale, df = np.asarray(scale, dtype=float), np.asarray(df, dtype=float)
    x = _guarded(np.asarray(plug_in, dtype=float) / scale, df)
    return np.asarray(chndtr(x, df, np.asarray(threshold, dtype=float) / scale))
