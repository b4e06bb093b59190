"""False alarms over many periods: one error budget, spent period by period.

Why spending and not e-values. An e-process multiplies bets, each fair given the past.
All periods of a monitor are compared with *one* reference sample, whose sampling error
they share: given the past, the next comparison is no longer fair, and a product of its
e-values is no longer a martingale. Splitting the budget needs no law of dependence at
all. It costs little here, since the tails of the statistic are light: at a hundred
times smaller level the critical value of a chi-square with nine degrees of freedom
rises from 16.9 to 29.7.
"""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_count, read_numbers
from infostat.exceptions import InfostatWarning

__all__ = ["anytime_p_values", "spending_share"]


def spending_share(period: int, horizon: int | None = None) -> float:
    """Share of the error budget that a period may spend.

    Parameters
    ----------
    period : int
        Number of the period, from 1.
    horizon : int, optional
        Number of periods planned: each gets an equal share, and later ones nothing.
        Without a horizon ``1 / (t (t + 1))``: after ``T`` periods ``T / (T + 1)`` of
        the budget is spent, and it lasts for ever.

    Returns
    -------
    float

    Raises
    ------
    InfostatError
        If the period or the horizon is no whole number from 1 on.

    Examples
    --------
    >>> round(sum(spending_share(t) for t in range(1, 25)), 2)
    0.96
    >>> spending_share(3, horizon=12) == 1 / 12
    True
    """
    period = read_count(period, "period")
    horizon = None if horizon is None else read_count(horizon, "horizon")
    if horizon is None:
        return 1.0 / (period * (period + 1.0))
    return 1.0 / horizon if period <= horizon else 0.0


def anytime_p_values(
    p_values: npt.ArrayLike, period: int, horizon: int | None = None
) -> npt.NDArray[np.float64]:
    """P-values that may be read in every period, for ever.

    Parameters
    ----------
    p_values : array-like of shape (...)
        P-values of one period, adjusted for the number of tests in it.
    period : int
        Number of the period, from 1 in the order of looking.
    horizon : int, optional
        See :func:`spending_share`.

    Returns
    -------
    ndarray of shape (...)
        If every true hypothesis of every period is rejected where its value is at most
        ``alpha``, the probability of any false rejection, in any period, is at most
        ``alpha``, whatever the dependence between the periods. One where the horizon
        has passed, with an InfostatWarning.

    Raises
    ------
    InfostatError
        If a p-value lies outside [0, 1], or the period or the horizon is no whole
        number from 1 on.

    Notes
    -----
    A period counts as one look: with adjusted values of Holm or Bonferroni its own
    family-wise error is at most ``alpha`` times its share, and the shares sum to at
    most one.
    """
    values = read_numbers(p_values, "p_values", ndim=None, low=0.0, high=1.0)
    share = spending_share(period, horizon)
    if share <= 0:
        warnings.warn(
            f"Period {period} lies beyond the horizon of {horizon} periods, so the error "
            f"budget is spent and nothing raises an alarm: fit a new reference, or use "
            f"horizon=None.",
            InfostatWarning,
            stacklevel=2,
        )
        return np.ones_like(values)
    return np.minimum(values / share, 1.0)
