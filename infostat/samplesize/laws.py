"""Fitted laws of exponential families: what the expansion asks of a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.special import gammaln, rel_entr, xlogy

from infostat.exceptions import InfostatError
from infostat.samplesize.cumulants import Cumulants, Whitening, row_cumulants

__all__ = [
    "FiniteLaw",
    "Law",
    "NormalLaw",
    "PoissonLaw",
    "information_step",
    "normal_law",
]

FloatArray = npt.NDArray[np.float64]


class Law(ABC):
    """An exponential family at its maximum likelihood estimate."""

    p: int

    @abstractmethod
    def whitened(self, data: npt.NDArray[Any]) -> FloatArray:
        """Statistic of each row, centred and scaled by the law, shape (n, p)."""

    @abstractmethod
    def cumulants(self) -> Cumulants:
        """Third and fourth cumulants of the whitened statistic under the law."""

    @abstractmethod
    def log_density(self, data: npt.NDArray[Any]) -> FloatArray:
        """Log-density of each row in nats, shape (n,)."""

    @abstractmethod
    def divergence(self, other: Self) -> float:
        """Kullback-Leibler divergence from this law to another, in nats."""

    @abstractmethod
    def draw(self, n: int, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Draw a sample of n rows from the law."""


@dataclass(frozen=True, eq=False)
class FiniteLaw(Law):
    """A law on finitely many cells.

    Attributes
    ----------
    statistic : ndarray of shape (n_cells, p)
        Statistic of each cell.
    probability : ndarray of shape (n_cells,)
        Probability of each cell.
    white : Whitening
        Whitening of the statistic.
    """

    statistic: FloatArray
    probability: FloatArray
    white: Whitening

    @property
    def p(self) -> int:  # type: ignore[override]
        """Free parameters."""
        return int(self.statistic.shape[1])

    def whitened(self, data: npt.NDArray[Any]) -> FloatArray:
        """Statistic of the cells that ``data`` holds the numbers of."""
        return np.asarray(self.white(self.statistic)[data])

    def cumulants(self) -> Cumulants:
        """By summation over the cells."""
        return row_cumulants(self.white(self.statistic), self.probability)

    def log_density(self, data: npt.NDArray[Any]) -> FloatArray:
        """Log-probability of the cells."""
        return np.asarray(np.log(self.probability)[data])

    def divergence(self, other: Self) -> float:
        """Sum over the cells."""
        return float(rel_entr(self.probability, other.probability).sum())

    def draw(self, n: int, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Cells at random."""
        return rng.choice(len(self.probability), size=n, p=self.probability)


@dataclass(frozen=True, eq=False)
class PoissonLaw(Law):
    """Poisson counts.

    Attributes
    ----------
    rate : float
        Mean count.
    """

    rate: float
    p: int = 1

    def whitened(self, data: npt.NDArray[Any]) -> FloatArray:
        """Counts, centred and scaled, shape (n, 1)."""
        return np.asarray((data - self.rate) / np.sqrt(self.rate))[:, None]

    def cumulants(self) -> Cumulants:
        """All cumulants of a Poisson law equal its rate."""
        fourth = 1.0 / self.rate

        def quartic(s: FloatArray) -> float:
            return fourth * float(s[0, 0]) ** 2

        return Cumulants(np.full((1, 1, 1), self.rate**-0.5), quartic)

    def log_density(self, data: npt.NDArray[Any]) -> FloatArray:
        """Log-probability of each count."""
        return np.asarray(xlogy(data, self.rate) - self.rate - gammaln(data + 1.0))

    def divergence(self, other: Self) -> float:
        """Closed form."""
        return float(
            self.rate * np.log(self.rate / other.rate) - self.rate + other.rate
        )

    def draw(self, n: int, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Counts at random."""
        return rng.poisson(self.rate, size=n)


@dataclass(frozen=True, eq=False)
class NormalLaw(Law):
    """Normal law with free mean and covariance.

    The statistic in standardised coordinates y is ``y_i``, ``y_i y_j`` for i < j and
    ``(y_i^2 - 1)/sqrt 2``, whose covariance is the identity.

    Attributes
    ----------
    mean : ndarray of shape (d,)
        Mean.
    lower : ndarray of shape (d, d)
        Cholesky factor of the covariance.
    """

    mean: FloatArray
    lower: FloatArray

    @property
    def d(self) -> int:
        """Dimension of an observation."""
        return len(self.mean)

    @property
    def p(self) -> int:  # type: ignore[override]
        """Free parameters: ``d(d+3)/2``."""
        return self.d * (self.d + 3) // 2

    def standardised(self, data: npt.NDArray[Any]) -> FloatArray:
        """Rows with mean zero and covariance one under the law."""
        centred = np.asarray(data, dtype=float) - self.mean
        return np.asarray(solve_triangular(self.lower, centred.T, lower=True).T)

    def whitened(self, data: npt.NDArray[Any]) -> FloatArray:
        """First and second moments, shape (n, p)."""
        y = self.standardised(data)
        i, j = np.triu_indices(self.d, 1)
        return np.hstack([y, y[:, i] * y[:, j], (y**2 - 1.0) / np.sqrt(2.0)])

    def _directions(self) -> tuple[FloatArray, FloatArray]:
        """Linear and quadratic part of each component: statistic h'y + y'Ey/2."""
        d, p = self.d, self.p
        linear, square = np.zeros((p, d)), np.zeros((p, d, d))
        linear[np.arange(d), np.arange(d)] = 1.0
        i, j = np.triu_indices(d, 1)
        mixed = d + np.arange(len(i))
        square[mixed, i, j] = square[mixed, j, i] = 1.0
        own = d + len(i) + np.arange(d)
        square[own, np.arange(d), np.arange(d)] = np.sqrt(2.0)
        return linear, square

    def cumulants(self) -> Cumulants:
        r"""Derivatives of ``psi = h'(I - E)^{-1} h / 2 - log det(I - E) / 2``.

        Third: ``3 h'Eh + tr E^3``; fourth: ``12 h'E^2 h + 3 tr E^4``, polarised.
        """
        linear, square = self._directions()
        bent = np.einsum("bij,cj->bci", square, linear)
        mixed = np.einsum("ai,bci->abc", linear, bent)
        third = mixed + mixed.transpose(1, 0, 2) + mixed.transpose(0, 2, 1)
        pairs = np.einsum("aij,bjk->abik", square, square)
        third += np.einsum("abik,cik->abc", pairs, square, optimize=True)

        def quartic(s: FloatArray) -> float:
            turned = np.tensordot(s, square, axes=1)
            a = linear.T @ s @ linear
            b = np.einsum("aij,ajk->ik", turned, square)
            c = np.einsum("aij,aj->i", turned, linear)
            crossed = np.einsum("ai,ajl->ijl", linear, turned)
            double = np.einsum("aij,akl->ijkl", turned, square)
            value = 4.0 * np.vdot(a, b) + 4.0 * (c @ c)
            value += 4.0 * np.einsum("ijl,lij->", crossed, crossed)
            value += 2.0 * np.vdot(b, b)
            return float(value + np.einsum("ijkl,jkli->", double, double))

        return Cumulants(third, quartic)

    def log_density(self, data: npt.NDArray[Any]) -> FloatArray:
        """Log-density of each row."""
        y = self.standardised(data)
        constant = 0.5 * self.d * np.log(2.0 * np.pi)
        constant += np.log(np.diag(self.lower)).sum()
        return np.asarray(-0.5 * (y**2).sum(axis=1) - constant)

    def divergence(self, other: Self) -> float:
        """Closed form."""
        turned = solve_triangular(other.lower, self.lower, lower=True)
        shift = solve_triangular(other.lower, other.mean - self.mean, lower=True)
        logs = np.log(np.diag(other.lower)).sum() - np.log(np.diag(self.lower)).sum()
        return float(0.5 * ((turned**2).sum() + shift @ shift - self.d) + logs)

    def draw(self, n: int, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Rows at random."""
        return self.mean + rng.standard_normal((n, self.d)) @ self.lower.T


def normal_law(mean: FloatArray, covariance: FloatArray) -> NormalLaw:
    """Build a normal law, refusing a singular covariance.

    Parameters
    ----------
    mean : ndarray of shape (d,)
        Mean.
    covariance : ndarray of shape (d, d)
        Covariance.

    Returns
    -------
    NormalLaw

    Raises
    ------
    InfostatError
        If a column is constant or columns determine one another.
    """
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    regular = bool((scale > 0).all())
    if regular:
        correlation = covariance / np.outer(scale, scale)
        regular = float(np.linalg.eigvalsh(correlation)[0]) > 1e-10
    if not regular:
        msg = (
            f"The covariance of the {len(mean)} columns is singular, so the normal law "
            f"has no maximum likelihood estimate: drop constant or redundant columns."
        )
        raise InfostatError(msg)
    return NormalLaw(mean, cholesky(covariance, lower=True))


def information_step(
    statistic: FloatArray, probability: FloatArray, gap: FloatArray
) -> FloatArray:
    """Newton step of a finite law: covariance of the statistic, solved for a gap."""
    centred = statistic - probability @ statistic
    covariance = (centred * probability[:, None]).T @ centred
    return np.asarray(cho_solve((cholesky(covariance, lower=True), True), gap))
