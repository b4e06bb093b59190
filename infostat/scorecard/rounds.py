"""How many stumps: chosen on rows held out, before all rows are fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import train_test_split

from infostat._sklearn import Target
from infostat.binning.boosting import BoostedColumn, Boosting, best_rounds
from infostat.exceptions import InfostatError

__all__ = ["HeldOut", "chosen_rounds"]


@dataclass(frozen=True)
class HeldOut:
    """How rows are held out.

    Attributes
    ----------
    patience : int
        Rounds without a lower loss after which boosting stops.
    share : float
        Share of the rows held out.
    random_state : int, RandomState or None
        Seed of the split.
    """

    patience: int
    share: float
    random_state: Any


def chosen_rounds(
    columns: Sequence[BoostedColumn],
    target: Target,
    weight: npt.NDArray[np.float64] | None,
    options: Boosting,
    held_out: HeldOut,
) -> int:
    """Number of rounds with the lowest log loss on held-out rows.

    Parameters
    ----------
    columns : sequence of BoostedColumn
        Features.
    target : Target
        Binary target; both classes are in both parts.
    weight : ndarray of shape (n_samples,) or None
        Frequency weights.
    options : Boosting
        With the most rounds.
    held_out : HeldOut
        How rows are held out.

    Returns
    -------
    int

    Raises
    ------
    InfostatError
        If a class is too small to be split.
    """
    rows = np.arange(len(target.y))
    if weight is not None:
        rows = rows[weight > 0]
    fewest = int(np.bincount(target.y[rows], minlength=2).min())
    share = held_out.share
    if fewest * min(share, 1.0 - share) < 1.0:
        msg = (
            f"early_stopping holds out {share:g} of the rows, but one class has only "
            f"{fewest}: set early_stopping=None, or choose another validation_fraction."
        )
        raise InfostatError(msg)
    parts = train_test_split(
        rows,
        test_size=share,
        stratify=target.y[rows],
        random_state=held_out.random_state,
    )
    return best_rounds(
        columns, target.y, weight, options, tuple(parts), held_out.patience
    )
