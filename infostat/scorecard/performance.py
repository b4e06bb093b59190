"""How well any score ranks, separates and predicts, with errors on everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._frames import build_frame, frame_backend
from infostat.counts import CountTable
from infostat.evidence import information_value
from infostat.exceptions import InfostatError
from infostat.inference.calibration import Calibration, calibrate
from infostat.inference.estimate import check_level
from infostat.inference.kolmogorov import DistanceEstimate, kolmogorov_smirnov
from infostat.inference.measure import DivergenceEstimate, WeightType
from infostat.inference.roc import AreaEstimate, area_under_roc
from infostat.inference.score_table import ScoreTable
from infostat.scorecard.bands import (
    calibration_frame,
    cutoff_frame,
    gains_frame,
    goodness_of_fit,
    quantile_bands,
    roc_frame,
    sum_by_band,
)
from infostat.scorecard.outcomes import Outcomes

__all__ = ["ScorePerformance", "score_performance"]

FloatArray = npt.NDArray[np.float64]

BANDS = 10
"""Bands of the score's information value, and of tables by default."""


@dataclass(frozen=True, eq=False)
class ScorePerformance:
    """Performance of a score on rows with known outcomes.

    Build it with :func:`score_performance`.

    Attributes
    ----------
    auc, gini : AreaEstimate
        Area under the ROC curve and Gini coefficient, with DeLong's error.
    ks : DistanceEstimate
        Kolmogorov-Smirnov distance.
    information_value : DivergenceEstimate
        Of ten bands of equal size; the bands do not look at the outcomes.
    calibration : Calibration or None
        None without probabilities.
    n_samples : int
        Rows.
    event_rate : float
        Weighted share of events.
    table : ScoreTable
        Counts at every distinct score; the riskiest come first.
    probability_table : ScoreTable or None
        Counts at every distinct probability.
    higher_is_riskier : bool
        Direction of the score.
    library : str or None
        Library of the frames given out.
    """

    auc: AreaEstimate
    gini: AreaEstimate
    ks: DistanceEstimate
    information_value: DivergenceEstimate
    calibration: Calibration | None
    n_samples: int
    event_rate: float
    table: ScoreTable
    probability_table: ScoreTable | None
    higher_is_riskier: bool
    library: Any = None

    def summary(self, level: float = 0.95) -> Any:
        """One row a measure.

        Parameters
        ----------
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        frame
            Columns ``measure, estimate, std_error, conf_low, conf_high, p_value``. The
            p-value speaks of a score without power (AUC 0.5; Gini, KS, IV zero), and of
            predictions that are right (intercept zero, slope one, both together); Brier
            score and log loss have none, which is NaN. The row ``calibration_test``
            has the chi-square statistic for its estimate, and NaN for error and limits.

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.
        """
        check_level(level)
        rows: list[tuple[Any, ...]] = [
            _row("auc", self.auc, level, 0.5),
            _row("gini", self.gini, level, 0.0),
            _row("ks", self.ks, level, 0.0),
            _row("information_value", self.information_value, level, 0.0),
        ]
        found = self.calibration
        if found is not None:
            rows.append(_row("calibration_intercept", found.intercept, level, 0.0))
            if found.slope is not None:
                rows.append(_row("calibration_slope", found.slope, level, 1.0))
            nothing = (float("nan"),) * 3
            rows.append(("calibration_test", found.statistic, *nothing, found.p_value))
            rows.append(_row("brier_score", found.brier, level, None))
            rows.append(_row("log_loss", found.log_loss, level, None))
        names = ("measure", "estimate", "std_error", "conf_low", "conf_high", "p_value")
        columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        return build_frame(columns, self.library)

    def gains(self, bands: int = BANDS, *, level: float = 0.95) -> Any:
        """Gains and lift over bands of the score, the riskiest first.

        Parameters
        ----------
        bands : int, default=10
            Bands of about equal size; a score is never split between two.
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        frame
            One row a band, see :func:`.bands.gains_frame` for the columns.

        Raises
        ------
        InfostatError
            If ``bands`` is below 2, or the level does not lie strictly between 0 and 1.
        """
        return build_frame(
            gains_frame(self.table, bands, level, as_given=not self.higher_is_riskier),
            self.library,
        )

    def cutoffs(self, cuts: Any = None, *, level: float = 0.95) -> Any:
        """What each cut-off approves and catches.

        Parameters
        ----------
        cuts : array-like of shape (n_cuts,), optional
            Cut-offs, in the units of the score; twenty of its quantiles by default.
            Rows at a cut-off or on its safe side are approved.
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        frame
            One row a cut-off, see :func:`.bands.cutoff_frame` for the columns.

        Raises
        ------
        InfostatError
            If a cut-off is not finite, or the level does not lie strictly between 0 and
            1.
        """
        return build_frame(
            cutoff_frame(self.table, cuts, level, as_given=not self.higher_is_riskier),
            self.library,
        )

    def roc(self) -> Any:
        """Points of the ROC curve, from (0, 0) to (1, 1).

        Returns
        -------
        frame
            Columns ``score, false_positive_rate, true_positive_rate``.
        """
        frame = roc_frame(self.table, as_given=not self.higher_is_riskier)
        return build_frame(frame, self.library)

    def calibration_table(self, bands: int = BANDS, *, level: float = 0.95) -> Any:
        """Predicted against observed rates over bands of probability.

        Parameters
        ----------
        bands : int, default=10
            Bands of about equal size.
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        frame
            One row a band, see :func:`.bands.calibration_frame` for the columns.

        Raises
        ------
        InfostatError
            If there are no probabilities, ``bands`` is below 2, or the level does not
            lie strictly between 0 and 1.
        """
        return build_frame(
            calibration_frame(self._probabilities(), bands, level), self.library
        )

    def hosmer_lemeshow(
        self, bands: int = BANDS, *, fitted: bool = False
    ) -> tuple[float, int, float]:
        """Goodness of fit over bands of probability.

        Parameters
        ----------
        bands : int, default=10
            Bands of equal size.
        fitted : bool, default=False
            Whether the score was fitted on these rows, which costs two degrees of
            freedom.

        Returns
        -------
        statistic : float
        df : int
        p_value : float

        Raises
        ------
        InfostatError
            If there are no probabilities, rows carry sampling weights, or ``bands`` is
            below 2.
        """
        return goodness_of_fit(self._probabilities(), bands, fitted=fitted)

    def _probabilities(self) -> ScoreTable:
        if self.probability_table is None:
            msg = (
                "Calibration needs predicted probabilities: give probability= to "
                "score_performance."
            )
            raise InfostatError(msg)
        return self.probability_table


