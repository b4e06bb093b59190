"""Replicates of the causal study, kept line by line in a file so that a run can go on."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.causal_laws import KEPT, draw, pointwise
from infostat import CausalBounds
from infostat.causal.fitting import chosen_rules
from infostat.causal.radius import OUTER
from infostat.causal.rows import ScoreRow, summarise

METHODS = ("sharp", *OUTER)
KEYS = ("lower", "upper", "se_lower", "se_upper", "ci_lower", "ci_upper")
SHARP_SIZES = (250, 500, 1000, 2000, 4000, 8000, 16000)
SHARP, POINTS = 1000, 60

# kind, law, size, replicates; in this order, as many as time allows.
SHORT = [("sharp", law, n, SHARP) for law in KEPT for n in SHARP_SIZES]
SHORT += [("point", "continuous", n, POINTS) for n in SHARP_SIZES]
SHORT += [("folds", "continuous", 500, 20)]
LONG = [
    ("all", "continuous", 500, 500),
    ("all", "continuous", 2000, 200),
    ("all", "continuous", 8000, 120),
    ("all", "binary", 500, 100),
    ("all", "continuous", 2000, 500),
    ("all", "continuous", 8000, 500),
]


def treated_rows(bounds):
    """Estimates of the mean under treatment, by the fitted estimator's own parts.

    The estimator scores both arms; only one is looked at here, which halves the time.
    """
    study = bounds._study
    rows = []
    for rule in chosen_rules(bounds, 2):
        lower, upper = rule.scores(study.view(0, 0, 1))
        row = ScoreRow("E[Y(1)]", rule.label, "given", (lower,), (upper,), 0)
        got = summarise([row], study.sampling, level=0.95, target="parameter")
        rows.append([got[key][0] for key in KEYS])
    return rows


def whole_frame(n, seed, law="continuous"):
    """The same rows from ``bounds_`` itself."""
    X, y, taken = draw(n, seed, law)
    bounds = CausalBounds(y_bounds=(0, 1), method="all", random_state=seed)
    frame = bounds.fit(X, y, treatment=taken).bounds_
    return frame[frame["estimand"] == "E[Y(1)]"][list(KEYS)].to_numpy()


def replicate(kind, law, n, seed):
    """Numbers of one replicate."""
    X, y, taken = draw(n, 0 if kind == "folds" else seed, law)
    bounds = CausalBounds(y_bounds=(0, 1), random_state=seed)
    bounds.fit(X, y, treatment=taken)
    if kind == "sharp":
        return bounds.bounds_[list(KEYS)].iloc[1].tolist()
    if kind == "point":
        new = np.random.default_rng(1).uniform(-2, 2, (400, 5))
        got = bounds.predict_bounds(new, 1).to_numpy()
        error = got - pointwise(new[:, 0], new[:, 1])
        return np.sqrt((error**2).mean(axis=0)).tolist()
    bounds.set_params(method="all")
    return treated_rows(bounds)


def recorded(path):
    """Replicates on file, by kind, law and size."""
    found = defaultdict(dict)
    if Path(path).exists():
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            if line.endswith("}"):  # a line cut off in writing is done again
                entry = json.loads(line)
                key = entry["kind"], entry["law"], entry["n"]
                found[key][entry["seed"]] = entry["rows"], entry["seconds"]
    return found


def run(path, minutes, *, quick=False):
    """Add what lacks until it is complete or the CPU minutes are spent."""
    found, path = recorded(path), Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    limit = time.process_time() + 60 * minutes
    plan = [(k, law, n, 20 if quick else count) for k, law, n, count in SHORT]
    plan += [(k, law, n, 4 if quick else count) for k, law, n, count in LONG]
    order = [(k, law, n, s) for k, law, n, count in plan for s in range(count)]
    with path.open("a", encoding="utf-8") as file:
        for kind, law, n, s in order:
            if time.process_time() > limit:
                break
            seed = 1000 * n + s
            if seed in found[kind, law, n]:
                continue
            started = time.process_time()
            rows = replicate(kind, law, n, seed)
            entry = {"kind": kind, "law": law, "n": n, "seed": seed, "rows": rows}
            entry["seconds"] = time.process_time() - started
            file.write(json.dumps(entry) + "\n")
            file.flush()
            found[kind, law, n][seed] = rows, entry["seconds"]
    return found
