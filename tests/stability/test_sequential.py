"""One error budget over many periods."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

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


@pytest.mark.parametrize(("period", "horizon"), [(0, None), (1, 0)])
def test_periods_count_from_one(period, horizon):
    with pytest.raises(
        InfostatError, match="must be a whole number of at least 1, got 0"
    ):
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
