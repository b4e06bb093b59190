"""A card as expressions: points and probability in the engine that has the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import narwhals.stable.v2 as nw

from infostat._frames import as_frame
from infostat._text import name_list
from infostat.counts.frame_engine import bin_expression
from infostat.counts.plain_names import own_names, plain_names
from infostat.exceptions import InfostatError

if TYPE_CHECKING:
    from infostat.scorecard.scorecard import Scorecard

__all__ = [
    "ADDED",
    "SAFE_LOG_ODDS",
    "check_columns",
    "largest_log_odds",
    "score_frame",
]

ADDED = ("points", "probability")
"""Columns that scoring appends."""

SAFE_LOG_ODDS = 700.0
"""Up to here the exponential neither overflows nor underflows in double precision."""


def largest_log_odds(card: Scorecard) -> float:
    """Bound on the absolute log-odds that the card can give to any row."""
    reach = sum(float(abs(f.effect).max()) for f in card.features.values())
    return abs(card.intercept) + reach


def score_frame(
    card: Scorecard, frame: Any, *, engine: Literal["auto", "array", "frame"] = "auto"
) -> Any:
    """Append ``points`` and ``probability`` to a frame of any engine.

    Parameters
    ----------
    card : Scorecard
        The card.
    frame : data frame
        pandas, polars (eager or lazy), pyarrow, DuckDB, Dask, Spark: whatever narwhals
        reads. Its other columns stay.
    engine : {"auto", "array", "frame"}, default="auto"
        "frame" scores by expressions inside the frame's own engine, "array" by numpy;
        by default lazy frames take the first road, eager ones the second. Both give the
        same scores.

    Returns
    -------
    frame
        Of the same library; a lazy frame stays lazy.

    Raises
    ------
    InfostatError
        If ``frame`` is no data frame, lacks a column of the card, has a column of a
        score already, or holds text in a numeric feature.
    """
    data = as_frame(frame)
    if data is None:
        msg = (
            f"score_frame needs a data frame, got {type(frame).__name__}: use points() "
            f"or predict_points() for arrays."
        )
        raise InfostatError(msg)
    schema = data.collect_schema()
    check_columns(card, schema.names())
    lazy = isinstance(data, nw.LazyFrame)
    if engine == "array" and lazy:
        msg = (
            "A lazy frame cannot be scored by arrays: collect it, or leave engine out."
        )
        raise InfostatError(msg)
    if engine == "frame" or lazy:
        return _by_expressions(card, data, schema).to_native()
    scores = zip(ADDED, card.score(frame), strict=True)
    backend = data.implementation
    return data.with_columns(  # type: ignore[union-attr]
        *(nw.new_series(name, values, backend=backend) for name, values in scores)
    ).to_native()


def check_columns(card: Scorecard, names: Sequence[str]) -> None:
    """Raise where a column of the card is absent or one of the scores is there."""
    absent = [name for name in card.features if name not in names]
    if absent:
        msg = (
            f"The frame lacks the columns {name_list(absent)}; it has "
            f"{name_list(names)}."
        )
        raise InfostatError(msg)
    clash = [name for name in ADDED if name in names]
    if clash:
        msg = f"The input has a column {clash[0]!r} already: rename or drop it."
        raise InfostatError(msg)


def _by_expressions(card: Scorecard, data: Any, schema: Any) -> Any:
    names = schema.names()
    plain, named = plain_names(data)
    points, log_odds = nw.lit(0.0), nw.lit(float(card.intercept))
    for name, feature in card.features.items():
        road: dict[str, Any] = {
            "dtype": schema[name],
            "column_name": named[name],
            "engine": data.implementation,
        }
        points = points + bin_expression(
            feature.bins, values=feature.points.tolist(), **road
        )
        log_odds = log_odds + bin_expression(
            feature.bins, values=feature.effect.tolist(), **road
        )
    scored = plain.with_columns(
        points.alias(ADDED[0]), _probability(card, log_odds).alias(ADDED[1])
    )
    return own_names(scored, [*names, *ADDED])


def _probability(card: Scorecard, log_odds: nw.Expr) -> nw.Expr:
    """Probability of the event; log-odds that no double can hold are cut off first."""
    if largest_log_odds(card) > SAFE_LOG_ODDS:
        high, low = nw.lit(SAFE_LOG_ODDS), nw.lit(-SAFE_LOG_ODDS)
        log_odds = nw.when(log_odds > SAFE_LOG_ODDS).then(high).otherwise(log_odds)
        log_odds = nw.when(log_odds < -SAFE_LOG_ODDS).then(low).otherwise(log_odds)
    odds_against = (nw.lit(0.0) - log_odds).exp()
    return nw.lit(1.0) / (nw.lit(1.0) + odds_against)
