"""Counts of events and non-events at every distinct score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat._arrays import as_array, read_codes, read_numbers
from infostat.exceptions import InfostatError

__all__ = ["ScoreTable"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """What ranking, cut-offs and calibration need of scored rows.

    Attributes
    ----------
    values : ndarray of shape (n_values,)
        Distinct scores, increasing.
    weight : ndarray of shape (n_values, 2)
        Sum of weights of non-events (column 0) and events (column 1).
    squared : ndarray of shape (n_values, 2)
        Sum of squared weights; equal to ``weight`` for frequency weights, which stand
        for repeated rows.
    place : ndarray of shape (n_samples,)
        Place of every row's score among ``values``.
    products : ndarray of shape (2, 2, n_values, n_values), or None
        Where rows come in clusters, the cross products of their sums, see
        :class:`infostat.counts.ClusteredTable`; errors then allow for the clusters.
    totals : ndarray of shape (2,)
        Weight of non-events and of events.
    sizes : ndarray of shape (2,)
        Rows of each class; Kish's effective rows under sampling weights.
    shares : ndarray of shape (n_values, 2)
        Share of each class at each value.
    spreads : ndarray of shape (n_values, 2)
        Squared weights over the squared total of the class.
    """

    values: FloatArray
    weight: FloatArray
    squared: FloatArray
    place: npt.NDArray[np.intp]
    products: FloatArray | None = None

    @classmethod
    def count(
        cls,
        scores: npt.ArrayLike,
        events: npt.NDArray[np.uint8],
        weight: FloatArray | None = None,
        *,
        sampling: bool = False,
        name: str = "scores",
    ) -> ScoreTable:
        """Count rows.

        Parameters
        ----------
        scores : array-like of shape (n_samples,)
            Scores.
        events : ndarray of shape (n_samples,)
            1 for events, 0 for non-events.
        weight : ndarray of shape (n_samples,), optional
            Weights, not negative.
        sampling : bool, default=False
            Whether weights are sampling weights; else they stand for repeated rows.
        name : str, default="scores"
            What messages call the scores.

        Returns
        -------
        ScoreTable

        Raises
        ------
        InfostatError
            If scores are not a vector of finite numbers, one a row, there is not one
            event and one weight for each, a weight is negative, or a class is absent.
        """
        given = as_array(scores, name)
        events = read_codes(events, "events", 2)
        if given.dtype.kind not in "biuf" or given.shape != events.shape:
            msg = (
                f"{name} must be numbers, one for each of the {len(events)} rows, got "
                f"shape {given.shape} of {given.dtype}."
            )
            raise InfostatError(msg)
        given = given.astype(np.float64)
        bad = np.flatnonzero(~np.isfinite(given))
        if len(bad):
            msg = (
                f"{name} has {given[bad[0]]} in {len(bad)} rows (first: row {bad[0]}): "
                f"score them, or drop them."
            )
            raise InfostatError(msg)
        if weight is not None:
            weight = read_numbers(weight, "weight", shape=given.shape, low=0.0)
        weights = np.ones(len(given)) if weight is None else weight
        totals = np.bincount(events, weights=weights, minlength=2)
        if (totals <= 0).any():
            which = "events" if totals[1] <= 0 else "non-events"
            msg = (
                f"There are no {which} among the rows with weight: performance needs "
                f"both classes. Pool periods or segments until both occur."
            )
            raise InfostatError(msg)
        # A score that only rows of weight zero have does not occur.
        values, place = np.unique(given, return_inverse=True)
        if weight is not None and (weight <= 0).any():
            values = np.unique(given[weight > 0])
            place = np.minimum(np.searchsorted(values, given), len(values) - 1)
        key = 2 * place + events
        counts = _sum(key, weights, len(values))
        squared = counts
        if sampling:
            squared = _sum(key, weights**2, len(values))
        return cls(values, counts, squared, place)

    @property
    def totals(self) -> FloatArray:
        """Weight of non-events and of events."""
        return np.asarray(self.weight.sum(axis=0))

    @property
    def sizes(self) -> FloatArray:
        """Rows of each class; Kish's effective rows under sampling weights."""
        return np.asarray(self.totals**2 / self.squared.sum(axis=0))

    @property
    def shares(self) -> FloatArray:
        """Share of each class at each value, shape (n_values, 2)."""
        return np.asarray(self.weight / self.totals)

    @property
    def spreads(self) -> FloatArray:
        """Squared weights over the squared total of the class, shape (n_values, 2)."""
        return np.asarray(self.squared / self.totals**2)

    def spread(self, of_non_event: FloatArray, of_event: FloatArray) -> FloatArray:
        """Variance of a sum over rows of what a row is worth.

        Parameters
        ----------
        of_non_event, of_event : ndarray of shape (n_values, n_columns)
            Worth of a row of weight one at each value, its mean taken off.

        Returns
        -------
        ndarray of shape (n_columns, n_columns)
            Squares of the rows, or of the clusters' sums, added.
        """
        worth = (of_non_event, of_event)
        out = np.zeros((of_event.shape[1], of_event.shape[1]))
        for k in (0, 1):
            if self.products is None:
                out += worth[k].T @ (worth[k] * self.squared[:, [k]])
                continue
            for m in (0, 1):
                out += worth[k].T @ self.products[k, m] @ worth[m]
        return out

    def __neg__(self) -> ScoreTable:
        """Table of the scores with the other sign."""
        return ScoreTable(
            -self.values[::-1],
            self.weight[::-1],
            self.squared[::-1],
            len(self.values) - 1 - self.place,
            None if self.products is None else self.products[..., ::-1, ::-1],
        )


def _sum(key: npt.NDArray[np.intp], weight: FloatArray, size: int) -> FloatArray:
    """Sum of weights per value and class."""
    total = np.bincount(key, weight, 2 * size).astype(np.float64)
    return np.asarray(total.reshape(-1, 2))
