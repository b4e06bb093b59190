"""The command and the pictures."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from infostat import CausalBounds, InfostatError
from infostat.cli import main

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def fitted(make_draw):
    draw = make_draw(600, 1)
    bounds = CausalBounds(y_bounds=(0, 1), random_state=0)
    return draw, bounds.fit(draw.X, draw.y, treatment=draw.treatment)


@pytest.fixture
def table(tmp_path, make_draw):
    draw = make_draw(400, 2)
    frame = pd.DataFrame(draw.X, columns=list("abcde"))
    frame["kind"] = np.where(draw.X[:, 0] > 0, "up", "down")
    frame["took"] = np.where(draw.treatment == 1, "yes", "no")
    frame["score"] = draw.y
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    return path


def arguments(table, *more):
    return [
        *("bounds", str(table), "--treatment", "took", "--outcome", "score"),
        *("--y-min", "0", "--y-max", "1", *more),
    ]


def test_command_prints_bounds_ladder_and_breakdown(table, capsys):
    main(arguments(table))
    printed = capsys.readouterr().out
    for said in ("E[Y(yes) - Y(no)]", "Ladder", "Breakdown", "no hidden confounding"):
        assert said in printed


def test_command_writes_json(table, capsys):
    main(
        arguments(
            table, "--json", "--method", "all", "--exclude", "a", "--control", "no"
        )
    )
    told = json.loads(capsys.readouterr().out)
    assert set(told["bounds"]["method"]) == {
        "sharp",
        "chi2",
        "kl",
        "hellinger",
        "tv",
        "js",
    }
    assert "a" not in told["covariates"]
    effect = told["bounds"]["estimand"].index("E[Y(yes) - Y(no)]")
    assert told["bounds"]["width"][effect] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (["--treatment", "nothing"], "no column 'nothing'"),
        (["--y-max", "0.5"], "outside y_bounds"),
        (["--outcome", "kind"], "must be numeric"),
        (["--control", "maybe"], "no level 'maybe'"),
        (["--method", "best"], "divergence must be one of"),
    ],
)
def test_command_refuses_in_one_sentence(table, capsys, changed, said):
    with pytest.raises(SystemExit) as stop:
        main(arguments(table, *changed))
    assert stop.value.code == 1
    last = capsys.readouterr().err.strip().splitlines()
    assert said in last[-1]
    assert "Traceback" not in "".join(last)


def test_ladder_picture_has_a_line_a_rung(fitted):
    from infostat.displays import LadderDisplay

    _, bounds = fitted
    display = LadderDisplay.from_estimator(bounds).plot()
    frame = display.frame("pandas")
    pd.testing.assert_frame_equal(frame, bounds.ladder())
    assert len(display.ax_.get_yticklabels()) == len(frame)
    display.figure_.canvas.draw()


def test_group_picture(fitted):
    from infostat.displays import GroupBoundsDisplay

    draw, bounds = fitted
    display = GroupBoundsDisplay.from_estimator(bounds, draw.X[:, 0] > 0).plot()
    heights = [bar.get_height() for bar in display.ax_.patches]
    np.testing.assert_allclose(heights, [1.0, 1.0])
    display.figure_.canvas.draw()


def test_curve_picture(fitted):
    from infostat.displays import BoundsCurveDisplay

    draw, bounds = fitted
    display = BoundsCurveDisplay.from_estimator(bounds, draw.X[:, 0], points=20).plot()
    frame = display.frame("pandas")
    assert len(frame) == 20
    assert (frame["band_lower"] < frame["lower"]).all()
    display.figure_.canvas.draw()


def test_contour_picture(fitted):
    from infostat.displays import ConfoundingContourDisplay

    draw, bounds = fitted
    wide = CausalBounds(y_bounds=(0, 2), random_state=0)
    wide.fit(draw.X, draw.y, treatment=draw.treatment)
    display = ConfoundingContourDisplay.from_estimators([bounds, wide], [1, 2]).plot()
    # A wider range loses the sign sooner; without confounding it does not matter.
    assert (display.near[1, 1:] < display.near[0, 1:]).all()
    assert display.near[1, 0] == pytest.approx(display.near[0, 0])
    assert len(display.frame("pandas")) == 42
    display.figure_.canvas.draw()
    with pytest.raises(InfostatError, match="at least two"):
        ConfoundingContourDisplay.from_estimators([bounds], [1])
