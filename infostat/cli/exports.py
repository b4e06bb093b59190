"""The command that writes a card in the language of another engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from infostat.exceptions import InfostatError

__all__ = ["export"]


def _pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """Read FEATURE=VALUE; the last equals sign parts them."""
    out = {}
    for text in given:
        feature, sign, value = text.rpartition("=")
        if not sign or not feature or not value:
            msg = f"{option} {text!r} is not of the form FEATURE=VALUE."
            raise InfostatError(msg)
        out[feature] = value
    return out


@click.command()
@click.argument("card", type=click.Path())
@click.option("--to", type=click.Choice(["sql", "pmml"]), required=True)
@click.option("--dialect", help="SQL engine; duckdb by default.")
@click.option("--table", help="Table of the SQL; applications by default.")
@click.option("--keep", multiple=True, help="Column to hand through; repeatable.")
@click.option("--column", multiple=True, help="FEATURE=NAME of its column; repeatable.")
@click.option(
    "--type", "kind", multiple=True, help="FEATURE=text|number|boolean; repeatable."
)
@click.option("--reasons", type=int, help="Number of reason codes.")
@click.option("--baseline", help="maximum (default), mean or neutral: of the reasons.")
@click.option("--out", type=click.Path(), help="File to write; prints by default.")
def export(
    card: str,
    to: str,
    dialect: str | None,
    table: str | None,
    keep: tuple[str, ...],
    column: tuple[str, ...],
    kind: tuple[str, ...],
    reasons: int | None,
    baseline: str | None,
    out: str | None,
) -> None:
    """Write CARD as SQL or PMML."""
    from infostat._files import write_text
    from infostat.scorecard.scorecard import Scorecard

    loaded = Scorecard.from_json(card)
    shared = {"reasons": reasons, "baseline": baseline}
    own = {
        "dialect": dialect,
        "table": table,
        "keep": list(keep) or None,
        "columns": _pairs(column, "--column") or None,
        "types": _pairs(kind, "--type") or None,
    }
    if to == "pmml":
        foreign = [name for name, value in own.items() if value is not None]
        if foreign:
            msg = f"PMML has no {foreign[0]}: leave the option out, or use --to sql."
            raise InfostatError(msg)
    options = {**shared, **(own if to == "sql" else {})}
    chosen: dict[str, Any] = {
        name: value for name, value in options.items() if value is not None
    }
    text = loaded.to_sql(**chosen) if to == "sql" else loaded.to_pmml(**chosen)
    if out is None:
        click.echo(text)
        return
    write_text(out, text + "\n")
    click.echo(f"{to.upper()} written to {out}", err=True)
