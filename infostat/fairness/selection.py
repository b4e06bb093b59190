"""From a point of the frontier to its scorecard."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from infostat.exceptions import InfostatError
from infostat.scorecard import ScorecardClassifier

__all__ = ["FrontierSelection", "certified_points", "restore_labels"]

FloatArray = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


class FrontierSelection:
    """What a fitted frontier is asked for: the card of a point."""

    cards_: list[ScorecardClassifier]
    frontier_: Any

    def select(
        self,
        point: int | None = None,
        *,
        max_group_iv: float | None = None,
        max_score_iv: float | None = None,
    ) -> ScorecardClassifier:
        """Scorecard of a point.

        Parameters
        ----------
        point : int, optional
            Row of ``frontier_``.
        max_group_iv : float, optional
            Take the best point within this cap: without a confidence by the rows that
            chose it (``limit``), with one by the holdout. Then the points are tested
            in the order of ``limit``, up to the first whose ``certified_limit`` exceeds
            the cap, and the best one before it is taken: its true value exceeds the cap
            with probability one minus the confidence at most, for a cap set beforehand.
        max_score_iv : float, optional
            Take the best point whose score, on the holdout, has an upper confidence
            limit of its divergence between groups within this cap. The limit is that of
            each point alone: taking the best of several uses up some of its confidence.

        Returns
        -------
        ScorecardClassifier
            A fitted copy. Features that the point leaves out have one bin and add no
            evidence.

        Raises
        ------
        InfostatError
            If not exactly one way to select is given, or no point qualifies; the
            message gives the smallest value reached.
        """
        check_is_fitted(self, "cards_")
        given = [v is not None for v in (point, max_group_iv, max_score_iv)]
        if sum(given) != 1:
            msg = "Give one of point, max_group_iv and max_score_iv."
            raise InfostatError(msg)
        if point is None:
            if max_score_iv is not None:
                point = self._best_within("score_group_high", float(max_score_iv))
            elif np.isnan(self._column("certified_limit")).all():
                point = self._best_within("limit", float(max_group_iv))  # type: ignore[arg-type]
            else:
                point = self._best_certified(float(max_group_iv))  # type: ignore[arg-type]
        if not 0 <= point < len(self.cards_):
            msg = f"point is {point}: the frontier has points 0 to {len(self.cards_) - 1}."
            raise InfostatError(msg)
        return copy.deepcopy(self.cards_[point])

    def _column(self, name: str) -> FloatArray:
        return np.asarray(self.frontier_[name], dtype=float)

    def _best_certified(self, cap: float) -> int:
        """Best of the points before the first whose held-out limit exceeds the cap."""
        worth, limit = self._column("iv"), self._column("certified_limit")
        passed, order = certified_points(self._column("limit"), worth, limit, cap)
        if not passed.size:
            first = int(order[0])
            msg = (
                f"No point is certified within {cap:g}: the test begins at point "
                f"{first}, which has the least group difference on the rows that chose, "
                f"and its limit on the holdout is {limit[first]:.6g}; the smallest "
                f"certified_limit of all points is {limit.min():.6g}. Raise the cap, "
                f"lower the first caps of the grid, or bring more rows."
            )
            raise InfostatError(msg)
        return int(passed[worth[passed].argmax()])

    def _best_within(self, name: str, cap: float) -> int:
        values, worth = self._column(name), self._column("iv")
        inside = values <= cap * (1.0 + 1e-12)
        if not inside.any():
            lowest = np.nanmin(values) if np.isfinite(values).any() else np.nan
            msg = (
                f"No point has {name} within {cap:g}; the smallest is {lowest:.6g}. "
                f"Raise the cap or give a finer grid."
            )
            raise InfostatError(msg)
        return int(np.where(inside, worth, -np.inf).argmax())


def certified_points(
    seen: FloatArray, worth: FloatArray, limit: FloatArray, cap: float
) -> tuple[Places, Places]:
    """Points certified within a cap, all of them at once.

    Parameters
    ----------
    seen : ndarray of shape (n_points,)
        Group differences on the rows that chose; they set the order of the tests.
    worth : ndarray of shape (n_points,)
        Values about the outcome on these rows; they order ties.
    limit : ndarray of shape (n_points,)
        Upper limits from the holdout, each with the confidence alone.
    cap : float
        Cap.

    Returns
    -------
    passed, order : ndarray of int
        Points before the first in ``order`` whose limit exceeds the cap. The holdout
        has no say in the order, so the first point whose true value exceeds the cap is
        tested once, and some point that passes exceeds it only where that one passes:
        with probability one minus the confidence at most.
    """
    order = np.lexsort((worth, seen))
    failed = ~(limit[order] <= cap * (1.0 + 1e-12))
    return order[: int(failed.argmax()) if failed.any() else len(order)], order


def restore_labels(
    fitted: ScorecardClassifier, classes: npt.NDArray[Any], event: Any
) -> ScorecardClassifier:
    """Give a card that was fitted on 0 and 1 the labels of the user's target."""
    card = replace(fitted.card_, classes=tuple(classes.tolist()), event=event)
    return fitted.with_card(card).set_params(event=event)
