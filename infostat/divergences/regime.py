"""Whether a kernel density estimate averages or copies its nearest points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from infostat._arrays import read_count, read_number, read_numbers
from infostat._magnitude import refuse_huge
from infostat.exceptions import InfostatError

__all__ = ["KernelRegime", "kernel_regime"]

FloatArray = npt.NDArray[np.float64]
Verdict = Literal["copying", "heavy-tailed", "averaging"]

ENOUGH = 30.0
"""Points that must carry a density for normal errors, a rule of thumb."""


@dataclass(frozen=True, eq=False)
class KernelRegime:
    """Result of :func:`kernel_regime`.

    Attributes
    ----------
    bandwidth : float
        Of the Gaussian kernel, in standard deviations of the whitened data.
    critical_bandwidth : float
        Below it a few points carry the estimate, for Gaussian data.
    normal_bandwidth : float
        Above it the estimate has normal errors, for Gaussian data.
    dimension : float
        Effective dimension used.
    effective_points : ndarray of shape (n_queries,)
        ``(sum w)^2 / sum w^2`` of the kernel weights at each query, itself left out.
    largest_share : ndarray of shape (n_queries,)
        Share of the heaviest point.
    verdict : {"copying", "heavy-tailed", "averaging"}
        From the median of ``effective_points``: below 3, below 30, or more.
    """

    bandwidth: float
    critical_bandwidth: float
    normal_bandwidth: float
    dimension: float
    effective_points: FloatArray = field(repr=False)
    largest_share: FloatArray = field(repr=False)
    verdict: Verdict


def kernel_regime(
    X: Any,
    bandwidth: float | None = None,
    *,
    dimension: float | None = None,
    n_queries: int = 500,
    rng: int | np.random.Generator | None = None,
) -> KernelRegime:
    """Tell whether kernel weights average over points or pick out a few.

    In many dimensions the usual bandwidths leave a density estimate to the two or three
    nearest points, and everything built on it (a density ratio, a kernel divergence, an
    overlap weight) inherits their noise.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Numbers; they are whitened by their principal components.
    bandwidth : float, optional
        Standard deviation of the Gaussian kernel on the whitened scale; Silverman's
        rule by default.
    dimension : float, optional
        Dimension of the law; by default the number of principal components, which for
        whitened Gaussian data is exact. Data near a surface have fewer.
    n_queries : int, default=500
        Rows at which the weights are looked at; cost ``n_queries * n * d``.
    rng : int or Generator, optional
        Chooses the queries.

    Returns
    -------
    KernelRegime

    Raises
    ------
    InfostatError
        If X holds missing or infinite values, fewer than ten rows, or no column that
        varies; or the bandwidth, the dimension or the number of queries is not
        positive.

    Notes
    -----
    The two critical bandwidths are derived for Gaussian data, by large deviations of
    the kernel weight about a typical point (arXiv 2408.05807): with rate
    ``I(h) = ln(1 + 1/h^2)/2 - h^2/(2 (1 + h^2)^2)`` the lower one solves
    ``I(h) = ln(n)/d``, and the upper one is ``sqrt(2)`` times as large, since squaring
    a Gaussian kernel halves its variance. The verdict rests on the effective points,
    which need no law.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(2980, 20))
    >>> found = kernel_regime(X, rng=0)
    >>> round(found.critical_bandwidth, 2), found.verdict
    (0.75, 'copying')
    """
    n_queries = read_count(n_queries, "n_queries")
    white = _whitened(X)
    n, d = white.shape
    effective = float(d) if dimension is None else read_number(dimension, "dimension")
    h = _silverman(n, d) if bandwidth is None else read_number(bandwidth, "bandwidth")
    if not h > 0.0 or not effective > 0.0:
        msg = f"bandwidth and dimension must be positive, got {h} and {effective}."
        raise InfostatError(msg)
    lower = _critical_bandwidth(np.log(n) / effective)
    generator = np.random.default_rng(rng)
    queries = generator.choice(n, size=min(n, n_queries), replace=False)
    points, share = _weights(white, queries, h)
    middle = float(np.median(points))
    verdict: Verdict = (
        "copying" if middle < 3 else "heavy-tailed" if middle < ENOUGH else "averaging"
    )
    return KernelRegime(
        h, lower, float(np.sqrt(2.0)) * lower, effective, points, share, verdict
    )


def _whitened(X: Any) -> FloatArray:
    """Principal components of unit variance."""
    values = read_numbers(X, "X", ndim=None, low=-np.inf, high=np.inf, missing=True)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2 or len(values) < 10:
        msg = f"X must be a table of at least 10 rows, got shape {values.shape}."
        raise InfostatError(msg)
    if not np.isfinite(values).all():
        column = int(np.flatnonzero(~np.isfinite(values).all(axis=0))[0])
        msg = f"Column {column} holds missing or infinite values: drop or impute them."
        raise InfostatError(msg)
    for k, column in enumerate(values.T):
        refuse_huge(f"x{k}", column)
    spread = values.std(axis=0)
    values = values[:, spread > 0] / spread[spread > 0]
    if not values.size:
        msg = "No column varies, so there is no density to estimate: drop constants."
        raise InfostatError(msg)
    values = values - values.mean(axis=0)
    eigenvalues, vectors = np.linalg.eigh(values.T @ values / len(values))
    # Directions made of rounding would be blown up to unit variance.
    kept = eigenvalues > 1e-10 * eigenvalues[-1]
    eigenvalues, vectors = eigenvalues[kept], vectors[:, kept]
    return np.asarray(values @ (vectors / np.sqrt(eigenvalues)))


def _silverman(n: int, d: int) -> float:
    """Silverman's bandwidth for d standard normal variables."""
    return float((4.0 / ((d + 2.0) * n)) ** (1.0 / (d + 4.0)))


def _critical_bandwidth(alpha: float) -> float:
    """Bandwidth at which the rate of the dominating points equals ``ln(n)/d``."""

    def excess(log_h: float) -> float:
        square = np.exp(2.0 * log_h)
        rate = 0.5 * np.log1p(1.0 / square) - square / (2.0 * (1.0 + square) ** 2)
        return float(rate - alpha)

    # The rate falls from infinity (as -log h) to zero (as h^-4).
    return float(np.exp(brentq(excess, -alpha - 5.0, 20.0, xtol=1e-12)))


def _weights(
    white: FloatArray, queries: npt.NDArray[np.intp], h: float
) -> tuple[FloatArray, FloatArray]:
    """Effective points and largest share of the kernel weights at each query."""
    squares = (white**2).sum(axis=1)
    points, share = np.zeros(len(queries)), np.zeros(len(queries))
    block = max(1, 4_000_000 // len(white))
    for start in range(0, len(queries), block):
        rows = queries[start : start + block]
        exponent = squares[rows, None] + squares - 2.0 * (white[rows] @ white.T)
        exponent /= -2.0 * h * h
        exponent[np.arange(len(rows)), rows] = -np.inf
        exponent -= exponent.max(axis=1, keepdims=True)
        weight = np.exp(exponent)
        total = weight.sum(axis=1)
        points[start : start + block] = total**2 / (weight**2).sum(axis=1)
        share[start : start + block] = 1.0 / total
    return points, share
