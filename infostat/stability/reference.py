"""The bins of a reference sample: a card's, a binner's, by hand, or plain quantiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from infostat.binning.binner import Binner
from infostat.binning.bins import Bins
from infostat.binning.columns import Column, Columns
from infostat.binning.prebins import declared_specials
from infostat.binning.quantile import quantile_cuts
from infostat.counts.levels import factorize, level_name
from infostat.exceptions import InfostatError

__all__ = ["choose_bins", "coarse_codes", "score_bins"]

FloatArray = npt.NDArray[np.float64]

SCORE_BINS = 100
"""Bins of the score behind ranking and calibration; its index uses fewer."""


def choose_bins(
    columns: Columns,
    binner: Any,
    given: Mapping[str, Bins],
    *,
    max_bins: int,
    special_values: Any,
    categories: Sequence[str],
    rare_level: float,
    weight: FloatArray | None,
) -> dict[str, Bins]:
    """Bins of every feature without looking at an outcome.

    Parameters
    ----------
    columns : Columns
        The reference sample.
    binner : mapping of str to Bins, or None
        Bins made by hand, for some features or all.
    given : mapping of str to Bins
        Bins of a card; where there are any, its features alone are watched.
    max_bins : int
        Most ordinary bins of a feature that has none yet.
    special_values : list, dict or None
        Codes with bins of their own.
    categories : sequence of str
        Features to treat as categorical.
    rare_level : float
        Levels with a smaller share are pooled.
    weight : ndarray of shape (n_samples,), optional
        Weights of the rows.

    Returns
    -------
    dict of str to Bins
    """
    by_hand = dict(binner or {})
    names = list(given) if given else list(columns.names)
    unknown = [name for name in (*by_hand, *categories) if name not in names]
    if unknown:
        msg = f"Bins or categories name {unknown}, but the features are {names}."
        raise InfostatError(msg)
    for name, part in by_hand.items():
        if not isinstance(part, Bins) or part.feature != name:
            held = part.feature if isinstance(part, Bins) else part
            msg = f"The bins of {name!r} must be Bins of {name!r}, got {held!r}."
            raise InfostatError(msg)
    out = {}
    for name in names:
        part = by_hand.get(name, given.get(name))
        if part is None:
            column = columns.detect(name, categories)
            build = _level_bins if column.categorical else _number_bins
            declared = declared_specials(special_values, column)
            part = build(column, max_bins, declared, weight, rare_level)
        out[name] = part
    return out


def fit_binner(binner: Any, X: Any, y: Any, weight: FloatArray | None) -> Any:
    """Bins of a clone of a binner, which needs the outcome."""
    if not isinstance(binner, Binner):
        msg = (
            f"binner is {type(binner).__name__}: use None, a binner such as "
            f"OptimalBinner, or a dict of Bins."
        )
        raise InfostatError(msg)
    if y is None:
        msg = (
            f"{type(binner).__name__} needs the outcome y of the reference sample: give "
            f"it to fit, or leave binner=None for quantiles."
        )
        raise InfostatError(msg)
    chosen = clone(binner)
    if getattr(chosen, "event", None) is not None:
        chosen.set_params(event=None)
    return chosen.fit(X, y, sample_weight=weight).bins_


def _number_bins(
    column: Column,
    max_bins: int,
    special_values: Sequence[Any],
    weight: FloatArray | None,
    rare_level: float,
) -> Bins:
    del rare_level
    kept = ~np.isin(column.values, np.asarray(special_values, dtype=np.float64))
    kept_weight = None if weight is None else weight[kept]
    cuts = quantile_cuts(column.values[kept], max_bins, kept_weight)
    return Bins.numeric(column.name, cuts, special_values=special_values)


def _level_bins(
    column: Column,
    max_bins: int,
    special_values: Sequence[Any],
    weight: FloatArray | None,
    rare_level: float,
) -> Bins:
    """One bin a level, the most frequent first; rare and surplus levels share one."""
    codes, levels = factorize(column.values)
    size = np.bincount(
        codes[codes >= 0],
        weights=None if weight is None else weight[codes >= 0],
        minlength=len(levels),
    )
    specials = [str(level_name(v)) for v in special_values]
    specials = [name for name in specials if name in levels]
    order = [k for k in np.argsort(-size, kind="stable") if levels[k] not in specials]
    order = [k for k in order if size[k] > 0]
    total = float(size.sum())
    alone = [k for k in order if size[k] >= rare_level * total]
    rest = [k for k in order if size[k] < rare_level * total]
    if len(alone) + bool(rest) > max_bins:
        kept = max(max_bins - 1, 0)
        alone, rest = alone[:kept], alone[kept:] + rest
    groups = [[levels[k]] for k in alone]
    if rest:
        groups.append([levels[k] for k in rest])
    return Bins.categorical(column.name, groups, special_values=specials)


def score_bins(
    name: str, scores: FloatArray, max_bins: int, weight: FloatArray | None
) -> tuple[Bins, tuple[float, ...]]:
    """Fine bins of the score, and the coarse cuts among theirs.

    Parameters
    ----------
    name : str
        Name of the score.
    scores : ndarray of shape (n_samples,)
        Scores of the reference sample.
    max_bins : int
        Most coarse bins.
    weight : ndarray of shape (n_samples,), optional
        Weights of the rows.

    Returns
    -------
    bins : Bins
        Quantile bins; each distinct value has its own where there are few.
    coarse : tuple of float
        Cuts of the stability index, a subset of theirs.
    """
    coarse = quantile_cuts(scores, max_bins, weight)
    fine = quantile_cuts(scores, max(SCORE_BINS, max_bins), weight)
    cuts = np.union1d(coarse, fine)
    return Bins.numeric(name, cuts), tuple(float(cut) for cut in coarse)


def coarse_codes(bins: Bins, coarse: Sequence[float]) -> tuple[Any, Bins]:
    """Coarse bin of every fine bin, and the coarse bins."""
    target = Bins.numeric(bins.feature, coarse)
    upper = np.array([*(bins.cuts or ()), np.inf])
    inside = np.searchsorted(np.asarray(coarse, dtype=np.float64), upper, side="left")
    codes = np.concatenate([np.arange(bins.first), bins.first + inside])
    return codes.astype(np.intp), target
