"""Boosted cards: the booster's margin, folded; documents, constraints, neutral points."""

from __future__ import annotations

import json
import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from infostat import (
    BoostedScorecardClassifier,
    InfostatError,
    InfostatWarning,
    Scorecard,
    ScorecardClassifier,
    StumpBinner,
)
from infostat.exceptions import DocumentError
from infostat.scorecard.batch import score_file

pytestmark = pytest.mark.filterwarnings("ignore:Sparse bins were merged")

LEVELS = ["rent", "own", "parents", "other", "free"]


def draw(n, rng, missing=0.1):
    """Numbers and levels with missing values, and an outcome that missing moves."""
    frame = pd.DataFrame(
        {
            "income": rng.lognormal(8, 1, n),
            "age": rng.integers(18, 90, n).astype(float),
            "ratio": rng.normal(size=n) * 10.0 ** rng.integers(-4, 4, n),
            "home": rng.choice(LEVELS, n, p=[0.4, 0.3, 0.15, 0.1, 0.05]),
        }
    )
    for name in frame:
        frame.loc[rng.random(n) < missing, name] = None
    log_odds = (
        -2
        + (frame["income"] < 2000)
        + 1.5 * frame["income"].isna()
        + (60 - frame["age"].fillna(40)) / 30
        + 0.8 * (frame["home"] == "rent")
        - 0.7 * frame["home"].isna()
        + np.tanh(frame["ratio"].fillna(0))
    )
    return frame, (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(int).to_numpy()


@pytest.fixture(scope="module")
def rows():
    return draw(4000, np.random.default_rng(0))


def raw_margin(X, y, new, weight=None, **options):
    """XGBoost's own margin from the frame, through pandas' categories."""

    def typed(frame):
        return frame.assign(home=pd.Categorical(frame["home"], categories=LEVELS))

    train = xgboost.QuantileDMatrix(
        typed(X), y, weight=weight, enable_categorical=True, max_bin=64, nthread=1
    )
    parameters = {
        "objective": "binary:logistic",
        "max_depth": 1,
        "max_bin": 64,
        "tree_method": "hist",
        "nthread": 1,
        "base_score": float(np.mean(y)),
        **options,
    }
    booster = xgboost.train(parameters, train, 100)
    return booster.predict(
        xgboost.DMatrix(typed(new), enable_categorical=True), output_margin=True
    )


@pytest.mark.parametrize("monotonic", [None, {"income": "descending", "ratio": None}])
def test_margin_is_that_of_xgboost(rows, monotonic):
    X, y = rows
    card = BoostedScorecardClassifier(monotonic=monotonic).fit(X, y)
    new, _ = draw(3000, np.random.default_rng(1))
    for name in ("income", "age", "ratio"):
        new[name] = new[name].clip(X[name].min(), X[name].max())
    direction = {"ascending": 1, "descending": -1, None: 0}
    constraint = ",".join(str(direction[card.trends_[n]]) for n in list(X)[:3])
    options = {"monotone_constraints": f"({constraint},0)"}
    for frame in (X, new):
        expected = raw_margin(X, y, frame, **options)
        got = card.decision_function(frame)
        # The booster sums in single precision, the card in double.
        assert np.abs(got - expected).max() < 1e-6 * max(1.0, np.abs(expected).max())
        proba = 1 / (1 + np.exp(-expected.astype(float)))
        np.testing.assert_allclose(card.predict_proba(frame)[:, 1], proba, atol=1e-6)


@given(seed=st.integers(0, 2**31), missing=st.sampled_from([0.0, 0.02, 0.5]))
@settings(max_examples=12, deadline=None)
def test_margin_on_random_data(seed, missing):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(300, 3)).round(rng.integers(0, 4))
    X[rng.random(X.shape) < missing] = np.nan
    y = (rng.random(300) < 1 / (1 + np.exp(-np.nan_to_num(X, nan=1).sum(1)))).astype(
        int
    )
    if len(set(y.tolist())) < 2:
        return
    card = BoostedScorecardClassifier(30, monotonic=None).fit(X, y)
    expected = card.booster_.predict(xgboost.DMatrix(X), output_margin=True)
    np.testing.assert_allclose(card.decision_function(X), expected, atol=2e-6)
    # Points are the line through the log-odds, up to rounding of three features.
    exact = card.card_.scaling.points(card.card_.log_odds(X))
    assert np.abs(card.predict_points(X) - exact).max() <= 1.5


