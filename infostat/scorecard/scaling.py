"""From log-odds to points and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_number
from infostat.exceptions import InfostatError

__all__ = ["RoundingCost", "Scaling", "event_probability", "rounding_cost"]

FloatArray = npt.NDArray[np.float64]


BLOCK = 16_384
"""Rows turned into probabilities at a time: intermediate values stay in cache."""


def event_probability(log_odds: npt.ArrayLike, out: Any = None) -> FloatArray:
    """Probability of the event at given log-odds, accurate in both tails.

    Written out, so that scoring a saved card does not load scipy.

    Parameters
    ----------
    log_odds : array-like
        Log-odds of the event.
    out : ndarray of the shape of ``log_odds``, optional
        Where to write, which may be ``log_odds`` itself.

    Returns
    -------
    ndarray of the shape of ``log_odds``
    """
    x = np.asarray(log_odds, dtype=np.float64)
    out = np.empty_like(x) if out is None else out
    flat, target = x.reshape(-1), out.reshape(-1)
    for start in range(0, x.size, BLOCK):
        part = flat[start : start + BLOCK]
        small = np.exp(-np.abs(part))
        upper = np.where(part >= 0, 1.0, small)
        np.divide(upper, 1.0 + small, out=target[start : start + BLOCK])
    return np.asarray(out)


@dataclass(frozen=True)
class Scaling:
    """The straight line between log-odds and points.

    Attributes
    ----------
    pdo : float
        Points that double the odds of non-event to event.
    base_points : float
        Points at the base odds.
    base_odds : float
        Odds of non-event to event at the base points.
    factor : float
        Points per unit of log-odds, ``pdo / ln 2``.
    offset : float
        Points at even odds.

    Examples
    --------
    >>> scaling = Scaling(pdo=20, base_points=600, base_odds=50)
    >>> float(scaling.points(-np.log(50.0))), float(scaling.points(-np.log(100.0)))
    (600.0, 620.0)
    """

    pdo: float = 20.0
    base_points: float = 600.0
    base_odds: float = 50.0

    def __post_init__(self) -> None:
        for name in ("pdo", "base_points", "base_odds"):
            value = read_number(getattr(self, name), name)
            if name != "base_points" and value <= 0.0:
                msg = (
                    f"{name} must be positive, got {value:g}: 20 points and odds of 50."
                )
                raise InfostatError(msg)

    @property
    def factor(self) -> float:
        """Points per unit of log-odds."""
        return float(self.pdo / np.log(2.0))

    @property
    def offset(self) -> float:
        """Points at even odds."""
        return float(self.base_points - self.factor * np.log(self.base_odds))

    def points(self, log_odds: npt.ArrayLike) -> FloatArray:
        """Points of log-odds of the event.

        Parameters
        ----------
        log_odds : array-like of shape (...)
            Log-odds of the event.

        Returns
        -------
        ndarray of shape (...)
            Unrounded, falling in the log-odds.
        """
        return np.asarray(self.offset - self.factor * np.asarray(log_odds, dtype=float))

    def probability(self, points: npt.ArrayLike) -> FloatArray:
        """Probability of the event at given points.

        Parameters
        ----------
        points : array-like of shape (...)
            Scores.

        Returns
        -------
        ndarray of shape (...)
            Within [0, 1].
        """
        distance = self.offset - np.asarray(points, dtype=float)
        return event_probability(distance / self.factor)

    def bin_points(
        self, intercept: float, effects: list[FloatArray]
    ) -> list[FloatArray]:
        """Points of every bin, the base spread evenly over the features.

        Parameters
        ----------
        intercept : float
            Log-odds of the event with all effects zero.
        effects : list of ndarray of shape (n_bins,)
            Log-odds that each bin adds.

        Returns
        -------
        list of ndarray of shape (n_bins,)
            Unrounded points; one bin of each feature sum to the score.
        """
        base = float(self.points(intercept)) / max(len(effects), 1)
        return [base - self.factor * effect for effect in effects]


@dataclass(frozen=True)
class RoundingCost:
    """What rounded points cost on the training rows.

    Attributes
    ----------
    max_shift : float
        Largest change of a score, in points.
    mean_shift : float
        Mean absolute change, in points.
    auc_change : float
        Area under the ROC curve with rounded points less that with exact ones.
    """

    max_shift: float
    mean_shift: float
    auc_change: float


def rounding_cost(
    exact: FloatArray,
    rounded: FloatArray,
    events: npt.NDArray[np.uint8],
    weight: FloatArray | None = None,
) -> RoundingCost:
    """Measure the cost of rounding.

    Parameters
    ----------
    exact, rounded : ndarray of shape (n_samples,)
        Scores from unrounded and from rounded points.
    events : ndarray of shape (n_samples,)
        1 for events.
    weight : ndarray of shape (n_samples,), optional
        Sample weights.

    Returns
    -------
    RoundingCost
    """
    from infostat.inference.roc import area_of_scores

    shift = np.abs(exact - rounded)
    # Fewer points mean more risk.
    areas = [area_of_scores(-score, events, weight) for score in (rounded, exact)]
    return RoundingCost(
        float(shift.max()),
        float(np.average(shift, weights=weight)),
        float(areas[0] - areas[1]),
    )
