"""The tables of a card, in the user's own frame library."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from infostat._frames import build_frame
from infostat.evidence import value_parts
from infostat.inference.estimate import check_level
from infostat.scorecard.scorecard import Scorecard

__all__ = ["bin_table", "feature_table"]


def feature_table(card: Scorecard, like: Any = None) -> Any:
    """One row a feature: information value with error, and its coefficient.

    Parameters
    ----------
    card : Scorecard
        The card.
    like : frame or str, optional
        Frame whose library to use, or its name.

    Returns
    -------
    frame
        Columns ``feature, bins, estimate, std_error, conf_low, conf_high, p_value,
        p_adjusted``, then ``coefficient`` (and ``coefficient_std_error`` where the fit
        has one; zero for a coefficient that is not estimated, being held at a bound or
        that of a constant column) and ``variance_inflation`` (infinite where other
        features determine this one) for a card on weights of evidence. Sorted by
        estimate, largest first. ``bins`` counts the bins that the inference speaks of.
    """
    names = sorted(card.features, key=lambda n: -card.features[n].value["estimate"])
    cards = [card.features[name] for name in names]
    columns: dict[str, Any] = {
        "feature": names,
        "bins": [int(c.value["n_bins"]) for c in cards],
    }
    for key in (
        "estimate",
        "std_error",
        "conf_low",
        "conf_high",
        "p_value",
        "p_adjusted",
    ):
        columns[key] = [float(c.value[key]) for c in cards]
    if card.encoding == "woe":
        columns["coefficient"] = [float(c.coefficient or 0.0) for c in cards]
        if card.covariance is not None:
            columns["coefficient_std_error"] = [
                float(c.coefficient_se or 0.0) for c in cards
            ]
        if all(c.variance_inflation is not None for c in cards):
            columns["variance_inflation"] = [c.variance_inflation for c in cards]
    return build_frame(columns, like)


def bin_table(card: Scorecard, level: float = 0.95, like: Any = None) -> Any:
    """One row a filled bin: counts, evidence with interval, and points.

    Parameters
    ----------
    card : Scorecard
        The card.
    level : float, default=0.95
        Confidence level of the interval for the weight of evidence.
    like : frame or str, optional
        Frame whose library to use, or its name.

    Returns
    -------
    frame
        Columns ``feature, bin, events, non_events, event_rate, woe, std_error,
        conf_low, conf_high, iv, points`` (and ``points_std_error`` where the fit has
        one) and ``smoothed``, which marks bins that lack a class.
    """
    reach = float(ndtri((1.0 + check_level(level)) / 2.0))
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            "feature",
            "bin",
            "events",
            "non_events",
            "event_rate",
            "woe",
            "std_error",
            "conf_low",
            "conf_high",
            "iv",
            "points",
        )
    }
    errors, smoothed = [], []
    for name, feature in card.features.items():
        table = feature.table
        parts = value_parts(table).value
        for k in np.flatnonzero(table.weight.sum(axis=1) > 0):
            woe, se = float(feature.woe[k]), float(feature.woe_se[k])
            row = (
                name,
                table.labels[k],
                float(table.events[k]),
                float(table.non_events[k]),
                float(table.event_rate[k]),
                woe,
                se,
                woe - reach * se,
                woe + reach * se,
                float(parts[k]),
                float(feature.points[k]),
            )
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
            smoothed.append(bool(feature.smoothed[k]))
            if feature.points_se is not None:
                errors.append(float(feature.points_se[k]))
    out: dict[str, Any] = dict(columns)
    if card.covariance is not None:
        out["points_std_error"] = errors
    out["smoothed"] = smoothed
    return build_frame(out, like)
