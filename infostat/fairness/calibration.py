"""Observed against predicted event rates, group by group."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import logit, ndtri

from infostat._frames import build_frame
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.fairness.inputs import read_events, read_rows, row_weight
from infostat.fairness.measures import comparisons_of
from infostat.inference import Estimate
from infostat.inference.estimate import check_level
from infostat.scorecard.logistic import fit_logistic, information_matrix

__all__ = ["group_calibration"]

FloatArray = npt.NDArray[np.float64]


def group_calibration(
    probability: npt.ArrayLike,
    events: npt.ArrayLike,
    groups: Any,
    *,
    level: float = 0.95,
    sample_weight: npt.ArrayLike | None = None,
    like: Any = None,
) -> Any:
    """Observed against predicted event rate within every group.

    Parameters
    ----------
    probability : array-like of shape (n_samples,)
        Predicted probability of the event, strictly between 0 and 1.
    events : array-like of shape (n_samples,)
        1 for events.
    groups : array-like of shape (n_samples, ...), frame or list of Comparison
        Protected attributes, see :func:`read_comparisons`.
    level : float, default=0.95
        Confidence level.
    sample_weight : array-like of shape (n_samples,), optional
        Frequency weights.
    like : frame or str, optional
        Library of the result.

    Returns
    -------
    frame
        One row a group, reference groups included: ``attribute, group, n, event_rate,
        predicted_rate, gap, gap_low, gap_high, slope, slope_low, slope_high``. The
        slope is that of a logistic regression of the outcome on the predicted log-odds;
        one is right, below one the prediction is too extreme. It is NaN, with a
        warning, where the classes of a group are separated.

    Raises
    ------
    InfostatError
        If a probability or the level is not strictly between 0 and 1, an event is
        neither 0 nor 1, lengths differ or a weight is negative.
    """
    p, weight = read_rows(probability, "probability", sample_weight)
    outside = p[(p <= 0) | (p >= 1)]
    if outside.size:
        msg = (
            f"probability holds {outside[0]:g} ({outside.size} of {p.size} rows): it "
            f"must lie strictly between 0 and 1. Give predicted probabilities, and move "
            f"0 and 1 inside."
        )
        raise InfostatError(msg)
    y, w = read_events(events, len(p)), row_weight(weight, len(p))
    reach = float(ndtri((1.0 + check_level(level)) / 2.0))
    columns: dict[str, list[Any]] = {}
    seen = set()
    for c in comparisons_of(groups, len(p), weight):
        for k, name in ((0, c.reference), (1, c.group)):
            if (c.attribute, name) in seen:
                continue
            seen.add((c.attribute, name))
            rows = (c.member == k) & (w > 0)
            gap = _mean(y[rows] - p[rows], w[rows])
            slope, slope_se = _slope(logit(p[rows]), y[rows], w[rows], name)
            row = {
                "attribute": c.attribute,
                "group": name,
                "n": float(w[rows].sum()),
                "event_rate": float(np.average(y[rows], weights=w[rows])),
                "predicted_rate": float(np.average(p[rows], weights=w[rows])),
                "gap": gap.value,
                "gap_low": gap.value - reach * gap.se,
                "gap_high": gap.value + reach * gap.se,
                "slope": slope,
                "slope_low": slope - reach * slope_se,
                "slope_high": slope + reach * slope_se,
            }
            for key, value in row.items():
                columns.setdefault(key, []).append(value)
    return build_frame(columns, like)


def _mean(values: FloatArray, w: FloatArray) -> Estimate:
    """Weighted mean; a weight of two is a repeated row."""
    total = float(w.sum())
    mean = float(np.average(values, weights=w))
    variance = float((w * (values - mean) ** 2).sum()) / max(total - 1.0, 1.0)
    return Estimate(mean, float(np.sqrt(variance / total)), total)


def _slope(
    log_odds: FloatArray, y: npt.NDArray[Any], w: FloatArray, group: str
) -> tuple[float, float]:
    """Slope of the outcome on the predicted log-odds, with its error."""
    design = log_odds[:, None]
    if np.ptp(log_odds) > 0 and 0 < y.sum() < len(y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InfostatWarning)
            fit = fit_logistic(design, y, w)
        if fit.maximum:
            fitted = fit.intercept + design @ fit.coefficients
            inverse = np.linalg.inv(information_matrix(design, fitted, w))
            return float(fit.coefficients[0]), float(np.sqrt(inverse[1, 1]))
    warnings.warn(
        f"The group {group!r} has no calibration slope: its classes are separated, or it "
        f"has one class or one predicted value. Pool groups.",
        InfostatWarning,
        stacklevel=3,
    )
    return float("nan"), float("nan")
