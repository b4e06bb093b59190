"""Bases orthonormal under a product measure: polynomials, Fourier series, splines."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._sklearn import Interval, StrOptions
from infostat.exceptions import InfostatError
from infostat.sampling.families import Splines, get_system
from infostat.sampling.product_basis import Basis
from infostat.sampling.systems import Fourier, System

__all__ = ["FourierBasis", "PolynomialBasis", "SplineBasis"]


class PolynomialBasis(Basis):
    """Products of orthonormal polynomials.

    Parameters
    ----------
    degree : int, default=3
        Bound of the index set.
    index_set : str or array-like of shape (m, n_features), default="total_degree"
        "total_degree", "tensor", "hyperbolic_cross", "q_norm", "additive", or the
        multi-indices themselves.
    q : float, default=0.5
        Exponent of "q_norm".
    measure : str, tuple or list of them, default="uniform"
        Law of each coordinate: "uniform" (Legendre), "normal" (Hermite), "exponential"
        or ("gamma", shape) (Laguerre), ("beta", a, b) (Jacobi, density
        ~ (1 - x)^a (1 + x)^b).
    bounds : array-like of shape (n_features, 2), "data" or None, default=None
        Lower and upper end (uniform, beta), mean and standard deviation (normal), start
        and scale (gamma) of each coordinate. None for [-1, 1], N(0, 1), Exp(1).
    dimension : int, optional
        Number of coordinates, where no data says it.

    Attributes
    ----------
    source_, index_set_, n_features_in_
        As in :class:`Basis`.

    Notes
    -----
    Jacobi exponents go from -1/2 on.

    Examples
    --------
    >>> basis = PolynomialBasis(2, dimension=2).prepare()
    >>> basis.sample_dpp(rng=0).shape
    (6, 2)
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        **Basis._parameter_constraints,
        "degree": [Interval(Integral, 0, None, closed="left")],
        "measure": [str, tuple, list],
    }

    def __init__(
        self,
        degree: int = 3,
        *,
        index_set: Any = "total_degree",
        q: float = 0.5,
        measure: Any = "uniform",
        bounds: Any = None,
        dimension: int | None = None,
    ) -> None:
        self.degree = degree
        self.index_set = index_set
        self.q = q
        self.measure = measure
        self.bounds = bounds
        self.dimension = dimension

    def _degree(self) -> int:
        return int(self.degree)

    def _systems(self, dimension: int) -> list[System]:
        laws = self.measure if isinstance(self.measure, list) else [self.measure]
        if len(laws) == 1:
            laws = laws * dimension
        if len(laws) != dimension:
            msg = f"measure has {len(laws)} laws for {dimension} coordinates."
            raise InfostatError(msg)
        return [get_system(law) for law in laws]


class FourierBasis(Basis):
    """Products of 1, cosines and sines under the uniform law.

    Parameters
    ----------
    degree : int, default=2
        Bound of the index set of frequencies.
    index_set : str or array-like of shape (m, n_features), default="total_degree"
        As in :class:`PolynomialBasis`, over frequencies; an array holds numbers of
        functions: 0 the constant, 2k - 1 the cosine and 2k the sine of frequency k.
    q : float, default=0.5
        Exponent of "q_norm".
    bounds : array-like of shape (n_features, 2), "data" or None, default=None
        One period of each coordinate; None for [0, 1].
    dimension : int, optional
        Number of coordinates, where no data says it.

    Attributes
    ----------
    source_, index_set_, n_features_in_
        As in :class:`Basis`.

    Notes
    -----
    Sets of frequencies hold cosine and sine in pairs, so phi^T phi = m everywhere and the
    leverage measure is the uniform law.

    Examples
    --------
    >>> FourierBasis(2, dimension=1).prepare().sample_dpp(rng=0).shape
    (5, 1)
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        **Basis._parameter_constraints,
        "degree": [Interval(Integral, 0, None, closed="left")],
    }

    def __init__(
        self,
        degree: int = 2,
        *,
        index_set: Any = "total_degree",
        q: float = 0.5,
        bounds: Any = None,
        dimension: int | None = None,
    ) -> None:
        self.degree = degree
        self.index_set = index_set
        self.q = q
        self.bounds = bounds
        self.dimension = dimension

    def _degree(self) -> int:
        return int(self.degree)

    def _systems(self, dimension: int) -> list[System]:
        return [Fourier()] * dimension

    def _numbers(self, index: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Every frequency that is not zero stands for a cosine and a sine."""
        for j in range(index.shape[1]):
            waves = index[index[:, j] > 0].copy()
            index = index.copy()
            positive = index[:, j] > 0
            index[positive, j] = 2 * index[positive, j] - 1
            waves[:, j] *= 2
            index = np.concatenate([index, waves])
        return index[np.argsort(index.sum(axis=1), kind="stable")]


class SplineBasis(Basis):
    """Orthonormalised B-splines with equal knots, the constant first.

    Parameters
    ----------
    n_intervals : int, default=5
        Polynomial pieces of each coordinate.
    degree : int, default=3
        Degree of a piece.
    index_set : str or array-like of shape (m, n_features), default="additive"
        "additive", sums of univariate splines; "tensor", all products; or indices.
    q : float, default=0.5
        Without effect: the index sets of splines have no exponent.
    bounds : array-like of shape (n_features, 2), "data" or None, default=None
        Range of each coordinate; None for [0, 1].
    dimension : int, optional
        Number of coordinates, where no data says it.

    Attributes
    ----------
    source_, index_set_, n_features_in_
        As in :class:`Basis`.

    Examples
    --------
    >>> SplineBasis(4, degree=2, dimension=1).prepare().sample_dpp(rng=0).shape
    (6, 1)
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        **Basis._parameter_constraints,
        "n_intervals": [Interval(Integral, 1, None, closed="left")],
        "degree": [Interval(Integral, 1, None, closed="left")],
        "index_set": [StrOptions({"additive", "tensor"}), "array-like"],
    }

    def __init__(
        self,
        n_intervals: int = 5,
        *,
        degree: int = 3,
        index_set: Any = "additive",
        q: float = 0.5,
        bounds: Any = None,
        dimension: int | None = None,
    ) -> None:
        self.n_intervals = n_intervals
        self.degree = degree
        self.index_set = index_set
        self.q = q
        self.bounds = bounds
        self.dimension = dimension

    def _degree(self) -> int:
        return int(self.n_intervals + self.degree - 1)

    def _systems(self, dimension: int) -> list[System]:
        return [Splines(int(self.n_intervals), int(self.degree))] * dimension
