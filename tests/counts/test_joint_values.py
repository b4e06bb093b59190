"""Totals of joined bin codes, against the sum feature by feature."""

from __future__ import annotations

import numpy as np
import pytest

from infostat.binning import Bins
from infostat.counts.array_engine import bin_codes, bin_values
from infostat.counts.joint_values import JointValues
from infostat.counts.numeric_codes import BLOCK

N_ROWS = BLOCK + 77


def partitions():
    return [
        Bins.numeric("few", [-1.0, 0.0, 1.0]),
        Bins.numeric("none", []),
        Bins.numeric("special", [0.0], special_values=[-9.0, 7.0]),
        Bins.numeric("merged", [-0.5, 0.5], missing_to=2),
        Bins.numeric("many", np.linspace(-2, 2, 400)),
        Bins.numeric("middling", np.linspace(-2, 2, 40)),
        Bins.numeric("huge", np.linspace(-2, 2, 70_000)),
        Bins.numeric("last", [0.25]),
    ]


@pytest.mark.parametrize("n_totals", [1, 2])
@pytest.mark.parametrize("n_rows", [0, 1, N_ROWS])
def test_sum_over_features(n_rows, n_totals):
    rng = np.random.default_rng(5)
    bins = partitions()
    columns = [rng.normal(size=n_rows) for _ in bins]
    for column in columns:
        column[rng.random(n_rows) < 0.1] = np.nan
        column[rng.random(n_rows) < 0.1] = 7.0
        column[rng.random(n_rows) < 0.01] = -np.inf
    tables = [rng.normal(size=(n_totals, b.n_bins)) for b in bins]
    totals = np.ones((n_totals, n_rows))
    JointValues(bins, tables).add(columns, totals)
    expected = 1.0 + sum(
        table[:, bin_codes(column, b)]
        for table, column, b in zip(tables, columns, bins, strict=True)
    )
    np.testing.assert_allclose(totals, expected, rtol=1e-12, atol=1e-12)


def test_no_feature_adds_nothing():
    totals = np.ones((2, 3))
    JointValues([], []).add([], totals)
    assert (totals == 1.0).all()


@pytest.mark.parametrize("bins", partitions(), ids=lambda b: b.feature)
def test_values_of_bins_are_those_of_the_codes(bins):
    rng = np.random.default_rng(6)
    values = np.where(rng.random(N_ROWS) < 0.2, np.nan, rng.normal(size=N_ROWS))
    table, out = rng.normal(size=bins.n_bins), np.empty((N_ROWS, 2))
    bin_values(values, bins, table, out[:, 1])
    np.testing.assert_array_equal(out[:, 1], table[bin_codes(values, bins)])
