"""First and second order against brute force: influence of each row, dense Hessians."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from infostat.counts import CountTable, tabulate_clusters, tabulate_pairs
from infostat.counts.array_engine import count_codes
from infostat.divergences import Alpha, catalogue, contributions, get_divergence
from infostat.exceptions import InfostatWarning
from infostat.inference import measure
from infostat.inference.delta import part_errors, share_moments
from infostat.inference.null import NullLaw, clustered_null, count_null, weighted_null

MEMBERS = [m for m in catalogue().values() if np.isfinite(m.curvature)]
MEMBERS += [Alpha(-0.5), Alpha(0.3), Alpha(3.0)]
smooth = pytest.mark.parametrize(
    "member", MEMBERS, ids=lambda m: f"{m.name}{getattr(m, 'a', '')}"
)
LABELS = ("a", "b", "c", "d")


def sample(seed=2, n=400):
    """Rows in 4 bins and 2 classes that differ, weights that depend on the bin."""
    rng = np.random.default_rng(seed)
    classes = np.repeat([0, 1], [n - n // 3, n // 3])
    laws = np.array([[0.4, 0.3, 0.2, 0.1], [0.25, 0.25, 0.2, 0.3]])
    codes = np.concatenate(
        [rng.choice(4, (classes == k).sum(), p=laws[k]) for k in (0, 1)]
    )
    return (
        codes,
        classes,
        rng.exponential(size=n) * (1 + codes),
        rng.integers(0, 150, n),
    )


def influences(codes, classes, weight, member):
    """Derivative of the divergence by each row's weight, times that weight."""

    def value(w):
        cells = np.zeros((2, 4))
        np.add.at(cells, (classes, codes), w)
        q, p = cells / cells.sum(1, keepdims=True)
        return contributions(p, q, member).sum()

    out = np.empty(codes.size)
    for i in range(codes.size):
        step = np.zeros(codes.size)
        step[i] = 1e-4 * weight[i]
        out[i] = (value(weight + step) - value(weight - step)) / 2e-4
    return out


@smooth
def test_variance_is_the_sum_of_squared_influences(member):
    codes, classes, weight, _ = sample()
    plain = measure(count_codes(codes, classes, LABELS), member)
    rows = influences(codes, classes, np.ones(codes.size), member)
    assert plain.variance == pytest.approx((rows**2).sum(), rel=1e-5)
    table = count_codes(codes, classes, LABELS, weight=weight)
    weighted = measure(table, member, weight_type="sampling")
    rows = influences(codes, classes, weight, member)
    assert weighted.variance == pytest.approx((rows**2).sum(), rel=1e-5)


@smooth
def test_variance_of_clusters_sums_influences_first(member):
    codes, classes, weight, clusters = sample()
    table = tabulate_clusters(codes, classes, clusters, LABELS, weight=weight)
    rows = influences(codes, classes, weight, member)
    sums = np.bincount(clusters, weights=rows)
    assert measure(table, member).variance == pytest.approx((sums**2).sum(), rel=1e-5)


def dense_hessian(p, q, member):
    """Numeric Hessian of the divergence by the stacked vector (q, p)."""
    x0 = np.r_[q, p]
    n = q.size

    def value(x):
        return contributions(x[n:], x[:n], member).sum()

    h = 1e-4
    out = np.empty((2 * n, 2 * n))
    unit = np.eye(2 * n) * h
    for i in range(2 * n):
        for j in range(2 * n):
            a, b = unit[i], unit[j]
            out[i, j] = value(x0 + a + b) - value(x0 + a - b)
            out[i, j] += value(x0 - a - b) - value(x0 - a + b)
    return out / (4 * h * h)


def row_covariance(codes, classes, weight, clusters, centres):
    """Covariance of (q, p) from residuals of rows, summed within clusters."""
    totals = [weight[classes == k].sum() for k in (0, 1)]
    residual = np.zeros((codes.size, 8))
    for i, (j, k) in enumerate(zip(codes, classes, strict=True)):
        residual[i, 4 * k : 4 * k + 4] = (np.eye(4)[j] - centres[k]) * weight[i]
        residual[i, 4 * k : 4 * k + 4] /= totals[k]
    sums = np.zeros((clusters.max() + 1, 8))
    np.add.at(sums, clusters, residual)
    return sums.T @ sums


