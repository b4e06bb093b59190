"""Logistic regression with bounds on the coefficients, solved exactly.

The likelihood is concave, so a point that satisfies the conditions of Karush, Kuhn and
Tucker is the maximum. Each Newton step solves its quadratic problem under the bounds by an
active-set method, so that coefficients at a bound are there exactly, and the steps end as
fast as Newton's do.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import lsq_linear
from scipy.special import expit

from infostat._threads import one_thread
from infostat.exceptions import InfostatWarning
from infostat.scorecard.logistic import LogisticFit, has_maximum, information_matrix

__all__ = ["fit_bounded", "warn_held"]

FloatArray = npt.NDArray[np.float64]

STEPS = 100
"""Newton steps before giving up; ten are usual."""

TOLERANCE = 1e-10
"""Gain, in log-likelihood a row, below which a step is the last; Newton squares it."""


def fit_bounded(
    design: FloatArray,
    events: npt.NDArray[np.uint8],
    weight: FloatArray | None,
    lower: FloatArray,
    upper: FloatArray,
) -> LogisticFit:
    """Fit by maximum likelihood under bounds on the coefficients.

    Parameters
    ----------
    design : ndarray of shape (n_samples, n_columns)
        Columns without the intercept.
    events : ndarray of shape (n_samples,)
        1 for events.
    weight : ndarray of shape (n_samples,) or None
        Frequency weights.
    lower, upper : ndarray of shape (n_columns,)
        Bounds of the coefficients, zero between them; the intercept has none.

    Returns
    -------
    LogisticFit
        ``held`` marks the coefficients at a bound. They are not ``used``: the errors of
        the others take them for known.

    References
    ----------
    Bertsekas, "Projected Newton methods for optimization problems with simple
    constraints", SIAM J. Control Optim. 20 (1982) 221-246, for the setting; the step
    here solves its quadratic problem exactly (Stark and Parker, Computational
    Statistics 10 (1995) 129-141, as in ``scipy.optimize.lsq_linear``).
    """
    weights = np.ones(len(events)) if weight is None else weight
    varies = np.ptp(design, axis=0) > 0
    columns = design[:, varies]
    low, high = lower[varies], upper[varies]
    total = np.bincount(events, weights=weights, minlength=2)
    beta = np.concatenate([[np.log(total[1] / total[0])], np.zeros(varies.sum())])
    with one_thread():
        for _ in range(STEPS):
            log_odds = beta[0] + columns @ beta[1:]
            step, gain = _newton(columns, events, weights, log_odds, beta, low, high)
            if gain <= TOLERANCE * weights.sum():
                beta = beta + step
                break
            beta = _search(columns, events, weights, beta, step, gain)
    coefficients = np.zeros(design.shape[1])
    coefficients[varies] = beta[1:]
    held = varies & ((coefficients <= lower) | (coefficients >= upper))
    fit = LogisticFit(
        float(beta[0]), coefficients, varies & ~held, maximum=True, held=held
    )
    known = has_maximum(design, fit.coefficients, fit.intercept, fit.used, weight)
    return replace(fit, maximum=known)


def _newton(
    columns: FloatArray,
    events: npt.NDArray[np.uint8],
    weights: FloatArray,
    log_odds: FloatArray,
    beta: FloatArray,
    low: FloatArray,
    high: FloatArray,
) -> tuple[FloatArray, float]:
    """Step to the best point of the quadratic model within the bounds, and its gain."""
    residual = weights * (events - expit(log_odds))
    score = np.concatenate([[residual.sum()], residual @ columns])
    information = information_matrix(columns, log_odds, weights)
    # The intercept is free: solve for it, and leave a problem in the coefficients.
    target = information @ beta + score
    cross, head = information[1:, 0], information[0, 0]
    matrix = information[1:, 1:] - np.outer(cross, cross) / head
    right = target[1:] - cross * target[0] / head
    new = np.empty_like(beta)
    new[1:] = _quadratic(matrix, right, low, high)
    new[0] = (target[0] - cross @ new[1:]) / head
    step = new - beta
    return step, float(score @ step)


def _quadratic(
    matrix: FloatArray, right: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Minimise ``b'Mb / 2 - right'b`` within bounds, as a least-squares problem."""
    if not len(right):
        return right
    scale = np.sqrt(np.maximum(np.diag(matrix), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
    # Directions without information (collinear columns) say nothing: leave them out.
    known = values > 1e-12 * values[-1]
    root = np.sqrt(values[known])
    factor = root[:, None] * vectors[:, known].T
    aim = vectors[:, known].T @ (right / scale) / root
    bounds = (low * scale, high * scale)
    solved = lsq_linear(factor, aim, bounds, method="bvls", tol=1e-14)
    new = np.asarray(solved.x / scale)
    new[solved.active_mask < 0] = low[solved.active_mask < 0]
    new[solved.active_mask > 0] = high[solved.active_mask > 0]
    return new


def _search(
    columns: FloatArray,
    events: npt.NDArray[np.uint8],
    weights: FloatArray,
    beta: FloatArray,
    step: FloatArray,
    gain: float,
) -> FloatArray:
    """Halve the step until the likelihood rises as it should (Armijo's rule)."""

    def log_likelihood(point: FloatArray) -> float:
        log_odds = point[0] + columns @ point[1:]
        return float(weights @ (events * log_odds - np.logaddexp(0.0, log_odds)))

    start, share = log_likelihood(beta), 1.0
    while share > 1e-6:
        point = beta + share * step
        if log_likelihood(point) >= start + 1e-4 * share * gain:
            return np.asarray(point)
        share /= 2.0
    return beta


def warn_held(names: list[str], *, monotone: bool) -> None:
    """Name the features whose coefficients are at a bound."""
    if not names:
        return
    reason = (
        "by themselves they would take the wrong sign (or too many points)"
        if monotone
        else "by themselves they would take too many points"
    )
    warnings.warn(
        f"The coefficients of {', '.join(map(repr, names))} are held at their bound: "
        f"{reason}, usually because other features carry the same evidence. They have "
        f"no standard error, and the errors of the others take them for known. Drop "
        f"these features, or one of those that they go with (see variance_inflation in "
        f"the summary).",
        InfostatWarning,
        stacklevel=4,
    )
