"""Assumptions with one number: how different the unseen outcomes may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_number, read_numbers
from infostat.causal.law import LawPiece
from infostat.causal.orthogonal import Ends, Mixture
from infostat.causal.study import ArmView

__all__ = [
    "ConfoundedFraction",
    "EntropyShift",
    "MarginalSensitivity",
    "MeanShift",
    "doubly_robust_score",
    "marginal_sensitivity_bounds",
    "rest_score",
    "shift_variable",
    "tilt_variable",
]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

TEMPERATURES = np.geomspace(0.02, 200.0, 60)


def doubly_robust_score(
    values: FloatArray, taken: BoolArray, propensity: FloatArray, mean: FloatArray
) -> FloatArray:
    r"""Score of the mean outcome when all confounders are measured.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Outcomes; read only where the treatment was taken.
    taken : ndarray of shape (n_samples,), bool
        Rows with the treatment.
    propensity, mean : ndarray of shape (n_samples,)
        Probability of the treatment; conditional mean in the arm.

    Returns
    -------
    ndarray of shape (n_samples,)
        :math:`\mu(X) + (I/e)(V - \mu(X))`.
    """
    return mean + np.where(taken, (values - mean) / propensity, 0.0)


def rest_score(
    values: FloatArray,
    taken: BoolArray,
    propensity: FloatArray,
    transformed: FloatArray,
    regression: FloatArray,
) -> FloatArray:
    r"""Score of ``e mu + (1 - e) rho``, the unseen outcomes having mean ``rho(X)``.

    Parameters
    ----------
    values, taken, propensity : ndarray of shape (n_samples,)
        As in :func:`doubly_robust_score`.
    transformed : ndarray of shape (n_samples,)
        Variable whose conditional mean in the arm is ``rho``.
    regression : ndarray of shape (n_samples,)
        That mean.

    Returns
    -------
    ndarray of shape (n_samples,)
        :math:`I V + (1 - I)\rho + I (1 - e)/e\,(R - \rho)`.
    """
    odds = (1.0 - propensity) / propensity
    seen = values + odds * (transformed - regression)
    return np.where(taken, seen, regression)


def shift_variable(
    values: FloatArray, mean: FloatArray, sd: FloatArray, kappa: float
) -> FloatArray:
    r"""Variable whose conditional mean is ``mean + kappa sd``, for :func:`rest_score`.

    Parameters
    ----------
    values, mean, sd : ndarray of shape (n_samples,)
        Outcomes, and their conditional mean and standard deviation in the arm.
    kappa : float
        Shift in standard deviations.

    Returns
    -------
    ndarray of shape (n_samples,)
        :math:`V + \kappa\{(V - \mu)^2 + \sigma^2\}/(2\sigma)`.
    """
    return values + kappa * ((values - mean) ** 2 + sd**2) / (2.0 * sd)


def tilt_variable(
    values: FloatArray, temperature: FloatArray, moment: FloatArray, rest: FloatArray
) -> FloatArray:
    r"""Variable whose conditional mean is the entropy bound, for :func:`rest_score`.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Outcomes.
    temperature, moment : ndarray of shape (n_samples,)
        Minimiser t of the dual, and ``E exp(V/t)`` in the arm.
    rest : ndarray of shape (n_samples,)
        The bound :math:`t\rho + t \log E e^{V/t}`.

    Returns
    -------
    ndarray of shape (n_samples,)
        :math:`rest + t (e^{V/t} / E e^{V/t} - 1)`.
    """
    return rest + temperature * (np.exp(values / temperature) / moment - 1.0)


def marginal_sensitivity_bounds(
    values: npt.ArrayLike, propensity: float, factor: float
) -> tuple[float, float]:
    r"""Sharp bounds on a mean when unseen outcomes reweight the seen ones.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Outcomes of those who took the treatment.
    propensity : float
        Share that took it.
    factor : float
        Largest odds ratio :math:`\Lambda \ge 1` of taking it given the outcome.

    Returns
    -------
    lower, upper : float
        Upper end :math:`e\mu + (1-e)\{\mu/\Lambda + (1 - 1/\Lambda) C\}` with ``C`` the
        mean of the top ``1/(1 + factor)`` of the outcomes. No range is needed.

    Raises
    ------
    InfostatError
        If a value is missing or infinite, the propensity does not lie in [0, 1], or the
        factor is below 1.

    Notes
    -----
    Tan, JASA 101 (2006); the sharp form by tail means as in Dorn and Guo, JASA 118
    (2023).

    Examples
    --------
    >>> low, high = marginal_sensitivity_bounds([0.0, 1.0], 0.5, 3.0)
    >>> round(low, 4), round(high, 4)
    (0.3333, 0.6667)
    """
    e = read_number(propensity, "propensity", low=0.0, high=1.0)
    factor = read_number(factor, "factor", low=1.0)
    v = np.sort(read_numbers(values, "values"))
    mean, share = float(v.mean()), 1.0 / (1.0 + factor)

    def tail(rising: FloatArray) -> float:
        mass = np.full(len(rising), 1.0 / len(rising))
        taken = np.clip(share - (np.cumsum(mass) - mass), 0.0, mass)
        return float(taken @ rising / share)

    rest = [mean / factor + (1.0 - 1.0 / factor) * t for t in (tail(v), tail(v[::-1]))]
    return e * mean + (1.0 - e) * rest[0], e * mean + (1.0 - e) * rest[1]


def _both_ends(
    view: ArmView, top: Callable[[FloatArray, list[LawPiece], float], FloatArray]
) -> Ends:
    """Apply a rule for the upper end to the outcome and to its mirror image.

    The rule is handed the end of the range above, in the units of the view.
    """
    origin, unit, has_low, has_high = view.frame
    place = view.position
    below = 0.0 if has_low else np.inf
    above = np.inf if not has_high else 1.0 if has_low else 0.0
    mirrored = [piece.mirrored() for piece in view.pieces]
    lower = origin - unit * top(-place, mirrored, below)
    return lower, origin + unit * top(place, view.pieces, above)


@dataclass(frozen=True)
class ConfoundedFraction:
    """A share ``gamma`` of the rows is confounded, the others are not.

    Attributes
    ----------
    gamma : float
        From 0, no hidden confounding, to 1, no assumption; the same at all covariates.

    Notes
    -----
    Bonvini and Kennedy, JASA 117 (2022). The score is
    ``(1 - gamma) psi_DR + gamma psi_sharp``.
    """

    gamma: float

    @property
    def label(self) -> str:
        """Name in tables."""
        return "no hidden confounding" if self.gamma == 0.0 else f"gamma={self.gamma:g}"

    def scores(self, view: ArmView) -> Ends:
        """Scores of both ends.

        Parameters
        ----------
        view : ArmView
            The arm.

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,)
        """
        origin, unit, _, _ = view.frame
        mean = origin + unit * view.mean
        point = doubly_robust_score(view.values, view.taken, view.propensity, mean)
        if self.gamma == 0.0:
            return point, point
        lower, upper = Mixture().scores(view)
        kept = (1.0 - self.gamma) * point
        return kept + self.gamma * lower, kept + self.gamma * upper


@dataclass(frozen=True)
class MarginalSensitivity:
    r"""The odds of the treatment move by at most a factor with the hidden outcome.

    Attributes
    ----------
    factor : float
        :math:`\Lambda \ge 1`; one is no hidden confounding. Finite without a range.
    """

    factor: float

    @property
    def label(self) -> str:
        """Name in tables."""
        return f"Lambda={self.factor:g}"

    def scores(self, view: ArmView) -> Ends:
        """Scores of both ends.

        Parameters
        ----------
        view : ArmView
            The arm.

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,)
        """

        def top(place: FloatArray, pieces: list[LawPiece], limit: float) -> FloatArray:
            del limit
            out = np.empty(len(place))
            for piece in pieces:
                rows = piece.rows
                quantile, excess = self._tail(piece)
                rest = _tail_mix(piece.mean, quantile, excess, self.factor)
                beyond = np.maximum(place[rows] - quantile, 0.0)
                each = _tail_mix(place[rows], quantile, beyond, self.factor)
                taken, e = view.taken[rows], view.propensity[rows]
                out[rows] = rest_score(place[rows], taken, e, each, rest)
            return out

        return _both_ends(view, top)

    def _tail(self, piece: LawPiece) -> Ends:
        """Conditional quantile among the bins' ends, and the mean excess over it."""
        points = piece.edges if len(piece.edges) else piece.atoms
        if len(piece.atoms) <= 3:
            points = piece.atoms
        excess = piece.shares @ np.maximum(piece.atoms[:, None] - points, 0.0)
        best = (points + (1.0 + self.factor) * excess).argmin(axis=1)
        return points[best], excess[np.arange(len(best)), best]


