"""Pictures of the sampling room."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import InfostatError, VolumeRegressor, VolumeSampler
from infostat.displays.sampling import DesignDisplay, FitDisplay
from infostat.displays.sampling_stability import DesignStabilityDisplay
from infostat.sampling import PolynomialBasis

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def model():
    basis = PolynomialBasis(3, dimension=1)
    fitted = VolumeRegressor(basis, n_samples=5.0, random_state=0)
    return fitted.fit_function(lambda x: np.abs(x[:, 0]))


def test_design_display_shows_points_and_blocks(model):
    display = DesignDisplay.from_design(model.design_).plot()
    np.testing.assert_array_equal(
        display.frame("pandas")["weight"], model.design_.weights
    )
    assert len(display.ax_.collections) == 5
    assert "20 points, 4 functions" in display.ax_.get_title(loc="left")
    display.figure_.canvas.draw()
    pool = np.random.default_rng(0).normal(size=(50, 2))
    design = VolumeSampler(6, random_state=0).fit(pool).design_
    with pytest.raises(InfostatError, match="pass points="):
        DesignDisplay.from_design(design)
    shown = DesignDisplay.from_design(design, pool[design.indices])
    np.testing.assert_array_equal(shown.x, pool[design.indices, 0])


def test_fit_display_shows_the_intervals_of_predict(model):
    X = np.linspace(-1, 1, 11)[:, None]
    display = FitDisplay.from_regressor(model, X, np.abs(X[:, 0]), level=0.9).plot()
    _, low, high = model.predict(display.x[:, None], return_interval=True, level=0.9)
    frame = display.frame("pandas")
    np.testing.assert_allclose(frame["conf_low"], low)
    np.testing.assert_allclose(frame["conf_high"], high)
    assert "90 % intervals" in display.ax_.get_title(loc="left")
    greedy = VolumeRegressor(
        PolynomialBasis(3, dimension=1), method="dpp_greedy", random_state=0
    ).fit_function(lambda x: np.abs(x[:, 0]))
    bare = FitDisplay.from_regressor(greedy, X).plot()
    assert list(bare.frame("pandas").columns) == ["x", "fit"]
    assert "no interval" in bare.ax_.get_title(loc="left")


def test_stability_display_orders_the_methods():
    display = DesignStabilityDisplay.from_basis(
        PolynomialBasis(9, dimension=1), (2, 4), n_designs=60, rng=0
    ).plot()
    frame = display.frame("pandas")
    median = frame.set_index(["ratio", "method"])["median"]
    for ratio in (2, 4):
        assert (
            median[ratio, "leverage"]
            < median[ratio, "volume"]
            < median[ratio, "repeated_dpp"]
        )
    assert (frame["low"] <= frame["high"]).all()
    assert len(display.ax_.lines) == 3
