"""Tests that two bins differ, for all pairs of intervals of pre-bins at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, ndtri, stdtr

from infostat.binning.joining import holds_missing, start_of

__all__ = [
    "ChiSquareTest",
    "IntervalTest",
    "ProportionTest",
    "WelchTest",
    "interval_totals",
    "separated_by",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

ROUNDING = 1e-12
"""Statistics this close to the critical value count as reaching it."""


class IntervalTest(Protocol):
    """A two-sided test between intervals that are given by running sums."""

    @property
    def running(self) -> FloatArray:
        """Running sums over the pre-bins, (P + 1, m)."""

    def apart(self, first: FloatArray, second: FloatArray) -> BoolArray:
        """Whether two arrays of sums, (..., m), differ at the level of the test."""


@dataclass(frozen=True, eq=False)
class ProportionTest:
    """Two-proportion z-test with pooled variance, two-sided.

    Attributes
    ----------
    running : ndarray of shape (P + 1, 2)
        Running sums of non-events and events.
    level : float
        Largest p-value that counts as different.
    """

    running: FloatArray
    level: float

    def apart(self, first: FloatArray, second: FloatArray) -> BoolArray:
        """Whether the event rates differ."""
        n, m = first.sum(axis=-1), second.sum(axis=-1)
        pooled = (first[..., 1] + second[..., 1]) / (n + m)
        spread = np.sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m))
        distance = np.abs(first[..., 1] / n - second[..., 1] / m)
        critical = -float(ndtri(self.level / 2.0))
        return np.asarray(distance >= critical * spread * (1.0 - ROUNDING))


@dataclass(frozen=True, eq=False)
class ChiSquareTest:
    """Pearson's chi-square of two rows of class counts; two classes: the z-test.

    Attributes
    ----------
    running : ndarray of shape (P + 1, n_classes)
        Running sums of the classes.
    level : float
        Largest p-value that counts as different.
    """

    running: FloatArray
    level: float

    def apart(self, first: FloatArray, second: FloatArray) -> BoolArray:
        """Whether the shares of the classes differ."""
        n, m = first.sum(axis=-1), second.sum(axis=-1)
        pooled = (first + second) / (n + m)[..., None]
        gap = first / n[..., None] - second / m[..., None]
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(pooled > 0, gap**2 / pooled, 0.0)
        statistic = terms.sum(axis=-1) / (1.0 / n + 1.0 / m)
        df = int((self.running[-1] > 0).sum()) - 1
        return np.asarray(statistic >= chdtri(df, self.level) * (1.0 - ROUNDING))


@dataclass(frozen=True, eq=False)
class WelchTest:
    """Welch's t-test of two means, two-sided.

    Attributes
    ----------
    running : ndarray of shape (P + 1, 3)
        Running sums of the weight, of the outcome and of its square.
    level : float
        Largest p-value that counts as different.
    """

    running: FloatArray
    level: float

    def apart(self, first: FloatArray, second: FloatArray) -> BoolArray:
        """Whether the means differ; fewer than two rows differ from nothing."""
        (n, mean, v), (m, other, w) = _mean_errors(first), _mean_errors(second)
        enough = (n > 1.0) & (m > 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(mean - other) / np.sqrt(v + w)
            df = (v + w) ** 2 / (v**2 / (n - 1.0) + w**2 / (m - 1.0))
            p_value = 2.0 * stdtr(df, -t)
        # Without any spread within the bins a difference is certain.
        exact = (v + w <= 0.0) & (mean != other)
        return np.asarray(enough & (exact | (p_value <= self.level * (1.0 + 1e-9))))


def _mean_errors(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Size, mean, and squared standard error of the mean."""
    n, total, square = sums[..., 0], sums[..., 1], sums[..., 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        spread = np.maximum(square - total * mean, 0.0)
        # What is left of equal outcomes is rounding.
        spread = np.where(spread <= 1e-12 * np.abs(square), 0.0, spread)
        return n, mean, spread / ((n - 1.0) * n)


def separated_by(
    test: IntervalTest, added: FloatArray | None = None
) -> Callable[[IntArray, int, int, IntArray], BoolArray]:
    """Pairs of intervals that meet at a boundary, as the programme asks for them.

    Parameters
    ----------
    test : IntervalTest
        The test.
    added : ndarray of shape (m,), optional
        Sums of the missing values, which some rows of intervals hold.

    Returns
    -------
    callable
        See :class:`.Neighbours`.
    """

    def separated(rows: IntArray, row: int, c: int, ends: IntArray) -> BoolArray:
        before = interval_totals(test, rows, np.array([c]), added)
        after = interval_totals(test, np.array([row]), ends, added)
        return test.apart(before[:, None], after[None, :])

    return separated


def interval_totals(
    test: IntervalTest, rows: IntArray, ends: IntArray, added: FloatArray | None
) -> FloatArray:
    """Sums of the intervals of some rows, see :mod:`.joining`, up to some ends."""
    n_pre = len(test.running) - 1
    total = test.running[ends] - test.running[start_of(rows, n_pre)]
    if added is not None:
        total = total + holds_missing(rows, n_pre)[:, None] * added
    return np.asarray(total)
