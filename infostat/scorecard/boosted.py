"""A scorecard of boosted stumps, folded exactly into bins and points."""

from __future__ import annotations

import os
import warnings
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from infostat._device import report_fallback
from infostat._frames import frame_backend
from infostat._sklearn import (
    Integral,
    Interval,
    Real,
    RealNotInt,
    StrOptions,
    Target,
    read_target,
    read_weight,
    validate_features,
)
from infostat.binning.binner import Binner
from infostat.binning.binners import OptimalBinner
from infostat.binning.boosting import Boosting, train_stumps
from infostat.binning.columns import read_columns
from infostat.binning.stump_columns import (
    StumpColumn,
    monotone_constraint,
    stump_column,
)
from infostat.exceptions import DocumentError, InfostatError, InfostatWarning
from infostat.scorecard.boosted_audit import audit_record, read_audit
from infostat.scorecard.card import ScorecardClassifier
from infostat.scorecard.fitting import CardOptions, stored_values
from infostat.scorecard.folding import (
    boosted_columns,
    fold_stumps,
    folded_card,
    neutral_columns,
)
from infostat.scorecard.rounds import HeldOut, chosen_rounds
from infostat.scorecard.scaling import Scaling, rounding_cost
from infostat.scorecard.scorecard import Scorecard
from infostat.scorecard.scoring import CardClassifier

__all__ = ["BoostedScorecardClassifier"]

AS_CARD = ("pdo", "base_points", "base_odds", "rounding", "sign", "smoothing")
AS_BINNER = ("special_values", "categories", "rare_level", "event")


