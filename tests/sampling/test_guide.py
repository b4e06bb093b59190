"""The examples of the guide run as they stand, and the public names are all there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import infostat
import infostat.sampling

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "sampling.md"


def test_examples_run():
    names: dict[str, object] = {}
    code = re.findall(
        r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(code) == 3
    for block in code:
        exec(compile(block, PAGE.name, "exec"), names)  # noqa: S102 - our own text
    assert len(names["rows"]) == 40
    assert names["points"].shape == (75, 2)


def test_public_names():
    for name in infostat.sampling.__all__:
        assert getattr(infostat.sampling, name).__doc__
    assert infostat.VolumeSampler is infostat.sampling.VolumeSampler


def test_importing_the_package_loads_no_sampling():
    code = "import sys, infostat; sys.exit('infostat.sampling' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
