"""Points that each bin lacks against a baseline: what reason codes rank in an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError

if TYPE_CHECKING:
    from infostat.scorecard.scorecard import Scorecard

__all__ = ["BASELINES", "baseline_points", "reason_order", "shortfalls"]

FloatArray = npt.NDArray[np.float64]

BASELINES = ("max", "mean", "neutral")
"""Most points of a feature, points of the average applicant, points without evidence."""


def baseline_points(card: Scorecard, baseline: str = "max") -> dict[str, float]:
    """Points of each feature that shortfalls are measured from.

    Parameters
    ----------
    card : Scorecard
        The card.
    baseline : {"max", "mean", "neutral"}, default="max"
        Most points of a bin that had rows at fit; mean over the rows of the fit; or the
        points of a bin without evidence.

    Returns
    -------
    dict of str to float

    Raises
    ------
    InfostatError
        If there is no such baseline.
    """
    if baseline not in BASELINES:
        msg = f"There is no baseline {baseline!r}: choose {', '.join(BASELINES)}."
        raise InfostatError(msg)
    # bin_points spreads the base evenly: a bin of effect zero has this share.
    base = float(card.scaling.points(card.intercept)) / max(len(card.features), 1)
    out = {}
    for name, feature in card.features.items():
        size = feature.table.weight.sum(axis=1)
        if baseline == "neutral" or size.sum() <= 0:
            out[name] = base if card.rounding is None else round(base, card.rounding)
        elif baseline == "max":
            out[name] = float(feature.points[size > 0].max())
        else:
            out[name] = float(np.average(feature.points, weights=size))
    return out


def shortfalls(card: Scorecard, baseline: str = "max") -> dict[str, FloatArray]:
    """Points that each bin lacks; a bin at its feature's maximum lacks none.

    Parameters
    ----------
    card : Scorecard
        The card.
    baseline : {"max", "mean", "neutral"}, default="max"
        See :func:`baseline_points`.

    Returns
    -------
    dict of str to ndarray of shape (n_bins,)
        Zero where a feature gives no reason.
    """
    best = baseline_points(card, "max")
    base = baseline_points(card, baseline)
    return {
        name: np.where(
            feature.points < best[name],
            np.maximum(base[name] - feature.points, 0.0),
            0.0,
        )
        for name, feature in card.features.items()
    }


def reason_order(card: Scorecard) -> list[str]:
    """Features in the order that breaks ties: information value, then name."""
    return sorted(
        card.features,
        key=lambda name: (-float(card.features[name].value["estimate"]), name),
    )
