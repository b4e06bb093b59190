"""What every command prints: tables, or one JSON document."""

from __future__ import annotations

import json
import math
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
            name: {
                column: [_finite(cell) for cell in cells]
                for column, cells in nw.from_native(frame, eager_only=True)
                .to_dict(as_series=False)
                .items()
            }
            for name, frame in frames.items()
        }
        text = json.dumps({**facts, **tables}, default=_plain, allow_nan=False)
        click.echo(text)
        return
    for name, frame in frames.items():
        click.echo(f"\n{name.replace('_', ' ').capitalize()}\n{text_table(frame)}")


def _finite(cell: Any) -> Any:
    """Return the cell; null for a number that JSON lacks."""
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _plain(value: Any) -> Any:
    """JSON form of numpy's scalars."""
    return value.item()
