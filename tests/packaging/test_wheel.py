"""The wheel installs in an empty environment, imports fast and runs the demo.

It builds, downloads the dependencies and installs them: run it with
``INFOSTAT_PACKAGING=1`` (``-s`` prints the size of the wheel and the seconds).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_BYTES = 900_000


def run(*command: object, folder: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not os.environ.get("INFOSTAT_PACKAGING"):
        pytest.skip("builds and installs a wheel: set INFOSTAT_PACKAGING=1")
    folder = tmp_path_factory.mktemp("wheel")
    made = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", ROOT]
    run(*made, "--wheel-dir", folder, folder=folder)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_is_small_and_holds_what_it_needs(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    print(f"\n{wheel.name}: {wheel.stat().st_size / 1000:.0f} kB, {len(names)} files")  # noqa: T201
    assert wheel.stat().st_size < MOST_BYTES
    assert "infostat/__init__.py" in names
    assert not [n for n in names if n.startswith(("tests/", "benchmarks/"))]
    modules = {str(p.relative_to(ROOT)) for p in (ROOT / "infostat").rglob("*.py")}
    assert modules <= set(names)


@pytest.mark.slow
def test_an_empty_environment_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    started = time.perf_counter()
    venv.create(tmp_path / "env", with_pip=True)
    scripts = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    run(python, "-m", "pip", "install", "-q", f"{wheel}[report,plot]", folder=tmp_path)
    installed = time.perf_counter()
    code = (
        "import numpy, time; start = time.perf_counter(); import infostat; "
        "print(time.perf_counter() - start)"
    )
    seconds = min(float(run(python, "-c", code, folder=tmp_path)) for _ in range(3))
    said = run(scripts / "infostat", "demo", "--out", "demo", folder=tmp_path)
    done = time.perf_counter()
    print(  # noqa: T201
        f"\ninstalled in {installed - started:.0f} s, import {seconds:.3f} s, demo in "
        f"{done - installed:.0f} s"
    )
    assert seconds < 0.3
    assert "rows scored" in said
    assert (tmp_path / "demo" / "report.html").stat().st_size > 10_000
