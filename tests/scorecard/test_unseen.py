"""A text feature of which the card knows no value: said once, with the likely cause."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from infostat import InfostatError, InfostatWarning, Scorecard, ScorecardClassifier
from infostat.scorecard.batch import score_file

JOBS = ["clerk", "nurse", "pilot"]


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=900), "job": rng.choice(JOBS, 900)})
    X.loc[::10, "job"] = None
    eta = X["x"] + (X["job"] == "pilot") - 1
    y = (rng.uniform(size=900) < 1 / (1 + np.exp(-eta))).astype(int)
    return ScorecardClassifier().fit(X, y), X


METHODS = ("predict_points", "predict_proba", "predict", "decision_function")


@pytest.mark.parametrize("method", METHODS)
def test_codes_in_place_of_labels(fitted, method):
    card, X = fitted
    coded = X.assign(job=X["job"].map({job: k for k, job in enumerate(JOBS)}))
    message = r"values of 'job', \['0', '1', '2'\].*codes in place of labels"
    with pytest.warns(InfostatWarning, match=message) as caught:
        getattr(card, method)(coded)
    assert len(caught) == 1
    with pytest.warns(InfostatWarning, match="codes in place of labels"):
        getattr(card, method)(coded[1:2])  # one row is enough: no level is a number


@pytest.mark.parametrize("method", ["points", "probability", "log_odds", "score"])
def test_other_spelling(fitted, method):
    card, X = fitted
    loaded = Scorecard.from_json(card.to_json())
    upper = X.assign(job=X["job"].str.upper())
    message = r"\['CLERK', 'NURSE', 'PILOT'\].* \['.*written as they were"
    with pytest.warns(InfostatWarning, match=message):
        getattr(loaded, method)(upper)
    # A few rows may all be new.
    getattr(loaded, method)(upper[:20])  # of which 18 are not missing


def test_one_known_level_is_enough(fitted):
    card, X = fitted
    jobs = X["job"].str.upper()
    jobs.iloc[-1] = "clerk"
    card.predict_points(X.assign(job=jobs))
    card.predict_points(X.assign(job=jobs.astype("category")))
    card.predict_points(X.assign(job=None))


def test_a_category_without_rows_is_no_value(fitted):
    card, X = fitted
    kind = pd.CategoricalDtype([*JOBS, "CLERK", "NURSE", "PILOT"])
    upper = X["job"].str.upper().astype(kind)
    with pytest.warns(InfostatWarning, match=r"\['CLERK', 'NURSE', 'PILOT'\]"):
        card.predict_points(X.assign(job=upper))


def test_a_feature_that_was_always_missing_has_no_levels(fitted):
    _, X = fitted
    y = (X["x"] > 0).astype(int).to_numpy().copy()
    y[:50] = 1 - y[:50]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        card = ScorecardClassifier().fit(
            X.assign(job=pd.Series([None] * 900, dtype="str")), y
        )
    card.predict_points(X)


def test_text_in_a_number_is_refused(fitted):
    card, X = fitted
    with pytest.raises(InfostatError, match="'x' is a numeric feature but holds 'low'"):
        card.predict_points(X.assign(x="low"))


@pytest.mark.parametrize("rows", [7, 1000])
def test_files_are_judged_as_a_whole(fitted, tmp_path, rows):
    card, X = fitted
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    jobs = X["job"].str.upper()
    X.assign(job=jobs).to_csv(source, index=False)
    with pytest.warns(InfostatWarning, match="values of 'job'") as caught:
        score_file(card.card_, source, target, rows=rows)
    assert len(caught) == 1
    jobs.iloc[-1] = "clerk"
    X.assign(job=jobs).to_csv(source, index=False)
    score_file(card.card_, source, target, rows=rows)
