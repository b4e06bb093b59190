"""Samples that come in chunks: counted one by one, compared once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from infostat.exceptions import InfostatError
from infostat.stability.limits import warn_of_split
from infostat.stability.snapshot import Snapshot

__all__ = ["add_batches"]


def add_batches(monitor: Any, batches: Iterable[Mapping[str, Any]]) -> list[str]:
    """Add chunks of rows to the periods of a monitor, in bounded memory.

    Parameters
    ----------
    monitor : StabilityMonitor
        Fitted; changed in place.
    batches : iterable of mapping
        Chunks with the keys ``X``, ``period`` and, where there are such, ``y``,
        ``sample_weight``, ``segments`` and ``clusters``; see
        :meth:`.StabilityMonitor.update`. All rows of a cluster stand in one chunk.

    Returns
    -------
    list of str
        Periods that the chunks touched.

    Raises
    ------
    InfostatError
        If there is no row, or a chunk cannot be read.
    """
    parts: dict[str, Snapshot] = {}
    split = 0
    for batch in batches:
        counted = monitor._count(
            batch["X"],
            batch.get("y"),
            batch.get("sample_weight"),
            batch.get("segments"),
            batch.get("clusters"),
            batch["period"],
        )
        for label, snapshot in counted.items():
            before = parts.get(label)
            split += 0 if before is None else before.shared(snapshot)
            parts[label] = snapshot if before is None else before + snapshot
    if not parts:
        msg = "The sample has no rows: there is nothing to compare."
        raise InfostatError(msg)
    warn_of_split(split)
    monitor._add(dict(sorted(parts.items(), key=_natural(parts))))
    return list(parts)


def _natural(parts: Mapping[str, Any]) -> Any:
    """Order of new periods: by number where all labels are numbers, else as text."""
    try:
        numbers = {label: float(label) for label in parts}
    except ValueError:
        return lambda item: item[0]
    return lambda item: numbers[item[0]]
