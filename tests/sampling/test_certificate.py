"""Constants before, by simulation and of the design drawn."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import InfostatError, InfostatWarning, VolumeSampler
from infostat.sampling import (
    PolynomialBasis,
    chernoff_size,
    expected_constant,
    required_samples,
    simulated_certificate,
)
from infostat.sampling.density import BaseMeasure
from infostat.sampling.designs import DesignPlan, draw_design
from infostat.sampling.simulation import plan_by_simulation, simulate_eigenvalues


@pytest.mark.parametrize(
    ("m", "delta", "failure", "two", "one"),
    [
        (10, 0.5, 0.01, 703, 451),
        (50, 0.9, 0.01, 1442, 636),
        (200, 0.9, 0.5, 4185, 1790),
    ],
)
def test_chernoff_sizes(m, delta, failure, two, one):
    assert chernoff_size(m, delta=delta, failure=failure, sides="two") == two
    assert chernoff_size(m, delta=delta, failure=failure) == one


@pytest.mark.parametrize(
    ("m", "volume", "leverage"),
    [
        (10, [5.5, 2.59, 1.78, 1.31, 1.11], [2.68, 1.59, 1.32, 1.15, 1.06]),
        (50, [19.4, 5.2, 2.66, 1.52, 1.15], [5.3, 2.07, 1.49, 1.20, 1.08]),
        (200, [78, 12.2, 4.4, 1.82, 1.20], [12.2, 2.8, 1.72, 1.25, 1.09]),
    ],
)
def test_a_priori_constants(m, volume, leverage):
    for k, ratio in enumerate((10, 15, 20, 30, 50)):
        found = expected_constant(ratio * m, m)
        assert found == pytest.approx(volume[k], rel=0.012)
        found = expected_constant(ratio * m, m, "leverage")
        assert found == pytest.approx(leverage[k], rel=0.012)


def test_a_priori_constants_at_the_edges():
    assert expected_constant(7, 7, "dpp") == 8.0 == expected_constant(7, 7)
    assert expected_constant(20, 5, "fixed_volume", n_rows=20) == 1.0
    assert np.isinf(expected_constant(20, 10, "leverage"))
    assert np.isinf(expected_constant(20, 10, "repeated_dpp"))
    assert expected_constant(10**5, 10, "repeated_dpp") < 1.1
    larger = expected_constant(300, 10, bound=20.0)
    assert larger > expected_constant(300, 10)
    with pytest.raises(InfostatError, match="n must be at least m"):
        expected_constant(4, 5)
    with pytest.raises(InfostatError, match="needs bound="):
        expected_constant(9, 5, "uniform")
    with pytest.raises(InfostatError, match="does not reach"):
        required_samples(5, method="dpp", target_constant=2)


@pytest.mark.parametrize("method", ["volume", "leverage", "repeated_dpp"])
def test_required_samples_is_the_smallest(method):
    n = required_samples(12, method=method, target_constant=1.8)
    assert expected_constant(n, 12, method) <= 1.8
    assert expected_constant(n - 1, 12, method) > 1.8


def test_simulated_constant_by_hand():
    # 90 of 100 designs reach 0.5: p is the lower Clopper-Pearson limit.
    smallest = np.repeat([0.1, 0.55], [10, 90])
    found = simulated_certificate(smallest, 40, 10, floors=(0.5,))
    assert found.probability == pytest.approx(0.8362, abs=2e-4)
    assert found.constant == pytest.approx(1 + 0.25 / 0.25 / found.probability)
    assert found.floor == 0.5
    nothing = simulated_certificate(np.zeros(10), 40, 10)
    assert np.isinf(nothing.constant)


# Medians of 200 designs in the specification of the method.
TABLE = [
    (PolynomialBasis(29, dimension=1), 2, "leverage", 0.008, 0.008),
    (PolynomialBasis(29, dimension=1), 2, "volume", 0.107, 0.03),
    (PolynomialBasis(29, dimension=1), 2, "repeated_dpp", 0.241, 0.03),
    (PolynomialBasis(29, dimension=1), 6, "repeated_dpp", 0.561, 0.03),
    (PolynomialBasis(6, dimension=2), 4, "leverage", 0.222, 0.03),
    (PolynomialBasis(6, dimension=2), 4, "volume", 0.263, 0.03),
    (PolynomialBasis(6, dimension=2), 4, "repeated_dpp", 0.386, 0.03),
    (
        PolynomialBasis(6, index_set="hyperbolic_cross", dimension=4),
        4,
        "repeated_dpp",
        0.299,
        0.03,
    ),
]


@pytest.mark.parametrize(("basis", "ratio", "method", "median", "margin"), TABLE)
def test_stability_table(basis, ratio, method, median, margin):
    source = basis.prepare().source_
    smallest = simulate_eigenvalues(
        source, ratio * source.rank, DesignPlan(method), 80, np.random.default_rng(1)
    )
    assert np.median(smallest) == pytest.approx(median, abs=margin)


def test_simulated_constant_bounds_the_error():
    source = PolynomialBasis(4, dimension=1).prepare().source_
    rng = np.random.default_rng(3)
    n, plan = 20, DesignPlan("repeated_dpp")
    smallest = simulate_eigenvalues(source, n, plan, 300, rng)
    bound = simulated_certificate(smallest, n, 5)
    x, weight = np.polynomial.legendre.leggauss(80)
    phi = source.features(x[:, None])
    target = np.abs(x - 0.3)
    best = phi.T @ (weight / 2 * target)
    least = weight / 2 @ (target - phi @ best) ** 2
    floor = DesignPlan("repeated_dpp", min_eigenvalue=bound.floor, max_redraws=500)
    errors = []
    for _ in range(300):
        design = draw_design(source, n, floor, rng)
        root = np.sqrt(design.weights)
        value = np.abs(design.draws.places[:, 0] - 0.3)
        coef = np.linalg.lstsq(
            design.draws.features * root[:, None], value * root, rcond=None
        )[0]
        errors.append(1 + ((coef - best) ** 2).sum() / least)
    assert 1 < np.mean(errors) < bound.constant < 4
    # What happens lies far below: the mean error ratio at n = 4 m is near 1.23.
    assert np.mean(errors) == pytest.approx(1.23, abs=0.1)


def test_planning_meets_its_target():
    source = PolynomialBasis(3, dimension=2).prepare().source_
    rng = np.random.default_rng(0)
    plan = DesignPlan("repeated_dpp")
    n, found = plan_by_simulation(
        source, plan, target_constant=2.5, n_simulations=200, rng=rng
    )
    assert n % source.rank == 0
    assert found.constant <= 2.5
    fewer = simulate_eigenvalues(source, n - 2 * source.rank, plan, 200, rng)
    assert simulated_certificate(fewer, n - 20, source.rank).constant > 2.5


def test_certificate_of_a_sampler():
    pool = np.random.default_rng(5).standard_normal((400, 3))
    sampler = VolumeSampler(40, random_state=0).fit(pool)
    certificate = sampler.certificate_
    w = sampler.weights_
    # The constant belongs to the space: mean w is a quadratic form of the Gram matrix.
    phi = sampler.design_.features
    e = sampler.source_.constant
    gram = phi.T @ (phi * w[:, None]) / 40
    assert w.mean() == pytest.approx(e @ gram @ e, rel=1e-12)
    values = np.linalg.eigvalsh(gram)
    assert certificate.min_eigenvalue == pytest.approx(values[0])
    assert certificate.condition_number == pytest.approx(values[-1] / values[0])
    expected = 1 + np.sqrt(w.mean() / values[0])
    assert certificate.sup_norm_constant == pytest.approx(expected)
    assert certificate.expected_constant == pytest.approx(expected_constant(40, 4))
    assert certificate.simulated_constant is None
    assert certificate.unbiased
    known = certificate.summary("pandas")["known"].tolist()
    assert known == ["a priori", "simulated", *["realised"] * 4]


def test_the_sup_norm_bound_holds_for_the_very_design():
    source = PolynomialBasis(4, dimension=1).prepare().source_
    x = np.linspace(-1, 1, 4001)[:, None]
    phi = source.features(x)
    rng = np.random.default_rng(6)
    for _ in range(20):
        design = draw_design(source, 12, DesignPlan(base=BaseMeasure(0.5)), rng)
        root = np.sqrt(design.weights)
        value = np.abs(design.draws.places[:, 0])
        coef = np.linalg.lstsq(
            design.draws.features * root[:, None], value * root, rcond=None
        )[0]
        error = np.sqrt(np.mean((np.abs(x[:, 0]) - phi @ coef) ** 2))
        # The best sup-norm error of |x| in degree 4 is 0.0676.
        bound = 1 + np.sqrt(design.weights.mean() / design.eigenvalues[0])
        assert error <= bound * 0.0677


def test_a_certificate_is_void_where_no_design_reaches_the_floor():
    pool = np.random.default_rng(7).standard_normal((300, 5))
    sampler = VolumeSampler(
        24, method="repeated_dpp", n_simulations=60, random_state=1
    ).fit(pool)
    assert sampler.certificate_.simulated_constant > 1
    assert sampler.min_eigenvalue_ >= sampler.certificate_.simulation.floor
    assert not sampler.certificate_.unbiased
    hopeless = VolumeSampler(
        12, min_eigenvalue=0.99, max_redraws=3, n_simulations=60, random_state=1
    )
    with pytest.warns(InfostatWarning, match="None of 3 designs reached"):
        hopeless.set_params(n_simulations=0).fit(pool)
    assert hopeless.certificate_.simulated_constant is None
    assert not hopeless.certificate_.unbiased
    assert hopeless.n_redraws_ == 2
