"""The notebooks run as plain scripts on generated data."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

pytest.importorskip("pandas")
SCRIPTS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.py"))


def test_there_are_notebooks():
    assert {path.stem for path in SCRIPTS} >= {"causal_bounds", "sample_size"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_notebook_runs(path, monkeypatch, tmp_path):
    monkeypatch.delenv("INFOSTAT_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    assert path.read_text(encoding="utf-8").startswith("# %% [markdown]")
    runpy.run_path(str(path))
