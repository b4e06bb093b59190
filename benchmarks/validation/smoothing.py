"""Zero cells: where the added mass should go."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from benchmarks.validation.coverage import draw
from benchmarks.validation.laws import base_shares, jeffreys, shipped
from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.counts import CountTable
from infostat.evidence import smooth_shares

DESIGNS = [(10, "skew", 60, 20_000), (20, "skew", 100, 20_000)]
METHODS = [
    "merged (shipped)",
    "pooled (shipped for WoE)",
    "pooled, always",
    "pooled, mass 1",
    "uniform 1/2",
]
MERGED = (
    "Few rows in the smaller class: J/s is discrete and a little heavy in the tail."
)


def count(scale: Scale) -> int:
    return len(scale.some(DESIGNS, (0,)))


def run(scale: Scale, tick: Tick) -> Result:
    rows = []
    for number, design in enumerate(scale.some(DESIGNS, (0,))):
        rows.append(smoothing_row(design, scale.draws(20_000, 1_500), number))
        tick()
    return Result(
        title="Zero cells",
        design=(
            "Both classes from one multinomial, most draws with a zero cell; J of the "
            "smoothed shares over s against chi-square. Inference in the package merges "
            "such bins instead; smoothing by half a row a bin, spread like the pooled "
            "shares, is what the weights of evidence use where a cell is zero; *always* "
            "adds it to every draw. *uniform* adds half a row to every cell."
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
            )
        ],
    )


def smoothing_row(design, draws: int, number: int) -> Row:
    n_bins, shape, n1, n0 = design
    p = base_shares(n_bins, shape)
    events, non_events = draw(p, p, n1, n0, draws, 15, number)
    scale = 1.0 / n1 + 1.0 / n0
    answer = shipped(events, non_events, p, p)
    statistic, filled = np.empty((4, draws)), np.empty(draws)
    for k in range(draws):
        table = CountTable.from_counts(events[k], non_events[k])
        auto = smooth_shares(table, "auto")
        one = smooth_shares(table, 0.0 if auto.mass == 0 else 1.0)
        filled[k] = auto.filled.sum()
        cell = 0.5 if auto.mass else 0.0
        a = events[k][auto.filled] + cell
        b = non_events[k][auto.filled] + cell
        statistic[0, k] = jeffreys(auto.p, auto.q)
        always = smooth_shares(table, filled[k] / 2.0)
        statistic[1, k] = jeffreys(always.p, always.q)
        statistic[2, k] = jeffreys(one.p, one.q)
        statistic[3, k] = jeffreys(a / a.sum(), b / b.sum())
    rejected = (chdtrc(filled - 1, statistic / scale) <= 0.05).mean(axis=1)
    rates = {METHODS[0]: float((answer.p_zero_plug_in <= 0.05).mean())}
    rates |= {m: float(r) for m, r in zip(METHODS[1:], rejected, strict=True)}
    return Row([str(n_bins), shape, f"{n1}/{n0}"], rates, draws, MERGED)
