"""The probes on which other packages answer silently and wrongly, one by one.

They are those of the comparison with seven packages: for every probe the answer here is
the right number, or an error that names the column and the remedy, or a warning.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from infostat import (
    InfostatWarning,
    OptimalBinner,
    QuantileBinner,
    ScorecardClassifier,
    WOEEncoder,
)

ESTIMATORS = [QuantileBinner, OptimalBinner, WOEEncoder, ScorecardClassifier]
every = pytest.mark.parametrize("make", ESTIMATORS)


def credit(n=900, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"income": rng.normal(size=n), "job": rng.choice(list("abc"), n)})
    eta = -1 + X["income"] + (X["job"] == "c")
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-eta))).astype(int).to_numpy()
    return X, y


def output(fitted, X):
    if isinstance(fitted, ScorecardClassifier):
        return np.column_stack([fitted.predict_proba(X), fitted.predict_points(X)])
    return np.asarray(fitted.transform(X))


def test_missing_values_keep_the_evidence_they_had_at_fit():
    # Zero by default elsewhere, although the fit has learnt a value.
    X, y = credit()
    risky = np.flatnonzero(y == 1)[:80]
    X.loc[risky, "income"] = np.nan
    X.loc[np.flatnonzero(y == 0)[:20], "income"] = np.nan
    encoder = WOEEncoder().fit(X, y)
    rows = X["income"].isna()
    share_1 = (rows & (y == 1)).sum() / y.sum()
    share_0 = (rows & (y == 0)).sum() / (1 - y).sum()
    evidence = encoder.transform(X)[rows.to_numpy(), 0]
    np.testing.assert_allclose(evidence, np.log(share_0 / share_1))
    assert evidence[0] < -1
    card = ScorecardClassifier().fit(X, y)
    lost = card.predict_points(X.assign(income=np.nan)).mean()
    assert lost < card.predict_points(X).mean() - 20


@pytest.mark.parametrize("labels", [(1, 2), (-1, 1), ("good", "bad")], ids=str)
@every
def test_labels_other_than_zero_and_one_give_the_same_numbers(make, labels):
    X, y = credit()
    plain = make().fit(X, y)
    named = np.array(labels, dtype=object if isinstance(labels[0], str) else None)[y]
    fitted = make(event=labels[1]).fit(X, named)
    assert fitted.bins_ == plain.bins_
    for name, table in fitted.tables_.items():
        np.testing.assert_array_equal(table.rows, plain.tables_[name].rows)
    if make is not ScorecardClassifier:
        np.testing.assert_array_equal(output(fitted, X), output(plain, X))
    # Without the name it is said which label counts as the event.
    with pytest.warns(InfostatWarning, match="pass event="):
        make().fit(X, named)


@every
def test_a_column_missing_at_transform_is_named(make):
    X, y = credit()
    fitted = make().fit(X, y)
    with pytest.raises(ValueError, match=r"(?s)missing.*job|job.*missing"):
        output(fitted, X[["income"]])


@every
def test_columns_in_another_order_are_refused(make):
    X, y = credit()
    fitted = make().fit(X, y)
    with pytest.raises(ValueError, match="same order"):
        output(fitted, X[["job", "income"]])


@every
def test_a_nullable_column_is_a_number_with_missing_values(make):
    X, y = credit()
    whole = X["income"].mul(3).round()
    whole[::7] = np.nan
    floats, nullable = X.assign(income=whole), X.assign(income=whole.astype("Int64"))
    plain, fitted = make().fit(floats, y), make().fit(nullable, y)
    assert fitted.bins_ == plain.bins_
    np.testing.assert_array_equal(output(fitted, nullable), output(plain, floats))
    np.testing.assert_array_equal(output(plain, nullable), output(plain, floats))


@every
def test_the_input_is_not_changed(make):
    X, y = credit()
    X.loc[::9, "income"] = np.nan
    before, target = X.copy(deep=True), y.copy()
    output(make().fit(X, y), X)
    pd.testing.assert_frame_equal(X, before)
    np.testing.assert_array_equal(y, target)


@every
def test_an_infinite_value_at_transform_is_scored_at_its_own_end(make):
    # Elsewhere the largest value is scored like a special code at the other end.
    X, y = credit()
    fitted = make().fit(X, y)
    rows = pd.DataFrame({"income": [1e12, np.inf, -1e12, -np.inf], "job": "a"})
    out = output(fitted, rows)
    np.testing.assert_array_equal(out[0], out[1])
    np.testing.assert_array_equal(out[2], out[3])
    assert not np.array_equal(out[0], out[2])


def test_unseen_and_missing_at_scoring_time_are_neutral_and_can_be_refused():
    X, y = credit()
    rows = pd.DataFrame({"income": [np.nan, 0.0], "job": ["a", "pilot"]})
    encoder = WOEEncoder().fit(X, y)
    out = encoder.transform(rows)
    assert out[0, 0] == 0
    assert out[1, 1] == 0
    strict = WOEEncoder(unseen="error").fit(X, y)
    with pytest.raises(ValueError, match=r"'income'.*missing.*recode"):
        strict.transform(rows.head(1))
    with pytest.raises(ValueError, match=r"'job'.*unseen.*recode"):
        strict.transform(rows.tail(1))
    card = ScorecardClassifier().fit(X, y)
    reasons = card.reason_codes(rows, 9)
    named = set(zip(reasons["row"], reasons["feature"], reasons["bin"], strict=True))
    assert (0, "income", "missing") in named
    assert (1, "job", "unseen") in named


@every
def test_a_usual_fit_is_silent(make):
    X, y = credit()
    X.loc[::9, "income"] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        output(make().fit(X, y), X)
