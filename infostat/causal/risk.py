r"""The debiased dual risk of the paper, solved to its optimum.

The paper fits ``lambda`` and ``u`` by networks that descend a debiased risk. With both
linear in given features the risk, divided into arms, is

.. math::
    \mathbb{E}\bigl[ I\, l(w; \lambda(X), d(X)) - e \lambda(X) B'(e) (I - e) \bigr],

jointly concave in the coefficients: a perspective function plus a linear correction.
(It is not in the paper's own parameters, the logarithm of ``lambda`` and ``u``.) A
barrier method finds its maximum; total variation is a linear programme.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, identity, vstack
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infostat._sklearn import take_rows
from infostat._threads import one_thread
from infostat.causal.covariates import CovariateEncoder
from infostat.causal.dual import dual_loss, hockey_order
from infostat.causal.orthogonal import Ends, Mixture, dual_score, least_shift
from infostat.causal.radius import power_exponent, radius, radius_slope
from infostat.causal.study import ArmView
from infostat.divergences import Divergence
from infostat.exceptions import InfostatError

__all__ = ["DualRisk", "RiskData", "fit_dual_risk", "risk_value"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LEAST = 1e-9
"""Smallest multiplier on new rows, in units of the range."""
GAP = 1e-10
"""Distance to the optimum a row, in units of the range, at which the barrier ends."""


@dataclass(frozen=True, eq=False)
class RiskData:
    """What the risk of one arm and one end reads.

    Attributes
    ----------
    features : ndarray of shape (n_samples, n_features)
        Feature map; the first column is one.
    w : ndarray of shape (n_samples,)
        Distances in units of the range; read where taken.
    taken : ndarray of shape (n_samples,), bool
        Rows with the treatment.
    propensity : ndarray of shape (n_samples,)
        Probability of the treatment.
    """

    features: FloatArray
    w: FloatArray
    taken: BoolArray
    propensity: FloatArray


def _correction(data: RiskData, divergence: Divergence) -> FloatArray:
    """Weight of ``lambda`` in each row's correction for the propensity."""
    slope = radius_slope(data.propensity, divergence)
    return -data.propensity * slope * (data.taken - data.propensity)


def risk_value(
    data: RiskData, multiplier: FloatArray, shift: FloatArray, divergence: Divergence
) -> float:
    """Debiased dual objective at given dual variables, to be maximised.

    Parameters
    ----------
    data : RiskData
        The rows.
    multiplier, shift : ndarray of shape (n_samples,)
        Dual variables at each row.
    divergence : Divergence
        The divergence.

    Returns
    -------
    float
        Mean over rows, minus arXiv 2601.17160, Definition 4, for one arm.
    """
    loss = dual_loss(
        np.where(data.taken, data.w, 1.0),
        shift,
        multiplier,
        data.propensity,
        divergence,
    )
    own = np.where(data.taken, loss, 0.0)
    return float(np.mean(own + multiplier * _correction(data, divergence)))


def fit_dual_risk(
    data: RiskData, divergence: Divergence
) -> tuple[FloatArray, FloatArray]:
    """Maximise the debiased dual objective over linear dual variables.

    Parameters
    ----------
    data : RiskData
        Training rows.
    divergence : Divergence
        A divergence with finite ``f(0)``.

    Returns
    -------
    multiplier, shift : ndarray of shape (n_features,)
        Coefficients; both dual variables respect their signs on the training rows.

    Raises
    ------
    InfostatError
        If the programme has no solution.
    """
    with one_thread():
        if hockey_order(divergence) is not None:
            return _linear_programme(data, divergence)
        return _barrier(data, divergence)


