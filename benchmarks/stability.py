"""Monte-Carlo validation of drift monitoring; writes docs/validation_stability.md.

Run ``python -m benchmarks.stability`` (about a quarter of an hour on one core), with
``--quick`` for a tenth of the draws and no file. It extends the studies of
``benchmarks.validation``, whose laws and page it uses.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np

from benchmarks.stability_dependence import clustered, correlated_counts
from benchmarks.stability_series import series_table
from benchmarks.validation.laws import (
    base_shares,
    jeffreys,
    merged_bins,
    shipped,
    tilted,
)
from benchmarks.validation.page import markdown, number, table_lines
from benchmarks.validation.study import Row, Table
from infostat import Bins, CountTable, StabilityMonitor, population_stability_index
from infostat.divergences import get_divergence
from infostat.exceptions import InfostatWarning
from infostat.inference import adjust_p_values, matched
from infostat.inference.delta import share_moments

# The merged bins define the target of the interval, and measure() does not return them.
from infostat.inference.null import count_null, pearson_statistic
from infostat.stability import anytime_p_values, cs_divergence

PAGE = Path(__file__).parents[1] / "docs" / "validation_stability.md"
SEED = 20_261_125
JEFFREYS = get_divergence("jeffreys")
BINS, SIZES, VALUES = (5, 10, 20), (100, 1_000, 10_000, 100_000), (0.02, 0.1, 0.25, 1.0)
SPARSE = (
    "Most bins are merged here, and the target is the index of the merged bins; the "
    "interval is then conservative."
)


def silent(function, *args, **kwargs):
    """Call with the package's warnings kept off the screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        return function(*args, **kwargs)


def sampled(draws: int) -> list[Table]:
    """Size and coverage against a sampled reference, twice as large as the current."""
    sizes, coverages = [], []
    for number_, (b, n, shape) in enumerate(
        (b, n, s) for b in BINS for n in SIZES for s in ("uniform", "skew")
    ):
        # Sparse tables go one by one; fewer of them.
        count = draws if n * base_shares(b, shape).min() > 15 else draws // 5
        key = [str(b), shape, f"{n:,}"]
        coverage = {}
        for value in (0.0, *VALUES):
            rng = np.random.default_rng([SEED, 1, number_, int(1000 * value)])
            p, q = tilted(b, shape, value)
            actual, expected = (
                rng.multinomial(n, p, count),
                rng.multinomial(2 * n, q, count),
            )
            found = shipped(actual, expected, p, q)
            if value == 0:
                rates = {
                    "Pearson": float((found.p_zero <= 0.05).mean()),
                    "J/s": float((found.p_zero_plug_in <= 0.05).mean()),
                }
                sizes.append(Row(key, rates, count, SPARSE if n == 100 else ""))
            else:
                coverage[f"J={value:g}"] = float(found.covers().mean())
        coverages.append(Row(key, coverage, count, SPARSE if n == 100 else ""))
    keys, names = ["bins", "shape", "rows"], [f"J={v:g}" for v in VALUES]
    return [
        Table(
            "sampled_size",
            "Sampled reference of 2n rows: size of the test of no change, nominal 5 %.",
            "size",
            keys,
            ["Pearson", "J/s"],
            ["Pearson"],
            sizes,
        ),
        Table(
            "sampled_coverage",
            "Sampled reference of 2n rows: coverage of the nominal 95 % interval.",
            "coverage",
            keys,
            names,
            names,
            coverages,
        ),
    ]


def fixed(draws: int) -> Table:
    """Size and coverage against a known law."""
    rows = []
    for number_, (b, n) in enumerate((b, n) for b in BINS for n in SIZES[1:]):
        values = {}
        for value in (0.0, 0.1, 0.25):
            rng = np.random.default_rng([SEED, 2, number_, int(1000 * value)])
            p, q = tilted(b, "skew", value)
            hits = 0
            for actual in rng.multinomial(n, p, draws):
                psi = silent(
                    population_stability_index,
                    q * 1e6,
                    actual,
                    reference="fixed",
                    name="",
                )
                low, high = (0.0, 0.0) if value == 0 else psi.interval()
                target = value if psi.n_merged == 0 else merged_target(q, p, actual)
                hits += psi.p_zero > 0.05 if value == 0 else low <= target <= high
            values[f"J={value:g}"] = hits / draws
        rows.append(Row([str(b), f"{n:,}"], values, draws))
    names = list(rows[0].values)
    caption = (
        "Fixed reference, skew shares: share of draws in which the test of no change does "
        "not reject (J=0) and in which the interval covers."
    )
    return Table("fixed", caption, "coverage", ["bins", "rows"], names, names, rows)


