"""Every command on files that are absent, empty, foreign, hostile or not ours to write.

A mistake is one sentence on standard error and exit code 1; an alarm is exit code 2.
Nothing else ever comes out, and no half-written file stays.
"""

from __future__ import annotations

import json
import os
import warnings

import numpy as np
import pytest

from infostat.cli import main
from infostat.exceptions import InfostatWarning


def table(n=160, seed=0):
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=n), 2)
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-x))).astype(int)
    t = (rng.uniform(size=n) < 0.5).astype(int)
    job = rng.choice(["a", "b", "c"], n)
    return [f"{x[k]},{job[k]},{t[k]},{y[k]}" for k in range(n)]


HEAD = "x,job,t,y"


def text(rows, head=HEAD):
    return "\n".join([head, *rows]) + "\n"


ROWS = table()
N_WIDE = 2_000 if os.environ.get("INFOSTAT_FUZZ") else 200
WIDE = ",".join(f"v{k}" for k in range(N_WIDE)) + ",t,y"
WIDE_ROWS = [
    ",".join(["1" if (k + j) % 7 else "2" for j in range(N_WIDE)])
    + f",{k % 2},{k // 2 % 2}"
    for k in range(8)
]
FILES = {
    "empty": b"",
    "blank lines": b"\n\n\n",
    "header only": text([]).encode(),
    "header without end": HEAD.encode(),
    "one row": text(ROWS[:1]).encode(),
    "two rows": text(["1,a,0,0", "2,b,1,1"]).encode(),
    "one class": text([row[:-1] + "1" for row in ROWS]).encode(),
    "constant columns": text([f"1,a,{k % 2},{k // 2 % 2}" for k in range(80)]).encode(),
    "semicolons": text(ROWS).replace(",", ";").encode(),
    "tabs": text(ROWS).replace(",", "\t").encode(),
    "binary": bytes(np.random.default_rng(0).integers(0, 256, 4_000, dtype=np.uint8)),
    "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 300,
    "nul bytes": text(ROWS).replace("a", "a\0b").encode(),
    "only nul bytes": b"\0" * 500,
    "utf-16": text(ROWS).encode("utf-16"),
    "latin-1": text(ROWS).replace("a", "ä").encode("latin-1"),
    "byte order mark": b"\xef\xbb\xbf" + text(ROWS).encode(),
    "carriage returns": text(ROWS).replace("\n", "\r\n").encode(),
    "quoted newlines": text([*ROWS, '0.5,"a\nb",1,1', '0.5,"a\nb",0,0']).encode(),
    "open quote": text([*ROWS, '0.5,"a,1,1']).encode(),
    "longer rows": text([*ROWS[:50], "1,a,0,1,9,9", *ROWS[50:]]).encode(),
    "every row longer": text([row + ",9" for row in ROWS]).encode(),
    "shorter rows": text([*ROWS[:50], "1", *ROWS[50:]]).encode(),
    "duplicate columns": text(ROWS, "x,x,t,y").encode(),
    "duplicate target": text(ROWS, "x,y,t,y").encode(),
    "names without letters": text(ROWS, ",,t,y").encode(),
    "names like ours": text(ROWS, "points,probability,t,y").encode(),
    "more names like ours": text(ROWS, "score,weight,t,y").encode(),
    "names of arguments": text(ROWS, "self,frame,t,y").encode(),
    "hostile names": text(ROWS, '"x""; drop table y; --","<script>",t,y').encode(),
    "missing outcomes": text([*ROWS, "1,a,,", "1,a,,"]).encode(),
    "missing everything": text([",,,"] * 80).encode(),
    "missing features": text([f",,{k % 2},{k // 2 % 2}" for k in range(80)]).encode(),
    "words for numbers": text(
        [*ROWS, "nan,a,1,1", "inf,b,0,0", "1e400,c,1,0"]
    ).encode(),
    "huge numbers": text([*ROWS, "1e308,a,1,1", "-1e308,a,0,0"]).encode(),
    "huge integers": text([*ROWS, f"{10**30},a,1,1"]).encode(),
    "text target": text([row[:-1] + "high" for row in ROWS]).encode(),
    "many classes": text([row[:-1] + str(k) for k, row in enumerate(ROWS)]).encode(),
    "unique levels": text([f"1,{k},{k % 2},{k // 2 % 2}" for k in range(80)]).encode(),
    "very many columns": text(WIDE_ROWS, WIDE).encode(),
}
WARNED = "mind: "
WITHOUT_FILES = ("bounds", "samplesize", "frontier")
COMMANDS = ["fit", "score", "monitor", "bounds", "samplesize", "select"]
COMMANDS += ["report", "frontier"]


