"""Risk and rows from the two coefficients; exact risks."""

from __future__ import annotations

import pytest

from infostat import InfostatError
from infostat.samplesize import (
    Expansion,
    estimation_risk,
    normal_linear_risk,
    normal_risk,
    required_n,
)
from infostat.samplesize.requirement import Requirement


def test_exact_linear_risk_and_its_expansion():
    assert normal_linear_risk(10**6, 4) * 10**6 == pytest.approx(2.5, rel=1e-4)
    with pytest.raises(InfostatError, match="exact risk is infinite"):
        normal_linear_risk(6, 4)
    with pytest.raises(InfostatError, match="infinite"):
        normal_risk(5, 3)


def test_risk_and_required_n_are_inverse():
    a, c2 = 20.5, 4047.0
    for order in ("pade", 2, 1):
        n = required_n(a, c2, 0.005, order)
        assert estimation_risk(a, c2, n, order) == pytest.approx(0.005, rel=1e-9)
    assert estimation_risk(a, c2, 100.0) == float("inf")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1.0, 1.0, 0.0), "n must be positive"),
        ((0.0, 1.0, 10.0), "leading"),
        ((1.0, 1.0, 10.0, 3), "order"),
    ],
)
def test_risk_out_of_range(arguments, words):
    with pytest.raises(InfostatError, match=words):
        estimation_risk(*arguments)


def test_required_n_out_of_range():
    with pytest.raises(InfostatError, match="positive"):
        required_n(1.0, 1.0, 0.0)
    with pytest.raises(InfostatError, match="never reach"):
        required_n(1.0, -100.0, 0.5, 2)


def test_relative_rows_share_the_second_order_out():
    """Net of the model without features: n = (a - a0) / C + c2 / a."""
    expansion = Expansion(20.5, 4047.0, 41)
    asked = Requirement(max_share=1 / 9)
    found = asked.relative_n(expansion, 0.5, 0.0148, 1.0, "pade")
    assert found == pytest.approx(20.0 / (0.0148 / 9) + 4047.0 / 20.5, abs=1)
    assert asked.relative_n(expansion, 0.5, -0.01, 1.0, "pade") is None
    assert Requirement().relative_n(expansion, 0.5, 0.0148, 1.0, "pade") is None
