"""What fit is given, checked: outcome, treatment, groups and the range."""

from __future__ import annotations

import warnings
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import column_or_1d

from infostat.causal.functionals import Functional
from infostat.causal.study import Outcome
from infostat.exceptions import InfostatError, InfostatWarning

__all__ = [
    "as_column",
    "read_groups",
    "read_outcome",
    "read_ranges",
    "read_treatment",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MOST_LEVELS = 20


def as_column(values: Any) -> npt.NDArray[Any]:
    """One column of any library as an array."""
    wrapped = nw.from_native(values, pass_through=True, allow_series=True)
    if isinstance(wrapped, nw.Series):
        return np.asarray(wrapped.to_numpy())
    return np.asarray(column_or_1d(values, warn=True))


def _check_length(name: str, found: int, n_samples: int) -> None:
    if found != n_samples:
        msg = f"X has {n_samples} rows and {name} has {found}: give one value a row."
        raise InfostatError(msg)


def _missing(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    if values.dtype != object:
        return np.zeros(len(values), dtype=bool)
    return np.array(
        [v is None or type(v).__name__ == "NAType" or v != v for v in values.tolist()],
        dtype=bool,
    )


def read_outcome(name: str, y: Any, n_samples: int) -> FloatArray:
    """Outcome as finite numbers.

    Parameters
    ----------
    name : str
        Name of the estimator, for messages.
    y : array-like of shape (n_samples,)
        Outcome.
    n_samples : int
        Rows of the covariates.

    Returns
    -------
    ndarray of shape (n_samples,)

    Raises
    ------
    InfostatError
        If it is absent, not numeric, or has a missing or infinite value.
    """
    if y is None:
        msg = f"{name} requires y to be passed, but the target y is None."
        raise InfostatError(msg)
    values = as_column(y)
    _check_length("y", len(values), n_samples)
    gaps = _missing(values)
    if values.dtype.kind in "OUS":
        try:
            values = np.where(gaps, np.nan, values).astype(np.float64)
        except (TypeError, ValueError) as error:
            example = next(v for v in values.tolist() if not _is_number(v))
            msg = (
                f"The outcome y must be numeric, got {example!r}: encode it, for "
                f"instance 1 for the event and 0 otherwise."
            )
            raise InfostatError(msg) from error
    out = values.astype(np.float64)
    bad = ~np.isfinite(out)
    if bad.any():
        msg = (
            f"The outcome y contains {out[bad][0]} in {int(bad.sum())} rows (first: row "
            f"{int(np.flatnonzero(bad)[0])}), and NaN or inf cannot be bounded: drop "
            f"rows without an outcome."
        )
        raise InfostatError(msg)
    return out


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def read_treatment(treatment: Any, n_samples: int) -> tuple[IntArray, npt.NDArray[Any]]:
    """Codes and levels of the treatment.

    Parameters
    ----------
    treatment : array-like of shape (n_samples,), or None
        Labels; None stands for one treatment that all rows took.
    n_samples : int
        Rows of the covariates.

    Returns
    -------
    codes : ndarray of shape (n_samples,), int
    levels : ndarray
        Sorted labels.

    Raises
    ------
    InfostatError
        If a label is missing, or there is one level only, or far too many.
    """
    if treatment is None:
        warnings.warn(
            "No treatment was passed: all rows are taken to have had the same one, so "
            "that bounds_ holds the observed mean alone: pass treatment=.",
            InfostatWarning,
            stacklevel=4,
        )
        return np.zeros(n_samples, dtype=np.intp), np.array(["observed"], dtype=object)
    labels = as_column(treatment)
    _check_length("treatment", len(labels), n_samples)
    gaps = _missing(labels)
    if gaps.any():
        msg = (
            f"The treatment is missing in {int(gaps.sum())} rows (first: row "
            f"{int(np.flatnonzero(gaps)[0])}): drop these rows."
        )
        raise InfostatError(msg)
    if labels.dtype == object and len({type(v) for v in labels.tolist()}) > 1:
        labels = labels.astype(str)
    levels, codes = np.unique(labels, return_inverse=True)
    if len(levels) < 2:
        msg = (
            f"The treatment has one level only, {levels.tolist()[0]!r}: rows with and "
            f"without it are needed."
        )
        raise InfostatError(msg)
    if len(levels) > MOST_LEVELS:
        msg = (
            f"The treatment has {len(levels)} levels, more than {MOST_LEVELS}: cut a "
            f"dose into a few ranges first."
        )
        raise InfostatError(msg)
    if levels.dtype.kind == "f" and (levels == np.rint(levels)).all():
        levels = levels.astype(np.int64)
    return codes.astype(np.intp).ravel(), levels


def read_groups(groups: Any, n_samples: int) -> IntArray | None:
    """Codes of clusters, or None.

    Parameters
    ----------
    groups : array-like of shape (n_samples,), or None
        Labels of clusters.
    n_samples : int
        Rows of the covariates.

    Returns
    -------
    ndarray of shape (n_samples,), int, or None

    Raises
    ------
    InfostatError
        If there are fewer than two clusters or a label is missing.
    """
    if groups is None:
        return None
    labels = as_column(groups)
    _check_length("groups", len(labels), n_samples)
    if _missing(labels).any():
        msg = "groups has missing labels: give each row without a group one of its own."
        raise InfostatError(msg)
    levels, codes = np.unique(
        labels.astype(str) if labels.dtype == object else labels, return_inverse=True
    )
    if len(levels) < 2:
        msg = (
            "groups has one label only: at least two clusters are needed for an error."
        )
        raise InfostatError(msg)
    return codes.astype(np.intp).ravel()


def read_ranges(
    functional: Functional,
    y: FloatArray,
    y_bounds: Any,
    X: Any,
    arms: IntArray,
    levels: npt.NDArray[Any],
) -> Outcome:
    """Apply a functional and give each arm its range.

    Parameters
    ----------
    functional : Functional
        What is averaged.
    y : ndarray of shape (n_samples,)
        Outcome.
    y_bounds : tuple, callable, "observed" or None
        Range of the functional of the outcome.
    X : frame or ndarray
        Covariates, for a callable.
    arms, levels : ndarray
        Codes and levels of the treatment.

    Returns
    -------
    Outcome

    Raises
    ------
    InfostatError
        If the range is no pair, does not rise, or does not hold the values.
    """
    values = functional.apply(y)
    if functional.support is not None:
        support, pairs = "by construction", [functional.support] * len(levels)
    elif y_bounds is None:
        support, pairs = "none", [(-np.inf, np.inf)] * len(levels)
    elif isinstance(y_bounds, str):
        if values.min() == values.max():
            msg = (
                f"All outcomes are {values[0]}, so that y_bounds='observed' is no range: "
                f"pass y_bounds=(low, high)."
            )
            raise InfostatError(msg)
        support, pairs = "observed", [(values.min(), values.max())] * len(levels)
    elif callable(y_bounds):
        support, pairs = "given", [y_bounds(X, level) for level in levels]
    else:
        support, pairs = "given", [y_bounds] * len(levels)
    low, high = [], []
    for arm, pair in enumerate(pairs):
        ends = _range(pair, len(y))
        _check_range(values, ends, arms == arm, levels.tolist()[arm])
        low.append(ends[0])
        high.append(ends[1])
    return Outcome(functional.label, functional.contrast, values, low, high, support)


def _range(pair: Any, n_samples: int) -> tuple[FloatArray, FloatArray]:
    """Both ends as arrays, one number a row."""
    try:
        low, high = (np.asarray(end, dtype=np.float64) for end in pair)
        ends = np.broadcast_to(low, n_samples), np.broadcast_to(high, n_samples)
    except (TypeError, ValueError) as error:
        msg = (
            f"y_bounds must be (low, high), numbers or arrays of {n_samples}, got "
            f"{pair!r}: give the range that the outcome can have."
        )
        raise InfostatError(msg) from error
    for name, end in zip(("low", "high"), ends, strict=True):
        finite = np.isfinite(end)
        if np.isnan(end).any() or (finite.any() and not finite.all()):
            msg = (
                f"The {name} end of y_bounds is missing or infinite in some rows only: "
                f"give a number for every row, or for none."
            )
            raise InfostatError(msg)
    return ends


def _check_range(
    values: FloatArray,
    ends: tuple[FloatArray, FloatArray],
    taken: npt.NDArray[np.bool_],
    level: Any,
) -> None:
    low, high = ends
    if not (low < high).all():
        row = int(np.flatnonzero(~(low < high))[0])
        msg = (
            f"y_bounds must rise, got low={low[row]} and high={high[row]}: swap or widen "
            f"them."
        )
        raise InfostatError(msg)
    outside = taken & ((values < low) | (values > high))
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        msg = (
            f"{int(outside.sum())} observed outcomes under treatment {level!r} lie "
            f"outside y_bounds, the first in row {row}: {values[row]} is not in "
            f"[{low[row]}, {high[row]}]: widen the range, or use a bounded functional "
            f"such as 'winsorised_mean'."
        )
        raise InfostatError(msg)
