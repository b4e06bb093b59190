"""Points that each bin lacks against a baseline: what an export ranks as reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from infostat.scorecard.reasons import DIGITS, Baseline, baseline_points

if TYPE_CHECKING:
    from infostat.scorecard.scorecard import Scorecard

__all__ = ["reason_order", "shortfalls"]

FloatArray = npt.NDArray[np.float64]


def shortfalls(
    card: Scorecard, baseline: Baseline = "maximum"
) -> dict[str, FloatArray]:
    """Points that each bin lacks, as :func:`.reason_codes` counts them.

    Parameters
    ----------
    card : Scorecard
        The card.
    baseline : {"maximum", "mean", "neutral"}, default="maximum"
        See :func:`.reason_codes`.

    Returns
    -------
    dict of str to ndarray of shape (n_bins,)
        Zero where a bin gives no reason.
    """
    aims = baseline_points(card, baseline)
    return {
        name: np.maximum(np.round(aim - feature.points, DIGITS), 0.0)
        for (name, feature), aim in zip(card.features.items(), aims, strict=True)
    }


def reason_order(card: Scorecard) -> list[str]:
    """Features in the order that breaks ties: information value, then name."""
    return sorted(
        card.features,
        key=lambda name: (-float(card.features[name].value["estimate"]), name),
    )
