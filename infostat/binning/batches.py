"""Pre-bins of a stream of batches: a first pass samples, a second one counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.binning.frames import Counted, Prebins, open_frame, without_empty
from infostat.binning.prebins import group_levels
from infostat.binning.quantile import quantile_cuts
from infostat.counts import CountTable
from infostat.counts.batches import tabulate_batches
from infostat.counts.frame_engine import count_frame_levels
from infostat.counts.tabulate import column_values
from infostat.exceptions import InfostatError

__all__ = ["prebin_batches"]

FloatArray = npt.NDArray[np.float64]

SAMPLE = 200_000
"""Rows that the quantiles are taken from: a rank of a pre-bin moves by 0.1 % at most."""


def prebin_batches(
    batches: Callable[[], Iterable[Any]],
    target: str,
    *,
    features: Sequence[str] | None = None,
    weight: str | None = None,
    classes: Sequence[Any] = (0, 1),
    rules: Prebins | None = None,
    sample: int = SAMPLE,
    rng: Any = 0,
) -> Counted:
    """Cut and count rows that do not fit into memory, ready for ``fit_counts``.

    Parameters
    ----------
    batches : callable
        Returns the batches from the start, for instance
        ``lambda: read_batches("rows.parquet")``; it is called twice.
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
    sample : int, default=200_000
        Rows drawn for the quantiles, each with the same chance; with no more rows than
        that the quantiles are exact.
    rng : int or Generator, default=0
        Of the draw.

    Returns
    -------
    bins : dict of str to Bins
    tables : dict of str to CountTable

    Raises
    ------
    InfostatError
        If there are no batches, one lacks a column, or a column cannot be binned.
    """
    rules = Prebins() if rules is None else rules
    first = _first_pass(
        batches(), target, features, weight, classes, rules, _Draw(sample, rng)
    )
    wide = {}
    for name, values in first.draw.columns().items():
        special = rules.special(name, categorical=False)
        ordinary = values[~np.isin(values, special)] if special else values
        cuts = quantile_cuts(ordinary[~np.isnan(ordinary)], rules.n_bins)
        wide[name] = Bins.numeric(name, cuts, special_values=special)
    tables: dict[str, CountTable] = {}
    if wide:
        tables = tabulate_batches(batches(), wide, target, weight, classes=classes)
    out: Counted = ({}, {})
    for name in first.features:
        if name in wide:
            bins, table = without_empty(
                wide[name], tables[name], special=rules.special_may_be_absent
            )
        else:
            bins, table = group_levels(
                name,
                first.levels[name].table(),
                rules.n_levels or rules.n_bins,
                special_values=rules.special(name, categorical=True),
                rare_level=rules.rare_level,
            )
        out[0][name], out[1][name] = bins, table
    return out


class _Draw:
    """A simple random sample of a stream: the rows with the smallest random keys."""

    def __init__(self, size: int, rng: Any) -> None:
        self.size = size
        self.random = np.random.default_rng(rng)
        self.keys = np.zeros(0)
        self.values: dict[str, FloatArray] = {}

    def add(self, columns: dict[str, FloatArray], n_rows: int) -> None:
        """Take the rows of a batch into the draw."""
        keys = np.concatenate([self.keys, self.random.uniform(size=n_rows)])
        kept: Any = slice(None)
        if keys.size > self.size:
            kept = np.sort(np.argpartition(keys, self.size)[: self.size])
        self.keys = keys[kept]
        for name, column in columns.items():
            held = self.values.get(name, np.zeros(0))
            self.values[name] = np.concatenate([held, column])[kept]

    def columns(self) -> dict[str, FloatArray]:
        """Drawn values of each column."""
        return self.values


class _Levels:
    """Counts of levels, which grow as levels appear."""

    def __init__(self, n_classes: int) -> None:
        self.n_classes = n_classes
        self.sums: dict[str, npt.NDArray[np.float64]] = {}

    def add(self, table: CountTable) -> None:
        """Add the counts of a batch; the first row holds missing values."""
        cells = np.stack([table.rows, table.weight, table.squared])
        for k, name in enumerate(table.labels):
            # Level names are kept apart from the missing ones by a prefix.
            key = f"level {name}" if k else "missing"
            self.sums[key] = self.sums.get(key, 0.0) + cells[:, k]

    def table(self) -> CountTable:
        """Counts of missing values and of the levels, sorted."""
        keys = sorted(key for key in self.sums if key != "missing")
        levels = [key.removeprefix("level ") for key in keys]
        cells = np.stack([self.sums[key] for key in ["missing", *keys]], axis=1)
        rows = np.rint(cells[0]).astype(np.int64)
        return CountTable(rows, cells[1], cells[2], ("missing", *levels))


@dataclass(frozen=True)
class _First:
    """What the first pass learned."""

    features: list[str]
    draw: _Draw
    levels: dict[str, _Levels]


def _first_pass(
    batches: Iterable[Any],
    target: str,
    features: Sequence[str] | None,
    weight: str | None,
    classes: Sequence[Any],
    rules: Prebins,
    draw: _Draw,
) -> _First:
    names: list[str] = []
    levels: dict[str, _Levels] = {}
    for batch in batches:
        data, names = open_frame(batch, target, names or features, weight)
        frame = data.collect() if isinstance(data, nw.LazyFrame) else data
        numbers = {}
        for name in names:
            column = frame.get_column(name)
            if not rules.is_categorical(name, column.dtype):
                numbers[name] = column_values(column, categorical=False)
                continue
            found = levels.setdefault(name, _Levels(len(classes)))
            found.add(count_frame_levels(frame, name, target, classes, weight=weight))
        _refuse_mixed({*numbers, *draw.columns()}, levels)
        draw.add(numbers, int(frame.shape[0]))
    if not names:
        msg = "There are no batches: give a callable that returns them from the start."
        raise InfostatError(msg)
    return _First(names, draw, levels)


def _refuse_mixed(numbers: set[str], levels: dict[str, _Levels]) -> None:
    both = sorted(numbers & levels.keys())
    if both:
        msg = (
            f"Column {both[0]!r} holds numbers in one batch and text in another: cast "
            f"it, or name it in categories."
        )
        raise InfostatError(msg)
