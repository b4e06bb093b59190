"""Counting and scoring parquet files, beside what DuckDB does with bare SQL.

``python -m benchmarks.engines [--count-rows 20000000] [--score-rows 2000000]
[--repeats 3] [--threads 2] [--memory 1GB] [--folder .]``

Counting: count tables of ten features by DuckDB within a memory limit, against the bare
``select code, y, count(*) group by`` over codes that lie ready in the same file. Scoring:
from parquet to parquet, against DuckDB's own COPY of the CASE statement that the card
exports, with its default options. Both sides take turns; the ratio is that of the minima.
The memory of scoring is told for DuckDB's file, and for one whose doubles Arrow wrote with
dictionaries, in row groups of DuckDB's size and in one of a million rows.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from benchmarks.turns import rise
from infostat import Bins, ScorecardClassifier, tabulate
from infostat.scorecard.batch import score_file

FEATURES = [f"x{k}" for k in range(10)]
CUTS = [-1.2, -0.7, -0.3, 0.0, 0.3, 0.7, 1.2]
PART = 1_000_000


def generate(path: Path, rows: int) -> None:
    """Ten normal features with gaps and their codes, written in parts."""
    rng = np.random.default_rng(0)
    writer = None
    for start in tqdm(range(0, rows, PART), desc="generate", unit="M rows"):
        size = min(PART, rows - start)
        columns: dict[str, np.ndarray] = {}
        for name in FEATURES:
            values = rng.normal(size=size)
            values[rng.integers(0, size, size // 50)] = np.nan
            columns[name] = values
            code = np.zeros(size, np.int8)
            for cut in CUTS:
                code += values > cut
            columns[f"code_{name}"] = np.where(np.isnan(values), -1, code).astype(
                np.int8
            )
        odds = np.nan_to_num(columns["x0"]) - np.nan_to_num(columns["x1"]) - 2
        columns["y"] = (rng.uniform(size=size) < 1 / (1 + np.exp(-odds))).astype(
            np.int8
        )
        table = pa.table(columns)
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, use_dictionary=["y"])
        writer.write_table(table, row_group_size=122_880)
    assert writer is not None
    writer.close()


def race(sides: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Fastest of several runs, sides in turns."""
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(repeats):
        for name, run in sides.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def connect(options: argparse.Namespace) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"set threads = {options.threads}")
    connection.execute(f"set memory_limit = '{options.memory}'")
    return connection


def count(path: Path, rows: int, options: argparse.Namespace) -> None:
    """Tables of all features, against the bare group-by over ready codes."""
    bins = {name: Bins.numeric(name, CUTS) for name in FEATURES}
    ours, bare = connect(options), connect(options)

    def by_card() -> None:
        tables = tabulate(ours.read_parquet(str(path)), bins, "y")
        assert all(table.rows.sum() == rows for table in tables.values())

    def by_hand() -> None:
        for name in FEATURES:
            bare.execute(
                f"select code_{name}, y, count(*) "  # noqa: S608 - our own names
                f"from read_parquet('{path}') group by all"
            ).fetchall()

    peak = rise(by_card)
    best = race({"tabulate": by_card, "bare": by_hand}, options.repeats)
    print(
        f"count {rows:,} x {len(FEATURES)}: {best['tabulate']:.2f} s, "
        f"{rows / best['tabulate'] / 1e6:.1f} million rows/s; bare group by "
        f"{best['bare']:.2f} s; ratio {best['tabulate'] / best['bare']:.2f}; "
        f"DuckDB limit {options.memory}, memory rose by {peak:.0f} MB"
    )


def card_of(path: Path):
    """Card fitted to the first rows."""
    first = next(pq.ParquetFile(path).iter_batches(batch_size=50_000))
    frame: pd.DataFrame = first.to_pandas()
    return ScorecardClassifier().fit(frame[FEATURES], frame["y"]).card_


def held(card, source: Path, target: Path, rows: int) -> float:
    """Most Arrow memory between two chunks, in chunks."""
    before, peaks = pa.total_allocated_bytes(), []
    score_file(
        card,
        source,
        target,
        rows=rows,
        progress=lambda _: peaks.append(pa.total_allocated_bytes() - before),
    )
    return max(peaks) / (rows * (len(FEATURES) + 2) * 8)


def score(path: Path, folder: Path, options: argparse.Namespace) -> None:
    """Parquet to parquet, against DuckDB's CASE."""
    card = card_of(path)
    source, ours, theirs = (
        folder / f"{n}.parquet" for n in ("narrow", "ours", "theirs")
    )
    connection = connect(options)
    connection.execute(
        f"copy (select {', '.join(FEATURES)} "  # noqa: S608 - our own names
        f"from read_parquet('{path}') "
        f"limit {options.score_rows}) to '{source}'"
    )
    connection.execute(f"create view applications as from read_parquet('{source}')")
    statement = card.to_sql("duckdb")

    def by_card() -> None:
        score_file(card, source, ours, rows=options.chunk)

    def by_case() -> None:
        connection.execute(f"copy ({statement}) to '{theirs}'")

    best = race({"score_file": by_card, "duckdb": by_case}, options.repeats)
    same = np.abs(
        pq.read_table(ours)["points"].to_numpy()
        - pq.read_table(theirs)["points"].to_numpy()
    ).max()
    memory = [held(card, source, ours, options.chunk)]
    rows = pq.read_table(source)
    for size in (122_880, 1_048_576):
        pq.write_table(rows, folder / "coded.parquet", row_group_size=size)
        memory.append(held(card, folder / "coded.parquet", ours, options.chunk))
    chunk = options.chunk * (len(FEATURES) + 2) * 8
    print(
        f"score {options.score_rows:,} x {len(FEATURES)}: {best['score_file']:.2f} s, "
        f"DuckDB CASE {best['duckdb']:.2f} s; ratio "
        f"{best['score_file'] / best['duckdb']:.2f}; largest difference {same:.1e}; "
        f"Arrow memory {memory[0]:.1f} chunks of {chunk / 1e6:.0f} MB, with dictionaries "
        f"{memory[1]:.1f} and in large row groups {memory[2]:.1f}; files "
        f"{ours.stat().st_size / 1e6:.0f} and {theirs.stat().st_size / 1e6:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count-rows", type=int, default=20_000_000)
    parser.add_argument("--score-rows", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--chunk", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where the files are generated")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        rows = max(options.count_rows, options.score_rows)
        generate(folder / "wide.parquet", rows)
        score(folder / "wide.parquet", folder, options)
        count(folder / "wide.parquet", rows, options)


if __name__ == "__main__":
    main()
