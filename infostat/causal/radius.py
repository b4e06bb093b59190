"""How far an interventional law can be from the observed one: a function of propensity."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_numbers, row_shares
from infostat.divergences import (
    Alpha,
    Divergence,
    Hellinger,
    KullbackLeibler,
    Pearson,
    get_divergence,
)
from infostat.exceptions import InfostatError

__all__ = [
    "OUTER",
    "divergence_radius",
    "policy_radius",
    "power_exponent",
    "radius",
    "radius_slope",
    "resolve_divergence",
]

FloatArray = npt.NDArray[np.float64]

OUTER = ("chi2", "kl", "hellinger", "tv", "js")
"""The five divergences of the paper, tightest of the power family first."""


def resolve_divergence(
    divergence: str | Divergence, alpha: float | None = None
) -> Divergence:
    """Find the divergence that a name stands for in causal bounds.

    Parameters
    ----------
    divergence : str or Divergence
        "kl", "hellinger", "chi2" (half of Pearson's), "tv", "js", "power" with its
        order ``alpha``, another name of the catalogue, or a Divergence.
    alpha : float, optional
        Order of the power family, above zero; one is Kullback-Leibler.

    Returns
    -------
    Divergence

    Raises
    ------
    InfostatError
        If the name is unknown, or the order is missing or not positive.
    """
    if divergence == "power":
        if alpha is None or not (np.isfinite(alpha) and alpha > 0.0):
            msg = (
                f"The power family needs an order above 0, got alpha={alpha}: pass "
                f"alpha=2 for half of Pearson's chi-square, 1 for Kullback-Leibler."
            )
            raise InfostatError(msg)
        return KullbackLeibler() if alpha == 1.0 else Alpha(float(alpha))
    if alpha is not None:
        msg = (
            f"alpha={alpha} belongs to divergence='power', got {divergence!r}: drop it."
        )
        raise InfostatError(msg)
    return Alpha(2.0) if divergence == "chi2" else get_divergence(divergence)


def power_exponent(divergence: Divergence) -> float | None:
    r"""Exponent ``r = (alpha - 1) / alpha`` of a member of the power family.

    Parameters
    ----------
    divergence : Divergence
        Any member.

    Returns
    -------
    float or None
        None outside the family of Renyi balls.
    """
    if isinstance(divergence, KullbackLeibler):
        return 0.0
    if isinstance(divergence, Hellinger):
        return -1.0
    if isinstance(divergence, Pearson):
        return 0.5
    if isinstance(divergence, Alpha) and divergence.a > 0.0:
        return (divergence.a - 1.0) / divergence.a
    return None


def check_propensity(propensity: npt.ArrayLike) -> FloatArray:
    """Return the propensity as an array, raise unless it lies in [0, 1]."""
    e: FloatArray = read_numbers(
        propensity, "propensity", ndim=None, low=-np.inf, high=np.inf, missing=True
    )
    if not ((e >= 0.0) & (e <= 1.0)).all():
        bad = e[~((e >= 0.0) & (e <= 1.0))].flat[0]
        msg = (
            f"A propensity must lie between 0 and 1, got {bad}: it is the share of rows "
            f"that took the treatment."
        )
        raise InfostatError(msg)
    return e


def radius(propensity: npt.ArrayLike, divergence: Divergence) -> FloatArray:
    r"""Radius :math:`e f(1/e) + (1 - e) f(0)` for checked arguments.

    Parameters
    ----------
    propensity : array-like
        Probability of the treatment, in [0, 1].
    divergence : Divergence
        The divergence.

    Returns
    -------
    ndarray
        Same shape, in the units of the divergence.
    """
    e = np.asarray(propensity, dtype=np.float64)
    inner = np.clip(e, np.finfo(float).tiny, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        kept = np.where(e > 0.0, e * divergence.f(1.0 / inner), 0.0)
    lost = (1.0 - e) * divergence.at_zero if np.isfinite(divergence.at_zero) else np.inf
    limit = divergence.at_zero + divergence.slope_at_infinity
    return np.where(e >= 1.0, 0.0, np.where(e <= 0.0, limit, kept + lost))


def radius_slope(propensity: npt.ArrayLike, divergence: Divergence) -> FloatArray:
    r"""Derivative of the radius in the propensity, for ``0 < e <= 1``.

    Parameters
    ----------
    propensity : array-like
        Probability of the treatment.
    divergence : Divergence
        A divergence with finite ``f(0)``.

    Returns
    -------
    ndarray
        :math:`f(1/e) - f'(1/e)/e - f(0)`, same shape.
    """
    t = 1.0 / np.asarray(propensity, dtype=np.float64)
    return divergence.f(t) - t * divergence.derivative(t) - divergence.at_zero


def divergence_radius(
    propensity: npt.ArrayLike,
    divergence: str | Divergence,
    *,
    alpha: float | None = None,
) -> Any:
    r"""Largest divergence between an observed and its interventional law.

    Parameters
    ----------
    propensity : float or array-like of shape (...)
        Probability :math:`e` of the treatment given the covariates, in [0, 1].
    divergence : str or Divergence
        "kl", "hellinger", "chi2", "tv", "js", "power" with ``alpha``, "renyi", another
        name of the catalogue, or a Divergence.
    alpha : float, optional
        Order of the power family.

    Returns
    -------
    float or ndarray of shape (...)
        :math:`B_f(e) = e f(1/e) + (1-e) f(0)`, in nats for the entropies. The first
        argument of the divergence is the observed law; with the other order (reverse
        Kullback-Leibler, Neyman) ``f(0)`` is infinite, the radius is infinite for every
        propensity below one and nothing can be said. Kullback-Leibler and chi-square
        are infinite at ``e = 0``. The Renyi divergence has radius ``-ln e`` for every
        order.

    Raises
    ------
    InfostatError
        If the propensity lies outside [0, 1] or the divergence is unknown.

    Notes
    -----
    arXiv 2601.17160, theorem on the divergence radius. In one line: the density of the
    observed law with respect to the interventional one lies in ``[0, 1/e]`` with mean
    one, and a convex function of it is largest on the two-point law on ``{0, 1/e}``.

    Examples
    --------
    >>> round(divergence_radius(0.5, "kl"), 4), divergence_radius(0.5, "chi2")
    (0.6931, 0.5)
    """
    e = check_propensity(propensity)
    if divergence == "renyi":
        with np.errstate(divide="ignore"):
            out = 0.0 - np.log(e)
    else:
        out = radius(e, resolve_divergence(divergence, alpha))
    return float(out) if out.ndim == 0 else out


def policy_radius(
    propensities: npt.ArrayLike,
    policy: npt.ArrayLike,
    divergence: str | Divergence,
    *,
    sample_weight: npt.ArrayLike | None = None,
    alpha: float | None = None,
) -> float:
    r"""Radius for a stochastic policy, averaged over rows and treatments.

    Parameters
    ----------
    propensities : array-like of shape (n_samples, n_treatments)
        Probability of each treatment; one row for the marginal case.
    policy : array-like of shape (n_samples, n_treatments)
        Probability with which the policy chooses each treatment; rows sum to one.
    divergence : str or Divergence
        As in :func:`divergence_radius`.
    sample_weight : array-like of shape (n_samples,), optional
        Weights of the rows.
    alpha : float, optional
        Order of the power family.

    Returns
    -------
    float
        :math:`\mathbb{E}\sum_a \pi(a|X) B_f(e_a(X))`; a bound by joint convexity.
        Infinite where a treatment that the policy uses is never taken and the
        divergence charges that without limit.

    Raises
    ------
    InfostatError
        If shapes differ, the policy is not a probability, or a weight is negative.
    """
    e = np.atleast_2d(check_propensity(propensities))
    chosen = np.atleast_2d(read_numbers(policy, "policy", ndim=None))
    if chosen.shape != e.shape or (chosen < 0.0).any():
        msg = (
            f"A policy needs one probability a row and treatment, shape {e.shape}, got "
            f"shape {chosen.shape}: give probabilities that sum to one in each row."
        )
        raise InfostatError(msg)
    if not np.allclose(chosen.sum(axis=1), 1.0):
        msg = "The rows of a policy must sum to one: divide each row by its sum."
        raise InfostatError(msg)
    each = np.atleast_2d(divergence_radius(e, divergence, alpha=alpha))
    with np.errstate(invalid="ignore"):
        mean = np.where(chosen > 0.0, chosen * each, 0.0).sum(axis=1)
    return float(row_shares(sample_weight, len(mean)) @ mean)
