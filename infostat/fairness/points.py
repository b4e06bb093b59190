"""Whole points under a cap: repair, then local search.

Rounding a fair score can break its cap. Points are moved by one, in one bin or in two at
once, first until the cap holds, then as long as the loss falls and the cap still holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.fairness.measures import band_ends

__all__ = ["PointProblem"]

FloatArray = npt.NDArray[np.float64]
Move = tuple[tuple[int, float], ...]
"""Bins and the points that each gains."""

MOST_MOVES = 60


@dataclass(frozen=True, eq=False)
class PointProblem:
    """Rows as distinct profiles of bins, with what is measured on them.

    Attributes
    ----------
    cells : ndarray of shape (n_profiles, n_features)
        Place of each profile's bin among all bins, feature by feature.
    events, non_events : ndarray of shape (n_profiles,)
        Rows of each class.
    members : ndarray of shape (n_comparisons, 2, n_profiles)
        Rows of reference and protected group.
    offset, factor : float
        Points at even odds, and points per unit of log-odds.
    bands : int
        Bands of the score that the cap speaks of.
    step : float
        Points of one move.
    """

    cells: npt.NDArray[np.intp]
    events: FloatArray
    non_events: FloatArray
    members: FloatArray
    offset: float
    factor: float
    bands: int = 10
    step: float = 1.0

    @classmethod
    def of(
        cls,
        codes: list[npt.NDArray[Any]],
        n_bins: list[int],
        events: npt.NDArray[Any],
        members: list[npt.NDArray[Any]],
        weight: FloatArray | None = None,
        **options: Any,
    ) -> PointProblem:
        """Compress rows into profiles.

        Parameters
        ----------
        codes : list of ndarray of shape (n_samples,)
            Bin of every row, one array a feature.
        n_bins : list of int
            Bins of each feature.
        events : ndarray of shape (n_samples,)
            1 for events.
        members : list of ndarray of shape (n_samples,)
            1 for the protected, 0 for the reference group, -1 for neither.
        weight : ndarray of shape (n_samples,), optional
            Frequency weights.
        **options
            ``offset, factor, bands, step``.

        Returns
        -------
        PointProblem
        """
        start = np.concatenate([[0], np.cumsum(n_bins)])[:-1]
        rows = np.column_stack(
            [c.astype(np.intp) + s for c, s in zip(codes, start, strict=True)]
        )
        cells, place = np.unique(rows, axis=0, return_inverse=True)
        place = np.ravel(place)
        w = np.ones(len(rows)) if weight is None else weight

        def total(chosen: npt.NDArray[Any]) -> FloatArray:
            counted = np.bincount(place, weights=w * chosen, minlength=len(cells))
            return counted.astype(float)

        return cls(
            cells,
            total(events == 1),
            total(events == 0),
            np.array([[total(m == 0), total(m == 1)] for m in members]),
            **options,
        )

    def score(self, points: FloatArray) -> FloatArray:
        """Score of every profile."""
        return np.asarray(points[self.cells].sum(axis=1))

    def loss(self, score: FloatArray) -> float:
        """Mean logistic loss of a score."""
        return float(self._row_loss(score).sum() / self._size.sum())

    @property
    def _size(self) -> FloatArray:
        return np.asarray(self.events + self.non_events)

    def _row_loss(self, score: FloatArray) -> FloatArray:
        """Logistic loss of every profile."""
        log_odds = (self.offset - score) / self.factor
        return np.asarray(
            self._size * np.logaddexp(0.0, log_odds) - self.events * log_odds
        )

    def demographic_iv(self, score: FloatArray) -> FloatArray:
        """Plug-in divergence of the score's bands, one a comparison.

        Bands are cut between distinct scores at quantiles of all rows; those that lack
        a group are joined with the next. The larger of the values at the bands asked
        for and, where groups are large enough, at up to twice as many, or a search
        would learn to hide differences inside bands.
        """
        level = np.rint((score - score.min()) / self.step).astype(np.intp)
        if level.max() > 8 * len(level):
            level = np.unique(level, return_inverse=True)[1]
        size = np.asarray(np.bincount(level, weights=self._size), dtype=float)
        # Scores without rows between two others close no band of their own.
        filled = np.flatnonzero(size)
        cuts = [
            np.concatenate([[0], filled[band_ends(size[filled], bands)]])
            for bands in {self.bands, self._more_bands}
        ]
        out = np.empty(len(self.members))
        for k, both in enumerate(self.members):
            counts = np.array([np.bincount(level, weights=side) for side in both])
            out[k] = max(
                _divergence(np.add.reduceat(counts, starts, axis=1)) for starts in cuts
            )
        return out

    @property
    def _more_bands(self) -> int:
        """Twice the bands, but fifty rows of the smallest group in each."""
        smallest = float(self.members.sum(axis=2).min())
        return max(self.bands, min(2 * self.bands, int(smallest / 50)))

    def excess(self, score: FloatArray, caps: FloatArray) -> float:
        """How far the worst measure lies above its cap; not positive within caps."""
        return float((self.demographic_iv(score) - caps).max())

    def improve(
        self, points: FloatArray, caps: FloatArray, movable: npt.NDArray[np.bool_]
    ) -> tuple[FloatArray, bool]:
        """Repair points until the caps hold, then lower the loss within the caps.

        Parameters
        ----------
        points : ndarray of shape (total bins,)
            Rounded points of all bins.
        caps : ndarray of shape (n_comparisons,)
            Caps on the score's divergences.
        movable : ndarray of shape (total bins,), bool
            Bins whose points may change.

        Returns
        -------
        points : ndarray of shape (total bins,)
        feasible : bool
            Whether the caps hold.
        """
        points, score = points.copy(), self.score(points)
        places = np.flatnonzero(movable)
        for _ in range(MOST_MOVES):
            over = self.excess(score, caps)
            move = self._best_move(score, places, caps, over)
            if move is None:
                break
            for place, change in move:
                points[place] += change
            score = self.score(points)
        return points, self.excess(score, caps) <= 0

    def _change(self, move: Move) -> FloatArray:
        """Change of every profile's score."""
        out = np.zeros(len(self.cells))
        for place, step in move:
            out[(self.cells == place).any(axis=1)] += step
        return out

    def _best_move(
        self,
        score: FloatArray,
        places: npt.NDArray[np.intp],
        caps: FloatArray,
        over: float,
    ) -> Move | None:
        """Move that best repairs the caps, or best lowers the loss within them."""
        repair = over > 0
        here = over if repair else self.loss(score)
        if repair:
            moves: list[Move] = [
                ((int(p), s),) for p in places for s in (self.step, -self.step)
            ]
            ranked = sorted(
                (self.excess(score + self._change(m), caps), m) for m in moves
            )
        else:
            ranked = self._losses(score, places)
        found = self._first_allowed(ranked, score, caps, here, repair=repair)
        if found is not None:
            return found
        # No single move helps: pairs of the most promising ones.
        few = [move for _, move in ranked[:10]]
        pairs = []
        for i, first in enumerate(few):
            for second in few[i:]:
                there = score + self._change(first) + self._change(second)
                value = self.excess(there, caps) if repair else self.loss(there)
                pairs.append((value, first + second))
        return self._first_allowed(sorted(pairs), score, caps, here, repair=repair)

    def _losses(
        self, score: FloatArray, places: npt.NDArray[np.intp]
    ) -> list[tuple[float, Move]]:
        """Exact loss after each move of one bin, all in one pass."""
        base = self._row_loss(score)
        n_places = int(self.cells.max()) + 1
        out: list[tuple[float, Move]] = []
        for step in (self.step, -self.step):
            change = self._row_loss(score + step) - base
            moved = np.zeros(n_places)
            for column in self.cells.T:
                moved += np.bincount(column, weights=change, minlength=n_places)
            after = (base.sum() + moved) / self._size.sum()
            out += [
                (float(after[p]), ((int(p), step),)) for p in places if p < n_places
            ]
        return sorted(out)

    def _first_allowed(
        self,
        ranked: list[tuple[float, Move]],
        score: FloatArray,
        caps: FloatArray,
        here: float,
        *,
        repair: bool,
    ) -> Move | None:
        for value, move in ranked:
            if value >= here - 1e-7:
                return None
            if repair or self.excess(score + self._change(move), caps) <= 0:
                return move
        return None


def _divergence(cells: FloatArray) -> float:
    """Jeffreys divergence of two rows of counts; bands that lack a group join the next."""
    kept: list[FloatArray] = []
    waiting = np.zeros(2)
    for column in cells.T:
        waiting = waiting + column
        if (waiting > 0).all():
            kept.append(waiting)
            waiting = np.zeros(2)
    if waiting.any() and kept:
        kept[-1] = kept[-1] + waiting
    q, p = np.array(kept).T / cells.sum(axis=1)[:, None]
    return float(((p - q) * np.log(p / q)).sum())
