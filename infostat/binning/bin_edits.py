"""Bins edited by hand: merged and split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from infostat._arrays import read_count, read_number
from infostat.counts.levels import level_name
from infostat.exceptions import InfostatError

if TYPE_CHECKING:
    from infostat.binning.bins import Bins

__all__ = ["merged_bins", "split_bins"]


def merged_bins(bins: Bins, first: int, last: int) -> Bins:
    """Merge ordinary bins, see :meth:`.Bins.merge`."""
    first, last = read_count(first, "first", 0), read_count(last, "last", 0)
    if first == 0 and bins.first <= last < bins.n_bins:
        return replace(bins, missing_to=last)
    if not bins.first <= first < last < bins.n_bins:
        msg = (
            f"Cannot merge bins {first} to {last} of {bins.feature!r}: give two of its "
            f"ordinary bins, {bins.first} to {bins.n_bins - 1}, in order."
        )
        raise InfostatError(msg)
    low, high = first - bins.first, last - bins.first
    missing_to = bins.missing_to
    if missing_to > first:
        missing_to = max(first, missing_to - (last - first))
    if bins.groups is not None:
        joined = tuple(v for group in bins.groups[low : high + 1] for v in group)
        groups = (*bins.groups[:low], joined, *bins.groups[high + 1 :])
        return replace(bins, groups=groups, missing_to=missing_to)
    cuts = bins.cuts or ()
    return replace(bins, cuts=cuts[:low] + cuts[high:], missing_to=missing_to)


def split_bins(bins: Bins, at: float | Sequence[Any]) -> Bins:
    """Split an ordinary bin, see :meth:`.Bins.split`."""
    if bins.missing_to:
        msg = f"Separate missing values of {bins.feature!r} before splitting bins."
        raise InfostatError(msg)
    if bins.groups is None:
        name = f"The new cut of {bins.feature!r}"
        cut = read_number(at, name, low=-np.inf, high=np.inf)
        cuts = sorted({*(bins.cuts or ()), cut})
        if len(cuts) == len(bins.cuts or ()):
            msg = f"{bins.feature!r} has the cut {at} already."
            raise InfostatError(msg)
        return replace(bins, cuts=tuple(cuts))
    moved: Any = at if isinstance(at, Iterable) and not isinstance(at, str) else [at]
    wanted = [str(level_name(v)) for v in moved]
    for k, group in enumerate(bins.groups):
        rest = tuple(level for level in group if level not in wanted)
        if rest and wanted and set(wanted) < set(group):
            groups = (*bins.groups[:k], rest, tuple(wanted), *bins.groups[k + 1 :])
            return replace(bins, groups=groups)
    msg = (
        f"{wanted} is not a proper part of one bin of {bins.feature!r}: its bins are "
        f"{[list(group) for group in bins.groups]}."
    )
    raise InfostatError(msg)
