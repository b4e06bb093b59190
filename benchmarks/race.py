"""Whole scorecards against other packages: time of fit and points, and held-out AUC.

``python -m benchmarks.race [--save FILE] [--merge FILE ...] [--out docs/race.md]``

Packages that are not installed are left out and named. Some do not live in one
environment, so figures of several interpreters can be saved and merged; the ratio of
times is always that of one process, in which both sides take turns.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.portfolio import applicants

Side = Callable[[pd.DataFrame, np.ndarray, pd.DataFrame], np.ndarray]
"""Fit on rows and outcomes, score other rows; more points mean fewer events."""

SPLITS = 10
LEVELS = (4, 6, 10, 20, 40)


def infostat_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """Defaults, rounded points."""
    from infostat import ScorecardClassifier

    return ScorecardClassifier().fit(X, y).predict_points(new)


def penalised_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """The penalty that the peers' regressions have by default."""
    from sklearn.linear_model import LogisticRegression

    from infostat import ScorecardClassifier

    model = LogisticRegression(max_iter=1_000)
    return ScorecardClassifier(estimator=model).fit(X, y).predict_points(new)


def texts(X: pd.DataFrame) -> list[str]:
    """Columns that are not numbers."""
    return [c for c in X if not pd.api.types.is_numeric_dtype(X[c])]


def optbinning_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """Defaults, but for the empirical weight of evidence of missing values."""
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    process = BinningProcess(list(X), categorical_variables=texts(X))
    card = Scorecard(
        binning_process=process,
        estimator=LogisticRegression(max_iter=1_000),
        scaling_method="pdo_odds",
        scaling_method_params={"pdo": 20, "odds": 50, "scorecard_points": 600},
    )
    options = {"metric_special": "empirical", "metric_missing": "empirical"}
    card.fit(X, y, **options)
    return np.asarray(card.score(new))


def toad_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """Decision-tree bins; the default chi-merge takes minutes."""
    import toad

    combiner = toad.transform.Combiner()
    combiner.fit(X, y, method="dt", min_samples=0.05)
    transformer = toad.transform.WOETransformer()
    evidence = transformer.fit_transform(combiner.transform(X), y)
    card = toad.ScoreCard(combiner=combiner, transer=transformer, max_iter=1_000)
    card.fit(evidence, y)
    return np.asarray(card.predict(new))


def fastwoe_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """Defaults and a logistic regression; the package has no points."""
    from fastwoe import FastWoe
    from sklearn.linear_model import LogisticRegression

    encoder = FastWoe()
    encoder.fit(X, y)
    model = LogisticRegression(max_iter=1_000).fit(encoder.transform(X), y)
    return -model.decision_function(encoder.transform(new))


def scorecardpy_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """Defaults, all features kept."""
    import contextlib
    import io

    import scorecardpy
    from sklearn.linear_model import LogisticRegression

    with contextlib.redirect_stdout(io.StringIO()):
        data = X.assign(outcome=y)
        bins = scorecardpy.woebin(data, y="outcome", no_cores=1)
        encoded = scorecardpy.woebin_ply(data, bins)
        columns = [c for c in encoded if c != "outcome"]
        model = LogisticRegression(max_iter=1_000).fit(encoded[columns], y)
        card = scorecardpy.scorecard(bins, model, columns)
        points = scorecardpy.scorecard_ply(new, card, print_step=0)
    return np.asarray(points["score"])


PEERS: dict[str, Side] = {
    "optbinning": optbinning_card,
    "toad": toad_card,
    "fastwoe": fastwoe_card,
    "scorecardpy": scorecardpy_card,
}


def generated(n_rows: int, seed: int = 20_261_124) -> tuple[pd.DataFrame, np.ndarray]:
    """25 numeric columns and 5 of text, with missing values and 8 % events."""
    X, y = applicants(n_rows, 25, seed)
    rng = np.random.default_rng([seed, 1])
    for k, size in enumerate(LEVELS):
        latent = rng.normal(size=n_rows) + 0.4 * y
        edges = np.quantile(rng.normal(size=10_000), np.arange(1, size) / size)
        names = rng.permutation([f"level {j:02d}" for j in range(size)])
        X[f"text{k}"] = names[np.searchsorted(edges, latent)]
    return X, y


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


def installed() -> tuple[dict[str, Side], dict[str, str]]:
    """Sides of this interpreter, and their versions."""
    sides: dict[str, Side] = {"infostat": infostat_card, "penalised": penalised_card}
    versions = {}
    for name, side in PEERS.items():
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
        sides[name] = side
    for name in ("numpy", "pandas", "scikit-learn"):
        versions[name] = version(name)
    return sides, versions


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


