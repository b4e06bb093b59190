"""Rows to describe: scored once, kept as bin codes, points and outcomes."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._frames import as_frame
from infostat._tables import numbers_where_all_are, read_chunks
from infostat.counts import CountTable
from infostat.counts.array_engine import count_codes
from infostat.exceptions import InfostatError
from infostat.scorecard.scorecard import Scorecard

__all__ = ["ReportRows", "file_frames", "read_rows"]

FloatArray = npt.NDArray[np.float64]

UNKNOWN = 2
"""Outcome of rows without one."""

MOST_GROUPS = 30


@dataclass(frozen=True, eq=False)
class ReportRows:
    """Rows as a report needs them; memory grows by some bytes a row and feature.

    Attributes
    ----------
    codes : dict of str to ndarray of shape (n_rows,)
        Bin of each row, feature by feature.
    tables : dict of str to CountTable
        Non-events, events and rows without an outcome, by bin.
    points, probability : ndarray of shape (n_rows,)
        Scores.
    outcome : ndarray of shape (n_rows,), uint8
        1 for events, 0 for non-events, 2 where not known.
    groups : dict of str to ndarray of shape (n_rows,)
        Labels of the groups as text.
    of_fit : bool
        Whether the counts are those of the card's fit, so that the rows are, too.
    """

    codes: dict[str, npt.NDArray[Any]]
    tables: dict[str, CountTable]
    points: FloatArray
    probability: FloatArray
    outcome: npt.NDArray[np.uint8]
    groups: dict[str, npt.NDArray[Any]]
    of_fit: bool

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Rows with an outcome."""
        return np.asarray(self.outcome != UNKNOWN)

    @property
    def has_both(self) -> bool:
        """Whether there are events and non-events."""
        counts = np.bincount(self.outcome, minlength=3)
        return bool(counts[0] and counts[1])


def read_rows(
    card: Scorecard,
    frames: Iterable[Any],
    target: str,
    *,
    event: Any = None,
    groups: Sequence[str] = (),
    progress: Callable[[int], object] | None = None,
) -> ReportRows:
    """Score and code rows, frame by frame.

    Parameters
    ----------
    card : Scorecard
        The card.
    frames : iterable of frame
        The rows, in one frame or several.
    target : str
        Column of the outcome; cells may be missing.
    event : object, optional
        Label of the event in that column; by default that of the card.
    groups : sequence of str
        Columns of protected groups.
    progress : callable, optional
        Called with the number of rows of each finished frame.

    Returns
    -------
    ReportRows

    Raises
    ------
    InfostatError
        If a column is absent, the outcome has other labels, a group column has too
        many values, or there are no rows.
    """
    parts: list[dict[str, Any]] = []
    for native in frames:
        frame = as_frame(native)
        if not isinstance(frame, nw.DataFrame):
            msg = (
                f"data must be a data frame with named columns, got "
                f"{type(native).__name__}: collect a lazy one, name the columns of an "
                f"array."
            )
            raise InfostatError(msg)
        parts.append(_read_frame(card, frame, target, event, groups))
        if progress is not None:
            progress(int(frame.shape[0]))
    if sum(len(part["outcome"]) for part in parts) == 0:
        msg = "The data have no rows: there is nothing to report on."
        raise InfostatError(msg)
    if event is not None:
        _check_two(target, set().union(*(part["labels"] for part in parts)), event)
    outcome = np.concatenate([part["outcome"] for part in parts])
    codes = {
        name: np.concatenate([part["codes"][name] for part in parts])
        for name in card.features
    }
    tables = {
        name: count_codes(codes[name], outcome, feature.bins.labels, n_classes=3)
        for name, feature in card.features.items()
    }
    return ReportRows(
        codes=codes,
        tables=tables,
        points=np.concatenate([part["points"] for part in parts]),
        probability=np.concatenate([part["probability"] for part in parts]),
        outcome=outcome,
        groups={
            name: _group(name, [p["groups"][name] for p in parts]) for name in groups
        },
        of_fit=all(
            np.array_equal(tables[name].rows[:, :2], feature.table.rows)
            and not tables[name].rows[:, UNKNOWN].any()
            for name, feature in card.features.items()
        ),
    )


