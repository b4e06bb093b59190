"""Samples that an engine counted, as snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.counts import ClusteredTable, CountTable
from infostat.exceptions import InfostatError
from infostat.stability.clustering import CellProducts
from infostat.stability.snapshot import OUTCOMES, Snapshot

__all__ = ["from_tables"]


def from_tables(
    bins: Mapping[str, Bins], tables: Mapping[str, CountTable | ClusteredTable]
) -> Snapshot:
    """Snapshot of counts that an engine made.

    Parameters
    ----------
    bins : mapping of str to Bins
        Bins of each feature.
    tables : mapping of str to CountTable or ClusteredTable
        Their counts: non-events and events, one column without outcomes, or three with
        the unknown last.

    Returns
    -------
    Snapshot

    Raises
    ------
    InfostatError
        If there are no bins, they are not those of their feature, a table does not
        belong to its bins, or only some have clusters.
    """
    out, products = {}, {}
    if not bins:
        msg = "There are no bins: give those of one feature at least."
        raise InfostatError(msg)
    for name, part in bins.items():
        if not isinstance(part, Bins) or part.feature != name:
            held = part.feature if isinstance(part, Bins) else part
            msg = f"The bins of {name!r} must be Bins of {name!r}, got {held!r}."
            raise InfostatError(msg)
        given = tables.get(name)
        table = given.table if isinstance(given, ClusteredTable) else given
        if not isinstance(table, CountTable) or table.labels != part.labels:
            msg = f"The table of {name!r} does not count its bins {part.labels}."
            raise InfostatError(msg)
        width = table.rows.shape[1]
        if width not in (1, 2, OUTCOMES):
            msg = (
                f"The table of {name!r} has {width} columns: give non-events and "
                f"events, one column without outcomes, or three with the unknown last."
            )
            raise InfostatError(msg)
        place = {1: [2], 2: [0, 1], OUTCOMES: [0, 1, 2]}[width]
        counts: list[Any] = []
        for values in (table.rows, table.weight, table.squared):
            wide: npt.NDArray[Any] = np.zeros((part.n_bins, OUTCOMES), values.dtype)
            wide[:, place] = values
            counts.append(wide)
        out[name] = CountTable(counts[0], counts[1], counts[2], part.labels)
        if isinstance(given, ClusteredTable):
            products[name] = _products(given)
    if products and len(products) < len(out):
        msg = (
            f"Only {sorted(products)} have clusters: give a ClusteredTable of every "
            f"feature, or of none."
        )
        raise InfostatError(msg)
    return Snapshot(out, products=products or None)


def _products(table: ClusteredTable) -> CellProducts:
    """Products of a snapshot, whose cells lie bin by bin, three a bin."""
    n_bins = table.table.n_bins
    square = table.products.transpose(2, 0, 3, 1).reshape(2 * n_bins, 2 * n_bins)
    first, second = np.nonzero(np.triu(square))
    cell = (OUTCOMES * np.arange(n_bins)[:, None] + np.arange(2)).ravel()
    return CellProducts(
        cell[first], cell[second], square[first, second], n_bins * OUTCOMES
    )
