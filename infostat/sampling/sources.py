"""Where points come from: a pool of rows, or the product measure of a basis.

Every sampler of this room sees a source alone, so finite and continuous designs are
one code.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Draws", "PoolSource", "Source"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Draws:
    """Points with their orthonormal features.

    Attributes
    ----------
    places : ndarray of shape (n,) or (n, d)
        Row numbers of a pool, or points.
    features : ndarray of shape (n, m)
        phi at the points.
    """

    places: npt.NDArray[Any]
    features: FloatArray

    def __len__(self) -> int:
        return len(self.features)

    def take(self, rows: Any) -> Draws:
        """Some of the points, by numbers or a mask."""
        return Draws(self.places[rows], self.features[rows])

    @staticmethod
    def join(*parts: Draws) -> Draws:
        """One after another."""
        return Draws(
            np.concatenate([part.places for part in parts]),
            np.concatenate([part.features for part in parts]),
        )


class Source(ABC):
    """Points x with law mu and m orthonormal features phi(x).

    Attributes
    ----------
    rank : int
        m.
    constant : ndarray of shape (m,) or None
        Coefficients of the function 1, where it belongs to the space.
    """

    rank: int
    constant: FloatArray | None

    @abstractmethod
    def measured(self, n: int, rng: np.random.Generator) -> Draws:
        """Draw ``n`` independent points from mu."""

    @abstractmethod
    def leveraged(self, n: int, rng: np.random.Generator) -> Draws:
        """Draw ``n`` independent points from (phi^T phi / m) mu."""

    def projection(self, rng: np.random.Generator) -> Draws | None:
        """Draw the projection DPP by a way of its own, None where there is none."""
        del rng
        return None

    def all_features(self) -> FloatArray | None:
        """Rows sqrt(mu) phi of a finite source, shape (n, m); None for others."""
        return None


class PoolSource(Source):
    """A finite pool held in memory.

    Parameters
    ----------
    features : ndarray of shape (n, m)
        phi of every row, orthonormal under ``mu``.
    mu : ndarray of shape (n,)
        Base weights of sum one.

    Attributes
    ----------
    leverage : ndarray of shape (n,)
        mu phi^T phi, of sum m.
    """

    def __init__(self, features: FloatArray, mu: FloatArray) -> None:
        self.features, self.mu = features, mu
        self.rank = int(features.shape[1])
        self.leverage = mu * np.einsum("ij,ij->i", features, features)
        self._leverage_sum = np.cumsum(self.leverage)
        self._mu_sum = np.cumsum(mu)
        self.constant = self._constant()

    def _constant(self) -> FloatArray | None:
        """Coefficients of 1, if the projection of 1 is 1."""
        coefficients = self.mu @ self.features
        if abs(float(coefficients @ coefficients) - 1.0) > 1e-9:
            return None
        return np.asarray(coefficients)

    def measured(self, n: int, rng: np.random.Generator) -> Draws:
        """Draw ``n`` rows with probabilities mu, with replacement."""
        return self.rows(draw_cumulative(self._mu_sum, n, rng))

    def leveraged(self, n: int, rng: np.random.Generator) -> Draws:
        """Draw ``n`` rows with probabilities leverage / m, with replacement."""
        return self.rows(draw_cumulative(self._leverage_sum, n, rng))

    def rows(self, numbers: IntArray) -> Draws:
        """Rows by their numbers."""
        return Draws(numbers, self.features[numbers])

    def all_features(self) -> FloatArray:
        """Rows sqrt(mu) phi, of orthonormal columns."""
        return self.features * np.sqrt(self.mu)[:, None]


def draw_cumulative(
    cumulative: FloatArray, n: int, rng: np.random.Generator
) -> IntArray:
    """Draw numbers with probabilities given by their cumulative sum.

    Numbers of probability zero are never drawn.
    """
    level = rng.random(n) * cumulative[-1]
    found = np.searchsorted(cumulative, level, side="right")
    # Rounding can reach the total; the last number of positive probability takes it.
    last = int(np.searchsorted(cumulative, cumulative[-1], side="left"))
    return np.asarray(np.minimum(found, last))
