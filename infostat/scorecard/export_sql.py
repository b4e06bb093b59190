"""A card as a SELECT statement that any of eight SQL engines runs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infostat.binning.bins import Bins
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.scorecard.expressions import ADDED, SAFE_LOG_ODDS, largest_log_odds
from infostat.scorecard.reasons import Baseline, points_lost, reason_order
from infostat.scorecard.sql_cases import KINDS, feature_case, lookup_case, total
from infostat.scorecard.sql_dialects import SqlDialect, get_dialect

if TYPE_CHECKING:
    from infostat.scorecard.reasons import Baseline
    from infostat.scorecard.scorecard import Scorecard

__all__ = ["write_sql"]

SOURCE = "t"
"""Alias of the table and of every subquery."""


def write_sql(
    card: Scorecard,
    dialect: str = "duckdb",
    *,
    table: str | Sequence[str] = "applications",
    keep: Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
    reasons: int = 0,
    baseline: Baseline = "maximum",
) -> str:
    """Write the SELECT statement that scores a table.

    Parameters
    ----------
    card : Scorecard
        The card.
    dialect : str, default="duckdb"
        bigquery, duckdb, oracle, postgres, snowflake, spark, sqlite or tsql.
    table : str or sequence of str, default="applications"
        Table; parts between dots are schema and table, a sequence gives the parts.
    keep : sequence of str, optional
        Columns to hand through, such as a key; all of them by default. Reason codes
        need the list.
    columns : mapping of str to str, optional
        Name in the table of each feature that has another one there.
    types : mapping of str to str, optional
        What the column of a categorical feature holds: "text" (default), "number" or
        "boolean".
    reasons : int, default=0
        Number of columns ``reason_1``, ``reason_2``, ... with the features that lack
        most points, NULL where fewer lack any.
    baseline : {"maximum", "mean", "neutral"}, default="maximum"
        What points are compared with, see :func:`.reasons.reason_codes`.

    Returns
    -------
    str
        One statement that adds ``points`` and ``probability``; names and levels are
        quoted by the rules of the dialect.

    Raises
    ------
    InfostatError
        If sqlglot is not installed, the dialect is unknown or cannot write a name, or
        an argument names a feature that the card lacks.
    """
    try:
        import sqlglot  # noqa: F401 - only whether it is there
    except ImportError as error:
        msg = "SQL export needs sqlglot: pip install 'infostat[sql]'."
        raise InfostatError(msg) from error
    engine = get_dialect(dialect)
    _check_arguments(card, dict(columns or {}), dict(types or {}))
    query = _Query(card, engine, dict(columns or {}), dict(types or {}))
    _check_readable(query)
    if reasons:
        statement = query.with_reasons(_table(engine, table), keep, reasons, baseline)
    else:
        statement = query.flat(_table(engine, table), keep)
    return str(statement.sql(dialect=engine.name, pretty=True, comments=False))


def _check_arguments(
    card: Scorecard, columns: Mapping[str, str], types: Mapping[str, str]
) -> None:
    for argument, given in (("columns", columns), ("types", types)):
        unknown = [name for name in given if name not in card.features]
        if unknown:
            msg = (
                f"{argument} names {unknown}, but the features are "
                f"{card.feature_names}."
            )
            raise InfostatError(msg)
    for name, kind in types.items():
        if kind not in KINDS:
            msg = f"types of {name!r} is {kind!r}: choose {', '.join(KINDS)}."
            raise InfostatError(msg)


def _check_readable(query: _Query) -> None:
    """Refuse, or warn of, what the engine would misread."""
    seen: dict[str, str] = {}
    for name, feature in query.card.features.items():
        column = query.columns.get(name, name)
        query.engine.name_of(column)
        other = seen.setdefault(column.lower(), column)
        if query.engine.folds and other != column:
            msg = (
                f"{query.engine.name} takes the columns {other!r} and {column!r} for "
                f"one: rename one in the table and say so with columns="
                f"{{{name!r}: ...}}."
            )
            raise InfostatError(msg)
        if feature.bins.groups is not None:
            _check_levels(query, name, feature.bins)


def _check_levels(query: _Query, name: str, bins: Bins) -> None:
    levels = {level for group in bins.groups or () for level in group}
    if name not in query.types and levels <= {"True", "False"}:
        warnings.warn(
            f"The levels of {name!r} are True and False, compared as text: if the "
            f"column is boolean, say types={{{name!r}: 'boolean'}}.",
            InfostatWarning,
            stacklevel=5,
        )
    if query.engine.name == "oracle" and "" in levels:
        warnings.warn(
            f"{name!r} has the empty text as a level; for Oracle it is NULL, so such "
            f"rows count as missing: recode the level before fitting.",
            InfostatWarning,
            stacklevel=5,
        )


def _table(engine: SqlDialect, table: str | Sequence[str]) -> Any:
    from sqlglot import exp

    parts = table.split(".") if isinstance(table, str) else list(table)
    if not 1 <= len(parts) <= 3:
        msg = f"table has {len(parts)} parts: give (catalog, schema, table) or fewer."
        raise InfostatError(msg)
    names = [engine.name_of(part) for part in parts]
    places = ("this", "db", "catalog")
    found = exp.Table(**dict(zip(places, reversed(names), strict=False)))
    return exp.alias_(found, SOURCE, table=True, quoted=True)


@dataclass(frozen=True)
class _Query:
    """Statements for one card and one dialect."""

    card: Scorecard
    engine: SqlDialect
    columns: dict[str, str]
    types: dict[str, str]

    def flat(self, table: Any, keep: Sequence[str] | None) -> Any:
        """One SELECT without a subquery."""
        from sqlglot import exp

        source = exp.to_identifier(SOURCE, quoted=True)
        kept = (
            [exp.Column(this=exp.Star(), table=source)]
            if keep is None
            else [self._column(name) for name in keep]
        )
        points, effects = [], [self.engine.literal(self.card.intercept)]
        for name, feature in self.card.features.items():
            points.append(self._case(name, self._literals(feature.points)))
            effects.append(self._case(name, self._literals(feature.effect)))
        added = [total(points), self._probability(total(effects))]
        return exp.select(*kept, *map(_named, added, ADDED)).from_(table)

    def with_reasons(
        self, table: Any, keep: Sequence[str] | None, reasons: int, baseline: Baseline
    ) -> Any:
        """Bins, then shortfalls, then their ranks, then names: one SELECT a step."""
        from sqlglot import exp

        if keep is None:
            msg = (
                "Reason codes are written over subqueries, which need the list of the "
                "columns to hand through: give keep=['your key', ...]."
            )
            raise InfostatError(msg)
        features = self.card.features
        kept = [self._column(name) for name in keep]
        codes = [
            self._case(name, [exp.Literal.number(k) for k in range(f.bins.n_bins)])
            for name, f in features.items()
        ]
        coded = exp.select(*kept, *_numbered(codes, "bin")).from_(table)
        judged = self._judge(coded, kept, baseline)
        kept = [*kept, *(self._column(name) for name in ADDED)]
        ordered = reason_order(self.card)
        lacks = [
            self._column(f"infostat_lack_{list(features).index(name)}")
            for name in ordered
        ]
        ranks = [self._rank(lacks, k) for k in range(len(ordered))]
        ranked = exp.select(*kept, *_numbered(ranks, "rank"))
        ranked = ranked.from_(judged.subquery(SOURCE))
        places = [self._column(f"infostat_rank_{k}") for k in range(len(ordered))]
        names = [
            _named(self._nth(places, ordered, number), f"reason_{number}")
            for number in range(1, reasons + 1)
        ]
        return exp.select(*kept, *names).from_(ranked.subquery(SOURCE))

    def _judge(self, coded: Any, kept: list[Any], baseline: Baseline) -> Any:
        """Points, probability and shortfalls from the bins."""
        from sqlglot import exp

        lost = points_lost(self.card, baseline)
        points, lacks = [], []
        effects = [self.engine.literal(self.card.intercept)]
        for k, feature in enumerate(self.card.features.values()):
            column = self._column(f"infostat_bin_{k}")
            points.append(lookup_case(column, self._literals(feature.points)))
            effects.append(lookup_case(column, self._literals(feature.effect)))
            lacks.append(lookup_case(column, self._literals(lost[k])))
        return exp.select(
            *kept,
            _named(total(points), ADDED[0]),
            _named(self._probability(total(effects)), ADDED[1]),
            *_numbered(lacks, "lack"),
        ).from_(coded.subquery(SOURCE))

    def _rank(self, lacks: list[Any], own: int) -> Any:
        """Place of a shortfall among all; the earlier of two equal ones comes first."""
        from sqlglot import exp

        one, zero = exp.Literal.number(1), exp.Literal.number(0)
        terms: list[Any] = [one]
        for k, other in enumerate(lacks):
            if k != own:
                compare = exp.GTE if k < own else exp.GT
                larger = compare(this=other.copy(), expression=lacks[own].copy())
                terms.append(
                    exp.Case(
                        ifs=[exp.If(this=larger, true=one.copy())], default=zero.copy()
                    )
                )
        some = exp.GT(this=lacks[own].copy(), expression=self.engine.literal(0.0))
        return exp.Case(ifs=[exp.If(this=some, true=total(terms))])

    def _nth(self, ranks: list[Any], ordered: list[str], number: int) -> Any:
        """Name of the feature with this rank."""
        from sqlglot import exp

        wanted = exp.Literal.number(number)
        return exp.Case(
            ifs=[
                exp.If(
                    this=exp.EQ(this=rank.copy(), expression=wanted.copy()),
                    true=self.engine.string(name),
                )
                for rank, name in zip(ranks, ordered, strict=True)
            ]
        )

    def _probability(self, log_odds: Any) -> Any:
        """Probability of the event; no exponential overflows, which some refuse."""
        from sqlglot import exp

        one = self.engine.literal(1.0)
        against = exp.Anonymous(
            this="EXP", expressions=[exp.Neg(this=exp.Paren(this=log_odds))]
        )
        chance = exp.Div(
            this=one,
            expression=exp.Paren(this=exp.Add(this=one.copy(), expression=against)),
            typed=True,
            safe=False,
        )
        if largest_log_odds(self.card) <= SAFE_LOG_ODDS:
            return chance
        limits = ((exp.GT, SAFE_LOG_ODDS, 1.0), (exp.LT, -SAFE_LOG_ODDS, 0.0))
        ifs = [
            exp.If(
                this=test(
                    this=exp.Paren(this=log_odds.copy()),
                    expression=self.engine.literal(limit),
                ),
                true=self.engine.literal(value),
            )
            for test, limit, value in limits
        ]
        return exp.Case(ifs=ifs, default=chance)

    def _case(self, name: str, values: list[Any]) -> Any:
        bins = self.card.features[name].bins
        kind = "number" if bins.groups is None else self.types.get(name, "text")
        column = self._column(self.columns.get(name, name))
        return feature_case(self.engine, bins, column, kind, values)

    def _literals(self, values: Any) -> list[Any]:
        return [self.engine.literal(float(value)) for value in values]

    def _column(self, name: str) -> Any:
        from sqlglot import exp

        source = exp.to_identifier(SOURCE, quoted=True)
        return exp.Column(this=self.engine.name_of(name), table=source)


def _named(expression: Any, name: str) -> Any:
    from sqlglot import exp

    return exp.alias_(expression, name, quoted=True)


def _numbered(expressions: list[Any], what: str) -> list[Any]:
    return [_named(e, f"infostat_{what}_{k}") for k, e in enumerate(expressions)]
