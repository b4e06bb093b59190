"""Speed of binning, encoding, stability and scoring, beside floors and peers.

``python -m benchmarks.scoring [--rows 1000000] [--out docs/performance.md]``

The floor is numpy with all edges known: one ``searchsorted``, the NaN fix and one joint
``bincount`` a column. All sides of a table take turns in one process, and the least of
several turns counts: on a shared machine seconds mean little, ratios more.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks import scoring_cases as cases
from benchmarks.portfolio import applicants
from benchmarks.turns import child, rise, turns

LEVELS = (10, 1_000, 100_000)

MEMORY = {
    "binning": (
        "encoder fit (WoE, IV, errors), frame",
        "encoder fit + transform, frame",
        "encoder fit + transform, C-ordered array",
        "optbinning fit + transform, frame",
    ),
    "categorical": ("encoder fit + transform",),
    "stability": ("both samples", "stored reference"),
    "scoring": (
        "card, points, frame",
        "card, points and probability, frame",
        "card, points and probability, C-ordered array",
    ),
}
"""Sides whose memory is measured, each in a process of its own."""


def sides_of(case: str, rows: int, path: str) -> cases.Sides:
    """Sides of a case whose memory is measured."""
    if case == "scoring":
        return cases.scoring(rows, path)
    if case == "categorical":
        return cases.categorical(rows, LEVELS[1], "str")
    return cases.binning(rows) if case == "binning" else cases.stability(rows)


def print_memory(case: str, side: str, rows: int) -> None:
    """Print the rise of the peak memory over the loaded data, in MB."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "card.json")
        # A small run loads every module, so that only the data's share is counted.
        small = sides_of(case, 60_000, path)
        if side not in small:
            print("nan")
            return
        small[side]()
        del small
        print(rise(sides_of(case, rows, path)[side]))


def peaks(case: str, rows: int, bar: tqdm) -> dict[str, float]:
    """Rise of the peak memory of each side of a case, in MB."""
    out = {}
    for side in MEMORY[case]:
        given = ("--memory", case, side, "--rows", str(rows))
        megabytes = float(child("-m", "benchmarks.scoring", *given))
        if not np.isnan(megabytes):
            out[side] = megabytes
        bar.update()
    return out


def programme(repeats: int) -> dict[str, float]:
    """Milliseconds of the exact optimum on counted pre-bins, both trends and bends."""
    from infostat import OptimalBinner, QuantileBinner

    X, y = applicants(100_000, 1)
    values = X.iloc[:, 0].to_numpy()
    out = {}
    for prebins in (20, 50, 100):
        pre = QuantileBinner(max_bins=prebins).fit(values[:, None], y)
        for trend in ("ascending", "auto"):
            fit = OptimalBinner(monotonic=trend, prebins=prebins).fit_counts
            seconds = []
            for _ in range(5 * repeats):
                start = time.process_time()
                fit(pre.bins_, pre.tables_)
                seconds.append(time.process_time() - start)
            out[f"{prebins} pre-bins, {trend}"] = 1e3 * float(np.min(seconds))
    return out


IMPORT = (
    "import time, numpy; s = time.perf_counter(); import infostat; {more}"
    "print(time.perf_counter() - s)"
)
LOAD = (
    "import sys, time; from infostat.scorecard.scorecard import Scorecard; "
    "s = time.perf_counter(); Scorecard.from_json({path!r}); "
    "print(time.perf_counter() - s)"
)


def start_up(path: str) -> dict[str, float]:
    """Seconds of imports beyond numpy, and of loading a card."""
    statements = {
        "import infostat": IMPORT.format(more=""),
        "import the scorecard that scores": IMPORT.format(
            more="from infostat.scorecard.scorecard import Scorecard; "
        ),
        "import OptimalBinner (scikit-learn)": IMPORT.format(
            more="from infostat import OptimalBinner; "
        ),
        "load a JSON card of 10 features": LOAD.format(path=path),
    }
    return {
        name: float(np.min([float(child("-c", code)) for _ in range(3)]))
        for name, code in statements.items()
    }


def measure(rows: list[int], scored: int, repeats: int) -> dict[str, Any]:
    """All measurements."""
    largest = max(rows)
    out: dict[str, Any] = {"rows": largest, "scored": scored, "binning": {}}
    out["memory"] = {"binning": {}}
    with tqdm(unit="step") as bar:
        for n in rows:
            out["binning"][n] = turns(cases.binning(n), repeats, bar)
            out["memory"]["binning"][n] = peaks("binning", n, bar)
        out["categorical"] = {
            (levels, kind): turns(
                cases.categorical(largest, levels, kind), repeats, bar
            )
            for kind in ("str", "category")
            for levels in LEVELS
        }
        out["stability"] = turns(cases.stability(largest), repeats, bar)
        sides, areas = cases.scorecards(100_000)
        out["scorecards"], out["areas"] = turns(sides, repeats, bar), areas
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "card.json")
            out["scoring"] = turns(cases.scoring(scored, path), repeats, bar)
            out["start"] = start_up(path)
        for case, n in (
            ("categorical", largest),
            ("stability", largest),
            ("scoring", scored),
        ):
            out["memory"][case] = peaks(case, n, bar)
        out["programme"] = programme(repeats)
    out["python"] = platform.python_version()
    out["numpy"] = np.__version__
    out["strings"] = cases.string_storage()
    return out


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.scoring", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 100_000])
    parser.add_argument("--scored", type=int, default=10_000_000, help="rows to score")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, help="page to write")
    parser.add_argument("--memory", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.memory:
        print_memory(*args.memory, args.rows[0])
        return
    from benchmarks.performance_page import render

    page = render(measure(args.rows, args.scored, args.repeats))
    print(page)
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
