"""Certificates: what rows that did not choose a card's bins say of its group difference.

The bins are fixed before these rows are counted, so that nothing was chosen on them and
an upper limit holds as stated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.counts import CountTable
from infostat.counts.array_engine import count_codes
from infostat.divergences import derivatives, get_divergence
from infostat.fairness.groups import Comparison
from infostat.inference.delta import Moments, share_moments
from infostat.inference.estimate import check_level
from infostat.inference.matched import matched_law, upper_limit
from infostat.inference.sparse import merge_sparse

__all__ = ["Certificate", "certify"]

FloatArray = npt.NDArray[np.float64]
Weight = FloatArray | None

STEPS = 6
"""Times that a limit and the scale at that limit are matched."""


@dataclass(frozen=True, eq=False)
class Certificate:
    """Upper limits of a point's group differences from rows that did not choose it.

    Attributes
    ----------
    limits : ndarray of shape (n_comparisons,)
        One-sided upper limits of what a cap speaks of; infinite where the rows limit
        nothing.
    n_merged : ndarray of shape (n_comparisons,), intp
        Bins that held too few of these rows to be told from a neighbour; the limit then
        speaks of the merged bins, whose divergence is smaller.
    """

    limits: FloatArray
    n_merged: npt.NDArray[np.intp]

    def within(self, caps: FloatArray) -> bool:
        """Whether every limit is within its cap (an infinite cap asks nothing)."""
        return bool((self.limits[np.isfinite(caps)] <= _widened(caps)).all())


def _widened(caps: FloatArray) -> FloatArray:
    """Finite caps, with room for the rounding of sums."""
    return np.asarray(caps[np.isfinite(caps)] * (1.0 + 1e-12))


def certify(
    bins: Mapping[str, Bins],
    tables: Mapping[str, CountTable],
    codes: Mapping[str, npt.NDArray[Any]],
    comparisons: Sequence[Comparison],
    weight: Weight = None,
    *,
    confidence: float = 0.95,
    chance: Literal["sum", "feature"] = "sum",
) -> Certificate:
    r"""Upper limits of the group differences of fixed bins.

    Parameters
    ----------
    bins : mapping of str to Bins
        Bins of the features that the card uses.
    tables : mapping of str to CountTable
        Rows that chose these bins, to know which of them hold rows.
    codes : mapping of str to ndarray of shape (n_samples,)
        Bins of rows that did not choose.
    comparisons : sequence of Comparison
        Groups of these rows.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights.
    confidence : float, default=0.95
        Confidence of each limit alone.
    chance : {"sum", "feature"}, default="sum"
        Whether the limit is that of the sum over features, or the largest of the
        features' own limits. All features are within a cap with this confidence when
        the largest limit is: no correction for their number is needed.

    Returns
    -------
    Certificate

    Notes
    -----
    Near equal groups the sum of plug-in values is a quadratic form of normal errors
    whose covariance :math:`C = \Sigma_1 / n_1 + \Sigma_0 / n_0` couples the bins of all
    features: with :math:`K = D_\pi^{-1/2} C D_\pi^{-1/2}` and a sum :math:`S` its
    variance is at most :math:`4 \lambda_{\max}(K) S + 2 \operatorname{tr} K^2`, the
    first term where the groups differ in the direction of the largest eigenvalue
    (:math:`V_1`, the plug-in variance of the sum, takes its place where it is larger).
    The limit is that of the scaled noncentral chi-square with this variance and the
    mean of the sum. It is sharp where features are independent and where they are
    copies of one another, and keeps its level in whatever direction the groups differ.
    The plug-in variance alone falls where the sum happens to be small, and lets the
    truth lie above a limit of 95 % in up to a tenth of the samples; adding the standard
    errors of the features keeps the level at limits up to twice as wide.
    """
    check_level(confidence)
    limits = np.full(len(comparisons), np.inf)
    n_merged = np.zeros(len(comparisons), dtype=np.intp)
    for k, comparison in enumerate(comparisons):
        held = _Held.count(bins, tables, codes, comparison, weight)
        n_merged[k] = held.n_merged
        if held.readable:
            limits[k] = held.limit(1.0 - confidence, chance)
    return Certificate(limits, n_merged)


@dataclass(frozen=True, eq=False)
class _Held:
    """Rows of both groups over the bins of all features, sparse bins merged.

    Attributes
    ----------
    cells : list of ndarray of shape (n_bins, 2)
        Rows of the reference and of the protected group, one table a feature.
    codes : list of ndarray of shape (n_rows,)
        Merged bin of every row of the two groups.
    member, weight : ndarray of shape (n_rows,)
        Group and weight of these rows.
    n_merged : int
        Bins lost by merging.
    readable : bool
        Whether both groups occur and every feature has two bins left.
    """

    cells: list[FloatArray]
    codes: list[npt.NDArray[np.intp]]
    member: npt.NDArray[np.int8]
    weight: FloatArray
    n_merged: int
    readable: bool

    @classmethod
    def count(
        cls,
        bins: Mapping[str, Bins],
        tables: Mapping[str, CountTable],
        codes: Mapping[str, npt.NDArray[Any]],
        comparison: Comparison,
        weight: Weight,
    ) -> _Held:
        """Count the rows of a comparison."""
        w = np.ones(len(comparison.member)) if weight is None else weight
        kept = (comparison.member >= 0) & (w > 0)
        member, w = comparison.member[kept], w[kept]
        both = bool((member == 0).any() and (member == 1).any())
        cells, merged, lost = [], [], 0
        for name, these in bins.items() if both else ():
            part = codes[name][kept]
            table = count_codes(part, member.astype(np.uint8), these.labels, weight=w)
            dense, groups = merge_sparse(
                table, table.totals, ordered_from=these.ordered_from
            )
            known = (table.weight + tables[name].weight).sum(axis=1) > 0
            cells.append(dense.weight)
            merged.append(groups[part])
            lost += int(known.sum()) - len(cells[-1])
        readable = both and all(len(table) > 1 for table in cells)
        return cls(cells, merged, member, w, lost, readable)

    def limit(self, alpha: float, chance: str) -> float:
        """Upper limit of the sum, or the largest one of a feature."""
        moments = [self._moments(table) for table in self.cells]
        sizes = [float(self.weight[self.member == k].sum()) for k in (0, 1)]
        null_scale = 1.0 / sizes[0] + 1.0 / sizes[1]
        if not moments:
            return 0.0
        parts = [(m.plug_in, m.variance, m.bias) for m in moments]
        plug_in, variance, bias = np.array(parts, dtype=float).T
        if chance == "feature":
            laws = matched_law(plug_in, variance, bias, null_scale)
            return float(upper_limit(plug_in, *laws, alpha).max())
        total, shift = float(plug_in.sum()), float(bias.sum())
        covariances = [self._covariance(k) / sizes[k] for k in (0, 1)]
        widest, typical = self._scales(total, covariances, sizes)
        # From above, so that each step is a limit and the last the sharpest.
        limit, scale = np.inf, widest
        for _ in range(STEPS):
            limit = float(upper_limit(total, scale, shift / scale, alpha))
            scale = (2.0 * widest * limit + typical * shift) / (2.0 * limit + shift)
        return limit

    def _moments(self, table: FloatArray) -> Moments:
        totals = table.sum(axis=0)
        q, p = (table / totals).T
        kind = get_divergence("jeffreys")
        return share_moments(p, q, p / totals[1], q / totals[0], kind)

    def _covariance(self, group: int) -> FloatArray:
        """Covariance, over the rows of a group, of the indicators of all bins."""
        from scipy.sparse import csr_array

        rows = self.member == group
        first = np.cumsum([0, *(len(table) for table in self.cells)])
        places = np.stack(
            [c[rows] + f for c, f in zip(self.codes, first, strict=False)]
        )
        n_features, n_rows = places.shape
        share = self.weight[rows] / self.weight[rows].sum()
        # One column a row of the data, so that the indices of a row are neighbours.
        row_ends = np.arange(n_rows + 1) * n_features
        shape = (n_rows, int(first[-1]))
        indices = places.T.ravel()
        once = csr_array((np.ones(indices.size), indices, row_ends), shape=shape)
        heavy = csr_array(
            (np.repeat(share, n_features), indices, row_ends), shape=shape
        )
        mean = heavy.sum(axis=0)
        return np.asarray((once.T @ heavy).toarray() - np.outer(mean, mean))

    def _scales(
        self, total: float, covariances: list[FloatArray], sizes: list[float]
    ) -> tuple[float, float]:
        """Largest scale of the sum, and its scale at equal groups."""
        cells = np.concatenate(self.cells)
        q, p = (cells / np.array(sizes)).T
        pooled = cells.sum(axis=1) / sum(sizes)
        roots = np.linalg.eigvalsh(sum(covariances) / np.sqrt(np.outer(pooled, pooled)))
        widest = float(roots[-1])
        if total > 0:
            slopes = derivatives(p, q, get_divergence("jeffreys"))
            slope = (slopes.first_q, slopes.first_p)
            variance = sum(slope[k] @ covariances[k] @ slope[k] for k in (0, 1))
            widest = max(widest, float(variance) / (4.0 * total))
        return widest, float((roots**2).sum() / roots.sum())
