"""The exact frontier for one fairness measure, without a solver.

Sums over features are merged one feature at a time, and what another sum beats is
forgotten: what is left are all points of the frontier, those included that no weighted
sum of the two goals would find.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.fairness.columns import DIGITS, BinningColumns
from infostat.fairness.pareto import non_dominated

__all__ = ["ExactFrontier", "exact_frontier"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

BLOCK = 2_000_000
"""Sums held at a time."""


@dataclass(frozen=True, eq=False)
class ExactFrontier:
    """All points that no other choice of binnings beats, by rising limit.

    Attributes
    ----------
    iv : ndarray of shape (n_points,)
        Sum of the information values; strictly rising.
    limit : ndarray of shape (n_points,)
        Sum of what counts against the cap; strictly rising.
    """

    iv: FloatArray
    limit: FloatArray
    _stages: list[tuple[IntArray, IntArray]]
    _final: IntArray

    def __len__(self) -> int:
        return len(self.iv)

    def columns(self, point: int) -> tuple[int, ...]:
        """Column of every feature at a point."""
        place, out = int(self._final[point]), []
        for before, column in reversed(self._stages):
            out.append(int(column[place]))
            place = int(before[place])
        return tuple(reversed(out))

    def best_within(self, cap: float) -> int | None:
        """Point with the largest value under a cap; None where there is none."""
        number = int(np.searchsorted(self.limit, cap, side="right"))
        return number - 1 if number else None


def exact_frontier(
    features: Sequence[BinningColumns],
    *,
    comparison: int = 0,
    max_features: int | None = None,
    required: Sequence[str] = (),
) -> ExactFrontier:
    """Every point of the performance-fairness frontier of one measure.

    Parameters
    ----------
    features : sequence of BinningColumns
        Candidates of each feature.
    comparison : int, default=0
        Place of the fairness measure.
    max_features : int, optional
        Most features.
    required : sequence of str
        Features that must not be left out.

    Returns
    -------
    ExactFrontier
        Without the empty choice.

    Raises
    ------
    InfostatError
        If a limit is not finite.
    """
    stages: list[tuple[IntArray, IntArray]] = []
    # value, limit, and (under a cap on features) their number; all smaller is better.
    front = np.zeros((1, 3))
    for table in features:
        kept = np.arange(int(table.feature in required), len(table))
        gain = np.column_stack(
            [
                -table.iv[kept],
                table.limit[kept, comparison],
                (table.n_bins[kept] > 0) * float(max_features is not None),
            ]
        )
        if not np.isfinite(gain).all():
            msg = f"{table.feature!r} has a limit that is not finite."
            raise InfostatError(msg)
        front, before, column = _merge(front, gain, max_features)
        stages.append((before, kept[column]))
    # Sums that differ by rounding alone are one point.
    final = non_dominated(np.round(front[:, :2], DIGITS))
    # The empty choice is no scorecard.
    final = final[front[final, 0] < 0]
    final = final[np.argsort(front[final, 1], kind="stable")]
    return ExactFrontier(-front[final, 0], front[final, 1], stages, final)


def _merge(
    front: FloatArray, gain: FloatArray, max_features: int | None
) -> tuple[FloatArray, IntArray, IntArray]:
    """Non-dominated sums of two sets, with the places of the two terms."""
    step = max(1, BLOCK // len(gain))
    parts, before, column = [], [], []
    for start in range(0, len(front), step):
        block = front[start : start + step]
        sums = (block[:, None, :] + gain[None, :, :]).reshape(-1, 3)
        kept = _front(sums, max_features)
        parts.append(sums[kept])
        before.append(start + kept // len(gain))
        column.append(kept % len(gain))
    every = np.vstack(parts)
    kept = _front(every, max_features) if len(parts) > 1 else np.arange(len(every))
    return every[kept], np.concatenate(before)[kept], np.concatenate(column)[kept]


def _front(sums: FloatArray, max_features: int | None) -> IntArray:
    """Non-dominated rows; the number of features is a cost only under a cap."""
    if max_features is None:
        return non_dominated(sums[:, :2])
    found: list[IntArray] = []
    best = np.zeros((0, 2))
    # Few numbers of features: a front for each, beaten by those with fewer.
    for number in range(max_features + 1):
        rows = np.flatnonzero(sums[:, 2] == number)
        if not rows.size:
            continue
        rows = rows[non_dominated(sums[rows, :2])]
        merged = np.vstack([best, sums[rows, :2]])
        kept = non_dominated(merged)
        found.append(rows[kept[kept >= len(best)] - len(best)])
        best = merged[kept]
    return np.concatenate(found)
