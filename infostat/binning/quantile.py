"""Quantile cuts out of one sort; repeated rows and weights agree exactly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["quantile_cuts"]

FloatArray = npt.NDArray[np.float64]


def quantile_cuts(
    values: FloatArray, n_bins: int, weight: FloatArray | None = None
) -> FloatArray:
    """Cuts at the ``1/n, ..., (n-1)/n`` quantiles, or between all distinct values.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Numbers; NaN and infinities do not move the cuts.
    n_bins : int
        Number of bins wanted.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights; a weight of two equals a repeated row.

    Returns
    -------
    ndarray of shape (at most n_bins - 1,)
        Increasing observed values; fewer where values repeat. Each is a right-closed
        cut, and none is the largest value.
    """
    if weight is not None:
        kept = weight > 0
        values, weight = values[kept], weight[kept]
        order = np.argsort(values, kind="stable")
        ranked, cumulative = values[order], np.cumsum(weight[order])
    else:
        ranked = np.sort(values)
        cumulative = None
    # NaN and +inf sort to the end, -inf to the start.
    low = int(np.searchsorted(ranked, -np.inf, side="right"))
    high = int(np.searchsorted(ranked, np.inf, side="left"))
    if high - low < 2:
        return np.empty(0)
    finite = ranked[low:high]
    changes = np.flatnonzero(finite[1:] != finite[:-1])
    if changes.size < n_bins:
        return np.asarray(finite[changes])
    level = np.arange(1, n_bins) / n_bins
    if cumulative is None:
        place = np.ceil(level * finite.size - 1e-9).astype(np.intp) - 1
    else:
        start = cumulative[low - 1] if low else 0.0
        total = cumulative[high - 1] - start
        target = start + level * total
        place = np.searchsorted(
            cumulative[low:high], target - 1e-9 * total, side="left"
        )
    cuts = np.unique(finite[np.clip(place, 0, finite.size - 1)])
    return np.asarray(cuts[cuts < finite[-1]])
