"""Tables in files: csv, csv.gz and parquet, whole or in chunks.

Text files are read as text, and a column is a number only if every cell is one. So a
level "none", "NA" or "007" stays what it is, and a chunk is read like the whole.
"""

from __future__ import annotations

import gzip
import importlib
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from infostat.exceptions import InfostatError

__all__ = ["numbers_where_all_are", "read_chunks", "read_table", "table_writer"]

CHUNK = 100_000
"""Rows a chunk."""


def _pandas() -> Any:
    """pandas, which statsmodels brings along, through narwhals."""
    return nw.Implementation.PANDAS.to_native_namespace()


def _parquet() -> Any:
    try:
        return importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        msg = "Parquet files need pyarrow: pip install 'infostat[frames]'."
        raise InfostatError(msg) from error


def _kind(path: Path) -> str:
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz")):
        return "csv"
    if name.endswith((".parquet", ".pq")):
        return "parquet"
    msg = f"{path} is none of csv, csv.gz and parquet: convert it, or rename it."
    raise InfostatError(msg)


def read_chunks(
    path: str | os.PathLike[str], *, rows: int = CHUNK, missing: Collection[str] = ()
) -> Iterator[Any]:
    """Read a table in chunks of rows.

    Parameters
    ----------
    path : path-like
        csv, csv.gz or parquet.
    rows : int
        Rows a chunk.
    missing : collection of str
        Cells of a text file to take for missing, beside empty ones.

    Yields
    ------
    pandas DataFrame
        All cells of a text file are text; an empty file with a header yields one chunk
        without rows.

    Raises
    ------
    InfostatError
        If the file is absent, empty, of an unknown kind or damaged.
    """
    source = Path(path)
    if not source.is_file():
        msg = f"There is no file {source}."
        raise InfostatError(msg)
    reader = _read_csv if _kind(source) == "csv" else _read_parquet
    yield from reader(source, rows, missing)


def _read_csv(source: Path, rows: int, missing: Collection[str]) -> Iterator[Any]:
    pandas = _pandas()
    try:
        with pandas.read_csv(
            source,
            dtype=str,
            keep_default_na=False,
            na_values=["", *missing],
            chunksize=rows,
            encoding="utf-8",
        ) as chunks:
            yield from chunks
    except (pandas.errors.ParserError, pandas.errors.EmptyDataError) as error:
        msg = f"{source} is not a table: {' '.join(str(error).split())}."
        raise InfostatError(msg) from error
    except (UnicodeDecodeError, EOFError, OSError) as error:
        msg = f"{source} cannot be read as text: {error}."
        raise InfostatError(msg) from error


def _read_parquet(source: Path, rows: int, missing: Collection[str]) -> Iterator[Any]:
    del missing  # a typed file knows its missing values
    parquet = _parquet()
    try:
        file = parquet.ParquetFile(source)
    except (OSError, ValueError) as error:
        msg = f"{source} is not a parquet file: {' '.join(str(error).split())}."
        raise InfostatError(msg) from error
    with file:
        empty = True
        for batch in file.iter_batches(batch_size=rows):
            empty = False
            yield batch.to_pandas()
        if empty:
            yield file.schema_arrow.empty_table().to_pandas()


def read_table(
    path: str | os.PathLike[str],
    *,
    text: Collection[str] = (),
    missing: Collection[str] = (),
) -> Any:
    """Read a whole table.

    Parameters
    ----------
    path : path-like
        csv, csv.gz or parquet.
    text : collection of str
        Columns to leave as text although they hold numbers.
    missing : collection of str
        Cells to take for missing, beside empty ones.

    Returns
    -------
    pandas DataFrame
        Numbers where every cell of a column is one.
    """
    chunks = list(read_chunks(path, missing=missing))
    frame = chunks[0] if len(chunks) == 1 else _pandas().concat(chunks)
    frame = frame.reset_index(drop=True)
    return numbers_where_all_are(frame, [c for c in frame.columns if c not in text])


def numbers_where_all_are(frame: Any, columns: Collection[str]) -> Any:
    """Turn text columns into numbers where every cell that is not missing is one.

    Parameters
    ----------
    frame : pandas DataFrame
        Table.
    columns : collection of str
        Columns to try.

    Returns
    -------
    pandas DataFrame
        A new frame; columns that hold anything else stay text.
    """
    pandas = _pandas()
    changed = {}
    for name in columns:
        values = frame[name]
        if nw.from_native(values, series_only=True).dtype.is_numeric():
            continue
        try:
            changed[name] = pandas.to_numeric(values)
        except (ValueError, TypeError):
            continue
    return frame.assign(**{str(name): values for name, values in changed.items()})


Writer = Callable[[Any], None]


@contextmanager
def table_writer(path: str | os.PathLike[str], final: Path) -> Iterator[Writer]:
    """Open a table for writing chunk by chunk.

    Parameters
    ----------
    path : path-like
        Where to write (a temporary name).
    final : Path
        Name that tells the kind of file.

    Yields
    ------
    callable
        Takes a pandas DataFrame and appends it.
    """
    if _kind(final) == "csv":
        opened: Any = gzip.open if final.name.lower().endswith(".gz") else open
        with opened(path, "wt", encoding="utf-8", newline="") as handle:
            started = False

            def write_csv(frame: Any) -> None:
                nonlocal started
                frame.to_csv(handle, header=not started, index=False)
                started = True

            yield write_csv
        return
    parquet, writer = _parquet(), None
    arrow = importlib.import_module("pyarrow")

    def write_parquet(frame: Any) -> None:
        nonlocal writer
        schema = None if writer is None else writer.schema
        table = arrow.Table.from_pandas(frame, schema=schema, preserve_index=False)
        if writer is None:
            writer = parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)

    try:
        yield write_parquet
    finally:
        if writer is not None:
            writer.close()
