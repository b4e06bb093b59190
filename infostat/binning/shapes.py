"""The shape function of one feature: its stumps summed, bin by bin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.binning.boosting import Stump

__all__ = ["LevelShape", "NumberShape", "level_shape", "number_shape"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NumberShape:
    """Shape function of a number.

    Attributes
    ----------
    thresholds : ndarray of shape (m,), float32
        Increasing.
    gains : ndarray of shape (m,)
        Total gain of the stumps at each threshold.
    effect : ndarray of shape (m + 1,)
        Margin added between the thresholds.
    missing : float
        Margin added where the value is missing.
    """

    thresholds: npt.NDArray[np.float32]
    gains: FloatArray
    effect: FloatArray
    missing: float

    def at(self, value: float) -> float:
        """Margin added at a value."""
        place = np.searchsorted(self.thresholds, np.float32(value), side="right")
        return float(self.effect[place])

    def strongest(self, most: int | None) -> npt.NDArray[np.float32]:
        """Thresholds of the largest gain that leave at most ``most`` bins, in order."""
        if most is None:
            return self.thresholds
        kept = np.argsort(-self.gains, kind="stable")[: most - 1]
        return self.thresholds[np.sort(kept)]


@dataclass(frozen=True, eq=False)
class LevelShape:
    """Shape function of levels.

    Attributes
    ----------
    effect : ndarray of shape (n_levels,)
        Margin added by each level.
    missing : float
        Margin added where the level is missing.
    signature : ndarray of shape (n_levels,), int
        Levels with one number went the same way in every stump.
    """

    effect: FloatArray
    missing: float
    signature: npt.NDArray[np.intp]


def number_shape(stumps: Sequence[Stump]) -> NumberShape:
    """Sum the stumps of a numeric column.

    Parameters
    ----------
    stumps : sequence of Stump
        All of one column.

    Returns
    -------
    NumberShape
    """
    given = np.array([s.threshold for s in stumps], dtype=np.float32)
    left = np.array([s.left for s in stumps])
    right = np.array([s.right for s in stumps])
    gain = np.array([s.gain for s in stumps])
    # A stump that only sets missing values apart has an infinite threshold from XGBoost
    # 3.4 on: all numbers lie on one of its sides.
    constant = float(left[given == np.inf].sum() + right[given == -np.inf].sum())
    kept = np.isfinite(given)
    thresholds, place = np.unique(given[kept], return_inverse=True)
    size = len(thresholds)

    def total(values: FloatArray) -> FloatArray:
        summed = np.bincount(place, weights=values[kept], minlength=size)
        return summed.astype(np.float64)

    # Bin k lies left of the thresholds k, k + 1, ... and right of the others.
    effect = np.append(np.cumsum(total(left)[::-1])[::-1], 0.0)
    effect[1:] += np.cumsum(total(right))
    effect += constant
    return NumberShape(
        thresholds,
        total(gain),
        effect,
        float(sum(s.missing for s in stumps)),
    )


def level_shape(
    stumps: Sequence[Stump], n_levels: int, most: int | None = None
) -> LevelShape:
    """Sum the stumps of a categorical column.

    Parameters
    ----------
    stumps : sequence of Stump
        All of one column.
    n_levels : int
        Number of levels.
    most : int, optional
        Use the splits of the largest total gain alone, as many as leave at most this
        many signatures.

    Returns
    -------
    LevelShape
    """
    if not stumps:
        return LevelShape(np.zeros(n_levels), 0.0, np.zeros(n_levels, dtype=np.intp))
    went_right = np.array(
        [[k in (s.right_levels or ()) for k in range(n_levels)] for s in stumps],
        dtype=bool,
    )
    left = np.array([s.left for s in stumps])
    right = np.array([s.right for s in stumps])
    effect = np.where(went_right, right[:, None], left[:, None]).sum(axis=0)
    kept = went_right
    if most is not None:
        kept = _strongest(went_right, np.array([s.gain for s in stumps]), most)
    _, signature = np.unique(kept.T, axis=0, return_inverse=True)
    return LevelShape(
        effect, float(sum(s.missing for s in stumps)), signature.reshape(-1)
    )


def _strongest(
    went_right: npt.NDArray[np.bool_], gain: FloatArray, most: int
) -> npt.NDArray[np.bool_]:
    """Distinct splits of the largest gain that leave at most ``most`` signatures."""
    splits, place = np.unique(went_right, axis=0, return_inverse=True)
    total = np.bincount(place.reshape(-1), weights=gain)
    # One split that all levels pass alike, so that no split may be kept at all.
    kept = np.zeros((1, went_right.shape[1]), dtype=bool)
    for k in np.argsort(-total, kind="stable"):
        more = np.concatenate([kept, splits[k : k + 1]])
        if len(np.unique(more.T, axis=0)) <= most:
            kept = more
    return kept
