"""Tables in files: csv, csv.gz and parquet, whole or in chunks.

Text files are read as text, and a column is a number only if every cell is one. So a
level "none", "NA" or "007" stays what it is, and a chunk is read like the whole.
"""

from __future__ import annotations

import gzip
import importlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from infostat._text import name_list
from infostat.exceptions import InfostatError

__all__ = [
    "numbers_where_all_are",
    "read_chunks",
    "read_table",
    "require_columns",
    "table_writer",
]

CHUNK = 100_000
"""Rows a chunk."""

GZIP = b"\x1f\x8b"
"""First bytes of a file that gzip compressed."""

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""What separates cells elsewhere, and its name."""


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
        _check_header(source)
        with (
            _text_of(source) as text,
            pandas.read_csv(
                text,
                dtype=str,
                keep_default_na=False,
                na_values=["", *missing],
                chunksize=rows,
            ) as chunks,
        ):
            for chunk in chunks:
                if not isinstance(chunk.index, pandas.RangeIndex):
                    # pandas would take the first cells for names of the rows, and
                    # every other cell for that of its left neighbour.
                    msg = (
                        f"{source} is not a table: its rows have more cells than its "
                        f"header has names."
                    )
                    raise InfostatError(msg)
                yield chunk
    except (pandas.errors.ParserError, pandas.errors.EmptyDataError) as error:
        msg = f"{source} is not a table: {' '.join(str(error).split())}."
        raise InfostatError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{source} cannot be read as text: {error}. Save it as UTF-8."
        if error.object.startswith(GZIP):
            msg = f"{source} is compressed by gzip: name it .csv.gz."
        raise InfostatError(msg) from error
    except gzip.BadGzipFile as error:
        msg = f"{source} is not compressed by gzip, or damaged ({error}): name it .csv."
        raise InfostatError(msg) from error
    except (EOFError, OSError) as error:
        msg = f"{source} cannot be read as text: {error}."
        raise InfostatError(msg) from error


class _Text:
    """Text of a file; a NUL in it, where pandas would cut the cell, is refused."""

    def __init__(self, handle: Any, source: Path) -> None:
        self._handle, self._source = handle, source

    def __iter__(self) -> Iterator[str]:
        return iter(self._handle)

    def read(self, size: int = -1) -> str:
        text = str(self._handle.read(size))
        if "\0" in text:
            msg = f"{self._source} holds NUL characters: it is no text, or damaged."
            raise InfostatError(msg)
        return text


@contextmanager
def _text_of(source: Path) -> Iterator[_Text]:
    opened: Any = gzip.open if source.name.lower().endswith(".gz") else open
    with opened(source, "rt", encoding="utf-8-sig", newline="") as handle:
        yield _Text(handle, source)


def _check_header(source: Path) -> None:
    """Raise where cells are not separated by commas, or two columns share a name.

    pandas would take the row for one name, and would rename the second of two.
    """
    with _text_of(source) as text:
        head = _pandas().read_csv(
            text, header=None, nrows=1, dtype=str, keep_default_na=False
        )
    names = [str(name) for name in head.iloc[0]]
    for separator, word in SEPARATORS.items():
        if len(names) == 1 and separator in names[0]:
            msg = (
                f"The cells of {source} are separated by {word}: write it with commas, "
                f"and numbers as 1234.5."
            )
            raise InfostatError(msg)
    twice = [name for k, name in enumerate(names) if name in names[:k]]
    if twice:
        msg = f"{source} has two columns {twice[0][:40]!r}: rename or drop one."
        raise InfostatError(msg)


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
        if nw.from_native(values, series_only=True).dtype not in (nw.String, nw.Object):
            continue  # to_numeric would count the ticks of dates
        try:
            changed[name] = pandas.to_numeric(values)
        except (ValueError, TypeError):
            continue
    out = frame.copy(deep=False)
    for name, values in changed.items():  # not by assign: a column may be named self
        out[name] = values
    return out


def require_columns(
    source: str | os.PathLike[str], names: Sequence[str], wanted: Iterable[str]
) -> None:
    """Raise where a table lacks a column.

    Parameters
    ----------
    source : path-like
        The file, for the message.
    names : sequence of str
        Columns that it has.
    wanted : iterable of str
        Columns that it should have.

    Raises
    ------
    InfostatError
        Naming the first absent one, and what there is.
    """
    for name in wanted:
        if name not in names:
            msg = f"{source} has no column {name!r}; it has {name_list(names)}."
            raise InfostatError(msg)


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
