"""One error budget over many periods."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.stability import alarms, p_values
from benchmarks.stability_dependence import correlated_counts
from benchmarks.validation.laws import base_shares
from infostat import Bins, CountTable, InfostatError, InfostatWarning, StabilityMonitor
from infostat.stability import anytime_p_values, spending_share


def test_shares_add_up_to_the_budget_and_never_more():
    spent = np.cumsum([spending_share(t) for t in range(1, 2001)])
    np.testing.assert_allclose(spent, 1 - 1 / np.arange(2.0, 2002.0), rtol=1e-12)
    assert sum(spending_share(t, 12) for t in range(1, 100)) == pytest.approx(1.0)


def test_p_values_pay_for_their_period():
    found = anytime_p_values([0.001, 0.4], period=3)
    np.testing.assert_allclose(found, [0.012, 1.0])


def test_a_spent_budget_is_announced():
    with pytest.warns(InfostatWarning, match="beyond the horizon of 12"):
        assert anytime_p_values([1e-9], period=13, horizon=12) == [1.0]


@pytest.mark.parametrize(
    ("period", "horizon"),
    [(0, None), (1, 0), (1.5, None), (float("nan"), None), ("2", None), (1, True)],
)
def test_periods_count_from_one(period, horizon):
    with pytest.raises(InfostatError, match="must be a whole number of at least 1"):
        spending_share(period, horizon)


def monitors(
    n_runs, n_periods, n_features, shares, rng, *, current=None, tolerance=0.0
):
    """Whether any alarm was raised, and whether any raw p-value was below 5 %."""
    names = [f"f{k}" for k in range(n_features)]
    n_bins = len(shares)
    bins = {name: Bins.numeric(name, np.arange(n_bins - 1.0)) for name in names}
    labels = bins["f0"].labels

    def draw(n, law):
        counts = np.zeros((n_bins + 1, 1), dtype=np.int64)
        counts[1:, 0] = rng.multinomial(n, law)
        return CountTable(counts, counts.astype(float), counts.astype(float), labels)

    law = shares if current is None else current
    out = []
    for _ in range(n_runs):
        monitor = StabilityMonitor(tolerance=tolerance)
        monitor.fit_counts(bins, {name: draw(1500, shares) for name in names})
        for t in range(n_periods):
            monitor.update_counts({n: draw(600, law) for n in names}, period=t)
        raw = np.asarray(monitor.history_["p_value"])
        out.append((len(monitor.alarm_) > 0, (raw <= 0.05).any()))
    return np.array(out).mean(axis=0)


def test_false_alarms_over_all_periods_and_features():
    n_runs = 40
    rng = np.random.default_rng(7)
    alarm, raw = monitors(n_runs, 8, 6, np.full(8, 1 / 8), rng)
    assert alarm <= binom.ppf(0.999, n_runs, 0.05) / n_runs
    # Without the control nearly every monitor cries.
    assert raw > 0.9


def test_drift_is_found_in_its_first_period():
    rng = np.random.default_rng(8)
    moved = np.array([0.22, 0.2, 0.16, 0.13, 0.1, 0.08, 0.06, 0.05])
    alarm, _ = monitors(10, 2, 4, np.full(8, 1 / 8), rng, current=moved, tolerance=0.1)
    assert alarm == 1.0


@pytest.mark.parametrize("rho", [0.5, 0.9])
def test_false_alarms_of_correlated_features_and_their_score(rho):
    """Two years of twenty equicorrelated features and their sum, in short."""
    runs = 40
    rates, single = alarms(runs, 24, 20, 500, 0.0, rho)
    most = binom.ppf(0.999, runs, 0.05) / runs
    assert rates["Holm, all periods (shipped)"] <= most
    assert rates["each test at 5 %"] > 0.5  # what the control is for
    # A single test has its level; its errors within a monitor hang together.
    assert 0.02 < single < 0.09


def test_the_simulation_has_the_p_values_of_the_class():
    rng, law = np.random.default_rng(3), base_shares(10, "skew")
    names = [f"f{k}" for k in range(4)]
    bins = {name: Bins.numeric(name, np.arange(9.0)) for name in names}
    (before,) = correlated_counts(rng, (1, 3), 1500, law, 0.9)
    (now,) = correlated_counts(rng, (1, 3), 500, law, 0.9)
    assert (before.sum(axis=1) == 1500).all()
    np.testing.assert_allclose(before.mean(axis=0) / 1500, law, atol=0.03)

    def tables(counts):
        wide = np.pad(counts, ((0, 0), (1, 0)))[:, :, None]
        return {
            name: CountTable(c, c * 1.0, c * 1.0, bins[name].labels)
            for name, c in zip(names, wide, strict=True)
        }

    for tolerance in (0.0, 0.1):
        monitor = StabilityMonitor(tolerance=tolerance).fit_counts(bins, tables(before))
        found = monitor.update_counts(tables(now), period=1).frame
        assert not np.any(found["n_merged"])
        expected = p_values(now, before, tolerance)
        np.testing.assert_allclose(found["p_value"], expected, rtol=1e-9)
