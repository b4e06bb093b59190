"""The command line and the pictures of the criterion."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from infostat import InfostatError, PNCriterion
from infostat.cli import main

SAMPLE = Path(__file__).parents[2] / "data" / "applications.csv"


def options(*more):
    left_out = [
        a for name in ("group", "period", "treatment") for a in ("--exclude", name)
    ]
    return [
        "samplesize",
        str(SAMPLE),
        "--target",
        "default",
        "--bins",
        "5",
        *left_out,
        *more,
    ]


def test_command_names_levels_that_lack_a_class(capsys):
    main(options())
    told = capsys.readouterr().out
    assert told.startswith("p-n criterion: NO MLE")
    assert "levels that lack a class: " in told
    assert "purpose 'other'" in told


def test_command_prints_verdict_and_reasons(capsys, tmp_path):
    main(["samplesize", str(small_table(tmp_path)), "--target", "y", "--event", "bad"])
    told = capsys.readouterr().out
    assert told.startswith("p-n criterion: ")
    for words in ("estimation risk", "rows required", "because:"):
        assert words in told


def test_command_writes_json(capsys, tmp_path):
    data = str(small_table(tmp_path))
    main(["samplesize", data, "--target", "y", "--json", "--path", "--robust"])
    told = json.loads(capsys.readouterr().out)
    assert (told["n"], told["p"]) == (500, 5)
    assert told["verdict"] in ("sufficient", "insufficient")
    assert told["path"]["p"][-1] == told["p"]


def small_table(folder):
    rng = np.random.default_rng(1)
    x, level = rng.normal(size=500), rng.integers(0, 4, size=500)
    bad = rng.random(500) < 1 / (1 + np.exp(1 - x))
    rows = [
        f"{a:.4f},{'pqrs'[b]},{'bad' if c else 'good'}"
        for a, b, c in zip(x, level, bad, strict=True)
    ]
    path = folder / "d.csv"
    path.write_text("x,level,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--event", "never"], "no label 'never'"),
        (["--exclude", "nothing"], "no column 'nothing'"),
    ],
)
def test_command_refuses_in_one_sentence(capsys, more, words):
    with pytest.raises(SystemExit) as stop:
        main(options(*more))
    assert stop.value.code == 1
    assert words in capsys.readouterr().err


@pytest.fixture(scope="module")
def check():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 4))
    y = (rng.random(600) < 1 / (1 + np.exp(1 - x[:, 0]))).astype(int)
    return PNCriterion(delta=0.03).fit(x, y)


def test_risk_display_meets_the_limit_at_the_rows_required(check):
    pytest.importorskip("matplotlib")
    from infostat.displays import RiskDisplay

    display = RiskDisplay.from_result(check.result_).plot()
    at = np.interp(check.result_.n_required, display.n, display.risk)
    assert at == pytest.approx(check.result_.threshold, rel=0.01)
    assert display.here == (600.0, check.risk_)
    assert "nats" in display.ax_.get_ylabel()
    display.figure_.canvas.draw()
    assert list(display.frame("pandas").columns) == ["n", "risk", "leading"]


def test_path_and_term_displays(check):
    pytest.importorskip("matplotlib")
    from infostat.displays import BinCostDisplay, PathDisplay, TermDisplay

    path = PathDisplay.from_path(check.path("gain")).plot()
    np.testing.assert_allclose(path.gain[-1], check.result_.gain)
    assert len(path.frame("pandas")) == 4
    terms = TermDisplay.from_result(check.result_).plot()
    assert terms.values.sum() == pytest.approx(check.result_.risk2)
    bins = BinCostDisplay.from_counts(["a", "b$"], [10, 2], [90, 98]).plot()
    assert bins.names == ["b$", "a"]
    np.testing.assert_allclose(bins.values, [1 / 2 + 1 / 98, 1 / 10 + 1 / 90])
    for display in (path, terms, bins):
        display.figure_.canvas.draw()


def test_pictures_need_an_estimate():
    from infostat.displays import BinCostDisplay, RiskDisplay, TermDisplay

    lost = PNCriterion().fit([[0.0], [0.0], [1.0], [1.0]], [0, 0, 1, 1]).result_
    for display in (RiskDisplay, TermDisplay):
        with pytest.raises(InfostatError, match="estimate"):
            display.from_result(lost)
    with pytest.raises(InfostatError, match="lacks a class"):
        BinCostDisplay.from_counts(["a"], [0], [3])
