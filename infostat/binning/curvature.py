"""Concave and convex event rates: the programme whose state is the last two bins."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from infostat.binning.optimal import ROUNDING, Partitioning
from infostat.binning.pairs import Neighbours

__all__ = ["CURVES", "MOST_PREBINS", "curved_partition"]

FloatArray = npt.NDArray[np.float64]
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
    value : ndarray of shape (P, P + 1)
        Objective of each interval, minus infinity where it is not allowed.
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
    n_pre = len(value)
    n_most = min(max_bins, n_pre)
    free = (0,) * len(rule.rates)
    # pairs[k, z, b, c]: best k + 2 intervals of which the last are [z, b), [b, c).
    pairs = np.full((max(n_most - 1, 0), n_pre, n_pre, n_pre + 1), -np.inf)
    for b in range(1, n_pre):
        starts = np.flatnonzero(value[:b, b] > -np.inf)
        ends = b + 1 + np.flatnonzero(value[b, b + 1 :] > -np.inf)
        if not (n_most > 1 and starts.size and ends.size):
            continue
        allowed = rule.follow(starts, b, ends, free)
        for z, may in zip(starts, allowed, strict=True):
            after = ends[may]
            if z == 0:
                pairs[0, 0, b, after] = value[0, b] + value[b, after]
                continue
            earlier = np.flatnonzero((pairs[:, :z, z, b] > -np.inf).any(axis=0))
            if not (earlier.size and after.size):
                continue
            bends = _bends(rule.rates, earlier, int(z), b, after, curve)
            known = pairs[:-1, earlier, z, b]
            step = np.where(bends, known[:, :, None], -np.inf).max(axis=1)
            pairs[1:, z, b, after] = step + value[b, after]
    return _backtrack(value, pairs, rule, curve, min_bins)


def _bends(
    rates: tuple[FloatArray, ...],
    earlier: npt.NDArray[np.intp],
    z: int,
    b: int,
    after: npt.NDArray[np.intp],
    curve: Curve,
) -> npt.NDArray[np.bool_]:
    """Whether ``[y, z), [z, b), [b, e)`` bend the right way, shape (n_y, n_e)."""
    out = np.ones((earlier.size, after.size), dtype=bool)
    for rate in rates:
        change = rate[z, b] - rate[earlier, z]
        second = (rate[b, after] - rate[z, b]) - change[:, None]
        out &= second <= ROUNDING if curve == "concave" else second >= -ROUNDING
    return out


def _backtrack(
    value: FloatArray,
    pairs: FloatArray,
    rule: Neighbours,
    curve: Curve,
    min_bins: int,
) -> Partitioning | None:
    finals = pairs[..., -1].copy()
    finals[: max(min_bins - 2, 0)] = -np.inf
    best = float(finals.max()) if finals.size else -np.inf
    whole = float(value[0, -1]) if min_bins <= 1 else -np.inf
    if max(best, whole) == -np.inf:
        return None
    if whole >= best:
        return Partitioning((0,), whole, curve)
    k, z, b = (int(i) for i in np.unravel_index(int(finals.argmax()), finals.shape))
    starts, end = [b, z], len(value)
    while k > 0:
        k -= 1
        earlier = np.arange(z)
        bends = _bends(rule.rates, earlier, z, b, np.array([end]), curve)[:, 0]
        scores = np.where(bends, pairs[k, :z, z, b], -np.inf)
        y = int(scores.argmax())
        z, b, end = y, z, b
        starts.append(z)
    return Partitioning(tuple(reversed(starts)), best, curve)
