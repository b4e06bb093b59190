"""Differences: two features on the same rows, one feature on two samples."""

from __future__ import annotations

import numpy as np
from scipy.stats import multivariate_normal, norm

from benchmarks.validation.laws import JEFFREYS, jeffreys, silent_measure, tilted
from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.counts import CountTable
from infostat.inference import independent_difference, paired_difference
from infostat.inference.delta import share_moments

N1, N0, BINS = 500, 4_500, 5
PAIRS = [
    (0.0, 0.0, 0.0),
    (0.8, 0.0, 0.0),
    (0.0, 0.5, 0.5),
    (0.5, 0.4, 0.2),
    (0.8, 0.5, 0.5),
    (0.8, 0.7, 0.6),
    (0.95, 0.7, 0.7),
]
SAMPLES = [
    (0.0, 0.0, 1_000, 9_000, 500, 4_500),
    (0.02, 0.02, 1_000, 9_000, 1_000, 9_000),
    (0.1, 0.0, 1_000, 9_000, 500, 4_500),
    (0.3, 0.2, 1_000, 9_000, 500, 4_500),
    (1.0, 1.0, 500, 4_500, 500, 4_500),
]
WIDE = (
    "Both features are at or near J = 0, where the normal law with the second-order "
    "error is conservative."
)
MOVER = (
    "Near J = 0 each interval stops at zero, and MOVER inherits one-sided coverage of "
    "about .975 from each."
)


def count(scale: Scale) -> int:
    return len(scale.some(PAIRS, (2, 5))) + len(scale.some(SAMPLES, (1, 3)))


def run(scale: Scale, tick: Tick) -> Result:
    paired, widths, apart = [], [], []
    for number, pair in enumerate(scale.some(PAIRS, (2, 5))):
        row, width = paired_rows(pair, scale.draws(5_000, 500), number)
        paired.append(row)
        widths.append(width)
        tick()
    for number, design in enumerate(scale.some(SAMPLES, (1, 3))):
        apart.append(independent_row(design, scale.draws(4_000, 250), number))
        tick()
    keys = ["correlation", "shift 1", "shift 2"]
    methods = ["paired (shipped)", "paired, plug-in V", "as if independent"]
    return Result(
        title="Differences",
        design=(
            f"Paired: two features cut at the quintiles of a bivariate normal law; the "
            f"events ({N1}, against {N0} non-events) are shifted by so many standard "
            f"deviations. Independent: two samples of a feature of 10 uniform bins."
        ),
        tables=[
            Table(
                "paired",
                "Coverage of the nominal 95 % interval for the difference of two IVs "
                "on the same rows.",
                "coverage",
                keys,
                methods,
                methods[:1],
                paired,
            ),
            Table(
                "paired_sd",
                "Their standard deviation against the root mean square error given.",
                "number",
                keys,
                ["Monte Carlo", *methods],
                [],
                widths,
                digits=4,
            ),
            Table(
                "mover",
                "Coverage of the nominal 95 % interval for the difference of IVs on "
                "two samples.",
                "coverage",
                ["J 1", "J 2", "n1/n0, first", "n1/n0, second"],
                ["MOVER (shipped)", "Wald"],
                ["MOVER (shipped)"],
                apart,
            ),
        ],
    )


def joint_shares(correlation: float, shift_1: float, shift_2: float):
    """Joint bin shares of a bivariate normal, bins at the standard quintiles."""
    edges = norm.ppf(np.arange(BINS + 1) / BINS)
    edges[[0, -1]] = -9.0, 9.0
    law = multivariate_normal(
        [shift_1, shift_2], [[1.0, correlation], [correlation, 1.0]]
    )
    grid = np.stack(np.meshgrid(edges, edges, indexing="ij"), axis=-1)
    corner = law.cdf(grid)
    share = np.maximum(np.diff(np.diff(corner, axis=0), axis=1), 0.0)
    return share / share.sum()


def paired_rows(pair, draws: int, number: int) -> tuple[Row, Row]:
    p, q = joint_shares(*pair), joint_shares(pair[0], 0.0, 0.0)
    truth = float(
        jeffreys(p.sum(axis=1), q.sum(axis=1)) - jeffreys(p.sum(axis=0), q.sum(axis=0))
    )
    rng = np.random.default_rng([20_261_124, 9, number])
    ones = rng.multinomial(N1, p.ravel(), draws).reshape(draws, BINS, BINS)
    zeros = rng.multinomial(N0, q.ravel(), draws).reshape(draws, BINS, BINS)
    value, errors = np.empty(draws), np.empty((3, draws))
    for k in range(draws):
        estimate = paired_difference(ones[k], zeros[k])
        value[k], errors[0, k] = estimate.value, estimate.se
    errors[1] = np.sqrt(paired_plug_in(ones, zeros))
    apart = 0.0
    for axis in (1, 2):
        a, b = ones.sum(axis=axis) / N1, zeros.sum(axis=axis) / N0
        apart = apart + share_moments(a, b, a / N1, b / N0, JEFFREYS).variance
    errors[2] = np.sqrt(apart)
    names = ["paired (shipped)", "paired, plug-in V", "as if independent"]
    hit = np.abs(value - truth) <= 1.959964 * errors
    root = np.sqrt((errors**2).mean(axis=1))
    key = [f"{x:g}" for x in pair]
    rates = {n: float(r) for n, r in zip(names, hit.mean(axis=1), strict=True)}
    widths = {n: float(r) for n, r in zip(names, root, strict=True)}
    widths["Monte Carlo"] = float(value.std())
    return Row(key, rates, draws, WIDE), Row(key, widths, draws)


def paired_plug_in(ones, zeros):
    """First-order variance of the difference without the near-null correction."""
    shares = [zeros / N0, ones / N1]
    slope = []
    for axis in (2, 1):
        q, p = (s.sum(axis=axis) for s in shares)
        slope.append((-np.log(p / q) + 1 - p / q, np.log(p / q) + 1 - q / p))
    total = 0.0
    for k, n in ((0, N0), (1, N1)):
        score = slope[0][k][:, :, None] - slope[1][k][:, None, :]
        mean = (shares[k] * score).sum(axis=(1, 2), keepdims=True)
        total = total + (shares[k] * (score - mean) ** 2).sum(axis=(1, 2)) / n
    return total


def independent_row(design, draws: int, number: int) -> Row:
    value_1, value_2, *sizes = design
    rng = np.random.default_rng([20_261_124, 10, number])
    laws = [tilted(10, "uniform", v) for v in (value_1, value_2)]
    hit = np.zeros(2)
    for _ in range(draws):
        pair = []
        for (p, q), n1, n0 in zip(laws, sizes[::2], sizes[1::2], strict=True):
            table = CountTable.from_counts(
                rng.multinomial(n1, p), rng.multinomial(n0, q)
            )
            pair.append(silent_measure(table))
        low, high = independent_difference(*pair).interval()
        hit[0] += low <= value_1 - value_2 <= high
        reach = 1.959964 * np.hypot(*(np.sqrt(e.variance) for e in pair))
        hit[1] += (
            abs(pair[0].corrected - pair[1].corrected - value_1 + value_2) <= reach
        )
    key = [f"{value_1:g}", f"{value_2:g}"]
    key += [f"{sizes[0]}/{sizes[1]}", f"{sizes[2]}/{sizes[3]}"]
    rates = {"MOVER (shipped)": float(hit[0] / draws), "Wald": float(hit[1] / draws)}
    return Row(key, rates, draws, MOVER)
