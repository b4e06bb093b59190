"""The tables of a frontier: one row a point, one row a point and group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from infostat.fairness.certificates import Certificate
from infostat.fairness.groups import Comparison
from infostat.fairness.measures import parity_gap_limit
from infostat.fairness.remeasure import Remeasured
from infostat.fairness.search import FrontierPoint

__all__ = ["frontier_columns", "group_columns"]

_MEASURED = (
    *("auc", "auc_low", "auc_high", "score_iv", "score_iv_low", "score_iv_high"),
    *("score_group_iv", "score_group_low", "score_group_high"),
    *("parity_limit", "ratio"),
)


def frontier_columns(
    points: Sequence[FrontierPoint],
    measured: Sequence[Remeasured | None],
    certificates: Sequence[Certificate] | None,
    alike: Sequence[bool],
    level: float,
) -> dict[str, Any]:
    """Columns of ``frontier_``, see :class:`infostat.fairness.FairnessFrontier`.

    Parameters
    ----------
    points : sequence of FrontierPoint
        Points.
    measured : sequence of (Remeasured or None)
        The same on the holdout.
    certificates : sequence of Certificate, or None
        What the holdout certifies; None without a confidence or a holdout.
    alike : sequence of bool
        Whether each cannot be told apart from the one before.
    level : float
        Confidence level.

    Returns
    -------
    dict of str to list
    """
    out: dict[str, list[Any]] = {}
    for number, (point, held, same) in enumerate(
        zip(points, measured, alike, strict=True)
    ):
        choice = point.choice
        row = {
            "point": number,
            "cap": float(point.caps.min(initial=np.inf)),
            "iv": choice.iv,
            "group_iv": float(point.group_iv.max(initial=0.0)),
            "limit": float(choice.limit.max(initial=0.0)),
            "bound": choice.bound,
            "gap": choice.gap,
            "status": choice.status,
            "n_features": len(point.starts),
            "n_bins": point.n_bins,
            **(dict.fromkeys(_MEASURED, np.nan) if held is None else held.row(level)),
            "alike": same,
            **_certified(point, None if certificates is None else certificates[number]),
        }
        for name, value in row.items():
            out.setdefault(name, []).append(value)
    return out


def _certified(
    point: FrontierPoint, certificate: Certificate | None
) -> dict[str, float | bool]:
    """Certificate of a point over all comparisons."""
    if certificate is None or not certificate.limits.size:
        return {"certified_limit": np.nan, "certified": False}
    return {
        "certified_limit": float(certificate.limits.max()),
        "certified": certificate.within(point.caps),
    }


def group_columns(
    points: Sequence[FrontierPoint],
    measured: Sequence[Remeasured | None],
    certificates: Sequence[Certificate] | None,
    comparisons: Sequence[Comparison],
    level: float,
) -> dict[str, Any]:
    """Columns of ``groups_``, see :class:`infostat.fairness.FairnessFrontier`.

    Parameters
    ----------
    points, measured, certificates, level
        See :func:`frontier_columns`.
    comparisons : sequence of Comparison
        Groups and their references.

    Returns
    -------
    dict of str to list
    """
    names = (
        *("point", "attribute", "group", "reference", "cap", "group_iv", "limit"),
        *("score_group_iv", "conf_low", "conf_high", "parity_limit"),
        *("certified_limit", "n_merged"),
    )
    out: dict[str, list[Any]] = {name: [] for name in names}
    for number, (point, held) in enumerate(zip(points, measured, strict=True)):
        for k, c in enumerate(comparisons):
            value = low = high = parity = np.nan
            if held is not None:
                value = held.groups[k].value
                low, high = held.groups[k].interval(level)
                parity = float(parity_gap_limit(high))
            certified, n_merged = np.nan, 0
            if certificates is not None:
                certified = float(certificates[number].limits[k])
                n_merged = int(certificates[number].n_merged[k])
            row = (
                *(number, c.attribute, c.group, c.reference, float(point.caps[k])),
                *(float(point.group_iv[k]), float(point.choice.limit[k])),
                *(value, low, high, parity, certified, n_merged),
            )
            for name, cell in zip(names, row, strict=True):
                out[name].append(cell)
    return out
