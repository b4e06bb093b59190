"""The studies of methods left out, on little data, and the pieces they are made of."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.special import rel_entr

from benchmarks.considered.__main__ import ELSEWHERE, render, run
from benchmarks.considered.entropy_grouping import best_mass, greedy, kept_entropy
from benchmarks.considered.pac_bayes import inverted
from benchmarks.considered.rank_crossing import crossing_cost
from benchmarks.considered.recalibration import programme
from benchmarks.considered.reject_inference import worst_case
from benchmarks.validation.study import Scale

# One worker computes what all tests of this file look at.
pytestmark = pytest.mark.xdist_group("considered")


@pytest.fixture(scope="module")
def found():
    with warnings.catch_warnings():
        # scikit-learn announces removals here and there.
        warnings.simplefilter("ignore", FutureWarning)
        return run(Scale(quick=True), cache=None, progress=False)


def test_deciding_figures_lie_in_their_bands(found):
    missed = [
        (name, each.when, each.value, each.band)
        for name, method in found.items()
        for each in method.runs
        if not each.expected
    ]
    assert missed == []


def test_every_method_says_what_decided_and_when_to_think_again(found):
    page = render(found)
    for method in found.values():
        assert method.what in page
        assert method.decided in page
        assert any(sign.isdigit() for sign in method.decided)
        assert method.again.startswith(("If ", "When ", "For ", "The table"))
    for entry in ELSEWHERE:
        assert entry["source"] in page


def test_robust_loss_has_the_slopes_it_reports():
    margin, step = np.array([-1.0, 0.2, 2.0]), 1e-5
    loss, by_margin, by_size = worst_case(margin, 1.5, 5.0)
    up, down = worst_case(margin + step, 1.5, 5.0), worst_case(margin - step, 1.5, 5.0)
    np.testing.assert_allclose((up[0] - down[0]) / (2 * step), by_margin, atol=1e-6)
    up, down = worst_case(margin, 1.5 + step, 5.0), worst_case(margin, 1.5 - step, 5.0)
    np.testing.assert_allclose((up[0] - down[0]) / (2 * step), by_size, atol=1e-6)
    # The supremum, by a grid.
    u = np.linspace(0, 1, 20_001)[:, None]
    grid = (np.logaddexp(0, -margin + 1.5 * u) - 5.0 * u**2).max(axis=0)
    np.testing.assert_allclose(loss, grid, atol=1e-7)


def test_binary_divergence_is_inverted():
    limit = inverted(0.2, 0.01)
    assert limit > 0.2
    spent = rel_entr(0.2, limit) + rel_entr(0.8, 1 - limit)
    assert spent == pytest.approx(0.01, rel=1e-9)


def test_greedy_keeps_its_budget_and_never_beats_the_best_subset():
    rng = np.random.default_rng(0)
    for p in -np.sort(-rng.dirichlet(np.ones(7), 20), axis=1):
        budget = 0.6 * kept_entropy(p)
        k = greedy(p, budget)
        assert kept_entropy(p[:k]) <= budget
        assert p[:k].sum() <= best_mass(p, budget) + 1e-12


def test_crossing_costs_nothing_where_ranks_stay():
    score = np.random.default_rng(0).normal(size=500)
    assert crossing_cost(score, np.tanh(score)) == pytest.approx(0.0, abs=1e-12)
    assert crossing_cost(score, -score) > 1.0


def test_programme_is_monotone_and_calibrates():
    rng = np.random.default_rng(0)
    p = rng.beta(1, 6, 3_000)
    y = (rng.random(3_000) < p**1.5).astype(float)
    mapped = programme(p, y)(np.linspace(0, 1, 200))
    assert (np.diff(mapped) >= -1e-9).all()
    assert programme(p, y)(p).mean() == pytest.approx(y.mean(), abs=0.01)
