"""Counts of rows that come in clusters: several rows of one customer, or two dates.

Sampling errors of clustered shares depend on the rows only through the cross products
of the clusters' sums, so that a table of fixed size is again sufficient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import as_array, read_codes, read_numbers
from infostat.counts.array_engine import count_codes
from infostat.counts.table import CountTable, FloatArray
from infostat.exceptions import InfostatError

__all__ = ["ClusteredTable", "tabulate_clusters", "tabulate_pairs"]


@dataclass(frozen=True, eq=False)
class ClusteredTable:
    """A count table with the cross products of its clusters' sums.

    Attributes
    ----------
    table : CountTable
        Two classes.
    products : ndarray of shape (2, 2, n_bins, n_bins)
        ``products[k, l, i, j]`` is the sum over clusters of the weight that the cluster
        has in class ``k``, bin ``i``, times that in class ``l``, bin ``j``. Tables of
        disjoint clusters add.
    """

    table: CountTable
    products: FloatArray

    def __add__(self, other: ClusteredTable) -> ClusteredTable:
        return ClusteredTable(self.table + other.table, self.products + other.products)

    def collapse(self, codes: npt.ArrayLike, labels: tuple[str, ...]) -> ClusteredTable:
        """Send every bin to a coarser one.

        Parameters
        ----------
        codes : array-like of shape (n_bins,), int
            New bin of each old bin, from 0 to ``len(labels) - 1``.
        labels : tuple of str
            Names of the new bins.

        Returns
        -------
        ClusteredTable
            ``len(labels)`` bins.
        """
        index = np.asarray(codes, dtype=np.intp)
        target = np.zeros((self.table.n_bins, len(labels)))
        target[np.arange(self.table.n_bins), index] = 1.0
        return ClusteredTable(
            self.table.collapse(index, labels), target.T @ self.products @ target
        )


def tabulate_clusters(
    codes: npt.NDArray[Any],
    classes: npt.NDArray[Any],
    clusters: npt.ArrayLike,
    labels: tuple[str, ...],
    *,
    weight: FloatArray | None = None,
) -> ClusteredTable:
    """Count rows that belong to clusters.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,)
        Bin of each row.
    classes : ndarray of shape (n_samples,)
        Class of each row, 0 or 1.
    clusters : array-like of shape (n_samples,)
        Name or number of each row's cluster.
    labels : tuple of str
        Names of the bins.
    weight : ndarray of shape (n_samples,), optional
        Weight of each row, not negative.

    Returns
    -------
    ClusteredTable

    Raises
    ------
    InfostatError
        If the arrays differ in length, a bin or class is not a whole number within
        range, or a weight is negative or not finite.
    """
    from scipy.sparse import csr_array

    codes = read_codes(codes, "codes", len(labels))
    classes = read_codes(classes, "classes", 2, shape=codes.shape)
    groups = as_array(clusters, "clusters")
    if groups.shape != codes.shape:
        msg = f"clusters must have shape {codes.shape}, one a row, got {groups.shape}."
        raise InfostatError(msg)
    if weight is not None:
        weight = read_numbers(weight, "weight", shape=codes.shape, low=0.0)
    _, index = np.unique(groups.astype(str), return_inverse=True)
    n_bins, n_clusters = len(labels), int(index.max(initial=-1)) + 1
    weights = np.ones(codes.size) if weight is None else weight
    column = classes.astype(np.intp) * n_bins + codes
    sums = csr_array((weights, (index, column)), shape=(n_clusters, 2 * n_bins))
    gram = (sums.T @ sums).toarray().reshape(2, n_bins, 2, n_bins)
    table = count_codes(codes, classes, labels, weight=weight)
    return ClusteredTable(table, np.ascontiguousarray(gram.transpose(0, 2, 1, 3)))


def tabulate_pairs(
    transitions: npt.ArrayLike, labels: tuple[str, ...] | None = None
) -> ClusteredTable:
    """Count the same accounts at two dates.

    Parameters
    ----------
    transitions : array-like of shape (n_bins, n_bins)
        Accounts in bin ``i`` at the first date and in bin ``j`` at the second, not
        negative.
    labels : tuple of str, optional
        Names of the bins.

    Returns
    -------
    ClusteredTable
        Class 0 is the first date (expected), class 1 the second (actual).

    Raises
    ------
    InfostatError
        If the matrix is not square, or an entry is negative or not finite.
    """
    moves = read_numbers(transitions, "transitions", ndim=2, low=0.0, high=1e15)
    if moves.shape[0] != moves.shape[1]:
        msg = f"transitions must be a square matrix, got shape {moves.shape}."
        raise InfostatError(msg)
    first, second = moves.sum(axis=1), moves.sum(axis=0)
    table = CountTable.from_counts(second, first, labels)
    products = np.array(
        [[np.diag(first), moves], [moves.T, np.diag(second)]], dtype=np.float64
    )
    return ClusteredTable(table, products)
