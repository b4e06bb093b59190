"""Exponential families: closed forms, exact risks, misspecification, draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from infostat import InfostatError
from infostat.samplesize import (
    CategoricalFamily,
    CustomFamily,
    Expansion,
    ExponentialFamilyPN,
    GaussianFamily,
    LogLinearFamily,
    PoissonFamily,
    normal_risk,
    pn_from_samples,
)
from infostat.samplesize.cumulants import contract, row_cumulants
from infostat.samplesize.expansion import (
    alpha_term,
    family_expansion,
    optimism_term,
    reverse_term,
)
from infostat.samplesize.laws import PoissonLaw, normal_law


def multinomial_c2(p):
    return 5 / 12 * (1 / np.asarray(p)).sum() - len(p) / 2 + 1 / 12


@pytest.mark.parametrize(
    "p",
    [
        [0.2, 0.8],
        np.full(21, 1 / 21),
        [0.3, 0.25, 0.2, 0.13, 0.08, 0.04],
    ],
)
def test_multinomial_closed_form(p):
    law = CategoricalFamily.law(np.asarray(p))
    found = family_expansion(contract(law.cumulants()), law.p)
    assert found.a == pytest.approx((len(p) - 1) / 2, abs=1e-12)
    assert found.c2 == pytest.approx(multinomial_c2(p), rel=1e-9)


def test_bernoulli_value():
    assert multinomial_c2([0.2, 0.8]) == pytest.approx(1.6875)
    assert multinomial_c2(np.full(21, 1 / 21)) == pytest.approx(173.3, abs=0.05)


@pytest.mark.parametrize("d", [1, 2, 3, 4, 6])
def test_normal_closed_forms(d):
    law = normal_law(np.arange(d) * 1.0, np.eye(d) + 0.3)
    c = contract(law.cumulants())
    p = d * (d + 3) // 2
    assert law.p == p
    assert c.cubic == pytest.approx(d**3 + 6 * d**2 + 7 * d, rel=1e-9)
    assert c.mean_square == pytest.approx(2 * d * (d + 2) ** 2, rel=1e-9)
    assert c.quartic == pytest.approx(2 * d**3 + 9 * d**2 + 9 * d, rel=1e-9)
    found = family_expansion(c, p)
    closed = 5 / 12 * d**3 + 17 / 8 * d**2 + 61 / 24 * d
    assert found.c2 == pytest.approx(closed, rel=1e-9)
    # The second-order AIC is the multivariate AICc.
    assert optimism_term(c) == pytest.approx(p * (d + 2), rel=1e-9)


@pytest.mark.parametrize("d", [1, 2, 3, 4, 6, 10])
def test_normal_expansion_is_the_limit_of_the_exact_risk(d):
    p = d * (d + 3) / 2
    closed = 5 / 12 * d**3 + 17 / 8 * d**2 + 61 / 24 * d
    n = 40_000
    exact = normal_risk(n, d)
    assert (exact - p / (2 * n)) * n**2 == pytest.approx(closed, rel=0.01)


EXACT_NORMAL = [
    (1, 20, 0.065223, -0.233, -0.039, 0.028),
    (2, 20, 0.179105, -0.302, -0.066, 0.055),
    (3, 20, 0.355357, -0.367, -0.099, 0.096),
]


@pytest.mark.parametrize(("d", "n", "exact", "lead", "two", "pade"), EXACT_NORMAL)
def test_normal_rows(d, n, exact, lead, two, pade):
    assert normal_risk(n, d) == pytest.approx(exact, abs=1e-6)
    law = normal_law(np.zeros(d), np.eye(d))
    e = family_expansion(contract(law.cumulants()), law.p)
    for order, error in ((1, lead), (2, two), ("pade", pade)):
        assert e.risk(n, order) / exact - 1 == pytest.approx(error, abs=6e-4)


def exact_counts(n, p):
    """Risk of a Bernoulli estimate, given that both outcomes occur."""
    k = np.arange(1, n)
    weight = stats.binom.pmf(k, n, p)
    q = k / n
    loss = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    return float(weight @ loss / weight.sum())


@pytest.mark.parametrize(
    ("n", "exact", "lead", "two"),
    [(30, 0.018773, -0.112, -0.012), (120, 0.004292, -0.029, -0.002)],
)
def test_bernoulli_rows(n, exact, lead, two):
    assert exact_counts(n, 0.2) == pytest.approx(exact, abs=1e-6)
    e = Expansion(0.5, 1.6875, 1)
    assert e.risk(n, 1) / exact - 1 == pytest.approx(lead, abs=1e-3)
    assert e.risk(n, 2) / exact - 1 == pytest.approx(two, abs=1e-3)


def exact_poisson(n, law, rate, size=2000):
    """Risk of a Poisson estimate from sums with a given law, given a positive sum."""
    k = np.arange(1, size)
    weight = law(k)
    loss = rate * np.log(rate * n / k) - rate + k / n
    return float(weight @ loss / weight.sum())


def test_poisson_rows():
    exact = exact_poisson(20, lambda k: stats.poisson.pmf(k, 20.0), 1.0)
    assert exact == pytest.approx(0.026152, abs=1e-6)
    law = PoissonLaw(1.0)
    e = family_expansion(contract(law.cumulants()), 1)
    assert e.c2 == pytest.approx(5 / 12, rel=1e-12)
    assert e.risk(20, 2) / exact - 1 == pytest.approx(-0.004, abs=6e-4)


def test_misspecified_poisson():
    """A Poisson model for negative binomial counts."""
    rate, r = 2.0, 3
    x = np.arange(400)
    weight = stats.nbinom.pmf(x, r, r / (r + rate))
    law = PoissonLaw(rate)
    e = family_expansion(contract(law.cumulants(), law.whitened(x), weight), 1)
    assert 2 * e.a == pytest.approx(5 / 3, rel=1e-9)
    assert e.c2 == pytest.approx(0.3935, abs=5e-5)
    exact = exact_poisson(
        20, lambda k: stats.nbinom.pmf(k, 20 * r, r / (r + rate)), rate
    )
    assert exact == pytest.approx(0.042713, abs=2e-6)
    assert e.risk(20, 1) / exact - 1 == pytest.approx(-0.025, abs=1e-3)
    assert e.risk(20, 2) / exact - 1 == pytest.approx(-0.0015, abs=5e-4)


@pytest.mark.parametrize(
    ("alpha", "numeric"),
    [(-0.999, 0.211), (-0.5, 0.086), (0.0, 0.016), (0.5, 0.002), (0.999, 0.042)],
)
def test_alpha_divergences_of_poisson(alpha, numeric):
    """Exact sums at n = 60, recomputed; the n^-2 coefficient against the formula."""
    rate, n = 2.0, 60
    k = np.arange(1, 500)
    weight = stats.poisson.pmf(k, n * rate)
    q = k / n
    a = (1 + alpha) / 2
    mix = np.exp(rate ** (1 - a) * q**a - (1 - a) * rate - a * q)
    loss = 4 / (1 - alpha**2) * (1 - mix)
    second = (weight @ loss / weight.sum() - 1 / (2 * n)) * n**2
    assert second == pytest.approx(numeric, abs=6e-4)
    c = contract(PoissonLaw(rate).cumulants())
    assert alpha_term(c, alpha) == pytest.approx(second, abs=4e-3)


def test_reverse_divergence_is_the_other_end_of_alpha_and_lawleys_factor():
    rng = np.random.default_rng(0)
    law = normal_law(np.zeros(3), np.eye(3))
    y = law.whitened(rng.gamma(3.0, size=(400, 3)) - 3.0)
    for c in (contract(law.cumulants()), contract(law.cumulants(), y)):
        assert alpha_term(c, 1.0) == pytest.approx(reverse_term(c), rel=1e-9)
        assert alpha_term(c, -1.0) == pytest.approx(family_expansion(c, 9).c2, rel=1e-9)
    c = contract(law.cumulants())
    lawley = (2 * c.cubic + 3 * c.mean_square - 3 * c.quartic) / 24
    assert reverse_term(c) == pytest.approx(lawley, rel=1e-9)


def test_normal_cumulants_agree_with_quadrature():
    """Closed form against exact integration, with the scatter of skewed data."""
    node, mass = np.polynomial.hermite_e.hermegauss(12)
    grid = np.stack(np.meshgrid(node, node), -1).reshape(-1, 2)
    weight = np.outer(mass, mass).ravel() / mass.sum() ** 2
    law = normal_law(np.zeros(2), np.eye(2))
    rng = np.random.default_rng(0)
    data = rng.gamma(2.0, size=(300, 2)) - 2.0
    data[:, 1] += 0.5 * data[:, 0] ** 2
    y = law.whitened(data)
    closed = contract(law.cumulants(), y)
    summed = contract(row_cumulants(law.whitened(grid), weight), y)
    for name in ("trace", "cubic", "mean_square", "cross", "quartic"):
        assert getattr(closed, name) == pytest.approx(getattr(summed, name), rel=1e-8)


@pytest.mark.parametrize(
    ("name", "draw", "moments", "c2", "lead"),
    [
        ("gamma", lambda r, s: r.gamma(8.0, size=s), (8.0, 8.0), 5.6745, -0.082),
        ("uniform", lambda r, s: r.random(s), (0.5, 1 / 12), 3.22, -0.080),
    ],
)
def test_misspecified_normal_against_simulation(name, draw, moments, c2, lead):
    """A normal model for gamma and uniform data, n = 60."""
    rng = np.random.default_rng(1)
    law = normal_law(np.array([moments[0]]), np.array([[moments[1]]]))
    if name == "gamma":
        x = stats.gamma(8.0).ppf((np.arange(400_000) + 0.5) / 400_000)
    else:
        x = (np.arange(100_000) + 0.5) / 100_000
    e = family_expansion(contract(law.cumulants(), law.whitened(x[:, None])), 2)
    assert e.c2 == pytest.approx(c2, rel=0.01)
    sample = draw(rng, (120_000, 60))
    mean, var = sample.mean(1), sample.var(1)
    loss = 0.5 * (moments[1] / var + (mean - moments[0]) ** 2 / var - 1)
    loss += 0.5 * np.log(var / moments[1])
    truth, se = loss.mean(), loss.std() / np.sqrt(len(loss))
    assert e.risk(60, 1) / truth - 1 == pytest.approx(lead, abs=0.015)
    # What two terms leave out is of order n^-3.
    assert abs(e.risk(60, 2) - truth) < 3 * se + 0.012 * truth


def test_log_linear_independence_against_simulation():
    """3 x 4 independence model, dependent truth: the data's own moments."""
    rng = np.random.default_rng(2)
    table = rng.dirichlet(np.full(12, 4.0)).reshape(3, 4)
    family = LogLinearFamily((3, 4), order=1)
    cells = np.array([(i, j) for i in range(3) for j in range(4)])
    law = family.fit(family.read(cells), table.ravel())
    product = np.outer(table.sum(1), table.sum(0)).ravel()
    np.testing.assert_allclose(law.probability, product, atol=1e-9)
    own = contract(law.cumulants(), law.whitened(np.arange(12)), table.ravel())
    e = family_expansion(own, law.p)
    n = 80
    counts = rng.multinomial(n, table.ravel(), size=60_000).reshape(-1, 3, 4) / n
    rows, columns = counts.sum(2), counts.sum(1)
    exist = (rows > 0).all(1) & (columns > 0).all(1)
    rows, columns = rows[exist], columns[exist]
    loss = (table.sum(1) * np.log(table.sum(1) / rows)).sum(1)
    loss += (table.sum(0) * np.log(table.sum(0) / columns)).sum(1)
    se = loss.std() / np.sqrt(len(loss))
    assert e.risk(n, 1) < loss.mean() - 3 * se
    assert abs(e.risk(n, 2) - loss.mean()) < 3 * se + 0.01 * loss.mean()


