"""The points of a frontier: from counted features to choices with certificates."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from infostat.exceptions import InfeasibleError, InfostatWarning
from infostat.fairness.chance import CertifiedFeature
from infostat.fairness.columns import (
    BinningColumns,
    FeatureCounts,
    Limits,
    binning_columns,
)
from infostat.fairness.exact import ExactFrontier, exact_frontier
from infostat.fairness.knapsack import Choice, Knapsack, Side

__all__ = ["FrontierPoint", "FrontierSearch"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FrontierPoint:
    """A choice under caps.

    Attributes
    ----------
    caps : ndarray of shape (n_comparisons,)
        Caps it was found under.
    choice : Choice
        Columns and certificate.
    starts : dict of str to tuple of int
        First ordinary pre-bins of the bins of every feature that is used.
    group_iv : ndarray of shape (n_comparisons,)
        Sums of the fairness values; at most ``choice.limit`` where that is a sum.
    n_bins : int
        Ordinary bins of all features.
    """

    caps: FloatArray
    choice: Choice
    starts: dict[str, tuple[int, ...]]
    group_iv: FloatArray
    n_bins: int


class FrontierSearch:
    """Candidates of all features, and the ways to search them.

    Parameters
    ----------
    features : sequence of (FeatureCounts, Limits)
        Counted pre-bins and limits.
    names : sequence of str
        Names of the comparisons.
    side : Side
        Constraints beside the caps.
    confidence : float, optional
        Confidence with which a cap is to hold; without one it holds for the values
        seen.
    chance : {"sum", "feature"}, default="sum"
        See :func:`infostat.fairness.columns.binning_columns`.
    """

    def __init__(
        self,
        features: Sequence[tuple[FeatureCounts, Limits]],
        names: Sequence[str],
        side: Side,
        *,
        confidence: float | None = None,
        chance: Literal["sum", "feature"] = "sum",
    ) -> None:
        self.names, self.side = list(names), side
        self.alpha = None if confidence is None else 1.0 - confidence
        self.listed = self.alpha is not None and chance == "feature"
        reach = 0.0
        if self.alpha is not None and self.listed:
            # The limits of all features are to hold at once (Bonferroni).
            self.alpha /= len(features)
        elif self.alpha is not None:
            reach = float(-ndtri(self.alpha))
        count_bins = side.max_total_bins is not None
        self.columns = [
            binning_columns(
                counts,
                limits,
                reach=reach,
                listed=self.listed,
                count_bins=count_bins,
            )
            for counts, limits in features
        ]
        self.certified = [
            CertifiedFeature(table, counts)
            for table, (counts, _) in zip(self.columns, features, strict=True)
            if self.listed
        ]

    @property
    def n_comparisons(self) -> int:
        """Number of fairness measures."""
        return len(self.names)

    @property
    def empty(self) -> bool:
        """Whether no binning of any feature carries information."""
        return all(not (table.iv > 0).any() for table in self.columns)

    def nothing(self) -> FrontierPoint:
        """Point without features, with a warning."""
        warnings.warn(
            "No feature carries information about the outcome within the limits, so the "
            "frontier is one point without features: bring more rows, or allow more or "
            "smaller bins.",
            InfostatWarning,
            stacklevel=4,
        )
        zero = np.zeros(self.n_comparisons)
        columns = (0,) * len(self.columns)
        choice = Choice(columns, 0.0, zero, 0.0, 0.0, "optimal", 0.0)
        return FrontierPoint(zero, choice, {}, zero, 0)

    @property
    def separable(self) -> bool:
        """Whether one measure alone couples the features, so that no solver is needed."""
        side = self.side
        return (
            self.n_comparisons == 1
            and not self.listed
            and side.max_total_bins is None
            and not side.exclusions
        )

    def exact(self) -> ExactFrontier:
        """Every point of the frontier of one measure."""
        return exact_frontier(
            self.columns,
            max_features=self.side.max_features,
            required=self.side.required,
        )

    def widest(self) -> FloatArray:
        """Caps above which nothing changes: the limits of the best choice."""
        if self.listed:
            free = np.full(self.n_comparisons, np.inf)
            tables = [c.best(free, self.alpha or 0.5) for c in self.certified]
            return np.asarray(np.max([t.limit.max(axis=0) for t in tables], axis=0))
        free = np.full(self.n_comparisons, np.inf)
        return self._knapsack(self.columns).solve(free).limit

    def at(self, caps: FloatArray, time_limit: float | None = None) -> FrontierPoint:
        """Best choice under caps.

        Parameters
        ----------
        caps : ndarray of shape (n_comparisons,)
            Caps on the sums over features, or with ``chance="feature"`` on each feature.
        time_limit : float, optional
            Seconds.

        Returns
        -------
        FrontierPoint

        Raises
        ------
        InfeasibleError
            If nothing meets the caps.
        """
        tables = self.columns
        bound_to = caps
        if self.listed and self.alpha is not None:
            count = self.side.max_total_bins is not None
            tables = [
                c.best(caps, self.alpha, count_bins=count) for c in self.certified
            ]
            self._check_certified(tables, caps)
            # Each column meets the caps; what they add up to is not capped.
            bound_to = np.full(self.n_comparisons, np.inf)
        choice = self._knapsack(tables).solve(bound_to, time_limit=time_limit)
        if self.listed:
            # A cap on each feature speaks of the largest limit, not of their sum.
            limits = [t.limit[k] for t, k in zip(tables, choice.columns, strict=True)]
            choice = replace(choice, limit=np.max(limits, axis=0))
        return self._point(tables, caps, choice)

    def sweep(
        self, grid: Sequence[FloatArray], time_limit: float | None = None
    ) -> list[FrontierPoint]:
        """Best choices under a grid of caps; caps that cannot be met are named.

        Parameters
        ----------
        grid : sequence of ndarray of shape (n_comparisons,)
            Caps.
        time_limit : float, optional
            Seconds for each.

        Returns
        -------
        list of FrontierPoint

        Raises
        ------
        InfeasibleError
            If no caps of the grid can be met.
        """
        exact = self.exact() if self.separable else None
        points, reason = [], None
        for caps in grid:
            try:
                if exact is not None:
                    points.append(self._exact_point(exact, caps))
                else:
                    points.append(self.at(caps, time_limit))
            except InfeasibleError as error:
                reason = reason or error
        if reason is not None:
            if not points:
                raise reason
            warnings.warn(
                f"{len(grid) - len(points)} of {len(grid)} caps cannot be met and have "
                f"no point. {reason}",
                InfostatWarning,
                stacklevel=3,
            )
        return points

    def exact_points(self, exact: ExactFrontier, n_points: int) -> list[FrontierPoint]:
        """Points of the exact frontier at limits of about equal distance."""
        aims = np.linspace(exact.limit[0], exact.limit[-1], n_points)
        places = np.unique(
            np.searchsorted(exact.limit, aims * (1 + 1e-12), "right") - 1
        )
        return [
            self._exact_point(exact, exact.limit[place : place + 1])
            for place in np.maximum(places, 0)
        ]

    def _exact_point(self, exact: ExactFrontier, caps: FloatArray) -> FrontierPoint:
        place = exact.best_within(float(caps[0])) if len(exact) else None
        if place is None:
            # The solver finds out why.
            return self.at(caps)
        value = float(exact.iv[place])
        choice = Choice(
            exact.columns(place),
            value,
            exact.limit[place : place + 1],
            value,
            0.0,
            "exact",
            0.0,
        )
        return self._point(self.columns, caps, choice)

    def _knapsack(self, tables: list[BinningColumns]) -> Knapsack:
        return Knapsack(tables, self.side, self.names)

    def _check_certified(self, tables: list[BinningColumns], caps: FloatArray) -> None:
        """Say what is the smallest limit where no feature is certified."""
        if any(len(table) > 1 for table in tables) or self.alpha is None:
            return
        said = []
        for k in np.flatnonzero(np.isfinite(caps)):
            lowest = [
                (c.smallest(int(k), self.alpha), c.columns.feature)
                for c in self.certified
            ]
            limit, feature = min(lowest)
            said.append(f"{limit:.6g} for {self.names[k]} (feature {feature!r})")
        msg = (
            f"No feature has a binning whose upper limit is within the cap; the smallest "
            f"is {', '.join(said)}. Raise the cap, lower the confidence, or bring more "
            f"rows."
        )
        raise InfeasibleError(msg)

    def _point(
        self, tables: list[BinningColumns], caps: FloatArray, choice: Choice
    ) -> FrontierPoint:
        chosen = list(zip(tables, choice.columns, strict=True))
        return FrontierPoint(
            caps,
            choice,
            {t.feature: t.starts[k] for t, k in chosen if t.starts[k]},
            np.sum([t.group_iv[k] for t, k in chosen], axis=0),
            int(sum(t.n_bins[k] for t, k in chosen)),
        )
