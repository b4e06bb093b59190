"""Size of the tests that both classes share one law."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, ndtri

from benchmarks.validation.coverage import draw
from benchmarks.validation.laws import base_shares, jeffreys, shipped
from benchmarks.validation.rivals import Z, pooled_smoothing, standard_errors
from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.counts import CountTable
from infostat.inference import permutation_p_value

DESIGNS = [
    (5, "uniform", 200, 1_800),
    (10, "uniform", 200, 1_800),
    (10, "uniform", 1_000, 9_000),
    (20, "uniform", 1_000, 9_000),
    (20, "skew", 1_000, 9_000),
    (10, "uniform", 50_000, 50_000),
    (10, "skew", 60, 20_000),
    (20, "skew", 40, 400),
]
EXACT = [6, 7]
METHODS = [
    "Pearson (shipped)",
    "J/s (shipped)",
    "Pearson, all bins",
    "J/s, all bins",
    "delta Wald",
    "statistical_iv",
    "fastwoe <= 0.1.8",
    "paper z",
]
DISCRETE = "Few rows in the smaller class: the statistic is discrete."
HEAVY = (
    "Where cells hold five to ten rows the plug-in J has a heavier tail than chi-square; "
    "Pearson's statistic, which `p_value(0)` uses, has not."
)


def count(scale: Scale) -> int:
    return len(scale.some(DESIGNS, (1, 4))) + len(scale.some(EXACT, (1,)))


def run(scale: Scale, tick: Tick) -> Result:
    draws = scale.draws(40_000, 4_000)
    rows = []
    for number, design in enumerate(scale.some(DESIGNS, (1, 4))):
        rows.append(zero_row(design, draws, number))
        tick()
    exact = []
    for number in scale.some(EXACT, (1,)):
        exact.append(exact_row(DESIGNS[number], scale.draws(4_000, 400), number))
        tick()
    return Result(
        title="Tests of no difference (IV = 0, PSI = 0)",
        design=(
            "Both classes from one multinomial. *Shipped* merges sparse bins first; "
            "*all bins* does not. J/s on all bins and the tests of others are over the "
            "draws without a zero cell, and these are read as their users read them: "
            "the 95 % interval excludes zero, or (the paper) J over its error exceeds "
            "the 95 % point of the normal law."
        ),
        tables=[
            Table(
                "zero",
                "Size at nominal 5 %.",
                "size",
                ["bins", "shape", "n1/n0"],
                METHODS,
                METHODS[:2],
                rows,
            ),
            Table(
                "permutation",
                "Size of the permutation test (499 tables a draw) at nominal 5 %.",
                "size",
                ["bins", "shape", "n1/n0"],
                ["permutation"],
                ["permutation"],
                exact,
            ),
        ],
    )


def zero_row(design, draws: int, number: int) -> Row:
    n_bins, shape, n1, n0 = design
    p = base_shares(n_bins, shape)
    events, non_events = draw(p, p, n1, n0, draws, 4, number)
    few = draws if min(n1, n0) * p.min() > 8 else draws // 4
    answer = shipped(events[:few], non_events[:few], p, p)
    scale = 1.0 / n1 + 1.0 / n0
    filled = (events + non_events) > 0
    pooled = np.where(filled, (events + non_events) / (n1 + n0), 1.0)
    pearson = ((events / n1 - non_events / n0) ** 2 / pooled).sum(axis=1) / scale
    whole = np.minimum(events, non_events).min(axis=1) > 0
    smooth = pooled_smoothing(events, non_events)
    plug_in = jeffreys(*smooth)
    errors = standard_errors(*smooth, n1, n0)
    free = n_bins - 1
    # As the specification does, the tests of others are judged without zero cells.
    kept = whole if whole.any() else np.ones(draws, dtype=bool)
    z = {name: (plug_in / error)[kept] for name, error in errors.items()}
    wald = {name: (ratio > Z).mean() for name, ratio in z.items()}
    rates = [
        (answer.p_zero <= 0.05).mean(),
        (answer.p_zero_plug_in <= 0.05).mean(),
        (chdtrc(filled.sum(axis=1) - 1, pearson) <= 0.05).mean(),
        (chdtrc(free, plug_in[whole] / scale) <= 0.05).mean() if whole.any() else 0.0,
        wald["delta"],
        wald["statistical_iv"],
        wald["fastwoe <= 0.1.8"],
        # J / se against the upper tail of the normal law: the paper's equation 21.
        (z["paper"] > ndtri(0.95)).mean(),
    ]
    values = {m: float(r) for m, r in zip(METHODS, rates, strict=True)}
    key = [str(n_bins), shape, f"{n1}/{n0}"]
    used = dict.fromkeys(METHODS[:2], few)
    used |= dict.fromkeys(METHODS[3:], int(kept.sum()))
    return Row(key, values, draws, HEAVY, used)


def exact_row(design, draws: int, number: int) -> Row:
    n_bins, shape, n1, n0 = design
    p = base_shares(n_bins, shape)
    events, non_events = draw(p, p, n1, n0, draws, 5, number)
    rng = np.random.default_rng([20_261_124, 6, number])
    rejected = 0
    for ones, zeros in zip(events, non_events, strict=True):
        table = CountTable.from_counts(ones, zeros)
        rejected += permutation_p_value(table, n_resamples=499, rng=rng) <= 0.05
    key = [str(n_bins), shape, f"{n1}/{n0}"]
    return Row(key, {"permutation": rejected / draws}, draws, DISCRETE)
