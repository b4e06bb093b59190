"""Who is approved at a cut-off: impact ratios and gaps of approval and error rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_numbers
from infostat._frames import build_frame
from infostat.exceptions import InfostatError
from infostat.fairness.groups import Comparison
from infostat.fairness.inputs import read_events, read_rows, row_weight
from infostat.fairness.measures import comparisons_of
from infostat.fairness.proportions import difference_interval, ratio_interval
from infostat.inference.estimate import check_level

__all__ = ["approval_measures"]

FloatArray = npt.NDArray[np.float64]


def approval_measures(
    points: npt.ArrayLike,
    events: npt.ArrayLike,
    groups: Any,
    cutoffs: Sequence[float] | None = None,
    *,
    level: float = 0.95,
    sample_weight: npt.ArrayLike | None = None,
    like: Any = None,
) -> Any:
    """Approval and error rates of groups at every cut-off, with intervals.

    Parameters
    ----------
    points : array-like of shape (n_samples,)
        Scores; an application is approved from the cut-off upwards.
    events : array-like of shape (n_samples,)
        1 for events ("bad"), 0 for non-events.
    groups : array-like of shape (n_samples, ...), frame or list of Comparison
        Protected attributes, see :func:`read_comparisons`.
    cutoffs : sequence of float, optional
        Cut-offs; by default the scores that approve 90, 80, ..., 10 % of all.
    level : float, default=0.95
        Confidence level of each interval alone.
    sample_weight : array-like of shape (n_samples,), optional
        Frequency weights.
    like : frame or str, optional
        Library of the result.

    Returns
    -------
    frame
        One row a comparison and cut-off: ``attribute, group, reference, cutoff,
        approval_rate, reference_rate, adverse_impact_ratio, air_low, air_high,
        parity_gap, parity_low, parity_high, opportunity_gap, opportunity_low,
        opportunity_high, odds_gap, odds_low, odds_high``. Gaps are protected less
        reference; "opportunity" is among non-events, the "odds" gap is the larger of
        the two absolute gaps among non-events and among events, its interval
        conservative (each at half the error).

    Raises
    ------
    InfostatError
        If a score or a cut-off is not finite, an event is neither 0 nor 1, lengths
        differ or a weight is negative; if a group has no event or no non-event, or the
        reference group has no approval at a cut-off.
    """
    level = check_level(level)
    score, weight = read_rows(points, "points", sample_weight)
    y, w = read_events(events, len(score)), row_weight(weight, len(score))
    edges = read_numbers(
        _default_cutoffs(score, w) if cutoffs is None else cutoffs, "cutoffs"
    )
    approved = score[:, None] >= edges[None, :]
    columns: dict[str, list[Any]] = {}
    for comparison in comparisons_of(groups, len(score), weight):
        cells = np.zeros((2, 2, len(edges) + 1))
        for k in (0, 1):
            for label in (0, 1):
                rows = (comparison.member == k) & (y == label)
                cells[k, label, :-1] = w[rows] @ approved[rows]
                cells[k, label, -1] = w[rows].sum()
        _check_cells(comparison, cells, edges)
        for j, cutoff in enumerate(edges):
            row = {
                "attribute": comparison.attribute,
                "group": comparison.group,
                "reference": comparison.reference,
                "cutoff": float(cutoff),
                **_rates(cells[:, :, j], cells[:, :, -1], level),
            }
            for name, value in row.items():
                columns.setdefault(name, []).append(value)
    return build_frame(columns, like)


def _default_cutoffs(score: FloatArray, w: FloatArray) -> list[float]:
    order = np.argsort(score)
    share = np.cumsum(w[order]) / w.sum()
    places = np.searchsorted(share, np.arange(1, 10) / 10)
    # At the lowest score everybody is approved, which says nothing.
    found = {float(score[order][min(place, len(score) - 1)]) for place in places}
    return sorted(found - {float(score.min())}) or [float(score.max())]


def _check_cells(comparison: Comparison, cells: FloatArray, edges: FloatArray) -> None:
    for k, name in ((1, comparison.group), (0, comparison.reference)):
        for label, what in ((0, "non-events"), (1, "events")):
            if cells[k, label, -1] <= 0:
                msg = (
                    f"The group {name!r} of {comparison.attribute!r} has no {what}: "
                    f"error rates need both. Pool groups or periods."
                )
                raise InfostatError(msg)
    none = np.flatnonzero(cells[0, :, :-1].sum(axis=0) <= 0)
    if none.size:
        msg = (
            f"At the cut-off {edges[none[0]]:g} the reference group "
            f"{comparison.reference!r} of {comparison.attribute!r} has no approval, so "
            f"there is no impact ratio. Lower the cut-off."
        )
        raise InfostatError(msg)


def _rates(hits: FloatArray, sizes: FloatArray, level: float) -> dict[str, float]:
    """Measures of one comparison at one cut-off from (group, label) counts."""
    approved, rows = hits.sum(axis=1), sizes.sum(axis=1)
    rate = approved / rows
    four = (approved[1], rows[1], approved[0], rows[0])
    air, parity = ratio_interval(*four, level), difference_interval(*four, level)
    by_label = [(hits[1, k], sizes[1, k], hits[0, k], sizes[0, k]) for k in (0, 1)]
    gaps = [float(x1 / n1 - x0 / n0) for x1, n1, x0, n0 in by_label]
    chance = difference_interval(*by_label[0], level)
    # Both gaps at once: each at half the error.
    joint = [difference_interval(*c, 1.0 - (1.0 - level) / 2.0) for c in by_label]
    least = [max(0.0, float(low), -float(high)) for low, high in joint]
    most = [max(abs(float(low)), abs(float(high))) for low, high in joint]
    return {
        "approval_rate": float(rate[1]),
        "reference_rate": float(rate[0]),
        "adverse_impact_ratio": float(rate[1] / rate[0]),
        "air_low": float(air[0]),
        "air_high": float(air[1]),
        "parity_gap": float(rate[1] - rate[0]),
        "parity_low": float(parity[0]),
        "parity_high": float(parity[1]),
        "opportunity_gap": gaps[0],
        "opportunity_low": float(chance[0]),
        "opportunity_high": float(chance[1]),
        "odds_gap": max(abs(gap) for gap in gaps),
        "odds_low": max(least),
        "odds_high": max(most),
    }
