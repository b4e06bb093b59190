"""The commands of the scorecard: fit, score, summary, demo."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import narwhals.stable.v2 as nw
from tqdm import tqdm

from infostat._tables import read_table, require_columns
from infostat._text import name_list
from infostat.cli.doubts import warn_of_doubtful
from infostat.cli.printing import json_option, print_tables
from infostat.cli.report import report as report_command
from infostat.cli.words import (
    keep_words,
    missing_option,
    more_missing_option,
    words_of,
)
from infostat.counts.levels import level_name
from infostat.exceptions import InfostatError, InfostatWarning

__all__ = ["demo", "fit", "score", "summary"]

ZERO_AND_ONE = (["0", "1"], ["0.0", "1.0"], ["false", "true"])
"""Labels, sorted as text, of which the second is the event without saying."""


def _event(values: Any, event: str | None, target: str) -> Any:
    """Label of the event, compared as text; 1 where the labels are 0 and 1."""
    cells = values.to_list()
    absent = [k for k, cell in enumerate(cells) if cell is None or cell != cell]
    if absent:
        msg = (
            f"The target {target!r} is missing in {len(absent)} of {len(cells)} rows "
            f"(first: row {absent[0]}): drop rows without an outcome."
        )
        raise InfostatError(msg)
    labels = sorted(set(cells), key=str)
    names = [str(label) for label in labels]
    if event is not None and event not in names:
        msg = f"The target {target!r} has no label {event!r}, but {name_list(names)}."
        raise InfostatError(msg)
    if len(labels) != 2:
        msg = (
            f"The target {target!r} has {len(labels)} label(s), {name_list(names)}, but "
            f"an event and a non-event are needed: recode it, or drop rows."
        )
        raise InfostatError(msg)
    if event is None:
        if [name.lower() for name in names] in ZERO_AND_ONE:
            return labels[1]
        msg = (
            f"The target {target!r} has the labels {name_list(names)}: say which is "
            f"the event with --event LABEL."
        )
        raise InfostatError(msg)
    return labels[names.index(event)]


def _special(values: Sequence[str]) -> list[Any]:
    """Special values: numbers where they are, and the text where it has another name."""
    out: list[Any] = []
    for value in values:
        with suppress(ValueError):
            out.append(float(value))
        if not out or level_name(out[-1]) != value:
            out.append(value)
    return out


@click.command()
@click.argument("data", type=click.Path())
@click.option("--target", required=True, help="Column of the outcome.")
@click.option("--event", help="Label of the event; 1 by default.")
@click.option("--out", required=True, type=click.Path(), help="Card to write (JSON).")
@click.option("--report", type=click.Path(), help="HTML report to write as well.")
@click.option("--exclude", multiple=True, help="Column to leave out; repeatable.")
@click.option(
    "--categorical", multiple=True, help="Number to treat as level; repeatable."
)
@click.option(
    "--special", multiple=True, help="Code with a bin of its own; repeatable."
)
@missing_option
@click.option("--max-bins", default=8, show_default=True, help="Most bins a feature.")
@json_option
def fit(
    data: str,
    target: str,
    event: str | None,
    out: str,
    report: str | None,
    exclude: tuple[str, ...],
    categorical: tuple[str, ...],
    special: tuple[str, ...],
    missing: tuple[str, ...],
    max_bins: int,
    as_json: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Fit a scorecard to DATA (csv, csv.gz, parquet) and write it as JSON."""
    table = nw.from_native(read_table(data, text=categorical, missing=missing))
    names = list(table.columns)
    require_columns(data, names, (target, *exclude, *categorical))
    y = table.get_column(target)
    label = _event(y, event, target)
    kept = [name for name in names if name != target and name not in exclude]
    warn_of_doubtful(data, table.select([n for n in kept if n not in categorical]))
    card, notes = _fit_card(
        table.select(kept).to_native(),
        y.to_native(),
        label,
        _special(special),
        max_bins,
    )
    card = keep_words(card, data, missing)
    card.to_json(out)
    if report is not None:
        _report(
            card, table.to_native(), target, report, notes, f"Scorecard for {target}"
        )
    print_tables(
        {"information_values": card.summary(), "points": card.points_table()},
        as_json=as_json,
        card=out,
        report=report,
        notes=notes,
    )
    if not as_json:
        click.echo(
            f"\nCard written to {out}" + (f", report to {report}" if report else "")
        )


def _fit_card(
    X: Any, y: Any, event: Any, special: list[Any], max_bins: int
) -> tuple[Any, list[str]]:
    """Fit a card; the warnings of the fit come back as notes and are shown."""
    from infostat import OptimalBinner, ScorecardClassifier

    binner = OptimalBinner(max_bins=max_bins, special_values=special)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InfostatWarning)
        card = ScorecardClassifier(binner=binner, event=event).fit(X, y)
    notes = [str(w.message) for w in caught if issubclass(w.category, InfostatWarning)]
    for note in notes:
        click.echo(f"mind: {note}", err=True)
    return card, notes


