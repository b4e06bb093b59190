"""True shares of a generated predictor over bins, and their divergence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.divergences import Jeffreys, contributions

__all__ = ["TrueBins", "jeffreys"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrueBins:
    """True law of a predictor over bins.

    Attributes
    ----------
    labels : tuple of str
        Names of the bins: missing, special codes, then ordinary values.
    share : ndarray of shape (n_bins,)
        Share of all rows in the bin.
    events, non_events : ndarray of shape (n_bins,)
        Share of the bin among events and among non-events; each sums to one.
    event_rate : ndarray of shape (n_bins,)
        Default rate within the bin; NaN where the bin is empty.
    group_share : ndarray of shape (n_bins,)
        Share of the protected group "B" within the bin; NaN where it is empty.
    """

    labels: tuple[str, ...]
    share: FloatArray
    events: FloatArray
    non_events: FloatArray
    event_rate: FloatArray
    group_share: FloatArray


def jeffreys(first: FloatArray, second: FloatArray) -> float:
    """Jeffreys divergence of two share vectors."""
    value = float(contributions(first, second, Jeffreys()).sum())
    # Equal laws differ by rounding alone: a divergence of about 1e-31.
    return value if value > 1e-25 else 0.0
