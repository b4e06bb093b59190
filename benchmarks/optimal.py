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

from infostat import Bins, InfostatError, OptimalBinner, information_value
from infostat.binning.optimal import interval_values, optimal_partition
from infostat.binning.search import PreCounts, Reserved, TrendSearch, partitions_of

PATIENCE = 30
"""Seconds that the peer's solver gets; where it needs more its value is not compared."""

HEAD = (
    "| rows | pre-bins | trend | programme, ms | peer's solver, s | times faster | fit, "
    "ms | peer's fit, s | times faster | IV less the peer's |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def best_time(
    run: Callable[[], Any], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> tuple[float, Any]:
    """Shortest time of several runs, in seconds, and the last answer."""
    times, answer = [], None
    for _ in range(repeats):
        start = clock()
        answer = run()
        times.append(clock() - start)
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


SHAPES = ("ascending", "descending", "peak", "valley")


def feature(n_pre: int, seed: int) -> PreCounts:
    """Pre-bins of one of four shapes: a line, a valley, a wave, a line that waves."""
    rng = np.random.default_rng(seed)
    x = (np.arange(n_pre) + 0.5) / n_pre
    n = (5_000, 20_000, 100_000)[seed % 3]
    size = rng.multinomial(n, np.full(n_pre, 1 / n_pre))
    rate = (
        0.1 + 0.1 * x,
        0.08 + 0.5 * (x - 0.5) ** 2,
        0.1 + 0.05 * np.sin(9 * x),
        0.1 + 0.12 * x + 0.03 * np.sin(14 * x),
    )[seed % 4]
    events = rng.binomial(size, rate)
    weight = np.stack([size - events, events], axis=1).astype(float)
    return PreCounts(weight, weight.sum(axis=0))


def merging_row(n_pre: int, max_pvalue: float | None) -> str:
    """Time of four trends with missing values that join a bin, in one programme or not."""
    plain = feature(n_pre, 7)
    gone = 0.1 * plain.totals * np.array([1.0, 1.5])
    counts = PreCounts(
        plain.weight, plain.totals + gone, missing=Reserved(gone, float(gone.sum()))
    )
    size = 0.02 * counts.totals.sum()
    search = TrendSearch("x", 8, min_size=size, max_pvalue=max_pvalue)

    def by_place() -> list[float]:
        values = []
        for place in range(n_pre):
            weight = counts.weight.copy()
            weight[place] += gone
            found = partitions_of(PreCounts(weight, counts.totals), search, SHAPES)
            values.append([found[shape].value for shape in SHAPES])
        return np.max(values, axis=0).tolist()

    one, found = best_time(
        lambda: partitions_of(counts, search, SHAPES), 3, time.process_time
    )
    each, values = best_time(by_place, 1, time.process_time)
    apart, _ = best_time(
        lambda: partitions_of(plain, search, SHAPES), 3, time.process_time
    )
    gap = max(abs(found[t].value - v) for t, v in zip(SHAPES, values, strict=True))
    return line(
        [
            n_pre,
            "–" if max_pvalue is None else max_pvalue,
            f"{1e3 * apart:.1f}",
            f"{1e3 * one:.1f}",
            f"{1e3 * each:.0f}",
            f"{gap:.0e}",
        ]
    )


def pairs_row(n_pre: int, trend: str | None, n_features: int = 12) -> str:
    """How often, and how fast, bins that all differ are proven best."""
    seconds, proven = [], 0
    for seed in range(n_features):
        counts = feature(n_pre, seed)
        search = TrendSearch(
            "x",
            8,
            min_size=0.02 * counts.totals.sum(),
            max_pvalue=0.05,
            pvalue_pairs="all",
        )
        start = time.process_time()
        try:
            partitions_of(counts, search, [trend])
            proven += 1
        except InfostatError:
            pass
        seconds.append(time.process_time() - start)
    cells = [n_pre, trend or "none", f"{proven} of {n_features}"]
    return line([*cells, f"{np.median(seconds):.2f}", f"{max(seconds):.2f}"])


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
    sizes = (20, 50) if quick else (20, 50, 100)
    print(
        "\nMissing values that join a bin, four trends, processor time:\n\n"
        "| pre-bins | largest p-value | kept apart, ms | one programme, ms | a programme "
        "a place, ms | difference of values |\n|---|---|---|---|---|---|"
    )
    for n_pre in sizes:
        for level in (None, 0.05):
            print(merging_row(n_pre, level), flush=True)
    print(
        "\nBins that all differ at 5 %, processor time of 12 features:\n\n"
        "| pre-bins | trend | proven | median, s | longest, s |\n|---|---|---|---|---|"
    )
    for n_pre in sizes[1:]:
        for trend in (None, "peak", "valley"):
            print(pairs_row(n_pre, trend), flush=True)


if __name__ == "__main__":
    main()
