"""FasterRisk under an interpreter of its own, on zeros and ones from a card's bins."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np

MOST_ROWS = 6_000
"""Rows that fit both sides. On them twenty columns of Adult took FasterRisk 159 s of CPU
and five 7 s; on all 29,305 five took 36 s."""

PEER = """
import sys, time
import numpy as np
from fasterrisk.fasterrisk import RiskScoreOptimizer
given, out = np.load(sys.argv[1]), {}
X, y = given["columns"].astype(float), given["y"].astype(float)
for k in given["sizes"]:
    began = time.process_time()
    model = RiskScoreOptimizer(X=X, y=y, k=int(k), lb=-5, ub=5)
    model.optimize()
    names = ("multiplier", "intercept", "coefficients")
    for name, value in zip(names, model.get_models()):
        out[f"{name} {k}"] = value
    out[f"seconds {k}"] = time.process_time() - began
np.savez(sys.argv[2], **out)
"""


def missing(python):
    """Why the other package cannot be run; empty where it can."""
    if not python:
        return "no interpreter with `fasterrisk` was given (`--peer VENV/bin/python`)"
    try:
        command = [python, "-c", "from fasterrisk.fasterrisk import RiskScoreOptimizer"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return f"the interpreter did not start ({error.strerror})"
    said = done.stderr.strip().splitlines() or ["no message"]
    return f"`fasterrisk` cannot be imported ({said[-1]})" if done.returncode else ""


def version(python):
    """Version of the other package."""
    script = "from importlib.metadata import version; print(version('fasterrisk'))"
    command = [python, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def indicators(card, X):
    """Columns of zeros and ones from the card's bins, and the feature of each.

    Returns
    -------
    columns : ndarray of int8 of shape (n_samples, n_columns)
        Whether a row is in a bin, and whether it is in it or in a later one.
    owners : ndarray of str of shape (n_columns,)
    """
    columns, owners = [], []
    for name, codes in card.card_.codes(X).items():
        bins = card.bins_[name]
        steps = range(bins.first + 1, bins.n_bins)
        found = [codes == k for k in range(bins.n_bins)] + [codes >= k for k in steps]
        columns += found
        owners += [name] * len(found)
    return np.column_stack(columns).astype(np.int8), np.array(owners)


def distinct(columns):
    """Places of the columns that vary, each of several equal ones once."""
    _, first = np.unique(columns, axis=1, return_index=True)
    return np.sort(first[np.ptp(columns[:, first], axis=0) > 0])


def peer_pools(python, columns, y, sizes):
    """Integer models of every size, lowest loss first, and CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npz"
        np.savez(given, columns=columns, y=2 * y - 1, sizes=np.array(sizes))
        command = [python, "-W", "ignore", "-c", PEER, str(given), str(found)]
        subprocess.run(command, check=True, capture_output=True)
        with np.load(found) as kept:
            return {name: kept[name] for name in kept.files}
