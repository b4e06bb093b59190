"""Base sampling measures nu and their weights w = dmu/dnu.

One density in three shapes: leverage phi^T phi / m, the measure mu itself, and mixtures
of the first with mu or with a kernel's diagonal, which keep w bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.sampling.sources import Draws, PoolSource, Source, draw_cumulative

__all__ = ["BaseMeasure", "Envelope"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Envelope:
    """A function rho^2 that bounds a space: abs(h(x)) <= rho(x) times the norm of h.

    For a reproducing kernel it is k_H(x, x).

    Attributes
    ----------
    values : ndarray of shape (n,) or callable
        On the rows of a pool, or as a function of points (n, d).
    mean : float
        Integral of it under mu, C_H^2.
    bound : float
        Upper bound of it; needed for functions alone.
    """

    values: FloatArray | Callable[[FloatArray], FloatArray]
    mean: float
    bound: float = np.inf

    def at(self, places: npt.NDArray[Any]) -> FloatArray:
        """Values at row numbers or points.

        Parameters
        ----------
        places : ndarray of shape (n,), int, or of shape (n, d)
            Row numbers of a pool, or points.

        Returns
        -------
        ndarray of shape (n,)
            Squares rho^2 there, positive.
        """
        if callable(self.values):
            return np.asarray(self.values(places), dtype=float)
        return np.asarray(self.values[places])


@dataclass(frozen=True, eq=False)
class BaseMeasure:
    """nu with density share * e(x) + (1 - share) phi(x)^T phi(x) / m under mu.

    Attributes
    ----------
    share : float
        0 for the leverage measure, 1 for mu, between them a mixture.
    envelope : Envelope or None
        e is rho^2 / C_H^2; None for e = 1.
    """

    share: float = 0.0
    envelope: Envelope | None = None

    def weights(self, draws: Draws) -> FloatArray:
        """Weights w = dmu/dnu at points, shape (n,)."""
        rank = draws.features.shape[1]
        density = (1.0 - self.share) / rank * (draws.features**2).sum(axis=1)
        density += self.share * self._relative(draws)
        return np.asarray(1.0 / density)

    def bound(self, rank: int) -> float | None:
        """Bound L of w phi^T phi that follows from the share; None for mu itself."""
        return None if self.share >= 1.0 else rank / (1.0 - self.share)

    def draw(self, source: Source, n: int, rng: np.random.Generator) -> Draws:
        """Draw ``n`` independent points from nu."""
        if self.share <= 0.0:
            return source.leveraged(n, rng)
        from_envelope = int(rng.binomial(n, self.share))
        parts = (
            self._enveloped(source, from_envelope, rng),
            source.leveraged(n - from_envelope, rng),
        )
        joined = Draws.join(*parts)
        return joined.take(rng.permutation(n))

    def _relative(self, draws: Draws) -> FloatArray:
        if self.envelope is None:
            return np.ones(len(draws))
        return self.envelope.at(draws.places) / self.envelope.mean

    def _enveloped(self, source: Source, n: int, rng: np.random.Generator) -> Draws:
        """Draw from e mu: exact by probabilities on a pool, else by rejection."""
        if self.envelope is None:
            return source.measured(n, rng)
        if isinstance(source, PoolSource):
            mass = source.mu * self.envelope.at(np.arange(len(source.mu)))
            return source.rows(draw_cumulative(np.cumsum(mass), n, rng))
        kept: list[Draws] = [source.measured(0, rng)]
        missing = n
        while missing:
            tried = source.measured(2 * missing + 8, rng)
            values = self.envelope.at(tried.places)
            if values.max() > self.envelope.bound:
                msg = (
                    f"The envelope is {values.max():g} at a point, above its bound "
                    f"{self.envelope.bound:g}: raise the bound."
                )
                raise InfostatError(msg)
            chosen = rng.random(len(values)) * self.envelope.bound < values
            part = tried.take(np.flatnonzero(chosen)[:missing])
            kept.append(part)
            missing -= len(part)
        return Draws.join(*kept)
