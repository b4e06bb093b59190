"""Optimal bins for an outcome with several classes: each against the rest."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import as_array
from infostat.binning.apart import ChiSquareTest, separated_by
from infostat.binning.bins import Bins
from infostat.binning.intervals import interval_values
from infostat.binning.onecolumn import as_column, as_weights, check_limits
from infostat.binning.optimal import Partitioning
from infostat.binning.pairs import Neighbours, constrained_partition
from infostat.binning.prebins import regroup
from infostat.binning.quantile import quantile_cuts
from infostat.binning.specials import special_codes
from infostat.counts import CountTable
from infostat.counts.array_engine import count_values
from infostat.exceptions import InfeasibleError, InfostatError

__all__ = ["MulticlassBins", "multiclass_bins"]

FloatArray = npt.NDArray[np.float64]

SIGNS: dict[str | None, int] = {"ascending": 1, "descending": -1, None: 0}

MOST_AUTO = 6
"""Classes up to which "auto" tries every combination of directions."""


@dataclass(frozen=True, eq=False)
class MulticlassBins:
    """Bins of one feature for an outcome with several classes.

    Attributes
    ----------
    bins : Bins
        Missing and special values first, then the ordinary bins.
    table : CountTable
        Counts per bin (axis 0) and class (axis 1, in the order of ``classes``).
    classes : ndarray of shape (n_classes,)
        Sorted labels.
    value : float
        Sum over the classes of the information value (nats) of each against the rest,
        over the ordinary bins. Bins chosen on the same rows flatter it.
    trends : dict of label to (str or None)
        Direction of each class's share over the ordinary bins.
    """

    bins: Bins
    table: CountTable
    classes: npt.NDArray[Any]
    value: float
    trends: dict[Any, str | None]


def multiclass_bins(
    x: Any,
    y: Any,
    *,
    feature: str = "x",
    max_bins: int = 8,
    min_bins: int = 1,
    prebins: int = 100,
    min_bin_size: float = 0.02,
    monotonic: str | Mapping[Any, str | None] | None = None,
    max_pvalue: float | None = None,
    special_values: Any = (),
    sample_weight: Any = None,
) -> MulticlassBins:
    """Find the bins with the largest sum of one-against-rest information values.

    Parameters
    ----------
    x : array-like of shape (n_samples,)
        Numbers; NaN is missing. Levels have no order that serves several classes.
    y : array-like of shape (n_samples,)
        Labels of two or more classes.
    feature : str, default="x"
        Name in labels and messages.
    max_bins, min_bins : int, default=8 and 1
        Most and fewest ordinary bins.
    prebins : int, default=100
        Quantile pre-bins to choose from.
    min_bin_size : float or int, default=0.02
        Least weight of an ordinary bin: a share of all (float) or an amount (int). Each
        bin must hold every class.
    monotonic : dict, "auto" or None, default=None
        "ascending", "descending" or None for the share of each class; "auto" tries
        every combination for up to six classes.
    max_pvalue : float, optional
        Largest p-value of the chi-square test between neighbours.
    special_values : list, default=()
        Numbers with a bin each.
    sample_weight : array-like of shape (n_samples,), optional
        Frequency weights.

    Returns
    -------
    MulticlassBins

    Raises
    ------
    InfostatError
        If an argument cannot be used; as InfeasibleError if no binning is allowed.

    Examples
    --------
    >>> x = np.repeat([1.0, 2.0, 3.0], 20)
    >>> y = np.tile([0, 0, 0, 1, 2], 12) + (x > 2) * np.tile([2, 1, 0, 0, 0], 12)
    >>> multiclass_bins(x, y, max_bins=2).bins.cuts
    (2.0,)
    """
    check_limits(max_bins, min_bins, prebins, min_bin_size, max_pvalue)
    column = as_column(x, feature)
    if column.categorical:
        msg = (
            f"{feature!r} holds levels, which have no order for several classes: encode "
            f"one class against the rest and use OptimalBinner."
        )
        raise InfostatError(msg)
    weight = as_weights(sample_weight, column.values)
    classes, codes = _labels(y, weight)
    numbers = special_codes(special_values, feature, categorical=False)
    kept = ~np.isin(column.values, numbers)
    cuts = quantile_cuts(column.values[kept], prebins, weight[kept])
    pre = Bins.numeric(feature, cuts, special_values=numbers)
    table = count_values(
        column.values, pre, codes, weight=weight, n_classes=len(classes)
    )
    share = isinstance(min_bin_size, float)
    least = min_bin_size * weight.sum() if share else float(min_bin_size)
    value, rates = _values(table, pre.first, least)
    separated = None
    if max_pvalue is not None:
        cells = table.weight[pre.first :]
        running = np.vstack([np.zeros(len(classes)), np.cumsum(cells, axis=0)])
        separated = separated_by(ChiSquareTest(running, max_pvalue))
    rule = Neighbours(rates, separated=separated)
    best: Partitioning | None = None
    found_signs: tuple[int, ...] = ()
    for signs in _directions(monotonic, classes):
        found = constrained_partition(
            value, max_bins, rule, (signs,), min_bins=min_bins
        )
        if found is not None and (best is None or found.value > best.value):
            best, found_signs = found, signs
    if best is None:
        msg = (
            f"No binning of {feature!r} meets the constraints: each bin must hold every "
            f"class and min_bin_size ({least:g}), with {min_bins} to {max_bins} bins. "
            f"Lower min_bin_size or min_bins, or join rare classes."
        )
        raise InfeasibleError(msg)
    bins, merged = regroup(pre, table, list(best.starts))
    word: dict[int, str | None] = {sign: name for name, sign in SIGNS.items()}
    trends = {
        label: word[sign]
        for label, sign in zip(classes.tolist(), found_signs, strict=True)
    }
    return MulticlassBins(bins, merged, classes, best.value, trends)


def _labels(
    y: Any, weight: FloatArray
) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8]]:
    labels = as_array(y, "y")
    if labels.dtype == object and any(
        not isinstance(v, str | bool | Real | None) for v in labels.ravel().tolist()
    ):
        msg = "y must hold labels that can be sorted: text, numbers or booleans."
        raise InfostatError(msg)
    if labels.shape != weight.shape:
        msg = f"y has shape {labels.shape}: give one label for each of {weight.size} rows."
        raise InfostatError(msg)
    missing = labels.dtype.kind == "f" and not np.isfinite(labels).all()
    if labels.dtype == object:
        # pandas' NA refuses to be compared; NaN differs from itself.
        missing = any(
            v is None or type(v).__name__ == "NAType" or v != v for v in labels.tolist()
        )
    if missing:
        msg = "y holds missing labels: drop rows without an outcome."
        raise InfostatError(msg)
    classes, codes = np.unique(labels, return_inverse=True)
    if not 2 <= classes.size <= 255:
        msg = f"y has {classes.size} classes: give 2 to 255."
        raise InfostatError(msg)
    return classes, codes.astype(np.uint8)


def _values(
    table: CountTable, first: int, least: float
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Sum of the classes' interval values, and the share of each class."""
    totals, ordinary = table.totals, table.weight[first:]
    value, rates = np.zeros((len(ordinary), len(ordinary) + 1)), []
    for k in range(totals.size):
        rest = ordinary.sum(axis=1) - ordinary[:, k]
        part = interval_values(
            np.stack([rest, ordinary[:, k]], axis=1),
            np.array([totals.sum() - totals[k], totals[k]]),
            min_size=least,
        )
        value = value + part.value
        rates.append(part.rate)
    return value, tuple(rates)


def _directions(monotonic: Any, classes: npt.NDArray[Any]) -> Iterable[tuple[int, ...]]:
    """Combinations of directions to try, one sign a class."""
    labels = classes.tolist()
    if monotonic is None:
        return [(0,) * len(labels)]
    if monotonic == "auto":
        if len(labels) > MOST_AUTO:
            msg = (
                f"monotonic='auto' tries every direction for up to {MOST_AUTO} classes, "
                f"y has {len(labels)}: give a dict of directions."
            )
            raise InfostatError(msg)
        return itertools.product((1, -1), repeat=len(labels))
    if not isinstance(monotonic, Mapping):
        msg = (
            f"monotonic is {monotonic!r}: use None, 'auto' or a dict of class to trend."
        )
        raise InfostatError(msg)
    odd = [
        (label, trend)
        for label, trend in monotonic.items()
        if label not in labels or trend not in SIGNS
    ]
    if odd:
        msg = (
            f"monotonic says {odd[0][1]!r} of class {odd[0][0]!r}: give 'ascending', "
            f"'descending' or None for the classes {labels}."
        )
        raise InfostatError(msg)
    return [tuple(SIGNS[monotonic.get(label)] for label in labels)]
