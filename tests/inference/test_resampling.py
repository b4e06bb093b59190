"""Permutation tests against full enumeration; adjustments by hand."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import multinomial

from infostat.counts import CountTable
from infostat.divergences import contributions, get_divergence
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.inference import (
    adjust_p_values,
    measure,
    permutation_p_value,
    step_down_p_values,
)
from infostat.inference.null import pearson_statistic

TINY = CountTable.from_counts([4, 1, 0], [1, 3, 4])


def statistic(name, events, non_events, pooled):
    p, q = events / events.sum(), non_events / non_events.sum()
    if name == "pearson":
        return pearson_statistic(p, q, pooled)
    return contributions(p, q, get_divergence(name)).sum()


@pytest.mark.parametrize("name", ["pearson", "hellinger", "js"])
@pytest.mark.parametrize("table", [TINY, CountTable.from_counts([3, 3, 1], [1, 2, 6])])
def test_p_value_is_that_of_all_tables(name, table):
    totals = table.rows.sum(1)
    n1, n = int(table.events.sum()), int(totals.sum())
    observed = statistic(name, table.events, table.non_events, totals / n)
    exact = 0.0
    for events in product(*(range(t + 1) for t in totals)):
        if sum(events) == n1:
            ones = np.array(events, float)
            value = statistic(name, ones, totals - ones, totals / n)
            if value >= observed * (1 - 1e-10):
                exact += np.prod(
                    [comb(t, e) for t, e in zip(totals, events, strict=True)]
                )
    exact /= comb(n, n1)
    n_resamples = 20_000
    found = permutation_p_value(table, statistic=name, n_resamples=n_resamples, rng=0)
    assert found == pytest.approx(exact, abs=4 * np.sqrt(exact / n_resamples))


def test_fixed_reference_draws_from_the_reference():
    table = CountTable.from_counts([5, 2, 1], [20, 40, 40])
    q = np.array([0.2, 0.4, 0.4])
    observed = pearson_statistic(np.array([5, 2, 1]) / 8, q, q)
    exact = sum(
        multinomial.pmf([a, b, 8 - a - b], 8, q)
        for a in range(9)
        for b in range(9 - a)
        if pearson_statistic(np.array([a, b, 8 - a - b]) / 8, q, q) >= observed - 1e-12
    )
    found = permutation_p_value(table, reference="fixed", n_resamples=20_000, rng=1)
    assert found == pytest.approx(exact, abs=4 * np.sqrt(exact / 20_000))


def test_a_bin_that_a_fixed_reference_excludes_is_the_smallest_p_value():
    table = CountTable.from_counts([4, 4, 3], [0, 8, 9])
    assert permutation_p_value(table, reference="fixed", n_resamples=99, rng=0) == 0.01


def test_p_value_counts_the_observed_table_and_ties():
    """With one row a bin every table is the same: ties count, the p-value is one."""
    table = CountTable.from_counts([1, 0, 1, 0], [0, 1, 0, 1])
    assert permutation_p_value(table, n_resamples=50, rng=0) == 1.0
    clear = CountTable.from_counts([90, 10], [10, 90])
    assert permutation_p_value(clear, n_resamples=99, rng=0) == 0.01


def test_permutation_agrees_with_pearson_on_full_tables():
    table = CountTable.from_counts([100, 120, 95], [210, 190, 200])
    found = permutation_p_value(table, n_resamples=5000, rng=3)
    assert found == pytest.approx(measure(table).p_zero, abs=0.015)


def test_same_seed_same_p_value_and_empty_bins_do_not_matter():
    wide = CountTable.from_counts([4, 0, 1, 0], [1, 0, 3, 4])
    assert permutation_p_value(TINY, rng=5) == permutation_p_value(wide, rng=5)
    generator = np.random.default_rng(5)
    assert permutation_p_value(TINY, rng=generator) == permutation_p_value(TINY, rng=5)


def test_fractional_counts_and_giants():
    with pytest.raises(InfostatError, match="whole counts"):
        permutation_p_value(CountTable.from_counts([1.5, 2], [3, 4]))
    giant = CountTable.from_counts([4e8, 4e8], [4e8, 4.001e8])
    with pytest.warns(InfostatWarning, match="Pearson's p-value instead"):
        assert permutation_p_value(giant) == measure(giant).p_zero


def features(seed, n=200):
    rng = np.random.default_rng(seed)
    classes = (rng.random(n) < 0.3).astype(np.uint8)
    noise = [rng.integers(0, 4, n).astype(np.uint8) for _ in range(3)]
    strong = np.clip(rng.integers(0, 3, n) + 2 * classes, 0, 3).astype(np.uint8)
    return [strong, *noise], classes


def test_step_down_of_one_feature_is_its_permutation_test():
    codes, classes = features(1)
    events = np.bincount(codes[1][classes == 1], minlength=4)
    table = CountTable.from_counts(events, np.bincount(codes[1], minlength=4) - events)
    single = permutation_p_value(table, n_resamples=4000, rng=0)
    found = step_down_p_values([codes[1]], classes, n_resamples=2000, rng=0)
    assert found[0] == pytest.approx(single, abs=0.05)


def test_step_down_against_a_slow_second_writing():
    """Definition: ordered by p, minimum over those not more significant, running max."""
    from scipy.stats import chi2_contingency

    codes, classes = features(2, n=120)

    def p_of(code, y):
        table = [np.bincount(code[y == k], minlength=4) for k in (0, 1)]
        return chi2_contingency(table, correction=False).pvalue

    observed = np.array([p_of(c, classes) for c in codes])
    order = np.argsort(observed)
    generator = np.random.default_rng(7)
    count = np.zeros(4)
    for _ in range(60):
        # The classes are permuted as booleans by the same generator.
        y = generator.permutation(classes.astype(bool)).astype(int)
        drawn = np.array([p_of(c, y) for c in codes])[order]
        for k in range(4):
            count[k] += drawn[k:].min() <= observed[order][k] * (1 + 1e-9)
    expected = np.empty(4)
    expected[order] = np.maximum.accumulate((1 + count) / 61)
    found = step_down_p_values(codes, classes, n_resamples=60, rng=7)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_copies_of_a_feature_cost_nothing_and_strangers_do():
    codes, classes = features(3)
    single = step_down_p_values([codes[1]], classes, n_resamples=300, rng=4)
    copies = step_down_p_values([codes[1]] * 5, classes, n_resamples=300, rng=4)
    np.testing.assert_array_equal(copies, np.repeat(single, 5))
    many = step_down_p_values(codes, classes, n_resamples=300, rng=4)
    assert (many[1] >= single[0] - 1e-12).all()
    assert many[0] == 1 / 301


def test_a_constant_feature_and_empty_codes():
    codes, classes = features(3)
    constant = np.full(classes.size, 2, np.uint8)
    found = step_down_p_values([constant, codes[0]], classes, n_resamples=50, rng=0)
    assert found[0] == 1.0
    assert found[1] == 1 / 51


P = [0.01, 0.04, 0.03, 0.005]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("bonferroni", [0.04, 0.16, 0.12, 0.02]),
        ("holm", [0.03, 0.06, 0.06, 0.02]),
        ("bh", [0.02, 0.04, 0.04, 0.02]),
        ("by", [0.02 * 25 / 12, 0.04 * 25 / 12, 0.04 * 25 / 12, 0.02 * 25 / 12]),
    ],
)
def test_adjustments_by_hand(method, expected):
    np.testing.assert_allclose(adjust_p_values(P, method), expected, rtol=1e-12)


def test_adjustment_edges():
    assert adjust_p_values([]).shape == (0,)
    assert adjust_p_values([0.9, 0.8], "bonferroni").tolist() == [1.0, 1.0]
    np.testing.assert_array_equal(adjust_p_values(P), adjust_p_values(P, "bh"))
    for bad in ([1.1], [-0.1], [np.nan]):
        with pytest.raises(InfostatError, match="numbers from 0 to 1"):
            adjust_p_values(bad)
    with pytest.raises(
        InfostatError, match=r"'bh', 'by', 'holm', 'bonferroni', got 'fdr'"
    ):
        adjust_p_values([0.1], "fdr")
