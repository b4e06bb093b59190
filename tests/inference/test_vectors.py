"""Figures computed apart from the package, case by case (source in the file)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from infostat import information_value, population_stability_index, weight_of_evidence
from infostat.counts import CountTable
from infostat.evidence import value_parts
from infostat.inference import measure

CASES = json.loads(Path(__file__).with_name("vectors.json").read_text())["cases"]
every = pytest.mark.parametrize("case", CASES, ids=lambda c: f"{len(c['events'])} bins")


def close(value, **tolerance):
    return pytest.approx(value, **({"rel": 1e-9, "abs": 1e-13} | tolerance))


@every
def test_value_variance_and_bias(case):
    found = information_value(case["events"], case["non_events"])
    assert found.plug_in == close(case["j"])
    assert found.variance == close(case["v1"])
    assert found.bias == close(case["bias"])
    assert found.corrected == close(case["j_corrected"])
    assert found.value == close(max(0.0, case["j_corrected"]))
    assert found.se == close(case["std_error"])
    assert 2 * (found.n_bins - 1) * found.null_scale**2 == close(case["v2"])
    assert found.n_bins == len(case["events"])
    assert found.n_merged == 0


@every
def test_law_and_interval(case):
    found = information_value(case["events"], case["non_events"])
    assert found.scale == close(case["scale"])
    assert found.df == close(case["df"])
    low, high = found.interval(0.95)
    assert low == close(case["conf_low_95"], abs=1e-12)
    assert high == close(case["conf_high_95"])


@every
def test_p_values(case):
    """Far tails included: the smallest is below 1e-80."""
    found = population_stability_index(case["non_events"], case["events"])
    assert found.p_zero == close(case["p_zero_pearson"], abs=0)
    assert found.p_value() == found.p_zero
    assert found.p_zero_plug_in == close(case["p_zero_jeffreys"], abs=0)
    assert found.p_value(0.02, "greater") == close(case["p_at_most_002"], abs=0)
    assert found.p_value(0.1, "less") == close(case["p_at_least_01"], abs=0)


@every
def test_parts_and_weights_of_evidence(case):
    table = CountTable.from_counts(case["events"], case["non_events"])
    np.testing.assert_allclose(
        value_parts(table).value, case["j_parts"], rtol=1e-9, atol=1e-15
    )
    woe = weight_of_evidence(table)
    np.testing.assert_allclose(woe.value, case["woe"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(woe.se, case["woe_se"], rtol=1e-9)


@every
def test_psi_iv_and_the_jeffreys_divergence_are_one_function(case):
    table = CountTable.from_counts(case["events"], case["non_events"])
    values = [
        information_value(case["events"], case["non_events"]),
        population_stability_index(case["non_events"], case["events"]),
        measure(table, "jeffreys"),
    ]
    assert len({v.plug_in for v in values}) == 1
    assert len({v.variance for v in values}) == 1
    assert values[0].plug_in == close(value_parts(table).value.sum(), rel=1e-12)
