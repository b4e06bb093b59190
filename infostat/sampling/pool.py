"""A pool with base weights: standardised columns, orthonormal features, maps back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.sampling.factor import orthonormal_factor

__all__ = ["Columns", "Factor", "orthonormal_pool"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Columns:
    """How rows of a table become rows of a design matrix: standardised, with constant.

    Attributes
    ----------
    centre, scale : ndarray of shape (n_features,)
        Weighted mean (zero without intercept) and root mean square about it; one for
        constant columns.
    intercept : bool
        Whether the first column is the constant one.
    """

    centre: FloatArray
    scale: FloatArray
    intercept: bool

    @classmethod
    def learn(cls, X: FloatArray, weight: FloatArray, *, intercept: bool) -> Columns:
        """Learn centre and scale from rows X (n, p) with weights that sum to one."""
        centre = weight @ X if intercept else np.zeros(X.shape[1])
        scale = np.sqrt(weight @ (X - centre) ** 2)
        # A constant column is left with rounding only; it is set to zero.
        noise = 1e-13 * np.maximum(np.abs(centre), np.finfo(float).tiny)
        return cls(centre, np.where(scale > noise, scale, np.inf), intercept)

    def apply(self, X: FloatArray) -> FloatArray:
        """Design matrix of rows X, shape (n, n_features + intercept)."""
        shifted = (X - self.centre) / self.scale
        if not self.intercept:
            return np.asarray(shifted)
        return np.column_stack([np.ones(len(X)), shifted])


@dataclass(frozen=True, eq=False)
class Factor:
    """Orthonormal features of rows, phi(x) = T^T a(x).

    Attributes
    ----------
    columns : Columns
        Rows of the table to rows a(x) of the design matrix.
    mapping : ndarray of shape (n_columns, m)
        T.
    """

    columns: Columns
    mapping: FloatArray

    @property
    def rank(self) -> int:
        """Number m of orthonormal features."""
        return int(self.mapping.shape[1])

    def features(self, X: FloatArray) -> FloatArray:
        """Orthonormal features of rows X, shape (n, m)."""
        return np.asarray(self.columns.apply(X) @ self.mapping)

    def raw_coefficients(
        self, coefficients: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Intercept and coefficients of the raw columns, of smallest norm.

        Parameters
        ----------
        coefficients : ndarray of shape (m,) or (m, n_outputs)
            In the orthonormal basis.

        Returns
        -------
        intercept : ndarray of shape () or (n_outputs,)
        slopes : ndarray of shape (n_features,) or (n_features, n_outputs)
        """
        raw = self.mapping @ coefficients
        if not self.columns.intercept:
            return np.zeros(raw.shape[1:]), (raw.T / self.columns.scale).T
        slopes = (raw[1:].T / self.columns.scale).T
        return np.asarray(raw[0] - self.columns.centre @ slopes), slopes


def orthonormal_pool(
    X: FloatArray, mu: FloatArray, *, intercept: bool, rcond: float | None = None
) -> tuple[Factor, FloatArray]:
    """Factorise a pool whose rows have base weights.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Rows of the pool, finite.
    mu : ndarray of shape (n,)
        Base weights, not negative, of sum one.
    intercept : bool
        Whether the model has a constant.
    rcond : float, optional
        Relative singular value that counts as zero.

    Returns
    -------
    factor : Factor
        From rows to orthonormal features.
    features : ndarray of shape (n, m)
        phi of every row, orthonormal under mu.

    Raises
    ------
    InfostatError
        If the rank is zero.
    """
    columns = Columns.learn(X, mu, intercept=intercept)
    root = np.sqrt(mu)[:, None]
    U, mapping = orthonormal_factor(columns.apply(X) * root, rcond=rcond)
    factor = Factor(columns, mapping)
    # Rows without weight get their features from the map.
    features = np.divide(U, root, out=U, where=root > 0)
    empty = np.flatnonzero(mu <= 0)
    if len(empty):
        features[empty] = factor.features(X[empty])
    return factor, features