def _tail_mix(
    value: FloatArray, quantile: FloatArray, excess: FloatArray, factor: float
) -> FloatArray:
    """``v / Lambda + (1 - 1/Lambda) (q + (1 + Lambda) (v - q)_+)``."""
    tail = quantile + (1.0 + factor) * excess
    return value / factor + (1.0 - 1.0 / factor) * tail


@dataclass(frozen=True)
class MeanShift:
    """The unseen outcomes have a mean within ``kappa`` standard deviations.

    Attributes
    ----------
    kappa : float
        Largest shift, in conditional standard deviations of the arm.
    """

    kappa: float

    @property
    def label(self) -> str:
        """Name in tables."""
        return f"shift={self.kappa:g} sd"

    def scores(self, view: ArmView) -> Ends:
        """Scores of both ends; where the range is nearer, its score.

        Parameters
        ----------
        view : ArmView
            The arm.

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,)
        """

        def top(place: FloatArray, pieces: list[LawPiece], limit: float) -> FloatArray:
            out = np.empty(len(place))
            for piece in pieces:
                rows = piece.rows
                powers = np.column_stack([piece.sample, piece.sample**2])
                first, second = (piece.shares @ piece.bin_means(powers)).T
                sd = np.sqrt(np.maximum(second - first**2, 1e-12))
                rest = piece.mean + self.kappa * sd
                each = shift_variable(place[rows], piece.mean, sd, self.kappa)
                taken, e = view.taken[rows], view.propensity[rows]
                score = rest_score(place[rows], taken, e, each, rest)
                clipped = np.where(taken, place[rows], limit)
                out[rows] = np.where(rest < limit, score, clipped)
            return out

        return _both_ends(view, top)


