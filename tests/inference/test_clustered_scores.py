"""Ranking and calibration of rows that come in clusters, against loops and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit

from infostat.counts import tabulate_clusters
from infostat.inference import ScoreTable, area_under_roc, calibrate


@pytest.fixture(scope="module")
def rows():
    """Fifty clusters of about eight rows, in both classes and many values."""
    rng = np.random.default_rng(2)
    cluster = rng.integers(0, 50, 400)
    x = np.round(rng.normal(size=50)[cluster] + 0.7 * rng.normal(size=400), 1)
    y = (rng.random(400) < expit(0.8 * x - 0.5)).astype(np.uint8)
    return expit(x), y, cluster


def table_of(p, y, cluster):
    values, place = np.unique(p, return_inverse=True)
    labels = tuple(map(str, values))
    found = tabulate_clusters(place, y, cluster, labels)
    weight = found.table.weight
    return ScoreTable(values, weight, weight, place, found.products)


def test_area_sums_placements_within_clusters(rows):
    p, y, cluster = rows
    found = area_under_roc(table_of(*rows))
    wins = (p[y == 1][:, None] > p[y == 0]) + 0.5 * (p[y == 1][:, None] == p[y == 0])
    area = wins.mean()
    worth = np.empty(len(p))
    worth[y == 1] = (wins.mean(axis=1) - area) / (y == 1).sum()
    worth[y == 0] = (wins.mean(axis=0) - area) / (y == 0).sum()
    sums = [worth[cluster == k].sum() for k in range(50)]
    assert found.value == pytest.approx(area)
    assert found.se == pytest.approx(np.sqrt(np.sum(np.square(sums))), rel=1e-9)
    turned = area_under_roc(-table_of(*rows))
    assert (turned.value, turned.se) == pytest.approx((1 - area, found.se))


def test_calibration_has_the_clustered_sandwich_of_statsmodels(rows):
    p, y, cluster = rows
    found = calibrate(table_of(*rows))
    design, options = sm.add_constant(logit(p)), {"use_correction": False}
    for model, k, estimate in (
        (sm.GLM(y, design, sm.families.Binomial()), 1, found.slope),
        (
            sm.GLM(y, np.ones(400), sm.families.Binomial(), offset=logit(p)),
            0,
            found.intercept,
        ),
    ):
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": cluster, **options})
        assert estimate.value == pytest.approx(fit.params[k], rel=1e-6)
        assert estimate.se == pytest.approx(fit.bse[k], rel=1e-5)
    loss = (p - y) ** 2
    excess = loss - loss.mean()
    sums = [excess[cluster == k].sum() for k in range(50)]
    error = np.sqrt(np.sum(np.square(sums))) / 400
    assert found.brier.se == pytest.approx(error, rel=1e-9)
    # The score test: sums of residuals of clusters at the predictions themselves.
    parts = [design[cluster == k].T @ (y - p)[cluster == k] for k in range(50)]
    middle = sum(np.outer(s, s) for s in parts)
    score = np.sum(parts, axis=0)
    assert found.statistic == pytest.approx(score @ np.linalg.solve(middle, score))
