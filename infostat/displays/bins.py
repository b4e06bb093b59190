"""The bins of one feature: weight of evidence with error bars over the bins' size."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from infostat._frames import build_frame
from infostat.counts import CountTable
from infostat.displays.style import ACCENT, GRID, INK, axes
from infostat.evidence import weight_of_evidence
from infostat.inference.estimate import check_level
from infostat.scorecard.scorecard import Scorecard

__all__ = ["BinDisplay"]

FloatArray = npt.NDArray[np.float64]

LONGEST_LABEL = 22


class BinDisplay:
    """Weight of evidence per bin with its interval, and each bin's share of the rows.

    Build it with :meth:`from_card` or :meth:`from_table`.

    Parameters
    ----------
    feature : str
        Name of the feature.
    labels : sequence of str
        Names of the bins.
    woe, low, high : ndarray of shape (n_bins,)
        Weight of evidence in nats and its interval.
    share : ndarray of shape (n_bins,)
        Share of all weight in the bin.
    event_rate : ndarray of shape (n_bins,)
        Events over all within the bin.
    sign : str
        Which class stands above in the ratio.
    level : float
        Confidence level.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.
    """

    def __init__(
        self,
        feature: str,
        labels: list[str],
        woe: FloatArray,
        low: FloatArray,
        high: FloatArray,
        share: FloatArray,
        event_rate: FloatArray,
        *,
        sign: str,
        level: float,
    ) -> None:
        self.feature = feature
        self.labels = labels
        self.woe, self.low, self.high = woe, low, high
        self.share, self.event_rate = share, event_rate
        self.sign, self.level = sign, level

    @classmethod
    def from_card(cls, card: Any, feature: str, *, level: float = 0.95) -> Self:
        """Take the bins of one feature of a fitted card.

        Parameters
        ----------
        card : Scorecard or ScorecardClassifier
            The card.
        feature : str
            Name of the feature.
        level : float, default=0.95
            Confidence level of the error bars.

        Returns
        -------
        BinDisplay
        """
        data: Scorecard = getattr(card, "card_", card)
        one = data.features[feature]
        return cls._build(
            feature, one.table, one.woe, one.woe_se, sign=data.sign, level=level
        )

    @classmethod
    def from_table(
        cls,
        table: CountTable,
        *,
        feature: str = "",
        sign: Any = "good_over_bad",
        level: float = 0.95,
    ) -> Self:
        """Take the bins of a count table.

        Parameters
        ----------
        table : CountTable
            Counts of events and non-events.
        feature : str, default=""
            Name for the title.
        sign : {"good_over_bad", "bad_over_good"}, default="good_over_bad"
            Which class stands above in the ratio.
        level : float, default=0.95
            Confidence level of the error bars.

        Returns
        -------
        BinDisplay
        """
        woe = weight_of_evidence(table, sign=sign)
        return cls._build(feature, table, woe.value, woe.se, sign=sign, level=level)

    @classmethod
    def _build(
        cls,
        feature: str,
        table: CountTable,
        woe: FloatArray,
        se: FloatArray,
        *,
        sign: str,
        level: float,
    ) -> Self:
        filled = np.flatnonzero(table.weight.sum(axis=1) > 0)
        reach = ndtri((1.0 + check_level(level)) / 2.0) * se[filled]
        size = table.weight.sum(axis=1)[filled]
        return cls(
            feature,
            [table.labels[k] for k in filled],
            woe[filled],
            woe[filled] - reach,
            woe[filled] + reach,
            size / size.sum(),
            table.event_rate[filled],
            sign=sign,
            level=level,
        )

    def frame(self, like: Any = None) -> Any:
        """Return the figures behind the picture, one row a bin.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Columns ``bin, share, event_rate, woe, conf_low, conf_high``.
        """
        columns: dict[str, Any] = {
            "bin": self.labels,
            "share": self.share,
            "event_rate": self.event_rate,
            "woe": self.woe,
            "conf_low": self.low,
            "conf_high": self.high,
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
        BinDisplay
            Itself, with ``ax_`` and ``figure_``.
        """
        self.ax_ = axes(ax)
        self.figure_ = self.ax_.figure
        place = np.arange(len(self.labels))
        shares = self.ax_.twinx()
        shares.bar(place, 100 * self.share, width=0.8, color=GRID, zorder=0)
        shares.set_ylabel("share of rows, %", color=INK, fontsize=8)
        shares.tick_params(colors=INK, labelsize=8)
        shares.set_ylim(0, 100)
        for spine in shares.spines.values():
            spine.set_visible(False)
        # The points lie above the bars of the second axis.
        self.ax_.set_zorder(shares.get_zorder() + 1)
        self.ax_.patch.set_visible(False)
        self.ax_.axhline(0.0, color=INK, linewidth=0.8)
        reach = np.stack([self.woe - self.low, self.high - self.woe])
        self.ax_.errorbar(
            place, self.woe, yerr=reach, fmt="o", color=ACCENT, capsize=4, markersize=5
        )
        above = (
            "non-event / event" if self.sign == "good_over_bad" else "event / non-event"
        )
        self.ax_.set_ylabel(f"weight of evidence, nats\n(ln {above})", fontsize=8)
        # A dollar sign in a name is not mathematics.
        labels = [_short(label).replace("$", r"\$") for label in self.labels]
        self.ax_.set_xticks(place, labels, rotation=30, ha="right")
        title = f"{_short(self.feature, 60)}, {100 * self.level:g} % intervals"
        self.ax_.set_title(title.replace("$", r"\$"), fontsize=9, color=INK, loc="left")
        return self


def _short(text: str, longest: int = LONGEST_LABEL) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "\u2026"
