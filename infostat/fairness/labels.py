"""All non-dominated binnings of a row of pre-bins, by dynamic programming on labels.

A label is one sequence of adjoining intervals that starts at the first pre-bin, with its
additive costs. Sequences that end in the same interval can be continued in the same ways,
so one that is worse in every cost can be forgotten: what is left at the last pre-bin are
exactly the binnings that no other binning beats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning.optimal import PHASES, ROUNDING, Trend
from infostat.exceptions import InfostatError
from infostat.fairness.pareto import non_dominated

__all__ = ["count_binnings", "every_binning", "non_dominated_binnings"]

FloatArray = npt.NDArray[np.float64]

MOST_BINNINGS = 200_000
"""Most binnings of one feature that are listed in full."""


@dataclass(eq=False)
class _Nodes:
    """Labels made so far: the label that each continues, and where its last bin starts."""

    parents: list[npt.NDArray[np.intp]] = field(default_factory=list)
    starts: list[npt.NDArray[np.intp]] = field(default_factory=list)
    size: int = 0

    def add(self, parents: npt.NDArray[np.intp], start: int) -> npt.NDArray[np.intp]:
        """Number new labels."""
        new = np.arange(self.size, self.size + len(parents))
        self.parents.append(parents)
        self.starts.append(np.full(len(parents), start))
        self.size += len(parents)
        return new

    def trace(self, labels: npt.NDArray[np.intp]) -> list[tuple[int, ...]]:
        """First pre-bins of the bins of each label."""
        parents, starts = np.concatenate(self.parents), np.concatenate(self.starts)
        out = []
        for label in labels:
            path, node = [], int(label)
            while node >= 0:
                path.append(int(starts[node]))
                node = int(parents[node])
            out.append(tuple(reversed(path)))
        return out


@dataclass(eq=False)
class _Front:
    """Labels with their costs, one row a label; the last cost counts the bins."""

    costs: FloatArray
    labels: npt.NDArray[np.intp]

    def with_rows(self, other: _Front) -> _Front:
        """Non-dominated labels of both."""
        costs = np.vstack([self.costs, other.costs])
        kept = non_dominated(costs)
        return _Front(costs[kept], np.concatenate([self.labels, other.labels])[kept])


def non_dominated_binnings(
    costs: FloatArray,
    rate: FloatArray,
    max_bins: int,
    trend: Trend = None,
    *,
    min_gap: float = 0.0,
    count_bins: bool = False,
) -> tuple[list[tuple[int, ...]], FloatArray]:
    """Binnings that no other binning beats in every additive cost.

    Parameters
    ----------
    costs : ndarray of shape (P, P + 1, n_costs)
        Costs of the interval ``[first, end)`` of pre-bins, smaller is better; infinite
        in any of them where the interval is not allowed.
    rate : ndarray of shape (P, P + 1)
        Event rate of each interval.
    max_bins : int
        Most bins.
    trend, min_gap
        See :func:`infostat.binning.optimal.optimal_partition`.
    count_bins : bool, default=False
        Whether the number of bins is a cost as well.

    Returns
    -------
    starts : list of tuple of int
        First pre-bins of the bins of each binning.
    totals : ndarray of shape (n_binnings, n_costs)
        Their costs. Of binnings with equal costs one is returned.
    """
    n_pre, n_costs = len(costs), costs.shape[2]
    allowed = np.asarray(np.isfinite(costs).all(axis=2))
    nodes = _Nodes()
    # state[phase][end]: list of (rate of the last interval, labels that end there).
    phases = PHASES[trend]
    state: list[list[list[tuple[float, _Front]]]] = [
        [[] for _ in range(n_pre + 1)] for _ in phases
    ]
    root = _Front(np.zeros((1, n_costs + 1)), np.array([-1]))
    for start in range(n_pre):
        ends = np.flatnonzero(allowed[start])
        for number in range(len(phases)):
            before = _predecessors(state, number, start, phases, min_gap)
            for end in ends:
                source = root if start == 0 else before(float(rate[start, end]))
                if start == 0 and number:
                    continue  # the part after a turn follows another
                if source is None:
                    continue
                open_ = source.costs[:, -1] < max_bins
                if not open_.any():
                    continue
                step = np.append(costs[start, end], 1.0)
                made = _Front(
                    source.costs[open_] + step, nodes.add(source.labels[open_], start)
                )
                state[number][end].append((float(rate[start, end]), made))
    finals = [front for phase in state for _, front in phase[n_pre]]
    if not finals:
        return [], np.zeros((0, n_costs))
    every = np.vstack([front.costs for front in finals])
    labels = np.concatenate([front.labels for front in finals])
    kept = non_dominated(every if count_bins else every[:, :-1])
    return nodes.trace(labels[kept]), every[kept][:, :-1]


def _predecessors(
    state: Any, number: int, start: int, phases: tuple[str, ...], gap: float
) -> Any:
    """Function from the rate of a next interval to the labels it may follow.

    Admissible predecessors in order of rate are a prefix, so that the non-dominated
    labels of all prefixes are built once, one from the other.
    """
    pool = [item for earlier in range(number + 1) for item in state[earlier][start]]
    if not pool:
        return lambda _: None
    layer = phases[number]
    if layer == "any":
        everything = _joined([front for _, front in pool])
        return lambda _: everything
    sign = 1.0 if layer in ("ascending", "after valley") else -1.0
    pool.sort(key=lambda item: sign * item[0])
    keys = np.array([sign * value for value, _ in pool])
    prefixes: list[_Front] = []
    for _, front in pool:
        prefixes.append(prefixes[-1].with_rows(front) if prefixes else front)

    def admissible(value: float) -> _Front | None:
        limit = sign * value - gap + ROUNDING
        count = int(np.searchsorted(keys, limit, side="right"))
        return prefixes[count - 1] if count else None

    return admissible


def _joined(fronts: list[_Front]) -> _Front:
    costs = np.vstack([front.costs for front in fronts])
    kept = non_dominated(costs)
    return _Front(costs[kept], np.concatenate([f.labels for f in fronts])[kept])


def count_binnings(n_prebins: int, max_bins: int) -> int:
    """Number of ways to cut a row of pre-bins into at most ``max_bins`` bins."""
    from math import comb

    return sum(comb(n_prebins - 1, cuts) for cuts in range(min(max_bins, n_prebins)))


def every_binning(
    costs: FloatArray,
    rate: FloatArray,
    max_bins: int,
    trend: Trend = None,
    *,
    min_gap: float = 0.0,
    feature: str = "",
) -> tuple[list[tuple[int, ...]], FloatArray]:
    """List every allowed binning, for constraints that are no sum over bins.

    Parameters
    ----------
    costs, rate, max_bins, trend, min_gap
        See :func:`non_dominated_binnings`.
    feature : str
        Named in messages.

    Returns
    -------
    starts : list of tuple of int
    totals : ndarray of shape (n_binnings, n_costs)

    Raises
    ------
    InfostatError
        If there are more than 200,000.
    """
    n_pre = len(costs)
    number = count_binnings(n_pre, max_bins)
    if number > MOST_BINNINGS:
        msg = (
            f"{feature!r} has {number} binnings of {n_pre} pre-bins into at most "
            f"{max_bins} bins; a limit on each feature's own upper confidence limit "
            f"lists them all, at most {MOST_BINNINGS}. Use OptimalBinner(prebins=20) "
            f"or fewer bins."
        )
        raise InfostatError(msg)
    starts: list[tuple[int, ...]] = []
    totals = []
    for n_cuts in range(min(max_bins, n_pre)):
        listed = list(combinations(range(1, n_pre), n_cuts))
        cuts = np.array(listed, dtype=np.intp).reshape(len(listed), n_cuts)
        first = np.hstack([np.zeros((len(cuts), 1), dtype=np.intp), cuts])
        end = np.hstack([cuts, np.full((len(cuts), 1), n_pre)])
        total = costs[first, end].sum(axis=1)
        good = np.isfinite(total).all(axis=1) & _follows(
            rate[first, end], trend, min_gap
        )
        starts += [tuple(row) for row in first[good].tolist()]
        totals.append(total[good])
    return starts, np.vstack(totals)


def _follows(rates: FloatArray, trend: Trend, gap: float) -> npt.NDArray[np.bool_]:
    """Whether the rates of each row follow the trend."""
    change = np.diff(rates, axis=1)
    up, down = change >= gap - ROUNDING, -change >= gap - ROUNDING
    if trend is None:
        return np.ones(len(rates), dtype=bool)
    if trend in ("ascending", "descending"):
        return np.asarray((up if trend == "ascending" else down).all(axis=1))
    first, then = (up, down) if trend == "peak" else (down, up)
    turns = [
        first[:, :k].all(axis=1) & then[:, k:].all(axis=1)
        for k in range(change.shape[1] + 1)
    ]
    return np.asarray(np.logical_or.reduce(turns))
