"""Rules between bins that are not neighbours: verify the optimum, branch, solve again."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.binning.apart import IntervalTest, interval_totals
from infostat.binning.joining import holds_missing, rows_at, start_of
from infostat.binning.optimal import Partitioning
from infostat.exceptions import InfostatError

__all__ = ["Alike", "conflict_free"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

MOST_CUTS = 2_000
"""Programmes solved before the search gives up."""


MOST_MEMBERS = 1_000
"""Intervals of a family, the nearest ones, so that all pairs of two are few."""


@dataclass(frozen=True, eq=False)
class Alike:
    """Which intervals do not differ by a test.

    Attributes
    ----------
    test : IntervalTest
        The test.
    added : ndarray of shape (m,) or None
        Sums of missing values, which some rows of intervals hold.
    """

    test: IntervalTest
    added: FloatArray | None = None

    @property
    def n_pre(self) -> int:
        """Number of pre-bins."""
        return len(self.test.running) - 1

    def pairs(
        self, first: tuple[IntArray, IntArray], second: tuple[IntArray, IntArray]
    ) -> BoolArray:
        """Whether two intervals cannot both be bins, for all pairs of rows and ends."""
        one, two = (
            interval_totals(self.test, rows, ends, self.added)
            for rows, ends in (first, second)
        )
        # Missing values are in one bin only.
        both = holds_missing(first[0], self.n_pre)[:, None] & holds_missing(
            second[0], self.n_pre
        )
        return ~self.test.apart(one[:, None], two[None, :]) | both

    def conflict(self, found: Partitioning) -> tuple[int, int] | None:
        """Two bins that do not differ, by number; None where all do."""
        bins = bins_of(found, self.n_pre)
        alike = np.argwhere(np.triu(self.pairs(bins, bins), 1))
        return (int(alike[0][0]), int(alike[0][1])) if len(alike) else None

    def families(
        self, found: Partitioning, pair: tuple[int, int], open_: BoolArray
    ) -> tuple[BoolArray, BoolArray]:
        """Intervals left and right of a point, no two of which can both be bins.

        Parameters
        ----------
        found : Partitioning
            A binning.
        pair : tuple of int
            Two of its bins that do not differ; they are in the families.
        open_ : ndarray of shape (n_rows, P + 1)
            Intervals that can be bins.

        Returns
        -------
        left, right : ndarray of shape (n_rows, P + 1)
        """
        rows, ends = (part[list(pair)] for part in bins_of(found, self.n_pre))
        starts = start_of(rows, self.n_pre)
        point = (ends[0] + starts[1]) // 2
        every, stops = np.nonzero(open_)
        # An interval before missing values is the same bin as one after them.
        one_kind = (every < self.n_pre) | holds_missing(every, self.n_pre)
        every, stops = every[one_kind], stops[one_kind]
        before = stops <= point
        after = start_of(every, self.n_pre) >= point
        left, right = (every[before], stops[before]), (every[after], stops[after])
        ours = [(rows[k : k + 1], ends[k : k + 1]) for k in (0, 1)]
        left = self._nearest(left, self.pairs(left, ours[1])[:, 0], ours[0])
        right = self._nearest(right, self.pairs(ours[0], right)[0], ours[1])
        kept = largest_block(self.pairs(left, right))
        sides = []
        for (family, upto), some in zip((left, right), kept, strict=True):
            mask = np.zeros_like(open_)
            mask[family[some], upto[some]] = True
            if len(open_) > self.n_pre:
                mask[self.n_pre + 1 :: 2] = mask[: self.n_pre]
            sides.append(mask)
        return sides[0], sides[1]

    def _nearest(
        self,
        family: tuple[IntArray, IntArray],
        may: BoolArray,
        own: tuple[IntArray, IntArray],
    ) -> tuple[IntArray, IntArray]:
        """Those of a family that may stay and whose bounds are nearest to a bin's own."""
        rows, ends = family[0][may], family[1][may]
        starts, start = (start_of(some, self.n_pre) for some in (rows, own[0]))
        distance = np.abs(starts - start) + np.abs(ends - own[1])
        kept = np.sort(np.argsort(distance, kind="stable")[:MOST_MEMBERS])
        return rows[kept], ends[kept]


def bins_of(found: Partitioning, n_pre: int) -> tuple[IntArray, IntArray]:
    """Rows and ends of the bins of a binning, plain ones as if before missing values."""
    rows = np.array(found.starts, dtype=np.intp)
    if found.joined is not None:
        rows[found.joined] = rows_at(found.starts[found.joined], 3 * n_pre, n_pre)[1]
    return rows, np.array([*found.starts[1:], n_pre], dtype=np.intp)


def largest_block(alike: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Rows and columns of a large block that is true throughout, greedily."""
    rows, columns = (np.ones(n, dtype=bool) for n in alike.shape)
    wrong = ~alike
    by_row, by_column = wrong.sum(axis=1), wrong.sum(axis=0)
    while by_row.any():
        r, c = int(by_row.argmax()), int(by_column.argmax())
        if by_row[r] * rows.sum() >= by_column[c] * columns.sum():
            rows[r], by_row[r] = False, 0
            by_column -= wrong[r] & columns
        else:
            columns[c], by_column[c] = False, 0
            by_row -= wrong[:, c] & rows
    return rows, columns


def conflict_free(
    value: FloatArray,
    solve: Callable[[FloatArray], Partitioning | None],
    rule: Alike,
    feature: str,
) -> Partitioning | None:
    """Best binning without a conflict between any two bins.

    Branch and bound: the programme without the rule bounds the optimum from above.
    Where its binning breaks the rule for two bins, they are in two families of
    intervals, left and right of a point, no two of which can both be bins. So the
    answer lacks the one family or the other, and the search goes on without either.
    The first binning without conflict that comes off the queue is the optimum.

    Parameters
    ----------
    value : ndarray of shape (P, P + 1) or (3 P, P + 1)
        Objective of each interval; rows as in :mod:`.joining`.
    solve : callable
        Best binning of given interval values without the rule.
    rule : Alike
        Which intervals do not differ.
    feature : str
        Name in the error.

    Returns
    -------
    Partitioning or None

    Raises
    ------
    InfostatError
        If the optimum is not proven after 2,000 programmes.
    """
    queue: list[tuple[float, int, BoolArray, Partitioning]] = []
    n_solved = 0

    def push(open_: BoolArray) -> None:
        nonlocal n_solved
        n_solved += 1
        if n_solved > MOST_CUTS:
            msg = (
                f"No binning of {feature!r} was proven best among those whose bins all "
                f"differ, after {MOST_CUTS} programmes: use fewer prebins or max_bins, a "
                f"monotone trend, or pvalue_pairs='neighbours'."
            )
            raise InfostatError(msg)
        found = solve(np.where(open_, value, -np.inf))
        if found is not None:
            heapq.heappush(queue, (-found.value, n_solved, open_, found))

    push(value > -np.inf)
    while queue:
        _, _, open_, found = heapq.heappop(queue)
        pair = rule.conflict(found)
        if pair is None:
            return found
        for family in rule.families(found, pair, open_):
            push(open_ & ~family)
    return None
