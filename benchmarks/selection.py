"""Inference after the choice of bins: writes docs/validation_binning.md.

Run ``python -m benchmarks.selection`` from the root of the repository; ``--quick`` runs
a tenth of the repetitions and prints without writing.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import chi2

from infostat import Bins, CountTable, OptimalBinner, information_value
from infostat._files import write_text
from infostat.binning import selection_test
from infostat.inference.null import pearson_statistic

PAGE = Path(__file__).parents[1] / "docs" / "validation_binning.md"

HEAD = """# Validation of inference after selection

Written by `python -m benchmarks.selection`.

Bins that maximise the information value are chosen on the data, so their value is too
large and the p-value that takes them for given is too small. Twenty pre-bins of equal
probability; {runs} samples a row; a rate of .05 has a Monte-Carlo error of {error:.3f}.
"""


def draw(
    rng: np.random.Generator, bins: Bins, n_1: int, n_0: int, effect: float
) -> CountTable:
    """Counts of pre-bins; log-odds rise by ``effect`` standard deviations of the rank."""
    rank = (np.arange(20) - 9.5) / np.std(np.arange(20))
    tilt = np.exp(effect * rank)
    empty = np.zeros(bins.first)
    return CountTable.from_counts(
        [*empty, *rng.multinomial(n_1, tilt / tilt.sum())],
        [*empty, *rng.multinomial(n_0, np.full(20, 0.05))],
        bins.labels,
    )


def true_value(bins: Bins, chosen: Bins, effect: float) -> float:
    """Information value of chosen bins in the population."""
    rank = (np.arange(20) - 9.5) / np.std(np.arange(20))
    tilt = np.exp(effect * rank)
    at = np.array([*(bins.cuts or ()), np.inf])
    code = np.searchsorted(np.asarray(chosen.cuts, dtype=float), at[:-1], side="left")
    code = np.append(code, len(chosen.cuts or ()))
    p = np.bincount(code, tilt / tilt.sum())
    q = np.bincount(code, np.full(20, 0.05))
    return float(((p - q) * np.log(p / q)).sum())


DESIGNS = [
    ("500 / 4,500, any shape, at most 5 bins", 500, 4500, {"monotonic": None}),
    ("500 / 4,500, better monotone or bent, 5", 500, 4500, {}),
    (
        "500 / 4,500, any shape, at most 10 bins",
        500,
        4500,
        {"monotonic": None, "max_bins": 10},
    ),
    (
        "500 / 4,500, any shape, neighbours differ at .05",
        500,
        4500,
        {"monotonic": None, "max_pvalue": 0.05},
    ),
    ("100 / 900, ascending, at most 5 bins", 100, 900, {"monotonic": "ascending"}),
]


def sizes(runs: int, rng: np.random.Generator) -> str:
    """Rejections at nominal .05 where the feature tells nothing."""
    numbers = Bins.numeric("x", np.arange(19))
    levels = Bins.categorical("x", [[f"l{k:02}"] for k in range(20)])
    designs = [(name, numbers, *rest) for name, *rest in DESIGNS]
    designs.append(("500 / 4,500, 20 levels, at most 5 bins", levels, 500, 4500, {}))
    lines = []
    for name, pre, n_1, n_0, options in designs:
        found = []
        for _ in range(runs):
            table = draw(rng, pre, n_1, n_0, 0.0)
            binner = OptimalBinner(**{"max_bins": 5, "min_bin_size": 0.0} | options)
            binner.fit_counts({"x": pre}, {"x": table})
            drawn = selection_test(binner, n_resamples=19, rng=rng)["x"]
            bound = selection_test(binner, method="bound")["x"]
            split = _half(rng, binner, pre, n_1, n_0)
            found.append([drawn.p_naive, drawn.p_value, bound.p_value, split])
        rates = (np.array(found) <= 0.05).mean(axis=0)
        lines.append(
            f"| {name} | " + " | ".join(f"{rate:.3f}" for rate in rates) + " |"
        )
    return (
        "## Size of tests of no predictive power, nominal .05\n\n"
        "| events / non-events, choice | bins taken as given | permutation, bins chosen "
        "anew | bound | other half |\n|---|---|---|---|---|\n" + "\n".join(lines) + "\n"
    )


def _half(
    rng: np.random.Generator, binner: OptimalBinner, pre: Bins, n_1: int, n_0: int
) -> float:
    """P-value of the chosen bins on as many fresh rows, the other half of a split."""
    fresh = draw(rng, pre, n_1, n_0, 0.0)
    fixed = OptimalBinner(fixed_bins={"x": binner.bins_["x"]})
    table = fixed.fit_counts({"x": pre}, {"x": fresh}).tables_["x"]
    return information_value(table, name="").p_value()


def coverage(runs: int, rng: np.random.Generator) -> str:
    """Intervals for the population's value of the chosen bins."""
    pre = Bins.numeric("x", np.arange(19))
    lines = []
    for effect in (0.2, 0.5):
        for label, options in (("monotone", {"monotonic": "ascending"}), ("any", {})):
            options = options or {"monotonic": None}
            cells = {"same": [], "half": []}
            for _ in range(runs):
                full = draw(rng, pre, 500, 4500, effect)
                half = [draw(rng, pre, 250, 2250, effect) for _ in range(2)]
                for kind, chosen_on, counted_on in (
                    ("same", full, full),
                    ("half", *half),
                ):
                    binner = OptimalBinner(max_bins=5, min_bin_size=0.0, **options)
                    bins = binner.fit_counts({"x": pre}, {"x": chosen_on}).bins_["x"]
                    fixed = OptimalBinner(fixed_bins={"x": bins})
                    table = fixed.fit_counts({"x": pre}, {"x": counted_on}).tables_["x"]
                    found = information_value(table, ordered_from=1, name="")
                    truth = true_value(pre, bins, effect)
                    low, high = found.interval()
                    cells[kind].append([low <= truth <= high, found.corrected - truth])
            means = [np.mean(cells[kind], axis=0) for kind in ("same", "half")]
            lines.append(
                f"| {effect} | {label} | "
                + " | ".join(f"{hit:.3f} | {bias:+.4f}" for hit, bias in means)
                + " |"
            )
    return (
        "## Intervals of nominal 95 % for the population's value of the chosen bins\n\n"
        "500 events, 4,500 non-events; the halves have 250 and 2,250 each.\n\n"
        "| effect | shape | same rows | bias | other half | bias |\n"
        "|---|---|---|---|---|---|\n" + "\n".join(lines) + "\n"
    )