def test_values_at_the_thresholds(rows):
    X, y = rows
    card = BoostedScorecardClassifier(60, monotonic=None).fit(X, y)
    assert len(card.thresholds_["ratio"]) > 3
    inside = card.thresholds_["ratio"]
    inside = inside[(inside > X["ratio"].min()) & (inside < X["ratio"].max())]
    values = np.concatenate(
        [
            np.nextafter(v, way)
            for t in inside
            for v in [np.array([float(t), float(np.nextafter(t, np.float32(-1e9)))])]
            for way in (-np.inf, v, np.inf)
        ]
    )
    probe = pd.concat([X.head(1)] * len(values), ignore_index=True).assign(ratio=values)
    matrix = probe.drop(columns="home").assign(home=np.nan).to_numpy(dtype=float)
    base = card.booster_.predict(
        xgboost.DMatrix(matrix, feature_types=["q", "q", "q", "c"]), output_margin=True
    )
    card_rows = probe.assign(home=None)
    np.testing.assert_allclose(card.decision_function(card_rows), base, atol=2e-6)


def test_monotone_constraints_are_honoured(rows):
    X, y = rows
    trends = {"income": "ascending", "age": "descending", "ratio": "ascending"}
    card = BoostedScorecardClassifier(monotonic=trends).fit(X, y)
    assert card.trends_ == trends
    for name, trend in trends.items():
        effect = card.card_.features[name].effect[card.bins_[name].first :]
        steps = np.diff(effect)
        assert (steps * (1 if trend == "ascending" else -1) >= -1e-12).all()
        # Points go the other way: more points mean fewer events.
        assert (
            np.diff(card.points_[name][card.bins_[name].first :]) * steps <= 0
        ).all()
    # Income falls with risk: forced the wrong way it can only be flat.
    assert np.ptp(card.card_.features["income"].effect[1:]) < 0.1
    one = BoostedScorecardClassifier(monotonic="descending").fit(X, y)
    assert set(one.trends_.values()) == {"descending"}


def test_effects_are_centred_and_points_add_up(rows):
    X, y = rows
    card = BoostedScorecardClassifier(rounding=None).fit(X, y)
    for name, feature in card.card_.features.items():
        size = feature.table.weight.sum(axis=1)
        assert abs(float(size @ feature.effect)) < 1e-8 * len(y), name
    log_odds = card.card_.log_odds(X)
    np.testing.assert_allclose(log_odds.mean(), card.intercept_[0], atol=1e-12)
    total = card.card_.scaling.points(log_odds)
    np.testing.assert_allclose(card.predict_points(X), total, atol=1e-9)
    assert card.rounding_cost_.max_shift < 1e-9


def test_card_is_a_card(rows, tmp_path):
    X, y = rows
    card = BoostedScorecardClassifier(40).fit(X, y)
    path = tmp_path / "card.json"
    card.to_json(path)
    loaded = BoostedScorecardClassifier.from_json(path)
    for method in ("predict_points", "predict_proba", "decision_function", "predict"):
        np.testing.assert_array_equal(
            getattr(loaded, method)(X), getattr(card, method)(X)
        )
    assert loaded.device_ == card.device_ == "cpu"
    assert loaded.trends_ == card.trends_
    for name, thresholds in card.thresholds_.items():
        np.testing.assert_array_equal(loaded.thresholds_[name], thresholds)
    document = json.loads(path.read_text())
    assert document["encoding"] == "boosted"
    assert document["schema_version"] == 1
    assert document["audit"]["device"] == "cpu"
    assert "xgboost" in document["audit"]["versions"]
    plain = Scorecard.from_json(path)
    np.testing.assert_array_equal(plain.points(X), card.predict_points(X))
    assert loaded.to_json() == card.to_json()
    X.to_csv(tmp_path / "in.csv", index=False)
    result = score_file(plain, tmp_path / "in.csv", tmp_path / "out.csv")
    assert result.rows == len(X)
    scored = pd.read_csv(tmp_path / "out.csv")
    np.testing.assert_allclose(scored["points"], card.predict_points(X))
    again = pickle.loads(pickle.dumps(card))  # noqa: S301 - our own bytes
    np.testing.assert_array_equal(again.predict_points(X), card.predict_points(X))


def test_documents_are_read_by_the_right_class(rows):
    X, y = rows
    boosted = BoostedScorecardClassifier(5).fit(X, y).to_json()
    plain = ScorecardClassifier().fit(X, y).to_json()
    with pytest.raises(DocumentError, match=r"BoostedScorecardClassifier\.from_json"):
        ScorecardClassifier.from_json(boosted)
    with pytest.raises(DocumentError, match=r"'woe'.*ScorecardClassifier\.from_json"):
        BoostedScorecardClassifier.from_json(plain)


