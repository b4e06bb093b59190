"""Differences of divergences: two features on the same rows, one feature on two samples.

Two information values from the same rows are correlated, often strongly: an interval
that takes them for independent is up to twice too wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_codes, read_count, read_numbers
from infostat.counts import CountTable
from infostat.divergences import Divergence, derivatives
from infostat.exceptions import InfostatError
from infostat.inference.delta import share_moments
from infostat.inference.estimate import Alternative, Estimate, check_alternative
from infostat.inference.measure import DivergenceEstimate
from infostat.inference.options import smooth_divergence

__all__ = ["IndependentDifference", "independent_difference", "paired_difference"]

FloatArray = npt.NDArray[np.float64]


def paired_difference(
    joint_events: npt.ArrayLike,
    joint_non_events: npt.ArrayLike,
    divergence: str | Divergence = "jeffreys",
) -> Estimate:
    """Difference between the divergences of two features measured on the same rows.

    Parameters
    ----------
    joint_events, joint_non_events : array-like of shape (n_bins_1, n_bins_2)
        Rows of each class in bin ``i`` of the first and bin ``j`` of the second
        feature. Every margin must be positive in both classes.
    divergence : str or Divergence, default="jeffreys"
        Member of the catalogue.

    Returns
    -------
    Estimate
        First minus second divergence, each corrected for its bias. The error is
        reduced by its second-order part, and never below that part.

    Raises
    ------
    InfostatError
        If the tables differ in shape, a margin is zero in one class, or the divergence
        is unknown or has no curvature.

    Notes
    -----
    With ``A`` the difference of the two gradients at a row's bins, the first-order
    variance is ``Var_1(A) / n1 + Var_0(B) / n0``. Near equal laws it exceeds the
    variance of the difference by the second-order term
    ``2 s^2 (B1 + B2 - 2 - 2 phi^2)``, with ``phi^2`` the Pearson dependence between
    the two binned features.
    """
    kind = smooth_divergence(divergence)
    joint = [
        read_numbers(t, name, ndim=2, low=0.0, high=1e15)
        for t, name in (
            (joint_non_events, "joint_non_events"),
            (joint_events, "joint_events"),
        )
    ]
    if joint[0].shape != joint[1].shape:
        msg = (
            f"The joint tables must be matrices of one shape, got {joint[0].shape} and "
            f"{joint[1].shape}."
        )
        raise InfostatError(msg)
    margins = [[t.sum(axis=1), t.sum(axis=0)] for t in joint]
    if any((margin < 1e-30).any() for pair in margins for margin in pair):
        msg = "A bin lacks one of the classes: merge sparse bins of the feature first."
        raise InfostatError(msg)
    sizes = [float(t.sum()) for t in joint]
    values, biases, gradients = [], [], []
    for feature in (0, 1):
        q, p = (margins[k][feature] / sizes[k] for k in (0, 1))
        moments = share_moments(p, q, p / sizes[1], q / sizes[0], kind)
        slopes = derivatives(p, q, kind)
        values.append(float(moments.plug_in))
        biases.append(float(moments.bias))
        gradients.append((slopes.first_q, slopes.first_p))
    variance = 0.0
    for k in (0, 1):
        score = gradients[0][k][:, None] - gradients[1][k][None, :]
        share = joint[k] / sizes[k]
        mean = (share * score).sum()
        variance += float((share * (score - mean) ** 2).sum()) / sizes[k]
    second = _second_order(joint, sizes) * (kind.curvature / 2.0) ** 2
    return Estimate(
        value=values[0] - values[1] - (biases[0] - biases[1]),
        se=float(np.sqrt(max(variance - second, second))),
        n=sum(sizes),
        bias=biases[0] - biases[1],
        method="paired delta method",
    )


def _second_order(joint: list[FloatArray], sizes: list[float]) -> float:
    """Variance of the difference of the two null statistics, pooled data."""
    pooled = (joint[0] + joint[1]) / sum(sizes)
    product = np.outer(pooled.sum(axis=1), pooled.sum(axis=0))
    dependence = float(((pooled - product) ** 2 / product).sum())
    scale = 1.0 / sizes[0] + 1.0 / sizes[1]
    n_free = pooled.shape[0] + pooled.shape[1] - 2
    return float(2.0 * scale**2 * (n_free - 2.0 * dependence))


@dataclass(frozen=True, eq=False)
class IndependentDifference(Estimate):
    """Difference of two divergences from independent samples, interval by MOVER.

    Attributes
    ----------
    first, second : DivergenceEstimate
        The two estimates; their own intervals are combined, so that the difference
        inherits their behaviour near zero.
    """

    first: DivergenceEstimate | None = None
    second: DivergenceEstimate | None = None

    def interval(self, level: float = 0.95) -> tuple[Any, Any]:
        """Two-sided confidence interval.

        Parameters
        ----------
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        low, high : float

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.
        """
        assert self.first is not None  # noqa: S101 - set by independent_difference
        assert self.second is not None  # noqa: S101
        low_1, high_1 = self.first.interval(level)
        low_2, high_2 = self.second.interval(level)
        middle_1 = float(np.clip(self.first.corrected, low_1, high_1))
        middle_2 = float(np.clip(self.second.corrected, low_2, high_2))
        gap = middle_1 - middle_2
        low = gap - np.hypot(middle_1 - low_1, high_2 - middle_2)
        high = gap + np.hypot(high_1 - middle_1, middle_2 - low_2)
        return float(low), float(high)

    def p_value(
        self, null: float = 0.0, alternative: Alternative = "two-sided"
    ) -> float:
        """P-value by inversion of the interval.

        Parameters
        ----------
        null : float, default=0.0
            Hypothesised difference.
        alternative : {"two-sided", "greater", "less"}, default="two-sided"
            "greater" tests against differences above ``null``.

        Returns
        -------
        float
            The smallest ``alpha`` (halved for one-sided tests) whose interval leaves
            ``null`` out, at least 1e-12.

        Raises
        ------
        InfostatError
            If the alternative is unknown or ``null`` is no finite number.
        """
        from scipy.optimize import brentq

        check_alternative(alternative)
        self._check_null(null)
        above = null <= self.value

        def margin(alpha: float) -> float:
            low, high = self.interval(1.0 - alpha)
            return float(null - low if above else high - null)

        smallest, largest = 1e-12, 1.0 - 1e-9
        if margin(largest) >= 0:
            two_sided = 1.0
        elif margin(smallest) <= 0:
            two_sided = smallest
        else:
            two_sided = float(brentq(margin, smallest, largest, xtol=1e-14))
        if alternative == "two-sided":
            return two_sided
        agrees = above if alternative == "greater" else not above
        return two_sided / 2.0 if agrees else 1.0 - two_sided / 2.0


def independent_difference(
    first: DivergenceEstimate, second: DivergenceEstimate
) -> IndependentDifference:
    """Difference between divergences from two independent samples.

    Parameters
    ----------
    first, second : DivergenceEstimate
        For instance the information value at development and out of time.

    Returns
    -------
    IndependentDifference
        First minus second.

    Examples
    --------
    >>> from infostat import information_value
    >>> development = information_value([90, 60, 50], [400, 700, 900])
    >>> later = information_value([80, 70, 60], [500, 700, 700])
    >>> low, high = independent_difference(development, later).interval()
    >>> bool(low < high)
    True
    """
    return IndependentDifference(
        value=first.corrected - second.corrected,
        se=float(np.hypot(first.se, second.se)),
        n=first.n + second.n,
        bias=first.bias - second.bias,
        method="MOVER",
        first=first,
        second=second,
    )


def joint_table(
    codes_1: npt.NDArray[Any],
    codes_2: npt.NDArray[Any],
    classes: npt.NDArray[Any],
    n_bins: tuple[int, int],
) -> tuple[FloatArray, FloatArray]:
    """Cross two binned features within each class.

    Parameters
    ----------
    codes_1, codes_2 : ndarray of shape (n_samples,)
        Bins of the two features.
    classes : ndarray of shape (n_samples,)
        0 for non-events, 1 for events.
    n_bins : tuple of int
        Bins of the first and of the second feature.

    Returns
    -------
    joint_events, joint_non_events : ndarray of shape n_bins

    Raises
    ------
    InfostatError
        If the three columns differ in length, or a bin or class is out of range.
    """
    from infostat.counts.array_engine import count_codes

    n_bins = read_count(n_bins[0], "n_bins[0]"), read_count(n_bins[1], "n_bins[1]")
    first = read_codes(codes_1, "codes_1", n_bins[0])
    second = read_codes(codes_2, "codes_2", n_bins[1], shape=first.shape)
    classes = read_codes(classes, "classes", 2, shape=first.shape)
    cell = first.astype(np.intp) * n_bins[1] + second
    labels = [""] * (n_bins[0] * n_bins[1])
    table: CountTable = count_codes(cell, classes, labels)
    return table.events.reshape(n_bins), table.non_events.reshape(n_bins)
