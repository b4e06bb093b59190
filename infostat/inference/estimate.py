"""What an estimate is: a number, its error, and the law that turns them into answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from infostat._arrays import read_choice, read_number
from infostat._magnitude import LARGEST
from infostat.exceptions import InfostatError

__all__ = [
    "Alternative",
    "Estimate",
    "check_alternative",
    "check_level",
    "satterthwaite",
]

Alternative = Literal["two-sided", "greater", "less"]


def check_level(level: float) -> float:
    """Return ``level`` if it is a confidence level, raise otherwise."""
    if not 0.0 < read_number(level, "level") < 1.0:
        msg = f"level must lie strictly between 0 and 1, got {level}: 0.95, not 95."
        raise InfostatError(msg)
    return float(level)


def check_alternative(alternative: str) -> None:
    """Raise unless ``alternative`` names one."""
    read_choice(alternative, "alternative", ("two-sided", "greater", "less"))


def satterthwaite(
    variances: Iterable[float], degrees: Iterable[float | None]
) -> float | None:
    """Degrees of freedom of a sum of independent estimated variances.

    Parameters
    ----------
    variances : iterable of float
        The variances.
    degrees : iterable of float or None
        Degrees of freedom of each; None for one that is as good as known.

    Returns
    -------
    float or None
        None where all are as good as known, or those that are not are zero.
    """
    total = below = 0.0
    for variance, df in zip(variances, degrees, strict=True):
        total += variance
        below += variance**2 / df if df is not None else 0.0
    return float(total**2 / below) if below > 0.0 else None


@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimate with its standard error, under the normal or Student's law.

    Attributes
    ----------
    value : float or ndarray of shape (n_bins,)
        The estimate, bias removed where ``bias`` says so; one number or one a bin.
    se : float or ndarray of shape (n_bins,)
        Standard error, in the units of ``value``.
    n : float
        Rows (or frequency weight) behind it.
    df : float or None
        Degrees of freedom of Student's law; None for the normal law.
    bias : float
        Estimated bias that was subtracted from the raw statistic.
    method : str
        How the error was obtained, in words.
    """

    value: Any
    se: Any
    n: float
    df: float | None = None
    bias: float = 0.0
    method: str = "delta method"

    def interval(self, level: float = 0.95) -> tuple[Any, Any]:
        """Two-sided confidence interval.

        Parameters
        ----------
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        low, high : float or ndarray of shape (n_bins,)

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.
        """
        reach = self._quantile((1.0 + check_level(level)) / 2.0)
        return self.value - reach * self.se, self.value + reach * self.se

    def p_value(self, null: float = 0.0, alternative: Alternative = "two-sided") -> Any:
        """P-value of the hypothesis that the true value is ``null``.

        Parameters
        ----------
        null : float, default=0.0
            Hypothesised value.
        alternative : {"two-sided", "greater", "less"}, default="two-sided"
            "greater" tests against values above ``null``.

        Returns
        -------
        float or ndarray of shape (n_bins,)
            One where the standard error is zero and the value equals ``null``.

        Raises
        ------
        InfostatError
            If the alternative is unknown, or ``null`` is no value that the estimated
            quantity can take.
        """
        check_alternative(alternative)
        self._check_null(null)
        distance = np.asarray(self.value - null, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(distance == 0.0, 0.0, distance / self.se)
        if alternative == "two-sided":
            p = 2.0 * self._tail(np.abs(z))
        else:
            p = self._tail(z if alternative == "greater" else -z)
        return float(p) if np.ndim(p) == 0 else p

    def _quantile(self, probability: float) -> Any:
        """Standard errors below which the law has ``probability``."""
        return ndtri(probability) if self.df is None else stdtrit(self.df, probability)

    def _range(self) -> tuple[float, float]:
        """Least and largest value that there is."""
        return -LARGEST, LARGEST

    def _check_null(self, null: float) -> None:
        low, high = self._range()
        read_number(null, "null", low=low, high=high)

    def _tail(self, z: Any) -> Any:
        """Probability above ``z``, accurate far out."""
        return ndtr(-z) if self.df is None else stdtr(self.df, -z)
