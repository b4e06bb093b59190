"""The same choice as a flow over cuts, for constraints that whole binnings cannot express.

One binary variable an interval of pre-bins; the intervals used form a path from the
first boundary to the last. Any linear constraint on single bins, of one feature or of
several, can be added. Where columns suffice they are many times faster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning.optimal import ROUNDING
from infostat.exceptions import InfeasibleError, InfostatError
from infostat.fairness.columns import FeatureCounts, IntervalParts, Limits
from infostat.fairness.program import SCALE, LinearProgram

__all__ = ["BinConstraint", "FlowChoice", "interval_flow"]

FloatArray = npt.NDArray[np.float64]
Interval = tuple[str, int, int]


@dataclass(frozen=True)
class BinConstraint:
    """A linear constraint on bins: the sum over the bins used is at most ``limit``.

    Attributes
    ----------
    coefficients : mapping of (feature, first, end) to float
        Coefficient of the bin that joins the ordinary pre-bins ``first`` to
        ``end - 1``.
    limit : float
        Largest sum.
    """

    coefficients: Mapping[Interval, float]
    limit: float


@dataclass(frozen=True, eq=False)
class FlowChoice:
    """Bins chosen by the flow programme.

    Attributes
    ----------
    starts : dict of str to tuple of int
        First ordinary pre-bins of the bins; empty where a feature is left out.
    iv : float
        Sum of the information values.
    group_iv : ndarray of shape (n_comparisons,)
        Sums of the fairness values.
    bound, gap : float
        As in :class:`infostat.fairness.knapsack.Choice`.
    status : str
        "optimal" or "time limit".
    """

    starts: dict[str, tuple[int, ...]]
    iv: float
    group_iv: FloatArray
    bound: float
    gap: float
    status: str


def interval_flow(
    features: Sequence[tuple[FeatureCounts, Limits]],
    caps: npt.ArrayLike,
    *,
    constraints: Sequence[BinConstraint] = (),
    time_limit: float | None = None,
) -> FlowChoice:
    """Largest sum of information values under caps and constraints on single bins.

    Parameters
    ----------
    features : sequence of (FeatureCounts, Limits)
        Counted pre-bins and limits of each feature; trends may be "ascending",
        "descending" or None.
    caps : array-like of shape (n_comparisons,)
        Caps on the sums of the fairness values; infinite for none.
    constraints : sequence of BinConstraint
        Further constraints.
    time_limit : float, optional
        Seconds.

    Returns
    -------
    FlowChoice

    Raises
    ------
    InfostatError
        If a trend turns, or a constraint names a bin that does not exist.
    InfeasibleError
        If nothing meets the constraints.
    """
    model = _FlowModel(features)
    for k, cap in enumerate(np.asarray(caps, dtype=float)):
        if np.isfinite(cap):
            model.cap(k, float(cap))
    for constraint in constraints:
        model.constrain(constraint)
    return model.solve(time_limit)


class _FlowModel:
    """Variables of all intervals and features, with their values."""

    def __init__(self, features: Sequence[tuple[FeatureCounts, Limits]]) -> None:
        self.program = LinearProgram()
        self.place: dict[Interval, int] = {}
        self.uses: dict[str, int] = {}
        self.value: list[float] = []
        self.group_value: list[FloatArray] = []
        for counts, limits in features:
            self._add_feature(counts, limits)
        # A card has a feature.
        self.program.row(dict.fromkeys(self.uses.values(), 1.0), low=1.0)

    def _variable(self, value: float, group_value: FloatArray) -> int:
        self.value.append(value)
        self.group_value.append(group_value)
        return self.program.binary()

    def _add_feature(self, counts: FeatureCounts, limits: Limits) -> None:
        name = counts.pre.feature
        if limits.trend not in (None, "ascending", "descending"):
            msg = (
                f"{name!r} has the trend {limits.trend!r}: the flow programme knows "
                f"'ascending', 'descending' and None. Use the columns."
            )
            raise InfostatError(msg)
        parts = IntervalParts.of(counts, limits)
        used = self._variable(parts.reserved_iv, parts.reserved_group_iv)
        self.uses[name] = used
        own: dict[tuple[int, int], int] = {}
        for first, end in zip(*np.nonzero(parts.allowed), strict=True):
            number = self._variable(parts.iv[first, end], parts.group_iv[first, end])
            own[int(first), int(end)] = number
            self.place[name, int(first), int(end)] = number
        n_pre = len(parts.iv)
        for boundary in range(n_pre + 1):
            row = {v: 1.0 for (first, _), v in own.items() if first == boundary}
            for (_, end), v in own.items():
                if end == boundary:
                    row[v] = row.get(v, 0.0) - 1.0
            source = {0: 1.0, n_pre: -1.0}.get(boundary, 0.0)
            row[used] = -source
            self.program.row(row, low=0.0, high=0.0)
        everything = dict.fromkeys(own.values(), 1.0)
        self.program.row({**everything, used: -float(limits.max_bins)}, high=0.0)
        if limits.trend is not None:
            self._add_trend(own, parts, limits)

    def _add_trend(
        self, own: dict[tuple[int, int], int], parts: IntervalParts, limits: Limits
    ) -> None:
        """An interval excludes the next ones of the wrong rate, one row an interval."""
        sign = 1.0 if limits.trend == "ascending" else -1.0
        for (first, end), v in own.items():
            rate = parts.rate[first, end]
            wrong = [
                w
                for (start, stop), w in own.items()
                if start == end
                and sign * (parts.rate[start, stop] - rate) < limits.min_gap - ROUNDING
            ]
            if wrong:
                self.program.row({v: 1.0, **dict.fromkeys(wrong, 1.0)}, high=1.0)

    def cap(self, comparison: int, cap: float) -> None:
        """Limit the sum of one fairness value."""
        scale = SCALE / cap if cap > 0 else SCALE
        row = {k: g[comparison] * scale for k, g in enumerate(self.group_value)}
        self.program.row(row, high=cap * scale)

    def constrain(self, constraint: BinConstraint) -> None:
        """Add a constraint of the caller."""
        row = {}
        for interval, coefficient in constraint.coefficients.items():
            if interval not in self.place:
                msg = (
                    f"A constraint names the bin {interval}, which is not allowed (or "
                    f"does not exist): name bins as (feature, first, end)."
                )
                raise InfostatError(msg)
            row[self.place[interval]] = float(coefficient)
        self.program.row(row, high=float(constraint.limit))

    def solve(self, time_limit: float | None) -> FlowChoice:
        """Solve and read the path of every feature."""
        value = np.array(self.value)
        self.program.minimise(-value * SCALE)
        found = self.program.run(time_limit)
        if found.status == "infeasible":
            msg = (
                "No choice of bins meets the caps and constraints: loosen one of them."
            )
            raise InfeasibleError(msg)
        if found.values is None:
            msg = "No choice of bins was found within the time limit: raise time_limit."
            raise InfeasibleError(msg)
        on = found.values > 0.5
        iv = float(value[on].sum())
        optimal = found.status == "optimal"
        bound = iv if optimal else max(-found.bound / SCALE, iv)
        starts: dict[str, tuple[int, ...]] = dict.fromkeys(self.uses, ())
        for (name, first, _), number in sorted(self.place.items(), key=_order):
            if on[number]:
                starts[name] = (*starts[name], first)
        group_iv: Any = np.array(self.group_value)[on].sum(axis=0)
        gap = 0.0 if optimal else (bound - iv) / iv
        return FlowChoice(starts, iv, group_iv, bound, gap, found.status)


def _order(item: tuple[Interval, int]) -> tuple[str, int]:
    return item[0][0], item[0][1]
