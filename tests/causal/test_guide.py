"""The examples of the guide run, and its figures are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from infostat.causal import binary_bounds
from infostat.causal.radius import OUTER

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "causal.md"


def test_examples_run():
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) >= 6
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), names)  # noqa: S102 - our own text
    rejected = names["portfolio"].group_bounds(  # type: ignore[attr-defined]
        names["accepted"], estimand="E[Y(1)]"
    )
    assert rejected["lower"][0] == 0.0
    assert rejected["upper"][0] == 1.0


def test_widths_of_the_table():
    text = PAGE.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| width"))
    told = [float(cell) for cell in row.split("|")[2:-1]]
    found = [np.diff(binary_bounds(0.3, 0.8, name))[0] for name in ("sharp", *OUTER)]
    order = dict(zip(("sharp", *OUTER), found, strict=True))
    names = ["sharp", "chi2", "kl", "hellinger", "tv", "js"]
    np.testing.assert_allclose(told, [order[name] for name in names], atol=6e-4)
