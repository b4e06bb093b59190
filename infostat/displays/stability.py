"""Drift: stability indices with intervals and limits, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._frames import build_frame
from infostat.displays.style import EVENT, GRID, INK, NON_EVENT, QUIET, axes
from infostat.exceptions import InfostatError

__all__ = ["DriftDisplay", "DriftHistoryDisplay"]

FloatArray = npt.NDArray[np.float64]

LIGHTS = {"green": NON_EVENT, "amber": QUIET, "red": EVENT}
"""Colours that a colour-blind reader can tell apart; markers differ as well."""

MARKERS = {"green": "o", "amber": "D", "red": "s"}


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


def _plain(text: str) -> str:
    """Draw a dollar sign, do not parse it."""
    return text.replace("$", r"\$")


class DriftDisplay:
    """Stability index of every feature in one period, with intervals and limits.

    Build it with :meth:`from_monitor`.

    Parameters
    ----------
    features : sequence of str
        Names of the features.
    psi, low, high : ndarray of shape (n_features,)
        Index and its interval.
    light : sequence of str
        "green", "amber" or "red".
    alarm : sequence of bool
        Whether the feature raises an alarm.
    limits : tuple of float
        Limits of the traffic light.
    title : str
        What is compared.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.
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

    def frame(self, like: Any = None) -> Any:
        """Return the figures behind the picture, one row a feature.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Columns ``feature, estimate, conf_low, conf_high, light, alarm``.
        """
        columns: dict[str, Any] = {
            "feature": self.features,
            "estimate": self.psi,
            "conf_low": self.low,
            "conf_high": self.high,
            "light": self.light,
            "alarm": self.alarm,
        }
        return build_frame(columns, like)

    def plot(self, ax: Any = None) -> Self:
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw into; a figure of its own by default.

        Returns
        -------
        DriftDisplay
            Itself, with ``ax_`` and ``figure_``.
        """
        self.ax_ = axes(ax, size=(7.0, 1.2 + 0.28 * len(self.features)))
        self.figure_ = self.ax_.figure
        self.ax_.grid(visible=False, axis="y")
        for limit in self.limits:
            self.ax_.axvline(limit, color=INK, linewidth=0.8, linestyle="--")
        place = np.arange(len(self.features))
        # An interval without an upper end is drawn to the edge.
        edge = 1.1 * max(self.limits[1], float(np.ma.masked_invalid(self.high).max()))
        reach = np.minimum(self.high, edge)
        for light, colour in LIGHTS.items():
            own = np.array([name == light for name in self.light])
            if not own.any():
                continue
            bars = np.array([self.psi - self.low, reach - self.psi])[:, own]
            self.ax_.errorbar(
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
            _plain(name) + (" (alarm)" if alarm else "")
            for name, alarm in zip(self.features, self.alarm, strict=True)
        ]
        self.ax_.set_yticks(place, names)
        self.ax_.set_xlim(left=0.0)
        self.ax_.set_xlabel("population stability index, nats", fontsize=8)
        self.ax_.legend(frameon=False, fontsize=8, loc="lower right")
        self.ax_.set_title(_plain(self.title), fontsize=9, color=INK, loc="left")
        return self


class DriftHistoryDisplay:
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
        Limits of the traffic light.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.
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

    def frame(self, like: Any = None) -> Any:
        """Return the figures behind the picture, one row a feature and period.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Columns ``feature, period, estimate, conf_low, conf_high, alarm``.
        """
        count = len(self.periods)
        columns: dict[str, Any] = {
            "feature": [name for name in self.features for _ in range(count)],
            "period": self.periods * len(self.features),
            "estimate": self.psi.ravel(),
            "conf_low": self.low.ravel(),
            "conf_high": self.high.ravel(),
            "alarm": self.alarm.ravel(),
        }
        return build_frame(columns, like)

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
        size = (7.5, 1.4 + 0.28 * len(self.features) if feature is None else 3.0)
        self.ax_ = axes(ax, size=size)
        self.figure_ = self.ax_.figure
        if feature is None:
            self._heat_map()
        else:
            self._series(self.features.index(feature))
        step = max(1, len(self.periods) // 12)
        shown = np.arange(0, len(self.periods), step)
        labels = [_plain(self.periods[k]) for k in shown]
        self.ax_.set_xticks(shown, labels, rotation=30, ha="right")
        return self

    def _heat_map(self) -> None:
        """Index by colour; a cross where an alarm is raised."""
        self.ax_.grid(visible=False)
        image = self.ax_.imshow(
            self.psi, aspect="auto", cmap="cividis", vmin=0.0, vmax=self.limits[1]
        )
        bar = self.figure_.colorbar(image, ax=self.ax_, extend="max")
        bar.set_label("stability index, nats", fontsize=8)
        for limit in self.limits:
            bar.ax.axhline(limit, color=GRID, linewidth=1.0)
        row, column = np.nonzero(self.alarm)
        self.ax_.scatter(column, row, marker="x", color=EVENT, s=28, label="alarm")
        names = [_plain(name) for name in self.features]
        self.ax_.set_yticks(np.arange(len(names)), names)
        title = "Index by feature and period; a cross is an alarm"
        self.ax_.set_title(title, fontsize=9, color=INK, loc="left")

    def _series(self, k: int) -> None:
        """Index with its interval, limits and alarms."""
        place = np.arange(len(self.periods))
        edge = 1.1 * max(
            self.limits[1], float(np.ma.masked_invalid(self.high[k]).max())
        )
        high = np.minimum(self.high[k], edge)
        self.ax_.fill_between(place, self.low[k], high, color=NON_EVENT, alpha=0.2)
        self.ax_.plot(place, self.psi[k], color=NON_EVENT, marker="o", markersize=3)
        for limit in self.limits:
            self.ax_.axhline(limit, color=INK, linewidth=0.8, linestyle="--")
        own = self.alarm[k]
        self.ax_.scatter(
            place[own],
            self.psi[k][own],
            marker="x",
            color=EVENT,
            zorder=3,
            label="alarm",
        )
        self.ax_.set_ylim(bottom=0.0)
        self.ax_.set_ylabel("stability index, nats", fontsize=8)
        name = _plain(self.features[k])
        self.ax_.set_title(name, fontsize=9, color=INK, loc="left")
