"""Sample sizes by the published formulas of Riley and others, an independent check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from infostat._arrays import read_number
from infostat.exceptions import InfostatError

__all__ = ["RileySize", "riley_binary", "riley_r2"]


@dataclass(frozen=True)
class RileySize:
    """Rows that the three criteria for a binary outcome ask for.

    Attributes
    ----------
    shrinkage, optimism, intercept : int
        Expected shrinkage at least S; difference of apparent and adjusted Nagelkerke's
        R2 at most 0.05; event rate to within 0.05.
    required : int
        Largest of the three.
    """

    shrinkage: int
    optimism: int
    intercept: int

    @property
    def required(self) -> int:
        """Largest of the three."""
        return max(self.shrinkage, self.optimism, self.intercept)


def riley_r2(mi: float) -> float:
    """Cox-Snell R2 of an information in nats, ``1 - exp(-2 MI)``.

    Parameters
    ----------
    mi : float
        Information of the features in nats an observation, not negative.

    Returns
    -------
    float
        In [0, 1).

    Raises
    ------
    InfostatError
        If the information is negative or no number.
    """
    return float(-np.expm1(-2.0 * read_number(mi, "mi", low=0.0)))


def riley_binary(
    n_parameters: int, r2: float, event_rate: float, *, shrinkage: float = 0.9
) -> RileySize:
    r"""Sample size for a logistic model, from anticipated values.

    .. math::

        n_1 = \frac{P}{(S - 1) \ln(1 - R^2 / S)}, \quad
        S_2 = \frac{R^2}{R^2 + 0.05 \max R^2}, \quad
        n_3 = \left( \frac{1.96}{0.05} \right)^2 \phi (1 - \phi)

    Parameters
    ----------
    n_parameters : int
        Parameters of the features, the intercept not counted.
    r2 : float
        Anticipated Cox-Snell R2.
    event_rate : float
        Anticipated event rate.
    shrinkage : float, default=0.9
        Calibration slope asked for.

    Returns
    -------
    RileySize

    Raises
    ------
    InfostatError
        If a value is out of range.

    References
    ----------
    Riley et al., Statistics in Medicine 38 (2019) 1276-1296, criteria (i) to (iii).

    Examples
    --------
    >>> riley_binary(40, 0.0292, 0.1)
    RileySize(shrinkage=12128, optimism=1629, intercept=139)
    """
    for name, value in (
        ("n_parameters", n_parameters),
        ("r2", r2),
        ("event_rate", event_rate),
        ("shrinkage", shrinkage),
    ):
        read_number(value, name)
    inside = 0.0 < event_rate < 1.0 and 0.0 < shrinkage < 1.0 and n_parameters > 0
    if inside:
        null = event_rate * np.log(event_rate)
        null += (1.0 - event_rate) * np.log1p(-event_rate)
        largest = riley_r2(-null)
    if not inside or not 0.0 < r2 < min(largest, shrinkage):
        msg = (
            f"Need parameters > 0, 0 < event_rate < 1, 0 < shrinkage < 1 and an R2 below "
            f"the largest for the rate, got {n_parameters}, {event_rate}, {shrinkage} "
            f"and {r2}."
        )
        raise InfostatError(msg)

    def rows(s: float) -> int:
        return int(np.ceil(n_parameters / ((s - 1.0) * np.log1p(-r2 / s))))

    second = r2 / (r2 + 0.05 * largest)
    margin = (1.96 / 0.05) ** 2 * event_rate * (1.0 - event_rate)
    return RileySize(rows(shrinkage), rows(second), int(np.ceil(margin)))