def test_pairwise_log_linear_matches_its_margins():
    rng = np.random.default_rng(3)
    data = (rng.random((500, 4)) < 0.4).astype(int)
    data[:, 1] ^= data[:, 0] & (rng.random(500) < 0.5)
    family = LogLinearFamily((2, 2, 2, 2))
    cells = family.read(data)
    law = family.fit(cells, np.full(500, 1 / 500))
    assert law.p == 10
    expected = law.probability @ law.statistic
    np.testing.assert_allclose(expected, law.statistic[cells].mean(0), atol=1e-10)
    result = ExponentialFamilyPN(family).assess(data)
    assert result.verdict == "sufficient"
    assert result.p_eff == pytest.approx(10, abs=4 * result.p_eff_se)


def test_draws_reproduce_the_closed_form():
    """Three dimensions: c2 = 38 from 20,000 draws, no normaliser used."""
    rng = np.random.default_rng(4)
    law = normal_law(np.zeros(3), np.eye(3))
    model = law.whitened(law.draw(20_000, rng))
    result = pn_from_samples(law.whitened(law.draw(20_000, rng)), model)
    assert result.p == 9
    # The spread of tr S and K3 from the data is part of it.
    assert result.c2 == pytest.approx(38.0, rel=0.12)
    assert 0 < result.c2_se < 4
    family = CustomFamily(law.whitened, lambda n, g: law.draw(n, g), n_draws=12_000)
    again = ExponentialFamilyPN(family).assess(law.draw(500, rng), rng=0)
    same = ExponentialFamilyPN(family).assess(law.draw(500, rng), rng=0)
    assert again.a != same.a  # other data
    assert again.family == "custom"


