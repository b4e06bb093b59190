"""Bounds on quantiles: the bounds of the distribution function, inverted."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.causal.intervals import Sampling, quantile_of
from infostat.exceptions import InfostatError

__all__ = ["quantile_columns"]

FloatArray = npt.NDArray[np.float64]

BLOCK = 64
"""Thresholds scored at once where rows are clustered."""


def quantile_columns(
    y: FloatArray,
    arms: npt.NDArray[np.intp],
    levels: npt.NDArray[Any],
    control: int,
    probabilities: list[float],
    sampling: Sampling,
    *,
    low: float,
    high: float,
    level: float,
) -> dict[str, list[Any]]:
    r"""Sharp bounds on quantiles of the marginal law under each treatment.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Outcome.
    arms, levels : ndarray
        Codes and levels of the treatment.
    control : int
        Code of the treatment that the others are compared with.
    probabilities : list of float
        Probabilities of the quantiles.
    sampling : Sampling
        Weights and clusters.
    low, high : float
        Range of the outcome, infinite where unknown.
    level : float
        Confidence level.

    Returns
    -------
    dict of str to list
        Columns of ``bounds_``. Standard errors are NaN: intervals invert those of the
        distribution function. A quantile that the seen outcomes do not reach has the
        end of the range, infinite where that is unknown.

    Raises
    ------
    InfostatError
        If a probability is not between 0 and 1.

    Notes
    -----
    The distribution function lies in :math:`[eF_P(t), eF_P(t) + 1 - e]`; conditional
    quantiles are never averaged. Each end of an interval holds with probability
    :math:`(1 + level)/2`; ends of a difference are differences of ends that hold
    together by Bonferroni's inequality.
    """
    if not all(0.0 < p < 1.0 for p in probabilities):
        msg = f"Quantiles need probabilities between 0 and 1, got at={probabilities}."
        raise InfostatError(msg)
    support = "given" if np.isfinite([low, high]).any() else "none"
    out: dict[str, list[Any]] = {
        name: []
        for name in (
            *("estimand", "method", "lower", "upper", "se_lower", "se_upper"),
            *("ci_lower", "ci_upper", "width", "support"),
        )
    }

    def add(name: str, ends: FloatArray) -> None:
        lower, upper, ci_lower, ci_upper = ends.tolist()
        entry = (name, "sharp", lower, upper, np.nan, np.nan, ci_lower, ci_upper)
        for key, value in zip(out, (*entry, upper - lower, support), strict=True):
            out[key].append(value)

    tail = (1.0 - level) / 2.0
    for p in probabilities:
        found = []
        for arm, label in enumerate(levels):
            curve = _Curve(y, arms == arm, sampling, low, high)
            add(f"Q{p:g}[Y({label})]", curve.ends(p, tail))
            found.append(curve.ends(p, tail / 2.0))
        base = found[control]
        for arm, label in enumerate(levels):
            if arm != control:
                name = f"Q{p:g}[Y({label})] - Q{p:g}[Y({levels[control]})]"
                add(name, found[arm] - base[[1, 0, 3, 2]])
    return out


class _Curve:
    """Bounds of one distribution function on a grid of thresholds."""

    def __init__(
        self,
        y: FloatArray,
        taken: npt.NDArray[np.bool_],
        sampling: Sampling,
        low: float,
        high: float,
    ) -> None:
        self.points, self.low, self.high = np.unique(y[taken]), low, high
        self.df = sampling.degrees()
        # The untaken rows add the same to every threshold of the upper curve.
        self.lower, self.s_lower = _below(y, taken, self.points, sampling, free=False)
        self.upper, self.s_upper = _below(y, taken, self.points, sampling, free=True)
        # Without mass below the first seen value only the untaken rows may lie there.
        nothing = sampling.averages((~taken).astype(np.float64)[:, None])
        self.floor, self.s_floor = float(nothing.mean[0]), float(nothing.se[0])

    def ends(self, p: float, tail: float) -> FloatArray:
        """Lower, upper, and the ends of the interval with this error each."""
        z = -quantile_of(tail, self.df)
        return np.array(
            [
                self._first(self.upper, p, self.floor),
                self._first(self.lower, p, 0.0),
                self._first(
                    self.upper + z * self.s_upper, p, self.floor + z * self.s_floor
                ),
                self._first(self.lower - z * self.s_lower, p, 0.0),
            ]
        )

    def _first(self, curve: FloatArray, p: float, floor: float) -> float:
        """Smallest threshold where a curve reaches ``p``."""
        if floor >= p:
            return self.low
        reached = np.flatnonzero(np.maximum.accumulate(curve) >= p * (1.0 - 1e-12))
        return float(self.points[reached[0]]) if len(reached) else self.high


def _below(
    y: FloatArray,
    taken: npt.NDArray[np.bool_],
    points: FloatArray,
    sampling: Sampling,
    *,
    free: bool,
) -> tuple[FloatArray, FloatArray]:
    """Share of rows at or below each point, and its error.

    Untaken rows count as below everything where ``free``. The scores are zero or one,
    so that sums of weights and of their squares are all that is needed; clusters are
    summed score by score, in blocks.
    """
    n_points = len(points)
    if sampling.cluster is not None:
        means, errors = [], []
        for start in range(0, n_points, BLOCK):
            part = points[start : start + BLOCK]
            score = np.where(taken[:, None], y[:, None] <= part, free)
            got = sampling.averages(score.astype(np.float64))
            means.append(got.mean)
            errors.append(got.se)
        return np.concatenate(means), np.concatenate(errors)
    weight = np.ones(len(y)) if sampling.weight is None else sampling.weight
    place = np.searchsorted(points, y[taken])
    total = weight.sum()
    frequent = sampling.weight is None or sampling.frequency
    square = weight if frequent else weight**2
    sums = []
    for mass in (weight, square):
        first = mass[~taken].sum() if free else 0.0
        sums.append(first + np.cumsum(np.bincount(place, mass[taken], n_points)))
    mean = sums[0] / total
    size = total if frequent else float(np.count_nonzero(weight))
    variance = sums[1] * (1.0 - 2.0 * mean) + mean**2 * square.sum()
    factor = size / max(size - 1.0, 1.0)
    return mean, np.sqrt(np.maximum(factor * variance, 0.0)) / total
