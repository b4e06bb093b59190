"""The command of the monitor."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import click
import narwhals.stable.v2 as nw

from infostat._tables import numbers_where_all_are, read_chunks, read_table
from infostat._text import name_list
from infostat.cli.printing import json_option, print_tables
from infostat.cli.words import more_missing_option, words_of
from infostat.exceptions import InfostatError

__all__ = ["monitor"]

ALARM = 2
"""Exit code of an alarm; mistakes of the user end with 1."""


@click.command()
@click.argument("card", type=click.Path())
@click.argument("reference", type=click.Path())
@click.argument("current", type=click.Path())
@click.option("--period", help="Column of CURRENT with the period of each row.")
@click.option("--segment", help="Column with the segment of each row, in both files.")
@click.option("--target", help="Column of the outcome, for drift of performance.")
@more_missing_option
@click.option("--level", default=0.95, show_default=True, help="Confidence level.")
@click.option(
    "--limits",
    nargs=2,
    type=float,
    default=(0.10, 0.25),
    show_default=True,
    help="Limits of the traffic light.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["red", "amber", "change", "never"]),
    default="red",
    show_default=True,
    help="Alarm where the index is established above the second limit, the first limit, "
    "or zero.",
)
@click.option("--save", type=click.Path(), help="Monitor to write (JSON).")
@json_option
def monitor(
    card: str,
    reference: str,
    current: str,
    period: str | None,
    segment: str | None,
    target: str | None,
    missing: tuple[str, ...],
    level: float,
    limits: tuple[float, float],
    fail_on: str,
    save: str | None,
    as_json: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Compare CURRENT with REFERENCE on the features and the score of CARD.

    REFERENCE is a table, or a monitor (.json) that --save wrote; then CURRENT is added
    to its periods and its own limits hold. Ends with exit code 2 on an alarm.
    """
    from infostat.scorecard.scorecard import Scorecard
    from infostat.stability import StabilityMonitor

    model = Scorecard.from_json(card)
    columns = {"segment": segment, "target": target}
    words, sentence = words_of(
        model.missing_words, missing, [reference, current], by="card"
    )
    if Path(reference).suffix == ".json":
        watch = StabilityMonitor.from_json(reference, model=model)
        remembered = (*model.missing_words, *watch._missing_words)
        words, sentence = words_of(remembered, missing, [current], by="monitor")
    else:
        tolerance = {"red": limits[1], "change": 0.0}.get(fail_on, limits[0])
        watch = StabilityMonitor(
            model=model,
            limits=limits,
            tolerance=tolerance,
            level=level,
            event=model.event if target else None,
        )
        frame = nw.from_native(
            read_table(reference, text=_levels(model), missing=words),
            eager_only=True,
        )
        parts = _parts(frame, model, reference, columns)
        watch.fit(parts["X"], parts["y"], segments=parts["segments"])
    roles = {**columns, "period": period}
    touched = _add(watch, current, model, roles, words)
    watch._missing_words = words
    if save is not None:
        watch.to_json(save)
    facts = {"fail_on": fail_on, "missing_words": words}
    has_alarm = _show(watch, touched, sentence, as_json=as_json, **facts)
    if has_alarm and fail_on != "never":
        sys.exit(ALARM)


def _show(
    watch: Any, periods: list[str], sentence: str | None, *, as_json: bool, **facts: Any
) -> bool:
    """Print what was found in these periods; whether there is an alarm."""
    found = _rows_of(watch.history_, periods)
    alarm = _rows_of(watch.alarm_, periods)
    performance = _rows_of(watch.performance_, periods)
    shown = {"stability": found if as_json else _short(found)}
    if as_json:
        shown["alarms"] = alarm
    if performance.shape[0] or as_json:
        shown["performance"] = performance
    has_alarm = bool(alarm.shape[0])
    print_tables(shown, as_json=as_json, alarm=has_alarm, **facts)
    if not as_json:
        for row in nw.from_native(alarm, eager_only=True).iter_rows(named=True):
            where = "" if row["segment"] == "all" else f", {row['segment']}"
            head = f"{row['feature']} ({row['period']}{where})"
            click.echo(f"\n{head} moved. {row['drivers']}")
        if sentence is not None:
            click.echo(f"\n{sentence}")
        click.echo(f"\n{_sentence(alarm.shape[0], watch)}")
    return has_alarm


def _add(
    watch: Any,
    current: str,
    model: Any,
    columns: dict[str, str | None],
    missing: Collection[str],
) -> list[str]:
    """Add a file to the monitor chunk by chunk; the periods that it touched."""
    from infostat.stability.batches import add_batches

    stem = Path(current).name.split(".")[0]
    if columns["period"] is None and stem in watch.periods_:
        msg = (
            f"The monitor has the period {stem!r} already, and the rows of {current} "
            f"would count twice: rename the file, or name a column with --period."
        )
        raise InfostatError(msg)
    batches = (
        {**parts, "period": stem if parts["period"] is None else parts["period"]}
        for parts in _batches(current, model, columns, missing)
    )
    return add_batches(watch, batches)


def _batches(
    source: str, model: Any, columns: dict[str, str | None], missing: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Chunks of a file, numbers read as numbers."""
    levels = _levels(model)
    for chunk in read_chunks(source, missing=missing):
        if not len(chunk):
            continue
        roles = [name for name in columns.values() if name is not None]
        known = [*model.feature_names, *roles]
        numbers = [n for n in known if n in chunk.columns and n not in levels]
        frame = nw.from_native(numbers_where_all_are(chunk, numbers), eager_only=True)
        yield _parts(frame, model, source, columns)


def _parts(
    frame: nw.DataFrame[Any], model: Any, source: str, columns: dict[str, str | None]
) -> dict[str, Any]:
    """Features, outcome, segments and periods of a table."""
    wanted = [*model.feature_names, *(n for n in columns.values() if n is not None)]
    absent = [name for name in wanted if name not in frame.columns]
    if absent:
        msg = (
            f"{source} lacks the columns {name_list(absent)}; it has "
            f"{name_list(frame.columns)}."
        )
        raise InfostatError(msg)
    roles = {"y": "target", "segments": "segment", "period": "period"}
    out: dict[str, Any] = {"X": frame.select(model.feature_names).to_native()}
    for role, key in roles.items():
        name = columns.get(key)
        out[role] = None if name is None else frame.get_column(name).to_native()
    return out


def _levels(model: Any) -> list[str]:
    """Features whose cells stay text."""
    return [n for n, f in model.features.items() if f.bins.groups is not None]


def _rows_of(frame: Any, periods: list[str]) -> Any:
    """Rows of these periods."""
    data = nw.from_native(frame, eager_only=True)
    return data.filter(nw.col("period").is_in(periods)).to_native()


def _short(frame: Any) -> Any:
    """Columns that fit a terminal."""
    names = ("period", "segment", "feature", "n_current", "estimate", "conf_low")
    more = ("conf_high", "p_zero", "p_sequential", "light", "verdict", "alarm")
    return nw.from_native(frame, eager_only=True).select(*names, *more).to_native()


def _sentence(n_alarms: int, watch: Any) -> str:
    level = f"{100 * watch.level:g} %"
    if n_alarms == 0:
        return f"No alarm (no false one in any period with probability {level})."
    rules = watch._rules()
    return (
        f"{n_alarms} alarm(s): an index above {rules.tolerance:g} is established, no "
        f"false one in any period with probability {level}."
    )
