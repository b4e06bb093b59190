"""Inputs on which other packages answer silently or from deep inside.

Each is a clear error, which names the column or value and a remedy, or a documented
finite result. Section 8 of the comparison with other packages lists them.
"""

from __future__ import annotations

import traceback
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import infostat
from infostat import (
    InfostatError,
    OptimalBinner,
    QuantileBinner,
    Scorecard,
    ScorecardClassifier,
    WOEEncoder,
)

ESTIMATORS = [QuantileBinner, OptimalBinner, WOEEncoder, ScorecardClassifier]
every = pytest.mark.parametrize("make", ESTIMATORS)
PACKAGE = Path(infostat.__file__).parent


def credit(n=600, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"income": rng.normal(size=n), "job": rng.choice(list("abc"), n)})
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(1 - X["income"]))).astype(int).to_numpy()
    return X, y


def output(fitted, X):
    if isinstance(fitted, ScorecardClassifier):
        return np.column_stack([fitted.predict_proba(X), fitted.predict_points(X)])
    return fitted.transform(X)


def refused(call, *words):
    """The error is ours or scikit-learn's validation, and has all the words."""
    with pytest.raises(ValueError) as caught:
        call()
    message = str(caught.value)
    for word in words:
        assert word in message, message
    # Raised where input is checked, not from the depths of numpy.
    last = traceback.extract_tb(caught.value.__traceback__)[-1].filename
    checks = ("infostat", "sklearn/utils", "sklearn/base")
    assert any(part in last.replace("\\", "/") for part in checks), last
    return message


# Columns


@every
@pytest.mark.parametrize("label", [0, 1])
def test_a_level_that_lacks_a_class(make, label):
    # 17 nats for a level without events is another package's answer.
    X, y = credit()
    rows = np.flatnonzero(y == label)[:60]
    X.loc[rows, "job"] = "pure"
    fitted = make().fit(X, y)
    group = next(g for g in fitted.bins_["job"].groups if "pure" in g)
    table = fitted.tables_["job"]
    if make is not QuantileBinner:
        if make is OptimalBinner:
            assert len(group) > 1  # joined to a neighbour: both classes in every bin
        k = fitted.bins_["job"].codes(np.array(["pure"]))[0]
        assert (table.weight[k] > 0).all()
    assert np.isfinite(output(fitted, X)).all()
    if hasattr(fitted, "woe_"):
        assert np.abs(fitted.woe_["job"]).max() < 5


@pytest.mark.filterwarnings("ignore:Sparse bins")
@pytest.mark.parametrize("label", [0, 1])
def test_a_pure_bin_is_smoothed_and_marked(label):
    X, y = credit()
    X.loc[np.flatnonzero(y == label)[:60], "job"] = "pure"
    card = ScorecardClassifier(QuantileBinner(rare_level=0.0)).fit(X, y)
    feature = card.card_.features["job"]
    k = feature.bins.codes(np.array(["pure"]))[0]
    assert feature.smoothed.tolist() == [i == k for i in range(len(feature.smoothed))]
    # 17 nats and more elsewhere; here it comes with an error that says how little
    # is known.
    assert np.abs(feature.woe[k]) < 8
    assert 0.5 < feature.woe_se[k] < 5
    with pytest.raises(InfostatError, match=r"pure.*lack a class.*smoothing='auto'"):
        WOEEncoder(QuantileBinner(rare_level=0.0), smoothing="none").fit(X, y)


CONSTANT = {
    "constant number": 7.0,
    "constant level": "same",
    "all missing number": np.nan,
    "all missing level": None,
    "all infinite": np.inf,
    "constant bool": True,
}


@every
@pytest.mark.parametrize("value", CONSTANT.values(), ids=CONSTANT)
def test_a_column_that_knows_nothing(make, value):
    X, y = credit()
    alone = make().fit(X[["income"]], y)
    X["x"] = pd.Series([value] * len(X), dtype=None if value is not None else object)
    fitted = make().fit(X[["income", "x"]], y)
    out = output(fitted, X[["income", "x"]])
    assert np.isfinite(out).all()
    if make is WOEEncoder:
        assert (out[:, 1] == 0).all()
        assert fitted.iv_["x"].value == 0
        assert fitted.iv_["x"].p_value() == 1
    if make is ScorecardClassifier:
        np.testing.assert_allclose(
            out[:, 0], output(alone, X[["income"]])[:, 0], rtol=1e-6
        )
        assert Scorecard.from_json(fitted.to_json()).feature_names == ["income", "x"]
        assert fitted.summary().shape[0] == 2
        assert np.isfinite(np.array(fitted.predict_interval(X[["income", "x"]]))).all()


def test_a_card_of_nothing_but_a_constant():
    _, y = credit()
    card = ScorecardClassifier().fit(np.ones((len(y), 1)), y)
    np.testing.assert_allclose(card.predict_proba([[1.0]])[0, 1], y.mean())
    low, high = card.predict_interval([[1.0]])
    assert low < y.mean() < high


