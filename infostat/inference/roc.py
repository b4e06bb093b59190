"""Area under the ROC curve with DeLong's error, and the difference of two areas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtri

from infostat._arrays import read_codes, read_numbers
from infostat.exceptions import InfostatError
from infostat.inference.estimate import Estimate, check_level
from infostat.inference.score_table import ScoreTable

__all__ = ["AreaEstimate", "area_under_roc", "paired_area_difference"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AreaEstimate(Estimate):
    """Area under the ROC curve, or the Gini coefficient, with its error.

    Attributes
    ----------
    value, se : float
        The estimate and its standard error.
    n, bias : float
        Rows behind it; nothing is subtracted for bias.
    df : None
        The law is not Student's.
    method : str
        How the error was obtained, in words.
    n_events, n_non_events : float
        Rows of each class, effective ones under sampling weights.
    gini : bool
        Whether the value is the Gini coefficient, twice the area less one.

    Notes
    -----
    Intervals are symmetric on the log-odds scale of the area, so that they stay within
    its range. A sample in which the score separates the classes has no spread to
    estimate; its interval is Newcombe's, from the spread that the true area would have
    under exponential scores.
    """

    n_events: float = 0.0
    n_non_events: float = 0.0
    gini: bool = False

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Two-sided confidence interval.

        Parameters
        ----------
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        low, high : float
            Within [0, 1] for an area, within [-1, 1] for a Gini coefficient.

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.

        References
        ----------
        Qin and Hotilovac, Statistical Methods in Medical Research 17 (2008) 207-221,
        for the log-odds scale; Newcombe, Statistics in Medicine 25 (2006) 559-573,
        method 5, for separated classes.
        """
        z = float(ndtri((1.0 + check_level(level)) / 2.0))
        area = (self.value + 1.0) / 2.0 if self.gini else self.value
        error = self.se / 2.0 if self.gini else self.se
        if error <= 1e-12 or not 0.0 < area < 1.0:
            ends = _newcombe(area, self.n_events, self.n_non_events, z)
        else:
            reach = z * error / (area * (1.0 - area))
            ends = float(expit(logit(area) - reach)), float(expit(logit(area) + reach))
        return (2.0 * ends[0] - 1.0, 2.0 * ends[1] - 1.0) if self.gini else ends

    def _range(self) -> tuple[float, float]:
        """Areas, or coefficients, that there are."""
        return (-1.0, 1.0) if self.gini else (0.0, 1.0)

    def as_gini(self) -> AreaEstimate:
        """Return the Gini coefficient (accuracy ratio), twice the area less one.

        Returns
        -------
        AreaEstimate
            On the scale from -1 to 1, its error doubled.
        """
        return replace(self, value=2.0 * self.value - 1.0, se=2.0 * self.se, gini=True)


def _exponential_variance(area: FloatArray, n_1: float, n_0: float) -> FloatArray:
    """Variance of the area under exponential scores, sizes taken at their mean."""
    rows = (n_1 + n_0) / 2.0 - 1.0
    spread = (1.0 - area) / (2.0 - area) + area / (1.0 + area)
    return np.asarray(area * (1.0 - area) * (1.0 + rows * spread) / (n_1 * n_0))


def _newcombe(area: float, n_1: float, n_0: float, z: float) -> tuple[float, float]:
    """Areas from which the observed one is ``z`` errors away, by bisection."""
    ends = []
    for limit in (0.0, 1.0):
        inner, outer = area, limit
        for _ in range(60):
            middle = (inner + outer) / 2.0
            reach = z * np.sqrt(_exponential_variance(np.array(middle), n_1, n_0))
            if abs(middle - area) <= reach:
                inner = middle
            else:
                outer = middle
        ends.append(inner)
    return ends[0], ends[1]


def area_under_roc(table: ScoreTable) -> AreaEstimate:
    r"""Estimate the area under the ROC curve with DeLong's standard error.

    .. math:: A = P(S_1 > S_0) + P(S_1 = S_0) / 2

    for the scores of an event and of a non-event.

    Parameters
    ----------
    table : ScoreTable
        Counts; larger scores mean more risk.

    Returns
    -------
    AreaEstimate
        Its standard error has each class's variance over its size less one; with
        sampling weights, squared weights take the place of counts.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837-845; by midranks in
    n log n steps, Sun and Xu, IEEE Signal Processing Letters 21 (2014) 1389-1393.
    """
    area, placements = _placements(table)
    variance = sum(
        (table.spreads[:, k] @ (placements[k] - centre) ** 2) * _bessel(table, k)
        for k, centre in ((0, 1.0 - area), (1, area))
    )
    sizes = table.sizes
    return AreaEstimate(
        value=area,
        se=float(np.sqrt(variance)),
        n=float(table.totals.sum()),
        method="DeLong",
        n_events=float(sizes[1]),
        n_non_events=float(sizes[0]),
    )


def _bessel(table: ScoreTable, k: int) -> float:
    """Size of a class over its size less one."""
    size = float(table.sizes[k])
    return size / (size - 1.0) if size > 1.0 else 1.0


def _placements(table: ScoreTable) -> tuple[float, tuple[FloatArray, FloatArray]]:
    """Area, and per value the share of the other class that it beats, ties by half.

    An event beats lower non-events; a non-event at a value is beaten by (here: has the
    share one less of) higher events.
    """
    q, p = table.shares.T
    of_event = np.cumsum(q) - q / 2.0
    of_non_event = np.cumsum(p) - p / 2.0
    area = min(max(float(p @ of_event), 0.0), 1.0)
    return area, (of_non_event, of_event)


def paired_area_difference(
    first: ScoreTable,
    second: ScoreTable,
    events: npt.NDArray[np.uint8],
    weight: FloatArray | None = None,
    *,
    sampling: bool = False,
) -> Estimate:
    """Difference of the areas of two scores on the same rows.

    Parameters
    ----------
    first, second : ScoreTable
        Counts of the same rows, in the same order.
    events : ndarray of shape (n_samples,)
        1 for events.
    weight : ndarray of shape (n_samples,), optional
        Weights, as in the tables.
    sampling : bool, default=False
        Whether they are sampling weights.

    Returns
    -------
    Estimate
        First less second. The error is zero, and the p-value one, where both scores
        order the rows alike.

    Raises
    ------
    InfostatError
        If the tables, the events and the weights are not of the same rows.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837-845.
    """
    events = read_codes(events, "events", 2, shape=first.place.shape)
    if second.place.shape != events.shape:
        msg = (
            f"second counts {second.place.size} rows and first {events.size}: give two "
            f"scores of the same rows."
        )
        raise InfostatError(msg)
    weights = np.ones(len(events))
    if weight is not None:
        weights = read_numbers(weight, "weight", shape=events.shape, low=0.0)
    values, moved = [], []
    for table in (first, second):
        area, (of_non_event, of_event) = _placements(table)
        values.append(area)
        moved.append(
            np.where(
                events == 1,
                of_event[table.place] - area,
                1.0 - area - of_non_event[table.place],
            )
        )
    gap = moved[0] - moved[1]
    variance = 0.0
    for k in (0, 1):
        rows = events == k
        spread = weights[rows] ** 2 if sampling else weights[rows]
        total = float(first.totals[k])
        variance += float(spread @ gap[rows] ** 2) / total**2 * _bessel(first, k)
    return Estimate(
        value=values[0] - values[1],
        # Equal orders leave nothing but the noise of the arithmetic.
        se=float(np.sqrt(variance)) if variance > 1e-28 else 0.0,
        n=float(first.totals.sum()),
        method="DeLong, paired",
    )