class BoostedScorecardClassifier(CardClassifier):
    """Monotone boosted stumps as a scorecard: the same margin, read as points.

    Trees of depth one have no interactions, so that a boosted model of them is a sum of
    one step function a feature. Its steps are the bins of the card, its heights the
    points; nothing is approximated.

    Parameters
    ----------
    n_rounds : int, default=100
        Stumps, or most stumps where ``early_stopping`` is given.
    learning_rate : float, default=0.3
        Shrinkage of each stump.
    monotonic : {"auto", "ascending", "descending", None} or dict, default="auto"
        Constraint on the log-odds of the event over a number. "auto" takes the trend
        that :class:`OptimalBinner` finds, and leaves peaks and valleys free. A dict
        gives a constraint a feature, "auto" for the others.
    max_candidates : int, default=64
        Candidate cuts XGBoost sketches a number to, about equally many rows apart:
        fewer make larger bins.
    min_child_weight : float, default=1.0
        Least sum of hessians on each side of a stump.
    gamma : float, default=0.0
        Least gain of a stump.
    reg_lambda : float, default=1.0
        Ridge penalty of the steps.
    early_stopping : int or None, default=None
        Choose the number of rounds on held-out rows: stop after this many rounds
        without a lower log loss, then fit all rows with the best number.
    validation_fraction : float, default=0.2
        Share of the rows held out for that.
    random_state : int, RandomState instance or None, default=None
        Seed of that split; nothing else is random.
    device : {"cpu", "cuda"}, default="cpu"
        Where XGBoost runs.
    pdo : float, default=20
        Points that double the odds of non-event to event.
    base_points : float, default=600
        Points at the base odds.
    base_odds : float, default=50
        Odds of non-event to event at the base points.
    rounding : int or None, default=0
        Decimals of the points; None for exact ones.
    sign : {"good_over_bad", "bad_over_good"}, default="good_over_bad"
        Sign of the weights of evidence shown; scores do not depend on it.
    smoothing : {"auto", "none"} or float, default="auto"
        What to do with bins that lack a class.
    special_values : list, dict or None, default=None
        Codes with a bin of their own: for all features, or a list a feature.
    categories : "auto" or list of str, default="auto"
        Features to treat as categorical although they hold numbers.
    rare_level : float, default=0.01
        Levels with a smaller share of the rows are pooled.
    event : object, optional
        Label of the event; by default 1, True, or (with a warning) the second label.

    Attributes
    ----------
    card_ : Scorecard
        The fitted card, which scores without scikit-learn and without XGBoost.
    booster_ : xgboost.Booster
        The model behind it; its columns have no names.
    n_rounds_ : int
        Rounds boosted.
    trends_ : dict of str to (str or None)
        Constraint of each numeric feature.
    thresholds_ : dict of str to ndarray of float32
        XGBoost's thresholds of each numeric feature.
    device_ : {"cpu", "cuda"}
        Where XGBoost ran.
    bins_, tables_, woe_, woe_se_, iv_, points_, intercept_, rounding_cost_
        See :class:`ScorecardClassifier`. Effects have mean zero over the rows, so the
        intercept is the average log-odds.
    classes_, event_, n_features_in_, feature_names_in_
        As in :class:`QuantileBinner`.

    Notes
    -----
    There are no standard errors of points or scores: boosting selects and shrinks, and
    no law of the result is known. Weights of evidence and information values, with
    their errors, describe the bins but do not enter the score.

    Missing values, and with them unseen levels, go where the stumps send them if some
    were missing at fit. If none were, XGBoost's direction is arbitrary; they get neutral
    points, and scoring such rows warns. A number beyond the training range counts as the
    nearest in it, where XGBoost, after a stump that sets missing values apart, may score
    it like a missing one.

    One thread, so that the result does not depend on the machine.

    Examples
    --------
    >>> from infostat.datasets import make_applications
    >>> data = make_applications(4000, shape="paper", rng=0)
    >>> X, y = data.frame[data.features], data.frame[data.target]
    >>> card = BoostedScorecardClassifier(20, max_candidates=8).fit(X, y)
    >>> bool(card.predict_points(X).std() > 10)
    True
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "n_rounds": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, 1, closed="right")],
        "monotonic": [StrOptions({"auto", "ascending", "descending"}), dict, None],
        "max_candidates": [Interval(Integral, 2, 65_536, closed="both")],
        "min_child_weight": [Interval(Real, 0, None, closed="left")],
        "gamma": [Interval(Real, 0, None, closed="left")],
        "reg_lambda": [Interval(Real, 0, None, closed="left")],
        "early_stopping": [Interval(Integral, 1, None, closed="left"), None],
        "validation_fraction": [Interval(RealNotInt, 0, 1, closed="neither")],
        "random_state": ["random_state"],
        "device": [StrOptions({"cpu", "cuda"})],
        **{name: ScorecardClassifier._parameter_constraints[name] for name in AS_CARD},
        **{name: Binner._parameter_constraints[name] for name in AS_BINNER},
    }

    def __init__(
        self,
        n_rounds: int = 100,
        *,
        learning_rate: float = 0.3,
        monotonic: Any = "auto",
        max_candidates: int = 64,
        min_child_weight: float = 1.0,
        gamma: float = 0.0,
        reg_lambda: float = 1.0,
        early_stopping: int | None = None,
        validation_fraction: float = 0.2,
        random_state: Any = None,
        device: str = "cpu",
        pdo: float = 20.0,
        base_points: float = 600.0,
        base_odds: float = 50.0,
        rounding: int | None = 0,
        sign: str = "good_over_bad",
        smoothing: Any = "auto",
        special_values: Any = None,
        categories: Any = "auto",
        rare_level: float = 0.01,
        event: Any = None,
    ) -> None:
        self.n_rounds = n_rounds
        self.learning_rate = learning_rate
        self.monotonic = monotonic
        self.max_candidates = max_candidates
        self.min_child_weight = min_child_weight
        self.gamma = gamma
        self.reg_lambda = reg_lambda
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.device = device
        self.pdo = pdo
        self.base_points = base_points
        self.base_odds = base_odds
        self.rounding = rounding
        self.sign = sign
        self.smoothing = smoothing
        self.special_values = special_values
        self.categories = categories
        self.rare_level = rare_level
        self.event = event

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Boost stumps and fold them into a card.

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
            If the target is not binary, a column cannot be read, or ``monotonic`` names
            an unknown feature or constraint.
        """
        self._validate_params()
        X = validate_features(self, X, reset=True)
        n_samples = int(X.shape[0])
        weight = read_weight(sample_weight, n_samples)
        target = read_target(self, y, self.event, n_samples, weight)
        columns = self._columns(X, target, weight)
        boosted, options = boosted_columns(columns), self._options()
        if self.early_stopping is not None:
            held_out = HeldOut(
                int(self.early_stopping),
                float(self.validation_fraction),
                self.random_state,
            )
            options = self._options(
                chosen_rounds(boosted, target, weight, options, held_out)
            )
        self.booster_, found = train_stumps(boosted, target.y, weight, options)
        self.n_rounds_ = options.rounds
        self.device_ = report_fallback(self.device, [found.device], type(self).__name__)
        folded = fold_stumps(found, columns, target.y, weight)
        self.thresholds_ = {n: folded.features[n].thresholds for n in self.trends_}
        choices = CardOptions(
            encoding="boosted",
            estimator=None,
            scaling=Scaling(
                float(self.pdo), float(self.base_points), float(self.base_odds)
            ),
            rounding=self.rounding,
            sign=self.sign,
            smoothing=self.smoothing,
        )
        card, self.iv_ = folded_card(
            folded, target, choices, audit_record(self, target)
        )
        self._adopt(card)
        self.classes_, self.event_ = target.classes, target.event
        # Scores of the same log-odds with exact and with rounded points.
        exact = card.scaling.points(card.log_odds(X))
        self.rounding_cost_ = rounding_cost(exact, card.points(X), target.y, weight)
        self._library = frame_backend(X)
        return self

    def _options(self, rounds: int | None = None) -> Boosting:
        return Boosting(
            rounds=int(rounds or self.n_rounds),
            learning_rate=float(self.learning_rate),
            max_candidates=int(self.max_candidates),
            min_child_weight=float(self.min_child_weight),
            gamma=float(self.gamma),
            reg_lambda=float(self.reg_lambda),
            device=self.device,
        )

    def _columns(
        self, X: Any, target: Target, weight: npt.NDArray[np.float64] | None
    ) -> list[StumpColumn]:
        """Columns as the booster sees them, with the constraint of each."""
        guide = OptimalBinner(
            **{n: getattr(self, n) for n in AS_BINNER if n != "event"}
        )
        # Labels are 0 and 1 by now. The guide refuses special values and categories of
        # unknown features, and gives the trends.
        trends = guide.fit(X, target.y, sample_weight=weight).trends_
        names = list(guide.bins_)
        wanted = self.monotonic if isinstance(self.monotonic, dict) else {}
        unknown = [name for name in wanted if name not in names]
        if unknown:
            msg = f"monotonic names {unknown}, but the features are {names}."
            raise InfostatError(msg)
        columns = read_columns(X, names)
        forced = () if isinstance(self.categories, str) else self.categories
        self.trends_, out = {}, []
        for name in names:
            column = columns.detect(name, forced)
            if not column.categorical:
                self.trends_[name] = monotone_constraint(
                    self.monotonic, name, trends.get(name)
                )
            out.append(
                stump_column(
                    column,
                    target.y,
                    weight,
                    self.special_values,
                    self.rare_level,
                    self.trends_.get(name),
                )
            )
        return out

    def _card(self, X: Any) -> Scorecard:
        """Return the card; warn of rows whose points are neutral for want of data."""
        card = super()._card(X)
        doubtful = neutral_columns(card, X)
        if doubtful:
            warnings.warn(
                f"Missing values or unseen levels in {', '.join(doubtful)}: none were "
                f"missing at fit, so these rows get neutral points there. Fit on data "
                f"that hold missing values, or impute them.",
                InfostatWarning,
                stacklevel=3,
            )
        return card

    @classmethod
    def from_json(cls, source: str | os.PathLike[str]) -> Self:
        """Restore a fitted classifier from a saved card.

        Parameters
        ----------
        source : path-like or str
            Path, or the text of a document.

        Returns
        -------
        BoostedScorecardClassifier
            It predicts as the saved one did; ``booster_`` and ``rounding_cost_`` are
            absent.

        Raises
        ------
        DocumentError
            If the document is damaged, foreign, of a newer version, or holds a card
            that was not boosted.
        """
        card = Scorecard.from_json(source)
        if card.encoding != "boosted":
            msg = (
                f"The document holds a card of encoding {card.encoding!r}: read it with "
                f"ScorecardClassifier.from_json."
            )
            raise DocumentError(msg)
        restored = cls(
            pdo=card.scaling.pdo,
            base_points=card.scaling.base_points,
            base_odds=card.scaling.base_odds,
            rounding=card.rounding,
            sign=card.sign,
            event=card.event,
        )
        restored._adopt(card)
        restored.iv_ = stored_values(card)
        try:
            read_audit(restored, card.audit)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            msg = f"The audit record of the document is damaged ({error!r})."
            raise DocumentError(msg) from error
        restored.n_features_in_ = len(card.features)
        restored.feature_names_in_ = np.array(card.feature_names, dtype=object)
        restored._library = None
        return restored