@every
def test_missing_only_at_transform(make):
    X, y = credit()
    new = pd.DataFrame({"income": [np.nan], "job": [None]})
    out = output(make().fit(X, y), new)
    assert np.isfinite(out).all()
    if make in (QuantileBinner, OptimalBinner, WOEEncoder):
        # Bin zero, which holds nothing: no evidence either way.
        assert out.tolist() == [[0, 0]]


@every
def test_infinities_fall_into_the_end_bins(make):
    X, y = credit()
    fitted = make().fit(X, y)
    edges = X["income"].to_numpy().min() - 1, X["income"].to_numpy().max() + 1
    ends = pd.DataFrame({"income": edges, "job": "a"})
    infinite = pd.DataFrame({"income": [-np.inf, np.inf], "job": "a"})
    np.testing.assert_array_equal(output(fitted, infinite), output(fitted, ends))
    X.loc[:5, "income"] = np.inf
    X.loc[6:9, "income"] = -np.inf
    again = make().fit(X, y)
    assert np.isfinite(again.bins_["income"].cuts).all()
    assert again.tables_["income"].rows[0].sum() == 0
    assert np.isfinite(output(again, X)).all()


@every
def test_unseen_level(make):
    X, y = credit()
    out = output(make().fit(X, y), pd.DataFrame({"income": [0.0], "job": ["pilot"]}))
    assert np.isfinite(out).all()
    if make is WOEEncoder:
        assert out[0, 1] == 0


@every
def test_dates_are_refused(make):
    X, y = credit()
    X["opened"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(600), "D")
    refused(lambda: make().fit(X, y), "'opened'", "dates", "days before")


@every
@pytest.mark.parametrize("odd", [[1], {"a": 1}, (1, 2), 1 + 2j, b"x"], ids=str)
def test_things_that_are_no_features_are_refused(make, odd):
    X, y = credit()
    X["x"] = pd.Series([odd, 1.0] * 300, dtype=object)
    refused(lambda: make().fit(X, y), "'x'", type(odd).__name__, "numbers, strings")


@every
def test_mixed_types_are_levels_by_name(make):
    X, y = credit()
    X["x"] = pd.Series([1, "1", 1.0, None, True, "b"] * 100, dtype=object)
    fitted = make().fit(X, y)
    levels = {level for group in fitted.bins_["x"].groups for level in group}
    assert levels == {"1", "True", "b"}
    assert fitted.tables_["x"].rows[0].sum() == 100


@every
def test_text_in_a_numeric_feature_is_refused(make):
    X, y = credit()
    fitted = make().fit(X, y)
    new = pd.DataFrame({"income": ["1.5", "n/a"], "job": "a"})
    refused(
        lambda: output(fitted, new), "'income'", "'n/a'", "row 1", "declare the feature"
    )
    # Numbers written as text are numbers.
    new = pd.DataFrame({"income": ["0.5", None], "job": "a"})
    same = pd.DataFrame({"income": [0.5, np.nan], "job": "a"})
    np.testing.assert_array_equal(output(fitted, new), output(fitted, same))


@every
def test_hostile_names_and_levels(make):
    X, y = credit()
    names = ['a"; drop table x; --', "<script>alert(1)</script>"]
    X.columns = names
    X[names[1]] = X[names[1]].replace({"a": "'; --", "b": "<b>", "c": "x, y\n\0"})
    fitted = make().fit(X, y)
    assert list(fitted.bins_) == names
    assert np.isfinite(output(fitted, X)).all()
    if make is ScorecardClassifier:
        again = ScorecardClassifier.from_json(fitted.to_json())
        np.testing.assert_array_equal(again.predict_points(X), fitted.predict_points(X))


