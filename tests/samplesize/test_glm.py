"""Generalised linear models: closed forms, brute force, simulation, invariance."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import InfostatError
from infostat.samplesize import Expansion, binned_expansion
from infostat.samplesize.columns import design_from_codes
from infostat.samplesize.cubic import (
    choose_route,
    gram_sums,
    probe_sums,
    tensor_sums,
    third_tensor,
)
from infostat.samplesize.glm import GLMOptions, glm_expansion
from infostat.samplesize.likelihood import GLMFit, fit_glm
from infostat.samplesize.resample import bootstrap_glm
from infostat.samplesize.responses import Binomial, Gaussian, Multinomial, Poisson

SHARE = np.array([0.30, 0.25, 0.20, 0.13, 0.08, 0.04])
RATE = np.array([0.05, 0.08, 0.10, 0.20, 0.30, 0.40])


def equal(n):
    return np.full(n, 1 / n)


def binned():
    """One feature of six bins, as a population of twelve cells."""
    x = np.column_stack([np.ones(12), np.repeat(np.eye(6)[:, 1:], 2, axis=0)])
    y = np.tile([0.0, 1.0], 6)[:, None]
    mass = np.repeat(SHARE, 2) * np.column_stack([1 - RATE, RATE]).ravel()
    return x, y, mass


@pytest.mark.parametrize(
    ("design", "published"), [("fixed", 110.53742), ("random", 136.30024)]
)
@pytest.mark.parametrize("route", ["gram", "tensor"])
def test_binned_feature(design, published, route):
    x, y, mass = binned()
    fit = fit_glm(x, y, Binomial(), mass, 1000.0)
    closed = binned_expansion(SHARE * RATE, SHARE * (1 - RATE), design=design)
    assert closed.c2 == pytest.approx(published, abs=5e-6)
    for cov in ("model", "robust"):  # a saturated model is never misspecified
        options = GLMOptions(design=design, cov=cov, route=route)
        found = glm_expansion(fit, y, options).expansion
        assert found.a == pytest.approx(3.0, rel=1e-10)
        assert found.c2 == pytest.approx(closed.c2, rel=1e-9)


def test_binned_risk_is_a_difference_of_two_multinomial_risks():
    """The chain rule: joint law of bin and class less law of the bin."""

    def multinomial(p):
        return 5 / 12 * (1 / p).sum() - len(p) / 2 + 1 / 12

    joint = np.concatenate([SHARE * RATE, SHARE * (1 - RATE)])
    closed = binned_expansion(SHARE * RATE, SHARE * (1 - RATE))
    difference = multinomial(joint) - multinomial(SHARE)
    assert closed.c2 == pytest.approx(difference, rel=1e-12)


def test_binned_counts_are_checked():
    with pytest.raises(InfostatError, match="events and non-events"):
        binned_expansion([1, 0], [3, 4])


def skewed(n, seed=0):
    """Rows with a response that the model does not hold for."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    eta = -0.5 + x @ [0.8, -0.5, 0.3] + 0.8 * x[:, 0] ** 2
    y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)[:, None]
    return np.column_stack([np.ones(n), x]), y


@pytest.mark.parametrize("design", ["random", "fixed"])
@pytest.mark.parametrize("cov", ["model", "robust"])
def test_scalar_formulas_agree_with_the_general_expansion(design, cov):
    """Two derivations: sums over pairs of rows, and any parametric model."""
    x, y = skewed(300)
    fit = fit_glm(x, y, Binomial(), equal(300), 300.0)
    options = GLMOptions(design=design, cov=cov)
    scalar = glm_expansion(fit, y, options)
    two_classes = GLMFit(
        Multinomial(1), x, fit.coef, fit.eta, fit.mass, 300.0, fit.lower, 0.0
    )
    general = glm_expansion(two_classes, y, options)
    assert scalar.expansion.a == pytest.approx(general.expansion.a, rel=1e-9)
    assert scalar.expansion.c2 == pytest.approx(general.expansion.c2, rel=1e-8)
    assert scalar.trace == pytest.approx(general.trace, rel=1e-9)
    assert scalar.trace_se == pytest.approx(general.trace_se, rel=1e-9)
    if cov == "model":
        assert scalar.bartlett == pytest.approx(general.bartlett, rel=1e-9)


@pytest.mark.parametrize("cov", ["model", "robust"])
def test_recoding_the_columns_changes_nothing(cov):
    x, y = skewed(250, seed=1)
    rng = np.random.default_rng(2)
    turn = rng.normal(size=(4, 4)) + 2 * np.eye(4)
    options = GLMOptions(cov=cov)
    plain = glm_expansion(fit_glm(x, y, Binomial(), equal(250), 250.0), y, options)
    fit = fit_glm(x @ turn * 1e3, y, Binomial(), equal(250), 250.0)
    turned = glm_expansion(fit, y, options)
    for name, value in plain.expansion.terms.items():
        assert turned.expansion.terms[name] == pytest.approx(value, rel=1e-6, abs=1e-9)


