"""Output that nobody reads any more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infostat.cli import main

SAMPLE = Path(__file__).parents[2] / "data"
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A card, its reference, and rows that drifted."""
    folder = tmp_path_factory.mktemp("pipes")
    data = SAMPLE / "applications.csv"
    names = ("group", "period", "treatment")
    excluded = [part for name in names for part in ("--exclude", name)]
    specials = ["--special", "-999", "--special", "-998"]
    out = ["--out", str(folder / "card.json")]
    main(["fit", str(data), "--target", "default", *out, *excluded, *specials])
    header, *rows = data.read_text(encoding="utf-8").splitlines()
    place = header.split(",").index("utilisation")
    lines = [header]
    for row in rows:
        cells = row.split(",")
        cells[place] = "0.999"
        lines.append(",".join(cells))
    (folder / "moved.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return folder


def unread(*arguments, stdout=True, stderr=False, **environment):
    """Exit code and standard error of a command whose pipe has no reader."""
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [sys.executable, "-m", "infostat", *map(str, arguments)],
        stdout=writer if stdout else subprocess.DEVNULL,
        stderr=writer if stderr else subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
    )
    os.close(writer)
    return process.returncode, (process.stderr or b"").decode()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_alarm_stays_an_alarm(files, encoding):
    data = SAMPLE / "applications.csv"
    code, errors = unread(
        *("monitor", files / "card.json", data, files / "moved.csv"),
        PYTHONIOENCODING=encoding,
    )
    assert code == 2
    assert "roken" not in errors
    assert "infostat:" not in errors


def test_success_stays_success_and_all_files_are_written(files, tmp_path):
    out = tmp_path / "demo"
    code, errors = unread("demo", "--out", out, "--data", SAMPLE, stderr=True)
    assert (code, errors) == (0, "")
    assert (out / "report.html").exists()


def test_a_mistake_stays_a_mistake(files):
    code, _ = unread("summary", files / "none.json", stderr=True)
    assert code == 1
