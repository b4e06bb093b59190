"""The command of the fairness frontier."""

from __future__ import annotations

from typing import Any

import click
import narwhals.stable.v2 as nw

from infostat._tables import read_table, require_columns
from infostat.cli.doubts import warn_of_doubtful
from infostat.cli.printing import json_option, print_tables
from infostat.cli.scorecards import _event
from infostat.cli.words import keep_words, missing_option
from infostat.exceptions import InfostatError

__all__ = ["frontier"]


@click.command()
@click.argument("data", type=click.Path())
@click.option("--target", required=True, help="Column of the outcome.")
@click.option(
    "--group",
    "attributes",
    multiple=True,
    required=True,
    help="Column of a protected attribute; repeatable.",
)
@click.option("--event", help="Label of the event; 1 by default.")
@click.option(
    "--caps", help="Caps on the groups' information value, as 0.05,0.1; or exact."
)
@click.option("--points", default=10, show_default=True, help="Caps, where none given.")
@click.option(
    "--confidence",
    type=float,
    help="Confidence with which the caps are to hold; the holdout certifies them.",
)
@click.option("--max-features", type=int, help="Most features.")
@click.option("--intersections", is_flag=True, help="Compare intersections as well.")
@click.option("--time-limit", type=float, help="Seconds of the solver for each cap.")
@click.option("--exclude", multiple=True, help="Column to leave out; repeatable.")
@missing_option
@click.option("--select", "chosen", type=int, help="Point whose card to write.")
@click.option(
    "--select-cap",
    "within",
    type=float,
    help="Write the best card within this cap, with --confidence a certified one.",
)
@click.option(
    "--out", type=click.Path(), help="Card to write (JSON), if one is selected."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the holdout.")
@json_option
def frontier(as_json: bool, **options: Any) -> None:  # noqa: FBT001
    """Show what fairness between groups costs on DATA.

    Prints the best scorecard at every cap on the difference between groups, measured on
    rows that did not choose it.
    """
    from infostat.fairness import FairnessFrontier

    data, target = options["data"], options["target"]
    chosen, within = options["chosen"], options["within"]
    if (chosen is not None) + (within is not None) != (options["out"] is not None):
        msg = "Give --select POINT or --select-cap CAP, and --out CARD, together."
        raise InfostatError(msg)
    table = nw.from_native(
        read_table(data, missing=options["missing"]), eager_only=True
    )
    names, attributes = list(table.columns), list(options["attributes"])
    require_columns(data, names, (target, *attributes, *options["exclude"]))
    y = table.get_column(target)
    apart = {target, *attributes, *options["exclude"]}
    kept = [name for name in names if name not in apart]
    if not kept:
        msg = f"{data} has no column beside target and groups: add a feature."
        raise InfostatError(msg)
    warn_of_doubtful(data, table.select(kept))
    fitted = FairnessFrontier(
        max_group_iv=_caps(options["caps"], options["points"]),
        confidence=options["confidence"],
        max_features=options["max_features"],
        intersections=options["intersections"],
        time_limit=options["time_limit"],
        event=_event(y, options["event"], target),
        random_state=options["seed"],
    ).fit(
        table.select(kept).to_native(),
        y.to_native(),
        groups=table.select(attributes).to_native(),
    )
    if options["out"] is not None:
        card = fitted.select(point=chosen, max_group_iv=within)
        keep_words(card, data, options["missing"]).to_json(options["out"])
    print_tables(
        {"frontier": fitted.frontier_, "groups": fitted.groups_},
        as_json=as_json,
        card=options["out"],
    )


def _caps(given: str | None, points: int) -> Any:
    """Caps as numbers, or how many."""
    if given is None:
        return points
    if given == "exact":
        return given
    try:
        return [float(part) for part in given.split(",")]
    except ValueError as error:
        msg = f"--caps is {given!r}: give numbers such as 0.05,0.1, or exact."
        raise InfostatError(msg) from error
