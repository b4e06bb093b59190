"""The command of the p-n criterion: whether a sample is large enough."""

from __future__ import annotations

import warnings
from typing import Any

import click
import narwhals.stable.v2 as nw

from infostat._tables import read_table, require_columns
from infostat.cli.doubts import warn_of_doubtful
from infostat.cli.printing import json_option, print_tables
from infostat.cli.words import missing_option
from infostat.exceptions import InfostatError, InfostatWarning

__all__ = ["samplesize"]


@click.command()
@click.argument("data", type=click.Path())
@click.option("--target", required=True, help="Column of the outcome.")
@click.option("--event", help="Label of the event; the others are non-events.")
@click.option("--exclude", multiple=True, help="Column to leave out; repeatable.")
@click.option(
    "--categorical", multiple=True, help="Number to treat as level; repeatable."
)
@missing_option
@click.option("--bins", type=click.IntRange(2), help="Cut numbers into so many bins.")
@click.option(
    "--rare-level",
    default=0.02,
    show_default=True,
    type=click.FloatRange(0.0, 1.0, max_open=True),
    help="Pool levels with a smaller share of the rows.",
)
@click.option(
    "--delta",
    default=0.05,
    show_default=True,
    type=click.FloatRange(0.0, 0.5, min_open=True, max_open=True),
    help="Bayes error must be at least 1/2 - delta.",
)
@click.option(
    "--slope",
    default=0.9,
    show_default=True,
    type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True),
    help="Calibration slope asked for.",
)
@click.option("--robust", is_flag=True, help="Use the residuals' own moments.")
@click.option("--path", "with_path", is_flag=True, help="Add features one by one.")
@json_option
def samplesize(
    data: str,
    target: str,
    event: str | None,
    exclude: tuple[str, ...],
    categorical: tuple[str, ...],
    missing: tuple[str, ...],
    bins: int | None,
    rare_level: float,
    delta: float,
    slope: float,
    robust: bool,  # noqa: FBT001 - click passes it by name
    with_path: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Say whether DATA (csv, csv.gz, parquet) has rows enough for a model of TARGET."""
    from infostat.samplesize import PNCriterion

    table = nw.from_native(read_table(data, text=categorical, missing=missing))
    names = list(table.columns)
    require_columns(data, names, (target, *exclude, *categorical))
    y = _outcome(table.get_column(target), event)
    kept = [name for name in names if name != target and name not in exclude]
    warn_of_doubtful(data, table.select([n for n in kept if n not in categorical]))
    check = PNCriterion(
        delta=delta,
        max_share=(1.0 - slope) / slope,
        cov="robust" if robust else "model",
        rare_level=rare_level,
        n_bins=bins,
        random_state=0,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InfostatWarning)
        check.fit(table.select(kept).to_native(), y)
    for note in caught:
        if issubclass(note.category, InfostatWarning):
            click.echo(f"mind: {note.message}", err=True)
    frames = {"path": check.path("gain")} if with_path else {}
    if as_json:
        print_tables(frames, as_json=True, **check.result_.to_dict())
        return
    click.echo(check.result_.summary())
    print_tables(frames, as_json=False)


def _outcome(values: Any, event: str | None) -> Any:
    """Outcome as it is, or event against rest, compared as text."""
    if event is None:
        return values.to_native()
    texts = [str(value) for value in values.to_list()]
    if event not in texts:
        found = ", ".join(sorted(set(texts))[:5])
        msg = f"The target {values.name!r} has no label {event!r}, but {found}."
        raise InfostatError(msg)
    if "nan" in texts or "None" in texts:
        msg = f"The target {values.name!r} has missing values: drop rows without one."
        raise InfostatError(msg)
    return [int(text == event) for text in texts]
