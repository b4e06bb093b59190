"""Divergences with a logarithm: relative entropies, in nats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import wrightomega, xlogy

from infostat.divergences.generator import (
    Divergence,
    FloatArray,
    as_floats,
    inside_domain,
)

__all__ = ["Jeffreys", "JensenShannon", "KullbackLeibler", "ReverseKullbackLeibler"]


@dataclass(frozen=True)
class KullbackLeibler(Divergence):
    """Relative entropy, ``f(t) = t ln t``."""

    name: ClassVar[str] = "kl"
    curvature: ClassVar[float] = 1.0
    at_zero: ClassVar[float] = 0.0
    conjugate_end: ClassVar[float] = np.inf

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        t = as_floats(t)
        return as_floats(xlogy(t, t))

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return np.log(as_floats(t)) + 1.0

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return 1.0 / as_floats(t)

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``exp(s - 1)``."""
        with np.errstate(over="ignore"):
            return np.exp(as_floats(s) - 1.0)

    def adjoint(self) -> Divergence:
        """Reverse Kullback-Leibler."""
        return ReverseKullbackLeibler()


@dataclass(frozen=True)
class ReverseKullbackLeibler(Divergence):
    """Relative entropy with its arguments swapped, ``f(t) = -ln t``."""

    name: ClassVar[str] = "reverse_kl"
    curvature: ClassVar[float] = 1.0
    at_zero: ClassVar[float] = np.inf
    conjugate_end: ClassVar[float] = 0.0

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``; infinite at zero."""
        with np.errstate(divide="ignore"):
            return -np.log(as_floats(t))

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return -1.0 / as_floats(t)

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return 1.0 / as_floats(t) ** 2

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``-1 - ln(-s)`` for ``s < 0``."""
        return inside_domain(s, 0.0, lambda v: -1.0 - np.log(-v))

    def adjoint(self) -> Divergence:
        """Kullback-Leibler."""
        return KullbackLeibler()


@dataclass(frozen=True)
class Jeffreys(Divergence):
    """Symmetric relative entropy, ``f(t) = (t - 1) ln t``: IV and PSI."""

    name: ClassVar[str] = "jeffreys"
    curvature: ClassVar[float] = 2.0
    at_zero: ClassVar[float] = np.inf
    conjugate_end: ClassVar[float] = np.inf

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``; infinite at zero."""
        t = as_floats(t)
        with np.errstate(divide="ignore"):
            return (t - 1.0) * np.log(t)

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        t = as_floats(t)
        return np.log(t) + 1.0 - 1.0 / t

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        t = as_floats(t)
        return 1.0 / t + 1.0 / t**2

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``1/w - 1 - ln w`` with ``w + ln w = 1 - s`` (Lambert)."""
        w = as_floats(wrightomega(1.0 - as_floats(s)))
        with np.errstate(divide="ignore", over="ignore"):
            return 1.0 / w - 1.0 - np.log(w)

    def adjoint(self) -> Divergence:
        """Itself: the divergence is symmetric."""
        return self


@dataclass(frozen=True)
class JensenShannon(Divergence):
    """Mean relative entropy to the midpoint; at most ``ln 2``.

    ``f(t) = (t ln t - (t + 1) ln((t + 1) / 2)) / 2``.
    """

    name: ClassVar[str] = "js"
    curvature: ClassVar[float] = 0.25
    at_zero: ClassVar[float] = float(np.log(2.0) / 2.0)
    conjugate_end: ClassVar[float] = float(np.log(2.0) / 2.0)

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        t = as_floats(t)
        return 0.5 * (xlogy(t, t) - (t + 1.0) * np.log((t + 1.0) / 2.0))

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        t = as_floats(t)
        return 0.5 * np.log(2.0 * t / (t + 1.0))

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        t = as_floats(t)
        return 0.5 / (t * (t + 1.0))

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``-ln(2 - exp(2 s)) / 2`` for ``s < ln(2) / 2``."""
        # 2 - exp(2 s) = 1 - expm1(2 s), which keeps its digits near s = 0.
        return inside_domain(
            s, self.conjugate_end, lambda v: -0.5 * np.log1p(-np.expm1(2 * v))
        )

    def adjoint(self) -> Divergence:
        """Itself: the divergence is symmetric."""
        return self
