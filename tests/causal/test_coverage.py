"""Coverage of the shipped intervals: short runs; the long one is benchmarks.causal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from infostat import CausalBounds, InfostatError
from infostat.causal import imbens_manski, intersection_bounds
from infostat.causal.intervals import Sampling, band_reach

REPLICATES = 250


def worst_case(rng, n, kind):
    """A binary-treatment draw where the unseen outcomes under treatment are chosen."""
    X = rng.random((n, 1))
    e = 0.3 + 0.4 * X[:, 0]
    taken = (rng.random(n) < e).astype(int)
    y = rng.beta(2 + 2 * X[:, 0], 2)
    mean = float(np.mean([(2 + 2 * u) / (4 + 2 * u) for u in np.linspace(0, 1, 2001)]))
    grid = np.linspace(0, 1, 20001)
    inside = float(np.mean((0.3 + 0.4 * grid) * (2 + 2 * grid) / (4 + 2 * grid)))
    truth = {"high": inside + 0.5, "low": inside, "same": mean}[kind]
    return X, y, taken, truth


@pytest.mark.parametrize("kind", ["high", "low", "same"])
def test_adversarial_outcomes_are_covered(kind):
    rng = np.random.default_rng(42)
    hits = []
    for _ in range(REPLICATES):
        X, y, taken, truth = worst_case(rng, 300, kind)
        bounds = CausalBounds(y_bounds=(0, 1)).fit(X, y, treatment=taken)
        row = bounds.bounds_.iloc[1]
        hits.append(row["ci_lower"] <= truth <= row["ci_upper"])
    # 95 % nominal: four binomial errors below; at an end the interval is not idle.
    assert np.mean(hits) >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / REPLICATES)
    if kind != "same":
        assert np.mean(hits) < 1.0


def test_interval_of_a_vanishing_width_is_two_sided():
    low, high = imbens_manski(0.0, 0.0, 1.0, 1.0, n=1000)
    assert (low, high) == pytest.approx((-1.96, 1.96), abs=1e-3)
    low, high = imbens_manski(0.0, 100.0, 1.0, 1.0, n=1000)
    assert (low, high) == pytest.approx((-1.645, 101.645), abs=1e-3)
    low, high = imbens_manski(0.0, 100.0, 1.0, 1.0, n=1000, target="set")
    assert (low, high) == pytest.approx((-1.96, 101.96), abs=1e-3)


@pytest.mark.parametrize("width", [0.0, 0.5, 2.0, 8.0, 20.0])
def test_coverage_holds_uniformly_in_the_width(width):
    rng = np.random.default_rng(1)
    draws = 4000
    lower, upper = rng.normal(size=draws), width + rng.normal(size=draws)
    found = np.array(
        [imbens_manski(a, b, 1, 1, n=500) for a, b in zip(lower, upper, strict=True)]
    )
    for truth in (0.0, width):
        covered = np.mean((found[:, 0] <= truth) & (truth <= found[:, 1]))
        assert covered >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / draws)


def test_intersections_cover_the_smallest_of_equal_bounds():
    rng = np.random.default_rng(3)
    n, covered, naive = 200, [], []
    for k in range(200):
        scores = rng.normal(size=(n, 6))
        got = Sampling(n).averages(scores)
        end = intersection_bounds(got.mean, got.se, got.influence, 0.95, n=n, rng=k)
        covered.append(end >= 0.0)
        naive.append((got.mean + 1.645 * got.se).min() >= 0.0)
    assert np.mean(covered) >= 0.90
    assert np.mean(naive) < 0.85  # what the correction is for
    assert intersection_bounds(
        np.array([np.inf, 1.0]), np.zeros(2), np.zeros((5, 2)), 0.95, n=5
    ) == pytest.approx(1.0)


def test_bands_hold_for_all_ends_at_once():
    rng = np.random.default_rng(4)
    hits = []
    for k in range(200):
        got = Sampling(150).averages(rng.normal(size=(150, 8)))
        reach = band_reach(got.influence, got.se, 0.95, rng=k)
        hits.append((got.mean <= reach * got.se).all())
    assert 0.89 <= np.mean(hits) <= 0.99


def test_weighted_and_clustered_errors_are_those_of_simulation():
    rng = np.random.default_rng(5)
    means, told = [], []
    for _ in range(400):
        cluster = np.repeat(np.arange(60), 4)
        values = rng.normal(size=60)[cluster] + 0.5 * rng.normal(size=240)
        weight = rng.uniform(0.5, 2.0, 60)[cluster]
        got = Sampling(240, weight, cluster, frequency=False).averages(values[:, None])
        means.append(got.mean[0])
        told.append(got.se[0])
    assert np.mean(told) == pytest.approx(np.std(means), rel=0.12)


@pytest.mark.parametrize("n_clusters", [6, 15])
def test_few_clusters_are_covered_by_students_law(n_clusters):
    rng = np.random.default_rng(6)
    cluster, draws = np.repeat(np.arange(n_clusters), 3), 1500
    sampling = Sampling(cluster.size, None, cluster)
    df = sampling.degrees()
    assert df == n_clusters - 1
    hits = np.zeros(2)
    for _ in range(draws):
        values = rng.normal(size=n_clusters)[cluster] + rng.normal(size=cluster.size)
        got = sampling.averages(values[:, None])
        mean, se = got.mean[0], got.se[0]
        for k, law in enumerate((None, df)):
            low, high = imbens_manski(mean, mean, se, se, n=sampling.size, df=law)
            hits[k] += low <= 0.0 <= high
    # Equal clusters with normal means: the law is exact.
    assert abs(hits[1] / draws - 0.95) <= 4 * np.sqrt(0.95 * 0.05 / draws)
    assert hits[0] / draws < hits[1] / draws - 0.01


def test_students_interval_is_one_sided_around_a_wide_set():
    low, high = imbens_manski(0.0, 100.0, 1.0, 2.0, n=8, df=7)
    assert (low, high) == pytest.approx((-t.ppf(0.95, 7), 100 + 2 * t.ppf(0.95, 7)))
    low, high = imbens_manski(0.0, 100.0, 1.0, 2.0, n=8, df=7, target="set")
    assert (low, high) == pytest.approx((-t.ppf(0.975, 7), 100 + 2 * t.ppf(0.975, 7)))
    # In between, the width counts: solved by hand from the law itself.
    low, high = imbens_manski(0.0, 2.5, 1.0, 1.0, n=8, df=7)
    assert t.cdf(-low + 2.5, 7) - t.cdf(low, 7) == pytest.approx(0.95)
    assert high - 2.5 == pytest.approx(-low)
    with pytest.raises(InfostatError, match="df must be positive"):
        imbens_manski(0.0, 1.0, 1.0, 1.0, n=8, df=0)


def test_bands_and_intersections_of_few_clusters_hold():
    rng = np.random.default_rng(7)
    cluster, draws = np.repeat(np.arange(8), 2), 200
    sampling = Sampling(16, None, cluster)
    hits, ends = np.zeros(2), np.zeros(2)
    for k in range(draws):
        values = rng.normal(size=(8, 5))[cluster] + rng.normal(size=(16, 5))
        got = sampling.averages(values)
        for j, df in enumerate((None, sampling.degrees())):
            reach = band_reach(got.influence, got.se, 0.95, df=df, rng=k)
            hits[j] += (got.mean <= reach * got.se).all()
            found = (got.mean, got.se, got.influence)
            ends[j] += intersection_bounds(*found, 0.95, n=8, df=df, rng=k) >= 0.0
    for covered in (hits / draws, ends / draws):
        assert covered[0] < covered[1] - 0.02
        assert covered[1] >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / draws)


def test_degrees_of_freedom_count_the_clusters_with_weight():
    cluster = np.array([0, 0, 1, 1, 2, 2, 3])
    weight = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 2.0])
    assert Sampling(7).degrees() is None
    assert Sampling(7, None, cluster).degrees() == 3.0
    assert Sampling(7, weight, cluster).degrees() == 2.0
    assert Sampling(7, weight, cluster).degrees(cluster < 2) == 1.0
    assert Sampling(7, weight, cluster).degrees(cluster < 1) == 1.0


def test_clustered_bounds_use_students_law_throughout():
    rng = np.random.default_rng(8)
    X, y, taken, _ = worst_case(rng, 120, "high")
    cluster = np.arange(120) % 6
    common = {"treatment": taken, "groups": cluster}
    fit = CausalBounds(y_bounds=(0, 1), target="set").fit(X, y, **common)
    row = fit.bounds_.iloc[1]
    reach = (row["lower"] - row["ci_lower"]) / row["se_lower"]
    assert reach == pytest.approx(t.ppf(0.975, 5))
    points = fit.project(np.ones((120, 1)), at=np.ones((1, 1))).iloc[0]
    reach = (points["lower"] - points["ci_lower"]) / points["se_lower"]
    assert reach == pytest.approx(t.ppf(0.975, 5))
    # Three clusters are left in the group.
    group = fit.group_bounds(cluster < 3).iloc[1]
    reach = (group["lower"] - group["ci_lower"]) / group["se_lower"]
    assert reach == pytest.approx(t.ppf(0.975, 2))
