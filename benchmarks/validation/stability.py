"""PSI: a sampled reference, its quantiles as bins, and a reference wrongly held fixed."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from benchmarks.validation.laws import base_shares, jeffreys
from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.binning import Bins
from infostat.binning.quantile import quantile_cuts
from infostat.evidence import population_stability_index

DESIGNS = [
    (10, 2_000, 2_000, 0.0),
    (10, 1_000, 10_000, 0.0),
    (20, 20_000, 2_000, 0.0),
    (10, 2_000, 2_000, 0.2),
    (10, 5_000, 1_000, 0.5),
]
SIZES = ["sampled (shipped)", "J/s, sampled (shipped)", "wrongly fixed"]


def count(scale: Scale) -> int:
    return len(scale.some(DESIGNS, (0, 3))) + 1


def run(scale: Scale, tick: Tick) -> Result:
    sizes, coverages = [], []
    for number, design in enumerate(scale.some(DESIGNS, (0, 3))):
        row = quantile_row(design, scale.draws(10_000, 400), number)
        (sizes if design[3] == 0 else coverages).append(row)
        tick()
    fixed = fixed_row(scale.draws(20_000, 800))
    tick()
    keys = ["bins", "reference rows", "current rows"]
    return Result(
        title="Population stability",
        design=(
            "Reference and current sample are normal, the current one shifted by so "
            "many standard deviations; the bins are the quantiles of the reference "
            "sample, cut and counted by the package."
        ),
        tables=[
            Table(
                "psi_size",
                "Size of the test of no shift, nominal 5 %. A development sample taken "
                'for a law without error (`reference="fixed"`) rejects far too often.',
                "size",
                keys,
                SIZES,
                SIZES[:2],
                sizes,
            ),
            Table(
                "psi_coverage",
                "Coverage of the nominal 95 % interval of the PSI at the cuts drawn.",
                "coverage",
                [*keys, "shift"],
                ["sampled (shipped)", "wrongly fixed"],
                ["sampled (shipped)"],
                coverages,
            ),
            Table(
                "psi_fixed",
                "Size where the reference is truly known (10 skew bins, 1,000 rows).",
                "size",
                ["test"],
                ["fixed (shipped)"],
                ["fixed (shipped)"],
                fixed,
            ),
        ],
    )


def quantile_row(design, draws: int, number: int) -> Row:
    n_bins, n_reference, n_current, shift = design
    rng = np.random.default_rng([20_261_124, 13, number])
    hits = np.zeros(3 if shift == 0 else 2)
    zeros = np.zeros(n_reference, dtype=np.uint8)
    ones = np.zeros(n_current, dtype=np.uint8)
    for _ in range(draws):
        reference = rng.normal(size=n_reference)
        cuts = quantile_cuts(reference, n_bins)
        bins = Bins.numeric("score", cuts)
        current = rng.normal(shift, size=n_current)
        expected = bins.count(reference, zeros).non_events[bins.first :]
        actual = bins.count(current, ones).non_events[bins.first :]
        sampled = population_stability_index(expected, actual, name="")
        fixed = population_stability_index(expected, actual, reference="fixed", name="")
        if shift == 0:
            tails = (sampled.p_zero, sampled.p_zero_plug_in, fixed.p_zero)
            hits += np.array(tails) <= 0.05
            continue
        edges = np.concatenate([[-np.inf], cuts, [np.inf]])
        truth = jeffreys(np.diff(norm.cdf(edges - shift)), np.diff(norm.cdf(edges)))
        for k, estimate in enumerate((sampled, fixed)):
            low, high = estimate.interval()
            hits[k] += low <= truth <= high
    names = SIZES if shift == 0 else ["sampled (shipped)", "wrongly fixed"]
    rates = {n: float(h / draws) for n, h in zip(names, hits, strict=True)}
    key = [str(n_bins), str(n_reference), str(n_current)]
    return Row(key if shift == 0 else [*key, f"{shift:g}"], rates, draws)


def fixed_row(draws: int) -> list[Row]:
    rng = np.random.default_rng([20_261_124, 14])
    shares = base_shares(10, "skew")
    hits = np.zeros(2)
    for actual in rng.multinomial(1_000, shares, draws):
        estimate = population_stability_index(
            shares * 1e6, actual, reference="fixed", name=""
        )
        hits += np.array([estimate.p_zero, estimate.p_zero_plug_in]) <= 0.05
    reason = "The plug-in J is a little heavier in the tail than chi-square here."
    names = ["Pearson", "J/s"]
    return [
        Row([name], {"fixed (shipped)": float(h / draws)}, draws, reason)
        for name, h in zip(names, hits, strict=True)
    ]
