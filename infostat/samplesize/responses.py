"""Responses: what a generalised linear model asks of each, with its canonical link.

The log-likelihood of a row is ``y'eta - b(eta)``, with eta of shape (n, q): one column
for binomial, Poisson and Gaussian responses, K - 1 for K classes, of which the first
is the reference.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, gammaln, logsumexp

__all__ = ["Binomial", "Gaussian", "Multinomial", "Poisson", "Response", "Scalar"]

FloatArray = npt.NDArray[np.float64]


class Response(ABC):
    """A response; y and eta have shape (n, q)."""

    name: str
    q: int = 1
    canonical: bool = True

    @abstractmethod
    def normaliser(self, eta: FloatArray) -> FloatArray:
        """``b(eta)`` of each row, shape (n,)."""

    @abstractmethod
    def mean(self, eta: FloatArray) -> FloatArray:
        """``b'(eta)``, shape (n, q)."""

    @abstractmethod
    def curvature(self, eta: FloatArray) -> FloatArray:
        """``b''(eta)``, shape (n, q, q)."""

    @abstractmethod
    def draw(self, eta: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Responses drawn from the model, in the scale of :meth:`mean`."""

    @abstractmethod
    def carrier(self, y: FloatArray) -> FloatArray:
        """Part of the log-likelihood without parameters, shape (n,)."""

    def divergence(self, eta: FloatArray, other: FloatArray) -> FloatArray:
        """Kullback-Leibler divergence of each row from ``eta`` to ``other``."""
        gap = ((other - eta) * self.mean(eta)).sum(axis=1)
        change = self.normaliser(other) - self.normaliser(eta)
        return np.asarray(np.maximum(change - gap, 0.0))

    def kernel(self, y: FloatArray, eta: FloatArray) -> FloatArray:
        """Log-likelihood of each row without its carrier, shape (n,)."""
        return np.asarray((y * eta).sum(axis=1) - self.normaliser(eta))

    def slope(self, y: FloatArray, eta: FloatArray) -> FloatArray:
        """Derivative of the log-likelihood by eta, shape (n, q)."""
        return np.asarray(y - self.mean(eta))


class Scalar(Response):
    """A response with one linear predictor."""

    @abstractmethod
    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """``b'', b''', b''''`` at eta of shape (n,)."""

    def curvature(self, eta: FloatArray) -> FloatArray:
        """``b''(eta)``, shape (n, 1, 1)."""
        return self.derivatives(eta[:, 0])[0][:, None, None]


@dataclass(frozen=True)
class Binomial(Scalar):
    """Binary outcomes, logit link."""

    name: str = "binomial"

    def normaliser(self, eta: FloatArray) -> FloatArray:
        """``log(1 + e^eta)``."""
        return np.asarray(np.logaddexp(0.0, eta[:, 0]))

    def mean(self, eta: FloatArray) -> FloatArray:
        """Probability of the event."""
        return np.asarray(expit(eta))

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """``w = mu (1 - mu)``, ``w (1 - 2 mu)``, ``w (1 - 6 w)``."""
        mu = expit(eta)
        w = mu * expit(-eta)
        return w, w * (1.0 - 2.0 * mu), w * (1.0 - 6.0 * w)

    def draw(self, eta: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Zeros and ones."""
        return (rng.random(eta.shape) < expit(eta)).astype(float)

    def carrier(self, y: FloatArray) -> FloatArray:
        """Zero."""
        return np.zeros(len(y))


@dataclass(frozen=True)
class Poisson(Scalar):
    """Counts, log link."""

    name: str = "poisson"

    def normaliser(self, eta: FloatArray) -> FloatArray:
        """``e^eta``."""
        return np.asarray(np.exp(eta[:, 0]))

    def mean(self, eta: FloatArray) -> FloatArray:
        """Expected count."""
        return np.asarray(np.exp(eta))

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """All equal to the mean."""
        mu = np.exp(eta)
        return mu, mu, mu

    def draw(self, eta: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Counts."""
        return rng.poisson(np.exp(eta)).astype(float)

    def carrier(self, y: FloatArray) -> FloatArray:
        """``-log y!``."""
        return -np.asarray(gammaln(y[:, 0] + 1.0))


@dataclass(frozen=True)
class Gaussian(Scalar):
    """Numbers with a known variance, identity link.

    Attributes
    ----------
    variance : float
        Variance of the response about its mean. ``y`` stands for ``y / variance``, so
        that the log-likelihood has the canonical form.
    """

    variance: float = 1.0
    name: str = "gaussian"

    def normaliser(self, eta: FloatArray) -> FloatArray:
        """``eta^2 / (2 variance)``."""
        return np.asarray(0.5 * eta[:, 0] ** 2 / self.variance)

    def mean(self, eta: FloatArray) -> FloatArray:
        """Mean over the variance."""
        return eta / self.variance

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """``1 / variance``, zero, zero."""
        zero = np.zeros_like(eta)
        return np.full_like(eta, 1.0 / self.variance), zero, zero

    def draw(self, eta: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Numbers over the variance."""
        noise = np.sqrt(self.variance) * rng.standard_normal(eta.shape)
        return np.asarray((eta + noise) / self.variance)

    def carrier(self, y: FloatArray) -> FloatArray:
        """Normal constant."""
        square = 0.5 * self.variance * y[:, 0] ** 2
        return np.asarray(-square - 0.5 * np.log(2.0 * np.pi * self.variance))


@dataclass(frozen=True)
class Multinomial(Response):
    """K classes, of which the first is the reference; y holds indicators of the rest.

    Attributes
    ----------
    q : int
        Classes less one.
    """

    q: int = 2
    name: str = "multinomial"

    def probabilities(self, eta: FloatArray) -> FloatArray:
        """Probability of every class, the reference first, shape (n, q + 1)."""
        full = np.hstack([np.zeros((len(eta), 1)), eta])
        return np.asarray(np.exp(full - logsumexp(full, axis=1, keepdims=True)))

    def normaliser(self, eta: FloatArray) -> FloatArray:
        """``log(1 + sum e^eta)``."""
        return np.asarray(np.logaddexp(0.0, logsumexp(eta, axis=1)))

    def mean(self, eta: FloatArray) -> FloatArray:
        """Probability of every class but the reference."""
        return self.probabilities(eta)[:, 1:]

    def curvature(self, eta: FloatArray) -> FloatArray:
        """``diag(P) - P P'``."""
        mu = self.mean(eta)
        return np.asarray(
            mu[:, :, None] * np.eye(self.q) - mu[:, :, None] * mu[:, None, :]
        )

    def draw(self, eta: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Indicators of a class at random."""
        edges = np.cumsum(self.probabilities(eta), axis=1)
        chosen = (rng.random((len(eta), 1)) > edges[:, :-1]).sum(axis=1)
        return np.asarray(np.eye(self.q + 1)[chosen][:, 1:])

    def carrier(self, y: FloatArray) -> FloatArray:
        """Zero."""
        return np.zeros(len(y))
