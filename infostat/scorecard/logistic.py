"""The logistic regression of a scorecard and the covariance of what it yields.

A scorecard on weights of evidence is fitted in two steps from the same rows: first the
evidence of every bin, then the coefficients. Errors of the coefficients that take the
evidence for known are too small. Here every row's influence on both steps is summed, so
that one covariance matrix of all bin effects serves coefficients, points and scores.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from infostat._threads import one_thread
from infostat.evidence.smoothing import Shares
from infostat.exceptions import InfostatWarning

__all__ = [
    "Effects",
    "LogisticFit",
    "evidence_effects",
    "fit_logistic",
    "has_maximum",
    "information_matrix",
    "one_hot_effects",
]

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[Any]

BLOCK = 8192
"""Rows a block of cross products: small enough to stay in cache."""

ROWS = 2048
"""Rows a block of the indicator matrix, which has a column a bin."""

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


@dataclass(frozen=True, eq=False)
class Effects:
    """Log-odds of all bins of all features, stacked, with their covariance.

    Attributes
    ----------
    coefficient_covariance : ndarray of shape (n_coefficients + 1,) * 2
        Of intercept and coefficients.
    covariance : ndarray of shape (1 + total bins,) * 2
        Of the intercept and of every bin's effect, features one after another.
    """

    coefficient_covariance: FloatArray
    covariance: FloatArray


def evidence_effects(
    fit: LogisticFit,
    codes: list[Codes],
    evidence: list[FloatArray],
    shares: list[Shares],
    events: npt.NDArray[np.uint8],
    weight: FloatArray | None = None,
) -> Effects:
    r"""Covariance of intercept and bin effects ``coefficient * evidence``.

    With the score ``u_i = (y_i - \pi_i) x_i`` of the regression, its derivative ``G`` by
    the evidence ``W`` and the influence ``\omega_i`` of a row on ``W``, a row moves the
    coefficients by ``H^{-1} (u_i + G \omega_i)``, and an effect by
    ``W d\beta + \beta dW``.

    Parameters
    ----------
    fit : LogisticFit
        Regression on the evidence.
    codes : list of ndarray of shape (n_samples,)
        Bin of each row, one array a feature.
    evidence : list of ndarray of shape (n_bins,)
        Weight of evidence of each bin, event over non-event.
    shares : list of Shares
        Shares that the evidence came from.
    events : ndarray of shape (n_samples,)
        1 for events.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights.

    Returns
    -------
    Effects
    """
    return _TwoStep(fit, codes, evidence, shares, events, weight).effects()


class _TwoStep:
    """Block-wise sums of row influences; see :func:`evidence_effects`."""

    def __init__(
        self,
        fit: LogisticFit,
        codes: list[Codes],
        evidence: list[FloatArray],
        shares: list[Shares],
        events: npt.NDArray[np.uint8],
        weight: FloatArray | None,
    ) -> None:
        # Rows of one class after the other, so that a block has one class.
        order = np.argsort(events, kind="stable")
        self.fit, self.codes = fit, [code[order] for code in codes]
        self.weight = np.ones(len(events)) if weight is None else weight[order]
        self.start = np.concatenate([[0], np.cumsum([len(w) for w in evidence])])
        self.n_bins = int(self.start[-1])
        self.evidence = np.concatenate(evidence)
        self.feature = np.repeat(np.arange(len(codes)), np.diff(self.start))
        self.first_event = len(events) - int(events.sum())
        parts = self.weight[: self.first_event], self.weight[self.first_event :]
        self.totals = np.array([part.sum() for part in parts])
        # A row of class y in a bin moves that bin's evidence by step[y], and the
        # evidence of every filled bin of the feature by -base[y].
        self.step = np.zeros((2, self.n_bins))
        self.filled = np.concatenate([s.filled for s in shares])
        for k, share in enumerate(shares):
            place = np.arange(self.start[k], self.start[k + 1])[share.filled]
            self.step[0, place] = -1.0 / (self.totals[0] * share.q)
            self.step[1, place] = 1.0 / (self.totals[1] * share.p)
        self.base = np.outer([-1.0, 1.0] / self.totals, self.filled)

    def _blocks(self) -> Any:
        """Indicator matrix, design, probability, class and weights, block by block."""
        ends = (0, self.first_event, len(self.weight))
        for label in (0, 1):
            for begin in range(ends[label], ends[label + 1], ROWS):
                part = slice(begin, min(begin + ROWS, ends[label + 1]))
                yield self._block(part, label)

    def _block(self, part: slice, label: int) -> Any:
        pairs = zip(self.codes, self.start[:-1], strict=True)
        place = np.stack([code[part] + start for code, start in pairs])
        indicator = np.zeros((place.shape[1], self.n_bins), dtype=np.float32)
        indicator[np.arange(place.shape[1])[None, :], place] = 1.0
        design = np.vstack([np.ones(place.shape[1]), self.evidence[place]])
        log_odds = self.fit.intercept + self.fit.coefficients @ design[1:]
        return indicator, design, expit(log_odds), label, self.weight[part]

    def _first_pass(self) -> tuple[FloatArray, FloatArray]:
        """Information and derivative of the score by the evidence."""
        n_columns = len(self.codes) + 1
        information = np.zeros((n_columns, n_columns))
        by_bin = np.zeros((n_columns, self.n_bins))
        residual = np.zeros(self.n_bins)
        for indicator, design, probability, label, w in self._blocks():
            weighted = design * (w * probability * (1.0 - probability))
            information += weighted @ design.T
            by_bin += weighted.astype(np.float32) @ indicator
            residual += (w * (label - probability)).astype(np.float32) @ indicator
        derivative = -by_bin * self.fit.coefficients[self.feature]
        derivative[self.feature + 1, np.arange(self.n_bins)] += residual
        return information, derivative

    def effects(self) -> Effects:
        """Sum the influences of all rows."""
        with one_thread():
            information, derivative = self._first_pass()
            used = np.concatenate([[True], self.fit.used])
            inverse = np.zeros_like(information)
            inverse[np.ix_(used, used)] = np.linalg.inv(information[np.ix_(used, used)])
            by_row = [inverse @ (derivative * step) for step in self.step]
            common = [inverse @ (derivative @ base) for base in self.base]
            n_columns = len(information)
            beta = np.zeros((n_columns, n_columns))
            cross = np.zeros((n_columns, self.n_bins))
            joint = np.zeros((self.n_bins, self.n_bins))
            for z, design, probability, label, weight in self._blocks():
                score = (label - probability) * design
                moved = inverse @ score - common[label][:, None]
                moved += by_row[label].astype(np.float32) @ z.T
                weighted = moved * weight
                beta += weighted @ moved.T
                cross += (weighted.astype(np.float32) @ z) * self.step[label]
                cross -= np.outer(weighted.sum(axis=1), self.base[label])
                joint += self._joint(z, weight, label)
        return self._stack(beta, cross, joint)

    def _joint(self, z: Any, weight: FloatArray, label: int) -> FloatArray:
        """Sum of products of two bins' evidence influences over rows of one class."""
        step, base = self.step[label], self.base[label]
        # The product of a matrix with itself takes half of the work of any other.
        root = z * np.sqrt(weight)[:, None].astype(np.float32)
        both = root.T @ root
        alone = np.diag(both) * step
        both = both * np.outer(step, step)
        out = both - np.outer(alone, base) - np.outer(base, alone)
        return np.asarray(out + weight.sum() * np.outer(base, base))

    def _stack(self, beta: FloatArray, cross: FloatArray, joint: FloatArray) -> Effects:
        """Covariance of intercept and effects from that of coefficients and evidence."""
        n_columns = len(beta)
        size = 1 + self.n_bins
        # effect = W dbeta + beta dW: one row a bin, one column a coefficient or bin.
        by_beta = np.zeros((size, n_columns))
        by_beta[0, 0] = 1.0
        by_beta[np.arange(1, size), self.feature + 1] = self.evidence
        by_evidence = np.concatenate(
            [[0.0], self.fit.coefficients[self.feature] * self.filled]
        )
        wide = np.zeros((n_columns, size))
        wide[:, 1:] = cross
        mixed = (by_beta @ wide) * by_evidence
        out = by_beta @ beta @ by_beta.T + mixed + mixed.T
        out[1:, 1:] += joint * np.outer(by_evidence[1:], by_evidence[1:])
        return Effects(beta, out)