def test_a_damaged_audit_record_is_refused(rows):
    X, y = rows
    document = json.loads(BoostedScorecardClassifier(5).fit(X, y).to_json())
    for damage in ({"n_rounds": "many"}, {"trends": 3}, {"float32_thresholds": []}):
        text = json.dumps({**document, "audit": {**document["audit"], **damage}})
        with pytest.raises(DocumentError, match="audit record"):
            BoostedScorecardClassifier.from_json(text)


def test_there_are_no_standard_errors(rows):
    X, y = rows
    card = BoostedScorecardClassifier(5).fit(X, y)
    with pytest.raises(InfostatError, match="boosting shrinks and selects"):
        card.predict_interval(X)
    assert "points_std_error" not in card.points_table().columns
    assert set(card.summary()["feature"]) == set(X)


def test_missing_values_of_which_none_were_seen_are_neutral():
    rng = np.random.default_rng(3)
    X, y = draw(2000, rng, missing=0.0)
    card = BoostedScorecardClassifier(30).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        full = card.decision_function(X)
    new = X.copy()
    new.loc[:9, "age"] = np.nan
    new.loc[10:19, "home"] = "castle"
    with pytest.warns(InfostatWarning, match="in age, home: none were missing"):
        got = card.decision_function(new)
    np.testing.assert_array_equal(got[20:], full[20:])
    for rows, name in ((slice(0, 10), "age"), (slice(10, 20), "home")):
        bins = card.bins_[name]
        lost = card.card_.features[name].effect[bins.codes(X[name].to_numpy())]
        np.testing.assert_allclose(got[rows], full[rows] - lost[rows], atol=1e-12)


def test_unseen_levels_count_as_missing_where_some_were(rows):
    X, y = rows
    card = BoostedScorecardClassifier(30).fit(X, y)
    missing = card.decision_function(X.assign(home=None))
    with pytest.warns(InfostatWarning, match="None of the values of 'home'"):
        castle = card.decision_function(X.assign(home="castle"))
    np.testing.assert_array_equal(missing, castle)


def test_numbers_beyond_the_range_count_as_the_nearest():
    rng = np.random.default_rng(4)
    x = rng.uniform(10, 20, 3000)
    x[:1000] = np.nan
    # Only missing values matter, so that a stump sets them apart.
    y = (rng.random(3000) < np.where(np.isnan(x), 0.7, 0.2)).astype(int)
    card = BoostedScorecardClassifier(20, monotonic=None).fit(x[:, None], y)
    ends = np.array([[-1e9], [x[1000:].min()], [x[1000:].max()], [1e9], [np.inf]])
    got = card.decision_function(ends)
    assert got[0] == got[1]
    assert got[2] == got[3] == got[4]
    assert card.decision_function([[np.nan]])[0] > got.max() + 1


def test_special_values_have_points_of_their_own(rows):
    X, y = rows
    X, y = X.copy(), y.copy()
    X.loc[:399, "age"] = -1.0
    y[:400] = np.random.default_rng(5).random(400) < 0.9
    specials = {"age": [-1], "home": ["other"]}
    trends = {"age": "descending"}
    card = BoostedScorecardClassifier(
        80, special_values=specials, monotonic=trends
    ).fit(X, y)
    assert card.bins_["age"].labels[1] == "special -1"
    assert card.tables_["age"].rows[1].sum() == 400
    feature = card.card_.features["age"]
    # Riskier than any age, although it would be the smallest of them.
    assert feature.effect[1] > feature.effect[2:].max() + 0.5
    assert (np.diff(feature.effect[2:]) <= 1e-12).all()
    # The booster's own margin, its columns built by hand.
    number = X["age"].where(X["age"] != -1)
    assert card.bins_["home"].labels[1] == "special other"
    rest = (
        card.card_.log_odds(X)
        - feature.effect[card.bins_["age"].codes(X["age"].to_numpy())]
    )
    base = np.zeros((len(X), 5), dtype=np.float32)
    base[:, :] = np.nan
    base[:, 1], base[:, 4] = number, X["age"] == -1
    other = base.copy()
    other[:, 1], other[:, 4] = np.nan, 0
    data = [
        xgboost.DMatrix(m, feature_types=["q", "q", "q", "c", "q"])
        for m in (base, other)
    ]
    margins = [card.booster_.predict(d, output_margin=True) for d in data]
    gained = margins[0] - margins[1]
    missing = feature.effect[0]
    own = card.card_.log_odds(X) - rest - missing
    np.testing.assert_allclose(own, gained, atol=2e-6)


