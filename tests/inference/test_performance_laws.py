"""Area, distance, proportions and calibration: oracles, weights, coverage, size."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr
from scipy.stats import chi2, ks_2samp
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from statsmodels.stats.proportion import proportion_confint

from infostat import InfostatError
from infostat.inference import (
    ScoreTable,
    area_under_roc,
    calibrate,
    hosmer_lemeshow,
    kolmogorov_smirnov,
    paired_area_difference,
    wilson_interval,
)
from infostat.inference.roc import area_of_scores


def scored(rng, n_1, n_0, shift=1.0, digits=None):
    s = np.r_[rng.normal(shift, 1, n_1), rng.normal(0, 1, n_0)]
    y = np.repeat([1, 0], [n_1, n_0]).astype(np.uint8)
    return (s if digits is None else s.round(digits)), y


def delong(s, y):
    """The textbook's double sum: area and variance."""
    x, z = s[y == 1][:, None], s[y == 0][None, :]
    psi = (x > z) + 0.5 * (x == z)
    of_event, of_non_event = psi.mean(axis=1), psi.mean(axis=0)
    variance = of_event.var(ddof=1) / len(x) + of_non_event.var(ddof=1) / z.size
    return psi.mean(), variance, of_event, of_non_event


# Area


@pytest.mark.parametrize("digits", [None, 1, 0])
def test_area_and_error_are_those_of_the_double_sum(digits):
    s, y = scored(np.random.default_rng(0), 40, 130, digits=digits)
    found = area_under_roc(ScoreTable.count(s, y))
    area, variance, *_ = delong(s, y)
    assert found.value == pytest.approx(area)
    assert found.se == pytest.approx(np.sqrt(variance))
    assert found.value == pytest.approx(roc_auc_score(y, s))
    assert found.as_gini().value == pytest.approx(2 * area - 1)
    assert found.as_gini().se == pytest.approx(2 * found.se)
    low, high = found.interval()
    assert found.as_gini().interval() == pytest.approx((2 * low - 1, 2 * high - 1))
    assert logit(high) - logit(area) == pytest.approx(logit(area) - logit(low))


@pytest.mark.parametrize("digits", [0, 1, 9])
def test_the_area_alone_is_that_of_scikit_learn(digits):
    rng = np.random.default_rng(digits)
    y = (rng.random(700) < 0.2).astype(np.uint8)
    scores = np.round(rng.normal(size=700) + y, digits)
    weight = rng.integers(0, 4, 700).astype(float)
    for w in (None, weight):
        assert area_of_scores(scores, y, w) == pytest.approx(
            roc_auc_score(y, scores, sample_weight=w), rel=1e-13
        )
        table = ScoreTable.count(scores, y, w)
        assert area_of_scores(scores, y, w) == pytest.approx(
            area_under_roc(table).value, rel=1e-13
        )


def test_a_frequency_weight_repeats_rows():
    rng = np.random.default_rng(1)
    s, y = scored(rng, 30, 80, digits=1)
    weight = rng.integers(0, 4, len(y)).astype(float)
    times = weight.astype(int)
    weighted = ScoreTable.count(s, y, weight)
    repeated = ScoreTable.count(np.repeat(s, times), np.repeat(y, times))
    for law in (area_under_roc, kolmogorov_smirnov):
        ours, theirs = law(weighted), law(repeated)
        assert ours.value == pytest.approx(theirs.value)
        assert ours.se == pytest.approx(theirs.se)
        assert ours.interval() == pytest.approx(theirs.interval())
    p = expit(s)
    ours = calibrate(ScoreTable.count(p, y, weight))
    theirs = calibrate(ScoreTable.count(np.repeat(p, times), np.repeat(y, times)))
    assert ours.slope.se == pytest.approx(theirs.slope.se)
    assert ours.p_value == pytest.approx(theirs.p_value)


def test_the_area_of_the_other_direction_is_the_rest():
    s, y = scored(np.random.default_rng(2), 20, 50, digits=0)
    table = ScoreTable.count(s, y)
    up, down = area_under_roc(table), area_under_roc(-table)
    assert up.value + down.value == pytest.approx(1)
    assert up.se == pytest.approx(down.se)
    np.testing.assert_array_equal((-table).values[(-table).place], -s)


