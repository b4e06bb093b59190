"""Probabilities in blocks, in place, and in the tails."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from infostat.scorecard.scaling import BLOCK, event_probability


@pytest.mark.parametrize("shape", [(), (0,), (3,), (BLOCK + 5,), (7, 5)])
def test_every_shape(shape):
    x = np.random.default_rng(0).normal(0, 10, size=shape)
    out = event_probability(x)
    assert out.shape == shape
    np.testing.assert_allclose(out, expit(x), rtol=1e-14)


def test_in_place_and_in_the_tails():
    x = np.array([-800.0, -40.0, 0.0, 40.0, 800.0])
    expected = expit(x)
    assert event_probability(x, out=x) is x
    np.testing.assert_allclose(x, expected, rtol=1e-14)