def merged_target(q, p, actual) -> float:
    """Index of the bins that the statement speaks of."""
    table = CountTable.from_counts(actual, q * 1e6)
    codes = merged_bins(table, fixed=True)
    coarse = [np.bincount(codes, weights=w) for w in (p, q)]
    return float(jeffreys(*coarse))


def weighted(draws: int) -> Table:
    """Log-normal weights that depend on the bin, taken as sampling weights."""
    rows = []
    for number_, (b, n) in enumerate((b, n) for b in (5, 10) for n in (1_000, 10_000)):
        values = {}
        for value in (0.0, 0.1, 0.5):
            rng = np.random.default_rng([SEED, 3, number_, int(1000 * value)])
            laws = tilted(b, "skew", value)
            # Weights undo a selection that prefers the last bins.
            keep = np.linspace(0.4, 1.0, b)
            drawn = [law * keep / (law @ keep) for law in laws]
            hits = 0
            for _ in range(draws):
                cells = [
                    _weighted_cells(rng, m, s, keep)
                    for m, s in zip((n, 2 * n), drawn, strict=True)
                ]
                arrays = np.stack(cells[::-1], axis=-1)  # reference first
                table = CountTable(
                    arrays[0].astype(np.int64),
                    arrays[1],
                    arrays[2],
                    tuple("abcdefghij"[:b]),
                )
                psi = silent(
                    population_stability_index, table, weight_type="sampling", name=""
                )
                low, high = psi.interval()
                hits += psi.p_zero > 0.05 if value == 0 else low <= value <= high
            values[f"J={value:g}"] = hits / draws
        rows.append(Row([str(b), f"{n:,}"], values, draws))
    names = list(rows[0].values)
    caption = (
        "Sampling weights (log-normal, and undoing a selection by bin): share of draws in "
        "which the test of no change does not reject (J=0) and in which the interval "
        "covers."
    )
    return Table("weighted", caption, "coverage", ["bins", "rows"], names, names, rows)


def _weighted_cells(rng, n, shares, keep):
    """Rows, weights and squared weights per bin of one weighted sample."""
    codes = rng.choice(shares.size, n, p=shares)
    weight = rng.lognormal(sigma=0.6, size=n) / keep[codes]
    return np.stack(
        [
            np.bincount(codes, w, minlength=shares.size)
            for w in (None, weight, weight**2)
        ]
    )


def p_values(actual, expected, tolerance: float):
    """P-values of "at most the tolerance", as the monitor computes them, all at once."""
    m, n = actual.sum(axis=-1, keepdims=True), expected.sum(axis=-1, keepdims=True)
    p, q = actual / m, expected / n
    law = count_null(p.shape[-1], m[..., 0], n[..., 0])
    if tolerance == 0:
        return law.p_value(pearson_statistic(p, q, (actual + expected) / (m + n)))
    moments = share_moments(p, q, p / m, q / n, JEFFREYS)
    scale, df = matched.matched_law(
        moments.plug_in, moments.variance, moments.bias, law.scale
    )
    return matched.p_at_most(moments.plug_in, scale, df, tolerance)


METHODS = {
    "each test at 5 %": None,
    "Holm within the period": ("holm", False),
    "Holm, all periods (shipped)": ("holm", True),
    "BH, all periods": ("bh", True),
}