def test_the_interval_of_separated_classes_is_newcombes():
    s, y = np.arange(50.0), np.repeat([0, 1], [40, 10]).astype(np.uint8)
    found = area_under_roc(ScoreTable.count(s, y))
    assert (found.value, found.se) == (1.0, pytest.approx(0.0, abs=1e-12))
    low, high = found.interval()
    assert high == 1.0

    def miss(a):
        rows = (10 + 40) / 2 - 1
        spread = a * (1 - a) * (1 + rows * ((1 - a) / (2 - a) + a / (1 + a))) / 400
        return 1 - a - 1.959964 * np.sqrt(spread)

    assert low == pytest.approx(brentq(miss, 0.5, 1 - 1e-9), abs=1e-6)
    assert 0.8 < low < 0.97


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.5])
@pytest.mark.parametrize("sizes", [(30, 200), (200, 600)])
def test_coverage_of_area_and_gini(shift, sizes):
    rng = np.random.default_rng([1, int(10 * shift), sizes[0]])
    truth = ndtr(shift / np.sqrt(2))
    hits, rejected = [], []
    for _ in range(600):
        found = area_under_roc(ScoreTable.count(*scored(rng, *sizes, shift)))
        low, high = found.interval()
        hits.append(low <= truth <= high)
        below, above = found.as_gini().interval()
        assert (below <= 2 * truth - 1 <= above) == hits[-1]
        rejected.append(found.p_value(0.5) < 0.05)
    # Three Monte-Carlo errors at 600 replications are .027.
    assert 0.923 < np.mean(hits) < 0.977
    if shift == 0:
        assert 0.02 < np.mean(rejected) < 0.08


def test_coverage_under_sampling_weights():
    # Rows are kept with a chance that depends on the score and weighted by its inverse.
    rng = np.random.default_rng(3)
    truth, hits, naive = ndtr(1 / np.sqrt(2)), [], []
    for _ in range(500):
        s, y = scored(rng, 150, 500)
        chance = np.where(s > 0.5, 0.9, 0.15)
        kept = rng.random(len(s)) < chance
        args = s[kept], y[kept], 1 / chance[kept]
        for sampling, out in ((True, hits), (False, naive)):
            table = ScoreTable.count(*args, sampling=sampling)
            low, high = area_under_roc(table).interval()
            out.append(low <= truth <= high)
    assert 0.92 < np.mean(hits) < 0.98
    assert np.mean(naive) < 0.92  # as if the weights were rows


# Difference


def test_the_paired_error_is_that_of_the_double_sum():
    rng = np.random.default_rng(4)
    s, y = scored(rng, 30, 90, digits=1)
    other = s + rng.normal(size=len(s)).round(1)
    found = paired_area_difference(
        ScoreTable.count(s, y), ScoreTable.count(other, y), y
    )
    a, _, event_a, rest_a = delong(s, y)
    b, _, event_b, rest_b = delong(other, y)
    variance = (event_a - event_b).var(ddof=1) / 30 + (rest_a - rest_b).var(ddof=1) / 90
    assert found.value == pytest.approx(a - b)
    assert found.se == pytest.approx(np.sqrt(variance))


def test_two_equal_orders_do_not_differ():
    s, y = scored(np.random.default_rng(5), 30, 90)
    found = paired_area_difference(
        ScoreTable.count(s, y), ScoreTable.count(np.exp(s), y), y
    )
    assert (found.value, found.se, found.p_value()) == (0, 0, 1)


@pytest.mark.parametrize("noise", [(1.0, 1.0), (0.3, 1.5)])
def test_coverage_and_size_of_the_paired_difference(noise):
    rng = np.random.default_rng(6)
    areas = [ndtr(1 / np.sqrt(2 * (1 + sigma**2))) for sigma in noise]
    truth, hits = areas[0] - areas[1], []
    for _ in range(500):
        s, y = scored(rng, 80, 300)
        tables = [
            ScoreTable.count(s + sigma * rng.normal(size=len(s)), y) for sigma in noise
        ]
        low, high = paired_area_difference(*tables, y).interval()
        hits.append(low <= truth <= high)
    assert 0.92 < np.mean(hits) < 0.98


# Distance


