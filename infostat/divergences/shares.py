"""Divergences between share vectors, with the derivatives that the delta method needs.

All functions work along the last axis and broadcast over the others, so that one call
serves one table or ten thousand simulated ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_numbers
from infostat.divergences.generator import Divergence, FloatArray
from infostat.exceptions import InfostatError

__all__ = ["Derivatives", "contributions", "derivatives"]


@dataclass(frozen=True)
class Derivatives:
    """Derivatives of a divergence at share vectors ``p`` and ``q``, each (..., B).

    Attributes
    ----------
    first_p, first_q : ndarray of shape (..., B)
        Gradient by ``p`` and by ``q``. Constants along the bins do not matter, since
        shares sum to one.
    second_p, second_q : ndarray of shape (..., B)
        Diagonals of the two Hessian blocks; there are no cross-bin terms.
    mixed : ndarray of shape (..., B)
        Derivatives by ``p_j`` and ``q_j`` together.
    """

    first_p: FloatArray
    first_q: FloatArray
    second_p: FloatArray
    second_q: FloatArray
    mixed: FloatArray


def contributions(
    p: npt.ArrayLike, q: npt.ArrayLike, divergence: Divergence
) -> FloatArray:
    r"""Part of each bin in :math:`D_f(P\|Q) = \sum_j q_j f(p_j / q_j)`.

    Parameters
    ----------
    p, q : array-like of shape (..., B)
        Shares of the first and of the second law; non-negative, each summing to one.
    divergence : Divergence
        Member of the catalogue.

    Returns
    -------
    ndarray of shape (..., B)
        The parts; they sum to the divergence. A bin that one law lacks costs
        ``q f(0)`` or ``p lim f(t)/t``, which may be infinite; a bin that both lack
        costs nothing.

    Raises
    ------
    InfostatError
        If a share is negative or not a number, or the shapes do not match.
    """
    p, q = np.broadcast_arrays(*_shares(p, q))
    only_p = (q == 0) & (p > 0)
    only_q = (p == 0) & (q > 0)
    both = (p > 0) & (q > 0)
    parts = np.zeros(p.shape)
    parts[both] = q[both] * divergence.f(p[both] / q[both])
    if only_p.any():
        parts[only_p] = p[only_p] * divergence.slope_at_infinity
    if only_q.any():
        parts[only_q] = q[only_q] * divergence.at_zero
    return parts


def derivatives(
    p: npt.ArrayLike, q: npt.ArrayLike, divergence: Divergence
) -> Derivatives:
    """Gradient and Hessian diagonals at positive shares.

    Parameters
    ----------
    p, q : array-like of shape (..., B)
        Positive shares of the first and of the second law.
    divergence : Divergence
        Member of the catalogue.

    Returns
    -------
    Derivatives
        See there.

    Raises
    ------
    InfostatError
        If a share is not positive (merge or smooth empty bins first), or the shapes do
        not match.
    """
    p, q = _shares(p, q, low=1e-100)
    t = p / q
    slope, bend = divergence.derivative(t), divergence.second(t)
    return Derivatives(
        first_p=slope,
        first_q=divergence.f(t) - t * slope,
        second_p=bend / q,
        second_q=t**2 * bend / q,
        mixed=-t * bend / q,
    )


def _shares(
    p: npt.ArrayLike, q: npt.ArrayLike, low: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Two arrays of shares that broadcast."""
    first = read_numbers(p, "p", ndim=None, low=low)
    second = read_numbers(q, "q", ndim=None, low=low)
    try:
        np.broadcast_shapes(first.shape, second.shape)
    except ValueError as error:
        msg = f"p and q do not match: their shapes are {first.shape}, {second.shape}."
        raise InfostatError(msg) from error
    return first, second
