"""Moments of a fitted function, as methods of a regressor."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from infostat._frames import build_frame
from infostat.exceptions import InfostatError
from infostat.inference import Estimate
from infostat.sampling.moments import mean_estimate, sobol_shares, variance_estimate

__all__ = ["SurrogateMixin"]


class SurrogateMixin:
    """Mean, variance, Sobol indices and a table of the coefficients."""

    def mean(self) -> Estimate:
        """Integral of the fitted function under the measure of the basis.

        Returns
        -------
        Estimate
            With the standard error of the best fit's integral.

        Raises
        ------
        InfostatError
            If the fit has several outputs, no errors, or a basis without constant.
        """
        return mean_estimate(*self._moments())

    def variance(self) -> Estimate:
        """Variance of the fitted function under the measure, its bias removed.

        Returns
        -------
        Estimate

        Raises
        ------
        InfostatError
            As in :meth:`mean`.
        """
        return variance_estimate(*self._moments())

    def sobol_indices(self, like: Any = None) -> Any:
        """Share of the variance due to each coordinate.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Columns ``feature, first_order, total``.

        Raises
        ------
        InfostatError
            If the basis is no product basis, or there are several outputs.
        """
        check_is_fitted(self, "coef_")
        self._one_output()
        index = getattr(self.basis_, "index_set_", None)
        if index is None:
            msg = (
                f"Sobol indices need a product basis, not "
                f"{type(self.basis_).__name__}: use PolynomialBasis, FourierBasis or "
                f"SplineBasis."
            )
            raise InfostatError(msg)
        shares = sobol_shares(np.asarray(self.coef_), index)
        default = [f"x{j}" for j in range(index.shape[1])]
        names = [str(name) for name in getattr(self, "feature_names_in_", default)]
        columns: dict[str, Any] = {
            "feature": names,
            "first_order": shares.first_order,
            "total": shares.total,
        }
        return build_frame(columns, like)

    def summary(self, like: Any = None) -> Any:
        """Return the coefficients, one row a basis function.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Columns ``function, estimate`` and, where the fit has errors, ``std_error,
            conf_low, conf_high`` at 95 %.

        Raises
        ------
        InfostatError
            If there are several outputs.
        """
        check_is_fitted(self, "coef_")
        self._one_output()
        coef = np.asarray(self.coef_)
        columns: dict[str, Any] = {
            "function": [f"phi{k}" for k in range(len(coef))],
            "estimate": coef,
        }
        if self.cov_ is not None:
            se = np.sqrt(np.maximum(np.diag(self.cov_), 0.0))
            estimate = Estimate(coef, se, self.n_observed_, df=self.df_)
            low, high = estimate.interval()
            columns |= {"std_error": se, "conf_low": low, "conf_high": high}
        return build_frame(columns, like)

    def _moments(self) -> tuple[Any, ...]:
        """Arguments of the moments."""
        check_is_fitted(self, "coef_")
        self._one_output()
        constant = self.basis_.source_.constant
        if constant is None:
            msg = "The basis lacks the constant function: moments need it."
            raise InfostatError(msg)
        covariance = self._covariance()
        return np.asarray(self.coef_), covariance, constant, self.n_observed_, self.df_

    def _one_output(self) -> None:
        if np.ndim(self.coef_) != 1:
            msg = (
                f"There are {len(self.coef_)} outputs: fit one at a time for moments "
                f"and summaries."
            )
            raise InfostatError(msg)

    coef_: Any
    cov_: Any
    basis_: Any
    df_: Any
    n_observed_: int

    @abstractmethod
    def _covariance(self) -> Any:
        """Covariance of the coefficients."""
