"""Weights of evidence: closed forms, the four sampling laws, covariance, conventions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import logit

from infostat import weight_of_evidence
from infostat.counts.array_engine import count_codes
from infostat.evidence.woe import orientation
from infostat.exceptions import InfostatError

EVENTS, OTHERS = np.array([10.0, 30, 60]), np.array([400.0, 300, 200])
N1, N0 = 100.0, 900.0
S = 1 / N1 + 1 / N0


def test_value_is_the_log_ratio_of_shares():
    found = weight_of_evidence(EVENTS, OTHERS)
    np.testing.assert_allclose(found.value, np.log((OTHERS / N0) / (EVENTS / N1)))
    rate = EVENTS / (EVENTS + OTHERS)
    np.testing.assert_allclose(found.value, logit(0.1) - logit(rate))
    assert found.n == 1000
    assert found.labels == ("1", "2", "3")
    assert not found.smoothed.any()


def test_sign_has_one_home():
    good = weight_of_evidence(EVENTS, OTHERS)
    bad = weight_of_evidence(EVENTS, OTHERS, sign="bad_over_good")
    np.testing.assert_array_equal(bad.value, -good.value)
    np.testing.assert_array_equal(bad.se, good.se)
    assert (orientation("good_over_bad"), orientation("bad_over_good")) == (-1, 1)
    with pytest.raises(InfostatError, match=r"sign must be .* got 'woe'"):
        orientation("woe")


def test_swapping_the_classes_flips_the_value_and_keeps_the_error():
    there, back = weight_of_evidence(EVENTS, OTHERS), weight_of_evidence(OTHERS, EVENTS)
    np.testing.assert_allclose(back.value, -there.value)
    np.testing.assert_allclose(back.se, there.se)


def test_order_of_the_bins_does_not_matter():
    order = [2, 0, 1]
    there = weight_of_evidence(EVENTS, OTHERS)
    here = weight_of_evidence(EVENTS[order], OTHERS[order])
    np.testing.assert_allclose(here.value, there.value[order])
    np.testing.assert_allclose(here.se, there.se[order])


V = EVENTS * OTHERS / (EVENTS + OTHERS)
D = N1 * N0 / (N1 + N0)
VARIANCES = {
    "two_sample": 1 / EVENTS + 1 / OTHERS - S,
    "known_prior": 1 / EVENTS + 1 / OTHERS,
    "fixed_reference": 1 / EVENTS - 1 / N1,
    "binomial": 1 / V - 2 / D + V.sum() / D**2,
}


@pytest.mark.parametrize("sampling", VARIANCES)
def test_variance_of_each_sampling_law(sampling):
    found = weight_of_evidence(EVENTS, OTHERS, sampling=sampling)
    np.testing.assert_allclose(found.se**2, VARIANCES[sampling], rtol=1e-10)
    np.testing.assert_allclose(
        np.diag(found.covariance()), VARIANCES[sampling], rtol=1e-10
    )
    assert sampling in found.method


def test_unknown_sampling_is_refused():
    with pytest.raises(InfostatError, match="sampling must be"):
        weight_of_evidence(EVENTS, OTHERS, sampling="poisson")


@pytest.mark.parametrize("sampling", ["two_sample", "known_prior", "binomial"])
def test_difference_of_two_bins_is_a_log_odds_ratio(sampling):
    """The part common to all bins cancels: 1/n11 + 1/n01 + 1/n12 + 1/n02, no s."""
    covariance = weight_of_evidence(EVENTS, OTHERS, sampling=sampling).covariance()
    contrast = np.array([1.0, -1.0, 0.0])
    expected = (1 / EVENTS + 1 / OTHERS)[:2].sum()
    assert contrast @ covariance @ contrast == pytest.approx(expected, rel=1e-10)


def test_covariance_of_two_samples_is_the_specification():
    covariance = weight_of_evidence(EVENTS, OTHERS).covariance()
    np.testing.assert_allclose(
        covariance, np.diag(1 / EVENTS + 1 / OTHERS) - S, rtol=1e-10, atol=1e-15
    )
    # The events' shares average the log-ratios with no first-order error of their own.
    fixed = weight_of_evidence(EVENTS, OTHERS, sampling="fixed_reference").covariance()
    np.testing.assert_allclose(fixed @ (EVENTS / N1), 0, atol=1e-15)


# Figures of 200 000 draws (specs/scoring.md A.3): five bins, 500 and 4500 rows; the
# binomial ones from bins of fixed size.
PRINTED = {
    "known_prior": [0.00906, 0.01013, 0.01147, 0.01323, 0.01563],
    "two_sample": [0.00684, 0.00790, 0.00925, 0.01100, 0.01340],
    "binomial": [0.00677, 0.00784, 0.00918, 0.01093, 0.01332],
}


def printed_design():
    """Counts whose 1/n1j + 1/n0j are the printed ones and whose totals are right."""
    target = np.array(PRINTED["known_prior"])

    def events(power):
        others = target**-power
        others *= 4500 / others.sum()
        return 1 / (target - 1 / others), others

    power = brentq(lambda g: events(g)[0].sum() - 500, -3, 3)
    return events(power)


@pytest.mark.parametrize("sampling", PRINTED)
def test_figures_of_the_specification(sampling):
    found = weight_of_evidence(*printed_design(), sampling=sampling)
    np.testing.assert_allclose(found.se**2, PRINTED[sampling], atol=2e-5)
    if sampling == "two_sample":
        assert found.covariance()[0, 1] == pytest.approx(-0.002222, abs=1e-6)


def test_an_empty_bin_is_zero_with_an_unknown_error():
    found = weight_of_evidence([10, 0, 30], [40, 0, 20])
    assert found.value[1] == 0.0
    assert np.isnan(found.se[1])
    assert found.filled.tolist() == [True, False, True]
    assert not found.smoothed.any()
    dense = weight_of_evidence([10, 30], [40, 20])
    np.testing.assert_array_equal(found.value[[0, 2]], dense.value)
    np.testing.assert_array_equal(found.se[[0, 2]], dense.se)
    covariance = found.covariance()
    assert not covariance[1].any()
    assert not covariance[:, 1].any()
    np.testing.assert_array_equal(
        covariance[np.ix_([0, 2], [0, 2])], dense.covariance()
    )
    assert np.isnan(found.interval()[0][1])


def test_interval_and_p_value_are_normal_per_bin():
    found = weight_of_evidence(EVENTS, OTHERS)
    low, high = found.interval()
    np.testing.assert_allclose(high - low, 2 * 1.959964 * found.se, rtol=1e-6)
    assert found.p_value().shape == (3,)
    assert found.p_value(found.value[0])[0] == 1.0


def weighted_rows(seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    codes, classes = rng.integers(0, 3, 300), (rng.random(300) < 0.4).astype(int)
    w = rng.exponential(size=300) * (1 + codes) * np.where(classes == 0, scale, 1.0)
    return codes, classes, w, count_codes(codes, classes, ("a", "b", "c"), weight=w)


def test_sampling_weights_against_row_influences():
    codes, classes, w, table = weighted_rows()
    found = weight_of_evidence(table, weight_type="sampling")

    def woe(weight):
        cells = np.zeros((2, 3))
        np.add.at(cells, (classes, codes), weight)
        cells /= cells.sum(1, keepdims=True)
        return np.log(cells[0] / cells[1])

    influence = np.empty((300, 3))
    for i in range(300):
        step = np.zeros(300)
        step[i] = 1e-4 * w[i]
        influence[i] = (woe(w + step) - woe(w - step)) / 2e-4
    np.testing.assert_allclose(
        found.covariance(), influence.T @ influence, rtol=1e-4, atol=1e-9
    )


@pytest.mark.parametrize("smoothing", ["auto", 3.0])
@pytest.mark.parametrize("sampling", ["two_sample", "fixed_reference", "known_prior"])
def test_scale_of_sampling_weights_is_irrelevant(sampling, smoothing):
    found = [
        weight_of_evidence(
            weighted_rows(scale=scale)[3],
            sampling=sampling,
            smoothing=smoothing,
            weight_type="sampling",
        )
        for scale in (1.0, 1e4)
    ]
    np.testing.assert_allclose(found[0].value, found[1].value, rtol=1e-8)
    np.testing.assert_allclose(found[0].se, found[1].se, rtol=1e-8)


def test_binomial_errors_refuse_sampling_weights():
    with pytest.raises(InfostatError, match=r"binomial.*use sampling='two_sample'"):
        weight_of_evidence(
            weighted_rows()[3], sampling="binomial", weight_type="sampling"
        )


@pytest.mark.parametrize(
    ("events", "others", "message"),
    [
        ([1, 2], [1, 2, 3], "3 bins|2"),
        ([0, 0], [1, 2], "needs events and non-events"),
        ([1, -2], [1, 2], "events holds -2"),
        ([1, 2], None, "non_events must be a non-empty vector"),
    ],
)
def test_counts_that_cannot_be_used(events, others, message):
    with pytest.raises(InfostatError, match=message):
        weight_of_evidence(events, others)
