"""The choice of a trend, and the explanation when no binning is allowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from infostat.binning.optimal import (
    Intervals,
    Partitioning,
    Trend,
    interval_values,
    optimal_partition,
    optimal_partitions,
)
from infostat.exceptions import InfeasibleError

__all__ = ["TrendSearch", "best_partition"]

FloatArray = npt.NDArray[np.float64]

BEND_LEVEL = 0.001
"""Level of the chi-square that a peak or valley must beat to replace a monotone trend."""


@dataclass(frozen=True)
class TrendSearch:
    """Limits of a search; sizes and events in units of weight."""

    feature: str
    max_bins: int
    min_size: float
    max_size: float
    min_events: float
    min_non_events: float
    min_gap: float
    corrected: bool


def best_partition(
    weight: FloatArray, totals: FloatArray, search: TrendSearch, trend: str | None
) -> Partitioning:
    """Best binning of pre-bins under a trend, or under the best of several.

    Parameters
    ----------
    weight : ndarray of shape (P, 2)
        Non-events and events per pre-bin.
    totals : ndarray of shape (2,)
        Class totals of the feature, reserved bins included.
    search : TrendSearch
        Limits.
    trend : str or None
        One trend, or "auto".

    Returns
    -------
    Partitioning

    Raises
    ------
    InfeasibleError
        If no binning is allowed.

    Notes
    -----
    "auto" takes the monotone trend with the larger bias-corrected value. A peak or
    valley contains every monotone binning and so never has less; it is taken where its
    corrected value is larger by more than noise would make it, the 99.9 % point of the
    null law of as many bins.
    """
    intervals = interval_values(
        weight,
        totals,
        min_size=search.min_size,
        max_size=search.max_size,
        min_events=search.min_events,
        min_non_events=search.min_non_events,
        corrected=search.corrected,
    )
    if trend != "auto":
        found = _search(intervals, search, trend)
        if found is None:
            raise InfeasibleError(_explain(weight, search, intervals))
        return found
    shapes: tuple[Trend, ...] = ("ascending", "descending", "peak", "valley")
    found_by = optimal_partitions(
        intervals, search.max_bins, shapes, min_gap=search.min_gap
    )
    monotone = [found_by[shape] for shape in shapes[:2]]
    bent = [found_by[shape] for shape in shapes[2:]]
    best = _better(monotone, weight, totals)
    if best is None:
        raise InfeasibleError(_explain(weight, search, intervals))
    curved = _better(bent, weight, totals)
    if curved is None:
        return best[1]
    scale = float((1.0 / totals).sum())
    hurdle = scale * float(chdtri(max(len(curved[1].starts) - 1, 1), BEND_LEVEL))
    return curved[1] if curved[0] > best[0] + hurdle else best[1]


def _search(
    intervals: Intervals, search: TrendSearch, trend: str | None
) -> Partitioning | None:
    return optimal_partition(
        intervals,
        search.max_bins,
        trend,  # type: ignore[arg-type]
        min_gap=search.min_gap,
    )


def _better(
    found: list[Partitioning | None], weight: FloatArray, totals: FloatArray
) -> tuple[float, Partitioning] | None:
    """Candidate with the largest bias-corrected value; the first of equals."""
    scored = [
        (_corrected_value(weight, totals, candidate), candidate)
        for candidate in found
        if candidate is not None
    ]
    return max(scored, key=lambda pair: pair[0]) if scored else None


def _corrected_value(
    weight: FloatArray, totals: FloatArray, found: Partitioning
) -> float:
    """Value of a binning less its second-order bias."""
    cells = np.add.reduceat(weight, found.starts, axis=0)
    whole = interval_values(cells, totals, corrected=True).value
    return float(np.diagonal(whole[:, 1:]).sum())


def _explain(weight: FloatArray, search: TrendSearch, intervals: Intervals) -> str:
    """Say which constraint no binning meets, by asking them one by one."""
    size, events = float(weight.sum()), float(weight[:, 1].sum())
    non_events = size - events
    subject = f"No binning of {search.feature!r} meets the constraints: "
    if size < search.min_size:
        return (
            f"{subject}its ordinary values weigh {size:g}, below min_bin_size "
            f"({search.min_size:g}). Lower min_bin_size or leave the feature out."
        )
    if events < max(search.min_events, 1e-12):
        return (
            f"{subject}its ordinary values hold {events:g} events, below min_events "
            f"({search.min_events:g}). Lower min_events or leave the feature out."
        )
    if non_events < max(search.min_non_events, 1e-12):
        return (
            f"{subject}its ordinary values hold {non_events:g} non-events, below "
            f"min_non_events ({search.min_non_events:g}). Lower min_non_events or leave "
            f"the feature out."
        )
    n_allowed = int(np.isfinite(intervals.value).sum())
    return (
        f"{subject}max_bin_size ({search.max_size:g}), max_bins ({search.max_bins}) and "
        f"the trend leave no chain of allowed bins ({n_allowed} bins are allowed alone). "
        f"Raise max_bin_size or max_bins."
    )
