"""A scorecard fitted like any classifier of scikit-learn."""

from __future__ import annotations

import os
from copy import copy
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
from infostat.binning.binner import Binner, read_features
from infostat.binning.coding import code_columns
from infostat.binning.columns import Columns
from infostat.exceptions import DocumentError, InfostatError
from infostat.scorecard.default_binner import DefaultBinner
from infostat.scorecard.design import evidence_design
from infostat.scorecard.encoder import feature_evidence, fitted_binner
from infostat.scorecard.fitting import CardOptions, fit_card, stored_values
from infostat.scorecard.ranges import check_range
from infostat.scorecard.scaling import Scaling
from infostat.scorecard.scorecard import Scorecard
from infostat.scorecard.scoring import CardClassifier
from infostat.scorecard.selection import (
    out_of_fold_evidence,
    select_features,
)

__all__ = ["ScorecardClassifier"]

FloatArray = npt.NDArray[np.float64]


class ScorecardClassifier(DefaultBinner, CardClassifier):
    """Bins, weights of evidence, logistic regression and points, with errors.

    Parameters
    ----------
    binner : binner or None, default=None
        How to bin; :class:`OptimalBinner` with its defaults by default. Its parameters
        can be searched: ``GridSearchCV(ScorecardClassifier(), {"binner__max_bins":
        [4, 6]})``.
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
    monotone_coefficients : bool, default=False
        Whether coefficients on evidence may not turn against it, so that points go
        with the evidence of every bin. The maximum of the likelihood under that
        condition is found exactly; a warning names the features that it holds at zero.
    max_points_span : float, dict of str to float, or None, default=None
        Most points between the best and the worst bin of a feature (before rounding),
        for all features or by name. Features held at it are named in a warning.
    points_range : tuple of float or None, default=None
        Smallest and largest score that any combination of bins can have, such as
        (300, 850). It sets pdo and base points, and rounded points meet it exactly.
    selector : selector or None, default=None
        Any selector of scikit-learn (``SelectFromModel``, ``SequentialFeatureSelector``,
        ``RFE``, ...), fitted on columns of evidence; only kept features enter the card.
    selection_cv : int, splitter or None, default=5
        Folds from which the selector's evidence comes: bins and evidence of each row
        by the rows of other folds. None takes evidence from the same rows, on which
        noise looks informative.

    Attributes
    ----------
    card_ : Scorecard
        The fitted card, which scores without scikit-learn.
    binner_ : Binner
        The fitted binner.
    bins_, tables_ : dict
        Bins and counts of each feature of the card.
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
    held_ : list of str
        Features whose coefficient is at a bound (zero, or that of ``max_points_span``).
    selected_ : list of str
        Features of the card; all of them without a selector.
    classes_, event_, n_features_in_, feature_names_in_
        As in :class:`QuantileBinner`.

    Notes
    -----
    Bins are chosen on the rows that the regression uses. Their information values are
    those of the chosen bins and are too large for the feature as such; intervals of
    scores take the bins as given.

    With few rows the coefficient of a weak feature is biased: its evidence carries the
    noise of the outcomes that the regression explains. At 1,500 rows the worst of the
    nominal 95 % intervals for a coefficient covered 87 %, all misses on one side; its
    error was that of its spread. Intervals of scores do not suffer.

    Under ``monotone_coefficients`` or ``max_points_span`` errors take the coefficients
    at a bound for known and are those of a fit without a bound for the others. They
    hold for features whose coefficient is several standard errors away from its bound;
    near it the estimate is not normally distributed, and no error is right. With a
    ``selector`` errors and p-values take the choice of features as given.

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
        "monotone_coefficients": ["boolean"],
        "max_points_span": [Interval(Real, 0, None, closed="neither"), dict, None],
        "points_range": ["array-like", None],
        "selector": [HasMethods(["fit", "get_support"]), None],
        "selection_cv": ["cv_object"],
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
        monotone_coefficients: bool = False,
        max_points_span: Any = None,
        points_range: Any = None,
        selector: Any = None,
        selection_cv: Any = 5,
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
        self.monotone_coefficients = monotone_coefficients
        self.max_points_span = max_points_span
        self.points_range = points_range
        self.selector = selector
        self.selection_cv = selection_cv

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
        options = self._options()
        used = binner = fitted_binner(self.binner, columns, target.y, weight)
        self._kept = None
        if self.selector is not None:
            used = self._select(binner, columns, target.y, weight)
        codes = [column for _, column in code_columns(columns, used.bins_)]
        fitted = fit_card(used, codes, target, weight, options, self.get_params())
        self._adopt(fitted.card)
        self.iv_ = fitted.values
        self.binner_, self.covariance_ = binner, fitted.covariance
        self.coef_ = fitted.coefficients[None, :]
        self.rounding_cost_ = fitted.rounding_cost
        self.held_, self.selected_ = fitted.held, list(used.bins_)
        self.classes_, self.event_ = target.classes, target.event
        self._library = frame_backend(X)
        return self

    def _options(self) -> CardOptions:
        """Collect the choices, after checking that they go together."""
        bounded = self.monotone_coefficients or self.max_points_span is not None
        if bounded and (self.encoding != "woe" or self.estimator is not None):
            msg = (
                "monotone_coefficients and max_points_span bound the coefficients of "
                "our own regression on evidence: use encoding='woe' and estimator=None."
            )
            raise InfostatError(msg)
        if self.max_points_span is not None and self.points_range is not None:
            msg = (
                "max_points_span is in points, whose unit points_range would set only "
                "after the fit: give one of the two."
            )
            raise InfostatError(msg)
        ends = self.points_range
        return CardOptions(
            encoding=self.encoding,
            estimator=None if self.estimator is None else clone(self.estimator),
            scaling=Scaling(
                float(self.pdo), float(self.base_points), float(self.base_odds)
            ),
            rounding=self.rounding,
            sign=self.sign,
            smoothing=self.smoothing,
            monotone_coefficients=self.monotone_coefficients,
            max_points_span=self.max_points_span,
            points_range=None if ends is None else check_range(ends, self.rounding),
        )

    def _select(
        self,
        binner: Binner,
        columns: Columns,
        y: npt.NDArray[np.uint8],
        weight: FloatArray | None,
    ) -> Binner:
        """Return the binner with the kept features alone."""
        names = list(binner.bins_)
        if self.selection_cv is None:
            woe = feature_evidence(binner.tables_, "bad_over_good", self.smoothing)
            codes = [column for _, column in code_columns(columns, binner.bins_)]
            evidence = evidence_design(codes, [e.value for e in woe.values()])
        else:
            evidence = out_of_fold_evidence(
                self.binner,
                columns,
                y,
                weight,
                smoothing=self.smoothing,
                cv=self.selection_cv,
            )
        kept = select_features(self.selector, evidence, y, weight, names)
        self._kept = np.array([names.index(name) for name in kept], dtype=np.intp)
        used = copy(binner)
        used.bins_ = {name: binner.bins_[name] for name in kept}
        used.tables_ = {name: binner.tables_[name] for name in kept}
        return used

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
            (``binner_``, ``covariance_``, ``rounding_cost_``, ``held_``, and
            ``coef_`` of a one-hot card) is absent. Its columns are the card's.

        Raises
        ------
        DocumentError
            If the document is damaged, foreign or of a newer version.
        """
        card = Scorecard.from_json(source)
        if card.encoding == "boosted":
            msg = (
                "The document holds a card of boosted stumps: read it with "
                "BoostedScorecardClassifier.from_json."
            )
            raise DocumentError(msg)
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
        restored.selected_ = list(card.features)
        restored.iv_ = stored_values(card)
        if card.encoding == "woe":
            restored.coef_ = np.array([[f.coefficient for f in card.features.values()]])
        restored.n_features_in_ = len(card.features)
        restored.feature_names_in_ = np.array(card.feature_names, dtype=object)
        restored._library = None
        return restored
