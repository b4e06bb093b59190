"""IHDP: the sharp and the divergence bounds beside ``itbound``, time and width.

``itbound`` needs torch, so it runs under an interpreter of its own:
``python -m benchmarks.causal_ihdp --peer VENV/bin/python``, where the environment has
``pip install itbound xgboost``. Results are kept in a file for the page of
``benchmarks.causal``; without them the published figures are shown.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.papers.claims import PUBLISHED as FIGURES
from infostat import CausalBounds
from infostat.datasets import load_ihdp

CACHE = Path("build") / "causal_ihdp.json"
NAMES = {
    "KL": "kl",
    "TV": "tv",
    "Hellinger": "hellinger",
    "Chi2": "chi2",
    "JS": "js",
}
PUBLISHED = {
    "epochs": 200,
    "seconds": None,
    "widths": FIGURES["causal/ihdp"]["widths"],
}
"""Mean widths of a published run of the same estimator: 200 epochs, about 5 minutes."""

COVARIATES = [f"x{k}" for k in range(1, 6)]


def peer_run(python, epochs):
    """Run the command of the other package, all rows, one divergence after another."""
    total = {"epochs": epochs, "seconds": 0.0, "cpu": 0.0, "widths": {}, "valid": {}}
    for theirs, name in NAMES.items():
        seconds, spent, rows = _peer_divergence(python, epochs, theirs)
        total["seconds"] += seconds
        total["cpu"] += spent
        widths = [float(r["width"]) for r in rows if r["width"]]
        total["widths"][name] = float(np.mean(widths)) if widths else float("nan")
        total["valid"][name] = len(widths) / len(rows)
    return total


def _peer_divergence(python, epochs, divergence):
    source = Path(os.environ["INFOSTAT_DATA"]) / "ihdp" / "ihdp_npci_1.csv"
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(python, "-W", "ignore", "-m", "itbound", "standard"),
            *("--csv", str(source), "--y-col", "y_factual", "--a-col", "treatment"),
            *("--x-cols", ",".join(COVARIATES), "--outdir", folder, "--no-plots"),
            *("--num-epochs", str(epochs), "--divergences", divergence),
        ]
        started, before = time.perf_counter(), os.times()
        subprocess.run(command, check=True, capture_output=True)
        seconds, after = time.perf_counter() - started, os.times()
        spent = after.children_user + after.children_system
        spent -= before.children_user + before.children_system
        with (Path(folder) / "bounds.csv").open(encoding="utf-8") as file:
            return seconds, spent, list(csv.DictReader(file))


def ours():
    """Widths of the mean under treatment; time of five divergences and of sharp alone."""
    frame = load_ihdp(1, backend="pandas").frame
    y, treated = frame["y_factual"], frame["treatment"] == 1
    ranges = {"arm": (y[treated].min(), y[treated].max()), "all": (y.min(), y.max())}
    out = {}
    for name, (low, high) in ranges.items():

        def limits(_, arm, low=low, high=high):
            return (low, high) if arm == 1 else (y.min(), y.max())

        for method in ("sharp", "all"):
            best, spent = np.inf, np.inf
            for _ in range(3):
                started, clock = time.perf_counter(), time.process_time()
                bounds = CausalBounds(y_bounds=limits, method=method, random_state=0)
                bounds.fit(frame[COVARIATES], y, treatment=frame["treatment"])
                best = min(best, time.perf_counter() - started)
                spent = min(spent, time.process_time() - clock)
            rows = bounds.bounds_[bounds.bounds_["estimand"] == "E[Y(1)]"]
            widths = dict(zip(rows["method"], rows["width"], strict=True))
            out[f"{name} {method}"] = {"seconds": best, "cpu": spent, "widths": widths}
    return out


def page_lines(path=CACHE):
    """Table of the page; published figures of the peer where it was not run."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    own = kept.get("ours") or ours()
    peers = [*kept.get("peers", []), PUBLISHED]
    order = ("sharp", "chi2", "kl", "hellinger", "tv", "js")
    lines = [
        "| | wall, s | CPU, s | " + " | ".join(order) + " |",
        "|---|---|---|" + "---|" * len(order),
    ]
    labels = {
        "arm": "infostat, range of the treated arm",
        "all": "infostat, range of all outcomes",
    }
    for key, label in labels.items():
        whole = own[f"{key} all"]
        lines.append(_line(label, whole, order))
    lines += [_line(_title(peer), peer, order) for peer in peers]
    slowest = max(peers, key=lambda p: (p["epochs"], bool(p.get("cpu"))))
    text = ""
    if slowest.get("cpu"):
        ratio = slowest["cpu"] / own["arm all"]["cpu"]
        share = min(slowest["valid"].values())
        text = (
            f"CPU time of five divergences: itbound with {slowest['epochs']} epochs took "
            f"{ratio:.0f} times as long as ours with intervals; at least {share:.0%} of "
            f"its rows had a valid interval in each run."
        )
    return lines, text


def _title(peer):
    if peer is PUBLISHED:
        return "itbound, 200 epochs, its paper's networks, 500 rows (published run)"
    return f"itbound command, {peer['epochs']} epochs, small networks"


def _line(label, run, order):
    cells = [f"{run['widths'][m]:.2f}" if m in run["widths"] else "" for m in order]
    wall = "about 300" if run["seconds"] is None else f"{run['seconds']:.2f}"
    cpu = f"{run['cpu']:.2f}" if run.get("cpu") else ""
    return f"| {label} | {wall} | {cpu} | " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="interpreter of an environment with itbound")
    parser.add_argument("--epochs", type=int, nargs="*", default=[3, 200])
    options = parser.parse_args()
    kept = {"ours": ours(), "peers": []}
    for epochs in options.epochs if options.peer else []:
        kept["peers"].append(peer_run(options.peer, epochs))
        print(kept["peers"][-1], flush=True)
    CACHE.parent.mkdir(exist_ok=True)
    CACHE.write_text(json.dumps(kept), encoding="utf-8")
    lines, text = page_lines()
    print("\n".join([*lines, text]))


if __name__ == "__main__":
    main()
