"""The bins of one feature: weight of evidence with error bars over the bins' size."""

from __future__ import annotations

from typing import Any, Self, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from infostat._arrays import read_choice
from infostat.counts import CountTable
from infostat.displays.style import ACCENT, GRID, INK, Display, label_text
from infostat.evidence import weight_of_evidence
from infostat.evidence.woe import Sign
from infostat.inference.estimate import check_level
from infostat.scorecard.scorecard import Scorecard

__all__ = ["BinDisplay"]

FloatArray = npt.NDArray[np.float64]

LONGEST_LABEL = 22


class BinDisplay(Display):
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

    Notes
    -----
    The frame has the columns ``bin, share, event_rate, woe, conf_low, conf_high``.
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
        read_choice(sign, "sign", get_args(Sign))
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

        Raises
        ------
        InfostatError
            If the card has no such feature, or the level does not lie strictly between 0
            and 1.
        """
        data: Scorecard = getattr(card, "card_", card)
        one = data.features[read_choice(feature, "feature", data.features)]
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

        Raises
        ------
        InfostatError
            If the table lacks a class, the sign is unknown, or the level does not lie
            strictly between 0 and 1.
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

    def _columns(self) -> dict[str, Any]:
        return {
            "bin": self.labels,
            "share": self.share,
            "event_rate": self.event_rate,
            "woe": self.woe,
            "conf_low": self.low,
            "conf_high": self.high,
        }

    def _draw(self, ax: Any) -> None:
        place = np.arange(len(self.labels))
        shares = ax.twinx()
        shares.bar(place, 100 * self.share, width=0.8, color=GRID, zorder=0)
        shares.set_ylabel("share of rows, %", color=INK, fontsize=8)
        shares.tick_params(colors=INK, labelsize=8)
        shares.set_ylim(0, 100)
        for spine in shares.spines.values():
            spine.set_visible(False)
        # The points lie above the bars of the second axis.
        ax.set_zorder(shares.get_zorder() + 1)
        ax.patch.set_visible(False)
        ax.axhline(0.0, color=INK, linewidth=0.8)
        reach = np.stack([self.woe - self.low, self.high - self.woe])
        ax.errorbar(
            place, self.woe, yerr=reach, fmt="o", color=ACCENT, capsize=4, markersize=5
        )
        above = (
            "non-event / event" if self.sign == "good_over_bad" else "event / non-event"
        )
        self._axis_labels(y=f"weight of evidence, nats\n(ln {above})")
        labels = [label_text(label, LONGEST_LABEL) for label in self.labels]
        ax.set_xticks(place, labels, rotation=30, ha="right")
        self._title(self.feature, f", {100 * self.level:g} % intervals")