def test_events_and_non_events_change_places():
    x, y = skewed(250, seed=3)
    one, other = (
        glm_expansion(fit_glm(x, z, Binomial(), equal(250), 250.0), z).expansion.c2
        for z in (y, 1 - y)
    )
    assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("cov", ["model", "robust"])
def test_frequency_weights_repeat_rows(cov):
    x, y = skewed(120, seed=4)
    times = np.random.default_rng(5).integers(1, 4, size=120)
    n = float(times.sum())
    options = GLMOptions(cov=cov)
    weighted = glm_expansion(fit_glm(x, y, Binomial(), times / n, n), y, options)
    long_x, long_y = np.repeat(x, times, axis=0), np.repeat(y, times, axis=0)
    repeated = glm_expansion(
        fit_glm(long_x, long_y, Binomial(), equal(len(long_y)), n), long_y, options
    )
    assert weighted.expansion.c2 == pytest.approx(repeated.expansion.c2, rel=1e-8)
    assert weighted.trace_se == pytest.approx(repeated.trace_se, rel=1e-9)


def test_sampling_weights_of_one_are_no_weights():
    x, y = skewed(200, seed=6)
    fit = fit_glm(x, y, Binomial(), equal(200), 200.0)
    options = GLMOptions(cov="robust")
    plain = glm_expansion(fit, y, options).expansion
    scaled = glm_expansion(fit, y, options, scale=np.ones(200)).expansion
    assert scaled.c2 == pytest.approx(plain.c2, rel=1e-12)


def test_sampling_weights_by_simulation():
    """Rows drawn with unequal chances, weighted back; leading and second order."""
    rng = np.random.default_rng(7)
    x, y = skewed(80, seed=8)
    weight = rng.choice([0.4, 1.0, 3.0], size=80)
    mass = weight / weight.sum()
    fit = fit_glm(x, y, Binomial(), mass, 80.0)
    e = glm_expansion(fit, y, GLMOptions(cov="robust"), scale=mass * 80).expansion
    n, losses = 200, []
    for _ in range(3000):
        chosen = rng.multinomial(n, equal(80))
        part = chosen * weight
        used = part > 0
        refit = fit_glm(
            x[used], y[used], Binomial(), part[used] / part.sum(), n, start=fit.coef
        )
        if refit.exists:
            losses.append(mass @ fit.response.divergence(fit.eta, x @ refit.coef))
    se = np.std(losses) / np.sqrt(len(losses))
    assert len(losses) > 2900
    assert abs(np.mean(losses) - e.risk(n)) < 3 * se + 0.02 * e.risk(n)
    assert e.risk(n, 1) < np.mean(losses) - 3 * se


def test_cubic_routes_agree():
    rng = np.random.default_rng(9)
    z, c = rng.normal(size=(70, 5)), rng.normal(size=(3, 70))
    s = np.cov(rng.normal(size=(5, 30)))
    pairs = [(0, 1, 0), (2, 2, 0), (2, 0, 1), (0, 0, 2)]
    g, gs = z @ z.T, z @ s @ z.T
    brute = [c[f] @ (g ** (3 - k) * gs**k) @ c[h] for f, h, k in pairs]
    np.testing.assert_allclose(gram_sums(z, c, pairs, s), brute, rtol=1e-10)
    tensors = [third_tensor(z, row) for row in c]
    np.testing.assert_allclose(tensor_sums(tensors, pairs, s), brute, rtol=1e-10)
    value, se = probe_sums(z, c, pairs, s, n_probes=20_000, rng=0)
    assert (np.abs(value - brute) < 4 * se).all()
    assert (se > 0).all()


def test_gram_blocks_do_not_depend_on_their_size(monkeypatch):
    rng = np.random.default_rng(10)
    z, c = rng.normal(size=(50, 3)), rng.normal(size=(1, 50))
    whole = gram_sums(z, c, [(0, 0, 0)])
    monkeypatch.setattr("infostat.samplesize.cubic.GRAM_ROWS", 7)
    np.testing.assert_allclose(gram_sums(z, c, [(0, 0, 0)]), whole, rtol=1e-12)


def test_route_by_cost():
    assert choose_route(10**6, 200, indicators=True) == "onehot"
    assert choose_route(20_000, 200, indicators=False) == "gram"
    assert choose_route(20_000, 41, indicators=False) == "tensor"
    assert choose_route(100_000, 200, indicators=False) == "probes"


