"""Size, power and definition of the sliding-window calibration test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from infostat.exceptions import InfostatError
from infostat.inference import sliding_calibration_test


def draw(rng, n, warp=lambda p: p):
    p = rng.beta(1, 6, size=n)
    return warp(p), (rng.random(n) < p).astype(int)


def test_statistic_against_its_definition():
    rng = np.random.default_rng(0)
    p, y = draw(rng, 400)
    found = sliding_calibration_test(p, y, window=50, n_resamples=10, rng=0)
    order = np.argsort(p)
    r = (p - y)[order]
    gap = [r[max(i - 25, 0) : i + 26].mean() for i in range(400)]
    assert found.gap == pytest.approx(np.array(gap))
    assert found.statistic == pytest.approx(np.abs(gap).mean())


def test_floor_is_that_of_the_normal_approximation():
    p, y = draw(np.random.default_rng(1), 5000)
    found = sliding_calibration_test(p, y, rng=0)
    expected = np.sqrt(2 / np.pi) * np.sqrt(p * (1 - p) / 201).mean()
    assert found.floor == pytest.approx(expected, rel=0.04)
    assert found.excess == found.statistic - found.floor


def test_size_and_band_where_the_probabilities_are_right():
    rng = np.random.default_rng(2)
    rejected = left = 0
    for _ in range(400):
        p, y = draw(rng, 1000)
        found = sliding_calibration_test(p, y, window=100, n_resamples=99, rng=rng)
        rejected += found.p_value <= 0.05
        left += bool((np.abs(found.gap) > found.half_width).any())
    low, high = binom.ppf([0.0005, 0.9995], 400, 0.05)
    assert low <= rejected <= high
    # The quantile of 99 draws is rough; the normal bound only widens it.
    assert left <= binom.ppf(0.9995, 400, 0.065)


def test_power_against_a_warped_probability():
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(40):
        p, y = draw(rng, 4000, lambda p: np.clip(p**1.25, 0, 1))
        found += sliding_calibration_test(p, y, n_resamples=99, rng=rng).p_value <= 0.05
    assert found >= 36


def test_order_of_rows_does_not_matter_with_ties():
    rng = np.random.default_rng(4)
    p = rng.choice([0.05, 0.1, 0.2, 0.4], size=500)
    y = (rng.random(500) < p).astype(int)
    shuffle = rng.permutation(500)
    one = sliding_calibration_test(p, y, rng=5)
    two = sliding_calibration_test(p[shuffle], y[shuffle], rng=5)
    assert one.statistic == pytest.approx(two.statistic)
    assert one.p_value == two.p_value


def test_certain_probabilities_give_no_nan():
    p = np.repeat([0.0, 1.0], 50)
    found = sliding_calibration_test(p, p, n_resamples=20, rng=0)
    assert found.statistic == 0.0
    assert found.p_value == 1.0
    assert np.isfinite(found.half_width).all()


@pytest.mark.parametrize(
    ("p", "y", "options", "words"),
    [
        (np.full(20, 0.5), np.zeros(19), {}, "20 probabilities but 19"),
        (np.full(5, 0.5), np.zeros(5), {}, "at least 10 rows"),
        (np.r_[np.full(19, 0.5), 1.5], np.zeros(20), {}, r"1\.5 in row 19"),
        (np.r_[np.full(19, 0.5), np.nan], np.zeros(20), {}, "nan in row 19"),
        (np.full(20, 0.5), np.full(20, 2), {}, "events as 1"),
        (np.full(20, 0.5), np.zeros(20), {"window": 1}, "window"),
        (np.full(20, 0.5), np.zeros(20), {"level": 1.0}, "level"),
        (np.full(20, 0.5), np.zeros(20), {"n_resamples": 0}, "n_resamples"),
    ],
)
def test_refusals(p, y, options, words):
    with pytest.raises(InfostatError, match=words):
        sliding_calibration_test(p, y, **options)
