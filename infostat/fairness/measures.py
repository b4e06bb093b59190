"""What the bands of a score say about protected groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_count, read_numbers
from infostat.binning.bins import Bins
from infostat.counts import CountTable
from infostat.counts.array_engine import count_codes
from infostat.exceptions import InfostatError
from infostat.fairness.groups import Comparison, read_comparisons
from infostat.fairness.inputs import read_cutoffs, read_rows, row_weight
from infostat.inference import DivergenceEstimate, Estimate, measure

__all__ = [
    "band_ends",
    "band_table",
    "bins_of",
    "comparisons_of",
    "conservative_ratio",
    "demographic_iv",
    "parity_gap_limit",
    "score_bands",
]

FloatArray = npt.NDArray[np.float64]
Weight = npt.NDArray[np.float64] | None


def parity_gap_limit(iv: npt.ArrayLike) -> Any:
    r"""Largest gap between the approval rates of two groups that a value allows.

    For the total variation :math:`V` of two laws,
    :math:`J \ge 2 V \ln((1 + V) / (1 - V))`, and no approval rule on bands can tell
    groups further apart than :math:`V`.

    Parameters
    ----------
    iv : array-like of shape (...)
        Divergence between the groups' laws over score bands, in nats.

    Returns
    -------
    float or ndarray of shape (...)
        The root :math:`V`. It holds for cut-offs that are edges of the bands; a gap
        inside one band leaves no trace in the value.

    Raises
    ------
    InfostatError
        If a value is negative or NaN; an infinite one allows a gap of one.

    Examples
    --------
    >>> round(parity_gap_limit(0.05), 3)
    0.112
    """
    value = read_numbers(iv, "iv", ndim=None, low=0.0, high=np.inf)
    low, high = np.zeros(value.shape), np.ones(value.shape)
    for _ in range(60):
        middle = 0.5 * (low + high)
        with np.errstate(divide="ignore"):
            small = 4.0 * middle * np.arctanh(middle) <= value
        low, high = np.where(small, middle, low), np.where(small, high, middle)
    return float(high) if value.ndim == 0 else high


def score_bands(
    points: npt.ArrayLike,
    n_bands: int = 10,
    *,
    cutoffs: Sequence[float] = (),
    sample_weight: npt.ArrayLike | None = None,
) -> Bins:
    """Bands of a score: quantiles, and the cut-offs in use as edges.

    Parameters
    ----------
    points : array-like of shape (n_samples,)
        Scores.
    n_bands : int, default=10
        Bands of about equal size; a score with more rows is a band of its own.
    cutoffs : sequence of float
        Scores from which applications are approved; each becomes an edge.
    sample_weight : array-like of shape (n_samples,), optional
        Frequency weights.

    Returns
    -------
    Bins
        An edge stands half-way between two neighbouring scores, so that no rounding
        moves a row across it.

    Raises
    ------
    InfostatError
        If a score or a cut-off is not finite, ``n_bands`` is no whole number of at
        least one, or there is not one weight of at least zero a row.
    """
    score, weight = read_rows(points, "points", sample_weight)
    n_bands, edges_at = read_count(n_bands, "n_bands"), read_cutoffs(cutoffs)
    values, place = np.unique(score, return_inverse=True)
    size = np.bincount(place, weights=weight).astype(float)
    ends = band_ends(size, n_bands)
    edges = [0.5 * (values[k - 1] + values[k]) for k in ends if k < len(values)]
    for cutoff in edges_at:
        # Approval is "at least": the edge lies below the cut-off.
        below = int(np.searchsorted(values, cutoff, side="left")) - 1
        if 0 <= below < len(values) - 1:
            edges.append(0.5 * (values[below] + values[below + 1]))
    return Bins.numeric("score", sorted(set(edges)))


def band_ends(size: FloatArray, n_bands: int) -> npt.NDArray[np.intp]:
    """Ends of bands of about equal size over sorted distinct scores.

    Parameters
    ----------
    size : ndarray of shape (n_scores,)
        Rows at each score, lowest first.
    n_bands : int
        Most bands.

    Returns
    -------
    ndarray of int
        Number of scores below each inner edge; a score that reaches a quantile closes
        its band, and a score with more rows than a band is a band of its own.
    """
    running = np.cumsum(size)
    share = np.arange(1, n_bands) / n_bands * running[-1]
    closing = np.searchsorted(running, share * (1.0 - 1e-12)) + 1
    heavy = np.flatnonzero(size * n_bands > running[-1]) if n_bands > 1 else closing[:0]
    ends = np.unique(np.concatenate([closing, heavy, heavy + 1]))
    return np.asarray(ends[(ends > 0) & (ends < len(size))])


def band_table(
    points: npt.ArrayLike,
    member: npt.NDArray[Any],
    bands: Bins,
    weight: Weight = None,
) -> CountTable:
    """Count two classes over score bands; rows with a negative class are left out."""
    kept = member >= 0
    codes = bins_of(points, bands)[kept]
    w = None if weight is None else weight[kept]
    return count_codes(codes, member[kept].astype(np.uint8), bands.labels, weight=w)


def bins_of(points: npt.ArrayLike, bands: Bins) -> npt.NDArray[Any]:
    """Band of every score."""
    return bands.codes(np.asarray(points, dtype=float))


def demographic_iv(
    points: npt.ArrayLike,
    groups: Any,
    *,
    n_bands: int = 10,
    cutoffs: Sequence[float] = (),
    sample_weight: npt.ArrayLike | None = None,
) -> dict[str, DivergenceEstimate]:
    """Information value of score bands about group membership.

    Parameters
    ----------
    points : array-like of shape (n_samples,)
        Scores.
    groups : array-like of shape (n_samples, ...), frame or list of Comparison
        Protected attributes, see :func:`read_comparisons`.
    n_bands : int, default=10
        Bands of about equal size; a score with more rows is a band of its own.
    cutoffs : sequence of float, default=()
        Scores from which applications are approved; each becomes an edge of a band.
    sample_weight : array-like of shape (n_samples,), optional
        Frequency weights.

    Returns
    -------
    dict of str to DivergenceEstimate
        One a comparison, under "attribute=group", with interval and tests;
        ``p_value(eps, "less")`` tests whether the value is at least ``eps``.

    Raises
    ------
    InfostatError
        As :func:`score_bands` does, and if the groups cannot be read, are not one a
        row, or an attribute has fewer than two.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> group = np.repeat(["a", "b"], [700, 300])
    >>> points = np.round(600 + 20 * rng.normal(size=1000) - 10 * (group == "b"))
    >>> found = demographic_iv(points, group)["group=b"]
    >>> low, high = found.interval()
    >>> bool(0.2 < low < 0.4 < high)
    True
    """
    score, weight = read_rows(points, "points", sample_weight)
    bands = score_bands(score, n_bands, cutoffs=cutoffs, sample_weight=weight)
    out = {}
    for comparison in comparisons_of(groups, len(score), weight):
        table = band_table(score, comparison.member, bands, weight)
        out[comparison.name] = measure(table, ordered_from=bands.first, name="")
    return out


def comparisons_of(groups: Any, n_samples: int, weight: Weight) -> list[Comparison]:
    """Comparisons as given, or read from protected attributes.

    Raises
    ------
    InfostatError
        If there is not one group a row, or a group has no row that counts.
    """
    if isinstance(groups, list) and groups and isinstance(groups[0], Comparison):
        for comparison in groups:
            _check_rows(comparison, row_weight(weight, n_samples))
        return groups
    return read_comparisons(groups, n_samples, weight=weight)


def _check_rows(comparison: Comparison, weight: FloatArray) -> None:
    if len(comparison.member) != len(weight):
        msg = (
            f"groups {comparison.name!r} has {len(comparison.member)} rows and the score "
            f"has {len(weight)}: give one group a row."
        )
        raise InfostatError(msg)
    for k, name in ((1, comparison.group), (0, comparison.reference)):
        if weight[comparison.member == k].sum() <= 0:
            msg = (
                f"groups {comparison.attribute!r}: {name!r} has no row of positive "
                f"weight. Leave the comparison out, or bring more rows."
            )
            raise InfostatError(msg)


def conservative_ratio(
    performance: Estimate, fairness: Estimate, reach: float = 1.96
) -> float:
    """Performance against group difference, both moved against the score.

    Parameters
    ----------
    performance, fairness : Estimate
        Information value of the score about the outcome, and about the group.
    reach : float, default=1.96
        Standard errors that the first is lowered and the second raised.

    Returns
    -------
    float
        ``(IV - reach SE) / (IV_group + reach SE_group)``, zero where the numerator is
        negative.

    Raises
    ------
    InfostatError
        If a value, an error or ``reach`` is not finite or ``reach`` is negative, or
        the denominator is not positive.

    References
    ----------
    Sudjianto and Burakov, arXiv 2509.09855, equation 27; their standard errors are about
    half of the sampling error, those of the estimates here are not.
    """
    read_numbers(reach, "reach", ndim=0, low=0.0)
    for name, estimate in (("performance", performance), ("fairness", fairness)):
        read_numbers([estimate.value, estimate.se], name, shape=(2,))
    above = max(0.0, float(performance.value) - reach * float(performance.se))
    below = float(fairness.value) + reach * float(fairness.se)
    if below <= 0:
        msg = "The group difference and its error are zero: there is no ratio."
        raise InfostatError(msg)
    return above / below
