"""The only gate to scikit-learn's private names, and the shared checks of estimators."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
from sklearn.utils import _safe_indexing as take_rows
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    InvalidParameterError,
    RealNotInt,
    StrOptions,
)
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,
    column_or_1d,
    validate_data,
)

from infostat._frames import as_frame
from infostat.exceptions import InfostatError, InfostatWarning

__all__ = [
    "HasMethods",
    "Integral",
    "Interval",
    "InvalidParameterError",
    "Real",
    "RealNotInt",
    "StrOptions",
    "Target",
    "read_target",
    "read_weight",
    "take_rows",
    "validate_features",
]


SMALLEST_WEIGHT = 2.0
"""Sum of weights below which there are not even two rows."""

LARGEST_WEIGHT = 1e15
"""Sum of weights beyond which counts are no longer exact."""


@dataclass(frozen=True, eq=False)
class Target:
    """A binary target.

    Attributes
    ----------
    y : ndarray of shape (n_samples,), uint8
        1 for events, 0 for non-events.
    classes : ndarray of shape (2,)
        Sorted labels.
    event : object
        Label of the event.
    """

    y: npt.NDArray[np.uint8]
    classes: npt.NDArray[Any]
    event: Any

    def take(self, rows: npt.NDArray[np.intp]) -> Target:
        """Return the target of some rows."""
        return replace(self, y=self.y[rows])


def validate_features(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Check a table and remember (or compare) its names.

    Parameters
    ----------
    estimator : estimator
        Receives ``n_features_in_`` and ``feature_names_in_``.
    X : frame or array-like of shape (n_samples, n_features)
        Eager frame of any library, or array.
    reset : bool
        True in ``fit``.

    Returns
    -------
    frame or ndarray
        Frames are returned as they are.

    Raises
    ------
    InfostatError
        If the frame is lazy, empty at fit, or repeats a column name.
    """
    try:
        frame = as_frame(X)
    except nw.exceptions.DuplicateError as error:
        twice = ", ".join(line.strip("- ") for line in str(error).splitlines()[1:])
        msg = f"X has duplicate column names ({twice}): rename them."
        raise InfostatError(msg) from error
    if isinstance(frame, nw.LazyFrame):
        msg = (
            f"{type(estimator).__name__} reads rows, but X is lazy: collect it, or count "
            f"it with infostat.tabulate and use fit_counts."
        )
        raise InfostatError(msg)
    if frame is None:
        data = X
        if isinstance(X, list | tuple) and np.asarray(X).dtype.kind in "US":
            # numpy would turn a list of mixed rows into strings.
            data = np.asarray(X, dtype=object)
        return validate_data(
            estimator,
            data,
            reset=reset,
            dtype=None,
            ensure_all_finite=False,
            ensure_min_samples=2 if reset else 0,
        )
    named = [name for name in frame.columns if isinstance(name, str)]
    if 0 < len(named) < len(frame.columns):
        other = next(n for n in frame.columns if not isinstance(n, str))
        msg = (
            f"X has columns named by text, such as {named[0]!r}, and others, such as "
            f"{other!r}: give every column a name of text."
        )
        raise InfostatError(msg)
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    n_rows, n_columns = frame.shape
    if reset and (n_rows < 2 or n_columns < 1):
        msg = (
            f"X has {n_rows} sample(s) and {n_columns} feature(s): at least 2 samples "
            f"and 1 feature are needed."
        )
        raise InfostatError(msg)
    return X


