"""Drift of what a feature or a score is worth, where outcomes are known.

Everything is read off count tables: ranking and calibration of the score off its fine
bins, so that batches add here as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from infostat._frames import build_frame
from infostat.binning.bins import Bins
from infostat.counts import ClusteredTable, CountTable
from infostat.evidence import information_value
from infostat.inference import (
    Estimate,
    ScoreTable,
    area_under_roc,
    calibrate,
    independent_difference,
)
from infostat.inference.estimate import satterthwaite
from infostat.inference.measure import WeightType, effective_sizes
from infostat.stability.pairs import known_outcomes
from infostat.stability.snapshot import TOTAL, Snapshot

__all__ = ["Change", "performance_changes", "performance_frame"]

FloatArray = npt.NDArray[np.float64]
Counts: TypeAlias = CountTable | ClusteredTable

FEWEST = 10
"""Rows of a class below which ranking and calibration are not reported."""


@dataclass(frozen=True, eq=False)
class Change:
    """A measure at the reference, now, and the difference.

    Attributes
    ----------
    period, segment, feature, measure : str
        What changed.
    reference, current : float
        The measure in both samples.
    change : Estimate
        Current less reference, with its error.
    """

    period: str
    segment: str
    feature: str
    measure: str
    reference: float
    current: float
    change: Estimate


def performance_changes(
    reference: Snapshot,
    current: Snapshot,
    bins: Mapping[str, Bins],
    score: str | None,
    log_odds: FloatArray | None,
    weight_type: WeightType,
    period: str,
) -> list[Change]:
    """Changes of information values, AUC and calibration.

    Parameters
    ----------
    reference, current : Snapshot
        Counts of the two samples.
    bins : mapping of str to Bins
        Bins of each feature.
    score : str or None
        Name of the score among them.
    log_odds : ndarray of shape (n_bins,) or None
        Predicted log-odds of the event per bin of the score; NaN where not known.
    weight_type : {"frequency", "sampling"}
        Meaning of the weights.
    period : str
        Name of the period.

    Returns
    -------
    list of Change
        Nothing for a sample whose outcomes are not known, or hold fewer than ten events
        or non-events.
    """
    out: list[Change] = []
    for segment in (TOTAL, *current.segments):
        there = segment if reference.segments else TOTAL
        for name, part in bins.items():
            pair = [
                known_outcomes(reference, name, there, weight_type),
                known_outcomes(current, name, segment, weight_type),
            ]
            if any(_is_small(table, weight_type) for table in pair):
                continue
            where = (period, segment, name)
            if name == score:
                out += _score_changes(pair, part, log_odds, weight_type, where)
            else:
                out += _value_change(pair, part, weight_type, where)
    return out


def _is_small(counts: Counts, weight_type: WeightType) -> bool:
    table = counts.table if isinstance(counts, ClusteredTable) else counts
    if (table.totals <= 0).any():
        return True
    return bool((effective_sizes(table, weight_type) < FEWEST).any())


def _value_change(
    pair: Sequence[Counts],
    part: Bins,
    weight_type: WeightType,
    where: tuple[str, str, str],
) -> list[Change]:
    before, now = (
        information_value(
            table, weight_type=weight_type, ordered_from=part.ordered_from, name=""
        )
        for table in pair
    )
    if min(before.n_bins, now.n_bins) < 2:  # too sparse: nothing limits the value
        return []
    change = independent_difference(now, before)
    return [Change(*where, "information value", before.value, now.value, change)]


def _score_changes(
    pair: Sequence[Counts],
    part: Bins,
    log_odds: FloatArray | None,
    weight_type: WeightType,
    where: tuple[str, str, str],
) -> list[Change]:
    ordered = [_selected(table, np.arange(part.first, part.n_bins)) for table in pair]
    if any(_is_small(table, weight_type) for table in ordered):
        return []
    before, now = (_auc(table, weight_type) for table in ordered)
    if before.value < 0.5:  # a score that falls with the risk, as points do
        before, now = _turned(before), _turned(now)
    out = [Change(*where, "auc", before.value, now.value, _difference(now, before))]
    if log_odds is None:
        return out
    given = [_calibration(t, log_odds[part.first :], weight_type) for t in ordered]
    if any(entry is None for entry in given):
        return out
    for k, name in enumerate(("calibration in the large", "calibration slope")):
        first, second = given[0][k], given[1][k]  # type: ignore[index]
        difference = _difference(second, first)
        out.append(Change(*where, name, first.value, second.value, difference))
    return out


def _selected(counts: Counts, bins: npt.NDArray[np.intp]) -> Counts:
    """Counts of some bins."""
    if isinstance(counts, CountTable):
        return counts.select(bins)
    products = counts.products[:, :, bins[:, None], bins]
    return ClusteredTable(counts.table.select(bins), products)


def _turned(auc: Estimate) -> Estimate:
    """Area of the score with its sign turned."""
    return replace(auc, value=1.0 - auc.value)


def _difference(now: Estimate, before: Estimate) -> Estimate:
    """Difference of estimates from independent samples, with Welch's law."""
    return Estimate(
        value=now.value - before.value,
        se=float(np.hypot(now.se, before.se)),
        n=now.n + before.n,
        df=satterthwaite((now.se**2, before.se**2), (now.df, before.df)),
        method="independent samples",
    )


