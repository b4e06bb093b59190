"""Pre-bins of a frame of any engine, counted there; the optimum is found on the counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from infostat._frames import as_frame
from infostat._text import name_list
from infostat.binning.bins import Bins
from infostat.binning.engine_quantiles import engine_cuts
from infostat.binning.prebins import group_levels
from infostat.binning.specials import special_codes
from infostat.counts import CountTable
from infostat.counts.frame_engine import count_frame, count_frame_levels
from infostat.counts.plain_names import plain_names
from infostat.exceptions import InfostatError

__all__ = ["Prebins", "open_frame", "prebin_frame", "without_empty"]

Counted = tuple[dict[str, Bins], dict[str, CountTable]]


@dataclass(frozen=True)
class Prebins:
    """How a column becomes pre-bins.

    Attributes
    ----------
    n_bins : int
        Most ordinary pre-bins.
    special_values : sequence, dict or None
        Codes with a bin each: for all features where they occur, or a feature.
    categories : collection of str
        Numbers to take for levels.
    rare_level : float
        Levels with a smaller share of the weight are pooled.
    n_levels : int or None
        Most ordinary pre-bins of levels; ``n_bins`` by default.
    special_may_be_absent : bool
        Whether special codes have a bin only where they occur.
    """

    n_bins: int = 100
    special_values: Any = None
    categories: Collection[str] = field(default=())
    rare_level: float = 0.01
    n_levels: int | None = None

    def special(self, feature: str, *, categorical: bool) -> list[Any]:
        """Special values of a feature.

        Parameters
        ----------
        feature : str
            Name of the feature.
        categorical : bool
            Whether it holds levels; a numeric one has numbers alone.

        Returns
        -------
        list
            Codes with a bin each.

        Raises
        ------
        InfostatError
            If the codes declared for a numeric feature by name are no numbers.
        """
        return special_codes(self.special_values, feature, categorical=categorical)

    @property
    def special_may_be_absent(self) -> bool:
        """Whether codes hold only where they occur."""
        return not isinstance(self.special_values, Mapping)

    def is_categorical(self, feature: str, dtype: Any) -> bool:
        """Whether a column holds levels.

        Parameters
        ----------
        feature : str
            Name of the column.
        dtype : narwhals dtype
            What it holds.

        Returns
        -------
        bool
            True for text, booleans and the names in ``categories``.

        Raises
        ------
        InfostatError
            If it holds neither numbers nor text nor booleans.
        """
        if feature in self.categories:
            return True
        if dtype.is_numeric():
            return False
        kinds = nw.String | nw.Categorical | nw.Enum | nw.Boolean | nw.Object
        if isinstance(dtype, kinds):
            return True
        msg = (
            f"Column {feature!r} holds {dtype}: a feature must hold numbers, text or "
            f"booleans; cast it, or leave it out."
        )
        raise InfostatError(msg)


def open_frame(
    frame: Any, target: str, features: Sequence[str] | None, weight: str | None
) -> tuple[nw.DataFrame[Any] | nw.LazyFrame[Any], list[str]]:
    """Wrap a frame and name its features: all columns but target and weight by default.

    Raises
    ------
    InfostatError
        If it is no frame, or lacks a column.
    """
    data = as_frame(frame)
    if data is None:
        msg = (
            f"A data frame is needed, got {type(frame).__name__}: wrap arrays in one, "
            f"or use fit."
        )
        raise InfostatError(msg)
    names = data.collect_schema().names()
    other = [target] if weight is None else [target, weight]
    chosen = [n for n in names if n not in other] if features is None else [*features]
    absent = [name for name in (*chosen, *other) if name not in names]
    if absent:
        msg = f"The frame lacks {name_list(absent)}; it has {name_list(names)}."
        raise InfostatError(msg)
    return data, chosen


def prebin_frame(
    frame: Any,
    target: str,
    *,
    features: Sequence[str] | None = None,
    weight: str | None = None,
    classes: Sequence[Any] = (0, 1),
    rules: Prebins | None = None,
) -> Counted:
    """Cut and count a frame in its own engine, ready for ``fit_counts``.

    Two passes over each column: its approximate quantiles, then one group-by. Only cuts
    and counts leave the engine.

    Parameters
    ----------
    frame : data frame
        pandas, polars (eager or lazy), pyarrow, DuckDB, Dask or Spark.
    target : str
        Column of the class.
    features : sequence of str, optional
        Columns to bin; all but target and weight by default.
    weight : str, optional
        Column of the weights. Quantiles are those of the rows.
    classes : sequence, default=(0, 1)
        Labels of non-events and events.
    rules : Prebins, optional
        How columns are cut; 100 pre-bins by default.

    Returns
    -------
    bins : dict of str to Bins
    tables : dict of str to CountTable

    Raises
    ------
    InfostatError
        If the frame lacks a column, a column cannot be binned, or the target holds
        another label.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"x": range(40), "bad": [0, 0, 0, 1] * 10})
    >>> bins, tables = prebin_frame(frame, "bad", rules=Prebins(n_bins=4))
    >>> bins["x"].cuts
    (9.0, 19.0, 29.0)
    >>> tables["x"].rows.sum(axis=1).tolist()
    [0, 10, 10, 10, 10]
    """
    rules = Prebins() if rules is None else rules
    data, chosen = open_frame(frame, target, features, weight)
    schema = data.collect_schema()
    plain, named = plain_names(data)
    bins, tables = {}, {}
    for name in chosen:
        categorical = rules.is_categorical(name, schema[name])
        special = rules.special(name, categorical=categorical)
        if categorical:
            counted = count_frame_levels(data, name, target, classes, weight=weight)
            bins[name], tables[name] = group_levels(
                name,
                counted,
                rules.n_levels or rules.n_bins,
                special_values=special,
                rare_level=rules.rare_level,
            )
            continue
        cuts = engine_cuts(plain, named[name], schema[name], rules.n_bins, special)
        wide = Bins.numeric(name, cuts, special_values=special)
        table = count_frame(data, wide, target, classes, weight=weight)
        bins[name], tables[name] = without_empty(
            wide, table, special=rules.special_may_be_absent
        )
    return bins, tables


def without_empty(
    bins: Bins, table: CountTable, *, special: bool
) -> tuple[Bins, CountTable]:
    """Join empty ordinary bins of a numeric feature to a neighbour.

    Parameters
    ----------
    bins, table
        Bins and their counts.
    special : bool
        Whether special values without rows go as well.

    Returns
    -------
    bins : Bins
    table : CountTable
    """
    filled = table.rows.sum(axis=1) > 0
    ordinary = filled[bins.first :]
    # A filled bin keeps its right cut; the last filled one reaches to infinity.
    kept = np.flatnonzero(ordinary)[:-1]
    cuts = [(bins.cuts or ())[k] for k in kept]
    held = [k for k in range(len(bins.special_values)) if filled[1 + k] or not special]
    new = Bins.numeric(
        bins.feature,
        cuts,
        special_values=[float(bins.special_values[k]) for k in held],
    )
    codes = np.zeros(bins.n_bins, dtype=np.intp)  # what is empty adds nothing to bin 0
    codes[[1 + k for k in held]] = np.arange(1, 1 + len(held))
    before = np.concatenate([[0], np.cumsum(ordinary)[:-1]]).astype(np.intp)
    codes[bins.first :] = new.first + np.minimum(before, len(cuts))
    return new, table.collapse(codes, new.labels)
