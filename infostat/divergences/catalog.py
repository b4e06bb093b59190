"""The divergences of the package, one class each, and their lookup by name.

Scales: Pearson, Neyman and Jeffreys have f''(1) = 2, Kullback-Leibler, triangular and
the alpha family 1, Jensen-Shannon and squared Hellinger 1/4. Values are in nats where
a logarithm occurs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import wrightomega, xlogy

from infostat.divergences.generator import Divergence, FloatArray
from infostat.exceptions import InfostatError

__all__ = [
    "Alpha",
    "Hellinger",
    "JensenShannon",
    "Jeffreys",
    "KullbackLeibler",
    "Neyman",
    "Pearson",
    "ReverseKullbackLeibler",
    "TotalVariation",
    "Triangular",
    "catalogue",
    "get_divergence",
]


def _floats(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _within(
    s: npt.ArrayLike, end: float, inside: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Evaluate ``inside`` where ``s < end``; infinity elsewhere."""
    s = _floats(s)
    out = np.full(s.shape, np.inf)
    domain = s < end
    out[domain] = inside(s[domain])
    return out


@dataclass(frozen=True)
class KullbackLeibler(Divergence):
    """Relative entropy, ``f(t) = t ln t``."""

    name: ClassVar[str] = "kl"
    curvature: ClassVar[float] = 1.0
    at_zero: ClassVar[float] = 0.0
    conjugate_end: ClassVar[float] = np.inf

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        t = _floats(t)
        return _floats(xlogy(t, t))

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return np.log(_floats(t)) + 1.0

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return 1.0 / _floats(t)

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``exp(s - 1)``."""
        return np.exp(_floats(s) - 1.0)

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
            return -np.log(_floats(t))

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return -1.0 / _floats(t)

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return 1.0 / _floats(t) ** 2

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``-1 - ln(-s)`` for ``s < 0``."""
        return _within(s, 0.0, lambda v: -1.0 - np.log(-v))

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
        t = _floats(t)
        with np.errstate(divide="ignore"):
            return (t - 1.0) * np.log(t)

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        t = _floats(t)
        return np.log(t) + 1.0 - 1.0 / t

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        t = _floats(t)
        return 1.0 / t + 1.0 / t**2

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``1/w - 1 - ln w`` with ``w + ln w = 1 - s`` (Lambert)."""
        w = _floats(wrightomega(1.0 - _floats(s)))
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
        t = _floats(t)
        return 0.5 * (xlogy(t, t) - (t + 1.0) * np.log((t + 1.0) / 2.0))

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        t = _floats(t)
        return 0.5 * np.log(2.0 * t / (t + 1.0))

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        t = _floats(t)
        return 0.5 / (t * (t + 1.0))

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``-ln(2 - exp(2 s)) / 2`` for ``s < ln(2) / 2``."""
        # 2 - exp(2 s) = 1 - expm1(2 s), which keeps its digits near s = 0.
        return _within(s, self.conjugate_end, lambda v: -0.5 * np.log1p(-np.expm1(2 * v)))

    def adjoint(self) -> Divergence:
        """Itself: the divergence is symmetric."""
        return self


@dataclass(frozen=True)
class Hellinger(Divergence):
    """Squared Hellinger distance ``1 - sum sqrt(p q)``, ``f(t) = (sqrt t - 1)^2 / 2``."""

    name: ClassVar[str] = "hellinger"
    curvature: ClassVar[float] = 0.25
    at_zero: ClassVar[float] = 0.5
    conjugate_end: ClassVar[float] = 0.5

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        return 0.5 * (np.sqrt(_floats(t)) - 1.0) ** 2

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return 0.5 - 0.5 / np.sqrt(_floats(t))

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return 0.25 * _floats(t) ** -1.5

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``s / (1 - 2 s)`` for ``s < 1/2``."""
        return _within(s, self.conjugate_end, lambda v: v / (1.0 - 2.0 * v))

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
        return (_floats(t) - 1.0) ** 2

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return 2.0 * (_floats(t) - 1.0)

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return np.full_like(_floats(t), 2.0)

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``s + s^2 / 4``, flat at -1 below ``s = -2``."""
        s = np.maximum(_floats(s), -2.0)
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
        t = _floats(t)
        with np.errstate(divide="ignore"):
            return (1.0 - t) ** 2 / t

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return 1.0 - 1.0 / _floats(t) ** 2

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return 2.0 / _floats(t) ** 3

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``2 - 2 sqrt(1 - s)`` for ``s <= 1``."""
        s = _floats(s)
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
        t = _floats(t)
        return (t - 1.0) ** 2 / (t + 1.0)

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        return 1.0 - 4.0 / (_floats(t) + 1.0) ** 2

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return 8.0 / (_floats(t) + 1.0) ** 3

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``(1-u)(3-u)``, ``u = sqrt(1-s)``; flat at -1 below ``s = -3``."""
        s = _floats(s)
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
        return 0.5 * np.abs(_floats(t) - 1.0)

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator away from one, 0 there (a subgradient)."""
        return 0.5 * np.sign(_floats(t) - 1.0)

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator away from one."""
        return np.zeros_like(_floats(t))

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``max(s, -1/2)`` for ``s <= 1/2``."""
        s = _floats(s)
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
        t, a = _floats(t), self.a
        with np.errstate(divide="ignore"):
            return (t**a - a * t - 1.0 + a) / (a * (a - 1.0))

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator."""
        a = self.a
        return (_floats(t) ** (a - 1.0) - 1.0) / (a - 1.0)

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator."""
        return _floats(t) ** (self.a - 2.0)

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``((1 + (a-1) s)^(a/(a-1)) - 1) / a`` on its domain."""
        a = self.a
        core = 1.0 + (a - 1.0) * _floats(s)
        # Above order one the supremum sits at t = 0 once the core is negative.
        with np.errstate(divide="ignore"):
            value = (np.maximum(core, 0.0) ** (a / (a - 1.0)) - 1.0) / a
        beyond = core < 0.0 if a < 0 else core <= 0.0
        return np.where(beyond, np.inf, value) if a < 1 else value

    def adjoint(self) -> Divergence:
        """Member of order ``1 - a``."""
        return Alpha(1.0 - self.a)


_FIXED: tuple[type[Divergence], ...] = (
    KullbackLeibler,
    ReverseKullbackLeibler,
    Jeffreys,
    JensenShannon,
    Hellinger,
    Pearson,
    Neyman,
    Triangular,
    TotalVariation,
)


def catalogue() -> dict[str, Divergence]:
    """Return every divergence that has a name, in the order of the documentation.

    Returns
    -------
    dict of str to Divergence
        The alpha family, which needs an order, is built as ``Alpha(a)``.
    """
    return {member.name: member() for member in _FIXED}


def get_divergence(kind: str | Divergence) -> Divergence:
    """Look a divergence up by name.

    Parameters
    ----------
    kind : str or Divergence
        A name of the catalogue (an object is returned as it is).

    Returns
    -------
    Divergence
        The member.

    Raises
    ------
    InfostatError
        If the name is unknown; the message lists the names.

    Examples
    --------
    >>> get_divergence("jeffreys").curvature
    2.0
    """
    if isinstance(kind, Divergence):
        return kind
    members = catalogue()
    if kind not in members:
        msg = f"Unknown divergence {kind!r}: use one of {', '.join(members)} or Alpha(a)."
        raise InfostatError(msg)
    return members[kind]