def _row(name: str, estimate: Any, level: float, null: float | None) -> tuple[Any, ...]:
    low, high = estimate.interval(level)
    if null is None:
        p_value = float("nan")
    elif null == 0.0:
        p_value = float(estimate.p_value())
    else:
        p_value = float(estimate.p_value(null))
    return name, float(estimate.value), float(estimate.se), low, high, p_value


def score_performance(
    points: npt.ArrayLike,
    y: Any,
    *,
    probability: npt.ArrayLike | None = None,
    event: Any = None,
    sample_weight: npt.ArrayLike | None = None,
    weight_type: WeightType = "frequency",
    higher_is_riskier: bool = False,
    like: Any = None,
) -> ScorePerformance:
    """Measure a score on rows with known outcomes.

    Parameters
    ----------
    points : array-like of shape (n_samples,)
        Any score.
    y : array-like of shape (n_samples,)
        Binary target.
    probability : array-like of shape (n_samples,), optional
        Predicted probability of the event, for calibration.
    event : object, optional
        Label of the event; by default 1, True, or (with a warning) the second label.
    sample_weight : array-like of shape (n_samples,), optional
        Weights.
    weight_type : {"frequency", "sampling"}, default="frequency"
        Frequency weights stand for repeated rows, sampling weights enter errors through
        their squares.
    higher_is_riskier : bool, default=False
        Whether larger scores mean more events; points mean fewer.
    like : frame or str, optional
        Frame whose library tables come in, or its name; pandas where it is installed.

    Returns
    -------
    ScorePerformance

    Raises
    ------
    InfostatError
        If scores or probabilities are not finite numbers, one a row, or a class is
        absent.

    Notes
    -----
    Errors speak of rows that the score has not seen. On the rows of the fit the measures
    are too good, and calibration is right by construction.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.repeat([500, 550, 600], 100)
    >>> y = np.repeat([1, 0, 1, 0, 1, 0], [60, 40, 30, 70, 10, 90])
    >>> found = score_performance(points, y)
    >>> round(found.auc.value, 3), round(found.ks.value, 3), found.ks.at
    (0.75, 0.4, 500.0)
    >>> low, high = found.auc.interval()
    >>> f"{low:.2f} to {high:.2f}"
    '0.69 to 0.80'
    """
    rows = Outcomes(y, event, sample_weight, weight_type)
    table = rows.count(points, "points")
    risk = table if higher_is_riskier else -table
    chances = None if probability is None else rows.count(probability, "probability")
    area = area_under_roc(risk)
    return ScorePerformance(
        auc=area,
        gini=area.as_gini(),
        ks=kolmogorov_smirnov(table),
        information_value=_score_value(table, weight_type),
        calibration=None if chances is None else calibrate(chances),
        n_samples=len(rows.events),
        event_rate=float(table.totals[1] / table.totals.sum()),
        # The riskiest first: ``-risk`` is increasing in safety.
        table=-risk,
        probability_table=chances,
        higher_is_riskier=higher_is_riskier,
        library=like if isinstance(like, str) else frame_backend(like),
    )


def _score_value(table: ScoreTable, weight_type: WeightType) -> DivergenceEstimate:
    """Information value of bands of equal size."""
    band = quantile_bands(table, BANDS)
    weight, squared = sum_by_band(table.weight, band), sum_by_band(table.squared, band)
    counts = CountTable(
        np.rint(weight).astype(np.int64),
        weight,
        squared,
        tuple(str(k + 1) for k in range(len(weight))),
    )
    return information_value(counts, weight_type=weight_type, name="score")
