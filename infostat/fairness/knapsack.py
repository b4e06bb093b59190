"""The choice of one binning a feature under caps.

A multiple-choice knapsack. Before the solver sees it, a Lagrangian bound shows which
columns can be part of an optimum at all; the solver works on these few, and the bound
covers the others, so that the answer is exact for the whole problem.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfeasibleError, InfostatError
from infostat.fairness.columns import BinningColumns
from infostat.fairness.core import Core, Found
from infostat.fairness.greedy import greedy_choice
from infostat.fairness.program import SCALE

__all__ = ["Choice", "Knapsack", "Side"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

FIRST_MARGIN = 2e-4
"""Relative loss up to which a column is first given to the solver."""

TIE_COLUMNS = 250
"""Largest core on which equal choices are searched for a fairer one."""

TOLERANCE = 1e-9
"""Two values closer than this (relative) are the same."""


@dataclass(frozen=True)
class Side:
    """Constraints beside the caps.

    Attributes
    ----------
    max_features, max_total_bins : int or None
        Most features, most ordinary bins of all of them.
    required : tuple of str
        Features that must not be left out.
    exclusions : tuple of (str, str)
        Pairs of features of which at most one may be used.
    """

    max_features: int | None = None
    max_total_bins: int | None = None
    required: tuple[str, ...] = ()
    exclusions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Choice:
    """A choice of binnings and its certificate.

    Attributes
    ----------
    columns : tuple of int
        Column of each feature; 0 leaves it out.
    iv : float
        Sum of the information values.
    limit : ndarray of shape (n_comparisons,)
        Sums that count against the caps.
    bound : float
        No choice under these caps has a larger value.
    gap : float
        ``(bound - iv) / iv``; zero is a proof that nothing is better.
    status : str
        "optimal" or "time limit".
    seconds : float
        Time taken.
    """

    columns: tuple[int, ...]
    iv: float
    limit: FloatArray
    bound: float
    gap: float
    status: str
    seconds: float


class Knapsack:
    """Candidates of all features, ready to be solved under several caps.

    Parameters
    ----------
    features : sequence of BinningColumns
        Candidates of each feature.
    side : Side, optional
        Constraints beside the caps.
    names : sequence of str, optional
        Names of the comparisons, for messages.
    """

    def __init__(
        self,
        features: Sequence[BinningColumns],
        side: Side | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        self.side = side or Side()
        self.features = list(features)
        self.n_features = len(self.features)
        self.n_comparisons = self.features[0].limit.shape[1]
        self.names = list(names or (f"measure {k}" for k in range(self.n_comparisons)))
        known = [table.feature for table in self.features]
        mentioned = [*self.side.required, *(f for p in self.side.exclusions for f in p)]
        unknown = [name for name in mentioned if name not in known]
        if unknown:
            msg = f"A constraint names {unknown}, but the features are {known}."
            raise InfostatError(msg)
        sizes = [len(table) for table in self.features]
        self.start = np.concatenate([[0], np.cumsum(sizes)])
        self.owner = np.repeat(np.arange(len(sizes)), sizes)
        self.iv = np.concatenate([table.iv for table in self.features])
        self.limit = np.vstack([table.limit for table in self.features])
        self.n_bins = np.concatenate([table.n_bins for table in self.features])
        self.allowed: BoolArray = np.isfinite(self.limit).min(axis=1, initial=True)
        for name in self.side.required:
            self.allowed[self.start[known.index(name)]] = False
        self.resource, self.supply = self._side_rows()

    def _side_rows(self) -> tuple[FloatArray, FloatArray]:
        """Constraints beside the caps as rows over all columns, and their limits."""
        rows, supply = [], []
        used = (self.n_bins > 0).astype(float)
        if self.side.max_features is not None:
            rows.append(used)
            supply.append(float(self.side.max_features))
        if self.side.max_total_bins is not None:
            rows.append(self.n_bins.astype(float))
            supply.append(float(self.side.max_total_bins))
        names = [table.feature for table in self.features]
        for pair in self.side.exclusions:
            places = [names.index(name) for name in pair]
            rows.append(used * np.isin(self.owner, places))
            supply.append(1.0)
        return np.array(rows).reshape(len(rows), len(self.iv)), np.array(supply)

    def solve(self, caps: FloatArray, *, time_limit: float | None = None) -> Choice:
        """Largest sum of information values under caps; of equals, the fairest.

        Parameters
        ----------
        caps : ndarray of shape (n_comparisons,)
            Caps on the sums; infinite for none.
        time_limit : float, optional
            Seconds; then the best choice found and the best bound proved are returned.

        Returns
        -------
        Choice

        Raises
        ------
        InfeasibleError
            If no choice meets the caps; the message names the attribute and the
            smallest value that can be reached.
        """
        began = time.perf_counter()
        deadline = began + (np.inf if time_limit is None else time_limit)
        caps = np.asarray(caps, dtype=float)
        kept = np.isfinite(caps)
        rows = np.vstack([self.limit[:, kept].T, self.resource])
        supply = np.concatenate([caps[kept], self.supply])
        multipliers, ceiling = self._multipliers(rows, supply)
        loss = self._losses(rows, multipliers)
        started = greedy_choice(self, rows, supply, self.iv - multipliers @ rows)
        best = started if started is not None else np.zeros(0, dtype=np.intp)
        margin = max(FIRST_MARGIN * abs(ceiling), 1e-9)
        while True:
            core = self.allowed & (loss <= margin)
            found = self._maximise(rows, supply, core, deadline)
            whole = bool(core[self.allowed].all())
            if found.columns is None and found.status == "infeasible" and whole:
                raise InfeasibleError(self._explain(caps))
            if found.columns is not None and found.iv >= self.iv[best].sum():
                best = found.columns
            value = float(self.iv[best].sum())
            # What lies outside the core cannot reach more than this.
            outside = -np.inf if whole else ceiling - margin
            bound = min(max(found.bound, outside), ceiling)
            done = found.status == "optimal" and value >= outside
            if done or whole or time.perf_counter() >= deadline:
                break
            # A better choice has no column that costs more than the best one lost.
            margin *= 4.0
            if best.size:
                margin = min(margin, ceiling - value + 1e-12 * abs(ceiling))
        if not best.size:
            return self._nothing(bound)
        if done and kept.any():
            # An equal choice has no column that costs more than the bound leaves.
            equal = self.allowed & (loss <= ceiling - value * (1.0 - 2 * TOLERANCE))
            if int(equal.sum()) <= TIE_COLUMNS:
                equal[best] = True
                best = self._fairest(rows, supply, equal, best, kept, deadline)
        return self._choice(best, bound, optimal=done, began=began)

    def _choice(
        self, chosen: npt.NDArray[np.intp], bound: float, *, optimal: bool, began: float
    ) -> Choice:
        iv = float(self.iv[chosen].sum())
        bound = max(bound, iv)
        return Choice(
            tuple(int(k) for k in chosen - self.start[:-1]),
            iv,
            self.limit[chosen].sum(axis=0),
            iv if optimal else bound,
            0.0 if optimal else (bound - iv) / iv,
            "optimal" if optimal else "time limit",
            time.perf_counter() - began,
        )

    def _nothing(self, bound: float) -> Choice:
        """Say that time ran out before a choice was found."""
        msg = (
            f"No choice of binnings was found within the time limit; none can have more "
            f"than {bound:.6g}. Raise time_limit, or use fewer required features."
        )
        raise InfeasibleError(msg)

    def _multipliers(
        self, rows: FloatArray, supply: FloatArray
    ) -> tuple[FloatArray, float]:
        """Prices of the constraints and the bound that they prove.

        At any prices not below zero the best column of every feature at its reduced
        value gives a bound; the linear programme's own prices give the best one.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_array

        best = self._bound_at(rows, supply, np.zeros(len(supply)))
        if not len(supply):
            return np.zeros(0), best
        columns = np.flatnonzero(self.allowed)
        scale = np.where(supply > 0, 1.0 / np.maximum(supply, 1e-12), 1.0)
        one = csr_array(
            (np.ones(columns.size), (self.owner[columns], np.arange(columns.size))),
            shape=(len(self.features), columns.size),
        )
        solved: Any = linprog(
            -self.iv[columns],
            A_ub=rows[:, columns] * scale[:, None],
            b_ub=supply * scale,
            A_eq=one,
            b_eq=np.ones(len(self.features)),
            bounds=(0, None),
            method="highs",
        )  # type: ignore[call-overload]
        if solved.status != 0:
            return np.zeros(len(supply)), best
        prices = np.maximum(-solved.ineqlin.marginals, 0.0) * scale
        proved = self._bound_at(rows, supply, prices)
        return (prices, proved) if proved < best else (np.zeros(len(supply)), best)

    def _bound_at(
        self, rows: FloatArray, supply: FloatArray, prices: FloatArray
    ) -> float:
        reduced = np.where(self.allowed, self.iv - prices @ rows, -np.inf)
        return float(
            np.maximum.reduceat(reduced, self.start[:-1]).sum() + prices @ supply
        )

    def _losses(self, rows: FloatArray, prices: FloatArray) -> FloatArray:
        """By how much a choice with this column stays below the bound, at least."""
        reduced = np.where(self.allowed, self.iv - prices @ rows, -np.inf)
        top = np.maximum.reduceat(reduced, self.start[:-1])
        return np.asarray(top[self.owner] - reduced)

    def _maximise(
        self,
        rows: FloatArray,
        supply: FloatArray,
        core: npt.NDArray[np.bool_],
        deadline: float,
    ) -> Found:
        """Largest sum of values over the columns of the core."""
        model = Core(self, rows, supply, core)
        return model.minimise(-self.iv * SCALE, deadline, -1.0 / SCALE)

    def _fairest(
        self,
        rows: FloatArray,
        supply: FloatArray,
        core: npt.NDArray[np.bool_],
        chosen: npt.NDArray[np.intp],
        kept: npt.NDArray[np.bool_],
        deadline: float,
    ) -> npt.NDArray[np.intp]:
        """Among choices with the same value, the one with the smallest sum of limits."""
        if time.perf_counter() >= deadline:
            return chosen
        best = float(self.iv[chosen].sum())
        total = self.limit[:, kept].sum(axis=1)
        model = Core(self, rows, supply, core)
        model.at_least(self.iv, best * (1.0 - TOLERANCE))
        found = model.minimise(total * SCALE, deadline, 1.0 / SCALE)
        if found.columns is None:
            return chosen
        enough = self.iv[found.columns].sum() >= best * (1.0 - 2 * TOLERANCE)
        fairer = total[found.columns].sum() < total[chosen].sum()
        return found.columns if enough and fairer else chosen

    def smallest(self, comparison: int) -> float:
        """Smallest sum of one limit that a choice with any value reaches."""
        model = Core(self, self.resource, self.supply, self.allowed)
        # A column without a finite limit is not allowed, and costs nothing here.
        costs = np.nan_to_num(self.limit[:, comparison], posinf=0.0) * SCALE
        found = model.minimise(costs, np.inf, 1.0 / SCALE)
        if found.columns is None:
            return np.inf
        return float(self.limit[found.columns, comparison].sum())

    def _explain(self, caps: FloatArray) -> str:
        """Say which cap cannot be met, and what can."""
        smallest = [self.smallest(k) for k in range(self.n_comparisons)]
        if not np.isfinite(smallest).all():
            return (
                "No choice of features meets the constraints, whatever the caps: the "
                "required features, the exclusions and the largest numbers of features "
                "and bins contradict each other. Loosen one of them."
            )
        missed = [k for k, cap in enumerate(caps) if smallest[k] > cap]
        if missed:
            said = [
                f"{self.names[k]} can be brought down to {smallest[k]:.6g}, not to "
                f"{caps[k]:.6g}"
                for k in missed
            ]
            remedy = "Raise the cap, allow more bins, or require fewer features."
            return f"The cap cannot be met: {'; '.join(said)}. {remedy}"
        factor = self._common_factor(caps)
        return (
            f"Each cap can be met alone, but not all at once: "
            f"{', '.join(self.names)} together need caps {factor:.6g} times as large. "
            f"Raise them, or cap fewer attributes."
        )

    def _common_factor(self, caps: FloatArray) -> float:
        """Smallest factor by which all caps must grow."""
        low, high = 1.0, 2.0
        while not self._feasible(caps * high) and high < 1e6:
            low, high = high, high * 2.0
        for _ in range(30):
            middle = 0.5 * (low + high)
            low, high = (
                (low, middle) if self._feasible(caps * middle) else (middle, high)
            )
        return high

    def _feasible(self, caps: FloatArray) -> bool:
        kept = np.isfinite(caps)
        rows = np.vstack([self.limit[:, kept].T, self.resource])
        supply = np.concatenate([caps[kept], self.supply])
        model = Core(self, rows, supply, self.allowed)
        return model.minimise(np.zeros(len(self.iv)), np.inf, 1.0).columns is not None
