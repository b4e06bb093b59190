"""The matched noncentral chi-square law: tails, limits, inversion, guard 2."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import chdtri, gammainc, gammaincc, gammaln
from scipy.stats import binom, chi2, chi2_contingency, norm

from infostat.counts import CountTable
from infostat.inference import DivergenceEstimate, Estimate, measure, verdict
from infostat.inference.matched import (
    divergence_intervals,
    interval,
    matched_law,
    p_at_least,
    p_at_most,
    upper_limit,
)


def mixture(tail, x, df, noncentrality):
    """Noncentral chi-square as its Poisson mixture, summed term by term."""
    k = np.arange(6000)
    half = noncentrality / 2
    log_weight = k * np.log(half) - half - gammaln(k + 1)
    return (np.exp(log_weight) * tail(df / 2 + k, x / 2)).sum()


@pytest.mark.parametrize(
    ("x", "df", "noncentrality"),
    [
        (30, 4, 5),
        (300, 9, 20),
        (900, 4.3, 45),
        (60, 1.0, 3),
        (1400, 19, 300),
        (5, 9, 8),
    ],
)
def test_upper_tail_is_that_of_the_mixture(x, df, noncentrality):
    scale = 0.002
    found = p_at_most(x * scale, scale, df, noncentrality * scale)
    expected = mixture(gammaincc, x, df, noncentrality)
    assert found == pytest.approx(expected, rel=1e-8, abs=0)
    assert found > 0


@pytest.mark.parametrize(
    ("x", "df", "noncentrality"), [(9, 4, 60), (30, 9, 300), (20, 19, 400), (3, 1, 90)]
)
def test_lower_tail_is_that_of_the_mixture(x, df, noncentrality):
    scale = 0.01
    x = max(x, chdtri(df, 0.5))
    found = p_at_least(x * scale, scale, df, noncentrality * scale)
    expected = mixture(gammainc, x, df, noncentrality)
    assert found == pytest.approx(expected, rel=1e-7, abs=0)
    assert 0 < found < 1e-3


def test_tails_far_below_double_precision_stay_positive():
    assert p_at_most(1.0, 0.002, 4, 0.02) < 1e-80
    assert p_at_most(1.0, 0.002, 4, 0.02) > 0
    strong = CountTable.from_counts([900, 300, 100], [100, 300, 900])
    p_zero = measure(strong).p_zero
    # With two degrees of freedom the tail is exp(-x / 2).
    chi_square = chi2_contingency(strong.weight).statistic
    assert p_zero == pytest.approx(np.exp(-chi_square / 2), rel=1e-9, abs=0)
    assert 0 < p_zero < 1e-200


def test_law_at_equality_is_the_null_law():
    """J / s is chi-square with B - 1 degrees of freedom."""
    counts = np.array([400.0, 300, 200, 100])
    found = measure(CountTable.from_counts(counts, 5 * counts))
    s = 1 / 1000 + 1 / 5000
    assert found.plug_in == pytest.approx(0, abs=1e-15)
    assert found.scale == pytest.approx(s, rel=1e-12)
    assert found.df == pytest.approx(3, rel=1e-12)
    assert found.null_scale == pytest.approx(s)
    # Guard 2: the upper limit is that of the median of the null law.
    low, high = found.interval()
    assert low == 0.0
    median = chi2.median(3)
    assert mixture(gammainc, median, 3, high / s) == pytest.approx(0.025, rel=1e-6)


def test_law_near_equality_tends_to_the_null_law():
    base = np.array([400.0, 300, 200, 100])
    for step in (0.2, 0.02, 0.002):
        tilted = base * (1 + step * np.array([1, -1, 1, -1.0]))
        found = measure(CountTable.from_counts(tilted / tilted.sum() * 1e3, 5 * base))
        assert found.scale == pytest.approx(found.null_scale, rel=step)
        assert found.df == pytest.approx(3, rel=step)


def test_law_far_away_is_the_normal_law_of_the_delta_method():
    events = np.array([8e5, 5e5, 2e5])
    found = measure(CountTable.from_counts(events, events[::-1]))
    low, high = found.interval()
    reach = norm.ppf(0.975) * np.sqrt(found.variance)
    assert low == pytest.approx(found.corrected - reach, rel=1e-4)
    assert high == pytest.approx(found.corrected + reach, rel=1e-4)
    z = 0.5
    threshold = found.corrected - z * np.sqrt(found.variance)
    assert found.p_value(threshold, "greater") == pytest.approx(norm.sf(z), rel=0.01)
    assert found.p_value(threshold, "less") == pytest.approx(norm.cdf(z), rel=0.01)


def test_matched_law_has_the_variance_and_the_mean():
    scale, df = matched_law(0.3, 0.004, 0.02, 0.001)
    assert scale == pytest.approx(0.004 / 1.2)
    # Mean D + b and variance V1 + 2 scale b, of scale * chi2(df, D / scale).
    assert scale * (df + 0.3 / scale) == pytest.approx(0.32)
    assert scale**2 * (2 * df + 4 * 0.3 / scale) == pytest.approx(
        0.004 + 2 * scale * 0.02
    )


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.999])
def test_interval_inverts_both_tests(level):
    scale = np.array([0.001, 0.002, 0.02])
    df = np.array([3.0, 9.2, 1.1])
    plug_in = np.array([0.03, 0.1, 1.5])
    low, high = interval(plug_in, scale, df, level)
    tail = (1 - level) / 2
    np.testing.assert_allclose(p_at_most(plug_in, scale, df, low), tail, rtol=1e-6)
    np.testing.assert_allclose(p_at_least(plug_in, scale, df, high), tail, rtol=1e-6)
    one_sided = upper_limit(plug_in, scale, df, tail)
    np.testing.assert_array_equal(one_sided, high)


@pytest.mark.parametrize("noncentrality", [1e3, 1e4, 1e6])
def test_bisection_reaches_large_noncentralities(noncentrality):
    """A PSI of half a nat from millions of rows."""
    low, high = interval(noncentrality + 9, 1.0, 9.0, 0.95)
    reach = 1.96 * np.sqrt(2 * 9 + 4 * noncentrality)
    assert low == pytest.approx(noncentrality - reach, rel=0.02)
    assert high == pytest.approx(noncentrality + reach, rel=0.02)


def test_p_values_are_monotone_in_the_threshold():
    grid = np.linspace(1e-6, 0.5, 200)
    law = (0.1, 0.002, 9.0)
    assert (np.diff(p_at_most(*law, grid)) >= 0).all()
    assert (np.diff(p_at_least(*law, grid)) <= 0).all()


FIVE = CountTable.from_counts([5, 5], [5, 5])


@pytest.mark.filterwarnings("ignore::infostat.exceptions.InfostatWarning")
def test_ten_rows_never_certify():
    found = measure(FIVE)
    assert found.n_bins == 2
    assert found.interval()[1] > 0.5
    assert found.p_value(0.1, "less") > 0.2
    assert verdict(*found.interval()) == "not enough data"


@pytest.mark.filterwarnings("ignore::infostat.exceptions.InfostatWarning")
def test_bins_merged_into_one_certify_nothing():
    """Four against four rows: one bin is left, of which nothing can be said."""
    found = measure(CountTable.from_counts([4, 4], [0, 8]))
    assert (found.n_bins, found.n_merged) == (1, 1)
    assert found.p_value(0.1, "less") == 1.0
    assert found.p_value(0.1, "greater") == 1.0


def test_small_samples_warn():
    with pytest.warns(match="smaller class has 10 rows; below 20"):
        measure(FIVE)


@pytest.mark.parametrize(("n", "unguarded"), [(10, 0.1555), (20, 0.0976)])
def test_certificate_of_two_bins_has_no_size_at_ten_and_twenty(n, unguarded):
    """Exact size at J = 0.05 over all tables; without guard 2 far above 5 %."""
    half = brentq(lambda h: 8 * h * np.arctanh(2 * h) - 0.05, 1e-6, 0.4)
    x = np.arange(n + 1)
    chance = np.outer(binom.pmf(x, n, 0.5 + half), binom.pmf(x, n, 0.5 - half))
    guarded, raw = 0.0, 0.0
    for i in x:
        for j in x:
            table = CountTable.from_counts([i, n - i], [j, n - j])
            found = measure(table, minimum_expected=0, name="")
            if found.n_bins == 2:  # no class lacks a bin
                guarded += chance[i, j] * (found.p_value(0.05, "less") <= 0.05)
                law = found.plug_in / found.scale, found.df, 0.05 / found.scale
                raw += chance[i, j] * (mixture(gammainc, *law) <= 0.05)
    assert guarded == 0.0
    assert raw == pytest.approx(unguarded, abs=2e-4)


def test_one_bin_has_no_divergence():
    found = measure(CountTable.from_counts([50], [70]))
    assert (found.value, found.se, found.df) == (0.0, 0.0, 0.0)
    assert found.interval() == (0.0, 0.0)
    assert found.p_zero == found.p_zero_plug_in == 1.0
    assert found.p_value() == found.p_value(0.1, "greater") == 1.0
    assert found.p_value(0.1, "less") == 0.0
    assert found.method == "single bin"


FOUND = measure(CountTable.from_counts([50, 80, 70], [200, 900, 900]))


def test_two_sided_doubles_the_smaller_tail():
    for null in (0.001, 0.05, FOUND.value, 0.5):
        tails = [FOUND.p_value(null, side) for side in ("greater", "less")]
        assert FOUND.p_value(null) == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-12)


def test_null_of_zero_is_pearson_but_for_less():
    assert FOUND.p_value(0) == FOUND.p_value(0.0, "greater") == FOUND.p_zero
    assert FOUND.p_value(0.0, "less") == 1.0


def test_questions_without_sense_are_refused():
    with pytest.raises(ValueError, match="null must be a finite number from 0"):
        FOUND.p_value(-0.1)
    with pytest.raises(ValueError, match="alternative must be"):
        FOUND.p_value(0.1, "larger")
    with pytest.raises(ValueError, match="strictly between 0 and 1, got 95"):
        FOUND.interval(95)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 0.099, "stable"),
        (0.0, 0.1, "not enough data"),
        (0.153, 0.186, "moderate"),
        (0.1, 0.25, "moderate"),
        (0.2, 0.3, "not enough data"),
        (0.0, 0.9, "not enough data"),
        (0.251, 0.9, "shift"),
        (0.25, 0.9, "not enough data"),
    ],
)
def test_verdict(low, high, expected):
    assert verdict(low, high) == expected


def test_verdict_takes_other_limits():
    assert verdict(0.03, 0.04, (0.02, 0.05)) == "moderate"


def test_an_estimate_under_the_normal_law_has_wald_answers():
    plain = Estimate(value=2.0, se=0.5, n=10)
    assert plain.interval() == pytest.approx((2 - 0.979982, 2 + 0.979982), rel=1e-5)
    assert plain.p_value(1.0) == pytest.approx(2 * norm.sf(2))
    assert plain.p_value(1.0, "greater") == pytest.approx(norm.sf(2))
    assert plain.p_value(1.0, "less") == pytest.approx(norm.cdf(2))
    assert plain.p_value(-13.0, "greater") == pytest.approx(norm.sf(30), abs=0)
    assert Estimate(value=0.0, se=0.0, n=1).p_value() == 1.0
    student = Estimate(value=2.0, se=0.5, n=10, df=4)
    assert student.interval()[1] == pytest.approx(2 + 0.5 * 2.776445, rel=1e-6)
    assert isinstance(FOUND, DivergenceEstimate)


def test_intervals_of_several_estimates_are_those_of_each():
    tables = [
        CountTable.from_counts([3, 5, 9], [40, 20, 10]),
        CountTable.from_counts([8], [80]),
        CountTable.from_counts([50, 51, 49], [100, 100, 100]),
        CountTable.from_counts([1, 1, 1], [90, 20, 300]),
    ]
    found = [measure(table, name="") for table in tables]
    low, high = divergence_intervals(found, 0.9)
    assert found[1].n_bins == 1
    assert list(zip(low, high, strict=True)) == [e.interval(0.9) for e in found]
    laws = [interval(e.plug_in, e.scale, e.df, 0.9) for e in (found[0], found[2])]
    np.testing.assert_array_equal(low[[0, 2]], [a for a, _ in laws])
    np.testing.assert_array_equal(high[[0, 2]], [b for _, b in laws])
    assert [len(ends) for ends in divergence_intervals([], 0.9)] == [0, 0]
