"""Candidate cuts of a numeric feature where the user has a say in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from infostat.binning.quantile import quantile_cuts
from infostat.exceptions import InfostatError

__all__ = ["SplitRule", "candidate_cuts", "kept_starts", "read_splits"]

FloatArray = npt.NDArray[np.float64]
Outliers = Literal["iqr", "zscore"] | None

WHISKERS = 1.5
"""Interquartile ranges beyond the quartiles (Tukey)."""

LARGEST_SCORE = 3.5
"""Largest modified z-score (Iglewicz and Hoaglin)."""

NORMAL_DEVIATION = 0.6744897501960817
"""Median absolute deviation of a standard normal variable."""


@dataclass(frozen=True)
class SplitRule:
    """Where the candidate cuts of a feature come from.

    Attributes
    ----------
    n_bins : int
        Quantile bins, where no cuts are given.
    given : tuple of float or None
        Candidate cuts in place of the quantiles.
    fixed : tuple of float
        Cuts that must stay; candidates too.
    digits : int or None
        Decimals that quantile cuts are rounded to; cuts of the user stand as written.
    outliers : {"iqr", "zscore", None}
        Values that do not move the quantiles and are never cut off from one another.
    """

    n_bins: int
    given: tuple[float, ...] | None = None
    fixed: tuple[float, ...] = ()
    digits: int | None = None
    outliers: Outliers = None

    @property
    def is_plain(self) -> bool:
        """Whether the quantiles alone decide."""
        return self == SplitRule(self.n_bins)


def read_splits(parameter: str, feature: str, cuts: Any) -> tuple[float, ...]:
    """Check the cuts that a user gives for a feature.

    Raises
    ------
    InfostatError
        If they are not a list of finite numbers.
    """
    try:
        edges = np.unique(np.asarray(list(cuts), dtype=np.float64))
    except (TypeError, ValueError) as error:
        msg = f"{parameter} of {feature!r} must be a list of numbers, got {cuts!r}."
        raise InfostatError(msg) from error
    if edges.ndim != 1 or not np.isfinite(edges).all():
        msg = f"{parameter} of {feature!r} must be finite numbers, got {list(cuts)}."
        raise InfostatError(msg)
    return tuple(edges.tolist())


def candidate_cuts(
    values: FloatArray, weight: FloatArray | None, rule: SplitRule
) -> FloatArray:
    """Cuts among which the programme chooses.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Ordinary values: no special codes; NaN allowed.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights.
    rule : SplitRule
        Where cuts come from.

    Returns
    -------
    ndarray
        Increasing cuts.
    """
    if rule.given is not None:
        return np.union1d(rule.given, rule.fixed)
    if rule.outliers is not None:
        inside = _inliers(values, weight, rule.outliers)
        values = values[inside]
        weight = None if weight is None else weight[inside]
    cuts = quantile_cuts(values, rule.n_bins, weight)
    if rule.digits is not None and cuts.size:
        cuts = np.unique(np.round(cuts, rule.digits))
        # Rounding may carry a cut past the data, where it would cut nothing.
        finite = values[np.isfinite(values)]
        cuts = cuts[(cuts >= finite.min()) & (cuts < finite.max())]
    return np.union1d(cuts, rule.fixed)


def _inliers(
    values: FloatArray, weight: FloatArray | None, kind: Literal["iqr", "zscore"]
) -> npt.NDArray[np.bool_]:
    """Values between the fences, NaN and infinities outside."""
    finite = np.isfinite(values)
    if weight is not None:
        finite &= weight > 0
    if not finite.any():
        return finite
    some = values[finite]
    some_weight = None if weight is None else weight[finite]

    def quantile(of: FloatArray, level: float) -> float:
        return float(np.quantile(of, level, method="inverted_cdf", weights=some_weight))

    if kind == "iqr":
        low, high = quantile(some, 0.25), quantile(some, 0.75)
        reach = WHISKERS * (high - low)
    else:
        low = high = quantile(some, 0.5)
        deviation = quantile(np.abs(some - low), 0.5)
        reach = LARGEST_SCORE * deviation / NORMAL_DEVIATION
    if reach <= 0.0:
        # Half of the rows hold one value: no scale to call the others far.
        return finite
    return np.asarray(finite & (values >= low - reach) & (values <= high + reach))


def kept_starts(
    feature: str, cuts: Sequence[float], fixed: Iterable[float]
) -> tuple[int, ...]:
    """Pre-bins that start right of a cut that must stay.

    Raises
    ------
    InfostatError
        If the pre-bins lack the cut.
    """
    place = {cut: number + 1 for number, cut in enumerate(cuts)}
    absent = [cut for cut in fixed if cut not in place]
    if absent:
        msg = (
            f"fixed_splits of {feature!r} hold {absent}, which its pre-bins do not cut: "
            f"count pre-bins with these cuts."
        )
        raise InfostatError(msg)
    return tuple(place[cut] for cut in fixed)
