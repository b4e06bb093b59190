"""From a count table to a divergence with its error: what IV and PSI both are."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_count, read_number
from infostat._magnitude import LARGEST
from infostat.counts import ClusteredTable, CountTable
from infostat.divergences import Divergence
from infostat.exceptions import InfostatWarning
from infostat.inference import matched
from infostat.inference.delta import Moments, clustered_moments, share_moments
from infostat.inference.estimate import (
    Alternative,
    Estimate,
    check_alternative,
    check_level,
)
from infostat.inference.null import (
    NullLaw,
    clustered_null,
    count_null,
    pearson_statistic,
    weighted_null,
)
from infostat.inference.options import (
    Reference,
    WeightType,
    check_reference,
    check_two_classes,
    check_weight_type,
    smooth_divergence,
)
from infostat.inference.sparse import merge_sparse, padded, padded_clusters

__all__ = ["DivergenceEstimate", "Reference", "WeightType", "measure"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DivergenceEstimate(Estimate):
    """A divergence between the classes of a count table, with its law.

    Attributes
    ----------
    value : float
        Bias-corrected divergence in nats, not below zero.
    se : float
        Standard error.
    plug_in : float
        Divergence of the observed shares, the raw statistic; ``plug_in - bias`` is the
        corrected one with its sign.
    variance : float
        First-order variance of ``plug_in``.
    scale, df : float
        The matched noncentral chi-square law, see :mod:`infostat.inference.matched`.
    null_scale : float
        Mean scale of the null law: ``1/n1 + 1/n0`` (times half the curvature).
    p_zero : float
        P-value of "the classes share one law", Pearson's chi-square (Rao-Scott with
        sampling weights or clusters). Where merging left one bin, it speaks of bins
        merged until they expect enough rows, a class absent or not: a sample that left
        all bins of the other is no sign of equality.
    p_zero_plug_in : float
        The same hypothesis tested by ``plug_in`` itself.
    n_bins : int
        Bins that the inference speaks of.
    n_merged : int
        Bins that were merged away because they were too sparse; then value, error,
        interval and tests speak of the merged bins, whose divergence is smaller.
    open_above : bool
        Whether at most one bin holds both classes: nothing limits the divergence from
        above, and value, error and lower limit are those of :func:`.padded` counts.
    corrected : float
        Bias-corrected divergence with its sign, unbiased near zero; ``value`` cuts it
        at zero.

    Notes
    -----
    ``p_value(0)`` and the lower limit are different statements: Pearson's test at 5 %
    can reject while the lower limit of the 95 % interval, a one-sided test at 2.5 %,
    is still zero.
    """

    plug_in: float = 0.0
    variance: float = 0.0
    scale: float = 0.0
    null_scale: float = 0.0
    p_zero: float = 1.0
    p_zero_plug_in: float = 1.0
    n_bins: int = 1
    n_merged: int = 0
    open_above: bool = False

    @property
    def corrected(self) -> float:
        """Bias-corrected divergence with its sign, unbiased near zero."""
        return self.plug_in - self.bias

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Two-sided confidence interval by the matched law.

        Parameters
        ----------
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        low, high : float
            Zero and zero for a table of one bin. Where at most one bin holds both classes
            (``open_above``), sparse bins were merged into one, or no row changes its
            bin, nothing limits the divergence from above and ``high`` is infinite.

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.
        """
        low, high = matched.divergence_intervals([self], check_level(level))
        return float(low[0]), float(high[0])

    def _is_single_bin(self) -> bool:
        """One bin has no divergence; bins merged into one say nothing of theirs."""
        return self.n_bins < 2 and not self.n_merged

    def p_value(
        self, null: float = 0.0, alternative: Alternative = "two-sided"
    ) -> float:
        """P-value of a hypothesis about the true divergence.

        Parameters
        ----------
        null : float, default=0.0
            Hypothesised value in nats, not negative. At zero the answer is ``p_zero``
            for every alternative but "less".
        alternative : {"two-sided", "greater", "less"}, default="two-sided"
            "greater" tests the hypothesis "at most ``null``", "less" the hypothesis "at
            least ``null``" (small values certify stability or fairness).

        Returns
        -------
        float

        Raises
        ------
        InfostatError
            If ``null`` is negative or the alternative is unknown.
        """
        check_alternative(alternative)
        self._check_null(null)
        if null == 0.0:
            return 1.0 if alternative == "less" else self.p_zero
        if self.scale <= 0:
            return 0.0 if alternative == "less" and self._is_single_bin() else 1.0
        law = (self.plug_in, self.scale, self.df or 0.0, null)
        above = float(matched.p_at_most(*law))
        below = 1.0 if self.open_above else float(matched.p_at_least(*law))
        if alternative == "two-sided":
            return min(1.0, 2.0 * min(above, below))
        return above if alternative == "greater" else below

    def _range(self) -> tuple[float, float]:
        """A divergence is never negative."""
        return 0.0, LARGEST


