"""One integer programme over the columns that can be part of an optimum."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from infostat.fairness.program import SCALE, LinearProgram

__all__ = ["Core", "Found"]

FloatArray = npt.NDArray[np.float64]


class Columns(Protocol):
    """Columns of all features, one after another.

    Attributes
    ----------
    owner, n_bins : ndarray of shape (n_columns,)
        Feature of each column, and its bins.
    iv : ndarray of shape (n_columns,)
        Information value of each column.
    n_features : int
        Number of features.
    """

    owner: npt.NDArray[np.intp]
    n_bins: npt.NDArray[np.intp]
    iv: FloatArray
    n_features: int


@dataclass(frozen=True, eq=False)
class Found:
    """A choice of columns, its value and what is proved of all others.

    Attributes
    ----------
    columns : ndarray of int or None
        Column of each feature; None where none was found.
    iv : float
        Sum of the information values.
    bound : float
        Bound of the objective in the caller's units.
    status : str
        "optimal", "time limit" or "infeasible".
    """

    columns: npt.NDArray[np.intp] | None
    iv: float
    bound: float
    status: str


class Core:
    """The programme over a core of columns."""

    def __init__(
        self,
        knapsack: Columns,
        rows: FloatArray,
        supply: FloatArray,
        core: npt.NDArray[np.bool_],
    ) -> None:
        self.knapsack, self.rows, self.supply = knapsack, rows, supply
        self.places = np.flatnonzero(core)
        self.number = {int(place): k for k, place in enumerate(self.places)}
        self.program = LinearProgram()
        for _ in self.places:
            self.program.binary()
        owner = knapsack.owner[self.places]
        for f in range(knapsack.n_features):
            own = dict.fromkeys(np.flatnonzero(owner == f).tolist(), 1.0)
            self.program.row(own, low=1.0, high=1.0)
        for row, limit in zip(rows, supply, strict=True):
            scale = SCALE / limit if limit > 0 else SCALE
            self.program.row(self._at(row * scale), high=limit * scale)
        # A card has a feature.
        self.program.row(self._at((knapsack.n_bins > 0).astype(float)), low=1.0)

    def _at(self, row: FloatArray) -> dict[int, float]:
        return dict(enumerate(row[self.places].tolist()))

    def at_least(self, row: FloatArray, limit: float) -> None:
        """Ask for a sum of at least ``limit``."""
        scale = SCALE / max(abs(limit), 1e-12)
        self.program.row(self._at(row * scale), low=limit * scale)

    def minimise(self, costs: FloatArray, deadline: float, unit: float) -> Found:
        """Solve; a solution that oversteps a cap by the solver's tolerance is cut off.

        ``unit`` turns the objective back into the caller's units.
        """
        self.program.minimise(costs[self.places])
        while True:
            left = deadline - time.perf_counter()
            if left <= 0:
                return Found(None, -np.inf, np.inf, "time limit")
            answer = self.program.run(None if np.isinf(left) else left)
            if answer.status == "infeasible":
                return Found(None, -np.inf, -np.inf, "infeasible")
            bound = answer.bound * unit
            chosen = self._chosen(answer.values)
            if chosen is None:
                return Found(None, -np.inf, bound, "time limit")
            sums = self.rows[:, chosen].sum(axis=1)
            if (sums <= self.supply * (1.0 + 1e-12) + 1e-15).all():
                iv = float(self.knapsack.iv[chosen].sum())
                return Found(chosen, iv, bound, answer.status)
            taken = {self.number[int(place)]: 1.0 for place in chosen}
            self.program.row(taken, high=len(taken) - 1.0)

    def _chosen(self, values: FloatArray | None) -> npt.NDArray[np.intp] | None:
        if values is None:
            return None
        on = self.places[values > 0.5]
        return on if len(on) == self.knapsack.n_features else None
