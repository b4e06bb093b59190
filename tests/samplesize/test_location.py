"""Location-scale laws by the general expansion: published values, simulation, answers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial.legendre import leggauss
from scipy import stats

from infostat import InfostatError
from infostat.samplesize import (
    ExponentialFamilyPN,
    GaussianFamily,
    LocationScalePN,
    location_scale_expansion,
)
from infostat.samplesize.location import SHAPES, _fitted, _quadrature, _tensor


def standard_normal(nodes=600):
    node, weight = leggauss(nodes)
    mass = weight * stats.norm.pdf(10 * node)
    return 10 * node, mass / mass.sum()


def test_published_coefficients():
    weibull = location_scale_expansion("weibull")
    assert (weibull.a, weibull.c2) == pytest.approx((1.0, 6.5772), abs=5e-5)
    normal = location_scale_expansion("normal")
    assert normal.c2 == pytest.approx(61 / 12, rel=1e-10)
    wrong = location_scale_expansion("logistic", *standard_normal())
    assert wrong.a == pytest.approx(0.9231, abs=5e-5)
    assert wrong.c2 == pytest.approx(2.7032, abs=5e-5)


def test_normal_law_agrees_with_the_exponential_family():
    """Two derivations of a misspecified risk: skewed data, normal model."""
    x = np.random.default_rng(0).gamma(3.0, size=400)
    general = location_scale_expansion("normal", x)
    family = ExponentialFamilyPN(GaussianFamily()).assess(x)
    assert general.a == pytest.approx(family.a, rel=1e-8)
    assert general.c2 == pytest.approx(family.c2, rel=1e-8)
    mine = LocationScalePN("normal").assess(x)
    assert mine.risk == pytest.approx(family.risk, rel=1e-8)
    assert mine.aic == pytest.approx(family.aic, rel=1e-8)
    assert mine.tic == pytest.approx(family.tic, rel=1e-8)


@pytest.mark.parametrize("kind", SHAPES)
def test_derivatives_by_differences(kind):
    shape, z, step = SHAPES[kind][0], np.linspace(-2.5, 1.5, 9), 1e-5

    def density(m, t):
        return -t + shape((z - m) * np.exp(-t))[0]

    def slope(f, axis):
        d = [0.0, 0.0]
        d[axis] = step
        return lambda m, t: (f(m + d[0], t + d[1]) - f(m - d[0], t - d[1])) / 2 / step

    found = _tensor(z, shape(z), 1)
    for a in (0, 1):
        np.testing.assert_allclose(found[:, a], slope(density, a)(0, 0), atol=1e-8)
    # Each higher derivative against the one below it, away from the origin.
    for order in (2, 3, 4):
        higher = _tensor(z, shape(z), order)
        for axis in (0, 1):

            def moved(m, t, order=order):
                y = (z - m) * np.exp(-t)
                lower = _tensor(y, shape(y), order - 1)
                scale = np.ones_like(lower)
                for place in np.ndindex(*(2,) * (order - 1)):
                    power = order - 1 - sum(place)
                    scale[(slice(None), *place)] = np.exp(-t * power)
                return lower * scale

            np.testing.assert_allclose(
                higher[..., axis], slope(moved, axis)(0, 0), atol=2e-6
            )


def test_estimates_agree_with_scipy():
    x = stats.weibull_min(1.7, scale=3.0).rvs(300, random_state=1)
    location, scale = _fitted(np.log(x), np.full(300, 1 / 300), "weibull")
    shape, _, size = stats.weibull_min.fit(x, floc=0)
    assert (1 / scale, np.exp(location)) == pytest.approx((shape, size), rel=1e-3)
    x = stats.norm(2, 3).rvs(300, random_state=2)
    found = _fitted(x, np.full(300, 1 / 300), "logistic")
    assert found == pytest.approx(stats.logistic.fit(x), rel=1e-3)


def losses(kind, draws):
    """Divergence of the best law from the estimate, sample by sample."""
    z, mass = _quadrature(kind)
    shape = SHAPES[kind][0]
    equal = np.full(draws.shape[1], 1 / draws.shape[1])
    best = (0.0, 1.0)
    if kind == "logistic":  # the truth is standard normal
        best = _fitted(*standard_normal(), kind)
    x = best[0] + best[1] * z
    own = shape(z)[0] - np.log(best[1])
    out = []
    for row in draws:
        m, s = _fitted(row, equal, kind)
        out.append(mass @ (own - shape((x - m) / s)[0] + np.log(s)))
    return np.array(out)


@pytest.mark.parametrize(
    ("kind", "n", "published", "error", "lead", "two"),
    [
        ("weibull", 60, 0.018627, 0.00005, -0.105, -0.007),
        ("logistic", 40, 0.024851, 0.00009, -0.071, -0.003),
    ],
)
def test_published_simulations(kind, n, published, error, lead, two):
    rng = np.random.default_rng(3)
    size = (1000, n)
    draws = rng.standard_normal(size)
    points = standard_normal() if kind == "logistic" else ()
    if kind == "weibull":
        draws = np.log(rng.exponential(size=size))
    found = losses(kind, draws)
    se = found.std() / np.sqrt(len(found))
    assert abs(found.mean() - published) < 3 * np.hypot(se, error)
    e = location_scale_expansion(kind, *points)
    assert e.risk(n, 1) / published - 1 == pytest.approx(lead, abs=3e-3)
    assert e.risk(n, 2) / published - 1 == pytest.approx(two, abs=6e-3)


def test_answers():
    rng = np.random.default_rng(4)
    x = rng.weibull(1.5, size=120) * 4
    model = LocationScalePN("weibull", cov="model").assess(x)
    assert model.a == pytest.approx(1.0)
    assert model.p == 2
    assert model.verdict == "sufficient"
    by_scipy = stats.weibull_min.logpdf(x, *stats.weibull_min.fit(x, floc=0)).sum()
    assert model.loglik == pytest.approx(by_scipy, abs=1e-3)
    assert LocationScalePN("weibull").assess(x[:4]).verdict == "insufficient"
    assert LocationScalePN("normal").assess(np.ones(9)).verdict == "no_mle"
    # The risk does not know units.
    again = LocationScalePN("weibull").assess(1e4 * x)
    assert again.c2 == pytest.approx(LocationScalePN("weibull").assess(x).c2, rel=1e-6)


@pytest.mark.parametrize(
    ("checker", "data", "words"),
    [
        (LocationScalePN("weibull"), [1.0, 0.0, 2.0], "positive"),
        (LocationScalePN("normal"), [[1.0, 2.0]], "non-empty vector"),
        (LocationScalePN("cauchy"), [1.0, 2.0], "kind"),
        (LocationScalePN("normal", cov="hc3"), [1.0, 2.0], "cov"),
    ],
)
def test_unsuitable_input_is_named(checker, data, words):
    with pytest.raises(InfostatError, match=words):
        checker.assess(data)
