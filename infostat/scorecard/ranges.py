"""Constraints on points: a range for the score, a span for a feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.scorecard.scaling import Scaling

__all__ = ["check_range", "coefficient_limits", "range_scaling", "rounded_in_range"]

FloatArray = npt.NDArray[np.float64]


def check_range(points_range: Any, rounding: int | None) -> tuple[float, float]:
    """Return the smallest and the largest score, raise where they cannot be.

    Raises
    ------
    InfostatError
        If they are not two increasing finite numbers, or have more decimals than points.
    """
    try:
        low, high = (float(value) for value in points_range)
    except (TypeError, ValueError) as error:
        msg = (
            f"points_range must be the smallest and the largest score, such as "
            f"(300, 850), got {points_range!r}."
        )
        raise InfostatError(msg) from error
    if not (np.isfinite([low, high]).all() and low < high):
        msg = f"points_range must be finite and increasing, got {points_range!r}."
        raise InfostatError(msg)
    if rounding is not None and [low, high] != [
        round(v, rounding) for v in (low, high)
    ]:
        msg = (
            f"points_range {points_range!r} has more decimals than the points "
            f"(rounding={rounding}): round it, or raise rounding."
        )
        raise InfostatError(msg)
    return low, high


def range_scaling(
    ends: tuple[float, float],
    base_odds: float,
    intercept: float,
    effects: list[FloatArray],
    filled: list[npt.NDArray[np.bool_]],
) -> Scaling:
    """Line on which the worst and the best possible row score at the ends.

    Parameters
    ----------
    ends : tuple of float
        Smallest and largest score.
    base_odds : float
        Odds at which the line's base points are given.
    intercept : float
        Log-odds of the event with all effects zero.
    effects : list of ndarray of shape (n_bins,)
        Log-odds that each bin adds.
    filled : list of ndarray of shape (n_bins,), bool
        Bins that occurred at fit.

    Returns
    -------
    Scaling

    Raises
    ------
    InfostatError
        If all rows have the same log-odds.
    """
    pairs = list(zip(effects, filled, strict=True))
    worst = intercept + sum(float(e[f].max()) for e, f in pairs)
    best = intercept + sum(float(e[f].min()) for e, f in pairs)
    if worst - best < 1e-9:
        msg = (
            "No feature carries evidence, so all rows score alike and points_range "
            "cannot be met: leave points_range=None."
        )
        raise InfostatError(msg)
    factor = (ends[1] - ends[0]) / (worst - best)
    offset = ends[1] + factor * best
    return Scaling(
        pdo=factor * float(np.log(2.0)),
        base_points=offset + factor * float(np.log(base_odds)),
        base_odds=base_odds,
    )


def rounded_in_range(
    exact: list[FloatArray],
    filled: list[npt.NDArray[np.bool_]],
    rounding: int,
    ends: tuple[float, float],
) -> list[FloatArray]:
    """Round points so that the smallest and the largest score are met exactly.

    What rounding leaves over is spread, one unit each, over the features whose end lies
    nearest to the next unit (largest remainders).

    Parameters
    ----------
    exact : list of ndarray of shape (n_bins,)
        Points whose smallest and largest sums are the ends.
    filled : list of ndarray of shape (n_bins,), bool
        Bins that occurred at fit.
    rounding : int
        Decimals.
    ends : tuple of float
        Smallest and largest score.

    Returns
    -------
    list of ndarray of shape (n_bins,)
    """
    unit = 10.0**-rounding
    low = np.array([p[f].min() for p, f in zip(exact, filled, strict=True)])
    high = np.array([p[f].max() for p, f in zip(exact, filled, strict=True)])
    room = high - low
    floor = _settled(low, room, unit, ends[0])
    ceiling = _settled(high, room, unit, ends[1])
    out = []
    for k, points in enumerate(exact):
        rounded = np.clip(np.round(points, rounding), floor[k], ceiling[k])
        rounded[points <= low[k]] = floor[k]
        rounded[points >= high[k]] = ceiling[k] if room[k] > 0 else floor[k]
        out.append(np.round(rounded, rounding))
    return out


def _settled(
    ends: FloatArray, room: FloatArray, unit: float, total: float
) -> FloatArray:
    """Round the features' ends to units so that they add up to the total."""
    rounded = np.round(ends / unit) * unit
    left = round((total - rounded.sum()) / unit)
    direction = np.sign(left)
    movable = room > 2.0 * unit
    remainder = np.where(movable, direction * (ends - rounded), -np.inf)
    order = np.argsort(-remainder, kind="stable")[: int(movable.sum())]
    moved = order[: abs(left)]
    rounded[moved] += direction * unit
    # With too few features to share it, the widest one takes what is left.
    rounded[room.argmax()] += direction * unit * (abs(left) - len(moved))
    return rounded


def coefficient_limits(
    spans: float | Mapping[str, float],
    names: list[str],
    evidence: list[FloatArray],
    filled: list[npt.NDArray[np.bool_]],
    factor: float,
) -> FloatArray:
    """Largest absolute coefficient with which each feature stays within its span.

    Parameters
    ----------
    spans : float or mapping of str to float
        Most points between two bins of a feature; features not named have no limit.
    names : list of str
        Features of the card.
    evidence : list of ndarray of shape (n_bins,)
        Evidence of each bin.
    filled : list of ndarray of shape (n_bins,), bool
        Bins that occurred at fit.
    factor : float
        Points per unit of log-odds.

    Returns
    -------
    ndarray of shape (n_features,)
        Infinite for a feature without a limit or without variation.

    Raises
    ------
    InfostatError
        If a span is not positive.
    """
    by_name = spans if isinstance(spans, Mapping) else dict.fromkeys(names, spans)
    limits = np.full(len(names), np.inf)
    for k, name in enumerate(names):
        if name not in by_name:
            continue
        span = by_name[name]
        if isinstance(span, bool) or not isinstance(span, int | float) or not span > 0:
            msg = (
                f"max_points_span of {name!r} must be a positive number, got {span!r}."
            )
            raise InfostatError(msg)
        reach = float(np.ptp(evidence[k][filled[k]]))
        if reach > 0:
            limits[k] = span / (factor * reach)
    return limits