def test_jackknife_removes_the_bias_of_the_trace():
    """Gamma data, n = 60: plug-in 2.199, jackknife 2.338, truth 2.375."""
    rng = np.random.default_rng(5)
    plain, corrected = [], []
    for k in range(200):
        data = rng.gamma(8.0, size=60)
        options = {"family": GaussianFamily(), "delta": 0.2}
        plain.append(ExponentialFamilyPN(**options).assess(data).p_eff)
        jack = ExponentialFamilyPN(**options, jackknife=True).assess(data, rng=k)
        corrected.append(jack.p_eff)
    truth = 1 + 0.5 * (2 + 6 / 8)  # d=1: (1 + kurtosis)/2 with excess 6/shape
    assert truth == pytest.approx(2.375)
    se = np.std(corrected) / np.sqrt(200)
    assert truth - np.mean(plain) > 0.12
    assert abs(np.mean(corrected) - truth) < 3 * se + 0.03


def test_bootstrap_agrees_with_two_terms():
    rng = np.random.default_rng(6)
    data = rng.standard_normal((300, 2)) @ np.array([[1.0, 0.4], [0.0, 1.0]])
    two = ExponentialFamilyPN(GaussianFamily(), order=2).assess(data)
    boot = ExponentialFamilyPN(
        GaussianFamily(), method="bootstrap", n_resamples=2000
    ).assess(data, rng=0)
    assert boot.risk == pytest.approx(two.risk2, abs=3 * boot.risk_se + 2e-4)
    model = ExponentialFamilyPN(
        GaussianFamily(), method="parametric-bootstrap", cov="model", n_resamples=2000
    ).assess(data, rng=0)
    assert model.risk == pytest.approx(normal_risk(300, 2), abs=3 * model.risk_se)


