"""Polynomial families beyond Legendre: Hermite, Laguerre and Jacobi; B-splines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.interpolate import BSpline
from scipy.linalg import solve_triangular
from scipy.special import betaln, gammaln

from infostat.exceptions import InfostatError
from infostat.sampling.induced import InducedTable
from infostat.sampling.systems import Fourier, Legendre, Polynomials, System

__all__ = ["Hermite", "Jacobi", "Laguerre", "Splines", "get_system"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Hermite(Polynomials):
    """Polynomials under the standard normal law."""

    def frame_of(self, low: float, high: float) -> tuple[float, float]:
        """Start and width: mean ``low`` and standard deviation ``high``."""
        return low, high

    def bounds_of(self, x: FloatArray, weight: FloatArray | None) -> FloatArray:
        """Mean and standard deviation of the data."""
        mean = float(np.average(x, weights=weight))
        spread = float(np.sqrt(np.average((x - mean) ** 2, weights=weight)))
        return np.array([mean, spread if spread > 0 else 1.0])

    def recurrence(self, size: int) -> tuple[FloatArray, FloatArray]:
        """Coefficients, see :class:`Polynomials`."""
        return np.zeros(size), np.arange(size, dtype=float)

    def panels(self, size: int) -> FloatArray:
        """Ends of panels, see :class:`Polynomials`."""
        reach = np.sqrt(4.0 * size + 2.0) + 8.0
        return np.linspace(-reach, reach, 401)

    def substitute(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Point and density, see :class:`Polynomials`."""
        return t, np.exp(-0.5 * t**2) / np.sqrt(2.0 * np.pi)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw ``n`` points from mu."""
        return rng.standard_normal(n)


@dataclass(frozen=True)
class Laguerre(Polynomials):
    """Polynomials under the gamma law of density x^shape exp(-x) / Gamma(shape + 1).

    Attributes
    ----------
    shape : float
        Above -1; zero is the exponential law.
    """

    shape: float = 0.0

    def frame_of(self, low: float, high: float) -> tuple[float, float]:
        """Start and width: start ``low`` and scale ``high``."""
        return low, high

    def bounds_of(self, x: FloatArray, weight: FloatArray | None) -> FloatArray:
        """Smallest value, and the scale that gives the mean of the data."""
        low = float(x.min())
        above = float(np.average(x, weights=weight)) - low
        return np.array([low, above / (self.shape + 1.0) if above > 0 else 1.0])

    def __post_init__(self) -> None:
        if not self.shape > -1.0:
            msg = f"The shape of a Laguerre basis must be above -1, got {self.shape}."
            raise InfostatError(msg)

    def recurrence(self, size: int) -> tuple[FloatArray, FloatArray]:
        """Coefficients, see :class:`Polynomials`."""
        k = np.arange(size, dtype=float)
        return 2.0 * k + 1.0 + self.shape, k * (k + self.shape)

    def panels(self, size: int) -> FloatArray:
        """Ends of panels, see :class:`Polynomials`."""
        # In t = sqrt(x) the functions oscillate evenly up to x = 4 size.
        reach = np.sqrt(4.0 * size + 2.0 * abs(self.shape) + 2.0) + 7.0
        return np.asarray(reach * np.linspace(0.0, 1.0, 401) ** 1.5)

    def substitute(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Point and density, see :class:`Polynomials`."""
        with np.errstate(divide="ignore"):
            power = (2.0 * self.shape + 1.0) * np.log(t) if self.shape != -0.5 else 0.0
        return t**2, 2.0 * np.exp(power - t**2 - gammaln(self.shape + 1.0))

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw ``n`` points from mu."""
        return np.asarray(rng.gamma(self.shape + 1.0, size=n))


@dataclass(frozen=True)
class Jacobi(Polynomials):
    """Polynomials under the law of density ~ (1 - x)^a (1 + x)^b on [-1, 1].

    Attributes
    ----------
    a, b : float
        Exponents, at least -1/2.
    """

    a: float = 0.0
    b: float = 0.0

    def frame_of(self, low: float, high: float) -> tuple[float, float]:
        """Start and width: [low, high] from [-1, 1]."""
        return (low + high) / 2.0, (high - low) / 2.0

    def __post_init__(self) -> None:
        if min(self.a, self.b) < -0.5:
            msg = (
                f"Jacobi exponents must be at least -1/2, got ({self.a}, {self.b}): "
                f"below, the density is too steep at the ends to be drawn exactly."
            )
            raise InfostatError(msg)

    def recurrence(self, size: int) -> tuple[FloatArray, FloatArray]:
        """Coefficients, see :class:`Polynomials`."""
        a, b = self.a, self.b
        k = np.arange(size, dtype=float)
        s = 2.0 * k + a + b
        with np.errstate(divide="ignore", invalid="ignore"):
            diagonal = (b**2 - a**2) / (s * (s + 2.0))
            squared = 4.0 * k * (k + a) * (k + b) * (k + a + b)
            squared = squared / (s**2 * (s + 1.0) * (s - 1.0))
        # Written out where the general terms are 0/0.
        diagonal[0] = (b - a) / (a + b + 2.0)
        if size > 1:
            squared[1] = 4.0 * (1 + a) * (1 + b) / ((2 + a + b) ** 2 * (3 + a + b))
        squared[0] = 0.0
        return diagonal, squared

    def panels(self, size: int) -> FloatArray:
        """Ends of panels, see :class:`Polynomials`."""
        # Panels in the angle, finer towards both ends.
        even = np.linspace(-1.0, 1.0, 2 * size + 401)
        return np.pi * (1.0 + np.sign(even) * (1.0 - (1.0 - np.abs(even)) ** 2)) / 2.0

    def substitute(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Point and density, see :class:`Polynomials`."""
        constant = -betaln(self.a + 1.0, self.b + 1.0)
        sine, cosine = np.abs(np.sin(t / 2.0)), np.abs(np.cos(t / 2.0))
        density = sine ** (2.0 * self.a + 1.0) * cosine ** (2.0 * self.b + 1.0)
        return np.cos(t), np.exp(constant) * density

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw ``n`` points from mu."""
        return 2.0 * rng.beta(self.b + 1.0, self.a + 1.0, n) - 1.0


@dataclass(frozen=True)
class Splines(System):
    """B-splines with equal knots on [0, 1], orthonormalised, the constant first.

    Attributes
    ----------
    n_intervals : int
        Polynomial pieces.
    degree : int
        Degree of a piece.
    """

    n_intervals: int = 5
    degree: int = 3

    @property
    def size(self) -> int:
        """Number of functions."""
        return self.n_intervals + self.degree

    def count(self, needed: int) -> int:
        """Number of functions to evaluate; there are no more than ``size``."""
        if needed > self.size:
            msg = f"There are {self.size} splines a coordinate, not {needed}."
            raise InfostatError(msg)
        return needed

    def evaluate(self, x: FloatArray, size: int) -> FloatArray:
        """Values; outside [0, 1] those at the nearer end."""
        inside = np.clip(np.asarray(x, dtype=float), 0.0, 1.0)
        rows = _bspline_rows(self, inside.ravel()) @ _spline_map(self)
        return np.asarray(rows[:, :size].reshape(*inside.shape, size))

    def panels(self, size: int) -> FloatArray:
        """Ends of panels: every knot is one."""
        del size
        return np.linspace(0.0, 1.0, 8 * self.n_intervals + 1)

    def substitute(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Point and density: the uniform law itself."""
        return t, np.ones_like(t)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw ``n`` points from mu."""
        return rng.random(n)

    def draw_induced(self, order: IntArray, rng: np.random.Generator) -> FloatArray:
        """Draw from phi_k^2 mu, see :class:`System`."""
        return InducedTable.exactly(self, self.size).draw(order, rng)


def _bspline_rows(system: Splines, x: FloatArray) -> FloatArray:
    """Constant, then all B-splines but the first, shape (n, size)."""
    inner = np.linspace(0.0, 1.0, system.n_intervals + 1)
    ends = np.ones(system.degree)
    knots = np.concatenate([0.0 * ends, inner, ends])
    rows = BSpline.design_matrix(x, knots, system.degree).toarray()
    rows[:, 0] = 1.0
    return np.asarray(rows)


@lru_cache(maxsize=32)
def _spline_map(system: Splines) -> FloatArray:
    """Map from B-splines to orthonormal functions, by an exact Gram matrix."""
    node, weight = np.polynomial.legendre.leggauss(system.degree + 1)
    edges = np.linspace(0.0, 1.0, system.n_intervals + 1)
    half = np.diff(edges)[:, None] / 2.0
    x = (edges[:-1] + edges[1:])[:, None] / 2.0 + half * node
    rows = _bspline_rows(system, x.ravel())
    factor = np.linalg.qr(rows * np.sqrt((half * weight).ravel())[:, None], mode="r")
    factor *= np.sign(np.diag(factor))[:, None]
    return np.asarray(solve_triangular(factor, np.eye(len(factor))))


def get_system(measure: object) -> System:
    """System of a measure given by name, or a System itself.

    Parameters
    ----------
    measure : str, tuple or System
        "uniform", "normal", "exponential", ("gamma", shape), ("beta", a, b) with
        density ~ (1 - x)^a (1 + x)^b.

    Returns
    -------
    System

    Raises
    ------
    InfostatError
        If the measure is none of these.
    """
    if isinstance(measure, System):
        return measure
    plain: dict[object, System] = {
        "uniform": Legendre(),
        "normal": Hermite(),
        "exponential": Laguerre(0.0),
        "periodic": Fourier(),
    }
    if isinstance(measure, str) and measure in plain:
        return plain[measure]
    if isinstance(measure, tuple) and len(measure) == 2 and measure[0] == "gamma":
        return Laguerre(float(measure[1]))
    if isinstance(measure, tuple) and len(measure) == 3 and measure[0] == "beta":
        return Jacobi(float(measure[1]), float(measure[2]))
    msg = (
        f"measure must be 'uniform', 'normal', 'exponential', ('gamma', shape) or "
        f"('beta', a, b), got {measure!r}."
    )
    raise InfostatError(msg)
