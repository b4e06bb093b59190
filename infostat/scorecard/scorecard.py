"""A fitted scorecard as data: it scores with numpy and narwhals alone."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.binning.coding import code_columns
from infostat.binning.columns import read_columns
from infostat.counts.array_engine import add_bin_values
from infostat.counts.joint_values import JointValues
from infostat.scorecard.feature_card import FeatureCard
from infostat.scorecard.scaling import Scaling, event_probability
from infostat.scorecard.unseen import UnseenLevels

__all__ = ["MISSING_WORDS", "Scorecard"]

FloatArray = npt.NDArray[np.float64]

MISSING_WORDS = "missing_words"
"""Name in the audit record."""


@dataclass(frozen=True, eq=False)
class Scorecard:
    """Bins, points and probabilities, without the machinery that fitted them.

    Attributes
    ----------
    features : dict of str to FeatureCard
        In the order of the columns.
    intercept : float
        Log-odds of the event with all effects zero.
    scaling : Scaling
        Line between log-odds and points.
    rounding : int or None
        Decimals of the points; None for exact ones.
    classes : tuple
        The two labels, sorted.
    event : object
        Label of the event.
    sign : str
        Sign of the weights of evidence shown.
    encoding : str
        "woe", "onehot" or "boosted" (bins and effects of boosted stumps).
    covariance : ndarray of shape (1 + total bins,) * 2, or None
        Of the intercept and the bins' effects, features one after another.
    audit : dict
        Seed, versions, counts and parameters of the fit.
    missing_words : tuple of str
        Cells of a text file that meant missing at fit; the command line reads them so.
    feature_names : list of str
        Names of the features, in order.

    Examples
    --------
    ``Scorecard.from_json("card.json").points(frame)`` scores a frame of any library.
    """

    features: dict[str, FeatureCard]
    intercept: float
    scaling: Scaling
    rounding: int | None
    classes: tuple[Any, Any]
    event: Any
    sign: str
    encoding: str
    covariance: FloatArray | None = None
    audit: dict[str, Any] = field(default_factory=dict)

    @property
    def feature_names(self) -> list[str]:
        """Names of the features, in order."""
        return list(self.features)

    @property
    def _bins(self) -> dict[str, Bins]:
        return {name: card.bins for name, card in self.features.items()}

    @property
    def missing_words(self) -> tuple[str, ...]:
        """Cells of a text file that meant missing at fit."""
        return tuple(self.audit.get(MISSING_WORDS, ()))

    def points(self, X: Any) -> FloatArray:
        """Score of each row.

        Parameters
        ----------
        X : frame or ndarray of shape (n_samples, n_features)
            Columns by name, or in the order of ``feature_names``.

        Returns
        -------
        ndarray of shape (n_samples,)
            Points; more points mean fewer events.

        Raises
        ------
        InfostatError
            If a column is absent or a numeric feature holds text.
        """
        (points,) = self._totals(X, points=True)
        return points

    def probability(self, X: Any) -> FloatArray:
        """Probability of the event of each row, from unrounded log-odds.

        Parameters
        ----------
        X : frame or ndarray of shape (n_samples, n_features)
            See :meth:`points`.

        Returns
        -------
        ndarray of shape (n_samples,)
            Within [0, 1].

        Raises
        ------
        InfostatError
            As in :meth:`points`.
        """
        (log_odds,) = self._totals(X, effect=True)
        return event_probability(log_odds, out=log_odds)

    def log_odds(self, X: Any) -> FloatArray:
        """Unrounded log-odds of the event of each row.

        Parameters
        ----------
        X : frame or ndarray of shape (n_samples, n_features)
            See :meth:`points`.

        Returns
        -------
        ndarray of shape (n_samples,)
            Not negated: more log-odds mean more events.

        Raises
        ------
        InfostatError
            As in :meth:`points`.
        """
        (log_odds,) = self._totals(X, effect=True)
        return log_odds

    def score(self, X: Any) -> tuple[FloatArray, FloatArray]:
        """Points and probability of the event of each row, columns read once.

        Parameters
        ----------
        X : frame or ndarray of shape (n_samples, n_features)
            See :meth:`points`.

        Returns
        -------
        points, probability : ndarray of shape (n_samples,)
            As :meth:`points` and :meth:`probability` give them.

        Raises
        ------
        InfostatError
            As in :meth:`points`.
        """
        points, log_odds = self._totals(X, points=True, effect=True)
        return points, event_probability(log_odds, out=log_odds)

    def _totals(
        self, X: Any, *, points: bool = False, effect: bool = False
    ) -> list[FloatArray]:
        """Points or log-odds (or both) of each row, in this order."""
        columns = read_columns(X, self.feature_names)
        wanted = [
            name for name, asked in (("points", points), ("effect", effect)) if asked
        ]
        tables = {
            name: np.stack([getattr(card, total) for total in wanted])
            for name, card in self.features.items()
        }
        totals = np.zeros((len(wanted), columns.n_rows))
        if effect:
            totals[-1] = self.intercept
        numbers, unseen = [], UnseenLevels(self._bins)
        for name, card in self.features.items():
            if card.bins.groups is None:
                numbers.append(name)
                continue
            column = columns.read(name, categorical=True)
            values = unseen.read(name, column.values)
            add_bin_values(values, card.bins, tables[name], totals)
        unseen.warn(stacklevel=3)
        joint = JointValues(
            [self.features[name].bins for name in numbers],
            [tables[name] for name in numbers],
        )
        for rows, part in columns.chunks():
            read = [part.read(name, categorical=False).values for name in numbers]
            joint.add(read, totals[:, rows])
        return list(totals)

    def codes(self, X: Any) -> dict[str, npt.NDArray[Any]]:
        """Bin of every row, feature by feature.

        Parameters
        ----------
        X : frame or ndarray of shape (n_samples, n_features)
            See :meth:`points`.

        Returns
        -------
        dict of str to ndarray of shape (n_samples,)
            Indices into the bins' labels.

        Raises
        ------
        InfostatError
            As in :meth:`points`.
        """
        return dict(code_columns(X, self._bins))

    def interval(self, X: Any, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Confidence interval for the probability of the event of each row.

        Parameters
        ----------
        X : frame or ndarray of shape (n_samples, n_features)
            See :meth:`points`.
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        low, high : ndarray of shape (n_samples,)
            Of the event rate that the card estimates, on the log-odds scale turned
            back; not a range for single outcomes.

        Raises
        ------
        InfostatError
            If the card was fitted without standard errors.
        """
        from infostat.scorecard.score_intervals import probability_interval

        return probability_interval(self, X, level)

    def reason_codes(self, X: Any, n: int = 4, **options: Any) -> Any:
        """List the features on which each row lost most points.

        Parameters
        ----------
        X : frame or ndarray of shape (n_samples, n_features)
            See :meth:`points`.
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
            If a column is absent, ``n`` is not positive, or an option is unknown.
        """
        from infostat.scorecard.reasons import reason_codes

        return reason_codes(self, X, n, **{"like": X, **options})

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write the card as JSON, see :mod:`infostat.scorecard.document`.

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
        from infostat.scorecard.document import write_card

        return write_card(self, path)

    def score_frame(self, frame: Any, **options: Any) -> Any:
        """Append points and probability in the engine of the frame.

        See :func:`infostat.scorecard.expressions.score_frame`.

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
            If ``frame`` is no data frame, lacks a column of the card, has one of a
            score already, or holds text in a numeric feature.
        """
        from infostat.scorecard.expressions import score_frame

        return score_frame(self, frame, **options)

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
            If sqlglot is not installed, the dialect is unknown, or an option names a
            feature that the card lacks.
        """
        from infostat.scorecard.export_sql import write_sql

        return write_sql(self, dialect, **options)

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
            If a name or level holds a character that XML cannot, or a feature has the
            name of an output.
        """
        from infostat.scorecard.export_pmml import write_pmml

        return write_pmml(self, path, **options)

    @classmethod
    def from_json(cls, source: str | os.PathLike[str]) -> Scorecard:
        """Read a card from a file, or from the text of a document.

        Parameters
        ----------
        source : path-like or str
            Path, or a string that starts with ``{``.

        Returns
        -------
        Scorecard

        Raises
        ------
        DocumentError
            If the document is damaged, foreign or of a newer version.
        """
        from infostat.scorecard.document import read_card

        return read_card(source)
