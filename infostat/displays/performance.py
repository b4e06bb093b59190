"""A score's performance: gains, ROC curve, calibration and cut-offs, with intervals."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from infostat.displays.style import (
    ACCENT,
    EVENT,
    GRID,
    INK,
    NON_EVENT,
    QUIET,
    Display,
)
from infostat.exceptions import InfostatError
from infostat.scorecard.bands import (
    calibration_frame,
    cutoff_frame,
    gains_frame,
    roc_frame,
)
from infostat.scorecard.performance import ScorePerformance

__all__ = ["CalibrationDisplay", "CutoffDisplay", "GainsDisplay", "RocDisplay"]

FloatArray = npt.NDArray[np.float64]
SQUARE = (4.6, 4.0)
MARKED: dict[str, Any] = {"marker": "o", "ms": 3, "linewidth": 1.4}
CUTOFF_LINES = {
    ("approval_rate", "approval", "approved"): (NON_EVENT, "-"),
    ("captured_events", "captured", "events declined"): (EVENT, "--"),
    ("event_rate", "event_rate", "event rate among the approved"): (INK, "-."),
}


class _TableDisplay(Display):
    """A picture of a table, which it gives out as a frame.

    Parameters
    ----------
    columns : dict of str to array
        The table behind the picture.
    level : float
        Confidence level of its intervals.
    """

    def __init__(self, columns: dict[str, Any], *, level: float) -> None:
        self.columns, self.level = columns, level

    def _columns(self) -> dict[str, Any]:
        return self.columns


def _reach(value: FloatArray, low: FloatArray, high: FloatArray) -> list[FloatArray]:
    """Lengths of error bars; an interval need not be centred, nor hold its estimate."""
    return [np.maximum(value - low, 0.0), np.maximum(high - value, 0.0)]


class GainsDisplay(_TableDisplay):
    """Share of events captured by declining the riskiest rows, band by band.

    Build it with :meth:`from_performance`.

    Parameters
    ----------
    columns : dict of str to array
        Gains, as :meth:`.ScorePerformance.gains` gives them.
    level : float
        Confidence level.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns of :meth:`.ScorePerformance.gains`.
    """

    @classmethod
    def from_performance(
        cls, performance: ScorePerformance, *, bands: int = 10, level: float = 0.95
    ) -> Self:
        """Take the gains table of a score.

        Parameters
        ----------
        performance : ScorePerformance
            The score's performance.
        bands : int, default=10
            Bands of about equal size.
        level : float, default=0.95
            Confidence level of the error bars.

        Returns
        -------
        GainsDisplay

        Raises
        ------
        InfostatError
            If ``bands`` is below 2, or the level does not lie strictly between 0 and 1.
        """
        as_given = not performance.higher_is_riskier
        columns = gains_frame(performance.table, bands, level, as_given=as_given)
        return cls(columns, level=level)

    def _size(self) -> tuple[float, float]:
        return SQUARE

    def _draw(self, ax: Any) -> None:
        self._axis_labels("riskiest rows, %", "share of events captured, %")
        t = self.columns
        rows, captured = 100 * t["cumulative_rows"], 100 * t["captured_events"]
        ax.plot([0, 100], [0, 100], color=QUIET, linewidth=0.8, linestyle=":")
        ax.plot(np.r_[0.0, rows], np.r_[0.0, captured], color=ACCENT, linewidth=1.4)
        bars = _reach(captured, 100 * t["captured_low"], 100 * t["captured_high"])
        ax.errorbar(rows, captured, yerr=bars, fmt="o", color=ACCENT, capsize=3, ms=4)
        ax.set_xlim(0, 102)
        ax.set_ylim(0, 103)
        self._title(f"Gains, {100 * self.level:g} % intervals")


class RocDisplay(_TableDisplay):
    """The ROC curve of a score, with its area and the area's interval.

    Build it with :meth:`from_performance`.

    Parameters
    ----------
    columns : dict of str to array
        Points of the curve, as :meth:`.ScorePerformance.roc` gives them.
    level : float
        Confidence level.
    area : tuple of float
        Area under the curve, and the ends of its interval.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns of :meth:`.ScorePerformance.roc`.
    """

    def __init__(
        self,
        columns: dict[str, Any],
        *,
        level: float,
        area: tuple[float, float, float],
    ) -> None:
        super().__init__(columns, level=level)
        self.area = area

    @classmethod
    def from_performance(
        cls, performance: ScorePerformance, *, level: float = 0.95
    ) -> Self:
        """Take the ROC curve of a score.

        Parameters
        ----------
        performance : ScorePerformance
            The score's performance.
        level : float, default=0.95
            Confidence level of the area.

        Returns
        -------
        RocDisplay

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.
        """
        as_given = not performance.higher_is_riskier
        columns = roc_frame(performance.table, as_given=as_given)
        area = (performance.auc.value, *performance.auc.interval(level))
        return cls(columns, level=level, area=area)

    def _size(self) -> tuple[float, float]:
        return SQUARE

    def _draw(self, ax: Any) -> None:
        self._axis_labels("non-events called events, %", "events called events, %")
        ax.plot([0, 100], [0, 100], color=QUIET, linewidth=0.8, linestyle=":")
        false, true = (
            100 * self.columns[f"{name}_positive_rate"] for name in ("false", "true")
        )
        ax.plot(false, true, color=ACCENT, linewidth=1.4)
        ax.set_xlim(0, 100)
        ax.set_ylim(0, 101)
        value, low, high = self.area
        self._title(
            f"AUC {value:.3f}, {100 * self.level:g} % interval {low:.3f} to {high:.3f}"
        )


class CalibrationDisplay(_TableDisplay):
    """Observed against predicted event rates, with intervals.

    Build it with :meth:`from_performance`.

    Parameters
    ----------
    columns : dict of str to array
        Bands, as :meth:`.ScorePerformance.calibration_table` gives them.
    level : float
        Confidence level.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns of :meth:`.ScorePerformance.calibration_table`.
    """

    @classmethod
    def from_performance(
        cls, performance: ScorePerformance, *, bands: int = 10, level: float = 0.95
    ) -> Self:
        """Take the calibration table of a score.

        Parameters
        ----------
        performance : ScorePerformance
            The score's performance, with probabilities.
        bands : int, default=10
            Bands of about equal size.
        level : float, default=0.95
            Confidence level of the error bars.

        Returns
        -------
        CalibrationDisplay

        Raises
        ------
        InfostatError
            If the performance has no probabilities.
        """
        table = performance.probability_table
        if table is None:
            msg = (
                "Calibration needs predicted probabilities: give probability= to "
                "score_performance."
            )
            raise InfostatError(msg)
        return cls(calibration_frame(table, bands, level), level=level)

    def _size(self) -> tuple[float, float]:
        return SQUARE

    def _draw(self, ax: Any) -> None:
        self._axis_labels("predicted event rate, %", "observed event rate, %")
        t = self.columns
        predicted, observed = 100 * t["predicted"], 100 * t["observed"]
        top = 1.05 * float(max(predicted.max(), 100 * t["conf_high"].max()))
        ax.plot([0, top], [0, top], color=QUIET, linewidth=0.8, linestyle=":")
        bars = _reach(observed, 100 * t["conf_low"], 100 * t["conf_high"])
        ax.errorbar(
            predicted, observed, yerr=bars, fmt="o", color=ACCENT, capsize=3, ms=4
        )
        ax.set_xlim(0, top)
        ax.set_ylim(0, top)
        self._title(f"Calibration, {100 * self.level:g} % intervals")


class CutoffDisplay(_TableDisplay):
    """Approval rate against event rate among the approved, cut-off by cut-off.

    Build it with :meth:`from_performance`.

    Parameters
    ----------
    columns : dict of str to array
        Cut-offs, as :meth:`.ScorePerformance.cutoffs` gives them.
    level : float
        Confidence level.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns of :meth:`.ScorePerformance.cutoffs`.
    """

    @classmethod
    def from_performance(
        cls, performance: ScorePerformance, cuts: Any = None, *, level: float = 0.95
    ) -> Self:
        """Take the cut-off table of a score.

        Parameters
        ----------
        performance : ScorePerformance
            The score's performance.
        cuts : array-like of shape (n_cuts,), optional
            Cut-offs; quantiles of the score by default.
        level : float, default=0.95
            Confidence level of the bands.

        Returns
        -------
        CutoffDisplay

        Raises
        ------
        InfostatError
            If a cut-off is not finite, or the level does not lie strictly between 0 and
            1.
        """
        as_given = not performance.higher_is_riskier
        columns = cutoff_frame(performance.table, cuts, level, as_given=as_given)
        return cls(columns, level=level)

    def _draw(self, ax: Any) -> None:
        self._axis_labels("cut-off", "%")
        t = self.columns
        some = t["approval_rate"] > 0
        cut = t["cutoff"][some]
        for (name, ends, label), (colour, style) in CUTOFF_LINES.items():
            low, high, value = (
                100 * t[column][some]
                for column in (f"{ends}_low", f"{ends}_high", name)
            )
            ax.fill_between(cut, low, high, color=GRID, linewidth=0)
            ax.plot(cut, value, color=colour, linestyle=style, label=label, **MARKED)
        ax.set_ylim(0, 103)
        self._legend()
        self._title(f"Cut-offs, {100 * self.level:g} % intervals")
