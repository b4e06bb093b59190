"""The Kolmogorov-Smirnov distance of two classes' scores, with interval and test."""

from __future__ import annotations

from collections.abc import Callable
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
from infostat.inference.proportions import wilson_interval
from infostat.inference.score_table import ScoreTable

__all__ = ["DistanceEstimate", "kolmogorov_smirnov"]

FloatArray = npt.NDArray[np.float64]

SLACK = 3.0
"""Standard errors below the largest gap within which a value may be the true maximum."""

PLACES = 200
"""Values at which the law of the largest gap is simulated."""

DRAWS = 1_000
"""Simulated samples."""

FARTHEST = 0.005
"""Tail probability down to which the simulated samples are read."""


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
    shares, sizes : tuple of float
        Shares of non-events and of events up to ``at``, and the classes' rows.

    Notes
    -----
    The largest gap of a sample is too large on average, since the maximum goes after
    noise. The lower limit allows for it: it subtracts what the largest gap gains by
    noise over all values that may hold the true maximum. The upper limit is that of the
    gap at a fixed value, which the largest gap is never below; it is valid, and a little
    wide. Neither lies inside the score interval (Newcombe) of the gap at ``at``, which
    holds where the classes are separated.
    """

    at: float = 0.0
    p_zero: float = 1.0
    rises: FloatArray = field(default_factory=lambda: np.zeros(1))
    shares: tuple[float, float] = (0.0, 0.0)
    sizes: tuple[float, float] = (0.0, 0.0)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Two-sided confidence interval.

        Parameters
        ----------
        level : float, default=0.95
            Confidence level; from 0.99 on the simulation is extrapolated.

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
        return max(0.0, self._lower(tail)), min(1.0, self._upper(tail))

    def _lower(self, tail: float) -> float:
        """Lower limit that errs with probability ``tail``, below one half."""
        if self.p_zero > tail:
            return 0.0
        gain = float(np.quantile(self.rises, 1.0 - max(tail, FARTHEST)))
        if tail < FARTHEST:  # farther out as a normal law does
            gain *= float(ndtri(tail) / ndtri(FARTHEST))
        return float(min(self.value - gain, self._newcombe(tail)[0]))

    def _upper(self, tail: float) -> float:
        """Upper limit that errs with probability ``tail``, below one half."""
        high = self.value - float(ndtri(tail)) * self.se
        return float(max(high, self._newcombe(tail)[1]))

    def _newcombe(self, tail: float) -> tuple[float, float]:
        """Limits of the gap at ``at`` from those of its two shares (Newcombe 1998)."""
        low, high = wilson_interval(self.shares, self.sizes, 1.0 - 2.0 * tail)
        less, more = (0, 1) if self.shares[1] >= self.shares[0] else (1, 0)
        top, bottom = self.shares[more], self.shares[less]
        nearest = self.value - np.hypot(top - low[more], high[less] - bottom)
        farthest = self.value + np.hypot(high[more] - top, bottom - low[less])
        return float(nearest), float(farthest)

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
            Of another value than zero by inversion of the interval, at least 1e-15.

        Raises
        ------
        InfostatError
            If the alternative is unknown or ``null`` does not lie in [0, 1].
        """
        check_alternative(alternative)
        self._check_null(null)
        if null == 0.0:
            return 1.0 if alternative == "less" else self.p_zero
        gained = float((self.rises >= self.value - null).mean())
        greater = _smallest(lambda tail: self._lower(tail) > null, max(gained, 0.5))
        smaller = float(super().p_value(null, "less"))
        less = _smallest(lambda tail: self._upper(tail) < null, max(smaller, 0.5))
        if alternative == "two-sided":
            return min(1.0, 2.0 * min(greater, less))
        return greater if alternative == "greater" else less

    def _range(self) -> tuple[float, float]:
        """Distances that there are."""
        return 0.0, 1.0


def _smallest(rejects: Callable[[float], bool], otherwise: float) -> float:
    """Smallest tail at which a limit rejects; ``otherwise`` where none below a half."""
    low, high = np.log(1e-15), np.log(0.5 - 1e-9)
    if not rejects(float(np.exp(high))):
        return otherwise
    for _ in range(30):
        middle = (low + high) / 2.0
        if rejects(float(np.exp(middle))):
            high = middle
        else:
            low = middle
    return float(np.exp(high))


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
        :math:`n_1 n_0 / (n_1 + n_0)`; with tied scores it rejects less often than
        stated. Under sampling weights, which may depend on the score, the size is the
        one at which that law is as wide as the gap where its error is largest; the test
        may then reject less often as well.

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
    rises = _rises(table, cumulative, gap, spread, best, np.random.default_rng(rng))
    root = float(np.sqrt(sizes.prod() / sizes.sum()))
    if not np.array_equal(table.squared, table.weight) and spread.max() > 0.0:
        root = 0.5 / float(spread.max())  # a bridge is widest, one half, in its middle
    return DistanceEstimate(
        value=value,
        se=float(spread[best]),
        n=float(table.totals.sum()),
        method="largest gap; simulated law of the maximum",
        at=float(table.values[best]),
        p_zero=float(kolmogorov(root * value)),
        rises=rises,
        shares=(
            min(float(cumulative[best, 0]), 1.0),
            min(float(cumulative[best, 1]), 1.0),
        ),
        sizes=(float(sizes[0]), float(sizes[1])),
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
