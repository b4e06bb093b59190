"""Cross tables against products of indicators, and what is read off them row by row."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from infostat.counts import CountTable
from infostat.evidence import smooth_shares
from infostat.scorecard import cross_tables as module
from infostat.scorecard.cross_tables import cross_tables
from infostat.scorecard.design import summed_values
from infostat.scorecard.effects import evidence_effects
from infostat.scorecard.logistic import LogisticFit


def coded(n_rows, n_bins, seed=0):
    """Codes of every feature, and the indicators of all bins side by side."""
    rng = np.random.default_rng(seed)
    codes = [rng.integers(0, bins, n_rows).astype(np.uint8) for bins in n_bins]
    pairs = zip(n_bins, codes, strict=True)
    return codes, np.hstack([np.eye(bins)[code] for bins, code in pairs]), rng


@pytest.mark.parametrize("n_bins", [(3,), (4, 1, 5), (9, 9, 2, 200, 7), (2,) * 11])
@pytest.mark.parametrize("block", [1, 64, 10_000])
def test_cross_tables_are_products_of_indicators(n_bins, block, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", block)
    codes, z, rng = coded(300, n_bins)
    weight = rng.normal(size=300)
    found = cross_tables(codes, n_bins, [None, weight])
    np.testing.assert_array_equal(found[0], z.T @ z)
    np.testing.assert_allclose(found[1], (z.T * weight) @ z, atol=1e-12)


def test_values_of_bins_are_summed_over_the_features():
    codes, z, rng = coded(500, (3, 6, 2))
    values = [rng.normal(size=bins) for bins in (3, 6, 2)]
    np.testing.assert_allclose(
        summed_values(codes, values), z @ np.concatenate(values), atol=1e-14
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_effects_sum_the_influences_of_all_rows(weighted):
    n_bins, n_rows = (4, 1, 6, 5), 900
    codes, z, rng = coded(n_rows, n_bins, seed=3)
    y = (rng.random(n_rows) < expit(0.4 * codes[0] - 1.5)).astype(np.uint8)
    weight = rng.integers(0, 4, n_rows).astype(float) if weighted else None
    w = np.ones(n_rows) if weight is None else weight
    evidence, shares = [], []
    for code, bins in zip(codes, n_bins, strict=True):
        counts = np.stack([np.bincount(code, w * (y == k), bins + 1) for k in (0, 1)])
        table = CountTable.from_counts(counts[1], counts[0])  # the last bin is empty
        shares.append(smooth_shares(table))
        evidence.append(np.zeros(bins + 1))
        evidence[-1][shares[-1].filled] = np.log(shares[-1].p / shares[-1].q)
    z = np.hstack([np.eye(b + 1)[c] for c, b in zip(codes, n_bins, strict=True)])
    used = np.array([True, False, True, True])
    fit = LogisticFit(-1.2, np.array([0.9, 0.0, 0.4, -0.3]), used, maximum=True)
    found = evidence_effects(fit, codes, evidence, shares, y, weight)

    # One row after the other, by the formulas of the docstring.
    feature = np.repeat(np.arange(4), [bins + 1 for bins in n_bins])
    every = np.concatenate(evidence)
    by_feature = np.eye(4)[feature]
    x = np.column_stack([np.ones(n_rows), (z * every) @ by_feature])
    p = expit(fit.intercept + x[:, 1:] @ fit.coefficients)
    slope = fit.coefficients[feature]
    kept = np.flatnonzero(np.r_[True, used])
    inverse = np.zeros((5, 5))
    information = (x.T * (w * p * (1 - p))) @ x
    inverse[np.ix_(kept, kept)] = np.linalg.inv(information[np.ix_(kept, kept)])
    derivative = -((x.T * (w * p * (1 - p))) @ z) * slope
    derivative[feature + 1, np.arange(len(feature))] += (w * (y - p)) @ z
    filled = np.concatenate([s.filled for s in shares])
    steps, bases = np.zeros((2, len(feature))), np.zeros((2, len(feature)))
    for label, sign in ((0, -1), (1, 1)):
        share = np.concatenate([s.p if label else s.q for s in shares])
        steps[label, filled] = sign / ((w * (y == label)).sum() * share)
        bases[label] = sign * filled / (w * (y == label)).sum()
    omega = z * steps[y] - bases[y]
    beta = (x * (y - p)[:, None] + omega @ derivative.T) @ inverse
    effect = beta[:, 1:][:, feature] * every + slope * omega * filled
    moves = np.column_stack([beta[:, 0], effect])
    np.testing.assert_allclose(
        found.coefficient_covariance, (beta.T * w) @ beta, rtol=1e-11, atol=1e-16
    )
    np.testing.assert_allclose(
        found.covariance, (moves.T * w) @ moves, rtol=1e-10, atol=1e-16
    )
