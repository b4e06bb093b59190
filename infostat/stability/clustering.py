"""Rows that come in clusters: who belongs together, and the cross products of a sample.

Errors that allow for clusters need, beside the counts, only the sums over clusters of
products of what a cluster has in two cells. Those of disjoint clusters add.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._documents import kind_of, numbers
from infostat.counts.levels import factorize
from infostat.exceptions import DocumentError, InfostatError

__all__ = ["CellProducts", "Clusters", "read_clusters"]

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Clusters:
    """Cluster of each row.

    Attributes
    ----------
    codes : ndarray of shape (n_samples,), intp
        Number of each row's cluster.
    keys : ndarray of shape (n_clusters,), uint64
        Digest of each cluster's label: equal labels of two samples have equal ones.
    """

    codes: Codes
    keys: Keys


def read_clusters(values: Any, n_rows: int) -> Clusters | None:
    """Read one label a row; labels are compared by name, so that 1 and "1" are one.

    Raises
    ------
    InfostatError
        If the length does not fit or a label is missing.
    """
    if values is None:
        return None
    series = nw.from_native(values, pass_through=True, allow_series=True)
    column = series if isinstance(series, nw.Series) else np.asarray(values)
    shape = (len(column),) if isinstance(column, nw.Series) else column.shape
    if shape != (n_rows,):
        msg = (
            f"clusters has the shape {shape}: give one label for each of {n_rows} rows."
        )
        raise InfostatError(msg)
    if isinstance(column, nw.Series) and column.dtype.is_temporal():
        column = column.cast(nw.String())
    codes, levels = factorize(column)
    missing = np.flatnonzero(codes < 0)
    if missing.size:
        msg = (
            f"clusters is missing in {missing.size} rows (first: row {missing[0]}): give "
            f"a row that belongs to no other a label of its own."
        )
        raise InfostatError(msg)
    used, dense = np.unique(codes, return_inverse=True)
    keys = np.fromiter(
        (_digest(levels[k]) for k in used), dtype=np.uint64, count=len(used)
    )
    return Clusters(dense.astype(np.intp), keys)


def _digest(label: str) -> int:
    """Eight bytes of a label, the same in every process."""
    text = label.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


@dataclass(frozen=True, eq=False)
class CellProducts:
    """Sums over clusters of the products of their weights in two cells.

    Attributes
    ----------
    first, second : ndarray of shape (n_pairs,), intp
        Pairs of cells that any cluster has rows in, ``first <= second``.
    value : ndarray of shape (n_pairs,)
        Their sums.
    n_cells : int
        Number of cells: bins times columns of the count table, bin by bin.
    """

    first: Codes
    second: Codes
    value: FloatArray
    n_cells: int

    @classmethod
    def count(
        cls, cells: Codes, clusters: Codes, weight: FloatArray, n_cells: int
    ) -> CellProducts:
        """Products of the rows of one sample.

        Parameters
        ----------
        cells : ndarray of shape (n_samples,)
            Cell of each row.
        clusters : ndarray of shape (n_samples,)
            Number of each row's cluster.
        weight : ndarray of shape (n_samples,)
            Weight of each row.
        n_cells : int
            Number of cells.

        Returns
        -------
        CellProducts
        """
        from scipy.sparse import csr_array

        n_clusters = int(clusters.max(initial=-1)) + 1
        sums = csr_array((weight, (clusters, cells)), shape=(n_clusters, n_cells))
        gram = (sums.T @ sums).tocoo()
        first, second = gram.row.astype(np.intp), gram.col.astype(np.intp)
        upper = (first <= second) & (gram.data > 0)
        return cls._summed(first[upper], second[upper], gram.data[upper], n_cells)

    @classmethod
    def _summed(
        cls, first: Codes, second: Codes, value: FloatArray, n_cells: int
    ) -> CellProducts:
        """Pairs in order, each once."""
        low, high = np.minimum(first, second), np.maximum(first, second)
        pair = low.astype(np.int64) * n_cells + high
        distinct, place = np.unique(pair, return_inverse=True)
        return cls(
            (distinct // n_cells).astype(np.intp),
            (distinct % n_cells).astype(np.intp),
            np.bincount(place, value, len(distinct)).astype(np.float64),
            n_cells,
        )

    def __add__(self, other: CellProducts) -> CellProducts:
        return self._summed(
            np.concatenate([self.first, other.first]),
            np.concatenate([self.second, other.second]),
            np.concatenate([self.value, other.value]),
            self.n_cells,
        )

    def moved(self, place: Codes, n_cells: int) -> CellProducts:
        """Return the same products with cell ``k`` at ``place[k]`` of more cells."""
        return self._summed(place[self.first], place[self.second], self.value, n_cells)

    def gathered(self, group: Codes, n_groups: int) -> FloatArray:
        """Products of groups of cells.

        Parameters
        ----------
        group : ndarray of shape (n_cells,)
            Group of each cell; -1 leaves it out.
        n_groups : int
            Number of groups.

        Returns
        -------
        ndarray of shape (n_groups, n_groups)
            Symmetric.
        """
        a, b = group[self.first], group[self.second]
        kept = (a >= 0) & (b >= 0)
        a, b, value = a[kept], b[kept], self.value[kept]
        # Off the diagonal a pair of cells stands for both of its orders.
        other = self.first[kept] != self.second[kept]
        pair = np.concatenate([a * n_groups + b, (b * n_groups + a)[other]])
        every = np.concatenate([value, value[other]])
        sums = np.bincount(pair, every, n_groups**2).astype(np.float64)
        return sums.reshape(n_groups, n_groups)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        whole = bool((self.value == np.rint(self.value)).all())
        return {
            "first": self.first.tolist(),
            "second": self.second.tolist(),
            "value": (self.value.astype(np.int64) if whole else self.value).tolist(),
        }

    @classmethod
    def from_dict(
        cls, feature: str, data: Mapping[str, Any], weight: FloatArray
    ) -> CellProducts:
        """Read what :meth:`to_dict` wrote, for a table with these sums of weights.

        Raises
        ------
        DocumentError
            If the products are not those of clusters with these weights.
        """
        entry = kind_of("products", data, dict)
        first = numbers("first", entry["first"], "integer").astype(np.intp)
        second = numbers("second", entry["second"], "integer").astype(np.intp)
        value = numbers("value", entry["value"])
        shapes = {first.shape, second.shape, value.shape}
        fits = len(shapes) == 1 and first.ndim == 1
        if fits:
            inside = (first >= 0) & (first <= second) & (second < weight.size)
            fits = bool(inside.all() and np.isfinite(value).all() and (value > 0).all())
        if fits:
            found = cls._summed(first, second, value, weight.size)
            cells = weight.ravel()
            # No cluster has more in a cell than all clusters together.
            most = cells[first] * cells[second] * (1.0 + 1e-9)
            filled = first[first == second]
            fits = len(found.value) == len(value) and bool((value <= most).all())
            fits = fits and np.array_equal(np.sort(filled), np.flatnonzero(cells > 0))
        if not fits:
            msg = f"The document's products of clusters of {feature!r} do not fit."
            raise DocumentError(msg)
        return found
