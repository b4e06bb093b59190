"""The card's JSON document: whole, damaged, foreign, from the future, half-written."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infostat import Bins, OptimalBinner, Scorecard, ScorecardClassifier
from infostat._files import atomic_path
from infostat.exceptions import DocumentError, InfostatError

GOLDEN = Path(__file__).parent / "golden" / "v1.json"


def credit(n=1_500, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "job": rng.choice(["a", "b", "c"], n),
            'hostile "; drop table x; -- <script>': rng.integers(0, 9, n),
        }
    )
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(1 - X["x"]))).astype(int).to_numpy()
    X.loc[rng.uniform(size=n) < 0.1, "x"] = np.nan
    return X, y


NEW = pd.DataFrame(
    {
        "x": [np.nan, np.inf, -np.inf, 0.0, 1.5],
        "job": [None, "a", "zzz", "b", "c"],
        'hostile "; drop table x; -- <script>': [np.nan, -9, 99, 4, 5],
    }
)


@pytest.fixture(scope="module")
def fitted():
    X, y = credit()
    return ScorecardClassifier().fit(X, y)


@pytest.fixture(scope="module")
def document(fitted):
    return json.loads(fitted.to_json())


@pytest.mark.parametrize("encoding", ["woe", "onehot"])
@pytest.mark.parametrize("rounding", [None, 0])
@pytest.mark.parametrize("labels", [(0, 1), ("bad", "good"), (False, True)], ids=str)
def test_a_restored_card_predicts_identically(tmp_path, encoding, rounding, labels):
    X, y = credit()
    event = labels[0]
    card = ScorecardClassifier(encoding=encoding, rounding=rounding, event=event).fit(
        X, np.array(labels)[1 - y]
    )
    path = tmp_path / "card.json"
    text = card.to_json(path)
    for source in (path, str(path), text):
        again = ScorecardClassifier.from_json(source)
        for data in (X, NEW):
            np.testing.assert_array_equal(
                again.predict_points(data), card.predict_points(data)
            )
            np.testing.assert_array_equal(
                again.predict_proba(data), card.predict_proba(data)
            )
            assert (again.predict(data) == card.predict(data)).all()
            for ours, theirs in zip(
                again.predict_interval(data), card.predict_interval(data), strict=True
            ):
                np.testing.assert_allclose(ours, theirs, rtol=1e-7)
        assert again.classes_.tolist() == card.classes_.tolist()
        assert again.event_ == event
        if encoding == "woe":
            np.testing.assert_array_equal(again.coef_, card.coef_)
        assert list(again.bins_.values()) == list(card.bins_.values())
        assert again.iv_["x"].interval() == card.iv_["x"].interval()
        pd.testing.assert_frame_equal(again.summary(), card.summary())
        pd.testing.assert_frame_equal(again.points_table(), card.points_table())
    # A document of a document is the document.
    assert json.loads(again.to_json()) == json.loads(text)


def test_a_card_without_errors_stays_without(tmp_path):
    from sklearn.linear_model import LogisticRegression

    X, y = credit()
    card = ScorecardClassifier(estimator=LogisticRegression()).fit(X, y)
    again = Scorecard.from_json(card.to_json())
    assert again.covariance is None
    with pytest.raises(InfostatError, match="no standard errors"):
        again.interval(X)
    np.testing.assert_array_equal(again.points(X), card.predict_points(X))


def test_the_audit_record(document):
    audit = document["audit"]
    assert audit["n_samples"] == 1_500
    assert 0 < audit["n_events"] < 1_500
    assert audit["parameters"]["pdo"] == "20.0"
    assert audit["versions"]["numpy"] == np.__version__
    # Nothing of the machine: no paths, no names, no times.
    assert str(Path.home()) not in json.dumps(document)


def test_the_golden_card_of_schema_1():
    # Written by hand: one number, one level; points can be added up on paper.
    card = Scorecard.from_json(GOLDEN)
    X = pd.DataFrame(
        {
            "age": [20.0, 25.0, 25.1, 60.0, np.nan, -1.0, 30.0],
            "job": ["clerk", "nurse", "smith", "pilot", None, "clerk", "smith"],
        }
    )
    # age: missing 250, -1 260, <= 25 240, <= 40 255, above 270
    # job: missing 245, unseen 244, clerk and nurse 230, smith 280
    expected = [470, 470, 535, 514, 495, 490, 535]
    assert card.points(X).tolist() == expected
    np.testing.assert_allclose(
        card.probability(X.iloc[[0]]), 1 / (1 + np.exp(-(-1.0 + 0.5 + 0.25)))
    )
    low, high = card.interval(X.iloc[[0]])
    # Variance by hand: .01 + .04 + .02 + 2 * (.001 + .002 + .003)
    reach = 1.959963984540054 * np.sqrt(0.082)
    np.testing.assert_allclose(np.log(low / (1 - low)), -0.25 - reach)
    np.testing.assert_allclose(np.log(high / (1 - high)), -0.25 + reach)
    assert card.classes == ("bad", "good")
    assert card.event == "bad"
    model = ScorecardClassifier.from_json(GOLDEN)
    assert model.predict_points(X).tolist() == expected
    assert model.predict(X.iloc[[0]]).tolist() == ["good"]
    assert model.predict_proba(X)[:, 0] == pytest.approx(card.probability(X))


def damage(document, path, value):
    changed = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(changed)


def paths_of(value, path=()):
    """Every place in a document, the first of each list."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, part in value.items():
            yield from paths_of(part, (*path, key))
    elif isinstance(value, list) and value:
        yield from paths_of(value[0], (*path, 0))


