"""Sampling weights and clusters."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, expit, logit
from scipy.stats import beta

from benchmarks.validation.laws import base_shares, jeffreys, silent_measure, tilted
from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.counts import tabulate_clusters
from infostat.counts.array_engine import count_codes

N1, N0, BINS = 500, 4_500, 8
LABELS = tuple(str(k + 1) for k in range(BINS))
WEIGHTS = [
    ("equal", 0.0),
    ("lognormal, any bin", 0.0),
    ("lognormal, any bin", 0.1),
    ("lognormal, heavier with the bin", 0.0),
    ("lognormal, heavier with the bin", 0.1),
]
TESTS = ["unweighted scale", "Kish", "Rao-Scott 1", "Rao-Scott 2 (shipped)", "Pearson"]
RISK = (0.3, 1.2)
"""Beta law of a customer's risk: most hardly ever fail, some nearly always."""
CLUSTERS = [(0.0, 0.0), (0.9, 0.0), (0.9, 0.6)]
HEAVY = (
    "Lognormal weights leave a fraction of the rows as effective ones, and the second "
    "Rao-Scott moment, itself estimated from them, errs to the cautious side."
)
CORRELATED = "The plug-in cluster variance is itself estimated from the customers."


def count(scale: Scale) -> int:
    return len(scale.some(WEIGHTS, (1, 2))) + len(scale.some(CLUSTERS, (1, 2)))


def run(scale: Scale, tick: Tick) -> Result:
    sizes, coverages, clusters = [], [], []
    for number, (kind, value) in enumerate(scale.some(WEIGHTS, (1, 2))):
        row = weighted_row(kind, value, scale.draws(10_000, 400), number)
        (sizes if value == 0 else coverages).append(row)
        tick()
    for number, design in enumerate(scale.some(CLUSTERS, (1, 2))):
        clusters.append(cluster_rows(*design, scale.draws(4_000, 400), number))
        tick()
    keys = ["weights", "J"]
    return Result(
        title="Sampling weights and clusters",
        design=(
            f"Weights: {BINS} uniform bins, {N1} events and {N0} non-events, lognormal "
            "weights (sigma 0.8), in one design with a mean that doubles from the "
            "first bin to the last; J is the divergence of the weighted shares. "
            "Clusters: 1,500 customers with one to four rows each; a row repeats its "
            "customer's bin with the given probability, and a customer has a risk of "
            "its own, so that both classes occur within one customer."
        ),
        tables=[
            Table(
                "weighted_size",
                "Size of the test of no difference, nominal 5 %.",
                "size",
                keys,
                TESTS,
                ["Rao-Scott 2 (shipped)", "Pearson"],
                sizes,
            ),
            Table(
                "weighted_coverage",
                "Coverage of the nominal 95 % interval.",
                "coverage",
                keys,
                ["sampling weights (shipped)", "taken for row counts"],
                ["sampling weights (shipped)"],
                coverages,
            ),
            Table(
                "cluster_sd",
                "Standard deviation of J against the root mean square of its errors.",
                "number",
                ["repeats", "effect"],
                ["Monte Carlo", "clusters (shipped)", "rows as independent"],
                [],
                [pair[0] for pair in clusters],
                digits=4,
            ),
            Table(
                "cluster_coverage",
                "Coverage of the nominal 95 % interval.",
                "coverage",
                ["repeats", "effect"],
                ["clusters (shipped)", "rows as independent"],
                ["clusters (shipped)"],
                [pair[1] for pair in clusters],
            ),
            Table(
                "cluster_size",
                "Size of the test of no difference, nominal 5 %.",
                "size",
                ["repeats", "effect"],
                ["clusters (shipped)", "rows as independent"],
                ["clusters (shipped)"],
                [pair[2] for pair in clusters if pair[2] is not None],
            ),
        ],
    )


