"""Rows that choose a frontier's points, and rows that measure and certify them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatWarning

__all__ = ["Holdout", "hold_out"]

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Holdout:
    """A split of the rows.

    Attributes
    ----------
    chosen, held : ndarray of int
        Rows that choose, and rows that measure.
    apart : bool
        Whether they are different rows.
    """

    chosen: Places
    held: Places
    apart: bool


def hold_out(
    y: npt.NDArray[Any],
    share: float | None,
    random: np.random.RandomState,
    confidence: float | None = None,
) -> Holdout:
    """Split rows, each class in the same proportion.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        1 for events.
    share : float or None
        Share of the rows to hold out.
    random : RandomState
        Source of randomness.
    confidence : float, optional
        Confidence of the caps, which needs rows that are held out.

    Returns
    -------
    Holdout
        All rows in both parts, with a warning, without a share or where a part would
        hold fewer than two rows of a class.
    """
    from sklearn.model_selection import train_test_split

    everything = np.arange(len(y))
    smallest = int(np.bincount(y, minlength=2).min())
    if share is not None and smallest * min(share, 1.0 - share) >= 2:
        parts = train_test_split(
            everything, test_size=float(share), random_state=random, stratify=y
        )
        return Holdout(np.sort(parts[0]), np.sort(parts[1]), apart=True)
    said = (
        "The points are measured on the rows that chose them, which flatters them: "
        "set holdout, or bring more rows of each class."
    )
    if confidence is not None:
        said += (
            f" Nor is any point certified: confidence={confidence:g} holds for each "
            f"candidate alone, and choosing among candidates uses it up. With a holdout, "
            f"such as 0.3, the points are certified on rows that did not choose."
        )
    warnings.warn(said, InfostatWarning, stacklevel=3)
    return Holdout(everything, everything, apart=False)
