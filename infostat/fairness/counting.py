"""Rows counted into pre-bins, by outcome and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning import OptimalBinner, QuantileBinner
from infostat.binning.bins import Bins
from infostat.binning.coding import code_columns
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
        ordinary = float(table.weight[bins.first :].sum())
        smallest = binner._smallest(table)
        single = bins.n_ordinary < 2 or (
            binner.min_bin_size == "auto" and ordinary < smallest
        )
        return Limits(
            max_bins=1 if single else binner.max_bins,
            trend=binner.trends_.get(name),  # type: ignore[arg-type]
            min_size=0.0 if single else smallest,
            max_size=np.inf if single else _rows(binner.max_bin_size, table),
            min_events=0.0 if single else float(binner.min_events),
            min_non_events=0.0 if single else float(binner.min_non_events),
            min_gap=float(binner.min_rate_gap),
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


def _rows(size: float | None, table: CountTable) -> float:
    """Largest size of a bin as weight."""
    if size is None:
        return np.inf
    share = isinstance(size, float | np.floating)
    return float(size) * (float(table.weight.sum()) if share else 1.0)


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