def test_early_stopping_refits_all_rows(rows):
    X, y = rows
    long = BoostedScorecardClassifier(
        400, learning_rate=0.5, early_stopping=10, random_state=0
    ).fit(X, y)
    assert 5 < long.n_rounds_ < 400
    plain = BoostedScorecardClassifier(long.n_rounds_, learning_rate=0.5).fit(X, y)
    np.testing.assert_array_equal(plain.predict_points(X), long.predict_points(X))
    with pytest.raises(InfostatError, match="early_stopping=None"):
        BoostedScorecardClassifier(early_stopping=5).fit(
            np.arange(8.0)[:, None], [0] * 7 + [1]
        )


def test_frames_names_labels_and_columns(rows):
    X, y = rows
    strange = X.rename(
        columns={"income": 'a"; drop table x; --', "home": "<script>[1]"}
    )
    card = BoostedScorecardClassifier(20).fit(strange, y)
    other = BoostedScorecardClassifier(20).fit(pl.from_pandas(strange), y)
    np.testing.assert_array_equal(
        card.predict_points(strange), other.predict_points(pl.from_pandas(strange))
    )
    named = BoostedScorecardClassifier(20, event="bad").fit(
        strange, np.where(y == 1, "bad", "good")
    )
    assert named.classes_.tolist() == ["bad", "good"]
    np.testing.assert_allclose(
        named.predict_proba(strange)[:, 0], card.predict_proba(strange)[:, 1]
    )
    np.testing.assert_array_equal(
        named.decision_function(strange), -card.decision_function(strange)
    )


def test_weights_equal_repetition(rows):
    X, y = rows
    X, y = X.head(300), y[:300]
    weight = np.random.default_rng(6).integers(0, 6, 300)
    weighted = BoostedScorecardClassifier(40).fit(X, y, sample_weight=weight)
    repeated = BoostedScorecardClassifier(40).fit(
        X.loc[X.index.repeat(weight)].reset_index(drop=True), np.repeat(y, weight)
    )
    np.testing.assert_allclose(
        weighted.decision_function(X), repeated.decision_function(X), atol=1e-9
    )


def test_fractional_weights_are_those_of_xgboost(rows):
    X, y = rows
    weight = np.random.default_rng(6).uniform(0.2, 3, len(y))
    card = BoostedScorecardClassifier(monotonic=None).fit(X, y, sample_weight=weight)
    share = float(np.average(y, weights=weight))
    expected = raw_margin(X, y, X, weight=weight, base_score=share)
    np.testing.assert_allclose(card.decision_function(X), expected, atol=4e-6)
    plain = BoostedScorecardClassifier(monotonic=None).fit(X, y)
    assert np.abs(plain.decision_function(X) - expected).max() > 0.05


def test_loss_falls_and_tops_a_constant(rows):
    X, y = rows
    new, outcome = draw(4000, np.random.default_rng(7))
    losses = [
        log_loss(
            outcome,
            BoostedScorecardClassifier(n).fit(X, y).predict_proba(new)[:, 1],
        )
        for n in (1, 10, 60)
    ]
    assert losses[0] > losses[1] > losses[2]
    assert losses[2] < log_loss(outcome, np.full(len(outcome), y.mean())) - 0.02


def test_cards_on_stump_bins_record_the_device(rows):
    X, y = rows
    card = ScorecardClassifier(StumpBinner(n_rounds=10)).fit(X, y)
    assert card.binner_.device_ == "cpu"
    assert json.loads(card.to_json())["audit"]["device"] == "cpu"
    assert (
        "device" not in json.loads(ScorecardClassifier().fit(X, y).to_json())["audit"]
    )


def test_a_cuda_request_that_falls_back_warns(rows, monkeypatch):
    X, y = rows
    monkeypatch.setattr("infostat.binning.boosting.device_used", lambda _: "cpu")
    with pytest.warns(InfostatWarning, match="BoostedScorecardClassifier was asked"):
        card = BoostedScorecardClassifier(3, device="cuda").fit(X, y)
    assert card.device_ == json.loads(card.to_json())["audit"]["device"] == "cpu"


def test_bad_parameters_are_named(rows):
    X, y = rows
    with pytest.raises(InfostatError, match="monotonic of 'age' is 'peak'"):
        BoostedScorecardClassifier(monotonic={"age": "peak"}).fit(X, y)
    with pytest.raises(InfostatError, match=r"monotonic names \['lost'\]"):
        BoostedScorecardClassifier(monotonic={"lost": None}).fit(X, y)
    with pytest.raises(InfostatError, match="special_values"):
        BoostedScorecardClassifier(special_values={"lost": [1]}).fit(X, y)
