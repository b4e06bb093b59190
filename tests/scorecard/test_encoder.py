"""Encoding by weight of evidence, in fold and out of fold."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from infostat import (
    InfostatError,
    OptimalBinner,
    QuantileBinner,
    WOEEncoder,
    information_value,
    weight_of_evidence,
)


def credit(n=900, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    job = rng.choice(["a", "b", "c"], n)
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(1 - x - (job == "c")))).astype(int)
    x[rng.uniform(size=n) < 0.1] = np.nan
    return pd.DataFrame({"x": x, "job": job}), y


@pytest.mark.parametrize("sign", ["good_over_bad", "bad_over_good"])
@pytest.mark.parametrize("smoothing", ["auto", "none", 3.0])
def test_the_table_is_the_evidence_of_its_counts(sign, smoothing):
    X, y = credit()
    encoder = WOEEncoder(sign=sign, smoothing=smoothing).fit(X, y)
    encoded = encoder.transform(X)
    for k, name in enumerate(encoder.bins_):
        table = encoder.tables_[name]
        evidence = weight_of_evidence(table, sign=sign, smoothing=smoothing)
        np.testing.assert_array_equal(encoder.woe_[name], evidence.value)
        np.testing.assert_array_equal(encoder.woe_se_[name], evidence.se)
        codes = encoder.bins_[name].codes(nw.from_native(X).get_column(name).to_numpy())
        np.testing.assert_array_equal(encoded[:, k], evidence.value[codes])
        expected = information_value(
            table, ordered_from=encoder.bins_[name].ordered_from
        )
        assert encoder.iv_[name].value == expected.value
        assert encoder.iv_[name].interval() == expected.interval()


def test_the_sign_flips_the_columns_and_not_the_values():
    X, y = credit()
    good = WOEEncoder().fit(X, y)
    bad = WOEEncoder(sign="bad_over_good").fit(X, y)
    np.testing.assert_array_equal(good.transform(X), -bad.transform(X))
    assert good.iv_["x"].value == bad.iv_["x"].value


def test_evidence_by_hand():
    # 20 of 100 events and 300 of 900 non-events are in the first bin.
    X = np.repeat([0.0, 1.0, 0.0, 1.0], [20, 80, 300, 600]).reshape(-1, 1)
    y = np.repeat([1, 1, 0, 0], [20, 80, 300, 600])
    encoder = WOEEncoder(OptimalBinner()).fit(X, y)
    low, high = np.log((1 / 3) / 0.2), np.log((2 / 3) / 0.8)
    assert encoder.transform([[0.0], [1.0]]).ravel() == pytest.approx([low, high])
    # Both totals are estimated from the same rows, too: their errors are subtracted.
    own = np.array([1 / 20 + 1 / 300, 1 / 80 + 1 / 600])
    expected = np.sqrt(own - 1 / 100 - 1 / 900)
    np.testing.assert_allclose(encoder.woe_se_["x0"][1:], expected)
    assert np.isnan(encoder.woe_se_["x0"][0])


def test_without_folds_both_roads_agree():
    X, y = credit()
    encoder = WOEEncoder()
    np.testing.assert_array_equal(
        encoder.fit_transform(X, y), WOEEncoder().fit(X, y).transform(X)
    )


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_each_row_is_encoded_by_the_other_folds(library):
    pytest.importorskip(library)
    X, y = credit()
    frame = nw.from_dict(
        {name: X[name].to_list() for name in X}, backend=library
    ).to_native()
    folds = StratifiedKFold(3)
    out = WOEEncoder(cv=folds).fit_transform(frame, y)
    for train, test in folds.split(X, y):
        other = WOEEncoder().fit(X.iloc[train], y[train])
        np.testing.assert_allclose(
            out[test], other.transform(X.iloc[test]), rtol=0, atol=0
        )


def test_cross_fitting_passes_weights_on():
    X, y = credit()
    weight = np.random.default_rng(1).integers(1, 4, len(y))
    folds = StratifiedKFold(3)
    out = WOEEncoder(cv=folds).fit_transform(X, y, sample_weight=weight)
    train, test = next(folds.split(X, y))
    other = WOEEncoder().fit(X.iloc[train], y[train], sample_weight=weight[train])
    np.testing.assert_array_equal(out[test], other.transform(X.iloc[test]))


def test_cross_fitting_with_labels():
    X, y = credit()
    labels = np.where(y == 1, "bad", "good")
    out = WOEEncoder(cv=3, event="bad").fit_transform(X, labels)
    np.testing.assert_array_equal(out, WOEEncoder(cv=3).fit_transform(X, y))


def noise(seed, n=3_000, levels=400):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"id": rng.integers(levels, size=n).astype(str)})
    return X, rng.integers(0, 2, n)


def test_cross_fitted_noise_stays_noise():
    # A level that knows nothing looks clever on the rows that named it.
    binner = QuantileBinner(max_bins=1_000, rare_level=0.0)
    inside, outside, downstream = [], [], []
    for seed in range(4):
        X, y = noise(seed)
        with pytest.warns(UserWarning, match="merged"):
            leaky = WOEEncoder(binner).fit_transform(X, y)
        with pytest.warns(UserWarning, match="merged"):
            honest = WOEEncoder(binner, cv=5).fit_transform(X, y)
        inside.append(roc_auc_score(y, -leaky[:, 0]))
        outside.append(roc_auc_score(y, -honest[:, 0]))
    assert min(inside) > 0.6
    assert np.mean(outside) == pytest.approx(0.5, abs=0.03)
    X, y = noise(9)
    pipe = make_pipeline(WOEEncoder(binner, cv=5), LogisticRegression())
    with pytest.warns(UserWarning, match="merged"):
        p = cross_val_predict(pipe, X, y, cv=4, method="predict_proba")[:, 1]
    downstream.append(roc_auc_score(y, p))
    assert downstream[0] == pytest.approx(0.5, abs=0.03)


def test_unseen_is_neutral_or_refused():
    X, y = credit()
    X["x"] = X["x"].fillna(0.0)
    new = pd.DataFrame({"x": [np.nan, 0.0], "job": ["a", "zzz"]})
    out = WOEEncoder().fit(X, y).transform(new)
    assert out[0, 0] == 0.0
    assert out[1, 1] == 0.0
    strict = WOEEncoder(unseen="error").fit(X, y)
    np.testing.assert_array_equal(
        strict.transform(X), WOEEncoder().fit(X, y).transform(X)
    )
    with pytest.raises(InfostatError, match=r"'x'.*missing.*neutral"):
        strict.transform(new.iloc[:1])
    with pytest.raises(InfostatError, match=r"'job'.*unseen.*neutral"):
        strict.transform(new.iloc[1:])


def test_missing_gets_its_own_evidence():
    # The trap of optbinning: missing values learned at fit, zero at transform.
    X, y = credit()
    y[np.isnan(X["x"])] = np.arange(np.isnan(X["x"]).sum()) % 2
    encoder = WOEEncoder().fit(X, y)
    gone = encoder.transform(pd.DataFrame({"x": [np.nan], "job": ["a"]}))[0, 0]
    events, totals = encoder.tables_["x"].rows[0], encoder.tables_["x"].totals
    assert gone == pytest.approx(
        np.log(events[0] / totals[0] / (events[1] / totals[1]))
    )
    assert abs(gone) > 0.1


def test_another_transformer_is_no_binner():
    from sklearn.preprocessing import KBinsDiscretizer

    X, y = credit()
    with pytest.raises(InfostatError, match="KBinsDiscretizer: use OptimalBinner"):
        WOEEncoder(KBinsDiscretizer()).fit(X[["x"]].fillna(0), y)