def one_fold(
    chosen: Bins, ones: np.ndarray, zeros: np.ndarray
) -> tuple[float, int, float, float]:
    """Pearson's statistic, its degrees of freedom, value and squared error of a fold."""
    code = np.searchsorted(chosen.cuts, np.arange(19.0), side="left")
    code = np.append(code, len(chosen.cuts))
    events, others = np.bincount(code, ones), np.bincount(code, zeros)
    p, q = events / events.sum(), others / others.sum()
    pooled = (events + others) / (events + others).sum()
    scale = 1 / events.sum() + 1 / others.sum()
    found = information_value(events, others, name="")
    distance = float(pearson_statistic(p, q, pooled)) / scale
    return distance, len(p) - 1, found.corrected, found.se**2


def fold_cell(
    runs: int, seed: list[int], effect: float, trend: str | None, n_folds: int
) -> np.ndarray:
    """Per sample: three p-values, the average value, its error, its two targets."""
    rng = np.random.default_rng(seed)
    pre = Bins.numeric("x", np.arange(19))
    binner = OptimalBinner(max_bins=5, min_bin_size=0.05, monotonic=trend)
    out = []
    for _ in range(runs):
        parts = [
            draw(rng, pre, 500 // n_folds, 4500 // n_folds, effect)
            for _ in range(n_folds)
        ]
        whole = sum(part.rows[1:] for part in parts)
        folds, truth = [], []
        for part in parts:
            rest = whole - part.rows[1:]
            table = CountTable.from_counts(
                [0, *rest[:, 1]], [0, *rest[:, 0]], pre.labels
            )
            bins = binner.fit_counts({"x": pre}, {"x": table}).bins_["x"]
            folds.append(one_fold(bins, part.rows[1:, 1], part.rows[1:, 0]))
            truth.append(true_value(pre, bins, effect))
        distance, df, value, squared = np.array(folds).T
        # One bin has nothing to test.
        p = np.where(df > 0, chi2.sf(distance, np.maximum(df, 1)), 1.0)
        together = chi2.sf(distance.sum(), max(df.sum(), 1))
        error = np.sqrt(squared.sum()) / n_folds
        middle = 2 * np.median(p)
        out.append([together, middle, p[0], value.mean(), error, np.mean(truth)])
    return np.array(out)


def permutation_power(
    runs: int, seed: list[int], effect: float, trend: str | None
) -> float:
    """Rejections at .05 by permutation, bins chosen on all rows."""
    rng = np.random.default_rng(seed)
    pre = Bins.numeric("x", np.arange(19))
    binner = OptimalBinner(max_bins=5, min_bin_size=0.05, monotonic=trend)
    rejected = 0
    for _ in range(runs):
        binner.fit_counts({"x": pre}, {"x": draw(rng, pre, 500, 4500, effect)})
        found = selection_test(binner, n_resamples=39, rng=rng)["x"]
        rejected += found.p_value <= 0.05
    return rejected / runs


FOLDS = [(trend, k) for trend in (None, "ascending") for k in (2, 5)]


def fold_rows(runs: int, number: int) -> tuple[str, list[str]]:
    """Lines of both tables for one shape and number of folds."""
    trend, n_folds = FOLDS[number]
    cells = {
        effect: fold_cell(runs, [1, number, k], effect, trend, n_folds)
        for k, effect in enumerate((0.0, 0.2, 0.5))
    }
    name = f"{trend or 'any'} | {n_folds}"
    tests = [
        f"{rate:.3f}"
        for effect in (0.0, 0.2)
        for rate in (cells[effect][:, :3] <= 0.05).mean(axis=0)
    ]
    tests.append(f"{permutation_power(runs // 4, [2, number], 0.2, trend):.3f}")
    lines = []
    for effect, cell in cells.items():
        value, error, truth = cell[:, 3:].T
        near = [
            np.mean(np.abs(value - target) <= 1.96 * error)
            for target in (truth, truth.mean())
        ]
        lines.append(
            f"| {effect} | {name} | {truth.mean():.4f} | {np.mean(value - truth):+.4f} | "
            f"{value.std():.4f} | {np.sqrt(np.mean(error**2)):.4f} | {near[0]:.3f} | "
            f"{near[1]:.3f} |"
        )
    return f"| {name} | {' | '.join(tests)} |", lines


def folds(runs: int) -> str:
    """Cross-fitting: bins of each fold's complement, measured on the fold, averaged."""
    found = [fold_rows(runs, number) for number in range(len(FOLDS))]
    return (
        "## Folds in place of one split\n\n"
        "Bins chosen on all folds but one and measured on that one, 500 events and 4,500 "
        "non-events in all. Tests at nominal .05: the folds' Pearson statistics added up "
        "as if independent, twice the median of the folds' p-values (valid under any "
        "dependence), and one fold alone; the size without effect, the power at an effect "
        "of 0.2, and there beside them that of the permutation test on all rows (a "
        "quarter of the samples, 39 draws). Two folds, one of them alone, are "
        "`honest=True`.\n\n"
        "| shape | folds | size, sum | size, median | size, one | power, sum | power, "
        "median | power, one | power, permutation |\n|---|---|---|---|---|---|---|---|---"
        "|\n"
        + "\n".join(line for line, _ in found)
        + "\n\nThe average of the folds' bias-corrected values, its error as if the folds "
        "were independent, and normal intervals of nominal 95 % for the average population "
        "value of the bins that were chosen, and for its mean over samples, the value of "
        "bins chosen on that share of the rows.\n\n"
        "| effect | shape | folds | mean target | bias | standard deviation | reported "
        "error | covers the chosen | covers the mean |\n|---|---|---|---|---|---|---|---|"
        "---|\n"
        + "\n".join(line for _, lines in found for line in lines)
        + "\n\nThe bins of a fold are chosen on rows that the other folds measure, so the "
        "folds are not independent: the sum of five rejects too often, what is valid under "
        "any dependence has little power, and intervals of the average are too short where "
        "the effect is small. The permutation test keeps its level and is the most "
        "powerful of all. So `honest` stays one split.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=1_000)
    given = parser.parse_args()
    runs = given.runs // 10 if given.quick else given.runs
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    text = "\n".join(
        [
            HEAD.format(runs=runs, error=np.sqrt(0.05 * 0.95 / runs)),
            sizes(runs, rng),
            coverage(runs, rng),
            folds(runs),
        ]
    )
    if given.quick:
        sys.stdout.write(text)
    else:
        write_text(PAGE, text)


if __name__ == "__main__":
    main()
