"""A public data set: its frame, and the role of every column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from infostat.datasets.columns import frame_of
from infostat.datasets.reading import Columns
from infostat.datasets.sources import SOURCES

__all__ = ["Dataset", "with_roles"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A public data set.

    Attributes
    ----------
    frame : frame of n_rows rows
        All columns, in the caller's library.
    target : str
        Name of the target.
    event : str, int or None
        Label of the event; None where the target is a number.
    protected : list of str
        Protected attributes; features only where they are covariates of a causal
        analysis.
    features : list of str
        Columns that may predict: no target, treatment, leak, identifier or date.
    leaks : list of str
        Columns known only after, or because of, the outcome.
    description, source : str
        What a row is and which traps there are; citation and licence.
    treatment, date : str or None
        Names of the treatment and of the date.
    """

    frame: Any = field(repr=False)
    target: str
    event: str | int | None
    protected: list[str]
    features: list[str]
    leaks: list[str]
    description: str
    source: str
    treatment: str | None = None
    date: str | None = None


def with_roles(folder: str, columns: Columns, backend: str | None) -> Dataset:
    """Put the roles of the table of sources beside the columns read."""
    source = SOURCES[folder]
    apart = {source.target, source.treatment, *source.leaks, *source.keys}
    if not source.adjust_for_protected:
        apart |= set(source.protected)
    return Dataset(
        frame=frame_of(columns, backend),
        target=source.target,
        event=source.event,
        protected=list(source.protected),
        features=[name for name in columns if name not in apart],
        leaks=list(source.leaks),
        description=source.description,
        source=source.source,
        treatment=source.treatment,
        date=source.date,
    )