def file_frames(
    card: Scorecard, path: str | os.PathLike[str], *, missing: Collection[str] = ()
) -> Iterator[Any]:
    """Chunks of a file, with numbers where the card wants them.

    Parameters
    ----------
    card : Scorecard
        The card.
    path : path-like
        csv, csv.gz or parquet.
    missing : collection of str
        Cells to take for missing, beside empty ones.

    Yields
    ------
    frame
    """
    for chunk in read_chunks(path, missing=missing):
        numeric = [
            name
            for name, feature in card.features.items()
            if feature.bins.groups is None and name in chunk.columns
        ]
        yield numbers_where_all_are(chunk, numeric)


def _read_frame(
    card: Scorecard,
    frame: nw.DataFrame[Any],
    target: str,
    event: Any,
    groups: Sequence[str],
) -> dict[str, Any]:
    names = list(frame.columns)
    absent = [n for n in (*card.feature_names, target, *groups) if n not in names]
    if absent:
        msg = f"The data lack the columns {absent}; they have {names}."
        raise InfostatError(msg)
    features = frame.select(card.feature_names).to_native()
    points, probability = card.score(features)
    outcome, labels = _outcomes(card, frame.get_column(target), event)
    return {
        "codes": card.codes(features),
        "points": points,
        "probability": probability,
        "outcome": outcome,
        "labels": labels,
        "groups": {name: _labels(frame.get_column(name)) for name in groups},
    }


def _label(value: Any) -> str:
    """Label as text; 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _outcomes(
    card: Scorecard, column: nw.Series[Any], event: Any
) -> tuple[npt.NDArray[np.uint8], set[str]]:
    """Outcome of each row and the labels met; labels are compared as text."""
    wanted = _label(card.event if event is None else event)
    allowed = {_label(label) for label in card.classes}
    out = np.full(len(column), UNKNOWN, dtype=np.uint8)
    labels = set()
    for value in column.unique().to_list():
        if value is None or value != value:
            continue
        label = _label(value)
        if label not in (allowed if event is None else {wanted}):
            # A file of text may write a number in several ways.
            label = _label(_as_number(value))
        if event is None and label not in allowed:
            msg = (
                f"The target {column.name!r} has the label {label[:40]!r}, the card "
                f"knows {sorted(allowed)}: name the event with event= (--event)."
            )
            raise InfostatError(msg)
        labels.add(label)
        rows = (column == value).fill_null(value=False).to_numpy().astype(bool)
        out[rows] = label == wanted
    return out, labels


def _as_number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _check_two(target: str, labels: set[str], event: Any) -> None:
    if _label(event) not in labels or len(labels) > 2:
        shown = ", ".join(sorted(labels)[:5])
        msg = (
            f"The target {target!r} has the labels {shown}: the event {event!r} must be "
            f"one of two."
        )
        raise InfostatError(msg)


def _labels(column: nw.Series[Any]) -> npt.NDArray[Any]:
    """Labels as text; missing ones are a group of their own."""
    values = [v for v in column.unique().to_list() if v is not None and v == v]
    if len(values) > MOST_GROUPS:
        _refuse_groups(column.name, len(values))
    out = np.full(len(column), "missing", dtype=object)
    for value in values:
        rows = (column == value).fill_null(value=False).to_numpy().astype(bool)
        out[rows] = _label(value)
    return out


def _group(name: str, parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    out = np.concatenate(parts)
    n_values = len(set(out.tolist()))
    if n_values > MOST_GROUPS:
        _refuse_groups(name, n_values)
    return out


def _refuse_groups(name: str, n_values: int) -> None:
    msg = (
        f"The group column {name!r} has {n_values} values, at most {MOST_GROUPS} can be "
        f"compared: cut numbers into ranges, pool rare groups."
    )
    raise InfostatError(msg)
