"""How well scores rank: the area under the ROC curve with its error."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.inference import Estimate

__all__ = ["area_under_curve"]

FloatArray = npt.NDArray[np.float64]


def area_under_curve(
    points: npt.ArrayLike,
    events: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
) -> Estimate:
    """Chance that a non-event has more points than an event, ties counting half.

    Parameters
    ----------
    points : array-like of shape (n_samples,)
        Scores; more points mean fewer events.
    events : array-like of shape (n_samples,)
        1 for events, 0 for non-events.
    weight : array-like of shape (n_samples,), optional
        Frequency weights.

    Returns
    -------
    Estimate
        With the error of DeLong, DeLong and Clarke-Pearson (1988), from the placements
        of each class among the other.

    Raises
    ------
    InfostatError
        If a class has fewer than two rows.
    """
    score, y = np.asarray(points, dtype=float), np.asarray(events)
    w = np.ones(score.shape) if weight is None else np.asarray(weight, dtype=float)
    values, place = np.unique(score, return_inverse=True)
    counts = np.stack(
        [
            np.bincount(place, weights=w * (y == k), minlength=values.size)
            for k in (0, 1)
        ]
    )
    totals = counts.sum(axis=1)
    if (totals < 2).any():
        msg = (
            f"An area needs two rows of each class, got {totals[1]:g} events and "
            f"{totals[0]:g} non-events."
        )
        raise InfostatError(msg)
    # Share of the other class on the wrong side, ties half, at every score.
    middle = np.cumsum(counts, axis=1) - 0.5 * counts
    placements = (middle[1] / totals[1], 1.0 - middle[0] / totals[0])
    area = float((counts[0] * placements[0]).sum() / totals[0])
    variance = sum(
        float((counts[k] * (placements[k] - area) ** 2).sum())
        / (totals[k] - 1.0)
        / totals[k]
        for k in (0, 1)
    )
    return Estimate(
        area, float(np.sqrt(variance)), float(totals.sum()), method="DeLong"
    )
