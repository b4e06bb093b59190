"""Orthonormal functions of one variable: what a basis multiplies over coordinates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from infostat.sampling.induced import CANDIDATES, InducedTable, first_accepted

__all__ = ["Fourier", "Legendre", "System"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


class System(ABC):
    """Functions phi_0 = 1, phi_1, ... orthonormal under a probability measure mu.

    Values are taken on the reference domain of the system; a basis maps its own
    coordinates there.
    """

    @abstractmethod
    def evaluate(self, x: FloatArray, size: int) -> FloatArray:
        """Values of the first functions.

        Parameters
        ----------
        x : ndarray of any shape
            Points.
        size : int
            Number of functions.

        Returns
        -------
        ndarray of shape (*x.shape, size)
        """

    @abstractmethod
    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw ``n`` points from mu."""

    @abstractmethod
    def draw_induced(self, order: IntArray, rng: np.random.Generator) -> FloatArray:
        """Draw one point from phi_k^2 mu for each k in ``order``.

        Parameters
        ----------
        order : ndarray of shape (n,)
            Number of the function for each point.
        rng : Generator
            Source of randomness.

        Returns
        -------
        ndarray of shape (n,)
        """

    def count(self, needed: int) -> int:
        """Number of functions to evaluate where ``needed`` are used."""
        return needed

    def frame_of(self, low: float, high: float) -> tuple[float, float]:
        """Start and width of x = start + width * z for the two numbers of a bound.

        Here they are the ends of [low, high] and z lies in [0, 1].
        """
        return low, high - low

    def bounds_of(self, x: FloatArray, weight: FloatArray | None) -> FloatArray:
        """Two numbers of a bound from data x (n,): here its range.

        A coordinate that never varies gets a range of one about its value.
        """
        del weight
        low, high = float(x.min()), float(x.max())
        return np.array([low, high] if high > low else [low - 0.5, low + 0.5])


def three_term(x: FloatArray, diagonal: FloatArray, squared: FloatArray) -> FloatArray:
    """Orthonormal polynomials by their recurrence (Golub and Welsch 1969).

    sqrt(b_{k+1}) p_{k+1} = (x - a_k) p_k - sqrt(b_k) p_{k-1}, p_0 = 1.

    Parameters
    ----------
    x : ndarray of any shape
        Points.
    diagonal : ndarray of shape (size,)
        a_0, a_1, ...
    squared : ndarray of shape (size,)
        b_0 (unused), b_1, ..., all positive from b_1 on.

    Returns
    -------
    ndarray of shape (*x.shape, size)
    """
    size = len(diagonal)
    root = np.sqrt(squared)
    out = np.empty((size, *x.shape))
    out[0] = 1.0
    for k in range(size - 1):
        out[k + 1] = (x - diagonal[k]) * out[k]
        if k:
            out[k + 1] -= root[k] * out[k - 1]
        out[k + 1] /= root[k + 1]
    return np.moveaxis(out, 0, -1)


@dataclass(frozen=True)
class Polynomials(System):
    """Orthonormal polynomials, drawn through a table of panels."""

    @abstractmethod
    def recurrence(self, size: int) -> tuple[FloatArray, FloatArray]:
        """Diagonal and squared off-diagonal coefficients, each of shape (size,)."""

    @abstractmethod
    def panels(self, size: int) -> FloatArray:
        """Ends of panels in the smooth variable t that hold all mass to 1e-13."""

    @abstractmethod
    def substitute(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Point x(t) and the density of mu with respect to t."""

    def evaluate(self, x: FloatArray, size: int) -> FloatArray:
        """Values, see :class:`System`."""
        return three_term(np.asarray(x, dtype=float), *_recurrence(self, size))

    def draw_induced(self, order: IntArray, rng: np.random.Generator) -> FloatArray:
        """Draw from phi_k^2 mu, see :class:`System`."""
        return InducedTable.of(self, int(order.max(initial=0)) + 1).draw(order, rng)


@lru_cache(maxsize=256)
def _recurrence(system: Polynomials, size: int) -> tuple[FloatArray, FloatArray]:
    """Coefficients, kept: evaluating a few points costs less than computing them."""
    return system.recurrence(size)


@dataclass(frozen=True)
class Legendre(Polynomials):
    """Polynomials under the uniform law on [-1, 1]."""

    def frame_of(self, low: float, high: float) -> tuple[float, float]:
        """Start and width: [low, high] from [-1, 1]."""
        return (low + high) / 2.0, (high - low) / 2.0

    def recurrence(self, size: int) -> tuple[FloatArray, FloatArray]:
        """Coefficients, see :class:`Polynomials`."""
        k = np.arange(size, dtype=float)
        return np.zeros(size), k**2 / (4.0 * k**2 - 1.0)

    def panels(self, size: int) -> FloatArray:
        """Ends of panels, see :class:`Polynomials`."""
        return np.linspace(-1.0, 1.0, 2 * size + 200)

    def substitute(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Point and density, see :class:`Polynomials`."""
        return t, np.full_like(t, 0.5)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw ``n`` points from mu."""
        return rng.uniform(-1.0, 1.0, n)

    def draw_induced(self, order: IntArray, rng: np.random.Generator) -> FloatArray:
        """Draw by rejection from the arcsine law, one half accepted.

        Valid for every k, since sqrt(1 - x^2) P_k(x)^2 <= 4 / (pi (2k + 1)).
        """
        out = np.empty(len(order))
        open_ = np.arange(len(order))
        size = int(order.max(initial=0)) + 1
        while len(open_):
            x = np.cos(np.pi * rng.random((len(open_), CANDIDATES)))
            degree = order[open_]
            value = self.evaluate(x, size)
            value = np.take_along_axis(value, degree[:, None, None], axis=2)[..., 0]
            level = rng.random(x.shape)
            accepted = 4.0 * level < value**2 * np.pi * np.sqrt(1.0 - x**2)
            found, points = first_accepted(x, accepted)
            out[open_[found]] = points
            open_ = open_[~found]
        return out


@dataclass(frozen=True)
class Fourier(System):
    """1, sqrt2 cos 2 pi x, sqrt2 sin 2 pi x, ... under the uniform law on [0, 1]."""

    def evaluate(self, x: FloatArray, size: int) -> FloatArray:
        """Values, see :class:`System`."""
        x = np.asarray(x, dtype=float)
        number = np.arange(size)
        angle = 2.0 * np.pi * x[..., None] * ((number + 1) // 2)
        wave = np.where(number % 2 == 1, np.cos(angle), np.sin(angle))
        return np.where(number == 0, 1.0, np.sqrt(2.0) * wave)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw ``n`` points from mu."""
        return rng.random(n)

    def draw_induced(self, order: IntArray, rng: np.random.Generator) -> FloatArray:
        """Draw by rejection from the uniform law, since phi_k^2 <= 2."""
        out = np.empty(len(order))
        open_ = np.arange(len(order))
        while len(open_):
            x = rng.random((len(open_), CANDIDATES))
            k = order[open_][:, None]
            angle = 2.0 * np.pi * x * ((k + 1) // 2)
            wave = np.where(k % 2 == 1, np.cos(angle), np.sin(angle))
            accepted = rng.random(x.shape) < np.where(k == 0, 1.0, wave**2)
            found, points = first_accepted(x, accepted)
            out[open_[found]] = points
            open_ = open_[~found]
        return out
