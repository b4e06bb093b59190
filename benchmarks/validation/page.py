"""The page of results: generated, never typed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.validation.study import BANDS, NOMINAL, Result, Row, Table

PUBLISHED = json.loads(
    (Path(__file__).parent / "published.json").read_text(encoding="utf-8")
)

HEAD = """# Validation

Every interval, standard error and test that the package prints, against simulations
with a known truth. This page is written by `python -m benchmarks.validation`
{version}; nothing in it is typed by hand.

How to read it. A coverage is nominal between {c[0]} and {c[1]} (aim .95), a size
between {s[0]} and {s[1]} (aim .05). Only the columns marked *shipped* (or named in the
caption) are judged; the others show what else is in use. A judged cell outside its
band is **bold** with its Monte-Carlo standard error, and explained below its table.
Brackets hold the published figure of the same design, from the sources listed at the
end. `n` is the number of replications; columns run on fewer say so.
"""


def number(value: float, digits: int) -> str:
    """Format without the leading zero of a rate."""
    if not np.isfinite(value):
        return "-"
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("0.") else text


def published(table: Table, row: Row, method: str) -> float | None:
    """Figure of the same design from the file, if there is one."""
    for key, values in PUBLISHED.get(table.name, {}).get("rows", ()):
        if list(key) == list(row.key):
            return values.get(method)
    return None


def markdown(head: list[str], body: list[list[str]]) -> list[str]:
    """Lines of one table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(cells) + " |" for cells in body]


def table_lines(table: Table) -> list[str]:
    """Caption, table, and a sentence for each cell outside the band."""
    outside = table.outside()
    beyond = {(id(row), method) for row, method in outside}
    body = []
    for row in table.rows:
        cells = list(row.key)
        for method in table.methods:
            text = number(row.values[method], table.digits)
            if (id(row), method) in beyond:
                text = f"**{text}** ± {number(table.error(row, method), 3)}"
            if row.draws_of.get(method, row.draws) < 100:
                cells.append("too few draws")
                continue
            elsewhere = published(table, row, method)
            if elsewhere is not None:
                text += f" [{number(elsewhere, table.digits)}]"
            if method in row.draws_of and row.draws_of[method] != row.draws:
                text += f" (n {row.draws_of[method]:,})"
            cells.append(text)
        body.append([*cells, f"{row.draws:,}"])
    lines = [f"**{table.caption}**", ""]
    lines += [*markdown([*table.keys, *table.methods, "n"], body), ""]
    if table.kind in BANDS:
        nominal = NOMINAL[table.kind]
        worst = np.sqrt(nominal * (1 - nominal) / min(row.draws for row in table.rows))
        lines += [
            f"Monte-Carlo standard error at the nominal level: {number(worst, 4)}."
        ]
        if not outside:
            lines += ["All judged cells are inside the band."]
        lines += [""]
    lines += [f"- {outside_line(table, row, method)}" for row, method in outside] + (
        [""] if outside else []
    )
    return lines


def outside_line(table: Table, row: Row, method: str) -> str:
    """One sentence on a cell outside the band."""
    design = ", ".join(f"{k} {v}" for k, v in zip(table.keys, row.key, strict=True))
    rate, error = row.values[method], table.error(row, method)
    value = number(rate, 3)
    low, high = BANDS[table.kind]
    gap = max(low - rate, rate - high)
    reason = row.reason or "No explanation is known."
    if gap <= 2 * error:
        reason = (
            f"Within two Monte-Carlo errors of the band. {reason if row.reason else ''}"
        )
    return f"{method}, {design}: {value}. {reason}".rstrip()


def not_reproduced(results: list[Result]) -> list[str]:
    """Published figures that the simulation contradicts."""
    lines = []
    for table in (t for result in results for t in result.tables):
        draws = PUBLISHED.get(table.name, {}).get("draws")
        for row in table.rows:
            for method in table.methods:
                theirs = published(table, row, method)
                if theirs is None:
                    continue
                ours = row.values[method]
                if table.kind == "number" and draws is None:
                    slack = 0.02 * theirs
                else:
                    spread = max(theirs * (1 - theirs), 0.0) / draws
                    slack = 3.5 * np.hypot(table.error(row, method), np.sqrt(spread))
                    slack += 0.0015
                if abs(ours - theirs) > slack:
                    design = ", ".join(
                        f"{k} {v}" for k, v in zip(table.keys, row.key, strict=True)
                    )
                    lines.append(
                        f"- {table.name}, {method}, {design}: published "
                        f"{number(theirs, table.digits)}, here "
                        f"{number(ours, table.digits)}."
                    )
    return lines


def summary(results: list[Result]) -> list[str]:
    """One row a study: judged cells, those outside, extremes."""
    body = []
    for result in results:
        for kind in BANDS:
            tables = [t for t in result.tables if t.kind == kind and t.rows]
            values = [row.values[m] for t in tables for row in t.rows for m in t.judged]
            if not values:
                continue
            n_outside = sum(len(t.outside()) for t in tables)
            span = f"{number(min(values), 3)} to {number(max(values), 3)}"
            body.append([result.title, kind, str(len(values)), str(n_outside), span])
    head = ["study", "kind", "judged cells", "outside the band", "range"]
    return ["## Summary", "", *markdown(head, body), ""]


def render(results: list[Result], facts: dict[str, Any]) -> str:
    """The whole page."""
    head = HEAD.format(
        version=facts["version"],
        c=[number(x, 3) for x in BANDS["coverage"]],
        s=[number(x, 2) for x in BANDS["size"]],
    )
    lines = [head, *summary(results)]
    for result in results:
        lines += [f"## {result.title}", "", result.design, ""]
        for table in result.tables:
            lines += table_lines(table) if table.rows else []
    missed = not_reproduced(results)
    lines += ["## Published figures", ""]
    lines += [f"- {name}: {entry['source']}" for name, entry in PUBLISHED.items()]
    lines += [
        "",
        "Not reproduced within 3.5 Monte-Carlo errors (rates) or 2 % (others):",
    ]
    lines += ["", *(missed or ["- none."]), ""]
    lines += [f"Simulated in {facts['seconds']:.0f} s of computing.", ""]
    return "\n".join(lines)
