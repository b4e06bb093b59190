"""Pictures: their figures are those of the tables, and they draw into given axes."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import CountTable, weight_of_evidence
from infostat.displays import BinDisplay, ScoreDisplay

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture
def table() -> CountTable:
    return CountTable.from_counts([10, 30, 0, 60], [400, 300, 0, 200], list("abcd"))


def test_bin_display_shows_the_evidence_of_filled_bins(table):
    display = BinDisplay.from_table(table, feature="age", level=0.9)
    woe = weight_of_evidence(table)
    low, high = woe.interval(0.9)
    kept = [0, 1, 3]
    assert display.labels == ["a", "b", "d"]
    np.testing.assert_allclose(display.woe, woe.value[kept])
    np.testing.assert_allclose(display.low, low[kept])
    np.testing.assert_allclose(display.high, high[kept])
    assert display.share.sum() == pytest.approx(1.0)


def test_bin_display_draws_error_bars_with_units(table):
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    display = BinDisplay.from_table(table, feature="cost in $").plot(ax=ax)
    assert display.ax_ is ax
    assert "nats" in ax.get_ylabel()
    assert len(ax.containers) == 1  # the error bars
    # A dollar sign is drawn, not parsed.
    assert r"\$" in ax.get_title(loc="left")
    display.figure_.canvas.draw()


def test_frames_have_one_row_a_bin(table):
    frame = BinDisplay.from_table(table).frame("pandas")
    assert list(frame.columns) == [
        *("bin", "share", "event_rate", "woe", "conf_low", "conf_high")
    ]
    assert len(frame) == 3


def test_score_display_shares_sum_to_one():
    rng = np.random.default_rng(0)
    events = (rng.random(500) < 0.3).astype(int)
    points = 500 + 40 * rng.standard_normal(500) - 30 * events
    display = ScoreDisplay.from_scores(points, events).plot()
    assert display.events.sum() == pytest.approx(1.0)
    assert display.non_events.sum() == pytest.approx(1.0)
    assert display.ax_.get_xlabel() == "points"
    assert len(display.frame("pandas")) == 30
