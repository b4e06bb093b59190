"""A sliding-window test of probabilities along their whole range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from infostat._arrays import read_count, read_numbers
from infostat.exceptions import InfostatError
from infostat.inference.estimate import check_level

__all__ = ["SlidingCalibration", "sliding_calibration_test"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SlidingCalibration:
    """Result of :func:`sliding_calibration_test`.

    Attributes
    ----------
    statistic : float
        Mean absolute gap between predicted and observed rate over the windows.
    floor : float
        Its mean where the probabilities are right: what chance alone produces.
    p_value : float
        Of the hypothesis that every probability is right.
    window : int
        Neighbours in a window.
    n : int
        Rows.
    probability, gap : ndarray of shape (n,)
        Sorted probabilities, and the mean of predicted less observed about each.
    half_width : ndarray of shape (n,)
        Where the probabilities are right, the gap stays within plus or minus this at
        *all* rows at once with probability ``level``.
    level : float
        Level of the band.
    excess : float
        Part of the statistic that chance does not explain; may be negative.
    """

    statistic: float
    floor: float
    p_value: float
    window: int
    n: int
    probability: FloatArray = field(repr=False)
    gap: FloatArray = field(repr=False)
    half_width: FloatArray = field(repr=False)
    level: float

    @property
    def excess(self) -> float:
        """Part of the statistic that chance does not explain; may be negative."""
        return self.statistic - self.floor


def sliding_calibration_test(
    probability: Any,
    outcome: Any,
    *,
    window: int = 200,
    n_resamples: int = 500,
    level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> SlidingCalibration:
    """Test predicted probabilities against outcomes, without choosing bins.

    Rows are sorted by probability, and predicted less observed is averaged over a
    window that slides along them. The statistic is the mean absolute average; its null
    law comes from outcomes drawn from the probabilities themselves.

    Parameters
    ----------
    probability : array-like of shape (n,)
        Predicted probabilities of the event, in [0, 1].
    outcome : array-like of shape (n,)
        1 for events, 0 for non-events; rows that the model has not seen.
    window : int, default=200
        Neighbours in a window; at the ends windows are shorter. At most ``n - 1``.
    n_resamples : int, default=500
        Draws of the null law; each costs one pass over the rows.
    level : float, default=0.95
        Level of the band.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    SlidingCalibration

    Raises
    ------
    InfostatError
        If lengths differ, a probability lies outside [0, 1], an outcome is neither 0
        nor 1, or there are fewer than ten rows; or ``window`` is below 2,
        ``n_resamples`` below 1, or ``level`` not strictly between 0 and 1.

    Notes
    -----
    Rows with the same probability share their mean outcome, so that the order of the
    rows does not matter. On the rows that fitted the model the test is too lenient.

    References
    ----------
    The statistic follows the calibration objective of arXiv 2506.17968, pooled over
    both outcomes and with windows of true length at the ends.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> p = generator.beta(1, 6, size=4000)
    >>> y = generator.random(4000) < p
    >>> sliding_calibration_test(p, y, rng=1).p_value > 0.05
    True
    >>> sliding_calibration_test(p**1.3, y, rng=1).p_value < 0.01
    True
    """
    p, y = _read(probability, outcome)
    window = read_count(window, "window", 2)
    check_level(level)
    n_resamples = read_count(n_resamples, "n_resamples")
    n = p.size
    order = np.argsort(p, kind="stable")
    p, y = p[order], y[order]
    windows = _Windows(p, min(window, n - 1) // 2)
    gap = windows.mean(p - y)
    # Where every probability of a window is 0 or 1 there is nothing to compare.
    spread = np.sqrt(windows.mean(p * (1.0 - p)) / windows.length)
    statistic = float(np.abs(gap).mean())
    generator = np.random.default_rng(rng)
    drawn, largest = np.empty(n_resamples), np.empty(n_resamples)
    for k in range(n_resamples):
        null = np.abs(windows.mean(p - (generator.random(n) < p)))
        drawn[k] = null.mean()
        largest[k] = np.divide(null, spread, out=np.zeros(n), where=spread > 0).max()
    # Equal means may differ in the last digit.
    extreme = int((drawn >= statistic * (1.0 - 1e-12)).sum())
    reach = max(float(np.quantile(largest, level)), float(ndtri((1 + level) / 2)))
    return SlidingCalibration(
        statistic=statistic,
        floor=float(drawn.mean()),
        p_value=(1 + extreme) / (n_resamples + 1),
        window=2 * windows.half,
        n=n,
        probability=p,
        gap=gap,
        half_width=reach * spread,
        level=level,
    )


class _Windows:
    """Means over ``half`` neighbours on either side of each sorted row."""

    def __init__(self, p: FloatArray, half: int) -> None:
        n = p.size
        place = np.arange(n)
        self.half = half
        self._low = np.maximum(place - half, 0)
        self._high = np.minimum(place + half + 1, n)
        self.length = (self._high - self._low).astype(float)
        starts = np.flatnonzero(np.r_[True, np.diff(p) > 0])
        self._starts = starts if starts.size < n else None
        self._sizes = np.diff(np.r_[starts, n])

    def mean(self, values: FloatArray) -> FloatArray:
        """Mean of each window, with ties at their own mean."""
        if self._starts is not None:
            totals = np.add.reduceat(values, self._starts)
            values = np.repeat(totals / self._sizes, self._sizes)
        running = np.concatenate([[0.0], np.cumsum(values)])
        return np.asarray((running[self._high] - running[self._low]) / self.length)


def _read(probability: Any, outcome: Any) -> tuple[FloatArray, FloatArray]:
    """Both columns as checked numbers."""
    limits: dict[str, Any] = {"low": -np.inf, "high": np.inf, "missing": True}
    p = read_numbers(probability, "probability", ndim=None, **limits).ravel()
    y = read_numbers(outcome, "outcome", ndim=None, **limits).ravel()
    if p.size != y.size:
        msg = f"There are {p.size} probabilities but {y.size} outcomes."
        raise InfostatError(msg)
    if p.size < 10:
        msg = f"Calibration needs at least 10 rows, got {p.size}."
        raise InfostatError(msg)
    wrong = ~((p >= 0.0) & (p <= 1.0))
    if wrong.any():
        msg = (
            f"probability holds {p[wrong][0]} in row {int(np.flatnonzero(wrong)[0])}: "
            f"every probability must lie in [0, 1]; drop or impute missing ones."
        )
        raise InfostatError(msg)
    wrong = (y != 0.0) & (y != 1.0)
    if wrong.any():
        msg = (
            f"outcome holds {y[wrong][0]} in row {int(np.flatnonzero(wrong)[0])}: "
            f"code events as 1 and non-events as 0."
        )
        raise InfostatError(msg)
    return p, y