@smooth
@pytest.mark.parametrize("kind", ["plain", "weighted", "clustered"])
def test_bias_is_half_the_trace_of_hessian_times_covariance(member, kind):
    codes, classes, weight, clusters = sample()
    if kind == "plain":
        weight = np.ones(codes.size)
    if kind != "clustered":
        clusters = np.arange(codes.size)
        table = count_codes(codes, classes, LABELS, weight=weight)
        found = measure(table, member, weight_type="sampling")
    else:
        counted = tabulate_clusters(codes, classes, clusters, LABELS, weight=weight)
        table, found = counted.table, measure(counted, member)
    shares = (table.weight / table.totals).T
    covariance = row_covariance(codes, classes, weight, clusters, shares)
    hessian = dense_hessian(shares[1], shares[0], member)
    assert found.bias == pytest.approx(np.sum(hessian * covariance) / 2, rel=1e-4)


def test_bias_of_jeffreys_is_that_of_the_specification():
    p, q, n1, n0 = np.array([0.2, 0.3, 0.5]), np.array([0.4, 0.4, 0.2]), 300, 900
    found = share_moments(p, q, p / n1, q / n0, get_divergence("jeffreys"))
    bias = (1 + (q / p).sum()) / (2 * n1) + (1 + (p / q).sum()) / (2 * n0)
    assert found.bias == pytest.approx(bias, rel=1e-12)
    equal = share_moments(p, p, p / n1, p / n0, get_divergence("jeffreys"))
    assert equal.bias == pytest.approx(2 * (1 / n1 + 1 / n0), rel=1e-12)
    fixed = share_moments(p, q, p / n1, 0 * q, get_divergence("jeffreys"))
    assert fixed.bias == pytest.approx((1 + (q / p).sum()) / (2 * n1), rel=1e-12)


@smooth
def test_moments_broadcast(member):
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.full(5, 9.0), (2, 6))
    many = share_moments(p, q, p / 100, q / 300, member)
    for k in range(6):
        one = share_moments(p[k], q[k], p[k] / 100, q[k] / 300, member)
        assert many.variance[k] == pytest.approx(one.variance, rel=1e-12)
        assert many.bias[k] == pytest.approx(one.bias, rel=1e-12)


@smooth
def test_parts_covary_to_the_variance_of_the_sum(member):
    """Var(sum) = sum of C_ij with the per-bin errors on its diagonal."""
    p, q, n1, n0 = np.array([0.2, 0.3, 0.5]), np.array([0.4, 0.4, 0.2]), 300, 900
    h = 1e-6
    a = (q * member.f((p + h) / q) - q * member.f((p - h) / q)) / (2 * h)
    b = ((q + h) * member.f(p / (q + h)) - (q - h) * member.f(p / (q - h))) / (2 * h)
    covariance = np.outer(a, a) * (np.diag(p) - np.outer(p, p)) / n1
    covariance += np.outer(b, b) * (np.diag(q) - np.outer(q, q)) / n0
    found = part_errors(p, q, p / n1, q / n0, member)
    np.testing.assert_allclose(found**2, np.diag(covariance), rtol=1e-6)
    total = share_moments(p, q, p / n1, q / n0, member).variance
    assert covariance.sum() == pytest.approx(total, rel=1e-6)


def dense_scales(difference, pooled):
    root = np.sqrt(pooled)
    return np.linalg.eigvalsh(difference / np.outer(root, root))[1:]


