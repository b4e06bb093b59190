"""CASE expressions of one feature: a value for every bin, in one dialect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

from infostat.binning.bins import Bins
from infostat.counts.levels import level_name
from infostat.scorecard.sql_dialects import SqlDialect

__all__ = ["KINDS", "feature_case", "lookup_case", "total"]

KINDS = ("text", "number", "boolean")
"""What the column of a categorical feature may hold."""

LIST = 1000
"""Longest list after IN; Oracle takes no longer one."""


def total(terms: Sequence[Any]) -> Any:
    """Sum of expressions, from left to right as numpy adds them."""
    from sqlglot import exp

    return reduce(lambda a, b: exp.Add(this=a, expression=b), terms)


def lookup_case(column: Any, values: Sequence[Any]) -> Any:
    """Value of each code 0, 1, ... of a column."""
    from sqlglot import exp

    ifs = [
        exp.If(this=exp.Literal.number(code), true=value)
        for code, value in enumerate(values)
    ]
    return exp.Case(this=column, ifs=ifs)


def feature_case(
    engine: SqlDialect, bins: Bins, column: Any, kind: str, values: Sequence[Any]
) -> Any:
    """CASE with a value a bin.

    Missing values are asked for first, since engines disagree on how NaN compares, then
    special values, then the bins from the left, then unseen levels.

    Parameters
    ----------
    engine : SqlDialect
        Dialect.
    bins : Bins
        Bins of the feature.
    column : sqlglot expression
        Its column.
    kind : {"text", "number", "boolean"}
        What the column holds.
    values : sequence of sqlglot expressions
        One a bin.

    Returns
    -------
    sqlglot expression
    """
    from sqlglot import exp

    number = engine.cast(column.copy(), engine.double)
    missing = exp.Is(this=column.copy(), expression=exp.Null())
    nan = engine.nan(number.copy()) if kind == "number" else None
    if nan is not None:
        missing = exp.Or(this=missing, expression=nan)
    tests: list[tuple[Any, Any]] = [(missing, values[bins.missing_to])]
    for k, special in enumerate(bins.special_values, start=1):
        if bins.groups is None:
            test = exp.EQ(this=number.copy(), expression=engine.literal(float(special)))
        else:
            test = _inside(engine, column, kind, [str(level_name(special))])
        tests.append((test, values[k]))
    if bins.groups is None:
        for k, cut in enumerate(bins.cuts or (), start=bins.first):
            test = exp.LTE(this=number.copy(), expression=engine.literal(cut))
            tests.append((test, values[k]))
        rest = values[-1]
    else:
        for k, group in enumerate(bins.groups, start=bins.first):
            tests.append((_inside(engine, column, kind, group), values[k]))
        rest = values[bins.first - 1]
    ifs = [
        exp.If(this=test, true=value.copy())
        for test, value in tests
        if test is not None
    ]
    return exp.Case(ifs=ifs, default=rest.copy())


def _inside(
    engine: SqlDialect, column: Any, kind: str, levels: Sequence[str]
) -> Any | None:
    """Whether a column has one of the levels; None if it cannot have any."""
    from sqlglot import exp

    left, values = _comparable(engine, column, kind, levels)
    lists = [values[k : k + LIST] for k in range(0, len(values), LIST)]
    tests = [exp.In(this=left.copy(), expressions=part) for part in lists]
    if not tests:
        return None
    return reduce(lambda a, b: exp.Or(this=a, expression=b), tests)


def _comparable(
    engine: SqlDialect, column: Any, kind: str, levels: Sequence[str]
) -> tuple[Any, list[Any]]:
    """Column and levels in the form in which they are compared."""
    from sqlglot import exp

    if kind == "boolean":
        flags = [name == "True" for name in levels if name in ("True", "False")]
        if engine.flags:
            return column, [exp.Boolean(this=flag) for flag in flags]
        return column, [exp.Literal.number(int(flag)) for flag in flags]
    if kind == "number":
        numbers = [_number(engine, level) for level in levels]
        return column, [number for number in numbers if number is not None]
    text = engine.cast(column.copy(), engine.text)
    if engine.name != "tsql":
        return text, [engine.string(level) for level in levels]
    # By default T-SQL knows no difference in case, and none in trailing blanks.
    ended = exp.Add(this=text, expression=engine.string("."))
    binary = exp.Var(this="Latin1_General_100_BIN2")
    exact = exp.Collate(this=exp.Paren(this=ended), expression=binary)
    return exact, [engine.string(level + ".") for level in levels]


def _number(engine: SqlDialect, level: str) -> Any | None:
    """Literal of a level that names a number; None where no column can hold it."""
    from sqlglot import exp

    if level.removeprefix("-").isdecimal() and level == str(int(level)):
        return exp.Var(this=level)
    try:
        value = float(level)
    except ValueError:
        return None
    if level_name(value) != level or (math.isinf(value) and engine.infinity is None):
        return None
    return engine.literal(value)
