"""Optimal bins for a continuous outcome: the largest variation between bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from infostat._arrays import read_choice, read_number, read_numbers
from infostat._magnitude import refuse_huge
from infostat.binning.apart import WelchTest, separated_by
from infostat.binning.bins import Bins
from infostat.binning.categories import joined_starts
from infostat.binning.columns import Column
from infostat.binning.intervals import interval_sums
from infostat.binning.onecolumn import as_column, as_weights, check_limits
from infostat.binning.optimal import Partitioning, Trend
from infostat.binning.pairs import Neighbours, constrained_partition, signs_of
from infostat.binning.quantile import quantile_cuts
from infostat.binning.specials import special_codes
from infostat.binning.trend import BEND_LEVEL
from infostat.counts.levels import factorize
from infostat.exceptions import InfeasibleError, InfostatError

__all__ = ["ContinuousBins", "continuous_bins"]

FloatArray = npt.NDArray[np.float64]

TRENDS = ("ascending", "descending", "peak", "valley")


@dataclass(frozen=True, eq=False)
class ContinuousBins:
    """Bins of one feature for a continuous outcome.

    Attributes
    ----------
    bins : Bins
        Missing and special values first, then the ordinary bins.
    size : ndarray of shape (n_bins,)
        Weight of each bin.
    mean, deviation : ndarray of shape (n_bins,)
        Mean and standard deviation of the outcome; NaN for an empty bin (and, for the
        deviation, of one row).
    explained : float
        Share of the outcome's variation that lies between the bins. Bins chosen on the
        same rows flatter it.
    trend : str or None
        Shape of the means over the ordinary bins.
    """

    bins: Bins
    size: FloatArray
    mean: FloatArray
    deviation: FloatArray
    explained: float
    trend: str | None


def continuous_bins(
    x: Any,
    y: Any,
    *,
    feature: str = "x",
    max_bins: int = 8,
    min_bins: int = 1,
    prebins: int = 100,
    min_bin_size: float = 0.02,
    monotonic: str | None = "auto",
    min_gap: float = 0.0,
    max_pvalue: float | None = None,
    special_values: Any = (),
    sample_weight: Any = None,
) -> ContinuousBins:
    r"""Find the bins with the largest sum of squares between them, exactly.

    .. math:: \sum_b n_b (\bar y_b - \bar y)^2

    Parameters
    ----------
    x : array-like of shape (n_samples,)
        Numbers (NaN is missing) or levels, which are sorted by their mean.
    y : array-like of shape (n_samples,)
        Finite numbers.
    feature : str, default="x"
        Name in labels and messages.
    max_bins, min_bins : int, default=8 and 1
        Most and fewest ordinary bins.
    prebins : int, default=100
        Quantile pre-bins, or groups of levels, to choose from.
    min_bin_size : float or int, default=0.02
        Least weight of an ordinary bin: a share of all (float) or an amount (int).
    monotonic : str or None, default="auto"
        Trend of the means over a numeric feature: "ascending", "descending", "peak",
        "valley", None for any; "auto" takes the better monotone one, or a peak or
        valley where it explains clearly more than noise would.
    min_gap : float, default=0.0
        Least change of the mean between neighbours, in units of ``y``.
    max_pvalue : float, optional
        Largest p-value of Welch's t-test between neighbours.
    special_values : list, default=()
        Numbers with a bin each.
    sample_weight : array-like of shape (n_samples,), optional
        Frequency weights.

    Returns
    -------
    ContinuousBins

    Raises
    ------
    InfostatError
        If an argument cannot be used; as InfeasibleError if no binning is allowed.

    Examples
    --------
    >>> x = [1, 2, 3, 4, 5, 6]
    >>> found = continuous_bins(x, [1.0, 1.1, 0.9, 5.0, 5.1, 4.9], max_bins=2)
    >>> found.bins.cuts, found.mean[1:].round(2).tolist()
    ((3.0,), [1.0, 5.0])
    """
    read_choice(monotonic, "monotonic", ("auto", *TRENDS, None))
    check_limits(max_bins, min_bins, prebins, min_bin_size, max_pvalue)
    read_number(min_gap, "min_gap", low=0.0)
    column = as_column(x, feature)
    weight = as_weights(sample_weight, column.values)
    outcome = _outcome(y, weight)
    pre = _prebins(column, outcome, weight, prebins, special_values)
    moments = _moments(pre.codes(column.values), outcome, weight, pre.n_bins)
    share = isinstance(min_bin_size, float)
    least = min_bin_size * weight.sum() if share else float(min_bin_size)
    starts, trend = _starts(
        pre, moments, least, monotonic, (min_gap, max_pvalue), (max_bins, min_bins)
    )
    bins, moments = _regroup(pre, moments, starts)
    return _result(bins, moments, trend)


def _outcome(y: Any, weight: FloatArray) -> FloatArray:
    outcome = read_numbers(y, "y", ndim=None, low=-np.inf, high=np.inf, missing=True)
    if outcome.shape != weight.shape:
        msg = (
            f"y has shape {outcome.shape}: give one number for each of {weight.size} "
            f"rows."
        )
        raise InfostatError(msg)
    if not np.isfinite(outcome).all():
        row = int(np.flatnonzero(~np.isfinite(outcome))[0])
        msg = f"y holds {outcome[row]} (row {row}): drop rows without an outcome."
        raise InfostatError(msg)
    refuse_huge("y", outcome)
    return outcome


def _prebins(
    column: Column,
    outcome: FloatArray,
    weight: FloatArray,
    prebins: int,
    special_values: Any,
) -> Bins:
    """Quantiles of numbers; levels by rising mean, neighbours joined if too many."""
    if not column.categorical:
        numbers = special_codes(special_values, column.name, categorical=False)
        kept = ~np.isin(column.values, numbers)
        cuts = quantile_cuts(column.values[kept], prebins, weight[kept])
        return Bins.numeric(column.name, cuts, special_values=numbers)
    codes, levels = factorize(column.values)
    filled = codes >= 0
    size = np.bincount(codes[filled], weight[filled], len(levels)).astype(float)
    total = np.bincount(codes[filled], (weight * outcome)[filled], len(levels))
    seen = np.flatnonzero(size > 0)
    if not seen.size:
        msg = f"{column.name!r} has no levels: all of its values are missing."
        raise InfostatError(msg)
    order = sorted(seen.tolist(), key=lambda k: (total[k] / size[k], levels[k]))
    starts = joined_starts(size[order], prebins) if len(order) > prebins else None
    starts = list(range(len(order))) if starts is None else starts
    groups = [
        [levels[k] for k in order[a:b]]
        for a, b in zip(starts, [*starts[1:], len(order)], strict=True)
    ]
    return Bins.categorical(column.name, groups)


def _moments(
    codes: npt.NDArray[Any], outcome: FloatArray, weight: FloatArray, n_bins: int
) -> FloatArray:
    """Weight, sum and sum of squares of the outcome per bin, about the mean.

    Sums about the overall mean do not cancel where the mean is far from zero.
    """
    centred = outcome - np.average(outcome, weights=weight)
    return np.stack(
        [
            np.bincount(codes, weight * centred**power, minlength=n_bins)
            for power in range(3)
        ]
        + [np.bincount(codes, weight * outcome, minlength=n_bins)],
        axis=1,
    )


def _starts(
    pre: Bins,
    moments: FloatArray,
    least: float,
    monotonic: str | None,
    apart: tuple[float, float | None],
    n_bins: tuple[int, int],
) -> tuple[list[int], str | None]:
    """First pre-bin of each bin, and the trend."""
    cells = moments[pre.first :, :3]
    if len(cells) < 2 or cells[:, 0].sum() <= 0:
        return [0], None
    sums = interval_sums(cells)
    size, total = sums[..., 0], sums[..., 1]
    allowed = (size > 0) & (size >= least * (1.0 - 1e-12))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / size
    value = np.where(allowed, total * mean, -np.inf)
    running = np.vstack([np.zeros(3), np.cumsum(cells, axis=0)])
    gap, level = apart
    rule = Neighbours(
        (mean,),
        gap,
        None if level is None else separated_by(WelchTest(running, level)),
    )

    def best(trend: Trend) -> Partitioning | None:
        signs = signs_of(trend, 1)
        most, fewest = n_bins
        return constrained_partition(
            value, most, rule, signs, trend=trend, min_bins=fewest
        )

    trend = None if pre.groups is not None else monotonic
    found = _auto(best, cells) if trend == "auto" else best(trend)  # type: ignore[arg-type]
    if found is None:
        msg = (
            f"No binning of {pre.feature!r} meets the constraints: min_bin_size "
            f"({least:g}), min_bins ({n_bins[1]}), max_bins ({n_bins[0]}), min_gap "
            f"({gap:g}), max_pvalue ({level}). Lower min_bin_size or min_bins, or raise "
            f"max_pvalue."
        )
        raise InfeasibleError(msg)
    return list(found.starts), found.trend


def _auto(best: Any, cells: FloatArray) -> Partitioning | None:
    """Better monotone trend, or a bent one that explains clearly more."""

    def larger(first: Trend, second: Trend) -> Partitioning | None:
        found = [part for part in map(best, (first, second)) if part is not None]
        return max(found, key=lambda part: part.value, default=None)

    plain, bent = larger("ascending", "descending"), larger("peak", "valley")
    if plain is None or bent is None:
        return bent if plain is None else plain
    n_bins = len(bent.starts)
    within = cells[:, 2].sum() - bent.value
    noise = within / max(cells[:, 0].sum() - n_bins, 1.0)
    hurdle = noise * float(chdtri(max(n_bins - 1, 1), BEND_LEVEL))
    return bent if bent.value > plain.value + hurdle else plain


def _regroup(
    pre: Bins, moments: FloatArray, starts: list[int]
) -> tuple[Bins, FloatArray]:
    """Join ordinary pre-bins into bins that start at the given pre-bins."""
    ordinary = np.add.reduceat(moments[pre.first :], starts, axis=0)
    ends = [*starts[1:], pre.n_ordinary]
    if pre.groups is None:
        cuts = pre.cuts or ()
        bins = pre.with_cuts([cuts[b - 1] for b in ends[:-1]])
    else:
        bins = Bins.categorical(
            pre.feature,
            [
                [level for group in pre.groups[a:b] for level in group]
                for a, b in zip(starts, ends, strict=True)
            ],
        )
    return bins, np.vstack([moments[: pre.first], ordinary])


def _result(bins: Bins, moments: FloatArray, trend: str | None) -> ContinuousBins:
    size, centred, square, total = moments.T
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, shift = total / size, centred / size
        spread = np.maximum(square - centred * shift, 0.0)
        deviation = np.sqrt(np.where(size > 1, spread / (size - 1.0), np.nan))
    between = float(np.where(size > 0, centred * shift, 0.0).sum())
    variation = float(square.sum())
    explained = between / variation if variation > 0 else 0.0
    return ContinuousBins(bins, size, mean, deviation, explained, trend)
