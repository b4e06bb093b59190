"""What every command prints: tables, or one JSON document."""

from __future__ import annotations

import json
from typing import Any

import click
import narwhals.stable.v2 as nw

from infostat._text import text_table

__all__ = ["json_option", "print_tables"]

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of tables."
)


def print_tables(frames: dict[str, Any], *, as_json: bool, **facts: Any) -> None:
    """Print tables, or all of it as one JSON document."""
    if as_json:
        tables = {
            name: nw.from_native(frame, eager_only=True).to_dict(as_series=False)
            for name, frame in frames.items()
        }
        click.echo(json.dumps({**facts, **tables}, default=_plain))
        return
    for name, frame in frames.items():
        click.echo(f"\n{name.replace('_', ' ').capitalize()}\n{text_table(frame)}")


def _plain(value: Any) -> Any:
    """JSON form of numpy's scalars."""
    return value.item()
