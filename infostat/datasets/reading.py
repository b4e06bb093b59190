"""Columns of a public data set, from a folder or from OpenML.

Files are read here and not by a frame library, so that codes such as "none" and "?"
stay text and every library gets the same columns.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from infostat.datasets.sources import SOURCES, Source
from infostat.exceptions import InfostatError

__all__ = ["Columns", "read_columns", "stack"]

VARIABLE = "INFOSTAT_DATA"
Columns = dict[str, np.ndarray[Any, Any]]


def read_columns(folder: str, file: str) -> Columns:
    """Read one file of a data set, or its copy on OpenML where there is one.

    Parameters
    ----------
    folder : str
        Name of the data set and of its folder.
    file : str
        Name of the file in that folder.

    Returns
    -------
    dict of str to ndarray of shape (n_rows,)
        Integers, floats (NaN = missing) or objects (text, None = missing).

    Raises
    ------
    InfostatError
        If the file is not there and no copy can be downloaded.
    """
    source = SOURCES[folder]
    root = os.environ.get(VARIABLE)
    if root:
        path = Path(root) / folder / file
        if path.is_file():
            return _read_csv(path, source)
    if source.openml is not None:
        return _download(folder, source)
    found = f"{VARIABLE}={root!r} lacks it" if root else f"{VARIABLE} is not set"
    msg = (
        f"data set {folder!r} needs the file {folder}/{file} and {found}: set "
        f"{VARIABLE} to the folder that holds the data sets."
    )
    raise InfostatError(msg)


def stack(first: Columns, second: Columns) -> Columns:
    """Rows of two files with the same columns."""
    return {name: np.concatenate([first[name], second[name]]) for name in first}


def _read_csv(path: Path, source: Source) -> Columns:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        names, *rows = csv.reader(lines)
    if source.target not in names or {len(row) for row in rows} != {len(names)}:
        msg = (
            f"{path.name!r} is damaged (no column {source.target!r}, or rows of "
            "unequal length): fetch it again."
        )
        raise InfostatError(msg)
    return {
        name: _typed(cells, as_text=name in source.text)
        for name, cells in zip(names, zip(*rows, strict=True), strict=True)
    }


def _typed(cells: Sequence[str], *, as_text: bool = False) -> np.ndarray[Any, Any]:
    """Integers where all cells are; else floats; else text. Empty cells are missing."""
    if not as_text:
        for kind, given in ((np.int64, cells), (float, [c or "nan" for c in cells])):
            try:
                return np.array(given).astype(kind)
            except ValueError:
                continue
    return np.array([cell or None for cell in cells], dtype=object)


def _download(folder: str, source: Source) -> Columns:
    copy = source.openml
    assert copy is not None  # noqa: S101  (the caller has looked)
    from sklearn.datasets import fetch_openml

    try:
        bunch = fetch_openml(
            copy.name,
            version=copy.version,
            as_frame=False,
            parser="liac-arff",
            n_retries=1,
        )
    # Failures of the network are OSErrors, those of the answer are ValueErrors.
    except (OSError, ValueError) as error:
        msg = (
            f"data set {folder!r} is neither in a folder named by {VARIABLE} nor could "
            f"it be fetched from OpenML ({error}): set {VARIABLE} to the folder that "
            "holds the data sets, or connect."
        )
        raise InfostatError(msg) from error
    levels = bunch.categories or {}
    columns = {
        ours: _decoded(bunch.data[:, k], levels.get(theirs), copy.missing)
        for k, (ours, theirs) in enumerate(
            zip(copy.columns, bunch.feature_names, strict=True)
        )
    }
    return columns | {source.target: _typed([str(label) for label in bunch.target])}


def _decoded(
    values: np.ndarray[Any, Any], levels: Collection[str] | None, missing: str | None
) -> np.ndarray[Any, Any]:
    """Turn a column of OpenML, where categories are ordinal codes, into our types."""
    numbers = np.asarray(values, dtype=float)
    known = ~np.isnan(numbers)
    if levels is None:
        whole = known.all() and bool(np.all(numbers == np.rint(numbers)))
        return numbers.astype(np.int64) if whole else numbers
    names = [str(level) for level in levels]
    return _typed(
        [
            names[int(code)] if here else missing or ""
            for code, here in zip(numbers, known, strict=True)
        ]
    )
