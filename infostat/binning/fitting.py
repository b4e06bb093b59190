"""A binner fitted where the rows are: counts come to the binner, not the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import narwhals.stable.v2 as nw
import numpy as np

from infostat._sklearn import read_target
from infostat.binning.frames import Prebins, open_frame, prebin_frame
from infostat.counts.frame_engine import count_frame
from infostat.counts.plain_names import plain_names

if TYPE_CHECKING:
    from infostat.binning.binner import Binner

__all__ = ["fit_frame"]

AnyBinner = TypeVar("AnyBinner", bound="Binner")


def fit_frame(
    binner: AnyBinner,
    frame: Any,
    target: str,
    *,
    features: Sequence[str] | None = None,
    weight: str | None = None,
) -> AnyBinner:
    """Fit a binner to a frame of any engine; see :meth:`Binner.fit_frame`.

    Parameters
    ----------
    binner : Binner
        It is changed and returned.
    frame, target, features, weight
        See :meth:`Binner.fit_frame`.

    Returns
    -------
    Binner
    """
    binner._validate_params()
    data, names = open_frame(frame, target, features, weight)
    binner._check_names(names)
    labels = _labels(data, target)
    found = read_target(binner, labels, binner.event, len(labels))
    other = next(v for v in found.classes.tolist() if v != found.event)
    classes = (other, found.event)
    fixed = {n: b for n, b in (binner.fixed_bins or {}).items() if n in names}
    n_bins, n_levels = binner._prebin_numbers()
    rules = Prebins(
        n_bins,
        binner.special_values,
        () if isinstance(binner.categories, str) else tuple(binner.categories),
        float(binner.rare_level),
        n_levels,
    )
    bins, tables = prebin_frame(
        frame,
        target,
        features=[name for name in names if name not in fixed],
        weight=weight,
        classes=classes,
        rules=rules,
    )
    for name, given in fixed.items():
        bins[name] = given
        tables[name] = count_frame(data, given, target, classes, weight=weight)
    binner.fit_counts(
        {name: bins[name] for name in names},
        {name: tables[name] for name in names},
        classes=classes,
    )
    return binner


def _labels(data: Any, target: str) -> Any:
    """Distinct labels of the target, found by the engine."""
    plain, named = plain_names(data)
    distinct = plain.select(nw.col(named[target])).unique()
    if isinstance(distinct, nw.LazyFrame):
        distinct = distinct.collect()
    values = distinct.get_column(named[target]).to_list()
    kinds = {type(value) for value in values}
    # One type makes a typed array; missing labels stay objects and are refused by name.
    return np.array(values, dtype=None if len(kinds) == 1 else object)
