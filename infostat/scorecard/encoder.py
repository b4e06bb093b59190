"""Columns replaced by the weight of evidence of their bins."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import OneToOneFeatureMixin, TransformerMixin, clone
from sklearn.model_selection import check_cv
from sklearn.utils import ClassifierTags
from sklearn.utils.validation import check_is_fitted

from infostat._sklearn import (
    HasMethods,
    Interval,
    Real,
    StrOptions,
    read_target,
    read_weight,
    take_rows,
    validate_features,
)
from infostat.binning.binner import Binner, read_features
from infostat.binning.binners import OptimalBinner
from infostat.binning.bins import Bins
from infostat.binning.columns import Columns, read_columns
from infostat.counts import CountTable
from infostat.counts.array_engine import bin_values
from infostat.evidence import WeightOfEvidence, information_value, weight_of_evidence
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.inference import DivergenceEstimate
from infostat.scorecard.default_binner import DefaultBinner

__all__ = [
    "WOEEncoder",
    "feature_evidence",
    "feature_values",
    "fitted_binner",
    "quiet_values",
]


def fitted_binner(binner: Any, X: Any, y: Any, sample_weight: Any) -> Binner:
    """Fit a clone of the binner (the optimal one by default) on a 0/1 target."""
    chosen = OptimalBinner() if binner is None else clone(binner)
    if not isinstance(chosen, Binner):
        msg = (
            f"binner is {type(chosen).__name__}: use OptimalBinner, QuantileBinner or "
            f"a subclass of infostat.binning.Binner."
        )
        raise InfostatError(msg)
    # The target is encoded already, so a label of the original has no place here.
    if getattr(chosen, "event", None) is not None:
        chosen.set_params(event=None)
    fitted: Binner = chosen.fit(X, y, sample_weight=sample_weight)
    return fitted


def feature_evidence(
    tables: Mapping[str, CountTable], sign: Any, smoothing: Any
) -> dict[str, WeightOfEvidence]:
    """Weights of evidence of every feature's bins."""
    return {
        name: weight_of_evidence(table, sign=sign, smoothing=smoothing)
        for name, table in tables.items()
    }


def quiet_values(
    bins: Mapping[str, Bins], tables: Mapping[str, CountTable]
) -> dict[str, DivergenceEstimate]:
    """Information values of all features, for those who were warned at fit."""
    return {
        name: information_value(table, ordered_from=bins[name].ordered_from, name="")
        for name, table in tables.items()
    }


def feature_values(
    bins: Mapping[str, Bins], tables: Mapping[str, CountTable]
) -> dict[str, DivergenceEstimate]:
    """Information values of all features; one warning names those with sparse bins."""
    values = quiet_values(bins, tables)
    merged = [f"{name} ({v.n_merged})" for name, v in values.items() if v.n_merged]
    if merged:
        warnings.warn(
            f"Sparse bins were merged before the inference on {', '.join(merged)}: "
            f"value, interval and tests speak of the merged bins. Use fewer bins, a "
            f"larger rare_level or more rows.",
            InfostatWarning,
            stacklevel=3,
        )
    apart = [name for name, value in values.items() if value.open_above]
    if apart:
        warnings.warn(
            f"At most one bin of {', '.join(apart)} holds both events and non-events: "
            f"nothing limits the value from above. Look whether the feature was known "
            f"before the outcome was.",
            InfostatWarning,
            stacklevel=3,
        )
    return values


