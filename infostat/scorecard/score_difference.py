"""Whether one score ranks better than another on the same rows."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from infostat.inference.estimate import Estimate
from infostat.inference.measure import WeightType
from infostat.inference.roc import paired_area_difference
from infostat.scorecard.outcomes import Outcomes

__all__ = ["auc_difference"]


def auc_difference(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    y: Any,
    *,
    event: Any = None,
    sample_weight: npt.ArrayLike | None = None,
    weight_type: WeightType = "frequency",
    higher_is_riskier: bool = False,
) -> Estimate:
    """Difference of the AUC of two scores on the same rows.

    Parameters
    ----------
    first, second : array-like of shape (n_samples,)
        Two scores of the same direction; their units do not matter.
    y : array-like of shape (n_samples,)
        Binary target.
    event : object, optional
        Label of the event; by default 1, True, or (with a warning) the second label.
    sample_weight : array-like of shape (n_samples,), optional
        Weights.
    weight_type : {"frequency", "sampling"}, default="frequency"
        Frequency weights stand for repeated rows, sampling weights enter errors through
        their squares.
    higher_is_riskier : bool, default=False
        Whether larger scores mean more events; points mean fewer.

    Returns
    -------
    Estimate
        AUC of the first less that of the second, with DeLong's paired error.

    Raises
    ------
    InfostatError
        See :func:`score_performance`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 500)
    >>> good, poor = -y + rng.normal(size=500), -y + 3 * rng.normal(size=500)
    >>> gap = auc_difference(good, poor, y)
    >>> gap.value > 0, gap.p_value() < 0.001
    (True, True)
    """
    rows = Outcomes(y, event, sample_weight, weight_type)
    tables = [
        rows.count(scores, name)
        for scores, name in ((first, "first"), (second, "second"))
    ]
    if not higher_is_riskier:
        tables = [-table for table in tables]
    return paired_area_difference(
        tables[0], tables[1], rows.events, rows.weight, sampling=rows.sampling
    )
