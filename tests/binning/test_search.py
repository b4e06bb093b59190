"""Every limit of the search, alone and together, against all binnings of few pre-bins."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from infostat.binning.search import PreCounts, Reserved, TrendSearch, partitions_of
from infostat.divergences import catalogue
from infostat.exceptions import InfostatError

TRENDS = ("ascending", "descending", "peak", "valley", "concave", "convex", None)
TIE = 1e-12


def generator(name):
    """The generators, written out."""
    return {
        "kl": lambda t: t * np.log(t),
        "reverse_kl": lambda t: -np.log(t),
        "jeffreys": lambda t: (t - 1) * np.log(t),
        "js": lambda t: (t * np.log(t) - (1 + t) * np.log((1 + t) / 2)) / 2,
        "hellinger": lambda t: (np.sqrt(t) - 1) ** 2 / 2,
        "pearson": lambda t: (t - 1) ** 2,
        "neyman": lambda t: (t - 1) ** 2 / t,
        "triangular": lambda t: (t - 1) ** 2 / (t + 1),
        "tv": lambda t: abs(t - 1) / 2,
    }[name]


def worth(cell, totals, search):
    q, p = cell / totals
    value = (p - q) * np.log(p / q)
    if search.divergence is not None:
        value = q * generator(search.divergence.name)(p / q)
    if search.corrected:
        value -= (1 - p) * (1 + q / p) / (2 * totals[1])
        value -= (1 - q) * (1 + p / q) / (2 * totals[0])
    return value - search.size_penalty * (cell.sum() / totals.sum()) ** 2


def differ(x, y, level):
    n, m = x.sum(), y.sum()
    pooled = (x[1] + y[1]) / (n + m)
    z = (x[1] / n - y[1] / m) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return 2 * norm.sf(abs(z)) <= level * (1 + 1e-9)


def follows(rates, trend, gap):
    """Whether the rates of all samples have the shape, turning at the same bin."""
    change = np.diff(rates, axis=1)
    if trend in ("concave", "convex", None):
        bend = np.diff(change, axis=1)
        return (abs(change) >= gap - TIE).all() and {
            "concave": (bend <= TIE).all(),
            "convex": (bend >= -TIE).all(),
            None: True,
        }[trend]
    rises, falls = (change >= gap - TIE).all(axis=0), (-change >= gap - TIE).all(axis=0)
    if trend == "ascending":
        return rises.all()
    if trend == "descending":
        return falls.all()
    up, down = (rises, falls) if trend == "peak" else (falls, rises)
    return any(up[:k].all() and down[k:].all() for k in range(up.size + 1))


def obeys(groups, sizes, search):
    size, slack = sizes, 1e-9 * groups.sum()
    ones, zeros = groups[:, 1], groups[:, 0]
    if search.max_pvalue is not None:
        pairs = list(itertools.combinations(range(len(groups)), 2))
        if search.pvalue_pairs == "neighbours":
            pairs = [(a, b) for a, b in pairs if b == a + 1]
        if not all(differ(groups[a], groups[b], search.max_pvalue) for a, b in pairs):
            return False
    return (
        len(groups) >= search.min_bins
        and (ones >= search.min_events).all()
        and (ones <= search.max_events).all()
        and (zeros >= search.min_non_events).all()
        and (zeros <= search.max_non_events).all()
        and (size >= search.min_size - slack).all()
        and (size <= search.max_size + slack).all()
    )


def binnings(n_pre, max_bins, kept):
    for n_cuts in range(min(max_bins, n_pre)):
        for cuts in itertools.combinations(range(1, n_pre), n_cuts):
            if set(kept) <= set(cuts):
                yield [0, *cuts]


def outcomes(counts, search, starts):
    """Groups, sizes, value and rates by sample: once per place of the missing values."""
    groups = np.add.reduceat(counts.weight, starts, axis=0)
    base = counts.weight.sum(axis=1) if counts.sizes is None else counts.sizes
    sizes = np.add.reduceat(base, starts)
    parts = [np.add.reduceat(w, starts, axis=0) for w, _ in counts.samples]
    for place in range(len(starts)) if counts.missing else [None]:
        g, s, several = groups.copy(), sizes.copy(), [part.copy() for part in parts]
        if place is not None:
            g[place] += counts.missing.weight
            s[place] += counts.missing.size
            for part, more in zip(several, counts.missing.samples, strict=True):
                part[place] += more
        pools = several or [g]
        if any((pool <= 0).any() for pool in [g, *pools]):
            continue
        totals = [t for _, t in counts.samples] or [counts.totals]
        share = np.array([t.sum() for t in totals])
        value = sum(
            w * sum(worth(cell, t, search) for cell in pool)
            for w, pool, t in zip(share / share.sum(), pools, totals, strict=True)
        )
        yield g, s, value, [pool[:, 1] / pool.sum(axis=1) for pool in pools]


def enumerate_best(counts, search):
    best = dict.fromkeys(TRENDS)
    for starts in binnings(len(counts.weight), search.max_bins, counts.kept):
        for groups, sizes, value, rates in outcomes(counts, search, starts):
            if not obeys(groups, sizes, search):
                continue
            for trend in TRENDS:
                if (best[trend] is None or value > best[trend]) and follows(
                    rates, trend, search.min_gap
                ):
                    best[trend] = value
    return best


def draw_counts(rng, with_samples, with_missing):
    n_pre = int(rng.integers(1, 7))
    scale = rng.choice([8, 60])
    n_samples = 2 if with_samples else 1
    weights = rng.integers(0, scale, size=(n_samples, n_pre, 2)).astype(float)
    gone = rng.integers(0, scale, size=(n_samples, 2)).astype(float)
    more = rng.integers(1, 20, size=(n_samples, 2))
    totals = weights.sum(axis=1) + gone + more
    pooled = weights.sum(axis=0)
    return PreCounts(
        pooled,
        totals.sum(axis=0),
        sizes=rng.integers(1, 30, n_pre).astype(float) if rng.integers(2) else None,
        kept=tuple(int(k) for k in rng.permutation(range(1, n_pre))[: rng.integers(3)])
        if n_pre > 1 and rng.integers(3) == 0
        else (),
        samples=tuple(zip(weights, totals, strict=True)) if with_samples else (),
        missing=Reserved(
            gone.sum(axis=0), float(gone.sum()), tuple(gone) if with_samples else ()
        )
        if with_missing
        else None,
    )


def draw_search(rng):
    def some(value, free, odds=3):
        return value if rng.integers(odds) == 0 else free

    member = list(catalogue().values())[rng.integers(9)]
    divergence = some(member, None, 2)
    return TrendSearch(
        feature="x",
        max_bins=int(rng.integers(1, 7)),
        min_size=some(10.0, 0.0),
        max_size=some(100.0, np.inf, 4),
        min_events=some(4.0, 0.0),
        min_non_events=some(4.0, 0.0),
        min_gap=some(float(rng.choice([0.02, 0.1])), 0.0),
        corrected=divergence is None and bool(rng.integers(2)),
        min_bins=some(2, 1),
        max_events=some(80.0, np.inf, 4),
        max_non_events=some(80.0, np.inf, 4),
        divergence=divergence,
        size_penalty=some(0.3, 0.0),
        max_pvalue=some(float(rng.choice([0.05, 0.3])), None, 2),
        pvalue_pairs=str(rng.choice(["neighbours", "all"])),
    )


def check_instance(rng, *, with_samples, with_missing):
    counts, search = draw_counts(rng, with_samples, with_missing), draw_search(rng)
    truth = enumerate_best(counts, search)
    found = partitions_of(counts, search, TRENDS)
    for trend in TRENDS:
        case = (counts, search, trend)
        if truth[trend] is None:
            assert found[trend] is None, case
            continue
        assert found[trend] is not None, case
        assert found[trend].value == pytest.approx(truth[trend], abs=1e-10), case
        # What is returned is what was promised.
        starts = list(found[trend].starts)
        assert set(counts.kept) <= set(starts)
        assert (found[trend].joined is not None) == with_missing
        kept = [
            value
            for g, s, value, rates in outcomes(counts, search, starts)
            if obeys(g, s, search) and follows(rates, trend, search.min_gap)
        ]
        assert max(kept) == pytest.approx(found[trend].value, abs=1e-10), case
    return [truth[trend] is not None for trend in TRENDS]


@pytest.mark.parametrize("with_samples", [False, True])
@pytest.mark.parametrize("with_missing", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_optimum_equals_enumeration(seed, with_samples, with_missing):
    # 16 * 120 instances with random limits, each under seven trends.
    rng = np.random.default_rng([seed, with_samples, with_missing])
    feasible = [
        check_instance(rng, with_samples=with_samples, with_missing=with_missing)
        for _ in range(120)
    ]
    assert 0.1 < np.mean(feasible) < 0.95


def test_where_missing_values_went_is_the_bin_that_pays():
    weight = np.array([[90.0, 10], [80, 20], [60, 40]])
    gone = np.array([30.0, 22.0])
    counts = PreCounts(
        weight, weight.sum(axis=0) + gone, missing=Reserved(gone, gone.sum())
    )
    found = partitions_of(counts, TrendSearch("x", 3), [None])[None]
    assert found.starts == (0, 1, 2)
    assert found.joined == 2


def test_curves_take_few_prebins_and_say_so():
    weight = np.full((60, 2), 5.0)
    counts = PreCounts(weight, weight.sum(axis=0))
    with pytest.raises(InfostatError, match=r"'income' has 60 pre-bins.*at most 50"):
        partitions_of(counts, TrendSearch("income", 5), ["concave"])


def test_all_pairs_give_up_with_a_remedy(monkeypatch):
    monkeypatch.setattr("infostat.binning.conflicts.MOST_CUTS", 3)
    rng = np.random.default_rng(0)
    weight = rng.integers(20, 60, size=(14, 2)).astype(float)
    counts = PreCounts(weight, weight.sum(axis=0))
    search = TrendSearch("income", 8, max_pvalue=0.5, pvalue_pairs="all")
    with pytest.raises(InfostatError, match=r"'income'.*pvalue_pairs='neighbours'"):
        partitions_of(counts, search, [None])


@pytest.mark.parametrize(("with_missing", "members"), [(False, 3), (True, 1_000)])
def test_all_pairs_of_more_prebins_equal_enumeration(
    monkeypatch, with_missing, members
):
    # Rates that go up and down, so that bins far apart are alike and the search branches;
    # the answer does not depend on how many intervals are banned at a time.
    monkeypatch.setattr("infostat.binning.conflicts.MOST_MEMBERS", members)
    rng = np.random.default_rng(2)
    for _ in range(1 if with_missing else 2):
        size = rng.integers(300, 600, 9)
        rate = 0.3 + 0.12 * np.sin(np.arange(9) * 1.3) + 0.02 * np.arange(9)
        events = rng.binomial(size, rate)
        weight = np.stack([size - events, events], axis=1).astype(float)
        gone = np.array([70.0, 50.0])
        missing = Reserved(gone, 120.0) if with_missing else None
        counts = PreCounts(weight, weight.sum(axis=0) + gone, missing=missing)
        search = TrendSearch("x", 5, max_pvalue=0.1, pvalue_pairs="all")
        truth = enumerate_best(counts, search)
        found = partitions_of(counts, search, TRENDS)
        plain = partitions_of(
            counts, replace(search, pvalue_pairs="neighbours"), TRENDS
        )
        for trend in TRENDS:
            assert found[trend].value == pytest.approx(truth[trend], abs=1e-10)
        assert found[None].value < plain[None].value - 1e-6


def test_all_pairs_of_fifty_prebins_are_proven():
    # Banning one interval at a time gave up here after 2,000 programmes.
    rng = np.random.default_rng(5)
    place = (np.arange(50) + 0.5) / 50
    size = rng.multinomial(20_000, np.full(50, 0.02))
    events = rng.binomial(size, 0.1 + 0.12 * place + 0.03 * np.sin(14 * place))
    weight = np.stack([size - events, events], axis=1).astype(float)
    counts = PreCounts(weight, weight.sum(axis=0))
    search = TrendSearch("x", 8, min_size=400.0, max_pvalue=0.05, pvalue_pairs="all")
    found = partitions_of(counts, search, [None])[None]
    groups = np.add.reduceat(weight, found.starts, axis=0)
    assert all(differ(a, b, 0.05) for a, b in itertools.combinations(groups, 2))