def alarms(
    runs: int, n_periods: int, n_features: int, n: int, tolerance: float, rho: float = 0
):
    """Share of monitors with any alarm; every index equals the tolerance.

    With a correlation the sum of the features, the score, is watched as well.
    """
    key = [SEED, 4, n, int(1000 * tolerance), *([int(100 * rho)] if rho else [])]
    rng = np.random.default_rng(key)
    p, q = tilted(10, "skew", tolerance)
    any_alarm = dict.fromkeys(METHODS, 0)
    cells = 0
    for _ in range(runs):
        # One reference sample for all periods, as a monitor has.
        if rho:
            (expected,) = correlated_counts(rng, (1, n_features), 3 * n, q, rho)
            actual = correlated_counts(rng, (n_periods, n_features), n, p, rho)
        else:
            expected = rng.multinomial(3 * n, q, n_features)
            actual = rng.multinomial(n, p, (n_periods, n_features))
        raw = p_values(actual, expected[None], tolerance)
        cells += int((raw <= 0.05).sum())
        for name, rule in METHODS.items():
            smallest = raw.min()
            if rule is not None:
                smallest = min(
                    anytime_p_values(
                        adjust_p_values(row, rule[0]),
                        t if rule[1] else 1,
                        None if rule[1] else 1,
                    ).min()
                    for t, row in enumerate(raw, start=1)
                )
            any_alarm[name] += smallest <= 0.05
    return {k: v / runs for k, v in any_alarm.items()}, cells / (runs * raw.size)


def monitor_table(runs: int) -> Table:
    rows = []
    cases = [(n, tolerance, 0.0) for tolerance in (0.0, 0.10) for n in (1_000, 10_000)]
    cases += [
        (1_000, tolerance, rho) for rho in (0.5, 0.9) for tolerance in (0.0, 0.10)
    ]
    for n, tolerance, rho in cases:
        # Rows have to be drawn where features depend on one another: fewer monitors.
        count = runs // 5 if rho else runs
        rates, raw = alarms(count, 24, 20, n, tolerance, rho)
        key = [f"{rho:g}, with the score" if rho else "0"]
        key += [f"{n:,}", f"{tolerance:g}"]
        rows.append(Row(key, {"single test": raw, **rates}, count))
    names = ["single test", *METHODS]
    caption = (
        "Monitors of 24 months and 20 features, independent or equicorrelated and then "
        "with their sum, the score, as a 21st column, whose indices all equal the "
        "tolerance: size of a single test at 5 %, and share of monitors with *any* false "
        "alarm in two years (at most .05 is promised; 24 of the months' 25 parts of the "
        "budget are spent)."
    )
    return Table(
        "monitor",
        caption,
        "number",
        ["correlation", "rows a month", "tolerance"],
        names,
        names,
        rows,
    )


def same_by_the_class(runs: int) -> list[str]:
    """The class itself, end to end, in place of the vectorised copy."""
    rng = np.random.default_rng([SEED, 5])
    shares, names = base_shares(10, "skew"), [f"f{k}" for k in range(20)]
    bins = {name: Bins.numeric(name, np.arange(9.0)) for name in names}
    labels = bins["f0"].labels

    def table(n):
        counts = np.zeros((11, 1), dtype=np.int64)
        counts[1:, 0] = rng.multinomial(n, shares)
        return CountTable(counts, counts * 1.0, counts * 1.0, labels)

    false = 0
    for _ in range(runs):
        monitor = StabilityMonitor(tolerance=0.0)
        monitor.fit_counts(bins, {name: table(3000) for name in names})
        for month in range(24):
            silent(monitor.update_counts, {n: table(1000) for n in names}, period=month)
        false += len(monitor.alarm_) > 0
    return [
        (
            f"`StabilityMonitor` itself (24 x 20, 1,000 rows a month, `tolerance=0`): "
            f"{false} of {runs} monitors raised a false alarm."
        ),
        "",
    ]


def power(draws: int) -> list[str]:
    """What is said of a true index, by rule of thumb and by interval."""
    head = ["true index", "n = m", "index > .10", "index > .25", "test of at most .10"]
    head += ["certified below .10", "green", "amber", "red"]
    body = []
    for value in (0.0, 0.05, 0.10, 0.15, 0.25, 0.40):
        p, q = tilted(10, "skew", value)
        for n in (200, 500, 1_000, 5_000, 20_000):
            rng = np.random.default_rng([SEED, 6, n, int(1000 * value)])
            found = shipped(
                rng.multinomial(n, p, draws), rng.multinomial(n, q, draws), p, q
            )
            low, high = found.interval()
            law = (found.plug_in, found.scale, found.df, 0.10)
            rates = [
                found.plug_in > 0.10,
                found.plug_in > 0.25,
                matched.p_at_most(*law) <= 0.05,
                matched.p_at_least(*law) <= 0.05,
                high < 0.10,
                ~((high < 0.10) | (low > 0.25)),
                low > 0.25,
            ]
            body.append(
                [f"{value:g}", f"{n:,}", *(number(float(r.mean()), 3) for r in rates)]
            )
    return [
        (
            "Share of draws, ten skew bins, two samples of n rows. The rule of thumb "
            "raises alarms on small samples that have not moved; a test at 5 % does not."
        ),
        "",
        *markdown(head, body),
        "",
    ]


