"""The fit behind the expansion: agreement, convergence, existence."""

from __future__ import annotations

import numpy as np
import pytest

from infostat.samplesize.likelihood import fit_glm, independent_columns
from infostat.samplesize.responses import Binomial, Multinomial, Poisson


def equal(n):
    return np.full(n, 1 / n)


def skewed(n, seed=0):
    """Rows with a response that the model does not hold for."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    eta = -0.5 + x @ [0.8, -0.5, 0.3] + 0.8 * x[:, 0] ** 2
    y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)[:, None]
    return np.column_stack([np.ones(n), x]), y


def test_fit_agrees_with_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    x, y = skewed(300, seed=22)
    logit = sm.Logit(y[:, 0], x).fit(disp=0)
    fit = fit_glm(x, y, Binomial(), equal(300), 300.0)
    np.testing.assert_allclose(fit.coef[:, 0], logit.params, rtol=1e-6)
    counts = np.random.default_rng(0).poisson(np.exp(0.3 * x[:, 1]))[:, None] * 1.0
    poisson = sm.GLM(counts[:, 0], x, sm.families.Poisson()).fit()
    fit = fit_glm(x, counts, Poisson(), equal(300), 300.0)
    np.testing.assert_allclose(fit.coef[:, 0], poisson.params, rtol=1e-6, atol=1e-9)
    three = np.random.default_rng(1).integers(0, 3, size=300)
    named = np.eye(3)[three][:, 1:]
    several = sm.MNLogit(three, x).fit(disp=0)
    fit = fit_glm(x, named, Multinomial(2), equal(300), 300.0)
    np.testing.assert_allclose(fit.coef, several.params, rtol=1e-5, atol=1e-7)


def test_large_counts_and_odd_scales_converge():
    rng = np.random.default_rng(23)
    x = np.column_stack([np.ones(400), rng.normal(size=400) * 1e-4])
    y = rng.poisson(np.exp(12 + 2e3 * x[:, 1]))[:, None].astype(float)
    fit = fit_glm(x, y, Poisson(), equal(400), 400.0)
    assert fit.exists
    assert fit.coef[1, 0] == pytest.approx(2e3, rel=0.01)


def test_redundant_columns_are_found_in_order():
    rng = np.random.default_rng(24)
    x = rng.normal(size=(60, 3)) * [1.0, 1e5, 1e-5]
    full = np.column_stack(
        [np.ones(60), x, x[:, 0] - x[:, 1], np.full(60, 3.0), x[:, 2]]
    )
    assert independent_columns(full, equal(60)).tolist() == [0, 1, 2, 3]


def test_quasi_separation_is_never_certified():
    """Four rows, all events: the gradient vanishes by rounding, the maximum is absent."""
    x, y = skewed(400, seed=26)
    flag = np.zeros(400)
    flag[np.flatnonzero(y[:, 0] == 1)[:4]] = 1
    fit = fit_glm(np.column_stack([x, flag]), y, Binomial(), equal(400), 400.0)
    assert not fit.exists
    assert fit_glm(x, y, Binomial(), equal(400), 400.0).exists
