"""Whole scorecards against other packages: time of fit and points, and held-out AUC.

``python -m benchmarks.race [--parts ...] [--save FILE] [--merge FILE ...] [--out PAGE]``

Packages that are not installed are left out and named. Some do not live in one
environment, so figures of several interpreters can be saved and merged; the ratio of
times is always that of one process, in which both sides take turns.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import race_causes, race_encoders
from benchmarks.performance_page import lines_of
from benchmarks.portfolio import applicants
from benchmarks.race_causes import TEST
from benchmarks.race_sides import PEERS, Side, installed

SPLITS = {"German": 100, "Taiwan": 10, "Adult": 10}


def generated(n_rows: int, seed: int = 20_261_124) -> tuple[pd.DataFrame, np.ndarray]:
    """25 numeric columns and 5 of text, with missing values and 8 % events."""
    X, y = applicants(n_rows, 25, seed)
    words = race_encoders.words_of(y, np.random.default_rng([seed, 1]))
    return pd.concat([X, words], axis=1), y


def real_sets() -> dict[str, tuple[pd.DataFrame, np.ndarray]]:
    """Three public sets, with the features that may predict."""
    from infostat.datasets import load_adult, load_german_credit, load_taiwan_default

    loaders = {
        "German": load_german_credit,
        "Taiwan": load_taiwan_default,
        "Adult": load_adult,
    }
    out = {}
    for name, load in loaders.items():
        data = load(backend="pandas")
        y = (data.frame[data.target] == data.event).to_numpy().astype(int)
        out[name] = data.frame[data.features].reset_index(drop=True), y
    return out


def auc(y: np.ndarray, points: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(y, -points))


def attempt(side: Side, *rows: Any) -> tuple[np.ndarray | None, float, str]:
    """Points, seconds, and the error if there is one."""
    start = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            points = side(*rows)
    except Exception as error:  # a peer may fail in any way
        return None, 0.0, f"{type(error).__name__}: {str(error)[:80]}"
    if not np.isfinite(points).all():
        return None, 0.0, "points are not finite"
    return points, time.process_time() - start, ""


def race_generated(sides: dict[str, Side], rows: int, turns: int) -> dict[str, Any]:
    """Smallest time of several turns, sides in turn, and the AUC on other rows."""
    X, y = generated(2 * rows)
    train, new = X.iloc[:rows], X.iloc[rows:].reset_index(drop=True)
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    areas, errors = {}, {}
    for name, side in sides.items():
        # Imports and compilation are not part of the race.
        error = attempt(side, train.iloc[:2_000], y[:2_000], new.iloc[:100])[2]
        if error:
            print(f"{name} on 2,000 rows: {error}")
    for turn in range(turns):
        for name, side in sides.items():
            # Slow ones need no second turn to be told apart.
            if name in errors or (turn and min(seconds[name]) > 15):
                continue
            points, spent, error = attempt(side, train, y[:rows], new)
            if points is None:
                errors[name] = error
                continue
            seconds[name].append(spent)
            areas[name] = auc(y[rows:], points)
    best = {name: min(values) for name, values in seconds.items() if values}
    return {"rows": rows, "seconds": best, "auc": areas, "errors": errors}


def race_real(
    sides: dict[str, Side], data: list[str], splits: dict[str, int], seconds: float
) -> dict[str, Any]:
    """AUC of every split, and time of all splits; no split starts after the limit."""
    from sklearn.model_selection import StratifiedShuffleSplit

    out: dict[str, Any] = {}
    sets, start = real_sets(), time.monotonic()
    for name_of_data in data:
        X, y = sets[name_of_data]
        areas: dict[str, list[float]] = {name: [] for name in sides}
        spent_on, errors = dict.fromkeys(sides, 0.0), {}
        halves = StratifiedShuffleSplit(
            splits[name_of_data], test_size=TEST, random_state=0
        )
        for train, test in halves.split(X, y):
            if time.monotonic() - start > seconds:
                break
            rows, new = (X.iloc[k].reset_index(drop=True) for k in (train, test))
            for name, side in sides.items():
                points, spent, error = attempt(side, rows, y[train], new)
                if points is None:
                    errors[name] = error
                    continue
                spent_on[name] += spent
                areas[name].append(auc(y[test], points))
        out[name_of_data] = {"auc": areas, "seconds": spent_on, "errors": errors}
        means = {n: round(float(np.mean(v)), 4) for n, v in areas.items() if v}
        print(name_of_data, len(areas["infostat"]), means)
    return out


def merge(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Put the peers of several interpreters side by side; times as ratios."""
    merged: dict[str, Any] = {
        "versions": {},
        "generated": {},
        "real": {},
        "encoders": {},
        "probes": {},
        "causes": {},
    }
    for result in results:
        merged["versions"] = result.get("versions", {}) | merged["versions"]
        _merge_cases(merged, result)
        merged["encoders"] |= result.get("encoders", {})
        merged["probes"] |= result.get("probes", {})
        for case, found in result.get("causes", {}).items():
            kept = merged["causes"].setdefault(case, {})
            for name, areas in found.items():
                kept[name] = kept.get(name, []) + areas
    merged["real"] = {
        name: merged["real"][name] for name in SPLITS if name in merged["real"]
    }
    return merged