def detection(runs: int) -> list[str]:
    """Months until a drift that begins in month 13 raises an alarm."""
    head = [
        "true index from month 13",
        "n a month",
        "alarm in month 13",
        "by month 15",
        "by month 24",
    ]
    body = []
    for value in (0.15, 0.25, 0.40):
        p, q = tilted(10, "skew", value)
        for n in (500, 2_000, 10_000):
            rng = np.random.default_rng([SEED, 7, n, int(1000 * value)])
            expected = rng.multinomial(3 * n, q, (runs, 1))
            actual = rng.multinomial(n, p, (runs, 12))
            # The drifting feature has the smallest of 20 p-values: Holm times 20.
            raw = np.minimum(20 * p_values(actual, expected, 0.10), 1.0)
            hit = np.array(
                [anytime_p_values(raw[:, k], 13 + k) <= 0.05 for k in range(12)]
            )
            first = [hit[:k].any(axis=0).mean() for k in (1, 3, 12)]
            body.append([f"{value:g}", f"{n:,}", *(number(float(r), 3) for r in first)])
    return [
        (
            "One of 20 features drifts from month 13 on; alarms above .10 by the "
            "shipped rule, false ones held at 5 % over all periods."
        ),
        "",
        *markdown(head, body),
        "",
    ]


def correlation(runs: int) -> list[str]:
    """Power against a change of correlation with equal margins."""
    head = [
        "correlation now",
        "Cauchy-Schwarz, joint",
        "largest of two indices (Bonferroni)",
    ]
    body = []
    for rho in (0.0, 0.35, 0.5):
        rng = np.random.default_rng([SEED, 8, int(100 * rho)])
        root = np.linalg.cholesky([[1.0, rho], [rho, 1.0]])
        joint = single = 0
        for k in range(runs):
            x, y = rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) @ root.T
            joint += cs_divergence(x, y, n_resamples=99, rng=k).p_value() <= 0.05
            edges = np.quantile(x, [0.2, 0.4, 0.6, 0.8], axis=0)
            found = []
            for j in (0, 1):
                counts = [
                    np.bincount(np.searchsorted(edges[:, j], z[:, j]), minlength=5)
                    for z in (x, y)
                ]
                found.append(population_stability_index(*counts, name="").p_zero)
            single += min(found) <= 0.025
        body.append([f"{rho:g}", number(joint / runs, 3), number(single / runs, 3)])
    return [
        f"Two features, correlation zero before, 300 rows each, 5 % tests, {runs} draws.",
        "",
        *markdown(head, body),
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.stability", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth, no file")
    parser.add_argument("--out", type=Path, default=PAGE, help="page to write")
    args = parser.parse_args()
    part = 10 if args.quick else 1
    start = time.process_time()
    lines = ["# Validation of drift monitoring", ""]
    lines += [
        (
            "Written by `python -m benchmarks.stability`; nothing is typed by hand. A "
            "coverage is nominal between .93 and .985, a size between .04 and .06; "
            "judged cells outside are **bold** and explained. More on the index itself "
            "stands in [Validation](validation.md)."
        ),
        "",
        "## Size and coverage of the index",
        "",
    ]
    for table in [*sampled(4000 // part), fixed(600 // part), weighted(600 // part)]:
        lines += table_lines(table)
    lines += ["## Rows that come in clusters", "", *table_lines(clustered(300 // part))]
    lines += ["## False alarms of a monitor", ""]
    lines += table_lines(monitor_table(1500 // part)) + same_by_the_class(60 // part)
    lines += ["## The rule of thumb beside the test", "", *power(4000 // part)]
    lines += ["## Months to detection", "", *detection(2000 // part)]
    lines += ["## Drift that no single index sees", "", *correlation(200 // part)]
    lines += ["## A series that settles", "", *table_lines(series_table(300 // part))]
    lines += [f"Simulated in {time.process_time() - start:.0f} s of computing.", ""]
    text = "\n".join(lines)
    if args.quick:
        print(text)
        return
    args.out.write_text(text, encoding="utf-8")
    print(f"Wrote {args.out}.")


if __name__ == "__main__":
    main()
