"""Rows counted into pre-bins, by outcome and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning import OptimalBinner, QuantileBinner
from infostat.binning.bins import Bins
from infostat.binning.choice import pose
from infostat.binning.coding import code_columns
from infostat.binning.curvature import CURVES
from infostat.binning.prebins import regroup
from infostat.counts import CountTable
from infostat.counts.array_engine import count_codes
from infostat.exceptions import InfostatError
from infostat.fairness.columns import FeatureCounts, Limits
from infostat.fairness.groups import Comparison

__all__ = ["Prebinned", "chosen_bins"]

FloatArray = npt.NDArray[np.float64]
Weight = FloatArray | None


class Prebinned:
    """Rows as codes of pre-bins, with the limits that a binner sets.

    Parameters
    ----------
    binner : OptimalBinner
        Unfitted; its pre-bins, trends and limits hold for every candidate.
    X : frame or ndarray
        Features.
    y : ndarray of shape (n_samples,)
        1 for events.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights.
    """

    def __init__(self, binner: OptimalBinner, X: Any, y: Any, weight: Weight) -> None:
        _refuse_other_rules(binner)
        cutter = QuantileBinner(
            max_bins=binner.prebins,
            special_values=binner.special_values,
            categories=binner.categories,
            rare_level=binner.rare_level,
            fixed_bins=binner.fixed_bins,
        )
        cutter.fit(X, y, sample_weight=weight)
        self.bins: dict[str, Bins] = cutter.bins_
        self.tables: dict[str, CountTable] = cutter.tables_
        self.codes = dict(code_columns(X, cutter.bins_))
        self.y, self.weight = np.asarray(y).astype(np.uint8), weight
        self.fixed = set(binner.fixed_bins or ())
        free = {
            name: bins for name, bins in self.bins.items() if name not in self.fixed
        }
        probe = OptimalBinner(**{**binner.get_params(), "fixed_bins": None})
        probe.fit_counts(free, {name: self.tables[name] for name in free})
        self.limits = {name: self._limits(probe, name) for name in self.bins}

    def _limits(self, binner: OptimalBinner, name: str) -> Limits:
        """Limits on the binnings of a feature."""
        table, bins = self.tables[name], self.bins[name]
        if name in self.fixed:
            return Limits(max_bins=bins.n_ordinary, fixed=True)
        problem = pose(binner, bins, table)
        if problem.is_trivial or problem.is_small:
            return Limits(max_bins=1, trend=binner.trends_.get(name))  # type: ignore[arg-type]
        search = problem.search
        return Limits(
            max_bins=search.max_bins,
            trend=binner.trends_.get(name),  # type: ignore[arg-type]
            min_size=search.min_size,
            max_size=search.max_size,
            min_events=search.min_events,
            min_non_events=search.min_non_events,
            min_gap=search.min_gap,
        )

    def features(
        self, comparisons: Sequence[Comparison], weight: Weight = None
    ) -> list[tuple[FeatureCounts, Limits]]:
        """Counts and limits of every feature.

        Parameters
        ----------
        comparisons : sequence of Comparison
            Groups to count.
        weight : ndarray of shape (n_samples,), optional
            Weights in place of those at hand, as a bootstrap draws them.

        Returns
        -------
        list of (FeatureCounts, Limits)
        """
        w = self.weight if weight is None else weight
        out = []
        for name, bins in self.bins.items():
            codes = self.codes[name]
            outcome = self.tables[name]
            if weight is not None:
                outcome = count_codes(codes, self.y, bins.labels, weight=w)
            groups = tuple(
                count_codes(
                    codes[c.member >= 0],
                    c.member[c.member >= 0].astype(np.uint8),
                    bins.labels,
                    weight=None if w is None else w[c.member >= 0],
                )
                for c in comparisons
            )
            out.append((FeatureCounts(bins, outcome, groups), self.limits[name]))
        return out


OTHER_RULES = (
    "min_bins",
    "size_unit",
    "max_events",
    "max_non_events",
    "max_pvalue",
    "objective",
    "size_penalty",
    "user_splits",
    "fixed_splits",
    "split_digits",
    "outliers",
    "missing",
    "honest",
)
"""Rules of the optimal binner that the columns of a frontier do not know."""


def _refuse_other_rules(binner: OptimalBinner) -> None:
    """Refuse what would otherwise be left out in silence."""
    plain = OptimalBinner()
    for rule in OTHER_RULES:
        given = getattr(binner, rule)
        if given != getattr(plain, rule):
            msg = (
                f"The binner's {rule}={given!r} is no rule of a frontier: leave it out, "
                f"or give the feature's bins as fixed_bins."
            )
            raise InfostatError(msg)
    trends = binner.monotonic
    curved = trends.values() if isinstance(trends, dict) else [trends]
    if any(trend in CURVES for trend in curved):
        msg = "A frontier knows no concave or convex trends: use 'peak' or 'valley'."
        raise InfostatError(msg)


def chosen_bins(
    prebins: Mapping[str, Bins],
    tables: Mapping[str, CountTable],
    starts: Mapping[str, tuple[int, ...]],
) -> dict[str, Bins]:
    """Bins of the features that a point uses.

    Raises
    ------
    InfostatError
        If a feature is unknown.
    """
    unknown = [name for name in starts if name not in prebins]
    if unknown:
        msg = f"The features {unknown} have no pre-bins."
        raise InfostatError(msg)
    out = {}
    for name, pre in prebins.items():
        chosen = starts.get(name)
        if chosen is None:
            continue
        if len(chosen) == pre.n_ordinary:
            out[name] = pre
        else:
            out[name] = regroup(pre, tables[name], list(chosen))[0]
    return out