RUBBISH = [..., None, "abc", -1, 10**400, 10**30, [], {}, [[]], True, [None], 0.5]


def refused(text):
    with pytest.raises(DocumentError) as caught:
        Scorecard.from_json(text)
    message = str(caught.value)
    assert "\n" not in message
    return message


DAMAGES = [
    (("intercept",), "abc"),
    (("intercept",), 10**400),
    (("intercept",), ...),
    (("scaling", "pdo"), 0),
    (("scaling", "pdo"), -20),
    (("scaling", "base_odds"), 0),
    (("scaling", "rounding"), "2"),
    (("scaling", "rounding"), True),
    (("scaling",), []),
    (("features",), []),
    (("features",), {}),
    (("features",), [3]),
    (("features", 0, "points"), [1.0]),
    (("features", 0, "points", 0), None),
    (("features", 0, "points", 0), "x"),
    (("features", 0, "effect", 0), None),
    (("features", 0, "rows", 0), [1]),
    (("features", 0, "rows", 0), [10**30, 1]),
    (("features", 0, "weight", 0), [-1, 1]),
    (("features", 0, "smoothed"), []),
    (("features", 0, "information_value"), {}),
    (("features", 0, "information_value", "estimate"), "big"),
    (("features", 0, "coefficient"), "big"),
    (("features", 0, "bins", "cuts"), [2, 1]),
    (("features", 0, "bins", "cuts"), [0]),
    (("features", 0, "bins"), None),
    (("features", 1, "bins", "groups"), ["abc"]),
    (("features", 0, "bins", "feature"), "job"),
    (("features", 0, "bins", "feature"), 7),
    (("classes",), [0]),
    (("classes",), [1, 1]),
    (("classes",), 3),
    (("event",), 7),
    (("sign",), "up"),
    (("encoding",), "dummy"),
    (("covariance",), [[1.0]]),
    (("covariance", 0, 0), None),
    (("covariance",), 3),
    (("audit",), 3),
]


@pytest.mark.parametrize(("path", "value"), DAMAGES, ids=str)
def test_altered_documents_are_refused_in_one_sentence(document, path, value):
    message = refused(damage(document, path, value))
    assert "damaged" in message or "cannot be read" in message


