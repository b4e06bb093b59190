"""Order statistics read from cells, against a sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infostat.binning.cells import LARGE, Cells, order_statistics
from infostat.counts.cell_map import cell_map

numbers = st.one_of(
    st.integers(-3, 3).map(float),
    st.floats(allow_nan=False, width=64),
    st.sampled_from([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, 1.0 + 2e-16]),
)
rows_of = st.lists(st.tuples(numbers, st.integers(0, 1)), min_size=1, max_size=80)


def by_sorting(values, classes, ranks):
    known = ~np.isnan(values)
    at = np.sort(values[known])[ranks]
    below = [[np.sum((values <= v) & (classes == y)) for y in (0, 1)] for v in at]
    return at, np.array(below).reshape(-1, 2)


@given(rows_of)
def test_every_rank_and_every_count(rows):
    values = np.array([v for v, _ in rows])
    classes = np.array([y for _, y in rows], dtype=np.uint8)
    cells = Cells.of(values, classes)
    ranks = np.arange(np.count_nonzero(~np.isnan(values)))
    if cells is None or not ranks.size:
        return
    assert cells.counts.sum() == values.size
    assert cells.counts[:, -1].sum() == np.isnan(values).sum()
    # In any order, as ranks may come.
    for order in (ranks, ranks[::-1]):
        at, below = cells.order_statistics(order)
        expected, counts = by_sorting(values, classes, order)
        np.testing.assert_array_equal(at, expected)
        np.testing.assert_array_equal(below, counts)


@given(rows_of, st.integers(1, 90))
def test_distinct_values_and_their_counts(rows, most):
    values = np.array([v for v, _ in rows])
    classes = np.array([y for _, y in rows], dtype=np.uint8)
    cells = Cells.of(values, classes)
    if cells is None:
        return
    expected = np.unique(values[np.isfinite(values)])
    found = cells.distinct(most)
    assert (found is None) == (expected.size > most)
    if found is not None:
        np.testing.assert_array_equal(found[0], expected)
        for value, below in zip(*found, strict=True):
            counts = [np.sum((values <= value) & (classes == y)) for y in (0, 1)]
            assert below.tolist() == counts


@pytest.mark.parametrize(
    "kind", ["heavy tail", "atoms in one cell", "clusters", "ties"]
)
def test_many_rows_in_few_cells(kind):
    rng = np.random.default_rng(4)
    z = rng.normal(size=3 * LARGE)
    values = {
        "heavy tail": np.exp(6 * z),
        "atoms in one cell": np.where(z > 1, z * 1e6, np.round(z)),
        "clusters": np.round(z) + 1e-12 * rng.random(z.size),
        "ties": np.where(z > 0, np.round(z, 2), z),
    }[kind]
    classes = (rng.random(z.size) < 0.3).astype(np.uint8)
    ranks = np.linspace(0, z.size - 1, 60).astype(int)
    at, below = order_statistics(values, classes, ranks)
    expected, counts = by_sorting(values, classes, ranks)
    np.testing.assert_array_equal(at, expected)
    np.testing.assert_array_equal(below, counts)


@given(
    st.lists(st.floats(allow_nan=False), min_size=2, max_size=60),
    st.floats(-1e300, 1e300),
    st.floats(-1e300, 1e300),
)
def test_the_map_to_cells_is_monotone(values, low, high):
    cell_of = cell_map(low, high, 64, 100)
    if cell_of is None:
        return
    values = np.sort(np.array([*values, low, high]))
    cells = cell_of(values).copy()
    assert (np.diff(np.floor(cells)) >= 0).all()
    assert cells.min() >= 0
    assert cells.max() < 63
    assert cell_of(np.array([np.nan]))[0] == 63


@pytest.mark.parametrize(
    ("low", "high"), [(1.0, 1.0), (2.0, 1.0), (-1.7e308, 1.7e308), (0.0, 5e-324)]
)
def test_no_map_where_no_range_is_wide_enough(low, high):
    assert cell_map(low, high, 64, 8) is None