def weighted_row(kind: str, value: float, draws: int, number: int) -> Row:
    rng = np.random.default_rng([20_261_124, 11, number])
    p, q = tilted(BINS, "uniform", value)
    level = np.ones(BINS)
    if "heavier" in kind:
        level = np.linspace(1.0, 2.0, BINS)
    heavy = [share * level / (share * level).sum() for share in (p, q)]
    truth = jeffreys(*heavy)
    classes = np.repeat([1, 0], [N1, N0]).astype(np.uint8)
    hits = np.zeros(len(TESTS) if value == 0 else 2)
    for _ in range(draws):
        codes = np.concatenate(
            [rng.choice(BINS, N1, p=p), rng.choice(BINS, N0, p=q)]
        ).astype(np.uint8)
        weight = level[codes]
        if kind != "equal":
            weight = weight * rng.lognormal(0.0, 0.8, codes.size)
        table = count_codes(codes, classes, LABELS, weight=weight)
        estimate = silent_measure(table, weight_type="sampling")
        if value == 0:
            hits += weighted_tests(table, estimate)
            continue
        naive = silent_measure(count_codes(codes, classes, LABELS, weight=weight))
        for k, one in enumerate((estimate, naive)):
            low, high = one.interval()
            hits[k] += low <= truth <= high
    names = (
        TESTS if value == 0 else ["sampling weights (shipped)", "taken for row counts"]
    )
    rates = {n: float(h / draws) for n, h in zip(names, hits, strict=True)}
    return Row([kind, f"{value:g}"], rates, draws, HEAVY)


def weighted_tests(table, estimate):
    """Whether each test rejects."""
    free = estimate.n_bins - 1
    kish = float((table.squared.sum(axis=0) / table.totals**2).sum())
    scales = (1.0 / N1 + 1.0 / N0, kish, estimate.null_scale)
    tails = [chdtrc(free, estimate.plug_in / scale) for scale in scales]
    return np.array([*tails, estimate.p_zero_plug_in, estimate.p_zero]) <= 0.05


def cluster_truth(effect: float):
    """True divergence; the customers' risk is averaged over its quantiles."""
    risk = beta(*RISK).ppf((np.arange(200_000) + 0.5) / 200_000)
    score = np.linspace(-1.0, 1.0, BINS)
    rate = expit(logit(risk) + effect * score[:, None]).mean(axis=1)
    share = base_shares(BINS, "uniform")
    events, others = share * rate, share * (1.0 - rate)
    return jeffreys(events / events.sum(), others / others.sum())


def cluster_rows(repeats: float, effect: float, draws: int, number: int):
    rng = np.random.default_rng([20_261_124, 12, number])
    truth, score = cluster_truth(effect), np.linspace(-1.0, 1.0, BINS)
    figures = np.empty((draws, 2, 3))
    hits = np.zeros((2, 2))
    for k in range(draws):
        owner = np.repeat(np.arange(1_500), rng.integers(1, 5, 1_500))
        own_bin = rng.integers(0, BINS, 1_500)[owner]
        fresh = rng.integers(0, BINS, owner.size)
        codes = np.where(rng.random(owner.size) < repeats, own_bin, fresh)
        risk = rng.beta(*RISK, 1_500)[owner]
        chance = expit(logit(risk) + effect * score[codes])
        classes = (rng.random(owner.size) < chance).astype(np.uint8)
        clustered = tabulate_clusters(codes, classes, owner, LABELS)
        for m, counts in enumerate((clustered, clustered.table)):
            estimate = silent_measure(counts)
            low, high = estimate.interval()
            hits[0, m] += low <= truth <= high
            hits[1, m] += estimate.p_zero <= 0.05
            figures[k, m, :2] = estimate.plug_in, estimate.se
    names = ["clusters (shipped)", "rows as independent"]
    key = [f"{repeats:g}", f"{effect:g}"]
    root = np.sqrt((figures[:, :, 1] ** 2).mean(axis=0))
    errors = {n: float(r) for n, r in zip(names, root, strict=True)}
    errors["Monte Carlo"] = float(figures[:, 0, 0].std())
    cover = {n: float(h) for n, h in zip(names, hits[0] / draws, strict=True)}
    size = {n: float(h) for n, h in zip(names, hits[1] / draws, strict=True)}
    reason = (
        "At J = 0 a two-sided interval misses on one side only."
        if effect == 0
        else CORRELATED
    )
    test = Row(key, size, draws, CORRELATED) if effect == 0 else None
    return Row(key, errors, draws), Row(key, cover, draws, reason), test
