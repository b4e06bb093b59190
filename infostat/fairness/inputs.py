"""What the measures of a score are given: read once, refused in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_numbers
from infostat.exceptions import InfostatError

__all__ = ["read_cutoffs", "read_events", "read_rows", "row_weight"]

FloatArray = npt.NDArray[np.float64]


def read_rows(
    points: Any, name: str, sample_weight: Any
) -> tuple[FloatArray, FloatArray | None]:
    """Read one number a row, and the weights of these rows.

    Parameters
    ----------
    points : array-like of shape (n_samples,)
        Scores or probabilities.
    name : str
        Name of this argument, for messages.
    sample_weight : array-like of shape (n_samples,) or None
        Frequency weights.

    Returns
    -------
    points : ndarray of shape (n_samples,)
    weight : ndarray of shape (n_samples,) or None

    Raises
    ------
    InfostatError
        If a number is not finite, or there is not one weight of at least zero a row.
    """
    score = read_numbers(points, name)
    if sample_weight is None:
        return score, None
    weight = read_numbers(sample_weight, "sample_weight", shape=score.shape, low=0.0)
    if weight.sum() <= 0:
        msg = (
            f"sample_weight holds {weight.size} zeros: at least one row must count. "
            f"Leave it out to weigh all rows alike."
        )
        raise InfostatError(msg)
    return score, weight


def row_weight(weight: FloatArray | None, n_samples: int) -> FloatArray:
    """Weights of rows, ones where none are given."""
    return np.ones(n_samples) if weight is None else weight


def read_events(events: Any, n_samples: int) -> npt.NDArray[np.uint8]:
    """Read an outcome of 0 and 1, one a row.

    Raises
    ------
    InfostatError
        If another value occurs or the length differs.
    """
    found = read_numbers(events, "events", shape=(n_samples,))
    other = found[(found != 0) & (found != 1)]
    if other.size:
        msg = (
            f"events holds {other[0]:g} ({other.size} of {n_samples} rows): it must be 1 "
            f"for events and 0 for non-events. Recode the outcome, and leave out rows "
            f"whose outcome is not known."
        )
        raise InfostatError(msg)
    return found.astype(np.uint8)


def read_cutoffs(cutoffs: Sequence[float]) -> FloatArray:
    """Read cut-offs of a score; there may be none.

    Raises
    ------
    InfostatError
        If one is not a finite number.
    """
    if np.size(cutoffs) == 0:
        return np.zeros(0)
    return read_numbers(cutoffs, "cutoffs")
