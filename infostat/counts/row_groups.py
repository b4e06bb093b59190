"""Batches of a parquet file, in little more memory than they need.

A stream of batches holds, of every column of the row group that it is in, the largest page
as decompressed, and the values of its dictionary as decoded. Arrow writes dictionaries of
up to a megabyte, also of measurements that hardly repeat, and DuckDB pages as large as a
row group. So wherever a row group is about a batch, columns are read one after the other,
and each one's pages are dropped before the next. A larger row group can only be streamed.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["iterate_batches"]

WHOLE = 1.25
"""Batches in a row group up to which it is read as a whole."""


def iterate_batches(
    file: Any, columns: Sequence[str] | None, rows: int
) -> Iterator[Any]:
    """Read an open parquet file in batches.

    Parameters
    ----------
    file : pyarrow.parquet.ParquetFile
        Opened without ``pre_buffer``.
    columns : sequence of str or None
        Columns to read; None for all.
    rows : int
        Most rows a batch.

    Yields
    ------
    pyarrow Table
    """
    arrow = importlib.import_module("pyarrow")
    names = list(columns) if columns is not None else file.schema_arrow.names
    metadata = file.metadata
    sizes = [metadata.row_group(k).num_rows for k in range(metadata.num_row_groups)]
    twice = len(set(names)) < len(names)  # two columns of one name have no name
    for packed in _packed(sizes, rows):
        n_rows = sum(sizes[k] for k in packed)
        if twice or n_rows > WHOLE * rows:
            for batch in file.iter_batches(rows, row_groups=packed, columns=columns):
                yield arrow.Table.from_batches([batch])
            continue
        whole = _by_columns(file, packed, names, arrow)
        size = math.ceil(n_rows / math.ceil(n_rows / rows))
        for start in range(0, n_rows, size):
            yield whole.slice(start, size)
        del whole


def _by_columns(file: Any, groups: list[int], names: list[str], arrow: Any) -> Any:
    """Row groups read column by column."""
    schema = file.schema_arrow
    held = [
        file.read_row_groups(groups, columns=[name], use_threads=False).column(name)
        for name in names
    ]
    fields = [schema.field(name) for name in names]
    return arrow.Table.from_arrays(held, schema=arrow.schema(fields, schema.metadata))


def _packed(sizes: list[int], rows: int) -> Iterator[list[int]]:
    """Neighbouring row groups that are a batch together; a large one alone."""
    held: list[int] = []
    total = 0
    for k, size in enumerate(sizes):
        if held and total + size > WHOLE * rows:
            yield held
            held, total = [], 0
        if size:
            held.append(k)
            total += size
    if held:
        yield held
