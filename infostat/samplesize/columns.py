"""Columns of a design: numbers as they are or cut, levels as indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._frames import as_frame
from infostat._magnitude import refuse_huge
from infostat.exceptions import InfostatError
from infostat.samplesize.cubic import Indicators

__all__ = ["Design", "bind_groups", "design_from_codes", "read_design"]

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Design:
    """Columns without the intercept, and the groups that they belong to.

    Attributes
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
        Columns.
    names : list of str
        Name of each column.
    group : ndarray of shape (n_columns,)
        Number of each column's group.
    group_names : list of str
        Names of the groups (features, characteristics).
    codes : dict of int to ndarray of shape (n_rows,)
        Level of each row for the groups that consist of indicators; level 0 is the
        reference, level k the group's k-th column.
    labels : dict of int to list of str
        Names of those levels.
    """

    matrix: FloatArray
    names: list[str]
    group: npt.NDArray[np.intp]
    group_names: list[str]
    codes: dict[int, Codes] = field(default_factory=dict)
    labels: dict[int, list[str]] = field(default_factory=dict)

    def indicators(self, kept: npt.NDArray[np.intp]) -> Indicators | None:
        """Return intercept and kept columns as codes; None where some are numbers.

        Parameters
        ----------
        kept : ndarray of int
            Columns of ``[1, matrix]`` in use, the intercept first.

        Returns
        -------
        Indicators or None
        """
        used = kept[kept > 0] - 1
        groups = np.unique(self.group[used]).tolist()
        if len(used) == len(kept) or any(g not in self.codes for g in groups):
            return None
        codes = [np.zeros(len(self.matrix), dtype=np.intp)]
        feature, level = [0], [0]
        for place, g in enumerate(groups, start=1):
            codes.append(self.codes[g])
            members = np.flatnonzero(self.group == g)
            for column in used[self.group[used] == g]:
                feature.append(place)
                level.append(1 + int(np.flatnonzero(members == column)[0]))
        return Indicators(np.stack(codes, axis=1), np.array(feature), np.array(level))


def _from_parts(parts: Sequence[tuple[str, FloatArray | Codes, list[str]]]) -> Design:
    """Join columns: a number with no labels, codes with the labels of their levels."""
    matrix, names, group = [], [], []
    codes: dict[int, Codes] = {}
    labels: dict[int, list[str]] = {}
    for g, (name, values, levels) in enumerate(parts):
        if not levels:
            matrix.append(np.asarray(values, dtype=float))
            names.append(name)
            group.append(g)
            continue
        codes[g], labels[g] = values.astype(np.intp), levels
        for k in range(1, len(levels)):
            matrix.append((values == k).astype(float))
            names.append(f"{name}: {levels[k]}")
            group.append(g)
    n_rows = len(parts[0][1])
    joined = np.stack(matrix, axis=1) if matrix else np.empty((n_rows, 0))
    return Design(
        joined,
        names,
        np.array(group, dtype=np.intp),
        [name for name, *_ in parts],
        codes,
        labels,
    )


def _largest_first(codes: Codes, labels: list[str]) -> tuple[Codes, list[str]]:
    """Renumber levels so that the largest is 0, the reference; empty ones vanish."""
    size = np.bincount(codes, minlength=len(labels))
    order = [k for k in np.argsort(-size, kind="stable").tolist() if size[k] > 0]
    number = np.zeros(len(labels), dtype=np.intp)
    number[order] = np.arange(len(order))
    return number[codes], [labels[k] for k in order]


def design_from_codes(
    codes: Sequence[npt.NDArray[Any]],
    names: Sequence[str],
    labels: Sequence[Sequence[str]],
) -> Design:
    """Indicator design of binned features, the largest bin for reference.

    Parameters
    ----------
    codes : sequence of ndarray of shape (n_rows,)
        Bin of each row, feature by feature.
    names : sequence of str
        Names of the features.
    labels : sequence of sequence of str
        Names of each feature's bins.

    Returns
    -------
    Design
    """
    parts = []
    for code, name, levels in zip(codes, names, labels, strict=True):
        number, kept = _largest_first(np.asarray(code, dtype=np.intp), list(levels))
        parts.append((name, number, kept))
    return _from_parts(parts)


def read_design(
    X: Any, *, rare_level: float = 0.0, n_bins: int | None = None
) -> Design:
    """Turn a table into a design.

    Parameters
    ----------
    X : frame or ndarray of shape (n_rows, n_columns)
        Numbers; a frame may hold text, whose levels become indicators, the largest for
        reference.
    rare_level : float, default=0.0
        Levels with a smaller share of the rows are pooled into one level "other".
    n_bins : int, optional
        Cut numbers with more than ``n_bins + 1`` values into that many bins of about
        equal size, missing values apart; the values of other numbers become levels.

    Returns
    -------
    Design

    Raises
    ------
    InfostatError
        If a number is missing or infinite and is not binned; the message names the
        column.
    """
    frame = as_frame(X)
    if isinstance(frame, nw.DataFrame):
        columns = [(str(name), frame.get_column(name)) for name in frame.columns]
        parts = [_read_column(n, c, rare_level, n_bins) for n, c in columns]
        return _from_parts(parts)
    matrix = np.asarray(X, dtype=float)
    names = [f"x{k}" for k in range(matrix.shape[1])]
    return _from_parts(
        [
            _number(name, matrix[:, k], rare_level, n_bins)
            for k, name in enumerate(names)
        ]
    )


def _read_column(
    name: str, column: nw.Series[Any], rare_level: float, n_bins: int | None
) -> tuple[str, FloatArray | Codes, list[str]]:
    if column.dtype.is_numeric() or column.dtype == nw.Boolean:
        values = column.cast(nw.Float64).to_numpy().astype(float)
        return _number(name, values, rare_level, n_bins)
    cells = column.to_list()
    texts = np.array(["missing" if _is_missing(v) else str(v) for v in cells])
    return _levels(name, texts, rare_level)


def _is_missing(value: Any) -> bool:
    """Whether a cell is None, NaN, or the mark of a frame library (NA, NaT)."""
    return (
        value is None or type(value).__name__ in {"NAType", "NaTType"} or value != value
    )


def _levels(
    name: str, values: npt.NDArray[Any], rare_level: float
) -> tuple[str, FloatArray | Codes, list[str]]:
    """Codes of levels; rare ones are pooled."""
    levels, codes = np.unique(values, return_inverse=True)
    size = np.bincount(codes)
    rare = size < rare_level * len(codes)
    labels = [str(level) for level in levels]
    if rare.any():
        number = np.cumsum(~rare) - 1
        number[rare] = int((~rare).sum())
        codes = number[codes]
        labels = [t for t, r in zip(labels, rare, strict=True) if not r] + ["other"]
    codes, labels = _largest_first(codes, labels)
    return name, codes, labels


def _number(
    name: str, values: FloatArray, rare_level: float, n_bins: int | None
) -> tuple[str, FloatArray | Codes, list[str]]:
    if n_bins is None:
        refuse_huge(name, values)
    finite = np.isfinite(values)
    distinct = np.unique(values[finite])
    if n_bins is not None and len(distinct) > n_bins + 1:
        level = np.arange(1, n_bins) / n_bins
        cuts = np.unique(np.quantile(values[finite], level, method="inverted_cdf"))
        codes = np.searchsorted(cuts, values, side="left")
        codes[np.isnan(values)] = len(cuts) + 1
        edges = ["-inf", *(f"{cut:g}" for cut in cuts), "inf"]
        labels = [f"({a}, {b}]" for a, b in pairwise(edges)]
        codes, labels = _largest_first(codes.astype(np.intp), [*labels, "missing"])
        return name, codes, labels
    if n_bins is not None:
        words = np.where(np.isnan(values), "missing", [f"{v:g}" for v in values])
        return _levels(name, words, rare_level)
    if not finite.all():
        msg = (
            f"Column {name!r} contains NaN or infinity in {int((~finite).sum())} rows: "
            f"fill or drop them, or give n_bins, which gives missing values a bin."
        )
        raise InfostatError(msg)
    return name, values, []


def bind_groups(design: Design, groups: Sequence[Any]) -> Design:
    """Put columns of numbers into groups; 0/1 columns that exclude one another are levels.

    Parameters
    ----------
    design : Design
        Design whose groups are the columns of the table.
    groups : sequence of length n_groups
        Label of the group of each column of the table.

    Returns
    -------
    Design

    Raises
    ------
    InfostatError
        If the length is wrong.
    """
    if len(groups) != len(design.group_names):
        msg = (
            f"groups has {len(groups)} labels for {len(design.group_names)} columns: "
            f"give one label a column of X."
        )
        raise InfostatError(msg)
    texts = [str(label) for label in groups]
    names = list(dict.fromkeys(texts))
    number = np.array([names.index(text) for text in texts])[design.group]
    codes: dict[int, Codes] = {}
    labels: dict[int, list[str]] = {}
    for g in range(len(names)):
        members = np.flatnonzero(number == g)
        part = design.matrix[:, members]
        if np.isin(part, (0.0, 1.0)).all() and (part.sum(axis=1) <= 1.0).all():
            codes[g] = (part @ np.arange(1, len(members) + 1)).astype(np.intp)
            labels[g] = ["reference", *(design.names[k] for k in members)]
    return Design(design.matrix, design.names, number, names, codes, labels)
