"""A study as functions of one draw, with their designs and the tables of what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.validation.study import Row, Scale, Table, Tick

TableOf = tuple[str, str, str, list[str], int]
Designs = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Study:
    """A function of one draw, its designs (and those of the quick version), its tables.

    A table is a name, a caption, a kind, methods, and how many of these are judged.
    """

    draw: Callable[..., Any]
    keys: str
    designs: Designs
    draws: tuple[int, int]
    picks: tuple[int, ...]
    tables: list[TableOf]


def covers(name: str, what: str, *methods: str) -> TableOf:
    """A judged table of coverages."""
    caption = f"{what}: coverage of nominal 95 % intervals."
    return name, caption, "coverage", list(methods), len({*methods} - {"worst bin"})


def sizes(name: str, what: str, method: str = "shipped", *more: str) -> TableOf:
    """A judged table of sizes."""
    caption = f"{what}: size at nominal 5 %."
    return name, caption, "size", [method, *more], 1 + len(more)


def numbers(name: str, caption: str, *methods: str) -> TableOf:
    """A table that is not judged."""
    return name, caption, "number", list(methods), 0


def simulate(
    studies: list[Study], reasons: dict[tuple[str, str], str], scale: Scale, tick: Tick
) -> list[Table]:
    """Tables of all studies; a reason belongs to a table and the first key of a row."""
    tables = []
    for number, study in enumerate(studies):
        rows: list[list[Row]] = [[] for _ in study.tables]
        for place, design in enumerate(scale.some(study.designs, study.picks)):
            rng = np.random.default_rng([20_261_124, 20, number, place])
            draws = scale.draws(*study.draws)
            hits = sum(
                np.asarray(study.draw(rng, *design), float) for _ in range(draws)
            )
            rates = np.asarray(hits) / draws
            names = [m for table in study.tables for m in table[3]]
            if "worst bin" in names:
                rates = np.array([rates.mean(), rates.min()])
            key = [v if isinstance(v, str) else f"{v:g}" for v in design]
            values = dict(zip(names, rates.tolist(), strict=True))
            for k, (name, _, _, methods, _) in enumerate(study.tables):
                reason = reasons.get((name, key[0]), "")
                rows[k].append(Row(key, {m: values[m] for m in methods}, draws, reason))
            tick()
        tables += [
            Table(
                name,
                caption,
                kind,
                study.keys.split(", "),
                methods,
                methods[:judged],
                found,
            )
            for (name, caption, kind, methods, judged), found in zip(
                study.tables, rows, strict=True
            )
        ]
    return tables
