"""Totals over features of a value a bin: one table look-up for several features at once.

A score is a sum of table values. Bin codes of neighbouring features are joined into one
code, whose table holds the sum of theirs, so that look-ups and additions are shared and
the totals of a block never leave the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.counts.numeric_codes import BLOCK, numeric_block_codes
from infostat.counts.partition import Partition

__all__ = ["JointValues"]

FloatArray = npt.NDArray[np.float64]

LARGEST = 1024
"""Most joint bins of a group: two tables of them fit into the first-level cache."""


class JointValues:
    """Sums of bin values over numeric features.

    Parameters
    ----------
    partitions : sequence of Partition
        Bins of the features.
    tables : sequence of ndarray of shape (n_totals, n_bins)
        Values of the bins of each feature, one row a total (points, log-odds, ...).
    """

    def __init__(
        self, partitions: Sequence[Partition], tables: Sequence[FloatArray]
    ) -> None:
        self._coders = [numeric_block_codes(partition) for partition in partitions]
        self._sizes = [table.shape[1] for table in tables]
        self._kinds = [np.min_scalar_type(size) for size in self._sizes]
        self._groups: list[list[int]] = []
        self._tables: list[FloatArray] = []
        for number, table in enumerate(tables):
            if self._groups:
                joint = self._tables[-1]
                if joint.shape[1] * table.shape[1] <= LARGEST:
                    self._groups[-1].append(number)
                    both = joint[:, :, None] + table[:, None, :]
                    self._tables[-1] = both.reshape(len(table), -1)
                    continue
            self._groups.append([number])
            self._tables.append(np.ascontiguousarray(table))

    def add(self, columns: Sequence[npt.NDArray[Any]], out: FloatArray) -> None:
        """Add each row's values to running totals.

        Parameters
        ----------
        columns : sequence of ndarray of shape (n_samples,)
            Values of the features as float64, NaN where missing.
        out : ndarray of shape (n_totals, n_samples)
            Totals, changed in place.
        """
        size = out.shape[1]
        kind = np.min_scalar_type(max([LARGEST, *self._sizes]))
        joint = np.empty(min(BLOCK, size), dtype=kind)
        # The kernels run fastest on bytes.
        codes = {kind: np.empty(joint.size, dtype=kind) for kind in set(self._kinds)}
        taken = np.empty(joint.size)
        for start in range(0, size, BLOCK):
            rows = slice(start, min(start + BLOCK, size))
            both, picked = joint[: rows.stop - start], taken[: rows.stop - start]
            for group, tables in zip(self._groups, self._tables, strict=True):
                both[...] = 0
                for k in group:
                    code = codes[self._kinds[k]][: both.size]
                    self._coders[k](columns[k][rows], code)
                    both *= kind.type(self._sizes[k])
                    both += code
                for total, table in zip(out, tables, strict=True):
                    np.take(table, both, out=picked, mode="clip")
                    total[rows] += picked
