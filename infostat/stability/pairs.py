"""Reference and current sample as two classes of one table, clustered where rows are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.counts import ClusteredTable, CountTable
from infostat.inference.measure import WeightType
from infostat.stability.reference import coarse_codes
from infostat.stability.snapshot import OUTCOMES, TOTAL, Snapshot

__all__ = ["compared_table", "known_outcomes", "stability_table"]

FloatArray = npt.NDArray[np.float64]

EVERY = (tuple(range(OUTCOMES)),)
"""All outcomes as one group."""


def stability_table(reference: CountTable, current: CountTable) -> CountTable:
    """Two samples by outcome as the two classes of one table."""
    pairs = [
        np.stack([getattr(t, field).sum(axis=1) for t in (reference, current)], axis=1)
        for field in ("rows", "weight", "squared")
    ]
    return CountTable(pairs[0], pairs[1], pairs[2], reference.labels)


def compared_table(
    reference: Snapshot,
    current: Snapshot,
    part: Bins,
    segment: str,
    coarse: Mapping[str, Sequence[float]],
    weight_type: WeightType,
) -> CountTable | ClusteredTable:
    """Counts of one feature in one segment of both samples.

    Parameters
    ----------
    reference, current : Snapshot
        Counts of the two samples; they share no cluster.
    part : Bins
        Bins of the feature.
    segment : str
        Name of the segment. A reference without segments stands for each of them.
    coarse : mapping of str to sequence of float
        Cuts of the features whose index uses coarser bins.
    weight_type : {"frequency", "sampling"}
        Meaning of the weights.

    Returns
    -------
    CountTable or ClusteredTable
        Class 0 is the reference. Clustered where either sample is.
    """
    feature, there = part.feature, segment if reference.segments else TOTAL
    counts = stability_table(
        reference.table(feature, there), current.table(feature, segment)
    )
    table: CountTable | ClusteredTable = counts
    if reference.products is not None or current.products is not None:
        products = np.zeros((2, 2, counts.n_bins, counts.n_bins))
        for k, (sample, name) in enumerate(((reference, there), (current, segment))):
            products[k, k] = _products(sample, feature, name, EVERY, weight_type)[0, 0]
        table = ClusteredTable(_effective(counts, weight_type), products)
    if feature not in coarse:
        return table
    codes, target = coarse_codes(part, coarse[feature])
    return table.collapse(codes, target.labels)


def known_outcomes(
    sample: Snapshot, feature: str, segment: str, weight_type: WeightType
) -> CountTable | ClusteredTable:
    """Non-events and events of one sample, clustered where its rows are."""
    whole = sample.table(feature, segment)
    table = CountTable(
        whole.rows[:, :2], whole.weight[:, :2], whole.squared[:, :2], whole.labels
    )
    if sample.products is None:
        return table
    products = _products(sample, feature, segment, ((0,), (1,)), weight_type)
    return ClusteredTable(_effective(table, weight_type), products)


def _products(
    sample: Snapshot,
    feature: str,
    segment: str,
    outcomes: Sequence[Sequence[int]],
    weight_type: WeightType,
) -> FloatArray:
    """Cross products of a sample; a row without clusters stands alone."""
    if sample.products is not None:
        return sample.clustered(feature, segment, outcomes)
    table = _effective(sample.table(feature, segment), weight_type)
    products = np.zeros((len(outcomes), len(outcomes), table.n_bins, table.n_bins))
    for k, members in enumerate(outcomes):
        products[k, k] = np.diag(table.squared[:, list(members)].sum(axis=1))
    return products


def _effective(table: CountTable, weight_type: WeightType) -> CountTable:
    """Frequency weights stand for rows of the same cluster, not for their squares."""
    return replace(table, squared=table.weight) if weight_type == "frequency" else table
