"""Binary outcomes under a link that is not canonical, and what can be said of them.

The leading term of the risk is known in closed form; the second order is left to
resampling, which counts every order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.special import log_ndtr, ndtr, xlog1py, xlogy

from infostat.samplesize.expansion import Expansion
from infostat.samplesize.responses import Response

__all__ = ["BinaryLink", "implied_second_order", "leading_term"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BinaryLink(Response):
    """Binary outcomes, probit or complementary log-log link.

    Attributes
    ----------
    link : {"probit", "cloglog"}
        Both are log-concave, so the estimate exists where that of the logit does
        (Silvapulle, JRSS B 43, 1981).
    """

    link: Literal["probit", "cloglog"] = "probit"
    canonical: bool = False

    @property
    def name(self) -> str:  # type: ignore[override]
        """Name in results."""
        return f"binomial ({self.link})"

    def normaliser(self, eta: FloatArray) -> FloatArray:
        """Minus the log-probability of a non-event."""
        return -self._logs(eta)[1]

    def _logs(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log-probabilities of an event and of a non-event, shape (n,)."""
        t = eta[:, 0]
        if self.link == "probit":
            return log_ndtr(t), log_ndtr(-t)
        hazard = np.exp(np.minimum(t, 700.0))
        with np.errstate(divide="ignore"):
            return np.log(-np.expm1(-hazard)), -hazard

    def mean(self, eta: FloatArray) -> FloatArray:
        """Probability of the event, shape (n, 1)."""
        if self.link == "probit":
            return np.asarray(ndtr(eta))
        return -np.expm1(-np.exp(np.minimum(eta, 700.0)))

    def _log_density(self, eta: FloatArray) -> FloatArray:
        """Log of the derivative of the mean, shape (n,)."""
        t = eta[:, 0]
        if self.link == "probit":
            return np.asarray(-0.5 * t**2 - 0.5 * np.log(2.0 * np.pi))
        return np.asarray(t - np.exp(np.minimum(t, 700.0)))

    def curvature(self, eta: FloatArray) -> FloatArray:
        """Expected information of each row, shape (n, 1, 1)."""
        event, other = self._logs(eta)
        log_weight = 2.0 * self._log_density(eta) - event - other
        return np.asarray(np.exp(log_weight))[:, None, None]

    def kernel(self, y: FloatArray, eta: FloatArray) -> FloatArray:
        """Log-likelihood of each row, shape (n,)."""
        event, other = self._logs(eta)
        with np.errstate(invalid="ignore"):
            seen = np.where(y[:, 0] > 0.0, y[:, 0] * event, 0.0)
            return seen + np.where(y[:, 0] < 1.0, (1.0 - y[:, 0]) * other, 0.0)

    def slope(self, y: FloatArray, eta: FloatArray) -> FloatArray:
        """Derivative of the log-likelihood by eta, shape (n, 1)."""
        event, other = self._logs(eta)
        density = self._log_density(eta)
        up, down = np.exp(density - event), np.exp(density - other)
        return (y[:, 0] * up - (1.0 - y[:, 0]) * down)[:, None]

    def bend(self, y: FloatArray, eta: FloatArray) -> FloatArray:
        """Minus the second derivative of the log-likelihood by eta, shape (n,)."""
        event, other = self._logs(eta)
        density, t = self._log_density(eta), eta[:, 0]
        up, down = np.exp(density - event), np.exp(density - other)
        # Logarithmic derivative of the density.
        turn = -t if self.link == "probit" else 1.0 - np.exp(np.minimum(t, 700.0))
        share = y[:, 0]
        return np.asarray(
            share * (up**2 - turn * up) + (1.0 - share) * (down**2 + turn * down)
        )

    def divergence(self, eta: FloatArray, other: FloatArray) -> FloatArray:
        """Kullback-Leibler divergence of each row from ``eta`` to ``other``."""
        p = self.mean(eta)[:, 0]
        event, none = self._logs(other)
        own = xlogy(p, p) + xlog1py(1.0 - p, -p)
        with np.errstate(invalid="ignore"):
            cross = np.where(p > 0.0, p * event, 0.0)
            cross = cross + np.where(p < 1.0, (1.0 - p) * none, 0.0)
        return np.asarray(np.maximum(own - cross, 0.0))

    def draw(self, eta: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Zeros and ones."""
        return (rng.random(eta.shape) < self.mean(eta)).astype(float)

    def carrier(self, y: FloatArray) -> FloatArray:
        """Zero."""
        return np.zeros(len(y))


def leading_term(
    fit: Any, y: FloatArray | None, *, robust: bool
) -> tuple[float, float, float, FloatArray | None]:
    r"""Leading coefficient of the risk under any link.

    Parameters
    ----------
    fit : GLMFit
        Fit whose maximum exists.
    y : ndarray of shape (n_rows, 1) or None
        Outcomes.
    robust : bool
        Whether the data's own scores count.

    Returns
    -------
    a : float
        Half of p, or of :math:`\mathrm{tr}(I_{model} H^{-1} K H^{-1})`.
    trace, trace_se : float
        The latter trace and its standard error; p and 0 without outcomes.
    squares : ndarray of shape (p, p) or None
        The matrix of the trace in coordinates in which the model's information is one.
    """
    p = fit.p
    if y is None:
        return 0.5 * p, float(p), 0.0, None
    z = solve_triangular(fit.lower, fit.design.T, lower=True).T
    bend = fit.mass * fit.response.bend(y, fit.eta)
    inverse = np.linalg.inv((z * bend[:, None]).T @ z)
    moved = (z * fit.response.slope(y, fit.eta)) @ inverse
    squares = (moved * fit.mass[:, None]).T @ moved
    length = (moved**2).sum(axis=1)
    trace = float(fit.mass @ length)
    error = float(np.sqrt(fit.mass @ (length - trace) ** 2 / fit.n))
    return (0.5 * trace if robust else 0.5 * p), trace, error, squares


def implied_second_order(expansion: Expansion, n: float, risk: float) -> Expansion:
    """Second coefficient at which the Padé form is a risk known by resampling.

    Parameters
    ----------
    expansion : Expansion
        Leading coefficient.
    n : float
        Rows that the risk belongs to.
    risk : float
        Risk by resampling, positive.

    Returns
    -------
    Expansion
        With the term ``resampled``: it stands for all higher orders at this n.
    """
    c2 = expansion.a * (n - expansion.a / risk)
    return replace(expansion, c2=c2, terms={"resampled": c2})