def test_rao_scott_scales_are_eigenvalues():
    codes, classes, weight, _ = sample()
    table = count_codes(codes, classes, LABELS, weight=weight)
    shares = table.weight / table.totals
    kish = table.totals**2 / table.squared.sum(0)
    pooled = shares @ (kish / kish.sum())
    f = table.squared / table.totals**2
    f = f[:, 0] + f[:, 1]
    dense = np.diag(f) - np.outer(f, pooled) - np.outer(pooled, f)
    dense += f.sum() * np.outer(pooled, pooled)
    scales = dense_scales(dense, pooled)
    law = weighted_null(*(table.squared / table.totals**2).T[::-1], pooled)
    assert law.df == 3
    assert law.scale == pytest.approx(scales.mean(), rel=1e-10)
    assert law.squares == pytest.approx((scales**2).sum(), rel=1e-10)
    assert np.ptp(scales) > 0.2 * scales.mean()  # no Kish case: the test has teeth
    found = measure(table, weight_type="sampling")
    assert found.null_scale == pytest.approx(scales.mean(), rel=1e-10)
    second = 2 * (scales**2).sum()
    assert found.se == pytest.approx(
        np.sqrt(max(found.variance - second, second)), rel=1e-10
    )


def test_null_scales_of_clusters_are_eigenvalues():
    codes, classes, weight, clusters = sample()
    counted = tabulate_clusters(codes, classes, clusters, LABELS, weight=weight)
    pooled = np.array([0.3, 0.3, 0.25, 0.15])
    both = row_covariance(codes, classes, weight, clusters, [pooled, pooled])
    difference = both[4:, 4:] + both[:4, :4] - both[:4, 4:] - both[4:, :4]
    scales = dense_scales(difference, pooled)
    law = clustered_null(counted, pooled)
    assert law.scale == pytest.approx(scales.mean(), rel=1e-9)
    assert law.squares == pytest.approx((scales**2).sum(), rel=1e-9)


def test_null_p_value_with_equal_scales_is_a_chi_square():
    law = count_null(5, 100.0, 300.0)
    assert law.p_value(0.1) == pytest.approx(chi2.sf(0.1 / (1 / 100 + 1 / 300), 4))
    one_sided = count_null(5, 100.0, None)
    assert one_sided.p_value(0.1) == pytest.approx(chi2.sf(10.0, 4))
    assert count_null(1, 100.0, None).p_value(0.0) == 1.0


def test_null_p_value_matches_mean_and_variance():
    """A sum of scaled chi-squares by simulation, scales 3 : 1 : 1."""
    scales = np.array([3.0, 1.0, 1.0])
    law = NullLaw(np.asarray(scales.mean()), 3, np.asarray((scales**2).sum()))
    draws = np.random.default_rng(0).chisquare(1, (200_000, 3)) @ scales
    for q in (0.5, 0.9, 0.95):
        assert law.p_value(np.quantile(draws, q)) == pytest.approx(1 - q, abs=0.012)


@smooth
def test_null_scale_carries_half_the_curvature(member):
    table = CountTable.from_counts([100, 120, 90], [200, 250, 170])
    found = measure(table, member)
    expected = member.curvature / 2 * (1 / 310 + 1 / 620)
    assert found.null_scale == pytest.approx(expected, rel=1e-12)
    assert found.p_zero == measure(table).p_zero  # Pearson, whatever the divergence
    # Near equality plug_in / null_scale is the same statistic for all members.
    assert found.p_zero_plug_in == pytest.approx(
        measure(table).p_zero_plug_in, rel=0.05
    )


LAW = ("plug_in", "variance", "bias", "scale", "df", "null_scale", "p_zero", "se")


def law_of(estimate):
    return np.array(
        [getattr(estimate, name) for name in LAW] + list(estimate.interval())
    )


def test_frequency_weights_are_repetition_exactly():
    codes, classes, _, _ = sample()
    times = np.random.default_rng(1).integers(1, 4, codes.size)
    weighted = count_codes(codes, classes, LABELS, weight=times.astype(float))
    repeated = count_codes(np.repeat(codes, times), np.repeat(classes, times), LABELS)
    np.testing.assert_array_equal(law_of(measure(weighted)), law_of(measure(repeated)))


