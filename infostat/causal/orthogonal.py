r"""Scores of bounds: one number a row whose mean is the bound.

Scores speak of distances to an end of the range, so that one function serves both ends:
the upper end is ``H`` minus a mean distance, the lower end ``L`` plus one.

* sharp: ``I w``, no nuisance at all;
* power family: ``I K_r(b, w + d) - d``, no propensity; its mean never exceeds the
  distance whatever the nuisances are, so wrong nuisances only widen the interval;
* any other ball: the dual loss with its efficient correction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from infostat.causal.dual import dual_loss, hockey_order
from infostat.causal.nuisance import LawPiece
from infostat.causal.power import power_kernel
from infostat.causal.radius import power_exponent, radius, radius_slope
from infostat.causal.study import ArmView
from infostat.divergences import Divergence

__all__ = [
    "Ball",
    "Ends",
    "Mixture",
    "Rule",
    "ball_scores",
    "dual_score",
    "power_score",
]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Ends = tuple[FloatArray, FloatArray]

SHIFTS = np.concatenate([[0.0], np.geomspace(1e-3, 100.0, 41)])
"""Shifts tried, in units of the range; the first is raised where it must not be zero."""
MULTIPLIERS = np.geomspace(1e-2, 1e3, 36)
CORNER = 1e-3
BLOCK = 4096


class Rule(Protocol):
    """What is assumed about the outcomes that were not seen."""

    @property
    def label(self) -> str:
        """Name in tables."""
        ...

    def scores(self, view: ArmView) -> Ends:
        """Scores of the lower and the upper end, each of shape (n_samples,)."""
        ...


@dataclass(frozen=True)
class Mixture:
    """Nothing: the exact set, with the outcome at an end of its range where unseen."""

    label: str = "sharp"

    def scores(self, view: ArmView) -> Ends:
        """Scores ``I V + (1 - I) L`` and ``I V + (1 - I) H``.

        Parameters
        ----------
        view : ArmView
            The arm.

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,)
        """
        return (
            np.where(view.taken, view.values, view.low),
            np.where(view.taken, view.values, view.high),
        )


@dataclass(frozen=True)
class Ball:
    """An f-divergence ball around the observed law: outer bounds.

    Attributes
    ----------
    divergence : Divergence
        The divergence.
    label : str
        Name in tables.
    """

    divergence: Divergence
    label: str

    def scores(self, view: ArmView) -> Ends:
        """Scores of both ends; an infinite end of the range stays infinite.

        Parameters
        ----------
        view : ArmView
            The arm.

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,)
        """
        lower, upper = Mixture().scores(view)
        if view.taken.all():
            return lower, upper
        _, unit, has_low, has_high = view.frame
        place = view.position
        if has_low:
            lower = view.low + unit * self._distances(view, place, mirrored=False)
        if has_high:
            top = 1.0 if has_low else 0.0
            mirrored = self._distances(view, top - place, mirrored=True, top=top)
            upper = view.high - unit * mirrored
        return lower, upper

    def _distances(
        self, view: ArmView, w: FloatArray, *, mirrored: bool, top: float = 0.0
    ) -> FloatArray:
        if not np.isfinite(self.divergence.at_zero):
            return np.zeros(len(w))
        out = np.empty(len(w))
        for piece in view.pieces:
            atoms = top - piece.atoms if mirrored else piece.atoms
            rows = piece.rows
            out[rows] = ball_scores(
                w[rows],
                view.taken[rows],
                np.maximum(atoms, 0.0),
                piece,
                view.propensity[rows],
                self.divergence,
            )
        return out


def power_score(
    w: FloatArray, taken: BoolArray, shift: Any, b: Any, exponent: float
) -> FloatArray:
    """Score ``I K_r(b, w + d) - d`` of the distance in a power-family ball.

    Parameters
    ----------
    w : ndarray of shape (n_samples,)
        Distances; read only where the treatment was taken.
    taken : ndarray of shape (n_samples,), bool
        Rows with the treatment.
    shift, b : ndarray of shape (n_samples,) or float
        Functions of the covariates: any ``d >= 0``, any ``b > 0``.
    exponent : float
        Order ``r`` of the power mean.

    Returns
    -------
    ndarray of shape (n_samples,)
        Its mean is at most the smallest mean distance in the ball for every ``d`` and
        ``b``, with equality at the best ones.
    """
    far = np.where(taken, w + shift, 1.0)
    with np.errstate(divide="ignore"):
        kernel = power_kernel(np.asarray(b, dtype=np.float64), far, exponent)
    score: FloatArray = np.where(taken, kernel, 0.0) - shift
    return score


def dual_score(
    w: FloatArray,
    taken: BoolArray,
    shift: FloatArray,
    multiplier: FloatArray,
    propensity: FloatArray,
    regression: FloatArray,
    divergence: Divergence,
) -> FloatArray:
    r"""Efficient score of the distance in any ball, at given dual variables.

    Parameters
    ----------
    w : ndarray of shape (n_samples,)
        Distances; read only where the treatment was taken.
    taken : ndarray of shape (n_samples,), bool
        Rows with the treatment.
    shift, multiplier : ndarray of shape (n_samples,)
        Dual variables at the covariates.
    propensity : ndarray of shape (n_samples,)
        Probability of the treatment.
    regression : ndarray of shape (n_samples,)
        Mean of the dual loss in the arm given the covariates.
    divergence : Divergence
        The divergence.

    Returns
    -------
    ndarray of shape (n_samples,)
        :math:`\rho(X) - \lambda B'(e)(I - e) + (I/e)(l - \rho(X))`. Unlike the score of
        the power family it may be too large where all nuisances are wrong.
    """
    loss = dual_loss(np.where(taken, w, 1.0), shift, multiplier, propensity, divergence)
    slope = multiplier * radius_slope(propensity, divergence)
    residual = np.where(taken, (loss - regression) / propensity, 0.0)
    return regression - slope * (taken - propensity) + residual


def ball_scores(
    w: FloatArray,
    taken: BoolArray,
    atoms: FloatArray,
    piece: LawPiece,
    propensity: FloatArray,
    divergence: Divergence,
) -> FloatArray:
    """Scores of the distance for the held-out rows of one fold.

    Parameters
    ----------
    w, taken, propensity : ndarray of shape (n_rows,)
        Distances in units of the range, treatment, propensity.
    atoms : ndarray of shape (n_atoms,)
        Distances of the atoms of the law.
    piece : LawPiece
        The law.
    divergence : Divergence
        The divergence.

    Returns
    -------
    ndarray of shape (n_rows,)
        Dual variables are the best of a grid for the estimated law at each row.
    """
    exponent = power_exponent(divergence)
    out = np.empty(len(w))
    with threadpool_limits(1, user_api="blas"):
        for start in range(0, len(w), BLOCK):
            part = slice(start, start + BLOCK)
            shares, e = piece.shares[part], propensity[part]
            if exponent is not None:
                shift, b = _power_choice(atoms, shares, e, exponent)
                out[part] = power_score(w[part], taken[part], shift, b, exponent)
                continue
            shift, multiplier, mean = _dual_choice(atoms, shares, e, divergence)
            out[part] = dual_score(
                w[part], taken[part], shift, multiplier, e, mean, divergence
            )
    return out


def _power_choice(
    atoms: FloatArray, shares: FloatArray, propensity: FloatArray, exponent: float
) -> Ends:
    """Shift and tangency point that suit the estimated law."""
    shifts = SHIFTS.copy()
    if exponent <= 0.0:
        # One outcome at the end of the range would otherwise weigh infinitely.
        shifts[0] = CORNER / 2.0
    far = np.maximum(atoms[:, None] + shifts, 1e-12)
    if exponent == 0.0:
        means = np.exp(shares @ np.log(far))
    else:
        means = (shares @ far**exponent) ** (1.0 / exponent)
    best = (propensity[:, None] * means - shifts).argmax(axis=1)
    rows = np.arange(len(best))
    return shifts[best], np.maximum(means[rows, best], 1e-9)


def _dual_choice(
    atoms: FloatArray,
    shares: FloatArray,
    propensity: FloatArray,
    divergence: Divergence,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Shift and multiplier that suit the estimated law, and the mean loss there."""
    order = hockey_order(divergence)
    if order is None:
        shift, multiplier = (
            g.ravel() for g in np.meshgrid(SHIFTS, MULTIPLIERS, indexing="ij")
        )
        shift = np.maximum(shift, CORNER / 2.0)
    else:
        # The best multiplier is a quantile of the distance; between two atoms each
        # value does equally well.
        ranked = np.sort(atoms)
        middle = (ranked[1:] + ranked[:-1]) / 2.0
        multiplier = np.concatenate([[1e-6], middle, [ranked[-1] + 1e-6]]) / order
        shift = np.zeros(len(multiplier))
    # At e = 1 the radius is zero: what is left depends on the law alone.
    loss = dual_loss(atoms[:, None], shift, multiplier, np.ones(len(shift)), divergence)
    means = shares @ loss - np.multiply.outer(
        radius(propensity, divergence), multiplier
    )
    best = means.argmax(axis=1)
    rows = np.arange(len(best))
    return shift[best], multiplier[best], means[rows, best]
