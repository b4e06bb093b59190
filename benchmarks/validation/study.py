"""What a study hands over: tables of rates, with the design of every cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

BANDS = {"coverage": (0.93, 0.985), "size": (0.04, 0.06)}
"""Values inside are called nominal; outside them a cell is marked and explained."""

NOMINAL = {"coverage": 0.95, "size": 0.05}


@dataclass(frozen=True)
class Row:
    """One design.

    Attributes
    ----------
    key : list of str
        Design, in the order of the table's ``keys``.
    values : dict of str to float
        Rate (or number) of every method.
    draws : int
        Replications behind each value.
    reason : str
        One sentence that explains the row should its judged cell miss the band.
    draws_of : dict of str to int
        Replications of the methods that were run on fewer draws.
    """

    key: list[str]
    values: dict[str, float]
    draws: int
    reason: str = ""
    draws_of: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Rows of one kind.

    Attributes
    ----------
    name : str
        Key of the table in the file of published figures.
    caption : str
        What the numbers are.
    kind : {"coverage", "size", "number"}
        Rates are judged against a band, numbers are not.
    keys : list of str
        Names of the design's columns.
    methods : list of str
        Columns of values.
    judged : list of str
        The methods that the package ships; the others stand beside them.
    rows : list of Row
        The designs.
    digits : int
        Decimals shown.
    """

    name: str
    caption: str
    kind: str
    keys: list[str]
    methods: list[str]
    judged: list[str]
    rows: list[Row]
    digits: int = 3

    def error(self, row: Row, method: str) -> float:
        """Monte-Carlo standard error of a rate."""
        value, draws = row.values[method], row.draws_of.get(method, row.draws)
        return float(np.sqrt(max(value * (1.0 - value), 0.0) / draws))

    def outside(self, slack: float = 0.0) -> list[tuple[Row, str]]:
        """Judged cells beyond the band by more than ``slack`` standard errors."""
        if self.kind not in BANDS:
            return []
        low, high = BANDS[self.kind]
        return [
            (row, method)
            for row in self.rows
            for method in self.judged
            if not low - slack * self.error(row, method)
            <= row.values[method]
            <= high + slack * self.error(row, method)
        ]


@dataclass(frozen=True)
class Result:
    """Outcome of a study: text and tables."""

    title: str
    design: str
    tables: list[Table]
    seconds: float = 0.0


@dataclass(frozen=True)
class Scale:
    """How much to simulate."""

    quick: bool = False

    def draws(self, full: int, quick: int) -> int:
        """Replications."""
        return quick if self.quick else full

    def some(self, designs: list[Any], indices: tuple[int, ...]) -> list[Any]:
        """All designs, or those with the given indices in the quick version."""
        return [designs[k] for k in indices] if self.quick else designs


Tick = Callable[[], object]
"""Called once a cell, to move the progress bar."""


def table_from(data: dict[str, Any]) -> Table:
    """Rebuild a table from plain data."""
    rows = [Row(**row) for row in data.pop("rows")]
    return Table(rows=rows, **data)


def result_from(data: dict[str, Any]) -> Result:
    """Rebuild a result from plain data."""
    tables = [table_from(table) for table in data.pop("tables")]
    return Result(tables=tables, **data)