@pytest.mark.parametrize("cov", ["model", "robust"])
def test_three_way_counts_give_the_tensor(cov):
    rng = np.random.default_rng(11)
    codes = [rng.integers(0, m, size=400) for m in (3, 2, 4)]
    labels = [[str(v) for v in range(m)] for m in (3, 2, 4)]
    design = design_from_codes(codes, ["a", "b", "c"], labels)
    x = np.column_stack([np.ones(400), design.matrix])
    y = (rng.random(400) < 0.3 + 0.1 * (codes[0] == 1)).astype(float)[:, None]
    fit = fit_glm(x, y, Binomial(), equal(400), 400.0)
    indicators = design.indicators(np.arange(x.shape[1]))
    options = GLMOptions(cov=cov)
    by_counts = glm_expansion(fit, y, options, indicators=indicators)
    assert by_counts.route == "onehot"
    by_rows = glm_expansion(fit, y, GLMOptions(cov=cov, route="gram"))
    assert by_counts.expansion.c2 == pytest.approx(by_rows.expansion.c2, rel=1e-9)


def test_memory_stays_far_below_pairs_of_rows():
    """n = 8,000, p = 60: 512 MB for n x n, 230 MB for n x p^2."""
    import tracemalloc

    rng = np.random.default_rng(12)
    z, c = rng.normal(size=(8000, 60)), rng.normal(size=(1, 8000))
    peaks = []
    for run in (
        lambda: gram_sums(z, c, [(0, 0, 0)]),
        lambda: third_tensor(z, c[0]),
        lambda: probe_sums(z, c, [(0, 0, 0)], rng=0),
    ):
        tracemalloc.start()
        run()
        peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    assert max(peaks) < 60


def simulated(x, beta, response, n, repeats, seed, *, fixed=False, chunk=None):
    """Losses of refits on samples of rows x from the model."""
    rng = np.random.default_rng(seed)
    eta = x @ beta
    losses, lost = [], 0
    for _ in range(repeats):
        rows = np.arange(n) if fixed else rng.integers(0, len(x), size=n)
        y = response.draw(eta[rows], rng)
        fit = fit_glm(x[rows], y, response, equal(n), n, start=beta)
        if not fit.exists:
            lost += 1
            continue
        where = rows if fixed else slice(None)
        loss = response.divergence(eta[where], (x @ fit.coef)[where])
        losses.append(loss.mean())
    return np.array(losses), lost / repeats


def population(response, p, size, seed, strength):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(size), rng.normal(size=(size, p - 1))])
    beta = rng.normal(size=(p, response.q)) * strength
    fit = GLMFit(response, x, beta, x @ beta, equal(size), size, None, 0.0)
    return x, beta, fit


CASES = {
    # name: response, p, n, strength, repeats, tolerance of the Padé form
    "logit": (Binomial(), 5, 120, 0.5, 2500, 0.02),
    "poisson": (Poisson(), 5, 60, 0.3, 2500, 0.02),
    "linear": (Gaussian(1.7), 5, 30, 1.0, 4000, 0.02),
    "multinomial": (Multinomial(2), 4, 140, 0.4, 1500, 0.02),
}


@pytest.mark.parametrize("name", CASES)
def test_random_design_against_simulation(name):
    """Own cases of the published kind: Padé within three standard errors and 2 %."""
    from infostat.samplesize.likelihood import evaluated_fit

    response, p, n, strength, repeats, tolerance = CASES[name]
    x, beta, _ = population(response, p, 1500, 13, strength)
    fit = evaluated_fit(x, beta, x @ beta, response, equal(1500), 1500.0)
    e = glm_expansion(fit).expansion
    fixed = glm_expansion(fit, options=GLMOptions(design="fixed")).expansion
    losses, lost = simulated(x, beta, response, n, repeats, 14)
    truth, se = losses.mean(), losses.std() / np.sqrt(len(losses))
    assert lost < 0.01
    assert abs(e.risk(n) - truth) < 3 * se + tolerance * truth
    # The leading term and the in-sample formula are too low for new rows.
    assert e.risk(n, 1) < truth - 3 * se
    assert fixed.risk(n, 2) < truth - 3 * se


def test_fixed_design_against_simulation():
    from infostat.samplesize.likelihood import evaluated_fit

    x, beta, _ = population(Binomial(), 5, 120, 15, 0.5)
    fit = evaluated_fit(x, beta, x @ beta, Binomial(), equal(120), 120.0)
    e = glm_expansion(fit, options=GLMOptions(design="fixed")).expansion
    losses, _ = simulated(x, beta, Binomial(), 120, 2000, 16, fixed=True)
    truth, se = losses.mean(), losses.std() / np.sqrt(len(losses))
    assert abs(e.risk(120) - truth) < 3 * se + 0.015 * truth
    assert e.risk(120, 1) < truth - 3 * se


