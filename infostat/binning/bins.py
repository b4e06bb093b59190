"""The bins of one feature: numbers or levels, edited by hand, read and written as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._documents import integer, kind_of, number
from infostat.binning.single_precision import round_thresholds
from infostat.counts.array_engine import bin_codes, count_values
from infostat.counts.levels import level_name, level_names
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
            self._check_cuts(self.cuts)
        if self.groups is not None:
            self._check_groups(self.groups)
        if self.missing_to and not self.first <= self.missing_to < self.n_bins:
            msg = (
                f"Missing values of {self.feature!r} cannot go to bin "
                f"{self.missing_to}: choose 0 or one of {self.first} to "
                f"{self.n_bins - 1}."
            )
            raise InfostatError(msg)

    def _check_cuts(self, cuts: tuple[float, ...]) -> None:
        edges = np.asarray(cuts, dtype=float)
        if not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
            msg = (
                f"Cuts of {self.feature!r} must be finite and increasing, got "
                f"{list(cuts)}."
            )
            raise InfostatError(msg)
        for special in self.special_values:
            if isinstance(special, str) or not np.isfinite(special):
                msg = (
                    f"Special value {special!r} of the numeric feature "
                    f"{self.feature!r} must be a finite number."
                )
                raise InfostatError(msg)

        if len(set(self.special_values)) < len(self.special_values):
            msg = (
                f"Special values of {self.feature!r} repeat: "
                f"{list(self.special_values)}."
            )
            raise InfostatError(msg)

    def _check_groups(self, groups: tuple[tuple[str, ...], ...]) -> None:
        if not all(groups):
            msg = f"A bin of {self.feature!r} has no levels: leave it out."
            raise InfostatError(msg)
        specials = level_names(self.special_values)
        n_levels = sum(map(len, groups)) + len(specials)
        if len(set(specials).union(*groups)) < n_levels:
            levels = [level for group in groups for level in group] + [*specials]
            twice = next(level for level in levels if levels.count(level) > 1)
            msg = f"Level {twice!r} of {self.feature!r} is in two bins: name it once."
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
        """Bins between cuts; a value equal to a cut belongs to its left."""
        return cls(
            str(feature),
            cuts=tuple(map(float, cuts)),
            special_values=tuple(map(float, special_values)),
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
        """Bins of levels; numbers and booleans are known by their names."""
        return cls(
            str(feature),
            groups=tuple(level_names(group) for group in groups),
            special_values=level_names(special_values),
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
        if self.groups is not None:
            return len(self.groups)
        return len(self.cuts or ()) + 1

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
        """
        return bin_codes(values, self)

    def count(
        self,
        values: Any,
        classes: npt.NDArray[Any],
        weight: npt.NDArray[np.float64] | None = None,
    ) -> CountTable:
        """Count table of a column; ``classes`` holds 0 and 1."""
        return count_values(values, self, classes, weight=weight)

    def merge(self, first: int, last: int) -> Bins:
        """Merge the ordinary bins ``first`` to ``last`` (indices as in ``labels``).

        ``merge(0, k)`` sends missing values to the ordinary bin ``k``.

        Raises
        ------
        InfostatError
            If the indices are not two ordinary bins in order.
        """
        if first == 0 and self.first <= last < self.n_bins:
            return replace(self, missing_to=last)
        if not self.first <= first < last < self.n_bins:
            msg = (
                f"Cannot merge bins {first} to {last} of {self.feature!r}: give two of "
                f"its ordinary bins, {self.first} to {self.n_bins - 1}, in order."
            )
            raise InfostatError(msg)
        low, high = first - self.first, last - self.first
        missing_to = self.missing_to
        if missing_to > first:
            missing_to = max(first, missing_to - (last - first))
        if self.groups is not None:
            joined = tuple(v for group in self.groups[low : high + 1] for v in group)
            groups = (*self.groups[:low], joined, *self.groups[high + 1 :])
            return replace(self, groups=groups, missing_to=missing_to)
        cuts = self.cuts or ()
        return replace(self, cuts=cuts[:low] + cuts[high:], missing_to=missing_to)

    def split(self, at: float | Sequence[Any]) -> Bins:
        """Split an ordinary bin: at a number, or by moving levels to a bin of their own.

        Parameters
        ----------
        at : float or sequence of levels
            New cut of a numeric feature; levels of one bin of a categorical one.

        Raises
        ------
        InfostatError
            If the cut exists already, or the levels are not a proper part of one bin.
        """
        if self.missing_to:
            msg = f"Separate missing values of {self.feature!r} before splitting bins."
            raise InfostatError(msg)
        if self.groups is None:
            cuts = sorted({*(self.cuts or ()), float(at)})  # type: ignore[arg-type]
            if len(cuts) == len(self.cuts or ()):
                msg = f"{self.feature!r} has the cut {at} already."
                raise InfostatError(msg)
            return replace(self, cuts=tuple(cuts))
        moved: Any = [at] if isinstance(at, str) else at
        wanted = [str(level_name(v)) for v in moved]
        for k, group in enumerate(self.groups):
            rest = tuple(level for level in group if level not in wanted)
            if rest and wanted and set(wanted) < set(group):
                groups = (*self.groups[:k], rest, tuple(wanted), *self.groups[k + 1 :])
                return replace(self, groups=groups)
        msg = (
            f"{wanted} is not a proper part of one bin of {self.feature!r}: its bins "
            f"are {[list(group) for group in self.groups]}."
        )
        raise InfostatError(msg)

    def with_cuts(self, cuts: Iterable[float]) -> Bins:
        """Replace all cuts of a numeric feature."""
        if self.groups is not None:
            msg = f"{self.feature!r} is categorical: it has groups, not cuts."
            raise InfostatError(msg)
        return replace(self, cuts=tuple(float(cut) for cut in cuts), missing_to=0)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
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

        Raises
        ------
        DocumentError
            If a field is absent or of the wrong kind.
        """
        try:
            return cls._read(data)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            name = data.get("feature", "?") if isinstance(data, Mapping) else "?"
            msg = f"The document's bins of {name!r} cannot be read: {error}."
            raise DocumentError(msg) from error

    @classmethod
    def _read(cls, data: Mapping[str, Any]) -> Bins:
        """Bins of plain data; text is no list, a number no name and True no number."""
        feature = kind_of("the name of the feature", data["feature"], str)
        special = kind_of("special_values", data["special_values"], list)
        missing_to = integer("missing_to", data["missing_to"])
        if ("groups" in data) == ("cuts" in data):
            msg = "it needs either groups or cuts"
            raise ValueError(msg)
        if "groups" not in data:
            cuts = [number("a cut", v) for v in kind_of("cuts", data["cuts"], list)]
            coded = [number("a special value", v) for v in special]
            return cls.numeric(
                feature, cuts, special_values=coded, missing_to=missing_to
            )
        groups = [kind_of("a group", group, list) for group in data["groups"]]
        for level in [*special, *(level for group in groups for level in group)]:
            kind_of("a level", level, str)
        return cls.categorical(
            feature, groups, special_values=special, missing_to=missing_to
        )


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
