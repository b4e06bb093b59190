"""The same splits and the same pre-bins given to optbinning, where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import Bins, OptimalBinner, WOEEncoder, information_value
from infostat.binning.optimal import interval_values, optimal_partition
from infostat.binning.search import PreCounts, TrendSearch, partitions_of
from infostat.divergences import contributions, get_divergence

optbinning = pytest.importorskip("optbinning")
# Its dependencies announce changes of their own.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def credit(seed, n=20_000):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = (
        rng.uniform(size=n) < 1 / (1 + np.exp(2 - 0.7 * x - 0.3 * np.sin(3 * x)))
    ).astype(int)
    return x, y


def between_values(x, n_bins):
    """Splits between observed values: closed on the left or right, no matter."""
    ranked = np.unique(x)
    place = (np.arange(1, n_bins) * len(ranked)) // n_bins
    return (ranked[place - 1] + ranked[place]) / 2


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("missing", [False, True])
def test_evidence_of_the_same_splits(seed, missing):
    x, y = credit(seed)
    if missing:
        x[::7] = np.nan
    splits = between_values(x[~np.isnan(x)], 8)
    # Fixed splits, so that nothing is left to choose.
    peer = optbinning.OptimalBinning(
        name="x",
        dtype="numerical",
        monotonic_trend=None,
        min_bin_size=0.01,
        user_splits=splits.tolist(),
        user_splits_fixed=[True] * len(splits),
    ).fit(x, y)
    assert peer.status == "OPTIMAL"
    table = peer.binning_table.build()
    np.testing.assert_allclose(peer.splits, splits)
    bins = Bins.numeric("x0", splits)
    ours = WOEEncoder(OptimalBinner(fixed_bins={"x0": bins})).fit(x.reshape(-1, 1), y)
    woe = table["WoE"].to_numpy()[:8].astype(float)
    np.testing.assert_allclose(ours.woe_["x0"][1:], woe, atol=1e-12)
    if missing:
        gone = float(table.loc[table["Bin"] == "Missing", "WoE"].iloc[0])
        assert ours.woe_["x0"][0] == pytest.approx(gone, abs=1e-12)
    total = float(table.loc["Totals", "IV"])
    assert information_value(ours.tables_["x0"]).plug_in == pytest.approx(
        total, abs=1e-12
    )


@pytest.mark.parametrize("trend", ["ascending", "descending", "peak", "valley", None])
@pytest.mark.parametrize("n_prebins", [20, 40])
@pytest.mark.parametrize("max_bins", [4, 6])
def test_optimum_of_the_same_prebins(trend, n_prebins, max_bins):
    x, y = credit(7)
    splits = between_values(x, n_prebins)
    peer = optbinning.OptimalBinning(
        name="x",
        dtype="numerical",
        solver="cp",
        monotonic_trend=trend,
        max_n_bins=max_bins,
        min_bin_size=0.05,
        user_splits=splits.tolist(),
    ).fit(x, y)
    assert peer.status == "OPTIMAL"
    pre = Bins.numeric("x", splits)
    weight = pre.count(x, y).weight[pre.first :]
    totals = weight.sum(axis=0)
    ours = optimal_partition(
        interval_values(weight, totals, min_size=0.05 * len(x)), max_bins, trend
    )
    theirs = float(peer.binning_table.build().loc["Totals", "IV"])
    # Never below the peer's optimum, and equal where it is one.
    assert ours.value >= theirs - 1e-9
    assert ours.value == pytest.approx(theirs, abs=1e-6)
    cuts = [splits[start - 1] for start in ours.starts[1:]]
    np.testing.assert_allclose(cuts, peer.splits)


SETTINGS = {
    "gap": ("ascending", {"min_event_rate_diff": 0.03}, {"min_gap": 0.03}),
    "gap, free": (None, {"min_event_rate_diff": 0.03}, {"min_gap": 0.03}),
    "p-value": ("ascending", {"max_pvalue": 0.05}, {"max_pvalue": 0.05}),
    "p-value, free": (None, {"max_pvalue": 0.05}, {"max_pvalue": 0.05}),
    "p-value, peak": ("peak", {"max_pvalue": 0.01}, {"max_pvalue": 0.01}),
    "all pairs": (
        "ascending",
        {"max_pvalue": 0.05, "max_pvalue_policy": "all"},
        {"max_pvalue": 0.05, "pvalue_pairs": "all"},
    ),
    "min bins": ("ascending", {"min_n_bins": 6}, {"min_bins": 6}),
    "max size": ("ascending", {"max_bin_size": 0.3}, {"max_size": 0.3 * 20_000}),
    "events": (
        None,
        {"min_bin_n_event": 300, "max_bin_n_event": 1_200},
        {"min_events": 300, "max_events": 1_200},
    ),
    "non-events": (
        None,
        {"min_bin_n_nonevent": 1_500, "max_bin_n_nonevent": 6_000},
        {"min_non_events": 1_500, "max_non_events": 6_000},
    ),
    "js": ("ascending", {"divergence": "js"}, {"divergence": "js"}),
    "hellinger": (None, {"divergence": "hellinger"}, {"divergence": "hellinger"}),
    "triangular": (
        "valley",
        {"divergence": "triangular"},
        {"divergence": "triangular"},
    ),
}


@pytest.mark.parametrize("setting", list(SETTINGS))
def test_optimum_under_every_shared_option(setting):
    trend, theirs, ours = SETTINGS[setting]
    x, y = credit(11)
    splits = between_values(x, 20)
    peer = optbinning.OptimalBinning(
        name="x",
        dtype="numerical",
        solver="cp",
        monotonic_trend=trend,
        max_n_bins=6,
        min_bin_size=0.05,
        user_splits=splits.tolist(),
        **theirs,
    ).fit(x, y)
    assert peer.status == "OPTIMAL"
    ours = dict(ours)
    member = get_divergence(ours.get("divergence", "jeffreys"))
    ours["divergence"] = member
    pre = Bins.numeric("x", splits)
    counts = pre.count(x, y)
    weight = counts.weight[pre.first :]
    search = TrendSearch("x", 6, min_size=0.05 * len(x), **ours)
    found = partitions_of(PreCounts(weight, counts.totals), search, [trend])[trend]

    def value(cuts):
        shares = Bins.numeric("x", cuts).count(x, y)
        cells = shares.weight[1:] / shares.totals
        return contributions(cells[:, 1], cells[:, 0], member).sum()

    best = value([splits[start - 1] for start in found.starts[1:]])
    assert best == pytest.approx(found.value, abs=1e-12)
    assert best >= value(peer.splits) - 1e-9
    assert best == pytest.approx(value(peer.splits), abs=1e-6)
