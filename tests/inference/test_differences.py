"""Paired and independent differences against brute force and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import information_value
from infostat.counts.array_engine import count_codes
from infostat.divergences import contributions, get_divergence
from infostat.exceptions import InfostatError
from infostat.inference import (
    independent_difference,
    joint_table,
    measure,
    paired_difference,
)


def rows(seed=1, n=500, signal=1.0):
    """Two dependent features of 3 and 4 bins, both informative."""
    rng = np.random.default_rng(seed)
    classes = (np.arange(n) < n // 3).astype(np.uint8)
    latent = rng.normal(size=n) + signal * classes
    first = np.digitize(latent + 0.5 * rng.normal(size=n), [0, 1]).astype(np.uint8)
    second = np.digitize(latent + rng.normal(size=n), [-0.5, 0.3, 1]).astype(np.uint8)
    return first, second, classes


def shares_of(codes, classes, weight, n_bins):
    cells = np.zeros((2, n_bins))
    np.add.at(cells, (classes, codes), weight)
    return cells / cells.sum(1, keepdims=True)


def test_joint_table_is_a_loop():
    first, second, classes = rows()
    events, non_events = joint_table(first, second, classes, (3, 4))
    for i in range(3):
        for j in range(4):
            here = (first == i) & (second == j)
            assert events[i, j] == (here & (classes == 1)).sum()
            assert non_events[i, j] == (here & (classes == 0)).sum()


def second_order(first, second, classes):
    """Variance of the difference of two dependent chi-squares, from pooled rows."""
    n = classes.size
    joint = np.zeros((3, 4))
    np.add.at(joint, (first, second), 1 / n)
    expected = np.outer(joint.sum(1), joint.sum(0))
    phi2 = ((joint - expected) ** 2 / expected).sum()
    s = 1 / (classes == 1).sum() + 1 / (classes == 0).sum()
    return 2 * s**2 * (3 + 4 - 2 - 2 * phi2)


@pytest.mark.parametrize("kind", ["jeffreys", "kl", "js", "pearson"])
def test_paired_error_is_that_of_row_influences(kind):
    first, second, classes = rows()
    member = get_divergence(kind)

    def difference(weight):
        total = 0.0
        for sign, codes, n_bins in ((1, first, 3), (-1, second, 4)):
            q, p = shares_of(codes, classes, weight, n_bins)
            total += sign * contributions(p, q, member).sum()
        return total

    influence = np.empty(classes.size)
    for i in range(classes.size):
        up, down = np.ones(classes.size), np.ones(classes.size)
        up[i], down[i] = 1.001, 0.999
        influence[i] = (difference(up) - difference(down)) / 0.002
    found = paired_difference(*joint_table(first, second, classes, (3, 4)), kind)
    v2 = second_order(first, second, classes) * (member.curvature / 2) ** 2
    expected = max((influence**2).sum() - v2, v2)
    assert found.se**2 == pytest.approx(expected, rel=1e-4)


def test_paired_value_and_bias_are_those_of_the_two_measures():
    first, second, classes = rows()
    found = paired_difference(*joint_table(first, second, classes, (3, 4)))
    one = measure(count_codes(first, classes, ["a", "b", "c"]))
    two = measure(count_codes(second, classes, ["a", "b", "c", "d"]))
    assert found.value == pytest.approx(one.corrected - two.corrected, rel=1e-12)
    assert found.bias == pytest.approx(one.bias - two.bias, rel=1e-12)
    assert found.se < 0.8 * np.hypot(one.se, two.se)  # the features are alike
    assert found.n == classes.size


def test_a_feature_does_not_differ_from_itself():
    first, _, classes = rows()
    found = paired_difference(*joint_table(first, first, classes, (3, 3)))
    assert found.value == pytest.approx(0.0, abs=1e-14)
    assert found.se == pytest.approx(0.0, abs=1e-8)


def test_swapping_the_features_swaps_the_sign():
    first, second, classes = rows()
    events, non_events = joint_table(first, second, classes, (3, 4))
    there = paired_difference(events, non_events)
    back = paired_difference(events.T, non_events.T)
    assert back.value == pytest.approx(-there.value)
    assert back.se == pytest.approx(there.se)
    assert back.p_value(0, "greater") == pytest.approx(there.p_value(0, "less"))


def test_without_signal_the_second_order_part_is_a_floor():
    first, second, classes = rows(seed=5, n=3000, signal=0.0)
    found = paired_difference(*joint_table(first, second, classes, (3, 4)))
    assert found.se >= np.sqrt(second_order(first, second, classes)) * (1 - 1e-12)


def test_paired_difference_refuses_what_it_cannot_use():
    with pytest.raises(InfostatError, match=r"one shape, got \(2, 3\) and \(3, 2\)"):
        paired_difference(np.ones((3, 2)), np.ones((2, 3)))
    with pytest.raises(InfostatError, match="lacks one of the classes"):
        paired_difference([[1, 2], [0, 0]], [[1, 2], [3, 4]])


ONE = information_value([90, 60, 50], [400, 700, 900])
TWO = information_value([80, 70, 60], [500, 700, 700])


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_independent_interval_is_mover(level):
    low, high = independent_difference(ONE, TWO).interval(level)
    (l1, u1), (l2, u2) = ONE.interval(level), TWO.interval(level)
    m1, m2 = np.clip(ONE.corrected, l1, u1), np.clip(TWO.corrected, l2, u2)
    assert low == pytest.approx(m1 - m2 - ((m1 - l1) ** 2 + (u2 - m2) ** 2) ** 0.5)
    assert high == pytest.approx(m1 - m2 + ((u1 - m1) ** 2 + (m2 - l2) ** 2) ** 0.5)


def test_independent_difference_near_zero_keeps_clipped_middles():
    """Both corrected values are negative: the middle is the end of its interval."""
    flat = information_value([50, 51, 49], [500, 500, 500])
    assert flat.corrected < 0
    found = independent_difference(flat, ONE)
    low, high = found.interval()
    (_, u1), (l2, u2) = flat.interval(), ONE.interval()
    assert low == pytest.approx(0 - ONE.corrected - (u2 - ONE.corrected), rel=1e-9)
    assert high == pytest.approx(-ONE.corrected + np.hypot(u1, ONE.corrected - l2))
    assert found.value == pytest.approx(flat.corrected - ONE.corrected)


@pytest.mark.parametrize("null", [0.0, 0.05, -0.1, 0.3])
def test_independent_p_value_inverts_the_interval(null):
    found = independent_difference(ONE, TWO)
    p = found.p_value(null)
    assert 0 < p <= 1
    if 1e-6 < p < 0.999:
        for alpha, inside in ((p * 0.999, True), (min(p * 1.001, 0.9999), False)):
            low, high = found.interval(1 - alpha)
            assert (low <= null <= high) == inside
    halves = found.p_value(null, "greater"), found.p_value(null, "less")
    assert sum(halves) == pytest.approx(1.0)
    assert min(halves) == pytest.approx(p / 2)
    assert (halves[0] < halves[1]) == (null < found.value)


def test_independent_difference_of_equals_is_not_significant():
    same = independent_difference(ONE, ONE)
    assert same.value == 0.0
    low, high = same.interval()
    assert low == pytest.approx(-high)
    assert same.p_value() > 0.95
    with pytest.raises(InfostatError, match="alternative must be"):
        same.p_value(0, "bigger")


def test_far_apart_the_p_value_stops_at_its_floor():
    strong = information_value([900, 300, 100], [100, 300, 900])
    assert independent_difference(strong, TWO).p_value() <= 1e-11
