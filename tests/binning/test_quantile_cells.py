"""Quantile cuts of many values, read from cells, against those of a full sort."""

from __future__ import annotations

import numpy as np
import pytest

from infostat.binning import Bins, quantile
from infostat.binning.cells import LARGE

N_ROWS = 2 * LARGE + 5


def columns():
    rng = np.random.default_rng(0)
    z = rng.normal(size=N_ROWS)
    holes = np.where(rng.random(N_ROWS) < 0.3, np.nan, z)
    return {
        "normal": z,
        "sorted": np.sort(z),
        "heavy tails": np.exp(3 * z),
        "extreme tails": np.sign(z) * np.exp(100 * np.abs(z)),
        "zero-inflated": np.where(rng.random(N_ROWS) < 0.7, 0.0, np.exp(z)),
        "nearly all zero": np.where(rng.random(N_ROWS) < 0.995, 0.0, z),
        "counts": rng.poisson(0.5, N_ROWS).astype(float),
        "hundred values": rng.integers(0, 100, N_ROWS).astype(float),
        "one value more": rng.integers(0, 101, N_ROWS).astype(float),
        "clusters closer than a cell": np.round(z) + 1e-13 * rng.random(N_ROWS),
        "bounded": np.clip(z, -1.0, 1.0),
        "missing": holes,
        "infinities": np.where(z > 1, np.inf, np.where(z < -1, -np.inf, holes)),
        "all missing": np.full(N_ROWS, np.nan),
        "constant": np.zeros(N_ROWS),
        "one other": np.r_[1.0, np.zeros(N_ROWS - 1)],
        "subnormal": z * 1e-310,
        "huge": np.clip(z, -1.7, 1.7) * 1e308,
        "sample sees zeros only": np.where(np.arange(N_ROWS) % 32 == 0, 0.0, z),
    }


@pytest.mark.parametrize("n_bins", [2, 20, 100, 1000])
@pytest.mark.parametrize("name", list(columns()))
def test_equal_to_a_full_sort(name, n_bins):
    values = columns()[name]
    expected = quantile._ranked_cuts(np.sort(values), n_bins, None)
    classes = (np.random.default_rng(2).random(N_ROWS) < 0.2).astype(np.uint8)
    cuts, rows = quantile.counted_quantiles(values, n_bins, classes)
    np.testing.assert_array_equal(cuts, expected)
    counted = Bins.numeric("x", cuts).count(values, classes)
    np.testing.assert_array_equal(rows, counted.rows)


def test_columns_of_a_row_major_matrix():
    matrix = np.random.default_rng(1).normal(size=(N_ROWS, 3))
    expected = quantile.quantile_cuts(matrix[:, 1].copy(), 50)
    np.testing.assert_array_equal(quantile.quantile_cuts(matrix[:, 1], 50), expected)