def _linear_programme(
    data: RiskData, divergence: Divergence
) -> tuple[FloatArray, FloatArray]:
    """Total variation and hockey stick: the loss is a minimum of two linear terms.

    With ``order`` the loss is ``min(w / order, lambda) - lambda B`` at zero shift, and
    zero shift is best.
    """
    order = hockey_order(divergence) or 1.0
    F, taken = data.features, data.taken
    n_taken, p = int(taken.sum()), F.shape[1]
    cost = -1.0 * taken * radius(data.propensity, divergence) + _correction(
        data, divergence
    )
    # Variables: coefficients of lambda, then the loss of each taken row.
    objective = -np.concatenate([F.T @ cost, np.ones(n_taken)])
    below = hstack([csr_array(-F[taken]), identity(n_taken)])
    positive = hstack([csr_array(-F), csr_array((len(F), n_taken))])
    # No multiplier beyond the largest distance does anything.
    ceiling = hstack([csr_array(F), csr_array((len(F), n_taken))])
    rows: Any = vstack([below, positive, ceiling])
    most = 2.0 * data.w[taken].max() / order + 1e-6
    solved: Any = linprog(
        objective,
        A_ub=rows,
        b_ub=np.concatenate([np.zeros(n_taken + len(F)), np.full(len(F), most)]),
        bounds=[(None, None)] * p + [(None, v) for v in data.w[taken] / order],
        method="highs",
    )
    if solved.status != 0:
        msg = (
            f"The dual risk of {divergence.name} has no solution: {solved.message} Use "
            f"fewer features."
        )
        raise InfostatError(msg)
    return np.asarray(solved.x[:p]), np.zeros(p)


def _barrier(data: RiskData, divergence: Divergence) -> tuple[FloatArray, FloatArray]:
    """Newton's method on a falling logarithmic barrier."""
    p = data.features.shape[1]
    theta = np.zeros(2 * p)
    theta[0], theta[p] = 1.0, 0.1
    # Two barriers a row: the optimum is then at most 2 * strength away.
    strength = 1.0
    while True:
        for _ in range(60):
            gradient, hessian = _derivatives(data, theta, strength, divergence)
            ridge = 1e-14 * np.trace(hessian) / len(hessian) * np.eye(2 * p)
            step = np.linalg.solve(hessian + ridge, gradient)
            decrement = float(gradient @ step)
            if decrement < 1e-3 * strength * min(1.0, strength / GAP):
                break
            theta = _line_search(data, theta, step, decrement, strength, divergence)
        if 2.0 * strength <= GAP:
            return theta[:p], theta[p:]
        strength *= 0.1


def _line_search(
    data: RiskData,
    theta: FloatArray,
    step: FloatArray,
    decrement: float,
    strength: float,
    divergence: Divergence,
) -> FloatArray:
    """Halve the step until it is inside and the objective rises enough."""
    here = _objective(data, theta, strength, divergence)
    size = 1.0
    for _ in range(50):
        there = theta + size * step
        if _objective(data, there, strength, divergence) >= here + (
            0.1 * size * decrement - 1e-15 * abs(here)
        ):
            return there
        size *= 0.5
    return theta


def _objective(
    data: RiskData, theta: FloatArray, strength: float, divergence: Divergence
) -> float:
    p = data.features.shape[1]
    multiplier, shift = data.features @ theta[:p], data.features @ theta[p:]
    if multiplier.min() <= 0.0 or shift.min() <= 0.0:
        return -np.inf
    inside = float(np.mean(np.log(multiplier) + np.log(shift)))
    return risk_value(data, multiplier, shift, divergence) + strength * inside


def _derivatives(
    data: RiskData, theta: FloatArray, strength: float, divergence: Divergence
) -> tuple[FloatArray, FloatArray]:
    """Gradient, and minus the second derivatives, of the barrier objective."""
    F, taken = data.features, data.taken
    n, p = F.shape
    multiplier, shift = F @ theta[:p], F @ theta[p:]
    price, swapped = divergence.at_zero, divergence.adjoint()
    t = np.where(taken, price - (data.w + shift) / multiplier, price - 1.0)
    s = conjugate_slope(swapped, t)
    curve = taken / swapped.second(s) / multiplier
    away = price - t
    ratio = swapped.conjugate(t) + s * away
    by_multiplier = np.where(
        taken, price - radius(data.propensity, divergence) - ratio, 0.0
    )
    by_multiplier += _correction(data, divergence) + strength / multiplier
    by_shift = np.where(taken, s - 1.0, 0.0) + strength / shift
    gradient = np.concatenate([F.T @ by_multiplier, F.T @ by_shift]) / n
    first = (F * (curve * away**2 + strength / multiplier**2)[:, None]).T @ F
    cross = (F * (-curve * away)[:, None]).T @ F
    last = (F * (curve + strength / shift**2)[:, None]).T @ F
    return gradient, np.block([[first, cross], [cross.T, last]]) / n


