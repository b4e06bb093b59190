"""Reason codes: by hand, against plain loops, and in the edge cases that they define."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from infostat import Bins, InfostatError, OptimalBinner, Scorecard, ScorecardClassifier
from infostat.scorecard.reasons import baseline_points


def credit(n=1_500, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "z": rng.normal(size=n).round(1),
            "job": rng.choice(["a", "b", "c"], n),
            "w": rng.normal(size=n),
        }
    )
    eta = -1 + X["x"] - 0.5 * X["z"] + (X["job"] == "c")
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-eta))).astype(int).to_numpy()
    X.loc[rng.uniform(size=n) < 0.1, "x"] = np.nan
    return X, y


@pytest.fixture(scope="module")
def fitted():
    X, y = credit()
    return ScorecardClassifier().fit(X, y), X


def by_hand(card, X, n, aim):
    """Plain loops over rows and features."""
    out = []
    codes = card.codes(X)
    for i in range(len(X)):
        losses = []
        for name, feature in card.features.items():
            lost = aim[name] - feature.points[codes[name][i]]
            if lost > 1e-9:
                losses.append((-round(lost, 9), -feature.value["estimate"], name))
        for rank, (lost, _, name) in enumerate(sorted(losses)[:n], start=1):
            label = card.features[name].bins.labels[codes[name][i]]
            out.append((i, rank, name, label, -lost))
    return out


@pytest.mark.parametrize("baseline", ["maximum", "mean", "neutral"])
@pytest.mark.parametrize("n", [1, 3, 9])
def test_reasons_equal_plain_loops(fitted, baseline, n):
    card, X = fitted
    rows = X.head(200)
    aim = dict(
        zip(card.card_.features, baseline_points(card.card_, baseline), strict=True)
    )
    found = card.reason_codes(rows, n, baseline=baseline)
    given = found[["row", "rank", "feature", "bin", "points_lost"]]
    assert [tuple(r) for r in given.itertuples(index=False)] == by_hand(
        card.card_, rows, n, aim
    )
    np.testing.assert_allclose(
        found["baseline"] - found["points"], found["points_lost"]
    )
    assert (found["points_lost"] > 0).all()


def test_the_three_baselines_by_hand(fitted):
    card, X = fitted
    data = card.card_
    codes = data.codes(X)
    exact = ScorecardClassifier(rounding=None).fit(X, credit()[1]).card_
    for k, (name, feature) in enumerate(data.features.items()):
        row_points = feature.points[codes[name]]
        assert baseline_points(data, "mean")[k] == pytest.approx(row_points.mean())
        values = codes[name] >= feature.bins.first
        assert baseline_points(data, "maximum")[k] == row_points[values].max()
        # Neutral points belong to a bin of the evidence zero.
        one = exact.features[name]
        slope = np.polyfit(one.woe, one.points, 1)
        assert baseline_points(exact, "neutral")[k] == pytest.approx(slope[1])
        assert baseline_points(data, "neutral")[k] == round(slope[1])


def tied_card():
    """Two features with the same table, hence the same points and value."""
    x = np.repeat([0.0, 1.0], 200)
    y = np.r_[np.ones(40), np.zeros(160), np.ones(100), np.zeros(100)].astype(int)
    X = pd.DataFrame({"b": x, "a": x})
    fixed = {name: Bins.numeric(name, [0.5]) for name in X}
    with pytest.warns(UserWarning, match="collinear"):
        card = ScorecardClassifier(OptimalBinner(fixed_bins=fixed)).fit(X, y)
    return card, X


def test_equal_losses_go_by_name_when_values_are_equal_too():
    card, X = tied_card()
    found = card.reason_codes(X.tail(1))
    assert found["points_lost"].nunique() == 1
    assert found["feature"].tolist() == ["a", "b"]
    # The riskier bin is the upper one; the lower one has nothing to explain.
    assert len(card.reason_codes(X.head(3))) == 0


def test_missing_and_unseen_are_bins_like_others(fitted):
    card, _ = fitted
    row = pd.DataFrame({"x": [np.nan], "z": [0.0], "job": ["pilot"], "w": [0.0]})
    found = card.reason_codes(row, 9).set_index("feature")
    assert found.loc["x", "bin"] == "missing"
    assert found.loc["job", "bin"] == "unseen"
    neutral = dict(
        zip(card.card_.features, baseline_points(card.card_, "neutral"), strict=True)
    )
    assert found.loc["job", "points"] == neutral["job"]


def test_missing_is_no_aim_unless_there_is_nothing_else():
    rng = np.random.default_rng(0)
    x = rng.normal(size=1_000)
    x[:400] = np.nan
    # Missing applicants are the safest.
    y = np.where(
        np.isnan(x), rng.random(1_000) < 0.05, rng.random(1_000) < 0.4 + 0.1 * x
    )
    X = pd.DataFrame({"x": x})
    card = ScorecardClassifier().fit(X, y.astype(int))
    points = card.points_["x"]
    assert points[0] == points.max()
    assert baseline_points(card.card_)[0] == points[card.bins_["x"].first :].max()
    assert len(card.reason_codes(X.head(1))) == 0
    alone = pd.DataFrame({"x": np.full(1_000, np.nan)})
    nothing = ScorecardClassifier().fit(alone, y.astype(int))
    assert baseline_points(nothing.card_)[0] == nothing.points_["x"][0]


def test_a_feature_listed_always_comes_after_the_others(fitted):
    card, X = fitted
    rows = X.head(100)
    plain = card.reason_codes(rows, 1)
    more = card.reason_codes(rows, 1, always=["job"])
    every = card.reason_codes(rows, 9)
    lost = every[every["feature"] == "job"]
    assert len(lost) > 10
    # Once a row, whether among the first or added.
    assert (more[more["feature"] == "job"].row.tolist()) == lost.row.tolist()
    first = more[more["rank"] == 1].reset_index(drop=True)
    assert set(plain.row) <= set(first.row)


def test_blocks_do_not_show(fitted, monkeypatch):
    card, X = fitted
    whole = card.reason_codes(X)
    monkeypatch.setattr("infostat.scorecard.reasons.BLOCK", 97)
    pd.testing.assert_frame_equal(card.reason_codes(X), whole)


def test_frames_arrays_and_documents(fitted):
    card, X = fitted
    saved = Scorecard.from_json(card.to_json())
    pd.testing.assert_frame_equal(saved.reason_codes(X), card.reason_codes(X))
    pl = pytest.importorskip("polars")
    found = card.reason_codes(pl.from_pandas(X))
    assert isinstance(found, pl.DataFrame)
    assert found["feature"].to_list() == card.reason_codes(X)["feature"].tolist()
    numbers = X[["x", "z"]].to_numpy()
    y = credit()[1]
    array = ScorecardClassifier().fit(numbers, y)
    assert set(array.reason_codes(numbers)["feature"]) == {"x0", "x1"}
    assert len(card.reason_codes(X.iloc[:0])) == 0


def test_one_hot_cards_have_no_neutral_bin(fitted):
    X, y = credit()
    card = ScorecardClassifier(encoding="onehot").fit(X, y)
    assert len(card.reason_codes(X.head(5), baseline="mean")) > 0
    with pytest.raises(InfostatError, match=r"onehot.*baseline='mean'"):
        card.reason_codes(X, baseline="neutral")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"n": 0}, "n must be a positive number"),
        ({"n": 2.5}, "2.5"),
        ({"n": True}, "True"),
        ({"baseline": "median"}, "'maximum', 'mean', 'neutral', got 'median'"),
        ({"always": ["salary"]}, "salary"),
    ],
)
def test_bad_requests_are_refused(fitted, options, word):
    card, X = fitted
    with pytest.raises(InfostatError, match=word):
        card.reason_codes(X, **options)
