"""Speed of optimal binning beside optbinning in the same run, where it is installed.

Run ``python -m benchmarks.optimal`` from the root of the repository; ``--quick`` leaves
out the largest problems. One BLAS thread; shortest of several runs, both sides in one
process.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from infostat import Bins, OptimalBinner, information_value
from infostat.binning.optimal import interval_values, optimal_partition

PATIENCE = 30
"""Seconds that the peer's solver gets; where it needs more its value is not compared."""

HEAD = (
    "| rows | pre-bins | trend | programme, ms | peer's solver, s | times faster | fit, "
    "ms | peer's fit, s | times faster | IV less the peer's |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def best_time(run: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Shortest wall time of several runs, in seconds, and the last answer."""
    times, answer = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        answer = run()
        times.append(time.perf_counter() - start)
    return min(times), answer


def credit(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """One number and a default that depends on it without being monotone."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    risk = 1 / (1 + np.exp(2 - 0.7 * x - 0.3 * np.sin(3 * x)))
    return x, (rng.uniform(size=n) < risk).astype(int)


def between_values(x: np.ndarray, n_bins: int) -> np.ndarray:
    """Quantile splits between observed values, the same for both sides."""
    ranked = np.unique(x)
    place = (np.arange(1, n_bins) * len(ranked)) // n_bins
    return (ranked[place - 1] + ranked[place]) / 2


def row(n: int, n_pre: int, trend: str | None, *, peer: bool) -> str:
    """One line of the table."""
    x, y = credit(n, 7)
    splits = between_values(x, n_pre)
    pre = Bins.numeric("x0", splits)
    weight = pre.count(x, y).weight[pre.first :]
    totals = weight.sum(axis=0)

    def programme() -> Any:
        intervals = interval_values(weight, totals, min_size=0.05 * n)
        return optimal_partition(intervals, 6, trend)

    def ours() -> Any:
        return OptimalBinner(
            max_bins=6, prebins=n_pre, min_bin_size=0.05, monotonic=trend
        ).fit(x[:, None], y)

    solve, found = best_time(programme, 9)
    fit, _ = best_time(ours, 5)
    cells = [n, n_pre, trend or "none", f"{1e3 * solve:.2f}"]
    if not peer:
        return line([*cells, "–", "–", f"{1e3 * fit:.2f}", "–", "–", "–"])
    import optbinning

    def theirs(**how: Any) -> Any:
        return optbinning.OptimalBinning(
            name="x0",
            dtype="numerical",
            solver="cp",
            monotonic_trend=trend,
            max_n_bins=6,
            min_bin_size=0.05,
            time_limit=PATIENCE,
            **how,
        ).fit(x, y)

    repeats = 3 if n_pre <= 50 else 1
    peer_fit, _ = best_time(
        lambda: theirs(
            prebinning_method="quantile", max_n_prebins=n_pre, min_prebin_size=1e-6
        ),
        repeats,
    )
    given = [theirs(user_splits=splits.tolist()) for _ in range(repeats)]
    # Solving alone, without its pre-binning and checks.
    peer_solve = min(model._time_optimizer for model in given)
    table = Bins.numeric("x0", given[-1].splits).count(x, y)
    other = information_value(table, name="").plug_in
    if given[-1].status != "OPTIMAL":
        other = np.nan
    return line(
        [
            *cells,
            f"{peer_solve:.3f}",
            f"{peer_solve / solve:.0f}",
            f"{1e3 * fit:.2f}",
            f"{peer_fit:.3f}",
            f"{peer_fit / fit:.0f}",
            f"{found.value - other:.1e}",
        ]
    )


def line(cells: list[Any]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    warnings.simplefilter("ignore")
    peer = find_spec("optbinning") is not None
    if not peer:
        print("optbinning is not installed: its columns stay empty.\n")
    print(HEAD)
    sizes = [(20_000, 20), (20_000, 50)]
    sizes += [] if quick else [(20_000, 100), (100_000, 20), (100_000, 50)]
    for n, n_pre in sizes:
        for trend in ("ascending", None):
            print(row(n, n_pre, trend, peer=peer), flush=True)


if __name__ == "__main__":
    main()
