"""The optimal programme against exhaustive enumeration of every binning."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from infostat.binning.optimal import TRENDS, interval_values, optimal_partition

TOLERANCE = 1e-12  # rates of equal bins may differ in the last digit


def random_cells(rng, n_pre):
    """Counts with zeros and, now and then, equal rates and empty pre-bins."""
    kind = rng.integers(4)
    if kind == 0:
        return rng.integers(0, 8, size=(n_pre, 2)).astype(float)
    if kind == 1:
        return rng.integers(1, 60, size=(n_pre, 2)).astype(float)
    if kind == 2:  # fractional weights
        return rng.gamma(2.0, 3.0, size=(n_pre, 2))
    cells = rng.integers(0, 3, size=(n_pre, 2)).astype(float) * 10
    cells[rng.integers(n_pre)] = 0.0
    return cells


def random_limits(rng, cells):
    size = cells.sum()
    return {
        "min_size": rng.choice([0.0, 0.1 * size, 0.25 * size]),
        "max_size": rng.choice([np.inf, 0.5 * size, 0.7 * size]),
        "min_events": rng.choice([0.0, 1.0, 5.0]),
        "min_non_events": rng.choice([0.0, 1.0, 5.0]),
        "corrected": bool(rng.integers(2)),
    }


def worth(cell, totals, corrected):
    """Value of one bin, written out as the specification has it (A.1 and A.5)."""
    q, p = cell / totals
    value = (p - q) * np.log(p / q)
    if corrected:
        value -= (1 - p) * (1 + q / p) / (2 * totals[1])
        value -= (1 - q) * (1 + p / q) / (2 * totals[0])
    return value


def follows(rates, trend, gap):
    """Whether the event rates have the shape; a peak rises, then falls."""
    change = np.diff(rates)
    rises, falls = change >= gap - TOLERANCE, -change >= gap - TOLERANCE
    if trend is None:
        return True
    if trend == "ascending":
        return rises.all()
    if trend == "descending":
        return falls.all()
    up, down = (rises, falls) if trend == "peak" else (falls, rises)
    return any(up[:k].all() and down[k:].all() for k in range(change.size + 1))


def obeys(groups, limits):
    """Whether every bin of a binning is allowed alone."""
    size = groups.sum(axis=1)
    return (
        (groups > 0).all()
        and (groups[:, 1] >= limits["min_events"]).all()
        and (groups[:, 0] >= limits["min_non_events"]).all()
        and (size >= limits["min_size"] - 1e-9 * size.sum()).all()
        and (size <= limits["max_size"] + 1e-9 * size.sum()).all()
    )


def groups_of(cells, starts):
    return np.add.reduceat(cells, starts, axis=0)


def enumerate_best(cells, totals, max_bins, limits, gap):
    """Best value under each trend over all 2^(P-1) binnings; None where none is."""
    best = dict.fromkeys(TRENDS)
    inner = range(1, len(cells))
    for n_cuts in range(min(max_bins, len(cells))):
        for cuts in itertools.combinations(inner, n_cuts):
            groups = groups_of(cells, [0, *cuts])
            if not obeys(groups, limits):
                continue
            value = sum(worth(g, totals, limits["corrected"]) for g in groups)
            rates = groups[:, 1] / groups.sum(axis=1)
            for trend in TRENDS:
                if (best[trend] is None or value > best[trend]) and follows(
                    rates, trend, gap
                ):
                    best[trend] = value
    return best


def check_instance(rng):
    """Compare all five trends on one random instance; returns what was found."""
    cells = random_cells(rng, int(rng.integers(1, 8)))
    totals = cells.sum(axis=0) + rng.integers(1, 20, size=2)  # reserved bins
    limits = random_limits(rng, cells)
    gap = float(rng.choice([0.0, 0.02, 0.1]))
    max_bins = int(rng.integers(1, 9))
    intervals = interval_values(cells, totals, **limits)
    truth = enumerate_best(cells, totals, max_bins, limits, gap)
    for trend in TRENDS:
        found = optimal_partition(intervals, max_bins, trend, min_gap=gap)
        if truth[trend] is None:
            assert found is None, (cells, limits, gap, max_bins, trend)
            continue
        assert found is not None, (cells, limits, gap, max_bins, trend)
        assert found.value == pytest.approx(truth[trend], abs=1e-10), (cells, trend)
        # What is returned must be what was promised.
        assert found.starts[0] == 0
        assert found.trend == trend
        assert len(found.starts) <= max_bins
        groups = groups_of(cells, found.starts)
        value = sum(worth(g, totals, limits["corrected"]) for g in groups)
        assert value == pytest.approx(found.value, abs=1e-10)
        assert obeys(groups, limits)
        rates = groups[:, 1] / groups.sum(axis=1)
        assert follows(rates, trend, gap)
    return [truth[trend] is not None for trend in TRENDS]


@pytest.mark.parametrize("seed", range(10))
def test_optimum_equals_enumeration(seed):
    # 10 * 500 instances, each under 5 trends; feasible and infeasible ones.
    rng = np.random.default_rng(seed)
    feasible = np.array([check_instance(rng) for _ in range(500)])
    assert 0.2 < feasible.mean() < 0.98


@pytest.mark.parametrize("trend", TRENDS)
def test_a_monotone_binning_counts_as_peak_and_valley(trend):
    cells = np.array([[40.0, 2], [30, 4], [20, 8], [10, 16]])
    intervals = interval_values(cells, cells.sum(axis=0))
    found = optimal_partition(intervals, 4, trend)
    assert (len(found.starts) == 4) == (trend != "descending")


def test_plateau_is_monotone_both_ways():
    # Equal rates whose quotients differ in the last digit are equal rates.
    cells = np.array([[0.3, 0.1], [0.6, 0.2], [0.9, 0.3]])
    totals = cells.sum(axis=0) + np.array([5.0, 1.0])
    intervals = interval_values(cells, totals)
    for trend in ("ascending", "descending", "peak", "valley"):
        found = optimal_partition(intervals, 3, trend)
        free = optimal_partition(intervals, 3, None)
        assert found.value == pytest.approx(free.value, rel=1e-9)


def test_merging_never_raises_the_value():
    # Data processing: the free optimum without limits keeps every distinct pre-bin.
    cells = np.array([[40.0, 2], [30, 9], [20, 3], [10, 16]])
    found = optimal_partition(interval_values(cells, cells.sum(axis=0)), 4, None)
    assert found.starts == (0, 1, 2, 3)


def test_a_bin_of_exactly_the_least_size_is_allowed():
    # Ten weights of 0.1 sum to a little less than one.
    cells = np.full((20, 2), 0.05)
    cells[10:, 1] = 0.1
    totals = cells.sum(axis=0)
    size = cells[:10].sum()
    intervals = interval_values(cells, totals, min_size=float(np.nextafter(size, 9)))
    assert np.isfinite(intervals.value[0, 10])


@pytest.mark.parametrize("trend", TRENDS)
def test_hundred_prebins_take_milliseconds(trend):
    rng = np.random.default_rng(3)
    cells = rng.integers(1, 200, size=(100, 2)).astype(float)
    totals = cells.sum(axis=0)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        intervals = interval_values(cells, totals, min_size=0.05 * cells.sum())
        found = optimal_partition(intervals, 8, trend)
        seconds.append(time.perf_counter() - start)
    assert found is not None
    assert min(seconds) < 0.05


def test_the_same_answer_every_time():
    # Ties are broken the same way, so that bins do not depend on the run.
    cells = np.tile([[30.0, 5.0], [20.0, 9.0]], (6, 1))
    intervals = interval_values(cells, cells.sum(axis=0))
    answers = {optimal_partition(intervals, 5, t).starts for t in (None,) * 5}
    assert len(answers) == 1
