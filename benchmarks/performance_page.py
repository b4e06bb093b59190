"""The page of speed figures, generated."""

from __future__ import annotations

from typing import Any

from benchmarks.turns import Seconds

HEAD = """# Performance

Written by `python -m benchmarks.scoring` (Python {python}, numpy {numpy}, one BLAS
thread). Seconds depend on the machine; **ratios** to the floor of the same run are what
to compare: all sides of a table take turns in one process, and the least wall and
processor seconds of several turns are shown; before each side, pages are warmed by one
block of 160 MB. The floor is numpy with all edges known:
one `searchsorted`, the NaN fix and one joint `bincount` a column. Columns are normal,
lognormal, zero-inflated, bounded and rounded, 0 to 30 % missing; 8 % events. Peers that
are installed run with their defaults, one turn. Strings lie in {strings}.
"""

GOALS = {
    ("binning", 1_000_000, "encoder fit (WoE, IV, errors), frame"): 1.0,
    ("binning", 1_000_000, "encoder fit + transform, frame"): 1.3,
    ("binning", 100_000, "encoder fit (WoE, IV, errors), frame"): 3.0,
    ("str", "encoder fit + transform"): 1.5,
    ("category", "encoder fit + transform"): 3.0,
    ("stability", "both samples"): 0.5,
    ("stability", "stored reference"): 0.25,
    ("scoring", "card, points, C-ordered array"): 0.35,
    ("scoring", "card, points, frame"): 0.35,
}


def lines_of(head: list[str], body: list[list[str]]) -> list[str]:
    """One markdown table."""
    rows = [head, ["---"] * len(head), *body]
    return ["| " + " | ".join(row) + " |" for row in rows] + [""]


def timed(seconds: Seconds, *key: Any, floor: str = "floor") -> list[str]:
    """Table of sides with their ratios to the first, and the goals."""
    first = next(iter(seconds.values()))
    body = []
    for name, (wall, cpu) in seconds.items():
        goal = GOALS.get((*key, name))
        ratio = [f"{wall / first[0]:.2f}", f"{cpu / first[1]:.2f}"]
        mark = "" if goal is None else f"{goal:g}"
        body.append([name, f"{wall:.4g}", f"{cpu:.4g}", *ratio, mark])
    head = ["case", "wall s", "CPU s", f"x {floor}", f"x {floor}, CPU", "goal"]
    return lines_of(head, body)


def peaks_of(peaks: dict[str, float], output: float) -> list[str]:
    """Table of memory peaks."""
    return [
        (
            f"Peak memory above the loaded data, each in its own process (an output of "
            f"one number a row and column takes {output:.0f} MB):"
        ),
        "",
        *lines_of(["case", "MB"], [[n, f"{v:.0f}"] for n, v in peaks.items()]),
    ]


def render(result: dict[str, Any]) -> str:
    """The whole page."""
    memory, n = result["memory"], result["rows"]
    lines = [HEAD.format(**{k: result[k] for k in ("python", "numpy", "strings")})]
    for rows, seconds in result["binning"].items():
        lines += [f"## Binning, {rows:,} rows x 20 columns", ""]
        lines += timed(seconds, "binning", rows)
        lines += peaks_of(memory["binning"][rows], rows * 20 * 8 / 2**20)
    for (levels, kind), seconds in result["categorical"].items():
        lines += [f"## One column of {levels:,} levels (`{kind}`), {n:,} rows", ""]
        lines += timed(seconds, kind)
    lines += peaks_of(memory["categorical"], n * 8 / 2**20)
    lines += [f"## Stability, 20 columns, {n:,} rows against as many", ""]
    lines += timed(result["stability"], "stability")
    lines += peaks_of(memory["stability"], 0.0)
    lines += ["## Whole scorecard, 100,000 rows x 30 columns", ""]
    lines += [
        "25 numbers and 5 columns of strings: fit, and probabilities of 100,000 others.",
        "",
        *timed(result["scorecards"], floor="infostat"),
        *lines_of(
            ["case", "AUC on the others"],
            [[name, f"{area:.4f}"] for name, area in result["areas"].items()],
        ),
    ]
    lines += [f"## Batch scoring, {result['scored']:,} rows x 10 columns", ""]
    lines += timed(result["scoring"], "scoring")
    lines += peaks_of(memory["scoring"], result["scored"] * 8 / 2**20)
    lines += ["## Exact optimal binning of counted pre-bins", ""]
    lines += ["Processor milliseconds a feature; *auto* searches four trends.", ""]
    body = [[name, f"{value:.2f}"] for name, value in result["programme"].items()]
    lines += lines_of(["case", "ms"], body)
    lines += ["## Start", "", "Each in a fresh process, numpy loaded before.", ""]
    body = [[name, f"{1e3 * value:.0f}"] for name, value in result["start"].items()]
    lines += lines_of(["case", "ms"], body)
    return "\n".join(lines)
