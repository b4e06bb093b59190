"""The Wasserstein distance: value, error, permutation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, wasserstein_distance

from infostat import InfostatError
from infostat.stability import wasserstein_drift


@pytest.mark.parametrize("decimals", [6, 0])
def test_value_is_scipys(decimals):
    rng = np.random.default_rng(0)
    x, y = rng.normal(5, 3, 300).round(decimals), rng.normal(6, 4, 211).round(decimals)
    found = wasserstein_drift(x, y, n_resamples=1)
    assert found.value == pytest.approx(wasserstein_distance(x, y), rel=1e-12)
    assert found.mean_shift == pytest.approx(y.mean() - x.mean())


@pytest.mark.parametrize("rounded", [False, True])
def test_error_and_coverage(rounded):
    rng = np.random.default_rng(1)
    draws, truth = 400, 2 * 0.42542
    found = []
    for _ in range(draws):
        x, y = rng.normal(0, 2, 1500), rng.normal(0.8, 2.6, 1200)
        if rounded:
            x, y = x.round(1), y.round(1)
        found.append(wasserstein_drift(x, y, n_resamples=1))
    values = np.array([f.value for f in found])
    assert np.mean([f.se for f in found]) == pytest.approx(values.std(), rel=0.12)
    inside = sum(low <= truth <= high for low, high in (f.interval() for f in found))
    assert binom.ppf(1e-4, draws, 0.95) <= inside <= binom.ppf(1 - 1e-4, draws, 0.95)


def test_permutation_holds_its_size_and_finds_drift():
    rng = np.random.default_rng(2)
    draws = 200
    rejected = sum(
        wasserstein_drift(
            rng.exponential(size=50).round(1),
            rng.exponential(size=30).round(1),
            n_resamples=39,
            rng=k,
        ).p_value()
        <= 0.05
        for k in range(draws)
    )
    assert binom.ppf(1e-3, draws, 0.05) <= rejected <= binom.ppf(0.999, draws, 0.05)
    moved = wasserstein_drift(rng.normal(size=500), rng.normal(0.5, 1, 500), rng=0)
    assert moved.p_value() == 1 / 200
    assert moved.p_value(0.0, "less") == 1.0
    assert moved.p_value(0.9, "less") < 1e-4


def test_equal_laws_are_covered_and_no_small_distance_is_certain():
    rng, draws, inside, above = np.random.default_rng(3), 200, 0, 0
    for k in range(draws):
        x, y = rng.normal(size=200), rng.normal(size=150)
        found = wasserstein_drift(x, y, n_resamples=99, rng=k)
        low, high = found.interval()
        inside += low <= 0.0 <= high
        above += found.p_value(0.001, "greater") <= 0.05
    # By the normal law alone 45 % and 78 %.
    assert inside >= binom.ppf(1e-4, draws, 0.95)
    assert above <= binom.ppf(1 - 1e-4, draws, 0.05)


def test_equal_samples_do_not_prove_equal_laws():
    x = np.arange(20.0)
    found = wasserstein_drift(x, x, n_resamples=19, rng=0)
    assert found.value == 0.0
    assert found.se == pytest.approx(np.sqrt(2 * x.var(ddof=1) / 20))
    low, high = found.interval()
    assert low == 0.0
    assert high == pytest.approx(1.959964 * found.se)
    assert found.p_value(1.0, "less") > 0.2


@pytest.mark.parametrize(
    ("x", "message"), [([1.0], "at least two"), ([1.0, np.nan], "holds nan")]
)
def test_bad_scores_are_named(x, message):
    with pytest.raises(InfostatError, match=message):
        wasserstein_drift(x, [1.0, 2.0])
