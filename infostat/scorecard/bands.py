"""Tables of a score: gains, cut-offs, calibration, the ROC curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_count, read_numbers
from infostat.exceptions import InfostatError
from infostat.inference.calibration import hosmer_lemeshow
from infostat.inference.proportions import wilson_interval
from infostat.inference.score_table import ScoreTable

__all__ = [
    "calibration_frame",
    "cutoff_frame",
    "gains_frame",
    "goodness_of_fit",
    "quantile_bands",
    "roc_frame",
    "sum_by_band",
]

FloatArray = npt.NDArray[np.float64]

CUTS = 20
"""Cut-offs shown by default: quantiles of the score."""


def quantile_bands(table: ScoreTable, bands: int) -> npt.NDArray[np.intp]:
    """Band of each distinct value, bands of about equal size, in the table's order.

    Parameters
    ----------
    table : ScoreTable
        Counts.
    bands : int
        Bands wanted; fewer where many rows share a value, since a value is not split.

    Returns
    -------
    ndarray of shape (n_values,)
        Numbers from 0, without gaps.

    Raises
    ------
    InfostatError
        If ``bands`` is not an integer of at least 2.
    """
    bands = read_count(bands, "bands", 2)
    size = table.weight.sum(axis=1)
    middle = (np.cumsum(size) - size / 2.0) / size.sum()
    number = np.minimum((middle * bands).astype(np.intp), bands - 1)
    return np.unique(number, return_inverse=True)[1]


def sum_by_band(values: FloatArray, band: npt.NDArray[np.intp]) -> FloatArray:
    """Sums over the values of each band, column by column."""
    columns = values[:, None] if values.ndim == 1 else values
    sums = np.stack([np.bincount(band, column) for column in columns.T], axis=1)
    return np.asarray(sums[:, 0] if values.ndim == 1 else sums)


def _effective(
    share: FloatArray, weight: FloatArray, inside: FloatArray, outside: FloatArray
) -> FloatArray:
    """Rows behind a share: as many as unweighted rows would give it its variance.

    Kish's number takes weights for unrelated to what is counted; where events weigh more
    or less than non-events it is off by a multiple in either direction.

    Parameters
    ----------
    share : ndarray
        Weighted shares.
    weight : ndarray
        Weight they are shares of.
    inside, outside : ndarray
        Sums of squared weights of what is counted, and of the rest.

    Returns
    -------
    ndarray
        Kish's number where all or nothing is counted.
    """
    variance = (1.0 - share) ** 2 * inside + share**2 * outside
    binomial = np.where(variance > 0.0, share * (1.0 - share), 1.0)
    spread = np.where(variance > 0.0, variance, inside + outside)
    some = spread > 0.0
    return np.asarray(
        np.where(some, binomial * weight**2 / np.where(some, spread, 1.0), 0.0)
    )


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Part of the whole; zero of nothing."""
    some = whole > 0
    return np.asarray(np.where(some, part / np.where(some, whole, 1.0), 0.0))