def arguments(command, data, saved, out):
    data, out = str(data), str(out)
    return {
        "fit": ["fit", data, "--target", "y", "--out", out, "--json"],
        "score": ["score", str(saved), data, f"{out}.csv", "--json"],
        "monitor": ["monitor", str(saved), data, data, "--save", out, "--json"],
        "bounds": [
            *("bounds", data, "--treatment", "t", "--outcome", "y"),
            *("--y-min", "0", "--y-max", "1", "--json"),
        ],
        "report": [
            *("report", str(saved), data, "--target", "y"),
            *("--out", f"{out}.html", "--json"),
        ],
        "frontier": [
            *("frontier", data, "--target", "y", "--group", "t"),
            *("--points", "2", "--json"),
        ],
        "samplesize": ["samplesize", data, "--target", "y", "--json"],
        "select": ["select", data, "--n", "7", "--out", f"{out}.csv", "--json"],
    }[command]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    (folder / "d.csv").write_text(text(table(400, 1)), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main(
            [
                "fit",
                str(folder / "d.csv"),
                "--target",
                "y",
                "--out",
                str(folder / "c.json"),
            ]
        )
    return folder / "c.json"


def outcome(capsys, given):
    """Exit code and words; a success with --json printed one document and no more."""
    code = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("always", InfostatWarning)
        try:
            main([str(a) for a in given])
        except SystemExit as stop:
            code = stop.code
    said = capsys.readouterr()
    lines = [line for line in said.err.splitlines() if "rows/s" not in line]
    assert "Traceback" not in said.err
    if code == 1:
        assert said.out == ""
        assert lines[-1].startswith("infostat: "), lines
        assert 20 < len(lines[-1]) < 900, lines[-1]
        assert all(line.startswith(WARNED) for line in lines[:-1]), lines
        return code, lines[-1]
    assert code in (0, 2), lines
    assert all(line.startswith(WARNED) for line in lines), lines
    if "--json" in given:
        json.loads(said.out, parse_constant=pytest.fail)
    return code, said.out


# What no command can make sense of; the rest is refused or answered.
HOPELESS = [
    *("empty", "blank lines", "header only", "header without end", "semicolons"),
    *("tabs", "binary", "png", "utf-16", "latin-1", "nul bytes", "only nul bytes"),
    *("open quote", "longer rows", "every row longer", "duplicate columns"),
]
# A card scores and counts rows without values, and no rows at all.
SENSIBLE = {"header only", "header without end"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", FILES)
def test_hostile_files(tmp_path, capsys, saved, command, name):
    data = tmp_path / "data.csv"
    data.write_bytes(FILES[name])
    code, said = outcome(capsys, arguments(command, data, saved, tmp_path / "out"))
    left = sorted(p.name for p in tmp_path.iterdir() if p != data)
    assert not [name for name in left if name.endswith(".part")]
    if code == 1:
        assert left == [], said
    if name in HOPELESS and not (command == "score" and name in SENSIBLE):
        assert code == 1, said


@pytest.mark.parametrize("command", COMMANDS)
def test_paths_that_are_no_files(tmp_path, capsys, saved, command):
    good = tmp_path / "good.csv"
    good.write_text(text(ROWS), encoding="utf-8")
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    for data in (
        tmp_path / "absent.csv",
        folder,
        "",
        "x" * 5_000,
    ):
        code, _ = outcome(capsys, arguments(command, data, saved, tmp_path / "out"))
        assert code == 1
    for out in (tmp_path / "no" / "such" / "folder" / "o", good / "below a file"):
        if command in WITHOUT_FILES:
            continue
        code, _ = outcome(capsys, arguments(command, good, saved, out))
        assert code == 1
    taken = tmp_path / "taken"
    for kind in ("csv", "html"):
        (tmp_path / f"taken.{kind}").mkdir()
    taken.mkdir()
    if command not in WITHOUT_FILES:
        code, said = outcome(capsys, arguments(command, good, saved, taken))
        assert code == 1
        assert "taken" in said
    assert not list(tmp_path.glob("**/*.part"))
    assert list(taken.iterdir()) == list((tmp_path / "taken.csv").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\0\0", b"\xff\xfe", b"{"])
@pytest.mark.parametrize("command", ["score", "monitor", "summary", "export"])
def test_cards_that_are_none(tmp_path, capsys, command, content):
    data, card = tmp_path / "d.csv", tmp_path / "card.json"
    data.write_text(text(ROWS), encoding="utf-8")
    card.write_bytes(content)
    given = {
        "score": ["score", card, data, tmp_path / "o.csv", "--json"],
        "monitor": ["monitor", card, data, data, "--json"],
        "summary": ["summary", card, "--json"],
        "export": ["export", card, "--to", "sql"],
    }[command]
    code, said = outcome(capsys, given)
    assert code == 1
    assert "card.json" in said
    given[1] = tmp_path  # a folder
    assert outcome(capsys, given)[0] == 1


FIT = "fit DATA --target y --out o.json"
BOUNDS = "bounds DATA --treatment t --outcome y"
WRONG_OPTIONS = [
    "fit DATA --target none --out o.json",
    f"{FIT} --event perhaps",
    f"{FIT} --max-bins 0",
    f"{FIT} --max-bins -3",
    f"{FIT} --max-bins many",
    f"{FIT} --exclude z",
    f"{FIT} --categorical z",
    f"{FIT} --special nan",
    f"{FIT} --special inf",
    f"{FIT} --exclude x --exclude job --exclude t",
    "monitor CARD DATA DATA --level 2",
    "monitor CARD DATA DATA --limits 0.5 0.1",
    "monitor CARD DATA DATA --limits nan nan",
    "monitor CARD DATA DATA --period none",
    "monitor CARD DATA DATA --fail-on blue",
    f"{BOUNDS} --y-min 1 --y-max 0",
    f"{BOUNDS} --y-min nan --y-max 1",
    f"{BOUNDS} --y-min 0.4 --y-max 0.6",
    f"{BOUNDS} --y-min 0 --y-max 1 --seed -1",
    f"{BOUNDS} --y-min 0 --y-max 1 --level 1.5",
    "bounds DATA --treatment job --outcome y --y-min 0 --y-max 1 --control z",
    "bounds DATA --treatment t --outcome job --y-min 0 --y-max 1",
    "samplesize DATA --target y --delta 3",
    "samplesize DATA --target y --bins 1",
    "select DATA --n 0 --out o.csv",
    "select DATA --n 2 --out o.csv",
    f"select DATA --n {10**30} --out o.csv",
    "select DATA --n 5 --out o.csv --seed -1",
    "export CARD --to sql --dialect klingon",
    "export CARD --to sql --reasons -1",
    "export CARD --to pmml --dialect duckdb",
    "export CARD --to cobol",
    "summary",
    "summary CARD --nonsense",
    "nonsense",
]


@pytest.mark.parametrize("given", WRONG_OPTIONS)
def test_wrong_options(tmp_path, monkeypatch, capsys, saved, given):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.csv").write_text(text(ROWS), encoding="utf-8")
    names = {"DATA": "d.csv", "CARD": str(saved)}
    code, said = outcome(capsys, [names.get(word, word) for word in given.split()])
    assert code == 1, said
    assert [p.name for p in tmp_path.iterdir()] == ["d.csv"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root")
@pytest.mark.parametrize("command", COMMANDS)
def test_files_that_may_not_be_read_or_written(tmp_path, capsys, saved, command):
    data, locked = tmp_path / "d.csv", tmp_path / "locked"
    data.write_text(text(ROWS), encoding="utf-8")
    locked.mkdir(mode=0o500)
    if command not in WITHOUT_FILES:
        assert outcome(capsys, arguments(command, data, saved, locked / "o"))[0] == 1
    data.chmod(0)
    assert outcome(capsys, arguments(command, data, saved, tmp_path / "o"))[0] == 1
