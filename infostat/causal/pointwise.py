"""Bounds at single covariates: predictions, without intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._frames import build_frame
from infostat._sklearn import validate_features
from infostat._threads import one_thread
from infostat.causal.fitted import FittedBounds
from infostat.causal.nuisance import (
    fit_weighted,
    many_outputs,
    outcome_learner,
    seeded,
)
from infostat.causal.rows import ScoreRow, estimands
from infostat.causal.study import Study
from infostat.exceptions import InfostatError

__all__ = ["PointQueries", "PointwiseBounds"]

FloatArray = npt.NDArray[np.float64]


class PointwiseBounds:
    """Joint regression of the scores of both ends on the covariates.

    Parameters
    ----------
    study : Study
        Training data.
    row : ScoreRow
        Scores of one estimand; repetitions are averaged.

    Raises
    ------
    InfostatError
        If an end is infinite.
    """

    def __init__(self, study: Study, row: ScoreRow) -> None:
        ends = np.column_stack([np.mean(row.lower, axis=0), np.mean(row.upper, axis=0)])
        if not np.isfinite(ends).all():
            msg = (
                f"The bounds of {row.estimand} are infinite and cannot be predicted: "
                f"pass y_bounds=(low, high)."
            )
            raise InfostatError(msg)
        self.shift, spread = ends.mean(axis=0), ends.std(axis=0)
        self.spread = np.where(spread > 0.0, spread, 1.0)
        learner = outcome_learner(
            study.learners.outcome, len(ends), study.learners.device
        )
        learner = many_outputs(seeded(learner, study.learners.seeds[0]))
        with one_thread():
            self.learner = fit_weighted(
                learner,
                study.X,
                (ends - self.shift) / self.spread,
                study.sampling.weight,
            )
        study.note_device(learner, study.learners.outcome)

    def predict(self, X: Any, low: FloatArray, high: FloatArray) -> tuple[Any, float]:
        """Predict both ends.

        Parameters
        ----------
        X : frame or ndarray of shape (n_samples, n_features)
            Covariates.
        low, high : ndarray of shape (n_samples,)
            Range of the estimand, into which predictions are clipped.

        Returns
        -------
        ends : ndarray of shape (n_samples, 2)
            Lower and upper, in order.
        crossing : float
            Share of rows whose ends had to be swapped.
        """
        raw = np.asarray(self.learner.predict(X), dtype=np.float64)
        ends = self.shift + self.spread * raw
        ends = np.clip(ends, low[:, None], high[:, None])
        crossing = float(np.mean(ends[:, 0] > ends[:, 1]))
        return np.sort(ends, axis=1), crossing


class PointQueries(FittedBounds):
    """Predicted bounds at single covariates."""

    def predict_bounds(self, X: Any, arm: Any, *, method: str | None = None) -> Any:
        """Predict bounds on the mean outcome under a treatment at single covariates.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Covariates, columns as at fit.
        arm : object
            A level of the treatment.
        method : str, optional
            A method of ``bounds_``; the first by default.

        Returns
        -------
        frame
            ``predicted_lower, predicted_upper``, one row a row of X. Predictions of a
            regression, without intervals: bounds at a point have no standard error.

        Raises
        ------
        InfostatError
            If the treatment is unknown, an end is infinite, or the range was given as
            arrays.
        """
        study = self._fitted_study()
        match = [k for k, level in enumerate(study.levels.tolist()) if level == arm]
        if not match:
            msg = f"arm={arm!r} is not among the treatments {study.levels.tolist()}."
            raise InfostatError(msg)
        label = study.outcomes[0].label.format(f"Y({study.levels[match[0]]})")
        return self._predicted(X, self._row(label, method), match[0], None)

    def effect_bounds(
        self, X: Any, *, estimand: str | None = None, method: str | None = None
    ) -> Any:
        """Predict bounds on a contrast at single covariates.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Covariates, columns as at fit.
        estimand : str, optional
            A contrast of ``bounds_``; the last by default.
        method : str, optional
            A method of ``bounds_``; the first by default.

        Returns
        -------
        frame
            As in :meth:`predict_bounds`.

        Raises
        ------
        InfostatError
            As in :meth:`predict_bounds`.
        """
        row = self._row(estimand, method)
        pairs = dict(estimands(self._fitted_study(), row.outcome, self._control))
        return self._predicted(X, row, *pairs[row.estimand])

    def _predicted(self, X: Any, row: ScoreRow, arm: int, control: int | None) -> Any:
        X = validate_features(self, X, reset=False)
        key = row.estimand, row.method
        if key not in self._pointwise:
            self._pointwise[key] = PointwiseBounds(self._study, row)
        low, high = self._new_range(X, row.outcome, arm)
        if control is not None:
            other = self._new_range(X, row.outcome, control)
            low, high = low - other[1], high - other[0]
        ends, crossing = self._pointwise[key].predict(X, low, high)
        self.diagnostics_["crossing_rate"] = crossing
        if self._study.device is not None:
            self.diagnostics_["device"] = self._study.device
        return build_frame(
            {"predicted_lower": ends[:, 0], "predicted_upper": ends[:, 1]},
            self._library,
        )
