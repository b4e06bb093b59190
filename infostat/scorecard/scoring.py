"""What every fitted classifier that holds a card can do with it."""

from __future__ import annotations

import os
from copy import copy
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from infostat._sklearn import validate_features
from infostat.exceptions import InfostatError
from infostat.scorecard.scorecard import Scorecard
from infostat.scorecard.selection import kept_columns
from infostat.scorecard.tables import bin_table, feature_table

__all__ = ["CardClassifier"]

FloatArray = npt.NDArray[np.float64]


class CardClassifier(ClassifierMixin, BaseEstimator):
    """A classifier whose predictions come from a :class:`Scorecard`.

    A subclass says in ``fit`` how the card comes about and hands it to ``_adopt``;
    scoring, tables and documents are the same for all.
    """

    card_: Scorecard
    _library: Any
    _kept: Any = None
    """Places of the card's features among the columns of the fit, if not all."""

    def _adopt(self, card: Scorecard) -> None:
        """Set the fitted attributes that a card holds."""
        self.card_ = card
        self.classes_, self.event_ = np.array(card.classes), card.event
        self.intercept_ = np.array([card.intercept])
        cards = card.features
        self.bins_ = {name: feature.bins for name, feature in cards.items()}
        self.tables_ = {name: feature.table for name, feature in cards.items()}
        self.woe_ = {name: feature.woe for name, feature in cards.items()}
        self.woe_se_ = {name: feature.woe_se for name, feature in cards.items()}
        self.points_ = {name: feature.points for name, feature in cards.items()}

    def with_card(self, card: Scorecard) -> Self:
        """Copy this classifier, predicting by another card of the same features.

        For points or labels that were changed after the fit, by hand or by a method of
        your own.

        Parameters
        ----------
        card : Scorecard
            Made from ``card_``, for instance by :func:`dataclasses.replace`.

        Returns
        -------
        CardClassifier
            A fitted copy; this one is not changed. ``points_``, ``woe_``, ``bins_`` and
            what else a card holds are those of the card; what it does not hold, such as
            ``coef_``, is that of the fit. A later ``fit`` makes a card anew.

        Raises
        ------
        InfostatError
            If the classifier is not fitted, or the card has other features.

        Examples
        --------
        >>> from dataclasses import replace
        >>> from infostat import ScorecardClassifier
        >>> from infostat.datasets import make_applications
        >>> data = make_applications(1000, rng=0)
        >>> X, y = data.frame[["utilisation", "inquiries"]], data.frame["default"]
        >>> fitted = ScorecardClassifier().fit(X, y)
        >>> features = dict(fitted.card_.features)
        >>> raised = features["inquiries"].points + 5
        >>> features["inquiries"] = replace(features["inquiries"], points=raised)
        >>> changed = fitted.with_card(replace(fitted.card_, features=features))
        >>> set((changed.predict_points(X) - fitted.predict_points(X)).tolist())
        {5.0}
        """
        check_is_fitted(self, "card_")
        names = list(self.card_.features)
        if list(card.features) != names:
            msg = (
                f"The card has the features {list(card.features)}, and this classifier "
                f"was fitted on {names}: give a card made from card_, or read it with "
                f"from_json."
            )
            raise InfostatError(msg)
        out = copy(self)
        out._adopt(card)
        return out

    def decision_function(self, X: Any) -> FloatArray:
        """Log-odds of ``classes_[1]``.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Columns as at fit.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        card, rows = self._scored(X)
        log_odds = card.log_odds(rows)
        return log_odds if self._event_is_second() else -log_odds

    def predict_proba(self, X: Any) -> FloatArray:
        """Probability of each class, from unrounded log-odds.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Columns as at fit.

        Returns
        -------
        ndarray of shape (n_samples, 2)
            In the order of ``classes_``.
        """
        card, rows = self._scored(X)
        event = card.probability(rows)
        columns = (
            (1.0 - event, event) if self._event_is_second() else (event, 1.0 - event)
        )
        return np.column_stack(columns)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """More probable class of each row.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Columns as at fit.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        likely = (self.predict_proba(X)[:, 1] > 0.5).astype(int)
        return np.asarray(self.classes_[likely])

    def predict_points(self, X: Any) -> FloatArray:
        """Score of each row in points; more points mean fewer events.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Columns as at fit.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        card, rows = self._scored(X)
        return card.points(rows)

    def predict_interval(
        self, X: Any, level: float = 0.95
    ) -> tuple[FloatArray, FloatArray]:
        """Confidence interval for the event rate at each row's bins.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Columns as at fit.
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        low, high : ndarray of shape (n_samples,)
            For the probability that the card would give with unlimited data and the
            same bins; not a range for single outcomes.

        Raises
        ------
        InfostatError
            If the fit has no standard errors.
        """
        card, rows = self._scored(X)
        return card.interval(rows, level)

    def reason_codes(self, X: Any, n: int = 4, **options: Any) -> Any:
        """List the features on which each row lost most points.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Columns as at fit.
        n : int, default=4
            Most reasons a row.
        **options
            ``baseline`` and ``always``, see :func:`.reasons.reason_codes`.

        Returns
        -------
        frame
            In the library of X, one row a reason.

        Raises
        ------
        InfostatError
            If ``n`` is not positive or an option is unknown.
        """
        card, rows = self._scored(X)
        return card.reason_codes(rows, n, **{"like": X, **options})

    def summary(self) -> Any:
        """Information value and coefficient of every feature.

        Returns
        -------
        frame
            One row a feature, see :func:`.feature_table` for the columns.
        """
        check_is_fitted(self, "card_")
        return feature_table(self.card_, self._library)

    def points_table(self, level: float = 0.95) -> Any:
        """Counts, evidence and points of every bin that holds rows.

        Parameters
        ----------
        level : float, default=0.95
            Confidence level of the intervals for the evidence.

        Returns
        -------
        frame
            One row a bin, see :func:`.bin_table` for the columns.

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.
        """
        check_is_fitted(self, "card_")
        return bin_table(self.card_, level, self._library)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write the card as a JSON document.

        Parameters
        ----------
        path : path-like, optional
            File to write, atomically.

        Returns
        -------
        str
            The document.

        Raises
        ------
        InfostatError
            If the folder of the file does not exist.
        """
        check_is_fitted(self, "card_")
        return self.card_.to_json(path)

    def score_frame(self, frame: Any, **options: Any) -> Any:
        """Append points and probability in the engine of the frame.

        Parameters
        ----------
        frame : data frame
            pandas, polars (eager or lazy), pyarrow, DuckDB, Dask or Spark.
        **options
            ``engine``, see :func:`.expressions.score_frame`.

        Returns
        -------
        frame
            With ``points`` and ``probability``; a lazy frame stays lazy.

        Raises
        ------
        InfostatError
            As :meth:`Scorecard.score_frame`.
        """
        check_is_fitted(self, "card_")
        return self.card_.score_frame(frame, **options)

    def to_sql(self, dialect: str = "duckdb", **options: Any) -> str:
        """Write the SELECT statement that scores a table.

        Parameters
        ----------
        dialect : str, default="duckdb"
            bigquery, duckdb, oracle, postgres, snowflake, spark, sqlite or tsql.
        **options
            ``table, keep, columns, types, reasons, baseline``, see
            :func:`.export_sql.write_sql`.

        Returns
        -------
        str
            One statement.

        Raises
        ------
        InfostatError
            As :meth:`Scorecard.to_sql`.
        """
        check_is_fitted(self, "card_")
        return self.card_.to_sql(dialect, **options)

    def to_pmml(
        self, path: str | os.PathLike[str] | None = None, **options: Any
    ) -> str:
        """Write the card as a PMML 4.4 Scorecard.

        Parameters
        ----------
        path : path-like, optional
            File to write, atomically.
        **options
            ``reasons, baseline``, see :func:`.export_pmml.write_pmml`.

        Returns
        -------
        str
            The document.

        Raises
        ------
        InfostatError
            As :meth:`Scorecard.to_pmml`.
        """
        check_is_fitted(self, "card_")
        return self.card_.to_pmml(path, **options)

    def _card(self, X: Any) -> Scorecard:
        """Return the card, after comparing X with the columns of the fit."""
        check_is_fitted(self, "card_")
        validate_features(self, X, reset=False)
        return self.card_

    def _scored(self, X: Any) -> tuple[Scorecard, Any]:
        """Return the card and what it reads: the columns of its features alone."""
        card = self._card(X)
        return card, X if self._kept is None else kept_columns(X, self._kept)

    def _event_is_second(self) -> bool:
        return bool(self.classes_[1] == self.event_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags
