"""Tables of Dask, Spark and batches of parquet are those of a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infostat import Bins
from infostat.counts import CountTable, read_batches, tabulate, tabulate_batches
from infostat.exceptions import InfostatError

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")
parquet = pytest.importorskip("pyarrow.parquet")

HOSTILE = 'a`b"; drop table x; --'
DASK = "ignore:Dask support is moving:FutureWarning"
PYSPARK = "ignore:PySpark does not yet fully support:FutureWarning"
SCHEMA = pa.schema(
    [
        (HOSTILE, pa.float64()),
        ("x.y", pa.float64()),
        ("level", pa.string()),
        ("whole", pa.int64()),
        ("w", pa.float64()),
        ("y", pa.int64()),
    ]
)
VALUES = [0.1, 0.3, 0.30000001, -999.0, -0.0, 5e-324, 1e308]
VALUES += [float("inf"), -float("inf"), float("nan"), None]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(VALUES),
        st.sampled_from(VALUES),
        st.sampled_from(["red", "Red", "", "NaN", "never seen", "<script>", None]),
        st.sampled_from([-3, 0, 4, 7, None]),
        st.sampled_from([0.0, 0.125, 1.0, 3.5]),  # sums exactly in any order
        st.sampled_from([0, 1]),
    ),
    max_size=40,
)


@st.composite
def partitions(draw):
    cuts = draw(st.sets(st.sampled_from([-0.5, 0.0, 0.1, 0.2, 0.3, 1e9]), max_size=5))
    special = draw(st.sampled_from([[], [-999.0], [-999.0, 0.1]]))
    plain = Bins.numeric(HOSTILE, sorted(cuts), special_values=special)
    return {
        HOSTILE: plain,
        "x.y": Bins.numeric("x.y", [0.2], missing_to=draw(st.sampled_from([0, 1, 2]))),
        "level": Bins.categorical(
            "level", [["red", ""], ["NaN"]], special_values=["Red"]
        ),
        "whole": Bins.categorical("whole", [[0, "7"], [4.0]]),
    }


def table_of(rows):
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in SCHEMA]
    return pa.table(dict(zip(SCHEMA.names, columns, strict=True)), schema=SCHEMA)


def plain_loop(rows, bins, place, *, weight):
    out = np.zeros((3, len(bins.labels), 2))
    for row in rows:
        w = row[4] if weight else 1.0
        out[:, code_of(bins, row[place]), row[5]] += (1, w, w * w)
    return CountTable(out[0].astype(int), out[1], out[2], bins.labels)


def code_of(bins, value):
    if value is None or value != value:
        return bins.missing_to
    if bins.groups is None:
        if value in bins.special_values:
            return 1 + bins.special_values.index(value)
        return bins.first + sum(value > cut for cut in bins.cuts)
    if str(value) in bins.special_values:
        return 1 + bins.special_values.index(str(value))
    found = [k for k, group in enumerate(bins.groups) if str(value) in group]
    return bins.first + found[0] if found else bins.unseen


def same(tables, rows, bins, *, weight):
    for place, name in enumerate(SCHEMA.names[:4]):
        expected = plain_loop(rows, bins[name], place, weight=weight)
        assert tables[name].labels == expected.labels
        np.testing.assert_array_equal(tables[name].rows, expected.rows, err_msg=name)
        np.testing.assert_array_equal(tables[name].weight, expected.weight)
        np.testing.assert_array_equal(tables[name].squared, expected.squared)


def duck(table):
    return duckdb.connect().from_arrow(table)


LOCAL = {
    "pandas": lambda t: t.to_pandas(),
    "pandas arrow": lambda t: t.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": pl.from_arrow,
    "polars lazy": lambda t: pl.from_arrow(t).lazy(),
    "pyarrow": lambda t: t,
    "duckdb": duck,
}


@settings(max_examples=12, deadline=None)
@given(rows=ROWS, bins=partitions(), weight=st.sampled_from([None, "w"]))
def test_local_engines_give_one_table(rows, bins, weight):
    table = table_of(rows)
    for make in LOCAL.values():
        for engine in ("array", "frame"):
            tables = tabulate(make(table), bins, "y", weight, engine=engine)
            same(tables, rows, bins, weight=weight)


@pytest.mark.filterwarnings(DASK)
@settings(max_examples=4, deadline=None)
@given(rows=ROWS.filter(bool), bins=partitions(), weight=st.sampled_from([None, "w"]))
def test_dask_gives_the_same_table(rows, bins, weight):
    dask = pytest.importorskip("dask.dataframe", reason="dask is not installed")
    frame = dask.from_pandas(table_of(rows).to_pandas(), npartitions=3)
    same(tabulate(frame, bins, "y", weight), rows, bins, weight=weight)


@pytest.mark.xdist_group("spark")
@pytest.mark.filterwarnings(PYSPARK)
@pytest.mark.filterwarnings("ignore:.*:ResourceWarning")
@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS.filter(bool), bins=partitions(), weight=st.sampled_from([None, "w"]))
def test_spark_gives_the_same_table(spark, rows, bins, weight):
    frame = spark.createDataFrame(table_of(rows))
    same(tabulate(frame, bins, "y", weight), rows, bins, weight=weight)


@settings(max_examples=10, deadline=None)
@given(rows=ROWS.filter(bool), bins=partitions(), size=st.integers(1, 50))
def test_batches_of_parquet_add_up(tmp_path_factory, rows, bins, size):
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    parquet.write_table(table_of(rows), path, row_group_size=7)
    tables = tabulate_batches(read_batches(path, rows=size), bins, "y", "w")
    same(tables, rows, bins, weight="w")
    # The same file, larger than memory or not, counted by DuckDB.
    relation = duckdb.connect().read_parquet(str(path))
    same(tabulate(relation, bins, "y", "w"), rows, bins, weight="w")


def test_nan_that_statistics_of_parquet_hide(tmp_path):
    """Parquet statistics leave NaN out, and DuckDB takes them at their word."""
    path = tmp_path / "rows.parquet"
    x = [0.1, 0.1, 0.3, float("nan")]
    y = [0, 1, 0, 1]
    parquet.write_table(pa.table({"x": x, "y": y, "w": [1.0, 1.0, 1.0, x[-1]]}), path)
    relation = duckdb.connect().read_parquet(str(path))
    table = tabulate(relation, {"x": Bins.numeric("x", [0.2])}, "y")["x"]
    assert table.rows.tolist() == [[0, 1], [1, 1], [1, 0]]
    with pytest.raises(InfostatError, match="weights in 'w' are missing, negative"):
        tabulate(relation, {"x": Bins.numeric("x", [0.2])}, "y", "w")


def test_a_folder_of_parquet_is_one_table(tmp_path):
    whole = pa.table({"x": np.arange(50.0), "z": np.arange(50), "y": np.arange(50) % 2})
    for k in range(3):
        parquet.write_table(whole.slice(k * 20, 20), tmp_path / f"part-{k}.parquet")
    parts = list(read_batches(tmp_path, rows=15, columns=["x", "y"]))
    assert max(part.num_rows for part in parts) == 15
    assert pa.concat_tables(parts).equals(whole.select(["x", "y"]))


@pytest.mark.parametrize("engine", ["array", "frame"])
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_text_in_a_numeric_feature_is_named(make, engine):
    frame = make({"x": ["1", "b"], "y": [0, 1]})
    with pytest.raises(InfostatError, match="'x' is a numeric feature but holds"):
        tabulate(frame, {"x": Bins.numeric("x", [1])}, "y", engine=engine)


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InfostatError, match="There is no parquet file"):
        list(read_batches(tmp_path))
    (tmp_path / "a.parquet").write_text("x,y\n1,2\n")
    with pytest.raises(InfostatError, match="is not a parquet file"):
        list(read_batches(tmp_path))
    parquet.write_table(pa.table({"x": [1.0]}), tmp_path / "a.parquet")
    with pytest.raises(InfostatError, match=r"lacks \['w'\]; it has \['x'\]"):
        list(read_batches(tmp_path, columns=["w"]))
    with pytest.raises(InfostatError, match="There are no batches to count"):
        tabulate_batches([], {"x": Bins.numeric("x", [1])}, "y")
