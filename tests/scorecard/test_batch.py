"""Files scored in chunks: any format, bounded memory, whole or absent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from infostat import InfostatError, Scorecard, ScorecardClassifier
from infostat._pipeline import write_behind
from infostat.counts import read_batches
from infostat.scorecard.batch import score_file

pa = pytest.importorskip("pyarrow")
pl = pytest.importorskip("polars")
parquet = pytest.importorskip("pyarrow.parquet")

ROOT = Path(__file__).parents[2]


def test_parquet_is_scored_like_the_frame(rounded, tmp_path):
    """NaN beside null, hostile names, row groups that are no chunks."""
    table = pa.table(rounded.columns)
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=1_700)
    seen = []
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    result = score_file(rounded.card, source, target, rows=999, progress=seen.append)
    found = parquet.read_table(target)
    assert found.column_names == [*table.column_names, "points", "probability"]
    kept = pl.from_arrow(found.drop_columns(["points", "probability"]))
    assert kept.equals(pl.from_arrow(table))  # for polars NaN equals NaN
    rounded.agrees(found["points"], found["probability"])
    assert sum(seen) == result.rows == table.num_rows
    assert max(seen) <= 999
    assert np.isclose(result.mean_points, rounded.points.mean())
    codes = rounded.card.codes(rounded.frame[rounded.card.feature_names])
    expected = {
        (name, feature.bins.labels[k], int((codes[name] == k).sum()))
        for name, feature in rounded.card.features.items()
        for k in range(feature.bins.first)
        if (codes[name] == k).any()
    }
    assert {row[:3] for row in result.exceptions} == expected
    assert {row[1] for row in result.exceptions} >= {"missing", "unseen", "special 7"}


@pytest.mark.parametrize("kinds", ["parquet csv", "csv parquet", "csv csv.gz"])
def test_formats_mix(rounded, tmp_path, kinds):
    # Text files hold neither null beside NaN nor an empty level.
    frame = rounded.frame[rounded.card.feature_names]
    frame = frame.replace("", "empty").iloc[:2_000]
    before, after = kinds.split()
    source, target = tmp_path / f"in.{before}", tmp_path / f"out.{after}"
    frame.to_csv(source, index=False) if before == "csv" else frame.to_parquet(source)
    score_file(rounded.card, source, target, rows=700)
    found = pd.read_parquet(target) if after == "parquet" else pd.read_csv(target)
    expected = rounded.card.points(frame)
    np.testing.assert_allclose(found["points"].astype(float), expected)


def test_a_parquet_file_without_rows(rounded, tmp_path):
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    parquet.write_table(pa.table(rounded.columns).slice(0, 0), source)
    assert score_file(rounded.card, source, target).rows == 0
    assert parquet.read_table(target).column_names[-1] == "probability"


def wide_card(n_features=10):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(2_000, n_features))).add_prefix("x")
    y = (rng.uniform(size=2_000) < 1 / (1 + np.exp(2 - frame["x0"]))).astype(int)
    return ScorecardClassifier().fit(frame, y).card_


@pytest.mark.parametrize(
    ("dictionary", "group"),
    # A large row group is streamed, and dictionaries would be held beside the chunks.
    [(False, 120_000), (True, 48_000), (True, 15_000), (False, 48_000)],
)
def test_memory_is_below_three_chunks(tmp_path, dictionary, group):
    card, source = wide_card(), tmp_path / "in.parquet"
    rng = np.random.default_rng(1)
    rows, chunk = 400_000, 40_000
    columns = {name: rng.normal(size=rows) for name in card.feature_names}
    options = {"row_group_size": group, "use_dictionary": dictionary}
    parquet.write_table(pa.table(columns), source, **options)
    del columns
    size = chunk * (len(card.feature_names) + 2) * 8
    before = pa.total_allocated_bytes()
    held = []

    def measure(_):
        held.append(
            pa.total_allocated_bytes() - before + tracemalloc.get_traced_memory()[0]
        )

    tracemalloc.start()
    score_file(card, source, tmp_path / "out.parquet", rows=chunk, progress=measure)
    tracemalloc.stop()
    assert len(held) >= rows // chunk
    assert max(held) < 3 * size
    assert held[-1] < held[1] + size  # it does not grow with the file


@pytest.mark.parametrize("group", [1, 90, 100, 130, 1000])
def test_row_groups_of_any_size_give_the_same_rows(tmp_path, group):
    """Hostile names, levels, gaps, nested columns; whole row groups or streams."""
    rng = np.random.default_rng(0)
    levels = pa.array(rng.choice(["a", "b", None], 330)).dictionary_encode()
    columns = {
        "a.b": rng.normal(size=330),
        "a": levels,
        'x"; --': pa.array(np.where(rng.random(330) < 0.2, np.nan, 1.0)),
        "s": pa.array([{"a": k, "b": [k]} for k in range(330)]),
        "": np.arange(330),
    }
    table = pa.table(columns)
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=group)
    parts = list(read_batches(tmp_path / "in.parquet", rows=100))
    assert repr(pa.concat_tables(parts).to_pylist()) == repr(table.to_pylist())
    assert parts[0].schema.equals(parquet.read_schema(tmp_path / "in.parquet"))
    assert max(len(part) for part in parts) <= 100
    assert len(parts) <= 6
    some = list(read_batches(tmp_path / "in.parquet", rows=100, columns=["s", ""]))
    assert (
        pa.concat_tables(some)
        .select(["s", ""])
        .equals(pa.concat_tables(parts).select(["s", ""]))
    )


def test_errors_on_either_side_leave_no_file(rounded, tmp_path):
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table = pa.table(rounded.columns)
    parquet.write_table(table.drop_columns(["A"]), source)
    with pytest.raises(InfostatError, match=r"lacks the columns \['A'\]"):
        score_file(rounded.card, source, target)
    parquet.write_table(table.append_column("points", table["a"]), source)
    with pytest.raises(InfostatError, match="column 'points' already"):
        score_file(rounded.card, source, target)
    source.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(InfostatError, match="is not a parquet file"):
        score_file(rounded.card, source, target)
    with pytest.raises(InfostatError, match="There is no file"):
        score_file(rounded.card, tmp_path / "absent.parquet", target)
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_an_error_of_the_writing_thread_comes_out():
    written = []

    def write(item):
        if item == 2:
            raise InfostatError("the disk is full")
        written.append(item)

    def write_all(items):
        with write_behind(write) as hand_over:
            for item in items:
                hand_over(item)

    with pytest.raises(InfostatError, match="the disk is full"):
        write_all(range(5))
    assert written == [0, 1]
    with pytest.raises(InfostatError, match="the disk is full"):
        write_all([2])  # the last one is waited for


@pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are forked")
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_killed_runs_leave_nothing_or_everything(tmp_path, kind):
    """Twenty kills; the benchmark makes fifty."""
    card = wide_card(2)
    card.to_json(tmp_path / "card.json")
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(6_000, 2)))
    frame = frame.add_prefix("x")
    folder = tmp_path / "work"
    folder.mkdir()
    source = folder / f"in.{kind}"
    frame.to_csv(source, index=False) if kind == "csv" else frame.to_parquet(source)
    target = folder / f"out.{kind}"
    paths = [str(path) for path in (tmp_path / "card.json", source, target)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kill_scoring", *paths, "--kills", "20"],
        cwd=ROOT,
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["cut_off"] >= said["part_files"] >= 1  # some fell on the writing
    assert sorted(path.name for path in folder.iterdir()) == [
        f"in.{kind}",
        f"out.{kind}",
    ]
    assert Scorecard.from_json(tmp_path / "card.json").feature_names == ["x0", "x1"]
