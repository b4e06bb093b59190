"""Tables too large for memory: read in batches, counted batch by batch, added."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from infostat._text import name_list
from infostat.counts.partition import Partition
from infostat.counts.row_groups import iterate_batches
from infostat.counts.table import CountTable
from infostat.counts.tabulate import tabulate
from infostat.exceptions import InfostatError

__all__ = ["read_batches", "tabulate_batches"]

ROWS = 262_144
"""Rows a batch."""

BUFFER = 1 << 18
"""Bytes that are read from a column of a file at a time."""


def read_batches(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[str] | None = None,
    rows: int = ROWS,
) -> Iterator[Any]:
    """Read a parquet file, or a folder of them, in batches of rows.

    Parameters
    ----------
    path : path-like
        A file, or a folder whose ``*.parquet`` files are read in the order of their
        names.
    columns : sequence of str, optional
        Columns to read; all by default.
    rows : int, default=262_144
        Most rows a batch.

    Yields
    ------
    pyarrow Table

    Raises
    ------
    InfostatError
        If pyarrow is not installed, there is no such file, or it is damaged or lacks a
        column.

    Notes
    -----
    Beside a batch or two memory holds what Arrow's reader keeps of a row group larger
    than 1.25 batches until it has left it: of each column the largest page and, where it
    is dictionary-encoded, the decoded dictionary; by Arrow's defaults up to two megabytes
    a column, which does not grow with the file. Larger batches, smaller row groups, or
    measurements written without a dictionary (``use_dictionary``) avoid it.
    """
    try:
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        msg = "Parquet files need pyarrow: pip install 'infostat[frames]'."
        raise InfostatError(msg) from error
    source = Path(path)
    files = sorted(source.glob("*.parquet")) if source.is_dir() else [source]
    if not files or not files[0].is_file():
        msg = f"There is no parquet file {source}."
        raise InfostatError(msg)
    for name in files:
        try:
            # Buffered: by default every row group is read before the first batch.
            file = parquet.ParquetFile(name, pre_buffer=False, buffer_size=BUFFER)
        except (OSError, ValueError) as error:
            msg = f"{name} is not a parquet file: {' '.join(str(error).split())}."
            raise InfostatError(msg) from error
        with file:
            held = file.schema_arrow.names
            absent = [column for column in columns or () if column not in held]
            if absent:
                msg = f"{name} lacks {name_list(absent)}; it has {name_list(held)}."
                raise InfostatError(msg)
            yield from iterate_batches(file, columns, rows)


def tabulate_batches(
    batches: Iterable[Any],
    bins: Mapping[str, Partition],
    target: str,
    weight: str | None = None,
    *,
    classes: Sequence[Any] = (0, 1),
) -> dict[str, CountTable]:
    """Count frames one after another and add their tables.

    Parameters
    ----------
    batches : iterable of data frames
        For instance :func:`read_batches`; one is held at a time.
    bins : mapping of str to Bins
        Bins of each feature to count.
    target : str
        Column of the class.
    weight : str, optional
        Column of the weights, finite and not negative.
    classes : sequence, default=(0, 1)
        Labels of the target: non-event, event.

    Returns
    -------
    dict of str to CountTable

    Raises
    ------
    InfostatError
        If there is no batch, or as :func:`infostat.tabulate` does.
    """
    sums: dict[str, CountTable] = {}
    for batch in batches:
        for name, table in tabulate(
            batch, bins, target, weight, classes=classes
        ).items():
            sums[name] = sums[name] + table if name in sums else table
    if not sums:
        msg = "There are no batches to count, or no bins to count them by."
        raise InfostatError(msg)
    return sums
