"""The covariance of bin effects, coefficients and intercept of a scorecard.

A scorecard on weights of evidence is fitted in two steps from the same rows: first the
evidence of every bin, then the coefficients. Errors of the coefficients that take the
evidence for known are too small. Here every row's influence on both steps is summed, so
that one covariance matrix of all bin effects serves coefficients, points and scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from infostat._threads import one_thread
from infostat.evidence.smoothing import Shares
from infostat.scorecard.cross_tables import cross_tables
from infostat.scorecard.design import summed_values
from infostat.scorecard.logistic import LogisticFit, information_matrix

__all__ = ["Effects", "evidence_effects", "one_hot_effects"]

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[Any]


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
    return _TwoStep(fit, evidence, shares).effects(codes, events, weight)


class _TwoStep:
    """Sums of row influences, read off cross tables; see :func:`evidence_effects`.

    The columns of a row are linear in the indicators of its bins, ``x = design @ z``, and
    so is its influence on the coefficients but for the residual of the regression. All
    sums of products are therefore products with the cross tables of the bins, summed
    over one class after the other.
    """

    def __init__(
        self, fit: LogisticFit, evidence: list[FloatArray], shares: list[Shares]
    ) -> None:
        self.fit, self.shares = fit, shares
        self.sizes = [len(values) for values in evidence]
        self.start = np.concatenate([[0], np.cumsum(self.sizes)])
        self.n_bins = int(self.start[-1])
        self.evidence = np.concatenate(evidence)
        self.feature = np.repeat(np.arange(len(evidence)), self.sizes)
        self.filled = np.concatenate([s.filled for s in shares])
        # Every row lies in one bin of the first feature: their sum is the intercept.
        self.any_bin = (self.feature == 0).astype(np.float64)
        self.design = np.zeros((len(evidence) + 1, self.n_bins))
        self.design[0] = self.any_bin
        self.design[self.feature + 1, np.arange(self.n_bins)] = self.evidence

    def effects(
        self,
        codes: list[Codes],
        events: npt.NDArray[np.uint8],
        weight: FloatArray | None,
    ) -> Effects:
        """Covariance of coefficients and effects."""
        with one_thread():
            counts, first, second = self._sums(codes, events, weight)
            totals = counts @ self.any_bin @ self.any_bin
            step, base = self._steps(totals)
            # The variance of an outcome, by its residual r: r - r^2 of an event and
            # -r - r^2 of a non-event.
            variance = first[1] - first[0] - second.sum(axis=0)
            information = self.design @ variance @ self.design.T
            residual = np.diagonal(first.sum(axis=0))
            derivative = -(self.design @ variance) * self.fit.coefficients[self.feature]
            derivative[self.feature + 1, np.arange(self.n_bins)] += residual
            used = np.concatenate([[True], self.fit.used])
            inverse = np.zeros_like(information)
            inverse[np.ix_(used, used)] = np.linalg.inv(information[np.ix_(used, used)])
            by_residual = inverse @ self.design
            beta = np.zeros_like(information)
            cross = np.zeros((len(beta), self.n_bins))
            joint = np.zeros((self.n_bins, self.n_bins))
            for label in (0, 1):
                # A row moves the coefficients by (r * by_residual + by_bin) @ z.
                by_bin = inverse @ (derivative * step[label])
                common = inverse @ (derivative @ base[label])
                by_bin -= np.outer(common, self.any_bin)
                mixed = by_residual @ first[label] @ by_bin.T
                beta += by_residual @ second[label] @ by_residual.T + mixed + mixed.T
                beta += by_bin @ counts[label] @ by_bin.T
                moved = by_residual @ first[label] + by_bin @ counts[label]
                cross += moved * step[label]
                cross -= np.outer(moved @ self.any_bin, base[label])
                joint += _joint(counts[label], totals[label], step[label], base[label])
            return self._stack(beta, cross, joint)

    def _sums(
        self,
        codes: list[Codes],
        events: npt.NDArray[np.uint8],
        weight: FloatArray | None,
    ) -> FloatArray:
        """Cross tables of the weight, of weighted residuals and of their squares.

        Returns
        -------
        ndarray of shape (3, 2, n_bins, n_bins)
            The second axis is the class of the rows.
        """
        effect = self.fit.coefficients[self.feature] * self.evidence
        tables = np.split(effect, self.start[1:-1])
        log_odds = self.fit.intercept + summed_values(codes, tables)
        residual = events - expit(log_odds)
        weighted = residual if weight is None else residual * weight
        out = []
        for label in (0, 1):
            rows = np.flatnonzero(events == label)
            sums = weighted[rows], weighted[rows] * residual[rows]
            count = None if weight is None else weight[rows]
            parts = [code[rows] for code in codes]
            out.append(cross_tables(parts, self.sizes, [count, *sums]))
        return np.stack(out, axis=1)

    def _steps(self, totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How a row of each class moves the evidence.

        It moves that of its own bin by ``step``, and that of every filled bin of the
        feature by ``-base``.
        """
        step = np.zeros((2, self.n_bins))
        for k, share in enumerate(self.shares):
            place = np.arange(self.start[k], self.start[k + 1])[share.filled]
            step[0, place] = -1.0 / (totals[0] * share.q)
            step[1, place] = 1.0 / (totals[1] * share.p)
        return step, np.outer([-1.0, 1.0] / totals, self.filled)

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
        for matrix in (beta, out):
            # A variance of zero may come out as minus its last digit.
            np.fill_diagonal(matrix, np.maximum(np.diagonal(matrix), 0.0))
        return Effects(beta, out)


def _joint(
    counts: FloatArray, total: float, step: FloatArray, base: FloatArray
) -> FloatArray:
    """Sum of products of two bins' evidence influences over rows of one class."""
    alone = np.diag(counts) * step
    out = counts * np.outer(step, step)
    out -= np.outer(alone, base) + np.outer(base, alone)
    return np.asarray(out + total * np.outer(base, base))


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
