"""The logistic regression of a scorecard, and the information of its coefficients."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from infostat._threads import one_thread
from infostat.exceptions import InfostatWarning
from infostat.scorecard.design import row_blocks

__all__ = [
    "LogisticFit",
    "fit_logistic",
    "has_maximum",
    "information_matrix",
]

FloatArray = npt.NDArray[np.float64]

MANY = 50_000
"""Rows from which on the fit starts from that of some of them."""

STRIDE = 16
"""Of which every so many-th row is one."""

SEPARATION = 25.0
"""Log-odds beyond which a fitted row says that the likelihood has no maximum."""

COLLINEAR = 1e10
"""Condition of the scaled information from which on it counts as singular."""

STEPS = 25
"""Newton steps before a more careful solver takes over; six are usual."""

TOLERANCE = 1e-12
"""Gain, in log-likelihood a row, below which a step is the last; Newton squares it."""

LAST_MOVE = 0.01
"""Change of a log-odds in the last step from which on there is no regular maximum."""


@dataclass(frozen=True, eq=False)
class LogisticFit:
    """A fitted logistic regression.

    Attributes
    ----------
    intercept : float
        Log-odds with all columns zero.
    coefficients : ndarray of shape (n_columns,)
        Log-odds per unit; zero for a column without variation.
    used : ndarray of shape (n_columns,), bool
        Columns that vary.
    maximum : bool
        Whether the likelihood has a maximum and the information is regular, so that
        standard errors exist.
    held : ndarray of shape (n_columns,), bool, or None
        Columns whose coefficient is at a bound; None without bounds.
    """

    intercept: float
    coefficients: FloatArray
    used: npt.NDArray[np.bool_]
    maximum: bool
    held: npt.NDArray[np.bool_] | None = None


def fit_logistic(
    design: FloatArray,
    events: npt.NDArray[np.uint8],
    weight: FloatArray | None = None,
    estimator: Any = None,
) -> LogisticFit:
    """Fit by maximum likelihood, or by the user's estimator.

    Parameters
    ----------
    design : ndarray of shape (n_samples, n_columns)
        Columns without the intercept.
    events : ndarray of shape (n_samples,)
        1 for events.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights.
    estimator : estimator, optional
        Unfitted clone of a linear classifier with ``coef_`` and ``intercept_``;
        unpenalised logistic regression by default.

    Returns
    -------
    LogisticFit
        ``maximum`` is False for a user's estimator, whose errors are not known, and,
        with an InfostatWarning, where classes are separated or columns are collinear.
    """
    from sklearn.linear_model import LogisticRegression

    used = np.ptp(design, axis=0) > 0
    own = estimator is None
    if not used.any():
        total = np.bincount(events, weights=weight, minlength=2)
        rate = float(np.log(total[1] / total[0]))
        return LogisticFit(rate, np.zeros(design.shape[1]), used, own)
    columns = design if used.all() else design[:, used]
    coefficients = np.zeros(design.shape[1])
    found = _newton(columns, events, weight) if own else None
    if found is not None:
        coefficients[used] = found[1:]
        return LogisticFit(float(found[0]), coefficients, used, maximum=True)
    # Odd data, such as separated classes: a solver that searches for its steps.
    careful = {"solver": "newton-cholesky", "tol": 1e-8, "max_iter": 100}
    model = LogisticRegression(C=np.inf, **careful) if own else estimator
    with one_thread(), warnings.catch_warnings():
        if own:
            warnings.simplefilter("ignore")
        if weight is None:
            model.fit(columns, events)
        else:
            model.fit(columns, events, sample_weight=weight)
    coefficients[used] = np.ravel(model.coef_)
    intercept = float(np.ravel(model.intercept_)[0])
    maximum = own and has_maximum(design, coefficients, intercept, used, weight)
    return LogisticFit(intercept, coefficients, used, maximum)


def _newton(
    columns: FloatArray, events: npt.NDArray[np.uint8], weight: FloatArray | None
) -> FloatArray | None:
    """Intercept and coefficients at a regular maximum; None where plain steps fail.

    With many rows it begins at the maximum of some of them, which saves half of the
    steps over all.
    """
    total = np.bincount(events, weights=weight, minlength=2)
    if total.min() <= 0:
        return None
    beta, gain = None, np.inf
    if len(events) >= MANY:
        some = slice(None, None, STRIDE)
        few = np.asfortranarray(columns[some])
        beta = _newton(few, events[some], None if weight is None else weight[some])
    if beta is None:
        beta = np.zeros(columns.shape[1] + 1)
        beta[0] = np.log(total[1] / total[0])
    for _ in range(STEPS):
        score, information, farthest = _moments(columns, events, weight, beta)
        if farthest > SEPARATION or _is_singular(information):
            return None
        step, before = np.linalg.solve(information, score), gain
        gain = float(score @ step) / float(total.sum())
        beta = beta + step
        if gain <= TOLERANCE:
            moved = np.abs(step[0] + columns @ step[1:]).max()
            # Without a maximum, steps stay as long while what they gain dies away.
            return beta if moved < LAST_MOVE else None
        if gain >= before:
            return None
    return None


def _moments(
    columns: FloatArray,
    events: npt.NDArray[np.uint8],
    weight: FloatArray | None,
    beta: FloatArray,
) -> tuple[FloatArray, FloatArray, float]:
    """Score, Fisher information and largest log-odds, in one pass over the rows."""
    score, farthest = np.zeros(beta.size), 0.0
    information = np.zeros((beta.size, beta.size))
    with one_thread():
        for part in row_blocks(columns):
            rows = columns[part].T
            log_odds = beta[0] + beta[1:] @ rows
            farthest = max(farthest, float(np.abs(log_odds).max()))
            probability = expit(log_odds)
            residual = events[part] - probability
            variance = probability * (1.0 - probability)
            if weight is not None:
                residual, variance = residual * weight[part], variance * weight[part]
            score[0] += residual.sum()
            score[1:] += rows @ residual
            information += _weighted_products(rows, variance)
    return score, information, farthest


def _weighted_products(rows: FloatArray, weight: FloatArray) -> FloatArray:
    """Sums of products of columns, an intercept first; ``rows`` has a row a column."""
    scaled = np.empty((len(rows) + 1, rows.shape[1]))
    # The product of a matrix with itself takes half of the work of any other.
    np.sqrt(weight, out=scaled[0])
    np.multiply(rows, scaled[0], out=scaled[1:])
    return np.asarray(scaled @ scaled.T)


def _is_singular(information: FloatArray) -> bool:
    """Whether columns are collinear as far as the information can tell."""
    scale = np.sqrt(np.diag(information))
    if not scale.all():
        return True
    return bool(np.linalg.cond(information / np.outer(scale, scale)) > COLLINEAR)


def has_maximum(
    design: FloatArray,
    coefficients: FloatArray,
    intercept: float,
    used: npt.NDArray[np.bool_],
    weight: FloatArray | None,
) -> bool:
    """Whether the fit is a regular maximum; a warning says why not."""
    log_odds = intercept + design @ coefficients
    if np.abs(log_odds).max() > SEPARATION:
        warnings.warn(
            "The classes are separated by the binned features, so the likelihood has no "
            "maximum and no standard error exists: use fewer bins or "
            "estimator=LogisticRegression(C=1.0).",
            InfostatWarning,
            stacklevel=4,
        )
        return False
    if _is_singular(information_matrix(design[:, used], log_odds, weight)):
        warnings.warn(
            "Some binned features carry the same evidence (collinear columns), so their "
            "coefficients are not determined and have no standard error: drop one of "
            "them or use estimator=LogisticRegression(C=1.0).",
            InfostatWarning,
            stacklevel=4,
        )
        return False
    return True


def information_matrix(
    design: FloatArray, log_odds: FloatArray, weight: FloatArray | None
) -> FloatArray:
    """Fisher information of intercept and coefficients, in blocks of rows."""
    probability = expit(log_odds)
    variance = probability * (1.0 - probability)
    if weight is not None:
        variance = variance * weight
    with one_thread():
        parts = (
            _weighted_products(design[part].T, variance[part])
            for part in row_blocks(design)
        )
        return np.asarray(sum(parts))
