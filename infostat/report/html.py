"""One HTML file that needs nothing else: the sections of a card, rendered."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from infostat import __version__
from infostat._files import write_text
from infostat.exceptions import InfostatError
from infostat.report.blocks import Finding, Section
from infostat.report.contents import report_sections
from infostat.report.rows import ReportRows, read_rows
from infostat.scorecard.scorecard import Scorecard

__all__ = ["render_report", "write_report"]

WORDS = {"good": "Good", "mind": "Mind", "alarm": "Alarm"}


def render_report(
    card: Any,
    *,
    data: Any = None,
    target: str | None = None,
    event: Any = None,
    groups: Sequence[str] = (),
    title: str = "Scorecard",
    notes: Sequence[str] = (),
) -> str:
    """Render the report of a card.

    Parameters
    ----------
    card : Scorecard or fitted scorecard classifier
        The card.
    data : frame, optional
        Rows to describe: performance, drift since the fit, fairness. Without them those
        sections say that they are left out.
    target : str, optional
        Column of the outcome in ``data``; needed with it. Cells may be missing.
    event : object, optional
        Label of the event in that column; by default that of the card.
    groups : sequence of str, default=()
        Columns of protected groups in ``data``.
    title : str, default="Scorecard"
        Heading.
    notes : sequence of str, default=()
        Warnings of the fit, shown on top.

    Returns
    -------
    str
        HTML without any reference to the outside; all names are shown as text.

    Raises
    ------
    InfostatError
        If jinja2 or matplotlib is not installed, or the data cannot be read.
    """
    loaded: Scorecard = getattr(card, "card_", card)
    rows = None
    if data is not None:
        if target is None:
            msg = "data need the name of their outcome: give target=."
            raise InfostatError(msg)
        rows = read_rows(loaded, [data], target, event=event, groups=groups)
    elif groups:
        msg = f"groups {list(groups)} are columns of data: give data=."
        raise InfostatError(msg)
    sections = report_sections(loaded, rows)
    return render_sections(loaded, rows, sections, title=title, notes=notes)


def write_report(card: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Write the report of a card atomically.

    Parameters
    ----------
    card : Scorecard or fitted scorecard classifier
        The card.
    path : path-like
        File to write.
    **options
        As in :func:`render_report`.

    Raises
    ------
    InfostatError
        See :func:`render_report`; or if the folder does not exist.
    """
    write_text(path, render_report(card, **options))


def findings_of(sections: Sequence[Section], notes: Sequence[str]) -> list[Finding]:
    """Findings of all sections, the gravest first, then warnings of the fit."""
    found = [finding for section in sections for finding in section.findings]
    found += [Finding("mind", note) for note in notes]
    order = list(WORDS)[::-1]
    return sorted(dict.fromkeys(found), key=lambda f: order.index(f.level))


def render_sections(
    card: Scorecard,
    rows: ReportRows | None,
    sections: Sequence[Section],
    *,
    title: str,
    notes: Sequence[str] = (),
) -> str:
    """Fill the template.

    Parameters
    ----------
    card : Scorecard
        The card.
    rows : ReportRows or None
        Rows that are described.
    sections : sequence of Section
        In order.
    title : str
        Heading.
    notes : sequence of str
        Warnings of the fit.

    Returns
    -------
    str
    """
    try:
        import jinja2
    except ImportError as error:
        msg = "The report needs jinja2 and matplotlib: pip install 'infostat[report]'."
        raise InfostatError(msg) from error
    folder = files("infostat.report")
    template = folder.joinpath("report.html.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    document: str = environment.from_string(template).render(
        title=title,
        style=folder.joinpath("report.css").read_text(encoding="utf-8"),
        version=__version__,
        event=str(card.event),
        n_features=len(card.features),
        n_fit=card.audit.get("n_samples", "an unknown number of"),
        n_rows=None if rows is None else len(rows.points),
        findings=findings_of(sections, notes),
        words=WORDS,
        sections=sections,
    )
    return document
