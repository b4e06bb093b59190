"""Quantile cuts, exact and without a full sort; repeated rows and weights agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["quantile_cuts"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

LARGE = 16_384
"""Rows from which equal cells beat a sort, whose cost depends much on the processor."""

CELLS = 16_384
"""Equal cells of the histogram; their number fits into an unsigned 16-bit integer."""

SAMPLE = 1_024
"""Values, a stride apart, that say where the cells should lie."""

BLOCK = 32_768
"""Rows a block: values, cells and masks of one block stay in cache."""

DEPTH = 3
"""Histograms, each of the values in doubt after the one before, until a plain sort."""


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
    if values.size >= LARGE and _mostly_distinct(values):
        cuts = _cell_cuts(np.ascontiguousarray(values), n_bins)
        if cuts is not None:
            return cuts
    return _ranked_cuts(np.sort(values), n_bins, None)


def _mostly_distinct(values: FloatArray) -> bool:
    """Whether a sort would be slow; many equal values make it fast."""
    sample = values[:: max(1, values.size // SAMPLE)]
    return bool(np.unique(sample).size > SAMPLE // 4)


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


def _cell_cuts(values: FloatArray, n_bins: int) -> FloatArray | None:
    """Cuts of many values without sorting them; None where a sort must decide."""
    n_infinite = int(np.count_nonzero(values == np.inf))
    n_missing = int(np.count_nonzero(values != values))
    low = int(np.count_nonzero(values == -np.inf))
    n_finite = values.size - n_missing - n_infinite - low
    if n_finite < 2:
        return np.empty(0)
    cells = _Cells.of(values)
    if cells is None:
        return None
    occupied = np.flatnonzero(cells.counts)
    if occupied.size <= n_bins + 2:
        # Perhaps few distinct values: they are known where no cell holds two.
        value, mixed = cells.representatives()
        if mixed[occupied].any():
            return None
        distinct = value[occupied]
        distinct = distinct[np.isfinite(distinct)]
        if distinct.size <= n_bins:
            return np.asarray(distinct[:-1])
    cuts = np.unique(cells.at(low + _places(n_bins, n_finite), DEPTH))
    # fmax passes over NaN; with infinities the largest finite value needs a mask.
    largest = np.fmax.reduce(values[values < np.inf] if n_infinite else values)
    return np.asarray(cuts[cuts < largest])


@dataclass(frozen=True, eq=False)
class _Cells:
    """Values in equal cells of their bulk, the end cells open; NaN in the last.

    The map from value to cell is monotone in floating point too, so that every value
    of a cell lies between those of its neighbours and ranks can be read cell by cell.
    """

    values: FloatArray
    cell: npt.NDArray[np.uint16]
    counts: IntArray

    @classmethod
    def of(cls, values: FloatArray) -> _Cells | None:
        """Put values into cells; None where no range is wide enough for them."""
        sample = values[:: max(1, values.size // SAMPLE)]
        sample = np.sort(sample[np.isfinite(sample)])
        if sample.size == 0:
            return None
        origin, end = sample[sample.size // 512], sample[-1 - sample.size // 512]
        if origin == end:
            origin, end = sample[0], sample[-1]
        with np.errstate(over="ignore", divide="ignore"):
            scale = (CELLS - 2) / (end - origin)
        if not np.isfinite(scale) or scale == 0.0:
            return None
        cell = np.empty(values.size, dtype=np.uint16)
        counts = np.zeros(CELLS, dtype=np.intp)
        place = np.empty(min(BLOCK, values.size))
        number = np.empty(place.size, dtype=np.intp)
        for part in _blocks(values.size):
            some = values[part]
            where, index = place[: some.size], number[: some.size]
            with np.errstate(over="ignore", invalid="ignore"):
                np.subtract(some, origin, out=where)
                where *= scale
            where += 1.0
            # fmin sends NaN to the last cell, where a sort puts it too.
            np.fmin(where, CELLS - 1.0, out=where)
            np.fmax(where, 0.0, out=where)
            np.copyto(index, where, casting="unsafe")
            counts += np.bincount(index, minlength=CELLS)
            cell[part] = index
        return cls(values, cell, counts)

    def representatives(self) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        """One value of each cell, and whether the cell holds others beside it."""
        value = np.full(CELLS, np.nan)
        mixed = np.zeros(CELLS, dtype=bool)
        # A few rows name most cells; only where one is left out all rows are asked.
        value[self.cell[::16]] = self.values[::16]
        if (np.isnan(value) & (self.counts > 0)).any():
            value[self.cell] = self.values
        for part in _blocks(self.values.size):
            other = self.values[part] != value[self.cell[part]]
            mixed[self.cell[part][other]] = True
        return value, mixed

    def inside(self, wanted: npt.NDArray[np.bool_]) -> FloatArray:
        """Values of the wanted cells."""
        kept = [
            self.values[part][wanted[self.cell[part]]]
            for part in _blocks(self.values.size)
        ]
        return np.concatenate(kept)

    def at(self, ranks: IntArray, depth: int) -> FloatArray:
        """Values at sorted ranks, NaN ranked last."""
        ends = np.cumsum(self.counts)
        target = np.searchsorted(ends, ranks, side="right")
        within = ranks - (ends - self.counts)[target]
        wanted = np.zeros(CELLS, dtype=bool)
        wanted[target] = True
        out = np.empty(ranks.size)
        open_ranks = np.ones(ranks.size, dtype=bool)
        if self.counts[wanted].max() > self.values.size // 64:
            # A heavy cell is often one value that repeats: no need to collect it.
            value, mixed = self.representatives()
            open_ranks = mixed[target]
            out[~open_ranks] = value[target[~open_ranks]]
            wanted &= mixed
        if open_ranks.any():
            kept = np.where(wanted, self.counts, 0)
            start = np.cumsum(kept) - kept
            inner = (start[target] + within)[open_ranks]
            doubtful = self.inside(wanted)
            if doubtful.size > self.values.size // 2:
                depth = 0
            out[open_ranks] = _order_statistics(doubtful, inner, depth - 1)
        return out


def _order_statistics(values: FloatArray, ranks: IntArray, depth: int) -> FloatArray:
    """Values at sorted ranks."""
    cells = _Cells.of(values) if depth > 0 and values.size >= LARGE else None
    if cells is None:
        return np.asarray(np.sort(values)[ranks])
    return cells.at(ranks, depth)


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, BLOCK):
        yield slice(start, start + BLOCK)
