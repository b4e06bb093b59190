"""The examples of README and guide run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def blocks(page: Path) -> list[str]:
    return re.findall(
        r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
    )


@pytest.mark.filterwarnings("ignore:Sparse bins:infostat.InfostatWarning")
@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/guide/deployment.md",
        "docs/guide/evidence.md",
        "docs/guide/stability.md",
    ],
)
def test_examples_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    code = blocks(ROOT / page)
    assert code
    for block in code:
        exec(compile(block, page, "exec"), names)  # noqa: S102 - our own text


@pytest.mark.filterwarnings("ignore::infostat.InfostatWarning")
@pytest.mark.parametrize("page", ["scorecard", "binning", "counts", "boosted"])
def test_guide_examples_that_share_a_frame_run(page, tmp_path, monkeypatch):
    from infostat import OptimalBinner, ScorecardClassifier
    from infostat.datasets import make_applications

    monkeypatch.chdir(tmp_path)
    data = make_applications(1500, rng=0, backend="pandas")
    # An age that falls with risk, as in the guide.
    frame = data.frame.assign(age=80.0 - data.frame["open_trades"])
    frame["branch_code"] = frame["period"]
    features = [*(f for f in data.features if f != "open_trades"), "age", "branch_code"]
    X, y = frame[features], frame["default"]
    names: dict[str, object] = {
        "X": X,
        "y": y,
        "frame": frame,
        "ScorecardClassifier": ScorecardClassifier,
        "binner": OptimalBinner().fit(X, y),
    }
    code = blocks(ROOT / "docs" / "guide" / f"{page}.md")
    assert code
    for block in code:
        if page == "scorecard":
            names["frame"] = names.get("X", X)
        exec(compile(block, page, "exec"), names)  # noqa: S102 - our own text
