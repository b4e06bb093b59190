"""What a model says of rows: its score, and where it has one the log-odds of the event.

Models are known by what they can do, never by their class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError

__all__ = ["ModelScores", "model_bins", "model_scores"]

FloatArray = npt.NDArray[np.float64]

FARTHEST = 30.0
"""Log-odds beyond which a probability is zero or one in floating point."""


@dataclass(frozen=True, eq=False)
class ModelScores:
    """Outputs of a model.

    Attributes
    ----------
    score : ndarray of shape (n_samples,)
        Points of a card, probability of the event of a classifier, or whatever a
        callable returns.
    log_odds : ndarray of shape (n_samples,) or None
        Predicted log-odds of the event; None where the model gives no probability.
    """

    score: FloatArray
    log_odds: FloatArray | None


def model_scores(model: Any, X: Any) -> ModelScores:
    """Score rows with whatever the model offers.

    Parameters
    ----------
    model : fitted card, classifier, regressor or callable
        Asked in this order: ``points`` and ``log_odds`` (a saved card),
        ``predict_points`` with ``predict_proba``, ``predict_proba``, ``predict``, a
        call.
    X : frame or array-like of shape (n_samples, n_features)
        Rows as the model takes them.

    Returns
    -------
    ModelScores

    Raises
    ------
    InfostatError
        If the model offers none of these, or does not return a number a row.
    """
    n_rows = int(X.shape[0])
    if hasattr(model, "points") and hasattr(model, "log_odds"):
        return ModelScores(
            _vector(model.points(X), n_rows), _vector(model.log_odds(X), n_rows)
        )
    if hasattr(model, "predict_proba"):
        event = _event_probability(model, X, n_rows)
        with np.errstate(divide="ignore"):
            log_odds = np.log(event) - np.log1p(-event)
        log_odds = np.clip(log_odds, -FARTHEST, FARTHEST)
        if hasattr(model, "predict_points"):
            return ModelScores(_vector(model.predict_points(X), n_rows), log_odds)
        return ModelScores(event, log_odds)
    if hasattr(model, "predict"):
        return ModelScores(_vector(model.predict(X), n_rows), None)
    if callable(model):
        return ModelScores(_vector(model(X), n_rows), None)
    msg = (
        f"model is {type(model).__name__}, which gives no score: use a fitted card, an "
        f"estimator with predict_proba or predict, or a function of the rows."
    )
    raise InfostatError(msg)


def model_bins(model: Any) -> dict[str, Any]:
    """Bins that a card brings along; none for other models."""
    card = getattr(model, "card_", model)
    features = getattr(card, "features", None)
    if isinstance(features, dict):
        return {name: feature.bins for name, feature in features.items()}
    return {}


def _event_probability(model: Any, X: Any, n_rows: int) -> FloatArray:
    """Probability of the event: of ``event_`` where the model knows it, else the last."""
    both = np.asarray(model.predict_proba(X), dtype=np.float64)
    if both.ndim != 2 or both.shape != (n_rows, 2):
        msg = (
            f"predict_proba returned the shape {both.shape}: a binary classifier gives "
            f"two columns a row."
        )
        raise InfostatError(msg)
    classes = list(getattr(model, "classes_", (0, 1)))
    event = getattr(model, "event_", classes[1])
    return both[:, classes.index(event)]


def _vector(values: Any, n_rows: int) -> FloatArray:
    out = np.asarray(values, dtype=np.float64)
    if out.shape == (n_rows, 1):
        out = out[:, 0]
    if out.shape != (n_rows,):
        msg = (
            f"The model returned the shape {out.shape} for {n_rows} rows: it must give "
            f"one number a row."
        )
        raise InfostatError(msg)
    return out
