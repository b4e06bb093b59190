"""Choice of the trend, levels against all set partitions, and infeasible limits."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from infostat import OptimalBinner
from infostat.binning.categories import ordered_groups
from infostat.binning.optimal import interval_values, optimal_partition
from infostat.exceptions import InfeasibleError


def draw(rate_of, seed, n=4_000):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, n)
    y = (rng.uniform(size=n) < rate_of(x)).astype(int)
    return x.reshape(-1, 1), y


def chosen_trends(rate_of, n_samples):
    found = []
    for seed in range(n_samples):
        X, y = draw(rate_of, seed)
        found.append(OptimalBinner().fit(X, y).trends_["x0"])
    return np.array(found)


@pytest.mark.slow
@pytest.mark.parametrize(("sign", "expected"), [(1, "ascending"), (-1, "descending")])
def test_auto_keeps_a_monotone_truth_monotone(sign, expected):
    trends = chosen_trends(lambda x: 1 / (1 + np.exp(2 - 0.8 * sign * x)), 80)
    assert np.mean(trends == expected) >= 0.95


@pytest.mark.slow
def test_auto_rarely_bends_where_there_is_nothing():
    trends = chosen_trends(lambda x: np.full(x.shape, 0.15), 80)
    assert np.isin(trends, ["ascending", "descending"]).mean() >= 0.95


@pytest.mark.parametrize(("sign", "expected"), [(1, "valley"), (-1, "peak")])
def test_auto_sees_a_clear_bend(sign, expected):
    trends = chosen_trends(
        lambda x: 1 / (1 + np.exp(1.5 - 2.5 * sign * (np.abs(x) - 0.5))), 40
    )
    assert (trends == expected).all()


@pytest.mark.parametrize("trend", ["ascending", "descending", "peak", "valley"])
def test_a_trend_that_was_asked_for_is_kept(trend):
    # Even against the truth.
    X, y = draw(lambda x: 0.1 + 0.3 * np.abs(x), 0)
    binner = OptimalBinner(monotonic=trend).fit(X, y)
    table = binner.tables_["x0"]
    change = np.diff(table.event_rate[1:])
    turns = {"ascending": 1, "descending": -1}
    if trend in turns:
        assert (turns[trend] * change >= -1e-12).all()
    else:
        rising = change > 0 if trend == "peak" else change < 0
        # Once it has turned it does not turn back.
        assert (np.diff(rising.astype(int)) <= 0).all()


def test_rate_gap_is_kept():
    X, y = draw(lambda x: 0.2 + 0.1 * x, 1)
    binner = OptimalBinner(monotonic="ascending", min_rate_gap=0.05).fit(X, y)
    assert (np.diff(binner.tables_["x0"].event_rate[1:]) >= 0.05 - 1e-12).all()
    assert binner.bins_["x0"].n_ordinary > 1


def test_trends_by_feature_and_auto_for_the_rest():
    X, y = draw(lambda x: 0.1 + 0.3 * np.abs(x), 0)
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 0]})
    binner = OptimalBinner(monotonic={"a": "ascending"}).fit(frame, y)
    assert binner.trends_ == {"a": "ascending", "b": "valley"}


def set_partitions(items):
    if not items:
        yield []
        return
    head, *rest = items
    for part in set_partitions(rest):
        yield [[head], *part]
        for k, group in enumerate(part):
            yield [*part[:k], [head, *group], *part[k + 1 :]]


def iv_of(groups, totals):
    if (groups <= 0).any():
        return -np.inf
    shares = groups / totals
    return float(
        ((shares[:, 1] - shares[:, 0]) * np.log(shares[:, 1] / shares[:, 0])).sum()
    )


@pytest.mark.parametrize("n_levels", [6, 7])
@pytest.mark.parametrize("max_bins", [2, 3, 4])
def test_levels_in_order_of_rate_hold_the_best_grouping(n_levels, max_bins):
    # The optimum over contiguous groups is that over all 203 or 877 set partitions.
    partitions = [
        p for p in set_partitions(list(range(n_levels))) if len(p) <= max_bins
    ]
    rng = np.random.default_rng(n_levels * 10 + max_bins)
    for _ in range(6):
        cells = rng.integers(1, 40, size=(n_levels, 2)).astype(float)
        totals = cells.sum(axis=0)
        names = [f"l{k}" for k in range(n_levels)]
        order = ordered_groups(cells, names, rare_level=0.0, max_groups=n_levels)
        ranked = np.array([cells[group].sum(axis=0) for group in order])
        found = optimal_partition(interval_values(ranked, totals), max_bins, None)
        best = max(
            iv_of(np.array([cells[g].sum(axis=0) for g in p]), totals)
            for p in partitions
        )
        assert found.value == pytest.approx(best, abs=1e-12)


def test_levels_come_in_order_of_rate_and_rare_ones_are_pooled():
    cells = np.array([[10.0, 90], [90, 10], [50, 50], [1, 0], [0, 1]])
    names = ["bad", "good", "mid", "rare1", "rare2"]
    groups = ordered_groups(cells, names, rare_level=0.01, max_groups=10)
    assert [sorted(g) for g in groups] == [[1], [2], [3, 4], [0]]
    # Too many levels: neighbours in rate are joined, none is lost.
    few = ordered_groups(cells, names, rare_level=0.0, max_groups=2)
    assert len(few) <= 2
    assert sorted(itertools.chain(*few)) == [0, 1, 2, 3, 4]


def spaced(n=400):
    x = np.arange(n, dtype=float)
    return pd.DataFrame({"income": x}), (np.arange(n) % 4 == 0).astype(int)


@pytest.mark.parametrize(
    ("limits", "constraint"),
    [
        ({"min_bin_size": 500}, "min_bin_size"),
        ({"min_events": 101}, "min_events"),
        ({"min_non_events": 301}, "min_non_events"),
        ({"max_bin_size": 0.2, "max_bins": 3}, "max_bin_size"),
        ({"max_bin_size": 20, "max_bins": 8}, "max_bins"),
    ],
)
@pytest.mark.parametrize("monotonic", ["auto", None, "peak"])
def test_infeasible_limits_name_feature_and_constraint(limits, constraint, monotonic):
    X, y = spaced()
    with pytest.raises(InfeasibleError, match="'income'") as caught:
        OptimalBinner(**limits, monotonic=monotonic).fit(X, y)
    message = str(caught.value)
    assert constraint in message
    assert "\n" not in message
    # A remedy, not only a complaint.
    assert "Lower" in message or "Raise" in message


def test_missing_values_that_leave_too_little_are_infeasible():
    X, y = spaced()
    X.loc[10:, "income"] = np.nan
    with pytest.raises(InfeasibleError, match=r"'income'.*weigh 10.*min_bin_size"):
        OptimalBinner(min_bin_size=0.05).fit(X, y)


def test_a_feature_that_is_mostly_missing_keeps_one_bin_by_default():
    X, y = spaced()
    X.loc[10:, "income"] = np.nan
    fitted = OptimalBinner().fit(X, y)
    assert fitted.bins_["income"].n_ordinary == 1
    assert fitted.tables_["income"].weight[1].sum() == 10


def test_default_bins_are_large_enough_for_inference():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 1))
    y = (rng.random(400) < 0.1 + 0.1 * (x[:, 0] > 0)).astype(int)
    fitted = OptimalBinner(monotonic=None).fit(x, y)
    table = fitted.tables_["x0"]
    size = table.weight[1:].sum(axis=1)
    assert (size * table.totals.min() / 400 >= 5).all()
    assert size.min() >= 8


def test_corrected_objective_chooses_fewer_bins_of_noise():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2_000, 1)), rng.integers(0, 2, 2_000)
    options = {"monotonic": None, "max_bins": 20, "min_bin_size": 0.05}
    plain = OptimalBinner(**options).fit(X, y)
    corrected = OptimalBinner(**options, objective="iv_corrected").fit(X, y)
    assert corrected.bins_["x0"].n_bins < plain.bins_["x0"].n_bins
