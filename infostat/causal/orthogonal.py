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

from infostat._threads import one_thread
from infostat.causal.dual import dual_loss, hockey_order
from infostat.causal.law import LawPiece
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
CORNER = 5e-4
"""Smallest shift, in units of the range, where zero may not be."""
NOTHING = 1e-6
"""Multiplier, or shift, of a score that is nearly zero."""
LEVER = 0.3
"""The same for negative powers, times the root of the rows."""
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
            sample = top - piece.sample if mirrored else piece.sample
            rows = piece.rows
            out[rows] = ball_scores(
                w[rows],
                view.taken[rows],
                np.maximum(sample, 0.0),
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
    sample: FloatArray,
    piece: LawPiece,
    propensity: FloatArray,
    divergence: Divergence,
) -> FloatArray:
    """Scores of the distance for the held-out rows of one fold.

    Parameters
    ----------
    w, taken, propensity : ndarray of shape (n_rows,)
        Distances in units of the range, treatment, propensity.
    sample : ndarray of shape (n_sample,)
        Distances of the law's sample.
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
    if exponent is None:
        grid = _dual_grid(sample, piece, divergence)
    else:
        grid = _power_grid(sample, piece, exponent)
    out = np.empty(len(w))
    with one_thread():
        for start in range(0, len(w), BLOCK):
            part = slice(start, start + BLOCK)
            shares, e = piece.shares[part], propensity[part]
            if exponent is not None:
                shift, b = _power_choice(grid, shares, e, exponent)
                out[part] = power_score(w[part], taken[part], shift, b, exponent)
                continue
            shift, multiplier, mean = _dual_choice(grid, shares, e, divergence)
            out[part] = dual_score(
                w[part], taken[part], shift, multiplier, e, mean, divergence
            )
    return out


@dataclass(frozen=True, eq=False)
class _Grid:
    """Dual variables to choose from, and a function of the outcome at each.

    Attributes
    ----------
    shift, multiplier : ndarray of shape (n_points,)
        Dual variables.
    means : ndarray of shape (n_atoms, n_points)
        Mean of the function within each bin.
    """

    shift: FloatArray
    multiplier: FloatArray
    means: FloatArray


def least_shift(exponent: float | None, n_train: int) -> float:
    """Smallest shift of a score that is singular at the end of the range.

    An outcome at the end would otherwise weigh infinitely. With negative powers one row
    weighs up to the inverse of the shift, which therefore falls with the root of the
    rows; a shift can only widen the interval.

    Parameters
    ----------
    exponent : float or None
        Order of the power mean; None for other balls.
    n_train : int
        Training rows of the arm.

    Returns
    -------
    float
        In units of the range.
    """
    if exponent is not None and exponent > 0.0:
        return 0.0
    if exponent is None or exponent == 0.0:
        return CORNER
    return float(LEVER / np.sqrt(n_train))


def _power_grid(sample: FloatArray, piece: LawPiece, exponent: float) -> _Grid:
    """Powers (or logarithms) of the shifted distance."""
    shift = SHIFTS.copy()
    shift = np.maximum(shift, least_shift(exponent, piece.n_train))
    far = np.maximum(sample[:, None] + shift, 1e-12)
    powers = np.log(far) if exponent == 0.0 else far**exponent
    return _Grid(shift, np.ones(len(shift)), piece.bin_means(powers))


def _power_choice(
    grid: _Grid, shares: FloatArray, propensity: FloatArray, exponent: float
) -> Ends:
    """Shift and tangency point that suit the estimated law."""
    means = shares @ grid.means
    means = np.exp(means) if exponent == 0.0 else means ** (1.0 / exponent)
    value = propensity[:, None] * means - grid.shift
    best = value.argmax(axis=1)
    rows = np.arange(len(best))
    # Where nothing is gained the score is (nearly) zero: the end of the range itself.
    gains = value[rows, best] > 0.0
    shift = np.where(gains, grid.shift[best], NOTHING)
    return shift, np.where(gains, np.maximum(means[rows, best], 1e-9), NOTHING**1.5)


def _dual_grid(sample: FloatArray, piece: LawPiece, divergence: Divergence) -> _Grid:
    """Dual losses without the radius."""
    order = hockey_order(divergence)
    if order is None:
        pairs = np.meshgrid(SHIFTS, MULTIPLIERS, indexing="ij")
        shift, multiplier = pairs[0].ravel(), pairs[1].ravel()
        shift = np.maximum(shift, least_shift(None, piece.n_train))
        shift, multiplier = np.append(shift, NOTHING), np.append(multiplier, NOTHING)
    else:
        # The best multiplier is a quantile of the distance; between two atoms each
        # value does equally well.
        ranked = np.sort(piece.bin_means(sample[:, None])[:, 0])
        middle = (ranked[1:] + ranked[:-1]) / 2.0
        multiplier = (
            np.concatenate([[NOTHING], middle, [sample.max() + NOTHING]]) / order
        )
        shift = np.zeros(len(multiplier))
    # At e = 1 the radius is zero: what is left depends on the law alone.
    one = np.ones(len(shift))
    loss = dual_loss(sample[:, None], shift, multiplier, one, divergence)
    return _Grid(shift, multiplier, piece.bin_means(loss))


def _dual_choice(
    grid: _Grid, shares: FloatArray, propensity: FloatArray, divergence: Divergence
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Shift and multiplier that suit the estimated law, and the mean loss there."""
    price = np.multiply.outer(radius(propensity, divergence), grid.multiplier)
    means = shares @ grid.means - price
    best = means.argmax(axis=1)
    rows = np.arange(len(best))
    return grid.shift[best], grid.multiplier[best], means[rows, best]