def test_any_damage_is_refused_or_harmless(document):
    # A reader must neither crash nor score with rubbish.
    tried = harmless = 0
    for path in paths_of(document):
        for value in RUBBISH:
            tried += 1
            try:
                card = Scorecard.from_json(damage(document, path, value))
                # By position: a renamed feature is another card, not a damaged one.
                score = np.stack(card.score(NEW.to_numpy()))
                card.to_json()
            except DocumentError:
                continue
            harmless += 1
            assert np.isfinite(score).all(), (path, value)
    assert tried > 500
    assert harmless < tried / 2


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_truncated_documents_are_refused(document, data):
    text = json.dumps(document)
    end = data.draw(st.integers(1, len(text) - 1))
    assert "complete JSON" in refused(text[:end])


@pytest.mark.parametrize(
    "constant", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"]
)
def test_numbers_that_json_lacks_are_refused(document, constant):
    text = damage(document, ("intercept",), "HERE").replace('"HERE"', constant)
    assert constant in refused(text)


def test_huge_nesting_is_refused():
    assert "complete JSON" in refused('{"a":' * 100_000)
    assert "complete JSON" in refused('{"a":' + "[" * 100_000 + "]" * 100_000 + "}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "not a scorecard"),
        ('{"format": "sklearn"}', "not a scorecard"),
        ('{"format": "infostat.scorecard"}', "never was"),
        ('{"format": "infostat.scorecard", "schema_version": true}', "never was"),
        ('{"format": "infostat.scorecard", "schema_version": 0}', "never was"),
        ('{"format": "infostat.scorecard", "schema_version": "1"}', "never was"),
        ('{"format": "infostat.scorecard", "schema_version": 1}', "damaged"),
    ],
)
def test_foreign_documents_are_refused(text, words):
    assert words in refused(text)


def test_a_newer_schema_is_refused_with_the_remedy(document):
    message = refused(damage(document, ("schema_version",), 2))
    assert "version 2" in message
    assert "upgrade" in message


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff\xfe", b"3", b"\x00" * 9, b"\xef\xbb\xbf{}"]
)
def test_files_that_are_no_cards(tmp_path, content):
    path = tmp_path / "card.json"
    path.write_bytes(content)
    assert "card.json" in refused(path)


def test_files_that_are_not_there(tmp_path):
    assert "no file" in refused(tmp_path / "none.json")
    assert "cannot be read" in refused(tmp_path)
    assert "none" in refused("none\0.json")


def test_writing_is_atomic(tmp_path, fitted, monkeypatch):
    path = tmp_path / "card.json"
    path.write_text("the old card")

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        fitted.to_json(path)
    # The old file is whole, and nothing half-written is left.
    assert path.read_text() == "the old card"
    assert [p.name for p in tmp_path.iterdir()] == ["card.json"]
    monkeypatch.undo()
    fitted.to_json(path)
    assert Scorecard.from_json(path).feature_names == fitted.card_.feature_names


def test_an_error_inside_leaves_no_file(tmp_path):
    path = tmp_path / "card.json"

    def write_half():
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            assert temporary.parent == tmp_path
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_replaced(tmp_path, fitted):
    path = tmp_path / "card.json"
    stale = tmp_path / ".card.json.part"
    stale.write_text("half a card of a run that was killed")
    with atomic_path(path) as temporary:
        assert temporary == stale
        assert not temporary.exists()  # a writer that appends starts afresh
        temporary.write_text("whole")
    assert path.read_text() == "whole"
    stale.write_text("half a card of a run that was killed")
    fitted.to_json(path)
    assert not stale.exists()
    assert Scorecard.from_json(path).rounding == 0


def test_a_folder_that_is_not_there(tmp_path, fitted):
    with pytest.raises(InfostatError, match="does not exist"):
        fitted.to_json(tmp_path / "none" / "card.json")


def test_hand_made_bins_survive(tmp_path):
    X, y = credit()
    bins = Bins.numeric("x", [0.1, 1 / 3], special_values=[-1]).merge(0, 3)
    card = ScorecardClassifier(OptimalBinner(fixed_bins={"x": bins})).fit(X, y)
    again = Scorecard.from_json(card.to_json())
    assert again.features["x"].bins == bins
