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

__all__ = [
    "LogisticFit",
    "fit_logistic",
    "has_maximum",
    "information_matrix",
]

FloatArray = npt.NDArray[np.float64]

BLOCK = 8192
"""Rows a block of cross products: small enough to stay in cache."""

MANY = 50_000
"""Rows from which on the fit starts from that of some of them."""

STRIDE = 16
"""Of which every so many-th row is one."""

SEPARATION = 25.0
"""Log-odds beyond which a fitted row says that the likelihood has no maximum."""


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
    newton = {"solver": "newton-cholesky", "tol": 1e-8, "max_iter": 100}
    model = LogisticRegression(C=np.inf, **newton) if own else estimator
    with one_thread(), warnings.catch_warnings():
        if own:
            warnings.simplefilter("ignore")
        columns = design if used.all() else design[:, used]
        if own and len(events) >= MANY:
            _start(model, columns[::STRIDE], events[::STRIDE])
        if weight is None:
            model.fit(columns, events)
        else:
            model.fit(columns, events, sample_weight=weight)
    coefficients = np.zeros(design.shape[1])
    coefficients[used] = np.ravel(model.coef_)
    intercept = float(np.ravel(model.intercept_)[0])
    maximum = own and has_maximum(design, coefficients, intercept, used, weight)
    return LogisticFit(intercept, coefficients, used, maximum)


def _start(model: Any, columns: FloatArray, events: npt.NDArray[np.uint8]) -> None:
    """Begin at the maximum of some of the rows, which saves half of the steps."""
    if events.min() == events.max() or not (np.ptp(columns, axis=0) > 0).all():
        return
    model.fit(columns, events)
    if np.abs(model.coef_).max() < SEPARATION:
        model.set_params(warm_start=True)


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
    information = information_matrix(design[:, used], log_odds, weight)
    scale = np.sqrt(np.diag(information))
    if np.linalg.cond(information / np.outer(scale, scale)) > 1e10:
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
    n_columns = design.shape[1] + 1
    out = np.zeros((n_columns, n_columns))
    probability = expit(log_odds)
    variance = probability * (1.0 - probability)
    if weight is not None:
        variance = variance * weight
    with one_thread():
        for start in range(0, len(design), BLOCK):
            part = slice(start, start + BLOCK)
            rows = np.column_stack([np.ones(len(design[part])), design[part]])
            out += rows.T @ (rows * variance[part, None])
    return out
