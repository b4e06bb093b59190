"""Merging of sparse bins before inference.

The second-order bias explodes in a nearly empty cell, and with it every interval: a
table of thirty bins and sixty rows would certify anything. So intervals and tests speak
of bins that are merged until each is well filled in both classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.counts import ClusteredTable, CountTable

__all__ = [
    "merge_sparse",
    "padded",
    "padded_clusters",
    "sparse_groups",
]

FloatArray = npt.NDArray[np.float64]


def merge_sparse(
    table: CountTable,
    sizes: FloatArray,
    *,
    fixed: bool = False,
    minimum_expected: float = 5.0,
    ordered_from: int = 0,
    both_classes: bool = True,
) -> tuple[CountTable, npt.NDArray[np.intp]]:
    """Merge the sparse bins of a table.

    Parameters
    ----------
    table : CountTable
        Two classes.
    sizes : ndarray of shape (2,)
        Effective rows of each class.
    fixed : bool, default=False
        Whether class 0 is known without error.
    minimum_expected, ordered_from, both_classes
        See :func:`sparse_groups`.

    Returns
    -------
    merged : CountTable
        Without empty bins.
    groups : ndarray of shape (n_bins,), intp
        Merged bin of each bin of ``table``.
    """
    filled = np.flatnonzero(table.weight.sum(axis=1) > 0)
    dense = table.select(filled)
    shares = dense.weight / dense.totals
    if fixed:
        expected = shares[:, 0] * sizes[1]
    else:
        expected = shares @ (sizes / sizes.sum()) * sizes.min()
    groups = sparse_groups(
        dense.weight,
        expected,
        minimum_expected=minimum_expected,
        ordered_from=int((filled < ordered_from).sum()),
        both_classes=both_classes,
    )
    codes = np.zeros(table.n_bins, dtype=np.intp)
    codes[filled] = groups
    n_groups = int(groups.max()) + 1
    if n_groups == dense.n_bins:
        return dense, codes
    labels = [
        " + ".join(dense.labels[k] for k in np.flatnonzero(groups == g))
        for g in range(n_groups)
    ]
    return dense.collapse(groups, labels), codes


def padded(table: CountTable, sizes: FloatArray) -> CountTable:
    r"""Counts with a row of the rarer class, and its like of the other, in every bin.

    Both share vectors move by the same fraction towards the uniform law. A divergence
    is jointly convex, so that of the moved shares is smaller, and has errors: its lower
    limit is one of the divergence itself, where at most one bin holds both classes.

    Parameters
    ----------
    table : CountTable
        Two classes.
    sizes : ndarray of shape (2,)
        Effective rows of each class.

    Returns
    -------
    CountTable
    """
    added, squared = _added(table, sizes)
    return CountTable(
        table.rows, table.weight + added, table.squared + squared, table.labels
    )


def padded_clusters(clustered: ClusteredTable, sizes: FloatArray) -> ClusteredTable:
    """Pad a table as :func:`padded` does, each added row a cluster of its own."""
    _, squared = _added(clustered.table, sizes)
    products = clustered.products.copy()
    for k in (0, 1):
        products[k, k] += np.eye(clustered.table.n_bins) * squared[k]
    return ClusteredTable(padded(clustered.table, sizes), products)


def _added(table: CountTable, sizes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weight that a bin gets in each class, and the sum of its rows' squares."""
    share = 1.0 / sizes.min()
    return table.totals * share, table.totals**2 * share / sizes


def sparse_groups(
    weight: FloatArray,
    expected: FloatArray,
    *,
    minimum_expected: float = 5.0,
    ordered_from: int = 0,
    both_classes: bool = True,
) -> npt.NDArray[np.intp]:
    """Group bins until each is large enough for inference.

    A bin is too small while its expected count is below ``minimum_expected`` or, with
    ``both_classes``, while one class is absent. The smallest offender is merged first:
    an ordered bin into its smaller neighbour, an unordered one (missing, special,
    level) into the next smallest unordered bin, or into the smallest ordered bin where
    it is the last of its kind.

    Parameters
    ----------
    weight : ndarray of shape (n_bins, 2)
        Weight per bin and class; no bin is empty in both.
    expected : ndarray of shape (n_bins,)
        Expected count of each bin in the smaller class, were both classes alike.
    minimum_expected : float, default=5.0
        Smallest expected count.
    ordered_from : int, default=0
        Index of the first ordered bin; those before have no neighbours.
    both_classes : bool, default=True
        Whether to go on until no bin lacks a class.

    Returns
    -------
    ndarray of shape (n_bins,), intp
        Group of each bin, numbered from 0 in the order of their first bins.
    """
    lacking = both_classes & (weight.min(axis=1) <= 0)
    if not (lacking | (expected < minimum_expected)).any():
        return np.arange(len(weight))
    groups: list[dict[str, Any]] = [
        {
            "bins": [k],
            "expected": float(expected[k]),
            "least": float(weight[k].min()),
            "cells": weight[k].copy(),
            "ordered": k >= ordered_from,
        }
        for k in range(len(weight))
    ]
    while len(groups) > 1:
        offenders = [
            k
            for k, group in enumerate(groups)
            if group["expected"] < minimum_expected
            or (both_classes and group["least"] <= 0)
        ]
        if not offenders:
            break
        chosen = min(offenders, key=lambda k: groups[k]["expected"])
        _join(groups, chosen, _partner(groups, chosen))
    out = np.empty(len(weight), dtype=np.intp)
    groups.sort(key=lambda group: min(group["bins"]))
    for number, group in enumerate(groups):
        out[group["bins"]] = number
    return out


def _partner(groups: list[dict[str, Any]], k: int) -> int:
    """Group that takes group ``k``."""
    ordered = [i for i, group in enumerate(groups) if group["ordered"]]
    if groups[k]["ordered"] and len(ordered) > 1:
        place = ordered.index(k)
        candidates = [
            ordered[i] for i in (place - 1, place + 1) if 0 <= i < len(ordered)
        ]
    else:
        unordered = [
            i for i, group in enumerate(groups) if not group["ordered"] and i != k
        ]
        candidates = unordered or [i for i in ordered if i != k]
    return min(candidates, key=lambda i: float(groups[i]["expected"]))


def _join(groups: list[dict[str, Any]], source: int, target: int) -> None:
    """Merge group ``source`` into group ``target`` and drop it from the list."""
    gone, kept = groups[source], groups[target]
    kept["bins"] += gone["bins"]
    kept["expected"] += gone["expected"]
    kept["cells"] = kept["cells"] + gone["cells"]
    kept["least"] = float(kept["cells"].min())
    kept["ordered"] = kept["ordered"] or gone["ordered"]
    del groups[source]
