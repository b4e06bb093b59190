"""The command of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from infostat.cli.printing import json_option, print_tables
from infostat.cli.words import more_missing_option, words_of

__all__ = ["report", "write_file_report"]


@click.command()
@click.argument("card", type=click.Path())
@click.argument("data", type=click.Path())
@click.option("--target", required=True, help="Column of the outcome in DATA.")
@click.option(
    "--event", help="Label of the event in DATA; that of the card by default."
)
@click.option(
    "--group", "groups", multiple=True, help="Column of protected groups; repeatable."
)
@more_missing_option
@click.option("--title", help="Heading; the name of the card's file by default.")
@click.option("--out", required=True, type=click.Path(), help="HTML file to write.")
@click.option(
    "--progress/--no-progress", default=None, help="Show progress; in a terminal only."
)
@json_option
def report(
    card: str,
    data: str,
    target: str,
    event: str | None,
    groups: tuple[str, ...],
    missing: tuple[str, ...],
    title: str | None,
    out: str,
    progress: bool | None,  # noqa: FBT001 - click passes it by name
    as_json: bool,  # noqa: FBT001
) -> None:
    """Write one HTML file on CARD and the rows of DATA (csv, csv.gz, parquet)."""
    from infostat._frames import build_frame
    from infostat.scorecard.scorecard import Scorecard

    loaded = Scorecard.from_json(card)
    words, sentence = words_of(loaded.missing_words, missing, [data], by="card")
    found, sections = write_file_report(
        loaded,
        data,
        out,
        target=target,
        event=event,
        groups=groups,
        missing=words,
        title=title or f"Scorecard {Path(card).stem}",
        progress=progress,
    )
    shown = {
        "findings": build_frame(
            {"level": [f.level for f in found], "finding": [f.text for f in found]}
        )
    }
    if as_json:
        left_out = {s.name: s.absent for s in sections if s.absent}
        facts = {"report": out, "left_out": left_out, "missing_words": words}
        print_tables(shown, as_json=True, **facts)
        return
    for finding in found:
        click.echo(f"{finding.level:>5}: {finding.text}")
    for section in sections:
        if section.absent:
            click.echo(f"Left out, {section.title.lower()}: {section.absent}")
    if sentence is not None:
        click.echo(f"\n{sentence}")
    click.echo(f"\nReport written to {out}")


def write_file_report(
    card: Any,
    data: str,
    out: str,
    *,
    target: str,
    event: str | None,
    groups: tuple[str, ...],
    missing: tuple[str, ...],
    title: str,
    progress: bool | None,
) -> tuple[list[Any], list[Any]]:
    """Read a file chunk by chunk and write its report; findings and sections."""
    from infostat._files import write_text
    from infostat.report.contents import report_sections
    from infostat.report.html import findings_of, render_sections
    from infostat.report.rows import file_frames, read_rows

    hidden = None if progress is None else not progress
    with tqdm(unit=" rows", unit_scale=True, disable=hidden) as bar:
        rows = read_rows(
            card,
            file_frames(card, data, missing=missing),
            target,
            event=event,
            groups=groups,
            progress=bar.update,
        )
    sections = report_sections(card, rows)
    write_text(out, render_sections(card, rows, sections, title=title))
    return findings_of(sections, ()), sections
