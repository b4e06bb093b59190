"""The fit of a card on bin codes: regression, errors, points, rounding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._sklearn import Target
from infostat._versions import versions
from infostat.binning.binner import Binner
from infostat.evidence import WeightOfEvidence, smooth_shares
from infostat.evidence.woe import orientation
from infostat.inference import DivergenceEstimate, adjust_p_values
from infostat.inference.matched import divergence_intervals
from infostat.scorecard.bounded import fit_bounded, warn_held
from infostat.scorecard.design import (
    evidence_design,
    indicator_design,
    summed_values,
    variance_inflation,
)
from infostat.scorecard.effects import (
    Effects,
    evidence_effects,
    one_hot_effects,
)
from infostat.scorecard.encoder import feature_evidence, feature_values, quiet_values
from infostat.scorecard.feature_card import FeatureCard
from infostat.scorecard.logistic import LogisticFit, fit_logistic
from infostat.scorecard.ranges import (
    coefficient_limits,
    range_scaling,
    rounded_in_range,
)
from infostat.scorecard.scaling import RoundingCost, Scaling, rounding_cost
from infostat.scorecard.score_counts import KEY, write_score_counts
from infostat.scorecard.scorecard import Scorecard

__all__ = [
    "CardOptions",
    "FittedCard",
    "describe_values",
    "fit_card",
    "stored_values",
]

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[Any]


@dataclass(frozen=True)
class CardOptions:
    """Choices behind a card.

    Attributes
    ----------
    encoding : str
        "woe" or "onehot".
    estimator : estimator or None
        Unfitted linear classifier of the user.
    scaling : Scaling
        Line between log-odds and points.
    rounding : int or None
        Decimals of the points.
    sign : str
        Sign of the weights of evidence shown.
    smoothing : str or float
        What to do with bins that lack a class.
    monotone_coefficients : bool
        Whether no coefficient may turn against its evidence.
    max_points_span : float, dict or None
        Most points between two bins of a feature.
    points_range : tuple of float or None
        Smallest and largest score.
    """

    encoding: Any
    estimator: Any
    scaling: Scaling
    rounding: int | None
    sign: Any
    smoothing: Any
    monotone_coefficients: bool = False
    max_points_span: Any = None
    points_range: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class FittedCard:
    """A card and what its fit knows beside it.

    Attributes
    ----------
    card : Scorecard
        The card.
    coefficients : ndarray of shape (n_columns,)
        Log-odds per column, on the evidence in the card's sign.
    covariance : ndarray of shape (n_columns + 1,) * 2, or None
        Of intercept and coefficients.
    values : dict of str to DivergenceEstimate
        Information values.
    rounding_cost : RoundingCost
        What rounding costs on the training rows.
    held : list of str
        Features whose coefficient is at a bound.
    """

    card: Scorecard
    coefficients: FloatArray
    covariance: FloatArray | None
    values: dict[str, DivergenceEstimate]
    rounding_cost: RoundingCost
    held: list[str]


@dataclass(frozen=True, eq=False)
class _Regression:
    """Coefficients, their errors, and the log-odds that each bin adds."""

    fit: LogisticFit
    effects: Effects | None
    per_bin: list[FloatArray]
    inflation: FloatArray | None = None


def fit_card(
    binner: Binner,
    codes: list[Codes],
    target: Target,
    weight: FloatArray | None,
    options: CardOptions,
    parameters: dict[str, Any],
) -> FittedCard:
    """Fit a card to binned rows.

    Parameters
    ----------
    binner : Binner
        Fitted.
    codes : list of ndarray of shape (n_samples,)
        Bin of each row, one array a feature.
    target : Target
        Binary target.
    weight : ndarray of shape (n_samples,) or None
        Frequency weights.
    options : CardOptions
        Choices.
    parameters : dict
        The estimator's parameters, for the audit record.

    Returns
    -------
    FittedCard
    """
    regress = _on_evidence if options.encoding == "woe" else _on_indicators
    found = regress(binner, codes, target, weight, options)
    turn = orientation(options.sign) if options.encoding == "woe" else 1
    covariance = None
    if found.effects is not None:
        signs = np.r_[1.0, np.full(len(found.fit.coefficients), float(turn))]
        covariance = found.effects.coefficient_covariance * np.outer(signs, signs)
    options, exact, points = _points(binner, found, options)
    values = feature_values(binner.bins_, binner.tables_)
    held = _held(binner, found.fit, options)
    cards = _feature_cards(binner, values, found, points, covariance, turn, options)
    scores = summed_values(codes, points)
    card = Scorecard(
        features=cards,
        intercept=found.fit.intercept,
        scaling=options.scaling,
        rounding=options.rounding,
        classes=tuple(target.classes.tolist()),
        event=target.event,
        sign=options.sign,
        encoding=options.encoding,
        covariance=None if found.effects is None else found.effects.covariance,
        audit={
            "n_samples": len(target.y),
            "n_events": int(target.y.sum()),
            "parameters": {name: repr(value) for name, value in parameters.items()},
            "versions": versions(("infostat", "numpy", "scipy", "scikit-learn")),
            # Binners that boost say where they ran.
            **({"device": binner.device_} if hasattr(binner, "device_") else {}),
            **({KEY: write_score_counts(scores, target.y)} if weight is None else {}),
        },
    )
    cost = rounding_cost(summed_values(codes, exact), scores, target.y, weight)
    return FittedCard(
        card, turn * found.fit.coefficients, covariance, values, cost, held
    )


def _points(
    binner: Binner, found: _Regression, options: CardOptions
) -> tuple[CardOptions, list[FloatArray], list[FloatArray]]:
    """Exact and rounded points of every bin, and the options with their final line."""
    filled = filled_bins(binner)
    ends, intercept = options.points_range, found.fit.intercept
    if ends is not None:
        scaling = range_scaling(
            ends, options.scaling.base_odds, intercept, found.per_bin, filled
        )
        options = replace(options, scaling=scaling)
    exact = options.scaling.bin_points(intercept, found.per_bin)
    if options.rounding is None:
        return options, exact, exact
    if ends is not None:
        return options, exact, rounded_in_range(exact, filled, options.rounding, ends)
    return options, exact, [np.round(p, options.rounding) for p in exact]


def filled_bins(binner: Binner) -> list[npt.NDArray[np.bool_]]:
    """Bins of each feature that occurred at fit."""
    return [table.weight.sum(axis=1) > 0 for table in binner.tables_.values()]


def _held(binner: Binner, fit: LogisticFit, options: CardOptions) -> list[str]:
    """Features at a bound, with a warning that names them."""
    if fit.held is None:
        return []
    names = list(binner.bins_)
    held = [name for name, at in zip(names, fit.held.tolist(), strict=True) if at]
    warn_held(held, monotone=options.monotone_coefficients)
    return held


def _on_evidence(
    binner: Binner,
    codes: list[Codes],
    target: Target,
    weight: FloatArray | None,
    options: CardOptions,
) -> _Regression:
    """One coefficient a feature, on the evidence of its bins."""
    woe = feature_evidence(binner.tables_, "bad_over_good", options.smoothing)
    evidence = [estimate.value for estimate in woe.values()]
    design = evidence_design(codes, evidence)
    if options.monotone_coefficients or options.max_points_span is not None:
        lower, upper = _bounds(binner, evidence, options)
        fit = fit_bounded(design, target.y, weight, lower, upper)
    else:
        fit = fit_logistic(design, target.y, weight, options.estimator)
    inflation = variance_inflation(design, weight)
    per_bin = [c * v for c, v in zip(fit.coefficients, evidence, strict=True)]
    if not fit.maximum:
        return _Regression(fit, None, per_bin, inflation)
    shares = [smooth_shares(t, options.smoothing) for t in binner.tables_.values()]
    effects = evidence_effects(fit, codes, evidence, shares, target.y, weight)
    return _Regression(fit, effects, per_bin, inflation)


def _bounds(
    binner: Binner, evidence: list[FloatArray], options: CardOptions
) -> tuple[FloatArray, FloatArray]:
    """Bounds of the coefficients on evidence, event over non-event."""
    upper = np.full(len(evidence), np.inf)
    if options.max_points_span is not None:
        upper = coefficient_limits(
            options.max_points_span,
            list(binner.bins_),
            evidence,
            filled_bins(binner),
            options.scaling.factor,
        )
    return np.zeros(len(upper)) if options.monotone_coefficients else -upper, upper


def _on_indicators(
    binner: Binner,
    codes: list[Codes],
    target: Target,
    weight: FloatArray | None,
    options: CardOptions,
) -> _Regression:
    """One coefficient a bin, the largest bin of each feature for reference."""
    tables = list(binner.tables_.values())
    design, columns = indicator_design(codes, tables)
    fit = fit_logistic(design, target.y, weight, options.estimator)
    per_bin, start = [], 0
    for table, places in zip(tables, columns, strict=True):
        effect = np.zeros(table.n_bins)
        effect[places] = fit.coefficients[start : start + len(places)]
        start += len(places)
        per_bin.append(effect)
    if not fit.maximum:
        return _Regression(fit, None, per_bin)
    n_bins = [table.n_bins for table in tables]
    effects = one_hot_effects(fit, design, columns, n_bins, weight)
    return _Regression(fit, effects, per_bin)


def _feature_cards(
    binner: Binner,
    values: dict[str, DivergenceEstimate],
    found: _Regression,
    points: list[FloatArray],
    covariance: FloatArray | None,
    turn: int,
    options: CardOptions,
) -> dict[str, FeatureCard]:
    woe = feature_evidence(binner.tables_, options.sign, options.smoothing)
    described = describe_values(values)
    cards, start = {}, 1
    for k, (name, bins) in enumerate(binner.bins_.items()):
        errors = coefficient = coefficient_se = None
        if found.effects is not None:
            place = slice(start, start + bins.n_bins)
            variance = np.diag(found.effects.covariance)[place]
            errors = options.scaling.factor * np.sqrt(np.maximum(variance, 0.0))
        start += bins.n_bins
        if options.encoding == "woe":
            coefficient = turn * float(found.fit.coefficients[k])
            if covariance is not None:
                coefficient_se = float(np.sqrt(covariance[k + 1, k + 1]))
        evidence: WeightOfEvidence = woe[name]
        cards[name] = FeatureCard(
            bins=bins,
            table=binner.tables_[name],
            woe=evidence.value,
            woe_se=evidence.se,
            smoothed=evidence.smoothed,
            effect=found.per_bin[k],
            points=points[k],
            points_se=errors,
            value=described[name],
            coefficient=coefficient,
            coefficient_se=coefficient_se,
            variance_inflation=None
            if found.inflation is None
            else float(found.inflation[k]),
        )
    return cards


def describe_values(
    values: dict[str, DivergenceEstimate],
) -> dict[str, dict[str, float]]:
    """Information values as plain numbers, p-values adjusted over the features."""
    adjusted = adjust_p_values([value.p_value() for value in values.values()])
    ends = divergence_intervals(list(values.values()), 0.95)
    out = {}
    for (name, value), low, high, p_adjusted in zip(
        values.items(), *ends, adjusted, strict=True
    ):
        out[name] = {
            "estimate": value.value,
            "std_error": value.se,
            "conf_low": float(low),
            "conf_high": float(high),
            "p_value": value.p_value(),
            "p_adjusted": float(p_adjusted),
            "n_bins": value.n_bins,
            "n_merged": value.n_merged,
        }
    return out


def stored_values(card: Scorecard) -> dict[str, DivergenceEstimate]:
    """Information values as a card holds them; its counts give their law."""
    cards = card.features
    bins = {name: feature.bins for name, feature in cards.items()}
    tables = {name: feature.table for name, feature in cards.items()}
    return {
        name: replace(
            value,
            value=cards[name].value["estimate"],
            se=cards[name].value["std_error"],
        )
        for name, value in quiet_values(bins, tables).items()
    }
