"""Samples that share no bin: nothing bounds their divergence, but equal they are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from infostat import population_stability_index
from infostat.counts import CountTable
from infostat.inference import measure


@pytest.mark.parametrize(
    ("before", "now"), [([1000, 1000], [0, 2000]), ([40, 30, 30], [0, 0, 90])]
)
def test_equality_is_tested_where_no_bin_holds_both(before, now):
    with pytest.warns(match="were merged"):
        found = population_stability_index(before, now)
    assert found.interval() == (0.0, np.inf)
    exact = chi2_contingency([before, now], correction=False).pvalue
    assert found.p_value() == pytest.approx(exact, rel=1e-6, abs=1e-300)
    assert found.p_value() < 1e-9
    assert found.p_value(0.1, "greater") == 1.0


def test_weights_scale_the_test():
    ones = CountTable.from_counts([0.0, 80.0], [40.0, 40.0])
    twice = CountTable.from_counts([0.0, 160.0], [80.0, 80.0])
    assert measure(twice, name="").p_zero < measure(ones, name="").p_zero < 1e-6
    fixed = measure(ones, reference="fixed", name="").p_zero
    assert fixed < measure(ones, name="").p_zero


def test_size_where_a_bin_often_lacks_a_class():
    rng = np.random.default_rng(0)
    n, rejected, collapsed = 1500, 0, 0
    for _ in range(n):
        counts = rng.multinomial(40, [0.13, 0.87], size=2)
        found = measure(CountTable.from_counts(*counts), name="")
        rejected += found.p_zero < 0.05
        collapsed += bool((counts == 0).any())
    assert collapsed > 5
    assert rejected / n < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n)
