"""Steps of the estimator's fit that read its parameters."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.causal.functionals import numbers_at
from infostat.causal.intervals import Sampling
from infostat.causal.ladder import verdict
from infostat.causal.orthogonal import Mixture, Rule
from infostat.causal.quantiles import quantile_columns
from infostat.causal.rules import assumption_rule, method_rules
from infostat.causal.sensitivity import EntropyShift, MarginalSensitivity, MeanShift
from infostat.causal.study import Study
from infostat.exceptions import InfostatError, InfostatWarning

__all__ = [
    "check_weights",
    "chosen_rules",
    "control_code",
    "describe",
    "quantile_bounds",
    "warn_range",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def control_code(control: Any, levels: npt.NDArray[Any]) -> int:
    """Code of the treatment that others are compared with.

    Parameters
    ----------
    control : object or None
        A level; None takes the first.
    levels : ndarray
        Levels of the treatment.

    Returns
    -------
    int

    Raises
    ------
    InfostatError
        If the level does not exist.
    """
    if control is None:
        return 0
    match = [k for k, level in enumerate(levels.tolist()) if level == control]
    if not match:
        msg = f"control={control!r} is not among the treatments {levels.tolist()}."
        raise InfostatError(msg)
    return match[0]


def check_weights(
    arms: IntArray, levels: npt.NDArray[Any], weight: FloatArray | None
) -> None:
    """Refuse a treatment whose rows all have weight zero.

    Parameters
    ----------
    arms, levels : ndarray
        Codes and levels of the treatment.
    weight : ndarray of shape (n_samples,) or None
        Sample weights.

    Raises
    ------
    InfostatError
        If there is such a treatment.
    """
    mass = np.bincount(arms, weight, len(levels))
    if not (mass > 0.0).all():
        empty = levels.tolist()[int(np.flatnonzero(mass <= 0.0)[0])]
        msg = (
            f"All rows with treatment {empty!r} have sample weight zero: drop that "
            f"treatment, or weigh its rows."
        )
        raise InfostatError(msg)


def chosen_rules(estimator: Any, n_arms: int) -> list[Rule]:
    """Rules that the parameters name; an assumption takes the place of the methods.

    Parameters
    ----------
    estimator : CausalBounds
        Its parameters are read.
    n_arms : int
        Number of treatments.

    Returns
    -------
    list of Rule

    Raises
    ------
    InfostatError
        If parameters contradict each other.
    """
    rules = method_rules(estimator.method, estimator.alpha, estimator.dual_features)
    assumed = assumption_rule(
        gamma=estimator.gamma,
        msm_lambda=estimator.msm_lambda,
        mean_shift=estimator.mean_shift,
        entropy_shift=estimator.entropy_shift,
        monotone=estimator.monotone,
        given_covariates=estimator.given_covariates,
    )
    if assumed is None:
        return rules
    if not (len(rules) == 1 and isinstance(rules[0], Mixture)):
        msg = (
            f"Assumptions go with method='sharp', got method={estimator.method!r}: fit "
            f"the divergences on their own."
        )
        raise InfostatError(msg)
    if estimator.monotone is not None and n_arms != 2:
        msg = (
            f"monotone needs two treatments, got {n_arms}: keep the rows of two, or use "
            f"gamma."
        )
        raise InfostatError(msg)
    return [assumed]


def quantile_bounds(
    estimator: Any,
    outcome: FloatArray,
    arms: IntArray,
    sampling: Sampling,
    rules: list[Rule],
) -> dict[str, list[Any]]:
    """Columns of ``bounds_`` for quantiles.

    Parameters
    ----------
    estimator : CausalBounds
        Its parameters are read.
    outcome : ndarray of shape (n_samples,)
        Outcome.
    arms : ndarray of shape (n_samples,), int
        Codes of the treatment.
    sampling : Sampling
        Weights and clusters.
    rules : list of Rule
        Only the sharp one is known for quantiles.

    Returns
    -------
    dict of str to list

    Raises
    ------
    InfostatError
        If another rule is asked for, or an outcome lies outside the range.
    """
    if not (len(rules) == 1 and isinstance(rules[0], Mixture)):
        msg = (
            f"Quantiles have sharp bounds only, got method={estimator.method!r} and "
            f"assumptions: use method='sharp' without any, or functional='cdf'."
        )
        raise InfostatError(msg)
    low, high = -np.inf, np.inf
    if estimator.y_bounds is not None:
        try:
            low, high = (float(end) for end in estimator.y_bounds)
        except (TypeError, ValueError) as error:
            msg = (
                f"Quantiles take y_bounds as two numbers, got {estimator.y_bounds!r}: "
                f"give (low, high) or leave it out."
            )
            raise InfostatError(msg) from error
    if not (low <= outcome.min() and outcome.max() <= high):
        msg = (
            f"Outcomes from {outcome.min()} to {outcome.max()} lie outside "
            f"y_bounds={estimator.y_bounds!r}: widen the range."
        )
        raise InfostatError(msg)
    return quantile_columns(
        outcome,
        arms,
        estimator.treatments_,
        control_code(estimator.control, estimator.treatments_),
        numbers_at("quantile", estimator.at),
        sampling,
        low=low,
        high=high,
        level=estimator.level,
    )


def warn_range(study: Study, rules: list[Rule]) -> None:
    """Say that a range is missing or guessed, where the rules need one.

    Parameters
    ----------
    study : Study
        The data.
    rules : list of Rule
        What is assumed.
    """
    free = MarginalSensitivity | MeanShift | EntropyShift
    if study.n_arms < 2 or all(isinstance(rule, free) for rule in rules):
        return
    supports = {outcome.support for outcome in study.outcomes}
    if "none" in supports:
        warnings.warn(
            "Without a range of the outcome nothing is known about the unseen ones and "
            "the ends are infinite: pass y_bounds=(low, high), or bound "
            "functional='cdf', 'quantile' or 'winsorised_mean'.",
            InfostatWarning,
            stacklevel=3,
        )
    if "observed" in supports:
        warnings.warn(
            "y_bounds='observed' takes the sample's smallest and largest outcome for "
            "the range, which misses what was not seen, so no interval is given: pass "
            "the range that the outcome can have.",
            InfostatWarning,
            stacklevel=3,
        )


def describe(study: Study, columns: dict[str, list[Any]]) -> dict[str, Any]:
    """Diagnostics of a fit.

    Parameters
    ----------
    study : Study
        The data.
    columns : dict of str to list
        Columns of ``bounds_``.

    Returns
    -------
    dict
        A refuted assumption is named, and a warning says so.
    """
    first = study.outcomes[0]
    rows = {
        str(level): int((study.arms == a).sum()) for a, level in enumerate(study.levels)
    }
    at_end = {}
    for a, level in enumerate(study.levels):
        taken = study.arms == a
        seen = first.values[taken]
        at_end[str(level)] = (
            float(np.mean(seen == first.low[a][taken])),
            float(np.mean(seen == first.high[a][taken])),
        )
    refuted = [
        f"{name} under {method}"
        for name, method, low, high in zip(
            columns["estimand"],
            columns["method"],
            columns["ci_lower"],
            columns["ci_upper"],
            strict=True,
        )
        if verdict(low, high) == "refuted"
    ]
    if refuted:
        warnings.warn(
            f"The data contradict the assumption for {', '.join(refuted)}, beyond their "
            f"error: do not use these bounds; weaken or drop the assumption.",
            InfostatWarning,
            stacklevel=3,
        )
    out: dict[str, Any] = {
        "n_samples": study.sampling.n_samples,
        "rows_by_treatment": rows,
        "share_at_ends": at_end,
        "refuted": refuted,
    }
    if study.device is not None:
        out["device"] = study.device
    fitted = study.fitted_overlap()
    if fitted is not None:
        out["propensity_quantiles"], out["clipped_share"] = fitted
        _warn_overlap(fitted[1], study.learners.clip)
    return out


def _warn_overlap(clipped: float, clip: float) -> None:
    if clipped > 0.05:
        warnings.warn(
            f"{clipped:.0%} of the rows had a propensity of their own treatment outside "
            f"[{clip:g}, {1 - clip:g}], which was clipped: where an end divides by the "
            f"propensity it rests on few rows; drop rows that could not have been "
            f"treated otherwise, or use method='sharp'.",
            InfostatWarning,
            stacklevel=4,
        )
