"""Intervals for the probabilities that a card predicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.scorecard.scaling import event_probability

if TYPE_CHECKING:
    from infostat.scorecard.scorecard import Scorecard

__all__ = ["probability_interval"]

FloatArray = npt.NDArray[np.float64]


def probability_interval(
    card: Scorecard, X: Any, level: float
) -> tuple[FloatArray, FloatArray]:
    """Ends for the probability of the event of each row, see :meth:`.Scorecard.interval`.

    Parameters
    ----------
    card : Scorecard
        The card.
    X : frame or ndarray of shape (n_samples, n_features)
        Columns of the card.
    level : float
        Confidence level.

    Returns
    -------
    low, high : ndarray of shape (n_samples,)

    Raises
    ------
    InfostatError
        If the card has no standard errors, or the level is out of range.
    """
    from scipy.special import ndtri

    covariance = card.covariance
    if covariance is None:
        msg = (
            "This card has no standard errors: it was fitted by a penalised "
            "estimator, on separated classes or with collinear features. Refit with "
            "estimator=None and fewer bins or features."
        )
        if card.encoding == "boosted":
            msg = (
                "This card has no standard errors: boosting shrinks and selects its "
                "stumps, and no law of its points is known. Refit on bootstrap "
                "samples, or use ScorecardClassifier(binner=StumpBinner())."
            )
        raise InfostatError(msg)
    if not 0.0 < level < 1.0:
        msg = f"level must lie strictly between 0 and 1, got {level}."
        raise InfostatError(msg)
    codes = card.codes(X)
    size = len(next(iter(codes.values())))
    log_odds = np.full(size, card.intercept)
    variance = np.full(size, covariance[0, 0])
    places: list[npt.NDArray[np.intp]] = []
    start = 1
    for name, feature in card.features.items():
        code = codes[name]
        place = code.astype(np.intp) + start
        start += feature.bins.n_bins
        log_odds += feature.effect[code]
        variance += covariance[place, place]
        variance += 2.0 * covariance[0, place]
        for other in places:
            variance += 2.0 * covariance[place, other]
        places.append(place)
    reach = ndtri((1.0 + level) / 2.0) * np.sqrt(np.maximum(variance, 0.0))
    return event_probability(log_odds - reach), event_probability(log_odds + reach)
