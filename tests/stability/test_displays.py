"""Pictures of drift: their figures are the monitor's, and they draw into given axes."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import InfostatError, StabilityMonitor
from infostat.displays import DriftDisplay, DriftHistoryDisplay

figure = pytest.importorskip("matplotlib.figure")


@pytest.fixture(scope="module")
def monitor():
    rng = np.random.default_rng(0)
    found = StabilityMonitor().fit(rng.normal(size=(2000, 3)))
    for t in range(4):
        found.update(rng.normal(size=(1000, 3)) + np.array([0, 0.3 * t, 0]), period=t)
    return found


def test_one_period_with_intervals_and_limits(monitor):
    display = DriftDisplay.from_monitor(monitor)
    rows = monitor.history_.query("period == '3'").set_index("feature")
    frame = display.frame("pandas").set_index("feature")
    for name in ("estimate", "conf_low", "conf_high", "light", "alarm"):
        assert (frame[name] == rows.loc[frame.index, name]).all()
    assert frame["estimate"].is_monotonic_increasing
    ax = figure.Figure().add_subplot()
    assert display.plot(ax=ax).ax_ is ax
    assert [line.get_xdata()[0] for line in ax.lines[:2]] == [0.1, 0.25]
    assert "x1 (alarm)" in [t.get_text() for t in ax.get_yticklabels()]
    display.figure_.canvas.draw()


def test_history_as_map_and_as_series(monitor):
    display = DriftHistoryDisplay.from_monitor(monitor)
    frame = display.frame("pandas")
    rows = monitor.history_.sort_values(["feature", "period"])
    np.testing.assert_array_equal(frame["estimate"], rows["estimate"])
    assert frame["alarm"].sum() == len(monitor.alarm_) > 0
    display.plot().figure_.canvas.draw()
    assert "nats" in display.plot(feature="x1").ax_.get_ylabel()
    display.figure_.canvas.draw()


def test_what_does_not_exist_is_named(monitor):
    with pytest.raises(InfostatError, match="no period '9'"):
        DriftDisplay.from_monitor(monitor, 9)
    with pytest.raises(InfostatError, match="no comparison of the segment 'north'"):
        DriftHistoryDisplay.from_monitor(monitor, segment="north")
    with pytest.raises(InfostatError, match="no feature 'x7'"):
        DriftHistoryDisplay.from_monitor(monitor).plot(feature="x7")
