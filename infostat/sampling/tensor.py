"""Product bases as sources of points."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.sampling.sources import Draws, Source
from infostat.sampling.systems import System
from infostat.sampling.tridiagonal import draw_tridiagonal, has_tridiagonal

__all__ = ["TensorSource", "reference_frame"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def reference_frame(
    systems: list[System], bounds: Any
) -> tuple[FloatArray, FloatArray]:
    """Affine maps x = start + width * z from the reference domains.

    Parameters
    ----------
    systems : list of System
        One a coordinate.
    bounds : array-like of shape (d, 2) or None
        Two numbers a coordinate, in the meaning of its system; None for none.

    Returns
    -------
    start, width : ndarray of shape (d,)

    Raises
    ------
    InfostatError
        If the bounds have the wrong shape or are not increasing.
    """
    d = len(systems)
    if bounds is None:
        return np.zeros(d), np.ones(d)
    pairs = np.asarray(bounds, dtype=float)
    if pairs.shape == (2,) and d == 1:
        pairs = pairs[None, :]
    if pairs.shape != (d, 2) or not np.isfinite(pairs).all():
        msg = f"bounds must be {d} pairs of finite numbers, got shape {pairs.shape}."
        raise InfostatError(msg)
    frames = [
        system.frame_of(float(low), float(high))
        for system, (low, high) in zip(systems, pairs, strict=True)
    ]
    for j, (_, width) in enumerate(frames):
        if not width > 0:
            msg = (
                f"bounds of coordinate {j} are {pairs[j].tolist()}: the range (or "
                f"scale) must be positive; drop a coordinate that never varies."
            )
            raise InfostatError(msg)
    return np.array([f[0] for f in frames]), np.array([f[1] for f in frames])


class TensorSource(Source):
    """Products of univariate functions over an index set, under a product measure.

    Parameters
    ----------
    systems : list of System
        One a coordinate.
    index : ndarray of shape (m, d)
        Numbers of the univariate functions of each product.
    start, width : ndarray of shape (d,)
        Affine maps from the reference domains.
    """

    def __init__(
        self,
        systems: list[System],
        index: IntArray,
        start: FloatArray,
        width: FloatArray,
    ) -> None:
        self.systems, self.index = systems, index
        self.start, self.width = start, width
        self.rank = len(index)
        self.sizes = [
            system.count(int(k) + 1)
            for system, k in zip(systems, index.max(axis=0), strict=True)
        ]
        zero = np.flatnonzero(~index.any(axis=1))
        self.constant = None if len(zero) == 0 else np.eye(self.rank)[zero[0]]

    def features(self, points: FloatArray) -> FloatArray:
        """Values of the basis functions at points (n, d), shape (n, m)."""
        return self._reference_features((points - self.start) / self.width)

    def measured(self, n: int, rng: np.random.Generator) -> Draws:
        """Draw ``n`` independent points from the product measure."""
        z = np.column_stack([system.sample(n, rng) for system in self.systems])
        return self._draws(z)

    def leveraged(self, n: int, rng: np.random.Generator) -> Draws:
        """Draw ``n`` independent points from (phi^T phi / m) mu.

        That measure is the mean over the index set of products of phi_k^2 mu.
        """
        order = self.index[rng.integers(self.rank, size=n)]
        z = np.empty(order.shape)
        for system in set(self.systems):
            same = [j for j, other in enumerate(self.systems) if other == system]
            drawn = system.draw_induced(order[:, same].ravel(), rng)
            z[:, same] = drawn.reshape(n, len(same))
        return self._draws(z)

    def projection(self, rng: np.random.Generator) -> Draws | None:
        """Eigenvalues of a random matrix, for polynomials in one variable."""
        system = self.systems[0]
        if len(self.systems) > 1 or not has_tridiagonal(system):
            return None
        if set(self.index[:, 0].tolist()) != set(range(self.rank)):
            return None
        return self._draws(draw_tridiagonal(system, self.rank, rng)[:, None])

    def _draws(self, z: FloatArray) -> Draws:
        return Draws(self.start + self.width * z, self._reference_features(z))

    def _reference_features(self, z: FloatArray) -> FloatArray:
        out = np.ones((len(z), self.rank))
        for j, system in enumerate(self.systems):
            values = system.evaluate(z[:, j], self.sizes[j])
            if self.sizes[j] > 1:
                out *= values[:, self.index[:, j]]
        return out
