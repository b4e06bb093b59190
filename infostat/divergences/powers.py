"""Divergences with a power: Hellinger, the chi-squares, the alpha family, variation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from infostat.divergences.generator import (
    Divergence,
    FloatArray,
    as_floats,
    inside_domain,
)
from infostat.exceptions import InfostatError

__all__ = ["Alpha", "Hellinger", "Neyman", "Pearson", "TotalVariation", "Triangular"]


@dataclass(frozen=True)
class Hellinger(Divergence):
    """Squared Hellinger distance ``1 - sum sqrt(p q)``, ``f(t) = (sqrt t - 1)^2 / 2``."""

    name: ClassVar[str] = "hellinger"
    curvature: ClassVar[float] = 0.25
    at_zero: ClassVar[float] = 0.5
    conjugate_end: ClassVar[float] = 0.5

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        return 0.5 * (np.sqrt(as_floats(t)) - 1.0) ** 2

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return 0.5 - 0.5 / np.sqrt(as_floats(t))

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return 0.25 * as_floats(t) ** -1.5

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``s / (1 - 2 s)`` for ``s < 1/2``."""
        return inside_domain(s, self.conjugate_end, lambda v: v / (1.0 - 2.0 * v))

    def adjoint(self) -> Divergence:
        """Itself: the divergence is symmetric."""
        return self


@dataclass(frozen=True)
class Pearson(Divergence):
    """Pearson's chi-square distance, ``f(t) = (t - 1)^2``."""

    name: ClassVar[str] = "pearson"
    curvature: ClassVar[float] = 2.0
    at_zero: ClassVar[float] = 1.0
    conjugate_end: ClassVar[float] = np.inf

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        return (as_floats(t) - 1.0) ** 2

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return 2.0 * (as_floats(t) - 1.0)

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return np.full_like(as_floats(t), 2.0)

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``s + s^2 / 4``, flat at -1 below ``s = -2``."""
        s = np.maximum(as_floats(s), -2.0)
        return s + s**2 / 4.0

    def adjoint(self) -> Divergence:
        """Neyman's chi-square distance."""
        return Neyman()


@dataclass(frozen=True)
class Neyman(Divergence):
    """Neyman's chi-square distance, ``f(t) = (1 - t)^2 / t``."""

    name: ClassVar[str] = "neyman"
    curvature: ClassVar[float] = 2.0
    at_zero: ClassVar[float] = np.inf
    conjugate_end: ClassVar[float] = 1.0

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``; infinite at zero."""
        t = as_floats(t)
        with np.errstate(divide="ignore"):
            return (1.0 - t) * ((1.0 - t) / t)

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return 1.0 - 1.0 / as_floats(t) ** 2

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return 2.0 / as_floats(t) ** 3

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``2 - 2 sqrt(1 - s)`` for ``s <= 1``."""
        s = as_floats(s)
        return np.where(s <= 1.0, 2.0 - 2.0 * np.sqrt(np.maximum(1.0 - s, 0.0)), np.inf)

    def adjoint(self) -> Divergence:
        """Pearson's chi-square distance."""
        return Pearson()


@dataclass(frozen=True)
class Triangular(Divergence):
    """Triangular discrimination ``sum (p-q)^2 / (p+q)``, ``f(t) = (t-1)^2/(t+1)``."""

    name: ClassVar[str] = "triangular"
    curvature: ClassVar[float] = 1.0
    at_zero: ClassVar[float] = 1.0
    conjugate_end: ClassVar[float] = 1.0

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        t = as_floats(t)
        return (t - 1.0) * ((t - 1.0) / (t + 1.0))

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return 1.0 - 4.0 / (as_floats(t) + 1.0) ** 2

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return 8.0 / (as_floats(t) + 1.0) ** 3

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``(1-u)(3-u)``, ``u = sqrt(1-s)``; flat at -1 below ``s = -3``."""
        s = as_floats(s)
        u = np.sqrt(np.maximum(1.0 - np.maximum(s, -3.0), 0.0))
        return np.where(s <= 1.0, (1.0 - u) * (3.0 - u), np.inf)

    def adjoint(self) -> Divergence:
        """Itself: the divergence is symmetric."""
        return self


@dataclass(frozen=True)
class TotalVariation(Divergence):
    """Total variation, ``f(t) = |t - 1| / 2``; no derivative at one.

    Notes
    -----
    The delta method does not apply to it: its limit law at ``P = Q`` is not a
    chi-square. Statistics that need a curvature refuse it by name.
    """

    name: ClassVar[str] = "tv"
    curvature: ClassVar[float] = np.nan
    at_zero: ClassVar[float] = 0.5
    conjugate_end: ClassVar[float] = 0.5

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        return 0.5 * np.abs(as_floats(t) - 1.0)

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator away from one, 0 there (a subgradient)."""
        return 0.5 * np.sign(as_floats(t) - 1.0)

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator away from one."""
        return np.zeros_like(as_floats(t))

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``max(s, -1/2)`` for ``s <= 1/2``."""
        s = as_floats(s)
        return np.where(s <= 0.5, np.maximum(s, -0.5), np.inf)

    def adjoint(self) -> Divergence:
        """Itself: the divergence is symmetric."""
        return self


@dataclass(frozen=True)
class Alpha(Divergence):
    """The power family, ``f(t) = (t^a - a t - 1 + a) / (a (a - 1))``.

    Parameters
    ----------
    a : float
        Order; not 0 or 1, whose limits are the two relative entropies. ``a = 2`` is
        half of Pearson's distance, ``a = 1/2`` four times squared Hellinger, ``a = -1``
        half of Neyman's.

    Raises
    ------
    InfostatError
        If ``a`` is 0, 1 or not finite.
    """

    a: float
    name: ClassVar[str] = "alpha"
    curvature: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        if not np.isfinite(self.a) or self.a in (0.0, 1.0):
            msg = (
                f"The order of the alpha family must be finite and not 0 or 1, got "
                f"{self.a}: use 'reverse_kl' for the limit at 0, 'kl' for that at 1."
            )
            raise InfostatError(msg)

    @property
    def at_zero(self) -> float:  # type: ignore[override]
        """``1 / a`` for positive orders, infinite otherwise."""
        return 1.0 / self.a if self.a > 0 else np.inf

    @property
    def conjugate_end(self) -> float:  # type: ignore[override]
        """``1 / (1 - a)`` for orders below one, no end above."""
        return 1.0 / (1.0 - self.a) if self.a < 1 else np.inf

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        t, a = as_floats(t), self.a
        with np.errstate(divide="ignore"):
            return (t**a - a * t - 1.0 + a) / (a * (a - 1.0))

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        a = self.a
        return (as_floats(t) ** (a - 1.0) - 1.0) / (a - 1.0)

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return as_floats(t) ** (self.a - 2.0)

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``((1 + (a-1) s)^(a/(a-1)) - 1) / a`` on its domain."""
        a = self.a
        core = 1.0 + (a - 1.0) * as_floats(s)
        # Above order one the supremum sits at t = 0 once the core is negative.
        with np.errstate(divide="ignore"):
            value = (np.maximum(core, 0.0) ** (a / (a - 1.0)) - 1.0) / a
        beyond = core < 0.0 if a < 0 else core <= 0.0
        return np.where(beyond, np.inf, value) if a < 1 else value

    def adjoint(self) -> Divergence:
        """Member of order ``1 - a``."""
        return Alpha(1.0 - self.a)
