"""Samples that share no bin: nothing bounds their divergence, but equal they are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from infostat import population_stability_index
from infostat.counts import CountTable, tabulate_clusters
from infostat.divergences import contributions, get_divergence
from infostat.inference import measure
from infostat.inference.sparse import padded


@pytest.mark.parametrize(
    ("before", "now"),
    [([1000, 1000], [0, 2000]), ([40, 30, 30], [0, 0, 90]), ([9, 80], [90, 0])],
)
def test_a_complete_change_is_seen(before, now):
    with pytest.warns(match="at most one bin holds both"):
        found = population_stability_index(before, now)
    low, high = found.interval()
    assert 0.25 < low < found.value < high == np.inf
    assert found.light() == "red"
    assert found.n == np.sum([before, now])
    exact = chi2_contingency([before, now], correction=False).pvalue
    assert found.p_value() == pytest.approx(exact, rel=1e-6, abs=1e-300)
    assert found.p_value() < 1e-9
    assert found.p_value(0.1, "greater") < 1e-6
    assert found.p_value(0.1, "less") == 1.0


@pytest.mark.filterwarnings("ignore:The table. at most one bin")
def test_one_row_more_or_less_decides_nothing():
    """Beside a table of which one bin all but lacks a class."""
    none, one = (
        population_stability_index([1000, 1000], now) for now in ([0, 2000], [1, 1999])
    )
    assert none.value == pytest.approx(one.value, rel=0.01)
    assert none.interval()[0] == pytest.approx(one.interval()[0], rel=0.01)


@pytest.mark.filterwarnings("ignore:The table. the smaller class has 7 rows")
def test_few_rows_stay_undecided():
    with pytest.warns(match="1 sparse bins were merged"):
        found = population_stability_index([6, 6], [0, 7])
    assert found.interval() == (0.0, np.inf)
    assert found.light() == "amber"


def test_padding_adds_a_row_of_the_rarer_class_and_its_like():
    table = CountTable.from_counts([0.0, 40.0], [300.0, 100.0])
    found = padded(table, table.totals)
    np.testing.assert_allclose(found.weight, [[310.0, 1.0], [110.0, 41.0]])
    # Ten rows of weight one, one row of weight one.
    np.testing.assert_allclose(found.squared - table.squared, [[10, 1], [10, 1]])


@pytest.mark.parametrize(
    ("now", "before", "n_now", "n_before"),
    [
        ([0.98, 0.02], [0.5, 0.5], 40, 40),
        ([0.98, 0.02], [0.5, 0.5], 100, 1000),
        ([0.005, 0.005, 0.99], [0.3, 0.3, 0.4], 100, 100),
        ([0.004, 0.996], [0.3, 0.7], 400, 8000),
    ],
)
def test_the_lower_limit_holds_where_the_classes_share_no_bin(
    now, before, n_now, n_before
):
    """Among the draws in which they do not, and in all: at most 2.5 % lie below."""
    rng = np.random.default_rng(1)
    kind = get_divergence("jeffreys")
    truth = float(contributions(np.array(now), np.array(before), kind).sum())
    open_above, wrong = 0, 0
    for _ in range(500):
        counts = rng.multinomial(n_now, now), rng.multinomial(n_before, before)
        found = measure(CountTable.from_counts(*counts), name="")
        open_above += found.open_above
        wrong += found.open_above and found.interval()[0] > truth
    assert open_above > 20
    assert wrong <= 0.025 * open_above + 3 * np.sqrt(0.025 * open_above)


def test_clusters_that_share_no_bin():
    """Two rows of one law a cluster say no more than one."""
    codes = np.repeat([0, 1, 1, 1, 1], 40)
    member = np.repeat([0, 0, 1, 1, 1], 40)
    rows = tabulate_clusters(codes, member, np.arange(200), labels=["a", "b"])
    pairs = tabulate_clusters(
        np.repeat(codes, 2),
        np.repeat(member, 2),
        np.arange(400) // 2,
        labels=["a", "b"],
    )
    one, two = (measure(table, name="") for table in (rows, pairs))
    alone = measure(rows.table, name="")
    assert one.interval()[0] == pytest.approx(alone.interval()[0], rel=0.05)
    assert one.interval()[1] == two.interval()[1] == np.inf
    assert 0.25 < two.interval()[0] < 1.3 * one.interval()[0]
    assert one.p_zero < 1e-6


def test_weights_scale_the_test():
    ones = CountTable.from_counts([0.0, 80.0], [40.0, 40.0])
    twice = CountTable.from_counts([0.0, 160.0], [80.0, 80.0])
    assert measure(twice, name="").p_zero < measure(ones, name="").p_zero < 1e-6
    fixed = measure(ones, reference="fixed", name="").p_zero
    assert fixed < measure(ones, name="").p_zero


def test_size_where_a_bin_often_lacks_a_class():
    rng = np.random.default_rng(0)
    n, rejected, collapsed = 1500, 0, 0
    for _ in range(n):
        counts = rng.multinomial(40, [0.13, 0.87], size=2)
        found = measure(CountTable.from_counts(*counts), name="")
        rejected += found.p_zero < 0.05
        collapsed += bool((counts == 0).any())
    assert collapsed > 5
    assert rejected / n < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n)
