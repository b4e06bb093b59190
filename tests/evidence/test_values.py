"""IV, PSI and divergences of counts: closed forms, identities, parts, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infostat import information_value, population_stability_index
from infostat.counts import CountTable, tabulate_pairs
from infostat.evidence import divergence, value_parts
from infostat.exceptions import InfostatError, InfostatWarning

EVENTS, OTHERS = np.array([60.0, 180, 360]), np.array([800.0, 600, 400])
P, Q = EVENTS / 600, OTHERS / 1800

counts = st.lists(st.integers(100, 500), min_size=2, max_size=6)


def pairs(draw):
    events = draw(counts)
    size = len(events)
    return events, draw(st.lists(st.integers(100, 500), min_size=size, max_size=size))


def test_value_is_the_sum_of_its_definition():
    found = information_value(EVENTS, OTHERS)
    expected = ((P - Q) * np.log(P / Q)).sum()
    assert found.plug_in == pytest.approx(expected, rel=1e-12)
    bias = (1 + (Q / P).sum()) / 1200 + (1 + (P / Q).sum()) / 3600
    assert found.value == pytest.approx(expected - bias, rel=1e-12)
    assert found.n == 2400


@given(data=st.data())
def test_psi_iv_and_jeffreys_are_one_number(data):
    events, others = pairs(data.draw)
    iv = information_value(events, others).plug_in
    psi = population_stability_index(others, events).plug_in
    p, q = np.array(events) / sum(events), np.array(others) / sum(others)
    both = (p * np.log(p / q)).sum() + (q * np.log(q / p)).sum()
    assert iv == psi
    assert iv == pytest.approx(both, rel=1e-9, abs=1e-12)
    # PSI is symmetric, errors included.
    back = population_stability_index(events, others)
    assert back.plug_in == pytest.approx(psi, rel=1e-9, abs=1e-14)
    assert back.interval() == pytest.approx(
        information_value(events, others).interval(), rel=1e-6, abs=1e-9
    )


@given(data=st.data())
def test_order_of_bins_and_name_of_classes_do_not_matter(data):
    events, others = pairs(data.draw)
    base = information_value(events, others)
    turned = information_value(events[::-1], others[::-1])
    swapped = information_value(others, events)
    for other in (turned, swapped):
        assert other.plug_in == pytest.approx(base.plug_in, rel=1e-9, abs=1e-14)
        assert other.variance == pytest.approx(base.variance, rel=1e-9, abs=1e-14)
        assert other.bias == pytest.approx(base.bias, rel=1e-9)


@given(data=st.data())
def test_a_bin_split_in_equal_ratio_keeps_the_value(data):
    events, others = pairs(data.draw)
    split = [np.r_[x[0] / 2, x[0] / 2, x[1:]] for x in (events, others)]
    base, fine = (
        information_value(events, others),
        information_value(*split, minimum_expected=0),
    )
    assert fine.plug_in == pytest.approx(base.plug_in, rel=1e-9, abs=1e-14)
    assert fine.variance == pytest.approx(base.variance, rel=1e-9, abs=1e-14)
    assert fine.bias > base.bias


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("kl", (P * np.log(P / Q)).sum()),
        ("reverse_kl", (Q * np.log(Q / P)).sum()),
        ("jeffreys", ((P - Q) * np.log(P / Q)).sum()),
        ("hellinger", 1 - np.sqrt(P * Q).sum()),
        ("pearson", ((P - Q) ** 2 / Q).sum()),
        ("neyman", ((P - Q) ** 2 / P).sum()),
        ("triangular", ((P - Q) ** 2 / (P + Q)).sum()),
    ],
)
def test_divergence_by_name(kind, expected):
    found = divergence(EVENTS, OTHERS, kind)
    assert found.plug_in == pytest.approx(expected, rel=1e-12)
    assert found.variance > 0
    assert found.bias > 0


def test_parts_sum_to_the_plug_in():
    table = CountTable.from_counts(EVENTS, OTHERS)
    parts = value_parts(table)
    np.testing.assert_allclose(parts.value, (P - Q) * np.log(P / Q), rtol=1e-12)
    assert parts.value.sum() == pytest.approx(information_value(table).plug_in)
    a = np.log(P / Q) + 1 - Q / P
    b = -np.log(P / Q) + 1 - P / Q
    expected = a**2 * P * (1 - P) / 600 + b**2 * Q * (1 - Q) / 1800
    np.testing.assert_allclose(parts.se**2, expected, rtol=1e-10)


def test_parts_of_empty_and_lacking_bins():
    table = CountTable.from_counts([0, 12, 0, 28], [50, 250, 0, 0])
    parts = value_parts(table)
    assert (parts.value[2], parts.se[2]) == (0.0, 0.0)
    assert parts.smoothed.tolist() == [True, False, False, True]
    assert (parts.value >= 0).all()
    assert np.isfinite(parts.se).all()
    with pytest.raises(InfostatError, match="lack a class"):
        value_parts(table, smoothing="none")


def test_tables_and_vectors_are_the_same_and_classes_are_in_order():
    """Expected is class 0, actual class 1: a fixed reference shows which is which."""
    table = CountTable.from_counts(EVENTS, OTHERS)
    by_table = population_stability_index(table, reference="fixed")
    by_vector = population_stability_index(OTHERS, EVENTS, reference="fixed")
    assert by_table.variance == by_vector.variance
    a = np.log(P / Q) + 1 - Q / P
    expected = (P * (a - (P * a).sum()) ** 2).sum() / 600
    assert by_vector.variance == pytest.approx(expected, rel=1e-10)
    other_way = population_stability_index(EVENTS, OTHERS, reference="fixed")
    assert other_way.variance != pytest.approx(by_vector.variance, rel=0.1)


def test_psi_of_the_same_accounts():
    moves = np.diag([200.0, 300, 250]) + 10
    found = population_stability_index(tabulate_pairs(moves))
    assert found.n == moves.sum() * 2
    assert found.plug_in == pytest.approx(0.0, abs=1e-12)


def test_names_in_errors_are_those_of_the_arguments():
    with pytest.raises(InfostatError, match="actual holds -1"):
        population_stability_index([1, 2], [-1, 2])
    with pytest.raises(InfostatError, match="expected holds nan"):
        population_stability_index([np.nan, 2], [1, 2])
    with pytest.raises(InfostatError, match="actual must be a non-empty vector"):
        population_stability_index([1, 2])
    with pytest.raises(InfostatError, match="q_counts holds"):
        divergence([1, 2], [1, -2])
    with pytest.raises(InfostatError, match="'tv' has no second derivative"):
        divergence([50, 60], [70, 80], "tv")


def test_warnings_name_the_feature():
    with pytest.warns(InfostatWarning, match="Feature 'income': 1 sparse"):
        information_value([30, 40, 2], [300, 400, 5], name="income")
    with pytest.warns(InfostatWarning, match="The table: 1 sparse"):
        information_value([30, 40, 2], [300, 400, 5])
    assert information_value([30, 40, 2], [300, 400, 5], name="").n_merged == 1


def test_missing_stands_alone_where_it_is_large_enough():
    events, others = [20, 30, 3, 60], [300, 300, 20, 300]
    ordered = information_value(events, others, ordered_from=1, name="")
    merged = information_value([20, 33, 60], [300, 320, 300])
    assert ordered.plug_in == pytest.approx(merged.plug_in, rel=1e-12)
    levels = information_value(events, others, ordered_from=4, name="")
    rarest = information_value([23, 30, 60], [320, 300, 300])
    assert levels.plug_in == pytest.approx(rarest.plug_in, rel=1e-12)
