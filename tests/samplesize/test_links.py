"""Probit and complementary log-log: derivatives, leading term, resamples, existence."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from infostat import InfostatError, PNCriterion
from infostat.samplesize.glm import GLMOptions, glm_expansion
from infostat.samplesize.likelihood import evaluated_fit, fit_glm
from infostat.samplesize.links import BinaryLink
from infostat.samplesize.resample import bootstrap_glm

sm = pytest.importorskip("statsmodels.api")
LINKS = ["probit", "cloglog"]


def drawn(link, n, seed=0):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=(n, 3))])
    eta = (x @ [-0.6, 0.5, -0.3, 0.2])[:, None]
    response = BinaryLink(link)
    return x, eta, response.draw(eta, rng), response


def by_statsmodels(link, x, y):
    links = sm.families.links
    chosen = links.Probit() if link == "probit" else links.CLogLog()
    return sm.GLM(y, x, sm.families.Binomial(chosen))


@pytest.mark.parametrize("link", LINKS)
def test_derivatives_by_differences(link):
    response, step = BinaryLink(link), 1e-5
    eta = np.linspace(-4, 2, 13)[:, None]
    for label in (0.0, 1.0, 0.3):
        y = np.full_like(eta, label)
        up, down = (response.kernel(y, eta + s) for s in (step, -step))
        slope = (up - down) / (2 * step)
        np.testing.assert_allclose(response.slope(y, eta)[:, 0], slope, atol=1e-8)
        up, down = (response.slope(y, eta + s)[:, 0] for s in (step, -step))
        bend = -(up - down) / (2 * step)
        np.testing.assert_allclose(response.bend(y, eta), bend, atol=1e-8)
    # Expected information: the bend at the mean outcome.
    at_mean = response.bend(response.mean(eta), eta)
    np.testing.assert_allclose(response.curvature(eta)[:, 0, 0], at_mean, rtol=1e-9)
    # Tails stay finite.
    far = np.array([[-30.0], [6.0]])
    for label in (0.0, 1.0):
        assert np.isfinite(response.kernel(np.full_like(far, label), far)).all()
    assert np.isfinite(response.divergence(far, far[::-1] / 3)).all()


@pytest.mark.parametrize("link", LINKS)
def test_fit_and_trace_agree_with_statsmodels(link):
    x, _, y, response = drawn(link, 400)
    theirs = by_statsmodels(link, x, y[:, 0])
    fit = fit_glm(x, y, response, np.full(400, 1 / 400), 400.0)
    assert fit.exists
    np.testing.assert_allclose(fit.coef[:, 0], theirs.fit().params, rtol=1e-6)
    found = glm_expansion(fit, y, GLMOptions(cov="robust"))
    sandwich = theirs.fit(cov_type="HC0", optim_hessian="oim").cov_params()
    observed = np.linalg.inv(-theirs.hessian(fit.coef[:, 0], observed=True))
    score = theirs.score_obs(fit.coef[:, 0])
    assert np.trace(sandwich) > 0
    meat = observed @ score.T @ score @ observed
    expected = np.trace(fit.lower @ fit.lower.T * 400 @ meat)
    assert found.trace == pytest.approx(expected, rel=1e-8)
    assert found.expansion.a == pytest.approx(expected / 2, rel=1e-8)
    assert glm_expansion(fit, y).expansion.a == 2.0


@pytest.mark.parametrize("link", LINKS)
def test_evaluate_gives_the_risk_of_resamples(link):
    x, _, y, _ = drawn(link, 300, seed=1)
    fitted = by_statsmodels(link, x, y[:, 0]).fit()
    result = PNCriterion(random_state=0, n_resamples=300).evaluate(fitted)
    assert result.family == f"binomial ({link})"
    assert result.method == "parametric-bootstrap"
    assert result.risk1 == pytest.approx(4 / 600)
    assert result.risk_pade == pytest.approx(result.risk, rel=1e-9)
    assert abs(result.risk - result.risk1) < 5 * result.risk_se + 0.3 * result.risk1
    assert any("canonical" in note for note in result.warnings)
    robust = PNCriterion(random_state=0, cov="robust", n_resamples=50).evaluate(fitted)
    assert robust.method == "bootstrap"
    if link == "probit":
        discrete = sm.Probit(y[:, 0], x).fit(disp=0)
        same = PNCriterion(random_state=0, n_resamples=300).evaluate(discrete)
        assert same.risk == pytest.approx(result.risk, rel=1e-4)


@pytest.mark.parametrize("link", LINKS)
def test_risk_by_simulation(link):
    """Own draws from a known law: leading term at large n, resamples at small n."""
    x, eta, _, response = drawn(link, 2500, seed=2)
    coef = np.array([-0.6, 0.5, -0.3, 0.2])[:, None]
    mass = np.full(2500, 1 / 2500)
    large = evaluated_fit(x, coef, eta, response, mass, 2500.0)
    boot = bootstrap_glm(large, parametric=True, n_resamples=200, rng=0)
    assert abs(boot.risk - 2 / 2500) < 3 * boot.se + 0.02 * boot.risk
    rng, losses = np.random.default_rng(3), []
    for _ in range(300):
        rows = rng.integers(0, 2500, size=120)
        y = response.draw(eta[rows], rng)
        refit = fit_glm(x[rows], y, response, np.full(120, 1 / 120), 120.0)
        if refit.exists:
            losses.append(mass @ response.divergence(eta, x @ refit.coef))
    small = evaluated_fit(x, coef, eta, response, mass, 120.0)
    told = bootstrap_glm(small, parametric=True, n_resamples=300, rng=1)
    se = np.hypot(np.std(losses) / np.sqrt(len(losses)), told.se)
    assert abs(told.risk - np.mean(losses)) < 3 * se
    assert told.risk > 2 / 120  # the leading term alone is too low


def test_separated_classes_have_no_estimate():
    x = np.column_stack([np.ones(40), np.arange(40.0)])
    y = (np.arange(40) > 19).astype(float)[:, None]
    fit = fit_glm(x, y, BinaryLink("probit"), np.full(40, 1 / 40), 40.0)
    assert not fit.exists


def test_other_links_are_refused_with_the_remedy():
    rng = np.random.default_rng(5)
    x = sm.add_constant(rng.normal(size=(200, 2)))
    y = (rng.random(200) < norm.cdf(x[:, 1])).astype(int)
    cauchy = sm.GLM(y, x, sm.families.Binomial(sm.families.links.Cauchy())).fit()
    with pytest.raises(InfostatError, match="probit or cloglog"):
        PNCriterion().evaluate(cauchy)
