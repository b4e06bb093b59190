"""The notebooks are paired with scripts, carry no outputs, and run to the end."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

jupytext = pytest.importorskip("jupytext", reason="the dev extra installs jupytext")
nbclient = pytest.importorskip("nbclient", reason="the dev extra installs nbclient")

FOLDER = Path(__file__).parents[2] / "notebooks"
SCRIPTS = sorted(FOLDER.glob("*.py"))
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    # A notebook shows them to its reader.
    pytest.mark.filterwarnings("ignore::infostat.InfostatWarning"),
]


def cells(notebook):
    return [(cell.cell_type, cell.source.strip()) for cell in notebook.cells]


def test_there_are_notebooks():
    assert SCRIPTS
    assert sorted(p.stem for p in FOLDER.glob("*.ipynb")) == [p.stem for p in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_script_and_notebook_say_the_same(script):
    notebook = jupytext.read(script.with_suffix(".ipynb"))
    assert cells(notebook) == cells(jupytext.read(script)), "run make notebooks"
    assert not any(cell.get("outputs") for cell in notebook.cells)
    assert cells(notebook)[0][1].startswith("# ")


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_notebook_runs(script, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(FOLDER.parent)]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = jupytext.read(script.with_suffix(".ipynb"))
    nbclient.NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_script_runs_without_the_public_data(script, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.delenv("INFOSTAT_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(script))
