"""One comparison: every feature of every segment against the reference, with a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._frames import build_frame
from infostat.binning.bins import Bins
from infostat.counts import ClusteredTable, CountTable
from infostat.evidence import StabilityIndex, population_stability_index, value_parts
from infostat.inference import adjust_p_values, matched, traffic_light, verdict
from infostat.stability.limits import new_segments
from infostat.stability.pairs import compared_table
from infostat.stability.sequential import anytime_p_values
from infostat.stability.snapshot import TOTAL, Snapshot

__all__ = [
    "Comparison",
    "Rules",
    "StabilityReport",
    "alarm_frame",
    "bin_frame",
    "compare_snapshots",
    "history_frame",
]


@dataclass(frozen=True)
class Rules:
    """How comparisons are read; see the parameters of :class:`.StabilityMonitor`."""

    limits: tuple[float, float]
    level: float
    tolerance: float
    adjust: Any
    horizon: int | None
    reference: Any
    weight_type: Any
    minimum_expected: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """One feature of one segment in one period.

    Attributes
    ----------
    period, segment, feature : str
        What was compared.
    n_reference, n_current : float
        Weight of both samples.
    psi : StabilityIndex
        The index with its law.
    table : CountTable
        Counts of reference and current sample.
    products : ndarray of shape (2, 2, n_bins, n_bins), or None
        Cross products of the clusters, where rows come in clusters.
    low, high : float
        Confidence interval of the index.
    light : str
        "green", "amber" or "red", by the interval of this comparison alone.
    reading : str
        Verdict in words, which tells amber for lack of data from a moderate shift.
    p_value : float
        Of "the index is at most the tolerance".
    p_adjusted, p_sequential : float
        The same, adjusted for the comparisons of the period and for all periods.
    alarm : bool
        Whether ``p_sequential`` is at most one minus the level.
    """

    period: str
    segment: str
    feature: str
    n_reference: float
    n_current: float
    psi: StabilityIndex
    table: CountTable
    products: npt.NDArray[np.float64] | None = None
    low: float = 0.0
    high: float = np.inf
    light: str = ""
    reading: str = ""
    p_value: float = 1.0
    p_adjusted: float = 1.0
    p_sequential: float = 1.0
    alarm: bool = False

    @property
    def counts(self) -> CountTable | ClusteredTable:
        """Counts with the clusters where rows come in such."""
        if self.products is None:
            return self.table
        return ClusteredTable(self.table, self.products)

    @property
    def smaller(self) -> float:
        """Size of the smaller sample: its rows, or its clusters counted by Kish."""
        sizes = [self.n_reference, self.n_current]
        if self.products is not None:
            squares = [self.products[k, k].sum() for k in (0, 1)]
            sizes = [n**2 / s for n, s in zip(sizes, squares, strict=True)]
        return float(min(sizes))


@dataclass(frozen=True, eq=False)
class StabilityReport:
    """What one comparison found.

    Attributes
    ----------
    frame : frame
        One row a feature (and segment), see :attr:`.StabilityMonitor.history_`.
    alarm : frame
        The rows that raise an alarm, with the bins that drive them.
    performance : frame
        Change of information values, AUC and calibration where outcomes are known.
    has_alarm : bool
        Whether any comparison raises an alarm.
    """

    frame: Any
    alarm: Any
    performance: Any
    has_alarm: bool


def compare_snapshots(
    reference: Snapshot,
    current: Snapshot,
    bins: Mapping[str, Bins],
    coarse: Mapping[str, Sequence[float]],
    rules: Rules,
    period: str,
    turn: int | None,
) -> list[Comparison]:
    """Compare every feature of every segment, and adjust within and over periods.

    Parameters
    ----------
    reference, current : Snapshot
        Counts of the two samples.
    bins : mapping of str to Bins
        Bins of each feature.
    coarse : mapping of str to sequence of float
        Cuts of the features whose index uses coarser bins.
    rules : Rules
        Limits, level and adjustments.
    period : str
        Name of the period.
    turn : int or None
        Number of the period, from 1; None for a comparison that is the only one.

    Returns
    -------
    list of Comparison
        Segments without rows in one of the samples are left out.
    """
    segments = [TOTAL, *current.segments]
    new = new_segments(reference, current)
    found = [
        comparison
        for segment in segments
        if segment not in new
        for feature, part in bins.items()
        if (
            comparison := _compare(
                feature,
                compared_table(
                    reference, current, part, segment, coarse, rules.weight_type
                ),
                rules,
                (period, segment),
                coarse_bins(part, coarse).ordered_from,
            )
        )
        is not None
    ]
    found = _read(found, rules)
    p_values = [c.p_value for c in found]
    adjusted = adjust_p_values(p_values, rules.adjust)
    sequential = adjusted
    if turn is not None:
        sequential = anytime_p_values(adjusted, turn, rules.horizon)
    return [
        replace(
            c,
            p_adjusted=float(a),
            p_sequential=float(s),
            alarm=bool(s <= 1.0 - rules.level),
        )
        for c, a, s in zip(found, adjusted, sequential, strict=True)
    ]


def coarse_bins(part: Bins, coarse: Mapping[str, Sequence[float]]) -> Bins:
    """Bins that the index of a feature uses."""
    return part if part.feature not in coarse else part.with_cuts(coarse[part.feature])


def _compare(
    feature: str,
    counts: CountTable | ClusteredTable,
    rules: Rules,
    where: tuple[str, str],
    ordered_from: int,
) -> Comparison | None:
    products = counts.products if isinstance(counts, ClusteredTable) else None
    table = counts.table if isinstance(counts, ClusteredTable) else counts
    totals = table.totals
    if (totals <= 0).any():
        return None
    psi = population_stability_index(
        counts,
        reference=rules.reference,
        weight_type=rules.weight_type,
        minimum_expected=rules.minimum_expected,
        ordered_from=ordered_from,
        name="",
    )
    return Comparison(
        period=where[0],
        segment=where[1],
        feature=feature,
        n_reference=float(totals[0]),
        n_current=float(totals[1]),
        psi=psi,
        table=table,
        products=products,
    )


def _read(found: Sequence[Comparison], rules: Rules) -> list[Comparison]:
    """Intervals, lights and p-values of all comparisons in two calls."""
    low, high = matched.divergence_intervals([c.psi for c in found], rules.level)
    p_value = np.ones(len(found))
    usual = np.array([c.psi.scale > 0 for c in found], dtype=bool)
    law = np.array(
        [(c.psi.plug_in, c.psi.scale, c.psi.df or 0.0) for c in found], dtype=np.float64
    ).reshape(-1, 3)
    plug_in, scale, df = law[usual].T
    p_value[usual] = matched.p_at_most(plug_in, scale, df, rules.tolerance)
    out = []
    for k, c in enumerate(found):
        p = c.psi.p_zero if rules.tolerance == 0.0 else float(p_value[k])
        reading = verdict(float(low[k]), float(high[k]), rules.limits)
        out.append(
            replace(
                c,
                low=float(low[k]),
                high=float(high[k]),
                p_value=p,
                reading=reading,
                light=traffic_light(reading),
            )
        )
    return out


def history_frame(found: Sequence[Comparison], like: Any) -> Any:
    """Comparisons as a frame, one row each."""
    columns: dict[str, list[Any]] = {
        "period": [c.period for c in found],
        "segment": [c.segment for c in found],
        "feature": [c.feature for c in found],
        "n_reference": [c.n_reference for c in found],
        "n_current": [c.n_current for c in found],
        "estimate": [c.psi.value for c in found],
        "std_error": [c.psi.se for c in found],
        "conf_low": [c.low for c in found],
        "conf_high": [c.high for c in found],
        "p_zero": [c.psi.p_zero for c in found],
        "p_value": [c.p_value for c in found],
        "p_adjusted": [c.p_adjusted for c in found],
        "p_sequential": [c.p_sequential for c in found],
        "verdict": [c.reading for c in found],
        "light": [c.light for c in found],
        "alarm": [c.alarm for c in found],
        "n_bins": [c.psi.n_bins for c in found],
        "n_merged": [c.psi.n_merged for c in found],
    }
    return build_frame(columns, like)


def alarm_frame(found: Sequence[Comparison], like: Any) -> Any:
    """The comparisons that raise an alarm, with the bins that drive them."""
    raised = [c for c in found if c.alarm]
    columns: dict[str, list[Any]] = {
        "period": [c.period for c in raised],
        "segment": [c.segment for c in raised],
        "feature": [c.feature for c in raised],
        "estimate": [c.psi.value for c in raised],
        "conf_low": [c.low for c in raised],
        "conf_high": [c.high for c in raised],
        "p_sequential": [c.p_sequential for c in raised],
        "light": [c.light for c in raised],
        "drivers": [_drivers(c.table) for c in raised],
    }
    return build_frame(columns, like)


def _drivers(table: CountTable, n_bins: int = 3) -> str:
    """The bins with the largest parts, as a sentence."""
    parts = value_parts(table)
    share = table.weight / table.totals
    order = np.argsort(-parts.value, kind="stable")[:n_bins]
    total = float(parts.value.sum())
    return "; ".join(
        f"{table.labels[k]}: {100 * share[k, 0]:.1f} % to {100 * share[k, 1]:.1f} % "
        f"({100 * parts.value[k] / total:.0f} % of the index)"
        for k in order
        if parts.value[k] > 0
    )


def bin_frame(comparison: Comparison, weight_type: Any, like: Any) -> Any:
    """Shares and parts of the index, one row a bin."""
    table = comparison.table
    parts = value_parts(comparison.counts, weight_type=weight_type)
    share = table.weight / table.totals
    columns: dict[str, Any] = {
        "bin": list(table.labels),
        "reference_share": share[:, 0],
        "current_share": share[:, 1],
        "estimate": parts.value,
        "std_error": parts.se,
        "smoothed": parts.smoothed,
    }
    return build_frame(columns, like)