class WOEEncoder(OneToOneFeatureMixin, TransformerMixin, DefaultBinner):
    """Encode every column by the weight of evidence of its bins.

    Parameters
    ----------
    binner : binner or None, default=None
        How to bin; :class:`OptimalBinner` with its defaults by default.
    sign : {"good_over_bad", "bad_over_good"}, default="good_over_bad"
        Which class stands above in the ratio.
    smoothing : {"auto", "none"} or float, default="auto"
        What to do with bins that lack a class, see
        :func:`infostat.evidence.smooth_shares`.
    unseen : {"neutral", "error"}, default="neutral"
        A level (or a missing value) that did not occur at fit gets evidence zero, or
        raises.
    cv : int, splitter or None, default=None
        With a number of folds, ``fit_transform`` encodes each row by bins and evidence
        that other folds gave, so that a model behind it is not misled by leakage; then
        ``fit(X, y).transform(X)`` differs from ``fit_transform(X, y)``, as in
        scikit-learn's ``TargetEncoder``.
    event : object, optional
        Label of the event; by default 1, True, or (with a warning) the second label.

    Attributes
    ----------
    binner_ : Binner
        Fitted on a target of 0 and 1.
    bins_, tables_ : dict
        Bins and counts of each feature.
    woe_, woe_se_ : dict of str to ndarray of shape (n_bins,)
        Weight of evidence in nats and its standard error; an empty bin has zero
        evidence and a NaN error.
    iv_ : dict of str to DivergenceEstimate
        Information value of each feature.
    classes_, event_, n_features_in_, feature_names_in_
        As in :class:`QuantileBinner`.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.repeat([1.0, 2.0, 4.0], 100).reshape(-1, 1)
    >>> y = (np.tile(np.arange(100), 3) < 10 * x.ravel()).astype(int)
    >>> WOEEncoder().fit_transform(x, y)[[0, 100, 200]].round(2)
    array([[ 1.01],
           [ 0.2 ],
           [-0.78]])
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "binner": [HasMethods(["fit", "transform"]), None],
        "sign": [StrOptions({"good_over_bad", "bad_over_good"})],
        "smoothing": [
            StrOptions({"auto", "none"}),
            Interval(Real, 0, None, closed="left"),
        ],
        "unseen": [StrOptions({"neutral", "error"})],
        "cv": ["cv_object"],
        "event": "no_validation",  # type: ignore[dict-item]
    }

    def __init__(
        self,
        binner: Any = None,
        *,
        sign: str = "good_over_bad",
        smoothing: Any = "auto",
        unseen: str = "neutral",
        cv: Any = None,
        event: Any = None,
    ) -> None:
        self.binner = binner
        self.sign = sign
        self.smoothing = smoothing
        self.unseen = unseen
        self.cv = cv
        self.event = event

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Bin the columns and learn the evidence of every bin.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Numbers, strings, booleans; missing values allowed.
        y : array-like of shape (n_samples,)
            Binary target.
        sample_weight : array-like of shape (n_samples,), optional
            Frequency weights.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If the target is not binary or a column cannot be binned.
        """
        self._validate_params()
        columns = read_features(self, X, reset=True)
        weight = read_weight(sample_weight, columns.n_rows)
        target = read_target(self, y, self.event, columns.n_rows, weight)
        self.binner_ = fitted_binner(self.binner, columns, target.y, weight)
        self.bins_, self.tables_ = self.binner_.bins_, self.binner_.tables_
        evidence = feature_evidence(self.tables_, self.sign, self.smoothing)
        self.woe_ = {name: woe.value for name, woe in evidence.items()}
        self.woe_se_ = {name: woe.se for name, woe in evidence.items()}
        self.iv_ = feature_values(self.bins_, self.tables_)
        self.classes_, self.event_ = target.classes, target.event
        return self

    def fit_transform(
        self, X: Any, y: Any = None, sample_weight: Any = None
    ) -> npt.NDArray[np.float64]:
        """Fit, and encode the same rows; out of fold where ``cv`` is given.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Numbers, strings, booleans; missing values allowed.
        y : array-like of shape (n_samples,)
            Binary target.
        sample_weight : array-like of shape (n_samples,), optional
            Frequency weights.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Evidence in nats.

        Raises
        ------
        InfostatError
            As in :meth:`fit`; without ``cv`` also as in :meth:`transform`.
        """
        self._validate_params()
        columns = read_features(self, X, reset=True, keep=self.cv is None)
        if self.cv is None:
            columns = columns.moved()
            return self.fit(columns, y, sample_weight)._encoded(columns)
        self.fit(columns, y, sample_weight)
        data = validate_features(self, X, reset=False)
        target = read_target(self, y, self.event_, int(data.shape[0]))
        weight = read_weight(sample_weight, len(target.y))
        out = np.empty((len(target.y), self.n_features_in_))
        folds = check_cv(self.cv, target.y, classifier=True)
        for train, test in folds.split(np.zeros(len(target.y)), target.y):
            w = None if weight is None else weight[train]
            binner = fitted_binner(
                self.binner, take_rows(data, train), target.y[train], w
            )
            evidence = feature_evidence(binner.tables_, self.sign, self.smoothing)
            woe = {name: e.value for name, e in evidence.items()}
            held = read_columns(take_rows(data, test), list(binner.bins_))
            out[test] = _encode(held, binner.bins_, woe)
        return out

    def transform(self, X: Any) -> npt.NDArray[np.float64]:
        """Encode rows.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Columns as at fit.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Evidence in nats.

        Raises
        ------
        InfostatError
            If a value falls into a bin that was empty at fit and ``unseen="error"``.
        """
        check_is_fitted(self, "bins_")
        return self._encoded(read_features(self, X, reset=False).moved())

    def _encoded(self, columns: Columns) -> npt.NDArray[np.float64]:
        """Evidence of the rows, after the check for strange values."""
        if self.unseen == "error":
            self._refuse_unseen(columns)
        return _encode(columns, self.bins_, self.woe_)

    def _refuse_unseen(self, columns: Columns) -> None:
        for name, bins in self.bins_.items():
            column = columns.read(name, categorical=bins.groups is not None)
            count = np.bincount(bins.codes(column.values), minlength=bins.n_bins)
            strange = (count > 0) & (self.tables_[name].weight.sum(axis=1) <= 0)
            if strange.any():
                where = [bins.labels[k] for k in np.flatnonzero(strange)]
                msg = (
                    f"Column {name!r} has values in bins that were empty at fit "
                    f"({', '.join(where)}): recode them or use unseen='neutral'."
                )
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


def _encode(
    columns: Columns,
    bins: Mapping[str, Bins],
    woe: Mapping[str, npt.NDArray[np.float64]],
) -> npt.NDArray[np.float64]:
    """One column of evidence a feature, where the column stood if it was moved."""
    out = columns.room()
    for k, (name, part) in enumerate(bins.items()):
        column = columns.read(name, categorical=part.groups is not None)
        bin_values(column.values, part, woe[name], out[:, k])
    return out
