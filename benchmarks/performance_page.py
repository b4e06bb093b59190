"""The page of speed figures, generated."""

from __future__ import annotations

from typing import Any

HEAD = """# Performance

Written by `python -m benchmarks.scoring` (Python {python}, numpy {numpy}, one BLAS
thread). Seconds depend on the machine; **ratios** to the floor of the same run are what
to compare: both sides take turns in one process, medians are shown. The floor is numpy
with all edges known: one `searchsorted`, the NaN fix and one joint `bincount` a column.
Twenty columns (normal, lognormal, zero-inflated, bounded, rounded; 0 to 30 % missing;
8 % events). {peer}
"""

GOALS = {
    (1_000_000, "encoder fit (WoE, IV, errors), frame"): 1.0,
    (1_000_000, "encoder fit + transform, frame"): 1.3,
    (100_000, "encoder fit + transform, frame"): 3.0,
}


def lines_of(head: list[str], body: list[list[str]]) -> list[str]:
    """One markdown table."""
    rows = [head, ["---"] * len(head), *body]
    return ["| " + " | ".join(row) + " |" for row in rows] + [""]


def render(result: dict[str, Any]) -> str:
    """The whole page."""
    peer = (
        "The peer, optbinning, ran with its defaults, one turn."
        if result["peer"]
        else "The peer, optbinning, was not installed for this run."
    )
    lines = [HEAD.format(peer=peer, **{k: result[k] for k in ("python", "numpy")})]
    for rows, seconds in result["binning"].items():
        lines += [f"## Binning, {rows:,} rows x 20 columns", ""]
        body = []
        for name, value in seconds.items():
            goal = GOALS.get((rows, name))
            body.append(
                [
                    name,
                    f"{value:.3f}",
                    f"{value / seconds['floor']:.2f}",
                    "" if goal is None else f"{goal:g}",
                ]
            )
        lines += lines_of(["case", "s", "x floor", "goal"], body)
        output = rows * 20 * 8 / 2**20
        lines += [
            (
                f"Peak memory above the loaded data, each in its own process (the encoded "
                f"output alone is {output:.0f} MB):"
            ),
            "",
        ]
        peaks = result["memory"][rows].items()
        lines += lines_of(["case", "MB"], [[n, f"{v:.0f}"] for n, v in peaks])
    seconds = result["scoring"]
    body = [
        [name, f"{value:.3f}", f"{value / seconds['floor']:.2f}"]
        for name, value in seconds.items()
    ]
    lines += ["## Batch scoring, ten columns", ""]
    lines += lines_of(["case", "s", "x floor"], body)
    lines += ["## Exact optimal binning of counted pre-bins", ""]
    lines += ["Milliseconds a feature; *auto* searches four trends.", ""]
    body = [[name, f"{value:.2f}"] for name, value in result["programme"].items()]
    lines += lines_of(["case", "ms"], body)
    lines += ["## Start", "", "Each in a fresh process, numpy loaded before.", ""]
    body = [[name, f"{1e3 * value:.0f}"] for name, value in result["start"].items()]
    lines += lines_of(["case", "ms"], body)
    return "\n".join(lines)
