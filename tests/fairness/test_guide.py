"""The examples of the guide and the notebook run as they stand."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_guide_examples_run():
    page = (ROOT / "docs" / "guide" / "fairness.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "guide", "exec"), names)  # noqa: S102 - our own text


@pytest.mark.slow
def test_notebook_runs_on_generated_data(monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    monkeypatch.delenv("INFOSTAT_DATA", raising=False)
    runpy.run_path(str(ROOT / "notebooks" / "fairness.py"))
    assert "score capped at" in capsys.readouterr().out
