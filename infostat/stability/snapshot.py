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
    """

    tables: dict[str, CountTable]
    segments: tuple[str, ...] = ()

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
        names = (*self.segments, *(s for s in other.segments if s not in self.segments))
        first, second = self.spread(names), other.spread(names)
        tables = {
            name: first.tables[name] + second.tables[name] for name in first.tables
        }
        return Snapshot(tables, names)

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
        return Snapshot(tables, tuple(segments))

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
        if segment == TOTAL:
            chosen = slice(None)
        elif segment in self.segments:
            k = self.segments.index(segment)
            chosen = slice(k, k + 1)
        else:
            chosen = slice(0)

        def part(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
            blocks = values.reshape(values.shape[0], n_blocks, OUTCOMES)
            return np.asarray(blocks[:, chosen].sum(axis=1))

        return CountTable(
            part(table.rows), part(table.weight), part(table.squared), table.labels
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON.

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
            features[name] = entry
        return {
            "segments": list(self.segments),
            "weighted": weighted,
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
        width = OUTCOMES * max(len(segments), 1)
        tables = {}
        for name, part in bins.items():
            entry = data["features"][name]
            rows, weight, squared = count_arrays(
                name, entry, (part.n_bins, width), weighted=weighted
            )
            tables[name] = CountTable(rows, weight, squared, part.labels)
        return cls(tables, segments)


def count_sample(
    columns: Columns,
    bins: Mapping[str, Bins],
    extra: Mapping[str, npt.NDArray[np.float64]],
    classes: npt.NDArray[np.intp],
    shape: tuple[int, int],
    weight: npt.NDArray[np.float64] | None = None,
) -> list[dict[str, CountTable]]:
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
        Period times ``shape[1]`` plus the column within the period.
    shape : tuple of int
        Number of periods, and columns a period.
    weight : ndarray of shape (n_samples,), optional
        Weights of the rows.

    Returns
    -------
    list of dict of str to CountTable
        One entry a period.
    """
    n_blocks, width = shape
    out: list[dict[str, CountTable]] = [{} for _ in range(n_blocks)]
    for name, part in bins.items():
        if name in extra:
            values: Any = extra[name]
        else:
            values = columns.read(name, categorical=part.groups is not None).values
        counted = count_values(
            values, part, classes, weight=weight, n_classes=n_blocks * width
        )
        for block in range(n_blocks):
            own = slice(block * width, (block + 1) * width)
            out[block][name] = CountTable(
                counted.rows[:, own],
                counted.weight[:, own],
                counted.squared[:, own],
                part.labels,
            )
    return out
