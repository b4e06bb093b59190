"""The one policy for bins that lack a class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infostat import weight_of_evidence
from infostat.counts import CountTable
from infostat.evidence import value_parts
from infostat.evidence.smoothing import smooth_shares
from infostat.exceptions import InfostatError

LACKING = CountTable.from_counts([0, 12, 28], [50, 250, 0], labels=["a", "b", "c"])
FULL = CountTable.from_counts([2, 12, 28], [50, 250, 10], labels=["a", "b", "c"])


def test_nothing_is_added_while_every_bin_has_both_classes():
    shares = smooth_shares(FULL)
    np.testing.assert_allclose(shares.p, FULL.events / 42)
    np.testing.assert_allclose(shares.q, FULL.non_events / 310)
    np.testing.assert_allclose(shares.p_spread, shares.p / 42)
    np.testing.assert_allclose(shares.q_spread, shares.q / 310)
    assert not shares.smoothed.any()


def test_a_lacking_bin_gets_a_row_of_the_rarer_class_and_its_like():
    """Rows are added at the ratio of the classes, 1 event to 300/40 non-events."""
    shares = smooth_shares(LACKING)
    events = LACKING.events + np.array([1, 0, 1])
    non_events = LACKING.non_events + np.array([1, 0, 1]) * 300 / 40
    np.testing.assert_allclose(shares.p, events / events.sum())
    np.testing.assert_allclose(shares.q, non_events / non_events.sum())
    # Errors keep the rows that were seen: spread is smoothed share / n.
    np.testing.assert_allclose(shares.p_spread, shares.p / 40)
    np.testing.assert_allclose(shares.q_spread, shares.q / 300)
    assert shares.smoothed.tolist() == [True, False, True]


def test_other_bins_keep_their_evidence():
    found = weight_of_evidence(LACKING, sign="bad_over_good").value
    assert found[1] == pytest.approx(np.log(12 / 40 * 300 / 250))
    swapped = CountTable.from_counts(LACKING.non_events, LACKING.events)
    np.testing.assert_allclose(
        weight_of_evidence(swapped, sign="bad_over_good").value, -found
    )


def test_evidence_of_a_lacking_bin_grows_with_its_rows():
    """Between none and that of the same bin with one row of the class it lacks."""
    sizes = [1, 3, 10, 30, 100, 300]
    found, with_one = [], []
    for size in sizes:
        table = CountTable.from_counts([0, 1000], [size, 9000])
        found.append(weight_of_evidence(table).value[0])
        with_one.append(np.log(size / 9000 * 1001 / 1))
    assert found == sorted(found)
    assert 0 < found[0] < 0.2
    assert found[-1] == pytest.approx(with_one[-1], abs=0.05)


def test_evidence_of_a_lacking_bin_is_near_the_truth_and_its_error_covers():
    """Bins of ten rows, true evidence standard normal: better than naming none."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=4000)
    events = rng.binomial(10, 1 / (1 + 9 * np.exp(-truth)))
    truth = truth[events == 0]
    table = CountTable.from_counts([0, 1000], [10, 9000])
    found = weight_of_evidence(table, sign="bad_over_good")
    gap = found.value[0] - truth
    assert np.sqrt(np.mean(gap**2)) < 0.9 < 0.95 * np.sqrt(np.mean(truth**2))
    assert 0.95 < np.mean(np.abs(gap) < 1.96 * found.se[0]) < 1


def test_variance_of_smoothed_weights_of_evidence():
    """1/(n1 p~) + 1/(n0 q~) - s with the smoothed shares and the seen rows."""
    shares, found = smooth_shares(LACKING), weight_of_evidence(LACKING)
    expected = 1 / (40 * shares.p) + 1 / (300 * shares.q) - 1 / 40 - 1 / 300
    np.testing.assert_allclose(found.se**2, expected)
    assert found.smoothed.tolist() == [True, False, True]
    assert np.isfinite(found.value).all()


def test_empty_bins_do_not_count_as_bins():
    wide = CountTable.from_counts([0, 12, 0, 28], [50, 250, 0, 0])
    shares = smooth_shares(wide)
    assert shares.filled.tolist() == [True, True, False, True]
    np.testing.assert_array_equal(shares.p, smooth_shares(LACKING).p)


def test_little_evidence_is_invented():
    """A rare class without evidence: equal mass a cell would pull it to uniform."""
    counts = np.array([9000.0, 900, 90, 9, 1])
    table = CountTable.from_counts([54, 5, 1, 0, 0], counts)
    q, p = counts / counts.sum(), (table.events + 0.5) / 62.5
    uniform = ((p - q) * np.log(p / q)).sum()
    assert value_parts(table).value.sum() < 0.1 * uniform
    # What is left in bins without events is far inside its own error.
    found = weight_of_evidence(table)
    assert (np.abs(found.value) < 0.1 * found.se)[3:].all()


@pytest.mark.parametrize("mass", [0.5, 2, 10.0])
def test_a_number_is_the_mass_of_each_class(mass):
    shares = smooth_shares(FULL, mass)
    pooled = np.array([52, 262, 38]) / 352
    np.testing.assert_allclose(shares.p, (FULL.events + mass * pooled) / (42 + mass))
    np.testing.assert_allclose(
        shares.q, (FULL.non_events + mass * pooled) / (310 + mass)
    )
    assert not shares.smoothed.any()  # no bin rests on added mass alone


def test_more_mass_pulls_towards_no_evidence():
    values = [
        np.abs(weight_of_evidence(FULL, smoothing=m).value).max()
        for m in (0, 1, 50, 1e6)
    ]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 1e-3


def test_none_names_the_bins():
    with pytest.raises(InfostatError, match=r"\['a', 'c'\] lack a class"):
        smooth_shares(LACKING, "none")
    with pytest.raises(InfostatError, match=r"\['a', 'c'\] lack a class"):
        smooth_shares(LACKING, 0.0)
    np.testing.assert_array_equal(smooth_shares(FULL, "none").p, smooth_shares(FULL).p)


@pytest.mark.parametrize("bad", [-1.0, np.inf, np.nan])
def test_a_mass_must_be_a_number_of_rows(bad):
    with pytest.raises(InfostatError, match="smoothing must be a finite number from 0"):
        smooth_shares(FULL, bad)


@pytest.mark.parametrize("events", [[0, 0], [0.0, 0.0]])
def test_a_class_must_occur(events):
    with pytest.raises(InfostatError, match="pool periods"):
        smooth_shares(CountTable.from_counts(events, [3, 4]))


@given(scale=st.sampled_from([1e-3, 0.1, 7.0, 1e5]), which=st.integers(0, 1))
def test_scale_of_sampling_weights_is_irrelevant(scale, which):
    rows = np.array([[50, 0], [250, 12], [0, 28]])
    weight, squared = rows * 1.5, rows * 3.0
    base = CountTable(rows, weight, squared, ("a", "b", "c"))
    factor = np.where(np.arange(2) == which, scale, 1.0)
    scaled = CountTable(rows, weight * factor, squared * factor**2, ("a", "b", "c"))
    one, two = (smooth_shares(t, weight_type="sampling") for t in (base, scaled))
    for name in ("p", "q", "p_spread", "q_spread"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-10)


def test_equal_sampling_weights_smooth_like_rows():
    rows = LACKING.rows
    heavy = CountTable(rows, rows * 4.0, rows * 16.0, LACKING.labels)
    one, two = smooth_shares(LACKING), smooth_shares(heavy, weight_type="sampling")
    for name in ("p", "q", "p_spread", "q_spread"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-10)
