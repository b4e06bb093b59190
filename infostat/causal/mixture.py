r"""What is known without assumptions: the exact set, and the balls around it.

Among those with the treatment the outcome is seen; among the others it may be anything
in the range. So the interventional law is ``e P + (1 - e) R`` with ``P`` observed and
``R`` free, and every f-divergence ball of the literature contains these laws and more.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_number, read_numbers, row_shares
from infostat.causal.dual import ball_distance
from infostat.causal.radius import resolve_divergence
from infostat.divergences import Divergence
from infostat.exceptions import InfostatError

__all__ = ["divergence_bounds", "mixture_bounds"]

FloatArray = npt.NDArray[np.float64]


def mixture_bounds(
    values: npt.ArrayLike,
    propensity: float,
    low: float,
    high: float,
    sample_weight: npt.ArrayLike | None = None,
) -> tuple[float, float]:
    r"""Sharp bounds on the mean outcome if everybody took the treatment.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Outcomes (or a function of them) of those who took it.
    propensity : float
        Share :math:`e` that took it, in [0, 1].
    low, high : float
        Range that the outcome can have in anybody, not the range seen; infinite ends
        are allowed.
    sample_weight : array-like of shape (n_samples,), optional
        Weights of the values.

    Returns
    -------
    lower, upper : float
        :math:`e\mu + (1-e)L` and :math:`e\mu + (1-e)H`, in the units of the values. An
        infinite end of the range gives an infinite bound for ``e < 1``.

    Raises
    ------
    InfostatError
        If values are missing or lie outside the range.

    Notes
    -----
    Manski, "Nonparametric bounds on treatment effects", AER 80 (1990). These bounds
    are attained by laws of the other arm at one end of the range, so nothing narrower
    is valid without an assumption.

    Examples
    --------
    >>> mixture_bounds([0.0, 1.0], 0.5, 0.0, 1.0)
    (0.25, 0.75)
    """
    v, shares, e = _checked(values, propensity, low, high, sample_weight)
    mean = float(shares @ v)
    if e == 1.0:
        return mean, mean
    return e * mean + (1.0 - e) * low, e * mean + (1.0 - e) * high


def divergence_bounds(
    values: npt.ArrayLike,
    propensity: float,
    low: float,
    high: float,
    divergence: str | Divergence,
    sample_weight: npt.ArrayLike | None = None,
    *,
    alpha: float | None = None,
) -> tuple[float, float]:
    r"""Bounds on the mean outcome over an f-divergence ball around the observed law.

    They are valid, and never narrower than :func:`mixture_bounds`: the ball has the
    radius :func:`divergence_radius` and contains the exact set.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Outcomes (or a function of them) of those who took the treatment.
    propensity : float
        Share that took it, in [0, 1].
    low, high : float
        Range that the outcome can have in anybody, not the range seen.
    divergence : str or Divergence
        "kl", "hellinger", "chi2", "tv", "js", "power" with ``alpha``, another name of
        the catalogue, or a Divergence such as ``HockeyStick(2)``.
    sample_weight : array-like of shape (n_samples,), optional
        Weights of the values.
    alpha : float, optional
        Order of the power family.

    Returns
    -------
    lower, upper : float
        In the units of the values. An infinite end of the range gives an infinite
        bound for ``e < 1``: ``f(0)`` is finite, so some mass may move anywhere at a
        finite price. A divergence with infinite ``f(0)`` returns the range itself.

    Raises
    ------
    InfostatError
        If values are missing or lie outside the range, or the divergence is unknown.

    Notes
    -----
    arXiv 2601.17160, section 4, in the normal form ``f(0) = 0``: power family by a
    search in one variable, total variation and hockey stick by a partial mean, others
    by the dual in two variables.

    Examples
    --------
    >>> low, high = divergence_bounds([0.0, 1.0], 0.5, 0.0, 1.0, "chi2")
    >>> round(low, 4), round(high, 4)
    (0.1464, 0.8536)
    """
    member = resolve_divergence(divergence, alpha)
    v, shares, e = _checked(values, propensity, low, high, sample_weight)
    if e == 1.0:
        mean = float(shares @ v)
        return mean, mean

    lower, upper = low, high
    if np.isfinite(low):
        lower = low + ball_distance(v - low, shares, e, member)
    if np.isfinite(high):
        upper = high - ball_distance(high - v, shares, e, member)
    return lower, upper


def _checked(
    values: npt.ArrayLike,
    propensity: float,
    low: float,
    high: float,
    sample_weight: npt.ArrayLike | None,
) -> tuple[FloatArray, FloatArray, float]:
    """Values, probabilities and propensity."""
    v = read_numbers(
        values, "values", ndim=None, low=-np.inf, high=np.inf, missing=True
    ).ravel()
    e = read_number(propensity, "propensity", low=0.0, high=1.0)
    low, high = (
        read_number(end, name, low=-np.inf, high=np.inf)
        for end, name in ((low, "low"), (high, "high"))
    )
    if not v.size or not np.isfinite(v).all():
        msg = (
            f"values must be at least one finite number, got {v.size} with "
            f"{int((~np.isfinite(v)).sum())} missing or infinite: drop those."
        )
        raise InfostatError(msg)
    if not low < high:
        msg = f"The range must rise, got low={low}, high={high}: swap or widen it."
        raise InfostatError(msg)
    outside = (v < low) | (v > high)
    if outside.any():
        msg = (
            f"{int(outside.sum())} values lie outside [{low}, {high}], the first is "
            f"{v[outside][0]}: widen the range to what the outcome can be."
        )
        raise InfostatError(msg)
    return v, row_shares(sample_weight, v.size), e
