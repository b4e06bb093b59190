"""Standard errors of the weight of evidence under four ways of sampling."""

from __future__ import annotations

import numpy as np

from benchmarks.validation.laws import tilted
from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.counts import CountTable
from infostat.evidence import weight_of_evidence

N1, N0, BINS = 500, 4_500, 5
SCHEMES = ["two_sample", "joint", "binomial", "fixed_reference", "known_prior"]
KEYS = ["sampling", "bin"]


def count(scale: Scale) -> int:
    return len(scale.some(SCHEMES, (0, 2)))


def run(scale: Scale, tick: Tick) -> Result:
    deviations, coverages = [], []
    for number, scheme in enumerate(scale.some(SCHEMES, (0, 2))):
        pair = scheme_rows(scheme, scale, number)
        deviations += pair[0]
        coverages += pair[1]
        tick()
    return Result(
        title="Weight of evidence",
        design=(
            f"{BINS} uniform bins tilted to J = 0.1, {N1} events and {N0} non-events. "
            "*joint* draws one multinomial over bins and classes and uses the "
            "two-sample formula; *known_prior* judges the bin's log-odds less a known "
            "constant. The paper's standard error (equation 15) is the known-prior one "
            "under every scheme."
        ),
        tables=[
            Table(
                "woe_sd",
                "Monte-Carlo standard deviation against the shipped standard error at "
                "the true shares.",
                "number",
                KEYS,
                ["Monte Carlo", "shipped", "paper eq. 15"],
                [],
                deviations,
                digits=4,
            ),
            Table(
                "woe_coverage",
                "Coverage of the nominal 95 % interval of each bin.",
                "coverage",
                KEYS,
                ["shipped", "paper eq. 15"],
                ["shipped"],
                coverages,
            ),
        ],
    )


def simulate(scheme: str, p, q, draws: int, rng):
    """Counts of both classes and the true value of every bin."""
    total = N1 + N0
    truth = np.log(p / q)
    if scheme in ("joint", "known_prior"):
        cells = np.concatenate([N1 * p, N0 * q]) / total
        both = rng.multinomial(total, cells, draws)
        if scheme == "known_prior":
            truth = np.log(N1 * p / (N0 * q)) - np.log(N1 / N0)
        return both[:, :BINS], both[:, BINS:], truth
    if scheme == "binomial":
        size = np.rint(N1 * p + N0 * q).astype(int)
        rate = N1 * p / (N1 * p + N0 * q)
        overall = (size * rate).sum() / size.sum()
        events = rng.binomial(size, rate, (draws, BINS))
        truth = np.log(rate / (1 - rate)) - np.log(overall / (1 - overall))
        return events, size - events, truth
    events = rng.multinomial(N1, p, draws)
    if scheme == "fixed_reference":
        return events, np.broadcast_to(N0 * q, events.shape), truth
    return events, rng.multinomial(N0, q, draws), truth


def scheme_rows(scheme: str, scale: Scale, number: int) -> tuple[list[Row], list[Row]]:
    p, q = tilted(BINS, "uniform", 0.1)
    rng = np.random.default_rng([20_261_124, 8, number])
    sampling = "two_sample" if scheme == "joint" else scheme
    many = scale.draws(200_000, 40_000)
    ones, zeros, truth = simulate(scheme, p, q, many, rng)
    # The prior of "known_prior" is a constant; elsewhere it is estimated with the bins.
    prior = (
        np.log(N1 / N0)
        if scheme == "known_prior"
        else np.log(ones.sum(axis=1) / zeros.sum(axis=1))[:, None]
    )
    deviation = (np.log(ones / zeros) - prior).std(axis=0)

    def formula(kind):
        at_truth = (N1 * p, N0 * q)
        options = {"sign": "bad_over_good", "sampling": kind}
        return weight_of_evidence(*at_truth, **options).se

    few = scale.draws(6_000, 1_500)
    covered = {"shipped": np.zeros(BINS), "paper eq. 15": np.zeros(BINS)}
    kinds = {"shipped": sampling, "paper eq. 15": "known_prior"}
    for k in range(few):
        table = CountTable.from_counts(ones[k], zeros[k])
        for method, kind in kinds.items():
            woe = weight_of_evidence(table, sign="bad_over_good", sampling=kind)
            value = woe.value
            if scheme == "known_prior":
                value = np.log(ones[k] / zeros[k]) - prior
            covered[method] += np.abs(value - truth) <= 1.959964 * woe.se
    shipped, paper = formula(sampling), formula("known_prior")
    deviations, coverages = [], []
    for b in range(BINS):
        key = [scheme, str(b + 1)]
        values = {
            "Monte Carlo": float(deviation[b]),
            "shipped": float(shipped[b]),
            "paper eq. 15": float(paper[b]),
        }
        deviations.append(Row(key, values, many))
        rates = {method: float(hits[b] / few) for method, hits in covered.items()}
        coverages.append(Row(key, rates, few))
    return deviations, coverages
