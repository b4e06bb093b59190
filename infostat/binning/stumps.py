"""Bins from boosted stumps: depth-one XGBoost, its thresholds read exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from infostat._device import report_fallback
from infostat._sklearn import Integral, Interval, Real, StrOptions, Target
from infostat.binning.binner import Binner
from infostat.binning.binners import OptimalBinner
from infostat.binning.bins import Bins
from infostat.binning.boosting import (
    BoostedColumn,
    Boosting,
    Stump,
    Stumps,
    train_stumps,
)
from infostat.binning.columns import Column, Columns
from infostat.binning.prebins import regroup
from infostat.binning.shapes import level_shape, number_shape
from infostat.binning.stump_columns import (
    DIRECTIONS,
    MOST_LEVELS,
    StumpColumn,
    count_cuts,
    join_levels,
    stump_column,
)
from infostat.counts import CountTable
from infostat.exceptions import InfostatError

__all__ = ["StumpBinner"]

FloatArray = npt.NDArray[np.float64]


class StumpBinner(Binner):
    """Bins between the thresholds of boosted stumps, reduced to the best few.

    XGBoost boosts trees of depth one for the log-odds of the event; their thresholds,
    which it compares in single precision, become exact cuts of doubles.

    Parameters
    ----------
    max_bins : int, default=8
        Most ordinary bins of a feature.
    n_rounds : int, default=50
        Stumps: of each feature, or of all features together where ``joint``.
    learning_rate : float, default=0.3
        Shrinkage of each stump.
    joint : bool, default=False
        Boost all features in one model: one that adds nothing gets few cuts or none.
    reduction : {"optimal", "gain"}, default="optimal"
        How thresholds are chosen: all are the pre-bins of an :class:`OptimalBinner`, or
        only those of the largest total gain that leave ``max_bins`` bins, which may
        still be joined to meet ``min_bin_size`` and ``monotonic``.
    min_bin_size : "auto", float or int, default="auto"
        Least size of an ordinary bin, see :class:`OptimalBinner`.
    monotonic : str, dict or None, default="auto"
        Trend of the event rate over a number, see :class:`OptimalBinner`. "ascending"
        and "descending" constrain the stumps as well.
    max_candidates : int, default=256
        Candidate cuts XGBoost sketches a number to (its ``max_bin``).
    min_child_weight : float, default=1.0
        Least sum of hessians on each side of a stump. It does not limit the bins
        between two thresholds; ``min_bin_size`` does.
    gamma : float, default=0.0
        Least gain of a stump.
    device : {"cpu", "cuda"}, default="cpu"
        Where XGBoost runs.
    n_jobs : int or None, default=None
        Features boosted at a time, as in joblib; the result does not depend on it.
    special_values : list, dict or None, default=None
        Codes with a bin of their own; a list holds for every feature in which a code
        occurs, a dict gives a list a feature.
    categories : "auto" or list of str, default="auto"
        Features to treat as categorical although they hold numbers.
    rare_level : float, default=0.01
        Levels with a smaller share of the rows are pooled.
    missing : {"separate", "merge"}, default="separate"
        Whether missing values have a bin of their own, or join the one that makes the
        information value largest (where gain alone chose the bins, as in
        :class:`QuantileBinner`). The stumps see them apart.
    fixed_bins : dict of str to Bins, optional
        Bins made by hand; the other features are binned.
    event : object, optional
        Label of the event; by default 1, True, or (with a warning) the second label.

    Attributes
    ----------
    thresholds_ : dict of str to ndarray of float32
        XGBoost's thresholds of each numeric feature, before the reduction; none where
        pre-bins were boosted (:meth:`fit_counts`, :meth:`fit_frame`).
    trends_ : dict of str to (str or None)
        Trend of each numeric feature.
    device_ : {"cpu", "cuda"}
        Where XGBoost ran.
    bins_, tables_, classes_, event_, n_features_in_, feature_names_in_
        See :class:`QuantileBinner`.

    Notes
    -----
    Cuts chosen by gain on the same rows make information values too large. On a CPU
    :class:`OptimalBinner` is faster and never has a smaller information value on the
    same candidate cuts. Versions of XGBoost, CPU and GPU may sketch different ones.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.repeat(np.arange(10.0), 100)
    >>> y = (np.tile(np.arange(100), 10) < 5 + 4 * (x > 4) + 20 * (x > 7)).astype(int)
    >>> binner = StumpBinner(max_bins=3).fit(x.reshape(-1, 1), y)
    >>> binner.thresholds_["x0"].tolist(), binner.bins_["x0"].labels[1:]
    ([5.0, 8.0], ('(-inf, 5)', '[5, 8)', '[8, inf)'))
    """

    trends_: dict[str, str | None]
    thresholds_: dict[str, npt.NDArray[np.float32]]
    device_: str

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        **Binner._parameter_constraints,
        "n_rounds": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, 1, closed="right")],
        "joint": ["boolean"],
        "reduction": [StrOptions({"optimal", "gain"})],
        "min_bin_size": OptimalBinner._parameter_constraints["min_bin_size"],
        "monotonic": OptimalBinner._parameter_constraints["monotonic"],
        "max_candidates": [Interval(Integral, 2, 65_536, closed="both")],
        "min_child_weight": [Interval(Real, 0, None, closed="left")],
        "gamma": [Interval(Real, 0, None, closed="left")],
        "device": [StrOptions({"cpu", "cuda"})],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        max_bins: int = 8,
        *,
        n_rounds: int = 50,
        learning_rate: float = 0.3,
        joint: bool = False,
        reduction: str = "optimal",
        min_bin_size: float | str = "auto",
        monotonic: Any = "auto",
        max_candidates: int = 256,
        min_child_weight: float = 1.0,
        gamma: float = 0.0,
        device: str = "cpu",
        n_jobs: int | None = None,
        special_values: Any = None,
        categories: Any = "auto",
        rare_level: float = 0.01,
        missing: str = "separate",
        fixed_bins: Any = None,
        event: Any = None,
    ) -> None:
        self.max_bins = max_bins
        self.n_rounds = n_rounds
        self.learning_rate = learning_rate
        self.joint = joint
        self.reduction = reduction
        self.min_bin_size = min_bin_size
        self.monotonic = monotonic
        self.max_candidates = max_candidates
        self.min_child_weight = min_child_weight
        self.gamma = gamma
        self.device = device
        self.n_jobs = n_jobs
        self.special_values = special_values
        self.categories = categories
        self.rare_level = rare_level
        self.missing = missing
        self.fixed_bins = fixed_bins
        self.event = event

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find the bins of every feature; see :meth:`Binner.fit`."""
        self._reset()
        super().fit(X, y, sample_weight)
        self.device_ = report_fallback(self.device, self._devices, "StumpBinner")
        return self

    def fit_counts(
        self,
        bins: Mapping[str, Bins],
        tables: Mapping[str, CountTable],
        *,
        classes: tuple[Any, Any] | None = None,
    ) -> Self:
        """Find bins from counted pre-bins; see :meth:`Binner.fit_counts`.

        A stump sees a row only through its pre-bin, so boosting weighted pre-bins is
        boosting the rows with the edges of the pre-bins for candidates: these are the
        cuts, in double precision, and ``thresholds_`` stays empty.

        Raises
        ------
        InfostatError
            If ``joint``: tables of single features do not say how features go together.
        """
        self._refuse_joint()
        self._reset()
        super().fit_counts(bins, tables, classes=classes)
        self.device_ = report_fallback(self.device, self._devices, "StumpBinner")
        return self

    def fit_frame(
        self,
        frame: Any,
        target: str,
        *,
        features: Sequence[str] | None = None,
        weight: str | None = None,
    ) -> Self:
        """Find bins in the engine that holds the frame; see :meth:`Binner.fit_frame`.

        The engine counts ``max_candidates`` quantile pre-bins, whose edges are the
        candidate cuts in place of those that XGBoost would sketch from the rows; see
        :meth:`fit_counts`. Levels are boosted as by ``fit``.

        Raises
        ------
        InfostatError
            If ``joint``, the frame lacks a column, or the target is not binary.
        """
        self._refuse_joint()
        return super().fit_frame(frame, target, features=features, weight=weight)

    def _refuse_joint(self) -> None:
        if self.joint:
            msg = (
                "StumpBinner(joint=True) cannot be fitted on counts: tables of single "
                "features do not hold their joint law. Use joint=False, or fit rows."
            )
            raise InfostatError(msg)

    def _prebin_numbers(self) -> tuple[int, int]:
        return int(self.max_candidates), MOST_LEVELS

    def _reset(self) -> None:
        self.trends_, self.thresholds_ = {}, {}
        self._devices: list[str] = []

    def _fit_features(
        self, columns: Columns, target: Target, weight: FloatArray | None
    ) -> dict[str, tuple[Bins, CountTable]]:
        fixed, free = {}, {}
        for name in columns.names:
            bins = (self.fixed_bins or {}).get(name)
            if bins is None:
                column = columns.detect(name, self._forced())
                free[name] = self._column(column, target, weight)
                continue
            column = columns.read(name, categorical=bins.groups is not None)
            fixed[name] = bins, bins.count(column.values, target.y, weight)
        stumps = self._boost(list(free.values()), target, weight)
        found = {
            name: self._with_missing(*self._bins(column, its, target, weight))
            for (name, column), its in zip(free.items(), stumps, strict=True)
        }
        return {name: (fixed | found)[name] for name in columns.names}

    def _column(
        self, column: Column, target: Target, weight: FloatArray | None
    ) -> StumpColumn:
        trend = self._trend(column.name)
        return stump_column(
            column, target.y, weight, self.special_values, self.rare_level, trend
        )

    def _trend(self, name: str) -> str | None:
        """Trend asked for; the optimal binner refuses unknown ones."""
        if isinstance(self.monotonic, dict):
            return self.monotonic.get(name, "auto")  # type: ignore[no-any-return]
        return self.monotonic  # type: ignore[no-any-return]

    def _options(self, candidates: int | None = None) -> Boosting:
        return Boosting(
            rounds=int(self.n_rounds),
            learning_rate=float(self.learning_rate),
            max_candidates=int(candidates or self.max_candidates),
            min_child_weight=float(self.min_child_weight),
            gamma=float(self.gamma),
            device=self.device,
        )

    def _boost(
        self, columns: list[StumpColumn], target: Target, weight: FloatArray | None
    ) -> list[list[Stump]]:
        """Stumps of each column."""
        options, y = self._options(), target.y
        boosted = [column.boosted for column in columns]
        if self.joint and boosted:
            _, found = train_stumps(boosted, y, weight, options)
            self._devices.append(found.device)
            return [
                [s for s in found.stumps if s.column == k] for k in range(len(columns))
            ]

        def alone(column: BoostedColumn) -> Stumps:
            return train_stumps([column], y, weight, options)[1]

        from joblib import Parallel, delayed

        # Threads: XGBoost leaves the interpreter while it works, and shares the columns.
        parallel = Parallel(n_jobs=self.n_jobs, prefer="threads")
        each = parallel(delayed(alone)(column) for column in boosted)
        self._devices += [found.device for found in each]
        return [list(found.stumps) for found in each]

    def _bins(
        self,
        column: StumpColumn,
        stumps: list[Stump],
        target: Target,
        weight: FloatArray | None,
    ) -> tuple[Bins, CountTable]:
        if column.levels is not None:
            return self._reduced(*self._joined(column, stumps))
        found = number_shape(stumps)
        self.thresholds_[column.source.name] = found.thresholds
        kept = found.strongest(self._most())
        bins, table, _ = count_cuts(column, kept, target.y, weight)
        return self._reduced(bins, table)

    def _reduced(self, pre: Bins, table: CountTable) -> tuple[Bins, CountTable]:
        """Best binning of the pre-bins that stumps left."""
        name = pre.feature
        free = self.min_bin_size == 0 and self._trend(name) is None
        if self.reduction == "gain" and free:
            if pre.groups is None:
                self.trends_[name] = None
            return pre, table
        best = OptimalBinner(
            max_bins=self.max_bins,
            min_bin_size=self.min_bin_size,
            monotonic={name: self._trend(name)} if pre.groups is None else None,
            missing=self.missing,
        ).fit_counts({name: pre}, {name: table})
        if pre.groups is None:
            self.trends_[name] = best.trends_.get(name)
        return best.bins_[name], best.tables_[name]

    def _fit_column(
        self, column: Column, target: Target, weight: FloatArray | None
    ) -> tuple[Bins, CountTable]:
        prepared = self._column(column, target, weight)
        (found,) = self._boost([prepared], target, weight)
        return self._bins(prepared, found, target, weight)

    def _reduce(self, pre: Bins, table: CountTable) -> tuple[Bins, CountTable]:
        """Boost counted pre-bins."""
        categorical = pre.groups is not None
        # Special levels are levels of their own to XGBoost, special numbers are missing.
        n_specials = len(pre.special_values) if categorical else 0
        place = np.full(pre.n_bins, np.nan)
        place[pre.first :] = np.arange(pre.n_ordinary)
        place[1 : 1 + n_specials] = pre.n_ordinary + np.arange(n_specials)
        direction = DIRECTIONS.get(self._trend(pre.feature) or "", 0)
        column = StumpColumn(
            source=Column(pre.feature, None, categorical),
            boosted=BoostedColumn(
                np.repeat(place, 2),
                pre.n_ordinary + n_specials if categorical else 0,
                0 if categorical else direction,
            ),
            special_values=pre.special_values,
            levels=pre if categorical else None,
            counted=table if categorical else None,
        )
        _, found = train_stumps(
            [column.boosted],
            np.tile(np.array([0, 1], dtype=np.uint8), pre.n_bins),
            table.weight.ravel(),
            self._options(max(pre.n_ordinary + n_specials, 2)),
        )
        self._devices.append(found.device)
        if categorical:
            return self._reduced(*self._joined(column, found.stumps))
        starts = number_shape(found.stumps).strongest(self._most())
        # A threshold beyond the range sets missing values apart and cuts no bin.
        inner = starts[(starts > 0) & (starts <= pre.n_ordinary - 1)]
        places = np.unique(np.ceil(inner).astype(int))
        return self._reduced(*regroup(pre, table, [0, *places.tolist()]))

    def _most(self) -> int | None:
        """Most bins that thresholds may leave, where gain chooses them."""
        return int(self.max_bins) if self.reduction == "gain" else None

    def _joined(
        self, column: StumpColumn, stumps: Sequence[Stump]
    ) -> tuple[Bins, CountTable]:
        shape = level_shape(stumps, column.boosted.n_levels, self._most())
        return join_levels(column, shape.signature)