def _auc(counts: Counts, weight_type: WeightType) -> Estimate:
    """Area under the ROC curve of the bins in their order."""
    table = counts.table if isinstance(counts, ClusteredTable) else counts
    place = np.arange(table.n_bins, dtype=float)
    return area_under_roc(_scored(counts, place, weight_type))


def _scored(counts: Counts, values: FloatArray, weight_type: WeightType) -> ScoreTable:
    """Counts at increasing values; bins of one value, or of no rows, are put together."""
    table = counts.table if isinstance(counts, ClusteredTable) else counts
    kept = np.isfinite(values) & (table.weight.sum(axis=1) > 0)
    distinct, place = np.unique(values[kept], return_inverse=True)
    weight, squared = np.zeros((2, distinct.size, 2))
    np.add.at(weight, place, table.weight[kept])
    np.add.at(squared, place, table.squared[kept])
    spread = weight if weight_type == "frequency" else squared
    products = None
    if isinstance(counts, ClusteredTable):
        labels = tuple(map(str, distinct))
        chosen = _selected(counts, np.flatnonzero(kept))
        products = chosen.collapse(place, labels).products  # type: ignore[arg-type,union-attr]
    return ScoreTable(distinct, weight, spread, place, products)


def _calibration(
    counts: Counts, log_odds: FloatArray, weight_type: WeightType
) -> tuple[Estimate, Estimate] | None:
    """Calibration in the large and slope; None where the score separates the classes."""
    scored = _scored(counts, expit(log_odds), weight_type)
    if len(scored.values) < 2 or (scored.totals <= 0).any():
        return None
    found = calibrate(scored)
    return None if found.slope is None else (found.intercept, found.slope)


def performance_frame(changes: Sequence[Change], level: float, like: Any) -> Any:
    """Changes as a frame, one row each."""
    # A column "changed" says what the interval says: that zero lies outside.
    limits = [c.change.interval(level) for c in changes]
    columns: dict[str, list[Any]] = {
        "period": [c.period for c in changes],
        "segment": [c.segment for c in changes],
        "feature": [c.feature for c in changes],
        "measure": [c.measure for c in changes],
        "reference": [float(c.reference) for c in changes],
        "current": [float(c.current) for c in changes],
        "estimate": [float(c.change.value) for c in changes],
        "std_error": [float(c.change.se) for c in changes],
        "conf_low": [float(low) for low, _ in limits],
        "conf_high": [float(high) for _, high in limits],
        "changed": [bool(low > 0 or high < 0) for low, high in limits],
    }
    return build_frame(columns, like)
