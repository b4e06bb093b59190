"""The binners: equal shares, or the exact optimum."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from infostat._sklearn import Interval, RealNotInt, StrOptions, Target
from infostat.binning.binner import Binner
from infostat.binning.bins import Bins
from infostat.binning.columns import Column
from infostat.binning.optimal import TRENDS
from infostat.binning.prebins import regroup
from infostat.binning.trend import TrendSearch, best_partition
from infostat.counts import CountTable
from infostat.exceptions import InfostatError, InfostatWarning

__all__ = ["OptimalBinner", "QuantileBinner"]

FloatArray = npt.NDArray[np.float64]

AUTO_SHARE = 0.02
"""Least share of the weight in a bin where the user does not say."""

AUTO_EXPECTED = 5.0
"""Least expected rows of the smaller class in a bin where the user does not say."""


class QuantileBinner(Binner):
    """Bins of about equal size, levels by event rate.

    Parameters
    ----------
    max_bins : int, default=10
        Most ordinary bins of a feature.
    special_values : list, dict or None, default=None
        Codes with a bin of their own; a list holds for every feature in which a code
        occurs, a dict gives a list a feature.
    categories : "auto" or list of str, default="auto"
        Features to treat as categorical although they hold numbers.
    rare_level : float, default=0.01
        Levels with a smaller share of the rows are pooled.
    fixed_bins : dict of str to Bins, optional
        Bins made by hand; the other features are binned.
    event : object, optional
        Label of the event; by default 1, True, or (with a warning) the second label.

    Attributes
    ----------
    bins_ : dict of str to Bins
        Bins of each feature.
    tables_ : dict of str to CountTable
        Their counts.
    classes_ : ndarray of shape (2,)
        Labels of the target.
    event_ : object
        Label taken for the event.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X had names.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(100.0).reshape(-1, 1)
    >>> y = (np.arange(100) % 3 == 0).astype(int)
    >>> QuantileBinner(max_bins=4).fit(X, y).bins_["x0"].cuts
    (24.0, 49.0, 74.0)
    """

    def __init__(
        self,
        max_bins: int = 10,
        *,
        special_values: Any = None,
        categories: Any = "auto",
        rare_level: float = 0.01,
        fixed_bins: Any = None,
        event: Any = None,
    ) -> None:
        self.max_bins = max_bins
        self.special_values = special_values
        self.categories = categories
        self.rare_level = rare_level
        self.fixed_bins = fixed_bins
        self.event = event

    def _fit_column(
        self, column: Column, target: Target, weight: FloatArray | None
    ) -> tuple[Bins, CountTable]:
        return self._prebin(column, self.max_bins, target, weight)

    def _reduce(self, pre: Bins, table: CountTable) -> tuple[Bins, CountTable]:
        size = table.weight[pre.first :].sum(axis=1)
        running = np.cumsum(size)
        if running[-1] <= 0 or pre.n_ordinary <= self.max_bins:
            return pre, table
        # The bin that first reaches each quantile closes a group.
        level = np.arange(1, self.max_bins) / self.max_bins * running[-1]
        ends = np.unique(np.searchsorted(running, level * (1 - 1e-12)))
        starts = [0, *(int(e) + 1 for e in ends if e + 1 < pre.n_ordinary)]
        return regroup(pre, table, starts)


class OptimalBinner(Binner):
    """The binning with the largest information value that the constraints allow.

    Exact: a dynamic programme over quantile pre-bins (numbers) or levels sorted by
    event rate, not a heuristic, and no solver.

    Parameters
    ----------
    max_bins : int, default=8
        Most ordinary bins of a feature.
    prebins : int, default=100
        Quantile pre-bins of a number, or groups of levels, to choose from.
    min_bin_size : "auto", float or int, default="auto"
        Least size of an ordinary bin: a share of all weight (float) or rows (int).
        "auto" asks for 2 % and for five expected rows of the smaller class, below which
        the inference would merge the bin; a feature with fewer ordinary values keeps
        them in one bin.
    max_bin_size : float, int or None, default=None
        Largest size, likewise.
    min_events, min_non_events : float, default=1
        Least weight of each class in an ordinary bin.
    monotonic : str, dict or None, default="auto"
        Trend of the event rate over a numeric feature: "ascending", "descending",
        "peak", "valley", None for any; "auto" takes the better monotone trend, or a
        peak or valley where it carries clearly more. A dict gives a trend a feature,
        "auto" for the others. Levels have no trend.
    min_rate_gap : float, default=0.0
        Least change of the event rate between neighbouring bins under a trend.
    objective : {"iv", "iv_corrected"}, default="iv"
        Information value, or the value less its bias, which also chooses the number of
        bins.
    special_values, categories, rare_level, fixed_bins, event
        See :class:`QuantileBinner`.

    Attributes
    ----------
    trends_ : dict of str to (str or None)
        Trend of each numeric feature.
    bins_, tables_, classes_, event_, n_features_in_, feature_names_in_
        See :class:`QuantileBinner`.

    Raises
    ------
    InfeasibleError
        At fit, if the limits on size and events leave a feature without any binning;
        the message names the feature and the constraint.

    Notes
    -----
    The information value of bins that were chosen on the same rows is too large; its
    interval is that of the chosen bins. For levels with limits on size the optimum is
    over groups that are contiguous in event rate.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.repeat(np.arange(10.0), 100)
    >>> y = (np.tile(np.arange(100), 10) < 5 + 4 * (x > 4) + 20 * (x > 7)).astype(int)
    >>> OptimalBinner(max_bins=3).fit(x.reshape(-1, 1), y).bins_["x0"].cuts
    (4.0, 7.0)
    """

    trends_: dict[str, str | None]

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012
        **Binner._parameter_constraints,
        "prebins": [Interval(Integral, 1, 1000, closed="both")],
        "min_bin_size": [
            StrOptions({"auto"}),
            Interval(RealNotInt, 0, 1, closed="both"),
            Interval(Integral, 0, None, closed="left"),
        ],
        "max_bin_size": [
            Interval(RealNotInt, 0, 1, closed="right"),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
        "min_events": [Interval(Real, 0, None, closed="left")],
        "min_non_events": [Interval(Real, 0, None, closed="left")],
        "monotonic": [StrOptions({"auto", *(t for t in TRENDS if t)}), dict, None],
        "min_rate_gap": [Interval(Real, 0, 1, closed="both")],
        "objective": [StrOptions({"iv", "iv_corrected"})],
    }

    def __init__(
        self,
        max_bins: int = 8,
        *,
        prebins: int = 100,
        min_bin_size: float | str = "auto",
        max_bin_size: float | None = None,
        min_events: float = 1,
        min_non_events: float = 1,
        monotonic: Any = "auto",
        min_rate_gap: float = 0.0,
        objective: str = "iv",
        special_values: Any = None,
        categories: Any = "auto",
        rare_level: float = 0.01,
        fixed_bins: Any = None,
        event: Any = None,
    ) -> None:
        self.max_bins = max_bins
        self.prebins = prebins
        self.min_bin_size = min_bin_size
        self.max_bin_size = max_bin_size
        self.min_events = min_events
        self.min_non_events = min_non_events
        self.monotonic = monotonic
        self.min_rate_gap = min_rate_gap
        self.objective = objective
        self.special_values = special_values
        self.categories = categories
        self.rare_level = rare_level
        self.fixed_bins = fixed_bins
        self.event = event

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find the bins of every feature; see :meth:`Binner.fit`."""
        self.trends_ = {}
        super().fit(X, y, sample_weight)
        return self

    def fit_counts(
        self, bins: Mapping[str, Bins], tables: Mapping[str, CountTable]
    ) -> Self:
        """Find bins from counted pre-bins; see :meth:`Binner.fit_counts`."""
        self.trends_ = {}
        super().fit_counts(bins, tables)
        return self

    def _fit_column(
        self, column: Column, target: Target, weight: FloatArray | None
    ) -> tuple[Bins, CountTable]:
        pre, table = self._prebin(column, self.prebins, target, weight)
        return self._reduce(pre, table)

    def _reduce(self, pre: Bins, table: CountTable) -> tuple[Bins, CountTable]:
        ordinary = table.weight[pre.first :]
        if pre.n_ordinary < 2 or ordinary.sum() <= 0:
            return pre, table
        smallest = self._smallest(table)
        if self.min_bin_size == "auto" and ordinary.sum() < smallest:
            return regroup(pre, table, [0])
        search = TrendSearch(
            feature=pre.feature,
            max_bins=self.max_bins,
            min_size=smallest,
            max_size=_rows(self.max_bin_size, table),
            min_events=float(self.min_events),
            min_non_events=float(self.min_non_events),
            min_gap=float(self.min_rate_gap),
            corrected=self.objective == "iv_corrected",
        )
        trend = None if pre.groups is not None else self._trend_of(pre.feature)
        found = best_partition(ordinary, table.totals, search, trend)
        if len(found.starts) == 1:
            _warn_of_pure_cuts(ordinary, search)
        if pre.groups is None:
            self.trends_[pre.feature] = found.trend
        return regroup(pre, table, list(found.starts))

    def _smallest(self, table: CountTable) -> float:
        """Least weight of a bin."""
        if not isinstance(self.min_bin_size, str):
            return _rows(self.min_bin_size, table)
        total = float(table.weight.sum())
        return max(
            AUTO_SHARE * total, AUTO_EXPECTED * total / float(table.totals.min())
        )

    def _trend_of(self, feature: str) -> str | None:
        if not isinstance(self.monotonic, dict):
            return self.monotonic  # type: ignore[no-any-return]
        trend = self.monotonic.get(feature, "auto")
        if trend not in ("auto", *TRENDS):
            msg = (
                f"monotonic of {feature!r} is {trend!r}: use 'auto', 'ascending', "
                f"'descending', 'peak', 'valley' or None."
            )
            raise InfostatError(msg)
        return trend  # type: ignore[no-any-return]


def _warn_of_pure_cuts(weight: FloatArray, search: TrendSearch) -> None:
    """Warn where a feature is left in one bin because it tells the classes apart."""
    left = np.cumsum(weight, axis=0)[:-1]
    right = weight.sum(axis=0) - left
    large = np.minimum(left.sum(axis=1), right.sum(axis=1)) >= search.min_size
    lacking = np.minimum(left, right).min(axis=1) <= 0
    if lacking[large].any() and lacking[large].all():
        warnings.warn(
            f"Every cut of {search.feature!r} leaves a bin without events or without "
            f"non-events, so it was left in one bin and shows no information value. It "
            f"may give the outcome away: check it for leakage, or give it fixed_bins.",
            InfostatWarning,
            stacklevel=5,
        )


def _rows(size: float | None, table: CountTable) -> float:
    """A share (float) or a number (int) of rows as weight."""
    if size is None:
        return np.inf
    if isinstance(size, float | np.floating):
        return float(size) * float(table.weight.sum())
    return float(size)
