"""Stumps on CPU and GPU: seconds of both sides, taken in turn, and their ratio.

``python -m benchmarks.gpu [--millions 1 10 50] [--columns 10] [--repeats 3]``

Three jobs: stumps of each feature alone, stumps of all features together, and a boosted
scorecard with bins, evidence and points. Rows lie in host memory at the start, so that
the transfer counts. The device that XGBoost reports is the one printed: without a CUDA
device the CPU is timed alone and the page says so. 50 million rows of 10 columns need
about 20 GB of memory.
"""

from __future__ import annotations

import argparse
import time
import warnings
from importlib.util import find_spec
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.portfolio import applicants


def jobs(device: str, rounds: int) -> dict[str, Any]:
    from infostat import BoostedScorecardClassifier, StumpBinner

    return {
        "stumps, each feature": StumpBinner(n_rounds=rounds, device=device),
        "stumps, joint": StumpBinner(n_rounds=rounds, joint=True, device=device),
        "boosted scorecard": BoostedScorecardClassifier(rounds, device=device),
    }


def has_gpu() -> bool:
    """Whether XGBoost really trains on a GPU."""
    from infostat import StumpBinner

    x, y = np.arange(64.0)[:, None], np.arange(64) % 3 == 0
    return StumpBinner(n_rounds=1, device="cuda").fit(x, y).device_ == "cuda"


def timed(model: Any, X: Any, y: np.ndarray) -> tuple[float, str]:
    start = time.perf_counter()
    model.fit(X, y)
    return time.perf_counter() - start, model.device_


def measure(
    X: Any, y: np.ndarray, devices: list[str], rounds: int, repeats: int, bar: tqdm
) -> dict[str, dict[str, float]]:
    """Least seconds of each job on each device; the devices take turns."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(repeats):
        for device in devices:
            for name, model in jobs(device, rounds).items():
                seconds, used = timed(model, X, y)
                if used != device:
                    msg = f"{name} ran on {used} instead of {device}"
                    raise RuntimeError(msg)
                own = best.setdefault(name, {})
                own[device] = min(seconds, own.get(device, np.inf))
                bar.update()
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 10, 50])
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    devices = ["cpu", "cuda"] if has_gpu() else ["cpu"]
    print("| rows | job | CPU, s | GPU, s | CPU / GPU |")
    print("|---:|---|---:|---:|---:|")
    n_steps = 3 * len(devices) * options.repeats * len(options.millions)
    with tqdm(total=n_steps, disable=None) as bar:
        for millions in options.millions:
            n_rows = int(millions * 1e6)
            X, y = applicants(n_rows, options.columns)
            found = measure(X, y, devices, options.rounds, options.repeats, bar)
            for name, seconds in found.items():
                cpu, gpu = seconds["cpu"], seconds.get("cuda")
                sides = (
                    "not measured | not measured"
                    if gpu is None
                    else f"{gpu:.2f} | {cpu / gpu:.1f}"
                )
                tqdm.write(f"| {n_rows} | {name} | {cpu:.2f} | {sides} |")
    print(f"\nThe CPU side uses one thread. {_footnote(devices)}")


def _footnote(devices: list[str]) -> str:
    if "cuda" not in devices:
        return (
            "No CUDA device was found (or XGBoost was built without CUDA): the GPU side "
            "was not measured."
        )
    place = "device" if find_spec("cupy") is not None else "host (CuPy is absent)"
    return f"Quantiles were sketched on the {place}."


if __name__ == "__main__":
    main()
