"""Groups, projections, predictions, policies and intersections of a fitted estimator."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import CausalBounds, InfostatError


def fit(draw, **parameters):
    parameters = {"y_bounds": (0, 1), "random_state": 0} | parameters
    return CausalBounds(**parameters).fit(draw.X, draw.y, treatment=draw.treatment)


def ends(bounds, estimand=None, method=None):
    frame = bounds.bounds_
    keep = frame["estimand"] == (estimand or frame["estimand"].iloc[-1])
    if method is not None:
        keep &= frame["method"] == method
    return frame[keep].iloc[0]


def test_group_bounds_answer_for_the_treated(draw):
    bounds = fit(draw)
    groups = bounds.group_bounds(draw.treatment).set_index("group")
    treated = draw.y[draw.treatment == 1].mean()
    assert groups.loc[1, "upper"] == pytest.approx(treated)
    assert groups.loc[1, "lower"] == pytest.approx(treated - 1)
    assert (groups["band_lower"] <= groups["ci_lower"]).all()
    assert (groups["n"] == np.bincount(draw.treatment)).all()


def test_projection_on_group_indicators_equals_group_bounds(draw):
    bounds = fit(draw, method="kl")
    left = draw.X[:, 0] > 0
    basis = np.column_stack([~left, left]).astype(float)
    terms = bounds.project(basis)
    groups = bounds.group_bounds(left)
    for side in ("lower", "upper"):
        np.testing.assert_allclose(terms[side], groups[side])
        np.testing.assert_allclose(terms[f"se_{side}"], groups[f"se_{side}"], rtol=0.01)
    at = bounds.project(basis, at=np.eye(2))
    np.testing.assert_allclose(at["lower"], terms["lower"])
    assert (at["band_upper"] >= at["ci_upper"] - 1e-9).all()


def test_predictions_stay_in_the_range_and_in_order(draw):
    bounds = fit(draw, method=["sharp", "chi2"])
    for method in ("sharp", "chi2"):
        level = bounds.predict_bounds(draw.X, 1, method=method)
        assert (level["predicted_lower"] <= level["predicted_upper"]).all()
        assert level.to_numpy().min() >= 0
        assert level.to_numpy().max() <= 1
    effect = bounds.effect_bounds(draw.X)
    assert (effect["predicted_lower"] >= -1).all()
    assert 0 <= bounds.diagnostics_["crossing_rate"] <= 1
    # The regression of the scores averages to the bounds.
    assert effect["predicted_upper"].mean() == pytest.approx(
        ends(bounds, method="sharp")["upper"], abs=0.02
    )


def test_policies_mix_the_arms(draw):
    bounds = fit(draw)
    n = len(draw.y)
    always = bounds.policy_bounds(np.column_stack([np.zeros(n), np.ones(n)]))
    assert always["upper"][0] == pytest.approx(ends(bounds, "E[Y(1)]")["upper"])
    with pytest.raises(InfostatError, match="sum to one"):
        bounds.policy_bounds(np.full((n, 2), 0.3))


def test_intersections_take_the_best_of_each_side(draw):
    free = fit(draw)
    narrow = fit(draw, monotone="selection_increasing")
    both = free.intersect(narrow).iloc[0]
    assert both["upper"] == pytest.approx(ends(narrow)["upper"], abs=0.01)
    assert both["lower"] == pytest.approx(ends(free)["lower"], abs=0.01)
    assert both["verdict"] == ""
    assert both["ci_upper"] > both["upper"]


def test_lookups_name_what_exists(draw):
    bounds = fit(draw)
    with pytest.raises(InfostatError, match=r"E\[Y\(1\)\]"):
        bounds.group_bounds(draw.treatment, estimand="ATE")
    with pytest.raises(InfostatError, match="sharp"):
        bounds.group_bounds(draw.treatment, method="kl")
    with pytest.raises(InfostatError, match="treatments"):
        bounds.predict_bounds(draw.X, 3)
    with pytest.raises(InfostatError, match="not independent"):
        bounds.project(np.ones((len(draw.y), 2)))
