"""Exponential families: from data to the fitted law."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from infostat._arrays import read_numbers
from infostat._magnitude import refuse_huge
from infostat.exceptions import InfostatError
from infostat.samplesize.cumulants import whitening
from infostat.samplesize.laws import (
    FiniteLaw,
    Law,
    PoissonLaw,
    information_step,
    normal_law,
)

__all__ = [
    "CategoricalFamily",
    "Family",
    "GaussianFamily",
    "LogLinearFamily",
    "PoissonFamily",
    "number_table",
]

FloatArray = npt.NDArray[np.float64]

LARGEST_TABLE = 2**20
"""Cells up to which a log-linear model is enumerated."""


class Family(ABC):
    """A family of laws with one maximum likelihood estimate per sample."""

    @abstractmethod
    def read(self, data: Any) -> npt.NDArray[Any]:
        """Check data and bring them into the form that the laws take.

        Parameters
        ----------
        data : array-like
            Observations, one row each.

        Returns
        -------
        ndarray
            One row an observation, in the form that :meth:`fit` takes.

        Raises
        ------
        InfostatError
            If the data do not suit the family.
        """

    @abstractmethod
    def fit(self, data: npt.NDArray[Any], weight: FloatArray) -> Law:
        """Law at the maximum likelihood estimate.

        Parameters
        ----------
        data : ndarray
            As :meth:`read` returns it.
        weight : ndarray of shape (n_samples,)
            Weights of the rows; they sum to one.

        Returns
        -------
        Law
            The fitted member.

        Raises
        ------
        InfostatError
            If the estimate does not exist.
        """


@dataclass(frozen=True)
class CategoricalFamily(Family):
    """Free probabilities of K cells.

    Parameters
    ----------
    n_cells : int, optional
        Number of cells; by default those that occur.
    """

    n_cells: int | None = None

    def read(self, data: Any) -> npt.NDArray[Any]:
        """Labels become cell numbers; with ``n_cells`` data must be 0 to n_cells-1."""
        values = np.asarray(data)
        if values.ndim != 1:
            msg = f"Categories must be one column, got shape {values.shape}."
            raise InfostatError(msg)
        if self.n_cells is None:
            return np.unique(values, return_inverse=True)[1]
        if values.dtype.kind not in "iu" or not (
            values.min() >= 0 and values.max() < self.n_cells
        ):
            msg = f"Cell numbers must be whole and lie in 0 to {self.n_cells - 1}."
            raise InfostatError(msg)
        return values.astype(np.intp)

    def fit(self, data: npt.NDArray[Any], weight: FloatArray) -> FiniteLaw:
        """Shares of the cells.

        Raises
        ------
        InfostatError
            If a cell is empty: the estimate lies on the boundary.
        """
        n_cells = self.n_cells or int(data.max()) + 1
        share = np.bincount(data, weights=weight, minlength=n_cells)
        return self.law(share.astype(float))

    @staticmethod
    def law(share: FloatArray) -> FiniteLaw:
        """Law with given probabilities.

        Parameters
        ----------
        share : ndarray of shape (n_cells,)
            Shares of the cells, scaled to sum to one.

        Returns
        -------
        FiniteLaw
            One parameter a cell, less one.

        Raises
        ------
        InfostatError
            If a share is not positive, or there are fewer than two.
        """
        share = np.asarray(share, dtype=float)
        if len(share) < 2 or not (share > 0).all():
            empty = np.flatnonzero(share <= 0).tolist()
            msg = (
                f"Cells {empty} of {len(share)} are empty, so the maximum likelihood "
                f"estimate does not exist: merge them with others (two must remain)."
            )
            raise InfostatError(msg)
        share = share / share.sum()
        statistic = np.eye(len(share))[:, 1:]
        return FiniteLaw(statistic, share, whitening(statistic, share))


@dataclass(frozen=True)
class PoissonFamily(Family):
    """Poisson counts with a free rate."""

    def read(self, data: Any) -> npt.NDArray[Any]:
        """Counts: whole, not negative."""
        values = read_numbers(
            data, "data", ndim=None, low=-np.inf, high=np.inf, missing=True
        )
        if values.ndim != 1 or not (
            np.isfinite(values).all()
            and (values >= 0).all()
            and (values % 1 == 0).all()
        ):
            msg = "Poisson data must be one column of whole counts, zero or more."
            raise InfostatError(msg)
        return values

    def fit(self, data: npt.NDArray[Any], weight: FloatArray) -> PoissonLaw:
        """Mean count.

        Raises
        ------
        InfostatError
            If every count is zero.
        """
        rate = float(weight @ data)
        if rate <= 0:
            msg = "Every count is zero, so the rate has no estimate: collect more rows."
            raise InfostatError(msg)
        return PoissonLaw(rate)


@dataclass(frozen=True)
class GaussianFamily(Family):
    """Normal vectors with free mean and covariance."""

    def read(self, data: Any) -> npt.NDArray[Any]:
        """Finite numbers, one row an observation."""
        return number_table(data)

    def fit(self, data: npt.NDArray[Any], weight: FloatArray) -> Law:
        """Mean and covariance (divisor n)."""
        mean = weight @ data
        centred = data - mean
        return normal_law(mean, (centred * weight[:, None]).T @ centred)


@dataclass(frozen=True)
class LogLinearFamily(Family):
    """Log-linear model of discrete columns, by enumeration of the cells.

    Parameters
    ----------
    levels : sequence of int
        Number of levels of each column; data hold 0 to levels - 1.
    order : int, default=2
        Highest interaction: 1 for independence, 2 for all pairs.
    """

    levels: Sequence[int]
    order: int = 2

    def _statistic(self) -> FloatArray:
        n_cells = int(np.prod(self.levels))
        if n_cells > LARGEST_TABLE:
            msg = (
                f"The table has {n_cells} cells, and up to {LARGEST_TABLE} are "
                f"enumerated: use CustomFamily with a sampler, or fewer columns."
            )
            raise InfostatError(msg)
        cells = np.stack(np.unravel_index(np.arange(n_cells), tuple(self.levels)), 1)
        main = [
            [(cells[:, c] == level).astype(float) for level in range(1, self.levels[c])]
            for c in range(len(self.levels))
        ]
        columns = []
        for size in range(1, self.order + 1):
            for chosen in combinations(range(len(self.levels)), size):
                products = [np.ones(n_cells)]
                for c in chosen:
                    products = [
                        product * one for product in products for one in main[c]
                    ]
                columns.extend(products)
        return np.stack(columns, axis=1)

    def read(self, data: Any) -> npt.NDArray[Any]:
        """Columns of levels become numbers of cells."""
        values = np.asarray(data)
        if values.ndim != 2 or values.shape[1] != len(self.levels):
            msg = (
                f"Data must have {len(self.levels)} columns, got shape {values.shape}."
            )
            raise InfostatError(msg)
        if (values < 0).any() or (values >= np.array(self.levels)).any():
            msg = f"Levels must be whole and lie below {tuple(self.levels)}."
            raise InfostatError(msg)
        whole = tuple(values.astype(np.intp).T)
        return np.asarray(np.ravel_multi_index(whole, tuple(self.levels)))

    def fit(self, data: npt.NDArray[Any], weight: FloatArray) -> FiniteLaw:
        """Match the expected statistic to the observed one, by Newton's method.

        Raises
        ------
        InfostatError
            If the estimate does not exist (an empty margin, or a pattern of zeros).
        """
        statistic = self._statistic()
        share = np.bincount(data, weights=weight, minlength=len(statistic))
        observed = share @ statistic
        theta = np.zeros(statistic.shape[1])
        for _ in range(60):
            log_p = statistic @ theta
            log_p -= logsumexp(log_p)
            probability = np.exp(log_p)
            gap = observed - probability @ statistic
            try:
                step = information_step(statistic, probability, gap)
            except np.linalg.LinAlgError:
                break
            if float(gap @ step) < 1e-20:
                return FiniteLaw(
                    statistic, probability, whitening(statistic, probability)
                )
            value = observed @ theta - logsumexp(statistic @ theta)
            length = 1.0
            while length > 1e-6:
                trial = theta + length * step
                gain = observed @ trial - logsumexp(statistic @ trial) - value
                if gain >= 1e-4 * length * float(gap @ step) or gain > -1e-15:
                    break
                length /= 2.0
            theta = theta + length * step
        msg = (
            f"The log-linear model with {len(theta)} parameters has no maximum "
            f"likelihood estimate on these data (zeros in the table): merge levels or "
            f"lower the order."
        )
        raise InfostatError(msg)


def number_table(data: Any) -> FloatArray:
    """Finite numbers, one row an observation; raises InfostatError for anything else."""
    values = read_numbers(
        data, "data", ndim=None, low=-np.inf, high=np.inf, missing=True
    )
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2 or len(values) < 2 or not np.isfinite(values).all():
        msg = (
            f"Expected a table of finite numbers with two or more rows, got shape "
            f"{values.shape}: drop or fill missing values."
        )
        raise InfostatError(msg)
    for k, column in enumerate(values.T):
        refuse_huge(f"x{k}", column)
    return values
