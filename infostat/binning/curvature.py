"""Concave and convex event rates: the programme whose state is the last two bins."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from infostat.binning.joining import (
    final_rows,
    holds_missing,
    rows_at,
    rows_before,
    start_at,
    start_of,
)
from infostat.binning.optimal import ROUNDING, Partitioning, partitioning
from infostat.binning.pairs import Neighbours

__all__ = ["CURVES", "MOST_PREBINS", "curved_partition"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Curve = Literal["concave", "convex"]

CURVES: tuple[Curve, ...] = ("concave", "convex")

MOST_PREBINS = 50
"""Pre-bins up to which three bins in a row can be compared: time grows as P^4."""


def curved_partition(
    value: FloatArray,
    max_bins: int,
    rule: Neighbours,
    curve: Curve,
    *,
    min_bins: int = 1,
) -> Partitioning | None:
    """Best binning whose rates bend one way only, bins taken as equally spaced.

    Parameters
    ----------
    value : ndarray of shape (P, P + 1) or (3 P, P + 1)
        Objective of each interval, minus infinity where it is not allowed; rows as in
        :mod:`.joining`.
    max_bins, min_bins : int
        Most and fewest bins; up to two bins bend neither way.
    rule : Neighbours
        What neighbours must satisfy besides; its rates are those that bend.
    curve : {"concave", "convex"}
        Whether the change of the rate from bin to bin never rises, or never falls.

    Returns
    -------
    Partitioning or None
        None where no binning is allowed.
    """
    n_rows, n_pre = len(value), value.shape[1] - 1
    n_most = max(min(max_bins, n_pre) - 1, 0)
    free = (0,) * len(rule.rates)
    # pairs[m][k, z, b, c]: best k + 2 intervals of which the last are row z's up to b and
    # one from b to c, with the missing values where m is 1.
    shapes = [(n_most, n_rows, n_pre, n_pre + 1)]
    shapes += [(n_most, n_pre, n_pre, n_pre + 1)] if n_rows > n_pre else []
    pairs = [np.full(shape, -np.inf) for shape in shapes]
    kind = holds_missing(np.arange(n_rows), n_pre).astype(int)
    start = start_of(np.arange(n_rows), n_pre)
    for b in range(1, n_pre) if n_most else ():
        for row in rows_at(b, n_rows, n_pre):
            held = rows_before(row, n_pre)
            rows = held.start + np.flatnonzero(value[held, b] > -np.inf)
            ends = b + 1 + np.flatnonzero(value[row, b + 1 :] > -np.inf)
            if not (rows.size and ends.size):
                continue
            into = pairs[kind[row]]
            allowed = rule.follow(rows, row, b, ends, free)
            for z, may in zip(rows.tolist(), allowed, strict=True):
                after, before = ends[may], rows_before(z, n_pre)
                if start[z] == 0:
                    into[0, z, b, after] = value[z, b] + value[row, after]
                    continue
                known = pairs[kind[z]][:-1, before, start[z], b]
                there = np.flatnonzero((known > -np.inf).any(axis=0))
                if not (there.size and after.size):
                    continue
                triple = before.start + there, z, start[z], row, b, after
                bends = _bends(rule.rates, curve, *triple)
                step = np.where(bends, known[:, there, None], -np.inf).max(axis=1)
                into[1:, z, b, after] = step + value[row, after]
    return _backtrack(value, pairs, rule, curve, min_bins)


def _bends(
    rates: tuple[FloatArray, ...],
    curve: Curve,
    earlier: IntArray,
    middle: int,
    z: int,
    row: int,
    b: int,
    after: IntArray,
) -> npt.NDArray[np.bool_]:
    """Whether rows ``earlier`` up to ``z``, ``middle`` up to ``b`` and ``row`` bend right.

    Shape (n_earlier, n_after).
    """
    out = np.ones((earlier.size, after.size), dtype=bool)
    for rate in rates:
        change = rate[middle, b] - rate[earlier, z]
        second = (rate[row, after] - rate[middle, b]) - change[:, None]
        out &= second <= ROUNDING if curve == "concave" else second >= -ROUNDING
    return out


def _backtrack(
    value: FloatArray,
    pairs: list[FloatArray],
    rule: Neighbours,
    curve: Curve,
    min_bins: int,
) -> Partitioning | None:
    """Read the best complete sequence, last two intervals first."""
    n_rows, n_pre = len(value), value.shape[1] - 1
    complete = final_rows(n_rows, n_pre)
    # With missing values among the last two intervals, or before them.
    finals = [pairs[0][:, complete, :, -1].copy(), *(p[..., -1] for p in pairs[1:])]
    for some in finals:
        some[: max(min_bins - 2, 0)] = -np.inf
    tops = [float(some.max()) if some.size else -np.inf for some in finals]
    best = max(tops)
    whole = float(value[complete.start, -1]) if min_bins <= 1 else -np.inf
    if max(best, whole) == -np.inf:
        return None
    if whole >= best:
        return partitioning([complete.start], n_pre, whole, curve)
    m = tops.index(best)
    k, z, b = (
        int(i) for i in np.unravel_index(int(finals[m].argmax()), finals[m].shape)
    )
    z += complete.start if m == 0 else 0
    last = next(
        row
        for row in rows_at(b, n_rows, n_pre)
        if z in range(n_rows)[rows_before(row, n_pre)]
        and m == holds_missing(np.array(row), n_pre)
    )
    rows, end = [last, z], n_pre
    while k > 0:
        k -= 1
        row, middle = rows[-2:]
        held = rows_before(middle, n_pre)
        at, b = start_at(middle, n_pre), start_at(row, n_pre)
        earlier = np.arange(held.start, held.stop)
        triple = earlier, middle, at, row, b, np.array([end])
        bends = _bends(rule.rates, curve, *triple)[:, 0]
        m = int(holds_missing(np.array(middle), n_pre))
        scores = np.where(bends, pairs[m][k, held, at, b], -np.inf)
        rows.append(int(earlier[scores.argmax()]))
        end = b
    return partitioning(rows[::-1], n_pre, best, curve)
