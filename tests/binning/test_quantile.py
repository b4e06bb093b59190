"""Quantile cuts: ties, weights, infinities and very little data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infostat.binning.quantile import quantile_cuts

values_of = st.lists(
    st.integers(-5, 5).map(float) | st.floats(-1e3, 1e3), min_size=0, max_size=60
)
strange = st.sampled_from([np.nan, np.inf, -np.inf])


def slow_cuts(values, n_bins):
    """The k/n quantile is the smallest value with at least that share at or below it."""
    finite = sorted(v for v in values if np.isfinite(v))
    distinct = sorted(set(finite))
    if len(distinct) <= n_bins:
        return distinct[:-1]
    cuts = set()
    for k in range(1, n_bins):
        needed = k * len(finite)  # share k / n_bins, in whole numbers
        cut = next(
            v for v in distinct if sum(x <= v for x in finite) * n_bins >= needed
        )
        cuts.add(cut)
    return sorted(cuts - {distinct[-1]})


@given(values_of, st.integers(1, 12))
def test_cuts_are_the_quantiles(values, n_bins):
    cuts = quantile_cuts(np.array(values, dtype=float), n_bins)
    assert cuts.tolist() == slow_cuts(values, n_bins)


@given(values_of, st.lists(strange, max_size=20), st.integers(1, 12))
def test_missing_and_infinite_values_do_not_move_the_cuts(values, others, n_bins):
    plain = quantile_cuts(np.array(values, dtype=float), n_bins)
    mixed = np.array([*others, *values, *others], dtype=float)
    assert quantile_cuts(mixed, n_bins).tolist() == plain.tolist()


@given(values_of, st.integers(1, 12), st.data())
def test_a_weight_of_two_is_a_repeated_row(values, n_bins, data):
    weight = data.draw(
        st.lists(st.integers(0, 4), min_size=len(values), max_size=len(values))
    )
    x, w = np.array(values, dtype=float), np.array(weight, dtype=float)
    repeated = quantile_cuts(np.repeat(x, weight), n_bins)
    assert quantile_cuts(x, n_bins, w).tolist() == repeated.tolist()


@given(values_of, st.integers(1, 12), st.floats(1e-6, 1e6))
def test_the_unit_of_weight_does_not_matter(values, n_bins, unit):
    x = np.array(values, dtype=float)
    cuts = quantile_cuts(x, n_bins, np.full(x.shape, unit))
    assert cuts.tolist() == quantile_cuts(x, n_bins).tolist()


@pytest.mark.parametrize("weight", [None, "ones"])
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        ([3.0], []),
        ([3.0, 3.0, 3.0], []),
        ([np.nan, np.nan], []),
        ([np.inf, -np.inf], []),
        ([np.inf, -np.inf, 2.0], []),
        ([1.0, 2.0], [1.0]),
        ([2.0, 1.0, np.nan, np.inf, -np.inf], [1.0]),
        # Few distinct values: a cut between any two, however unequal their counts.
        ([1.0] * 98 + [2.0, 3.0], [1.0, 2.0]),
    ],
)
def test_little_data(values, expected, weight):
    x = np.array(values, dtype=float)
    w = None if weight is None else np.ones(x.shape)
    assert quantile_cuts(x, 4, w).tolist() == expected


def test_a_mass_point_takes_several_quantiles_and_cuts_once():
    x = np.concatenate([np.zeros(900), np.arange(1.0, 101.0)])
    cuts = quantile_cuts(x, 10)
    assert cuts.tolist() == [0.0]


def test_input_is_not_changed():
    x = np.array([3.0, np.nan, 1.0, 2.0])
    before = x.copy()
    quantile_cuts(x, 2)
    quantile_cuts(x, 2, np.ones(4))
    assert np.array_equal(x, before, equal_nan=True)


@given(values_of, st.integers(1, 12))
def test_cuts_are_observed_increasing_and_below_the_largest(values, n_bins):
    x = np.array(values, dtype=float)
    cuts = quantile_cuts(x, n_bins)
    assert len(cuts) <= max(n_bins - 1, 0)
    assert (np.diff(cuts) > 0).all()
    assert np.isin(cuts, x).all()
    assert not len(cuts) or cuts[-1] < x.max()
