"""Coverage of the matched interval beside those of others."""

from __future__ import annotations

import numpy as np

from benchmarks.validation.laws import jeffreys, shipped, tilted
from benchmarks.validation.rivals import (
    pooled_smoothing,
    standard_errors,
    wald_covers,
)
from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.divergences import get_divergence
from infostat.inference.delta import share_moments

DESIGNS = [
    (5, "uniform", 100, 900),
    (5, "skew", 300, 2_700),
    (10, "uniform", 200, 1_800),
    (10, "uniform", 1_000, 9_000),
    (10, "skew", 1_000, 9_000),
    (20, "uniform", 1_000, 9_000),
    (20, "skew", 1_000, 9_000),
    (20, "uniform", 3_000, 3_000),
    (20, "skew", 3_000, 30_000),
]
VALUES = [0.0, 0.005, 0.02, 0.05, 0.1, 0.3, 1.0]
METHODS = ["matched (shipped)", "delta Wald", "fastwoe <= 0.1.8", "paper"]
DEVIATIONS = [
    (10, "uniform", 2_000, 18_000, 0.1),
    (10, "skew", 2_000, 18_000, 0.3),
    (5, "uniform", 1_000, 9_000, 1.0),
    (10, "uniform", 2_000, 18_000, 0.02),
    (10, "skew", 2_000, 18_000, 0.005),
]
ZERO = (
    "At J = 0 a two-sided interval can miss on one side only (its lower limit above "
    "zero), so about .975 is what the method aims at there."
)
SPARSE = (
    "Small class: the law is matched to two moments, and the smallest cells hold only a "
    "few rows."
)


def cells(scale: Scale):
    designs = scale.some(DESIGNS, (0, 3))
    values = scale.some(VALUES, (0, 2, 4, 6))
    return [(design, value) for design in designs for value in values]


def count(scale: Scale) -> int:
    return len(cells(scale)) + len(scale.some(DEVIATIONS, (0, 3)))


def run(scale: Scale, tick: Tick) -> Result:
    draws = scale.draws(4_000, 2_000)
    rows = []
    for number, (design, value) in enumerate(cells(scale)):
        rows.append(coverage_row(design, value, draws, number))
        tick()
    errors = []
    for number, design in enumerate(scale.some(DEVIATIONS, (0, 3))):
        errors.append(deviation_row(design, scale.draws(100_000, 20_000), number))
        tick()
    return Result(
        title="Intervals of IV and PSI",
        design=(
            "Two multinomials tilted apart symmetrically until their Jeffreys "
            "divergence is J; shape *skew* lets the shares fall by a quarter from bin "
            "to bin (by 15 % beyond ten bins). Every draw gets the shipped answer: "
            "draws with a bin below five expected rows, or without a class, through "
            "`measure()` with its merging (target: the divergence of the merged "
            "bins), the others through one "
            "broadcast call of the same functions. The rivals keep all bins."
        ),
        tables=[
            Table(
                "coverage",
                "Coverage of the nominal 95 % interval.",
                "coverage",
                ["bins", "shape", "n1/n0", "J"],
                METHODS,
                METHODS[:1],
                rows,
            ),
            Table(
                "deviation",
                "Standard deviation of the plug-in J against the formulas at the true "
                "shares; V1 is the first order, V2 the second.",
                "number",
                ["bins", "shape", "n1/n0", "J"],
                ["Monte Carlo", "V1", "V1 + V2", "fastwoe <= 0.1.8", "paper"],
                [],
                errors,
                digits=5,
            ),
        ],
    )


def draw(p, q, n1: int, n0: int, draws: int, *seed: int):
    rng = np.random.default_rng([20_261_124, *seed])
    return rng.multinomial(n1, p, draws), rng.multinomial(n0, q, draws)


def coverage_row(design, value: float, draws: int, number: int) -> Row:
    n_bins, shape, n1, n0 = design
    p, q = tilted(n_bins, shape, value)
    events, non_events = draw(p, q, n1, n0, draws, 1, number)
    answer = shipped(events, non_events, p, q)
    smooth = pooled_smoothing(events, non_events)
    plug_in = jeffreys(*smooth)
    errors = standard_errors(*smooth, n1, n0)
    rates = {METHODS[0]: float(answer.covers().mean())}
    for method, name in zip(METHODS[1:], ("delta", *METHODS[2:]), strict=True):
        rates[method] = float(wald_covers(plug_in, errors[name], value).mean())
    key = [str(n_bins), shape, f"{n1}/{n0}", f"{value:g}"]
    return Row(key, rates, draws, ZERO if value == 0 else SPARSE)


def deviation_row(design, draws: int, number: int) -> Row:
    n_bins, shape, n1, n0, value = design
    p, q = tilted(n_bins, shape, value)
    events, non_events = draw(p, q, n1, n0, draws, 2, number)
    plug_in = jeffreys(*pooled_smoothing(events, non_events))
    errors = standard_errors(p, q, n1, n0)
    first = share_moments(p, q, p / n1, q / n0, get_divergence("jeffreys")).variance
    second = 2.0 * (n_bins - 1) * (1.0 / n1 + 1.0 / n0) ** 2
    values = {
        "Monte Carlo": float(plug_in.std()),
        "V1": float(np.sqrt(first)),
        "V1 + V2": float(np.sqrt(first + second)),
        "fastwoe <= 0.1.8": float(errors["fastwoe <= 0.1.8"]),
        "paper": float(errors["paper"]),
    }
    return Row([str(n_bins), shape, f"{n1}/{n0}", f"{value:g}"], values, draws)
