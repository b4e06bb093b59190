"""P-values after the choice of bins: size where nothing is there, power where it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, chi2, kstest

from infostat import Bins, CountTable, InfostatError, OptimalBinner
from infostat.binning import selection_test

PRE = Bins.numeric("x", np.arange(19))
LEVELS = Bins.categorical("x", [[f"l{k:02}"] for k in range(20)])


def null_fit(rng, pre=PRE, n_events=300, **options):
    """Bins chosen on counts in which the classes share one law."""
    shares = np.full(20, 0.05)
    reserved = np.zeros(pre.first)
    table = CountTable.from_counts(
        [*reserved, *rng.multinomial(n_events, shares)],
        [*reserved, *rng.multinomial(9 * n_events, shares)],
        pre.labels,
    )
    return OptimalBinner(max_bins=5, min_bin_size=0.0, **options).fit_counts(
        {"x": pre}, {"x": table}
    )


@pytest.mark.parametrize(
    ("pre", "options"),
    [(PRE, {"monotonic": None}), (PRE, {"monotonic": "peak"}), (LEVELS, {})],
)
def test_size_at_the_null(pre, options):
    # Nineteen draws and no larger one: exactly .05 if the outcome is exchangeable.
    rng = np.random.default_rng(1)
    n_runs, found = 100, []
    for _ in range(n_runs):
        binner = null_fit(rng, pre, **options)
        found.append(selection_test(binner, n_resamples=19, rng=rng)["x"])
    low, high = binom.interval(0.999, n_runs, 0.05)
    rejected = sum(test.p_value <= 0.05 for test in found)
    assert low <= rejected <= high
    # As if the bins had been given, chance is taken for power.
    naive = np.mean([test.p_naive <= 0.05 for test in found])
    assert naive > 0.2


def test_bound_is_conservative_and_a_closed_form():
    rng = np.random.default_rng(2)
    p_values = []
    for _ in range(100):
        binner = null_fit(rng, monotonic=None)
        p_values.append(selection_test(binner, method="bound")["x"].p_value)
    assert np.mean(np.array(p_values) <= 0.05) <= 0.05
    weight = binner.tables_["x"].weight[1:]
    expected = weight.sum(axis=1, keepdims=True) * weight.sum(axis=0) / weight.sum()
    statistic = ((weight - expected) ** 2 / expected).sum()
    assert p_values[-1] == pytest.approx(chi2.sf(statistic, 19))


def test_permutation_is_below_its_bound_and_above_the_naive_value():
    binner = null_fit(np.random.default_rng(3), monotonic=None)
    drawn = selection_test(binner, n_resamples=199, rng=0)["x"]
    bound = selection_test(binner, method="bound")["x"]
    assert drawn.p_naive < drawn.p_value < bound.p_value


def portfolio(n=2_000, effect=0.7, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 2)), columns=["signal", "noise"])
    X["job"] = rng.choice(list("abcdefgh"), n)
    y = (rng.random(n) < 1 / (1 + np.exp(2 - effect * X["signal"]))).astype(int)
    return X, y.to_numpy()


@pytest.mark.parametrize("method", ["permutation", "bound"])
def test_a_signal_is_found_and_noise_is_not(method):
    X, y = portfolio()
    binner = OptimalBinner(missing="merge", prebins=20).fit(X.mask(X == "a"), y)
    found = selection_test(binner, method=method, n_resamples=99, rng=0)
    assert found["signal"].p_value <= 0.01
    assert found["noise"].p_value > 0.05
    assert found["job"].p_value > 0.05
    assert found["signal"].method == method


def test_the_same_seed_gives_the_same_answer():
    X, y = portfolio(600)
    binner = OptimalBinner().fit(X, y)
    one, two = (selection_test(binner, n_resamples=29, rng=5) for _ in range(2))
    assert one == two
    some = selection_test(binner, ["noise"], n_resamples=9, rng=5)
    assert list(some) == ["noise"]


def test_honest_p_values_are_uniform_at_the_null():
    found = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(800, 1)), rng.integers(0, 2, 800)
        binner = OptimalBinner(
            honest=True, monotonic=None, prebins=30, random_state=seed
        ).fit(x, y)
        found.append(selection_test(binner)["x0"])
    assert {test.method for test in found} == {"split"}
    assert kstest([test.p_value for test in found], "uniform").pvalue > 0.001
    rejected = sum(test.p_value <= 0.05 for test in found)
    low, high = binom.interval(0.999, len(found), 0.05)
    assert low <= rejected <= high


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "permutation of the outcome with the bins chosen anew each time, 9 draws"),
        ({"honest": True}, "bins chosen on one half of the rows, tested on the other"),
    ],
)
def test_the_summary_says_which_p_value_it_prints(options, words):
    X, y = portfolio(600)
    binner = OptimalBinner(**options).fit(X, y)
    line = selection_test(binner, n_resamples=9, rng=0)["signal"].summary()
    assert words in line
    assert line.startswith("signal: IV ")
    assert "without regard to the choice p = " in line


def test_special_values_count_in_the_statistic():
    # All of the evidence lies in a special code that no choice of bins touches.
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=1_000), rng.integers(0, 2, 1_000)
    x[y == 1] = np.where(rng.random(y.sum()) < 0.3, -999, x[y == 1])
    x[y == 0] = np.where(rng.random((1 - y).sum()) < 0.1, -999, x[y == 0])
    binner = OptimalBinner(special_values=[-999]).fit(x[:, None], y)
    assert selection_test(binner, n_resamples=99, rng=0)["x0"].p_value == 0.01


def test_bins_that_were_given_need_no_correction():
    X, y = portfolio(600)
    fixed = {"noise": Bins.numeric("noise", [0.0])}
    binner = OptimalBinner(fixed_bins=fixed).fit(X, y)
    found = selection_test(binner, ["noise"])["noise"]
    assert found.method == "given"
    assert found.p_value == found.p_naive


def test_fractional_weights_and_samples_are_bounded_not_permuted():
    X, y = portfolio(600)
    weight = np.random.default_rng(0).uniform(0.5, 1.5, 600)
    binner = OptimalBinner().fit(X, y, weight)
    assert selection_test(binner)["signal"].method == "bound"
    with pytest.raises(InfostatError, match=r"'signal' has fractional weights.*bound"):
        selection_test(binner, method="permutation")
    several = OptimalBinner(prebins=10).fit(X, y, samples=np.arange(600) % 2)
    with pytest.raises(InfostatError, match="2 samples together"):
        selection_test(several, method="permutation")
    found = selection_test(several)["signal"]
    assert found.method == "bound"
    assert found.p_value < 0.01


@pytest.mark.parametrize(
    ("options", "arguments", "message"),
    [
        ({}, {"method": "split"}, "fit with honest=True"),
        ({"honest": True}, {"method": "bound"}, "fit with honest=False"),
        ({}, {"features": ["wage"]}, r"features names \['wage'\]"),
    ],
)
def test_arguments_are_checked(options, arguments, message):
    X, y = portfolio(300)
    binner = OptimalBinner(**options).fit(X, y)
    with pytest.raises(InfostatError, match=message):
        selection_test(binner, **arguments)
