"""What a report is made of: sections with tables and figures, all of it text."""

from __future__ import annotations

import base64
import io
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import narwhals.stable.v2 as nw

from infostat._text import cell_text, number_text
from infostat.displays.style import axes
from infostat.exceptions import InfostatWarning

__all__ = [
    "Column",
    "Figure",
    "Finding",
    "Section",
    "Table",
    "figure",
    "frame_rows",
    "heard",
    "interval",
    "names_text",
    "number",
    "percent",
    "percents",
    "rows_of",
    "span",
    "table",
    "text",
]

Column = tuple[str, Callable[[Mapping[str, Any]], str]]
"""Heading, and the text of a row's cell."""

FIGURE_SIZE = (5.0, 3.1)
"""Inches; letters stay readable where the page is 400 pixels wide."""


@dataclass(frozen=True)
class Finding:
    """One thing to know before reading on.

    Attributes
    ----------
    level : {"good", "mind", "alarm"}
        How it is marked.
    text : str
        One or two sentences.
    """

    level: str
    text: str


@dataclass(frozen=True)
class Table:
    """Headings and cells; the first cell of a row names the row."""

    caption: str
    headings: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Figure:
    """A picture as a data address, with its text for those who do not see it."""

    source: str
    alt: str
    caption: str = ""


@dataclass
class Section:
    """A heading with what stands under it.

    Attributes
    ----------
    name, title : str
        Identifier within the page, and heading.
    lead : str
        What the reader sees, in one or two sentences.
    figures, tables : list
        Contents.
    parts : list of Section
        Sections one level below.
    absent : str
        Why there is nothing to show; empty where there is.
    findings : list of Finding
        What of it stands on top of the report.
    """

    name: str
    title: str
    lead: str = ""
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    parts: list[Section] = field(default_factory=list)
    absent: str = ""
    findings: list[Finding] = field(default_factory=list)


@contextmanager
def heard() -> Iterator[list[Finding]]:
    """Turn our own warnings into findings; others go on to whoever listens.

    Yields
    ------
    list of Finding
        Filled when the block ends.
    """
    found: list[Finding] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InfostatWarning)
        yield found
    for said in caught:
        if issubclass(said.category, InfostatWarning):
            found.append(Finding("mind", str(said.message)))
        else:
            warnings.warn_explicit(
                said.message, said.category, said.filename, said.lineno
            )


def table(
    caption: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
) -> Table:
    """Lay rows out in columns.

    Parameters
    ----------
    caption : str
        What the table shows.
    columns : sequence of Column
        Headings, and how their cells are written.
    rows : sequence of mapping
        One a row.

    Returns
    -------
    Table
    """
    cells = [[write(row) for _, write in columns] for row in rows]
    return Table(caption, [heading for heading, _ in columns], cells)


def names_text(names: list[str], most: int = 8) -> str:
    """List of names for a sentence."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def frame_rows(frame: Any) -> list[dict[str, Any]]:
    """Rows of a frame of any library."""
    data = nw.from_native(frame, eager_only=True)
    return [dict(row) for row in data.iter_rows(named=True)]


def rows_of(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of a table that is kept in columns (arrays, lists)."""
    names = list(columns)
    lists = [getattr(v, "tolist", lambda v=v: list(v))() for v in columns.values()]
    return [dict(zip(names, row, strict=True)) for row in zip(*lists, strict=True)]


def text(heading: str, name: str) -> Column:
    """Column of words."""
    return heading, lambda row: str(row[name])


def number(heading: str, name: str, digits: int = 4) -> Column:
    """Column of numbers; p-values too small for a number are not written as 0."""

    def write(row: Mapping[str, Any]) -> str:
        if name.startswith("p_"):
            return cell_text(name, row[name])
        return number_text(row[name], digits=digits)

    return heading, write


def percent(heading: str, name: str) -> Column:
    """Column of shares."""
    return heading, lambda row: f"{100 * row[name]:.1f} %"


def interval(heading: str, low: str, high: str) -> Column:
    """Column of intervals; an end may be infinite, and NaN is no interval."""
    return heading, lambda row: _ends(row[low], row[high], 4)


def percents(heading: str, low: str, high: str) -> Column:
    """Column of intervals of shares."""
    return heading, lambda row: f"{_ends(100 * row[low], 100 * row[high], 1)} %"


def _ends(low: float, high: float, digits: int) -> str:
    if low != low or high != high:
        return ""
    words = [
        "no limit" if math.isinf(end) else f"{end:.{digits}f}" for end in (low, high)
    ]
    return " to ".join(words)


def span(heading: str, first: str, last: str) -> Column:
    """Column of ranges of points."""

    def write(row: Mapping[str, Any]) -> str:
        ends = [number_text(float(row[name]), digits=2) for name in (first, last)]
        return ends[0] if ends[0] == ends[1] else " to ".join(ends)

    return heading, write


def figure(
    display: Any,
    alt: str,
    caption: str = "",
    size: tuple[float, float] = FIGURE_SIZE,
) -> Figure:
    """Draw a display.

    Parameters
    ----------
    display : display
        Anything with ``plot(ax=)``.
    alt : str
        What the picture shows, for those who do not see it.
    caption : str
        Sentence below it.
    size : tuple of float
        Inches.

    Returns
    -------
    Figure
        An image of its own, so that no identifiers collide; its letters are text,
        which the browser draws in any script.
    """
    import matplotlib as mpl

    out = io.BytesIO()
    settings = {"svg.fonttype": "none", "svg.hashsalt": "infostat"}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # The browser has the letters that the measuring font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        drawn = display.plot(ax=axes(size=size)).figure_
        drawn.savefig(out, format="svg", metadata={"Date": None})
    source = base64.b64encode(out.getvalue()).decode()
    return Figure(f"data:image/svg+xml;base64,{source}", alt, caption)
