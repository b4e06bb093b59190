"""What a monitor remembers of its periods, as frames."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from infostat.binning.bins import Bins
from infostat.exceptions import InfostatError
from infostat.stability.labels import read_periods
from infostat.stability.performance import Change, performance_frame
from infostat.stability.report import (
    Comparison,
    alarm_frame,
    bin_frame,
    history_frame,
)
from infostat.stability.snapshot import TOTAL, Snapshot

__all__ = ["Records"]


class Records(BaseEstimator):
    """Comparisons and changes by period; :class:`.StabilityMonitor` makes them."""

    bins_: dict[str, Bins]
    periods_: dict[str, Snapshot]
    _found: dict[str, list[Comparison]]
    _changed: dict[str, list[Change]]
    _library: Any
    _missing_words: tuple[str, ...] = ()
    """Cells of text files that mean missing; kept in the document."""

    def _forget(self) -> None:
        """Start without periods."""
        self.periods_, self._found, self._changed = {}, {}, {}
        self._missing_words = ()

    @property
    def history_(self) -> Any:
        """Comparisons of all periods as a frame."""
        check_is_fitted(self, "reference_")
        found = [c for rows in self._found.values() for c in rows]
        return history_frame(found, self._library)

    @property
    def alarm_(self) -> Any:
        """Comparisons of all periods that raise an alarm."""
        check_is_fitted(self, "reference_")
        found = [c for rows in self._found.values() for c in rows]
        return alarm_frame(found, self._library)

    @property
    def performance_(self) -> Any:
        """Changes of performance of all periods."""
        check_is_fitted(self, "reference_")
        changes = [c for rows in self._changed.values() for c in rows]
        return performance_frame(changes, float(self.level), self._library)

    def contributions(
        self, feature: str, period: Any = None, segment: str = TOTAL
    ) -> Any:
        """Shares and parts of the index of one comparison, bin by bin.

        Parameters
        ----------
        feature : str
            Name of the feature; "score" for the model's output.
        period : str or int, optional
            Label of the period; the last by default.
        segment : str, default="all"
            Name of the segment.

        Returns
        -------
        frame
            Columns ``bin, reference_share, current_share, estimate, std_error,
            smoothed``.

        Raises
        ------
        InfostatError
            If there is no such comparison.
        """
        check_is_fitted(self, "reference_")
        wanted = list(self._found)[-1] if period is None and self._found else period
        _, labels = read_periods("none" if wanted is None else wanted, 0)
        for c in self._found.get(labels[0], ()):
            if (c.feature, c.segment) == (feature, segment):
                return bin_frame(c, self.weight_type, self._library)
        msg = (
            f"There is no comparison of {feature!r} in the period {labels[0]!r}, segment "
            f"{segment!r}: the periods are {list(self._found)}, the features "
            f"{list(self.bins_)}."
        )
        raise InfostatError(msg)

    def summary(self) -> Any:
        """State of every feature after the last period, all segments together.

        Returns
        -------
        frame
            One row a feature: the last period's index with interval and light, and over
            all periods the largest index, the number of red periods and of alarms.
        """
        from infostat.stability.document import summary_frame

        check_is_fitted(self, "reference_")
        return summary_frame(self.bins_, self._found, self._library)
