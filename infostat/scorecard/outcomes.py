"""Outcomes of scored rows, read as the estimators read them."""

from __future__ import annotations

from typing import Any

from infostat._arrays import as_array
from infostat._sklearn import read_target, read_weight
from infostat.exceptions import InfostatError
from infostat.inference.options import check_weight_type
from infostat.inference.score_table import ScoreTable

__all__ = ["Outcomes"]


class Outcomes:
    """Rows with outcomes.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Binary target.
    event : object or None
        Label of the event.
    sample_weight : array-like of shape (n_samples,) or None
        Weights.
    weight_type : {"frequency", "sampling"}
        What they mean.

    Raises
    ------
    InfostatError
        If the target has not two labels, or a weight cannot be used.
    """

    def __init__(
        self, y: Any, event: Any, sample_weight: Any, weight_type: str
    ) -> None:
        check_weight_type(weight_type)
        shape = as_array(y, "y").shape
        size = shape[0] if len(shape) == 1 else 0
        if not size:
            msg = f"y must be a column of outcomes with rows, got shape {shape}."
            raise InfostatError(msg)
        self.weight = read_weight(sample_weight, size)
        try:
            self.events = read_target(self, y, event, size, self.weight).y
        except ValueError as error:
            msg = f"y must hold two labels: {' '.join(str(error).split())[:300]}"
            raise InfostatError(msg) from error
        self.sampling = weight_type == "sampling" and self.weight is not None

    def count(self, scores: Any, name: str) -> ScoreTable:
        """Table of scores."""
        return ScoreTable.count(
            as_array(scores, name),
            self.events,
            self.weight,
            sampling=self.sampling,
            name=name,
        )
