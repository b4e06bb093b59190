"""Any feature map as a basis: orthonormalised on a reference sample."""

from __future__ import annotations

from numbers import Real
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from infostat._arrays import row_shares
from infostat._sklearn import HasMethods, Interval
from infostat.sampling.dpp import draw_projection
from infostat.sampling.pool import orthonormal_pool
from infostat.sampling.sources import PoolSource

__all__ = ["FeatureBasis"]

FloatArray = npt.NDArray[np.float64]


class FeatureBasis(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Columns, or the output of a transformer, orthonormal on a reference sample.

    Parameters
    ----------
    transformer : transformer or None, default=None
        Feature map of scikit-learn (splines, random Fourier features, one-hot
        encodings, a pipeline); None for the columns themselves.
    reference : array-like of shape (n_reference, n_features), optional
        Sample of the measure, or the pool to choose from. By default the rows of
        ``fit``.
    reference_weight : array-like of shape (n_reference,), optional
        Base weights of the reference.
    fit_intercept : bool, default=True
        Whether the space has a constant.
    rcond : float, optional
        Relative singular value that counts as zero; max(n, p) times the rounding unit
        by default. Collinear features reduce the rank.

    Attributes
    ----------
    source_ : PoolSource
        The reference as a pool.
    factor_ : Factor
        Map from features to orthonormal ones.
    transformer_ : transformer or None
        Fitted.
    reference_ : ndarray of shape (n_reference, n_features)
        Rows of the reference as given.
    n_features_in_ : int
        Number of columns.

    Notes
    -----
    The features are orthonormal under the reference sample, not under the law behind
    it; take at least 20 m ln m rows for the difference to be small.

    Examples
    --------
    >>> from sklearn.preprocessing import SplineTransformer
    >>> pool = np.random.default_rng(0).normal(size=(500, 2))
    >>> basis = FeatureBasis(SplineTransformer(n_knots=4), reference=pool).prepare()
    >>> basis.source_.rank  # 12 splines, of which two sums are the constant
    11
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "transformer": [HasMethods(["fit", "transform"]), None],
        "reference": ["array-like", None],
        "reference_weight": ["array-like", None],
        "fit_intercept": ["boolean"],
        "rcond": [Interval(Real, 0, 1, closed="neither"), None],
    }

    def __init__(
        self,
        transformer: Any = None,
        *,
        reference: Any = None,
        reference_weight: Any = None,
        fit_intercept: bool = True,
        rcond: float | None = None,
    ) -> None:
        self.transformer = transformer
        self.reference = reference
        self.reference_weight = reference_weight
        self.fit_intercept = fit_intercept
        self.rcond = rcond

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Fit the feature map and orthonormalise it on the reference.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite rows; they are the reference where none was given.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), optional
            Base weights of X, where X is the reference.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If the features have rank zero or a weight is not usable.
        """
        del y
        self._validate_params()
        rows = validate_data(self, X, dtype=np.float64)
        if self.reference is None:
            return self._build(rows, sample_weight)
        reference = check_array(self.reference, dtype=np.float64)
        return self._build(reference, self.reference_weight)

    def prepare(self) -> Self:
        """Build the basis on its reference, without other data.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If there is no reference.
        """
        from infostat.exceptions import InfostatError

        if self.reference is None:
            msg = (
                "FeatureBasis has no reference: pass reference=, the pool or a sample."
            )
            raise InfostatError(msg)
        return self.fit(self.reference)

    def _build(self, rows: FloatArray, weight: Any) -> Self:
        mu = row_shares(weight, len(rows))
        self.transformer_ = None
        if self.transformer is not None:
            # Rows of weight zero teach the feature map nothing.
            self.transformer_ = clone(self.transformer).fit(rows[mu > 0])
        self.factor_, features = orthonormal_pool(
            self._map(rows), mu, intercept=self.fit_intercept, rcond=self.rcond
        )
        self.reference_ = rows
        self.source_ = PoolSource(features, mu)
        self._n_features_out = self.factor_.rank
        return self

    def _map(self, rows: FloatArray) -> FloatArray:
        if self.transformer_ is None:
            return rows
        mapped: Any = self.transformer_.transform(rows)
        dense = mapped.toarray() if hasattr(mapped, "toarray") else mapped
        return np.asarray(check_array(dense, dtype=np.float64))

    def transform(self, X: Any) -> FloatArray:
        """Orthonormal features of rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, m)
            Rank m is that of the features on the reference.
        """
        check_is_fitted(self, "factor_")
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        return self.factor_.features(self._map(rows))

    def sample_measure(
        self, n: int, rng: int | np.random.Generator | None = None
    ) -> FloatArray:
        """Draw independent rows of the reference by its weights.

        Parameters
        ----------
        n : int
            Number of rows.
        rng : int or Generator, optional
            Source of randomness.

        Returns
        -------
        ndarray of shape (n, n_features)
            Rows as given, not their features.

        Raises
        ------
        InfostatError
            If an unfitted basis has no reference.
        """
        drawn = self._source().measured(n, np.random.default_rng(rng))
        return np.asarray(self.reference_[drawn.places])

    def sample_christoffel(
        self, n: int, rng: int | np.random.Generator | None = None
    ) -> FloatArray:
        """Draw independent rows of the reference by leverage.

        Parameters
        ----------
        n : int
            Number of rows.
        rng : int or Generator, optional
            Source of randomness.

        Returns
        -------
        ndarray of shape (n, n_features)
            Each goes with the weight m / phi^T phi.

        Raises
        ------
        InfostatError
            If an unfitted basis has no reference.
        """
        drawn = self._source().leveraged(n, np.random.default_rng(rng))
        return np.asarray(self.reference_[drawn.places])

    def sample_dpp(self, rng: int | np.random.Generator | None = None) -> FloatArray:
        """Draw the rows of the projection DPP of the features.

        Parameters
        ----------
        rng : int or Generator, optional
            Source of randomness.

        Returns
        -------
        ndarray of shape (m, n_features)
            As many rows as the rank.

        Raises
        ------
        InfostatError
            If an unfitted basis has no reference.
        """
        drawn = draw_projection(self._source(), np.random.default_rng(rng))
        return np.asarray(self.reference_[drawn.places])

    def kernel(self, X: Any, Y: Any = None) -> FloatArray:
        """Reproducing kernel phi(x)^T phi(y).

        Parameters
        ----------
        X : array-like of shape (n_x, n_features)
            Rows x.
        Y : array-like of shape (n_y, n_features), optional
            Rows y; those of X by default.

        Returns
        -------
        ndarray of shape (n_x, n_y)
            One row a row of X, one column a row of Y.
        """
        left = self.transform(X)
        right = left if Y is None else self.transform(Y)
        return np.asarray(left @ right.T)

    def _source(self) -> PoolSource:
        if not hasattr(self, "source_"):
            self.prepare()
        return self.source_
