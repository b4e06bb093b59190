"""Ranking, calibration and information values from tables against rows."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import binom, t
from sklearn.metrics import roc_auc_score

from infostat import CountTable, InfostatWarning, StabilityMonitor
from infostat.counts.array_engine import count_codes
from infostat.inference import Estimate
from infostat.stability.performance import _auc, _calibration, _difference, _turned

sm = pytest.importorskip("statsmodels.api")


def rows(n, rng, *, slope=1.0, shift=0.0):
    """Scores on a grid, and outcomes whose log-odds are a line in them."""
    x = np.round(rng.normal(size=n) * 2) / 2
    y = (rng.random(n) < expit(shift - 1 + slope * x)).astype(int)
    return x, y


def table_of(x, y, weight=None):
    grid, codes = np.unique(x, return_inverse=True)
    labels = [str(v) for v in grid]
    return count_codes(codes, y, labels, weight=weight), grid


def test_auc_is_that_of_the_rows_and_its_error_delongs():
    x, y = rows(400, np.random.default_rng(0))
    table, _ = table_of(x, y)
    found = _auc(table, "frequency")
    assert found.value == pytest.approx(roc_auc_score(y, x), abs=1e-12)
    # DeLong by brute force over all pairs.
    events, others = x[y == 1], x[y == 0]
    wins = (events[:, None] > others) + 0.5 * (events[:, None] == others)
    variance = wins.mean(axis=1).var(ddof=1) / events.size
    variance += wins.mean(axis=0).var(ddof=1) / others.size
    assert found.se == pytest.approx(np.sqrt(variance), rel=1e-12)


def test_calibration_is_logistic_regression_with_sandwich_errors():
    rng = np.random.default_rng(1)
    x, y = rows(900, rng, slope=0.7, shift=0.4)
    table, grid = table_of(x, y)
    large, slope = _calibration(table, grid, "frequency")
    fit = sm.Logit(y, sm.add_constant(x)).fit(disp=0, cov_type="HC0")
    assert slope.value == pytest.approx(fit.params[1], rel=1e-6)
    assert slope.se == pytest.approx(fit.bse[1], rel=1e-5)
    offset = sm.GLM(y, np.ones((900, 1)), family=sm.families.Binomial(), offset=x).fit(
        cov_type="HC0"
    )
    assert large.value == pytest.approx(offset.params[0], rel=1e-6)
    assert large.se == pytest.approx(offset.bse[0], rel=1e-5)


def test_sampling_weights_widen_the_errors():
    rng = np.random.default_rng(2)
    x, y = rows(800, rng)
    weight = rng.exponential(size=800)
    table, grid = table_of(x, y, weight)
    assert _auc(table, "sampling").se > 1.2 * _auc(table, "frequency").se
    assert _auc(table, "sampling").value == pytest.approx(
        roc_auc_score(y, x, sample_weight=weight)
    )
    wide, narrow = (_calibration(table, grid, t)[1] for t in ("sampling", "frequency"))
    assert wide.se > 1.2 * narrow.se


def test_separated_outcomes_give_no_calibration():
    table = CountTable.from_counts([0, 0, 20], [15, 12, 0])
    assert _calibration(table, np.array([-1.0, 0.0, 1.0]), "frequency") is None


def monitor_of(n, rng):
    x, y = rows(n, rng)
    return StabilityMonitor(model=_Model(), max_bins=5).fit(x[:, None], y)


class _Model:
    """Points that fall with the risk, and its probability."""

    classes_ = np.array([0, 1])

    def predict_points(self, X):
        return 600 - 20 * np.asarray(X)[:, 0]

    def predict_proba(self, X):
        p = expit(np.asarray(X)[:, 0] - 1)
        return np.column_stack([1 - p, p])


def test_points_that_fall_with_the_risk_rank_well():
    rng = np.random.default_rng(3)
    monitor = monitor_of(3000, rng)
    x, y = rows(2000, rng, slope=0.3, shift=0.5)
    monitor.update(x[:, None], y, period=1)
    found = monitor.performance_.set_index("measure")
    assert found.loc["auc", "reference"] > 0.7
    assert found.loc["auc", "current"] == pytest.approx(roc_auc_score(y, x))
    # All four fell or rose as they were made to, beyond their errors.
    assert found["changed"].all()
    assert (found["estimate"] > 0).tolist() == [False, False, True, False]
    assert found.loc["calibration slope", "current"] == pytest.approx(0.3, abs=0.12)


def test_few_outcomes_say_nothing():
    rng = np.random.default_rng(4)
    monitor = monitor_of(2000, rng)
    x, y = rows(200, rng)
    y[np.flatnonzero(y)[9:]] = 0
    monitor.update(x[:, None], y, period=1)
    assert len(monitor.performance_) == 0
    assert len(monitor.history_) == 2


@pytest.mark.parametrize("slope", [1.0, 0.6])
def test_coverage_of_the_changes(slope):
    rng = np.random.default_rng(5)
    # Population values of every measure, by a large sample.
    x, y = rows(300_000, rng)
    x2, y2 = rows(300_000, rng, slope=slope)
    draws, hits = 80, np.zeros(4)
    big = StabilityMonitor(model=_Model(), max_bins=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        big.fit(x[:, None], y)
        truth = big.compare(x2[:, None], y2).performance["estimate"].to_numpy()
        bins = dict(big.bins_)
        del bins["score"]
        for _ in range(draws):
            a, b = rows(1500, rng)
            monitor = StabilityMonitor(bins, model=_Model()).fit(a[:, None], b)
            a, b = rows(700, rng, slope=slope)
            found = monitor.compare(a[:, None], b).performance
            inside = (found["conf_low"] <= truth) & (truth <= found["conf_high"])
            hits += inside.to_numpy()
    low, high = binom.ppf([0.0005, 1.0], draws, 0.95)
    assert ((hits >= low) & (hits <= high)).all(), hits / draws


def test_changes_of_the_auc_follow_welchs_law():
    rng = np.random.default_rng(6)
    tables = [table_of(*rows(n, rng))[0] for n in (60, 90)]
    before, now = (_auc(table, "frequency") for table in tables)
    # Welch's degrees of freedom, from both classes of both samples at once.
    parts, degrees = [], []
    for table in tables:
        scores = np.arange(table.n_bins)
        low, high = (np.repeat(scores, table.rows[:, k]) for k in (0, 1))
        wins = (high[:, None] > low) + 0.5 * (high[:, None] == low)
        for axis in (0, 1):
            means = wins.mean(axis=axis)
            parts.append(means.var(ddof=1) / means.size)
            degrees.append(means.size - 1)
    parts, degrees = np.array(parts), np.array(degrees)
    df = parts.sum() ** 2 / (parts**2 / degrees).sum()
    change = _difference(now, before)
    assert change.df == pytest.approx(df, rel=1e-9)
    low, high = change.interval(0.95)
    reach = t.ppf(0.975, df) * np.sqrt(parts.sum())
    assert (high - low) / 2 == pytest.approx(reach, rel=1e-9)
    # A score that falls with the risk has the same error and law.
    turned = _difference(_turned(now), _turned(before))
    assert (turned.value, turned.se, turned.df) == pytest.approx(
        (-change.value, change.se, change.df)
    )
    # An error that is as good as known leaves the law of the other.
    known = Estimate(0.5, 0.0, 10.0)
    assert _difference(now, known).df == pytest.approx(now.df)
    assert _difference(known, known).df is None
