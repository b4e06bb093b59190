"""What the SQL engines disagree on: numbers, NaN, text, booleans, names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from infostat.exceptions import InfostatError

__all__ = ["SqlDialect", "get_dialect"]


@dataclass(frozen=True)
class SqlDialect:
    """One engine.

    Attributes
    ----------
    name : str
        What sqlglot calls it.
    number : str
        How a double is written; ``{}`` stands for digits with an exponent, which
        several engines would otherwise take for a decimal number.
    infinity : str or None
        How infinity is written; None where a column cannot hold it.
    is_nan : {"function", "equality", "suffix", None}
        How NaN is asked for; None where a column cannot hold it.
    nan_function : str
        Name of that function.
    text : str
        Type that any column is cast to before levels are compared.
    double : str
        Type of double precision.
    flags : bool
        Whether there are boolean literals; 1 and 0 stand for them elsewhere.
    folds : bool
        Whether column names that differ in case alone are one.
    forbidden : str
        Characters that no column name can hold, quoted or not.
    """

    name: str
    number: str = "{}"
    infinity: str | None = "CAST('inf' AS DOUBLE PRECISION)"
    is_nan: str | None = "function"
    nan_function: str = "ISNAN"
    text: str = "TEXT"
    double: str = "DOUBLE"
    flags: bool = True
    folds: bool = False
    forbidden: str = "\0"

    def literal(self, value: float) -> Any:
        """Expression of a double, digit for digit."""
        from sqlglot import exp

        if math.isinf(value):
            sign = "-" if value < 0 else ""
            return exp.Var(this=f"{sign}{self.infinity}")
        digits = repr(float(value)).removesuffix(".0")
        if self.name == "sqlite" and len(digits.strip("-0.")) > 15:
            # SQLite before 3.47 rounds some literals of 16 and 17 digits wrongly.
            digits = f"{value:.17e}"
        if "e" not in digits:
            digits += "e0"
        return exp.Var(this=self.number.format(digits))

    def string(self, value: str) -> Any:
        """Literal of a text; the dialect escapes it."""
        from sqlglot import exp

        if "\0" in value:
            msg = (
                f"The level {value!r} holds the character NUL, which SQL cannot write: "
                f"recode it before fitting."
            )
            raise InfostatError(msg)
        if self.name == "tsql":
            return exp.National(this=value)  # plain literals lose foreign letters
        return exp.Literal.string(value)

    def cast(self, column: Any, kind: str) -> Any:
        """Cast a column to a type of this dialect."""
        from sqlglot import exp

        # Verbatim: sqlglot would turn Oracle's BINARY_DOUBLE into a decimal type.
        verbatim = exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=kind)
        return exp.Cast(this=column, to=verbatim)

    def nan(self, number: Any) -> Any | None:
        """Test for NaN of an expression of type double; None where there is none."""
        from sqlglot import exp

        if self.is_nan is None:
            return None
        if self.is_nan == "equality":
            return exp.EQ(
                this=number,
                expression=self.cast(exp.Literal.string("NaN"), self.double),
            )
        if self.is_nan == "suffix":
            return exp.Is(this=number, expression=exp.Var(this="NAN"))
        if self.name == "duckdb":
            # It answers ISNAN from the statistics of parquet files, which omit NaN.
            tests = [
                exp.Not(this=exp.Anonymous(this=name, expressions=[number.copy()]))
                for name in ("ISFINITE", "ISINF")
            ]
            return exp.Paren(this=exp.And(this=tests[0], expression=tests[1]))
        return exp.Anonymous(this=self.nan_function, expressions=[number])

    def name_of(self, column: str) -> Any:
        """Quoted name of a column or table.

        Raises
        ------
        InfostatError
            If the engine has no way to write it.
        """
        from sqlglot import exp

        bad = [c for c in column if c in self.forbidden or c == "\0"]
        if bad or not column:
            held = f"holds {bad[0]!r}" if bad else "is empty"
            msg = (
                f"The name {column!r} {held}, which {self.name} cannot write: rename "
                f"the column there and say so with columns={{{column!r}: ...}}."
            )
            raise InfostatError(msg)
        return exp.to_identifier(column, quoted=True)


DIALECTS = {
    "duckdb": SqlDialect("duckdb", folds=True),
    "postgres": SqlDialect(
        "postgres",
        number="CAST({} AS DOUBLE PRECISION)",
        is_nan="equality",
        double="DOUBLE PRECISION",
    ),
    "snowflake": SqlDialect(
        "snowflake", number="CAST('{}' AS DOUBLE)", is_nan="equality", text="VARCHAR"
    ),
    "bigquery": SqlDialect(
        "bigquery",
        infinity="CAST('inf' AS FLOAT64)",
        nan_function="IS_NAN",
        text="STRING",
        double="FLOAT64",
        folds=True,
        forbidden='!"$()*,./;?@[\\]^`{}~',
    ),
    "spark": SqlDialect(
        "spark",
        number="{}D",
        infinity="CAST('inf' AS DOUBLE)",
        text="STRING",
        folds=True,
    ),
    "tsql": SqlDialect(
        "tsql",
        infinity=None,
        is_nan=None,
        text="NVARCHAR(MAX)",
        double="FLOAT",
        flags=False,
        folds=True,
    ),
    "oracle": SqlDialect(
        "oracle",
        number="{}D",
        infinity="BINARY_DOUBLE_INFINITY",
        is_nan="suffix",
        text="VARCHAR2(4000)",
        double="BINARY_DOUBLE",
        flags=False,
        forbidden='"',
    ),
    "sqlite": SqlDialect(
        "sqlite", infinity="9e999", is_nan=None, double="REAL", flags=False, folds=True
    ),
}

ALIASES = {"postgresql": "postgres", "databricks": "spark", "sqlserver": "tsql"}


def get_dialect(name: str) -> SqlDialect:
    """Find a dialect by name.

    Raises
    ------
    InfostatError
        If there is none of this name.
    """
    key = ALIASES.get(str(name).lower(), str(name).lower())
    if key not in DIALECTS:
        msg = f"There is no dialect {name!r}: choose {', '.join(sorted(DIALECTS))}."
        raise InfostatError(msg)
    return DIALECTS[key]
