"""Regression that asks for its points: design, weighted fit, intervals, moments."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from infostat._sklearn import (
    HasMethods,
    StrOptions,
    read_weight,
)
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.inference.estimate import check_level
from infostat.sampling.bases import PolynomialBasis
from infostat.sampling.designs import DesignPlan
from infostat.sampling.least_squares import (
    chosen_covariance,
    coefficient_covariance,
    weighted_fit,
)
from infostat.sampling.matching import match_rows
from infostat.sampling.numbers_only import refuse_foreign
from infostat.sampling.planning import (
    DESIGN_CONSTRAINTS,
    as_generator,
    certified_design,
    resolve_base,
)
from infostat.sampling.surrogate import SurrogateMixin

__all__ = ["VolumeRegressor"]

FloatArray = npt.NDArray[np.float64]


class VolumeRegressor(SurrogateMixin, MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Weighted least squares in an orthonormal basis, on points of its own choice.

    Ask and tell: ``design()`` returns the points to observe, ``fit(points, y)`` fits
    them with the design's weights. On any other (X, y) it is plain least squares.

    Parameters
    ----------
    basis : basis or None, default=None
        :class:`PolynomialBasis`, :class:`FourierBasis`, :class:`SplineBasis` or
        :class:`FeatureBasis`; None for polynomials of degree 3 on the range of the
        data, which cannot be asked for points before data.
    method : str, default="repeated_dpp"
        As in :class:`VolumeSampler`; "fixed_volume" needs a FeatureBasis.
    n_samples : int, float, "target" or None, default=None
        Points; a float is a ratio to the rank m (rounded up to whole blocks for
        "repeated_dpp"); "target" is the smallest number that meets ``target_constant``;
        None is 2 m (m for "dpp").
    base : {"leverage", "uniform", "mixture", "kernel"}, default="leverage"
        Law of the independent draws of "volume", "leverage" and "best_of".
    mixture : float, default=0.5
        Share of mu (or of the kernel's diagonal) in the mixture.
    kernel_diagonal : array-like of shape (n_rows,) or Envelope, optional
        k_H(x, x) of every row of a pool, or as a function, for ``base="kernel"``.
    oversample : int, default=6
        Points that "dpp_greedy" starts from, in units of m; at least twice those kept.
    min_eigenvalue : float, optional
        Redraw until the smallest eigenvalue of the Gram matrix reaches it.
    max_redraws : int, default=20
        Designs drawn at most.
    target_constant : float, default=2.0
        Error over best error to plan for, with ``n_samples="target"``.
    n_simulations : int, default=0
        Designs to simulate for the certificate; 0 for none.
    cov_type : str, default="auto"
        Standard errors: "HC3", "block", "block_sandwich" or "homoskedastic". "auto" is
        the block jackknife for five whole blocks or more of a repeated DPP, else HC3; a
        greedy design has none unless one is named.
    random_state : int, RandomState, Generator or None, default=None
        Source of randomness.

    Attributes
    ----------
    coef_ : ndarray of shape (m,) or (n_outputs, m)
        In the orthonormal basis.
    cov_ : ndarray of shape (m, m) or (n_outputs, m, m), or None
        Covariance of the coefficients; None where it cannot be had, and
        ``predict(return_std=True)`` says why.
    cov_type_ : str or None
        Which one it is.
    basis_ : basis
        Fitted.
    design_ : DesignSample
        After ``design()``.
    designed_ : bool
        Whether the fit used the design's weights.
    certificate_ : Certificate or None
        That of the design, if it was used.
    gram_eigenvalues_ : tuple of float
        Smallest and largest eigenvalue of the Gram matrix of the fit.
    residual_std_ : float or ndarray of shape (n_outputs,)
        Root of the weighted mean square of residuals, corrected for m.
    rank_ : int
        Rank of the fit.
    n_features_in_, feature_names_in_
        Of the data.

    Notes
    -----
    Standard errors and intervals speak of the best fit in the space (the projection),
    not of the function itself and not of single observations. A design that was
    conditioned or chosen is not random any more in the way they assume; for greedy
    designs they are not given. On 12 to 30 rows not of a design, whose noise grows
    towards the ends, HC3 covers 89 % there at nominal 95 %.

    Examples
    --------
    >>> basis = PolynomialBasis(4, dimension=1)
    >>> model = VolumeRegressor(basis, n_samples=5.0, random_state=0)
    >>> model = model.fit_function(lambda x: np.exp(x[:, 0]))
    >>> bool(abs(model.predict([[0.5]])[0] - np.exp(0.5)) < 0.01)
    True
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        **DESIGN_CONSTRAINTS,
        "basis": [HasMethods(["fit", "transform", "prepare"]), None],
        "cov_type": [
            StrOptions({"auto", "HC3", "block", "block_sandwich", "homoskedastic"})
        ],
    }

    residual_std_: Any

    def __init__(
        self,
        basis: Any = None,
        *,
        method: str = "repeated_dpp",
        n_samples: Any = None,
        base: str = "leverage",
        mixture: float = 0.5,
        kernel_diagonal: Any = None,
        oversample: int = 6,
        min_eigenvalue: float | None = None,
        max_redraws: int = 20,
        target_constant: float = 2.0,
        n_simulations: int = 0,
        cov_type: str = "auto",
        random_state: Any = None,
    ) -> None:
        self.basis = basis
        self.method = method
        self.n_samples = n_samples
        self.base = base
        self.mixture = mixture
        self.kernel_diagonal = kernel_diagonal
        self.oversample = oversample
        self.min_eigenvalue = min_eigenvalue
        self.max_redraws = max_redraws
        self.target_constant = target_constant
        self.n_simulations = n_simulations
        self.cov_type = cov_type
        self.random_state = random_state

    def design(self) -> FloatArray:
        """Draw the points to observe.

        Returns
        -------
        ndarray of shape (n, n_features)
            Pass them to ``fit`` with their observations. For rows of a pool
            (FeatureBasis) ``design_.indices`` has their numbers.

        Raises
        ------
        InfostatError
            If the basis does not know its domain, or the number of points does not fit.
        """
        self._validate_params()
        basis = self._new_basis().prepare()
        source = basis.source_
        plan = DesignPlan(
            method=self.method,
            base=resolve_base(source, self.base, self.mixture, self.kernel_diagonal),
            oversample=int(self.oversample),
            min_eigenvalue=self.min_eigenvalue,
            max_redraws=int(self.max_redraws),
        )
        self.design_ = certified_design(
            source,
            self.n_samples,
            plan,
            target_constant=float(self.target_constant),
            n_simulations=int(self.n_simulations),
            rng=as_generator(self.random_state),
        )
        self._design_basis = basis
        if self.design_.points is not None:
            self._design_points = self.design_.points
        else:
            self._design_points = basis.reference_[self.design_.indices]
        return np.array(self._design_points)

    def _new_basis(self) -> Any:
        if self.basis is None:
            return PolynomialBasis(3, bounds="data")
        return clone(self.basis)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit observations.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The designed points, in any order, or any others.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Observations.
        sample_weight : array-like of shape (n_samples,), optional
            Multiplies the design's weights. Leave it out where it was the base weight
            of the pool already.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If a frame holds anything but finite numbers, or a weight cannot be used;
            for arrays it is scikit-learn's ValueError.
        """
        self._validate_params()
        refuse_foreign(X)
        points, target = validate_data(
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True
        )
        own = read_weight(sample_weight, len(points))
        weight = np.ones(len(points)) if own is None else own
        matched = self._match(points)
        self.designed_ = matched is not None
        if matched is None:
            basis = self._new_basis().fit(points, sample_weight=own)
            blocks = None
        else:
            basis = self._design_basis
            weight = weight * self.design_.weights[matched]
            given = self.design_.blocks if self.design_.complete_blocks else None
            blocks = None if given is None else given[matched]
        self.basis_ = basis
        self.certificate_ = self.design_.certificate if self.designed_ else None
        outputs = np.asarray(target, dtype=float).reshape(len(points), -1)
        self._fit(basis.transform(points), weight, outputs, blocks)
        self._single = np.ndim(target) == 1
        if self._single:
            self.coef_ = self.coef_[0]
            self.residual_std_ = self.residual_std_[0]
            self.cov_ = None if self.cov_ is None else self.cov_[0]
        return self

    def fit_function(self, function: Callable[[FloatArray], npt.ArrayLike]) -> Self:
        """Draw a design, observe the function there, and fit.

        Parameters
        ----------
        function : callable
            Takes points (n, n_features), returns (n,) or (n, n_outputs).

        Returns
        -------
        self : VolumeRegressor
            Fitted.

        Raises
        ------
        InfostatError
            If the basis does not know its domain, the number of points does not fit, or
            the function returns anything but one finite number (or row of them) a
            point.
        """
        points = self.design()
        return self.fit(points, np.asarray(function(points)))

    def _match(self, points: FloatArray) -> npt.NDArray[np.intp] | None:
        """Number of the designed point of each row, None for other data."""
        if not hasattr(self, "design_"):
            return None
        matched = match_rows(points, self._design_points)
        if matched is None:
            warnings.warn(
                f"X has {len(points)} rows that are not the {len(self.design_)} "
                f"designed points: they are fitted with weights of one; pass the array "
                f"that design() returned to use its weights.",
                InfostatWarning,
                stacklevel=3,
            )
        return matched

    def _fit(
        self,
        features: FloatArray,
        weight: FloatArray,
        y: FloatArray,
        blocks: npt.NDArray[np.intp] | None,
    ) -> None:
        fit = weighted_fit(features, weight, y)
        m = features.shape[1]
        self.coef_, self.rank_ = fit.coefficients.T, fit.rank
        self.gram_eigenvalues_ = fit.eigenvalues
        mean_square = (weight[:, None] * fit.residuals**2).sum(axis=0) / weight.sum()
        correction = fit.n / (fit.n - m) if fit.n > m else 1.0
        self.residual_std_ = np.sqrt(correction * mean_square)
        if fit.rank < m:
            warnings.warn(
                f"The {fit.n} points of rank {fit.rank} do not determine {m} functions: "
                f"the fit of smallest norm is used, without standard errors; observe "
                f"more points, or use fewer functions.",
                InfostatWarning,
                stacklevel=4,
            )
        self.n_observed_ = fit.n
        self.cov_, self.cov_type_, self.df_, self._no_errors = None, None, None, ""
        try:
            method = self.design_.method if self.designed_ else None
            self.cov_type_ = chosen_covariance(self.cov_type, method, blocks)
            self.cov_, self.df_ = coefficient_covariance(fit, self.cov_type_, blocks)
        except InfostatError as error:
            # Told where errors are asked for; the fit itself is good.
            self._no_errors, self.cov_type_ = str(error), None

    def predict(
        self,
        X: Any,
        return_std: bool = False,  # noqa: FBT001, FBT002 - sklearn's signature
        return_interval: bool = False,  # noqa: FBT001, FBT002
        level: float = 0.95,
    ) -> Any:
        """Fitted values, with errors of the best fit where asked.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Points.
        return_std : bool, default=False
            Return standard errors as well.
        return_interval : bool, default=False
            Return interval ends as well.
        level : float, default=0.95
            Confidence level of each point's interval.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        std : ndarray of that shape
            Where ``return_std``.
        low, high : ndarray of that shape
            Where ``return_interval``.

        Raises
        ------
        InfostatError
            If errors are asked for and the fit has none.
        """
        check_is_fitted(self, "coef_")
        points = validate_data(self, X, dtype=np.float64, reset=False)
        features = self.basis_.transform(points)
        values = features @ np.asarray(self.coef_).T
        if not (return_std or return_interval):
            return values
        covariance = self._covariance()
        if self._single:
            variance = np.einsum("ni,ij,nj->n", features, covariance, features)
        else:
            variance = np.einsum("ni,kij,nj->nk", features, covariance, features)
        std = np.sqrt(np.maximum(variance, 0.0))
        out = [values, std] if return_std else [values]
        if return_interval:
            reach = stdtrit(self.df_, (1.0 + check_level(level)) / 2.0) * std
            out += [values - reach, values + reach]
        return tuple(out)

    def _covariance(self) -> FloatArray:
        """Covariance, or the reason why there is none."""
        if self.cov_ is None:
            raise InfostatError(self._no_errors)
        return np.asarray(self.cov_)
