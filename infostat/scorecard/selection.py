"""Features chosen by any selector of scikit-learn, on their evidence."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.model_selection import check_cv

from infostat._frames import as_frame
from infostat.binning.coding import code_columns
from infostat.binning.columns import Columns
from infostat.exceptions import InfostatError
from infostat.scorecard.design import evidence_design
from infostat.scorecard.encoder import feature_evidence, fitted_binner

__all__ = ["kept_columns", "out_of_fold_evidence", "select_features"]

FloatArray = npt.NDArray[np.float64]


def out_of_fold_evidence(
    binner: Any,
    columns: Columns,
    y: npt.NDArray[np.uint8],
    weight: FloatArray | None,
    *,
    smoothing: Any,
    cv: Any,
) -> FloatArray:
    """Evidence of every row by bins and counts of the other folds.

    Evidence of bins found on a row's own outcome makes noise look informative.

    Parameters
    ----------
    binner : binner or None
        Unfitted.
    columns : Columns
        Columns of n_samples rows.
    y : ndarray of shape (n_samples,)
        1 for events.
    weight : ndarray of shape (n_samples,) or None
        Frequency weights.
    smoothing : str or float
        See :func:`infostat.evidence.smooth_shares`.
    cv : int or splitter
        Folds, stratified by y.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
        Evidence, event over non-event.
    """
    out: FloatArray | None = None
    folds = check_cv(cv, y, classifier=True)
    for train, test in folds.split(np.zeros(len(y)), y):
        part = None if weight is None else weight[train]
        fitted = fitted_binner(binner, columns.take(train), y[train], part)
        woe = feature_evidence(fitted.tables_, "bad_over_good", smoothing)
        codes = [code for _, code in code_columns(columns.take(test), fitted.bins_)]
        evidence = evidence_design(codes, [estimate.value for estimate in woe.values()])
        if out is None:
            out = np.zeros((len(y), evidence.shape[1]))
        out[test] = evidence
    if out is None:
        msg = f"cv={cv!r} gives no folds: use a number such as 5."
        raise InfostatError(msg)
    return out


def select_features(
    selector: Any,
    evidence: FloatArray,
    y: npt.NDArray[np.uint8],
    weight: FloatArray | None,
    names: list[str],
) -> list[str]:
    """Fit a selector on evidence columns and name the features that it keeps.

    Parameters
    ----------
    selector : selector
        Unfitted; anything with ``fit(X, y)`` and ``get_support()``.
    evidence : ndarray of shape (n_samples, n_features)
        Columns.
    y : ndarray of shape (n_samples,)
        1 for events.
    weight : ndarray of shape (n_samples,) or None
        Frequency weights.
    names : list of str
        Features.

    Returns
    -------
    list of str
        Kept features, in the order given.

    Raises
    ------
    InfostatError
        If the selector keeps none, or cannot take the weights.
    """
    chosen = clone(selector)
    name = type(chosen).__name__
    if weight is None:
        chosen.fit(evidence, y)
    else:
        try:
            chosen.fit(evidence, y, sample_weight=weight)
        except (TypeError, ValueError) as error:
            msg = (
                f"The selector {name} did not take sample_weight ({error}): use one "
                f"that does, such as SelectFromModel, or select without weights first."
            )
            raise InfostatError(msg) from error
    support = np.asarray(chosen.get_support())
    kept = [n for n, keep in zip(names, support.tolist(), strict=True) if keep]
    if not kept:
        msg = (
            f"The selector {name} kept none of the {len(names)} features: loosen its "
            f"threshold or its penalty."
        )
        raise InfostatError(msg)
    return kept


def kept_columns(X: Any, places: npt.NDArray[np.intp]) -> Any:
    """Columns of the kept features, where columns go by position.

    Parameters
    ----------
    X : frame or array-like of shape (n_samples, n_features)
        Columns as at fit.
    places : ndarray of int
        Positions of the kept features.

    Returns
    -------
    frame or ndarray
        A frame with names is returned as it is.
    """
    frame = as_frame(X)
    if frame is None:
        return np.asarray(X)[:, places]
    present: list[Any] = list(frame.columns)
    if all(isinstance(name, str) for name in present):
        return X
    assert isinstance(frame, nw.DataFrame)  # noqa: S101 - a lazy one was refused
    # Numbered columns would keep the numbers of the whole table.
    return frame[:, places.tolist()].to_numpy()
