"""Caps that hold with confidence: each feature's own upper limit.

The limit of a feature is no sum over its bins, so its binnings are listed and the best
one that is certified is found by walking down the list in order of information value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat.counts import CountTable
from infostat.divergences import get_divergence
from infostat.fairness.columns import EXPECTED, BinningColumns, FeatureCounts
from infostat.inference.delta import share_moments
from infostat.inference.matched import matched_law, p_at_least, upper_limit

__all__ = ["CertifiedFeature"]

FloatArray = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

CHUNK = 512
"""Binnings tested at a time, best first."""


@dataclass(frozen=True, eq=False)
class _Cells:
    """Rows of reference and protected group, without sparse reserved bins.

    Attributes
    ----------
    reserved : ndarray of shape (n_reserved, 2)
        Bins that are always there and hold enough rows.
    running : ndarray of shape (P + 1, 2)
        Running sums over the ordinary pre-bins.
    joined : bool
        Whether sparse reserved bins were counted with the first ordinary pre-bin.
    """

    reserved: FloatArray
    running: FloatArray
    joined: bool

    @property
    def totals(self) -> FloatArray:
        """Rows of both groups."""
        return np.asarray(self.reserved.sum(axis=0) + self.running[-1])


def _read_cells(table: CountTable, first: int) -> _Cells:
    """Reserved bins that inference would merge join the first ordinary pre-bin."""
    reserved, ordinary = table.weight[:first], table.weight[first:].copy()
    filled = reserved.sum(axis=1) > 0
    totals = table.totals
    expected = reserved.sum(axis=1) / totals.sum() * totals.min()
    enough = filled & (expected >= EXPECTED) & (reserved > 0).all(axis=1)
    ordinary[0] += reserved[filled & ~enough].sum(axis=0)
    running = np.vstack([np.zeros(2), np.cumsum(ordinary, axis=0)])
    return _Cells(reserved[enough], running, bool((filled & ~enough).any()))


class CertifiedFeature:
    """Every binning of a feature, in order of information value, best first.

    Parameters
    ----------
    columns : BinningColumns
        All allowed binnings.
    counts : FeatureCounts
        Their pre-bins.
    """

    def __init__(self, columns: BinningColumns, counts: FeatureCounts) -> None:
        useful = np.flatnonzero(columns.iv > 0)
        order = useful[np.lexsort((columns.n_bins[useful], -columns.iv[useful]))]
        self.columns = columns.take(np.concatenate([[0], order]))
        self.cells = [_read_cells(table, counts.pre.first) for table in counts.groups]

    def upper_limits(self, comparison: int, chosen: Places, alpha: float) -> FloatArray:
        """One-sided upper limits of some binnings.

        Parameters
        ----------
        comparison : int
            Place of the comparison.
        chosen : ndarray of int
            Columns, not the one that leaves the feature out.
        alpha : float
            One minus the confidence.

        Returns
        -------
        ndarray of shape (n_chosen,)
        """
        law, single = self._law(comparison, chosen)
        limit = upper_limit(*law, alpha)
        nothing = np.inf if self.cells[comparison].joined else 0.0
        return np.where(single, nothing, limit)

    def certified(self, chosen: Places, caps: FloatArray, alpha: float) -> Places:
        """Those of some binnings whose upper limits are within all caps."""
        good = np.ones(len(chosen), dtype=bool)
        for k in np.flatnonzero(np.isfinite(caps)):
            law, single = self._law(int(k), chosen)
            # One evaluation a binning, where the limit itself would take sixty.
            inside = p_at_least(*law, caps[k]) <= alpha
            good &= np.where(single, not self.cells[k].joined, inside)
        return chosen[good]

    def best(
        self, caps: FloatArray, alpha: float, *, count_bins: bool = False
    ) -> BinningColumns:
        """Best certified binning, and the column that leaves the feature out.

        Parameters
        ----------
        caps : ndarray of shape (n_comparisons,)
            Caps on the upper limits.
        alpha : float
            One minus the confidence.
        count_bins : bool, default=False
            Return the best for every number of bins.

        Returns
        -------
        BinningColumns
        """
        ranked = np.arange(1, len(self.columns))
        n_bins = self.columns.n_bins[ranked]
        runs = [ranked]
        if count_bins:
            runs = [ranked[n_bins == size] for size in np.unique(n_bins)]
        found = [0]
        for run in runs:
            for start in range(0, len(run), CHUNK):
                good = self.certified(run[start : start + CHUNK], caps, alpha)
                if good.size:
                    found.append(int(good[0]))
                    break
        table = self.columns.take(np.array(found))
        limit = np.zeros_like(table.limit)
        for k in range(limit.shape[1]):
            limit[1:, k] = self.upper_limits(k, np.array(found[1:], dtype=int), alpha)
        return BinningColumns(
            table.feature, table.starts, table.iv, table.group_iv, limit, table.n_bins
        )

    def smallest(self, comparison: int, alpha: float) -> float:
        """Smallest upper limit that a binning of the feature reaches."""
        lowest = np.inf
        ranked = np.arange(1, len(self.columns))
        for start in range(0, len(ranked), CHUNK):
            run = ranked[start : start + CHUNK]
            if np.isfinite(lowest):
                caps = np.full(len(self.cells), np.inf)
                caps[comparison] = lowest
                run = self.certified(run, caps, alpha)
            if run.size:
                lowest = min(
                    lowest, float(self.upper_limits(comparison, run, alpha).min())
                )
        return lowest

    def _law(
        self, comparison: int, chosen: Places
    ) -> tuple[tuple[FloatArray, FloatArray, FloatArray], npt.NDArray[np.bool_]]:
        """Plug-in, scale and degrees of freedom; and whether one bin is left."""
        cells, kind = self.cells[comparison], get_divergence("jeffreys")
        totals, last = cells.totals, len(cells.running) - 1
        plug_in, variance, bias = np.zeros((3, len(chosen)))
        n_bins = self.columns.n_bins[chosen]
        for size in np.unique(n_bins):
            rows = np.flatnonzero(n_bins == size)
            starts = np.array([self.columns.starts[chosen[row]] for row in rows])
            ends = np.hstack([starts[:, 1:], np.full((len(rows), 1), last)])
            reserved = np.broadcast_to(
                cells.reserved, (len(rows), *cells.reserved.shape)
            )
            bins = cells.running[ends] - cells.running[starts]
            shares = np.concatenate([reserved, bins], axis=1) / totals
            q, p = shares[..., 0], shares[..., 1]
            moments = share_moments(p, q, p / totals[1], q / totals[0], kind)
            plug_in[rows], variance[rows] = moments.plug_in, moments.variance
            bias[rows] = moments.bias
        scale, df = matched_law(plug_in, variance, bias, (1.0 / totals).sum())
        single = n_bins + len(cells.reserved) < 2
        return (plug_in, scale, np.maximum(df, 1e-9)), single