def conjugate_slope(swapped: Divergence, t: FloatArray) -> FloatArray:
    """Slope of a conjugate: where the generator has slope ``t``, by bisection.

    Parameters
    ----------
    swapped : Divergence
        A smooth divergence.
    t : ndarray
        Points inside the domain of its conjugate.

    Returns
    -------
    ndarray
    """
    low, high = np.full(t.shape, -80.0), np.full(t.shape, 80.0)
    with np.errstate(over="ignore"):
        for _ in range(62):
            middle = (low + high) / 2.0
            below = swapped.derivative(np.exp(middle)) < t
            low, high = np.where(below, middle, low), np.where(below, high, middle)
    slope: FloatArray = np.exp((low + high) / 2.0)
    return slope


@dataclass(frozen=True)
class DualRisk:
    """The paper's debiased dual risk with linear dual variables, cross-fitted.

    Attributes
    ----------
    divergence : Divergence
        The divergence.
    label : str
        Name in tables.
    features : callable or None
        Maps covariates to ndarray of shape (n_samples, n_features); the standardised
        columns by default. A constant is added in front.
    """

    divergence: Divergence
    label: str
    features: Any = None

    def scores(self, view: ArmView) -> Ends:
        """Scores of both ends, at dual variables fitted on the other folds.

        Parameters
        ----------
        view : ArmView
            The arm.

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,)
        """
        lower, upper = Mixture().scores(view)
        _, unit, has_low, has_high = view.frame
        if view.taken.all() or not np.isfinite(self.divergence.at_zero):
            return lower, upper
        if has_low:
            lower = view.low + unit * self._distances(view, 1.0, 0.0)
        if has_high:
            top = 1.0 if has_low else 0.0
            upper = view.high - unit * self._distances(view, -1.0, top)
        return lower, upper

    def _distances(self, view: ArmView, sign: float, end: float) -> FloatArray:
        w = end + sign * view.position
        out = np.empty(len(w))
        splits = view.study.splits(view.repetition)
        for (train, test), piece in zip(splits, view.pieces, strict=True):
            before, after = self._maps(view.study.X, train, test)
            e = view.propensity
            data = RiskData(before, w[train], view.taken[train], e[train])
            alpha, beta = fit_dual_risk(data, self.divergence)
            multiplier = np.maximum(after @ alpha, LEAST)
            shift = np.maximum(after @ beta, self._least(piece.n_train))
            atoms = np.maximum(end + sign * piece.atoms, 0.0)
            loss = dual_loss(
                atoms,
                shift[:, None],
                multiplier[:, None],
                e[test][:, None],
                self.divergence,
            )
            mean = (piece.shares * loss).sum(axis=1)
            taken = view.taken[test]
            out[test] = dual_score(
                w[test], taken, shift, multiplier, e[test], mean, self.divergence
            )
        return out

    def _least(self, n_train: int) -> float:
        if hockey_order(self.divergence) is not None:
            return 0.0
        return least_shift(power_exponent(self.divergence), n_train)

    def _maps(self, X: Any, train: Any, test: Any) -> tuple[FloatArray, FloatArray]:
        if self.features is None:
            encode = make_pipeline(CovariateEncoder(), StandardScaler())
            before = encode.fit_transform(take_rows(X, train))
            after = encode.transform(take_rows(X, test))
        else:
            before = np.asarray(self.features(take_rows(X, train)), dtype=np.float64)
            after = np.asarray(self.features(take_rows(X, test)), dtype=np.float64)
        # Columns that do not vary would make the coefficients ambiguous.
        varies = np.ptp(before, axis=0) > 0.0
        return tuple(  # type: ignore[return-value]
            np.column_stack([np.ones(len(part)), part[:, varies]])
            for part in (before, after)
        )
