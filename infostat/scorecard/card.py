"""A scorecard fitted like any classifier of scikit-learn."""

from __future__ import annotations

import os
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from infostat._frames import frame_backend
from infostat._sklearn import (
    HasMethods,
    Integral,
    Interval,
    Real,
    StrOptions,
    read_target,
    read_weight,
)
from infostat.binning.binner import read_features
from infostat.binning.coding import code_columns
from infostat.scorecard.encoder import feature_values, fitted_binner
from infostat.scorecard.fitting import CardOptions, fit_card
from infostat.scorecard.scaling import Scaling
from infostat.scorecard.scorecard import Scorecard
from infostat.scorecard.scoring import CardClassifier

__all__ = ["ScorecardClassifier"]

FloatArray = npt.NDArray[np.float64]


class ScorecardClassifier(CardClassifier):
    """Bins, weights of evidence, logistic regression and points, with errors.

    Parameters
    ----------
    binner : binner or None, default=None
        How to bin; :class:`OptimalBinner` with its defaults by default.
    encoding : {"woe", "onehot"}, default="woe"
        One coefficient a feature on its weight of evidence, or one a bin.
    estimator : classifier or None, default=None
        Linear classifier for the last step; unpenalised logistic regression by
        default. With an estimator of your own there are no standard errors, since
        those of a penalised fit are not known.
    pdo : float, default=20
        Points that double the odds of non-event to event.
    base_points : float, default=600
        Points at the base odds.
    base_odds : float, default=50
        Odds of non-event to event at the base points.
    rounding : int or None, default=0
        Decimals of the points; None for exact ones. Probabilities always come from
        unrounded log-odds; ``rounding_cost_`` says what rounding costs.
    sign : {"good_over_bad", "bad_over_good"}, default="good_over_bad"
        Sign of the weights of evidence shown; scores do not depend on it.
    smoothing : {"auto", "none"} or float, default="auto"
        What to do with bins that lack a class.
    event : object, optional
        Label of the event; by default 1, True, or (with a warning) the second label.

    Attributes
    ----------
    card_ : Scorecard
        The fitted card, which scores without scikit-learn.
    binner_ : Binner
        The fitted binner.
    bins_, tables_ : dict
        Bins and counts of each feature.
    woe_, woe_se_ : dict of str to ndarray of shape (n_bins,)
        Weight of evidence in nats and its standard error; NaN for an empty bin.
    iv_ : dict of str to DivergenceEstimate
        Information value of each feature.
    coef_ : ndarray of shape (1, n_columns)
        Log-odds of the event per column of the regression. On weights of evidence it
        is negative for the sign "good_over_bad".
    intercept_ : ndarray of shape (1,)
        Log-odds of the event with all columns zero.
    covariance_ : ndarray of shape (n_columns + 1,) * 2, or None
        Of intercept and coefficients, evidence and regression taken together; the usual
        standard errors of a regression on evidence take the evidence for known.
    points_ : dict of str to ndarray of shape (n_bins,)
        Points of each bin.
    rounding_cost_ : RoundingCost
        Largest and mean shift of a score in points, and the change of the AUC.
    classes_, event_, n_features_in_, feature_names_in_
        As in :class:`QuantileBinner`.

    Notes
    -----
    Bins are chosen on the rows that the regression uses. Their information values are
    those of the chosen bins and are too large for the feature as such; intervals of
    scores take the bins as given.

    Examples
    --------
    >>> from infostat.datasets import make_applications
    >>> data = make_applications(3000, rng=0)
    >>> X = data.frame[data.features]
    >>> card = ScorecardClassifier().fit(X, data.frame[data.target])
    >>> bool(card.predict_points(X).std() > 10)
    True
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "binner": [HasMethods(["fit", "transform"]), None],
        "encoding": [StrOptions({"woe", "onehot"})],
        "estimator": [HasMethods(["fit"]), None],
        "pdo": [Interval(Real, 0, None, closed="neither")],
        "base_points": [Interval(Real, None, None, closed="neither")],
        "base_odds": [Interval(Real, 0, None, closed="neither")],
        "rounding": [Interval(Integral, 0, 12, closed="both"), None],
        "sign": [StrOptions({"good_over_bad", "bad_over_good"})],
        "smoothing": [
            StrOptions({"auto", "none"}),
            Interval(Real, 0, None, closed="left"),
        ],
        "event": "no_validation",  # type: ignore[dict-item]
    }

    def __init__(
        self,
        binner: Any = None,
        *,
        encoding: str = "woe",
        estimator: Any = None,
        pdo: float = 20.0,
        base_points: float = 600.0,
        base_odds: float = 50.0,
        rounding: int | None = 0,
        sign: str = "good_over_bad",
        smoothing: Any = "auto",
        event: Any = None,
    ) -> None:
        self.binner = binner
        self.encoding = encoding
        self.estimator = estimator
        self.pdo = pdo
        self.base_points = base_points
        self.base_odds = base_odds
        self.rounding = rounding
        self.sign = sign
        self.smoothing = smoothing
        self.event = event

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Fit bins, evidence, coefficients and points.

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
        columns = read_features(self, X, reset=True, keep=True)
        weight = read_weight(sample_weight, columns.n_rows)
        target = read_target(self, y, self.event, columns.n_rows, weight)
        binner = fitted_binner(self.binner, columns, target.y, weight)
        options = CardOptions(
            encoding=self.encoding,
            estimator=None if self.estimator is None else clone(self.estimator),
            scaling=Scaling(
                float(self.pdo), float(self.base_points), float(self.base_odds)
            ),
            rounding=self.rounding,
            sign=self.sign,
            smoothing=self.smoothing,
        )
        codes = [column for _, column in code_columns(columns, binner.bins_)]
        fitted = fit_card(binner, codes, target, weight, options, self.get_params())
        self._adopt(fitted.card)
        self.iv_ = fitted.values
        self.binner_, self.covariance_ = binner, fitted.covariance
        self.coef_ = fitted.coefficients[None, :]
        self.rounding_cost_ = fitted.rounding_cost
        self.classes_, self.event_ = target.classes, target.event
        self._library = frame_backend(X)
        return self

    @classmethod
    def from_json(cls, source: str | os.PathLike[str]) -> Self:
        """Restore a fitted classifier from a saved card.

        Parameters
        ----------
        source : path-like or str
            Path, or the text of a document.

        Returns
        -------
        ScorecardClassifier
            It predicts as the saved one did. What the document does not hold
            (``binner_``, ``covariance_``, ``rounding_cost_``, and ``coef_`` of a
            one-hot card) is absent.

        Raises
        ------
        DocumentError
            If the document is damaged, foreign or of a newer version.
        """
        card = Scorecard.from_json(source)
        restored = cls(
            encoding=card.encoding,
            pdo=card.scaling.pdo,
            base_points=card.scaling.base_points,
            base_odds=card.scaling.base_odds,
            rounding=card.rounding,
            sign=card.sign,
            event=card.event,
        )
        restored._adopt(card)
        restored.iv_ = feature_values(restored.bins_, restored.tables_)
        if card.encoding == "woe":
            restored.coef_ = np.array([[f.coefficient for f in card.features.values()]])
        restored.n_features_in_ = len(card.features)
        restored.feature_names_in_ = np.array(card.feature_names, dtype=object)
        restored._library = None
        return restored