def race_real(sides: dict[str, Side], splits: int) -> dict[str, Any]:
    """AUC of every split, and time of all splits."""
    from sklearn.model_selection import StratifiedShuffleSplit

    out: dict[str, Any] = {}
    for data, (X, y) in real_sets().items():
        areas: dict[str, list[float]] = {name: [] for name in sides}
        seconds, errors = dict.fromkeys(sides, 0.0), {}
        halves = StratifiedShuffleSplit(splits, test_size=0.3, random_state=0)
        for train, test in halves.split(X, y):
            rows, new = (X.iloc[k].reset_index(drop=True) for k in (train, test))
            for name, side in sides.items():
                points, spent, error = attempt(side, rows, y[train], new)
                if points is None:
                    errors[name] = error
                    continue
                seconds[name] += spent
                areas[name].append(auc(y[test], points))
        out[data] = {"auc": areas, "seconds": seconds, "errors": errors}
        print(data, {n: round(float(np.mean(v)), 4) for n, v in areas.items() if v})
    return out


def merge(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Put the peers of several interpreters side by side; times as ratios."""
    merged: dict[str, Any] = {"versions": {}, "generated": {}, "real": {}}
    for result in results:
        merged["versions"].update(result["versions"])
        cases = {"generated": result["generated"], **result["real"]}
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
        merged["generated"]["rows"] = result["generated"]["rows"]
    return merged


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
defaults, all features kept (it needs pandas 2, so it ran in an environment of its own,
beside infostat).
"""


def render(result: dict[str, Any]) -> str:
    """The page."""
    from benchmarks.performance_page import lines_of

    versions = ", ".join(f"{k} {v}" for k, v in sorted(result["versions"].items()))
    lines = [HEAD.format(versions=versions)]
    made = result["generated"]
    rows = made["rows"]
    lines += [f"## {rows:,} generated rows x 30 columns, fit and {rows:,} scores", ""]
    body = [
        [
            name,
            f"{made['seconds'][name]:.2f}",
            f"{made['ratio'][name]:.1f}",
            f"{made['auc'][name]:.4f}",
        ]
        for name in made["auc"]
    ]
    lines += lines_of(["package", "s", "x infostat", "held-out AUC"], body)
    names = list(made["auc"])
    lines += ["## Public data, mean held-out AUC", ""]
    some = next(iter(next(iter(result["real"].values()))["auc"].values()))
    lines += [
        (
            f"{len(some)} stratified splits, 70 % for the fit, the same for all; in "
            f"brackets the mean difference to infostat with the standard error over the "
            f"splits (which share rows, so that it is too small) and the ratio of times."
        ),
        "",
    ]
    body = []
    for data, found in result["real"].items():
        row = [data]
        own = np.array(found["auc"]["infostat"])
        for name in names:
            if name not in found["auc"]:
                row.append("failed")
                continue
            areas = np.array(found["auc"][name])
            text = f"{areas.mean():.4f}"
            if name != "infostat":
                gap = areas - own
                error = gap.std(ddof=1) / np.sqrt(len(gap)) if len(gap) > 1 else 0.0
                text += (
                    f" ({gap.mean():+.4f} ± {error:.4f}; {found['ratio'][name]:.1f} x)"
                )
            row.append(text)
        body.append(row)
    lines += lines_of(["data", *names], body)
    failed = [
        f"- {name} on {case}: {error}"
        for case, found in {"generated rows": made, **result["real"]}.items()
        for name, error in found["errors"].items()
    ]
    if failed:
        lines += ["## Failures", "", *failed, ""]
    absent = sorted(set(PEERS) - set(names) - {f.split()[1] for f in failed})
    if absent:
        lines += [f"Not installed for this run: {', '.join(absent)}.", ""]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.race", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--peers", nargs="*", choices=PEERS, help="all by default")
    parser.add_argument("--save", type=Path, help="JSON file for --merge")
    parser.add_argument("--merge", type=Path, nargs="+", help="JSON files to join")
    parser.add_argument("--out", type=Path, help="page to write")
    args = parser.parse_args()
    if args.merge:
        results = [json.loads(path.read_text(encoding="utf-8")) for path in args.merge]
    else:
        sides, versions = installed()
        if args.peers is not None:
            sides = {
                k: v
                for k, v in sides.items()
                if k in {"infostat", "penalised", *args.peers}
            }
        found = race_generated(sides, args.rows, args.turns)
        print("generated", found)
        real = race_real(sides, args.splits)
        results = [{"versions": versions, "generated": found, "real": real}]
        if args.save is not None:
            args.save.write_text(json.dumps(results[0]), encoding="utf-8")
    page = render(merge(results))
    print(page)
    if args.out is not None:
        args.out.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
