"""Families known by draws alone: no normalising constant, no derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.samplesize.cumulants import contract, row_cumulants, whitening
from infostat.samplesize.expansion import Expansion, family_expansion
from infostat.samplesize.families import number_table

__all__ = ["CustomFamily", "DrawnExpansion", "expansion_from_samples"]

FloatArray = npt.NDArray[np.float64]


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
    data, model = number_table(xi_data), number_table(xi_model)
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
