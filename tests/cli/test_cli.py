"""The commands as a user meets them: files in, files out, one sentence on a mistake."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from infostat import Scorecard
from infostat.cli import main
from infostat.datasets import make_applications

SAMPLE = Path(__file__).parents[2] / "data"
EXCLUDED = ["--exclude", "group", "--exclude", "period", "--exclude", "treatment"]
SPECIALS = ["--special", "-999", "--special", "-998"]


def run(*arguments: object) -> None:
    main([str(a) for a in arguments])


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one sentence that a refused command prints."""
    with pytest.raises(SystemExit) as stop:
        run(*arguments)
    assert stop.value.code == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("infostat: ")
    return said


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("card") / "card.json"
    data = SAMPLE / "applications.csv"
    run("fit", data, "--target", "default", "--out", path, *EXCLUDED, *SPECIALS)
    return path


def test_fit_prints_the_tables_and_names_the_files(tmp_path, capsys):
    report = tmp_path / "report.html"
    out = tmp_path / "card.json"
    data = SAMPLE / "applications.csv"
    run(
        *("fit", data, "--target", "default", "--out", out, "--report", report),
        *(*EXCLUDED, *SPECIALS),
    )
    printed = capsys.readouterr().out
    for heading in ("Information values", "std_error", "conf_low", "p_adjusted", "woe"):
        assert heading in printed
    assert str(out) in printed
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["card.json", "report.html"]


def test_score_appends_points_that_the_card_gives(card, tmp_path):
    out = tmp_path / "scored.csv"
    run("score", card, SAMPLE / "batch.csv", out)
    with out.open(encoding="utf-8", newline="") as handle:
        scored = list(csv.DictReader(handle))
    with (SAMPLE / "batch.csv").open(encoding="utf-8", newline="") as handle:
        given = list(csv.DictReader(handle))
    assert len(scored) == len(given) == 500
    # The input comes back cell by cell.
    assert [{k: row[k] for k in given[0]} for row in scored] == given
    loaded = Scorecard.from_json(card)
    expected = np.zeros(500)
    for name, feature in loaded.features.items():
        cells = [row[name] or None for row in given]
        if feature.bins.groups is None:
            values = np.array([np.nan if c is None else float(c) for c in cells])
        else:
            values = np.array(cells, dtype=object)
        expected += feature.points[feature.bins.codes(values)]
    points = np.array([float(row["points"]) for row in scored])
    np.testing.assert_allclose(points, expected, atol=1e-9)


@pytest.mark.parametrize("rows", [7, 500])
@pytest.mark.parametrize("name", ["s.csv", "s.csv.gz", "s.parquet"])
def test_chunks_and_formats_give_the_same_scores(card, tmp_path, rows, name):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    from infostat._tables import read_table
    from infostat.scorecard.batch import score_file

    loaded = Scorecard.from_json(card)
    seen: list[int] = []
    result = score_file(
        loaded, SAMPLE / "batch.csv", tmp_path / name, rows=rows, progress=seen.append
    )
    assert sum(seen) == result.rows == 500
    frame = read_table(tmp_path / name)
    whole = loaded.points(read_table(SAMPLE / "batch.csv"))
    np.testing.assert_allclose(frame["points"].to_numpy(), whole, atol=1e-9)


def test_score_counts_missing_special_and_unseen(card, tmp_path, capsys):
    run("score", card, SAMPLE / "batch.csv", tmp_path / "s.csv", "--json")
    told = json.loads(capsys.readouterr().out)
    table = told["missing_special_and_unseen"]
    rows = dict(
        zip(
            zip(table["feature"], table["bin"], strict=True), table["rows"], strict=True
        )
    )
    with (SAMPLE / "batch.csv").open(encoding="utf-8", newline="") as handle:
        given = list(csv.DictReader(handle))
    assert rows["purpose", "unseen"] == sum(r["purpose"] == "solar" for r in given) > 0
    assert rows["mortgage", "missing"] == sum(not r["mortgage"] for r in given) > 0
    coded = sum(r["inquiries"] == "-999" for r in given)
    assert rows["inquiries", "special -999"] == coded > 0
    assert told["rows"] == 500


