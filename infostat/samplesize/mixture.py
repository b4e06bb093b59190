"""Complexity under a prior: what counts where the number of parameters is ambiguous.

The redundancy of a mixture over a normal prior is bounded by the prior weight of the
laws near the best one, not by the number of parameters: columns that are empty, sparse
or collinear cost next to nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.linalg import block_diag

from infostat._arrays import read_number, read_numbers
from infostat.exceptions import InfostatError
from infostat.samplesize.likelihood import GLMFit

__all__ = ["effective_dimension", "mixture_complexity", "prior_facts"]

FloatArray = npt.NDArray[np.float64]


def _spectrum(fisher: npt.ArrayLike, tau: float, n: float) -> FloatArray:
    j = read_numbers(fisher, "fisher", ndim=2)
    if j.shape[0] != j.shape[1]:
        msg = f"The information must be a finite square matrix, got shape {j.shape}."
        raise InfostatError(msg)
    if not (read_number(tau, "tau") > 0 and read_number(n, "n") > 0):
        msg = f"tau and n must be positive, got {tau} and {n}."
        raise InfostatError(msg)
    values = np.asarray(np.linalg.eigvalsh(0.5 * (j + j.T)), dtype=np.float64)
    if values[0] < -1e-8 * max(1.0, values[-1]):
        msg = (
            f"The information has the negative eigenvalue {values[0]:.3g}: give the mean "
            f"Fisher information at the ridge fit."
        )
        raise InfostatError(msg)
    return np.maximum(values, 0.0)


def mixture_complexity(
    fisher: npt.ArrayLike, theta: npt.ArrayLike, tau: float, n: float
) -> float:
    r"""Redundancy of the mixture over a normal prior, in nats.

    .. math::

        \tfrac12 \ln\det(I + n \tau^2 J) + \frac{|\theta|^2}{2 \tau^2}

    Parameters
    ----------
    fisher : array-like of shape (p, p)
        Mean Fisher information J an observation, at the ridge fit.
    theta : array-like of shape (p,)
        Coefficients of the ridge fit (penalty ``|theta|^2 / (2 tau^2)``).
    tau : float
        Standard deviation of the prior.
    n : float
        Observations.

    Returns
    -------
    float
        Nats for the whole sample; exact for a Gaussian linear model with known noise,
        Laplace's approximation otherwise.

    Raises
    ------
    InfostatError
        If the information is no covariance, or tau or n is not positive.

    References
    ----------
    After arXiv 2506.07661; the form is derived.
    """
    values = _spectrum(fisher, tau, n)
    t = read_numbers(theta, "theta", shape=values.shape)
    return float(0.5 * np.log1p(n * tau**2 * values).sum() + (t @ t) / (2.0 * tau**2))


def effective_dimension(fisher: npt.ArrayLike, tau: float, n: float) -> float:
    r"""Parameters that the data, not the prior, determine.

    .. math:: \sum_i \frac{n \tau^2 \lambda_i}{1 + n \tau^2 \lambda_i}

    Parameters
    ----------
    fisher : array-like of shape (p, p)
        Mean Fisher information an observation.
    tau : float
        Standard deviation of the prior.
    n : float
        Observations.

    Returns
    -------
    float
        Between 0 and p.

    Raises
    ------
    InfostatError
        As :func:`mixture_complexity`.

    Examples
    --------
    >>> effective_dimension([[1.0, 0.0], [0.0, 0.0]], tau=1.0, n=99)
    0.99
    """
    spectrum = _spectrum(fisher, tau, n)
    gain = n * tau**2 * spectrum
    return float((gain / (1.0 + gain)).sum())


def prior_facts(fit: GLMFit, tau: float, *, intercept: bool) -> dict[str, float]:
    """Complexity of a fitted model under a normal prior, for its result.

    The prior is on coefficients of indicators as they are and of numbers in standard
    deviations. The ridge fit is one Newton step from the maximum of the likelihood,
    whose information is at hand.

    Parameters
    ----------
    fit : GLMFit
        Fit whose maximum exists.
    tau : float
        Standard deviation of the prior.
    intercept : bool
        Whether the first column is one.

    Returns
    -------
    dict of str to float
        ``effective_dimension`` and ``complexity``, in nats for the whole sample.
    """
    assert fit.lower is not None  # noqa: S101 - a fit with a maximum
    turn = block_diag(*[_standard_columns(fit, intercept=intercept)] * fit.response.q)
    theta = turn @ fit.coef.T.ravel()
    back = np.linalg.inv(turn)
    fisher = back.T @ (fit.lower @ fit.lower.T) @ back
    shrunk = fit.n * fisher + np.eye(len(theta)) / tau**2
    ridge = np.linalg.solve(shrunk, fit.n * fisher @ theta)
    return {
        "effective_dimension": effective_dimension(fisher, tau, fit.n),
        "complexity": mixture_complexity(fisher, ridge, tau, fit.n),
    }


def _standard_columns(fit: GLMFit, *, intercept: bool) -> FloatArray:
    """Matrix that takes coefficients to those of standardised numeric columns."""
    columns, mass = fit.design, fit.mass
    out = np.eye(columns.shape[1])
    for k in range(int(intercept), columns.shape[1]):
        column = columns[:, k]
        if column.min() >= 0.0 and column.max() <= 1.0 and (column % 1.0 == 0.0).all():
            continue
        mean = float(mass @ column) if intercept else 0.0
        out[k, k] = float(np.sqrt(mass @ (column - mean) ** 2))
        if intercept:
            out[0, k] = mean
    return out
