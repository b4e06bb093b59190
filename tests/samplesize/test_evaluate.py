"""Models of other makers, read through their coefficients."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infostat import InfostatError, PNCriterion, ScorecardClassifier
from infostat.datasets import make_applications


def logistic(n, p, seed=0, strength=0.3, intercept=-1.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    eta = intercept + strength * x @ rng.normal(size=p)
    return x, (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)


def test_evaluate_scikit_learn():
    x, y = logistic(400, 3, seed=12)
    ours = PNCriterion().fit(x, y).result_
    free = LogisticRegression(C=np.inf, tol=1e-8).fit(x, y)
    for model in (free, make_pipeline(StandardScaler(), LogisticRegression(C=np.inf))):
        result = PNCriterion().evaluate(model.fit(x, y), x, y)
        assert result.risk == pytest.approx(ours.risk, rel=1e-6)
    blind = PNCriterion().evaluate(free, x)
    assert blind.risk == pytest.approx(ours.risk, rel=1e-4)
    assert blind.mi == pytest.approx(ours.mi, rel=1e-3)
    penalised = LogisticRegression(C=1.0).fit(x, y)
    with pytest.raises(InfostatError, match=r"penalised.*refit=True"):
        PNCriterion().evaluate(penalised, x, y)
    again = PNCriterion().evaluate(penalised, x, y, refit=True)
    assert again.risk == pytest.approx(ours.risk, rel=1e-8)
    with pytest.raises(InfostatError, match="away from the maximum"):
        PNCriterion().evaluate(free, x[:200], y[:200])
    with pytest.raises(InfostatError, match="no fitted linear model"):
        PNCriterion().evaluate(object(), x, y)
    with pytest.raises(InfostatError, match="coefficients and X gives"):
        PNCriterion().evaluate(free, x[:, :2], y)


def test_evaluate_other_linear_models():
    rng = np.random.default_rng(13)
    x = rng.normal(size=(300, 3))
    counts = rng.poisson(np.exp(0.4 * x[:, 0]))
    ours = PNCriterion("poisson").fit(x, counts).result_
    free = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000).fit(x, counts)
    found = PNCriterion().evaluate(free, x, counts)
    assert found.risk == pytest.approx(ours.risk, rel=1e-6)
    with pytest.raises(InfostatError, match="alpha=1"):
        PNCriterion().evaluate(PoissonRegressor(alpha=1).fit(x, counts), x, counts)
    number = x[:, 0] + rng.normal(size=300)
    linear = PNCriterion().evaluate(LinearRegression().fit(x, number), x, number)
    assert linear.risk1 == pytest.approx(4 / 600, rel=1e-9)
    several = np.array(["a", "b", "c"])[rng.integers(0, 3, 300)]
    softmax = LogisticRegression(C=np.inf, tol=1e-8).fit(x, several)
    by_hand = PNCriterion().fit(x, several).result_
    found = PNCriterion().evaluate(softmax, x, several)
    assert found.c2 == pytest.approx(by_hand.c2, rel=1e-6)


def test_evaluate_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    x, y = logistic(400, 3, seed=14)
    ours = PNCriterion().fit(x, y).result_
    full = sm.add_constant(x)
    logit = sm.Logit(y, full)
    glm = sm.GLM(y, full, family=sm.families.Binomial())
    for fitted in (logit.fit(disp=0), glm.fit()):
        result = PNCriterion().evaluate(fitted)
        assert result.risk == pytest.approx(ours.risk, rel=1e-6)
        assert result.mi == pytest.approx(ours.mi, rel=1e-6)
    cauchy = sm.families.Binomial(sm.families.links.Cauchy())
    with pytest.raises(InfostatError, match="canonical"):
        PNCriterion().evaluate(sm.GLM(y, full, family=cauchy).fit())
    with pytest.raises(InfostatError, match="penalised"):
        PNCriterion().evaluate(logit.fit_regularized(alpha=1.0, disp=0))
    shift = np.linspace(-1, 1, 400)
    moved = sm.GLM(y, full, family=sm.families.Binomial(), offset=shift).fit()
    own = PNCriterion().fit(x, y, offset=shift).result_
    assert PNCriterion().evaluate(moved).risk == pytest.approx(own.risk, rel=1e-6)


def test_evaluate_a_scorecard_reports_bins_and_evidence():
    data = make_applications(2500, rng=1, backend="pandas")
    X, y = data.frame[data.features], data.frame[data.target]
    card = ScorecardClassifier().fit(X, y)
    result = PNCriterion().evaluate(card, X, y)
    filled = [(t.weight.sum(axis=1) > 0).sum() for t in card.tables_.values()]
    assert result.p == 1 + sum(filled) - len(filled)
    assert result.woe.p == 1 + len(filled)
    assert result.woe.risk < result.risk
    assert "value_woe" in result.to_frame().columns
    assert "weights of evidence" in result.summary()
    penalised = ScorecardClassifier(estimator=LogisticRegression()).fit(X, y)
    with pytest.raises(InfostatError, match="refit=True"):
        PNCriterion().evaluate(penalised, X, y)
