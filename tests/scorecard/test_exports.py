"""One card, many engines: SQL, PMML and frame expressions agree with predict_points."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from infostat import Bins, OptimalBinner, Scorecard, ScorecardClassifier
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.scorecard.reasons import baseline_points, points_lost, reason_codes

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")
sqlglot = pytest.importorskip("sqlglot")

DROP = 'a"; drop table x; --'
RENAMED = {"A": "A second"}
NUMBERS = (DROP, "A", "A second", "a", "x.y")


def duck(columns):
    connection = duckdb.connect()
    connection.register("arrow", pa.table(columns))
    connection.execute('create table "ro""ws" as select * from arrow')
    connection.execute("create table x as select 1 as one")
    return connection


def lite(columns):
    connection = sqlite3.connect(":memory:")
    names = [name.replace('"', '""') for name in columns]
    kinds = ["REAL" if name in NUMBERS else "TEXT" for name in columns]
    made = ", ".join(f'"{n}" {k}' for n, k in zip(names, kinds, strict=True))
    connection.execute(f'create table "ro""ws" ({made})')
    connection.execute("create table x (one)")
    holes = ", ".join("?" for _ in columns)
    rows = zip(*columns.values(), strict=True)
    connection.executemany(f'insert into "ro""ws" values ({holes})', rows)  # noqa: S608
    return connection


def postgres_table(server, columns):
    def cell(value):
        return "\\N" if value is None else value

    names = [name.replace('"', '""') for name in columns]
    kinds = ["float8" if name in NUMBERS else "text" for name in columns]
    made = ", ".join(f'"{n}" {k}' for n, k in zip(names, kinds, strict=True))
    server.sql('drop table if exists "ro""ws", x')
    server.sql(f'create table "ro""ws" ({made})')
    server.sql("create table x (one int)")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(map(cell, row) for row in zip(*columns.values(), strict=True))
    copy = 'COPY "ro""ws" FROM STDIN WITH (FORMAT csv, NULL \'\\N\')'
    server.sql(copy, rows=text.getvalue())


def by_key(rows):
    """Columns of rows (key, points, probability, ...) in the order of the key."""
    ranked = sorted(rows, key=lambda row: int(row[0]))
    return list(zip(*ranked, strict=True))


def test_duckdb_runs_the_sql(hostile):
    connection = duck(hostile.renamed())
    sql = hostile.fitted.to_sql("duckdb", table='ro"ws', columns=RENAMED)
    found = connection.execute(sql).df().sort_values("key")
    hostile.agrees(found["points"], found["probability"])
    assert set(hostile.renamed()) < set(found.columns)  # the other columns stay
    assert connection.execute("select one from x").fetchall() == [(1,)]


def test_duckdb_scores_parquet_whose_statistics_hide_nan(rounded, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "rows.parquet"
    # No nulls and no infinities: then the statistics bound the column, or seem to.
    columns = {
        name: [7.5 if v is None or abs(v) == np.inf else v for v in values]
        if name in NUMBERS
        else values
        for name, values in rounded.renamed().items()
    }
    parquet.write_table(pa.table(columns), path, row_group_size=1_000)
    back = {old: new for new, old in RENAMED.items()}
    expected = rounded.card.points(pd.DataFrame(columns).rename(columns=back))
    connection = duckdb.connect()
    relation = connection.read_parquet(str(path))
    card = rename_feature(rounded.card, "A", RENAMED["A"])
    found = card.score_frame(relation).df().sort_values("key")
    np.testing.assert_allclose(found["points"], expected, rtol=0, atol=1e-9)
    relation.create_view("scored")
    found = connection.execute(card.to_sql("duckdb", table="scored")).df()
    found = found.sort_values("key")
    np.testing.assert_allclose(found["points"], expected, rtol=0, atol=1e-9)


def test_sqlite_runs_the_sql(hostile):
    if not sqlite_has_mathematics():
        pytest.skip("this SQLite was built without the function exp")
    sql = hostile.card.to_sql("sqlite", table=['ro"ws'], keep=["key"], columns=RENAMED)
    with closing(lite(hostile.renamed())) as connection:
        _, points, probability = by_key(connection.execute(sql).fetchall())
        assert connection.execute("select count(*) from x").fetchall() == [(0,)]
    hostile.agrees(points, probability)


def sqlite_has_mathematics():
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("select exp(1.0)")
        except sqlite3.OperationalError:
            return False
    return True


def test_postgres_runs_the_sql(rounded, postgres):
    postgres_table(postgres, rounded.columns)
    # PostgreSQL knows "A" from "a", so no column is renamed.
    sql = rounded.card.to_sql("postgresql", table='ro"ws', keep=["key"], reasons=2)
    rows = list(csv.reader(io.StringIO(postgres.sql(sql))))
    _, points, probability, *reasons = by_key(rows)
    rounded.agrees(points, probability)
    expected = brute_force_reasons(rounded, "maximum", 2)
    assert np.array_equal(reasons, np.where(expected == None, "", expected))  # noqa: E711
    assert postgres.sql("select count(*) from x").strip() == "0"


@pytest.mark.xdist_group("spark")
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support:FutureWarning")
@pytest.mark.filterwarnings("ignore:.*:ResourceWarning")
def test_spark_runs_the_sql_and_the_expressions(rounded, spark):
    frame = spark.createDataFrame(pa.table(rounded.renamed()))
    frame.createOrReplaceTempView("rows")
    sql = rounded.card.to_sql("spark", table="rows", columns=RENAMED, keep=["key"])
    found = spark.sql(sql).toArrow().sort_by("key")
    rounded.agrees(found["points"], found["probability"])
    # By expressions, hostile names and "A" beside "a" included.
    plain = spark.createDataFrame(pa.table(rounded.columns))
    scored = rounded.fitted.score_frame(plain)
    assert scored.columns == [*rounded.columns, "points", "probability"]
    kept = scored.toDF(*(f"c{k}" for k in range(len(scored.columns))))
    arrow = kept.toArrow().sort_by(f"c{len(rounded.columns) - 1}")
    rounded.agrees(arrow.column(-2), arrow.column(-1))


def test_pmml_is_evaluated_by_another_package(hostile, tmp_path):
    evaluator = pytest.importorskip("jpmml_evaluator")
    if shutil.which("java") is None:
        pytest.skip("the PMML evaluator needs Java, which is not installed")
    hostile.fitted.to_pmml(tmp_path / "card.pmml")
    model = evaluator.make_evaluator(str(tmp_path / "card.pmml")).verify()
    rows = hostile.frame[hostile.card.feature_names]
    found = model.evaluateAll(rows)
    hostile.agrees(found["points"], found["probability"])
    lacking = {
        name: lack[hostile.card.features[name].bins.codes(rows[name])]
        for name, lack in zip(
            hostile.card.features, points_lost(hostile.card), strict=True
        )
    }
    largest = np.max(list(lacking.values()), axis=0)
    for row, name in enumerate(found["reason_1"]):
        # Where two features lack the same, PMML leaves the order open.
        assert lacking[name][row] == largest[row]


FRAMES = {
    "pandas": lambda h: h.frame,
    "pandas nullable": lambda h: h.frame.astype(
        dict.fromkeys([DROP, "A", "a", "x.y"], "Float64")
        | {"a`b": "string", "<script>": "string"}
    ),
    "pandas with an index": lambda h: h.frame.set_index(
        h.frame["key"].to_numpy()[::-1]
    ),
    "polars": lambda h: pl.DataFrame(h.columns, strict=False),
    "polars lazy": lambda h: pl.LazyFrame(h.columns, strict=False),
    "polars categorical": lambda h: pl.DataFrame(h.columns, strict=False).cast(
        {"a`b": pl.Categorical}
    ),
    "pyarrow": lambda h: pa.table(h.columns),
}


@pytest.mark.parametrize("engine", ["auto", "frame"])
@pytest.mark.parametrize("library", FRAMES)
def test_frames_are_scored_in_their_own_library(hostile, library, engine):
    frame = FRAMES[library](hostile)
    scored = hostile.fitted.score_frame(frame, engine=engine)
    assert type(scored) is type(frame)
    if isinstance(scored, pl.LazyFrame):
        scored = scored.collect()
    names = scored.column_names if library == "pyarrow" else list(scored.columns)
    assert names == [*hostile.columns, "points", "probability"]
    hostile.agrees(scored["points"], scored["probability"])
    assert "points" not in hostile.columns


def test_duckdb_relations_are_scored_by_duckdb(hostile):
    relation = duckdb.connect().from_arrow(pa.table(hostile.renamed()))
    with pytest.raises(InfostatError, match=r"lacks the columns \['A'\]"):
        hostile.card.score_frame(relation)
    # The only rename that DuckDB needs: names that differ in case alone.
    card = rename_feature(hostile.card, "A", RENAMED["A"])
    scored = card.score_frame(relation)
    assert isinstance(scored, duckdb.DuckDBPyRelation)
    found = scored.df().sort_values("key")
    hostile.agrees(found["points"], found["probability"])


def rename_feature(card, old, new):
    document = json.loads(card.to_json())
    for feature in document["features"]:
        if feature["bins"]["feature"] == old:
            feature["bins"]["feature"] = new
    return type(card).from_json(json.dumps(document))


@pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")
def test_dask_frames_are_scored_by_dask(rounded):
    dask = pytest.importorskip("dask.dataframe", reason="dask is not installed")
    frame = dask.from_pandas(rounded.frame, npartitions=3)
    scored = rounded.card.score_frame(frame).compute().sort_values("key")
    rounded.agrees(scored["points"], scored["probability"])


# Reason codes


def brute_force_reasons(hostile, baseline, number):
    """Reasons row by row, from the definition alone."""
    card = hostile.card
    codes = card.codes(hostile.frame[card.feature_names])
    aims = dict(zip(card.features, baseline_points(card, baseline), strict=True))
    values = {name: float(f.value["estimate"]) for name, f in card.features.items()}
    out = np.full((number, len(hostile.frame)), None, dtype=object)
    for row in range(len(hostile.frame)):
        lacking = []
        for name, feature in card.features.items():
            lost = round(aims[name] - feature.points[codes[name][row]], 9)
            if lost > 0:
                lacking.append((-lost, -values[name], name))
        for k, (_, _, name) in enumerate(sorted(lacking)[:number]):
            out[k, row] = name
    return out


@pytest.mark.parametrize("baseline", ["maximum", "mean", "neutral"])
def test_reason_codes_in_sql_follow_the_definition(rounded, baseline):
    sql = rounded.card.to_sql(
        "duckdb",
        table='ro"ws',
        keep=["key"],
        columns=RENAMED,
        reasons=3,
        baseline=baseline,
    )
    found = by_key(duck(rounded.renamed()).execute(sql).fetchall())
    rounded.agrees(found[1], found[2])
    expected = brute_force_reasons(rounded, baseline, 3)
    assert np.array_equal(np.array(found[3:], dtype=object), expected)
    assert len(set(expected[0])) > 3


def test_reasons_in_sql_are_those_of_the_card(rounded):
    rows = rounded.frame[rounded.card.feature_names]
    listed = pd.DataFrame(reason_codes(rounded.card, rows, n=2, like="pandas"))
    sql = rounded.card.to_sql(
        "duckdb", table='ro"ws', keep=["key"], columns=RENAMED, reasons=2
    )
    found = by_key(duck(rounded.renamed()).execute(sql).fetchall())
    for rank in (1, 2):
        expected = np.full(len(rows), None, dtype=object)
        here = listed[listed["rank"] == rank]
        expected[here["row"]] = here["feature"]
        assert np.array_equal(np.array(found[2 + rank], dtype=object), expected)


# What the text of a statement holds


DIALECTS = ["bigquery", "duckdb", "oracle", "postgres", "snowflake", "spark", "sqlite"]


@pytest.mark.filterwarnings("ignore:'a`b' has the empty text as a level; for Oracle")
@pytest.mark.parametrize("dialect", [*DIALECTS, "tsql"])
def test_every_dialect_reads_back_names_and_levels(rounded, dialect):
    plain = {name: f"c{k}" for k, name in enumerate(rounded.card.feature_names)}
    columns = {
        "bigquery": plain,
        "oracle": {DROP: "plain"},
        "postgres": {},
        "snowflake": {},
    }.get(dialect, RENAMED)
    sql = (
        rounded.card.to_sql(dialect, table=["s", "t`t"], columns=columns)
        if (dialect != "bigquery")
        else rounded.card.to_sql(dialect, table="s.t", columns=columns)
    )
    # sqlglot does not read Oracle's suffix of a binary double.
    sql = re.sub(r"(\de-?\d+)D\b", r"\1", sql) if dialect == "oracle" else sql
    statement = sqlglot.parse_one(sql, read=dialect)
    named = {column.name for column in statement.find_all(sqlglot.exp.Column)}
    wanted = {columns.get(name, name) for name in rounded.card.feature_names}
    assert wanted <= named
    strings = {s.this for s in statement.find_all(sqlglot.exp.National)}
    strings |= {s.this for s in statement.find_all(sqlglot.exp.Literal) if s.is_string}
    ending = "." if dialect == "tsql" else ""
    groups = rounded.card.features["a`b"].bins.groups
    assert {level + ending for group in groups for level in group} <= strings
    assert len(list(statement.find_all(sqlglot.exp.Select))) == 1


@pytest.mark.filterwarnings("ignore:Sparse bins were merged")
@pytest.mark.filterwarnings("ignore:At most one bin", "ignore:The classes are sep")
def test_literals_are_exact_doubles():
    cuts = sorted({*np.random.default_rng(3).lognormal(0, 9, 150), 5e-324, 1e300, 0.1})
    rows = [v for c in cuts for v in (c, np.nextafter(c, 1e308), np.nextafter(c, 0))]
    y = np.arange(len(rows)) % 2
    binner = OptimalBinner(fixed_bins={"x": Bins.numeric("x", cuts)})
    frame = pd.DataFrame({"x": rows})
    card = ScorecardClassifier(binner=binner, rounding=None).fit(frame, y).card_
    document = json.loads(card.to_json())
    # Points that tell the bin, so that no two bins pass for one.
    document["features"][0]["points"] = list(range(len(cuts) + 2))
    card = Scorecard.from_json(json.dumps(document))
    expected = card.codes(frame)["x"]
    for connect, dialect in ((duck, "duckdb"), (lite, "sqlite")):
        connection = connect({"x.y": rows, "key": list(range(len(rows)))})
        sql = card.to_sql(dialect, table='ro"ws', keep=["key"], columns={"x": "x.y"})
        _, points, _ = by_key(connection.execute(sql).fetchall())
        connection.close()
        np.testing.assert_array_equal(points, expected)


def test_booleans_and_numbers_as_levels():
    rng = np.random.default_rng(2)
    frame = pl.DataFrame(
        {
            "flag": rng.choice([True, False], 2_000),
            "code": rng.choice([1, 2, 30, 2**53 + 1], 2_000),
        }
    ).with_columns(
        pl.when(pl.col("code") == 2).then(None).otherwise("flag").alias("flag")
    )
    y = (rng.uniform(size=2_000) < 0.2 + 0.3 * (frame["code"].to_numpy() == 30)) * 1
    card = ScorecardClassifier(binner=OptimalBinner(categories=["code"])).fit(frame, y)
    expected = card.predict_points(frame)
    connection = duckdb.connect()
    connection.register("t", frame.to_arrow())
    types = {"flag": "boolean", "code": "number"}
    sql = card.to_sql("duckdb", table="t", types=types)
    np.testing.assert_allclose(connection.execute(sql).df()["points"], expected)
    with pytest.warns(InfostatWarning, match="types={'flag': 'boolean'}"):
        card.to_sql("duckdb", table="t")
    for dialect in ("tsql", "oracle", "sqlite"):
        assert " IN (1)" in card.to_sql(dialect, types=types)


def test_what_oracle_cannot_tell_apart_is_said(rounded):
    with pytest.warns(InfostatWarning, match="for Oracle it is NULL, so such rows"):
        rounded.card.to_sql("oracle", columns={DROP: "plain"})


# Errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dialect": "mysql5"}, "no dialect 'mysql5': choose bigquery"),
        ({"columns": {"b": "c"}}, r"columns names \['b'\], but the features are"),
        ({"types": {"a`b": "date"}}, "types of 'a`b' is 'date': choose text, number"),
        ({}, "duckdb takes the columns 'A' and 'a' for one: rename one"),
        ({"dialect": "oracle"}, "holds '\"', which oracle cannot write: rename"),
        ({"columns": RENAMED, "reasons": 2}, r"give keep=\['your key', ...\]"),
        ({"columns": RENAMED, "table": "a.b.c.d"}, "table has 4 parts"),
        ({"columns": RENAMED, "table": ""}, "The name '' is empty"),
    ],
)
def test_sql_that_cannot_be_written_is_refused(rounded, arguments, message):
    with pytest.raises(InfostatError, match=message):
        rounded.fitted.to_sql(**arguments)


def test_frames_that_cannot_be_scored_are_refused(rounded):
    card = rounded.card
    with pytest.raises(InfostatError, match="needs a data frame, got ndarray"):
        card.score_frame(np.zeros((2, 6)))
    with pytest.raises(InfostatError, match=r"lacks the columns \['A', 'a'"):
        card.score_frame(pl.LazyFrame({DROP: [1.0]}))
    scored = card.score_frame(rounded.frame)
    with pytest.raises(InfostatError, match="column 'points' already: rename"):
        card.score_frame(scored)
    text = rounded.frame.assign(A="word")
    with pytest.raises(InfostatError, match="Column 'A' is a numeric feature but"):
        card.score_frame(pl.from_pandas(text).lazy())
    with pytest.raises(InfostatError, match="cannot be scored by arrays"):
        card.score_frame(pl.LazyFrame(rounded.columns, strict=False), engine="array")


def test_pmml_refuses_what_xml_cannot_hold():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 400)
    levels = pd.DataFrame({"x": rng.choice(["bell\a", "b"], 400)})
    with pytest.raises(InfostatError, match=r"'bell\\x07' .* holds the character"):
        ScorecardClassifier().fit(levels, y).to_pmml()
    named = pd.DataFrame({"points": rng.normal(size=400)})
    with pytest.raises(InfostatError, match="'points' has the name of an output"):
        ScorecardClassifier().fit(named, y).to_pmml()
