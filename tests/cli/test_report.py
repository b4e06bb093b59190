"""The command of the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infostat.cli import main

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

SAMPLE = Path(__file__).parents[2] / "data" / "applications.csv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A card fitted on the first rows of the sample, and the later rows."""
    where = tmp_path_factory.mktemp("report")
    head, *lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    for name, part in (("first.csv", lines[:1800]), ("later.csv", lines[1800:])):
        (where / name).write_text("\n".join([head, *part, ""]), encoding="utf-8")
    left_out = ("--exclude", "group", "--exclude", "period", "--exclude", "treatment")
    more = (*left_out, "--special", "-999", "--special", "-998")
    run(
        "fit",
        where / "first.csv",
        "--target",
        "default",
        "--out",
        where / "c.json",
        *more,
    )
    return where


def run(*arguments):
    main([str(a) for a in arguments])


def test_command_writes_all_sections_and_prints_findings(folder, capsys):
    out = folder / "r.html"
    more = ("--target", "default", "--group", "group", "--out", out)
    run("report", folder / "c.json", folder / "later.csv", *more)
    said = capsys.readouterr()
    page = out.read_text(encoding="utf-8")
    for name in (
        *("findings", "values", "scores", "gains", "cutoffs", "calibration"),
        *("drift", "fairness", "samplesize", "bins", "audit"),
    ):
        assert f'id="{name}"' in page
    assert "Left out" not in page
    assert "Area under the ROC curve" in said.out
    assert said.out.rstrip().endswith(f"Report written to {out}")
    assert not list(folder.glob(".*"))


def test_command_prints_json(folder, capsys):
    out = folder / "j.html"
    more = ("--target", "default", "--out", out, "--json")
    run("report", folder / "c.json", folder / "first.csv", *more)
    found = json.loads(capsys.readouterr().out)
    assert found["report"] == str(out)
    assert set(found["left_out"]) == {"drift", "fairness"}
    assert set(found["findings"]["level"]) <= {"good", "mind", "alarm"}


def test_chunks_give_the_report_of_the_whole(folder, monkeypatch):
    from infostat import _tables
    from infostat.report.rows import file_frames, read_rows
    from infostat.scorecard.scorecard import Scorecard

    card = Scorecard.from_json(folder / "c.json")
    source = folder / "later.csv"
    whole = read_rows(card, file_frames(card, source), "default", groups=["group"])
    small = _tables.read_chunks

    def by_hundreds(path, **options):
        return small(path, rows=100, **options)

    monkeypatch.setattr("infostat.report.rows.read_chunks", by_hundreds)
    met = []
    parts = read_rows(
        *(card, file_frames(card, source), "default"),
        groups=["group"],
        progress=met.append,
    )
    assert len(met) == 12
    assert sum(met) == len(whole.points)
    for name in card.features:
        assert (whole.codes[name] == parts.codes[name]).all()
        assert (whole.tables[name].rows == parts.tables[name].rows).all()
    assert (whole.points == parts.points).all()
    assert (whole.groups["group"] == parts.groups["group"]).all()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--target", "gone"), "lack the columns ['gone']"),
        (("--target", "default", "--group", "balance"), "at most 30 can be compared"),
        (("--target", "purpose"), "name the event"),
    ],
)
def test_command_refuses_in_one_sentence(folder, capsys, more, words):
    out = folder / "refused.html"
    with pytest.raises(SystemExit) as stop:
        run("report", folder / "c.json", folder / "later.csv", *more, "--out", out)
    assert stop.value.code == 1
    assert words in capsys.readouterr().err
    assert not out.exists()
