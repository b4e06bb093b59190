"""What a file holds beside what it seems to hold: said by the commands that read it."""

from __future__ import annotations

import gzip
import json
import warnings

import numpy as np
import pandas as pd
import pytest

from infostat.cli import main
from infostat.exceptions import InfostatWarning


def frame(n=300):
    rng = np.random.default_rng(0)
    x = rng.integers(100, 9_999, n)
    y = (rng.uniform(size=n) < x / 12_000).astype(int)
    return pd.DataFrame({"x": x, "z": rng.integers(0, 9, n), "y": y})


def said(capsys, arguments):
    """Exit code and the words on standard error."""
    code = 0
    with warnings.catch_warnings():
        warnings.simplefilter("always", InfostatWarning)
        try:
            main([str(part) for part in arguments])
        except SystemExit as stop:
            code = stop.code
    return code, capsys.readouterr().err


def fit(capsys, path, *options, target="y"):
    card = path.with_name("card.json")
    return said(capsys, ["fit", path, "--target", target, "--out", card, *options])


WRITTEN = {
    "one word": (lambda x: x.astype(object).where(x.index != 7, "n/a"), "'n/a'] (1 of"),
    "a blank": (lambda x: x.astype(object).where(x.index != 7, " "), "[' '] (1 of"),
    "thousands": (lambda x: x.map("{:,}".format), "of 300 cells"),
    "commas": (lambda x: x.map(lambda v: f"{v / 8:.3f}".replace(".", ",")), "300 of"),
    "currency": (lambda x: x.map("€ {}".format), "300 of 300 cells"),
    "per cent": (lambda x: x.map("{} %".format), "300 of 300 cells"),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_numbers_that_are_read_as_text(tmp_path, capsys, kind):
    write, words = WRITTEN[kind]
    path = tmp_path / "d.csv"
    data = frame()
    data.assign(x=write(data["x"])).to_csv(path, index=False)
    code, errors = fit(capsys, path)
    assert code == 0
    assert "mind: Column 'x' of" in errors
    assert words in errors
    assert "read as text" not in fit(capsys, path, "--categorical", "x")[1]
    assert "read as text" not in fit(capsys, path, "--exclude", "x")[1]


@pytest.mark.parametrize(
    "command",
    [
        "samplesize D --target y",
        "frontier D --target y --group z --points 1",
        "bounds D --treatment z --outcome y --y-min 0 --y-max 1",
        "select D --n 20 --out OUT",
    ],
)
def test_every_command_that_fits_says_so(tmp_path, capsys, command):
    path = tmp_path / "d.csv"
    data = frame()
    data = data.assign(x=data["x"].map("{:,}".format), z=data["z"] % 2)
    data.to_csv(path, index=False)
    places = {"D": path, "OUT": tmp_path / "rows.csv"}
    words = [places.get(word, word) for word in command.split()]
    assert "mind: Column 'x' of" in said(capsys, words)[1]


def test_levels_and_numbers_are_not_doubted(tmp_path, capsys):
    path = tmp_path / "d.csv"
    data = frame()
    data["children"] = data["z"].astype(str).where(data["z"] < 8, "8+")
    data["code"] = data["x"].map("A{}".format)
    data["phone"] = np.nan
    data.to_csv(path, index=False)
    errors = fit(capsys, path)[1]
    assert "looks like" not in errors
    assert "without a name" not in errors


def test_dates_and_row_numbers_in_text(tmp_path, capsys):
    path = tmp_path / "d.csv"
    data = frame()
    data["day"] = pd.date_range("2020-01-01", periods=len(data)).astype(str)
    data.to_csv(path)
    errors = fit(capsys, path)[1]
    assert "Column 'day'" in errors
    assert "looks like dates" in errors
    assert "--exclude 'Unnamed: 0'" in errors
    quiet = fit(capsys, path, "--exclude", "day", "--exclude", "Unnamed: 0")
    assert quiet == (0, "")


def test_dates_of_a_typed_file_are_no_numbers(tmp_path, capsys):
    pytest.importorskip("pyarrow")
    path = tmp_path / "d.parquet"
    data = frame()
    data["day"] = pd.date_range("2020-01-01", periods=len(data), tz="UTC")
    data.to_parquet(path)
    code, errors = fit(capsys, path)
    assert code == 1
    assert "Column 'day' holds dates or times" in errors


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators(tmp_path, capsys, separator):
    path = tmp_path / "d.csv"
    frame().assign(x=0.5).to_csv(path, index=False, sep=separator, decimal=",")
    code, errors = fit(capsys, path)
    assert code == 1
    assert "are separated by" in errors


def test_text_that_is_compressed_or_not(tmp_path, capsys):
    content = frame().to_csv(index=False).encode()
    for name, data, words in (
        ("a.csv", gzip.compress(content), "name it .csv.gz"),
        ("b.csv.gz", content, "name it .csv"),
        ("c.csv", content.replace(b"x", "ä".encode("latin-1"), 1), "Save it as UTF-8"),
        ("d.csv.gz", gzip.compress(content)[:-20], "cannot be read"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        code, errors = fit(capsys, path)
        assert code == 1
        assert words in errors


def test_targets(tmp_path, capsys):
    path = tmp_path / "d.csv"
    data = frame()
    for y, words in (
        (data["y"].where(data.index != 4), "missing in 1 of 300 rows (first: row 4)"),
        (data["y"] * 0, "has 1 label(s), ['0']"),
        (data.index % 3, "has 3 label(s), ['0', '1', '2']"),
        (data["y"].map({0: "no", 1: "yes"}), "--event LABEL"),
    ):
        data.assign(y=y).to_csv(path, index=False)
        code, errors = fit(capsys, path)
        assert code == 1
        assert words in errors
    data.assign(y=data["y"].astype(bool)).to_csv(path, index=False)
    assert fit(capsys, path)[0] == 0
    card = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert card["event"] == "True"


def test_words_that_mean_missing_in_a_pool(tmp_path, capsys):
    path, out = tmp_path / "d.csv", tmp_path / "rows.csv"
    data = frame()
    data.assign(z=data["z"].astype(object).where(data.index != 7, "?")).to_csv(
        path, index=False
    )
    chosen = ["select", path, "--n", "20", "--out", out]
    assert said(capsys, chosen)[0] == 0  # ten levels, one of them "?"
    code, errors = said(capsys, [*chosen, "--missing", "?"])
    assert code == 1
    assert "'z' has 1 missing values (first: row 7)" in errors
    data.assign(x=data["x"].astype(object).where(data.index != 7, "?")).to_csv(
        path, index=False
    )
    code, errors = said(capsys, chosen)
    assert code == 1
    assert "mind: Column 'x' of" in errors
    assert "more than 50 levels" in errors
    assert "--missing" in errors.splitlines()[-1]
