"""The frontier of performance against group difference, with error bars."""

from __future__ import annotations

from typing import Any, Self

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from infostat.displays.style import ACCENT, QUIET, Display
from infostat.fairness import FairnessFrontier

__all__ = ["FrontierDisplay"]

FloatArray = npt.NDArray[np.float64]


class FrontierDisplay(Display):
    """Points of a frontier as scorecards on the holdout, with intervals.

    Build it with :meth:`from_estimator`.

    Parameters
    ----------
    group_iv, group_low, group_high : ndarray of shape (n_points,)
        Divergence of the score between groups, and its interval.
    performance, low, high : ndarray of shape (n_points,)
        Area under the curve or information value, and its interval.
    alike : ndarray of shape (n_points,), bool
        Points that cannot be told apart from the one before.
    measure : str
        What the vertical axis shows.
    certified : ndarray of shape (n_points,), bool, optional
        Points that the holdout certifies within their caps.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    Columns of :meth:`frame`, one row a point: ``group_iv, group_low, group_high,
    performance, conf_low, conf_high, alike, certified``.
    """

    def __init__(
        self,
        group_iv: FloatArray,
        group_low: FloatArray,
        group_high: FloatArray,
        performance: FloatArray,
        low: FloatArray,
        high: FloatArray,
        alike: npt.NDArray[np.bool_],
        *,
        measure: str,
        certified: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        self.group_iv, self.group_low, self.group_high = group_iv, group_low, group_high
        self.performance, self.low, self.high = performance, low, high
        self.alike, self.measure = alike, measure
        none = np.zeros(len(alike), dtype=bool)
        self.certified = none if certified is None else certified

    @classmethod
    def from_estimator(
        cls, frontier: FairnessFrontier, *, measure: str = "auc"
    ) -> Self:
        """Take the points of a fitted frontier.

        Parameters
        ----------
        frontier : FairnessFrontier
            Fitted, with groups.
        measure : {"auc", "score_iv"}, default="auc"
            Vertical axis.

        Returns
        -------
        FrontierDisplay
        """
        check_is_fitted(frontier, "frontier_")
        table = frontier.frontier_
        if not isinstance(table, dict):
            data = nw.from_native(table, eager_only=True)
            table = {name: data.get_column(name).to_numpy() for name in data.columns}
        names = ("score_group_iv", "score_group_low", "score_group_high")
        along = (measure, f"{measure}_low", f"{measure}_high")
        columns = [np.asarray(table[n], dtype=float) for n in (*names, *along)]
        value, low, high, *performance = columns
        alike, certified = (
            np.asarray(table[name], dtype=bool) for name in ("alike", "certified")
        )
        auc, auc_low, auc_high = performance
        return cls(
            *(value, low, high, auc, auc_low, auc_high, alike),
            measure=measure,
            certified=certified,
        )

    def _columns(self) -> dict[str, Any]:
        return {
            "group_iv": self.group_iv,
            "group_low": self.group_low,
            "group_high": self.group_high,
            "performance": self.performance,
            "conf_low": self.low,
            "conf_high": self.high,
            "alike": self.alike,
            "certified": self.certified,
        }

    def _draw(self, ax: Any) -> None:
        for chosen, colour, label in (
            (~self.alike, ACCENT, "differs from the point before"),
            (self.alike, QUIET, "cannot be told apart from it"),
        ):
            if not chosen.any():
                continue
            across = [self.group_iv - self.group_low, self.group_high - self.group_iv]
            along = [self.performance - self.low, self.high - self.performance]
            ax.errorbar(
                self.group_iv[chosen],
                self.performance[chosen],
                # A corrected value may lie just outside its interval at zero.
                xerr=[np.maximum(side[chosen], 0.0) for side in across],
                yerr=[np.maximum(side[chosen], 0.0) for side in along],
                fmt="o",
                markersize=4,
                linewidth=0.8,
                color=colour,
                label=label,
            )
        if self.certified.any():
            ax.scatter(
                self.group_iv[self.certified],
                self.performance[self.certified],
                s=90,
                facecolors="none",
                edgecolors=ACCENT,
                label="bins certified within their cap",
            )
        named = {"auc": "area under the ROC curve", "score_iv": "IV of the score, nats"}
        ax.set_xlabel("divergence of the score between groups, nats", fontsize=8)
        ax.set_ylabel(named.get(self.measure, self.measure), fontsize=8)
        ax.legend(frameon=False, fontsize=8)
        self._title("Scorecards of the frontier on the holdout")
