"""Reasons for a score: the features on which an applicant lost most points."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_choice
from infostat._frames import build_frame
from infostat.exceptions import InfostatError
from infostat.scorecard.feature_card import FeatureCard
from infostat.scorecard.scorecard import Scorecard

__all__ = [
    "Baseline",
    "baseline_points",
    "points_lost",
    "reason_codes",
    "reason_order",
]

FloatArray = npt.NDArray[np.float64]
Baseline = Literal["maximum", "mean", "neutral"]

BLOCK = 65_536
"""Rows whose shortfalls are held at a time."""

DIGITS = 9
"""Decimals to which points lost are compared, so that equal ones are equal."""


def baseline_points(card: Scorecard, baseline: Baseline = "maximum") -> FloatArray:
    """Points of every feature against which a row's points are held.

    Parameters
    ----------
    card : Scorecard
        The card.
    baseline : {"maximum", "mean", "neutral"}, default="maximum"
        See :func:`reason_codes`.

    Returns
    -------
    ndarray of shape (n_features,)

    Raises
    ------
    InfostatError
        If the baseline has another name, or is "neutral" and the card has no weights of
        evidence.
    """
    read_choice(baseline, "baseline", ("maximum", "mean", "neutral"))
    cards = list(card.features.values())
    if baseline == "maximum":
        return np.array([_maximum(feature) for feature in cards])
    if baseline == "mean":
        return np.array([_mean(feature) for feature in cards])
    if card.encoding != "woe":
        msg = (
            f"baseline='neutral' stands for zero weight of evidence, but this card has "
            f"the encoding {card.encoding!r}: use baseline='mean' or 'maximum'."
        )
        raise InfostatError(msg)
    points = card.scaling.bin_points(card.intercept, [np.zeros(1)] * len(cards))
    neutral = np.concatenate(points)
    return neutral if card.rounding is None else np.round(neutral, card.rounding)


def _filled(feature: FeatureCard) -> npt.NDArray[np.bool_]:
    return np.asarray(feature.table.weight.sum(axis=1) > 0)


def _maximum(feature: FeatureCard) -> float:
    """Most points among the filled bins; of values, where values have any."""
    filled = _filled(feature)
    values = filled & (np.arange(len(filled)) >= feature.bins.first)
    return float(feature.points[values if values.any() else filled].max())


def _mean(feature: FeatureCard) -> float:
    weight = feature.table.weight.sum(axis=1)
    return float(np.average(feature.points, weights=weight))


def points_lost(card: Scorecard, baseline: Baseline = "maximum") -> list[FloatArray]:
    """Points that each bin of each feature lacks against a baseline.

    Parameters
    ----------
    card : Scorecard
        The card.
    baseline : {"maximum", "mean", "neutral"}, default="maximum"
        See :func:`reason_codes`.

    Returns
    -------
    list of ndarray of shape (n_bins,)
        In the order of the features; zero where a bin gives no reason.
    """
    aims = baseline_points(card, baseline)
    return [
        # Not less than zero, and never a negative zero, which exports would write.
        np.maximum(np.round(aim - feature.points, DIGITS), 0.0) + 0.0
        for aim, feature in zip(aims, card.features.values(), strict=True)
    ]


def reason_order(card: Scorecard) -> list[str]:
    """Features in the order that breaks ties: information value, then name."""
    cards = card.features
    return sorted(cards, key=lambda f: (-float(cards[f].value["estimate"]), f))


def reason_codes(
    card: Scorecard,
    X: Any,
    n: int = 4,
    *,
    baseline: Baseline = "maximum",
    always: Collection[str] = (),
    like: Any = None,
) -> Any:
    """List the features on which each row lost most points.

    Parameters
    ----------
    card : Scorecard
        The card.
    X : frame or ndarray of shape (n_samples, n_features)
        Columns by name, or in the order of the features.
    n : int, default=4
        Most reasons a row. United States regulation B asks for no more than four.
    baseline : {"maximum", "mean", "neutral"}, default="maximum"
        What the points of a row's bin are held against, feature by feature:

        - "maximum": most points among the bins of values that occurred at fit. The
          bins of missing and special values are no aim to reach, so they count only
          for a feature that has no other;
        - "mean": mean points of the rows of the fit;
        - "neutral": points of a bin without evidence. Only for cards on weights of
          evidence.
    always : collection of str, optional
        Features listed after the first ``n`` if they lost points at all, such as the
        number of inquiries where the law counts it in addition.
    like : frame or str, optional
        Frame whose library to use, or its name.

    Returns
    -------
    frame
        One row a reason, rows of X in order: ``row`` (position in X, from 0), ``rank``
        (from 1), ``feature``, ``bin``, ``points`` (of the bin), ``baseline`` (points)
        and ``points_lost`` (positive). A feature at or above its baseline is no reason,
        so a row may have fewer than ``n``, or none. Equal losses are ordered by
        information value, then by name. Missing, special and unseen values are reasons
        like any other bin, under the bin's name; an unseen value has neutral points.

    Raises
    ------
    InfostatError
        If ``n`` is not a positive integer, a baseline or feature is unknown, or X does
        not have the card's columns.
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        msg = f"n must be a positive number of reasons, got {n!r}."
        raise InfostatError(msg)
    unknown = [name for name in always if name not in card.features]
    if unknown:
        msg = f"always names {unknown}, but the card has {card.feature_names}."
        raise InfostatError(msg)
    names = card.feature_names
    aim = dict(zip(names, baseline_points(card, baseline), strict=True))
    lacks = dict(zip(names, points_lost(card, baseline), strict=True))
    # The first of equal losses is found first, so the order breaks the ties.
    order = reason_order(card)
    codes = card.codes(X)
    size = len(codes[names[0]])
    fixed = [order.index(name) for name in dict.fromkeys(always)]
    found = [
        _block(order, codes, slice(start, start + BLOCK), lacks, int(n), fixed)
        for start in range(0, max(size, 1), BLOCK)
    ]
    row, rank, feature, lost = (
        np.concatenate([block[k] for block in found]) for k in range(4)
    )
    bins, points = _bin_of(card, order, codes, row, feature)
    reference = np.array([aim[name] for name in order])
    columns = {
        "row": row,
        "rank": rank,
        "feature": np.array(order, dtype=object)[feature].tolist(),
        "bin": bins.tolist(),
        "points": points,
        "baseline": reference[feature],
        "points_lost": lost,
    }
    return build_frame(columns, like)


