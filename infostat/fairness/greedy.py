"""A good choice of columns without a solver: what a time limit can always return."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["greedy_choice"]

FloatArray = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

MOST_SWAPS = 1000


class Candidates(Protocol):
    """Columns of all features, one after another.

    Attributes
    ----------
    owner : ndarray of shape (n_columns,), int
        Feature of each column.
    start : ndarray of shape (n_features + 1,), int
        First column of each feature, and the end of the last.
    iv : ndarray of shape (n_columns,)
        Information value.
    allowed : ndarray of shape (n_columns,), bool
        Columns that may be used.
    """

    owner: Places
    start: Places
    iv: FloatArray
    allowed: npt.NDArray[np.bool_]


def greedy_choice(
    candidates: Candidates, rows: FloatArray, supply: FloatArray, reduced: FloatArray
) -> Places | None:
    """Swap columns one at a time: into the constraints, then upwards.

    Parameters
    ----------
    candidates : Candidates
        Columns.
    rows : ndarray of shape (n_constraints, n_columns)
        What a column takes of each constraint.
    supply : ndarray of shape (n_constraints,)
        Limits.
    reduced : ndarray of shape (n_columns,)
        Values less the prices of what they take; the start takes the best of each
        feature.

    Returns
    -------
    ndarray of int or None
        A column of each feature; None where the swaps do not lead into the limits, or
        to nothing.
    """
    value = np.where(candidates.allowed, reduced, -np.inf)
    spans = zip(candidates.start[:-1], candidates.start[1:], strict=True)
    chosen = np.array([a + int(value[a:b].argmax()) for a, b in spans])
    scale = np.maximum(supply, 1e-12)
    use = rows / scale[:, None]
    total = use[:, chosen].sum(axis=1)
    for _ in range(MOST_SWAPS):
        mine = chosen[candidates.owner]
        after = total[:, None] - use[:, mine] + use
        excess = np.maximum(after - 1.0, 0.0).sum(axis=0)
        gain = np.where(
            candidates.allowed, candidates.iv - candidates.iv[mine], -np.inf
        )
        here = float(np.maximum(total - 1.0, 0.0).sum())
        if here > 0:
            relief = here - excess
            useful = candidates.allowed & (relief > 1e-15)
            score = np.where(
                useful, np.minimum(gain, -1e-12) / np.maximum(relief, 1e-15), -np.inf
            )
        else:
            score = np.where(excess <= 0, gain, -np.inf)
        best = int(score.argmax())
        if score[best] == -np.inf or (here <= 0 and score[best] <= 1e-12):
            break
        feature = int(candidates.owner[best])
        total = total - use[:, chosen[feature]] + use[:, best]
        chosen[feature] = best
    inside = (rows[:, chosen].sum(axis=1) <= supply * (1.0 + 1e-12) + 1e-15).all()
    return chosen if inside and candidates.iv[chosen].sum() > 0 else None