def test_summary_of_a_saved_card(card, capsys):
    run("summary", card)
    printed = capsys.readouterr().out
    assert "utilisation" in printed
    run("summary", card, "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["event"] == 1
    assert told["n_samples"] == 2971


def test_demo_writes_a_report_that_needs_nothing_else(tmp_path, capsys):
    run("demo", "--out", tmp_path / "demo", "--data", SAMPLE)
    html = (tmp_path / "demo" / "report.html").read_text(encoding="utf-8")
    for outside in ("http://", "https://", "<script", "<link"):
        assert outside not in html
    assert "rows scored" in capsys.readouterr().out


def test_demo_generates_a_sample_where_there_is_none(tmp_path):
    run("demo", "--out", tmp_path / "demo", "--data", tmp_path / "nothing")
    assert (tmp_path / "demo" / "scored.csv").exists()


def test_text_labels_need_an_event(tmp_path, capsys):
    data = tmp_path / "d.csv"
    rows = [f"{k % 7},{'bad' if k % 3 == 0 else 'good'}" for k in range(60)]
    data.write_text("x,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    out = tmp_path / "c.json"
    said = refused(capsys, "fit", data, "--target", "y", "--out", out)
    assert "--event" in said
    assert "['bad', 'good']" in said
    said = refused(
        capsys, "fit", data, "--target", "y", "--event", "awful", "--out", out
    )
    assert "'awful'" in said
    run("fit", data, "--target", "y", "--event", "bad", "--out", out)
    assert Scorecard.from_json(out).event == "bad"


def test_codes_stay_text(tmp_path):
    data = tmp_path / "d.csv"
    codes = ["none", "007", "NA", "1.0"]
    rows = [f"{codes[k % 4]},{int(k % 5 == 0 or k % 4 == 1)}" for k in range(400)]
    data.write_text("c,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    run("fit", data, "--target", "y", "--out", tmp_path / "c.json")
    bins = Scorecard.from_json(tmp_path / "c.json").features["c"].bins
    assert bins.groups is not None
    assert sorted(v for group in bins.groups for v in group) == sorted(codes)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fit", "none.csv", "--target", "y", "--out", "c.json"), ["no file none.csv"]),
        (("score", "none.json", "a.csv", "b.csv"), ["no file none.json"]),
        (("summary", "none.json"), ["no file none.json"]),
        (("fit", "a.xlsx", "--target", "y", "--out", "c.json"), ["a.xlsx", "parquet"]),
        (("fit", "a.csv", "--target", "y"), ["--out"]),
        (("nonsense",), ["nonsense"]),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    Path("a.xlsx").write_text("x", encoding="utf-8")
    Path("a.csv").write_text("x,y\n1,0\n", encoding="utf-8")
    said = refused(capsys, *arguments)
    assert all(word in said for word in words)


def test_a_refused_run_leaves_no_file(card, tmp_path, capsys):
    (tmp_path / "in.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    said = refused(capsys, "score", card, tmp_path / "in.csv", out)
    assert "lacks the columns" in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv"]


def test_text_in_a_numeric_feature_is_named(card, tmp_path, capsys):
    lines = (SAMPLE / "batch.csv").read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    cells = lines[2].split(",")
    cells[header.index("balance")] = "a lot"
    lines[2] = ",".join(cells)
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = refused(capsys, "score", card, tmp_path / "in.csv", tmp_path / "out.csv")
    assert "'balance'" in said
    assert "'a lot'" in said


def test_scores_are_not_written_over_their_input(card, tmp_path, capsys):
    same = tmp_path / "in.csv"
    same.write_bytes((SAMPLE / "batch.csv").read_bytes())
    assert "overwritten" in refused(capsys, "score", card, same, same)
    assert same.read_bytes() == (SAMPLE / "batch.csv").read_bytes()


def test_a_column_named_points_is_refused(card, tmp_path, capsys):
    run("score", card, SAMPLE / "batch.csv", tmp_path / "once.csv")
    said = refused(capsys, "score", card, tmp_path / "once.csv", tmp_path / "twice.csv")
    assert "'points'" in said


def test_damaged_gzip_is_one_sentence(card, tmp_path, capsys):
    packed = gzip.compress((SAMPLE / "batch.csv").read_bytes())
    (tmp_path / "in.csv.gz").write_bytes(packed[: len(packed) // 2])
    said = refused(capsys, "score", card, tmp_path / "in.csv.gz", tmp_path / "out.csv")
    assert "in.csv.gz" in said
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.slow
def test_a_killed_run_leaves_nothing_or_everything(card, tmp_path):
    """Kill scoring at several moments; the rerun is whole and clean."""
    big = tmp_path / "big.csv"
    header, *rows = (SAMPLE / "batch.csv").read_text(encoding="utf-8").splitlines()
    big.write_text("\n".join([header, *(rows * 200)]) + "\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    command = [sys.executable, "-m", "infostat", "score", str(card), str(big), str(out)]
    for seconds in (0.5, 1.0, 1.5, 2.0, 2.5):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        if out.exists():
            assert len(out.read_bytes().splitlines()) == 100_001
            out.unlink()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert len(out.read_bytes().splitlines()) == 100_001
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize(
    ("path", "target", "event", "n_rows"),
    [
        ("german_credit/german_credit.csv", "creditability", "bad", 1000),
        ("taiwan_default/taiwan_default.csv.gz", "default_next_month", "1", 30000),
        ("adult/adult.csv.gz", "income", ">50K", 48842),
    ],
)
def test_real_files_from_end_to_end(tmp_path, path, target, event, n_rows):
    folder = os.environ.get("INFOSTAT_DATA")
    if not folder:
        pytest.skip("real data sets: set INFOSTAT_DATA to their folder")
    data, out = Path(folder) / path, tmp_path / "card.json"
    run("fit", data, "--target", target, "--event", event, "--out", out)
    run("score", out, data, tmp_path / "scored.csv")
    from infostat._tables import read_table

    scored = read_table(tmp_path / "scored.csv")
    assert len(scored) == n_rows
    bad = (scored[target].astype(str) == event).to_numpy()
    assert scored["probability"].mean() == pytest.approx(bad.mean(), abs=1e-6)
    assert scored["points"][bad].mean() < scored["points"][~bad].mean() - 10


def test_generated_frame_can_be_fitted_from_parquet(tmp_path):
    pytest.importorskip("pyarrow")
    data = make_applications(2000, rng=3, backend="pandas")
    data.frame.to_parquet(tmp_path / "d.parquet")
    run(
        *("fit", tmp_path / "d.parquet", "--target", "default"),
        *("--out", tmp_path / "c.json", *EXCLUDED, *SPECIALS),
    )
    card = Scorecard.from_json(tmp_path / "c.json")
    assert set(card.feature_names) == set(data.features)
