"""Bins of about equal size."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._sklearn import Target
from infostat.binning.binner import Binner
from infostat.binning.bins import Bins
from infostat.binning.columns import Column
from infostat.binning.prebins import regroup
from infostat.counts import CountTable

__all__ = ["QuantileBinner"]

FloatArray = npt.NDArray[np.float64]


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
    missing : {"separate", "merge"}, default="separate"
        Whether missing values have a bin of their own, or join the ordinary bin where
        the classes stay furthest apart; a feature without any at fit keeps the bin.
    fixed_bins : dict of str to Bins, optional
        Bins made by hand; the other features are binned.
    event : object, optional
        Label of the event; by default 1, True, or (with a warning) the second label.
    n_jobs : int or None, default=None
        Threads over the features; None is one. The bins do not depend on it.

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
        missing: str = "separate",
        fixed_bins: Any = None,
        event: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.max_bins = max_bins
        self.special_values = special_values
        self.categories = categories
        self.rare_level = rare_level
        self.missing = missing
        self.fixed_bins = fixed_bins
        self.event = event
        self.n_jobs = n_jobs

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