@pytest.mark.parametrize("digits", [None, 1])
def test_the_distance_is_that_of_scipy(digits):
    s, y = scored(np.random.default_rng(7), 60, 200, digits=digits)
    found = kolmogorov_smirnov(ScoreTable.count(s, y))
    other = ks_2samp(s[y == 1], s[y == 0], method="asymp")
    assert found.value == pytest.approx(other.statistic)
    assert found.p_value() == pytest.approx(other.pvalue, abs=0.01)
    assert found.at == other.statistic_location
    p, q = ((s[y == k] <= found.at).mean() for k in (1, 0))
    assert found.se == pytest.approx(np.sqrt(p * (1 - p) / 60 + q * (1 - q) / 200))


@pytest.mark.parametrize(
    ("shift", "sizes"),
    [
        (0.0, (60, 400)),
        (0.0, (400, 1_200)),
        (0.3, (60, 400)),
        (1.0, (60, 400)),
        (2.0, (400, 1_200)),
    ],
)
def test_coverage_and_size_of_the_distance(shift, sizes):
    rng = np.random.default_rng([8, int(10 * shift), sizes[0]])
    truth = 2 * ndtr(shift / 2) - 1
    hits, wald, rejected = [], [], []
    for _ in range(200):
        s, y = scored(rng, *sizes, shift, digits=2)
        found = kolmogorov_smirnov(ScoreTable.count(s, y), rng=rng)
        low, high = found.interval()
        hits.append(low <= truth <= high)
        wald.append(abs(found.value - truth) <= 1.96 * found.se)
        rejected.append(found.p_value() < 0.05)
    # Three Monte-Carlo errors at 200 replications are .046.
    assert np.mean(hits) > 0.904
    if shift == 0:
        assert np.mean(rejected) < 0.096
        # The naive interval of the maximum fails where it matters.
        assert np.mean(wald) < 0.75


def test_a_coarse_look_at_many_values_does_not_change_the_distance():
    s, y = scored(np.random.default_rng(9), 3_000, 9_000)
    found = kolmogorov_smirnov(ScoreTable.count(s, y))
    assert found.value == pytest.approx(ks_2samp(s[y == 1], s[y == 0]).statistic)
    low, high = found.interval()
    assert low < 2 * ndtr(0.5) - 1 < high
    assert found.p_value(0.1) < 1e-6 < found.p_value(0.38, "less")


# Proportions


def test_wilson_is_that_of_statsmodels():
    events, rows = np.array([0, 1, 5, 50, 100]), np.full(5, 100)
    for level in (0.9, 0.95):
        low, high = wilson_interval(events / rows, rows, level)
        other = proportion_confint(events, rows, 1 - level, "wilson")
        np.testing.assert_allclose([low, high], other, atol=1e-12)
    assert [v.tolist() for v in wilson_interval([0.0], [0.0])] == [[0.0], [1.0]]


# Calibration


def predicted(rng, n, intercept=0.0, slope=1.0):
    x = rng.normal(-1.5, 1, n)
    y = (rng.random(n) < expit(intercept + slope * x)).astype(np.uint8)
    return expit(x), y


@pytest.mark.parametrize("sampling", [False, True])
def test_calibration_is_the_regression_of_statsmodels(sampling):
    rng = np.random.default_rng(10)
    p, y = predicted(rng, 1_500, 0.3, 0.8)
    weight = rng.integers(1, 4, len(y)).astype(float)
    found = calibrate(ScoreTable.count(p, y, weight, sampling=sampling))
    # Sampling weights: the sandwich on rows; frequency weights: on repeated rows.
    times = np.ones(len(y), int) if sampling else weight.astype(int)
    rows = [np.repeat(v, times) for v in (logit(p), y, weight)]
    options = {"var_weights": rows[2]} if sampling else {}
    family = sm.families.Binomial()
    free = sm.GLM(rows[1], sm.add_constant(rows[0]), family, **options).fit(
        cov_type="HC0"
    )
    assert found.slope.value == pytest.approx(free.params[1], rel=1e-6)
    assert found.slope.se == pytest.approx(free.bse[1], rel=1e-5)
    shift = sm.GLM(
        rows[1], np.ones(len(rows[1])), family, offset=rows[0], **options
    ).fit(cov_type="HC0")
    assert found.intercept.value == pytest.approx(shift.params[0], rel=1e-6)
    assert found.intercept.se == pytest.approx(shift.bse[0], rel=1e-5)
    assert found.brier.value == pytest.approx(
        brier_score_loss(y, p, sample_weight=weight)
    )
    assert found.log_loss.value == pytest.approx(log_loss(y, p, sample_weight=weight))


