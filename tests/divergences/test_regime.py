"""The critical bandwidth against its equation and against simulated weights."""

from __future__ import annotations

import numpy as np
import pytest

from infostat.divergences import kernel_regime
from infostat.exceptions import InfostatError


@pytest.fixture(scope="module")
def X():  # noqa: N802
    return np.random.default_rng(0).normal(size=(2980, 20))


def test_figures_of_twenty_dimensions(X):
    found = kernel_regime(X, rng=0)
    assert found.critical_bandwidth == pytest.approx(0.745, abs=0.001)
    assert found.normal_bandwidth == pytest.approx(1.054, abs=0.001)
    # Silverman's rule lies where two or three points decide.
    assert found.bandwidth == pytest.approx(0.667, abs=0.001)
    assert found.verdict == "copying"


def test_critical_bandwidth_solves_its_equation(X):
    h = kernel_regime(X, 1.0, rng=0).critical_bandwidth
    rate = 0.5 * np.log(1 + 1 / h**2) - h**2 / (2 * (1 + h**2) ** 2)
    assert rate == pytest.approx(np.log(2980) / 20, rel=1e-9)


def test_bandwidths_mark_the_regimes_they_name(X):
    below = kernel_regime(X, 0.6, rng=0)
    critical = kernel_regime(X, 0.745, rng=0)
    normal = kernel_regime(X, 1.054, rng=0)
    above = kernel_regime(X, 1.4, rng=0)
    points = [np.median(f.effective_points) for f in (below, critical, normal, above)]
    assert points[0] < 3 < points[1] < 6
    assert 15 < points[2] < 40 < 100 < points[3]
    assert normal.largest_share.mean() < 0.2 < below.largest_share.mean()
    assert above.verdict == "averaging"


def test_weights_against_direct_sums():
    X = np.random.default_rng(1).normal(size=(60, 2))
    found = kernel_regime(X, 0.5, n_queries=60, rng=0)
    centred = (X - X.mean(axis=0)) / X.std(axis=0)
    root = np.linalg.cholesky(np.linalg.inv(centred.T @ centred / 60))
    white = centred @ root
    expected = []
    for i in range(60):
        others = np.delete(white, i, axis=0)
        w = np.exp(-((others - white[i]) ** 2).sum(axis=1) / (2 * 0.25))
        expected.append(w.sum() ** 2 / (w**2).sum())
    assert np.sort(found.effective_points) == pytest.approx(np.sort(expected))


def test_correlation_and_units_do_not_matter(X):
    mixed = X @ np.random.default_rng(2).normal(size=(20, 20)) * 1e4
    one, two = kernel_regime(X, 0.8, rng=0), kernel_regime(mixed, 0.8, rng=0)
    assert two.effective_points == pytest.approx(one.effective_points, rel=1e-5)
    assert two.critical_bandwidth == one.critical_bandwidth


def test_repeated_and_constant_columns_are_no_dimensions(X):
    wide = np.column_stack([X, X[:, 0], np.ones(len(X))])
    assert kernel_regime(wide, rng=0).dimension == 20


@pytest.mark.parametrize(
    ("X", "options", "words"),
    [
        (np.ones((20, 2)), {}, "varies"),
        (np.arange(5.0), {}, "10 rows"),
        (np.r_[np.arange(20.0), np.nan], {}, "Column 0"),
        (np.arange(20.0), {"bandwidth": 0.0}, "positive"),
    ],
)
def test_refusals(X, options, words):
    with pytest.raises(InfostatError, match=words):
        kernel_regime(X, **options)
