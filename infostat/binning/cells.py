"""Values in cells: quantiles, and how many rows of each class lie below them, unsorted.

One pass puts every value into one of some thousand equal cells and counts the classes
of each cell. That settles all but the cells in which a wanted rank falls: their rows,
a few percent, are collected and sorted. Both answers are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.counts.cell_map import cell_map

__all__ = ["LARGE", "Cells", "order_statistics"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Counts = npt.NDArray[np.int64]
Classes = npt.NDArray[np.uint8]

LARGE = 16_384
"""Rows from which cells beat a sort."""

CELLS = 16_384
"""Number of cells: twice as many places, a cell and a class, fit into 16 bits."""

SAMPLE = 1_024
"""Values, a stride apart, that say where the cells should lie and what repeats."""

BLOCK = 32_768
"""Rows a block: values, places and masks of one block stay in cache."""

DEPTH = 3
"""Times that the rows in doubt are put into cells of their own before a sort."""


def order_statistics(
    values: FloatArray, classes: Classes, ranks: IntArray, depth: int = DEPTH
) -> tuple[FloatArray, Counts]:
    """Values at sorted ranks, and the rows of each class at or below them.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Contiguous; NaN ranks last.
    classes : ndarray of shape (n_samples,)
        0 or 1.
    ranks : ndarray of int
        From 0, none that of a NaN.
    depth : int
        How often cells may be divided into cells.

    Returns
    -------
    at : ndarray of shape (len(ranks),)
        Value at each rank.
    below : ndarray of shape (len(ranks), 2), int64
        Rows of each class with at most this value.
    """
    cells = Cells.of(values, classes) if depth and values.size >= LARGE else None
    if cells is not None:
        return cells.order_statistics(ranks, depth)
    events = np.sort(values[classes > 0])
    values = np.sort(values)
    at = values[ranks]
    total = np.searchsorted(values, at, side="right")
    ones = np.searchsorted(events, at, side="right")
    return at, np.column_stack([total - ones, ones])


@dataclass(frozen=True, eq=False)
class Cells:
    """Values in equal cells of their bulk, see :func:`.cell_map`.

    Every value of a cell lies between those of its neighbours, so that ranks can be
    read cell by cell.

    Attributes
    ----------
    values : ndarray of shape (n_samples,)
        The values.
    place : ndarray of shape (n_samples,), uint16
        Twice the cell of each row, plus its class.
    counts : ndarray of shape (2, CELLS), int64
        Rows of each class and cell.
    atoms : ndarray of shape (CELLS, 2)
        A value that many rows of the cell share, for both classes; NaN where none is
        known.
    """

    values: FloatArray
    place: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.int64]
    atoms: FloatArray

    @classmethod
    def of(cls, values: FloatArray, classes: Classes) -> Cells | None:
        """Put values into cells; None where no range is wide enough for them."""
        sample = values[:: max(1, values.size // SAMPLE)]
        sample = np.sort(sample[np.isfinite(sample)])
        cell_of = _bulk_map(sample)
        if cell_of is None:
            return None
        place = np.empty(values.size, dtype=np.uint16)
        counts = np.zeros(2 * CELLS, dtype=np.int64)
        for part in _blocks(values.size):
            here = place[part]
            np.copyto(here, cell_of(values[part]), casting="unsafe")
            here += here
            here += classes[part]
        for part in _blocks(values.size, 4 * BLOCK):
            # Counting smaller blocks would mostly add up empty cells.
            counts += np.bincount(place[part], minlength=2 * CELLS)
        atoms = np.full((CELLS, 2), np.nan)
        value, times = np.unique(
            sample[1:][sample[1:] == sample[:-1]], return_counts=True
        )
        # The most frequent value of a cell is written last.
        value = value[np.argsort(times, kind="stable")]
        atoms[cell_of(value).astype(np.intp)] = value[:, None]
        return cls(values, place, _by_class(counts), atoms)

    @property
    def sizes(self) -> Counts:
        """Rows of each cell."""
        return np.asarray(self.counts[0] + self.counts[1])

    def distinct(self, most: int) -> tuple[FloatArray, Counts] | None:
        """All finite values with the rows at or below; None if more than ``most``."""
        size = self.sizes
        occupied = np.flatnonzero(size[:-1])
        # Infinities may have a cell of their own.
        if occupied.size > most + 2:
            return None
        ends = np.cumsum(size[occupied])
        ends = np.concatenate([ends - size[occupied], ends - 1])
        first, last = self.order_statistics(ends)[0].reshape(2, -1)
        # Cells of one value are known; values of the others, often an end, are listed.
        pure = first == last
        inner, place = self._rows(occupied[~pure], None)
        listed = np.unique(inner)
        values = np.concatenate([last[pure], listed])
        if np.isfinite(values).sum() > most:
            return None
        number = 2 * np.searchsorted(listed, inner) + (place & 1)
        rows = np.bincount(number, minlength=2 * listed.size).reshape(-1, 2)
        rows = np.concatenate([self.counts[:, occupied[pure]].T, rows])
        order = np.argsort(values)
        values, below = values[order], np.cumsum(rows[order], axis=0)
        finite = np.isfinite(values)
        return values[finite], below[finite]

    def order_statistics(
        self, ranks: IntArray, depth: int = DEPTH
    ) -> tuple[FloatArray, Counts]:
        """See :func:`order_statistics`."""
        target = np.searchsorted(np.cumsum(self.sizes), ranks, side="right")
        below = _earlier(self.counts, target)
        within = ranks - below.sum(axis=1)
        # A cell holds its atom, known in number, and others on both sides of it.
        atoms = None if np.isnan(self.atoms[target]).all() else self.atoms.ravel()
        others, place = self._rows(target, atoms)
        inside = _counts(place)
        shared = (self.counts[:, target] - inside[:, target]).T
        left = _counts(place[others < self.atoms.ravel().take(place)])[:, target].T
        after = within - left.sum(axis=1)
        beyond = after >= shared.sum(axis=1)
        at, added = self.atoms[target, 0], left + shared
        open_ = (after < 0) | beyond
        if open_.any():
            earlier = _earlier(inside, target)
            rank = earlier.sum(axis=1) + within
            rank -= np.where(beyond, shared.sum(axis=1), 0)
            at[open_], found = order_statistics(
                others, (place & 1).astype(np.uint8), rank[open_], depth - 1
            )
            added[open_] = found - earlier[open_]
            added[beyond] += shared[beyond]
        return at, below + added

    def _rows(
        self, cells: IntArray, atoms: FloatArray | None
    ) -> tuple[FloatArray, npt.NDArray[np.uint16]]:
        """Rows of the given cells and their places, without those at the atoms."""
        wanted = np.zeros(2 * CELLS, dtype=bool)
        wanted[2 * cells] = wanted[2 * cells + 1] = True
        size = min(BLOCK, self.values.size)
        masks, held = np.empty(size, dtype=bool), np.empty(size)
        values, places = [], []
        for part in _blocks(self.values.size):
            some, here = self.values[part], self.place[part]
            mask = masks[: here.size]
            wanted.take(here, out=mask, mode="clip")
            if atoms is not None:
                atom = held[: here.size]
                atoms.take(here, out=atom, mode="clip")
                mask &= some != atom
            rows = np.flatnonzero(mask)
            values.append(some.take(rows))
            places.append(here.take(rows))
        return np.concatenate(values), np.concatenate(places)


def _bulk_map(sample: FloatArray) -> Callable[[FloatArray], FloatArray] | None:
    """Map from a block of values to cells, from a sorted sample of their bulk."""
    if sample.size == 0:
        return None
    low, high = sample[sample.size // 512], sample[-1 - sample.size // 512]
    if low == high:
        low, high = sample[0], sample[-1]
    return cell_map(low, high, CELLS, BLOCK)


def _earlier(counts: Counts, cells: IntArray) -> Counts:
    """Rows of each class in the cells before the given ones, a row a cell."""
    return np.asarray((np.cumsum(counts, axis=1)[:, cells] - counts[:, cells]).T)


def _counts(place: npt.NDArray[np.uint16]) -> Counts:
    """Rows of each class and cell."""
    return _by_class(np.bincount(place, minlength=2 * CELLS))


def _by_class(counts: Counts) -> Counts:
    """Counts by place as one contiguous row a class, along which sums are fast."""
    return np.ascontiguousarray(counts.reshape(CELLS, 2).T)


def _blocks(size: int, length: int = BLOCK) -> Iterator[slice]:
    for start in range(0, size, length):
        yield slice(start, start + length)
