"""Effects on the treated, ratios, and the strength of measured covariates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from infostat import CausalBounds, InfostatError
from infostat.causal import marginal_sensitivity_bounds


def fit(draw, **parameters):
    parameters = {"y_bounds": (0, 1), "random_state": 0} | parameters
    return CausalBounds(**parameters).fit(draw.X, draw.y, treatment=draw.treatment)


def test_sharp_effects_on_the_treated_are_group_bounds(draw):
    bounds = fit(draw)
    groups = bounds.group_bounds(draw.treatment).set_index("group")
    for arm in (0, 1):
        row = bounds.effect_on(arm).iloc[0]
        assert row["estimand"] == f"E[Y(1) - Y(0) | A={arm}]"
        for name in ("lower", "upper", "se_lower", "se_upper", "ci_lower", "ci_upper"):
            assert row[name] == pytest.approx(groups.loc[arm, name], rel=2e-3)
        own = draw.treatment == arm
        effect = draw.outcomes[own, 1] - draw.outcomes[own, 0]
        assert row["ci_lower"] < effect.mean() < row["ci_upper"]


@pytest.mark.parametrize(
    "assumption",
    [{"gamma": 0.4}, {"msm_lambda": 2.0}, {"mean_shift": 0.3}, {"method": "kl"}],
    ids=str,
)
def test_effects_on_both_arms_average_to_the_effect(draw, assumption):
    bounds = fit(draw, **assumption)
    share = draw.treatment.mean()
    treated, untreated = (bounds.effect_on(a).iloc[0] for a in (1, 0))
    whole = bounds.bounds_.iloc[-1]
    for side in ("lower", "upper"):
        mixed = share * treated[side] + (1 - share) * untreated[side]
        assert mixed == pytest.approx(whole[side], abs=1e-10)


def test_effect_on_the_treated_under_an_odds_factor_is_its_formula():
    rng = np.random.default_rng(3)
    n = 4000
    treatment = (rng.random(n) < 0.4).astype(int)
    y = rng.beta(2, 3, n)
    bounds = CausalBounds(y_bounds=(0, 1), msm_lambda=2.0, random_state=0)
    row = bounds.fit(rng.normal(size=(n, 1)), y, treatment=treatment).effect_on(1)
    seen = y[treatment == 0]
    low, high = marginal_sensitivity_bounds(seen, 0.0, 2.0)
    own = y[treatment == 1].mean()
    assert row["lower"][0] == pytest.approx(own - high, abs=0.006)
    assert row["upper"][0] == pytest.approx(own - low, abs=0.006)


def test_effects_of_the_other_control_change_sign(draw):
    plain, turned = fit(draw), fit(draw, control=1)
    for arm in (0, 1):
        one, other = plain.effect_on(arm).iloc[0], turned.effect_on(arm).iloc[0]
        assert other["estimand"] == f"E[Y(0) - Y(1) | A={arm}]"
        assert one["lower"] == pytest.approx(-other["upper"])
        assert one["ci_upper"] == pytest.approx(-other["ci_lower"])


def test_intervals_cover_the_worst_case():
    """Unseen outcomes at the top of the range: the end is the truth."""
    rng, hits = np.random.default_rng(5), []
    for _ in range(400):
        treatment = (rng.random(250) < 0.4).astype(int)
        y = rng.beta(2 + treatment, 2)
        X = np.zeros((250, 1))
        bounds = CausalBounds(y_bounds=(0, 1)).fit(X, y, treatment=treatment)
        # Means 0.6 and 0.5; unseen control outcomes are 1, unseen treated ones 1.
        att = bounds.effect_on(1).iloc[0]
        ratio = bounds.risk_ratio().iloc[0]
        top = (0.4 * 0.6 + 0.6) / (0.6 * 0.5)
        hits.append(
            [
                att["ci_lower"] <= 0.6 - 1.0 <= att["ci_upper"],
                ratio["ci_lower"] <= top <= ratio["ci_upper"],
            ]
        )
    rate = np.mean(hits, axis=0)
    margin = 4 * np.sqrt(0.95 * 0.05 / 400)
    assert (rate >= 0.95 - margin).all()
    assert (rate <= 0.95 + margin).all()


def test_ratio_combines_the_ends_crosswise(draw):
    bounds = fit(draw, method=["sharp", "chi2"])
    means = bounds.bounds_.set_index(["estimand", "method"])
    found = bounds.risk_ratio().set_index("method")
    for method in ("sharp", "chi2"):
        top, bottom = (means.loc[(f"E[Y({a})]", method)] for a in (1, 0))
        row = found.loc[method]
        assert row["estimand"] == "E[Y(1)] / E[Y(0)]"
        assert row["lower"] == pytest.approx(top["lower"] / bottom["upper"])
        assert row["upper"] == pytest.approx(top["upper"] / bottom["lower"])
        assert row["ci_lower"] < row["lower"] < row["upper"] < row["ci_upper"]
    truth = draw.outcomes.mean(axis=0)
    assert found.loc["sharp", "ci_lower"] < truth[1] / truth[0]
    point = fit(draw, gamma=0.0).risk_ratio().iloc[0]
    assert point["lower"] == pytest.approx(point["upper"])


def test_ratio_without_events_under_control_has_no_upper_end(draw):
    y = np.where(draw.treatment == 1, draw.y, 0.0)
    bounds = CausalBounds(y_bounds=(0, 1)).fit(draw.X, y, treatment=draw.treatment)
    row = bounds.risk_ratio().iloc[0]
    assert row["upper"] == row["ci_upper"] == np.inf
    assert 0 < row["ci_lower"] < row["lower"]


def test_refusals(draw):
    bounds = fit(draw)
    with pytest.raises(InfostatError, match="not among the treatments"):
        bounds.effect_on("yes")
    with pytest.raises(InfostatError, match="control"):
        bounds.risk_ratio(0)
    with pytest.raises(InfostatError, match="cannot be negative"):
        fit(draw, y_bounds=(-1, 1)).risk_ratio()
    with pytest.raises(InfostatError, match=r"Covariates \[9\]"):
        bounds.benchmark([9])
    with pytest.raises(InfostatError, match="every covariate"):
        bounds.benchmark([[0, 1, 2, 3, 4]])
    three = CausalBounds(y_bounds=(0, 1)).fit(
        draw.X, draw.y, treatment=np.arange(len(draw.y)) % 3
    )
    with pytest.raises(InfostatError, match="two treatments"):
        three.effect_on(1)


def test_strength_of_covariates():
    """One strong confounder, one that moves the treatment alone, one of no use."""
    rng = np.random.default_rng(6)
    n = 1500
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["strong", "chance", "idle"])
    e = 1 / (1 + np.exp(-X["strong"] - X["chance"]))
    treatment = (rng.random(n) < e).astype(int)
    y = 1 / (1 + np.exp(-1.2 * X["strong"] - treatment - rng.normal(size=n)))
    options = {"y_bounds": (0, 1), "random_state": 0, "cv": 3}
    bounds = CausalBounds(**options).fit(X, y, treatment=treatment)
    rows = bounds.benchmark().set_index("covariate")
    assert rows.index[0] == "strong"
    assert rows.loc["strong", "msm_lambda"] > 1.3
    assert rows.loc["strong", "gamma"] > 5 * rows.loc["idle", "gamma"]
    assert rows.loc["idle", "msm_lambda"] < 1.05
    # Moves the odds as much as the strong one, but not the outcome.
    assert rows.loc["chance", "odds_ratio"] > 2 > rows.loc["idle", "odds_ratio"]
    assert rows.loc["chance", "msm_lambda"] < rows.loc["strong", "msm_lambda"]
    # By hand: without it, bounds at that factor end at the estimate with it.
    row = rows.loc["strong"]
    for name in ("msm_lambda", "gamma", "mean_shift"):
        without = CausalBounds(**options, **{name: float(row[name])})
        without.fit(X[["chance", "idle"]], y, treatment=treatment)
        ends = without.bounds_.iloc[-1][["lower", "upper"]].to_numpy(float)
        assert np.abs(ends - row["point"]).min() < 2e-3
    both = bounds.benchmark([["strong", "chance"], "idle"])
    assert both["covariate"].tolist() == ["strong + chance", "idle"]
    assert both["msm_lambda"][0] > rows.loc["chance", "msm_lambda"]