def _merge_cases(merged: dict[str, Any], result: dict[str, Any]) -> None:
    """Areas and ratios of whole cards; each peer from the first run that has it."""
    cases = dict(result.get("real", {}))
    if result.get("generated"):
        cases["generated"] = result["generated"]
    for case, found in cases.items():
        place = merged["real"] if case != "generated" else merged
        kept = place.setdefault(case, {})
        for key in ("auc", "seconds", "ratio", "errors"):
            kept.setdefault(key, {})
        own = found["seconds"]["infostat"]
        for name in found["seconds"]:
            if name in found["errors"]:
                kept["errors"][name] = found["errors"][name]
            elif name not in kept["auc"]:
                kept["auc"][name] = found["auc"][name]
                kept["seconds"][name] = found["seconds"][name]
                kept["ratio"][name] = found["seconds"][name] / own
        if case == "generated":
            kept["rows"] = found["rows"]


HEAD = """# The race against other packages

Written by `python -m benchmarks.race`. Each side fits a whole scorecard (bins, weights of
evidence, logistic regression, points) and scores rows that it has not seen, one BLAS
thread. Times are those of the processor, all threads of a side together, after a first
small run that imports and compiles; **ratios** are those of one process, in which the
sides take turns; seconds depend on the machine. Versions: {versions}.

Settings: infostat with its defaults (rounded points, maximum likelihood); *penalised* is
infostat with scikit-learn's default penalty, which the regressions of all peers have;
optbinning with its defaults but
the empirical weight of evidence of missing values (its default is zero, whatever was
learnt); toad with decision-tree bins (its default, chi-merge, takes minutes); fastwoe
with its defaults and a logistic regression (it has no points); scorecardpy with its
defaults, all features kept (it needs pandas 2, so it runs in an environment of its own,
beside infostat); category_encoders on tenths of numbers, which it does not cut itself,
and missing values as a level; feature-engine with its own steps: indicators and medians
of missing values, tenths, levels under 5 % pooled, evidence. The last two end in a
logistic regression and have no points.
"""

MARK = "## Reading"
"""What a person wrote from here on stays."""


def render(result: dict[str, Any]) -> str:
    """The page, without its reading."""
    versions = ", ".join(f"{k} {v}" for k, v in sorted(result["versions"].items()))
    lines = [HEAD.format(versions=versions)]
    cases = dict(result["real"])
    if result["generated"]:
        lines += generated_lines(result["generated"])
        cases = {"generated rows": result["generated"], **cases}
    if result["real"]:
        lines += public_lines(result["real"])
    failed = [
        f"- {name} on {case}: {error}"
        for case, found in cases.items()
        for name, error in found["errors"].items()
    ]
    if failed:
        lines += ["## Failures", "", *failed, ""]
    absent = sorted(set(PEERS) - set(result["versions"]))
    if absent:
        lines += [f"Not installed for this run: {', '.join(absent)}.", ""]
    lines += race_encoders.section(result["encoders"], result["probes"])
    if result["causes"]:
        lines += race_causes.section(result["causes"])
    return "\n".join(lines)