def _block(
    order: list[str],
    codes: dict[str, npt.NDArray[Any]],
    rows: slice,
    lacks: dict[str, FloatArray],
    n: int,
    always: list[int],
) -> tuple[Any, Any, Any, Any]:
    """Row, rank, feature (its place in ``order``) and points lost of some rows."""
    lost = np.stack([lacks[name][codes[name][rows]] for name in order])
    every = np.arange(lost.shape[1])
    places, losses = [], []
    for _ in range(min(n, len(order))):
        place = lost.argmax(axis=0)
        places.append(place)
        losses.append(lost[place, every])
        lost[place, every] = 0.0
    for k in always:
        places.append(np.full(len(every), k))
        losses.append(lost[k])
    place, loss = np.array(places), np.array(losses)
    kept = loss.T > 0
    rank = np.cumsum(kept, axis=1)[kept]
    row = np.nonzero(kept)[0] + rows.start
    return row, rank, place.T[kept], loss.T[kept]


def _bin_of(
    card: Scorecard,
    order: list[str],
    codes: dict[str, npt.NDArray[Any]],
    row: npt.NDArray[np.intp],
    feature: npt.NDArray[np.intp],
) -> tuple[npt.NDArray[Any], FloatArray]:
    """Name and points of the bin behind each reason."""
    labels = np.empty(len(row), dtype=object)
    points = np.empty(len(row))
    for k, name in enumerate(order):
        here = np.flatnonzero(feature == k)
        code = codes[name][row[here]]
        labels[here] = np.array(card.features[name].bins.labels, dtype=object)[code]
        points[here] = card.features[name].points[code]
    return labels, points
