"""Public data sets: figures recomputed by another road, row by row."""

from __future__ import annotations

import math
import os
import warnings
from functools import cache

import narwhals.stable.v2 as nw
import numpy as np
import pytest

from infostat import (
    InfostatWarning,
    ScorecardClassifier,
    WOEEncoder,
    information_value,
    population_stability_index,
)
from infostat.datasets import load_adult, load_german_credit, load_taiwan_default

pytestmark = pytest.mark.skipif(
    not os.environ.get("INFOSTAT_DATA"),
    reason="INFOSTAT_DATA does not name a folder with the public data sets",
)
LOADERS = {
    "german": load_german_credit,
    "taiwan": load_taiwan_default,
    "adult": load_adult,
}
sets = pytest.mark.parametrize("name", list(LOADERS))


@cache
def encoded(name):
    """Features, target and the fitted encoder of a set; sparse bins may warn."""
    data = LOADERS[name]()
    frame = nw.from_native(data.frame, eager_only=True)
    X = frame.select(data.features).to_native()
    y = (frame.get_column(data.target) == data.event).to_numpy().astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        return X, y, WOEEncoder().fit(X, y)


def bin_of(bins, value):
    """One value at a time, from the documented rules."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return bins.missing_to
    if bins.groups is None:
        return bins.first + sum(float(value) > cut for cut in bins.cuts)
    text = str(int(value)) if isinstance(value, float) else str(value)
    for k, group in enumerate(bins.groups):
        if text in group:
            return bins.first + k
    return bins.unseen


def counted(bins, values, y):
    counts = [[0, 0] for _ in range(bins.n_bins)]
    seen = {}
    for value, label in zip(values, y.tolist(), strict=True):
        if value not in seen:
            seen[value] = bin_of(bins, value)
        counts[seen[value]][label] += 1
    return counts


@pytest.mark.slow
@sets
def test_evidence_and_values_by_an_independent_loop(name):
    X, y, encoder = encoded(name)
    frame = nw.from_native(X, eager_only=True)
    compared = 0
    for feature, bins in encoder.bins_.items():
        counts = counted(bins, frame.get_column(feature).to_list(), y)
        assert counts == encoder.tables_[feature].rows.tolist(), feature
        filled = [c for c in counts if sum(c)]
        if any(0 in c for c in filled):
            continue  # smoothed; tested elsewhere
        good, bad = (sum(c[k] for c in filled) for k in (0, 1))
        woe = [math.log((g / good) / (b / bad)) if g else 0.0 for g, b in counts]
        np.testing.assert_allclose(encoder.woe_[feature], woe, rtol=0, atol=1e-12)
        if encoder.iv_[feature].n_merged:
            continue
        value = math.fsum(
            (g / good - b / bad) * w for (g, b), w in zip(counts, woe, strict=True)
        )
        assert encoder.iv_[feature].plug_in == pytest.approx(value, abs=1e-12)
        compared += 1
    assert compared > 0.6 * len(encoder.bins_)


@sets
def test_information_value_is_stability_between_the_classes(name):
    _, _, encoder = encoded(name)
    for table in encoder.tables_.values():
        iv = information_value(table, name="")
        psi = population_stability_index(table, name="")
        swapped = population_stability_index(
            table.select(np.arange(table.n_bins)), name=""
        )
        assert iv.value == psi.value == swapped.value
        assert iv.interval() == psi.interval()
        filled = table.weight.sum(axis=1) > 0
        if iv.n_merged == 0:
            by_counts = population_stability_index(
                table.non_events[filled], table.events[filled], name=""
            )
            assert by_counts.value == pytest.approx(iv.value, abs=1e-14)


def jeffreys(counts):
    shares = counts / counts.sum(axis=-2, keepdims=True)
    p, q = shares[..., 1], shares[..., 0]
    return ((p - q) * np.log(p / q)).sum(axis=-1)


@sets
def test_standard_errors_of_large_values_equal_the_bootstrap(name):
    # Bins fixed, rows resampled: a multinomial over the table's cells.
    _, _, encoder = encoded(name)
    rng = np.random.default_rng(0)
    compared = 0
    for feature, iv in encoder.iv_.items():
        table = encoder.tables_[feature].drop_empty()
        cells = table.rows.astype(float)
        if iv.value < 0.15 or iv.n_merged or cells.min() < 10:
            continue
        n = int(cells.sum())
        draws = rng.multinomial(n, (cells / n).ravel(), size=300)
        spread = jeffreys(draws.reshape(300, *cells.shape).astype(float)).std(ddof=1)
        assert iv.se == pytest.approx(spread, rel=0.1), feature
        compared += 1
    assert compared >= 2


@pytest.mark.slow
@sets
@pytest.mark.filterwarnings("ignore::infostat.exceptions.InfostatWarning")
def test_cards_of_real_data_are_whole(name):
    X, y, encoder = encoded(name)
    card = ScorecardClassifier().fit(X, y)
    assert card.bins_ == encoder.bins_
    points, p = card.predict_points(X), card.predict_proba(X)[:, 1]
    # The regression has an intercept: fitted rates add up to the events.
    assert p.mean() == pytest.approx(y.mean(), rel=1e-5)
    assert np.corrcoef(points, p)[0, 1] < -0.7
    again = ScorecardClassifier.from_json(card.to_json())
    np.testing.assert_array_equal(again.predict_points(X), points)
    np.testing.assert_array_equal(again.predict_proba(X)[:, 1], p)
    low, high = card.predict_interval(X)
    assert ((low <= p) & (p <= high)).all()