def generated_lines(made: dict[str, Any]) -> list[str]:
    rows = made["rows"]
    body = [
        [
            name,
            f"{made['seconds'][name]:.2f}",
            f"{made['ratio'][name]:.1f}",
            f"{made['auc'][name]:.4f}",
        ]
        for name in made["auc"]
    ]
    return [
        f"## {rows:,} generated rows x 30 columns, fit and {rows:,} scores",
        "",
        *lines_of(["package", "s", "x infostat", "held-out AUC"], body),
    ]


def public_lines(real: dict[str, Any]) -> list[str]:
    counts = ", ".join(
        f"{data} {len(f['auc']['infostat'])}" for data, f in real.items()
    )
    body = []
    names = list(
        dict.fromkeys(name for found in real.values() for name in found["auc"])
    )
    for name in names:
        row = [name]
        for found in real.values():
            if name not in found["auc"]:
                row.append("failed" if name in found["errors"] else "not run")
                continue
            areas, own = found["auc"][name], found["auc"]["infostat"]
            if name == "infostat":
                row.append(f"{np.mean(own):.4f}")
                continue
            mean, error = race_causes.gap(areas, own, overlap=True)
            text = f"{mean:+.4f}" + (f" ± {error:.4f}" if len(areas) > 1 else "")
            fewer = f"; {len(areas)} of the splits" if len(areas) < len(own) else ""
            row.append(f"{text} ({found['ratio'][name]:.1f} x{fewer})")
        body.append(row)
    return [
        "## Public data, mean held-out AUC",
        "",
        (
            f"Stratified splits, 70 % for the fit, the same for all ({counts}): infostat's "
            f"mean area, and what the others have more, ± its standard error corrected for "
            f"the overlap of the splits (Nadeau and Bengio 2003), and the ratio of times."
        ),
        "",
        *lines_of(["package", *real], body),
    ]


PARTS = ("generated", *SPLITS, "encoders")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the parts that are asked for."""
    sides, versions = installed()
    if args.peers is not None:
        kept = {"infostat", "penalised", *args.peers}
        sides = {name: side for name, side in sides.items() if name in kept}
    out: dict[str, Any] = {"versions": versions}
    if "generated" in args.parts:
        out["generated"] = race_generated(sides, args.rows, args.turns)
        print("generated", out["generated"])
    data = [name for name in SPLITS if name in args.parts]
    if data:
        splits = {name: args.splits or SPLITS[name] for name in data}
        out["real"] = race_real(sides, data, splits, args.seconds)
    if "encoders" in args.parts:
        out["encoders"] = race_encoders.race_encoders(args.rows, args.turns, versions)
        out["probes"] = race_encoders.race_probes(versions)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.race", description=__doc__)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--splits", type=int, help="of every public set")
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="no new split"
    )
    parser.add_argument("--peers", nargs="*", choices=PEERS, help="all by default")
    parser.add_argument("--save", type=Path, help="JSON file for --merge")
    parser.add_argument("--merge", type=Path, nargs="+", help="JSON files to join")
    parser.add_argument("--out", type=Path, help="page to write, its reading kept")
    args = parser.parse_args()
    if args.merge:
        results = [json.loads(path.read_text(encoding="utf-8")) for path in args.merge]
    else:
        results = [run(args)]
        if args.save is not None:
            args.save.write_text(json.dumps(results[0]), encoding="utf-8")
    page = render(merge(results))
    print(page)
    if args.out is not None:
        old = args.out.read_text("utf-8") if args.out.exists() else ""
        reading = old[old.index(MARK) :] if MARK in old else f"{MARK}\n"
        args.out.write_text(f"{page}\n{reading}", encoding="utf-8")


if __name__ == "__main__":
    main()
