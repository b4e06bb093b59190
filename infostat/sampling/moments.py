"""Mean, variance and Sobol indices of a function from its orthonormal coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.inference import Estimate

__all__ = ["SobolShares", "mean_estimate", "sobol_shares", "variance_estimate"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def mean_estimate(
    coef: FloatArray, cov: FloatArray, constant: FloatArray, n: int, df: float
) -> Estimate:
    """Integral of the fit under the measure.

    Parameters
    ----------
    coef : ndarray of shape (m,)
        Coefficients.
    cov : ndarray of shape (m, m)
        Their covariance.
    constant : ndarray of shape (m,)
        Coefficients of the function 1.
    n : int
        Points.
    df : float
        Degrees of freedom.

    Returns
    -------
    Estimate
    """
    se = float(np.sqrt(max(float(constant @ cov @ constant), 0.0)))
    return Estimate(float(coef @ constant), se, n, df=df, method="orthonormal basis")


def variance_estimate(
    coef: FloatArray, cov: FloatArray, constant: FloatArray, n: int, df: float
) -> Estimate:
    """Variance of the fit under the measure, a^T a - (a^T e)^2, its bias removed.

    The plug-in is too large by the trace of the covariance off the constant.

    Parameters
    ----------
    coef, cov, constant, n, df
        As in :func:`mean_estimate`.

    Returns
    -------
    Estimate
        Not below zero; ``bias`` is what was subtracted.
    """
    inner = coef - constant * (coef @ constant)
    bias = float(np.trace(cov) - constant @ cov @ constant)
    value = float(inner @ inner)
    se = float(2.0 * np.sqrt(max(float(inner @ cov @ inner), 0.0)))
    return Estimate(max(value - bias, 0.0), se, n, df=df, bias=bias)


@dataclass(frozen=True, eq=False)
class SobolShares:
    """Shares of the variance of a fit.

    Attributes
    ----------
    first_order, total : ndarray of shape (d,)
        Of each coordinate alone, and of all products with it; zero for a constant fit.
    """

    first_order: FloatArray
    total: FloatArray


def sobol_shares(coef: FloatArray, index: IntArray) -> SobolShares:
    """Sobol indices of a fit in a product basis (Sudret 2008).

    Parameters
    ----------
    coef : ndarray of shape (m,)
        Coefficients.
    index : ndarray of shape (m, d)
        Numbers of the univariate functions of each product; number 0 is the constant.

    Returns
    -------
    SobolShares
    """
    active = index > 0
    square = coef**2
    variance = square[active.any(axis=1)].sum()
    scale = 1.0 / variance if variance > 0 else 0.0
    alone = active & (active.sum(axis=1, keepdims=True) == 1)
    return SobolShares(scale * square @ alone, scale * square @ active)
