"""Published simulation rows, rebuilt; the long run is benchmarks.samplesize."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.samplesize_cases import cases, losses

# case: errors of the leading term, two terms and the Padé form, repetitions.
PUBLISHED = {
    ("logit, p = 5", 60): (-0.266, -0.064, 0.012, 250),
    ("logit, p = 5", 120): (-0.137, -0.019, None, 250),
    ("logit, p = 5, in-sample", 120): (-0.097, -0.010, None, 250),
    ("Poisson, p = 5", 30): (-0.283, -0.092, -0.022, 400),
    ("Poisson, p = 5", 60): (-0.138, -0.023, None, 300),
    ("linear, p = 5", 30): (-0.191, -0.038, -0.002, 400),
    ("scorecard 8 x 6 bins, 10 %", 3000): (-0.071, -0.010, -0.005, 40),
}
CASES = {(case.name, case.n): case for case in cases()}


def test_every_row_is_tried():
    assert set(CASES) == set(PUBLISHED)


@pytest.mark.parametrize("key", PUBLISHED, ids=str)
def test_published_row(key):
    lead, two, pade, repeats = PUBLISHED[key]
    case = CASES[key]
    found, lost = losses(case, repeats, seed=4)
    se = found.std() / np.sqrt(len(found))
    assert lost <= 0.05
    margin = 3 * np.hypot(se, case.error) + case.tolerance * case.published
    assert abs(found.mean() - case.published) < margin
    # The published errors rest on a published mean with an error of its own.
    noise = 2 * case.error / case.published + 0.003
    e = case.expansion()
    for order, error in ((1, lead), (2, two), ("pade", pade)):
        if error is not None:
            gap = e.risk(case.n, order) / case.published - 1
            assert gap == pytest.approx(error, abs=noise)
