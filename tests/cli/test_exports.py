"""``infostat export``: what it writes runs elsewhere and gives the scores of the card."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from infostat import Scorecard, ScorecardClassifier
from infostat.cli import main

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("sqlglot")


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(
        {"x=y": rng.normal(size=800), "job": rng.choice(["a", "b"], 800)}
    )
    frame["id"] = np.arange(800)
    return frame


@pytest.fixture(scope="module")
def card(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("card") / "card.json"
    y = (
        np.random.default_rng(1).uniform(size=800) < 1 / (1 + np.exp(-rows["x=y"]))
    ) * 1
    ScorecardClassifier().fit(rows[["x=y", "job"]], y).to_json(path)
    return str(path)


def test_printed_sql_scores_like_the_card(card, rows, capsys):
    main(["export", card, "--to", "sql", "--table", "applied"])
    connection = duckdb.connect()
    connection.register("applied", rows)
    found = connection.execute(capsys.readouterr().out).df().sort_values("id")
    points, probability = Scorecard.from_json(card).score(rows)
    np.testing.assert_allclose(found["points"], points)
    np.testing.assert_allclose(found["probability"], probability)


def test_sql_in_a_file_with_renamed_columns_and_reasons(card, rows, tmp_path):
    out = tmp_path / "score.sql"
    options = ["--dialect", "duckdb", "--keep", "id", "--column", "x=y=income"]
    options += ["--type", "job=text", "--reasons", "1", "--baseline", "mean"]
    main(["export", card, "--to", "sql", *options, "--out", str(out)])
    connection = duckdb.connect()
    connection.register("applications", rows.rename(columns={"x=y": "income"}))
    found = connection.execute(out.read_text(encoding="utf-8")).df()
    assert list(found) == ["id", "points", "probability", "reason_1"]
    assert set(found["reason_1"].dropna()) == {"x=y", "job"}
    assert [p.name for p in tmp_path.iterdir()] == ["score.sql"]


def test_pmml_in_a_file(card, tmp_path):
    out = tmp_path / "card.pmml"
    main(["export", card, "--to", "pmml", "--reasons", "2", "--out", str(out)])
    root = ET.fromstring(out.read_text(encoding="utf-8"))  # noqa: S314 - our own
    space = "{http://www.dmg.org/PMML-4_4}"
    assert root.tag == f"{space}PMML"
    names = [field.get("name") for field in root.iter(f"{space}OutputField")]
    assert names == ["points", "probability", "reason_1", "reason_2"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "sql", "--dialect", "basic"], "There is no dialect 'basic'"),
        (["--to", "sql", "--reasons", "1"], "give keep="),
        (["--to", "sql", "--column", "income"], "not of the form FEATURE=VALUE"),
        (["--to", "pmml", "--table", "t"], "PMML has no table: leave the option out"),
        (["--to", "xml"], "is not one of 'sql', 'pmml'"),
    ],
)
def test_mistakes_are_one_sentence(card, capsys, arguments, words):
    with pytest.raises(SystemExit) as stop:
        main(["export", card, *arguments])
    assert stop.value.code == 1
    assert words in capsys.readouterr().err.strip().splitlines()[-1]
