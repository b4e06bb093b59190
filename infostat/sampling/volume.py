"""Generalized volume sampling and its relatives, for any source.

gamma_n^nu has density proportional to det(G) under n independent draws from nu; it is
the m points of the projection DPP with n - m independent points, shuffled.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

from infostat._arrays import (
    read_choice,
    read_count,
    read_number,
    read_numbers,
    row_shares,
)
from infostat.exceptions import InfostatError
from infostat.sampling.density import BaseMeasure
from infostat.sampling.dpp import draw_projection
from infostat.sampling.pool import orthonormal_pool
from infostat.sampling.sources import Draws, PoolSource, Source

__all__ = [
    "draw_fixed_size",
    "draw_repeated",
    "draw_ridge",
    "draw_volume",
    "volume_sample",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def draw_volume(
    source: Source, n: int, base: BaseMeasure, rng: np.random.Generator
) -> Draws:
    """Draw n >= m points from gamma_n^nu.

    Parameters
    ----------
    source : Source
        A pool or a basis.
    n : int
        Number of points.
    base : BaseMeasure
        nu.
    rng : Generator
        Source of randomness.

    Returns
    -------
    Draws
        n points in random order. On a pool a row can come more than once.

    Raises
    ------
    InfostatError
        If n is below the rank m.
    """
    check_size(n, source.rank)
    parts = draw_projection(source, rng), base.draw(source, n - source.rank, rng)
    return Draws.join(*parts).take(rng.permutation(n))


def draw_repeated(
    source: Source, n: int, rng: np.random.Generator
) -> tuple[Draws, IntArray]:
    """Draw independent projection DPPs until there are n points.

    Parameters
    ----------
    source : Source
        A pool or a basis.
    n : int
        Number of points; where it is no multiple of m, random points of the last block
        are dropped, which leaves every point's law what it was.
    rng : Generator
        Source of randomness.

    Returns
    -------
    draws : Draws
        The points, block after block.
    blocks : ndarray of shape (n,)
        Number of each point's block.

    Raises
    ------
    InfostatError
        If n is below the rank m.
    """
    check_size(n, source.rank)
    n_blocks = -(-n // source.rank)
    drawn = Draws.join(*(draw_projection(source, rng) for _ in range(n_blocks)))
    blocks = np.repeat(np.arange(n_blocks), source.rank)
    return drawn.take(slice(0, n)), blocks[:n]


def draw_fixed_size(source: PoolSource, n: int, rng: np.random.Generator) -> Draws:
    """Draw n distinct rows with probability proportional to det(A_S^T A_S).

    The projection DPP padded with uniform rows has exactly this law.

    Parameters
    ----------
    source : PoolSource
        The pool.
    n : int
        Number of rows, from m to the rows of positive weight.
    rng : Generator
        Source of randomness.

    Returns
    -------
    Draws
        Distinct rows in random order.

    Raises
    ------
    InfostatError
        If n is below the rank or above the number of rows.
    """
    check_size(n, source.rank)
    chosen = np.asarray(draw_projection(source, rng).places)
    return source.rows(_padded(chosen, np.flatnonzero(source.mu > 0), n, rng))


def draw_ridge(
    rows: FloatArray, n: int, ridge: float, rng: np.random.Generator
) -> IntArray:
    """Draw n distinct rows with probability proportional to det(A_S^T A_S + ridge I).

    Exact: the number k of directions that the rows themselves decide is drawn first,
    then k eigenvectors, then the projection DPP of those, then uniform padding.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, p)
        A.
    n : int
        Number of rows; it may lie below the rank.
    ridge : float
        Positive.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray of shape (n,)
        Distinct row numbers in random order.

    Raises
    ------
    InfostatError
        If n exceeds the number of rows.
    """
    total = len(rows)
    left, singular, _ = np.linalg.svd(rows, full_matrices=False)
    kept = singular > singular[0] * total * np.finfo(float).eps
    left, log_values = left[:, kept], np.log(singular[kept] ** 2 / ridge)
    table = _log_symmetric(log_values)
    largest = min(len(log_values), n)
    k = np.arange(largest + 1)
    log_pad = gammaln(total - k + 1.0) - gammaln(n - k + 1.0) - gammaln(total - n + 1.0)
    law = table[-1, : largest + 1] + log_pad
    size = int(rng.choice(k, p=np.exp(law - logsumexp(law))))
    vectors = _choose_vectors(table, log_values, size, rng)
    chosen = np.zeros(0, dtype=np.intp)
    if size:
        source = PoolSource(
            left[:, vectors] * np.sqrt(total), np.full(total, 1 / total)
        )
        chosen = np.asarray(draw_projection(source, rng).places)
    return _padded(chosen, np.arange(total), n, rng)


def _log_symmetric(log_values: FloatArray) -> FloatArray:
    """Logarithms of the elementary symmetric polynomials of the first values.

    Entry (i, k) is that of order k of the first i values.
    """
    count = len(log_values)
    out = np.full((count + 1, count + 1), -np.inf)
    out[:, 0] = 0.0
    for i, value in enumerate(log_values):
        out[i + 1, 1:] = np.logaddexp(out[i, 1:], out[i, :-1] + value)
    return out


def _choose_vectors(
    table: FloatArray, log_values: FloatArray, size: int, rng: np.random.Generator
) -> IntArray:
    """Eigenvectors of a k-DPP (Kulesza and Taskar 2012, algorithm 8)."""
    chosen = []
    for i in range(len(log_values), 0, -1):
        if not size:
            break
        odds = log_values[i - 1] + table[i - 1, size - 1] - table[i, size]
        if rng.random() < np.exp(odds):
            chosen.append(i - 1)
            size -= 1
    return np.array(chosen, dtype=np.intp)


def _padded(
    chosen: IntArray, allowed: IntArray, n: int, rng: np.random.Generator
) -> IntArray:
    """Chosen rows and uniform others up to n, shuffled."""
    if n > len(allowed):
        msg = (
            f"{n} distinct rows were asked for, but the pool has {len(allowed)} of "
            f"positive weight: ask for fewer, or use method='volume'."
        )
        raise InfostatError(msg)
    rest = np.setdiff1d(allowed, chosen)
    more = rng.choice(rest, size=n - len(chosen), replace=False)
    return np.asarray(rng.permutation(np.concatenate([chosen, more])))


def check_size(n: int, rank: int) -> None:
    """Raise where n points cannot carry ``rank`` functions."""
    if n < rank:
        msg = (
            f"{n} points cannot carry {rank} independent functions: ask for at least "
            f"{rank}, or use fewer functions."
        )
        raise InfostatError(msg)


def volume_sample(
    X: npt.ArrayLike,
    n: int,
    *,
    sample_weight: npt.ArrayLike | None = None,
    base: str = "leverage",
    mixture: float = 0.5,
    fit_intercept: bool = True,
    rng: int | np.random.Generator | None = None,
) -> tuple[IntArray, FloatArray]:
    """Draw rows of a pool so that the weighted fit on them is unbiased.

    Parameters
    ----------
    X : array-like of shape (n_rows, n_features)
        The pool, finite.
    n : int
        Number of draws, at least the rank.
    sample_weight : array-like of shape (n_rows,), optional
        Base weights mu.
    base : {"leverage", "uniform", "mixture"}, default="leverage"
        Law nu of the draws beyond the DPP.
    mixture : float, default=0.5
        Share of mu in the mixture.
    fit_intercept : bool, default=True
        Whether the model has a constant.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    indices : ndarray of shape (n,)
        Row numbers; a row can come more than once.
    weights : ndarray of shape (n,)
        The density dmu/dnu, for weighted least squares.

    Raises
    ------
    InfostatError
        If n is below the rank, the input is not finite, the base is unknown, or the
        mixture does not lie in [0, 1].
    """
    share = read_number(mixture, "mixture", low=0.0, high=1.0)
    shares = {"leverage": 0.0, "uniform": 1.0, "mixture": share}
    measure = BaseMeasure(shares[read_choice(base, "base", shares)])
    n = read_count(n, "n")
    rows = read_numbers(X, "X", ndim=2)
    mu = row_shares(sample_weight, len(rows))
    _, features = orthonormal_pool(rows, mu, intercept=fit_intercept)
    source = PoolSource(features, mu)
    drawn = draw_volume(source, n, measure, np.random.default_rng(rng))
    return np.asarray(drawn.places), measure.weights(drawn)
