"""The same rows give the same answer: in any order, library and number of threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

import infostat
from infostat import (
    Bins,
    BoostedScorecardClassifier,
    InfostatError,
    InfostatWarning,
    OptimalBinner,
    QuantileBinner,
    Scorecard,
    ScorecardClassifier,
    StabilityMonitor,
    StumpBinner,
    WOEEncoder,
)
from infostat.binning import continuous_bins


def credit(n=800, seed=3):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "x": np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n)),
            "k": rng.integers(0, 9, n),
            "job": rng.choice(["a", "b", "c"], n),
            "own": rng.random(n) < 0.4,
        }
    )
    X.loc[:40, "job"] = None
    y = (rng.random(n) < 1 / (1 + np.exp(1 - X["x"].fillna(0)))).astype(int)
    return X, y.to_numpy()


CARDS = {
    "woe": ScorecardClassifier,
    "onehot": lambda: ScorecardClassifier(encoding="onehot"),
    "boosted": lambda: BoostedScorecardClassifier(n_rounds=8),
}


@pytest.mark.filterwarnings("ignore:Sparse bins")
@pytest.mark.parametrize("name", CARDS)
def test_order_of_rows(name):
    X, y = credit()
    order = np.random.default_rng(0).permutation(len(X))
    card, again = CARDS[name]().fit(X, y), CARDS[name]().fit(X.iloc[order], y[order])
    if name == "boosted":
        # XGBoost adds gradients in single precision: near ties may fall otherwise.
        losses = [log_loss(y, c.predict_proba(X)[:, 1]) for c in (card, again)]
        assert losses[0] == pytest.approx(losses[1], rel=0.01)
        return
    assert list(card.bins_.values()) == list(again.bins_.values())
    np.testing.assert_allclose(
        card.predict_proba(X), again.predict_proba(X), rtol=1e-6, atol=1e-9
    )


@pytest.mark.parametrize(
    "make",
    [QuantileBinner, OptimalBinner, lambda: StumpBinner(n_rounds=5), WOEEncoder],
)
def test_order_of_rows_of_bins(make):
    X, y = credit()
    order = np.random.default_rng(1).permutation(len(X))
    first, second = make().fit(X, y), make().fit(X.iloc[order], y[order])
    assert list(first.bins_.values()) == list(second.bins_.values())
    for name, table in first.tables_.items():
        np.testing.assert_array_equal(table.rows, second.tables_[name].rows)


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.filterwarnings("ignore:Sparse bins")
@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_library_of_the_frame(name, library):
    module = pytest.importorskip(library)
    X, y = credit()
    if library == "polars":
        other = module.from_pandas(X)
    else:
        other = module.Table.from_pandas(X, preserve_index=False)
    card, again = CARDS[name]().fit(X, y), CARDS[name]().fit(other, y)
    assert document(card) == document(again)
    np.testing.assert_array_equal(card.predict_points(X), again.predict_points(other))
    np.testing.assert_array_equal(card.predict_points(other), card.predict_points(X))


def document(card):
    found = json.loads(card.to_json())
    del found["audit"]
    return found


FIT = """
import sys, warnings
import numpy as np
from infostat import *
warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
X = np.round(rng.normal(size=(4000, 12)), 3)
y = (rng.random(4000) < 1 / (1 + np.exp(1 - X @ np.linspace(0, 0.5, 12)))).astype(int)
cards = [ScorecardClassifier(), ScorecardClassifier(encoding="onehot", rounding=None)]
cards += [BoostedScorecardClassifier(n_rounds=20)]
for card in cards:
    print(card.fit(X, y).to_json())
monitor = StabilityMonitor(model=cards[0]).fit(X, y)
monitor.update(X[::2] + 0.05, y[::2], period=1)
print(monitor.to_json())
print(PNCriterion(random_state=0).fit(X, y).result_.to_dict())
print(VolumeSampler(40, random_state=0).fit(X).indices_.tolist())
"""


def test_number_of_threads():
    # The same document to the last digit, or a saved card could not be reproduced.
    package = str(Path(infostat.__file__).parents[1])
    printed = []
    for threads in ("1", "2"):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        environment = dict(os.environ, PYTHONPATH=package, PYTHONHASHSEED=threads)
        environment |= dict.fromkeys(names, threads)
        done = subprocess.run(
            [sys.executable, "-c", FIT],
            capture_output=True,
            text=True,
            env=environment,
            timeout=200,
            check=True,
        )
        printed.append(done.stdout.splitlines())
    assert len(printed[0]) == 6
    for one, two in zip(*printed, strict=True):
        assert one == two


# Labels, special values and columns without names


@pytest.mark.parametrize(
    "groups",
    [
        [["a, b"], ["a", "b"]],
        [["missing"], ["unseen"]],
        [["special x"], ["b"]],
        [["'a'"], ["a, 'b"], ["a", "'b"]],
    ],
)
def test_labels_of_a_feature_are_unique(groups):
    bins = Bins.categorical("job", groups, special_values=["x"])
    assert len(set(bins.labels)) == bins.n_bins
    assert bins.labels[:3] == ("missing", "special x", "unseen")


def test_plain_labels_stay_plain():
    assert Bins.categorical("job", [["a", "b"], ["c"]]).labels[2:] == ("a, b", "c")


@pytest.mark.parametrize(
    "make",
    [
        lambda codes: OptimalBinner(special_values=codes),
        lambda codes: QuantileBinner(special_values=codes),
        lambda codes: StumpBinner(n_rounds=3, special_values=codes),
        lambda codes: StabilityMonitor(special_values=codes),
    ],
)
@pytest.mark.parametrize("code", ["-999", {"x": ["none"]}, np.nan, np.inf, None])
def test_special_values_that_a_number_cannot_hold(make, code):
    X, y = credit()
    codes = code if isinstance(code, dict) else [code]
    with pytest.raises(InfostatError, match=r"special value .*'x'"):
        make(codes).fit(X, y)


def test_special_text_of_other_features_is_no_mistake():
    X, y = credit()
    binner = OptimalBinner(special_values=["a", -999]).fit(X, y)
    assert binner.bins_["job"].special_values == ("a",)
    assert binner.bins_["x"].special_values == ()
    with pytest.raises(InfostatError, match="give the number"):
        continuous_bins(X["x"].fillna(0), y, special_values=["-999"])


def test_columns_without_names_go_by_their_numbers():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, 3)))
    y = (X[0] + rng.normal(size=300) > 0).astype(int).to_numpy()
    card = ScorecardClassifier().fit(X, y).card_
    np.testing.assert_array_equal(card.points(X), card.points(X.to_numpy()))
    with pytest.raises(InfostatError, match="increasing order"):
        card.points(X[[2, 1, 0]])
    named = Scorecard.from_json(
        ScorecardClassifier().fit(X.set_axis(["a", "b", "c"], axis=1), y).to_json()
    )
    with pytest.raises(InfostatError, match=r"'a', 'b', 'c'.*names"):
        named.points(X)
    with pytest.raises(InfostatError, match="name of text"):
        ScorecardClassifier().fit(X.set_axis(["a", 1, 2], axis=1), y)


def test_a_restored_card_is_silent():
    X, y = credit(120)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        cards = [make().fit(X, y) for make in CARDS.values()]
        told = [card.iv_["x"] for card in cards]
    for card, value in zip(cards, told, strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            again = type(card).from_json(card.to_json())
        assert again.iv_["x"].value == value.value
        assert again.iv_["x"].interval() == value.interval()
