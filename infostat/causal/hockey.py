"""The hockey-stick family: the divergences whose ball can be the sharp set itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from infostat.divergences.generator import Divergence, FloatArray, as_floats
from infostat.exceptions import InfostatError

__all__ = ["HockeyStick"]


@dataclass(frozen=True)
class HockeyStick(Divergence):
    r"""Hockey-stick divergence, ``f(t) = max(t - order, 0)``.

    At order ``1 / e`` its ball is exactly the set of laws that are compatible with a
    propensity ``e``; at order one it is total variation.

    Parameters
    ----------
    order : float
        Largest likelihood ratio that costs nothing, at least one.

    Raises
    ------
    InfostatError
        If the order is below one or not finite.

    References
    ----------
    Liu, Cuff and Verdu, "E-gamma resolvability", IEEE Trans. Inf. Theory 63 (2017).
    """

    order: float
    name: ClassVar[str] = "hockey_stick"
    curvature: ClassVar[float] = np.nan
    at_zero: ClassVar[float] = 0.0
    conjugate_end: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.order) and self.order >= 1.0):
            msg = (
                f"The order of a hockey-stick divergence must be finite and at least 1, "
                f"got {self.order}: order 1 is total variation."
            )
            raise InfostatError(msg)

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        return np.maximum(as_floats(t) - self.order, 0.0)

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator, 0 at the kink (a subgradient)."""
        return np.where(as_floats(t) > self.order, 1.0, 0.0)

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator away from the kink."""
        return np.zeros_like(as_floats(t))

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``max(order * s, 0)`` for ``s <= 1``."""
        s = as_floats(s)
        return np.where(s <= 1.0, np.maximum(self.order * s, 0.0), np.inf)

    def adjoint(self) -> Divergence:
        """Divergence with generator ``max(1 - order * s, 0)``."""
        return SwappedHockeyStick(self.order)


@dataclass(frozen=True)
class SwappedHockeyStick(Divergence):
    """Hockey-stick divergence with its arguments swapped, ``f(s) = (1 - order s)_+``.

    Parameters
    ----------
    order : float
        Order of the hockey stick, at least one.
    """

    order: float
    name: ClassVar[str] = "swapped_hockey_stick"
    curvature: ClassVar[float] = np.nan
    at_zero: ClassVar[float] = 1.0
    conjugate_end: ClassVar[float] = 0.0

    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``."""
        return np.maximum(1.0 - self.order * as_floats(t), 0.0)

    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator, 0 at the kink (a subgradient)."""
        return np.where(self.order * as_floats(t) < 1.0, -self.order, 0.0)

    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator away from the kink."""
        return np.zeros_like(as_floats(t))

    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Conjugate ``max(s / order, -1)`` for ``s <= 0``."""
        s = as_floats(s)
        return np.where(s <= 0.0, np.maximum(s / self.order, -1.0), np.inf)

    def adjoint(self) -> Divergence:
        """The hockey stick itself."""
        return HockeyStick(self.order)
