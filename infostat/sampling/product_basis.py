"""What product bases share: index sets, univariate systems, affine maps, sampling."""

from __future__ import annotations

from abc import abstractmethod
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted, validate_data

from infostat._sklearn import Interval, StrOptions, read_weight
from infostat.exceptions import InfostatError
from infostat.sampling.index_sets import INDEX_SETS, index_set
from infostat.sampling.systems import System
from infostat.sampling.tensor import TensorSource, reference_frame

__all__ = ["Basis"]

FloatArray = npt.NDArray[np.float64]


class Basis(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What product bases share: an index set, one system a coordinate, affine maps.

    Attributes
    ----------
    source_ : TensorSource
        The basis with its measure, as the samplers see it.
    index_set_ : ndarray of shape (m, n_features)
        Number of the univariate function for each product and coordinate.
    n_features_in_ : int
        Number of coordinates.
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "index_set": [StrOptions(set(INDEX_SETS)), "array-like"],
        "q": [Interval(Real, 0, 1, closed="right")],
        "dimension": [Interval(Integral, 1, None, closed="left"), None],
        "bounds": [StrOptions({"data"}), "array-like", None],
    }

    @abstractmethod
    def _systems(self, dimension: int) -> list[System]:
        """One system a coordinate."""

    @abstractmethod
    def _degree(self) -> int:
        """Bound of the index set."""

    def _numbers(self, index: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Index set in numbers of univariate functions."""
        return index

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn the number of coordinates, and with ``bounds="data"`` their ranges.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite points.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), optional
            Rows of weight zero do not count.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If a parameter does not fit the number of coordinates.
        """
        del y
        self._validate_params()
        points = validate_data(self, X, dtype=np.float64)
        weight = read_weight(sample_weight, len(points))
        bounds: Any = self.bounds
        if isinstance(bounds, str):
            bounds = self._learn(points, weight)
        return self._build(points.shape[1], bounds)

    def prepare(self) -> Self:
        """Build the basis without data, from ``dimension``, ``bounds`` or ``measure``.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If the parameters do not say how many coordinates there are.
        """
        self._validate_params()
        if isinstance(self.bounds, str):
            msg = "bounds='data' has no domain before data: give bounds, or fit first."
            raise InfostatError(msg)
        sizes = {
            len(given)
            for given in (self.bounds, getattr(self, "measure", None))
            if isinstance(given, list | np.ndarray)
        }
        if self.dimension is not None:
            sizes.add(int(self.dimension))
        if len(sizes) != 1:
            msg = (
                f"{type(self).__name__} must know its number of coordinates before it "
                f"is asked for points, got {sorted(sizes)}: pass dimension=."
            )
            raise InfostatError(msg)
        (dimension,) = sizes
        self.n_features_in_ = dimension
        return self._build(dimension, self.bounds)

    def _build(self, dimension: int, bounds: Any) -> Self:
        systems = self._systems(dimension)
        if isinstance(self.index_set, str):
            index = index_set(self.index_set, self._degree(), dimension, q=self.q)
            index = self._numbers(index)
        else:
            index = np.asarray(self.index_set, dtype=np.intp)
            if index.ndim != 2 or index.shape[1] != dimension or (index < 0).any():
                msg = (
                    f"index_set must have {dimension} columns of numbers from 0 on, got "
                    f"shape {index.shape}."
                )
                raise InfostatError(msg)
        start, width = reference_frame(systems, bounds)
        self.index_set_ = index
        self.source_ = TensorSource(systems, index, start, width)
        self._n_features_out = len(index)
        return self

    def _learn(self, points: FloatArray, weight: FloatArray | None) -> FloatArray:
        """Bounds from data, shape (d, 2): ranges, or mean and standard deviation."""
        if weight is not None:
            points, weight = points[weight > 0], weight[weight > 0]
        out = np.empty((points.shape[1], 2))
        for j, system in enumerate(self._systems(points.shape[1])):
            out[j] = system.bounds_of(points[:, j], weight)
        return out

    def transform(self, X: Any) -> FloatArray:
        """Values of the basis functions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Points; polynomials continue outside their domain, splines stay constant.

        Returns
        -------
        ndarray of shape (n_samples, m)
            One column a function, orthonormal under the measure.
        """
        check_is_fitted(self, "source_")
        points = validate_data(self, X, dtype=np.float64, reset=False)
        return self.source_.features(points)

    def sample_measure(
        self, n: int, rng: int | np.random.Generator | None = None
    ) -> FloatArray:
        """Draw independent points from the measure.

        Parameters
        ----------
        n : int
            Number of points.
        rng : int or Generator, optional
            Source of randomness.

        Returns
        -------
        ndarray of shape (n, n_features)
            In the units of the data.

        Raises
        ------
        InfostatError
            If an unfitted basis does not know its number of coordinates, see
            :meth:`prepare`.
        """
        return self._source().measured(n, np.random.default_rng(rng)).places

    def sample_christoffel(
        self, n: int, rng: int | np.random.Generator | None = None
    ) -> FloatArray:
        """Draw ``n`` independent points with density phi^T phi / m under the measure.

        Parameters
        ----------
        n : int
            Number of points.
        rng : int or Generator, optional
            Source of randomness.

        Returns
        -------
        ndarray of shape (n, n_features)
            Each goes with the weight m / phi^T phi.

        Raises
        ------
        InfostatError
            If an unfitted basis does not know its number of coordinates, see
            :meth:`prepare`.
        """
        return self._source().leveraged(n, np.random.default_rng(rng)).places

    def sample_dpp(self, rng: int | np.random.Generator | None = None) -> FloatArray:
        """Draw the points of the projection DPP of the basis.

        Parameters
        ----------
        rng : int or Generator, optional
            Source of randomness.

        Returns
        -------
        ndarray of shape (m, n_features)
            As many points as functions.

        Raises
        ------
        InfostatError
            If an unfitted basis does not know its number of coordinates, see
            :meth:`prepare`.
        """
        from infostat.sampling.dpp import draw_projection

        return draw_projection(self._source(), np.random.default_rng(rng)).places

    def kernel(self, X: Any, Y: Any = None) -> FloatArray:
        """Reproducing kernel phi(x)^T phi(y).

        Parameters
        ----------
        X : array-like of shape (n_x, n_features)
            Points x.
        Y : array-like of shape (n_y, n_features), optional
            Points y; those of X by default.

        Returns
        -------
        ndarray of shape (n_x, n_y)
            One row a point x, one column a point y.
        """
        left = self.transform(X)
        right = left if Y is None else self.transform(Y)
        return np.asarray(left @ right.T)

    def _source(self) -> TensorSource:
        if not hasattr(self, "source_"):
            self.prepare()
        return self.source_
