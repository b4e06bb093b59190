"""The stability index: reading, designs of sampling, sharp remainder."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from infostat import InfostatError, population_stability_index
from infostat.counts import tabulate_clusters, tabulate_pairs
from infostat.evidence import psi_quadratic
from infostat.inference import traffic_light

SHARES = np.array([0.3, 0.25, 0.2, 0.15, 0.1])


@pytest.mark.parametrize(
    ("actual", "light", "verdict"),
    [
        (SHARES * 8000, "green", "stable"),
        (SHARES[::-1] * 8000, "red", "shift"),
        (np.array([0.16, 0.24, 0.22, 0.21, 0.17]) * 80_000, "amber", "moderate"),
        (np.array([0.22, 0.23, 0.24, 0.18, 0.13]) * 200, "amber", "not enough data"),
    ],
)
def test_lights_tell_ignorance_from_a_moderate_shift(actual, light, verdict):
    psi = population_stability_index(SHARES * 80_000, actual)
    assert (psi.light(), psi.verdict()) == (light, verdict)
    assert traffic_light(verdict) == light
    tests = psi.tests()
    assert tests == {
        "changed": psi.p_value(),
        "above_first": psi.p_value(0.10, "greater"),
        "above_second": psi.p_value(0.25, "greater"),
        "below_first": psi.p_value(0.10, "less"),
    }


def transition(rng, n, stay, first, second):
    """The same accounts at two dates: some keep their draw, others draw anew."""
    one = rng.choice(5, n, p=first)
    two = np.where(rng.random(n) < stay, one, rng.choice(5, n, p=second))
    moves = np.zeros((5, 5))
    np.add.at(moves, (one, two), 1)
    return moves


@pytest.mark.parametrize("shift", [False, True])
def test_the_same_accounts_at_two_dates(shift):
    rng = np.random.default_rng(0)
    stay, draws = 0.7, 600
    second = SHARES[::-1] if shift else SHARES
    law = stay * SHARES + (1 - stay) * second
    truth = ((law - SHARES) * np.log(law / SHARES)).sum()
    hits = naive = 0
    for _ in range(draws):
        moves = transition(rng, 1500, stay, SHARES, second)
        psi = population_stability_index(tabulate_pairs(moves))
        apart = population_stability_index(moves.sum(axis=1), moves.sum(axis=0))
        low, high = psi.interval()
        hits += (low <= truth <= high) if shift else psi.p_value() <= 0.05
        naive += apart.p_value() <= 0.05
    low, high = binom.ppf([1e-4, 1 - 1e-4], draws, 0.95 if shift else 0.05)
    assert low <= hits <= high
    if not shift:  # dates taken for independent hardly ever see a shift
        assert naive < 0.01 * draws


def test_clusters_within_the_current_sample():
    rng = np.random.default_rng(1)
    draws, rejected, naive = 300, 0, 0
    for _ in range(draws):
        # Four rows a customer, alike three times in four.
        centre = rng.choice(5, 250, p=SHARES).repeat(4)
        alike = rng.random(1000) < 0.75
        now = np.where(alike, centre, rng.choice(5, 1000, p=SHARES))
        before = rng.choice(5, 2000, p=SHARES)
        codes = np.concatenate([before, now])
        classes = np.concatenate([np.zeros(2000, int), np.ones(1000, int)])
        customer = np.concatenate([np.arange(2000), 2000 + np.arange(250).repeat(4)])
        table = tabulate_clusters(codes, classes, customer, tuple("abcde"))
        rejected += population_stability_index(table).p_value() <= 0.05
        naive += population_stability_index(table.table).p_value() <= 0.05
    low, high = binom.ppf([1e-4, 1 - 1e-4], draws, 0.05)
    assert low <= rejected <= high
    assert naive > 0.2 * draws


def test_the_remainder_is_never_exceeded_and_is_reached():
    rng = np.random.default_rng(2)
    worst = 0.0
    for _ in range(4000):
        n_bins = rng.integers(2, 8)
        q = rng.dirichlet(np.full(n_bins, 0.4)) + 1e-9
        p = q * np.exp(rng.normal(size=n_bins) * rng.exponential(0.7))
        found = psi_quadratic(q, p)
        gap = abs(found.psi - found.quadratic)
        assert gap <= found.bound * (1 + 1e-9) + 1e-15
        worst = max(worst, gap / max(found.bound, 1e-12))
    # Two bins in the proportion where the third moment is largest.
    share = 0.5 + 0.5 / np.sqrt(3)
    tilt = np.array([0.0, 1e-3])
    q = np.array([share, 1 - share])
    found = psi_quadratic(q, q * np.exp(tilt))
    assert abs(found.psi - found.quadratic) / found.bound > 0.99
    assert worst < 1


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        ([1, 0], [1, 2], "expected holds 0 in bin 1"),
        ([1, 2], [np.nan, 2], "actual holds nan"),
        ([1, 2], [1, 2, 3], r"actual must be an array of shape \(2,\)"),
    ],
)
def test_bad_shares_are_named(expected, actual, message):
    with pytest.raises(InfostatError, match=message):
        psi_quadratic(expected, actual)
