"""What a binner is: columns read, cut into bins and counted, in scikit-learn's style."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import ClassifierTags
from sklearn.utils.validation import check_is_fitted

from infostat._sklearn import (
    Interval,
    StrOptions,
    Target,
    read_target,
    read_weight,
    validate_features,
)
from infostat.binning.bins import Bins
from infostat.binning.coding import code_columns
from infostat.binning.columns import Column, Columns, read_columns
from infostat.binning.missing import join_missing
from infostat.binning.nesting import nest
from infostat.binning.prebins import (
    declared_specials,
    prebin_levels,
    prebin_numbers,
)
from infostat.counts import CountTable
from infostat.exceptions import InfostatError

__all__ = ["Binner", "read_features"]

FloatArray = npt.NDArray[np.float64]

PER_FEATURE = (
    "fixed_bins",
    "special_values",
    "monotonic",
    "user_splits",
    "fixed_splits",
)
"""Parameters that a dict gives feature by feature."""


def read_features(
    estimator: Any, X: Any, *, reset: bool, keep: bool = False
) -> Columns:
    """Check a table, remember or compare its names, and wrap its columns.

    Parameters
    ----------
    estimator : estimator
        Receives ``n_features_in_`` and ``feature_names_in_``.
    X : frame, ndarray of shape (n_samples, n_features), or Columns
        The table. Columns were checked by whoever wrapped them, so that an estimator
        can hand them on to another one and neither reads nor numbers them twice.
    reset : bool
        True in ``fit``.
    keep : bool, default=False
        See :class:`.Columns`.

    Returns
    -------
    Columns
    """
    if not isinstance(X, Columns):
        X = validate_features(estimator, X, reset=reset)
        names = getattr(estimator, "feature_names_in_", None)
        names = None if names is None else [str(name) for name in names]
        return read_columns(X, names, keep=keep)
    if reset:
        estimator.n_features_in_ = len(X.names)
        if X.named:
            estimator.feature_names_in_ = np.array(X.names, dtype=object)
        elif hasattr(estimator, "feature_names_in_"):
            del estimator.feature_names_in_
    return X


class Binner(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """What all binners share: reading columns, counting, and bin codes.

    A subclass says how a column is cut into pre-bins and how pre-bins become bins.
    """

    bins_: dict[str, Bins]
    tables_: dict[str, CountTable]

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "max_bins": [Interval(Integral, 1, None, closed="left")],
        "special_values": [list, tuple, dict, None],
        "categories": [StrOptions({"auto"}), list, tuple],
        "rare_level": [Interval(Real, 0, 1, closed="left")],
        "fixed_bins": [dict, None],
        "missing": [StrOptions({"separate", "merge"})],
        "n_jobs": [Interval(Integral, 1, None, closed="left"), None],
        "event": "no_validation",  # type: ignore[dict-item]
    }

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find the bins of every feature and count them.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            pandas, polars or pyarrow frame, or array. Numbers, strings, booleans;
            missing values allowed.
        y : array-like of shape (n_samples,)
            Binary target.
        sample_weight : array-like of shape (n_samples,), optional
            Frequency weights: a weight of two equals a repeated row.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If the target is not binary, a column cannot be binned, or (as
            InfeasibleError) constraints cannot be met; the message names the column.
        """
        self._validate_params()
        columns = read_features(self, X, reset=True)
        names = list(columns.names)
        weight = read_weight(sample_weight, columns.n_rows)
        target = read_target(self, y, self.event, columns.n_rows, weight)
        self._check_names(names)
        found = self._fit_features(columns, target, weight)
        self.bins_ = {name: bins for name, (bins, _) in found.items()}
        self.tables_ = {name: table for name, (_, table) in found.items()}
        self.classes_, self.event_ = target.classes, target.event
        return self

    def _fit_features(
        self, columns: Columns, target: Target, weight: FloatArray | None
    ) -> dict[str, tuple[Bins, CountTable]]:
        """Bins and table of every feature, in their order."""

        def one(name: str) -> tuple[Bins, CountTable]:
            fixed = (self.fixed_bins or {}).get(name)
            if fixed is not None:
                column = columns.read(name, categorical=fixed.groups is not None)
                return fixed, fixed.count(column.values, target.y, weight)
            column = columns.detect(name, self._forced())
            return self._with_missing(*self._fit_column(column, target, weight))

        names = columns.names
        n_jobs = min(getattr(self, "n_jobs", None) or 1, len(names))
        if n_jobs == 1:
            return {name: one(name) for name in names}
        with ThreadPoolExecutor(n_jobs) as pool:
            return dict(zip(names, pool.map(one, names), strict=True))

    def _with_missing(self, bins: Bins, table: CountTable) -> tuple[Bins, CountTable]:
        """Bins whose missing values join an ordinary bin, where that is wanted."""
        if getattr(self, "missing", "separate") == "merge":
            return join_missing(bins, table)
        return bins, table

    def fit_counts(
        self,
        bins: Mapping[str, Bins],
        tables: Mapping[str, CountTable],
        *,
        classes: tuple[Any, Any] | None = None,
    ) -> Self:
        """Find bins from count tables of pre-bins, without rows.

        Parameters
        ----------
        bins : mapping of str to Bins
            Pre-bins of each feature.
        tables : mapping of str to CountTable
            Their counts (non-events, events), for instance from
            :func:`infostat.tabulate` or a sum over chunks.
        classes : tuple, optional
            Labels of non-events and of events; 0 and 1 by default.

        Returns
        -------
        self
            Feature names are the keys of ``bins``. The tables declare the event: it is
            their second column.

        Raises
        ------
        InfostatError
            If a table does not belong to its bins, pre-bins reach over a cut of
            ``fixed_bins``, a parameter names an unknown feature, or ``event`` is not the
            label of the tables' events.
        """
        self._validate_params()
        self._check_names(list(bins))
        self.classes_, self.event_ = self._counted_labels(classes)
        fitted, merged = {}, {}
        for name, pre in bins.items():
            if name not in tables or tables[name].labels != pre.labels:
                msg = f"The table of {name!r} does not count its bins {pre.labels}."
                raise InfostatError(msg)
            fixed = (self.fixed_bins or {}).get(name)
            found = (
                self._with_missing(*self._reduce(pre, tables[name]))
                if fixed is None
                else (fixed, tables[name].collapse(nest(pre, fixed), fixed.labels))
            )
            fitted[name], merged[name] = found
        self.bins_, self.tables_ = fitted, merged
        self.feature_names_in_ = np.array(list(bins), dtype=object)
        self.n_features_in_ = len(bins)
        return self

    def _counted_labels(
        self, classes: tuple[Any, Any] | None
    ) -> tuple[npt.NDArray[Any], Any]:
        """Sorted labels and the event of tables: non-events first, events second."""
        if classes is None and self.event in (0, 1) and self.event is not None:
            event = bool(self.event)
            kind = type(self.event)
            classes = (kind(not event), self.event)
        classes = (0, 1) if classes is None else classes
        if self.event is not None and self.event != classes[1]:
            msg = (
                f"event={self.event!r}, but the tables' events are labelled "
                f"{classes[1]!r}: leave event out, or give classes=(other, event)."
            )
            raise InfostatError(msg)
        return np.sort(np.array(classes)), classes[1]

    def fit_frame(
        self,
        frame: Any,
        target: str,
        *,
        features: Sequence[str] | None = None,
        weight: str | None = None,
    ) -> Self:
        """Find bins in the engine that holds the frame; rows never leave it.

        Parameters
        ----------
        frame : data frame
            pandas, polars (eager or lazy), pyarrow, DuckDB, Dask or Spark.
        target : str
            Column of the outcome.
        features : sequence of str, optional
            Columns to bin; all but target and weight by default.
        weight : str, optional
            Column of frequency weights.

        Returns
        -------
        self
            Pre-bins of numbers lie at the engine's quantiles, which DuckDB, Dask and
            Spark approximate; otherwise the bins are those of ``fit``.

        Raises
        ------
        InfostatError
            If the frame lacks a column, or the target is not binary.
        """
        from infostat.binning.fitting import fit_frame

        return fit_frame(self, frame, target, features=features, weight=weight)

    def transform(self, X: Any) -> npt.NDArray[Any]:
        """Replace values by the codes of their bins.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Columns as at fit.

        Returns
        -------
        ndarray of shape (n_samples, n_features), unsigned integer
            Code 0 is "missing"; ``bins_[feature].labels`` names the others.
        """
        check_is_fitted(self, "bins_")
        columns = read_features(self, X, reset=False)
        largest = max(b.n_bins for b in self.bins_.values())
        shape = (columns.n_rows, len(self.bins_))
        codes = np.empty(shape, dtype=np.min_scalar_type(largest), order="F")
        for k, (_, column) in enumerate(code_columns(columns, self.bins_)):
            codes[:, k] = column
        return codes

    def _prebin_numbers(self) -> tuple[int, int]:
        """Most pre-bins of a number and of levels that :meth:`fit_frame` counts."""
        most = int(getattr(self, "prebins", None) or self.max_bins)
        return most, most

    def _forced(self) -> Collection[str]:
        """Features that are categorical whatever they hold."""
        return () if isinstance(self.categories, str) else self.categories

    @abstractmethod
    def _fit_column(
        self, column: Column, target: Target, weight: FloatArray | None
    ) -> tuple[Bins, CountTable]:
        """Bins and table of one column."""

    @abstractmethod
    def _reduce(self, pre: Bins, table: CountTable) -> tuple[Bins, CountTable]:
        """Merge pre-bins into bins."""

    def _prebin(
        self, column: Column, n_bins: int, target: Target, weight: FloatArray | None
    ) -> tuple[Bins, CountTable]:
        """Quantile pre-bins of numbers, ordered pre-bins of levels."""
        declared = declared_specials(self.special_values, column)
        if column.categorical:
            return prebin_levels(
                column,
                n_bins,
                target.y,
                weight=weight,
                special_values=declared,
                rare_level=float(self.rare_level),
            )
        return prebin_numbers(
            column, n_bins, target.y, weight=weight, special_values=declared
        )

    def _check_names(self, names: list[str]) -> None:
        """Refuse parameters that speak of features which do not exist."""
        mentioned = (
            {}
            if isinstance(self.categories, str)
            else {"categories": list(self.categories)}
        )
        for parameter in PER_FEATURE:
            given = getattr(self, parameter, None)
            if isinstance(given, dict):
                mentioned[parameter] = list(given)
        for name, bins in (self.fixed_bins or {}).items():
            if not isinstance(bins, Bins) or bins.feature != name:
                held = bins.feature if isinstance(bins, Bins) else bins
                msg = f"fixed_bins of {name!r} must be Bins of {name!r}, got {held!r}."
                raise InfostatError(msg)
        for parameter, features in mentioned.items():
            unknown = [f for f in features if f not in names]
            if unknown:
                msg = f"{parameter} names {unknown}, but the features are {names}."
                raise InfostatError(msg)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.classifier_tags = ClassifierTags(multi_class=False)
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags
