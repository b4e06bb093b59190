"""Guard 1: which sparse bins are merged, in which order, and what the result says."""

from __future__ import annotations

import numpy as np
import pytest

from infostat.counts import CountTable
from infostat.inference import measure
from infostat.inference.sparse import sparse_groups


def groups(expected, *, weight=None, **options):
    expected = np.asarray(expected, float)
    if weight is None:
        weight = np.stack([expected * 10, expected], axis=1)
    return sparse_groups(np.asarray(weight, float), expected, **options).tolist()


@pytest.mark.parametrize(
    ("expected", "result"),
    [
        ([9, 9, 9], [0, 1, 2]),
        ([5, 5, 5], [0, 1, 2]),  # five is enough
        ([4.9, 9, 9], [0, 0, 1]),
        ([9, 4, 8], [0, 1, 1]),  # into the smaller neighbour
        ([7, 4, 8], [0, 0, 1]),
        ([9, 9, 1], [0, 1, 1]),
        # The smallest first: 1 joins 2, the two join 6, not the other way about.
        ([9, 2, 1, 6, 9], [0, 1, 1, 1, 2]),
        ([1, 1, 1, 1, 1], [0, 0, 0, 0, 0]),
        ([3, 3, 9, 3, 3], [0, 0, 1, 2, 2]),
    ],
)
def test_ordered_bins_join_their_neighbours(expected, result):
    assert groups(expected) == result


@pytest.mark.parametrize(
    ("expected", "ordered_from", "result"),
    [
        # Levels: the rarest joins the next rarest, wherever it stands.
        ([2, 9, 4, 8], 4, [0, 1, 0, 2]),
        ([1, 50, 1, 40, 9], 5, [0, 1, 0, 2, 0]),
        # Missing alone joins the smallest ordered bin.
        ([2, 9, 7, 8], 1, [0, 1, 0, 2]),
        # Missing and special join one another before they touch the ordered ones.
        ([2, 4, 9, 6], 2, [0, 0, 1, 2]),
        ([9, 9, 4, 8], 2, [0, 1, 2, 2]),
        # The only ordered bin, too small, joins the rarest level.
        ([9, 7, 2], 2, [0, 1, 1]),
    ],
)
def test_unordered_bins_join_the_rarest(expected, ordered_from, result):
    assert groups(expected, ordered_from=ordered_from) == result


def test_a_bin_without_a_class_is_merged_however_large():
    weight = [[100, 9], [200, 0], [150, 8]]
    assert groups([8, 16, 12], weight=weight) == [0, 0, 1]
    assert groups([8, 16, 12], weight=weight, both_classes=False) == [0, 1, 2]


def test_the_threshold_is_a_parameter():
    assert groups([3, 2, 9], minimum_expected=2) == [0, 1, 2]
    assert groups([3, 1, 9], minimum_expected=0) == [0, 1, 2]


def test_expected_counts_are_those_of_the_pooled_shares():
    """min(n1, n0) times the pooled share: 6 events of 60 in a bin of 1 % are few."""
    table = CountTable.from_counts([30, 24, 6], [3000, 2960, 40])
    pooled = 60 * np.array([3030, 2984, 46]) / 6060
    assert pooled[2] < 5
    with pytest.warns(match="Feature 'age': 1 sparse bins were merged"):
        found = measure(table, name="age")
    assert (found.n_bins, found.n_merged) == (2, 1)
    merged = measure(table.merge(1, 2))
    assert found.plug_in == merged.plug_in
    assert found.interval() == merged.interval()


def test_a_fixed_reference_gives_the_expected_counts_alone():
    """Class 0 is known: only n1 q_j counts, so this bin of 40 / 1000 is merged."""
    table = CountTable.from_counts([40, 40, 20], [500, 460, 40])
    assert measure(table, name="").n_merged == 0  # 100 * 60 / 1100 = 5.45
    with pytest.warns(match="1 sparse bins"):
        assert measure(table, reference="fixed").n_merged == 1  # 100 * .04 = 4


def test_empty_bins_are_dropped_without_a_word():
    table = CountTable.from_counts([50, 0, 60, 0], [70, 0, 50, 0])
    found = measure(table)
    assert (found.n_bins, found.n_merged) == (2, 0)
    dense = measure(CountTable.from_counts([50, 60], [70, 50]))
    assert found.plug_in == dense.plug_in
    assert found.df == dense.df


def test_ordered_from_counts_the_bins_of_the_table_not_of_the_filled_ones():
    """Missing is empty: the first filled bin is ordered, so it joins its neighbour."""
    table = CountTable.from_counts([0, 3, 50, 40], [0, 3, 60, 40])
    found = measure(table, ordered_from=1, name="")
    merged = measure(CountTable.from_counts([53, 40], [63, 40]))
    assert found.plug_in == pytest.approx(merged.plug_in, rel=1e-12)


def test_thirty_bins_of_sixty_rows_do_not_certify():
    """Without the guard the bias explodes and the upper limit falls to nothing."""
    rng = np.random.default_rng(0)
    counts = rng.multinomial(60, np.full(30, 1 / 30), size=2)
    found = measure(CountTable.from_counts(*counts), name="")
    assert found.n_bins <= 12
    assert found.n_merged == (counts.sum(0) > 0).sum() - found.n_bins
    assert found.interval()[1] > 0.1
    assert found.df < 3 * found.n_bins


def test_merging_lowers_the_value():
    counts = np.array([[30, 40, 20, 10, 2, 1], [300, 300, 300, 90, 9, 50]])
    free = measure(CountTable.from_counts(*counts), minimum_expected=0)
    assert measure(CountTable.from_counts(*counts), name="").plug_in <= free.plug_in


def test_weights_are_no_rows():
    """Expected counts under sampling weights are effective ones (Kish)."""
    rows = np.array([[400, 40], [400, 40], [60, 6]])
    plain = CountTable(rows, rows * 1.0, rows * 1.0, ("a", "b", "c"))
    heavy = CountTable(rows, rows * 1.0, rows * 4.0, ("a", "b", "c"))
    assert measure(plain, weight_type="sampling").n_merged == 0
    assert measure(heavy, weight_type="sampling", name="").n_merged == 1


def test_an_empty_string_silences_and_no_class_is_an_error():
    assert measure(CountTable.from_counts([3, 30], [3, 30]), name="").n_merged == 1
    with pytest.raises(ValueError, match="holds no events"):
        measure(CountTable.from_counts([0, 0], [3, 30]))
    with pytest.raises(ValueError, match="holds no non-events"):
        measure(CountTable.from_counts([1, 2], [0, 0]))
    three = CountTable(*(np.ones((2, 3), k) for k in (int, float, float)), ("a", "b"))
    with pytest.raises(ValueError, match="Expected two classes, got 3"):
        measure(three)


def test_total_variation_is_refused_by_name():
    with pytest.raises(ValueError, match="'tv' has no second derivative"):
        measure(CountTable.from_counts([30, 30], [30, 30]), "tv")
