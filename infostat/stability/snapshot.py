"""Counts of one sample: every feature's bins by segment and outcome, in one pass.

Snapshots add, so that batches, machines and months need no other code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_choice
from infostat._documents import count_arrays, kind_of
from infostat.binning.bins import Bins
from infostat.binning.columns import Columns
from infostat.counts import CountTable
from infostat.counts.array_engine import count_values
from infostat.exceptions import InfostatError
from infostat.stability.clustering import CellProducts, Clusters, Keys

__all__ = ["OUTCOMES", "SCORE", "TOTAL", "Snapshot", "count_sample"]

OUTCOMES = 3
"""Columns a segment: non-events, events, rows whose outcome is not known."""

SCORE = "score"
"""Name under which a model's output is watched."""

TOTAL = "all"
"""Name of all segments together."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Counts of one sample.

    Attributes
    ----------
    tables : dict of str to CountTable
        Per feature a table of shape (n_bins, 3 n_segments): for each segment the
        non-events, the events, and the rows without a known outcome.
    segments : tuple of str
        Names of the segments; empty where there are none (one block of columns).
    products : dict of str to CellProducts, or None
        Per feature the cross products of the clusters over the cells of its table, row
        by row; None where rows are independent.
    keys : ndarray of uint64, or None
        Digests of the clusters' labels; they stay in this process, and are None where
        they are not known.
    """

    tables: dict[str, CountTable]
    segments: tuple[str, ...] = ()
    products: dict[str, CellProducts] | None = None
    keys: Keys | None = None

    def __add__(self, other: Snapshot) -> Snapshot:
        if set(self.tables) != set(other.tables):
            msg = (
                f"Snapshots of different features do not add: {sorted(self.tables)} "
                f"and {sorted(other.tables)}."
            )
            raise InfostatError(msg)
        if bool(self.segments) != bool(other.segments):
            msg = "One sample has segments and the other has none: give them for both."
            raise InfostatError(msg)
        if (self.products is None) != (other.products is None):
            msg = (
                "One batch of a period has clusters and the other has none: give them "
                "for both, np.arange(n_samples) where every row stands alone."
            )
            raise InfostatError(msg)
        names = (*self.segments, *(s for s in other.segments if s not in self.segments))
        first, second = self.spread(names), other.spread(names)
        tables = {
            name: first.tables[name] + second.tables[name] for name in first.tables
        }
        if first.products is None or second.products is None:
            return Snapshot(tables, names)
        products = {
            name: first.products[name] + second.products[name] for name in tables
        }
        known = first.keys is not None and second.keys is not None
        keys = np.union1d(first.keys, second.keys) if known else None  # type: ignore[arg-type]
        return Snapshot(tables, names, products, keys)

    def shared(self, other: Snapshot) -> int:
        """Count the clusters that both samples hold, as far as labels are known.

        Parameters
        ----------
        other : Snapshot
            Another sample.

        Returns
        -------
        int
        """
        if self.keys is None or other.keys is None:
            return 0
        return len(np.intersect1d(self.keys, other.keys, assume_unique=True))

    def spread(self, segments: Sequence[str]) -> Snapshot:
        """Return the same counts with columns for other segments.

        Parameters
        ----------
        segments : sequence of str
            Names, in the order wanted; they include those of the snapshot.

        Returns
        -------
        Snapshot
            Zeros for segments that did not occur.

        Raises
        ------
        InfostatError
            If a segment of the snapshot is not among them, or it has none.
        """
        if tuple(segments) == self.segments:
            return self
        absent = [s for s in self.segments if s not in tuple(segments)]
        if absent or not self.segments:
            msg = (
                f"segments must hold those of the snapshot, {list(self.segments)}, got "
                f"{list(segments)}: name them all."
            )
            raise InfostatError(msg)
        place = np.array([segments.index(s) for s in self.segments], dtype=np.intp)
        columns = (OUTCOMES * place[:, None] + np.arange(OUTCOMES)).ravel()

        def widen(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
            out = np.zeros((values.shape[0], OUTCOMES * len(segments)), values.dtype)
            out[:, columns] = values
            return out

        tables = {
            name: CountTable(widen(t.rows), widen(t.weight), widen(t.squared), t.labels)
            for name, t in self.tables.items()
        }
        if self.products is None:
            return Snapshot(tables, tuple(segments))
        width = OUTCOMES * len(segments)
        products = {}
        for name, t in self.tables.items():
            cell = width * np.arange(t.n_bins)[:, None] + columns
            products[name] = self.products[name].moved(cell.ravel(), t.n_bins * width)
        return Snapshot(tables, tuple(segments), products, self.keys)

    def table(self, feature: str, segment: str = TOTAL) -> CountTable:
        """Counts of one feature by outcome, shape (n_bins, 3).

        Parameters
        ----------
        feature : str
            Name of the feature.
        segment : str, default="all"
            Name of the segment; "all" for their sum.

        Returns
        -------
        CountTable
            Zeros for a segment that did not occur.

        Raises
        ------
        InfostatError
            If the feature is unknown.
        """
        table = self.tables[read_choice(feature, "feature", self.tables)]
        n_blocks = max(len(self.segments), 1)
        chosen = self._blocks(segment)

        def part(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
            blocks = values.reshape(values.shape[0], n_blocks, OUTCOMES)
            return np.asarray(blocks[:, chosen].sum(axis=1))

        return CountTable(
            part(table.rows), part(table.weight), part(table.squared), table.labels
        )

    def clustered(
        self, feature: str, segment: str, outcomes: Sequence[Sequence[int]]
    ) -> npt.NDArray[np.float64]:
        """Cross products of the clusters between groups of outcomes and bins.

        Parameters
        ----------
        feature, segment : str
            See :meth:`table`.
        outcomes : sequence of sequence of int
            Columns of :meth:`table` that make up each group; the others are left out.

        Returns
        -------
        ndarray of shape (n_groups, n_groups, n_bins, n_bins)
            As in :class:`infostat.counts.ClusteredTable`.

        Raises
        ------
        InfostatError
            If the sample has no clusters.
        """
        if self.products is None:
            msg = "The sample has no clusters: give them to fit, compare and update."
            raise InfostatError(msg)
        n_bins, n_groups = self.tables[feature].n_bins, len(outcomes)
        n_blocks = max(len(self.segments), 1)
        group = np.full((n_bins, n_blocks, OUTCOMES), -1, dtype=np.intp)
        for k, members in enumerate(outcomes):
            for member in members:
                own = k * n_bins + np.arange(n_bins)
                group[:, self._blocks(segment), member] = own[:, None]
        flat = self.products[feature].gathered(group.ravel(), n_groups * n_bins)
        shaped = flat.reshape(n_groups, n_bins, n_groups, n_bins)
        return np.ascontiguousarray(shaped.transpose(0, 2, 1, 3))

    def _blocks(self, segment: str) -> slice:
        """Blocks of columns of a segment; none of one that did not occur."""
        if segment == TOTAL:
            return slice(None)
        if segment in self.segments:
            k = self.segments.index(segment)
            return slice(k, k + 1)
        return slice(0)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON; without the labels of clusters.

        Returns
        -------
        dict of str to object
            For :meth:`from_dict`; the bins are not in it.
        """
        weighted = any(
            (table.weight != table.rows).any() or (table.squared != table.rows).any()
            for table in self.tables.values()
        )
        features: dict[str, Any] = {}
        for name, table in self.tables.items():
            entry: dict[str, Any] = {"rows": table.rows.tolist()}
            if weighted:
                entry["weight"] = table.weight.tolist()
                entry["squared_weight"] = table.squared.tolist()
            if self.products is not None:
                entry["products"] = self.products[name].to_dict()
            features[name] = entry
        return {
            "segments": list(self.segments),
            "weighted": weighted,
            **({} if self.products is None else {"clustered": True}),
            "features": features,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], bins: Mapping[str, Bins]) -> Snapshot:
        """Read what :meth:`to_dict` wrote.

        Parameters
        ----------
        data : mapping
            Plain data.
        bins : mapping of str to Bins
            Bins of each feature.

        Returns
        -------
        Snapshot
            Equal to the one that was written.

        Raises
        ------
        DocumentError
            If counts are negative, not finite, or do not fit the bins.
        KeyError
            If a field is absent; a monitor's ``from_json`` names the document.
        """
        segments = tuple(str(s) for s in kind_of("segments", data["segments"], list))
        weighted = kind_of("weighted", data["weighted"], bool)
        clustered = kind_of("clustered", data.get("clustered", False), bool)
        width = OUTCOMES * max(len(segments), 1)
        tables, products = {}, {}
        for name, part in bins.items():
            entry = data["features"][name]
            rows, weight, squared = count_arrays(
                name, entry, (part.n_bins, width), weighted=weighted
            )
            tables[name] = CountTable(rows, weight, squared, part.labels)
            if clustered:
                products[name] = CellProducts.from_dict(name, entry["products"], weight)
        return cls(tables, segments, products if clustered else None)


def count_sample(
    columns: Columns,
    bins: Mapping[str, Bins],
    extra: Mapping[str, npt.NDArray[np.float64]],
    classes: npt.NDArray[np.intp],
    n_periods: int,
    segments: tuple[str, ...],
    weight: npt.NDArray[np.float64] | None = None,
    clusters: Clusters | None = None,
) -> list[Snapshot]:
    """Count every feature in one pass, whatever the number of periods and segments.

    Parameters
    ----------
    columns : Columns
        The sample.
    bins : mapping of str to Bins
        Bins of each feature.
    extra : mapping of str to ndarray of shape (n_samples,)
        Columns that are computed, such as the score.
    classes : ndarray of shape (n_samples,)
        Period times the columns of a period, plus the column within it.
    n_periods : int
        Number of periods.
    segments : tuple of str
        Names of the segments.
    weight : ndarray of shape (n_samples,), optional
        Weights of the rows.
    clusters : Clusters, optional
        Cluster of each row.

    Returns
    -------
    list of Snapshot
        One a period.
    """
    width = OUTCOMES * max(len(segments), 1)
    tables: list[dict[str, CountTable]] = [{} for _ in range(n_periods)]
    products: list[dict[str, CellProducts]] = [{} for _ in range(n_periods)]
    turn = classes // width
    rows = [turn == k for k in range(n_periods)] if clusters is not None else []
    for name, part in bins.items():
        if name in extra:
            values: Any = extra[name]
        else:
            values = columns.read(name, categorical=part.groups is not None).values
        counted = count_values(
            values, part, classes, weight=weight, n_classes=n_periods * width
        )
        for block in range(n_periods):
            own = slice(block * width, (block + 1) * width)
            tables[block][name] = CountTable(
                counted.rows[:, own],
                counted.weight[:, own],
                counted.squared[:, own],
                part.labels,
            )
        if clusters is None:
            continue
        cells = part.codes(values).astype(np.intp) * width + classes % width
        weights = np.ones(len(cells)) if weight is None else weight
        for block, kept in enumerate(rows):
            products[block][name] = CellProducts.count(
                cells[kept], clusters.codes[kept], weights[kept], part.n_bins * width
            )
    if clusters is None:
        return [Snapshot(table, segments) for table in tables]
    return [
        Snapshot(table, segments, own, np.sort(clusters.keys[np.unique(codes)]))
        for table, own, codes in zip(
            tables, products, (clusters.codes[kept] for kept in rows), strict=True
        )
    ]
