"""The command of the sampling room: select."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

import click
import narwhals.stable.v2 as nw
from tqdm import tqdm

from infostat._tables import numbers_where_all_are, read_chunks
from infostat.cli.doubts import warn_of_doubtful
from infostat.cli.printing import json_option, print_tables
from infostat.cli.words import missing_option

__all__ = ["select"]

MOST = 10**9
METHODS = ("volume", "repeated_dpp", "dpp_greedy", "leverage", "uniform", "best_of")


@click.command()
@click.argument("pool", type=click.Path())
@click.option(
    "--n", "n_rows", required=True, type=click.IntRange(1, MOST), help="Draws."
)
@click.option("--out", required=True, type=click.Path(), help="File of chosen rows.")
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="volume",
    show_default=True,
    help="volume: unbiased fit; repeated_dpp: intervals; dpp_greedy: least error.",
)
@click.option("--exclude", multiple=True, help="Column to leave out; repeatable.")
@click.option(
    "--categorical", multiple=True, help="Number to treat as level; repeatable."
)
@missing_option
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Seed of the draw.",
)
@json_option
def select(
    pool: str,
    n_rows: int,
    out: str,
    method: str,
    exclude: tuple[str, ...],
    categorical: tuple[str, ...],
    missing: tuple[str, ...],
    seed: int,
    as_json: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Choose which rows of POOL (csv, csv.gz, parquet) to label, and write them."""
    from infostat.sampling.designs import DesignPlan
    from infostat.sampling.pool_files import select_from_file

    _warn_of_doubtful(pool, {*exclude, *categorical}, missing)
    started = time.perf_counter()
    with tqdm(unit=" rows", unit_scale=True, disable=None) as bar:
        chosen = select_from_file(
            pool,
            out,
            n_rows,
            DesignPlan(method=method),
            exclude=exclude,
            categorical=categorical,
            missing=missing,
            rng=seed,
            progress=bar.update,
        )
    facts: dict[str, Any] = {
        "rows": chosen.n_rows,
        "rank": chosen.rank,
        "draws": len(chosen.design),
        "distinct": chosen.n_distinct,
        "unbiased": chosen.design.unbiased,
        "seed": seed,
        "out": out,
        "seconds": time.perf_counter() - started,
    }
    table = chosen.certificate.summary()
    if as_json:
        # JSON has no word for what is not known or infinite: such rows are left out.
        frame = nw.from_native(table, eager_only=True).drop_nulls("value")
        table = frame.filter(nw.col("value").is_finite()).to_native()
    print_tables({"certificate": table}, as_json=as_json, **facts)
    if not as_json:
        click.echo(
            f"\n{chosen.n_distinct} of {chosen.n_rows} rows to label "
            f"({len(chosen.design)} draws, {chosen.rank} coefficients from "
            f"{len(chosen.columns.centre)} numbers and {len(chosen.columns.levels)} "
            f"texts), written to {out}. Fit them by least squares with the column "
            f"'weight'."
        )


def _warn_of_doubtful(
    pool: str, apart: Collection[str], missing: Collection[str]
) -> None:
    """Warn of doubtful columns in the first chunk; the whole file is never held."""
    chunk = next(read_chunks(pool, missing=missing))
    kept = [str(name) for name in chunk.columns if name not in apart]
    table = numbers_where_all_are(chunk[kept], kept)
    warn_of_doubtful(pool, nw.from_native(table, eager_only=True))