@pytest.mark.parametrize("constant", [1.0, 0.01, 300.0])
def test_equal_sampling_weights_are_no_weights(constant):
    codes, classes, _, _ = sample()
    plain = measure(count_codes(codes, classes, LABELS))
    table = count_codes(codes, classes, LABELS, weight=np.full(codes.size, constant))
    equal = measure(table, weight_type="sampling")
    np.testing.assert_allclose(law_of(equal)[:5], law_of(plain)[:5], rtol=1e-10)
    assert equal.interval() == pytest.approx(plain.interval(), rel=1e-9)
    # Rao-Scott takes spreads at the observed shares, Pearson at the pooled ones: the
    # null laws agree under the hypothesis, and only nearly where it is false.
    assert equal.null_scale == pytest.approx(plain.null_scale, rel=0.1)
    assert np.log(equal.p_zero) == pytest.approx(np.log(plain.p_zero), rel=0.15)
    alike = np.array([[400, 40], [300, 30], [500, 50]])
    alike = CountTable(alike, alike * constant, alike * constant**2, ("a", "b", "c"))
    null = measure(alike, weight_type="sampling")
    assert null.null_scale == pytest.approx(1 / 1200 + 1 / 120, rel=1e-12)
    assert null.df == pytest.approx(2.0, rel=1e-9)


@pytest.mark.parametrize("clustered", [False, True])
def test_scale_of_the_weights_of_one_class_is_irrelevant(clustered):
    codes, classes, weight, clusters = sample()

    def found(factor):
        w = weight * np.where(classes == 0, factor, 1.0)
        if clustered:
            return measure(
                tabulate_clusters(codes, classes, clusters, LABELS, weight=w)
            )
        table = count_codes(codes, classes, LABELS, weight=w)
        return measure(table, weight_type="sampling")

    np.testing.assert_allclose(law_of(found(1e-3)), law_of(found(1e3)), rtol=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
def test_clusters_of_one_row_are_independent_rows(weighted):
    codes, classes, weight, _ = sample()
    weight = weight if weighted else np.ones(codes.size)
    alone = tabulate_clusters(
        codes, classes, np.arange(codes.size), LABELS, weight=weight
    )
    found = measure(alone)
    rows = measure(
        count_codes(codes, classes, LABELS, weight=weight), weight_type="sampling"
    )
    np.testing.assert_allclose(law_of(found), law_of(rows), rtol=1e-8, atol=1e-12)


def test_rows_given_twice_double_the_variance():
    codes, classes, _, _ = sample()
    twice = [np.tile(x, 2) for x in (codes, classes, np.arange(codes.size))]
    clustered = measure(tabulate_clusters(*twice, LABELS))
    naive = measure(count_codes(twice[0], twice[1], LABELS))
    assert clustered.variance == pytest.approx(2 * naive.variance, rel=1e-10)
    assert clustered.bias == pytest.approx(2 * naive.bias, rel=1e-10)
    rows = measure(count_codes(twice[0], twice[1], LABELS), weight_type="sampling")
    assert clustered.null_scale == pytest.approx(2 * rows.null_scale, rel=1e-10)


def test_a_fixed_reference_has_no_error_of_its_own():
    table = CountTable.from_counts([100, 120, 90], [2000, 2500, 1700])
    fixed = measure(table, reference="fixed")
    scaled = measure(CountTable.from_counts([100, 120, 90], [2e7, 2.5e7, 1.7e7]))
    np.testing.assert_allclose(law_of(fixed), law_of(scaled), rtol=1e-3)
    assert fixed.null_scale == pytest.approx(1 / 310)
    assert fixed.se < measure(table).se


def test_pairs_of_which_nobody_moved_are_no_nan():
    with pytest.warns(InfostatWarning, match="no row changes its bin"):
        found = measure(tabulate_pairs(np.diag([50, 60, 70])))
    assert (found.value, found.se, found.p_zero) == (0.0, 0.0, 1.0)
    assert found.interval() == (0.0, np.inf)
    assert found.p_value(0.1, "less") == 1.0
    assert found.method == "no row changes its bin"


def test_pairs_are_less_variable_than_strangers():
    moves = np.diag([200.0, 300, 250]) + np.array([[0, 30, 5], [10, 0, 25], [2, 9, 0]])
    pairs = measure(tabulate_pairs(moves))
    strangers = measure(tabulate_pairs(moves).table)
    assert pairs.plug_in == strangers.plug_in
    assert pairs.variance < 0.3 * strangers.variance
    assert pairs.p_zero < strangers.p_zero