@dataclass(frozen=True)
class EntropyShift:
    """The law of the unseen outcomes lies within a relative entropy of the seen one.

    Attributes
    ----------
    radius : float
        Largest Kullback-Leibler divergence in nats of the unseen from the seen law.
    """

    radius: float

    @property
    def label(self) -> str:
        """Name in tables."""
        return f"entropy={self.radius:g}"

    def scores(self, view: ArmView) -> Ends:
        """Scores of both ends; it needs exponential moments of the outcome.

        Parameters
        ----------
        view : ArmView
            The arm.

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,)
        """

        def top(place: FloatArray, pieces: list[LawPiece], limit: float) -> FloatArray:
            del limit
            out = np.empty(len(place))
            for piece in pieces:
                rows = piece.rows
                centre = piece.sample[-1]
                t = TEMPERATURES * max(float(np.ptp(piece.sample)), 1e-12)
                powers = np.exp((piece.sample[:, None] - centre) / t)
                moment = piece.shares @ piece.bin_means(powers)
                value = centre + t * self.radius + t * np.log(moment)
                best = value.argmin(axis=1)
                index = np.arange(len(best))
                t, moment = t[best], moment[index, best]
                rest = value[index, best]
                each = tilt_variable(place[rows] - centre, t, moment, rest)
                taken, e = view.taken[rows], view.propensity[rows]
                out[rows] = rest_score(place[rows], taken, e, each, rest)
            return out

        return _both_ends(view, top)
