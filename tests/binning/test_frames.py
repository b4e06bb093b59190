"""Binners fitted in the engine that holds the rows, and batch by batch."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import Bins, InfostatError, InfostatWarning, OptimalBinner, QuantileBinner
from infostat.binning import Prebins, prebin_batches, prebin_frame
from infostat.counts import read_batches
from infostat.datasets import make_applications
from infostat.evidence import information_value

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")
parquet = pytest.importorskip("pyarrow.parquet")

SPECIAL = [-999.0, -998.0, "none"]
DASK = "ignore:Dask support is moving:FutureWarning"
PYSPARK = "ignore:PySpark does not yet fully support:FutureWarning"


class Portfolio:
    def __init__(self):
        data = make_applications(8_000, rng=4)
        self.features, self.target = list(data.features), data.target
        self.frame = data.frame[[*self.features, self.target]].copy()
        self.frame["w"] = np.random.default_rng(1).integers(1, 4, len(self.frame)) * 1.0
        self.arrow = pa.Table.from_pandas(self.frame, preserve_index=False)


@pytest.fixture(scope="module")
def portfolio():
    return Portfolio()


EXACT = {
    "pandas": lambda p: p.frame,
    "polars": lambda p: pl.from_arrow(p.arrow),
    "polars lazy": lambda p: pl.from_arrow(p.arrow).lazy(),
    "pyarrow": lambda p: p.arrow,
}


def same_bins(found, expected):
    assert found.bins_ == expected.bins_
    for name, table in expected.tables_.items():
        np.testing.assert_array_equal(found.tables_[name].rows, table.rows)
        np.testing.assert_allclose(found.tables_[name].weight, table.weight)
    assert list(found.feature_names_in_) == list(expected.feature_names_in_)
    assert found.n_features_in_ == expected.n_features_in_
    assert found.classes_.tolist() == expected.classes_.tolist()
    assert found.event_ == expected.event_


@pytest.mark.parametrize("library", EXACT)
@pytest.mark.parametrize("make", [OptimalBinner, QuantileBinner])
def test_a_frame_gives_the_bins_of_fit(portfolio, make, library):
    binner = make(special_values=SPECIAL)
    expected = make(special_values=SPECIAL).fit(
        portfolio.frame[portfolio.features], portfolio.frame[portfolio.target]
    )
    frame = EXACT[library](portfolio)
    found = binner.fit_frame(frame, portfolio.target, features=portfolio.features)
    assert found is binner
    same_bins(found, expected)


def close_bins(found, expected):
    """Approximate quantiles move cuts a little, the value of the bins hardly."""
    assert list(found.bins_) == list(expected.bins_)
    for name, bins in expected.bins_.items():
        if bins.groups is not None:
            assert found.bins_[name] == bins
        assert found.bins_[name].special_values == bins.special_values
        value = information_value(expected.tables_[name]).value
        other = information_value(found.tables_[name]).value
        assert abs(other - value) < 0.02 + 0.1 * value, name
        assert found.tables_[name].rows.sum() == expected.tables_[name].rows.sum()
        assert found.tables_[name].rows[0].tolist() == (
            expected.tables_[name].rows[0].tolist()
        )


@pytest.fixture(scope="module")
def fitted(portfolio):
    return OptimalBinner(special_values=SPECIAL).fit(
        portfolio.frame[portfolio.features], portfolio.frame[portfolio.target]
    )


def test_duckdb_finds_about_the_same_bins(portfolio, fitted, tmp_path):
    parquet.write_table(portfolio.arrow, tmp_path / "rows.parquet")
    relation = duckdb.connect().read_parquet(str(tmp_path / "rows.parquet"))
    binner = OptimalBinner(special_values=SPECIAL)
    binner.fit_frame(relation, portfolio.target, features=portfolio.features)
    close_bins(binner, fitted)


@pytest.mark.filterwarnings(DASK)
def test_dask_finds_about_the_same_bins(portfolio, fitted):
    dask = pytest.importorskip("dask.dataframe", reason="dask is not installed")
    names = portfolio.features[:4]
    frame = dask.from_pandas(portfolio.frame[[*names, portfolio.target]], npartitions=2)
    binner = OptimalBinner(special_values=SPECIAL).fit_frame(frame, portfolio.target)
    close_bins(binner, part(fitted, names))


@pytest.mark.xdist_group("spark")
@pytest.mark.filterwarnings(PYSPARK)
@pytest.mark.filterwarnings("ignore:.*:ResourceWarning")
def test_spark_finds_about_the_same_bins(portfolio, fitted, spark):
    names = portfolio.features[:2]
    frame = spark.createDataFrame(portfolio.arrow.select([*names, portfolio.target]))
    binner = OptimalBinner(special_values=SPECIAL).fit_frame(frame, portfolio.target)
    close_bins(binner, part(fitted, names))


def part(fitted, names):
    """The same fit, of some of its features."""
    some = OptimalBinner(special_values=SPECIAL)
    some.bins_ = {name: fitted.bins_[name] for name in names}
    some.tables_ = {name: fitted.tables_[name] for name in names}
    return some


def test_nan_in_parquet_moves_no_cut(tmp_path):
    path = tmp_path / "rows.parquet"
    x = np.where(np.arange(1_000) % 2, np.arange(1_000.0), np.nan)
    parquet.write_table(pa.table({"x": x, "y": np.arange(1_000) % 3 // 2}), path)
    relation = duckdb.connect().read_parquet(str(path))
    bins, tables = prebin_frame(relation, "y", rules=Prebins(n_bins=2))
    assert bins["x"].cuts == (pytest.approx(500.0, abs=10),)
    assert tables["x"].rows[0].sum() == 500


def test_weights_fixed_bins_and_labels(portfolio):
    frame = portfolio.frame.assign(
        outcome=np.where(portfolio.frame[portfolio.target] == 1, "bad", "good")
    )
    names = portfolio.features[:4]
    fixed = {names[1]: Bins.numeric(names[1], [1.0, 50.0])}
    # Equal weights leave the quantiles where they are.
    weight = np.full(len(frame), 2.0)
    frame["w"] = weight
    expected = OptimalBinner(fixed_bins=fixed, event="bad")
    expected.fit(frame[names], frame["outcome"], sample_weight=weight)
    found = OptimalBinner(fixed_bins=fixed, event="bad")
    found.fit_frame(pl.from_pandas(frame), "outcome", features=names, weight="w")
    same_bins(found, expected)
    with pytest.warns(InfostatWarning, match="good"):
        OptimalBinner().fit_frame(frame, "outcome", features=names)


@pytest.mark.parametrize("rows", [700, 10_000])
def test_batches_give_the_bins_of_fit(portfolio, fitted, tmp_path, rows):
    path = tmp_path / "rows.parquet"
    parquet.write_table(portfolio.arrow, path)
    columns = [*portfolio.features, portfolio.target]
    bins, tables = prebin_batches(
        lambda: read_batches(path, columns=columns, rows=rows),
        portfolio.target,
        rules=Prebins(special_values=SPECIAL),
    )
    found = OptimalBinner(special_values=SPECIAL).fit_counts(bins, tables)
    same_bins(found, fitted)


def test_a_sample_of_the_rows_gives_about_the_quantiles():
    rng = np.random.default_rng(0)
    x = np.sort(rng.lognormal(size=50_000))  # the worst order for a careless sample
    frame = pl.DataFrame({"x": x, "y": rng.integers(0, 2, x.size)})
    parts = [frame[k : k + 3_000] for k in range(0, x.size, 3_000)]
    bins, tables = prebin_batches(
        lambda: parts, "y", rules=Prebins(n_bins=10), sample=5_000
    )
    share = tables["x"].rows.sum(axis=1)[1:] / x.size
    assert len(bins["x"].cuts) == 9
    # Standard error of a share of a tenth in 5000 rows: 0.004.
    np.testing.assert_allclose(share, 0.1, atol=4 * 0.0043)
    assert not np.allclose(share, 0.1, atol=1e-4)


def test_special_values_hold_where_they_occur_and_empty_bins_go():
    frame = pd.DataFrame({"x": [1.0, 1.0, 2.0, np.nan, -9.0] * 20, "y": [0, 1] * 50})
    bins, tables = prebin_frame(frame, "y", rules=Prebins(special_values=[-9, -8]))
    assert bins["x"].special_values == (-9.0,)
    assert bins["x"].cuts == (1.0,)
    assert tables["x"].rows.sum(axis=1).tolist() == [20, 20, 40, 20]
    rules = Prebins(special_values={"x": [-9, -8]})
    bins, tables = prebin_frame(frame, "y", rules=rules)
    assert bins["x"].special_values == (-9.0, -8.0)
    assert tables["x"].rows.sum(axis=1).tolist() == [20, 20, 0, 40, 20]


@pytest.mark.parametrize("values", [[np.nan] * 4, [np.inf, -np.inf] * 2, [3.0] * 4])
@pytest.mark.parametrize("make", [lambda f: f, lambda f: duckdb.from_arrow(f)])
def test_columns_without_quantiles(values, make):
    frame = make(pa.table({"x": values, "y": [0, 1, 0, 1]}))
    bins, tables = prebin_frame(frame, "y")
    assert bins["x"].n_ordinary == 1
    assert tables["x"].rows.sum() == 4


def test_mistakes_are_named():
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    with pytest.raises(InfostatError, match="data frame is needed, got ndarray"):
        OptimalBinner().fit_frame(np.zeros((3, 2)), "y")
    with pytest.raises(InfostatError, match=r"lacks \['z'\]; it has \['x', 'y'\]"):
        OptimalBinner().fit_frame(frame, "z")
    with pytest.raises(InfostatError, match="one class only"):
        OptimalBinner().fit_frame(frame.assign(y=1), "y")
    with pytest.raises(InfostatError, match="target y contains None"):
        OptimalBinner().fit_frame(pl.DataFrame({"x": [1.0, 2], "y": [0, None]}), "y")
    with pytest.raises(InfostatError, match=r"special_values names \['q'\]"):
        OptimalBinner(special_values={"q": [1]}).fit_frame(frame, "y")
    dates = frame.assign(day=pd.Timestamp("2026-01-01"))
    with pytest.raises(InfostatError, match="Column 'day' holds Datetime"):
        prebin_frame(dates, "y")
    with pytest.raises(InfostatError, match="There are no batches"):
        prebin_batches(list, "y")
    mixed = [frame, frame.assign(x=["a", "b"])]
    with pytest.raises(InfostatError, match="'x' holds numbers in one batch"):
        prebin_batches(lambda: mixed, "y")
