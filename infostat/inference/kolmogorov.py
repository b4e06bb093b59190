"""The Kolmogorov-Smirnov distance of two classes' scores, with interval and test."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import kolmogorov, ndtri

from infostat.inference.estimate import (
    Alternative,
    Estimate,
    check_alternative,
    check_level,
)
from infostat.inference.score_table import ScoreTable

__all__ = ["DistanceEstimate", "kolmogorov_smirnov"]

FloatArray = npt.NDArray[np.float64]

SLACK = 3.0
"""Standard errors below the largest gap within which a value may be the true maximum."""

PLACES = 200
"""Values at which the law of the largest gap is simulated."""

DRAWS = 1_000
"""Simulated samples."""


@dataclass(frozen=True, eq=False)
class DistanceEstimate(Estimate):
    """Largest gap of two cumulative distributions, with its error.

    Attributes
    ----------
    value, se : float
        The estimate and its standard error; the error is that of the gap at ``at``.
    n, bias : float
        Rows behind it; nothing is subtracted for bias.
    df : None
        The law is not Student's.
    method : str
        How the error was obtained, in words.
    at : float
        Score at which the gap is largest; those at or below it are on one side.
    p_zero : float
        P-value of equal distributions.
    rises : ndarray of shape (n_draws,)
        Simulated differences of the largest gap in a sample from the true one, sorted.

    Notes
    -----
    The largest gap of a sample is too large on average, since the maximum goes after
    noise. The lower limit allows for it: it subtracts what the largest gap gains by
    noise over all values that may hold the true maximum. The upper limit is that of the
    gap at a fixed value, which the largest gap is never below; it is valid, and a little
    wide.
    """

    at: float = 0.0
    p_zero: float = 1.0
    rises: FloatArray = field(default_factory=lambda: np.zeros(1))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Two-sided confidence interval.

        Parameters
        ----------
        level : float, default=0.95
            Confidence level; the simulation carries it up to about 0.99.

        Returns
        -------
        low, high : float
            Within [0, 1]; ``low`` is zero where the test does not reject equality at
            half of one less ``level``.

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.

        References
        ----------
        Fang and Santos, Review of Economic Studies 86 (2019) 377-412, for functionals
        such as the maximum, whose derivative depends on where it is attained.
        """
        tail = (1.0 - check_level(level)) / 2.0
        low = max(0.0, self.value - float(np.quantile(self.rises, 1.0 - tail)))
        if self.p_zero > tail:
            low = 0.0
        high = min(1.0, self.value - float(ndtri(tail)) * self.se)
        return low, high

    def p_value(
        self, null: float = 0.0, alternative: Alternative = "two-sided"
    ) -> float:
        """P-value of the hypothesis that the true distance is ``null``.

        Parameters
        ----------
        null : float, default=0.0
            Hypothesised distance; zero takes Kolmogorov's law.
        alternative : {"two-sided", "greater", "less"}, default="two-sided"
            Only another value than zero has alternatives on both sides.

        Returns
        -------
        float

        Raises
        ------
        InfostatError
            If the alternative is unknown or ``null`` does not lie in [0, 1].
        """
        check_alternative(alternative)
        self._check_null(null)
        if null == 0.0 and alternative != "less":
            return self.p_zero
        return float(super().p_value(null, alternative))

    def _range(self) -> tuple[float, float]:
        """Distances that there are."""
        return 0.0, 1.0


def kolmogorov_smirnov(
    table: ScoreTable, *, rng: np.random.Generator | int = 0
) -> DistanceEstimate:
    r"""Estimate the distance :math:`\max_s |F_1(s) - F_0(s)|` of two classes.

    Parameters
    ----------
    table : ScoreTable
        Counts at every distinct score.
    rng : Generator or int, default=0
        Source of the simulated samples.

    Returns
    -------
    DistanceEstimate
        The test takes Kolmogorov's limit law at the effective size
        :math:`n_1 n_0 / (n_1 + n_0)` (Kish's sizes under sampling weights); with tied
        scores it rejects less often than stated.

    References
    ----------
    Smirnov, Bulletin de l'Universite de Moscou 2 (1939) 3-14.
    """
    cumulative = np.cumsum(table.shares, axis=0)
    gap = cumulative[:, 1] - cumulative[:, 0]
    best = int(np.abs(gap).argmax())
    spread = _spread(table, cumulative)
    value = float(np.abs(gap[best]))
    sizes = table.sizes
    effective = float(sizes.prod() / sizes.sum())
    rises = _rises(table, cumulative, gap, spread, best, np.random.default_rng(rng))
    return DistanceEstimate(
        value=value,
        se=float(spread[best]),
        n=float(table.totals.sum()),
        method="largest gap; simulated law of the maximum",
        at=float(table.values[best]),
        p_zero=float(kolmogorov(np.sqrt(effective) * value)),
        rises=rises,
    )


def _spread(table: ScoreTable, cumulative: FloatArray) -> FloatArray:
    """Standard error of the gap at each value."""
    below = np.cumsum(table.spreads, axis=0)
    variance = below * (1.0 - 2.0 * cumulative) + cumulative**2 * below[-1]
    return np.asarray(np.sqrt(np.maximum(variance.sum(axis=1), 0.0)))


def _rises(
    table: ScoreTable,
    cumulative: FloatArray,
    gap: FloatArray,
    spread: FloatArray,
    best: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Gains of the largest gap by noise, where the maximum may be."""
    places = _places(table, best)
    floor = np.abs(gap[best]) - SLACK * spread[places]
    # Only values that may hold the maximum count; noise between them adds up.
    places = places[np.abs(gap[places]) >= floor]
    floor = np.abs(gap[best]) - SLACK * spread[places]
    below = np.cumsum(table.spreads, axis=0)
    steps = np.sqrt(np.maximum(np.diff(below[places], axis=0, prepend=0.0), 0.0))
    rest = np.sqrt(np.maximum(below[-1] - below[places[-1]], 0.0))
    noise = np.zeros((DRAWS, len(places)))
    for k, sign in ((1, 1.0), (0, -1.0)):
        walk = np.cumsum(rng.normal(size=noise.shape) * steps[:, k], axis=1)
        end = walk[:, -1:] + rest[k] * rng.normal(size=(DRAWS, 1))
        noise += sign * (walk - cumulative[places, k] * end)
    rise = np.full(DRAWS, -np.inf)
    for sign in (1.0, -1.0):
        may = sign * gap[places] >= floor
        if may.any():
            rise = np.maximum(rise, (sign * noise[:, may]).max(axis=1))
    return np.sort(rise)


def _places(table: ScoreTable, best: int) -> npt.NDArray[np.intp]:
    """Values spread evenly over the pooled rows, and the one of the largest gap."""
    size = len(table.values)
    if size <= PLACES:
        return np.arange(size)
    pooled = np.cumsum(table.shares.sum(axis=1)) / 2.0
    even = np.searchsorted(pooled, (np.arange(PLACES) + 1.0) / (PLACES + 1.0))
    return np.unique(np.append(np.minimum(even, size - 1), best))