def _report(
    card: Any, table: Any, target: str, path: str, notes: list[str], title: str
) -> None:
    """Write the report of a card on the rows of its fit."""
    from infostat.report import write_report

    write_report(card, path, data=table, target=target, title=title, notes=notes)


@click.command()
@click.argument("card", type=click.Path())
@click.argument("source", metavar="IN", type=click.Path())
@click.argument("target", metavar="OUT", type=click.Path())
@more_missing_option
@json_option
def score(
    card: str,
    source: str,
    target: str,
    missing: tuple[str, ...],
    as_json: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Score the rows of IN with CARD and write them to OUT with points."""
    from infostat._frames import build_frame
    from infostat.scorecard.batch import score_file
    from infostat.scorecard.scorecard import Scorecard

    loaded = Scorecard.from_json(card)
    words, sentence = words_of(loaded.missing_words, missing, [source], by="card")
    started = time.perf_counter()
    with tqdm(unit=" rows", unit_scale=True, disable=None) as bar:
        result = score_file(loaded, source, target, missing=words, progress=bar.update)
    seconds = time.perf_counter() - started
    names = ("feature", "bin", "rows", "no_evidence_at_fit")
    exceptions = build_frame(
        {name: [row[k] for row in result.exceptions] for k, name in enumerate(names)}
    )
    if as_json or result.exceptions:
        print_tables(
            {"missing_special_and_unseen": exceptions},
            as_json=as_json,
            rows=result.rows,
            mean_points=result.mean_points,
            mean_probability=result.mean_probability,
            seconds=seconds,
            missing_words=words,
        )
    if not as_json:
        if sentence is not None:
            click.echo(f"\n{sentence}")
        click.echo(
            f"\n{result.rows} rows scored in {seconds:.1f} s: mean points "
            f"{result.mean_points:.1f}, mean probability of the event "
            f"{result.mean_probability:.4f}. Written to {target}"
        )


@click.command()
@click.argument("card", type=click.Path())
@json_option
def summary(card: str, as_json: bool) -> None:  # noqa: FBT001
    """Print the information values and the points of CARD."""
    from infostat.scorecard.scorecard import Scorecard
    from infostat.scorecard.tables import bin_table, feature_table

    loaded = Scorecard.from_json(card)
    print_tables(
        {"information_values": feature_table(loaded), "points": bin_table(loaded)},
        as_json=as_json,
        event=loaded.event,
        **{k: v for k, v in loaded.audit.items() if k != "parameters"},
    )
    _, sentence = words_of(loaded.missing_words, (), ["text"], by="card")
    if sentence is not None and not as_json:
        click.echo(f"\n{sentence}")


@click.command()
@click.option("--out", default="demo", show_default=True, help="Folder to write into.")
@click.option(
    "--data", default="data", show_default=True, help="Folder with the sample."
)
def demo(out: str, data: str) -> None:
    """Fit a card on the generated sample, score a batch and write a report."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    sample, batch = _sample(Path(data), folder)
    card, page = folder / "card.json", folder / "report.html"
    click.echo(f"infostat fit {sample} --target default --out {card}")
    # The group is protected; period and treatment are not known at the decision.
    options = ["--exclude", "group", "--exclude", "period", "--exclude", "treatment"]
    options += ["--special", "-999", "--special", "-998"]
    paths = [str(sample), "--target", "default", "--out", str(card)]
    fit.main([*paths, *options], standalone_mode=False)
    scored = folder / "scored.csv"
    click.echo(f"\ninfostat score {card} {batch} {scored}")
    score.main([str(card), str(batch), str(scored)], standalone_mode=False)
    options = ["--target", "default", "--group", "group", "--out", str(page)]
    click.echo(f"\ninfostat report {card} {sample} {' '.join(options)}")
    report_command.main([str(card), str(sample), *options], standalone_mode=False)
    click.echo(f"\nThe report is {page.resolve()}")


def _sample(data: Path, folder: Path) -> tuple[Path, Path]:
    """Return sample and batch of a checkout, or generate them into the folder."""
    sample, batch = data / "applications.csv", data / "batch.csv"
    if sample.is_file() and batch.is_file():
        return sample, batch
    from infostat._files import write_text
    from infostat.datasets import make_applications

    for seed, name in ((0, "applications.csv"), (1, "batch.csv")):
        generated = make_applications(3000 if seed == 0 else 500, rng=seed)
        frame = nw.from_native(generated.frame, eager_only=True)
        write_text(folder / name, str(frame.write_csv()))
    return folder / "applications.csv", folder / "batch.csv"