def measure(
    counts: CountTable | ClusteredTable,
    divergence: str | Divergence = "jeffreys",
    *,
    reference: Reference = "sample",
    weight_type: WeightType = "frequency",
    minimum_expected: float = 5.0,
    ordered_from: int = 0,
    name: str | None = None,
) -> DivergenceEstimate:
    """Estimate a divergence of class 1 from class 0 of a count table.

    Parameters
    ----------
    counts : CountTable or ClusteredTable
        Two classes; clustered counts bring their own sampling error.
    divergence : str or Divergence, default="jeffreys"
        A smooth member of the catalogue.
    reference : {"sample", "fixed"}, default="sample"
        Whether class 0 is a sample or a known law without error. Taking a sampled
        reference for fixed makes every test reject far too often.
    weight_type : {"frequency", "sampling"}, default="frequency"
        Frequency weights stand for repeated rows; sampling weights enter through their
        squares (Rao-Scott).
    minimum_expected : float, default=5.0
        Bins whose pooled expected count in the smaller class is below are merged, see
        :func:`infostat.inference.sparse.sparse_groups`.
    ordered_from : int, default=0
        First bin that has neighbours; those before are merged rarest first.
    name : str, optional
        Feature to name in warnings; with None a warning is raised without a name, with
        an empty string none is.

    Returns
    -------
    DivergenceEstimate

    Raises
    ------
    InfostatError
        If a class is empty, the divergence is unknown or has no curvature, or an option
        is unknown or out of range.

    References
    ----------
    Sudjianto and Burakov, arXiv 2509.09855, section 4, with the variance corrected.
    """
    check_reference(reference)
    check_weight_type(weight_type)
    read_number(minimum_expected, "minimum_expected", low=0.0)
    read_count(ordered_from, "ordered_from", 0)
    kind = smooth_divergence(divergence)
    clustered = counts if isinstance(counts, ClusteredTable) else None
    table = counts.table if isinstance(counts, ClusteredTable) else counts
    if clustered is not None:
        weight_type = "sampling"  # rows count by their effective number, as below
    check_two_classes(table)
    sizes = effective_sizes(table, weight_type)
    merge = partial(
        merge_sparse,
        table,
        sizes,
        fixed=reference == "fixed",
        minimum_expected=minimum_expected,
        ordered_from=ordered_from,
    )
    merged, groups = merge()
    n_filled = int((table.weight.sum(axis=1) > 0).sum())
    apart = merged
    if merged.n_bins < 2 <= n_filled:
        apart, groups = merge(both_classes=False)
    open_above = apart.n_bins > merged.n_bins
    if clustered is not None:
        kept = ClusteredTable(table, clustered.products).collapse(groups, apart.labels)
        used = padded_clusters(kept, sizes) if open_above else kept
        result = _clustered(used, kind, reference)
    else:
        whole = padded(apart, sizes) if open_above else apart
        result = _independent(whole, kind, reference, weight_type)
    n_merged, n = n_filled - apart.n_bins, float(table.weight.sum())
    result = replace(result, n=n, n_merged=n_merged, open_above=open_above)
    if open_above and clustered is None:
        law, pearson = _equality(apart, reference, weight_type)
        result = replace(result, p_zero=float(law.p_value(pearson)))
    if name != "":
        _warn(result, name, float(sizes.min()))
    return result


def _warn(result: DivergenceEstimate, name: str | None, few: float) -> None:
    subject = f"Feature {name!r}" if name else "The table"
    if result.n_merged:
        warnings.warn(
            f"{subject}: {result.n_merged} sparse bins were merged before inference; "
            f"value, interval and tests speak of the {result.n_bins} bins left. Use "
            f"fewer bins or more rows.",
            InfostatWarning,
            stacklevel=3,
        )
    if result.open_above:
        warnings.warn(
            f"{subject}: at most one bin holds both classes, so nothing limits their "
            f"divergence from above; value and lower limit are those of counts with a "
            f"row added to each bin. Look at the bins, or use wider ones.",
            InfostatWarning,
            stacklevel=3,
        )
    if result.n_bins > 1 and result.scale <= 0:
        warnings.warn(
            f"{subject}: no row changes its bin between the classes, so there is no "
            f"sampling error to estimate. Wait for movement, or use other bins.",
            InfostatWarning,
            stacklevel=3,
        )
    if few < 20:
        warnings.warn(
            f"{subject}: the smaller class has {few:.3g} rows; below 20 the interval is "
            f"approximate. Pool periods or segments.",
            InfostatWarning,
            stacklevel=3,
        )


