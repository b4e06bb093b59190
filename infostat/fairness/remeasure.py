"""Points of a frontier measured again, as scorecards, on rows that did not choose them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError, InfostatWarning
from infostat.fairness.groups import Comparison
from infostat.fairness.measures import (
    band_table,
    bins_of,
    conservative_ratio,
    parity_gap_limit,
    score_bands,
)
from infostat.inference import (
    DivergenceEstimate,
    Estimate,
    ScoreTable,
    area_under_roc,
    joint_table,
    measure,
    paired_difference,
)
from infostat.inference.sparse import merge_sparse

__all__ = ["Remeasured", "remeasure", "tell_apart"]

FloatArray = npt.NDArray[np.float64]
Weight = FloatArray | None


@dataclass(frozen=True, eq=False)
class Remeasured:
    """A score on rows that did not choose it.

    Attributes
    ----------
    points : ndarray of shape (n_samples,)
        Scores.
    auc : Estimate
        Area under the curve.
    value : DivergenceEstimate
        Information value of the score's bands about the outcome.
    groups : tuple of DivergenceEstimate
        About group membership, one a comparison.
    """

    points: FloatArray
    auc: Estimate
    value: DivergenceEstimate
    groups: tuple[DivergenceEstimate, ...]

    def row(self, level: float) -> dict[str, float]:
        """Figures of the point; those of the worst comparison where there are several."""
        low, high = self.auc.interval(level)
        value_low, value_high = self.value.interval(level)
        out = {
            "auc": float(self.auc.value),
            "auc_low": max(float(low), 0.0),
            "auc_high": min(float(high), 1.0),
            "score_iv": float(self.value.value),
            "score_iv_low": value_low,
            "score_iv_high": value_high,
        }
        names = ("score_group_iv", "score_group_low", "score_group_high")
        if not self.groups:
            return {**out, **dict.fromkeys((*names, "parity_limit", "ratio"), np.nan)}
        worst = max(self.groups, key=lambda g: g.interval(level)[1])
        group_low, group_high = worst.interval(level)
        out |= dict(zip(names, (worst.value, group_low, group_high), strict=True))
        out["parity_limit"] = float(parity_gap_limit(group_high))
        above = worst.value + worst.se > 0
        out["ratio"] = conservative_ratio(self.value, worst) if above else np.nan
        return out


def remeasure(
    points: FloatArray,
    y: npt.NDArray[Any],
    comparisons: Sequence[Comparison],
    weight: Weight = None,
    *,
    n_bands: int = 10,
) -> Remeasured | None:
    """Measure a score.

    Parameters
    ----------
    points : ndarray of shape (n_samples,)
        Scores; more points mean fewer events.
    y : ndarray of shape (n_samples,)
        1 for events.
    comparisons : sequence of Comparison
        Groups of these rows.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights.
    n_bands : int, default=10
        Bands of the score.

    Returns
    -------
    Remeasured or None
        None, with a warning, where a class or a group has too few rows.
    """
    bands = score_bands(points, n_bands, sample_weight=weight)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InfostatWarning)
            found = [
                measure(
                    band_table(points, member, bands, weight),
                    ordered_from=bands.first,
                    name="",
                )
                for member in (y.astype(np.int8), *(c.member for c in comparisons))
            ]
        area = area_under_roc(-ScoreTable.count(points, y.astype(np.uint8), weight))
    except InfostatError as error:
        warnings.warn(
            f"The points of the frontier could not be measured on the holdout ({error}) "
            f"Use a larger holdout or more rows.",
            InfostatWarning,
            stacklevel=4,
        )
        return None
    return Remeasured(points, area, found[0], tuple(found[1:]))


def tell_apart(
    first: FloatArray,
    second: FloatArray,
    members: Sequence[npt.NDArray[Any]],
    *,
    n_bands: int = 10,
) -> list[Estimate]:
    """Differences between the values of two scores of the same rows.

    Parameters
    ----------
    first, second : ndarray of shape (n_samples,)
        Scores.
    members : sequence of ndarray of shape (n_samples,)
        1 and 0 for the two classes, or the two groups, that a value compares; -1 for
        other rows.
    n_bands : int, default=10
        Bands of each score.

    Returns
    -------
    list of Estimate
        First less second, one for each of ``members``, by the paired test of
        :func:`infostat.inference.paired_difference`.
    """
    out = []
    for member in members:
        kept = member >= 0
        classes = member[kept].astype(np.uint8)
        codes = [_merged_bands(s, member, n_bands)[kept] for s in (first, second)]
        sizes = (int(codes[0].max()) + 1, int(codes[1].max()) + 1)
        out.append(paired_difference(*joint_table(codes[0], codes[1], classes, sizes)))
    return out


def _merged_bands(
    points: FloatArray, member: npt.NDArray[Any], n_bands: int
) -> npt.NDArray[np.intp]:
    """Band of every row, sparse bands merged as inference merges them."""
    bands = score_bands(points, n_bands)
    table = band_table(points, member, bands)
    groups = merge_sparse(table, table.totals)[1]
    return np.asarray(groups[bins_of(points, bands)])
