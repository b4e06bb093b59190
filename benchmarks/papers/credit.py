"""Information metrics for credit risk: errors, tests, intervals, encodings, frontier."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, rel_entr
from tqdm import tqdm

from benchmarks import encodings
from benchmarks.papers.claims import PUBLISHED, Claim, Listing, Part, Run, figure
from benchmarks.papers.credit_frontier import frontier
from benchmarks.validation import coverage, laws, rivals, zero
from benchmarks.validation.study import Scale
from infostat.evidence import information_value, population_stability_index
from infostat.inference import matched

USES = [
    "encodings.py",
    *(f"validation/{name}.py" for name in ("coverage", "laws", "rivals", "zero")),
]
TEST_DESIGNS = (0, 2, 3, 4)
"""Dense designs of the size study, from 5 to 20 bins."""

INTERVALS = [
    ((10, "uniform", 1_000, 9_000), 0.005),
    ((10, "uniform", 1_000, 9_000), 0.1),
    ((20, "uniform", 1_000, 9_000), 0.05),
    ((10, "skew", 60, 600), 0.05),
    ((30, "uniform", 60, 60), 0.05),
]
CERTIFIED = [(0.05, 1_000, 9_000), (0.3, 1_000, 9_000), (1.0, 6_000, 14_000)]
LEVEL = 1.6448536269514722


def identity(scale: Scale) -> Part:
    """Information value, stability index and Jeffreys divergence of random tables."""
    draws, rng, worst = scale.draws(400, 60), np.random.default_rng(7), 0.0
    for _ in range(draws):
        events, non_events = rng.integers(1, 900, (2, rng.integers(2, 25)))
        p, q = events / events.sum(), non_events / non_events.sum()
        own = (rel_entr(p, q) + rel_entr(q, p)).sum()
        options = {"minimum_expected": 0.0, "name": ""}
        iv = information_value(events, non_events, **options).plug_in
        psi = population_stability_index(non_events, events, **options).plug_in
        worst = max(worst, abs(iv - own), abs(psi - own))
    claim = Claim(
        "credit/identity",
        [Run(worst, [0.0, 1e-12], draws=draws)],
        "Largest absolute difference of the three over random tables: one divergence, "
        "hence one theory of errors, under three names.",
    )
    return Part([claim])


def errors(scale: Scale) -> Part:
    """Standard errors of three sources against the spread of simulated values."""
    draws = scale.draws(100_000, 12_000)
    chosen = scale.some(coverage.DEVIATIONS, (0, 2))
    rows = [coverage.deviation_row(d, draws, k) for k, d in enumerate(chosen)]
    bands = {
        "paper": [0.35, 0.62],
        "fastwoe <= 0.1.8": [0.5, 0.78],
        "V1 + V2": [0.97, 1.03],
    }
    ratios: dict[str, list[Run]] = {name: [] for name in bands}
    for row in rows:
        for name, runs in ratios.items():
            ratio = row.values[name] / row.values["Monte Carlo"]
            error = ratio / np.sqrt(2 * draws)
            runs.append(Run(ratio, bands[name], error, draws, f"J = {row.key[3]}"))
    meanings = {
        "paper": "Weights frozen at their estimates: half of the true error is missing, "
        "at every size of the divergence.",
        "fastwoe <= 0.1.8": "The covariance of weight and evidence is missing: about "
        "seven tenths of the true error.",
        "V1 + V2": "First order plus the exact second order at zero.",
    }
    keys = {"paper": "se_paper", "fastwoe <= 0.1.8": "se_package", "V1 + V2": "se_ours"}
    claims = [Claim(f"credit/{keys[k]}", ratios[k], meanings[k]) for k in bands]
    return Part([*claims, example(ratios["paper"])], [spreads(rows)])


def example(ratios: list[Run]) -> Claim:
    """The published probability statement, with its error and with one as large as true."""
    case = PUBLISHED["credit/example"]["given"]
    z = (case["iv"] - case["threshold"]) / case["se"]
    # The design whose value is nearest to the example's.
    ratio = ratios[0].value
    return Claim(
        "credit/example",
        [
            Run(float(ndtr(z)), [0.985, 0.995], when="the printed error is used"),
            Run(
                float(ndtr(z * ratio)),
                [0.83, 0.92],
                draws=ratios[0].draws,
                when="the error is enlarged as measured above",
            ),
        ],
        "The arithmetic is right, the error is not; and the figure is a confidence level, "
        "no probability of the parameter.",
    )


def spreads(rows) -> Listing:
    """Deviations and formulas."""
    names = ["Monte Carlo", "V1 + V2", "V1", "fastwoe <= 0.1.8", "paper"]
    body = [[*row.key, *(f"{row.values[n]:.5f}" for n in names)] for row in rows]
    return Listing(
        "Standard deviation of the information value and what the formulas say; the "
        "whole study is in the validation page",
        ["bins", "shape", "events/non-events", "J", *names],
        body,
    )


def sizes(scale: Scale) -> Part:
    """Size of the tests that the information value is zero."""
    draws = scale.draws(20_000, 3_000)
    chosen = TEST_DESIGNS if not scale.quick else TEST_DESIGNS[:2]
    rows = [zero.zero_row(zero.DESIGNS[k], draws, k) for k in chosen]
    methods = {
        "paper z": (
            "size_paper",
            [0.55, 1.0],
            (
                "J over its error does not become normal: "
                "near zero its square is chi-square with bins - 1 degrees."
            ),
        ),
        "fastwoe <= 0.1.8": ("size_package", [0.1, 1.0], "Half that chi-square."),
        "statistical_iv": ("size_other", [0.07, 1.0], "Half that chi-square, nearly."),
        "delta Wald": (
            "size_delta",
            [0.0, 0.75],
            (
                "Right error, wrong law: a quarter of "
                "the chi-square, too small with few bins, too large with many."
            ),
        ),
        "Pearson (shipped)": (
            "size_ours",
            [0.04, 0.06],
            "The statistic that the shipped p-value uses.",
        ),
    }
    claims = []
    for method, (key, band, meaning) in methods.items():
        runs = []
        for row in rows:
            rate, n = row.values[method], row.draws_of.get(method, row.draws)
            spread = float(np.sqrt(max(rate * (1 - rate), 1e-6) / n))
            runs.append(Run(rate, band, spread, n, f"{row.key[0]} {row.key[1]} bins"))
        claims.append(Claim(f"credit/{key}", runs, meaning))
    ten = rows[1].values["paper z"]
    error = float(np.sqrt(ten * (1 - ten) / draws))
    claims.append(
        Claim(
            "credit/size_independent",
            [Run(ten, [0.96, 0.99], error, draws)],
            "An independent author had measured the same.",
        )
    )
    head = ["bins", "shape", "events/non-events", *zero.METHODS]
    body = [[*r.key, *(f"{r.values[m]:.3f}" for m in zero.METHODS)] for r in rows]
    return Part(claims, [Listing("Size at nominal 5 %", head, body)])


def intervals(scale: Scale) -> Part:
    """Coverage of four intervals, sparse tables among the designs."""
    draws = scale.draws(4_000, 400)
    rows = [
        coverage.coverage_row(design, value, draws, 50 + k)
        for k, (design, value) in enumerate(INTERVALS)
    ]
    methods = {
        "paper": ("cover_paper", [0.0, 0.80], "Half the error, no correction of bias."),
        "fastwoe <= 0.1.8": (
            "cover_package",
            [0.0, 0.90],
            "As above with seven tenths.",
        ),
        "delta Wald": (
            "cover_delta",
            [0.0, 0.985],
            "Good far from zero with full cells; bias and skewness spoil it elsewhere.",
        ),
        "matched (shipped)": (
            "cover_ours",
            [0.92, 1.0],
            (
                "Bins below five expected rows "
                "are merged, and the statement is about the merged bins."
            ),
        ),
    }
    claims = []
    for method, (key, band, meaning) in methods.items():
        runs = []
        for row in rows:
            rate = row.values[method]
            spread = float(np.sqrt(max(rate * (1 - rate), 1e-5) / draws))
            name = f"{row.key[0]} bins, {row.key[2]}, J = {row.key[3]}"
            runs.append(Run(rate, band, spread, draws, name))
        claims.append(Claim(f"credit/{key}", runs, meaning))
    return Part(claims)


def certificates(scale: Scale) -> Part:
    """How often a table at the cap is declared within it."""
    draws = scale.draws(20_000, 3_000)
    runs: dict[str, list[Run]] = {"paper": [], "ours": []}
    for number, (cap, n1, n0) in enumerate(CERTIFIED):
        p, q = laws.tilted(10, "uniform", cap)
        events, non_events = coverage.draw(p, q, n1, n0, draws, 60, number)
        moments = laws.plain_moments(events, non_events)
        shares = events / n1, non_events / n0
        error = rivals.standard_errors(*shares, n1, n0)["paper"]
        law = matched.matched_law(
            moments.plug_in, moments.variance, moments.bias, 1 / n1 + 1 / n0
        )
        certified = {
            "paper": moments.plug_in + LEVEL * error <= cap,
            "ours": matched.p_at_least(moments.plug_in, *law, cap) <= 0.05,
        }
        for name, hits in certified.items():
            rate = float(hits.mean())
            spread = float(np.sqrt(rate * (1 - rate) / draws))
            band = [0.08, 0.25] if name == "paper" else [0.03, 0.065]
            runs[name].append(Run(rate, band, spread, draws, f"cap {cap:g}, {n1}/{n0}"))
    return Part(
        [
            Claim(
                "credit/chance_paper",
                runs["paper"],
                "The cap that was to be broken once in twenty is broken two to four times "
                "as often at its boundary, for the error is half of what it should be.",
            ),
            Claim(
                "credit/chance_ours",
                runs["ours"],
                "The shipped test that the value is at least the cap.",
            ),
        ]
    )


def table_one(scale: Scale) -> Part:
    """Three encodings on the bins of boosted stumps."""
    from infostat.datasets import make_applications

    n_rows = 20_000 if not scale.quick else 6_000
    folds, resamples = (5, 150) if not scale.quick else (2, 40)
    made = make_applications(n_rows, shape="paper", rng=0, backend="pandas")
    X, y = made.frame[made.features], made.frame[made.target].to_numpy()
    case = encodings.Case("", X, y)
    with tqdm(total=folds, disable=True) as bar:
        result = encodings.study(case, folds, resamples, bar)
    keys, values = result["keys"], result["values"]

    def gap(first, second, band, measure=0):
        pair = values[:, [keys.index(first), keys.index(second)], measure]
        change = pair[:, 0] - pair[:, 1]
        return Run(float(change[0]), band, float(change[1:].std()), resamples)

    claims = []
    for rounds in encodings.ROUNDS:
        woe = ("woe", rounds)
        for kind, name in (("one-hot", "onehot"), ("boosted", "boosted")):
            claims.append(
                Claim(
                    f"credit/table1_{name}_{rounds}",
                    [gap((kind, rounds), woe, [-0.02, 0.02])],
                    "Our rows are not theirs (their file is not published), so that the "
                    "size of the gap is not theirs either.",
                )
            )
    widest = max(
        np.ptp([values[0, keys.index((k, r)), 0] for k in encodings.KINDS])
        for r in encodings.ROUNDS
    )
    claims += [
        Claim(
            "credit/encodings_agree",
            [Run(float(widest), [0.0, 0.02], draws=folds)],
            "Largest gap in area among the three at equal rounds.",
        ),
        Claim(
            "credit/rounds_agree",
            [gap(("boosted", 100), ("boosted", 50), [-0.01, 0.02])],
            "Fifty rounds more change the area of the boosted card.",
        ),
    ]
    return Part(claims, [encoding_listing(result, n_rows, folds)])


def encoding_listing(result, n_rows: int, folds: int) -> Listing:
    """Areas beside the published ones, and differences with intervals."""
    shown, keys, body = PUBLISHED["credit/table1"]["areas"], result["keys"], []
    for rounds in encodings.ROUNDS:
        row = [str(rounds)]
        for kind in encodings.KINDS:
            area = result["values"][0, keys.index((kind, rounds)), 0]
            row.append(f"{area:.3f} [{figure(shown[kind][str(rounds)])}]")
        for measure in (0, 1):
            row += [
                encodings.against(result, (kind, rounds), ("woe", rounds), measure)
                for kind in ("one-hot", "boosted")
            ]
        body.append(row)
    head = ["rounds", *(f"AUC {kind} [published]" for kind in encodings.KINDS)]
    for name in ("AUC", "log loss"):
        head += [f"{name}: one-hot - woe", f"{name}: boosted - woe"]
    return Listing(
        f"Table 1 on {n_rows:,} generated rows with the paper's seven predictors, "
        f"{folds} folds; 95 % intervals of a paired bootstrap. Published areas are of "
        f"other rows",
        head,
        body,
    )


PARTS = {
    "identity": identity,
    "errors": errors,
    "sizes": sizes,
    "intervals": intervals,
    "certificates": certificates,
    "table 1": table_one,
    "frontier": frontier,
}
