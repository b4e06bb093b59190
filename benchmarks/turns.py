"""Sides of a comparison, timed in turn in one process, and peaks of memory apart."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

Sides = dict[str, Callable[[], Any]]
Seconds = dict[str, tuple[float, float]]

WARM = 20_000_000
"""Doubles written before each side: pages that a virtual machine gave back in the pause
cost several times as much as others, and would fall to the side that comes first."""

PEERS = ("optbinning", "toad")


def turns(sides: Sides, repeats: int, bar: tqdm) -> Seconds:
    """Least wall and processor seconds of each side, taken in turn."""
    seconds: Seconds = {name: (float("inf"), float("inf")) for name in sides}
    for turn in range(repeats):
        for name, side in sides.items():
            # Peers are slow and steady: one turn says enough.
            if turn and name.startswith(PEERS):
                continue
            np.empty(WARM).fill(0.0)
            wall, cpu = time.perf_counter(), time.process_time()
            side()
            spent = time.perf_counter() - wall, time.process_time() - cpu
            least = seconds[name]
            seconds[name] = min(least[0], spent[0]), min(least[1], spent[1])
            bar.update()
    return seconds


def rise(side: Callable[[], Any]) -> float:
    """Rise of the process's peak memory while a side runs, in MB (Linux alone)."""
    peak_file = Path("/proc/self/clear_refs")
    try:
        peak_file.write_text("5")  # start a new high-water mark
        before = _status("VmRSS")
        kept = side()
        peak = _status("VmHWM") - before
    except OSError:
        return float("nan")
    del kept
    return peak


def _status(field: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(li.split()[1]) for li in lines if li.startswith(field)) / 1024


def child(*arguments: str) -> str:
    """Last line that a Python process of its own prints, on one BLAS thread."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ, OPENBLAS_NUM_THREADS="1"),
    )
    return done.stdout.strip().splitlines()[-1]
