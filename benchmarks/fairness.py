"""Validation and timing of the fairness frontier; writes docs/validation_fairness.md.

Run ``python -m benchmarks.fairness`` (about half an hour of one core), with ``--quick``
for a tenth of the draws and no file. The comparison with fairlearn runs where it is
installed; that with FasterRisk under the interpreter that ``--fasterrisk`` names, and
without one the page keeps the section that it has. The public data are read from the
folder that INFOSTAT_DATA names.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from pathlib import Path

import numpy as np
from scipy.special import ndtri
from sklearn.model_selection import train_test_split

from benchmarks.fairness_certified import section
from benchmarks.fairness_fasterrisk import section as fasterrisk_section
from benchmarks.fasterrisk_page import kept, replaced
from infostat import FairnessFrontier, InfostatWarning, ScorecardClassifier
from infostat.binning import Bins
from infostat.counts import CountTable
from infostat.datasets import load_adult, load_boston_hmda, load_german_credit
from infostat.exceptions import InfeasibleError
from infostat.fairness import demographic_iv, fair_scorecard
from infostat.fairness.columns import FeatureCounts, Limits, binning_columns
from infostat.fairness.exact import exact_frontier
from infostat.fairness.knapsack import Knapsack, Side
from infostat.fairness.search import FrontierSearch
from infostat.scorecard import score_performance

PAGE = Path(__file__).parents[1] / "docs" / "validation_fairness.md"
CONFIDENCE = 0.95


class Population:
    """Laws of pre-bins given outcome and given group, and what is true of a binning."""

    def __init__(self, n_features, n_pre, strength, seed):
        rng = np.random.default_rng(seed)
        self.bins = [
            Bins.numeric(f"f{k}", np.arange(1.0, n_pre)) for k in range(n_features)
        ]
        slope = np.linspace(-1, 1, n_pre)
        self.laws = []
        for _ in range(n_features):
            base = rng.dirichlet(np.full(n_pre, 8.0))

            def tilt(size, base=base):
                law = base * np.exp(size * slope + rng.normal(0, 0.1, n_pre))
                return law / law.sum()

            good, reference = tilt(-0.4), base
            self.laws.append(
                (good, tilt(0.4), reference, tilt(rng.normal(0, strength)))
            )

    def draw(self, rng, n_protected, n_reference):
        """Counted features of a sample."""
        out = []
        for bins, (good, bad, reference, protected) in zip(
            self.bins, self.laws, strict=True
        ):
            counts = [
                np.r_[0, rng.multinomial(n, law)]
                for n, law in (
                    (4 * n_reference // 5, good),
                    (n_reference // 5, bad),
                    (n_reference, reference),
                    (n_protected, protected),
                )
            ]
            outcome = CountTable.from_counts(counts[1], counts[0], bins.labels)
            group = CountTable.from_counts(counts[3], counts[2], bins.labels)
            out.append(FeatureCounts(bins, outcome, (group,)))
        return out

    def truth(self, starts):
        """True fairness value of each chosen binning."""
        out = []
        for bins, laws in zip(self.bins, self.laws, strict=True):
            chosen = starts.get(bins.feature)
            if not chosen:
                continue
            q, p = (np.add.reduceat(law, list(chosen)) for law in laws[2:])
            out.append(float(((p - q) * np.log(p / q)).sum()))
        return np.array(out)


def chance(draws):
    """How often a cap that was to hold with 95 % confidence is broken by the truth."""
    rows = []
    limits = Limits(max_bins=4, min_size=0.0)
    for strength in (0.3, 0.6):
        for n_protected in (300, 1500):
            population = Population(5, 8, strength, seed=7)
            everything = {b.feature: (0, 2, 4, 6) for b in population.bins}
            whole = population.truth(everything)
            cap = max(0.6 * whole.sum(), 0.02)
            rng = np.random.default_rng(n_protected)
            broken = dict.fromkeys(("none", "sum", "feature", "fixed"), 0)
            served = dict.fromkeys(broken, 0)
            for _ in range(draws):
                counts = population.draw(rng, n_protected, 4 * n_protected)
                for name in ("none", "sum", "feature"):
                    result = _chosen(counts, limits, name, cap)
                    if result is None:
                        continue
                    served[name] += 1
                    true = population.truth(result)
                    value = true.max() * 5 if name == "feature" else true.sum()
                    broken[name] += value > cap
                # One binning that was not chosen on the data.
                fixed = [
                    binning_columns(
                        _fixed(c), Limits(fixed=True), reach=float(ndtri(CONFIDENCE))
                    )
                    for c in counts
                ]
                limit = sum(table.limit[1, 0] for table in fixed)
                served["fixed"] += 1
                broken["fixed"] += whole.sum() > limit
            rows.append((strength, n_protected, cap, broken, served))
    return rows


def _fixed(counts):
    """A feature with four bins given beforehand."""
    bins = Bins.numeric(counts.pre.feature, [2.0, 4.0, 6.0])
    codes = np.r_[0, 1 + np.arange(8) // 2]
    return FeatureCounts(
        bins,
        counts.outcome.collapse(codes, bins.labels),
        tuple(g.collapse(codes, bins.labels) for g in counts.groups),
    )


def _chosen(counts, limits, name, cap):
    options = {"confidence": None if name == "none" else CONFIDENCE}
    options["chance"] = "feature" if name == "feature" else "sum"
    search = FrontierSearch([(c, limits) for c in counts], ["g"], Side(), **options)
    try:
        if name != "feature":
            return search.sweep([np.array([cap])])[0].starts
        # Each of five features within a fifth of the cap.
        return search.at(np.array([cap / 5])).starts
    except InfeasibleError:
        return None


def size_features(n_features, n_comparisons, seed=0):
    """Counted features of 25,000 rows and 20 pre-bins."""
    rng = np.random.default_rng(seed)
    slope = np.linspace(-1, 1, 20)
    out = []
    for k in range(n_features):
        bins = Bins.numeric(f"f{k}", np.arange(1.0, 20))
        share = rng.dirichlet(np.full(20, 20.0))

        def counts(tilt, n, share=share):
            law = share * np.exp(tilt * slope + rng.normal(0, 0.1, 20))
            return np.r_[0, 1 + rng.multinomial(n, law / law.sum())]

        tables = [
            CountTable.from_counts(
                counts(rng.normal(0, 0.5), n), counts(0.0, 25_000 - n), bins.labels
            )
            for n in (5_000, *[7_500] * n_comparisons)
        ]
        out.append(FeatureCounts(bins, tables[0], tuple(tables[1:])))
    return out


def size():
    """Times of the two sizes that the package promises."""
    lines = []
    for trend in ("ascending", None):
        limits = Limits(max_bins=6, min_size=500.0, trend=trend)
        started = time.perf_counter()
        tables = [binning_columns(c, limits) for c in size_features(10, 1)]
        columns = time.perf_counter() - started
        frontier = exact_frontier(tables)
        seconds = time.perf_counter() - started
        lines.append(
            f"| exact, 10 features, one measure | {trend or 'any'} | "
            f"{sum(map(len, tables))} | {len(frontier)} points | {columns:.2f} | "
            f"{seconds:.2f} | 0 |"
        )
        print(lines[-1], flush=True)
    for trend in ("ascending", None):
        limits = Limits(max_bins=6, min_size=500.0, trend=trend)
        started = time.perf_counter()
        tables = [binning_columns(c, limits) for c in size_features(40, 2)]
        columns = time.perf_counter() - started
        knapsack = Knapsack(tables)
        top = knapsack.solve(np.full(2, np.inf)).limit
        gaps = [knapsack.solve(top * k / 30, time_limit=1.5).gap for k in range(1, 31)]
        seconds = time.perf_counter() - started
        lines.append(
            f"| 40 features, two measures, 30 caps, 1.5 s each | {trend or 'any'} | "
            f"{sum(map(len, tables))} | {sum(g == 0 for g in gaps)} of 30 proved | "
            f"{columns:.2f} | {seconds:.2f} | {max(gaps):.1e} |"
        )
        print(lines[-1], flush=True)
    return lines


def public_sets():
    """Features, outcome (1 = bad), groups."""
    adult = load_adult(backend="pandas")
    yield (
        "Adult, sex",
        adult.frame[adult.features],
        (adult.frame["income"] != ">50K").astype(int).to_numpy(),
        adult.frame["sex"],
    )
    boston = load_boston_hmda(backend="pandas")
    yield (
        "Boston mortgages, black",
        boston.frame[boston.features],
        (boston.frame["approve"] == 0).astype(int).to_numpy(),
        boston.frame["black"],
    )
    german = load_german_credit(backend="pandas")
    age = np.where(german.frame["age_in_years"] < 26, "under 26", "26 or more")
    yield (
        "German credit, age",
        german.frame[german.features],
        (german.frame["creditability"] == "bad").astype(int).to_numpy(),
        age,
    )


def real(seed=0):
    """Frontier and fair cards on public data, beside fairlearn where installed."""
    lines = []
    for name, X, y, group in public_sets():
        group = np.asarray(group)
        train, test = train_test_split(
            np.arange(len(y)), test_size=0.4, random_state=seed, stratify=y
        )
        parts = (
            X.iloc[train],
            y[train],
            group[train],
            X.iloc[test],
            y[test],
            group[test],
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InfostatWarning)
            lines += [f"| {name} | {line}" for line in _cards(*parts)]
            lines += [f"| {name} | {line}" for line in _rivals(*parts)]
        for line in lines[-12:]:
            print(line, flush=True)
    return lines


def _line(label, score, y, group):
    """AUC and demographic value with intervals on rows that chose nothing."""
    area = score_performance(score, y).auc
    found = next(iter(demographic_iv(score, group).values()))
    low, high = area.interval()
    iv_low, iv_high = found.interval()
    return (
        f"{label} | {area.value:.3f} ({low:.3f} to {high:.3f}) | {found.value:.3f} "
        f"({iv_low:.3f} to {iv_high:.3f}) |"
    )


def _cards(X, y, group, X_test, y_test, group_test):
    frontier = FairnessFrontier(max_group_iv=3, random_state=0)
    frontier.fit(X, y, groups=group)
    for k, card in enumerate(frontier.cards_):
        cap = frontier.frontier_["cap"][k]
        yield _line(
            f"frontier of bins, cap {cap:.3f}",
            card.predict_points(X_test),
            y_test,
            group_test,
        )
    card = ScorecardClassifier().fit(X, y)
    yield _line("scorecard, no cap", card.predict_points(X_test), y_test, group_test)
    free = next(iter(demographic_iv(card.predict_points(X), group).values())).plug_in
    for share in (0.5, 0.2, 0.05):
        try:
            fair = fair_scorecard(card, X, y, group, share * free)
        except InfeasibleError:
            continue
        score = fair.predict_points(X_test)
        yield _line(f"fair card, cap {share * free:.3f}", score, y_test, group_test)


def _rivals(X, y, group, X_test, y_test, group_test):
    try:
        from fairlearn.postprocessing import ThresholdOptimizer
        from fairlearn.reductions import DemographicParity, ExponentiatedGradient
    except ImportError:
        return
    from sklearn.linear_model import LogisticRegression

    from infostat import WOEEncoder

    encoder = WOEEncoder().fit(X, y)
    one, two = encoder.transform(X), encoder.transform(X_test)
    for bound in (0.1, 0.03, 0.01):
        model = ExponentiatedGradient(
            LogisticRegression(max_iter=500), DemographicParity(difference_bound=bound)
        )
        model.fit(one, 1 - y, sensitive_features=group)
        yield _line(
            f"fairlearn exponentiated gradient, {bound}",
            np.round(1000 * model._pmf_predict(two)[:, 1]),
            y_test,
            group_test,
        )
    model = ThresholdOptimizer(
        estimator=LogisticRegression(max_iter=500),
        constraints="demographic_parity",
        predict_method="predict_proba",
    )
    model.fit(one, 1 - y, sensitive_features=group)
    score = np.round(
        1000 * model._pmf_predict(two, sensitive_features=group_test)[:, 1]
    )
    yield _line("fairlearn threshold optimiser", score, y_test, group_test)


def page(chance_rows, draws, certified_lines, size_lines, real_lines):
    """Text of the page."""
    out = [
        "# Validation of the fairness frontier",
        "",
        "Written by `python -m benchmarks.fairness`.",
        "",
        "## Caps with 95 % confidence",
        "",
        (
            f"{draws} samples a row, five features of eight pre-bins, at most four bins; "
            "four reference rows for each protected one. Entries are the share of samples "
            "in which the chosen bins break the cap in the population, in %. 'Fixed bins' "
            "did not see the data: the share of samples whose upper bound lies below the "
            "truth."
        ),
        "",
        (
            "| group effect | protected rows | cap | no confidence | sum | each feature | "
            "fixed bins, sum |"
        ),
        "|---|---|---|---|---|---|---|",
    ]
    for strength, n, cap, broken, served in chance_rows:
        cells = [
            f"{100 * broken[k] / served[k]:.1f}" if served[k] else "none chosen"
            for k in ("none", "sum", "feature", "fixed")
        ]
        out.append(f"| {strength} | {n} | {cap:.3f} | {' | '.join(cells)} |")
    out += [
        "",
        (
            "Bins that were not chosen on the data keep their bound at least as often as "
            "stated; choosing among many binnings uses some of that margin."
        ),
        "",
        *certified_lines,
        "## Size",
        "",
        (
            "20 pre-bins, at most 6 bins of at least 2 %, 25,000 rows. Seconds on one of "
            "two shared cores. Where a proof is open the gap is printed."
        ),
        "",
        "| task | trend | columns | result | columns, s | all, s | largest gap |",
        "|---|---|---|---|---|---|---|",
        *size_lines,
    ]
    if real_lines:
        out += [
            "",
            "## Public data, rows that chose nothing",
            "",
            (
                "Protected attributes are no features; all models see the same training "
                "rows (60 %) and, for fairlearn, the same evidence. With 95 % intervals. "
                "fairlearn gives probabilities of approval for one decision, not a score "
                "to rank by; its threshold optimiser needs each applicant's group at the "
                "decision. Boston and German credit are small: intervals overlap widely."
            ),
            "",
            "| data | model | AUC | divergence of score bands between groups |",
            "|---|---|---|---|",
            *real_lines,
        ]
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--draws", type=int, default=250)
    parser.add_argument("--fasterrisk", help="interpreter that has fasterrisk")
    options = parser.parse_args()
    draws = options.draws // 10 if options.quick else options.draws
    started = time.perf_counter()
    size_lines = size()
    real_lines = real() if os.environ.get("INFOSTAT_DATA") else []
    rows = chance(draws)
    certified = section(4 * draws, max(draws // 4, 4))
    if options.fasterrisk:
        beside = fasterrisk_section(options.fasterrisk, public_sets())
    else:
        beside = kept(PAGE.read_text(encoding="utf-8"))
    text = page(rows, draws, certified, size_lines, real_lines)
    text = replaced(text, beside)
    print(text)
    if not options.quick:
        PAGE.write_text(text, encoding="utf-8")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
