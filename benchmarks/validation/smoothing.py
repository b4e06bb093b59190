"""Zero cells: where the added rows should go, and what a rare bin's evidence is worth."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, expit

from benchmarks.validation.coverage import draw
from benchmarks.validation.laws import base_shares, jeffreys, shipped
from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.counts import CountTable
from infostat.evidence import smooth_shares, weight_of_evidence

DESIGNS = [(10, "skew", 60, 20_000), (20, "skew", 100, 20_000)]
METHODS = [
    "merged (shipped)",
    "rarer row (shipped for WoE)",
    "pooled",
    "pooled, always",
    "pooled, mass 1",
    "uniform 1/2",
]
RARE = [
    (1_000, 9_000, 3, 0.5),
    (1_000, 9_000, 3, 1.0),
    (1_000, 9_000, 30, 0.5),
    (1_000, 9_000, 30, 1.0),
    (100, 2_000, 10, 1.0),
    (100, 2_000, 10, 1.5),
    (5_000, 5_000, 3, 1.0),
]
WIDE = "The added row pulls too much where evidence spreads this far."
SURE = "Evidence spreads less than the added row allows for."
MERGED = (
    "Few rows in the smaller class: J/s is discrete and a little heavy in the tail."
)


def count(scale: Scale) -> int:
    return len(scale.some(DESIGNS, (0,))) + len(scale.some(RARE, (1,)))


def run(scale: Scale, tick: Tick) -> Result:
    rows = []
    for number, design in enumerate(scale.some(DESIGNS, (0,))):
        rows.append(smoothing_row(design, scale.draws(20_000, 1_500), number))
        tick()
    rare = []
    for number, design in enumerate(scale.some(RARE, (1,))):
        rare.append(rare_rows(design, scale.draws(20_000, 2_000), number))
        tick()
    return Result(
        title="Zero cells",
        design=(
            "Both classes from one multinomial, most draws with a zero cell; J of the "
            "smoothed shares over s against chi-square. Inference in the package merges "
            "such bins instead. The weights of evidence add a row of the rarer class, "
            "and its like of the other, to each bin that lacks a class; *pooled* adds "
            "half a row a bin to each class, spread like the pooled shares, *always* in "
            "every draw; *uniform* adds half a row to every cell. Then one bin of a few "
            "rows beside a bin with all others, its true weight of evidence normal about "
            "zero: error of the estimate, and coverage of value +- 1.96 errors, over the "
            "draws in which the bin lacks a class."
        ),
        tables=[
            Table(
                "smoothing",
                "Size of the test J/s at nominal 5 %.",
                "size",
                ["bins", "shape", "n1/n0"],
                METHODS,
                METHODS[:1],
                rows,
            ),
            Table(
                "rare_coverage",
                "Coverage of the evidence of a bin that lacks a class.",
                "coverage",
                ["n1/n0", "rows of the bin", "sd of evidence"],
                ["rarer row (shipped)"],
                ["rarer row (shipped)"],
                [covered for covered, _ in rare],
            ),
            Table(
                "rare_error",
                "Root mean square error of the same.",
                "number",
                ["n1/n0", "rows of the bin", "sd of evidence"],
                ["rarer row (shipped)", "pooled", "no evidence"],
                [],
                [error for _, error in rare],
                digits=2,
            ),
        ],
    )


def rare_rows(design, draws: int, number: int) -> tuple[Row, Row]:
    """Coverage and error of one design."""
    n1, n0, size, spread = design
    rng = np.random.default_rng([16, number])
    truth = rng.normal(0.0, spread, draws)
    events = rng.binomial(size, expit(np.log(n1 / n0) + truth))
    lacking = (events == 0) | (events == size)
    value, error, pooled = np.empty((3, draws))
    for k in np.flatnonzero(lacking):
        table = CountTable.from_counts([events[k], n1], [size - events[k], n0])
        found = weight_of_evidence(table, sign="bad_over_good")
        value[k], error[k] = found.value[0], found.se[0]
        pooled[k] = weight_of_evidence(
            table, sign="bad_over_good", smoothing=1.0
        ).value[0]
    truth, value, pooled = truth[lacking], value[lacking], pooled[lacking]
    inside = np.abs(value - truth) <= 1.96 * error[lacking]
    key = [f"{n1}/{n0}", str(size), str(spread)]
    covered = {"rarer row (shipped)": float(inside.mean())}
    loss = {
        name: float(np.sqrt(np.mean((found - truth) ** 2)))
        for name, found in zip(
            ("rarer row (shipped)", "pooled", "no evidence"),
            (value, pooled, 0.0),
            strict=True,
        )
    }
    reason = WIDE if covered["rarer row (shipped)"] < 0.95 else SURE
    return Row(key, covered, len(truth), reason), Row(key, loss, len(truth))


def smoothing_row(design, draws: int, number: int) -> Row:
    n_bins, shape, n1, n0 = design
    p = base_shares(n_bins, shape)
    events, non_events = draw(p, p, n1, n0, draws, 15, number)
    scale = 1.0 / n1 + 1.0 / n0
    answer = shipped(events, non_events, p, p)
    statistic, filled = np.empty((5, draws)), np.empty(draws)
    for k in range(draws):
        table = CountTable.from_counts(events[k], non_events[k])
        auto = smooth_shares(table, "auto")
        lacks = bool(auto.smoothed.any())
        filled[k] = auto.filled.sum()
        half = filled[k] / 2.0
        cell = 0.5 if lacks else 0.0
        a = events[k][auto.filled] + cell
        b = non_events[k][auto.filled] + cell
        statistic[0, k] = jeffreys(auto.p, auto.q)
        for row, mass in enumerate((half * lacks, half, 1.0 * lacks), start=1):
            pooled = smooth_shares(table, mass)
            statistic[row, k] = jeffreys(pooled.p, pooled.q)
        statistic[4, k] = jeffreys(a / a.sum(), b / b.sum())
    rejected = (chdtrc(filled - 1, statistic / scale) <= 0.05).mean(axis=1)
    rates = {METHODS[0]: float((answer.p_zero_plug_in <= 0.05).mean())}
    rates |= {m: float(r) for m, r in zip(METHODS[1:], rejected, strict=True)}
    return Row([str(n_bins), shape, f"{n1}/{n0}"], rates, draws, MERGED)
