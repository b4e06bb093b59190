"""Covariates of any kind as numbers, for the default learners."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from infostat._frames import as_frame
from infostat._magnitude import refuse_huge
from infostat._sklearn import Integral, Interval

__all__ = ["CovariateEncoder"]

FloatArray = npt.NDArray[np.float64]


class CovariateEncoder(TransformerMixin, BaseEstimator):
    """Turn the columns of a table into numbers, missing values included.

    Numbers stay what they are, a missing one becomes the median with an indicator of
    its own; every other column becomes one indicator a level.

    Parameters
    ----------
    max_levels : int, default=30
        Levels of a column that get an indicator, the most frequent ones.

    Attributes
    ----------
    plans_ : list
        One entry a column: median and whether values were missing, or the levels.
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "max_levels": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, max_levels: int = 30) -> None:
        self.max_levels = max_levels

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn medians and levels.

        Parameters
        ----------
        X : frame or ndarray of shape (n_samples, n_features)
            Covariates.
        y : ignored
            For pipelines.

        Returns
        -------
        self
        """
        del y
        self._validate_params()
        self.plans_ = [self._plan(column) for column in _columns(X)]
        self.n_features_in_ = len(self.plans_)
        return self

    def _plan(self, column: npt.NDArray[Any]) -> Any:
        if column.dtype == object:
            levels, counts = np.unique(column.astype(str), return_counts=True)
            kept = np.argsort(-counts, kind="stable")[: self.max_levels]
            return sorted(levels[kept].tolist())
        known = column[np.isfinite(column)]
        return float(np.median(known)) if len(known) else 0.0, len(known) < len(column)

    def transform(self, X: Any) -> FloatArray:
        """Encode a table.

        Parameters
        ----------
        X : frame or ndarray of shape (n_samples, n_features)
            Covariates, columns as at fit.

        Returns
        -------
        ndarray of shape (n_samples, n_columns)
            Finite numbers; a level that was not learnt has no indicator.
        """
        check_is_fitted(self, "plans_")
        out = []
        for column, plan in zip(_columns(X), self.plans_, strict=True):
            if isinstance(plan, list):
                text = column.astype(object).astype(str)
                out += [(text == level).astype(np.float64) for level in plan]
                continue
            median, gaps = plan
            number = _as_numbers(column)
            known = np.isfinite(number)
            out.append(np.where(known, number, median))
            if gaps:
                out.append((~known).astype(np.float64))
        return np.column_stack(out)


def _columns(X: Any) -> list[npt.NDArray[Any]]:
    """Columns as float64, or as objects where they are no numbers."""
    frame = as_frame(X)
    if frame is None:
        table = np.asarray(X)
        named = {f"x{k}": _as_numbers(column) for k, column in enumerate(table.T)}
    else:
        named = {name: _read(frame[name]) for name in frame.columns}
    for name, values in named.items():
        if values.dtype != object:
            refuse_huge(name, values)
    return list(named.values())


def _read(values: Any) -> npt.NDArray[Any]:
    if values.dtype.is_numeric():
        return np.asarray(values.to_numpy(), dtype=np.float64)
    return _as_numbers(np.array(values.to_list(), dtype=object))


def _as_numbers(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The column as float64 where every entry is a number, else as it is."""
    if column.dtype != object and column.dtype.kind not in "US":
        return column.astype(np.float64)
    try:
        return column.astype(np.float64)
    except (TypeError, ValueError):
        return column.astype(object)
