"""Speed of binning, encoding and scoring, beside a floor and a peer in one process.

``python -m benchmarks.scoring [--rows 1000000] [--out docs/performance.md]``

The floor is numpy with all edges known: one ``searchsorted``, the NaN fix and one joint
``bincount`` a column. Both sides take turns in one process and the ratio is that of the
medians: on a shared machine seconds mean little, ratios more.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks.portfolio import applicants, floor_edges

COLUMNS = 20


def floor_fit(X: pd.DataFrame, y: np.ndarray, edges: list[np.ndarray]) -> None:
    """Codes and joint counts with known edges."""
    for name, edge in zip(X, edges, strict=True):
        x = X[name].to_numpy()
        code = np.searchsorted(edge, x)
        code[np.isnan(x)] = len(edge) + 1
        np.bincount(2 * code + y, minlength=2 * (len(edge) + 2))


def floor_score(X: pd.DataFrame, edges: list[np.ndarray]) -> np.ndarray:
    """Sum of table values with known edges."""
    total = np.zeros(len(X))
    for name, edge in zip(X, edges, strict=True):
        x = X[name].to_numpy()
        code = np.searchsorted(edge, x)
        code[np.isnan(x)] = len(edge) + 1
        total += np.arange(len(edge) + 2.0)[code]
    return total


def binner(**options: Any):
    from infostat import OptimalBinner

    return OptimalBinner(**options)


def evidence_fit(X: Any, y: np.ndarray):
    """Bins, tables, evidence and information values with their standard errors."""
    from infostat import WOEEncoder

    return WOEEncoder().fit(X, y)


def peer_process(X: pd.DataFrame):
    """The peer with its defaults; None where it is not installed."""
    try:
        from optbinning import BinningProcess
    except ImportError:
        return None
    return BinningProcess(variable_names=list(X))


def turns(
    sides: dict[str, Callable[[], Any]], repeats: int, bar: tqdm
) -> dict[str, float]:
    """Median seconds of each side, taken in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(repeats):
        for name, side in sides.items():
            # The peer is slow and steady: one turn says enough.
            if turn and name.startswith("optbinning"):
                continue
            start = time.perf_counter()
            side()
            seconds[name].append(time.perf_counter() - start)
            bar.update()
    return {name: float(np.median(values)) for name, values in seconds.items()}


def binning_sides(X: pd.DataFrame, y: np.ndarray) -> dict[str, Callable[[], Any]]:
    edges, matrix = floor_edges(X), np.ascontiguousarray(X.to_numpy())
    sides: dict[str, Callable[[], Any]] = {
        "floor": lambda: floor_fit(X, y, edges),
        "binner fit, frame": lambda: binner().fit(X, y),
        "encoder fit (WoE, IV, errors), frame": lambda: evidence_fit(X, y),
        "encoder fit + transform, frame": lambda: evidence_fit(X, y).transform(X),
        "encoder fit + transform, C-ordered array": lambda: evidence_fit(
            matrix, y
        ).transform(matrix),
    }
    process = peer_process(X)
    if process is not None:
        sides["optbinning fit + transform, frame"] = lambda: process.fit(
            X, y
        ).transform(X)
    return sides


MEMORY = ("floor", "fit", "fit + transform", "fit + transform, array", "optbinning")


def memory_side(side: str, rows: int) -> None:
    """Print the rise of the peak memory over the loaded data, in MB (own process)."""
    import resource

    X, y = applicants(rows, COLUMNS)
    edges = floor_edges(X)
    data: Any = X
    if side.endswith("array"):
        data = np.ascontiguousarray(X.to_numpy())
        del X
    small, target = data[:2_000], y[:2_000]
    # A first small fit loads every module, so that only the data's share is counted.
    if side.startswith("fit"):
        evidence_fit(small, target).transform(small)
    process = peer_process(X) if side == "optbinning" else None
    if process is not None:
        process.fit(small, target).transform(small)
    del small
    peak_file = Path("/proc/self/clear_refs")
    try:
        peak_file.write_text("5")  # Linux: start a new high-water mark
        before = memory_status("VmRSS")
    except OSError:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if side == "floor":
        floor_fit(data, y, edges)
    elif side == "fit":
        evidence_fit(data, y)
    elif side == "optbinning" and process is not None:
        process.fit(data, y).transform(data)
    elif side.startswith("fit"):
        evidence_fit(data, y).transform(data)
    print(memory_status("VmHWM") - before)


def memory_status(field: str) -> float:
    """A line of the process's status, in MB; NaN where the system has none."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return float("nan")
    return next(int(li.split()[1]) for li in lines if li.startswith(field)) / 1024


def child(*arguments: str) -> str:
    """Output of this module (or of a statement) in a process of its own."""
    env = dict(os.environ, OPENBLAS_NUM_THREADS="1")
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=env,
    )
    return done.stdout.strip().splitlines()[-1]


def peaks(rows: int, peer: bool, bar: tqdm) -> dict[str, float]:
    out = {}
    for side in MEMORY:
        if side != "optbinning" or peer:
            out[side] = float(
                child("-m", "benchmarks.scoring", "--memory", side, "--rows", str(rows))
            )
        bar.update()
    return out


def programme(repeats: int) -> dict[str, float]:
    """Milliseconds of the exact optimum on counted pre-bins, both trends and bends."""
    X, y = applicants(100_000, 1)
    values = X.iloc[:, 0].to_numpy()
    out = {}
    from infostat import QuantileBinner

    for prebins in (20, 50, 100):
        pre = QuantileBinner(max_bins=prebins).fit(values[:, None], y)
        for trend in ("ascending", "auto"):
            fit = binner(monotonic=trend, prebins=prebins).fit_counts
            seconds = []
            for _ in range(5 * repeats):
                start = time.perf_counter()
                fit(pre.bins_, pre.tables_)
                seconds.append(time.perf_counter() - start)
            out[f"{prebins} pre-bins, {trend}"] = 1e3 * float(np.median(seconds))
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
        name: float(np.median([float(child("-c", code)) for _ in range(3)]))
        for name, code in statements.items()
    }


def scoring(rows: int, repeats: int, path: str, bar: tqdm) -> dict[str, float]:
    """Seconds of a card of ten features, written to ``path``, against the floor."""
    import warnings

    from infostat import ScorecardClassifier
    from infostat.scorecard.scorecard import Scorecard

    X, y = applicants(rows, 10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = ScorecardClassifier().fit(X.iloc[:50_000], y[:50_000])
    fitted.to_json(path)
    card = Scorecard.from_json(path)
    edges = [np.asarray(card.features[name].bins.cuts) for name in X]
    matrix = np.ascontiguousarray(X.to_numpy())
    return turns(
        {
            "floor": lambda: floor_score(X, edges),
            "card, points and probability, frame": lambda: card.score(X),
            "card, C-ordered array": lambda: card.score(matrix),
        },
        repeats,
        bar,
    )


def measure(rows: tuple[int, ...], repeats: int) -> dict[str, Any]:
    """All measurements."""
    out: dict[str, Any] = {"binning": {}, "memory": {}}
    with tqdm(unit="step") as bar:
        peer = False
        for n in rows:
            X, y = applicants(n, COLUMNS)
            sides = binning_sides(X, y)
            peer = any(name.startswith("optbinning") for name in sides)
            out["binning"][n] = turns(sides, repeats, bar)
            del X, y, sides
            out["memory"][n] = peaks(n, peer, bar)
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "card.json")
            out["scoring"] = scoring(max(rows), repeats, path, bar)
            out["start"] = start_up(path)
        out["programme"] = programme(repeats)
    out["peer"] = peer
    out["python"] = platform.python_version()
    out["numpy"] = np.__version__
    return out


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.scoring", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 100_000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, help="page to write")
    parser.add_argument("--memory", choices=MEMORY, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.memory:
        memory_side(args.memory, args.rows[0])
        return
    from benchmarks.performance_page import render

    result = measure(tuple(args.rows), args.repeats)
    page = render(result)
    print(page)
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
