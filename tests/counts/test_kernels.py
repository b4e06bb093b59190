"""The three numeric kernels against numpy's search, where rounding could bite."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infostat.binning import Bins
from infostat.counts.array_engine import (
    add_bin_values,
    bin_codes,
    bin_values,
    count_codes,
    count_levels,
    count_values,
)
from infostat.counts.levels import Factorized
from infostat.counts.numeric_codes import (
    BLOCK,
    FEW_CUTS,
    _compare_and_add,
    _lookup,
    _search,
    numeric_coder,
)

rng = np.random.default_rng(11)


def grid(low, high, n):
    return np.linspace(low, high, n)


CUTS = {
    "none": [],
    "one": [0.0],
    "few": grid(-1, 1, FEW_CUTS),
    "one more than few": grid(-1, 1, FEW_CUTS + 1),
    "many": np.sort(rng.normal(size=300)),
    "heavy tail": np.sort(np.exp(rng.normal(0, 6, 60))),
    "shared cells": np.r_[grid(0, 1, 20), 1e9],
    "huge range": 1.7e308 * grid(-1, 1, 15),
    "large": 1e300 + 1e288 * np.arange(20),
    "denormal": 5e-324 * np.arange(1, 30),
    "close denormals": 1e-310 * np.arange(1, 30),
    "neighbours": 1.0 + np.spacing(1.0) * np.arange(30),
    "integers": np.arange(200.0),
    "tenths": np.arange(1, 60) * 0.1,
}


def hard_values(cuts):
    """Every cut, its two neighbours, the rest of the line and what is not a number."""
    cuts = np.asarray(cuts, float)
    with np.errstate(over="ignore"):
        around = [cuts, np.nextafter(cuts, -np.inf), np.nextafter(cuts, np.inf)]
    middle = (cuts[1:] / 2 + cuts[:-1] / 2) if cuts.size else cuts
    fixed = [0.0, -0.0, 1e308, -1e308, np.inf, -np.inf, 5e-324, 1e-200, -3.0, 0.1, 0.3]
    return np.r_[np.concatenate(around), middle, fixed]


def codes_by(kernel, values, n_cuts):
    out = np.full(values.shape, 250, dtype=np.min_scalar_type(max(n_cuts, 1)))
    kernel(values, out)
    return out


@pytest.mark.parametrize("name", CUTS)
@pytest.mark.parametrize("make", [_compare_and_add, _lookup, _search, numeric_coder])
def test_kernel_equals_searchsorted(make, name):
    cuts = np.asarray(CUTS[name], float)
    if make is _lookup and cuts.size < 2:
        make = numeric_coder
    # The lookup table declines where two cuts share a cell.
    kernel = make(cuts) or _search(cuts)
    values = hard_values(cuts)
    expected = np.searchsorted(cuts, values, side="left")
    np.testing.assert_array_equal(codes_by(kernel, values, cuts.size), expected)


def test_lookup_takes_even_cuts_and_declines_shared_cells():
    assert _lookup(np.asarray(CUTS["many"][::10])) is not None
    assert _lookup(np.asarray(CUTS["shared cells"])) is None
    assert _lookup(np.asarray(CUTS["huge range"])) is None
    assert _lookup(np.asarray(CUTS["close denormals"])) is None


@given(
    cuts=st.lists(
        st.floats(allow_nan=False, allow_infinity=False),
        min_size=1,
        max_size=40,
        unique=True,
    ),
    values=st.lists(st.floats(allow_nan=False), max_size=40),
)
def test_any_cuts_and_any_values(cuts, values):
    cuts = np.unique(np.asarray(cuts) + 0.0)
    values = np.r_[values, hard_values(cuts)]
    found = codes_by(numeric_coder(tuple(cuts)), values, cuts.size)
    np.testing.assert_array_equal(found, np.searchsorted(cuts, values, side="left"))


@pytest.mark.parametrize("n_cuts", [3, 40, 300])
def test_missing_and_special_values_have_their_bins(n_cuts):
    cuts = grid(0, 1, n_cuts)
    bins = Bins.numeric("x", cuts, special_values=[-999, 0.5])
    values = np.array([np.nan, -999.0, 0.5, -np.inf, np.inf, 0.0, 2.0])
    last = 3 + n_cuts
    assert bin_codes(values, bins).tolist() == [0, 1, 2, 3, last, 3, last]


def test_missing_may_be_merged_into_an_ordinary_bin():
    bins = Bins.numeric("x", [0.0], special_values=[-1], missing_to=3)
    assert bin_codes([np.nan, -1.0, -5.0, 5.0], bins).tolist() == [3, 1, 2, 3]


@pytest.mark.parametrize(
    "values",
    [
        np.array([1, 2, 3, 4], dtype=np.int8),
        np.array([1, 2, 3, 4], dtype=np.uint64),
        np.array([1, 2, 3, 4], dtype=np.float32),
        np.arange(40.0)[4:20:4] / 4.0,
        np.arange(16.0).reshape(4, 4)[:, 1] / 4 + 0.75,
        [1, 2, 3, 4],
    ],
    ids=["int8", "uint64", "float32", "strided", "matrix column", "list"],
)
def test_input_types_do_not_matter(values):
    bins = Bins.numeric("x", [1.0, 2.5, 3.0])
    assert bin_codes(values, bins).tolist() == [1, 2, 3, 4]


def test_float32_is_compared_exactly():
    """float32(0.1) lies above the float64 cut 0.1."""
    bins = Bins.numeric("x", [0.1])
    assert bin_codes(np.array([0.1], dtype=np.float32), bins).tolist() == [2]


@pytest.mark.parametrize("n_bins", [200, 260])
def test_codes_are_of_the_smallest_type(n_bins):
    bins = Bins.numeric("x", np.arange(n_bins - 2.0))
    codes = bin_codes(np.arange(-1.0, n_bins), bins)
    assert codes.dtype == (np.uint8 if n_bins <= 256 else np.uint16)
    assert codes.max() == n_bins - 1


def test_blocks_join_without_a_seam():
    n = 2 * BLOCK + 3
    values = rng.normal(size=n)
    values[[0, BLOCK - 1, BLOCK, n - 1]] = np.nan
    classes = rng.integers(0, 2, n)
    weight = rng.random(n)
    bins = Bins.numeric("x", [-1, 0, 1], special_values=[7])
    codes = bin_codes(values, bins)
    expected = 2 + np.searchsorted([-1, 0, 1], values, side="left")
    expected[np.isnan(values)] = 0
    np.testing.assert_array_equal(codes, expected)
    one_pass = count_values(values, bins, classes, weight=weight)
    by_codes = count_codes(codes, classes, bins.labels, weight=weight)
    np.testing.assert_array_equal(one_pass.rows, by_codes.rows)
    np.testing.assert_allclose(one_pass.weight, by_codes.weight, rtol=1e-12)
    np.testing.assert_allclose(one_pass.squared, by_codes.squared, rtol=1e-12)
    total = np.ones((2, n))
    points = rng.normal(size=(2, len(bins.labels)))
    add_bin_values(values, bins, points, total)
    np.testing.assert_allclose(total, 1 + points[:, codes], rtol=1e-14)


def test_an_empty_column_is_an_empty_table():
    bins = Bins.numeric("x", [0.0])
    table = count_values(np.zeros(0), bins, np.zeros(0, int))
    assert table.rows.sum() == 0
    assert bin_codes(np.zeros(0), bins).shape == (0,)


def test_more_than_two_classes():
    table = count_codes(
        np.array([0, 1, 1]), np.array([2, 0, 2]), ("a", "b"), n_classes=3
    )
    assert table.rows.tolist() == [[0, 0, 1], [1, 0, 1]]


@pytest.mark.parametrize("n_bins", [100, 127, 128, 129, 200, 256, 300, 40_000])
@pytest.mark.parametrize("n_classes", [1, 2, 3])
def test_counts_at_the_limits_of_small_integers(n_bins, n_classes):
    """Codes fit into a type that code times class would overflow."""
    cuts = np.arange(1.0, n_bins - 1)
    bins = Bins.numeric("x", cuts)
    values = np.r_[np.arange(0.5, n_bins - 1), np.nan, n_bins * 1.0]
    classes = np.arange(values.size) % n_classes
    table = count_values(values, bins, classes, n_classes=n_classes)
    expected = np.zeros((n_bins, n_classes), dtype=int)
    code = np.where(np.isnan(values), 0, 1 + np.searchsorted(cuts, values))
    np.add.at(expected, (code, classes), 1)
    np.testing.assert_array_equal(table.rows, expected)


@pytest.mark.parametrize("n_levels", [1, 126, 127, 128, 129, 254, 255, 256, 40_000])
def test_levels_at_the_limits_of_small_integers(n_levels):
    numbers = np.r_[np.arange(n_levels), -1, 0, n_levels - 1]
    smallest = np.min_scalar_type(-n_levels)
    names = [f"level {k}" for k in range(n_levels)]
    column = Factorized(numbers.astype(smallest), names)
    classes = np.arange(numbers.size) % 2
    table = count_levels(column, classes)
    assert table.labels == ("missing", *names)
    expected = np.zeros((n_levels + 1, 2), dtype=int)
    np.add.at(expected, (numbers + 1, classes), 1)
    np.testing.assert_array_equal(table.rows, expected)
    bins = Bins.categorical("x", [names[:1], names[1:]] if n_levels > 1 else [names])
    place = np.where(numbers < 0, 0, np.where(numbers == 0, 2, 3))
    assert bin_codes(column, bins).tolist() == place.tolist()
    counted = count_values(column, bins, classes)
    assert counted.rows.sum() == numbers.size
    np.testing.assert_array_equal(
        counted.rows.sum(axis=1), np.bincount(place, minlength=bins.n_bins)
    )
    values, out = np.arange(float(bins.n_bins)), np.empty(numbers.size)
    bin_values(column, bins, values, out)
    np.testing.assert_array_equal(out, place)


@pytest.mark.parametrize("weighted", [False, True])
def test_far_more_rows_and_levels_than_a_block_holds(weighted):
    rng = np.random.default_rng(4)
    numbers = rng.integers(-1, 30_000, 200_000)
    column = Factorized(numbers.astype(np.int16), [str(k) for k in range(30_000)])
    classes = rng.integers(0, 2, numbers.size)
    weight = rng.random(numbers.size) if weighted else None
    expected = np.zeros((30_001, 2))
    np.add.at(expected, (numbers + 1, classes), 1.0 if weight is None else weight)
    table = count_levels(column, classes, weight=weight)
    np.testing.assert_allclose(table.weight, expected, rtol=1e-13)
    bins = Bins.categorical("x", [column.levels[::2], column.levels[1::2]])
    halves = np.stack([expected[1::2].sum(axis=0), expected[2::2].sum(axis=0)])
    counted = count_values(column, bins, classes, weight=weight)
    np.testing.assert_allclose(counted.weight[2:], halves, rtol=1e-11)
