"""Exponential families: from data to the fitted law."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from infostat._arrays import read_numbers
from infostat._magnitude import refuse_huge
from infostat.exceptions import InfostatError
from infostat.samplesize.cumulants import contract, row_cumulants, whitening
from infostat.samplesize.expansion import Expansion, family_expansion
from infostat.samplesize.laws import (
    FiniteLaw,
    Law,
    PoissonLaw,
    information_step,
    normal_law,
)

__all__ = [
    "CategoricalFamily",
    "CustomFamily",
    "Family",
    "GaussianFamily",
    "LogLinearFamily",
    "PoissonFamily",
]

FloatArray = npt.NDArray[np.float64]

LARGEST_TABLE = 2**20
"""Cells up to which a log-linear model is enumerated."""


class Family(ABC):
    """A family of laws with one maximum likelihood estimate per sample."""

    @abstractmethod
    def read(self, data: Any) -> npt.NDArray[Any]:
        """Check data and bring them into the form that the laws take."""

    @abstractmethod
    def fit(self, data: npt.NDArray[Any], weight: FloatArray) -> Law:
        """Law at the maximum likelihood estimate; weights sum to one."""


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
        """Law with given probabilities, all positive and at least two."""
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
        return _number_table(data)

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


@dataclass(frozen=True)
class CustomFamily:
    """A family known by its statistic and draws of it: no normalising constant.

    Parameters
    ----------
    statistic : callable
        Takes data and gives the statistic, shape (n_samples, p).
    sampler : callable
        Takes a number of draws and a Generator and gives that many observations from
        the law at the maximum likelihood estimate.
    n_draws : int, default=20000
        Draws of the model; at least 10,000 and 100 a parameter keep the bias small.

    Notes
    -----
    The estimate is up to the caller (stochastic Newton, Markov chain Monte Carlo): the
    sampler must draw from the law fitted to the data.
    """

    statistic: Callable[[Any], FloatArray]
    sampler: Callable[[int, np.random.Generator], Any]
    n_draws: int = 20_000


@dataclass(frozen=True, eq=False)
class DrawnExpansion:
    """Expansion from draws of the model, with the error of the simulation.

    Attributes
    ----------
    expansion : Expansion
        Coefficients.
    simulation_gap : float
        Change of ``c2`` where pairs of a draw with itself are left out: what the
        number of draws leaves open.
    trace_se : float
        Standard error of ``tr S`` from the data.
    spectrum : ndarray of shape (p,)
        Eigenvalues of S.
    """

    expansion: Expansion
    simulation_gap: float
    trace_se: float
    spectrum: FloatArray


def expansion_from_samples(
    xi_data: FloatArray, xi_model: FloatArray, weight: FloatArray | None = None
) -> DrawnExpansion:
    """Expansion from the statistic of data and of draws of the fitted model.

    Parameters
    ----------
    xi_data : ndarray of shape (n_samples, p)
        Statistic of the data.
    xi_model : ndarray of shape (n_draws, p)
        Statistic of independent draws from the model.
    weight : ndarray of shape (n_samples,), optional
        Weights of the data, summing to one.

    Returns
    -------
    DrawnExpansion

    Raises
    ------
    InfostatError
        If the widths differ or the statistic is redundant.
    """
    data, model = _number_table(xi_data), _number_table(xi_model)
    if data.shape[1] != model.shape[1]:
        msg = (
            f"The statistic has {data.shape[1]} components in the data and "
            f"{model.shape[1]} in the draws: give the same statistic of both."
        )
        raise InfostatError(msg)
    equal = np.full(len(model), 1.0 / len(model))
    white = whitening(model, equal)
    z, y = white(model), white(data)
    contractions = contract(row_cumulants(z, equal), y, weight)
    expansion = family_expansion(contractions, model.shape[1])
    # The pairs of a draw with itself in |t_S|^2 + 2 TT_SS.
    centred = y - (y.mean(axis=0) if weight is None else weight @ y)
    w = np.full(len(y), 1.0 / len(y)) if weight is None else weight
    s = (centred * w[:, None]).T @ centred
    form = np.einsum("ia,ia->i", z @ s, z)
    size = np.einsum("ia,ia->i", z, z)
    own = 3.0 * float((size * form**2).mean()) / len(z)
    squares = np.einsum("ia,ia->i", centred, centred)
    trace_se = float(np.sqrt(w @ (squares - w @ squares) ** 2 / len(y)))
    spectrum = np.maximum(np.linalg.eigvalsh(s), 0.0)
    return DrawnExpansion(expansion, 0.375 * own, trace_se, spectrum)


def _number_table(data: Any) -> FloatArray:
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
