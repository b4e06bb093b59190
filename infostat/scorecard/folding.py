"""Boosted stumps folded into bins and the log-odds that each bin adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._sklearn import Target
from infostat.binning.bins import Bins
from infostat.binning.boosting import BoostedColumn, Stump, Stumps
from infostat.binning.columns import read_columns
from infostat.binning.shapes import level_shape, number_shape
from infostat.binning.stump_columns import StumpColumn, count_cuts, join_levels
from infostat.counts import CountTable
from infostat.inference import DivergenceEstimate
from infostat.scorecard.encoder import feature_evidence, feature_values
from infostat.scorecard.feature_card import FeatureCard
from infostat.scorecard.fitting import CardOptions, describe_values
from infostat.scorecard.scorecard import Scorecard

__all__ = [
    "FoldedFeature",
    "FoldedStumps",
    "boosted_columns",
    "fold_stumps",
    "folded_card",
    "neutral_columns",
]

FloatArray = npt.NDArray[np.float64]
Classes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class FoldedFeature:
    """Bins of a feature and what they add.

    Attributes
    ----------
    bins : Bins
        Bins between the thresholds, or levels that every stump sent the same way.
    table : CountTable
        Their counts.
    effect : ndarray of shape (n_bins,)
        Log-odds of the event, with mean zero over the training weight; zero for a bin
        without rows.
    thresholds : ndarray of float32
        XGBoost's thresholds behind the cuts.
    """

    bins: Bins
    table: CountTable
    effect: FloatArray
    thresholds: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FoldedStumps:
    """A booster as a card.

    Attributes
    ----------
    intercept : float
        Log-odds of the event with all effects zero, their average over the rows.
    features : dict of str to FoldedFeature
        By name.
    """

    intercept: float
    features: dict[str, FoldedFeature] = field(default_factory=dict)


def boosted_columns(columns: Sequence[StumpColumn]) -> list[BoostedColumn]:
    """What the booster sees: each feature, then an indicator of each special number.

    Parameters
    ----------
    columns : sequence of StumpColumn
        Features. Special numbers are missing in the feature's own column, where their
        size would mean something; special levels are levels among others.

    Returns
    -------
    list of BoostedColumn
        The features' own columns first.
    """
    own = [column.boosted for column in columns]
    indicators = [
        BoostedColumn((column.source.values == special).astype(np.float32))
        for column in columns
        if column.levels is None
        for special in column.special_values
    ]
    return own + indicators


def fold_stumps(
    found: Stumps,
    columns: Sequence[StumpColumn],
    classes: Classes,
    weight: FloatArray | None,
) -> FoldedStumps:
    """Sum the stumps of every feature into its bins.

    Parameters
    ----------
    found : Stumps
        Trained on :func:`boosted_columns`.
    columns : sequence of StumpColumn
        Features.
    classes : ndarray of shape (n_samples,)
        0 for non-events, 1 for events.
    weight : ndarray of shape (n_samples,) or None
        Frequency weights.

    Returns
    -------
    FoldedStumps
    """
    of_column: dict[int, list[Stump]] = {}
    for stump in found.stumps:
        of_column.setdefault(stump.column, []).append(stump)
    intercept, features = found.intercept, {}
    indicator = len(columns)
    for k, column in enumerate(columns):
        stumps = of_column.get(k, [])
        if column.levels is not None:
            folded = _fold_levels(column, stumps)
        else:
            extra = [
                of_column.get(indicator + i, [])
                for i in range(len(column.special_values))
            ]
            indicator += len(extra)
            folded = _fold_numbers(column, stumps, extra, classes, weight)
        intercept += _centre(folded.table, folded.effect)
        features[column.source.name] = folded
    return FoldedStumps(intercept, features)


def _centre(table: CountTable, effect: FloatArray) -> float:
    """Subtract the mean effect of the rows, and make unknown effects neutral."""
    mean = float(np.average(np.nan_to_num(effect), weights=table.weight.sum(axis=1)))
    effect -= mean
    effect[np.isnan(effect)] = 0.0
    return mean


def _fold_numbers(
    column: StumpColumn,
    stumps: Sequence[Stump],
    indicators: Sequence[Sequence[Stump]],
    classes: Classes,
    weight: FloatArray | None,
) -> FoldedFeature:
    shape = number_shape(stumps)
    bins, table, kept = count_cuts(column, shape.thresholds, classes, weight)
    effect = np.empty(bins.n_bins)
    effect[: bins.first] = shape.missing
    effect[bins.first :] = shape.effect[kept]
    for number, extra in enumerate(indicators, start=1):
        apart = number_shape(extra)
        effect += apart.at(0.0)
        effect[number] += apart.at(1.0) - apart.at(0.0)
    # Where no row was missing, the direction of missing values means nothing.
    reserved = np.arange(bins.n_bins) < bins.first
    effect[reserved & (table.weight.sum(axis=1) <= 0)] = np.nan
    return FoldedFeature(bins, table, effect, shape.thresholds)


def _fold_levels(column: StumpColumn, stumps: Sequence[Stump]) -> FoldedFeature:
    assert column.levels is not None  # noqa: S101 - called for levels
    shape = level_shape(stumps, column.boosted.n_levels)
    bins, table = join_levels(column, shape.signature)
    first_of = {group[0]: k for k, group in enumerate(column.levels.groups or ())}
    members = [first_of[group[0]] for group in bins.groups or ()]
    missing = shape.missing if table.weight[0].sum() > 0 else np.nan
    # An unseen level counts as missing.
    reserved = [missing, *shape.effect[column.levels.n_ordinary :], missing]
    effect = np.array([*reserved, *shape.effect[members]])
    return FoldedFeature(bins, table, effect, np.empty(0, dtype=np.float32))


def folded_card(
    folded: FoldedStumps,
    target: Target,
    options: CardOptions,
    audit: dict[str, Any],
) -> tuple[Scorecard, dict[str, DivergenceEstimate]]:
    """Turn folded stumps into a card.

    Parameters
    ----------
    folded : FoldedStumps
        Bins and effects.
    target : Target
        Labels.
    options : CardOptions
        Scaling, rounding, and how evidence is shown.
    audit : dict
        Record of the fit.

    Returns
    -------
    card : Scorecard
        Without standard errors of points.
    values : dict of str to DivergenceEstimate
        Information values of the bins.
    """
    features = folded.features
    points = options.scaling.bin_points(
        folded.intercept, [feature.effect for feature in features.values()]
    )
    if options.rounding is not None:
        points = [np.round(p, options.rounding) for p in points]
    tables = {name: feature.table for name, feature in features.items()}
    values = feature_values({n: f.bins for n, f in features.items()}, tables)
    described = describe_values(values)
    evidence = feature_evidence(tables, options.sign, options.smoothing)
    cards = {
        name: FeatureCard(
            bins=feature.bins,
            table=feature.table,
            woe=evidence[name].value,
            woe_se=evidence[name].se,
            smoothed=evidence[name].smoothed,
            effect=feature.effect,
            points=own,
            points_se=None,
            value=described[name],
            coefficient=None,
            coefficient_se=None,
        )
        for (name, feature), own in zip(features.items(), points, strict=True)
    }
    card = Scorecard(
        features=cards,
        intercept=folded.intercept,
        scaling=options.scaling,
        rounding=options.rounding,
        classes=tuple(target.classes.tolist()),
        event=target.event,
        sign=options.sign,
        encoding=options.encoding,
        audit=audit,
    )
    return card, values


def neutral_columns(card: Scorecard, X: Any) -> list[str]:
    """Features with missing values or unseen levels now, and no missing ones at fit.

    Parameters
    ----------
    card : Scorecard
        Boosted.
    X : frame or ndarray of shape (n_samples, n_features)
        Rows to score.

    Returns
    -------
    list of str
    """
    columns, found = read_columns(X, card.feature_names), []
    for name, feature in card.features.items():
        if feature.table.weight[0].sum() > 0:
            continue
        bins = feature.bins
        values = columns.read(name, categorical=bins.groups is not None).values
        if bins.groups is None:
            doubtful = np.isnan(values)
        else:
            codes = bins.codes(values)
            doubtful = (codes == 0) | (codes == bins.unseen)
        if doubtful.any():
            found.append(name)
    return found