def test_linear_model_extra_term_is_that_of_the_exact_risk():
    """Gaussian x without intercept: risk p / (2 (n - p - 1)), extra p (p + 1) / 2."""
    rng = np.random.default_rng(17)
    p = 5
    x = rng.normal(size=(200_000, p))
    y = x @ np.ones((p, 1)) + rng.normal(size=(200_000, 1))
    fit = fit_glm(x, y, Gaussian(), equal(len(x)), len(x))
    e = glm_expansion(fit, y).expansion
    assert e.c2 == pytest.approx(p * (p + 1) / 2, rel=0.02)
    exact = Expansion(p / 2, p * (p + 1) / 2, p)
    assert exact.risk(40) == pytest.approx(p / (2 * (40 - p - 1)), rel=1e-12)


@pytest.mark.parametrize("response", ["binomial", "linear"])
def test_misspecified_risk_against_resampling_a_population(response):
    """Rows with their outcomes as the population: omitted terms, unequal noise."""
    rng = np.random.default_rng(18)
    x, y = skewed(900, seed=19)
    kind = Binomial()
    if response == "linear":
        noise = rng.normal(size=900) * (0.5 + np.abs(x[:, 1]))
        y = (x[:, 1] + 0.5 * x[:, 1] ** 2 + noise)[:, None]
        kind = Gaussian()
    fit = fit_glm(x, y, kind, equal(900), 900.0)
    e = glm_expansion(fit, y, GLMOptions(cov="robust")).expansion
    model = glm_expansion(fit, y).expansion
    n, losses = 110, []
    for _ in range(4000):
        mass = rng.multinomial(n, fit.mass) / n
        used = mass > 0
        refit = fit_glm(x[used], y[used], kind, mass[used], n, start=fit.coef)
        if refit.exists:
            losses.append(fit.mass @ kind.divergence(fit.eta, x @ refit.coef))
    truth, se = np.mean(losses), np.std(losses) / np.sqrt(len(losses))
    assert abs(e.risk(n) - truth) < 3 * se + 0.03 * truth
    if response == "linear":  # heteroscedastic: the model's own formula is far off
        assert abs(model.risk(n) - truth) > 10 * se


def test_bootstrap_agrees_with_the_robust_expansion():
    x, y = skewed(500, seed=20)
    fit = fit_glm(x, y, Binomial(), equal(500), 500.0)
    robust = glm_expansion(fit, y, GLMOptions(cov="robust")).expansion
    boot = bootstrap_glm(fit, y, n_resamples=700, rng=0)
    assert boot.no_mle == 0.0
    assert abs(boot.risk - robust.risk(500)) < 3 * boot.se + 0.01 * boot.risk
    drawn = bootstrap_glm(fit, parametric=True, n_resamples=700, rng=0)
    model = glm_expansion(fit).expansion
    assert abs(drawn.risk - model.risk(500)) < 3 * drawn.se + 0.01 * drawn.risk
    kept = bootstrap_glm(fit, parametric=True, fixed=True, n_resamples=700, rng=0)
    inside = glm_expansion(fit, options=GLMOptions(design="fixed")).expansion
    assert abs(kept.risk - inside.risk(500)) < 3 * kept.se + 0.01 * kept.risk


def test_same_seed_same_resamples():
    x, y = skewed(150, seed=21)
    fit = fit_glm(x, y, Binomial(), equal(150), 150.0)
    one, two = (bootstrap_glm(fit, y, n_resamples=20, rng=3).risk for _ in range(2))
    assert one == two


def test_fit_without_maximum_has_no_expansion():
    x = np.column_stack([np.ones(20), np.r_[np.zeros(10), np.ones(10)]])
    y = x[:, 1:].copy()
    fit = fit_glm(x, y, Binomial(), equal(20), 20.0)
    assert not fit.exists
    good = fit_glm(
        x, 1.0 * (np.arange(20) % 3 == 0)[:, None], Binomial(), equal(20), 20
    )
    with pytest.raises(InfostatError, match="reads residuals"):
        glm_expansion(good, options=GLMOptions(cov="robust"))
    with pytest.raises(InfostatError, match="indicator"):
        glm_expansion(good, options=GLMOptions(route="onehot"))


def test_robust_multinomial_has_a_limit_on_parameters():
    rng = np.random.default_rng(25)
    x = np.column_stack([np.ones(900), rng.normal(size=(900, 20))])
    y = np.eye(3)[rng.integers(0, 3, size=900)][:, 1:]
    fit = fit_glm(x, y, Multinomial(2), equal(900), 900.0)
    with pytest.raises(InfostatError, match="up to 40 coefficients"):
        glm_expansion(fit, y, GLMOptions(cov="robust"))