def read_target(
    estimator: Any,
    y: Any,
    event: Any,
    n_samples: int,
    weight: npt.NDArray[np.float64] | None = None,
) -> Target:
    """Encode a binary target.

    Parameters
    ----------
    estimator : estimator
        Named in messages.
    y : array-like of shape (n_samples,)
        Two labels: 0/1, booleans, or any two others.
    event : object or None
        Label of the event; None takes 1, True, or (with a warning) ``classes[1]``.
    n_samples : int
        Rows of the features.
    weight : ndarray of shape (n_samples,), optional
        Checked weights; both classes need some.

    Returns
    -------
    Target

    Raises
    ------
    InfostatError
        If y is missing, has a missing value, or has not exactly two labels.
    """
    name = type(estimator).__name__
    if y is None:
        msg = f"{name} requires y to be passed, but the target y is None."
        raise InfostatError(msg)
    if isinstance(nw.from_native(y, pass_through=True, allow_series=True), nw.Series):
        y = nw.from_native(y, series_only=True).to_numpy()
    labels = column_or_1d(y, warn=True)
    _refuse_missing(labels)
    if labels.shape[0] != n_samples:
        msg = (
            f"X has {n_samples} rows and y has {labels.shape[0]}: give one label a row."
        )
        raise InfostatError(msg)
    if labels.dtype == object:
        labels = _plain_labels(labels)
    whole = labels.dtype.kind in "biu" and labels.size > 0
    if whole and labels.min() == 0 and labels.max() == 1:
        # The usual target: nothing in it can be wrong, so it need not be searched.
        kind, classes = "binary", np.array([0, 1], dtype=labels.dtype)
    else:
        # scikit-learn looks whether numbers are whole by casting them to int.
        with np.errstate(invalid="ignore"):
            check_classification_targets(labels)
            kind = type_of_target(labels, input_name="y")
        classes = np.unique(labels)
    if len(classes) < 2:
        msg = (
            f"The target has one class only, {classes.tolist()[0]!r}: both events and "
            f"non-events are needed."
        )
        raise InfostatError(msg)
    if len(classes) > 2:
        msg = (
            f"Only binary classification is supported. The type of the target is {kind} "
            f"with {len(classes)} classes: choose two, or encode event against rest."
        )
        raise InfostatError(msg)
    chosen = _event_label(classes, event, name)
    y = (labels == chosen).astype(np.uint8)
    if weight is not None and not np.bincount(y, weights=weight).all():
        msg = (
            "The rows with positive sample weight have one class only: both events and "
            "non-events are needed."
        )
        raise InfostatError(msg)
    return Target(y, classes, chosen)


def _refuse_missing(labels: npt.NDArray[Any]) -> None:
    if labels.dtype.kind == "f":
        bad = ~np.isfinite(labels)
    elif labels.dtype == object:
        bad = np.array(
            [
                v is None or type(v).__name__ == "NAType" or (v != v)
                for v in labels.tolist()
            ],
            dtype=bool,
        )
    else:
        return
    if bad.any():
        msg = (
            f"The target y contains {labels[bad][0]} in {int(bad.sum())} rows (first: "
            f"row {int(np.flatnonzero(bad)[0])}): drop rows without an outcome."
        )
        raise InfostatError(msg)


def _plain_labels(labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Numbers out of an object column, which scikit-learn would not know for classes."""
    kinds = sorted(
        {"str" if isinstance(v, str) else type(v).__name__ for v in labels.tolist()}
    )
    if "str" not in kinds:
        plain = np.array(labels.tolist())
        return plain if plain.dtype.kind in "biuf" else labels
    if len(kinds) > 1:
        msg = f"The target mixes labels of the types {kinds}: recode it to one type."
        raise InfostatError(msg)
    return labels


def _event_label(classes: npt.NDArray[Any], event: Any, name: str) -> Any:
    if event is not None:
        match = [label for label in classes.tolist() if label == event]
        if not match:
            msg = (
                f"event={event!r} is not among the target's labels {classes.tolist()}."
            )
            raise InfostatError(msg)
        return match[0]
    if classes.tolist() in ([0, 1], [False, True]):
        return classes[1]
    first, second = classes.tolist()
    warnings.warn(
        f"{name} takes the label {second!r} for the event and {first!r} for the "
        f"non-event, by their order: pass event={first!r} or event={second!r} to say "
        f"which is meant.",
        InfostatWarning,
        stacklevel=4,
    )
    return classes[1]


def read_weight(sample_weight: Any, n_samples: int) -> npt.NDArray[np.float64] | None:
    """Check sample weights; None stands for ones.

    Raises
    ------
    InfostatError
        If there is not one weight a row, one is negative or not finite, all are zero, or
        their sum is absurd.
    """
    if sample_weight is None:
        return None
    placeholder = np.empty((n_samples, 1))
    try:
        weight: npt.NDArray[np.float64] = _check_sample_weight(
            sample_weight, placeholder, dtype=np.float64, ensure_non_negative=True
        )
    except (TypeError, ValueError) as error:
        msg = (
            f"sample_weight cannot be used ({' '.join(str(error).split())[:300]}): give "
            f"one finite number of at least 0 for each of the {n_samples} rows."
        )
        raise InfostatError(msg) from error
    total = float(np.minimum(weight, LARGEST_WEIGHT).sum())
    if total <= 0:
        msg = "Sample weights are all zero: at least one must be positive."
        raise InfostatError(msg)
    if total < SMALLEST_WEIGHT:
        msg = (
            f"Sample weights add up to {total:g}, less than two rows: they stand for "
            f"repeated rows, so scale them to add up to the number of rows."
        )
        raise InfostatError(msg)
    if total >= LARGEST_WEIGHT:
        msg = (
            f"Sample weights add up to {LARGEST_WEIGHT:g} or more (largest: "
            f"{weight.max():g}): they stand for repeated rows, so scale them down."
        )
        raise InfostatError(msg)
    return weight
