"""The contract of an f-divergence: one generator, its derivatives and its conjugates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

__all__ = ["Divergence", "FloatArray", "as_floats", "inside_domain"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Divergence(ABC):
    r"""An f-divergence :math:`D_f(P\|Q) = \mathbb{E}_Q f(dP/dQ)`.

    A member of the catalogue states its generator ``f`` and everything that other
    rooms derive from it, once. The generator is convex on ``t >= 0`` with ``f(1) = 0``
    and, except for total variation, ``f'(1) = 0`` up to a linear term that no
    divergence can see.

    Attributes
    ----------
    name : str
        Key in the catalogue.
    curvature : float
        :math:`f''(1)`: near ``P = Q`` the divergence is half of this times the Pearson
        distance. NaN for total variation, which has a kink there.
    at_zero : float
        :math:`f(0)`, the price of a unit of mass that only ``Q`` has; may be infinite.
    slope_at_infinity : float
        :math:`\lim f(t)/t`, the price of a unit of mass that only ``P`` has; may be
        infinite.
    conjugate_end : float
        Right end of the domain of the conjugate.

    Notes
    -----
    The conjugate of ``g(s) = s f(1/s)``, the generator of the divergence with its
    arguments swapped, is ``divergence.adjoint().conjugate``: the causal bounds need
    that one, goodness-of-fit duality needs ``conjugate``.
    """

    name: ClassVar[str]
    curvature: ClassVar[float]
    at_zero: ClassVar[float]
    conjugate_end: ClassVar[float]

    @property
    def slope_at_infinity(self) -> float:
        """Limit of ``f(t) / t``: the value at zero of the swapped divergence.

        Returns
        -------
        float
            Not negative; may be infinite.
        """
        return self.adjoint().at_zero

    @abstractmethod
    def f(self, t: npt.ArrayLike) -> FloatArray:
        """Generator at ``t >= 0``.

        Parameters
        ----------
        t : array-like of shape (...)
            Likelihood ratios ``p / q``, not negative.

        Returns
        -------
        ndarray of shape (...)
            Infinite where the divergence is.
        """

    @abstractmethod
    def derivative(self, t: npt.ArrayLike) -> FloatArray:
        """First derivative of the generator at ``t > 0``.

        Parameters
        ----------
        t : array-like of shape (...)
            Likelihood ratios, positive.

        Returns
        -------
        ndarray of shape (...)
            Increasing in ``t``.
        """

    @abstractmethod
    def second(self, t: npt.ArrayLike) -> FloatArray:
        """Second derivative of the generator at ``t > 0``.

        Parameters
        ----------
        t : array-like of shape (...)
            Likelihood ratios, positive.

        Returns
        -------
        ndarray of shape (...)
            Not negative.
        """

    @abstractmethod
    def conjugate(self, s: npt.ArrayLike) -> FloatArray:
        """Convex conjugate ``sup_t (s t - f(t))``; infinite beyond its domain.

        Parameters
        ----------
        s : array-like of shape (...)
            Slopes.

        Returns
        -------
        ndarray of shape (...)
            Increasing in ``s``.
        """

    @abstractmethod
    def adjoint(self) -> Divergence:
        """Return the divergence with its two arguments swapped.

        Returns
        -------
        Divergence
            Its generator is ``t f(1/t)``.
        """


def as_floats(values: npt.ArrayLike) -> FloatArray:
    """Values as an array of float64."""
    return np.asarray(values, dtype=np.float64)


def inside_domain(
    s: npt.ArrayLike, end: float, inside: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Evaluate ``inside`` where ``s < end``; infinity elsewhere."""
    s = as_floats(s)
    out = np.full(s.shape, np.inf)
    domain = s < end
    out[domain] = inside(s[domain])
    return out