def effective_sizes(table: CountTable, weight_type: WeightType) -> FloatArray:
    """Rows of each class: its weight, or Kish's effective size of sampling weights."""
    if weight_type == "frequency":
        return table.totals
    return np.asarray(table.totals**2 / table.squared.sum(axis=0))


def spreads(table: CountTable, weight_type: WeightType) -> FloatArray:
    """Spread of both share vectors, shape (n_bins, 2), see :mod:`.delta`."""
    squared = table.weight if weight_type == "frequency" else table.squared
    return np.asarray(squared / table.totals**2)


def _independent(
    table: CountTable, kind: Divergence, reference: Reference, weight_type: WeightType
) -> DivergenceEstimate:
    """Estimate from rows drawn independently."""
    q, p = (table.weight / table.totals).T
    q_spread, p_spread = spreads(table, weight_type).T
    if reference == "fixed":
        q_spread = np.zeros_like(q_spread)
    moments = share_moments(p, q, p_spread, q_spread, kind)
    law, pearson = _equality(table, reference, weight_type)
    return _assemble(moments, law, kind, pearson, table)


def _equality(
    table: CountTable, reference: Reference, weight_type: WeightType
) -> tuple[NullLaw, FloatArray]:
    """Law and value of Pearson's distance between rows drawn independently."""
    q, p = (table.weight / table.totals).T
    q_spread, p_spread = spreads(table, weight_type).T
    sizes = effective_sizes(table, weight_type)
    if reference == "fixed":
        q_spread = np.zeros_like(q_spread)
    pooled = q if reference == "fixed" else (sizes[1] * p + sizes[0] * q) / sizes.sum()
    if weight_type == "frequency":
        size_0 = None if reference == "fixed" else sizes[0]
        law = count_null(table.n_bins, sizes[1], size_0)
    else:
        law = weighted_null(p_spread, q_spread, pooled)
    return law, pearson_statistic(p, q, pooled)


def _clustered(
    clustered: ClusteredTable, kind: Divergence, reference: Reference
) -> DivergenceEstimate:
    """Estimate from rows that come in clusters."""
    table = clustered.table
    q, p = (table.weight / table.totals).T
    # Pooled by raw weights, the law would depend on the scale of one class's weights.
    sizes = effective_sizes(table, "sampling")
    pooled = (sizes[1] * p + sizes[0] * q) / sizes.sum()
    if reference == "fixed":
        # A known law adds no error of its own and shares none with the sample.
        products = clustered.products.copy()
        products[0, :], products[:, 0] = 0.0, 0.0
        clustered, pooled = ClusteredTable(table, products), q
    moments = clustered_moments(clustered, kind)
    law = clustered_null(clustered, pooled)
    return _assemble(moments, law, kind, pearson_statistic(p, q, pooled), table)


def _assemble(
    moments: Moments,
    law: NullLaw,
    kind: Divergence,
    pearson: FloatArray,
    table: CountTable,
) -> DivergenceEstimate:
    n = float(table.weight.sum())
    if law.df < 1 or law.scale <= 0:
        method = "single bin" if law.df < 1 else "no row changes its bin"
        return DivergenceEstimate(
            0.0, 0.0, n, df=0.0, method=method, n_bins=table.n_bins
        )
    half = kind.curvature / 2.0
    null_scale = half * law.scale
    scale, df = matched.matched_law(
        moments.plug_in, moments.variance, moments.bias, null_scale
    )
    # The plug-in variance is too large by twice V2 near equality, and the variance of
    # the statistic is V1 + V2: one V2 less in all, never below V2 itself.
    second_order = 2.0 * half**2 * law.squares
    return DivergenceEstimate(
        value=max(0.0, float(moments.plug_in - moments.bias)),
        se=float(np.sqrt(max(moments.variance - second_order, second_order))),
        n=n,
        df=float(df),
        bias=float(moments.bias),
        method="matched noncentral chi-square",
        plug_in=float(moments.plug_in),
        variance=float(moments.variance),
        scale=float(scale),
        null_scale=float(null_scale),
        p_zero=float(law.p_value(pearson)),
        p_zero_plug_in=float(law.p_value(moments.plug_in / half)),
        n_bins=table.n_bins,
    )
