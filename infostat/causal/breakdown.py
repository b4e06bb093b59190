"""Breakdown points: how much hidden confounding a conclusion survives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from infostat.causal.intervals import Cover, Sampling, imbens_manski, quantile_of
from infostat.causal.orthogonal import Mixture, Rule
from infostat.causal.rows import ScoreRow, both_ends, score_rows
from infostat.causal.sensitivity import ConfoundedFraction, MarginalSensitivity
from infostat.causal.study import Study

__all__ = ["breakdown_columns", "falling_root"]

FloatArray = npt.NDArray[np.float64]

LARGEST_FACTOR = 1000.0


def breakdown_columns(
    study: Study,
    control: int,
    name: str,
    null: float,
    *,
    level: float,
    target: Cover,
    within: npt.NDArray[np.bool_] | None = None,
) -> dict[str, list[Any]]:
    r"""Smallest confounded fraction and smallest odds factor that admit the null.

    Parameters
    ----------
    study : Study
        The data.
    control : int
        Code of the control.
    name : str
        The estimand.
    null : float
        Value of the estimand that would undo the conclusion.
    level : float
        Confidence level.
    target : {"parameter", "set"}
        What an interval covers.
    within : ndarray of shape (n_samples,), bool, optional
        Rows of a group.

    Returns
    -------
    dict of str to list
        One row an assumption, columns ``estimand, assumption, null, point, breakdown,
        std_error, conf_low, conf_high, robust``. ``breakdown`` is where the estimated
        bound reaches the null, ``robust`` where the confidence end does. A factor above
        1000 is given as 1000. The fraction is 1 where even the assumption-free set
        leaves the null out, or where it cannot be computed without a range (NaN).
    """
    sampling, df = study.sampling, study.sampling.degrees(within)

    def row(rule: Rule) -> ScoreRow:
        found = score_rows(study, rule, control, outcomes=[0])
        return next(r for r in found if r.estimand == name)

    free, exact = row(Mixture()), row(ConfoundedFraction(0.0))
    point = both_ends(exact, sampling, within)[0]
    side = 0 if point.value > null else 1
    sign = 1.0 if side == 0 else -1.0

    def ends(scored: ScoreRow) -> tuple[float, float]:
        """How far the near end, and its confidence end, are from the null."""
        both = both_ends(scored, sampling, within)
        limits = imbens_manski(
            *(both[0].value, both[1].value, both[0].se, both[1].se),
            n=sampling.size,
            level=level,
            target=target,
            df=df,
        )
        return sign * (both[side].value - null), sign * (limits[side] - null)

    out: dict[str, list[Any]] = {
        key: []
        for key in (
            *("estimand", "assumption", "null", "point", "breakdown", "std_error"),
            *("conf_low", "conf_high", "robust"),
        )
    }
    reach = quantile_of((1.0 + level) / 2.0, df)
    gamma = _fraction(free, exact, side, null, sampling, within)
    robust = np.nan
    if np.isfinite(gamma[0]):
        robust = falling_root(lambda g: ends(_mixed(exact, free, g))[1], 0.0, 1.0)
    factor, error, firm = _factor(row, ends, sampling, within, side)
    for label, value, se, limit, low, high in (
        ("gamma", *gamma, robust, 0.0, 1.0),
        ("msm_lambda", factor, error, firm, 1.0, LARGEST_FACTOR),
    ):
        known = np.isfinite(value)
        entry = (
            *(name, label, null, point.value, value, se),
            float(np.clip(value - reach * se, low, high)) if known else np.nan,
            float(np.clip(value + reach * se, low, high)) if known else np.nan,
            limit if known else np.nan,
        )
        for key, cell in zip(out, entry, strict=True):
            out[key].append(cell)
    return out


def _mixed(exact: ScoreRow, free: ScoreRow, gamma: float) -> ScoreRow:
    """Scores of the confounded fraction, which are linear in it."""

    def side(first: tuple[FloatArray, ...], last: tuple[FloatArray, ...]) -> Any:
        if gamma == 0.0:  # an infinite end does not count
            return first
        pairs = zip(first, last, strict=True)
        return tuple((1.0 - gamma) * a + gamma * b for a, b in pairs)

    return ScoreRow(
        free.estimand,
        f"gamma={gamma:g}",
        free.support,
        side(exact.lower, free.lower),
        side(exact.upper, free.upper),
        free.outcome,
    )


def _fraction(
    free: ScoreRow,
    exact: ScoreRow,
    side: int,
    null: float,
    sampling: Sampling,
    within: npt.NDArray[np.bool_] | None,
) -> tuple[float, float]:
    """``gamma* = (tau - null) / (tau - end)`` and its error by the delta method."""
    values, squares = [], []
    for r, point in enumerate(exact.lower):
        end = (free.lower if side == 0 else free.upper)[r]
        if not np.isfinite(end).all():
            return np.nan, np.nan
        got = sampling.averages(np.column_stack([point, end]), within)
        tau, far = got.mean
        gap = tau - far
        if gap == 0.0:
            return 1.0, 0.0
        value = (tau - null) / gap
        gradient = ((1.0 - value) * point + value * end) / gap
        values.append(value)
        squares.append(float(sampling.averages(gradient[:, None], within).se[0]) ** 2)
    middle = float(np.median(values))
    spread = np.array(squares) + (np.array(values) - middle) ** 2
    return float(np.clip(middle, 0.0, 1.0)), float(np.sqrt(np.median(spread)))


def _factor(
    row: Callable[[Rule], ScoreRow],
    ends: Callable[[ScoreRow], tuple[float, float]],
    sampling: Sampling,
    within: npt.NDArray[np.bool_] | None,
    side: int,
) -> tuple[float, float, float]:
    """Odds factor of the estimate, its error, and that of the confidence end."""
    cache: dict[float, ScoreRow] = {}

    def scored(log_factor: float) -> ScoreRow:
        if log_factor not in cache:
            cache[log_factor] = row(MarginalSensitivity(float(np.exp(log_factor))))
        return cache[log_factor]

    far = float(np.log(LARGEST_FACTOR))
    root = falling_root(lambda t: ends(scored(t))[0], 0.0, far)
    firm = falling_root(lambda t: ends(scored(t))[1], 0.0, far)
    factor = float(np.exp(root))
    if root >= far:
        return LARGEST_FACTOR, 0.0, float(np.exp(firm))
    # Implicit function: error of the end over its slope in the factor.
    step = 0.02
    slope = (ends(scored(root + step))[0] - ends(scored(root))[0]) / (
        np.exp(root + step) - factor
    )
    se = both_ends(scored(root), sampling, within)[side].se
    return factor, abs(se / slope) if slope != 0.0 else 0.0, float(np.exp(firm))


def falling_root(gap: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling gap reaches zero; an end of the interval where it does not.

    Parameters
    ----------
    gap : callable
        Falling function of one number.
    low, high : float
        Interval searched.

    Returns
    -------
    float
    """
    first, last = gap(low), gap(high)
    if not first > 0.0:
        return low
    if not last < 0.0:
        return high
    return float(brentq(gap, low, high, xtol=1e-4))
