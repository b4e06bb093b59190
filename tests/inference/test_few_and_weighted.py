"""Few events, weights that depend on what is counted, distances other than zero.

Bounds hold but for one run in ten thousand of other seeds.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit, ndtr
from scipy.stats import binom

from infostat.inference import (
    ScoreTable,
    area_under_roc,
    calibrate,
    kolmogorov,
    kolmogorov_smirnov,
    paired_area_difference,
)


def table(rng, n_1, n_0, shift, scale=1.0):
    s = np.r_[rng.normal(shift, scale, n_1), rng.normal(0, 1, n_0)]
    return ScoreTable.count(s, np.repeat([1, 0], [n_1, n_0]).astype(np.uint8))


def least(draws, share):
    return binom.ppf(1e-4, draws, share)


def most(draws, share):
    return binom.ppf(1 - 1e-4, draws, share)


@pytest.mark.parametrize(
    ("n_1", "n_0", "shift", "scale"),
    [
        *((2, 100, 0.0, 1.0), (2, 100, 1.0, 1.0), (5, 55, 1.0, 1.0)),
        *((10, 500, 2.5, 1.0), (10, 500, 0.0, 2.0), (40, 400, 0.0, 1.0)),
    ],
)
def test_area_of_few_events_is_covered(n_1, n_0, shift, scale):
    rng, draws = np.random.default_rng([1, n_1, int(10 * shift)]), 500
    truth = ndtr(shift / np.hypot(1.0, scale))
    found = [area_under_roc(table(rng, n_1, n_0, shift, scale)) for _ in range(draws)]
    inside = [low <= truth <= high for low, high in (f.interval() for f in found)]
    assert np.sum(inside) >= least(draws, 0.95)
    rejected = [f.p_value(truth) <= 0.05 for f in found]
    assert np.sum(rejected) <= most(draws, 0.05)


@pytest.mark.parametrize("sizes", [(3, 30), (60, 200)])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_tests_of_an_area_invert_its_interval(sizes, level):
    found = area_under_roc(table(np.random.default_rng(2), *sizes, 1.0))
    for estimate in (found, found.as_gini()):
        low, high = estimate.interval(level)
        for end, side in ((low, "greater"), (high, "less")):
            assert estimate.p_value(end) == pytest.approx(1 - level, abs=1e-6)
            assert estimate.p_value(end, side) == pytest.approx((1 - level) / 2, 1e-5)
    other = "less" if found.value > 0.5 else "greater"
    assert found.p_value(0.5, other) > 0.5
    assert found.p_value(found.value) == 1.0
    assert found.p_value(0.5) == pytest.approx(found.as_gini().p_value(0.0))


def test_separated_classes_of_few_rows_prove_little():
    y = np.array([0, 0, 0, 1, 1], dtype=np.uint8)
    best, flat = (ScoreTable.count(s, y) for s in (np.arange(5.0), np.zeros(5)))
    assert 0.01 < area_under_roc(best).p_value(0.5) < 0.2
    gap = paired_area_difference(best, flat, y)
    assert gap.value == 0.5
    assert 0.05 < gap.p_value() < 0.5
    low, high = kolmogorov_smirnov(best).interval()
    assert low < 0.5 < high == 1.0
    # Enough rows prove it.
    y = np.repeat([0, 1], [300, 40]).astype(np.uint8)
    best = ScoreTable.count(np.arange(340.0), y)
    assert area_under_roc(best).p_value(0.5) < 1e-6
    assert 0.75 < kolmogorov_smirnov(best).interval()[0] < 0.95


def test_size_of_the_paired_difference_with_few_events():
    rng, draws, rejected = np.random.default_rng(3), 1_500, 0
    y = np.repeat([1, 0], [6, 300]).astype(np.uint8)
    for _ in range(draws):
        shared = rng.normal(size=306)
        pair = [
            ScoreTable.count(y + shared + 0.4 * rng.normal(size=306), y) for _ in (0, 1)
        ]
        rejected += paired_area_difference(*pair, y).p_value() <= 0.05
    # Six events: the normal law rejects 8 to 11 %.
    assert rejected <= most(draws, 0.055)


@pytest.mark.parametrize(("shift", "n_1", "n_0"), [(0.1, 60, 600), (1.0, 10, 50)])
def test_size_of_tests_at_a_distance(shift, n_1, n_0):
    rng, draws = np.random.default_rng([4, n_1]), 80
    truth = 2 * ndtr(shift / 2) - 1
    found = [
        kolmogorov_smirnov(table(rng, n_1, n_0, shift), rng=rng) for _ in range(draws)
    ]
    for side in ("greater", "less"):
        rejected = sum(f.p_value(truth, side) <= 0.05 for f in found)
        assert rejected <= most(draws, 0.05)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_tests_of_a_distance_invert_its_interval(level):
    found = kolmogorov_smirnov(table(np.random.default_rng(5), 80, 300, 1.2))
    tail = (1 - level) / 2
    low, high = found.interval(level)
    assert 0 < low < found.value < high < 1
    assert found.p_value(low, "greater") == pytest.approx(tail, rel=1e-3)
    assert found.p_value(high, "less") == pytest.approx(tail, rel=1e-3)
    assert found.p_value(low) == pytest.approx(1 - level, rel=1e-3)
    assert found.p_value(found.value + 0.1, "greater") >= 0.5
    assert found.p_value(0.01, "greater") >= found.p_zero


def test_distance_of_scores_whose_weights_depend_on_the_score(monkeypatch):
    """Riskiest tenth kept one time in twenty and weighted by twenty."""
    monkeypatch.setattr(kolmogorov, "DRAWS", 2)  # of the interval, which is not read
    rng, draws, rejected = np.random.default_rng(6), 300, 0
    for _ in range(draws):
        s = rng.normal(size=3_000)
        y = (rng.random(s.size) < 0.3).astype(np.uint8)
        chance = np.where(s > 1.3, 0.05, 0.6)
        kept = rng.random(s.size) < chance
        counts = ScoreTable.count(s[kept], y[kept], 1 / chance[kept], sampling=True)
        rejected += kolmogorov_smirnov(counts).p_value() <= 0.05
    # Kish's sizes reject 12 % here.
    assert rejected <= most(draws, 0.05)


def test_the_calibration_test_takes_sampling_weights_from_the_residuals():
    """Score and its outer products summed row by row; events weigh four times as much."""
    rng = np.random.default_rng(5)
    log_odds = np.round(rng.normal(-1, 1, 600), 1)
    y = (rng.uniform(size=600) < expit(log_odds)).astype(np.uint8)
    w = np.where(y == 1, 4.0, 1.0)
    p = expit(log_odds + np.log(4))
    found = calibrate(ScoreTable.count(p, y, w, sampling=True))
    rows = (w * (y - p))[:, None] * np.column_stack([np.ones(600), logit(p)])
    score = rows.sum(axis=0)
    assert found.statistic == pytest.approx(
        score @ np.linalg.solve(rows.T @ rows, score)
    )
    assert found.df == 2
