"""Choosing rows of a table in a file: kinds of columns, then two passes over chunks."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._files import atomic_path
from infostat._magnitude import refuse_huge
from infostat._tables import (
    CHUNK,
    numbers_where_all_are,
    read_chunks,
    require_columns,
    table_writer,
)
from infostat.exceptions import InfostatError
from infostat.sampling.certificate import Certificate, certify
from infostat.sampling.designs import Design, DesignPlan, draw_design, start_size
from infostat.sampling.streaming import (
    factor_chunks,
    proposals_needed,
    record_proposals,
)

__all__ = ["FileSelection", "PoolColumns", "scan_columns", "select_from_file"]

FloatArray = npt.NDArray[np.float64]
MOST_LEVELS = 50
ADDED = ("row", "weight", "draws", "block")


@dataclass(frozen=True, eq=False)
class PoolColumns:
    """How the columns of a table become a design matrix.

    Attributes
    ----------
    centre, scale : dict of str to float
        Mean and standard deviation of each number.
    levels : dict of str to list
        Levels of each text column; all but the first get an indicator.
    n_rows : int
        Rows of the table.
    """

    centre: dict[str, float]
    scale: dict[str, float]
    levels: dict[str, list[str]]
    n_rows: int

    def matrix(self, chunk: Any) -> FloatArray:
        """Design matrix of a chunk, constant first, shape (n, p)."""
        frame = nw.from_native(
            numbers_where_all_are(chunk, list(self.centre)), eager_only=True
        )
        columns = [np.ones(len(frame))]
        for name, centre in self.centre.items():
            values = np.asarray(frame.get_column(name).to_numpy(), dtype=float)
            columns.append((values - centre) / self.scale[name])
        for name, levels in self.levels.items():
            values = frame.get_column(name).to_numpy()
            columns += [
                np.asarray(values == level, dtype=float) for level in levels[1:]
            ]
        return np.column_stack(columns)


class _Scan:
    """What the scan knows of one column: moments while all are numbers, and levels."""

    def __init__(self, name: str, *, categorical: bool) -> None:
        self.name, self.numeric = name, not categorical
        self.n, self.mean, self.square = 0, 0.0, 0.0
        self.levels: set[str] = set()

    def see(self, values: Any, numbers: Any, start: int) -> None:
        missing = np.asarray(values.is_null().to_numpy(), dtype=bool)
        if missing.any():
            row = start + int(np.flatnonzero(missing)[0])
            msg = (
                f"The column {self.name!r} has {int(missing.sum())} missing values "
                f"(first: row {row}): impute them, or leave it out with --exclude."
            )
            raise InfostatError(msg)
        self.numeric = self.numeric and numbers.dtype.is_numeric()
        if self.numeric:
            self._moments(np.asarray(numbers.to_numpy(), dtype=float), start)
        if len(self.levels) <= MOST_LEVELS:
            self.levels.update(str(v) for v in values.unique().to_list())

    def _moments(self, x: FloatArray, start: int) -> None:
        if not np.isfinite(x).all():
            row = start + int(np.flatnonzero(~np.isfinite(x))[0])
            msg = f"The column {self.name!r} is not finite in row {row}: drop that row."
            raise InfostatError(msg)
        refuse_huge(self.name, x)
        if not len(x):
            return
        # Moments of two parts joined (Chan and others 1979).
        total = self.n + len(x)
        gap = float(x.mean()) - self.mean
        self.square += float(((x - x.mean()) ** 2).sum())
        self.square += gap**2 * self.n * len(x) / total
        self.mean += gap * len(x) / total
        self.n = total


def scan_columns(
    path: str | os.PathLike[str],
    *,
    exclude: Collection[str] = (),
    categorical: Collection[str] = (),
    missing: Collection[str] = (),
    rows: int = CHUNK,
) -> PoolColumns:
    """Read a table once to learn which columns are numbers, and the levels of others.

    Parameters
    ----------
    path : path-like
        csv, csv.gz or parquet.
    exclude : collection of str
        Columns to leave out.
    categorical : collection of str
        Columns of numbers to take for levels.
    missing : collection of str
        Cells of a text file to take for missing, beside empty ones.
    rows : int
        Rows a chunk.

    Returns
    -------
    PoolColumns

    Raises
    ------
    InfostatError
        If a column is absent, has missing values or too many levels, or no row is left.
    """
    scans: dict[str, _Scan] = {}
    n_rows = 0
    for chunk in read_chunks(path, rows=rows, missing=missing):
        if not scans:
            names = [str(name) for name in chunk.columns]
            require_columns(path, names, (*exclude, *categorical))
            kept = [name for name in names if name not in exclude]
            scans = {n: _Scan(n, categorical=n in categorical) for n in kept}
        numbers = [name for name, scan in scans.items() if scan.numeric]
        raw = nw.from_native(chunk, eager_only=True)
        typed = nw.from_native(numbers_where_all_are(chunk, numbers), eager_only=True)
        for name, scan in scans.items():
            scan.see(raw.get_column(name), typed.get_column(name), n_rows)
        n_rows += len(chunk)
    if not n_rows:
        msg = f"{path} has no rows to choose from."
        raise InfostatError(msg)
    return _columns(scans, n_rows)


def _columns(scans: dict[str, _Scan], n_rows: int) -> PoolColumns:
    centre, scale, levels = {}, {}, {}
    for name, scan in scans.items():
        if scan.numeric and scan.n == n_rows:
            spread = float(np.sqrt(scan.square / n_rows))
            if spread > 1e-13 * abs(scan.mean):
                centre[name], scale[name] = scan.mean, spread
        elif len(scan.levels) > MOST_LEVELS:
            msg = (
                f"The column {name!r} is text with more than {MOST_LEVELS} levels: "
                f"leave it out with --exclude, or group its levels; where it holds "
                f"numbers, give --missing for words among them that mean missing."
            )
            raise InfostatError(msg)
        else:
            levels[name] = sorted(scan.levels)
    return PoolColumns(centre, scale, levels, n_rows)


@dataclass(frozen=True, eq=False)
class FileSelection:
    """What was chosen from a file.

    Attributes
    ----------
    design : Design
        Rows (zero-based, without the header), weights, blocks.
    certificate : Certificate
        What the design guarantees.
    columns : PoolColumns
        How the columns were read.
    n_rows, n_distinct : int
        Rows of the pool, and distinct rows chosen.
    rank : int
        Independent columns of the pool, the constant included.
    """

    design: Design
    certificate: Certificate
    columns: PoolColumns
    n_rows: int
    n_distinct: int
    rank: int


def select_from_file(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    n: int,
    plan: DesignPlan,
    *,
    exclude: Collection[str] = (),
    categorical: Collection[str] = (),
    missing: Collection[str] = (),
    rows: int = CHUNK,
    rng: int | np.random.Generator | None = None,
    progress: Callable[[int], object] | None = None,
) -> FileSelection:
    """Choose rows of a table and write them with their weights.

    Parameters
    ----------
    source, target : path-like
        csv, csv.gz or parquet. The target appears under its name only when complete.
    n : int
        Draws; a row drawn more than once is written once, with the number of its draws.
    plan : DesignPlan
        How to draw; any method but "fixed_volume".
    exclude, categorical, missing : collection of str
        As in :func:`scan_columns`.
    rows : int
        Rows a chunk; memory holds one chunk and the proposals.
    rng : int or Generator, optional
        Source of randomness.
    progress : callable, optional
        Called with the number of rows of each finished chunk of each pass.

    Returns
    -------
    FileSelection

    Raises
    ------
    InfostatError
        If a file cannot be read or written, a column cannot be used, or n is below the
        rank.
    """
    final = Path(target)
    if Path(source).resolve() == final.resolve():
        msg = f"{final} would be overwritten by its own rows: name another file."
        raise InfostatError(msg)
    generator = np.random.default_rng(rng)
    columns = scan_columns(
        source, exclude=exclude, categorical=categorical, missing=missing, rows=rows
    )

    def chunks() -> Iterator[FloatArray]:
        for chunk in read_chunks(source, rows=rows):
            yield columns.matrix(chunk)
            if progress is not None:
                progress(len(chunk))

    factor = factor_chunks(chunks)
    most = start_size(n, factor.rank, plan) if plan.method == "dpp_greedy" else n
    wanted = proposals_needed(factor.rank, most)
    if plan.method == "best_of":
        wanted = plan.candidates * n + 64
    recorded = record_proposals(
        chunks, factor, n_leveraged=wanted, n_measured=n, rng=generator
    )
    design = draw_design(recorded, n, plan, generator)
    drawn = np.asarray(design.draws.places)
    with atomic_path(final) as temporary, table_writer(temporary, final) as write:
        _write_rows(read_chunks(source, rows=rows), design, write)
    return FileSelection(
        design,
        certify(recorded, design, plan),
        columns,
        columns.n_rows,
        len(np.unique(drawn)),
        factor.rank,
    )


def _write_rows(chunks: Iterator[Any], design: Design, write: Any) -> None:
    """Write the chosen rows in the order of the file, with what the fit needs."""
    drawn = np.asarray(design.draws.places)
    numbers, first, draws = np.unique(drawn, return_index=True, return_counts=True)
    start = 0
    for chunk in chunks:
        clash = [name for name in ADDED if name in chunk.columns]
        if clash:
            msg = f"The input has a column {clash[0]!r} already: rename or drop it."
            raise InfostatError(msg)
        here = (numbers >= start) & (numbers < start + len(chunk))
        if here.any() or not start:
            kept = chunk.iloc[numbers[here] - start]
            added: dict[str, Any] = {
                "row": numbers[here],
                "weight": design.weights[first[here]] * draws[here],
                "draws": draws[here],
            }
            if design.blocks is not None:
                added["block"] = design.blocks[first[here]]
            write(kept.assign(**added))
        start += len(chunk)
        if len(numbers) and start > numbers[-1]:
            break
