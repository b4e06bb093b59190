"""The sufficient statistic of every score: counts per bin and class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_codes, read_count, read_numbers
from infostat.exceptions import InfostatError

__all__ = ["CountTable"]

LARGEST_COUNT = 1e15
"""Beyond it counts are no longer exact in float64."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CountTable:
    """Rows, weights and squared weights per bin (axis 0) and class (axis 1).

    Tables add: the table of two stacked samples is the sum of their tables, so chunks,
    engines, folds and months need no other code. By convention column 0 is the class of
    non-events (or the expected sample) and column 1 that of events (or the actual one).

    Attributes
    ----------
    rows : ndarray of shape (n_bins, n_classes), int64
        Number of rows.
    weight : ndarray of shape (n_bins, n_classes), float64
        Sum of the rows' weights; equal to ``rows`` without weights.
    squared : ndarray of shape (n_bins, n_classes), float64
        Sum of the squared weights.
    labels : tuple of str
        One name a bin.
    n_bins : int
        Number of bins, empty ones included.
    events, non_events : ndarray of shape (n_bins,), float64
        Weight of class 1 and of class 0.
    totals : ndarray of shape (n_classes,), float64
        Weight of each class.
    event_rate : ndarray of shape (n_bins,), float64
        Events over all; NaN where a bin is empty.

    Examples
    --------
    >>> table = CountTable.from_counts(events=[3, 5], non_events=[40, 20])
    >>> (table + table).events
    array([ 6., 10.])
    """

    rows: IntArray
    weight: FloatArray
    squared: FloatArray
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        shape = self.rows.shape
        if (
            len(shape) != 2
            or self.weight.shape != shape
            or self.squared.shape != shape
            or len(self.labels) != shape[0]
        ):
            msg = (
                f"A count table needs arrays of one shape (bins, classes) and a label a "
                f"bin, got {shape}, {self.weight.shape}, {self.squared.shape} and "
                f"{len(self.labels)} labels."
            )
            raise InfostatError(msg)

    @classmethod
    def from_counts(
        cls,
        events: npt.ArrayLike,
        non_events: npt.ArrayLike,
        labels: Sequence[str] | None = None,
        *,
        names: tuple[str, str] = ("events", "non_events"),
    ) -> CountTable:
        """Build a table from two vectors of counts.

        Parameters
        ----------
        events, non_events : array-like of shape (n_bins,)
            Counts of the class of interest (or the actual sample) and of the other
            (or the expected sample); non-negative, not all zero within a class.
            Fractional counts are taken as frequency weights.
        labels : sequence of str, optional
            Names of the bins; "1", "2", ... by default.
        names : tuple of str, default=("events", "non_events")
            What error messages call the two vectors.

        Returns
        -------
        CountTable

        Raises
        ------
        InfostatError
            If the vectors differ in length, are empty or hold a value that is
            negative or not finite.
        """
        counts = []
        for name, given in ((names[1], non_events), (names[0], events)):
            values = read_numbers(given, name, low=0.0, high=LARGEST_COUNT)
            tiny = (values > 0) & (values < 1.0 / LARGEST_COUNT)
            if tiny.any():
                msg = (
                    f"{name} holds {values[tiny][0]:g}, too small for a sum of weights: "
                    f"rescale the weights to a mean of about one."
                )
                raise InfostatError(msg)
            counts.append(values)
        if counts[0].shape != counts[1].shape:
            msg = (
                f"{names[0]} has {counts[1].size} bins and {names[1]} "
                f"{counts[0].size}: give one count a bin in both."
            )
            raise InfostatError(msg)
        weight = np.stack(counts, axis=1)
        if labels is None:
            labels = [str(k + 1) for k in range(weight.shape[0])]
        rows = np.rint(weight).astype(np.int64)
        return cls(rows, weight, weight.copy(), tuple(str(label) for label in labels))

    @property
    def n_bins(self) -> int:
        """Number of bins, empty ones included."""
        return int(self.rows.shape[0])

    @property
    def events(self) -> FloatArray:
        """Weight of the events (class 1) per bin."""
        return self.weight[:, 1]

    @property
    def non_events(self) -> FloatArray:
        """Weight of the non-events (class 0) per bin."""
        return self.weight[:, 0]

    @property
    def totals(self) -> FloatArray:
        """Weight of each class, shape (n_classes,)."""
        return np.asarray(self.weight.sum(axis=0))

    @property
    def event_rate(self) -> FloatArray:
        """Events over all per bin; NaN where a bin is empty."""
        both = self.weight.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(both > 0, self.events / both, np.nan))

    def __add__(self, other: CountTable) -> CountTable:
        self._check_same_bins(other, "add")
        return CountTable(
            self.rows + other.rows,
            self.weight + other.weight,
            self.squared + other.squared,
            self.labels,
        )

    def __sub__(self, other: CountTable) -> CountTable:
        self._check_same_bins(other, "subtract")
        rows = self.rows - other.rows
        if (rows < 0).any():
            msg = "The table to subtract holds rows that this table does not."
            raise InfostatError(msg)
        # Sums of weights come back to zero only up to rounding: an empty cell is empty.
        empty = rows == 0
        return CountTable(
            rows,
            np.where(empty, 0.0, self.weight - other.weight),
            np.where(empty, 0.0, self.squared - other.squared),
            self.labels,
        )

    def collapse(self, codes: npt.ArrayLike, labels: Sequence[str]) -> CountTable:
        """Send every bin to a coarser one.

        Parameters
        ----------
        codes : array-like of shape (n_bins,), int
            New bin of each old bin, from 0 to ``len(labels) - 1``.
        labels : sequence of str
            Names of the new bins.

        Returns
        -------
        CountTable
            The coarser table, ``len(labels)`` bins.

        Raises
        ------
        InfostatError
            If there is not one code for each bin, or a code has no label.
        """
        codes = read_codes(codes, "codes", len(labels), shape=(self.n_bins,))

        def summed(cells: npt.NDArray[Any]) -> FloatArray:
            # Column by column: one bincount is far faster than scattered additions.
            sums = [np.bincount(codes, c, minlength=len(labels)) for c in cells.T]
            return np.stack(sums, axis=1)

        # Counts of rows are whole numbers, which floats below 2**53 hold exactly.
        return CountTable(
            summed(self.rows).astype(np.int64),
            summed(self.weight),
            summed(self.squared),
            tuple(labels),
        )

    def merge(self, first: int, last: int) -> CountTable:
        """Merge neighbouring bins.

        Parameters
        ----------
        first, last : int
            Indices of the ends, both included.

        Returns
        -------
        CountTable
            Its new bin is labelled by the old labels, joined by " + ".

        Raises
        ------
        InfostatError
            If ``first < last`` does not hold within the table.
        """
        first, last = read_count(first, "first", 0), read_count(last, "last", 0)
        if not first < last < self.n_bins:
            msg = (
                f"Cannot merge bins {first} to {last} of {self.n_bins}: give first < "
                f"last within the table."
            )
            raise InfostatError(msg)
        codes = np.arange(self.n_bins)
        codes[first : last + 1] = first
        codes[last + 1 :] -= last - first
        name = " + ".join(self.labels[first : last + 1])
        labels = (*self.labels[:first], name, *self.labels[last + 1 :])
        return self.collapse(codes, labels)

    def drop_empty(self) -> CountTable:
        """Leave out the bins in which no class has weight.

        Returns
        -------
        CountTable
            Bins in which some class has weight.
        """
        keep = self.weight.sum(axis=1) > 0
        return self._take(np.flatnonzero(keep))

    def select(self, bins: npt.ArrayLike) -> CountTable:
        """Keep the bins with these indices, in this order.

        Parameters
        ----------
        bins : array-like of shape (n_kept,), int
            Indices from 0.

        Returns
        -------
        CountTable
            As many bins as indices.

        Raises
        ------
        InfostatError
            If an index is none of a bin; negative ones do not count from the end.
        """
        return self._take(read_codes(bins, "bins", self.n_bins).astype(np.intp))

    def _take(self, index: npt.NDArray[np.intp]) -> CountTable:
        labels = tuple(self.labels[k] for k in index)
        return CountTable(
            self.rows[index], self.weight[index], self.squared[index], labels
        )

    def _check_same_bins(self, other: CountTable, verb: str) -> None:
        if not isinstance(other, CountTable):
            msg = f"Cannot {verb} {type(other).__name__} and a CountTable."
            raise TypeError(msg)
        if self.labels != other.labels or self.rows.shape != other.rows.shape:
            msg = (
                f"Cannot {verb} tables of different bins: {self.labels} and "
                f"{other.labels}."
            )
            raise InfostatError(msg)
