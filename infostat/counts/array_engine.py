"""Bin codes and count tables of arrays: exact, cache-sized, without a search.

A binary search a value costs five to thirteen times more than counting the cuts below
it: few cuts are compared one by one in blocks that stay in cache, many are read from a
table of equal cells with one correction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.counts.levels import level_codes
from infostat.counts.partition import Partition, first_ordinary
from infostat.counts.table import CountTable

__all__ = [
    "add_bin_values",
    "bin_codes",
    "count_codes",
    "count_values",
    "numeric_coder",
]

BLOCK = 16_384
"""Rows a block: codes, masks and values of one block fit into the second-level cache."""

FEW_CUTS = 12
"""Up to here comparing with every cut beats the lookup table."""

CELLS = 4096
"""Equal cells of the lookup table."""

Coder = Callable[[npt.NDArray[Any], npt.NDArray[Any]], None]


def _code_type(n_bins: int) -> Any:
    return np.dtype(np.min_scalar_type(max(n_bins - 1, 1)))


def _compare_and_add(cuts: npt.NDArray[np.float64]) -> Coder:
    def coder(values: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        out[...] = 0
        above = np.empty(values.shape, dtype=bool)
        for cut in cuts:
            np.greater(values, cut, out=above)
            out += above

    return coder


def _lookup(cuts: npt.NDArray[np.float64]) -> Coder | None:
    """Table of equal cells; None where two cuts share a cell.

    The map from value to cell is monotone in floating point too. So a value lies above
    all cuts of earlier cells, below those of later ones, and one comparison with the
    cut of its own cell is exact whatever the rounding.
    """
    with np.errstate(over="ignore", divide="ignore"):
        span = cuts[-1] - cuts[0]
        origin, scale = cuts[0], (CELLS - 2) / span
    if not (np.isfinite(span) and np.isfinite(scale)):
        return None

    places, numbers = np.empty(BLOCK), np.empty(BLOCK, dtype=np.intp)

    def cell_of(values: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
        place, number = places[: values.size], numbers[: values.size]
        with np.errstate(over="ignore", invalid="ignore"):
            np.subtract(values, origin, out=place)
            place *= scale
        # fmax and fmin send NaN to the first cell; the caller overwrites its code.
        np.fmax(place, -1.0, out=place)
        np.fmin(place, CELLS - 2.0, out=place)
        place += 1.0
        np.copyto(number, place, casting="unsafe")
        return number

    cells = cell_of(cuts).copy()
    if np.unique(cells).size < cells.size:
        return None
    own = np.full(CELLS, np.inf)
    own[cells] = cuts
    earlier = np.searchsorted(cells, np.arange(CELLS), side="left")
    earlier = earlier.astype(_code_type(cuts.size + 1))

    def coder(values: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        cell = cell_of(values)
        out[...] = np.take(earlier, cell, mode="clip")
        out += values > np.take(own, cell, mode="clip")

    return coder


def _search(cuts: npt.NDArray[np.float64]) -> Coder:
    def coder(values: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        out[...] = np.searchsorted(cuts, values, side="left")

    return coder


def numeric_coder(cuts: Sequence[float]) -> Coder:
    """Choose the kernel that writes the number of cuts below each value.

    Parameters
    ----------
    cuts : sequence of float
        Increasing and finite; a value equal to a cut belongs to the bin on its left.

    Returns
    -------
    callable
        ``coder(values, out)``; the code of a NaN is arbitrary.
    """
    edges = np.asarray(cuts, dtype=np.float64)
    if edges.size <= FEW_CUTS:
        return _compare_and_add(edges)
    return _lookup(edges) or _search(edges)


def _numeric_block_codes(
    partition: Partition,
) -> Callable[[npt.NDArray[Any], npt.NDArray[Any]], None]:
    """Codes of one block, missing and special values included."""
    coder = numeric_coder(partition.cuts or ())
    offset = first_ordinary(partition)
    specials = tuple(partition.special_values)
    missing_to = partition.missing_to

    def block(values: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        # A column of a row-major matrix is gathered once, not once a cut.
        values = np.ascontiguousarray(values)
        coder(values, out)
        out += out.dtype.type(offset)
        for k, special in enumerate(specials):
            out[values == special] = 1 + k
        missing = np.isnan(values)
        if missing.any():
            out[missing] = missing_to

    return block


def bin_codes(values: Any, partition: Partition) -> npt.NDArray[Any]:
    """Bin of every value of one column.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Float64 array (NaN is missing) for a numeric feature; for a categorical one
        anything that :func:`infostat.counts.levels.factorize` reads.
    partition : Partition
        Bins of the feature.

    Returns
    -------
    ndarray of shape (n_samples,)
        Codes in the smallest unsigned integer type.
    """
    n_bins = len(partition.labels)
    if partition.groups is not None:
        return level_codes(values, partition).astype(_code_type(n_bins))
    column = np.asarray(values, dtype=np.float64)
    out = np.empty(column.shape, dtype=_code_type(n_bins))
    block = _numeric_block_codes(partition)
    for start in range(0, column.size, BLOCK):
        stop = start + BLOCK
        block(column[start:stop], out[start:stop])
    return out


def add_bin_values(
    values: Any,
    partition: Partition,
    tables: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
) -> None:
    """Add each row's bin values to running totals, block by block.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        See :func:`bin_codes`.
    partition : Partition
        Bins of the feature.
    tables : ndarray of shape (n_totals, n_bins)
        Values of the bins, one row a total (points, log-odds, ...).
    out : ndarray of shape (n_totals, n_samples)
        Totals, changed in place.
    """
    if partition.groups is not None:
        codes = bin_codes(values, partition)
        for total, table in zip(out, tables, strict=True):
            total += table[codes]
        return
    column = np.asarray(values, dtype=np.float64)
    block = _numeric_block_codes(partition)
    codes = np.empty(min(BLOCK, column.size), dtype=_code_type(len(partition.labels)))
    taken = np.empty(codes.size)
    for start in range(0, column.size, BLOCK):
        part = column[start : start + BLOCK]
        code, picked = codes[: part.size], taken[: part.size]
        block(part, code)
        for total, table in zip(out, tables, strict=True):
            np.take(table, code, out=picked, mode="clip")
            total[start : start + part.size] += picked


def count_codes(
    codes: npt.NDArray[Any],
    classes: npt.NDArray[Any],
    labels: Sequence[str],
    *,
    weight: npt.NDArray[np.float64] | None = None,
    n_classes: int = 2,
) -> CountTable:
    """Count rows, weights and squared weights of bin codes.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,)
        Bin of each row.
    classes : ndarray of shape (n_samples,)
        Class of each row, 0 to ``n_classes - 1``.
    labels : sequence of str
        Names of the bins.
    weight : ndarray of shape (n_samples,), optional
        Weight of each row; ones by default.
    n_classes : int, default=2
        Number of columns of the table.

    Returns
    -------
    CountTable
    """
    sums = _Sums(len(labels), n_classes, weighted=weight is not None)
    for start in range(0, codes.size, BLOCK):
        part = slice(start, start + BLOCK)
        sums.add(codes[part], classes[part], None if weight is None else weight[part])
    return sums.table(labels)


class _Sums:
    """Running counts of blocks of codes."""

    def __init__(self, n_bins: int, n_classes: int, *, weighted: bool) -> None:
        self.shape = (n_bins, n_classes)
        self.rows = np.zeros(n_bins * n_classes, dtype=np.int64)
        self.weight = np.zeros((2, self.rows.size)) if weighted else None

    def add(
        self,
        codes: npt.NDArray[Any],
        classes: npt.NDArray[Any],
        weight: npt.NDArray[np.float64] | None,
    ) -> None:
        """Count one block."""
        cell = codes.astype(np.intp)
        cell *= self.shape[1]
        cell += classes
        size = self.rows.size
        self.rows += np.bincount(cell, minlength=size)
        if self.weight is not None and weight is not None:
            self.weight[0] += np.bincount(cell, weights=weight, minlength=size)
            squared = weight * weight
            self.weight[1] += np.bincount(cell, weights=squared, minlength=size)

    def table(self, labels: Sequence[str]) -> CountTable:
        """Return the counts as a table."""
        rows = self.rows.reshape(self.shape)
        weight, squared = (
            (rows.astype(np.float64), rows.astype(np.float64))
            if self.weight is None
            else self.weight.reshape(2, *self.shape)
        )
        return CountTable(rows, weight, squared, tuple(labels))


def count_values(
    values: Any,
    partition: Partition,
    classes: npt.NDArray[Any],
    *,
    weight: npt.NDArray[np.float64] | None = None,
    n_classes: int = 2,
) -> CountTable:
    """Count the values of one column in one pass, without keeping their codes.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        See :func:`bin_codes`.
    partition : Partition
        Bins of the feature.
    classes, weight, n_classes
        See :func:`count_codes`.

    Returns
    -------
    CountTable
    """
    labels = partition.labels
    if partition.groups is not None:
        codes = bin_codes(values, partition)
        return count_codes(codes, classes, labels, weight=weight, n_classes=n_classes)
    column = np.asarray(values, dtype=np.float64)
    block = _numeric_block_codes(partition)
    out = np.empty(min(BLOCK, column.size), dtype=_code_type(len(labels)))
    sums = _Sums(len(labels), n_classes, weighted=weight is not None)
    for start in range(0, column.size, BLOCK):
        part = slice(start, start + BLOCK)
        codes = out[: column[part].size]
        block(column[part], codes)
        sums.add(codes, classes[part], None if weight is None else weight[part])
    return sums.table(labels)
