"""Quantile cuts, exact and without a full sort; repeated rows and weights agree."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from infostat.binning.cells import LARGE, Cells

__all__ = ["counted_quantiles", "quantile_cuts"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Counts = npt.NDArray[np.int64]


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
        return _ranked_cuts(values[order], n_bins, np.cumsum(weight[order]))
    return counted_quantiles(values, n_bins, np.zeros(values.size, dtype=np.uint8))[0]


def counted_quantiles(
    values: FloatArray, n_bins: int, classes: npt.NDArray[np.uint8]
) -> tuple[FloatArray, Counts]:
    """Quantile cuts and the counts of the bins between them, in one pass.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        See :func:`quantile_cuts`.
    n_bins : int
        Number of bins wanted.
    classes : ndarray of shape (n_samples,)
        0 or 1.

    Returns
    -------
    cuts : ndarray of shape (n_cuts,)
        As :func:`quantile_cuts` gives them.
    rows : ndarray of shape (n_cuts + 2, 2), int64
        Rows of each class that are missing, then those of each bin.
    """
    values = np.ascontiguousarray(values)
    cells = Cells.of(values, classes) if values.size >= LARGE else None
    if cells is None:
        ranked, events = np.sort(values), np.sort(values[classes > 0])
        cuts = _ranked_cuts(ranked, n_bins, None)
        ends = np.append(cuts, np.inf)
        ones = events.searchsorted(ends, side="right")
        below = np.column_stack([ranked.searchsorted(ends, side="right") - ones, ones])
        total = [values.size - events.size, events.size]
    else:
        cuts, below = _cell_cuts(cells, n_bins)
        below = np.vstack([below, cells.counts[:, :-1].sum(axis=1)])
        total = cells.counts.sum(axis=1)
    return cuts, np.vstack([total - below[-1], below[:1], np.diff(below, axis=0)])


def _places(n_bins: int, n_finite: int) -> IntArray:
    """Ranks of the quantiles among ``n_finite`` sorted values."""
    level = np.arange(1, n_bins) / n_bins
    place = np.ceil(level * n_finite - 1e-9).astype(np.intp) - 1
    return np.asarray(np.clip(place, 0, n_finite - 1))


def _ranked_cuts(
    ranked: FloatArray, n_bins: int, cumulative: FloatArray | None
) -> FloatArray:
    """Cuts of sorted values, with the running sum of their weights if they have any."""
    # NaN and +inf sort to the end, -inf to the start.
    low = int(np.searchsorted(ranked, -np.inf, side="right"))
    high = int(np.searchsorted(ranked, np.inf, side="left"))
    if high - low < 2:
        return np.empty(0)
    finite = ranked[low:high]
    changes = np.flatnonzero(finite[1:] != finite[:-1])
    if changes.size < n_bins:
        return np.asarray(finite[changes])
    if cumulative is None:
        place = _places(n_bins, finite.size)
    else:
        start = cumulative[low - 1] if low else 0.0
        total = cumulative[high - 1] - start
        target = start + np.arange(1, n_bins) / n_bins * total
        place = np.searchsorted(
            cumulative[low:high], target - 1e-9 * total, side="left"
        )
    cuts = np.unique(finite[np.clip(place, 0, finite.size - 1)])
    return np.asarray(cuts[cuts < finite[-1]])


def _cell_cuts(cells: Cells, n_bins: int) -> tuple[FloatArray, Counts]:
    """Cuts, and the rows of each class at or below them."""
    found = cells.distinct(n_bins)
    if found is not None:
        return found[0][:-1], found[1][:-1]
    number = int(cells.counts[:, :-1].sum())
    ranks = np.r_[0, _places(n_bins, number), number - 1]
    at, below = cells.order_statistics(ranks)
    if not np.isfinite(at[[0, -1]]).all():
        low = int(np.count_nonzero(cells.values == -np.inf))
        number -= low + int(np.count_nonzero(cells.values == np.inf))
        ranks = low + np.r_[0, _places(n_bins, number), number - 1]
        at, below = cells.order_statistics(ranks)
    cuts, index = np.unique(at[1:-1], return_index=True)
    kept = cuts < at[-1]
    return cuts[kept], below[1:-1][index[kept]]
