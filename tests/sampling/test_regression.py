"""The regressor: ask and tell, errors that cover, moments, bad input."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
from scipy.stats import qmc
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import SplineTransformer

from infostat import InfostatError, InfostatWarning, VolumeRegressor, VolumeSampler
from infostat.datasets import load_taiwan_default
from infostat.sampling import FeatureBasis, FourierBasis, PolynomialBasis, SplineBasis
from infostat.sampling.designs import DesignPlan, draw_design
from infostat.sampling.least_squares import coefficient_covariance, weighted_fit


def ishigami(x):
    return (
        np.sin(x[:, 0])
        + 7 * np.sin(x[:, 1]) ** 2
        + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    )


def test_ask_and_tell_reproduces_a_function_of_the_space():
    basis = PolynomialBasis(3, dimension=2, bounds=[[0, 4], [-1, 1]])
    model = VolumeRegressor(basis, random_state=0)
    X = model.design()
    y = 1 + X[:, 0] ** 2 * X[:, 1]
    model.fit(X, y)
    grid = np.random.default_rng(1).uniform([0, -1], [4, 1], (50, 2))
    exact = 1 + grid[:, 0] ** 2 * grid[:, 1]
    np.testing.assert_allclose(model.predict(grid), exact, atol=1e-10)
    assert model.designed_
    assert model.certificate_ is model.design_.certificate
    # Rows may come back in any order.
    order = np.random.default_rng(2).permutation(len(X))
    again = clone(model).set_params(random_state=0)
    again.design()
    again.fit(X[order], y[order])
    assert again.designed_
    np.testing.assert_allclose(again.coef_, model.coef_, atol=1e-10)


def test_other_data_are_fitted_plainly_with_a_warning():
    basis = PolynomialBasis(2, dimension=1)
    model = VolumeRegressor(basis, random_state=0)
    X = model.design()
    other = np.linspace(-1, 1, 20)[:, None]
    y = np.exp(other[:, 0])
    with pytest.warns(InfostatWarning, match="not the 6 designed points"):
        model.fit(other, y)
    assert not model.designed_
    plain = LinearRegression().fit(np.hstack([other, other**2]), y)
    expected = plain.predict(np.hstack([X, X**2]))
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-10)


def test_the_design_weights_are_used_and_sample_weight_multiplies_them():
    basis = PolynomialBasis(2, dimension=1)
    model = VolumeRegressor(basis, method="volume", n_samples=8, random_state=3)
    X = model.design()
    y = np.abs(X[:, 0])
    own = np.linspace(1, 2, 8)
    model.fit(X, y, sample_weight=own)
    phi = model.basis_.transform(X)
    root = np.sqrt(own * model.design_.weights)
    expected = np.linalg.lstsq(phi * root[:, None], y * root, rcond=None)[0]
    np.testing.assert_allclose(model.coef_, expected, atol=1e-12)


def covered(method, n_samples, sigma, cov_type, runs=400, seed=0):
    """Share of pointwise 95 % intervals that hold the best fit."""
    basis = PolynomialBasis(5, dimension=1)
    x, weight = np.polynomial.legendre.leggauss(60)
    phi = basis.fit(x[:, None]).transform(x[:, None])
    best = phi.T @ (weight / 2 / (1 + 5 * x**2))
    grid = np.linspace(-0.95, 0.95, 9)[:, None]
    truth = basis.transform(grid) @ best
    rng = np.random.default_rng(seed)
    hits = np.empty((runs, 9))
    for k in range(runs):
        model = VolumeRegressor(
            basis,
            method=method,
            n_samples=n_samples,
            cov_type=cov_type,
            random_state=rng,
        )
        X = model.design()
        y = 1 / (1 + 5 * X[:, 0] ** 2) + sigma * rng.standard_normal(len(X))
        _, low, high = model.fit(X, y).predict(grid, return_interval=True)
        hits[k] = (low <= truth) & (truth <= high)
    return hits.mean()


@pytest.mark.parametrize("blocks", [5, 10])
@pytest.mark.parametrize("sigma", [0.0, 0.1])
def test_block_jackknife_covers_on_repeated_dpps(blocks, sigma):
    found = covered("repeated_dpp", float(blocks), sigma, "auto", runs=150)
    assert 0.92 <= found <= 0.99


@pytest.mark.slow
@pytest.mark.parametrize("blocks", [5, 10])
@pytest.mark.parametrize("sigma", [0.0, 0.1])
def test_block_jackknife_covers_closely(blocks, sigma):
    found = covered("repeated_dpp", float(blocks), sigma, "auto", runs=600)
    assert 0.93 <= found <= 0.98


@pytest.mark.parametrize("ratio", [3.0, 5.0, 10.0])
def test_hc3_covers_on_volume_designs_with_noise(ratio):
    assert 0.92 <= covered("volume", ratio, 0.1, "HC3", runs=150) <= 0.98


def test_hc3_covers_too_often_on_noiseless_repeated_dpps():
    hc3 = covered("repeated_dpp", 10.0, 0.0, "HC3", runs=150)
    assert hc3 > covered("repeated_dpp", 10.0, 0.0, "block", runs=150) + 0.01


def test_which_errors_auto_takes():
    def fitted(**parameters):
        basis = PolynomialBasis(3, dimension=1)
        model = VolumeRegressor(basis, random_state=0, **parameters)
        return model.fit_function(lambda x: np.abs(x[:, 0]))

    assert fitted(n_samples=5.0).cov_type_ == "block"
    assert fitted(n_samples=5.0).df_ == 4
    assert fitted(n_samples=4.0).cov_type_ == "HC3"
    assert fitted(n_samples=22).cov_type_ == "HC3"  # a partial block
    assert fitted(n_samples=12, method="volume").cov_type_ == "HC3"
    greedy = fitted(n_samples=8, method="dpp_greedy")
    with pytest.raises(InfostatError, match="no design-based standard error"):
        greedy.predict([[0.0]], return_std=True)
    with pytest.warns(InfostatWarning, match="may not cover"):
        fitted(n_samples=8, method="dpp_greedy", cov_type="HC3")


def test_covariances_by_their_definitions():
    rng = np.random.default_rng(4)
    phi, w, y = rng.standard_normal((30, 3)), rng.uniform(1, 2, 30), rng.random((30, 1))
    blocks = np.repeat(np.arange(6), 5)
    fit = weighted_fit(phi, w, y)
    hc3, df = coefficient_covariance(fit, "HC3")
    assert df == 27
    left_out = []
    for i in range(30):
        rest = np.arange(30) != i
        left_out.append(weighted_fit(phi[rest], w[rest], y[rest]).coefficients[:, 0])
    shift = np.array(left_out) - fit.coefficients[:, 0]
    # HC3 is the sum of squared shifts when one point is left out.
    np.testing.assert_allclose(hc3[0], shift.T @ shift, atol=1e-12)
    block, df = coefficient_covariance(fit, "block", blocks)
    assert df == 5
    left_out = [
        weighted_fit(phi[blocks != k], w[blocks != k], y[blocks != k]).coefficients[
            :, 0
        ]
        for k in range(6)
    ]
    shift = np.array(left_out) - fit.coefficients[:, 0]
    np.testing.assert_allclose(block[0], 5 / 6 * shift.T @ shift, atol=1e-12)
    sandwich, _ = coefficient_covariance(fit, "block_sandwich", blocks)
    score = np.array(
        [
            (phi[blocks == k] * (w * fit.residuals[:, 0])[blocks == k, None]).sum(
                axis=0
            )
            for k in range(6)
        ]
    )
    bread = np.linalg.inv((phi * w[:, None]).T @ phi)
    expected = 6 / 5 * bread @ score.T @ score @ bread
    np.testing.assert_allclose(sandwich[0], expected, atol=1e-12)
    plain = weighted_fit(phi, np.ones(30), y)
    usual, _ = coefficient_covariance(plain, "homoskedastic")
    s2 = float((plain.residuals**2).sum() / 27)
    np.testing.assert_allclose(usual[0], s2 * np.linalg.inv(phi.T @ phi), atol=1e-12)
    with pytest.raises(InfostatError, match="at least two blocks"):
        coefficient_covariance(fit, "block")


def test_moments_and_sobol_indices_of_ishigami():
    basis = PolynomialBasis(9, dimension=3, bounds=np.array([[-np.pi, np.pi]] * 3))
    model = VolumeRegressor(
        basis,
        method="dpp_greedy",
        n_samples=2.0,
        random_state=0,
        cov_type="homoskedastic",
    )
    model.fit_function(ishigami)
    assert model.mean().value == pytest.approx(3.5, abs=0.02)
    variance = 0.5 + 49 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18
    assert model.variance().value == pytest.approx(variance, rel=0.01)
    indices = model.sobol_indices("pandas")
    np.testing.assert_allclose(indices["first_order"], [0.3139, 0.4424, 0], atol=0.005)
    np.testing.assert_allclose(indices["total"], [0.5576, 0.4424, 0.2437], atol=0.005)
    assert list(model.summary("pandas").columns)[:3] == [
        *("function", "estimate", "std_error")
    ]


def test_mean_is_covered_and_the_variance_unbiased():
    basis = PolynomialBasis(2, dimension=1)
    rng = np.random.default_rng(5)
    hits, variances = [], []
    for _ in range(200):
        model = VolumeRegressor(basis, n_samples=8.0, random_state=rng)
        X = model.design()
        model.fit(X, X[:, 0] + 0.5 * rng.standard_normal(24))
        low, high = model.mean().interval()
        hits.append(low <= 0 <= high)
        variances.append(model.variance())
    assert 0.9 <= np.mean(hits) <= 0.99
    values = np.array([v.value for v in variances])
    assert abs(values.mean() - 1 / 3) < 3.5 * values.std() / np.sqrt(200)
    plug_in = values + np.array([v.bias for v in variances])
    assert plug_in.mean() - 1 / 3 > 3.5 * values.std() / np.sqrt(200)


@pytest.mark.parametrize(
    "basis",
    [
        FourierBasis(2, dimension=1, bounds=[[0, 2 * np.pi]]),
        SplineBasis(6, dimension=1, bounds=[[0, 2 * np.pi]]),
    ],
)
def test_other_bases_fit_what_they_can(basis):
    model = VolumeRegressor(basis, n_samples=3.0, random_state=0)
    model.fit_function(lambda x: np.cos(x[:, 0]))
    grid = np.linspace(0.1, 6, 30)[:, None]
    np.testing.assert_allclose(model.predict(grid), np.cos(grid[:, 0]), atol=0.02)


def test_a_pool_with_a_feature_map():
    rng = np.random.default_rng(6)
    pool = rng.normal(size=(2000, 2))
    basis = FeatureBasis(SplineTransformer(n_knots=4), reference=pool)
    model = VolumeRegressor(basis, method="volume", n_samples=4.0, random_state=0)
    X = model.design()
    np.testing.assert_array_equal(X, pool[model.design_.indices])
    model.fit(X, np.sin(X[:, 0]))
    best = clone(model).set_params(basis=FeatureBasis(SplineTransformer(n_knots=4)))
    best.fit(pool, np.sin(pool[:, 0]))
    error = np.mean((model.predict(pool) - np.sin(pool[:, 0])) ** 2)
    least = np.mean((best.predict(pool) - np.sin(pool[:, 0])) ** 2)
    assert least < error < 3 * least


def test_raw_coefficients_are_those_of_a_linear_regression():
    rng = np.random.default_rng(7)
    pool = rng.normal(size=(300, 3)) * [1, 100, 0.1] + [0, 1e4, 5]
    sampler = VolumeSampler(30, random_state=0).fit(pool)
    y = pool @ [1.0, 0.01, 3.0] + 2 + rng.normal(size=300)
    rows, w = sampler.indices_, sampler.weights_
    plain = LinearRegression().fit(pool[rows], y[rows], sample_weight=w)
    fit = weighted_fit(sampler.design_.features, w, y[rows][:, None])
    intercept, slopes = sampler.factor_.raw_coefficients(fit.coefficients[:, 0])
    np.testing.assert_allclose(slopes, plain.coef_, rtol=1e-8)
    assert float(intercept) == pytest.approx(plain.intercept_, rel=1e-6)


def test_weighted_fits_on_volume_samples_are_unbiased_on_a_real_shape():
    rng = np.random.default_rng(8)
    pool = rng.standard_t(3, size=(500, 4))
    y = pool[:, 0] ** 2 + pool[:, 1]
    full = LinearRegression().fit(pool, y)
    sampler = VolumeSampler(12).fit(pool)
    coef = []
    for _ in range(600):
        drawn = sampler.select(rng=rng)
        fit = LinearRegression().fit(
            pool[drawn.indices], y[drawn.indices], sample_weight=drawn.weights
        )
        coef.append(np.append(fit.coef_, fit.intercept_))
    coef = np.array(coef)
    gap = coef.mean(axis=0) - np.append(full.coef_, full.intercept_)
    assert (np.abs(gap) < 4 * coef.std(axis=0) / np.sqrt(600)).all()


@pytest.mark.parametrize("method", ["volume", "repeated_dpp", "dpp_greedy", "uniform"])
def test_seeds_clones_and_pickles(method):
    pool = np.random.default_rng(9).normal(size=(200, 3))
    sampler = VolumeSampler(16, method=method, random_state=5).fit(pool)
    again = clone(sampler).fit(pool)
    np.testing.assert_array_equal(sampler.indices_, again.indices_)
    other = clone(sampler).set_params(random_state=6).fit(pool)
    assert not np.array_equal(sampler.indices_, other.indices_)
    back = pickle.loads(pickle.dumps(sampler))  # noqa: S301 - our own
    np.testing.assert_array_equal(back.select().indices, sampler.indices_)
    legacy = np.random.RandomState(3)
    assert len(VolumeSampler(8, random_state=legacy).fit(pool).indices_) == 8
    assert sampler.get_support().sum() == len(sampler.get_support(indices=True))


def test_multiple_outputs_fit_like_single_ones():
    X = np.random.default_rng(10).uniform(-1, 1, (40, 2))
    Y = np.column_stack([X[:, 0] ** 2, np.exp(X[:, 1])])
    both = VolumeRegressor(PolynomialBasis(2)).fit(X, Y)
    for k in range(2):
        one = VolumeRegressor(PolynomialBasis(2)).fit(X, Y[:, k])
        np.testing.assert_allclose(both.coef_[k], one.coef_, atol=1e-12)
        value, std = both.predict(X, return_std=True)
        single, single_std = one.predict(X, return_std=True)
        np.testing.assert_allclose(value[:, k], single, atol=1e-12)
        np.testing.assert_allclose(std[:, k], single_std, atol=1e-12)


@pytest.mark.parametrize("n_runs", [12, pytest.param(100, marks=pytest.mark.slow)])
def test_greedy_designs_beat_sobol_points_by_far(n_runs):
    source = PolynomialBasis(10, dimension=2).prepare().source_
    x, weight = np.polynomial.legendre.leggauss(50)
    grid = np.array([(a, b) for a in x for b in x])
    weights = np.outer(weight, weight).ravel() / 4
    phi = source.features(grid)

    def function(x):
        bump = np.exp(-2 * (x[:, 0] - 0.2) ** 2 - 4 * (x[:, 1] + 0.3) ** 2)
        return bump + 0.3 * np.cos(4 * x[:, 0] + 3 * x[:, 1])

    best = phi.T @ (weights * function(grid))
    least = weights @ (function(grid) - phi @ best) ** 2

    def error(points, w):
        fit = weighted_fit(source.features(points), w, function(points)[:, None])
        return 1 + ((fit.coefficients[:, 0] - best) ** 2).sum() / least

    greedy, sobol = [], []
    for seed in range(n_runs):
        rng = np.random.default_rng(seed)
        design = draw_design(source, 132, DesignPlan("dpp_greedy"), rng)
        greedy.append(error(design.draws.places, design.weights))
        points = 2 * qmc.Sobol(2, rng=rng).random_base2(8)[:132] - 1
        sobol.append(error(points, np.ones(132)))
    assert np.mean(sobol) > 5 * np.mean(greedy)
    assert np.mean(greedy) < 1.6


def test_accounts_to_label_on_the_taiwan_data():
    if "INFOSTAT_DATA" not in os.environ:
        pytest.skip("INFOSTAT_DATA is not set")
    data = load_taiwan_default(backend="pandas")
    X = data.frame[data.features].to_numpy(dtype=float)
    y = (data.frame[data.target] == 1).to_numpy(dtype=float)
    sampler = VolumeSampler(50, method="dpp_greedy").fit(X)
    phi = sampler.source_.features
    best = phi.T @ y / len(y)
    least = np.mean((y - phi @ best) ** 2)

    def ratios(rows, weights):
        fit = weighted_fit(phi[rows], weights, y[rows][:, None])
        return 1 + ((fit.coefficients[:, 0] - best) ** 2).sum() / least

    rng = np.random.default_rng(0)
    chosen, volume, random = [], [], []
    unbiased = VolumeSampler(50).fit(X)
    for _ in range(25):
        drawn = sampler.select(rng=rng)
        chosen.append(ratios(drawn.indices, drawn.weights))
        drawn = unbiased.select(rng=rng)
        volume.append(ratios(drawn.indices, drawn.weights))
        rows = rng.choice(len(y), 50, replace=False)
        random.append(ratios(rows, np.ones(50)))
    assert np.median(chosen) < np.median(volume) < np.median(random)
