"""Monotone treatment response and monotone selection, for two treatments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from infostat.causal.orthogonal import Ends, Mixture
from infostat.causal.sensitivity import doubly_robust_score
from infostat.causal.study import ArmView

__all__ = ["DIRECTIONS", "Combined", "MonotoneResponse", "MonotoneSelection"]

Direction = Literal["increasing", "decreasing"]

DIRECTIONS = (
    "response_increasing",
    "response_decreasing",
    "selection_increasing",
    "selection_decreasing",
)


@dataclass(frozen=True)
class MonotoneResponse:
    """The treatment harms nobody (increasing) or helps nobody (decreasing).

    Attributes
    ----------
    direction : {"increasing", "decreasing"}
        Sign of every unit's effect, which may be zero.

    Notes
    -----
    Manski, Econometrica 65 (1997). With an increasing response the observed mean is a
    lower end for the treated level and an upper end for the control level, so that the
    effect is at least zero.
    """

    direction: Direction

    @property
    def label(self) -> str:
        """Name in tables."""
        return f"response {self.direction}"

    def scores(self, view: ArmView) -> Ends:
        """Scores of both ends.

        Parameters
        ----------
        view : ArmView
            The arm; code 1 is the treatment, 0 the control.

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,)
        """
        lower, upper = Mixture().scores(view)
        above = (view.arm == 1) == (self.direction == "increasing")
        return (view.values, upper) if above else (lower, view.values)


@dataclass(frozen=True)
class MonotoneSelection:
    """Those who take the treatment have higher (or lower) outcomes under either.

    Attributes
    ----------
    direction : {"increasing", "decreasing"}
        Whether takers have the higher outcomes.
    given_covariates : bool
        Whether that holds at each value of the covariates (adjusted means) or overall
        (raw means).

    Notes
    -----
    Manski and Pepper, Econometrica 68 (2000).
    """

    direction: Direction
    given_covariates: bool = True

    @property
    def label(self) -> str:
        """Name in tables."""
        where = "" if self.given_covariates else " overall"
        return f"selection {self.direction}{where}"

    def scores(self, view: ArmView) -> Ends:
        """Scores of both ends.

        Parameters
        ----------
        view : ArmView
            The arm; code 1 is the treatment, 0 the control.

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,)
        """
        lower, upper = Mixture().scores(view)
        if self.given_covariates:
            origin, unit, _, _ = view.frame
            mean, e = origin + unit * view.mean, view.propensity
        else:
            weight = view.study.sampling.weight
            share = np.average(view.taken, weights=weight)
            seen = np.where(view.taken, view.values, 0.0)
            mean = np.full(len(seen), np.average(seen, weights=weight) / share)
            e = np.full(len(seen), share)
        point = doubly_robust_score(view.values, view.taken, e, mean)
        capped = (view.arm == 1) == (self.direction == "increasing")
        return (lower, point) if capped else (point, upper)


@dataclass(frozen=True)
class Combined:
    """One assumption on response and one on selection: they move different ends.

    Attributes
    ----------
    response : MonotoneResponse
        Assumption on the response.
    selection : MonotoneSelection
        Assumption on the selection, of the same direction.
    """

    response: MonotoneResponse
    selection: MonotoneSelection

    @property
    def label(self) -> str:
        """Name in tables."""
        return f"response and selection {self.response.direction}"

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
        first, second = self.response.scores(view), self.selection.scores(view)
        above = (view.arm == 1) == (self.response.direction == "increasing")
        return (first[0], second[1]) if above else (second[0], first[1])
