"""Kernels that number the bins of numbers: exact, cache-sized, without a search.

A binary search a value costs five to thirteen times more than counting the cuts below
it: few cuts are compared one by one in blocks that stay in cache, many are read from a
table of equal cells with one correction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.counts.cell_map import cell_map
from infostat.counts.partition import Partition, first_ordinary

__all__ = ["BLOCK", "Coder", "code_type", "numeric_block_codes", "numeric_coder"]

BLOCK = 16_384
"""Rows a block: codes, masks and values of one block fit into the second-level cache."""

FEW_CUTS = 12
"""Up to here comparing with every cut beats the lookup table."""

CELLS = 4096
"""Equal cells of the lookup table."""

Coder = Callable[[npt.NDArray[Any], npt.NDArray[Any]], None]


def code_type(n_bins: int) -> Any:
    """Smallest unsigned integer type for the codes of so many bins."""
    return np.dtype(np.min_scalar_type(max(n_bins - 1, 1)))


def _compare_and_add(cuts: npt.NDArray[np.float64]) -> Coder:
    def coder(values: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        out[...] = 0
        above = np.empty(values.shape, dtype=bool)
        # Adding bytes to bytes spares a conversion.
        added = above.view(np.uint8)
        for cut in cuts:
            np.greater(values, cut, out=above)
            np.add(out, added, out=out)

    return coder


def _lookup(cuts: npt.NDArray[np.float64]) -> Coder | None:
    """Table of equal cells; None where two cuts share a cell.

    A value lies above all cuts of earlier cells and below those of later ones, and one
    comparison with the cut of its own cell is exact, see :func:`.cell_map`.
    """
    cell_of = cell_map(cuts[0], cuts[-1], CELLS, BLOCK)
    if cell_of is None or cuts.size > CELLS:
        return None
    cells = cell_of(cuts).astype(np.intp)
    if np.unique(cells).size < cells.size:
        return None
    own = np.full(CELLS, np.inf)
    own[cells] = cuts
    earlier = np.searchsorted(cells, np.arange(CELLS), side="left")
    earlier = earlier.astype(code_type(cuts.size + 1))
    numbers, edges = np.empty(BLOCK, dtype=np.intp), np.empty(BLOCK)
    codes = np.empty(BLOCK, dtype=earlier.dtype)

    def coder(values: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        number, edge = numbers[: values.size], edges[: values.size]
        code = codes[: values.size]
        np.copyto(number, cell_of(values), casting="unsafe")
        np.take(earlier, number, mode="clip", out=code)
        np.take(own, number, mode="clip", out=edge)
        np.add(code, values > edge, out=out, casting="unsafe")

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


def numeric_block_codes(partition: Partition) -> Coder:
    """Codes of one block, missing and special values included."""
    coder = numeric_coder(partition.cuts or ())
    offset = first_ordinary(partition)
    specials = tuple(partition.special_values)
    missing_to = partition.missing_to
    known = np.empty(BLOCK, dtype=bool)

    def block(values: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        # A column of a row-major matrix is gathered once, not once a cut.
        values = np.ascontiguousarray(values)
        coder(values, out)
        out += out.dtype.type(offset)
        for k, special in enumerate(specials):
            out[values == special] = 1 + k
        present = known[: values.size]
        np.equal(values, values, out=present)
        if missing_to == 0:
            # Times nothing is code 0, and cheaper than to look for the missing.
            np.multiply(out, present.view(np.uint8), out=out)
        elif not present.all():
            out[~present] = missing_to

    return block
