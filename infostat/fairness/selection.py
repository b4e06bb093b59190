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

__all__ = ["FrontierSelection", "restore_labels"]


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
            Take the best point whose sum over features stays within this cap.
        max_score_iv : float, optional
            Take the best point whose score, on the holdout, has an upper confidence
            limit of its divergence between groups within this cap.

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
            name = "limit" if max_group_iv is not None else "score_group_high"
            cap = max_group_iv if max_group_iv is not None else max_score_iv
            point = self._best_within(name, float(cap))  # type: ignore[arg-type]
        if not 0 <= point < len(self.cards_):
            msg = f"point is {point}: the frontier has points 0 to {len(self.cards_) - 1}."
            raise InfostatError(msg)
        return copy.deepcopy(self.cards_[point])

    def _best_within(self, name: str, cap: float) -> int:
        values = np.asarray(self.frontier_[name], dtype=float)
        worth = np.asarray(self.frontier_["iv"], dtype=float)
        inside = values <= cap * (1.0 + 1e-12)
        if not inside.any():
            lowest = np.nanmin(values) if np.isfinite(values).any() else np.nan
            msg = (
                f"No point has {name} within {cap:g}; the smallest is {lowest:.6g}. "
                f"Raise the cap or give a finer grid."
            )
            raise InfostatError(msg)
        return int(np.where(inside, worth, -np.inf).argmax())


def restore_labels(
    card: ScorecardClassifier, classes: npt.NDArray[Any], event: Any
) -> None:
    """Give a card that was fitted on 0 and 1 the labels of the user's target."""
    card._adopt(replace(card.card_, classes=tuple(classes.tolist()), event=event))
    card.set_params(event=event)
