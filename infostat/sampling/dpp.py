"""Exact draws from a projection determinantal point process.

The m points have joint density det(phi(x_i)^T phi(x_j)) / m! under mu. The block
rejection needs about m (ln m + 0.58) independent proposals of law phi^T phi mu / m and
O(m^3 log m) operations, whatever the size of the pool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_numbers, row_shares
from infostat._threads import one_thread
from infostat.exceptions import InfostatError
from infostat.sampling.sources import Draws, PoolSource, Source

__all__ = [
    "ProjectionDraw",
    "block_rejection",
    "draw_projection",
    "sample_projection_dpp",
    "sequential_projection",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

PATIENCE = 150
"""Proposals a point, in units of m; rejection needs more with probability e^-150."""

SMALLEST = 1e-12
"""Relative residual below which a proposal is a point chosen before, up to rounding."""

Proposal = Callable[[int, np.random.Generator], Draws]


@dataclass(frozen=True, eq=False)
class ProjectionDraw:
    """A draw, and what it took.

    Attributes
    ----------
    draws : Draws
        The m points in the order of acceptance, which is a random order.
    scanned : int
        Proposals looked at up to the last acceptance.
    """

    draws: Draws
    scanned: int


def block_rejection(
    propose: Proposal, rank: int, rng: np.random.Generator
) -> ProjectionDraw | None:
    """Draw by rejection from blocks of independent proposals.

    A proposal is accepted with the share of its feature vector that is orthogonal to
    those accepted before (the chain rule of Hough and others 2006, with rejection).

    Parameters
    ----------
    propose : callable
        Takes a number and a generator; returns that many independent Draws of law
        phi^T phi mu / m.
    rank : int
        m.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ProjectionDraw or None
        None where a point took more than 150 m proposals.
    """
    frame = np.zeros((rank, rank))
    accepted: list[Draws] = []
    scanned = waited = 0
    while len(accepted) < rank:
        block = propose(max(2 * rank, 16), rng)
        norm = np.sqrt(np.einsum("ij,ij->i", block.features, block.features))
        rows = block.features / norm[:, None]
        level = np.maximum(rng.random(len(rows)), SMALLEST)
        found = frame[: len(accepted)]
        residual = 1.0 - ((rows @ found.T) ** 2).sum(axis=1)
        start = 0
        while len(accepted) < rank and start < len(rows):
            hits = residual[start:] > level[start:]
            step = int(hits.argmax())
            if not hits[step]:
                break
            place = start + step
            found = frame[: len(accepted)]
            direction = _orthogonal(rows[place], found)
            frame[len(accepted)] = direction
            accepted.append(block.take(slice(place, place + 1)))
            start, scanned, waited = place + 1, scanned + step + 1, 0
            residual[start:] -= (rows[start:] @ direction) ** 2
        if len(accepted) < rank:
            scanned += len(rows) - start
            waited += len(rows) - start
            if waited > PATIENCE * rank:
                return None
    return ProjectionDraw(Draws.join(*accepted), scanned)


def _orthogonal(row: FloatArray, frame: FloatArray) -> FloatArray:
    """Unit vector of the part of a row orthogonal to the frame, cleaned twice."""
    for _ in range(2):
        row = row - (frame @ row) @ frame
    return np.asarray(row / np.sqrt(row @ row))


def sequential_projection(U: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw row numbers by the chain rule over all rows (the reference sampler).

    Parameters
    ----------
    U : ndarray of shape (n, m)
        Orthonormal columns; rows sqrt(mu) phi.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray of shape (m,)
        Distinct row numbers, in random order. O(n m^2) operations.
    """
    rank = U.shape[1]
    residual = np.einsum("ij,ij->i", U, U)
    frame = np.zeros((rank, rank))
    chosen = np.empty(rank, dtype=np.intp)
    for k in range(rank):
        cumulative = np.cumsum(residual)
        level = rng.random() * cumulative[-1]
        chosen[k] = np.searchsorted(cumulative, level, side="right")
        frame[k] = _orthogonal(U[chosen[k]], frame[:k])
        residual -= (U @ frame[k]) ** 2
        np.maximum(residual, 0.0, out=residual)
        residual[chosen[: k + 1]] = 0.0
    return chosen


def draw_projection(source: Source, rng: np.random.Generator) -> Draws:
    """Draw the projection DPP of a source.

    Parameters
    ----------
    source : Source
        A pool or a basis.
    rng : Generator
        Source of randomness.

    Returns
    -------
    Draws
        m points in random order.

    Raises
    ------
    InfostatError
        If a source that cannot be enumerated ran out of patience, which means that its
        features are not orthonormal.
    """
    special = source.projection(rng)
    if special is not None:
        return special
    with one_thread():
        drawn = block_rejection(source.leveraged, source.rank, rng)
        if drawn is not None:
            return drawn.draws
        U = source.all_features()
        if U is not None and isinstance(source, PoolSource):
            return source.rows(sequential_projection(U, rng))
    msg = (
        f"No point was accepted in {PATIENCE * source.rank} proposals: the "
        f"{source.rank} features are not orthonormal under the measure; lower the "
        f"degree, or orthonormalise them with FeatureBasis."
    )
    raise InfostatError(msg)


def sample_projection_dpp(
    features: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
    rng: int | np.random.Generator | None = None,
) -> IntArray:
    """Draw rows of a pool with probability proportional to det(A_S)^2.

    Parameters
    ----------
    features : array-like of shape (n, p)
        Rows; their column space is what counts. No constant is added.
    sample_weight : array-like of shape (n,), optional
        Base weights mu; rows enter as sqrt(mu) times themselves.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    ndarray of shape (m,)
        Distinct row numbers in random order, m the rank.

    Raises
    ------
    InfostatError
        If the features are not finite or have rank zero.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 201)
    >>> len(sample_projection_dpp(np.vander(x, 5), rng=0))
    5
    """
    from infostat.sampling.pool import orthonormal_pool

    rows = read_numbers(features, "features", ndim=2)
    mu = row_shares(sample_weight, len(rows))
    _, phi = orthonormal_pool(rows, mu, intercept=False)
    source = PoolSource(phi, mu)
    drawn = draw_projection(source, np.random.default_rng(rng))
    return np.asarray(drawn.places)