@pytest.mark.filterwarnings("ignore:Sparse bins")
@every
def test_a_hundred_thousand_levels(make):
    rng = np.random.default_rng(0)
    n = 150_000
    X = pd.DataFrame({"id": rng.integers(100_000, size=n).astype(str)})
    X.loc[: n // 3, "id"] = "usual"
    y = rng.integers(0, 2, n)
    fitted = make().fit(X, y)
    assert fitted.tables_["id"].rows.sum() == n
    assert np.isfinite(output(fitted, X.head(100))).all()


# Targets


@every
def test_three_classes(make):
    X, _ = credit()
    refused(lambda: make().fit(X, np.arange(600) % 3), "binary", "3 classes")


@every
@pytest.mark.parametrize("label", [0, 1, "good"])
def test_one_class(make, label):
    X, _ = credit()
    refused(
        lambda: make().fit(X, np.array([label] * 600)), "one class", repr(label)[1:-1]
    )


@every
def test_one_class_among_the_rows_with_weight(make):
    X, y = credit()
    refused(lambda: make().fit(X, y, sample_weight=y), "one class", "weight")


@every
@pytest.mark.parametrize("kind", ["float", "object", "Int64", "str"])
def test_missing_target(make, kind):
    X, y = credit()
    target = pd.Series(y).astype({"float": float, "str": "str"}.get(kind, kind))
    target[7] = pd.NA if kind == "Int64" else np.nan
    refused(lambda: make().fit(X, target), "row 7", "drop rows without an outcome")


@every
def test_no_target(make):
    X, _ = credit()
    refused(lambda: make().fit(X), "y", "None")


@every
def test_continuous_target(make):
    X, _ = credit()
    refused(lambda: make().fit(X, np.linspace(0, 1, 600)), "continuous")


@every
def test_mixed_labels(make):
    X, y = credit()
    target = pd.Series(["bad" if v else 0 for v in y], dtype=object)
    refused(lambda: make().fit(X, target), "'int'", "'str'", "one type")


@every
@pytest.mark.parametrize("kind", ["object", "boolean", "Int64", "category", "float"])
def test_targets_of_any_type(make, kind):
    X, y = credit()
    expected = make().fit(X, y)
    target = pd.Series(y.astype(bool) if kind == "boolean" else y).astype(kind)
    target.index = target.index[::-1]  # rows go by position, not by index
    fitted = make().fit(X, target)
    assert fitted.bins_ == expected.bins_
    assert fitted.tables_["job"].rows.tolist() == expected.tables_["job"].rows.tolist()


# Frames


@every
def test_lengths_differ(make):
    X, y = credit()
    refused(lambda: make().fit(X, y[:-1]), "600", "599")
    refused(lambda: make().fit(X, y, sample_weight=np.ones(3)), "600", "3")


@every
def test_empty_at_fit(make):
    refused(lambda: make().fit(pd.DataFrame({"a": []}), []), "0 sample")
    refused(
        lambda: make().fit(pd.DataFrame(index=range(9)), np.arange(9) % 2), "0 feature"
    )
    refused(lambda: make().fit(np.empty((0, 2)), []), "0 sample")


@every
def test_empty_at_transform(make):
    X, y = credit()
    fitted = make().fit(X, y)
    assert output(fitted, X.iloc[:0]).shape[0] == 0
    assert output(fitted, X.iloc[:1]).shape[0] == 1


@every
@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
def test_duplicate_names(make, library):
    X, y = credit()
    if library == "pyarrow":
        pa = pytest.importorskip("pyarrow")
        twice = pa.table([X["income"], X["income"]], names=["income", "income"])
    else:
        twice = pd.concat([X, X[["income"]]], axis=1)
    refused(lambda: make().fit(twice, y), "duplicate", "'income'", "rename")


@every
@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_equal_columns_are_no_duplicates(make, library):
    X, y = credit()
    frame = {"a": X["income"].to_numpy(), "b": X["income"].to_numpy()}
    if library == "pandas":
        X = pd.DataFrame(frame)
    elif library == "polars":
        X = pytest.importorskip("polars").DataFrame(frame)
    else:
        X = pytest.importorskip("pyarrow").table(frame)
    if make is ScorecardClassifier:
        with pytest.warns(UserWarning, match="collinear"):
            fitted = make().fit(X, y)
    else:
        fitted = make().fit(X, y)
    assert list(fitted.bins_) == ["a", "b"]


@every
def test_a_lazy_frame_is_refused_with_the_remedy(make):
    pl = pytest.importorskip("polars")
    X, y = credit()
    lazy = pl.DataFrame({"income": X["income"].to_numpy()}).lazy()
    refused(lambda: make().fit(lazy, y), "lazy", "collect", "tabulate")
    fitted = make().fit(X[["income"]], y)
    refused(lambda: output(fitted, lazy), "lazy", "collect")


@every
def test_one_dimension_is_refused(make):
    X, y = credit()
    refused(lambda: make().fit(X["income"], y), "single")
    refused(lambda: make().fit(X["income"].to_numpy(), y), "single")


# Weights


@every
@pytest.mark.parametrize("unit", [1e-3, 1e9])
def test_weights_of_any_sane_size(make, unit):
    X, y = credit()
    if unit < 1:
        # Less than one row in all.
        refused(lambda: make().fit(X, y, sample_weight=np.full(600, unit)), "scale")
        return
    fitted = make().fit(X, y, sample_weight=np.full(600, unit))
    table = fitted.tables_["job"]
    np.testing.assert_allclose(table.weight, unit * table.rows)
    assert np.isfinite(output(fitted, X)).all()


@every
@pytest.mark.parametrize("weight", [1e13, 1e100, 1e200, 1e308])
def test_absurd_weights_are_refused(make, weight):
    X, y = credit()
    refused(
        lambda: make().fit(X, y, sample_weight=np.full(600, weight)),
        "weights add up",
        "scale them down",
    )


@every
@pytest.mark.parametrize(
    ("weight", "word"),
    [(-1.0, "Negative"), (np.nan, "NaN"), (np.inf, "infinity"), (0.0, "zero")],
)
def test_bad_weights_are_refused(make, weight, word):
    X, y = credit()
    refused(lambda: make().fit(X, y, sample_weight=np.full(600, weight)), word)
