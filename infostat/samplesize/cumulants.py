"""Cumulants of a model in whitened coordinates, and their contractions with data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, solve_triangular

from infostat._threads import one_thread
from infostat.exceptions import InfostatError
from infostat.samplesize.cubic import third_tensor
from infostat.samplesize.expansion import Contractions

__all__ = ["Cumulants", "Whitening", "contract", "row_cumulants", "whitening"]

FloatArray = npt.NDArray[np.float64]

LARGEST_P = 300
"""Parameters up to which the third cumulant is held as an array (216 MB)."""
BLOCK = 256


@dataclass(frozen=True, eq=False)
class Cumulants:
    """Third cumulant of the whitened statistic, and the fourth through a matrix.

    Attributes
    ----------
    third : ndarray of shape (p, p, p)
        T.
    quartic : callable
        Takes a symmetric matrix S and gives ``Q_abcd S_ab S_cd``.
    """

    third: FloatArray
    quartic: Callable[[FloatArray], float]


@dataclass(frozen=True, eq=False)
class Whitening:
    """Centre and scale of a statistic under the model.

    Attributes
    ----------
    mean : ndarray of shape (p,)
        Mean of the statistic.
    lower : ndarray of shape (p, p)
        Cholesky factor of its covariance.
    """

    mean: FloatArray
    lower: FloatArray

    def __call__(self, statistic: FloatArray) -> FloatArray:
        """Whitened rows ``L^-1 (xi - mean)``, shape (n_rows, p)."""
        centred = np.asarray(statistic, dtype=float) - self.mean
        return np.asarray(solve_triangular(self.lower, centred.T, lower=True).T)


def whitening(statistic: FloatArray, probability: FloatArray) -> Whitening:
    """Whitening of a statistic that takes rows with probabilities.

    Parameters
    ----------
    statistic : ndarray of shape (n_rows, p)
        Values.
    probability : ndarray of shape (n_rows,)
        Probabilities, summing to one.

    Returns
    -------
    Whitening

    Raises
    ------
    InfostatError
        If there are too many parameters to hold cumulants, or components of the
        statistic determine one another.
    """
    p = statistic.shape[1]
    if p > LARGEST_P:
        msg = (
            f"The statistic has {p} components, and third cumulants are held for at most "
            f"{LARGEST_P}: drop interactions, or use the bootstrap."
        )
        raise InfostatError(msg)
    mean = probability @ statistic
    centred = statistic - mean
    covariance = (centred * probability[:, None]).T @ centred
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    smallest = 0.0
    if (scale > 0).all():
        smallest = float(np.linalg.eigvalsh(covariance / np.outer(scale, scale))[0])
    if smallest < 1e-10:
        msg = (
            f"The {p} components of the statistic are constant or determine one another "
            f"under the model: drop the redundant ones (a constant, a reference level)."
        )
        raise InfostatError(msg)
    return Whitening(mean, cholesky(covariance, lower=True))


def row_cumulants(rows: FloatArray, probability: FloatArray) -> Cumulants:
    """Cumulants of a whitened statistic that takes rows with probabilities.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, p)
        Whitened values: every cell of a finite model, or draws from any model.
    probability : ndarray of shape (n_rows,)
        Probabilities, summing to one.

    Returns
    -------
    Cumulants
    """

    def quartic(s: FloatArray) -> float:
        form = np.einsum("ia,ia->i", rows @ s, rows)
        second = float(np.trace(s)) ** 2 + 2.0 * float(np.vdot(s, s))
        return float(probability @ form**2) - second

    return Cumulants(third_tensor(rows, probability), quartic)


def _data_cubic(third: FloatArray, rows: FloatArray, weight: FloatArray) -> float:
    """``<T, K3>``: the mean of ``T[y, y, y]`` over whitened data rows."""
    p = rows.shape[1]
    flat = third.reshape(p, p * p)
    total = 0.0
    with one_thread():
        for start in range(0, len(rows), BLOCK):
            y = rows[start : start + BLOCK]
            first = (y @ flat).reshape(len(y), p, p)
            once = np.einsum("iab,ib->ia", first, y)
            value = np.einsum("ia,ia->i", once, y)
            total += float(weight[start : start + BLOCK] @ value)
    return total


def contract(
    model: Cumulants,
    rows: FloatArray | None = None,
    weight: FloatArray | None = None,
    trace: float | None = None,
) -> Contractions:
    """Contract the model's cumulants with those of data, or with its own.

    Parameters
    ----------
    model : Cumulants
        Cumulants under the model.
    rows : ndarray of shape (n_samples, p), optional
        Data, whitened by the model; without them the model is taken for true.
    weight : ndarray of shape (n_samples,), optional
        Weights of the data, summing to one.
    trace : float, optional
        Trace of S to report in place of the plug-in (a jackknife estimate).

    Returns
    -------
    Contractions
    """
    third = model.third
    p = len(third)
    if rows is None:
        s = np.eye(p)
        cubic = float(np.vdot(third, third))
    else:
        weight = np.full(len(rows), 1.0 / len(rows)) if weight is None else weight
        centred = rows - weight @ rows
        s = (centred * weight[:, None]).T @ centred
        cubic = _data_cubic(third, centred, weight)
    with one_thread():
        turned = third @ s
        mean = np.einsum("acd,cd->a", third, s)
        # tr(T_a S T_a S) over a.
        cross = float(np.einsum("abc,acb->", turned, turned))
    return Contractions(
        trace=float(np.trace(s)) if trace is None else trace,
        trace_square=float(np.vdot(s, s)),
        cubic=cubic,
        mean_square=float(mean @ mean),
        cross=cross,
        quartic=model.quartic(s),
    )
