"""Coverage and size by simulation: fixed seeds, bounds wider than the binomial error.

Covered means that neither one-sided test rejects the truth at 2.5 %: the interval is
their inversion, which test_matched checks, at a hundredth of the cost.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import chdtrc

from infostat import weight_of_evidence
from infostat.counts import ClusteredTable, CountTable, tabulate_clusters
from infostat.divergences import contributions, get_divergence
from infostat.inference import (
    independent_difference,
    measure,
    paired_difference,
    step_down_p_values,
)
from infostat.inference.delta import share_moments
from infostat.inference.matched import matched_law, p_at_least, p_at_most
from infostat.inference.null import pearson_statistic, weighted_null

JEFFREYS = get_divergence("jeffreys")


def law(n_bins, skew):
    q = np.exp(-skew * np.arange(n_bins) / n_bins)
    return q / q.sum()


def tilted(q, truth, member=JEFFREYS):
    """Shares at the given divergence from ``q``, tilted along the bins."""
    if truth == 0:
        return q
    shape = np.linspace(-1, 1, q.size)

    def tilt(t):
        p = q * np.exp(t * shape)
        return p / p.sum()

    return tilt(
        brentq(lambda t: contributions(tilt(t), q, member).sum() - truth, 0, 20)
    )


def simulate(p, q, n1, n0, draws, seed, member=JEFFREYS):
    """Shares and matched law of many tables; ones with an empty cell are dropped."""
    rng = np.random.default_rng(seed)
    ones, zeros = rng.multinomial(n1, p, draws), rng.multinomial(n0, q, draws)
    keep = (ones > 0).all(1) & (zeros > 0).all(1)
    assert keep.mean() > 0.97
    p, q = ones[keep] / n1, zeros[keep] / n0
    moments = share_moments(p, q, p / n1, q / n0, member)
    null_scale = member.curvature / 2 * (1 / n1 + 1 / n0)
    scale, df = matched_law(moments.plug_in, moments.variance, moments.bias, null_scale)
    return p, q, moments, scale, df


DESIGNS = [
    (5, 0.0, 500, 2000),
    (10, 0.0, 1000, 9000),
    (10, 2.0, 1000, 9000),
    (20, 0.0, 1000, 9000),
]


@pytest.mark.parametrize("truth", [0.0, 0.005, 0.05, 0.3, 1.0])
@pytest.mark.parametrize(("n_bins", "skew", "n1", "n0"), DESIGNS)
def test_interval_covers_at_zero_near_it_and_away(n_bins, skew, n1, n0, truth):
    q = law(n_bins, skew)
    p = tilted(q, truth)
    *_, moments, scale, df = simulate(p, q, n1, n0, 4000, seed=n_bins)
    inside = p_at_most(moments.plug_in, scale, df, truth) > 0.025
    if truth > 0:
        inside &= p_at_least(moments.plug_in, scale, df, truth) > 0.025
    assert 0.93 < inside.mean() < 0.985


@pytest.mark.parametrize("kind", ["kl", "js", "hellinger", "triangular"])
@pytest.mark.parametrize("truth", [0.0, 0.02, 0.1])
def test_interval_covers_for_other_divergences(kind, truth):
    member = get_divergence(kind)
    truth = truth * member.curvature / 2
    q = law(8, 1.0)
    p = tilted(q, truth, member)
    *_, moments, scale, df = simulate(p, q, 1000, 4000, 4000, 1, member)
    inside = p_at_most(moments.plug_in, scale, df, truth) > 0.025
    if truth > 0:
        inside &= p_at_least(moments.plug_in, scale, df, truth) > 0.025
    assert 0.93 < inside.mean() < 0.985


@pytest.mark.parametrize(("n_bins", "skew", "n1", "n0"), DESIGNS)
def test_size_of_both_tests_of_no_divergence(n_bins, skew, n1, n0):
    q = law(n_bins, skew)
    p, q, moments, *_ = simulate(q, q, n1, n0, 20_000, seed=7)
    s = 1 / n1 + 1 / n0
    pooled = (n1 * p + n0 * q) / (n1 + n0)
    pearson = chdtrc(n_bins - 1, pearson_statistic(p, q, pooled) / s)
    assert 0.04 < (pearson <= 0.05).mean() < 0.06
    jeffreys = chdtrc(n_bins - 1, moments.plug_in / s)
    assert 0.04 < (jeffreys <= 0.05).mean() < 0.065


@pytest.mark.parametrize("limit", [0.02, 0.1, 0.25])
@pytest.mark.parametrize(("n_bins", "skew", "n1", "n0"), DESIGNS)
def test_size_at_thresholds(n_bins, skew, n1, n0, limit):
    q = law(n_bins, skew)
    p = tilted(q, limit)
    *_, moments, scale, df = simulate(p, q, n1, n0, 20_000, seed=8)
    above = p_at_most(moments.plug_in, scale, df, limit) <= 0.05
    below = p_at_least(moments.plug_in, scale, df, limit) <= 0.05
    assert 0.04 < above.mean() < 0.06
    assert 0.042 < below.mean() < 0.062


@pytest.mark.parametrize(("n_bins", "skew", "n1", "n0"), DESIGNS)
@pytest.mark.parametrize("truth", [0.02, 0.1])
def test_bias_and_error_are_those_of_the_draws(n_bins, skew, n1, n0, truth):
    q = law(n_bins, skew)
    *_, moments, _, _ = simulate(tilted(q, truth), q, n1, n0, 20_000, seed=9)
    noise = moments.plug_in.std() / np.sqrt(20_000)
    excess = (moments.plug_in - truth).mean()
    assert excess == pytest.approx(moments.bias.mean(), abs=4 * noise + 2e-4)
    v2 = 2 * (n_bins - 1) * (1 / n1 + 1 / n0) ** 2
    se = np.sqrt(np.maximum(moments.variance - v2, v2))
    assert np.sqrt((se**2).mean()) == pytest.approx(moments.plug_in.std(), rel=0.04)


def test_a_sampled_reference_taken_for_fixed_rejects_far_too_often():
    """Half the variance forgotten: the misuse that the docstring warns of."""
    q = law(10, 0.0)
    p, drawn, *_ = simulate(q, q, 2000, 2000, 20_000, seed=10)
    wrong = chdtrc(9, pearson_statistic(p, drawn, drawn) * 2000)
    assert (wrong <= 0.05).mean() > 0.4
    right = chdtrc(9, pearson_statistic(p, q, q) * 2000)  # the reference is known
    assert 0.045 < (right <= 0.05).mean() < 0.055


def test_measure_is_what_the_simulations_speak_of():
    """The vectorised law above is that of the public function."""
    p, q, moments, scale, df = simulate(law(5, 1.0), law(5, 1.0), 300, 900, 50, 11)
    for k in range(5):
        found = measure(CountTable.from_counts(p[k] * 300, q[k] * 900))
        assert found.scale == pytest.approx(scale[k], rel=1e-9)
        assert found.df == pytest.approx(df[k], rel=1e-9)
        assert found.p_value(0.1, "less") == pytest.approx(
            p_at_least(moments.plug_in[k], scale[k], df[k], 0.1), rel=1e-9
        )


@pytest.mark.parametrize("sampling", ["two_sample", "binomial", "fixed_reference"])
def test_weights_of_evidence_cover_under_their_sampling(sampling):
    rng = np.random.default_rng(12)
    q = law(5, 1.0)
    p = tilted(q, 0.3)
    n1, n0, draws = 400, 3600, 1500
    if sampling == "binomial":
        sizes = np.rint(n1 * p + n0 * q).astype(int)
        rate = n1 * p / (n1 * p + n0 * q)
        ones = rng.binomial(sizes, rate, (draws, 5))
        zeros = sizes - ones
        overall = (sizes * rate).sum() / sizes.sum()
        truth = np.log(overall / (1 - overall)) - np.log(rate / (1 - rate))
    else:
        ones, truth = rng.multinomial(n1, p, draws), np.log(q / p)
        zeros = rng.multinomial(n0, q, draws)
        if sampling == "fixed_reference":
            zeros = np.tile(n0 * q, (draws, 1))
    hits, conservative, values, errors = [], [], [], []
    for one, zero in zip(ones, zeros, strict=True):
        found = weight_of_evidence(one, zero, sampling=sampling)
        hits.append(np.abs(found.value - truth) < 1.96 * found.se)
        values.append(found.value)
        errors.append(found.se)
        known = weight_of_evidence(one, zero, sampling="known_prior")
        conservative.append(np.abs(known.value - truth) < 1.96 * known.se)
    assert 0.94 < np.mean(hits) < 0.96
    np.testing.assert_allclose(
        np.std(values, axis=0), np.mean(errors, axis=0), rtol=0.07
    )
    # The paper's error, a known prior, is too large here.
    assert np.mean(conservative) > np.mean(hits) + 0.01


def test_sampling_weights_need_their_squares():
    """Lognormal weights: rows taken for information reject seven times too often."""
    rng = np.random.default_rng(13)
    sizes, n_bins, draws = (4500, 500), 8, 2000
    spreads, shares, kish = [], [], []
    for size in sizes:
        codes = rng.integers(0, n_bins, (draws, size))
        # Weights depend on the bin: Kish's size alone would not do.
        w = rng.lognormal(0, 0.8, (draws, size)) * np.where(codes < 4, 1.0, 2.5)
        cell = (codes + n_bins * np.arange(draws)[:, None]).ravel()
        sums = [
            np.bincount(cell, weights=x.ravel(), minlength=draws * n_bins)
            for x in (w, w * w)
        ]
        weight, squared = (x.reshape(draws, n_bins) for x in sums)
        total = weight.sum(1, keepdims=True)
        shares.append(weight / total)
        spreads.append(squared / total**2)
        kish.append(total**2 / squared.sum(1, keepdims=True))
    pooled = (shares[0] * kish[0] + shares[1] * kish[1]) / (kish[0] + kish[1])
    statistic = pearson_statistic(shares[1], shares[0], pooled)
    p_values = [
        float(weighted_null(spreads[1][k], spreads[0][k], pooled[k]).p_value(x))
        for k, x in enumerate(statistic)
    ]
    assert 0.035 < np.mean(np.array(p_values) <= 0.05) < 0.065
    naive = chdtrc(n_bins - 1, statistic / (1 / 500 + 1 / 4500))
    assert (naive <= 0.05).mean() > 0.25


def clustered_draw(rng, p, q, n_clusters=300):
    """One to four rows a customer in mostly one bin, classes mixed within."""
    size = rng.integers(1, 5, n_clusters)
    clusters = np.repeat(np.arange(n_clusters), size)
    latent = np.repeat(rng.random(n_clusters), size)
    fresh = rng.random(clusters.size)
    u = np.where(rng.random(clusters.size) < 0.8, latent, fresh)
    classes = (rng.random(clusters.size) < 0.4).astype(int)
    codes = np.where(
        classes == 1,
        np.searchsorted(p.cumsum()[:-1], u),
        np.searchsorted(q.cumsum()[:-1], u),
    )
    return codes, classes, clusters


def test_clustered_errors_are_those_of_the_draws():
    rng = np.random.default_rng(14)
    q = law(4, 0.5)
    p = tilted(q, 0.3)
    labels, found, separate = ("a", "b", "c", "d"), [], []
    for _ in range(1000):
        table = tabulate_clusters(*clustered_draw(rng, p, q), labels)
        found.append(measure(table))
        products = table.products * np.eye(2)[:, :, None, None]
        separate.append(measure(ClusteredTable(table.table, products)).variance)
    plug_in = np.array([f.plug_in for f in found])
    variance = np.mean([f.variance for f in found])
    assert np.sqrt(variance) == pytest.approx(plug_in.std(), rel=0.08)
    # Summing each class of a customer apart forgets that his rows move together.
    assert np.sqrt(np.mean(separate)) > 1.12 * plug_in.std()
    truth = np.array([f.p_value(0.3) for f in found])
    assert 0.03 < (truth <= 0.05).mean() < 0.075


def test_clustered_null_has_its_size():
    rng = np.random.default_rng(15)
    q = law(4, 0.5)
    p_values = [
        measure(tabulate_clusters(*clustered_draw(rng, q, q), tuple("abcd"))).p_zero
        for _ in range(1500)
    ]
    assert 0.033 < np.mean(np.array(p_values) <= 0.05) < 0.068


@pytest.mark.parametrize("signal", [0.0, 0.4, 1.0])
def test_paired_difference_covers(signal):
    """Two correlated features, tables drawn from their true joint laws."""
    rng = np.random.default_rng(16)
    n = 400_000
    latent = rng.normal(size=n)
    noisy = [0.8 * latent + 0.6 * rng.normal(size=n) for _ in (0, 1)]
    tables = []
    for shift in (0.0, signal):
        codes = [
            np.digitize(x + w * shift, [-1, -0.3, 0.3, 1])
            for x, w in zip(noisy, (1.0, 0.5), strict=True)
        ]
        cells = np.bincount(5 * codes[0] + codes[1], minlength=25) + 1e-9
        if signal == 0 and tables:
            cells = tables[0] * n
        tables.append(cells / cells.sum())

    def jeffreys(axis):
        q, p = (t.reshape(5, 5).sum(axis) for t in tables)
        return contributions(p, q, JEFFREYS).sum()

    truth = jeffreys(1) - jeffreys(0)
    hits, pairs = [], []
    for _ in range(1500):
        zeros = rng.multinomial(2000, tables[0]).reshape(5, 5)
        ones = rng.multinomial(500, tables[1]).reshape(5, 5)
        found = paired_difference(ones, zeros)
        low, high = found.interval()
        hits.append(low <= truth <= high)
        pairs.append((found.value, found.se))
    values, errors = np.transpose(pairs)
    ratio = np.sqrt((errors**2).mean()) / values.std()
    if signal == 0:
        # The floor max(V - V2, V2) is above V2, the truth here, in half of the draws.
        assert np.mean(hits) > 0.98
        assert 1.0 < ratio < 1.3
    else:
        assert 0.93 < np.mean(hits) < 0.985
        assert ratio == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(("truth_1", "truth_2"), [(0.0, 0.0), (0.1, 0.02), (0.4, 0.3)])
def test_mover_covers(truth_1, truth_2):
    rng = np.random.default_rng(17)
    q = law(6, 0.5)
    laws = [tilted(q, t) for t in (truth_1, truth_2)]
    hits = []
    for _ in range(500):
        parts = [
            measure(
                CountTable.from_counts(
                    rng.multinomial(500, p), rng.multinomial(2000, q)
                )
            )
            for p in laws
        ]
        low, high = independent_difference(*parts).interval()
        hits.append(low <= truth_1 - truth_2 <= high)
    assert np.mean(hits) > 0.925
    if truth_2 > 0.1:  # at zero both lower limits stop, and coverage is above nominal
        assert np.mean(hits) < 0.985


def test_step_down_holds_the_family_wise_error():
    rng = np.random.default_rng(18)
    n, n_features, false, found = 150, 4, 0, 0
    for k in range(300):
        classes = (rng.random(n) < 0.3).astype(np.uint8)
        shared = rng.normal(size=n)
        codes = [
            np.digitize(shared + rng.normal(size=n), [-1, 0, 1]).astype(np.uint8)
            for _ in range(n_features)
        ]
        signal = np.digitize(rng.normal(size=n) + 1.5 * classes, [-0.5, 0.5, 1.5])
        adjusted = step_down_p_values(
            [signal.astype(np.uint8), *codes], classes, n_resamples=59, rng=k
        )
        false += bool((adjusted[1:] <= 0.05).any())
        found += adjusted[0] <= 0.05
    # Three standard errors of 300 draws above 5 %, and not idle either.
    assert 0.005 < false / 300 < 0.088
    assert found / 300 > 0.95