def test_second_order_criteria_of_a_normal_law_are_aicc():
    rng = np.random.default_rng(7)
    data = rng.standard_normal((50, 2))
    result = ExponentialFamilyPN(GaussianFamily(), cov="model").assess(data)
    assert result.aic2 - result.aic == pytest.approx(2 * 5 * 4 / 50, rel=1e-9)
    loglik = stats.multivariate_normal(data.mean(0), np.cov(data.T, bias=True)).logpdf(
        data
    )
    assert result.loglik == pytest.approx(loglik.sum(), rel=1e-9)


def test_horizon_and_assurance_tighten_the_limit():
    x = np.arange(200) % 4
    one = ExponentialFamilyPN(CategoricalFamily()).assess(x)
    many = ExponentialFamilyPN(CategoricalFamily(), horizon=10).assess(x)
    sure = ExponentialFamilyPN(CategoricalFamily(), assurance=0.8).assess(x)
    assert many.threshold == pytest.approx(one.threshold / 10)
    assert (one.verdict, many.verdict) == ("sufficient", "insufficient")
    factor = stats.chi2.ppf(0.8, 3) / 3
    assert sure.assurance_quantile == pytest.approx(factor * sure.risk, rel=1e-9)
    assert sure.n_required > one.n_required


def test_assured_quantile_of_the_divergence():
    """Normal law in two dimensions, n = 50: 80 % quantile 0.0832, predicted 0.0843."""
    rng = np.random.default_rng(8)
    family, law = GaussianFamily(), normal_law(np.zeros(2), np.eye(2))
    equal = np.full(50, 1 / 50)
    draws = [law.divergence(family.fit(law.draw(50, rng), equal)) for _ in range(4000)]
    e = family_expansion(contract(law.cumulants()), 5)
    predicted = e.risk(50) * stats.chi2.ppf(0.8, 5) / 5
    assert predicted == pytest.approx(0.0843, abs=1e-4)
    assert np.quantile(draws, 0.8) == pytest.approx(predicted, rel=0.05)


