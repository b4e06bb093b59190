"""Projection DPPs of polynomials in one variable as eigenvalues: no rejection.

Tridiagonal models of the beta ensembles at beta = 2 (Dumitriu and Edelman 2002; Killip
and Nenciu 2004).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh_tridiagonal

from infostat.sampling.families import Hermite, Jacobi
from infostat.sampling.systems import Legendre, System

__all__ = ["draw_tridiagonal", "has_tridiagonal"]

FloatArray = npt.NDArray[np.float64]


def has_tridiagonal(system: System) -> bool:
    """Whether the system has a tridiagonal model here (Laguerre has none)."""
    return isinstance(system, Legendre | Hermite | Jacobi)


def draw_tridiagonal(system: System, size: int, rng: np.random.Generator) -> FloatArray:
    """Draw the DPP of all polynomials of degree below ``size``.

    Parameters
    ----------
    system : Legendre, Jacobi or Hermite
        The family.
    size : int
        Number of points.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray of shape (size,)
        Points in random order, on the reference domain.
    """
    if isinstance(system, Hermite):
        diagonal = rng.standard_normal(size)
        squared = rng.gamma(np.arange(size - 1, 0, -1, dtype=float))
        points = eigh_tridiagonal(diagonal, np.sqrt(squared), eigvals_only=True)
    else:
        a, b = (system.a, system.b) if isinstance(system, Jacobi) else (0.0, 0.0)
        # In lambda = (x + 1) / 2 the weight is lambda^b (1 - lambda)^a.
        points = 2.0 * _jacobi_eigenvalues(size, b + 1.0, a + 1.0, rng) - 1.0
    return rng.permutation(points)


def _jacobi_eigenvalues(
    size: int, a: float, b: float, rng: np.random.Generator
) -> FloatArray:
    """Eigenvalues under the weight lambda^(a-1) (1 - lambda)^(b-1) on [0, 1]."""
    k = np.arange(1, size + 1, dtype=float)
    c = rng.beta(size - k + a, size - k + b)
    k = k[:-1]
    e = rng.beta(size - k, size - k - 1.0 + a + b)
    odd = np.concatenate([[1.0], 1.0 - e]) * c
    even = (1.0 - c[:-1]) * e
    diagonal = odd + np.concatenate([[0.0], even])
    off = np.sqrt(odd[:-1] * even)
    return np.asarray(eigh_tridiagonal(diagonal, off, eigvals_only=True))
