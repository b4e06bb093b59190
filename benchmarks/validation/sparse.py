"""Sparse tables: coverage and certificates with the two guards, measure() draw by draw."""

from __future__ import annotations

import numpy as np
from scipy.special import chndtr

from benchmarks.validation.coverage import ZERO, draw
from benchmarks.validation.laws import plain_moments, shipped, tilted
from benchmarks.validation.rivals import pooled_smoothing
from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.inference import matched

DESIGNS = [
    (2, "uniform", 10, 10),
    (5, "uniform", 20, 20),
    (10, "uniform", 60, 60),
    (30, "uniform", 60, 60),
    (10, "skew", 60, 600),
    (20, "skew", 100, 20_000),
    (30, "skew", 3_000, 30_000),
]
VALUES = [0.0, 0.05, 0.5]
CAUTIOUS = (
    "Few rows: the interval is wide and conservative by intent (the upper limit never "
    "rests on a plug-in below the median of the null law)."
)
MISSING = (
    "Small class: at J = 0 or near it a two-sided interval misses on one side only."
)


def cells(scale: Scale):
    designs = scale.some(DESIGNS, (3, 4))
    return [(d, v) for d in designs for v in scale.some(VALUES, (1, 2))]


def count(scale: Scale) -> int:
    return len(cells(scale))


def run(scale: Scale, tick: Tick) -> Result:
    draws = scale.draws(4_000, 500)
    rows, tests = [], []
    for number, (design, value) in enumerate(cells(scale)):
        row, test = sparse_rows(design, value, draws, number)
        rows.append(row)
        if test is not None:
            tests.append(test)
        tick()
    keys = ["bins", "shape", "n1/n0", "J"]
    return Result(
        title="Sparse tables",
        design=(
            "As above, with expected counts far below five. `measure()` itself is "
            "called for every draw; its target is the divergence of the bins it kept. "
            "*Without guards* is the matched law on all bins after pooled smoothing, "
            "without the floor of upper limits, against the divergence of all bins."
        ),
        tables=[
            Table(
                "sparse",
                "Coverage of the nominal 95 % interval.",
                "coverage",
                keys,
                ["measure()", "without guards", "bins kept (mean)"],
                ["measure()"],
                rows,
            ),
            Table(
                "certificate",
                "Size of the test of J >= J0 at its boundary, nominal at most 5 %: "
                "here small is safe, so that no band is judged.",
                "number",
                keys,
                ["measure()", "without guards"],
                [],
                tests,
            ),
        ],
    )


def sparse_rows(design, value: float, draws: int, number: int):
    n_bins, shape, n1, n0 = design
    p, q = tilted(n_bins, shape, value)
    events, non_events = draw(p, q, n1, n0, draws, 3, number)
    answer = shipped(events, non_events, p, q, one_by_one=True)
    smooth_p, smooth_q = pooled_smoothing(events, non_events)
    moments = plain_moments(smooth_p * n1, smooth_q * n0)
    law = matched.matched_law(
        moments.plug_in, moments.variance, moments.bias, 1.0 / n1 + 1.0 / n0
    )
    # The distribution function at the truth says the same as an unguarded interval.
    tail = chndtr(moments.plug_in / law[0], law[1], value / law[0])
    key = [str(n_bins), shape, f"{n1}/{n0}", f"{value:g}"]
    covered = answer.covers()
    rates = {
        "measure()": float(covered.mean()),
        "without guards": float(((tail > 0.025) & (tail < 0.975)).mean()),
        "bins kept (mean)": float(answer.n_bins.mean()),
    }
    reason = CAUTIOUS if covered.mean() > 0.95 else MISSING
    if value == 0:
        reason = ZERO if n1 > 50 else f"{ZERO} So few rows are discrete besides."
    row = Row(key, rates, draws, reason)
    if value == 0:
        return row, None
    several = answer.n_bins > 1
    certified = np.ones(draws, dtype=bool)
    certified[several] = (
        matched.p_at_least(
            *(x[several] for x in (answer.plug_in, answer.scale, answer.df)),
            answer.target[several],
        )
        <= 0.05
    )
    # One bin is left: its divergence is zero, which is below no positive target.
    certified[~several] = False
    sizes = {
        "measure()": float(certified.mean()),
        "without guards": float((tail <= 0.05).mean()),
    }
    return row, Row(key, sizes, draws)
