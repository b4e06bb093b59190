"""Bin codes, count tables and totals of arrays, block by block.

Every block goes through a kernel of :mod:`infostat.counts.numeric_codes`, or through
the numbers of its levels, and is counted or looked up while it is in cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import as_floats
from infostat.counts.levels import Factorized, bins_of_levels, factorize, level_codes
from infostat.counts.numeric_codes import (
    BLOCK,
    Coder,
    code_type,
    numeric_block_codes,
)
from infostat.counts.partition import Partition
from infostat.counts.table import CountTable
from infostat.exceptions import InfostatError

__all__ = [
    "add_bin_values",
    "bin_codes",
    "bin_values",
    "count_codes",
    "count_levels",
    "count_values",
]


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

    Raises
    ------
    InfostatError
        If a numeric feature holds text, or there is not one column.
    """
    kind = code_type(len(partition.labels))
    if partition.groups is not None:
        return level_codes(values, partition).astype(kind)
    column = _column(values, partition)
    out = np.empty(column.shape, dtype=kind)
    block = numeric_block_codes(partition)
    for start in range(0, column.size, BLOCK):
        stop = start + BLOCK
        block(column[start:stop], out[start:stop])
    return out


def bin_values(
    values: Any,
    partition: Partition,
    table: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
) -> None:
    """Replace each row by the value of its bin, block by block.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        See :func:`bin_codes`.
    partition : Partition
        Bins of the feature.
    table : ndarray of shape (n_bins,)
        Value of each bin.
    out : ndarray of shape (n_samples,)
        Values of the rows, written in place.
    """
    blocks, bins = _blocks(values, partition)
    table = np.ascontiguousarray(table if bins is None else table[bins])
    for part, places in blocks:
        np.take(table, places, out=out[part], mode="clip")


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
    blocks, bins = _blocks(values, partition)
    tables = tables if bins is None else tables[:, bins]
    taken = np.empty(BLOCK)
    for part, places in blocks:
        picked = taken[: places.size]
        for total, table in zip(out, tables, strict=True):
            np.take(table, places, out=picked, mode="clip")
            total[part] += picked


Blocks = Iterator[tuple[slice, npt.NDArray[Any]]]


def _blocks(
    values: Any, partition: Partition, *, counted: bool = False
) -> tuple[Blocks, npt.NDArray[np.intp] | None]:
    """Rows and places of each block, and the bin of each place if it is no bin itself.

    Numbers are placed in bins. Levels stay apart, so that what is known of their bins
    can be looked up or summed level by level instead of row by row. Blocks to be
    counted have no fewer rows than there are levels.
    """
    if partition.groups is None:
        column = _column(values, partition)
        kind = code_type(len(partition.labels))
        return _written(column, numeric_block_codes(partition), kind), None
    codes, levels = factorize(values)
    size = _counting_block(len(levels)) if counted else BLOCK
    bins = (
        values.bins_in(partition)
        if isinstance(values, Factorized)
        else bins_of_levels(levels, partition)
    )
    return _level_blocks(codes, len(levels), size), bins


def _column(values: Any, partition: Partition) -> npt.NDArray[np.float64]:
    """Values of a numeric feature; NaN and infinities may be among them."""
    name = f"The values of {partition.feature!r}"
    column = as_floats(values, name)
    if column.ndim != 1:
        msg = f"{name} must be a column of numbers, got shape {column.shape}."
        raise InfostatError(msg)
    return column


def _written(
    column: npt.NDArray[Any], coder: Coder, kind: Any, size: int = BLOCK
) -> Blocks:
    """What a kernel writes, in a buffer that the next block overwrites."""
    out = np.empty(min(size, column.size), dtype=kind)
    for start in range(0, column.size, size):
        part = slice(start, start + size)
        block = out[: column[part].size]
        coder(column[part], block)
        yield part, block


def _level_blocks(codes: npt.NDArray[Any], n_levels: int, size: int) -> Blocks:
    """Level of each row from 1, missing as 0."""
    unsigned = np.dtype(f"u{codes.dtype.itemsize}")

    def shift(values: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        # The unsigned neighbour of -1 is 0, and all others of a signed type fit too.
        np.add(values.view(unsigned), unsigned.type(1), out=out, casting="unsafe")

    return _written(codes, shift, code_type(n_levels + 1), size)


def _counting_block(n_levels: int) -> int:
    """Rows a block whose levels are counted: far more cells than rows only add zeros."""
    return max(BLOCK, 2 * n_levels)


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
    sums = _Sums(len(labels), n_classes, BLOCK, weighted=weight is not None)
    for start in range(0, codes.size, BLOCK):
        part = slice(start, start + BLOCK)
        sums.add(codes[part], classes[part], None if weight is None else weight[part])
    return sums.table(labels)


class _Sums:
    """Running counts of blocks of codes."""

    def __init__(
        self, n_bins: int, n_classes: int, block: int, *, weighted: bool
    ) -> None:
        self.shape = (n_bins, n_classes)
        self.rows = np.zeros(n_bins * n_classes, dtype=np.int64)
        self.weight = np.zeros((2, self.rows.size)) if weighted else None
        self.cell = np.empty(block, dtype=code_type(self.rows.size))

    def add(
        self,
        codes: npt.NDArray[Any],
        classes: npt.NDArray[Any],
        weight: npt.NDArray[np.float64] | None,
    ) -> None:
        """Count one block."""
        # Small integers first: bincount converts them faster than it adds large ones.
        cell = self.cell[: codes.size]
        kind = cell.dtype
        np.multiply(codes, self.shape[1], out=cell, dtype=kind, casting="unsafe")
        np.add(cell, classes, out=cell, dtype=kind, casting="unsafe")
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
    blocks, bins = _blocks(values, partition, counted=True)
    size = len(labels) if bins is None else len(bins)
    block = BLOCK if bins is None else _counting_block(size)
    sums = _Sums(size, n_classes, block, weighted=weight is not None)
    for part, places in blocks:
        sums.add(places, classes[part], None if weight is None else weight[part])
    if bins is None:
        return sums.table(labels)
    return sums.table([""] * size).collapse(bins, labels)


def count_levels(
    values: Any,
    classes: npt.NDArray[Any],
    *,
    weight: npt.NDArray[np.float64] | None = None,
) -> CountTable:
    """Count every level of a column.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Anything that :func:`infostat.counts.levels.factorize` reads.
    classes, weight
        See :func:`count_codes`.

    Returns
    -------
    CountTable
        Missing values first, then the levels, under their names.
    """
    codes, levels = factorize(values)
    block = _counting_block(len(levels))
    sums = _Sums(len(levels) + 1, 2, block, weighted=weight is not None)
    for part, places in _level_blocks(codes, len(levels), block):
        sums.add(places, classes[part], None if weight is None else weight[part])
    return sums.table(["missing", *levels])
