"""Parameters of a binner that was not given, so that a search can set them."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import BaseEstimator

from infostat.binning.binners import OptimalBinner

__all__ = ["DefaultBinner"]


class DefaultBinner(BaseEstimator):
    """An estimator whose ``binner=None`` means :class:`OptimalBinner`."""

    binner: Any

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name, those of the default binner as well.

        Parameters
        ----------
        **params
            Those of the binner as ``binner__max_bins``. Where ``binner`` is None, an
            :class:`OptimalBinner` with its defaults takes its place first: None has no
            parameters to set.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        nested = any(name.startswith("binner__") for name in params)
        if nested and params.get("binner", self.binner) is None:
            params["binner"] = OptimalBinner()
        super().set_params(**params)
        return self
