"""The command of the causal bounds."""

from __future__ import annotations

from typing import Any

import click
import narwhals.stable.v2 as nw

from infostat._tables import read_table, require_columns
from infostat.cli.doubts import warn_of_doubtful
from infostat.cli.printing import json_option, print_tables
from infostat.cli.words import missing_option
from infostat.exceptions import InfostatError

__all__ = ["bounds"]


@click.command()
@click.argument("data", type=click.Path())
@click.option("--treatment", required=True, help="Column of the treatment.")
@click.option("--outcome", required=True, help="Column of the outcome, a number.")
@click.option(
    "--y-min", required=True, type=float, help="Least the outcome can be, in anybody."
)
@click.option(
    "--y-max", required=True, type=float, help="Most the outcome can be, in anybody."
)
@click.option("--control", help="Level to compare with; the first by default.")
@click.option(
    "--method",
    default="sharp",
    show_default=True,
    help="sharp, all, or a divergence: chi2, kl, hellinger, tv, js.",
)
@click.option("--exclude", multiple=True, help="Column to leave out; repeatable.")
@missing_option
@click.option("--level", default=0.95, show_default=True, help="Confidence level.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="Seed of the folds.",
)
@json_option
def bounds(
    data: str,
    treatment: str,
    outcome: str,
    y_min: float,
    y_max: float,
    control: str | None,
    method: str,
    exclude: tuple[str, ...],
    missing: tuple[str, ...],
    level: float,
    seed: int,
    as_json: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Bound the effect of a treatment in DATA without trusting its confounders.

    Prints the bounds, the ladder of assumptions, and how much hidden confounding the
    sign of the effect survives.
    """
    from infostat.causal import CausalBounds

    table = nw.from_native(read_table(data, missing=missing), eager_only=True)
    names = list(table.columns)
    require_columns(data, names, (treatment, outcome, *exclude))
    kept = [name for name in names if name not in (treatment, outcome, *exclude)]
    if not kept:
        msg = f"{data} has no column beside treatment and outcome: add a covariate."
        raise InfostatError(msg)
    warn_of_doubtful(data, table.select(kept))
    arms = table.get_column(treatment)
    fitted = CausalBounds(
        y_bounds=(y_min, y_max),
        method=method,
        control=_control(arms, control, treatment),
        level=level,
        random_state=seed,
    ).fit(
        table.select(kept).to_native(),
        table.get_column(outcome).to_native(),
        treatment=arms.to_native(),
    )
    print_tables(
        {
            "bounds": fitted.summary(),
            "ladder": fitted.ladder(),
            "breakdown": fitted.breakdown(),
        },
        as_json=as_json,
        y_min=y_min,
        y_max=y_max,
        covariates=kept,
    )


def _control(arms: Any, control: str | None, treatment: str) -> Any:
    """Level of the control, compared as text."""
    if control is None:
        return None
    levels = sorted({v for v in arms.to_list() if v is not None and v == v}, key=str)
    names = [str(level) for level in levels]
    if control not in names:
        msg = (
            f"The treatment {treatment!r} has no level {control!r}, but "
            f"{', '.join(names[:5])}."
        )
        raise InfostatError(msg)
    return levels[names.index(control)]
