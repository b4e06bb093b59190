"""How small a risk must be: from a Bayes error to a Kullback-Leibler divergence.

The requirement is that one new observation hardly tells the fitted law from the best
law of the model: with equal priors the expected Bayes error of doing so is at least
``1/2 - delta``, that is, the expected total variation is at most ``2 delta``. Every
bound below is concave in the divergence, so that it may be applied to an expectation.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr, ndtri, rel_entr

from infostat._arrays import read_choice, read_number
from infostat.exceptions import InfostatError

__all__ = ["BOUNDS", "Bound", "bayes_error_bound", "bayes_error_threshold"]

Bound = Literal["sharp", "pinsker", "bretagnolle-huber", "gaussian"]
BOUNDS = ("sharp", "pinsker", "bretagnolle-huber", "gaussian")


def _check(delta: float, bound: str) -> None:
    if not 0.0 < read_number(delta, "delta") < 0.5:
        msg = (
            f"delta must lie strictly between 0 and 0.5, got {delta}: it is the distance "
            f"of the Bayes error from 1/2, for instance 0.05."
        )
        raise InfostatError(msg)
    _check_bound(bound)


def _check_bound(bound: str) -> None:
    read_choice(bound, "bound", BOUNDS)


def _least_divergence(variation: float) -> float:
    """Smallest Kullback-Leibler divergence at a total variation: two cells suffice."""

    def binary(p: float) -> float:
        q = p + variation
        return float(rel_entr(p, q) + rel_entr(1.0 - p, 1.0 - q))

    found = minimize_scalar(
        binary,
        bounds=(0.0, 1.0 - variation),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return float(found.fun)


def bayes_error_threshold(delta: float, bound: Bound = "sharp") -> float:
    r"""Largest risk that guarantees a Bayes error of at least ``1/2 - delta``.

    With ``V = 2 delta`` the total variation allowed,

    .. math::

        C_{sharp} = \min_p kl(p, p + V), \quad C_{Pinsker} = V^2 / 2, \quad
        C_{BH} = -\log(1 - V^2), \quad C_{Gauss} = 2 \Phi^{-1}(1/2 + \delta)^2

    Parameters
    ----------
    delta : float
        Distance of the Bayes error from 1/2, strictly between 0 and 0.5.
    bound : {"sharp", "pinsker", "bretagnolle-huber", "gaussian"}, default="sharp"
        "sharp" is the best bound there is for the Kullback-Leibler divergence;
        "gaussian" is no bound but the answer for a normal log-likelihood ratio.

    Returns
    -------
    float
        Risk in nats.

    Raises
    ------
    InfostatError
        If ``delta`` or ``bound`` is out of range.

    References
    ----------
    Sheena, arXiv 2105.08947, section 3, for the requirement; Pinsker's and
    Bretagnolle and Huber's inequalities for the bounds.

    Examples
    --------
    >>> round(bayes_error_threshold(0.05), 5), round(bayes_error_threshold(0.2), 5)
    (0.02004, 0.33247)
    """
    _check(delta, bound)
    if bound == "pinsker":
        return 8.0 * delta**2
    if bound == "bretagnolle-huber":
        return float(-np.log1p(-4.0 * delta**2))
    if bound == "gaussian":
        return float(2.0 * ndtri(0.5 + delta) ** 2)
    return _least_divergence(2.0 * delta)


def bayes_error_bound(risk: float, bound: Bound = "sharp") -> float:
    """Bayes error that a risk guarantees; the inverse of the threshold.

    Parameters
    ----------
    risk : float
        Expected Kullback-Leibler divergence in nats, not negative.
    bound : {"sharp", "pinsker", "bretagnolle-huber", "gaussian"}, default="sharp"
        See :func:`bayes_error_threshold`.

    Returns
    -------
    float
        Between 0 and 1/2; 1/2 says that nothing can tell the two laws apart.

    Raises
    ------
    InfostatError
        If ``risk`` is negative or not finite, or ``bound`` is unknown.

    Examples
    --------
    >>> round(bayes_error_bound(0.02, "pinsker"), 4)
    0.45
    """
    _check_bound(bound)
    if not (np.isfinite(risk) and risk >= 0.0):
        msg = f"risk must be finite and not negative, got {risk}: it is a divergence."
        raise InfostatError(msg)
    if bound == "pinsker":
        return max(0.0, 0.5 - float(np.sqrt(risk / 8.0)))
    if bound == "bretagnolle-huber":
        return 0.5 - 0.5 * float(np.sqrt(-np.expm1(-risk)))
    if bound == "gaussian":
        return float(ndtr(-np.sqrt(risk / 2.0)))
    if risk == 0.0:
        return 0.5
    widest = 1.0 - 1e-9
    if risk >= _least_divergence(widest):
        return 0.0
    # Pinsker bounds the variation from above, so the root lies below it.
    high = min(widest, float(np.sqrt(risk / 2.0)) * (1.0 + 1e-6))
    if risk >= _least_divergence(high):
        # A tiny risk: the bounds agree to the last digits, and rounding hides the root.
        return 0.5 - 0.5 * high
    variation = brentq(lambda v: _least_divergence(v) - risk, 0.0, high, xtol=1e-14)
    return 0.5 - 0.5 * float(variation)
