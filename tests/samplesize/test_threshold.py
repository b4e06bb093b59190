"""Bounds between Bayes error and divergence."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from infostat import InfostatError
from infostat.samplesize import bayes_error_bound, bayes_error_threshold
from infostat.samplesize.threshold import BOUNDS

TABLE = {
    0.01: (0.00080, 0.00080, 0.00040, 0.00126),
    0.025: (0.00500, 0.00500, 0.00250, 0.00786),
    0.05: (0.02004, 0.02000, 0.01005, 0.03158),
    0.10: (0.08073, 0.08000, 0.04082, 0.12837),
    0.20: (0.33247, 0.32000, 0.17435, 0.54999),
    0.40: (1.58643, 1.28000, 1.02165, 3.28475),
}


@pytest.mark.parametrize("delta", TABLE)
def test_published_table(delta):
    found = [bayes_error_threshold(delta, bound) for bound in BOUNDS]
    assert found == pytest.approx(TABLE[delta], abs=1e-5)


@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("delta", [0.003, 0.05, 0.2, 0.45])
def test_error_of_the_threshold_is_the_error_asked_for(bound, delta):
    risk = bayes_error_threshold(delta, bound)
    assert bayes_error_bound(risk, bound) == pytest.approx(0.5 - delta, abs=1e-7)


def test_sharp_bound_holds_and_is_reached_by_two_cells():
    rng = np.random.default_rng(0)
    slack = []
    for _ in range(300):
        p, q = rng.dirichlet(np.full(4, 0.6), size=2)
        error = 0.5 * np.minimum(p, q).sum()
        slack.append(error - bayes_error_bound(stats.entropy(p, q)))
    assert min(slack) > -1e-9
    # The minimum over two-cell laws: no bound can be better.
    v = 0.3
    p = np.linspace(1e-6, 1 - v - 1e-6, 200_001)
    q = p + v
    least = (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))).min()
    assert bayes_error_threshold(v / 2) == pytest.approx(least, abs=1e-9)


def test_sharp_is_never_below_the_other_bounds():
    for delta in np.linspace(0.01, 0.49, 25):
        sharp = bayes_error_threshold(delta)
        assert sharp >= bayes_error_threshold(delta, "pinsker") * (1 - 1e-9)
        assert sharp >= bayes_error_threshold(delta, "bretagnolle-huber") * (1 - 1e-9)


def test_ends():
    for bound in BOUNDS:
        assert bayes_error_bound(0.0, bound) == 0.5
        assert 0.0 <= bayes_error_bound(50.0, bound) < 1e-6


@pytest.mark.parametrize("delta", [0.0, 0.5, -1.0, float("nan")])
def test_delta_out_of_range_is_refused(delta):
    with pytest.raises(InfostatError, match="delta"):
        bayes_error_threshold(delta)


def test_unknown_bound_and_negative_risk_are_refused():
    with pytest.raises(InfostatError, match="'sharp', 'pinsker'"):
        bayes_error_threshold(0.05, "hoeffding")
    with pytest.raises(InfostatError, match="negative"):
        bayes_error_bound(-0.1)
    with pytest.raises(InfostatError, match="finite"):
        bayes_error_bound(float("inf"))


@pytest.mark.parametrize("risk", [1e-300, 1e-30, 1e-18, 1e-15, 1e-12])
def test_a_tiny_risk_has_a_bound(risk):
    # Rounding hides the root there; Pinsker's bound is right to the last digits.
    found = bayes_error_bound(risk)
    assert abs(found - bayes_error_bound(risk, "pinsker")) < 1e-9
