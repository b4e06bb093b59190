"""Stumps boosted on pre-bins that an engine counted, beside stumps of the rows."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import Bins, InfostatError, OptimalBinner, StumpBinner, tabulate
from infostat.binning import Prebins, prebin_frame
from infostat.datasets import make_applications

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")

SPECIAL = [-999.0, -998.0, "none"]
OPTIONS = {"n_rounds": 20, "special_values": SPECIAL}
NAMES = ["balance", "utilisation", "months_since_delinquency", "employment"]
LEVELS = ["employment"]


@pytest.fixture(scope="module")
def rows():
    data = make_applications(4_000, rng=4)
    frame = data.frame[NAMES].assign(bad=data.frame[data.target].to_numpy())
    # Text holds a special level, and numbers null beside NaN.
    frame["employment"] = frame["employment"].where(np.arange(4_000) % 9 > 0, "none")
    return frame


def relation(frame):
    connection = duckdb.connect(config={"threads": 1})
    return connection.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))


ENGINES = {
    "pandas": lambda f: f,
    "polars": pl.from_pandas,
    "polars lazy": lambda f: pl.from_pandas(f).lazy(),
    "duckdb": relation,
}


def numbered(frame, bins):
    """Rows whose numbers are replaced by their pre-bins; special and missing ones stay."""
    out = frame[LEVELS].copy()
    for name, part in bins.items():
        if part.groups is None:
            codes = part.codes(frame[name].to_numpy()).astype(float)
            codes[codes == 0] = np.nan
            for k, value in enumerate(part.special_values, start=1):
                codes[codes == k] = value
            out[name] = codes
    return out[list(bins)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("more", [{}, {"reduction": "gain", "max_candidates": 40}])
def test_counted_prebins_give_the_bins_of_the_same_rows(rows, engine, more):
    frame = ENGINES[engine](rows)
    found = StumpBinner(**OPTIONS, **more).fit_frame(frame, "bad")
    most = more.get("max_candidates", 256)
    rules = Prebins(most, SPECIAL, n_levels=256)
    bins, _ = prebin_frame(frame, "bad", rules=rules)
    assert max(part.n_ordinary for part in bins.values()) > min(most, 200) * 0.9
    whole = StumpBinner(**OPTIONS, **more | {"max_candidates": 256})
    whole.fit(numbered(rows, bins), rows["bad"])
    for name in NAMES:
        np.testing.assert_array_equal(
            found.tables_[name].rows, whole.tables_[name].rows
        )
        assert set(found.bins_[name].cuts or ()) <= set(bins[name].cuts or ())
    assert found.trends_ == whole.trends_
    assert found.thresholds_ == {}
    # Levels are those of the rows whatever the number of candidates.
    assert found.bins_["employment"] == whole.bins_["employment"]
    assert "none" in found.bins_["employment"].special_values


def test_few_values_give_the_rows_the_bins_of_fit(rows):
    """Where every value is a pre-bin, candidates are the same."""
    frame = rows[["utilisation", "employment", "bad"]].copy()
    frame["utilisation"] = frame["utilisation"].clip(0, 100).round(-1)
    fitted = StumpBinner(**OPTIONS).fit(frame.drop(columns="bad"), frame["bad"])
    found = StumpBinner(**OPTIONS).fit_frame(pl.from_pandas(frame), "bad")
    for name, table in fitted.tables_.items():
        np.testing.assert_array_equal(found.tables_[name].rows, table.rows)


def test_features_that_only_go_together_are_refused(rows):
    with pytest.raises(InfostatError, match="joint law"):
        StumpBinner(joint=True).fit_frame(rows, "bad")


@pytest.mark.parametrize("engine", ENGINES)
def test_hundreds_of_cuts_and_levels_are_counted(engine):
    """As many tests in one another would break the engines."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=1_500)
    x[:4] = [np.nan, np.inf, -np.inf, 0.0]
    text = np.array([f"l{k}" for k in rng.integers(0, 700, 1_500)], dtype=object)
    text[::50] = None
    frame = pd.DataFrame({"x": x, "t": text, "y": rng.integers(0, 2, 1_500)})
    cuts = np.sort(np.append(rng.normal(size=499), 0.0))
    bins = {
        "x": Bins.numeric("x", cuts, special_values=[x[9]]),
        "t": Bins.categorical(
            "t", [[f"l{2 * k}", f"l{2 * k + 1}"] for k in range(330)]
        ),
    }
    expected = tabulate(frame, bins, "y", engine="array")
    found = tabulate(ENGINES[engine](frame), bins, "y", engine="frame")
    for name in bins:
        np.testing.assert_array_equal(found[name].rows, expected[name].rows)
    assert expected["t"].rows[1].sum() > 0  # unseen levels


def test_many_prebins_of_the_optimal_binner(rows):
    X, y = rows.drop(columns="bad"), rows["bad"]
    options = {"prebins": 400, "special_values": SPECIAL}
    fitted = OptimalBinner(**options).fit(X, y)
    found = OptimalBinner(**options).fit_frame(pl.from_pandas(rows).lazy(), "bad")
    assert found.bins_ == fitted.bins_
