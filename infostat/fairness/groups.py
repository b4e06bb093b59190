"""Protected groups: attributes read, each group set against its reference group."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._frames import as_frame
from infostat.counts.levels import factorize, level_name
from infostat.exceptions import InfostatError, InfostatWarning

__all__ = ["Comparison", "read_comparisons"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """A protected group set against the reference group of its attribute.

    Attributes
    ----------
    attribute : str
        Name of the attribute; "sex x race" for an intersection.
    group, reference : str
        Names of the protected group and of the reference group.
    member : ndarray of shape (n_samples,), int8
        1 for the protected group, 0 for the reference group, -1 for other rows.
    """

    attribute: str
    group: str
    reference: str
    member: npt.NDArray[np.int8]

    @property
    def name(self) -> str:
        """Attribute and group, ``sex=female``."""
        return f"{self.attribute}={self.group}"

    def take(self, rows: npt.NDArray[Any]) -> Comparison:
        """Comparison of a part of the rows."""
        return Comparison(self.attribute, self.group, self.reference, self.member[rows])


def read_comparisons(
    groups: Any,
    n_samples: int,
    *,
    reference: Mapping[str, Any] | None = None,
    intersections: bool = False,
    min_group: int = 50,
    weight: FloatArray | None = None,
) -> list[Comparison]:
    """Set every protected group against the reference group of its attribute.

    Parameters
    ----------
    groups : array-like of shape (n_samples,) or (n_samples, n_attributes), or frame
        One column an attribute; columns of an array are called "group", or "group0",
        "group1" and so on.
    n_samples : int
        Rows of the features.
    reference : mapping of str to label, optional
        Reference group of an attribute; by default its largest group.
    intersections : bool, default=False
        Add the groups that pairs of attributes, and all of them, form.
    min_group : int, default=50
        Groups with fewer rows are left out, with a warning that names them.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights; they count as rows.

    Returns
    -------
    list of Comparison

    Raises
    ------
    InfostatError
        If lengths differ, an attribute has one group only or a reference is unknown.
    """
    columns = {
        name: _levels(name, values) for name, values in _attributes(groups).items()
    }
    unknown = [name for name in reference or {} if name not in columns]
    if unknown:
        msg = f"reference names {unknown}, but the attributes are {list(columns)}."
        raise InfostatError(msg)
    for name, (codes, _) in columns.items():
        if len(codes) != n_samples:
            msg = (
                f"groups {name!r} has {len(codes)} rows and X has {n_samples}: give "
                f"one group a row."
            )
            raise InfostatError(msg)
    w = np.ones(n_samples) if weight is None else weight
    found, bases = [], {}
    for name, (codes, levels) in columns.items():
        bases[name] = _reference(name, codes, levels, w, (reference or {}).get(name))
        found += _against(name, codes, levels, bases[name], w, min_group)
    if intersections and len(columns) > 1:
        sizes = sorted({2, len(columns)})
        for names in (c for size in sizes for c in combinations(columns, size)):
            found += _crossed(names, columns, bases, w, min_group)
    if not found:
        msg = (
            f"No protected group has {min_group} rows: lower min_group or give more "
            f"rows."
        )
        raise InfostatError(msg)
    return found


def _attributes(groups: Any) -> dict[str, Any]:
    """Columns of groups by name."""
    frame = as_frame(groups)
    if isinstance(frame, nw.LazyFrame):
        msg = "groups is a lazy frame: collect it."
        raise InfostatError(msg)
    if frame is not None:
        return {str(name): frame.get_column(name) for name in frame.columns}
    if isinstance(groups, Mapping):
        return {str(k): _plain(v) for k, v in groups.items()}
    series = nw.from_native(groups, pass_through=True, allow_series=True)
    if isinstance(series, nw.Series):
        return {str(series.name or "group"): series}
    values = np.asarray(groups)
    if values.ndim == 1:
        return {"group": values}
    if values.ndim != 2:
        msg = f"groups must have one or two dimensions, got shape {values.shape}."
        raise InfostatError(msg)
    if values.shape[1] == 1:
        return {"group": values[:, 0]}
    return {f"group{k}": values[:, k] for k in range(values.shape[1])}


def _plain(values: Any) -> Any:
    series = nw.from_native(values, pass_through=True, allow_series=True)
    return series if isinstance(series, nw.Series) else np.asarray(values)


def _levels(name: str, values: Any) -> tuple[npt.NDArray[Any], list[str]]:
    """Codes and names of the groups; missing is -1, and said."""
    codes, levels = factorize(values)
    if len(levels) > 50:
        msg = (
            f"groups {name!r} has {len(levels)} groups: it looks like a number. Cut it "
            f"into a few groups first."
        )
        raise InfostatError(msg)
    missing = int((codes < 0).sum())
    if missing:
        warnings.warn(
            f"groups {name!r} is missing in {missing} rows: they help to find bins but "
            f"enter no measure of this attribute. Give them a group of their own to "
            f"watch them.",
            InfostatWarning,
            stacklevel=4,
        )
    return codes, [str(level_name(level)) for level in levels]


def _reference(
    name: str, codes: npt.NDArray[Any], levels: list[str], w: FloatArray, given: Any
) -> int:
    """Code of the reference group: the one given, else the largest."""
    size = np.bincount(codes[codes >= 0], weights=w[codes >= 0], minlength=len(levels))
    if (size > 0).sum() < 2:
        msg = (
            f"groups {name!r} has {int((size > 0).sum())} group(s) with rows: a "
            f"comparison needs two."
        )
        raise InfostatError(msg)
    if given is None:
        return int(size.argmax())
    wanted = str(level_name(given))
    if wanted not in levels:
        msg = f"reference of {name!r} is {given!r}, but its groups are {levels}."
        raise InfostatError(msg)
    return levels.index(wanted)


def _against(
    name: str,
    codes: npt.NDArray[Any],
    levels: list[str],
    base: int,
    w: FloatArray,
    min_group: int,
) -> list[Comparison]:
    """Every other group of an attribute against the reference group."""
    out, small = [], []
    for k, level in enumerate(levels):
        size = float(w[codes == k].sum())
        if k == base or size == 0:
            continue
        if size < min_group:
            small.append(f"{level} ({size:g})")
            continue
        member = np.full(len(codes), -1, dtype=np.int8)
        member[codes == k], member[codes == base] = 1, 0
        out.append(Comparison(name, level, levels[base], member))
    if small:
        warnings.warn(
            f"groups {name!r}: {', '.join(small)} have fewer than {min_group} rows and "
            f"are not compared. Pool small groups, or lower min_group.",
            InfostatWarning,
            stacklevel=4,
        )
    return out


def _crossed(
    names: tuple[str, ...],
    columns: Mapping[str, tuple[npt.NDArray[Any], list[str]]],
    bases: Mapping[str, int],
    w: FloatArray,
    min_group: int,
) -> list[Comparison]:
    """Groups of an intersection against the intersection of the reference groups."""
    shape = tuple(len(columns[name][1]) for name in names)
    parts = [columns[name][0] for name in names]
    known = np.all([part >= 0 for part in parts], axis=0)
    codes = np.full(len(known), -1)
    codes[known] = np.ravel_multi_index([part[known] for part in parts], shape)
    labels = [
        ", ".join(columns[n][1][i] for n, i in zip(names, place, strict=True))
        for place in np.ndindex(*shape)
    ]
    base = int(np.ravel_multi_index([bases[name] for name in names], shape))
    if w[codes == base].sum() < min_group:
        return []
    return _against(" x ".join(names), codes, labels, base, w, min_group)