def test_no_estimate_is_a_verdict_not_an_error():
    result = ExponentialFamilyPN(CategoricalFamily(n_cells=3)).assess([0, 1, 1, 0, 1])
    assert result.verdict == "no_mle"
    assert result.risk is None
    assert not result.passed
    assert "empty" in result.reasons[0]
    flat = ExponentialFamilyPN(PoissonFamily()).assess(np.zeros(9))
    assert flat.verdict == "no_mle"


@pytest.mark.parametrize(
    ("family", "data", "words"),
    [
        (PoissonFamily(), [0.5, 1.0], "whole counts"),
        (CategoricalFamily(n_cells=2), [0, 2], "0 to 1"),
        (CategoricalFamily(), [[0, 1], [1, 0]], "one column"),
        (GaussianFamily(), [[1.0, np.nan], [0.0, 1.0]], "finite"),
        (LogLinearFamily((2, 2)), [[0, 2], [1, 1]], "Levels"),
        (LogLinearFamily((2, 2)), [[0], [1]], "2 columns"),
        (LogLinearFamily((40, 40, 40, 40)), [[0, 0, 0, 0]] * 2, "cells"),
    ],
)
def test_unsuitable_data_are_named(family, data, words):
    checker = ExponentialFamilyPN(family)
    if words == "cells":
        assert words in checker.assess(data).reasons[0]
        return
    with pytest.raises(InfostatError, match=words):
        checker.assess(data)


def test_redundant_statistics_and_options_are_refused():
    z = np.random.default_rng(0).standard_normal((50, 2))
    twice = np.column_stack([z, z[:, 0]])
    with pytest.raises(InfostatError, match="determine one another"):
        pn_from_samples(twice, twice)
    with pytest.raises(InfostatError, match="components"):
        pn_from_samples(z, twice)
    with pytest.raises(InfostatError, match="cov"):
        ExponentialFamilyPN(GaussianFamily(), cov="sandwich").assess(z)
    with pytest.raises(InfostatError, match="order must be"):
        ExponentialFamilyPN(GaussianFamily(), order="third").assess(z)
    custom = CustomFamily(lambda x: x, lambda n, g: g.standard_normal((n, 2)))
    with pytest.raises(InfostatError, match="refitted"):
        ExponentialFamilyPN(custom, method="bootstrap").assess(z)
