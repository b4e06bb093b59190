"""Words that meant missing at fit mean it wherever the card reads a text file."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from infostat import Scorecard, ScorecardClassifier
from infostat.cli import main
from infostat.exceptions import DocumentError

USED = "Cells ['?'] are read as missing, as the card says."


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A card fitted with --missing "?", and its rows as text."""
    folder = tmp_path_factory.mktemp("words")
    rng = np.random.default_rng(0)
    x = rng.integers(100, 9_999, 600)
    y = (rng.uniform(size=600) < x / 12_000).astype(int)
    data = pd.DataFrame({"x": x, "job": rng.choice(["a", "b"], 600), "y": y})
    data["x"] = data["x"].astype(object).where(data.index % 5 > 0, "?")
    data["job"] = data["job"].where(data.index % 4 > 0, "?")
    data.to_csv(folder / "d.csv", index=False)
    fit = ["fit", folder / "d.csv", "--target", "y", "--out", folder / "card.json"]
    run(*fit, "--missing", "?")
    return folder


def run(*arguments):
    main([str(part) for part in arguments])


def told(capsys, *arguments):
    """What a command writes as JSON."""
    capsys.readouterr()
    run(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


def rows_of(table):
    return dict(
        zip(
            zip(table["feature"], table["bin"], strict=True), table["rows"], strict=True
        )
    )


def test_the_card_keeps_the_words_of_a_text_file(files, tmp_path, capsys):
    card = Scorecard.from_json(files / "card.json")
    assert card.missing_words == ("?",)
    assert ScorecardClassifier.from_json(files / "card.json").card_.missing_words
    run("summary", files / "card.json")
    assert USED in capsys.readouterr().out
    assert told(capsys, "summary", files / "card.json")["missing_words"] == ["?"]
    plain = tmp_path / "plain.json"
    run("fit", files / "d.csv", "--target", "y", "--out", plain, "--exclude", "x")
    assert Scorecard.from_json(plain).missing_words == ()
    run("summary", plain)
    assert "read as missing" not in capsys.readouterr().out


def test_a_typed_file_has_no_such_words(files, tmp_path, capsys):
    pytest.importorskip("pyarrow")
    source, card = tmp_path / "d.parquet", tmp_path / "card.json"
    data = pd.read_csv(files / "d.csv", na_values=["?"], keep_default_na=False)
    data["job"] = data["job"].fillna("?")
    data.to_parquet(source)
    run("fit", source, "--target", "y", "--out", card, "--missing", "?")
    assert Scorecard.from_json(card).missing_words == ()
    # Nor are the words of a card asked of one.
    found = told(capsys, "score", files / "card.json", source, tmp_path / "s.parquet")
    assert rows_of(found["missing_special_and_unseen"])["job", "unseen"] == 150
    run("score", files / "card.json", source, tmp_path / "s.parquet")
    assert "read as missing" not in capsys.readouterr().out


def test_score_reads_the_words_of_the_card(files, tmp_path, capsys):
    arguments = ("score", files / "card.json", files / "d.csv", tmp_path / "s.csv")
    found = told(capsys, *arguments)
    rows = rows_of(found["missing_special_and_unseen"])
    assert rows == {("x", "missing"): 120, ("job", "missing"): 150}
    assert found["missing_words"] == ["?"]
    y = pd.read_csv(files / "d.csv")["y"]
    assert found["mean_probability"] == pytest.approx(y.mean(), abs=1e-6)
    scored = pd.read_csv(tmp_path / "s.csv", dtype=str, keep_default_na=False)
    assert (scored["x"][::5] == "?").all()  # written as it was read
    run(*arguments)
    assert USED in capsys.readouterr().out
    # A word of this file alone is added to those of the card.
    more = told(capsys, *arguments, "--missing", "b")
    b = (pd.read_csv(files / "d.csv")["job"] == "b").sum()
    assert rows_of(more["missing_special_and_unseen"])["job", "missing"] == 150 + b
    assert more["missing_words"] == ["?", "b"]
    run(*arguments, "--missing", "?")
    assert "read as missing" not in capsys.readouterr().out  # said by the user


def test_monitor_reads_the_words_of_the_card(files, tmp_path, capsys):
    data, saved = files / "d.csv", tmp_path / "m.json"
    arguments = ("monitor", files / "card.json", data, data)
    found = told(capsys, *arguments)["stability"]
    n_bins = dict(zip(found["feature"], found["n_bins"], strict=True))
    assert n_bins["job"] == 3  # missing, a, b
    assert max(np.abs(found["estimate"])) < 0.05
    run(*arguments, "--missing", "b", "--save", saved)
    assert USED in capsys.readouterr().out
    assert json.loads(saved.read_text(encoding="utf-8"))["missing_words"] == ["?", "b"]
    later = tmp_path / "later.csv"
    later.write_bytes(data.read_bytes())
    again = ("monitor", files / "card.json", saved, later)
    assert told(capsys, *again)["missing_words"] == ["?", "b"]
    run(*again, "--fail-on", "never")
    said = capsys.readouterr().out
    assert "Cells ['?', 'b'] are read as missing, as the monitor says." in said


def test_a_monitor_without_words_loads_and_a_new_fit_forgets_them():
    from infostat import StabilityMonitor

    values = np.random.default_rng(0).normal(size=(200, 1))
    monitor = StabilityMonitor().fit(values)
    assert "missing_words" not in json.loads(monitor.to_json())
    monitor._missing_words = ("?",)
    loaded = StabilityMonitor.from_json(monitor.to_json())
    assert loaded._missing_words == ("?",)
    assert loaded.fit(values)._missing_words == ()


def test_report_reads_the_words_of_the_card(files, tmp_path, capsys):
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    page = tmp_path / "r.html"
    arguments = ("report", files / "card.json", files / "d.csv", "--target", "y")
    run(*arguments, "--out", page)
    assert USED in capsys.readouterr().out
    html = page.read_text(encoding="utf-8")
    assert "Cells that meant missing" in html


def test_the_frontier_keeps_its_words_in_the_card(files, tmp_path, capsys):
    data, card = tmp_path / "d.csv", tmp_path / "card.json"
    frame = pd.read_csv(files / "d.csv", dtype=str, keep_default_na=False)
    frame.assign(g=np.arange(600) % 2).to_csv(data, index=False)
    run(
        *("frontier", data, "--target", "y", "--group", "g", "--caps", "1"),
        *("--select", "0", "--out", card, "--missing", "?"),
    )
    assert Scorecard.from_json(card).missing_words == ("?",)


@pytest.mark.parametrize("words", ["?", [1], None, {"?": 1}])
def test_damaged_words_are_refused(files, words):
    document = json.loads((files / "card.json").read_text(encoding="utf-8"))
    document["audit"]["missing_words"] = words
    with pytest.raises(DocumentError, match="missing_words"):
        Scorecard.from_json(json.dumps(document))