@pytest.mark.parametrize("law", [(0.0, 1.0), (0.4, 0.7)])
def test_coverage_and_size_of_calibration(law):
    rng = np.random.default_rng([11, int(10 * law[0])])
    slope, rejected, brier, loss = [], [], [], []
    big, outcome = predicted(np.random.default_rng(0), 1_000_000, *law)
    true_brier = float(((big - outcome) ** 2).mean())
    true_loss = log_loss(outcome, big)
    for _ in range(600):
        found = calibrate(ScoreTable.count(*predicted(rng, 800, *law)))
        low, high = found.slope.interval()
        slope.append(low <= law[1] <= high)
        rejected.append(found.p_value < 0.05)
        low, high = found.brier.interval()
        brier.append(low <= true_brier <= high)
        low, high = found.log_loss.interval()
        loss.append(low <= true_loss <= high)
    for hits in (slope, brier, loss):
        assert 0.92 < np.mean(hits) < 0.98
    if law == (0.0, 1.0):
        assert 0.02 < np.mean(rejected) < 0.08
    else:
        assert np.mean(rejected) > 0.5


def test_the_test_holds_under_sampling_weights():
    rng = np.random.default_rng(12)
    rejected = {True: [], False: []}
    for _ in range(500):
        p, y = predicted(rng, 900)
        weight = rng.lognormal(0, 0.8, len(y))
        for sampling, out in rejected.items():
            table = ScoreTable.count(p, y, weight, sampling=sampling)
            out.append(calibrate(table).p_value < 0.05)
    assert 0.02 < np.mean(rejected[True]) < 0.08
    assert np.mean(rejected[False]) > 0.12


def test_predictions_without_a_slope():
    y = np.tile([0, 0, 0, 1], 50).astype(np.uint8)
    alike = calibrate(ScoreTable.count(np.full(200, 0.25), y))
    assert alike.slope is None
    assert alike.df == 1
    assert (alike.intercept.value, alike.p_value) == pytest.approx((0, 1), abs=1e-9)
    separated = calibrate(ScoreTable.count(np.where(y == 1, 0.9, 0.2), y))
    assert separated.slope is None
    assert separated.df == 2


@pytest.mark.parametrize("odd", [0.0, 1.0, 1.5, -0.2])
def test_probabilities_must_lie_inside(odd):
    y = np.array([0, 1, 0, 1], dtype=np.uint8)
    with pytest.raises(InfostatError, match=rf"value {odd:g}.*not points or labels"):
        calibrate(ScoreTable.count(np.array([0.2, 0.4, 0.5, odd]), y))


def test_hosmer_lemeshow_by_hand_and_its_size():
    events, expected, rows = np.array([3, 9]), np.array([4.0, 8.0]), np.array([20, 20])
    statistic, df, p = hosmer_lemeshow(events, expected, rows)
    by_hand = 1 / (4 * 0.8) + 1 / (8 * 0.6)
    assert (statistic, df) == (pytest.approx(by_hand), 2)
    assert p == pytest.approx(chi2.sf(by_hand, 2))
    assert hosmer_lemeshow(events, expected, rows, fitted=True)[1] == 1
    rng = np.random.default_rng(13)
    rate = np.linspace(0.05, 0.5, 10)
    rejected = [
        hosmer_lemeshow(rng.binomial(100, rate), 100 * rate, np.full(10, 100))[2] < 0.05
        for _ in range(2_000)
    ]
    assert 0.035 < np.mean(rejected) < 0.065


@pytest.mark.parametrize(
    ("scores", "word"),
    [
        ([1.0, np.nan, 2.0], r"nan in 1 rows \(first: row 1\)"),
        ([1.0, 2.0], "one for each of the 3 rows"),
        (["a", "b", "c"], "must be numbers"),
    ],
)
def test_scores_that_cannot_be_counted(scores, word):
    with pytest.raises(InfostatError, match=word):
        ScoreTable.count(scores, np.array([0, 1, 0], dtype=np.uint8))
    with pytest.raises(InfostatError, match="no events"):
        ScoreTable.count([1.0, 2.0], np.zeros(2, dtype=np.uint8))
