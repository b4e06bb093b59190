"""Counts of the score at fit: bands of equal size that survive the document."""

from __future__ import annotations

import json

import numpy as np
import pytest

from infostat import ScorecardClassifier
from infostat.exceptions import DocumentError
from infostat.scorecard.score_counts import read_score_counts, write_score_counts
from infostat.scorecard.scorecard import Scorecard


def test_bands_are_deciles_of_distinct_scores():
    rng = np.random.default_rng(0)
    points, events = rng.normal(size=1000), rng.integers(0, 2, 1000)
    bins, table = read_score_counts(
        {"score_counts": write_score_counts(points, events)}
    )
    sizes = table.rows[bins.first :].sum(axis=1)
    assert len(sizes) == 10
    assert np.abs(sizes - 100).max() <= 1
    assert table.rows.sum(axis=0).tolist() == [1000 - events.sum(), events.sum()]


@pytest.mark.parametrize("points", [[5.0] * 20, [1.0] * 19 + [2.0], [1.0] + [2.0] * 19])
def test_tied_scores_are_not_split(points):
    points = np.array(points)
    bins, table = read_score_counts(
        {"score_counts": write_score_counts(points, np.zeros(20, dtype=int))}
    )
    for value in np.unique(points):
        assert len(set(bins.codes(points[points == value]).tolist())) == 1
    assert table.rows.sum() == 20


def test_a_card_keeps_the_counts_of_its_own_scores():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(800, 2))
    y = (rng.random(800) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(int)
    card = ScorecardClassifier(rounding=None).fit(X, y)
    loaded = Scorecard.from_json(card.card_.to_json())
    bins, table = read_score_counts(loaded.audit)
    codes = bins.codes(card.predict_points(X))
    for label in (0, 1):
        counted = np.bincount(codes[y == label], minlength=bins.n_bins)
        np.testing.assert_array_equal(table.rows[:, label], counted)
    weighted = ScorecardClassifier().fit(X, y, sample_weight=np.ones(800))
    assert read_score_counts(weighted.card_.audit) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"cuts": ["x"]},
        {"cuts": [2, 1]},
        {"events": [1]},
        {"events": -1},
        {"non_events": None},
    ],
)
def test_damage_is_refused(damage):
    stored = write_score_counts(np.arange(50.0), np.arange(50) % 2)
    if damage.get("events") == -1:
        damage = {"events": [-1] * 10}
    altered = json.loads(json.dumps({**stored, **damage}))
    with pytest.raises(DocumentError, match="score counts"):
        read_score_counts({"score_counts": altered})
