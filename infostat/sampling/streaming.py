"""Pools larger than memory: two passes over chunks, no factor stored.

The first pass keeps a triangle; the second keeps independent proposals by weighted
reservoirs. Any sampler then runs on the proposals alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat._threads import one_thread
from infostat.exceptions import InfostatError
from infostat.sampling.factor import map_of_triangle, triangle_of
from infostat.sampling.sources import Draws, Source

__all__ = ["RecordedSource", "StreamedFactor", "factor_chunks", "record_proposals"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Chunks = Callable[[], Iterable[FloatArray]]


@dataclass(frozen=True, eq=False)
class StreamedFactor:
    """Map from rows of a streamed design matrix to orthonormal features.

    Attributes
    ----------
    mapping : ndarray of shape (p, m)
        T; sqrt(n) A T has orthonormal columns under equal weights.
    n_rows : int
        Rows of the pool.
    """

    mapping: FloatArray
    n_rows: int

    @property
    def rank(self) -> int:
        """Number m of orthonormal features."""
        return int(self.mapping.shape[1])

    def features(self, rows: FloatArray) -> FloatArray:
        """Orthonormal features phi of rows, shape (n, m)."""
        return np.asarray(rows @ self.mapping * np.sqrt(self.n_rows))


def factor_chunks(chunks: Chunks, *, rcond: float | None = None) -> StreamedFactor:
    """First pass: the triangle of all rows, and the rank.

    Parameters
    ----------
    chunks : callable
        Returns the chunks of the design matrix, each (n_chunk, p), from the start.
    rcond : float, optional
        Relative singular value that counts as zero, columns scaled to norm one.

    Returns
    -------
    StreamedFactor

    Raises
    ------
    InfostatError
        If there are no rows or the rank is zero.
    """
    triangle: FloatArray | None = None
    n_rows = 0
    with one_thread():
        for chunk in chunks():
            n_rows += len(chunk)
            triangle = triangle_of(chunk, triangle)
    if triangle is None or not n_rows:
        msg = "The pool has no rows: at least one is needed."
        raise InfostatError(msg)
    norm = np.sqrt((triangle**2).sum(axis=0))
    scale = np.where(norm > 0, norm, 1.0)
    mapping = map_of_triangle(triangle / scale, n_rows, rcond)
    return StreamedFactor(mapping / scale[:, None], n_rows)


class Reservoir:
    """Independent draws from a stream, with probabilities proportional to weights.

    Parameters
    ----------
    size : int
        Number of draws.
    rng : Generator
        Source of randomness.

    Attributes
    ----------
    numbers : ndarray of shape (size,)
        Row numbers held.
    """

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self.numbers = np.full(size, -1, dtype=np.intp)
        self.rows: FloatArray | None = None
        self._rng, self._total = rng, 0.0

    def update(self, start: int, rows: FloatArray, weight: FloatArray) -> None:
        """Show the reservoir a chunk whose first row has number ``start``."""
        cumulative = np.cumsum(weight)
        if not len(weight) or cumulative[-1] <= 0:
            return
        self._total += float(cumulative[-1])
        change = self._rng.random(len(self.numbers)) * self._total < cumulative[-1]
        if self.rows is None:
            change[:] = True
            self.rows = np.empty((len(self.numbers), rows.shape[1]))
        level = self._rng.random(int(change.sum())) * cumulative[-1]
        chosen = np.searchsorted(cumulative, level, side="right")
        chosen = np.minimum(chosen, np.flatnonzero(weight)[-1])
        self.numbers[change] = start + chosen
        self.rows[change] = rows[chosen]


class RecordedSource(Source):
    """A pool of which only independent proposals were kept.

    Parameters
    ----------
    leveraged, measured : Draws
        Independent draws by leverage and from mu, each handed out once.
    constant : ndarray of shape (m,) or None
        Coefficients of the function 1.
    """

    def __init__(
        self, leveraged: Draws, measured: Draws, constant: FloatArray | None
    ) -> None:
        self.rank = int(leveraged.features.shape[1])
        self.constant = constant
        self._kept = {"leverage": leveraged, "measure": measured}
        self._used = {"leverage": 0, "measure": 0}

    def leveraged(self, n: int, rng: np.random.Generator) -> Draws:
        """Hand out ``n`` unused draws by leverage."""
        del rng
        return self._hand_out("leverage", n)

    def measured(self, n: int, rng: np.random.Generator) -> Draws:
        """Hand out ``n`` unused draws from mu."""
        del rng
        return self._hand_out("measure", n)

    def _hand_out(self, kind: str, n: int) -> Draws:
        start = self._used[kind]
        if start + n > len(self._kept[kind]):
            msg = (
                f"The {len(self._kept[kind])} recorded proposals are used up: record "
                f"more in the second pass."
            )
            raise InfostatError(msg)
        self._used[kind] = start + n
        return self._kept[kind].take(slice(start, start + n))


def proposals_needed(rank: int, n_points: int) -> int:
    """Proposals that suffice for n points by any method, but for chance of 1e-9.

    A DPP scans m H_m proposals in the mean with a standard deviation below 1.3 m; whole
    blocks are read and 2 m added for each.
    """
    blocks = -(-n_points // rank) + 1
    mean = rank * (np.log(rank) + 0.58) + 3.0 * max(rank, 8)
    return int(blocks * mean + 8.0 * 1.3 * rank * np.sqrt(blocks)) + 4 * n_points + 64


def record_proposals(
    chunks: Chunks,
    factor: StreamedFactor,
    *,
    n_leveraged: int,
    n_measured: int,
    rng: np.random.Generator,
) -> RecordedSource:
    """Second pass: leverages on the fly, proposals kept in reservoirs.

    Parameters
    ----------
    chunks : callable
        As in :func:`factor_chunks`.
    factor : StreamedFactor
        Of the first pass.
    n_leveraged, n_measured : int
        Proposals to keep by leverage, and from the uniform law.
    rng : Generator
        Source of randomness.

    Returns
    -------
    RecordedSource
    """
    by_leverage = Reservoir(n_leveraged, rng)
    by_measure = Reservoir(n_measured, rng)
    start, total = 0, np.zeros(factor.rank)
    with one_thread():
        for chunk in chunks():
            features = factor.features(chunk)
            by_leverage.update(start, features, (features**2).sum(axis=1))
            by_measure.update(start, features, np.ones(len(features)))
            total += features.sum(axis=0)
            start += len(features)
    mean = total / max(start, 1)
    constant = mean if abs(float(mean @ mean) - 1.0) < 1e-6 else None
    held = [
        Draws(reservoir.numbers, np.asarray(reservoir.rows))
        for reservoir in (by_leverage, by_measure)
    ]
    return RecordedSource(held[0], held[1], constant)
