r"""The dual of an f-divergence ball, for any generator with finite ``f(0)``.

In distances ``w >= 0`` to the end of the range (see :mod:`infostat.causal.power`), the
smallest mean distance in the ball of radius ``B`` is

.. math::
    \rho = \max_{\lambda > 0,\, d \ge 0} \;
        \lambda f(0) - d - \lambda B
        - \lambda\, \mathbb{E}_P\, g^*\{f(0) - (w + d)/\lambda\} ,

``g*`` the conjugate of the swapped generator. It is the dual of the paper with
``u = H + d - lambda f(0)``; ``d >= 0`` keeps the outcomes of the other arms, which may
lie anywhere in the range, inside the domain of ``g*``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from infostat.causal.hockey import HockeyStick
from infostat.causal.power import power_distance
from infostat.causal.radius import power_exponent, radius
from infostat.divergences import Divergence, TotalVariation

__all__ = ["ball_distance", "dual_loss", "hockey_order", "quantile_distance"]

FloatArray = npt.NDArray[np.float64]


def dual_loss(
    w: FloatArray,
    shift: FloatArray,
    multiplier: FloatArray,
    propensity: FloatArray,
    divergence: Divergence,
) -> FloatArray:
    r"""Dual integrand: its mean under the observed law never exceeds the distance.

    Parameters
    ----------
    w : ndarray
        Distances to the end of the range.
    shift, multiplier : ndarray
        Dual variables ``d >= 0`` and ``lambda > 0``, broadcast against ``w``.
    propensity : ndarray
        Probability of the treatment.
    divergence : Divergence
        A divergence with finite ``f(0)``.

    Returns
    -------
    ndarray
        Units of the distance; minus infinity at ``w + d = 0`` where ``g*`` is unbounded.

    Notes
    -----
    Minus the loss of arXiv 2601.17160, Definition 3, counted from the end of the range.
    """
    price = divergence.at_zero
    swapped = divergence.adjoint()
    with np.errstate(divide="ignore", over="ignore"):
        conjugate = swapped.conjugate(price - (w + shift) / multiplier)
    return (multiplier * (price - radius(propensity, divergence) - conjugate)) - shift


def hockey_order(divergence: Divergence) -> float | None:
    """Order of a hockey-stick ball; one for total variation, None for others."""
    if isinstance(divergence, TotalVariation):
        return 1.0
    return divergence.order if isinstance(divergence, HockeyStick) else None


def quantile_distance(
    w: FloatArray, shares: FloatArray, propensity: float, order: float
) -> tuple[float, float]:
    """Smallest mean distance in a hockey-stick ball, and the quantile it turns on.

    Parameters
    ----------
    w, shares : ndarray of shape (n_atoms,)
        Distances and probabilities.
    propensity : float
        Probability ``e`` of the treatment.
    order : float
        Order of the hockey stick.

    Returns
    -------
    distance, quantile : float
        ``e`` times the mean of the nearest ``order * e`` of the mass (for ``order * e``
        above one, the mean distance over ``order``), and the farthest distance in it.
    """
    place = np.argsort(w, kind="stable")
    near, mass = w[place], shares[place]
    room = min(order * propensity, 1.0)
    before = np.cumsum(mass) - mass
    taken = np.clip(room - before, 0.0, mass)
    last = max(int(np.count_nonzero(taken > 0.0)) - 1, 0)
    return float(taken @ near / order), float(near[last])


def ball_distance(
    w: FloatArray, shares: FloatArray, propensity: float, divergence: Divergence
) -> float:
    """Smallest mean distance to the end of the range within the ball.

    Parameters
    ----------
    w, shares : ndarray of shape (n_atoms,)
        Distances and probabilities of the observed law.
    propensity : float
        Probability of the treatment, in [0, 1].
    divergence : Divergence
        Any; with infinite ``f(0)`` nothing is known and the distance is zero.

    Returns
    -------
    float
    """
    if propensity >= 1.0:
        return float(shares @ w)
    # A mean distance of zero leaves nothing to shrink, nor does an empty arm.
    if propensity <= 0.0 or not (shares @ w) > 0.0:
        return 0.0
    if not np.isfinite(divergence.at_zero):
        return 0.0
    exponent = power_exponent(divergence)
    if exponent is not None:
        e = np.asarray(propensity)
        return float(power_distance(w, shares, e, exponent)[0])
    order = hockey_order(divergence)
    if order is not None:
        return quantile_distance(w, shares, propensity, order)[0]
    return _search(w, shares, propensity, divergence)


def _search(
    w: FloatArray, shares: FloatArray, propensity: float, divergence: Divergence
) -> float:
    """Nested one-dimensional searches; the dual is jointly concave."""
    scale = float(shares @ w)
    held = shares > 0.0
    w, shares = w[held] / scale, shares[held]
    e = np.asarray(propensity)

    def best_multiplier(shift: float) -> float:
        def loss(log_multiplier: float) -> float:
            terms = dual_loss(
                w, np.asarray(shift), np.exp(log_multiplier), e, divergence
            )
            return -float(shares @ terms)

        return -_lowest(loss, -12.0, 12.0)

    largest = propensity / (1.0 - propensity)
    zero = best_multiplier(0.0)
    high = float(np.log(largest))
    inner = -_lowest(lambda t: -best_multiplier(float(np.exp(t))), high - 25.0, high)
    return scale * max(zero, inner, 0.0)


def _lowest(objective: Callable[[float], float], low: float, high: float) -> float:
    """Least value of a function with one valley on an interval."""

    def finite(t: float) -> float:
        value = objective(t)
        return value if np.isfinite(value) else 1e300

    result: Any = minimize_scalar(
        finite, bounds=(low, high), method="bounded", options={"xatol": 1e-9}
    )
    return float(result.fun)
