"""Scorecards of the points of a frontier, their comparison and their resampling."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from infostat.binning import OptimalBinner
from infostat.binning.bins import Bins
from infostat.exceptions import InfeasibleError, InfostatError, InfostatWarning
from infostat.fairness.certificates import Certificate, certify
from infostat.fairness.counting import Prebinned, chosen_bins
from infostat.fairness.groups import Comparison
from infostat.fairness.remeasure import Remeasured, remeasure, tell_apart
from infostat.fairness.search import FrontierPoint, FrontierSearch
from infostat.scorecard import ScorecardClassifier

__all__ = ["bootstrap_values", "certify_cards", "fit_cards", "neighbours_alike"]

FloatArray = npt.NDArray[np.float64]
Weight = FloatArray | None


def fit_cards(
    prebinned: Prebinned,
    points: Sequence[FrontierPoint],
    rows: Any,
    held: Any,
    y: npt.NDArray[Any],
    comparisons: Sequence[Comparison],
    weight: Weight,
) -> tuple[list[ScorecardClassifier], list[Remeasured | None]]:
    """Fit a scorecard on the bins of each point and measure it on other rows.

    Parameters
    ----------
    prebinned : Prebinned
        The rows that chose.
    points : sequence of FrontierPoint
        Points.
    rows, held : frame or ndarray
        Features of the rows that chose and of those that measure.
    y : ndarray of shape (n_held,)
        1 for events among the rows that measure.
    comparisons : sequence of Comparison
        Groups of the rows that measure.
    weight : ndarray of shape (n_held,), optional
        Their weights.

    Returns
    -------
    cards : list of ScorecardClassifier
    measured : list of (Remeasured or None)
    """
    cards: list[ScorecardClassifier] = []
    measured: list[Remeasured | None] = []
    for point in points:
        used = chosen_bins(prebinned.bins, prebinned.tables, point.starts)
        bins = {
            name: used.get(name, neutral_bins(pre))
            for name, pre in prebinned.bins.items()
        }
        card = ScorecardClassifier(binner=OptimalBinner(fixed_bins=bins))
        with warnings.catch_warnings():
            # Sparse pre-bins and small classes are those of every point.
            warnings.simplefilter("ignore", InfostatWarning)
            card.fit(rows, prebinned.y, sample_weight=prebinned.weight)
        cards.append(card)
        score = card.card_.points(held)
        measured.append(remeasure(score, y, comparisons, weight))
    return cards, measured


def certify_cards(
    cards: Sequence[ScorecardClassifier],
    points: Sequence[FrontierPoint],
    held: Any,
    comparisons: Sequence[Comparison],
    weight: Weight,
    *,
    confidence: float,
    chance: Literal["sum", "feature"],
) -> list[Certificate]:
    """Count the bins of every card on rows that did not choose them.

    Parameters
    ----------
    cards : sequence of ScorecardClassifier
        Cards of the points.
    points : sequence of FrontierPoint
        Points.
    held : frame or ndarray
        Features of the rows that did not choose.
    comparisons : sequence of Comparison
        Groups of these rows.
    weight : ndarray of shape (n_held,), optional
        Their weights.
    confidence, chance
        See :func:`infostat.fairness.certificates.certify`.

    Returns
    -------
    list of Certificate
    """
    out = []
    for card, point in zip(cards, points, strict=True):
        bins = {name: card.bins_[name] for name in point.starts}
        codes = card.card_.codes(held)
        out.append(
            certify(
                *(bins, card.tables_, codes, comparisons, weight),
                confidence=confidence,
                chance=chance,
            )
        )
    return out


def neutral_bins(pre: Bins) -> Bins:
    """One bin for all values of a feature that is left out, missing ones included."""
    if pre.groups is None:
        return Bins.numeric(pre.feature, [], missing_to=1)
    levels = [level for group in pre.groups for level in group]
    levels += [str(level) for level in pre.special_values]
    return Bins.categorical(pre.feature, [levels], missing_to=2)


def neighbours_alike(
    measured: Sequence[Remeasured | None],
    y: npt.NDArray[Any],
    comparisons: Sequence[Comparison],
    level: float,
) -> list[bool]:
    """Whether each point cannot be told apart from the one before.

    Parameters
    ----------
    measured : sequence of (Remeasured or None)
        Points on the holdout.
    y : ndarray of shape (n_held,)
        1 for events.
    comparisons : sequence of Comparison
        Groups of these rows.
    level : float
        Confidence level of each paired test, of the value about the outcome and of
        that about every group.

    Returns
    -------
    list of bool
        False for the first point and where a point was not measured.
    """
    members = [y.astype(np.int8), *(c.member for c in comparisons)]
    out = [False] * min(len(measured), 1)
    for before, after in pairwise(measured):
        if before is None or after is None:
            out.append(False)
            continue
        gaps = tell_apart(before.points, after.points, members)
        out.append(all(gap.p_value() > 1.0 - level for gap in gaps))
    return out


def bootstrap_values(
    prebinned: Prebinned,
    searching: Callable[[FloatArray], FrontierSearch],
    points: Sequence[FrontierPoint],
    n_resamples: int,
    random: np.random.RandomState,
    time_limit: float | None,
) -> FloatArray:
    """Best values at the points' caps when rows are drawn again.

    Parameters
    ----------
    prebinned : Prebinned
        The rows that chose.
    searching : callable
        Turns weights into a search.
    points : sequence of FrontierPoint
        Points whose caps are used.
    n_resamples : int
        Number of resamples.
    random : RandomState
        Source of randomness.
    time_limit : float, optional
        Seconds for each cap.

    Returns
    -------
    ndarray of shape (n_resamples, n_points)
        NaN where a resample has no binning or cannot meet a cap.

    Raises
    ------
    InfostatError
        If no resample could be searched.
    """
    n = len(prebinned.y)
    base = np.ones(n) if prebinned.weight is None else prebinned.weight
    size = round(float(base.sum()))
    out = np.full((n_resamples, len(points)), np.nan)
    for b in range(n_resamples):
        weight = random.multinomial(size, base / base.sum()).astype(float)
        try:
            search = searching(weight)
        except InfeasibleError:
            continue
        for k, point in enumerate(points):
            try:
                out[b, k] = search.sweep([point.caps], time_limit)[0].choice.iv
            except InfeasibleError:
                continue
    if np.isnan(out).all(axis=0).any():
        msg = (
            "A point could not be found again in any resample: use n_resamples=0, fewer "
            "pre-bins or larger bins."
        )
        raise InfostatError(msg)
    return out
