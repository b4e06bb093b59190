"""A card applied to a file, chunk by chunk, in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._files import atomic_path
from infostat._tables import CHUNK
from infostat.binning.columns import read_columns
from infostat.exceptions import InfostatError
from infostat.scorecard.expressions import ADDED, check_columns
from infostat.scorecard.scaling import event_probability
from infostat.scorecard.scorecard import Scorecard
from infostat.scorecard.streams import PARQUET, Stream, arrow_stream, pandas_stream
from infostat.scorecard.unseen import UnseenLevels

__all__ = ["BatchResult", "score_file"]


@dataclass(frozen=True, eq=False)
class BatchResult:
    """What a scoring run met.

    Attributes
    ----------
    rows : int
        Rows scored.
    mean_points, mean_probability : float
        Averages over the rows; zero without rows.
    exceptions : list of tuple (feature, bin, rows, neutral)
        Rows in the bins of missing, special and unseen values, where there were any;
        ``neutral`` says that the bin was empty at fit, so that it adds no evidence.
    """

    rows: int
    mean_points: float
    mean_probability: float
    exceptions: list[tuple[str, str, int, bool]]


def score_file(
    card: Scorecard,
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    rows: int = CHUNK,
    missing: Collection[str] = (),
    progress: Callable[[int], object] | None = None,
) -> BatchResult:
    """Score a table and write it with the columns ``points`` and ``probability``.

    Parameters
    ----------
    card : Scorecard
        The card.
    source, target : path-like
        csv, csv.gz or parquet. The target appears under its name only when complete.
    rows : int
        Rows a chunk. Memory stays below three chunks, unless row groups of the file are
        larger than a chunk *and* their columns dictionary-encoded, see
        :func:`infostat.counts.read_batches`; then take more rows a chunk, or smaller row
        groups.
    missing : collection of str
        Cells of a text file to take for missing, beside empty ones; they are written
        as they were.
    progress : callable, optional
        Called with the number of rows of each finished chunk.

    Returns
    -------
    BatchResult

    Raises
    ------
    InfostatError
        If a file cannot be read or written, a column of the card is absent, or a
        numeric feature holds text.
    """
    final = Path(target)
    if Path(source).resolve() == final.resolve():
        msg = f"{final} would be overwritten by its own scores: name another file."
        raise InfostatError(msg)
    counts = {n: np.zeros(f.bins.first, dtype=int) for n, f in card.features.items()}
    unseen = UnseenLevels({name: f.bins for name, f in card.features.items()})
    total, sums = 0, np.zeros(2)
    with (
        atomic_path(final) as temporary,
        _stream(card, Path(source), temporary, final, rows, missing) as (chunks, write),
    ):
        for chunk in chunks:
            points, probability = _score_chunk(card, chunk, counts, unseen)
            write(chunk, dict(zip(ADDED, (points, probability), strict=True)))
            total += len(points)
            sums += points.sum(), probability.sum()
            if progress is not None:
                progress(len(points))
    unseen.warn()
    mean = sums / max(total, 1)
    return BatchResult(total, float(mean[0]), float(mean[1]), _exceptions(card, counts))


def _stream(
    card: Scorecard,
    source: Path,
    temporary: Path,
    final: Path,
    rows: int,
    missing: Collection[str],
) -> AbstractContextManager[Stream]:
    """Road of the rows: Arrow from parquet to parquet, else pandas."""
    both = [path.name.lower().endswith(PARQUET) for path in (source, final)]
    if all(both) and source.is_file():
        return arrow_stream(source, temporary, rows)
    numeric = [n for n, f in card.features.items() if f.bins.groups is None]
    return pandas_stream(source, temporary, final, rows, numeric, missing)


def _score_chunk(
    card: Scorecard,
    chunk: Any,
    counts: dict[str, npt.NDArray[np.int64]],
    unseen: UnseenLevels,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Points and probability; counts rows of the bins before the ordinary ones."""
    columns = read_columns(chunk, None)
    check_columns(card, columns.names)
    points = np.zeros(columns.n_rows)
    log_odds = np.full(columns.n_rows, card.intercept)
    for name, feature in card.features.items():
        bins = feature.bins
        column = columns.read(name, categorical=bins.groups is not None)
        values = column.values
        if bins.groups is not None:
            values = unseen.read(name, values)
        code = bins.codes(values)
        points += feature.points[code]
        log_odds += feature.effect[code]
        odd = code[code < bins.first]
        if odd.size:
            counts[name] += np.bincount(odd, minlength=bins.first)
    return points, event_probability(log_odds)


def _exceptions(
    card: Scorecard, counts: dict[str, npt.NDArray[np.int64]]
) -> list[tuple[str, str, int, bool]]:
    out = []
    for name, feature in card.features.items():
        empty = feature.table.weight.sum(axis=1) <= 0
        out += [
            (name, feature.bins.labels[k], int(counts[name][k]), bool(empty[k]))
            for k in range(feature.bins.first)
            if counts[name][k]
        ]
    return out
