"""The choice of a trend, and the explanation when no binning is allowed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from infostat.binning.intervals import bin_worth
from infostat.binning.optimal import Partitioning, Trend
from infostat.binning.search import PreCounts, TrendSearch, partitions_of
from infostat.exceptions import InfeasibleError

__all__ = ["TrendSearch", "best_counts", "best_partition"]

FloatArray = npt.NDArray[np.float64]

BEND_LEVEL = 0.001
"""Level of the chi-square that a peak or valley must beat to replace a monotone trend."""


def best_partition(
    weight: FloatArray, totals: FloatArray, search: TrendSearch, trend: str | None
) -> Partitioning:
    """Best binning of plain counts; see :func:`best_counts`.

    Parameters
    ----------
    weight : ndarray of shape (P, 2)
        Non-events and events per pre-bin.
    totals : ndarray of shape (2,)
        Class totals of the feature, reserved bins included.
    search, trend
        See :func:`best_counts`.

    Returns
    -------
    Partitioning
    """
    return best_counts(PreCounts(weight, totals), search, trend)


def best_counts(
    counts: PreCounts, search: TrendSearch, trend: str | None
) -> Partitioning:
    """Best binning of pre-bins under a trend, or under the best of several.

    Parameters
    ----------
    counts : PreCounts
        Counts of the pre-bins.
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
    null law of as many bins. Trends are judged by the information value whatever the
    objective.
    """
    if trend != "auto":
        found = partitions_of(counts, search, [trend])[trend]  # type: ignore[list-item, index]
        if found is None:
            raise InfeasibleError(_explain(counts, search))
        return found
    shapes: tuple[Trend, ...] = ("ascending", "descending", "peak", "valley")
    found_by = partitions_of(counts, search, shapes)
    best = _better([found_by[shape] for shape in shapes[:2]], counts)
    curved = _better([found_by[shape] for shape in shapes[2:]], counts)
    if curved is None:
        # Every monotone binning is a peak and a valley too.
        raise InfeasibleError(_explain(counts, search))
    if best is None:
        return curved[1]
    scale = float((1.0 / counts.totals).sum())
    hurdle = scale * float(chdtri(max(len(curved[1].starts) - 1, 1), BEND_LEVEL))
    return curved[1] if curved[0] > best[0] + hurdle else best[1]


def _better(
    found: list[Partitioning | None], counts: PreCounts
) -> tuple[float, Partitioning] | None:
    """Candidate with the largest bias-corrected value; the first of equals."""
    scored = [
        (_corrected_value(counts, candidate), candidate)
        for candidate in found
        if candidate is not None
    ]
    return max(scored, key=lambda pair: pair[0]) if scored else None


def _corrected_value(counts: PreCounts, found: Partitioning) -> float:
    """Value of a binning less its second-order bias."""
    cells = np.add.reduceat(counts.weight, found.starts, axis=0)
    if found.joined is not None and counts.missing is not None:
        cells[found.joined] += counts.missing.weight
    return float(bin_worth(cells, counts.totals, corrected=True).sum())


def _explain(counts: PreCounts, search: TrendSearch) -> str:
    """Say which constraint no binning meets, by asking them one by one."""
    weight = counts.weight.sum(axis=0)
    size = float(weight.sum() if counts.sizes is None else counts.sizes.sum())
    if counts.missing is not None:
        weight, size = weight + counts.missing.weight, size + counts.missing.size
    events, non_events = float(weight[1]), float(weight[0])
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
    intervals, _ = replace(counts, missing=None).intervals(search)
    n_allowed = int(np.isfinite(intervals.value).sum())
    limits = [
        ("max_bin_size", search.max_size, np.inf, "Raise"),
        ("max_events", search.max_events, np.inf, "Raise"),
        ("max_non_events", search.max_non_events, np.inf, "Raise"),
        ("min_bins", search.min_bins, 1, "Lower"),
        ("min_rate_gap", search.min_gap, 0.0, "Lower"),
        ("max_pvalue", search.max_pvalue, None, "Raise"),
        ("fixed_splits", len(counts.kept), 0, "Drop some of"),
    ]
    held = [(name, value, verb) for name, value, free, verb in limits if value != free]
    named = "".join(f"{name} ({value:g}), " for name, value, _ in held)
    remedies = " or ".join([f"{verb} {name}" for name, _, verb in held[:2]])
    remedies = remedies[:1] + remedies[1:].lower()
    return (
        f"{subject}{named}max_bins ({search.max_bins}) and the trend leave no chain of "
        f"allowed bins ({n_allowed} bins are allowed alone). "
        f"{remedies + ', or raise' if remedies else 'Raise'} max_bins."
    )
