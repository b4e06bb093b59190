"""True figures of the generated portfolio, by exact enumeration of its law.

Every figure is a finite sum over the law of segments, predictors and points (see
:mod:`infostat.datasets.score_law`); nothing here reads the generated rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from infostat.datasets.laws import CategoricalLaw, NumericLaw
from infostat.datasets.portfolio import Portfolio
from infostat.datasets.score_law import ScoreLaw
from infostat.datasets.true_bins import TrueBins, jeffreys
from infostat.exceptions import InfostatError

__all__ = ["ApplicationsTruth"]

FloatArray = npt.NDArray[np.float64]
Bins = Sequence[float] | Sequence[Sequence[str]]
Periods = int | Iterable[int] | None


@dataclass(frozen=True, eq=False)
class ApplicationsTruth:
    """The law of a generated portfolio, and what it hides about each row.

    All figures are exact sums over the law, free of Monte-Carlo error; divergences are
    in nats and rates are shares of one.

    Attributes
    ----------
    portfolio : Portfolio
        Segments, laws of the predictors, points and treatment.
    event_rate : float
        True default rate over all periods.
    n_periods : int
        Number of monthly periods, all equally likely.
    drift : float
        Drift of the portfolio over the whole window.
    segment, confounder : ndarray of shape (n_samples,)
        Latent segment and hidden confounder (0/1) of each row.
    propensity : ndarray of shape (n_samples,)
        Probability of treatment given predictors and confounder.
    log_odds : ndarray of shape (n_samples,)
        Log-odds of default given predictors, treatment and confounder.
    probability : ndarray of shape (n_samples,)
        Probability of default given the predictors alone: the best possible score.
    law : ScoreLaw
        Law of the points' sum, solved for the two intercepts.
    coefficients : dict of str to dict of str to float
        Log-odds of default by predictor and cell; the outcome model itself.
    """

    portfolio: Portfolio = field(repr=False)
    event_rate: float
    n_periods: int
    drift: float
    segment: npt.NDArray[np.int64] = field(repr=False)
    confounder: npt.NDArray[np.int64] = field(repr=False)
    propensity: FloatArray = field(repr=False)
    log_odds: FloatArray = field(repr=False)
    probability: FloatArray = field(repr=False)

    @cached_property
    def law(self) -> ScoreLaw:
        """Law of the points' sum, solved for the two intercepts."""
        return ScoreLaw(self.portfolio, self.event_rate, self.n_periods, self.drift)

    def bins(
        self,
        feature: str,
        bins: Bins = (),
        *,
        special_values: Sequence[float] | None = None,
        periods: Periods = None,
    ) -> TrueBins:
        """Tabulate the true law of a predictor over bins.

        Parameters
        ----------
        feature : str
            Name of a predictor.
        bins : sequence of float, or of sequences of str, default=()
            Cuts of a numeric predictor (right-closed, in its unit) or groups of levels
            of a categorical one; without groups each level is a bin.
        special_values : sequence of float, optional
            Codes with a bin of their own; by default all of the predictor's codes.
        periods : int or iterable of int, optional
            Periods to average over, each with the same weight; by default all.

        Returns
        -------
        TrueBins
            Missing and special bins are there only where they can occur.

        Raises
        ------
        InfostatError
            If the predictor or a period is unknown or the bins are not valid.
        """
        law = self.law
        position = law.position(feature)
        pieces = law.features[position].pieces(
            bins,  # type: ignore[arg-type]
            law.shift,
            special_values,
        )
        weight = law.weight * law.period_weight(periods)[:, None]
        mass = pieces.probability * weight[..., None]
        event = mass * law.event_given(position, pieces)
        minority = mass * np.array(self.portfolio.group_share)[:, None]
        n_bins = len(pieces.labels)
        total, bad, group = (
            np.bincount(pieces.bin, table.sum(axis=(0, 1)), n_bins).astype(float)
            for table in (mass, event, minority)
        )
        with np.errstate(invalid="ignore"):
            rate, group_share = bad / total, group / total
        good = total - bad
        return TrueBins(
            pieces.labels, total, bad / bad.sum(), good / good.sum(), rate, group_share
        )

    def information_value(
        self,
        feature: str,
        bins: Bins = (),
        *,
        special_values: Sequence[float] | None = None,
        periods: Periods = None,
    ) -> float:
        """Information value of a predictor for given bins.

        Parameters
        ----------
        feature : str
            Name of a predictor.
        bins : sequence of float, or of sequences of str, default=()
            Cuts of a numeric predictor or groups of levels, as in :meth:`bins`.
        special_values : sequence of float, optional
            Codes with a bin of their own; by default all of the predictor's codes.
        periods : int or iterable of int, optional
            Periods to average over; by default all.

        Returns
        -------
        float
            In nats.

        Raises
        ------
        InfostatError
            If the predictor or a period is unknown or the bins are not valid.
        """
        table = self.bins(feature, bins, special_values=special_values, periods=periods)
        return jeffreys(table.events, table.non_events)

    def group_information_value(
        self,
        feature: str,
        bins: Bins = (),
        *,
        special_values: Sequence[float] | None = None,
        periods: Periods = None,
    ) -> float:
        """Information value of a predictor about the protected group.

        Parameters
        ----------
        feature : str
            Name of a predictor.
        bins : sequence of float, or of sequences of str, default=()
            Cuts of a numeric predictor or groups of levels, as in :meth:`bins`.
        special_values : sequence of float, optional
            Codes with a bin of their own; by default all of the predictor's codes.
        periods : int or iterable of int, optional
            Periods to average over; by default all.

        Returns
        -------
        float
            In nats; between the groups "A" and "B".

        Raises
        ------
        InfostatError
            If the predictor or a period is unknown or the bins are not valid.
        """
        table = self.bins(feature, bins, special_values=special_values, periods=periods)
        minority = np.nan_to_num(table.share * table.group_share)
        majority = table.share - minority
        return jeffreys(minority / minority.sum(), majority / majority.sum())

    def population_stability_index(
        self,
        feature: str,
        reference: int | Iterable[int],
        current: int | Iterable[int],
        bins: Bins = (),
        *,
        special_values: Sequence[float] | None = None,
    ) -> float:
        """Population stability index of a predictor between two periods.

        Parameters
        ----------
        feature : str
            Name of a predictor.
        reference, current : int or iterable of int
            Periods to compare; several are averaged.
        bins : sequence of float, or of sequences of str, default=()
            Cuts of a numeric predictor or groups of levels, as in :meth:`bins`.
        special_values : sequence of float, optional
            Codes with a bin of their own; by default all of the predictor's codes.

        Returns
        -------
        float
            In nats; zero for predictors that do not drift.

        Raises
        ------
        InfostatError
            If the predictor or a period is unknown or the bins are not valid.
        """
        shares = [
            self.bins(feature, bins, special_values=special_values, periods=when).share
            for when in (current, reference)
        ]
        return jeffreys(*shares)

    def quantile_cuts(self, feature: str, n_bins: int = 5) -> list[float]:
        """Cuts at the true quantiles of a numeric predictor's ordinary values.

        Parameters
        ----------
        feature : str
            Name of a numeric predictor.
        n_bins : int, default=5
            Number of bins wanted.

        Returns
        -------
        list of float
            At most ``n_bins - 1`` cuts; fewer where one value fills several bins.

        Raises
        ------
        InfostatError
            If the predictor is unknown or categorical.
        """
        law = self.law.features[self.law.position(feature)]
        if isinstance(law, CategoricalLaw):
            msg = f"{feature!r} has levels, not quantiles: choose a numeric predictor."
            raise InfostatError(msg)
        weight = np.array(self.portfolio.segment_share)
        cuts: list[float] = law.quantile_cuts(n_bins, self.law.shift, weight).tolist()
        return cuts

    @cached_property
    def coefficients(self) -> dict[str, dict[str, float]]:
        """Log-odds of default by predictor and cell; the outcome model itself.

        The cells of a numeric predictor are those of its true step function. Beside
        the predictors: "intercept", "treatment" and "confounder".
        """
        unit = self.portfolio.point
        table = {"intercept": {"": self.law.intercept}}
        for law in self.portfolio.features:
            cells = law.edges if isinstance(law, NumericLaw) else ()
            pieces = law.pieces(cells, self.law.shift)  # type: ignore[arg-type]
            table[law.name] = {
                pieces.labels[k]: round(unit * float(points), 10)
                for k, points in sorted(zip(pieces.bin, pieces.points, strict=True))
            }
        table["treatment"] = {"1": round(unit * self.portfolio.treatment_points, 10)}
        table["confounder"] = {"1": round(unit * self.portfolio.confounder_points, 10)}
        return table

    def default_rate(self, periods: Periods = None) -> float:
        """Default rate over the given periods.

        Parameters
        ----------
        periods : int or iterable of int, optional
            Periods to average over; by default all.

        Returns
        -------
        float
            In [0, 1]; ``event_rate`` where the periods are all.

        Raises
        ------
        InfostatError
            If a period is unknown.
        """
        return float(self.law.joint(periods).sum(axis=0) @ self.law.response)

    def average_treatment_effect(self, periods: Periods = None) -> float:
        """Average effect of the treatment on the probability of default.

        Parameters
        ----------
        periods : int or iterable of int, optional
            Periods to average over; by default all.

        Returns
        -------
        float
            Difference of probabilities.

        Raises
        ------
        InfostatError
            If a period is unknown.
        """
        effect = self.law.risk(1) - self.law.risk(0)
        return float((self.law.joint(periods) * effect).sum())

    def naive_contrast(self, periods: Periods = None) -> float:
        """Default rate of the treated less that of the untreated.

        Parameters
        ----------
        periods : int or iterable of int, optional
            Periods to average over; by default all.

        Returns
        -------
        float
            Difference of rates; confounded.

        Raises
        ------
        InfostatError
            If a period is unknown.
        """
        treated, untreated = self.law.arm_means(self.law.joint(periods), axis=None)
        return float(treated - untreated)

    def adjusted_contrast(self, periods: Periods = None) -> float:
        """Average contrast of the arms within equal predictors.

        What a perfect adjustment for every observed predictor would report; it differs
        from the effect, because the confounder is not observed.

        Parameters
        ----------
        periods : int or iterable of int, optional
            Periods to average over; by default all.

        Returns
        -------
        float
            Difference of rates.

        Raises
        ------
        InfostatError
            If a period is unknown.
        """
        joint = self.law.joint(periods)
        treated, untreated = self.law.arm_means(joint, axis=0)
        return float(joint.sum(axis=0) @ (treated - untreated))

    def auc(self, periods: Periods = None) -> float:
        """Area under the ROC curve of the best possible score of the predictors.

        Parameters
        ----------
        periods : int or iterable of int, optional
            Periods to average over; by default all.

        Returns
        -------
        float
            In [0.5, 1].

        Raises
        ------
        InfostatError
            If a period is unknown.
        """
        mass = self.law.joint(periods).sum(axis=0)
        order = np.argsort(self.law.response, kind="stable")
        bad = (mass * self.law.response)[order]
        good = (mass * (1.0 - self.law.response))[order]
        below = np.cumsum(good) - 0.5 * good
        return float(bad @ below / (bad.sum() * good.sum()))
