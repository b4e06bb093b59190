"""Missing values that join a bin: one programme against one programme a place."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from infostat import Bins, OptimalBinner, StumpBinner, information_value
from infostat.binning.search import PreCounts, Reserved, TrendSearch, partitions_of
from infostat.binning.single_precision import right_closed_cuts

SHAPES = ("ascending", "descending", "peak", "valley", None)


def wave(n_pre, seed):
    """Counts whose rate rises in waves, and missing values with a rate of their own."""
    rng = np.random.default_rng(seed)
    place = np.arange(n_pre) / n_pre
    size = rng.integers(60, 150, n_pre)
    events = rng.binomial(size, 0.1 + 0.15 * place + 0.05 * np.sin(12 * place))
    weight = np.stack([size - events, events], axis=1).astype(float)
    gone = np.array([rng.integers(50, 400), rng.integers(20, 120)], dtype=float)
    return PreCounts(
        weight, weight.sum(axis=0) + gone, missing=Reserved(gone, float(gone.sum()))
    )


def joined_to(counts, place):
    """Counts with the missing values in one pre-bin."""
    weight = counts.weight.copy()
    weight[place] += counts.missing.weight
    return replace(counts, weight=weight, missing=None)


def place_by_place(counts, search, trends):
    """Largest value over programmes with the missing values in every pre-bin."""
    found = [
        partitions_of(joined_to(counts, place), search, trends)
        for place in range(len(counts.weight))
    ]
    values = {t: [each[t].value for each in found if each[t]] for t in trends}
    return {trend: max(some, default=None) for trend, some in values.items()}


@pytest.mark.parametrize(
    ("trends", "limits"),
    [
        (SHAPES, {}),
        (SHAPES, {"min_gap": 0.02, "corrected": True}),
        (SHAPES, {"max_pvalue": 0.1}),
        (("concave", "convex"), {}),
    ],
)
def test_one_programme_equals_a_programme_a_place(trends, limits):
    for seed in range(3):
        counts = wave(16 if trends == SHAPES else 14, seed)
        search = TrendSearch("x", 6, min_size=0.05 * counts.totals.sum(), **limits)
        truth = place_by_place(counts, search, trends)
        found = partitions_of(counts, search, trends)
        for trend in trends:
            assert found[trend].value == pytest.approx(truth[trend], abs=1e-12)
            # The bin that was named is one that reaches it.
            starts, bin_ = found[trend].starts, found[trend].joined
            again = partitions_of(
                replace(joined_to(counts, starts[bin_]), kept=starts[1:]),
                replace(search, max_bins=len(starts)),
                [trend],
            )[trend]
            assert again.starts == starts
            assert again.value == pytest.approx(truth[trend], abs=1e-12)


def test_hundred_prebins_with_missing_values_take_milliseconds():
    counts = wave(100, 0)
    search = TrendSearch("x", 8, min_size=0.02 * counts.totals.sum())
    seconds = []
    for _ in range(3):
        start = time.process_time()
        found = partitions_of(counts, search, SHAPES)
        seconds.append(time.process_time() - start)
    assert all(found.values())
    # About 20 ms; one programme a place took a second.
    assert min(seconds) < 0.2


def test_equal_places_are_decided_alike_every_time():
    cells = np.tile([[30.0, 5.0], [20.0, 9.0]], (4, 1))
    gone = np.array([10.0, 4.0])
    counts = PreCounts(cells, cells.sum(axis=0) + gone, missing=Reserved(gone, 14.0))
    search = TrendSearch("x", 5)
    answers = [partitions_of(counts, search, SHAPES) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


def holed(n=3_000, seed=1):
    """A number whose missing values default more often, and the outcome."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = rng.random(n) < 1 / (1 + np.exp(1.5 - x))
    gone = rng.random(n) < 0.1
    y[gone] = rng.random(gone.sum()) < 0.35
    return np.where(gone, np.nan, x)[:, None], y.astype(int)


def plug_in(table):
    return information_value(table, name="").plug_in


def test_stumps_let_missing_values_join_their_best_bin():
    X, y = holed()
    options = {"n_rounds": 12, "monotonic": None, "min_bin_size": 0}
    binner = StumpBinner(max_bins=3, missing="merge", **options).fit(X, y)
    cuts = right_closed_cuts(binner.thresholds_["x0"])
    assert 4 <= len(cuts) <= 12

    def values(chosen):
        table = Bins.numeric("x0", chosen).count(X[:, 0], y.astype(np.uint8))
        shares = table.weight / table.totals
        for place in range(1, len(shares)):
            joined = shares[1:].copy()
            joined[place - 1] += shares[0]
            q, p = joined.T
            yield float(((p - q) * np.log(p / q)).sum())

    best = max(max(values(c)) for k in (1, 2) for c in combinations(cuts, k))
    assert plug_in(binner.tables_["x0"]) == pytest.approx(best, rel=1e-12)
    bins = binner.bins_["x0"]
    assert bins.missing_to >= bins.first
    assert (binner.transform(X)[np.isnan(X)] == bins.missing_to).all()


def test_gain_sends_missing_values_where_the_classes_stay_furthest_apart():
    X, y = holed()
    options = {"reduction": "gain", "monotonic": None, "min_bin_size": 0}
    apart = StumpBinner(max_bins=4, n_rounds=20, **options).fit(X, y)
    merged = StumpBinner(max_bins=4, n_rounds=20, missing="merge", **options).fit(X, y)
    assert merged.bins_["x0"].cuts == apart.bins_["x0"].cuts
    shares = apart.tables_["x0"].weight / apart.tables_["x0"].totals

    def triangular(cell):
        return (cell[1] - cell[0]) ** 2 / cell.sum()

    changes = [triangular(c + shares[0]) - triangular(c) for c in shares[1:]]
    assert merged.bins_["x0"].missing_to == 1 + int(np.argmax(changes))
    assert merged.tables_["x0"].totals.tolist() == apart.tables_["x0"].totals.tolist()
    assert merged.tables_["x0"].weight[0].sum() == 0


@pytest.mark.parametrize("reduction", ["optimal", "gain"])
def test_merged_stumps_keep_size_and_trend_and_fit_counts_alike(reduction):
    X, y = holed()
    stumps = StumpBinner(
        max_bins=5,
        n_rounds=20,
        reduction=reduction,
        monotonic="ascending",
        min_bin_size=0.1,
        missing="merge",
    )
    counted = OptimalBinner(max_bins=5).fit(X, y)
    fitted = stumps.fit(X, y)
    for each in (fitted.tables_["x0"], counted_again(stumps, counted)):
        ordinary = each.weight[1:]
        assert each.weight[0].sum() == 0
        assert ordinary.sum(axis=1).min() >= 0.1 * len(y) - 1e-9
        assert (np.diff(ordinary[:, 1] / ordinary.sum(axis=1)) >= 0).all()


def counted_again(stumps, pre):
    again = StumpBinner(**stumps.get_params())
    return again.fit_counts(pre.prebins_, pre.prebin_tables_).tables_["x0"]
