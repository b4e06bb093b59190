"""The bins of one feature: numbers or levels, edited by hand, read and written as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_count
from infostat.binning.bin_edits import merged_bins, split_bins
from infostat.binning.bin_rules import (
    check_cuts,
    check_groups,
    document_fields,
    groups_of,
    levels_of,
    numbers_of,
    rows_of,
)
from infostat.binning.single_precision import round_thresholds
from infostat.counts.array_engine import bin_codes, count_values
from infostat.counts.levels import level_name
from infostat.counts.partition import first_ordinary, unseen_bin
from infostat.counts.table import CountTable
from infostat.exceptions import DocumentError, InfostatError

__all__ = ["Bins"]


@dataclass(frozen=True)
class Bins:
    """Bins of one feature.

    The order is fixed: missing values, special values, unseen levels (categorical
    features only), then the ordinary bins. Numeric bins are right-closed:
    ``cut[k-1] < x <= cut[k]``; infinities fall into the end bins.

    Attributes
    ----------
    feature : str
        Name of the feature.
    cuts : tuple of float or None
        Increasing, finite cuts of a numeric feature.
    groups : tuple of tuple of str or None
        Levels of each ordinary bin of a categorical feature, by name.
    special_values : tuple of float or str
        Codes with a bin each, such as -999 for "no bureau record".
    missing_to : int
        Bin of missing values: 0, or an ordinary bin they were merged into.
    n_bins, n_ordinary : int
        Number of bins in all, and of ordinary ones.
    first : int
        Index of the first ordinary bin.
    ordered_from : int
        First bin that has neighbours; ``n_bins`` for levels, which have none.
    unseen : int or None
        Index of the bin of unseen levels; None for a numeric feature.
    labels : tuple of str
        Names of the bins; no two are the same.

    Examples
    --------
    >>> bins = Bins.numeric("age", [25, 40], special_values=[-1])
    >>> bins.labels
    ('missing', 'special -1', '(-inf, 25]', '(25, 40]', '(40, inf)')
    >>> bins.codes([25.0, 25.5, float("nan"), -1.0, float("inf")]).tolist()
    [2, 3, 0, 1, 4]
    >>> bins.merge(2, 3).labels[2:]
    ('(-inf, 40]', '(40, inf)')
    """

    feature: str
    cuts: tuple[float, ...] | None = None
    groups: tuple[tuple[str, ...], ...] | None = None
    special_values: tuple[float | str, ...] = ()
    missing_to: int = 0

    def __post_init__(self) -> None:
        if (self.cuts is None) == (self.groups is None):
            msg = f"Bins of {self.feature!r} need either cuts or groups."
            raise InfostatError(msg)
        if self.cuts is not None:
            check_cuts(self.feature, self.cuts, self.special_values)
        if self.groups is not None:
            check_groups(self.feature, self.groups, self.special_values)
        read_count(self.missing_to, f"missing_to of {self.feature!r}", 0)
        if self.missing_to and not self.first <= self.missing_to < self.n_bins:
            allowed = f"0 or one of {self.first} to {self.n_bins - 1}"
            msg = (
                f"Missing values of {self.feature!r} cannot go to bin "
                f"{self.missing_to}: choose {allowed}."
            )
            raise InfostatError(msg)

    @classmethod
    def numeric(
        cls,
        feature: str,
        cuts: Iterable[float],
        *,
        special_values: Iterable[float] = (),
        missing_to: int = 0,
    ) -> Bins:
        """Bins between cuts; a value equal to a cut belongs to its left.

        Parameters
        ----------
        feature : str
            Name of the feature.
        cuts : iterable of float
            Increasing and finite.
        special_values : iterable of float, default=()
            Codes with a bin each.
        missing_to : int, default=0
            Bin of missing values: 0, or an ordinary one.

        Returns
        -------
        Bins
            One ordinary bin more than cuts.

        Raises
        ------
        InfostatError
            If cuts do not increase, or one is not a finite number.
        """
        return cls(
            str(feature),
            cuts=numbers_of(feature, "Cuts", cuts),
            special_values=numbers_of(feature, "Special values", special_values),
            missing_to=missing_to,
        )

    @classmethod
    def categorical(
        cls,
        feature: str,
        groups: Iterable[Iterable[Any]],
        *,
        special_values: Iterable[Any] = (),
        missing_to: int = 0,
    ) -> Bins:
        """Bins of levels; numbers and booleans are known by their names.

        Parameters
        ----------
        feature : str
            Name of the feature.
        groups : iterable of iterable of levels
            Levels of each ordinary bin.
        special_values : iterable of levels, default=()
            Levels with a bin each.
        missing_to : int, default=0
            Bin of missing values: 0, or an ordinary one.

        Returns
        -------
        Bins
            One ordinary bin a group.

        Raises
        ------
        InfostatError
            If a group is empty or text, or a level is in two bins.
        """
        return cls(
            str(feature),
            groups=groups_of(feature, groups),
            special_values=levels_of(feature, "Special values", special_values),
            missing_to=missing_to,
        )

    @property
    def first(self) -> int:
        """Index of the first ordinary bin."""
        return first_ordinary(self)

    @property
    def unseen(self) -> int | None:
        """Index of the bin of unseen levels; None for a numeric feature."""
        return unseen_bin(self)

    @property
    def n_ordinary(self) -> int:
        """Number of ordinary bins."""
        return len(self.cuts or ()) + 1 if self.groups is None else len(self.groups)

    @property
    def n_bins(self) -> int:
        """Number of bins in all."""
        return self.first + self.n_ordinary

    @property
    def ordered_from(self) -> int:
        """First bin that has neighbours; all bins of levels stand alone."""
        return self.n_bins if self.groups is not None else self.first

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the bins; no two are the same."""
        names = ["missing"]
        names += [f"special {level_name(value)}" for value in self.special_values]
        if self.groups is not None:
            names.append("unseen")
            joined = [", ".join(group) for group in self.groups]
            if len({*names, *joined}) < len(names) + len(joined):
                # A level is called "missing", or "a, b" beside "a" and "b".
                joined = [", ".join(map(repr, group)) for group in self.groups]
            return (*names, *joined)
        edges = _edge_texts(self.cuts or ())
        if len(set(edges)) < len(edges):
            edges = [(f"{cut!r}]", f"({cut!r}") for cut in self.cuts or ()]
        left = ["(-inf", *(opening for _, opening in edges)]
        right = [*(closing for closing, _ in edges), "inf)"]
        names += [f"{low}, {high}" for low, high in zip(left, right, strict=True)]
        return tuple(names)

    def codes(self, values: Any) -> npt.NDArray[Any]:
        """Bin of each value.

        Parameters
        ----------
        values : array-like of shape (n_samples,)
            Numbers (NaN is missing), or levels for a categorical feature.

        Returns
        -------
        ndarray of shape (n_samples,), unsigned integer
            Indices into ``labels``.

        Raises
        ------
        InfostatError
            If a numeric feature holds text, or there is not one column.
        """
        return bin_codes(values, self)

    def count(
        self,
        values: Any,
        classes: npt.NDArray[Any],
        weight: npt.NDArray[np.float64] | None = None,
    ) -> CountTable:
        """Count a column by bin and class.

        Parameters
        ----------
        values : array-like of shape (n_samples,)
            See :meth:`codes`.
        classes : ndarray of shape (n_samples,)
            0 for non-events, 1 for events.
        weight : ndarray of shape (n_samples,), optional
            Weights of the rows.

        Returns
        -------
        CountTable
            One row a bin.

        Raises
        ------
        InfostatError
            If there is not one class, 0 or 1, and one weight for each value.
        """
        classes, weight = rows_of(values, classes, weight)
        return count_values(values, self, classes, weight=weight)

    def merge(self, first: int, last: int) -> Bins:
        """Merge neighbouring ordinary bins.

        ``merge(0, k)`` sends missing values to the ordinary bin ``k``.

        Parameters
        ----------
        first, last : int
            Indices of the ends, as in ``labels``.

        Returns
        -------
        Bins
            With one bin in place of these.

        Raises
        ------
        InfostatError
            If the indices are not two ordinary bins in order.
        """
        return merged_bins(self, first, last)

    def split(self, at: float | Sequence[Any]) -> Bins:
        """Split an ordinary bin: at a number, or by moving levels to a bin of their own.

        Parameters
        ----------
        at : float or sequence of levels
            New cut of a numeric feature; levels of one bin of a categorical one.

        Returns
        -------
        Bins
            With one ordinary bin more.

        Raises
        ------
        InfostatError
            If the cut exists already, or the levels are not a proper part of one bin.
        """
        return split_bins(self, at)

    def with_cuts(self, cuts: Iterable[float]) -> Bins:
        """Replace all cuts of a numeric feature.

        Parameters
        ----------
        cuts : iterable of float
            Increasing and finite.

        Returns
        -------
        Bins
            With a bin of missing values of their own.

        Raises
        ------
        InfostatError
            If the feature is categorical, or cuts do not increase.
        """
        if self.groups is not None:
            msg = f"{self.feature!r} is categorical: it has groups, not cuts."
            raise InfostatError(msg)
        return replace(self, cuts=numbers_of(self.feature, "Cuts", cuts), missing_to=0)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON.

        Returns
        -------
        dict of str to object
            For :meth:`from_dict`.
        """
        data: dict[str, Any] = {"feature": self.feature}
        if self.groups is not None:
            data["groups"] = [list(group) for group in self.groups]
        else:
            data["cuts"] = list(self.cuts or ())
        data["special_values"] = list(self.special_values)
        data["missing_to"] = self.missing_to
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Bins:
        """Read what :meth:`to_dict` wrote.

        Parameters
        ----------
        data : mapping
            Plain data.

        Returns
        -------
        Bins
            Equal to the bins that were written.

        Raises
        ------
        DocumentError
            If a field is absent or of the wrong kind.
        """
        try:
            return cls(**document_fields(data))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            name = data.get("feature", "?") if isinstance(data, Mapping) else "?"
            msg = f"The document's bins of {name!r} cannot be read: {error}."
            raise DocumentError(msg) from error


def _edge_texts(cuts: tuple[float, ...]) -> list[tuple[str, str]]:
    """End of the bin below each cut and start of the bin above it, in short text.

    A cut just below a round number, as stumps make them, is called by that number.
    """
    edges = np.array(cuts)
    threshold = round_thresholds(edges)
    shown = np.where(np.isnan(threshold), edges, threshold)
    texts = map(_number_text, shown.tolist())
    return [
        (f"{text}]", f"({text}") if own else (f"{text})", f"[{text}")
        for text, own in zip(texts, np.isnan(threshold).tolist(), strict=True)
    ]


def _number_text(value: float) -> str:
    """Short text of a number; whole numbers without a decimal point."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.6g}"
