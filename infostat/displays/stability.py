"""Drift: stability indices with intervals and limits, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat.displays.style import (
    EVENT,
    GRID,
    INK,
    NON_EVENT,
    QUIET,
    Display,
    label_text,
)
from infostat.exceptions import InfostatError

__all__ = ["DriftDisplay", "DriftHistoryDisplay"]

FloatArray = npt.NDArray[np.float64]

LIGHTS = {"green": NON_EVENT, "amber": QUIET, "red": EVENT}
"""Colours that a colour-blind reader can tell apart; markers differ as well."""

MARKERS = {"green": "o", "amber": "D", "red": "s"}


def _highest(values: FloatArray, least: float) -> float:
    """Largest of the finite values and ``least``."""
    return float(np.max(values, where=np.isfinite(values), initial=least))


def _rows(monitor: Any, segment: str) -> dict[str, list[Any]]:
    """Columns of the history of one segment."""
    frame = nw.from_native(monitor.history_, eager_only=True)
    chosen = frame.filter(nw.col("segment") == segment)
    if chosen.shape[0] == 0:
        msg = (
            f"There is no comparison of the segment {segment!r}: update the monitor, or "
            f"name one of its segments."
        )
        raise InfostatError(msg)
    return {name: chosen.get_column(name).to_list() for name in chosen.columns}


class DriftDisplay(Display):
    """Stability index of every feature in one period, with intervals and limits.

    Build it with :meth:`from_monitor`.

    Parameters
    ----------
    features : sequence of str
        Names of the features.
    psi, low, high : ndarray of shape (n_features,)
        Index in nats and its interval.
    light : sequence of str
        "green", "amber" or "red".
    alarm : sequence of bool
        Whether the feature raises an alarm.
    limits : tuple of float
        Limits of the traffic light, in nats.
    title : str
        What is compared.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns ``feature, estimate, conf_low, conf_high, light, alarm``.
    """

    def __init__(
        self,
        features: Sequence[str],
        psi: FloatArray,
        low: FloatArray,
        high: FloatArray,
        light: Sequence[str],
        alarm: Sequence[bool],
        *,
        limits: tuple[float, float],
        title: str,
    ) -> None:
        self.features = list(features)
        self.psi, self.low, self.high = psi, low, high
        self.light, self.alarm = list(light), list(alarm)
        self.limits, self.title = limits, title

    @classmethod
    def from_monitor(
        cls, monitor: Any, period: Any = None, *, segment: str = "all"
    ) -> Self:
        """Take one period of a monitor.

        Parameters
        ----------
        monitor : StabilityMonitor
            With at least one period.
        period : str or int, optional
            Label of the period; the last by default.
        segment : str, default="all"
            Name of the segment.

        Returns
        -------
        DriftDisplay

        Raises
        ------
        InfostatError
            If there is no such comparison.
        """
        rows = _rows(monitor, segment)
        label = rows["period"][-1] if period is None else str(period)
        kept = [k for k, name in enumerate(rows["period"]) if name == label]
        if not kept:
            msg = (
                f"There is no period {label!r}: the periods are "
                f"{list(dict.fromkeys(rows['period']))}."
            )
            raise InfostatError(msg)
        # The largest on top.
        kept.sort(key=lambda k: rows["estimate"][k])
        psi, low, high = (
            np.array([rows[name][k] for k in kept], dtype=np.float64)
            for name in ("estimate", "conf_low", "conf_high")
        )
        where = "" if segment == "all" else f", {segment}"
        return cls(
            [rows["feature"][k] for k in kept],
            psi,
            low,
            high,
            [rows["light"][k] for k in kept],
            [rows["alarm"][k] for k in kept],
            limits=(float(monitor.limits[0]), float(monitor.limits[1])),
            title=f"Period {label}{where}, {100 * monitor.level:g} % intervals",
        )

    def _columns(self) -> dict[str, Any]:
        return {
            "feature": self.features,
            "estimate": self.psi,
            "conf_low": self.low,
            "conf_high": self.high,
            "light": self.light,
            "alarm": self.alarm,
        }

    def _size(self) -> tuple[float, float]:
        return (7.0, 1.2 + 0.28 * len(self.features))

    def _draw(self, ax: Any) -> None:
        ax.grid(visible=False, axis="y")
        for limit in self.limits:
            ax.axvline(limit, color=INK, linewidth=0.8, linestyle="--")
        place = np.arange(len(self.features))
        # An interval without an upper end is drawn to the edge.
        edge = 1.1 * _highest(self.high, self.limits[1])
        reach = np.minimum(self.high, edge)
        for light, colour in LIGHTS.items():
            own = np.array([name == light for name in self.light])
            if not own.any():
                continue
            bars = np.array([self.psi - self.low, reach - self.psi])[:, own]
            ax.errorbar(
                self.psi[own],
                place[own],
                xerr=np.maximum(bars, 0.0),
                fmt=MARKERS[light],
                color=colour,
                capsize=3,
                markersize=5,
                label=light,
            )
        names = [
            label_text(name) + (" (alarm)" if alarm else "")
            for name, alarm in zip(self.features, self.alarm, strict=True)
        ]
        ax.set_yticks(place, names)
        ax.set_xlim(left=0.0)
        self._axis_labels("population stability index, nats")
        # Above the axes, where no interval lies.
        self._legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)
        self._title(self.title)


class DriftHistoryDisplay(Display):
    """Stability indices over the periods: a heat map, or one feature's series.

    Build it with :meth:`from_monitor`.

    Parameters
    ----------
    periods, features : sequence of str
        Labels.
    psi, low, high : ndarray of shape (n_features, n_periods)
        Indices and their intervals; NaN where there is no comparison.
    alarm : ndarray of shape (n_features, n_periods), bool
        Where an alarm is raised.
    limits : tuple of float
        Limits of the traffic light, in nats.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns ``feature, period, estimate, conf_low, conf_high, alarm``.
    """

    def __init__(
        self,
        periods: Sequence[str],
        features: Sequence[str],
        psi: FloatArray,
        low: FloatArray,
        high: FloatArray,
        alarm: npt.NDArray[np.bool_],
        *,
        limits: tuple[float, float],
    ) -> None:
        self.periods, self.features = list(periods), list(features)
        self.psi, self.low, self.high, self.alarm = psi, low, high, alarm
        self.limits = limits

    @classmethod
    def from_monitor(cls, monitor: Any, *, segment: str = "all") -> Self:
        """Take all periods of a monitor.

        Parameters
        ----------
        monitor : StabilityMonitor
            With at least one period.
        segment : str, default="all"
            Name of the segment.

        Returns
        -------
        DriftHistoryDisplay

        Raises
        ------
        InfostatError
            If there is no comparison of the segment.
        """
        rows = _rows(monitor, segment)
        periods = list(dict.fromkeys(rows["period"]))
        features = list(dict.fromkeys(rows["feature"]))
        i = [features.index(name) for name in rows["feature"]]
        j = [periods.index(name) for name in rows["period"]]

        def grid(name: str) -> FloatArray:
            out = np.full((len(features), len(periods)), np.nan)
            out[i, j] = rows[name]
            return out

        psi, low, high = grid("estimate"), grid("conf_low"), grid("conf_high")
        alarm = np.zeros((len(features), len(periods)), dtype=bool)
        alarm[i, j] = rows["alarm"]
        limits = (float(monitor.limits[0]), float(monitor.limits[1]))
        return cls(periods, features, psi, low, high, alarm, limits=limits)

    def _columns(self) -> dict[str, Any]:
        count = len(self.periods)
        return {
            "feature": [name for name in self.features for _ in range(count)],
            "period": self.periods * len(self.features),
            "estimate": self.psi.ravel(),
            "conf_low": self.low.ravel(),
            "conf_high": self.high.ravel(),
            "alarm": self.alarm.ravel(),
        }

    def plot(self, ax: Any = None, *, feature: str | None = None) -> Self:
        """Draw the heat map, or the series of one feature with its intervals.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw into; a figure of its own by default.
        feature : str, optional
            Feature whose series to draw.

        Returns
        -------
        DriftHistoryDisplay
            Itself, with ``ax_`` and ``figure_``.

        Raises
        ------
        InfostatError
            If there is no such feature.
        """
        if feature is not None and feature not in self.features:
            msg = f"There is no feature {feature!r}; there are {self.features}."
            raise InfostatError(msg)
        self._shown = None if feature is None else self.features.index(feature)
        return super().plot(ax)

    def _size(self) -> tuple[float, float]:
        return (7.5, 1.4 + 0.28 * len(self.features) if self._shown is None else 3.0)

    def _draw(self, ax: Any) -> None:
        if self._shown is None:
            self._heat_map(ax)
        else:
            self._series(ax, self._shown)
        step = max(1, len(self.periods) // 12)
        shown = np.arange(0, len(self.periods), step)
        labels = [label_text(self.periods[k]) for k in shown]
        ax.set_xticks(shown, labels, rotation=30, ha="right")

    def _heat_map(self, ax: Any) -> None:
        """Index by colour; a cross where an alarm is raised."""
        ax.grid(visible=False)
        image = ax.imshow(
            self.psi, aspect="auto", cmap="cividis", vmin=0.0, vmax=self.limits[1]
        )
        bar = self.figure_.colorbar(image, ax=ax, extend="max")
        bar.set_label("stability index, nats", fontsize=8)
        for limit in self.limits:
            bar.ax.axhline(limit, color=GRID, linewidth=1.0)
        row, column = np.nonzero(self.alarm)
        ax.scatter(column, row, marker="x", color=EVENT, s=28, label="alarm")
        names = [label_text(name) for name in self.features]
        ax.set_yticks(np.arange(len(names)), names)
        title = "Index by feature and period; a cross is an alarm"
        self._title(title)

    def _series(self, ax: Any, k: int) -> None:
        """Index with its interval, limits and alarms."""
        place = np.arange(len(self.periods))
        edge = 1.1 * _highest(self.high[k], self.limits[1])
        high = np.minimum(self.high[k], edge)
        ax.fill_between(place, self.low[k], high, color=NON_EVENT, alpha=0.2)
        ax.plot(place, self.psi[k], color=NON_EVENT, marker="o", markersize=3)
        for limit in self.limits:
            ax.axhline(limit, color=INK, linewidth=0.8, linestyle="--")
        own = self.alarm[k]
        ax.scatter(
            place[own],
            self.psi[k][own],
            marker="x",
            color=EVENT,
            zorder=3,
            label="alarm",
        )
        ax.set_ylim(bottom=0.0)
        self._axis_labels(y="stability index, nats")
        self._title(self.features[k])
