"""Law of the sum of points, from which every true figure follows.

The log-odds of default are an intercept plus whole points, so that their law given
period and segment is the convolution of the predictors' short laws of points.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit

from infostat.datasets.laws import CategoricalLaw, NumericLaw, Pieces
from infostat.datasets.portfolio import Portfolio
from infostat.exceptions import InfostatError

__all__ = ["ScoreLaw"]

FloatArray = npt.NDArray[np.float64]


class ScoreLaw:
    """Joint law of the predictors' points, the confounder, treatment and default.

    Parameters
    ----------
    portfolio : Portfolio
        Figures of the generator.
    event_rate : float
        Default rate that the outcome's intercept is solved for.
    n_periods : int
        Number of equally likely periods.
    drift : float
        Drift reached in the last period; it grows linearly from none in the first.

    Attributes
    ----------
    features : tuple
        Laws of the predictors.
    shift : ndarray of shape (n_periods,)
        Drift reached in each period.
    weight : ndarray of shape (n_periods, n_segments)
        Shares of the segments within each period.
    response : ndarray of shape (n_scores,)
        Probability of default given the sum of the predictors' points.
    intercept, propensity_intercept : float
        Solved so that default and treatment have the wanted shares.
    """

    def __init__(
        self, portfolio: Portfolio, event_rate: float, n_periods: int, drift: float
    ) -> None:
        self.portfolio = portfolio
        self.features = portfolio.features
        self.shift = drift * np.arange(n_periods) / max(n_periods - 1, 1)
        self.weight = np.tile(portfolio.segment_share, (n_periods, 1))
        self._points = [self._point_law(law) for law in self.features]
        self._score = np.einsum("ts,tsv->tv", self.weight, self._sum_law())
        share = portfolio.confounder_share
        self._hidden = np.array([1.0 - share, share])
        joint = self.joint()
        self.propensity_intercept = 0.0
        self.propensity_intercept = self._solve(
            self._propensity_odds(), joint, portfolio.treatment_share
        )
        self.intercept = 0.0
        arms = self._arm_probability()
        self.intercept = self._solve(
            np.stack([self._odds(0), self._odds(1)]), arms * joint, event_rate
        )
        risks = np.stack([self.risk(0), self.risk(1)])
        self.response = np.einsum("auv,auv,u->v", arms, risks, self._hidden)

    @staticmethod
    def _solve(odds: FloatArray, mass: FloatArray, rate: float) -> float:
        """Find the intercept that makes the average probability equal ``rate``."""

        def excess(intercept: float) -> float:
            return float((mass * expit(intercept + odds)).sum()) - rate

        return float(brentq(excess, -40.0, 40.0, xtol=1e-13))

    def joint(self, periods: int | Iterable[int] | None = None) -> FloatArray:
        """Probability of confounder and sum of points, of shape (2, n_scores)."""
        score: FloatArray = self.period_weight(periods) @ self._score
        return np.asarray(self._hidden[:, None] * score, float)

    def position(self, feature: str) -> int:
        """Position of a predictor by name; an error where it is unknown."""
        names = [law.name for law in self.features]
        if feature not in names:
            msg = f"feature {feature!r} is not generated: choose one of {names!r}."
            raise InfostatError(msg)
        return names.index(feature)

    def period_weight(self, periods: int | Iterable[int] | None) -> FloatArray:
        """Weights of the periods, summing to one over the chosen ones."""
        n_periods = len(self.shift)
        if periods is None:
            return np.full(n_periods, 1.0 / n_periods)
        chosen = np.unique(np.atleast_1d(np.asarray(_listed(periods))))
        if not chosen.size or not np.isin(chosen, np.arange(1, n_periods + 1)).all():
            msg = f"periods {periods!r} must lie in 1 to {n_periods}: correct them."
            raise InfostatError(msg)
        return np.isin(np.arange(1, n_periods + 1), chosen) / chosen.size

    def _point_law(self, law: NumericLaw | CategoricalLaw) -> FloatArray:
        """Probabilities of 0, 1, 2, ... points by period and segment."""
        pieces: Pieces = law.pieces((), self.shift)
        table = np.zeros((*self.weight.shape, int(pieces.points.max()) + 1))
        for points in np.unique(pieces.points):
            here = pieces.probability[..., pieces.points == points]
            table[..., points] = here.sum(axis=-1)
        return table

    def _sum_law(self, without: int | None = None) -> FloatArray:
        """Law of the sum of points by period and segment: a convolution."""
        total = np.ones((*self.weight.shape, 1))
        for k, table in enumerate(self._points):
            if k == without:
                continue
            size = total.shape[-1]
            longer = np.zeros((*self.weight.shape, size + table.shape[-1] - 1))
            for points in np.flatnonzero(table.any(axis=(0, 1))):
                longer[..., points : points + size] += table[..., [points]] * total
            total = longer
        return total

    def event_given(self, position: int, pieces: Pieces) -> FloatArray:
        """Probability of default given period, segment and piece of one predictor."""
        rest = self._sum_law(without=position)
        out = np.empty(pieces.probability.shape)
        for points in np.unique(pieces.points):
            response = self.response[points : points + rest.shape[-1]]
            out[..., pieces.points == points] = (rest @ response)[..., None]
        return out

    def _scores(self) -> FloatArray:
        return np.arange(self._score.shape[1], dtype=float)

    def _odds(self, arm: int) -> FloatArray:
        """Log-odds of default by confounder and sum of points."""
        chosen = self.portfolio
        extra = arm * chosen.treatment_points + np.array([0, chosen.confounder_points])
        return self.intercept + chosen.point * (extra[:, None] + self._scores())

    def _propensity_odds(self) -> FloatArray:
        """Log-odds of the treatment by confounder and sum of points."""
        chosen = self.portfolio
        hidden = np.array([0.0, chosen.propensity_confounder])[:, None]
        score = chosen.propensity_slope * chosen.point * self._scores()
        return self.propensity_intercept + hidden + score

    def _arm_probability(self) -> FloatArray:
        """Probability of the arms 0 and 1, of shape (2, 2, n_scores)."""
        odds = self._propensity_odds()
        return np.stack([expit(-odds), expit(odds)])

    def risk(self, arm: int) -> FloatArray:
        """Probability of default by confounder and sum of points, in one arm."""
        return expit(self._odds(arm))

    def arm_means(
        self, joint: FloatArray, axis: int | None
    ) -> tuple[FloatArray, FloatArray]:
        """Default rates of the treated and of the untreated.

        Parameters
        ----------
        joint : ndarray of shape (2, n_scores)
            Probability of confounder and sum of points.
        axis : int or None
            Axis to average over: 0 for the confounder, None for both.

        Returns
        -------
        treated, untreated : ndarray
            Zero where an arm has no rows.
        """
        arms = self._arm_probability() * joint
        rates = []
        for arm in (1, 0):
            mass = np.asarray(arms[arm].sum(axis))
            bad = np.asarray((arms[arm] * self.risk(arm)).sum(axis))
            rates.append(np.divide(bad, mass, out=np.zeros(mass.shape), where=mass > 0))
        return rates[0], rates[1]

    def row_log_odds(self, arm: Any, confounder: Any, score: Any) -> FloatArray:
        """Log-odds of default of rows given arm, confounder and sum of points."""
        chosen = self.portfolio
        points = arm * chosen.treatment_points + confounder * chosen.confounder_points
        return np.asarray(self.intercept + chosen.point * (points + score), float)

    def row_propensity(self, confounder: Any, score: Any) -> FloatArray:
        """Probability of treatment of rows given confounder and sum of points."""
        return np.asarray(expit(self._propensity_odds()[confounder, score]), float)


def _listed(periods: int | Iterable[int]) -> Any:
    return periods if isinstance(periods, int | np.integer) else list(periods)
