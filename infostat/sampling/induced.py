"""Draws from phi_k^2 mu for functions without a closed inverse: panels and rejection.

The mass of every panel is a Gauss-Legendre sum, exact to rounding for polynomials; the
place within a panel is found by rejection, so the law is exact up to those masses.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError

__all__ = ["CANDIDATES", "InducedTable", "Panelled", "first_accepted"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

CANDIDATES = 6
"""Candidates drawn at once for a point; few points need a second round."""

NODES = 16
MARGIN = 1.3
"""Bound of the density on a panel over its largest value at nodes and ends."""


class Panelled(Hashable, Protocol):
    """A system with a smooth variable t and panels that hold its mass."""

    def evaluate(self, x: FloatArray, size: int) -> FloatArray:
        """Values of the functions, shape (*x.shape, size)."""

    def panels(self, size: int) -> FloatArray:
        """Ends of the panels."""

    def substitute(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Point x(t) and the density of mu with respect to t."""


def first_accepted(
    candidates: FloatArray, accepted: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """First accepted candidate of each row: whether there is one, and those found.

    Parameters
    ----------
    candidates : ndarray of shape (n, n_candidates)
        Proposed points.
    accepted : ndarray of bool of the same shape
        Which of them pass.

    Returns
    -------
    found : ndarray of bool of shape (n,)
        Rows with an accepted candidate.
    points : ndarray of shape (found.sum(),)
        The first of each such row.
    """
    found = np.asarray(accepted.any(axis=1))
    return found, candidates[found, accepted.argmax(axis=1)[found]]


@dataclass(frozen=True, eq=False)
class InducedTable:
    """Masses and bounds of phi_k^2 mu on panels.

    Attributes
    ----------
    system : Panelled
        The functions.
    edges : ndarray of shape (n_panels + 1,)
        Ends of the panels in t.
    cumulative : ndarray of shape (size * n_panels,)
        Cumulative mass of function k, plus k, function after function.
    bound : ndarray of shape (size, n_panels)
        Upper bound of the density in t on each panel.
    """

    system: Panelled
    edges: FloatArray
    cumulative: FloatArray
    bound: FloatArray

    @classmethod
    def of(cls, system: Panelled, size: int) -> InducedTable:
        """Table for the first ``size`` functions; tables are kept and reused."""
        return _table(system, 8 * (1 + (size - 1) // 8))

    @classmethod
    def exactly(cls, system: Panelled, size: int) -> InducedTable:
        """Table for a system that has ``size`` functions and no more."""
        return _table(system, size)

    def draw(self, order: IntArray, rng: np.random.Generator) -> FloatArray:
        """Draw one point from phi_k^2 mu for each k in ``order``, shape (n,)."""
        n_panels = len(self.edges) - 1
        size = len(self.bound)
        out = np.empty(len(order))
        # One search over all functions: the cumulative mass of function k starts at k.
        place = np.searchsorted(self.cumulative, order + rng.random(len(order)))
        panel = np.clip(place - order * n_panels, 0, n_panels - 1)
        low, high = self.edges[panel], self.edges[panel + 1]
        bound = self.bound[order, panel]
        open_ = np.arange(len(order))
        while len(open_):
            share = rng.random((len(open_), CANDIDATES))
            t = low[open_, None] + (high - low)[open_, None] * share
            x, density = self.system.substitute(t)
            values = self.system.evaluate(x, size)
            k = order[open_][:, None, None]
            density = density * np.take_along_axis(values, k, axis=2)[..., 0] ** 2
            accepted = rng.random(t.shape) * bound[open_, None] < density
            found, points = first_accepted(x, accepted)
            out[open_[found]] = points
            open_ = open_[~found]
        return out


@lru_cache(maxsize=64)
def _table(system: Panelled, size: int) -> InducedTable:
    edges = system.panels(size)
    node, weight = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, None] / 2.0
    middle = (edges[:-1] + edges[1:])[:, None] / 2.0
    # Ends are part of the bound, not of the sum.
    t = middle + half * np.concatenate([[-1.0], node, [1.0]])
    x, density = system.substitute(t)
    value = density[..., None] * system.evaluate(x, size) ** 2
    mass = np.einsum("pjk,j->kp", value[:, 1:-1] * half[..., None], weight)
    total = mass.sum(axis=1, keepdims=True)
    if not np.allclose(total, 1.0, atol=1e-6):
        worst = int(np.abs(total - 1.0).argmax())
        msg = (
            f"The functions of {system} have squared norm {total[worst, 0]:.6g} at "
            f"number {worst}, not 1: choose a lower degree."
        )
        raise InfostatError(msg)
    cumulative = np.cumsum(mass / total, axis=1)
    cumulative[:, -1] = 1.0
    cumulative += np.arange(size)[:, None]
    bound = MARGIN * value.max(axis=1).T
    return InducedTable(system, edges, cumulative.ravel(), bound)
