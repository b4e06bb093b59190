"""What a card knows of one feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.counts import CountTable

__all__ = ["FeatureCard"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FeatureCard:
    """What a card knows of one feature; arrays have one entry a bin.

    Attributes
    ----------
    bins : Bins
        Its bins.
    table : CountTable
        Their counts at fit.
    woe, woe_se : ndarray of shape (n_bins,)
        Weight of evidence in the card's sign, and its standard error, NaN for an empty
        bin.
    smoothed : ndarray of shape (n_bins,), bool
        Bins that lack a class.
    effect : ndarray of shape (n_bins,)
        Log-odds of the event that the bin adds.
    points : ndarray of shape (n_bins,)
        Points, rounded where the card rounds.
    points_se : ndarray of shape (n_bins,) or None
        Standard error of the unrounded points; None where the fit has none.
    value : dict
        Information value with its error: estimate, std_error, conf_low, conf_high,
        p_value, p_adjusted, n_bins, n_merged.
    coefficient, coefficient_se : float or None
        Of the weight of evidence in the regression; None for a one-hot card, and the
        error where the fit has none.
    variance_inflation : float or None
        Of the evidence among that of the other features; None for a one-hot card.
    """

    bins: Bins
    table: CountTable
    woe: FloatArray
    woe_se: FloatArray
    smoothed: npt.NDArray[np.bool_]
    effect: FloatArray
    points: FloatArray
    points_se: FloatArray | None
    value: dict[str, float]
    coefficient: float | None
    coefficient_se: float | None
    variance_inflation: float | None = None
