"""Kill scoring runs at random moments: nothing or the whole file is left.

``python -m benchmarks.kill_scoring CARD IN OUT [--kills 50] [--seed 0]``

Every run is a fork of one warm process, so that a kill falls on the work and not on
imports. Prints how many runs were cut off, how many had finished, and fails where a file
under the final name is not complete or the rerun is not clean.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from infostat import Scorecard
from infostat.scorecard.batch import score_file


def run_and_kill(
    card: Scorecard, source: Path, target: Path, after: float | None
) -> bool:
    """Score in a fork and kill it, unless None; whether it was still at work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside idle threads
        child = os.fork()
    if child == 0:
        # A chunk takes a few milliseconds: kills fall before, between and after writes.
        score_file(card, source, target, rows=500, progress=lambda _: time.sleep(0.003))
        os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("card")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    card = Scorecard.from_json(options.card)
    rng = np.random.default_rng(options.seed)
    for module in ("pandas", "pyarrow.parquet", "pyarrow.dataset"):
        if find_spec(module.partition(".")[0]) is not None:
            import_module(module)
    # Undisturbed runs, in forks as well: threads of this process would not be there in
    # the next ones. The kills fall on the time that such a run takes, and a bit beyond.
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        run_and_kill(card, options.source, options.target, None)
        seconds.append(time.perf_counter() - started)
    whole = options.target.read_bytes()
    options.target.unlink()
    cut, left = 0, 0
    for _ in range(options.kills):
        after = float(rng.uniform(0, 1.2 * min(seconds)))
        cut += run_and_kill(card, options.source, options.target, after)
        if options.target.exists():
            assert options.target.read_bytes() == whole, "a file is not complete"
            options.target.unlink()
        left += len(list(options.target.parent.glob(".*.part")))
    score_file(card, options.source, options.target, rows=500)
    assert options.target.read_bytes() == whole, "the rerun differs"
    assert not list(options.target.parent.glob(".*.part")), "the rerun is not clean"
    json.dump({"kills": options.kills, "cut_off": cut, "part_files": left}, sys.stdout)


if __name__ == "__main__":
    main()
