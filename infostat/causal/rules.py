"""From the constructor's parameters to the rules that score the ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infostat.causal.monotone import (
    DIRECTIONS,
    Combined,
    MonotoneResponse,
    MonotoneSelection,
)
from infostat.causal.orthogonal import Ball, Mixture, Rule
from infostat.causal.radius import OUTER, resolve_divergence
from infostat.causal.risk import DualRisk
from infostat.causal.sensitivity import (
    ConfoundedFraction,
    EntropyShift,
    MarginalSensitivity,
    MeanShift,
)
from infostat.divergences import Divergence
from infostat.exceptions import InfostatError

__all__ = ["assumption_rule", "method_rules", "monotone_rule"]


def method_rules(method: Any, alpha: float | None, features: Any) -> list[Rule]:
    """Rules of the assumption-free methods.

    Parameters
    ----------
    method : str, Divergence or sequence of them
        "sharp", "all", "dual_risk", "dual_risk_<name>", or divergences.
    alpha : float or None
        Order for "power".
    features : callable or None
        Feature map of the dual risk.

    Returns
    -------
    list of Rule
        In the order asked for.

    Raises
    ------
    InfostatError
        If a name is unknown or the list is empty.
    """
    if isinstance(method, str | Divergence):
        names: Sequence[Any] = {
            "all": ("sharp", *OUTER),
            "dual_risk": tuple(f"dual_risk_{name}" for name in OUTER),
        }.get(method if isinstance(method, str) else "", (method,))
    else:
        names = list(method)
    if not names:
        msg = "method is an empty list: name 'sharp' or at least one divergence."
        raise InfostatError(msg)
    return [_one(name, alpha, features) for name in names]


def _one(name: Any, alpha: float | None, features: Any) -> Rule:
    if isinstance(name, str) and name == "sharp":
        return Mixture()
    if isinstance(name, str) and name.startswith("dual_risk_"):
        inner = name.removeprefix("dual_risk_")
        return DualRisk(resolve_divergence(inner), name, features)
    if isinstance(name, Divergence):
        return Ball(name, _label(name))
    order = alpha if name == "power" else None
    label = f"power({alpha:g})" if name == "power" and alpha is not None else name
    return Ball(resolve_divergence(name, order), label)


def _label(divergence: Divergence) -> str:
    """Name with the order where there is one."""
    order = getattr(divergence, "a", getattr(divergence, "order", None))
    return divergence.name if order is None else f"{divergence.name}({order:g})"


def assumption_rule(
    *,
    gamma: float,
    msm_lambda: float | None,
    mean_shift: float | None,
    entropy_shift: float | None,
    monotone: Any,
    given_covariates: bool,
) -> Rule | None:
    """Rule of the one assumption that was made, or None.

    Parameters
    ----------
    gamma, msm_lambda, mean_shift, entropy_shift, monotone, given_covariates
        Parameters of the estimator.

    Returns
    -------
    Rule or None

    Raises
    ------
    InfostatError
        If more than one is made.
    """
    made: dict[str, Rule] = {}
    if gamma < 1.0:
        made["gamma"] = ConfoundedFraction(float(gamma))
    if msm_lambda is not None:
        made["msm_lambda"] = MarginalSensitivity(float(msm_lambda))
    if mean_shift is not None:
        made["mean_shift"] = MeanShift(float(mean_shift))
    if entropy_shift is not None:
        made["entropy_shift"] = EntropyShift(float(entropy_shift))
    if monotone is not None:
        made["monotone"] = monotone_rule(monotone, given_covariates=given_covariates)
    if len(made) > 1:
        msg = (
            f"{' and '.join(made)} are assumptions of their own and are not combined: "
            f"set one, and compare them with ladder()."
        )
        raise InfostatError(msg)
    return next(iter(made.values()), None)


def monotone_rule(monotone: Any, *, given_covariates: bool = True) -> Rule:
    """Rule of a monotone response, a monotone selection, or one of each.

    Parameters
    ----------
    monotone : str or pair of str
        Names such as "response_increasing".
    given_covariates : bool, default=True
        Whether selection is monotone at each value of the covariates.

    Returns
    -------
    Rule

    Raises
    ------
    InfostatError
        If a name is unknown, or two do not go together.
    """
    names = [monotone] if isinstance(monotone, str) else list(monotone)
    unknown = [name for name in names if name not in DIRECTIONS]
    if unknown or not names:
        msg = f"monotone={monotone!r} is unknown: choose from {', '.join(DIRECTIONS)}."
        raise InfostatError(msg)
    rules: dict[str, Any] = {}
    direction: Any
    for name in names:
        kind, direction = name.split("_")
        rules[kind] = (
            MonotoneResponse(direction)
            if kind == "response"
            else MonotoneSelection(direction, given_covariates)
        )
    if len(names) == 1:
        rule: Rule = next(iter(rules.values()))
        return rule
    directions = {name.split("_")[1] for name in names}
    if len(names) > 2 or len(rules) < 2 or len(directions) > 1:
        msg = (
            f"monotone={monotone!r} do not go together: name one response and one "
            f"selection of the same direction."
        )
        raise InfostatError(msg)
    return Combined(rules["response"], rules["selection"])