def one_hot_effects(
    fit: LogisticFit,
    design: FloatArray,
    columns: list[npt.NDArray[np.intp]],
    n_bins: list[int],
    weight: FloatArray | None = None,
) -> Effects:
    """Covariance of intercept and bin effects of a regression on indicator columns.

    Parameters
    ----------
    fit : LogisticFit
        Regression on the indicators of all bins but a reference one.
    design : ndarray of shape (n_samples, n_columns)
        Indicators.
    columns : list of ndarray
        Bin (within its feature) that each column of the feature stands for.
    n_bins : list of int
        Bins of each feature.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights.

    Returns
    -------
    Effects
        Effects of reference and empty bins are zero, without error.
    """
    log_odds = fit.intercept + design @ fit.coefficients
    used = np.concatenate([[True], fit.used])
    covariance = np.zeros((len(used), len(used)))
    information = information_matrix(design[:, fit.used], log_odds, weight)
    covariance[np.ix_(used, used)] = np.linalg.inv(information)
    start = np.concatenate([[0], np.cumsum(n_bins)])[:-1]
    place = np.concatenate(
        [[0], *(1 + s + bins for s, bins in zip(start, columns, strict=True))]
    ).astype(np.intp)
    out = np.zeros((1 + sum(n_bins),) * 2)
    out[np.ix_(place, place)] = covariance
    return Effects(covariance, out)