def _ends(
    table: ScoreTable, band: npt.NDArray[np.intp], *, as_given: bool
) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest score of each band, as the user gave them."""
    first = np.flatnonzero(np.diff(band, prepend=-1))
    last = np.append(first[1:] - 1, len(band) - 1)
    low, high = table.values[first], table.values[last]
    return (low, high) if as_given else (-high, -low)


def gains_frame(
    table: ScoreTable, bands: int, level: float, *, as_given: bool
) -> dict[str, Any]:
    """Gains and lift, the riskiest band first.

    Parameters
    ----------
    table : ScoreTable
        Counts, the riskiest score first.
    bands : int
        Bands of about equal size; a score is never split between two.
    level : float
        Confidence level.
    as_given : bool
        Whether the table holds the user's scores, which fall with risk; else their
        negatives.

    Returns
    -------
    dict of str to array
        ``band, score_from, score_to, rows`` (weight), ``events, event_rate, conf_low,
        conf_high`` (Wilson, of the event rate), ``lift`` (event rate over that of all
        rows), ``cumulative_rows, captured_events`` (share of all events up to this
        band), ``captured_low, captured_high`` (Wilson, the cut taken as given),
        ``cumulative_lift`` and ``ks`` (gap of the classes' shares so far).
    """
    band = quantile_bands(table, bands)
    weight, squared = sum_by_band(table.weight, band), sum_by_band(table.squared, band)
    size, events = weight.sum(axis=1), weight[:, 1]
    rate = events / size
    rows = _effective(rate, size, squared[:, 1], squared[:, 0])
    low, high = wilson_interval(rate, rows, level)
    score_from, score_to = _ends(table, band, as_given=as_given)
    share = np.cumsum(weight, axis=0) / table.totals
    captured = np.clip(share[:, 1], 0.0, 1.0)
    so_far = np.cumsum(squared[:, 1])
    caught = _effective(captured, table.totals[1], so_far, so_far[-1] - so_far)
    captured_low, captured_high = wilson_interval(captured, caught, level)
    overall = table.totals[1] / table.totals.sum()
    cumulative = np.cumsum(size) / size.sum()
    return {
        "band": np.arange(1, len(size) + 1),
        "score_from": score_from,
        "score_to": score_to,
        "rows": size,
        "events": events,
        "event_rate": rate,
        "conf_low": low,
        "conf_high": high,
        "lift": rate / overall,
        "cumulative_rows": cumulative,
        "captured_events": captured,
        "captured_low": captured_low,
        "captured_high": captured_high,
        "cumulative_lift": captured / cumulative,
        "ks": np.abs(share[:, 1] - share[:, 0]),
    }


def _given_cuts(table: ScoreTable, cuts: Any, *, as_given: bool) -> FloatArray:
    """Cut-offs in the user's scores, from the laxest on."""
    if cuts is None:
        size = np.cumsum(table.weight.sum(axis=1))
        share = np.arange(CUTS) / CUTS
        place = np.searchsorted(size, share * size[-1], side="right")
        found = table.values[np.unique(np.minimum(place, len(size) - 1))]
        return np.asarray(found if as_given else -found)
    found = np.unique(read_numbers(cuts, "cuts", ndim=None))
    return found if as_given else found[::-1]


def _from(counts: FloatArray) -> FloatArray:
    """Sums from each place to the end, and zero beyond it."""
    return np.asarray(np.vstack([np.cumsum(counts[::-1], axis=0)[::-1], np.zeros(2)]))


def cutoff_frame(
    table: ScoreTable, cuts: Any, level: float, *, as_given: bool
) -> dict[str, Any]:
    """What each cut-off approves, lets pass and catches.

    Parameters
    ----------
    table : ScoreTable
        Counts, the riskiest score first.
    cuts : array-like or None
        Cut-offs; rows at a cut-off or on its safe side are approved. Twenty quantiles
        of the score by default.
    level : float
        Confidence level.
    as_given : bool
        See :func:`gains_frame`.

    Returns
    -------
    dict of str to array
        ``cutoff, approval_rate, approval_low, approval_high, event_rate`` (among the
        approved), ``event_rate_low, event_rate_high, captured_events`` (share of events
        declined), ``captured_low, captured_high, declined_non_events`` (share of
        non-events declined), ``ks`` (their gap) and ``declined_event_rate``. Intervals
        are Wilson's, each cut-off taken as given; where nobody is approved or declined
        the rate is zero and its interval [0, 1].
    """
    chosen = _given_cuts(table, cuts, as_given=as_given)
    place = np.searchsorted(table.values, chosen if as_given else -chosen, side="left")
    declined, lost_squares = (
        np.vstack([np.zeros(2), np.cumsum(counts, axis=0)])[place]
        for counts in (table.weight, table.squared)
    )
    approved, squares = (
        _from(counts)[place] for counts in (table.weight, table.squared)
    )
    passed, refused = approved.sum(axis=1), declined.sum(axis=1)
    total = table.totals.sum()
    approval = passed / total
    rate = _share(approved[:, 1], passed)
    captured = np.clip(declined[:, 1] / table.totals[1], 0.0, 1.0)
    lost = np.clip(declined[:, 0] / table.totals[0], 0.0, 1.0)
    everyone = _effective(
        np.clip(approval, 0.0, 1.0),
        total,
        squares.sum(axis=1),
        lost_squares.sum(axis=1),
    )
    approval_low, approval_high = wilson_interval(approval, everyone, level)
    rows = _effective(rate, passed, squares[:, 1], squares[:, 0])
    rate_low, rate_high = wilson_interval(rate, rows, level)
    caught = _effective(captured, table.totals[1], lost_squares[:, 1], squares[:, 1])
    captured_low, captured_high = wilson_interval(captured, caught, level)
    return {
        "cutoff": chosen,
        "approval_rate": approval,
        "approval_low": approval_low,
        "approval_high": approval_high,
        "event_rate": rate,
        "event_rate_low": rate_low,
        "event_rate_high": rate_high,
        "captured_events": captured,
        "captured_low": captured_low,
        "captured_high": captured_high,
        "declined_non_events": lost,
        "ks": np.abs(captured - lost),
        "declined_event_rate": _share(declined[:, 1], refused),
    }


def roc_frame(table: ScoreTable, *, as_given: bool) -> dict[str, Any]:
    """Points of the ROC curve, from (0, 0) to (1, 1).

    Parameters
    ----------
    table : ScoreTable
        Counts, the riskiest score first.
    as_given : bool
        See :func:`gains_frame`.

    Returns
    -------
    dict of str to array
        ``score`` (rows up to and with it are called events; the first point has the
        score of the second), ``false_positive_rate, true_positive_rate``.
    """
    share = np.vstack([np.zeros(2), np.cumsum(table.shares, axis=0)])
    values = table.values if as_given else -table.values
    return {
        "score": np.concatenate([values[:1], values]),
        "false_positive_rate": np.clip(share[:, 0], 0.0, 1.0),
        "true_positive_rate": np.clip(share[:, 1], 0.0, 1.0),
    }


def calibration_frame(table: ScoreTable, bands: int, level: float) -> dict[str, Any]:
    """Predicted against observed rates over bands of probability.

    Parameters
    ----------
    table : ScoreTable
        Counts at every distinct probability.
    bands : int
        Bands of about equal size.
    level : float
        Confidence level.

    Returns
    -------
    dict of str to array
        ``band, probability_from, probability_to, rows`` (weight), ``predicted`` (mean
        probability), ``observed`` (event rate), ``conf_low, conf_high`` (Wilson),
        ``expected_events, events`` and ``within`` (whether the interval holds the
        prediction).
    """
    band = quantile_bands(table, bands)
    weight, squared = sum_by_band(table.weight, band), sum_by_band(table.squared, band)
    size = weight.sum(axis=1)
    expected = sum_by_band(table.values * table.weight.sum(axis=1), band)
    observed = weight[:, 1] / size
    rows = _effective(observed, size, squared[:, 1], squared[:, 0])
    low, high = wilson_interval(observed, rows, level)
    predicted = expected / size
    first, last = _ends(table, band, as_given=True)
    return {
        "band": np.arange(1, len(size) + 1),
        "probability_from": first,
        "probability_to": last,
        "rows": size,
        "predicted": predicted,
        "observed": observed,
        "conf_low": low,
        "conf_high": high,
        "expected_events": expected,
        "events": weight[:, 1],
        "within": (low <= predicted) & (predicted <= high),
    }


def goodness_of_fit(
    table: ScoreTable, bands: int, *, fitted: bool
) -> tuple[float, int, float]:
    """Hosmer and Lemeshow's test over bands of probability.

    Parameters
    ----------
    table : ScoreTable
        Counts at every distinct probability.
    bands : int
        Bands of about equal size.
    fitted : bool
        Whether the model was fitted on these rows.

    Returns
    -------
    statistic : float
    df : int
    p_value : float

    Raises
    ------
    InfostatError
        If rows carry sampling weights, under which the statistic has no known law.
    """
    if not np.array_equal(table.squared, table.weight):
        msg = (
            "The test of Hosmer and Lemeshow has no known law under sampling weights: "
            "use the calibration test of the summary, or frequency weights."
        )
        raise InfostatError(msg)
    band = quantile_bands(table, bands)
    weight = sum_by_band(table.weight, band)
    expected = sum_by_band(table.values * table.weight.sum(axis=1), band)
    return hosmer_lemeshow(weight[:, 1], expected, weight.sum(axis=1), fitted=fitted)
