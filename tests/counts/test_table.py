"""Count tables: addition, subtraction, merging; what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infostat.counts import CountTable
from infostat.counts.array_engine import count_codes
from infostat.divergences import Alpha, catalogue, contributions
from infostat.exceptions import InfostatError

LABELS = ("a", "b", "c", "d")


def rows(seed, n=200, weighted=True):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, n).astype(np.uint8)
    classes = rng.integers(0, 2, n).astype(np.uint8)
    return codes, classes, rng.exponential(size=n) if weighted else None


def table_of(codes, classes, weight):
    return count_codes(codes, classes, LABELS, weight=weight)


def assert_same(left, right, **tolerance):
    assert left.labels == right.labels
    np.testing.assert_array_equal(left.rows, right.rows)
    np.testing.assert_allclose(left.weight, right.weight, **tolerance)
    np.testing.assert_allclose(left.squared, right.squared, **tolerance)


@given(seed=st.integers(0, 10**6), cut=st.integers(0, 200))
def test_table_of_a_concatenation_is_the_sum_of_tables(seed, cut):
    codes, classes, weight = rows(seed)
    whole = table_of(codes, classes, weight)
    parts = [
        table_of(codes[s], classes[s], weight[s])
        for s in (slice(None, cut), slice(cut, None))
    ]
    assert_same(parts[0] + parts[1], whole, rtol=1e-12)
    assert_same(whole - parts[0], parts[1], rtol=1e-9, atol=1e-12)


def test_cells_against_a_loop():
    codes, classes, weight = rows(1)
    table = table_of(codes, classes, weight)
    for j in range(4):
        for k in range(2):
            here = (codes == j) & (classes == k)
            assert table.rows[j, k] == here.sum()
            assert table.weight[j, k] == pytest.approx(weight[here].sum())
            assert table.squared[j, k] == pytest.approx((weight[here] ** 2).sum())
    assert table.events.tolist() == table.weight[:, 1].tolist()
    assert table.non_events.tolist() == table.weight[:, 0].tolist()
    np.testing.assert_allclose(table.event_rate, table.events / table.weight.sum(1))


def test_more_than_one_block_counts_every_row():
    codes, classes, weight = rows(2, n=40_000)
    table = table_of(codes, classes, weight)
    assert table.rows.sum() == 40_000
    assert table.weight.sum() == pytest.approx(weight.sum(), rel=1e-12)


@given(seed=st.integers(0, 10**6))
def test_weights_are_repetition(seed):
    codes, classes, _ = rows(seed, n=60)
    times = np.random.default_rng(seed).integers(1, 5, codes.size)
    weighted = table_of(codes, classes, times.astype(float))
    repeated = table_of(np.repeat(codes, times), np.repeat(classes, times), None)
    np.testing.assert_array_equal(weighted.weight, repeated.weight)


@given(
    seed=st.integers(0, 10**6),
    codes=st.lists(st.integers(0, 2), min_size=4, max_size=4),
)
def test_collapse_is_counting_coarser_codes(seed, codes):
    fine, classes, weight = rows(seed)
    coarse = table_of(fine, classes, weight).collapse(codes, ("x", "y", "z"))
    direct = count_codes(np.array(codes)[fine], classes, ("x", "y", "z"), weight=weight)
    assert_same(coarse, direct, rtol=1e-12)
    np.testing.assert_allclose(coarse.totals, table_of(fine, classes, weight).totals)


@pytest.mark.parametrize(("first", "last"), [(0, 1), (1, 2), (0, 3), (2, 3)])
def test_merge_keeps_totals_and_order(first, last):
    table = table_of(*rows(4))
    merged = table.merge(first, last)
    assert merged.n_bins == 4 - (last - first)
    assert merged.labels[first] == " + ".join(LABELS[first : last + 1])
    np.testing.assert_allclose(
        merged.weight[first], table.weight[first : last + 1].sum(0)
    )
    np.testing.assert_array_equal(merged.rows[:first], table.rows[:first])
    np.testing.assert_array_equal(merged.rows[first + 1 :], table.rows[last + 1 :])


@pytest.mark.parametrize(("first", "last"), [(1, 1), (2, 1), (-1, 1), (1, 4)])
def test_merge_refuses_what_is_no_range(first, last):
    with pytest.raises(InfostatError, match=r"Cannot merge|at least 0, got -1"):
        table_of(*rows(4)).merge(first, last)


@pytest.mark.parametrize(
    "member",
    [*catalogue().values(), Alpha(-0.5), Alpha(0.5), Alpha(3.0)],
    ids=lambda m: f"{m.name}{getattr(m, 'a', '')}",
)
@given(seed=st.integers(0, 10**6), first=st.integers(0, 2))
def test_merging_bins_never_raises_a_divergence(member, seed, first):
    table = table_of(*rows(seed, weighted=False))

    def value(counts):
        q, p = (counts.weight / counts.totals).T
        return contributions(p, q, member).sum()

    assert value(table.merge(first, first + 1)) <= value(table) + 1e-12


def test_subtraction_empties_cells_exactly():
    """0.1 + 0.2 - 0.2 - 0.1 leaves dust in floats, and dust has a logarithm."""
    one = CountTable(*(np.array([[v, 1]]) for v in (1, 0.1, 0.01)), ("a",))
    two = CountTable(*(np.array([[v, 0]]) for v in (1, 0.2, 0.04)), ("a",))
    left = (
        one
        + two
        - two
        - CountTable(*(np.array([[v, 0]]) for v in (1, 0.1, 0.01)), ("a",))
    )
    assert left.weight[0, 0] == 0.0
    assert left.squared[0, 0] == 0.0
    with pytest.raises(InfostatError, match="does not"):
        two - one


def test_tables_of_other_bins_do_not_add():
    table = CountTable.from_counts([1, 2], [3, 4])
    with pytest.raises(InfostatError, match="different bins"):
        table + CountTable.from_counts([1, 2], [3, 4], labels=["x", "y"])
    with pytest.raises(TypeError, match="Cannot add int"):
        table + 1


def test_from_counts_puts_events_second():
    table = CountTable.from_counts([1, 2], [30, 40])
    assert table.weight.tolist() == [[30, 1], [40, 2]]
    assert table.labels == ("1", "2")
    assert table.rows.dtype == np.int64


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([1, -1], "events holds -1"),
        ([1, np.nan], "events holds nan"),
        ([1, np.inf], "events holds inf"),
        ([], "events must be a non-empty vector"),
        ([[1, 2]], "events must be a non-empty vector"),
        (["1", "2"], "events must be a non-empty vector"),
        ([1, 2, 3], "events has 3 bins and non_events 2"),
    ],
)
def test_from_counts_names_what_is_wrong(events, message):
    with pytest.raises(InfostatError, match=message):
        CountTable.from_counts(events, [5, 6])


def test_a_table_of_unequal_shapes_is_refused():
    with pytest.raises(InfostatError, match="one shape"):
        CountTable(
            np.zeros((2, 2), int), np.zeros((2, 2)), np.zeros((3, 2)), ("a", "b")
        )
    with pytest.raises(InfostatError, match="1 labels"):
        CountTable(np.zeros((2, 2), int), np.zeros((2, 2)), np.zeros((2, 2)), ("a",))


def test_empty_bins_are_dropped_and_selected_bins_kept_in_order():
    table = CountTable.from_counts([1, 0, 2], [0, 0, 4], labels=["a", "b", "c"])
    assert table.drop_empty().labels == ("a", "c")
    assert table.select([2, 0]).labels == ("c", "a")
    assert table.select([2, 0]).events.tolist() == [2, 1]
    assert np.isnan(table.event_rate[1])
