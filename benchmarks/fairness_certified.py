"""Do certified caps hold after choosing? Part of ``python -m benchmarks.fairness``.

Run ``python -m benchmarks.fairness_certified`` for this part alone (about half an hour
on two busy cores; ``--draws`` and ``--fits`` shorten it).
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
from scipy.special import ndtr, ndtri

from benchmarks.papers.credit_frontier import true_sum
from infostat import FairnessFrontier, InfostatWarning, OptimalBinner
from infostat.binning.bins import Bins
from infostat.counts.array_engine import count_codes
from infostat.datasets import make_applications
from infostat.divergences import derivatives, get_divergence
from infostat.exceptions import InfostatError
from infostat.fairness.certificates import certify
from infostat.fairness.columns import FeatureCounts, Limits
from infostat.fairness.groups import Comparison
from infostat.fairness.knapsack import Side
from infostat.fairness.search import FrontierSearch
from infostat.fairness.selection import certified_points
from infostat.inference.delta import share_moments
from infostat.inference.matched import matched_law, upper_limit

CONFIDENCE = 0.95
N_PRE = 12
FIXED = (0, 2, 5, 7, 10)
RULES = ("sum of errors", "joint error", "matched, plug-in", "certificate")


class Population:
    """Correlated features in pre-bins, normal within groups, with known divergences."""

    def __init__(self, shifts, correlation=0.0, n_pre=N_PRE):
        self.shifts, self.correlation = np.asarray(shifts, dtype=float), correlation
        self.edges = ndtri(np.arange(1, n_pre) / n_pre)
        self.bins = {
            f"f{k}": Bins.numeric(f"f{k}", np.arange(1.0, n_pre))
            for k in range(len(shifts))
        }

    def draw(self, rng, n):
        """Bins of every feature (code 0 is "missing"), outcomes and a comparison."""
        member = (rng.random(n) < 0.3).astype(np.int8)
        common = rng.normal(size=(n, 1)) * np.sqrt(self.correlation)
        own = rng.normal(size=(n, len(self.shifts))) * np.sqrt(1 - self.correlation)
        values = common + own + member[:, None] * self.shifts
        codes = 1 + np.searchsorted(self.edges, values)
        y = rng.random(n) < 1 / (1 + np.exp(1.0 - 0.35 * values.sum(axis=1)))
        columns = dict(zip(self.bins, codes.T, strict=True))
        return columns, y.astype(np.uint8), Comparison("g", "1", "0", member)

    def truth(self, starts):
        """True sum of divergences of the chosen bins."""
        total = 0.0
        for name, shift in zip(self.bins, self.shifts, strict=True):
            if name in starts:
                cuts = self.edges[np.array(starts[name][1:], dtype=int) - 1]
                p, q = (np.diff(np.r_[0.0, ndtr(cuts - d), 1.0]) for d in (shift, 0.0))
                total += float(((p - q) * np.log(p / q)).sum())
        return total

    def place(self, chosen):
        """Chosen bin of every pre-bin, missing values included."""
        rest = np.arange(len(self.edges) + 1)
        return np.r_[0, 1 + np.searchsorted(chosen[1:], rest, "right")]

    def limit(self, starts, columns, comparison, seen=None, **options):
        """Certificate of chosen bins from rows given by their pre-bins."""
        bins, tables, codes = {}, {}, {}
        for name, chosen in starts.items():
            bins[name] = Bins.numeric(name, [float(k) for k in chosen[1:]])
            place = self.place(chosen)
            codes[name] = place[columns[name]]
            rows = place[(columns if seen is None else seen)[name]]
            none = np.zeros(len(rows), dtype=np.uint8)
            tables[name] = count_codes(rows, none, bins[name].labels)
        found = certify(bins, tables, codes, [comparison], **options)
        return float(found.limits[0])


def choose(population, rows, grid, confidence):
    """Points of a grid of caps, chosen on counted rows."""
    columns, y, comparison = rows
    member = comparison.member.astype(np.uint8)
    features = [
        (
            FeatureCounts(
                bins,
                count_codes(columns[name], y, bins.labels),
                (count_codes(columns[name], member, bins.labels),),
            ),
            Limits(max_bins=4, min_size=0.03 * len(y)),
        )
        for name, bins in population.bins.items()
    ]
    search = FrontierSearch(features, ["g=1"], Side(), confidence=confidence)
    with warnings.catch_warnings():
        # Where the smallest caps cannot be met the sequence begins at the next.
        warnings.simplefilter("ignore", InfostatWarning)
        return search.sweep([np.array([cap]) for cap in grid])


def select(population, points, held, rows, cap):
    """Points taken by the rows that chose, and by the certificate; None for none."""
    seen = np.array([point.choice.limit[0] for point in points])
    worth = np.array([point.choice.iv for point in points])
    limit = np.array(
        [population.limit(p.starts, held[0], held[2], rows[0]) for p in points]
    )
    passed, _ = certified_points(seen, worth, limit, cap)
    inside = np.flatnonzero(seen <= cap)
    return tuple(
        points[int(places[worth[places].argmax()])] if places.size else None
        for places in (inside, passed)
    )


def rules(columns, comparison, starts, population):
    """Upper limits of fixed bins by four rules, from the same rows."""
    codes = np.stack([population.place(starts[f])[c] - 1 for f, c in columns.items()])
    n_features, n_bins = len(codes), int(codes.max()) + 1
    flat = codes + n_bins * np.arange(n_features)[:, None]
    groups = [flat[:, comparison.member == k] for k in (0, 1)]
    sizes = [rows.shape[1] for rows in groups]
    q, p = (
        np.bincount(rows.ravel(), minlength=n_features * n_bins).reshape(
            n_features, n_bins
        )
        / n
        for rows, n in zip(groups, sizes, strict=True)
    )
    kind = get_divergence("jeffreys")
    moments = share_moments(p, q, p / sizes[1], q / sizes[0], kind)
    slopes = derivatives(p, q, kind)
    # Each row's influence, summed over features: the joint first-order variance.
    variance = sum(
        slope.ravel()[rows].sum(axis=0).var() / n
        for slope, rows, n in zip(
            (slopes.first_q, slopes.first_p), groups, sizes, strict=True
        )
    )
    total, reach = float(moments.plug_in.sum()), float(ndtri(CONFIDENCE))
    bias, null_scale = float(moments.bias.sum()), sum(1 / n for n in sizes)
    law = matched_law(total, variance, bias, null_scale)
    return (
        total + reach * float(np.sqrt(moments.variance).sum()),
        total + reach * float(np.sqrt(variance)),
        float(upper_limit(total, *law, 1 - CONFIDENCE)),
        population.limit(starts, columns, comparison),
    )


def fixed_lines(draws):
    """How often fixed bins lie above their limit, and how wide the limits are."""
    lines = []
    for shifts, correlation, n in (
        ([0.0] * 5, 0.5, 1200),
        ([0.15] * 5, 0.0, 1200),
        ([0.15] * 5, 0.5, 1200),
        ([0.3, 0, 0, 0, 0], 0.9, 1200),
        ([0.3] * 5, 0.5, 1200),
        ([0.3] * 5, 0.5, 6000),
    ):
        population = Population(shifts, correlation)
        starts = dict.fromkeys(population.bins, FIXED)
        truth, rng = population.truth(starts), np.random.default_rng(n)
        found = []
        for _ in range(draws):
            columns, _, comparison = population.draw(rng, n)
            found.append(rules(columns, comparison, starts, population))
        limits = np.array(found)
        missed = 100 * (limits < truth).mean(axis=0)
        cells = [
            f"{m:.1f} ({w:.3f})"
            for m, w in zip(missed, limits.mean(axis=0), strict=True)
        ]
        shown = " ".join(f"{d:g}" for d in shifts)
        lines.append(
            f"| {shown} | {correlation} | {n} | {truth:.3f} | {' | '.join(cells)} | "
            f"{draws} |"
        )
        print(lines[-1], flush=True)
    return lines


def chosen_lines(draws):
    """How often selected cards break the cap, with pre-bins small enough for 1,000."""
    lines, cap, grid = [], 0.1, (0.02, 0.05, 0.1, 0.2)
    for shifts in ([0.1] * 4, [0.2] * 4, [0.35, 0.2, 0.1, 0.0]):
        population, rng = Population(shifts, 0.3), np.random.default_rng(3)
        began, broken, served = time.process_time(), np.zeros(2), np.zeros(2)
        for _ in range(draws):
            rows, held = population.draw(rng, 2400), population.draw(rng, 1600)
            try:
                points = choose(population, rows, grid, CONFIDENCE)
            except InfostatError:
                continue
            for k, point in enumerate(select(population, points, held, rows, cap)):
                if point is not None:
                    served[k] += 1
                    broken[k] += population.truth(point.starts) > cap
        everything = dict.fromkeys(population.bins, (0, 3, 6, 9))
        seconds = time.process_time() - began
        lines.append(
            f"| {' '.join(f'{d:g}' for d in shifts)} | "
            f"{population.truth(everything):.3f} | {100 * broken[0] / draws:.1f} | "
            f"{100 * broken[1] / draws:.1f} | {100 * served[0] / draws:.0f} | "
            f"{100 * served[1] / draws:.0f} | {draws} | {seconds:.0f} |"
        )
        print(lines[-1], flush=True)
    return lines


def application_lines(fits):
    """The whole estimator on generated portfolios of 4,000 rows."""
    lines = []
    big = make_applications(200_000, shape="paper", rng=1, backend="pandas")
    for n_pre, cap in ((100, 0.1), (20, 0.1), (20, 0.2)):
        began, broken, served = time.process_time(), np.zeros(2), np.zeros(2)
        for k in range(fits):
            made = make_applications(
                4_000, shape="paper", rng=100 + k, backend="pandas"
            )
            model = FairnessFrontier(
                OptimalBinner(max_bins=6, prebins=n_pre),
                max_group_iv=[0.2 * cap, 0.5 * cap, cap],
                confidence=CONFIDENCE,
                holdout=0.4,
                random_state=k,
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", InfostatWarning)
                model.fit(
                    made.frame[made.features],
                    made.frame["default"],
                    groups=made.frame["group"],
                )
            table = {n: np.asarray(model.frontier_[n]) for n in ("iv", "limit")}
            inside = np.flatnonzero(table["limit"] <= cap * (1 + 1e-12))
            limit = np.asarray(model.frontier_["certified_limit"])
            passed, _ = certified_points(table["limit"], table["iv"], limit, cap)
            for j, places in enumerate((inside, passed)):
                if places.size:
                    point = int(places[table["iv"][places].argmax()])
                    served[j] += 1
                    broken[j] += true_sum(model, big, point) > cap
        seconds = time.process_time() - began
        lines.append(
            f"| {n_pre} | {cap} | {100 * broken[0] / fits:.1f} | "
            f"{100 * broken[1] / fits:.1f} | {100 * served[0] / fits:.0f} | "
            f"{100 * served[1] / fits:.0f} | {fits} | {seconds:.0f} |"
        )
        print(lines[-1], flush=True)
    return lines


def section(draws, fits):
    """Lines of the page."""
    return render(fixed_lines(draws), chosen_lines(draws), application_lines(fits))


def render(fixed, chosen, applied):
    """Three tables with their explanations."""
    counted = "broken, seen | broken, certified | selected, seen | selected, certified"
    return [
        "## Certified caps",
        "",
        (
            "Fixed bins: 30 % of the rows protected, five bins a feature, normal features "
            "shifted by the first column between groups. Entries are the share of samples "
            "whose 95 % limit lies below the truth, in %, and the mean limit. A sum of "
            "the features' standard errors, or the joint standard error, both about the "
            "plug-in sum; the matched law with the plug-in scale; the certificate, whose "
            "scale is the largest that any direction of the difference has."
        ),
        "",
        f"| shifts | correlation | rows | truth | {' | '.join(RULES)} | samples |",
        "|---|---|---|---|---|---|---|---|---|",
        *fixed,
        "",
        (
            "Chosen bins: 2,400 rows choose among twelve pre-bins a feature under caps "
            "from 0.02 to 0.2 with 95 % confidence, 1,600 rows certify, and the cap is "
            "0.1. Entries in % of all samples: selected cards that break the cap in the "
            "population, by the rows that chose and by `select` on the certificates, and "
            "how often either selects something. Truth: all features in four bins. CPU "
            "seconds of the whole row."
        ),
        "",
        f"| shifts | truth | {counted} | samples | CPU s |",
        "|---|---|---|---|---|---|---|---|",
        *chosen,
        "",
        (
            "`FairnessFrontier` on `make_applications(4000, shape='paper')`, seven "
            "features, 40 % held out, three caps; truth from 200,000 rows."
        ),
        "",
        f"| pre-bins | cap | {counted} | samples | CPU s |",
        "|---|---|---|---|---|---|---|---|",
        *applied,
        "",
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--fits", type=int, default=60)
    options = parser.parse_args()
    print("\n".join(section(options.draws, options.fits)))
