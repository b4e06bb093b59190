"""Assumptions: their formulas, breakdown points and the ladder."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from infostat import CausalBounds, InfostatWarning
from infostat.causal import marginal_sensitivity_bounds


def fit(draw, **parameters):
    parameters = {"y_bounds": (0, 1), "random_state": 0} | parameters
    return CausalBounds(**parameters).fit(draw.X, draw.y, treatment=draw.treatment)


def ends(bounds, estimand=None, method=None):
    frame = bounds.bounds_
    keep = frame["estimand"] == (estimand or frame["estimand"].iloc[-1])
    if method is not None:
        keep &= frame["method"] == method
    return frame[keep].iloc[0]


def test_assumptions_without_a_range_are_finite(draw):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        free = fit(draw, y_bounds=None, msm_lambda=2.0)
    ranged = fit(draw, msm_lambda=2.0)
    for side in ("lower", "upper"):
        assert ends(free)[side] == pytest.approx(ends(ranged)[side], abs=0.01)


@pytest.mark.parametrize("binary", [False, True])
def test_fitted_assumptions_equal_their_formulas(binary):
    """Without informative covariates each assumption has a closed form."""
    rng = np.random.default_rng(8)
    n = 4000
    treatment = (rng.random(n) < 0.6).astype(int)
    y = (rng.random(n) < 0.3).astype(float) if binary else rng.beta(2, 3, n)
    X = rng.normal(size=(n, 1))
    own = y[treatment == 1]
    e, mean, sd = np.mean(treatment), own.mean(), own.std()

    def fitted(**assumption):
        bounds = CausalBounds(y_bounds=(0, 1), random_state=0, **assumption)
        return ends(bounds.fit(X, y, treatment=treatment), "E[Y(1)]")

    odds = fitted(msm_lambda=2.5)
    expected = marginal_sensitivity_bounds(own, e, 2.5)
    assert (odds["lower"], odds["upper"]) == pytest.approx(expected, abs=0.004)
    shift = fitted(mean_shift=0.3)
    assert shift["upper"] == pytest.approx(mean + (1 - e) * 0.3 * sd, abs=0.004)
    assert shift["lower"] == pytest.approx(mean - (1 - e) * 0.3 * sd, abs=0.004)
    far = fitted(mean_shift=50.0)
    sharp = fitted()
    assert far["upper"] == pytest.approx(sharp["upper"])
    assert far["lower"] == pytest.approx(sharp["lower"])
    tilt = fitted(entropy_shift=0.05)
    t = np.geomspace(0.01, 100, 4000)[:, None]
    top = (t[:, 0] * 0.05 + t[:, 0] * np.log(np.exp(own / t).mean(axis=1))).min()
    assert tilt["upper"] == pytest.approx(e * mean + (1 - e) * top, abs=0.004)


def test_gamma_is_linear_between_point_and_sharp(draw):
    point, half, free = (fit(draw, gamma=g).bounds_ for g in (0.0, 0.5, 1.0))
    for side in ("lower", "upper"):
        np.testing.assert_allclose(
            half[side], (point[side] + free[side]) / 2, atol=1e-12
        )
    assert half["width"].iloc[-1] == pytest.approx(0.5)


def test_breakdown_is_where_the_bound_meets_the_null(draw):
    bounds = fit(draw)
    rows = bounds.breakdown().set_index("assumption")
    for name in ("gamma", "msm_lambda"):
        row = rows.loc[name]
        at = ends(fit(draw, **{name: float(row["breakdown"])}))
        assert at["lower"] == pytest.approx(0.0, abs=1e-3)
        firm = ends(fit(draw, **{name: float(row["robust"])}))
        assert firm["ci_lower"] == pytest.approx(0.0, abs=1e-3)
        assert row["conf_low"] < row["breakdown"] < row["conf_high"]
        assert row["robust"] < row["breakdown"]
    below = bounds.breakdown(null=0.9)
    assert (below["breakdown"] > rows["breakdown"].to_numpy() * 0).all()
    by_group = bounds.breakdown(groups=draw.X[:, 0] > 0)
    assert len(by_group) == 4


def test_breakdown_without_a_range_knows_the_odds_factor_alone(draw):
    with pytest.warns(InfostatWarning, match="pass y_bounds"):
        free = fit(draw, y_bounds=None)
    rows = free.breakdown().set_index("assumption")
    assert np.isnan(rows.loc["gamma", "breakdown"])
    assert rows.loc["msm_lambda", "breakdown"] > 1.0
    # The lower end is what counts for a positive effect; it needs both arms' ends.
    half = fit(draw, y_bounds=(0, 5.0)).breakdown()["breakdown"][0]
    assert half < fit(draw).breakdown()["breakdown"][0]
    ladder = free.ladder().set_index("assumption")
    assert np.isinf(ladder.loc["gamma=0.5", "width"])
    assert np.isfinite(ladder.loc["Lambda=2", "width"])


def test_ladder_has_a_verdict_and_names_what_is_refuted(draw):
    ladder = fit(draw).ladder().set_index("assumption")
    assert ladder.loc["none", "width"] == pytest.approx(1.0)
    assert ladder.loc["none", "verdict"] == ""
    assert ladder.loc["no hidden confounding", "verdict"] == "above"
    assert ladder.loc["response increasing", "lower"] == 0.0
    both = "response and selection decreasing"
    assert ladder.loc[both, "verdict"] == "refuted"
    with pytest.warns(InfostatWarning, match="contradict the assumption"):
        fit(draw, monotone=("response_decreasing", "selection_decreasing"))
    for kind in ("gamma", "Lambda", "shift", "entropy"):
        rows = ladder[ladder.index.str.startswith(kind)]
        assert (np.diff(rows["width"]) < 0).all()


def test_monotone_levels(draw):
    response = fit(draw, monotone="response_increasing")
    mean = draw.y.mean()
    assert ends(response, "E[Y(1)]")["lower"] == pytest.approx(mean)
    assert ends(response, "E[Y(0)]")["upper"] == pytest.approx(mean)
    overall = fit(draw, monotone="selection_increasing", given_covariates=False)
    naive = draw.y[draw.treatment == 1].mean() - draw.y[draw.treatment == 0].mean()
    assert ends(overall)["upper"] == pytest.approx(naive)
