"""Chunks of a table on their way through a card: pandas for text, Arrow for parquet."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._pipeline import write_behind
from infostat._tables import numbers_where_all_are, read_chunks, table_writer
from infostat.counts.batches import read_batches

__all__ = ["PARQUET", "arrow_stream", "pandas_stream"]

PARQUET = (".parquet", ".pq")

FloatArray = npt.NDArray[np.float64]
Stream = tuple[Iterator[Any], Callable[[Any, dict[str, FloatArray]], None]]


@contextmanager
def pandas_stream(
    source: Path,
    temporary: Path,
    final: Path,
    rows: int,
    numeric: list[str],
    missing: Collection[str],
) -> Iterator[Stream]:
    """Chunks of any file as pandas frames, and a writer to any file.

    Parameters
    ----------
    source, temporary, final : Path
        What is read, where it is written, and the name that tells the kind of file.
    rows : int
        Rows a chunk.
    numeric : list of str
        Columns that the card reads as numbers.
    missing : collection of str
        Cells of a text file to take for missing.

    Yields
    ------
    chunks : iterator of pandas DataFrame
        Numeric columns of text files hold numbers where every cell is one.
    write : callable
        Appends a chunk with further columns.
    """
    raw: list[Any] = []

    def chunks() -> Iterator[Any]:
        for chunk in read_chunks(source, rows=rows):
            raw[:] = [chunk]  # written as it was read, digits and all
            if missing and not source.name.lower().endswith(PARQUET):
                chunk = chunk.mask(chunk.isin(list(missing)))
            present = [name for name in numeric if name in chunk.columns]
            yield numbers_where_all_are(chunk, present)

    with table_writer(temporary, final) as append:

        def write(chunk: Any, added: dict[str, FloatArray]) -> None:
            del chunk
            append(raw[0].assign(**added))

        yield chunks(), write


@contextmanager
def arrow_stream(source: Path, temporary: Path, rows: int) -> Iterator[Stream]:
    """Batches of a parquet file as Arrow tables, and a writer to a parquet file.

    One batch is written while the next is read and scored; no third is held.

    Parameters
    ----------
    source, temporary : Path
        What is read and where it is written.
    rows : int
        Rows a batch.

    Yields
    ------
    chunks : iterator of pyarrow Table
    write : callable
        Appends a batch with further columns.
    """
    arrow = importlib.import_module("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    writer: Any = None

    def append(table: Any) -> None:
        nonlocal writer
        if writer is None:
            writer = parquet.ParquetWriter(
                temporary, table.schema, use_dictionary=_repeating(table.schema)
            )
        writer.write_table(table)

    def write(chunk: Any, added: dict[str, FloatArray]) -> None:
        for name, values in added.items():
            chunk = chunk.append_column(name, arrow.array(values))
        hand_over(chunk)

    def chunks() -> Iterator[Any]:
        empty = True
        for chunk in read_batches(source, rows=rows):
            empty = False
            yield chunk
        if empty:
            yield parquet.read_schema(source).empty_table()

    try:
        with write_behind(append) as hand_over:
            yield chunks(), write
    finally:
        if writer is not None:
            writer.close()


def _repeating(schema: Any) -> list[str]:
    """Columns worth a dictionary; measurements repeat too little to pay for one."""
    return [
        field.name
        for field in schema
        if not str(field.type).startswith(("float", "double")) or field.name == "points"
    ]
