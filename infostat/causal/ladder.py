"""The ladder of assumptions: what must be believed before the sign is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from infostat.causal.intervals import Cover
from infostat.causal.orthogonal import Mixture, Rule
from infostat.causal.rows import score_rows, summarise
from infostat.causal.rules import monotone_rule
from infostat.causal.sensitivity import (
    ConfoundedFraction,
    EntropyShift,
    MarginalSensitivity,
    MeanShift,
)
from infostat.causal.study import Study

__all__ = ["Rungs", "ladder_columns"]

MONOTONE: tuple[Any, ...] = (
    "response_increasing",
    "response_decreasing",
    "selection_increasing",
    "selection_decreasing",
    ("response_increasing", "selection_increasing"),
    ("response_decreasing", "selection_decreasing"),
)


@dataclass(frozen=True)
class Rungs:
    """Numbers of the assumptions on a ladder.

    Attributes
    ----------
    gammas : sequence of float
        Confounded fractions, from weak to strong assumptions.
    factors : sequence of float
        Odds factors of the marginal sensitivity model.
    shifts : sequence of float
        Mean shifts in standard deviations.
    entropies : sequence of float
        Relative entropies in nats.
    """

    gammas: Sequence[float] = (0.75, 0.5, 0.25, 0.1)
    factors: Sequence[float] = (3.0, 2.0, 1.5, 1.2)
    shifts: Sequence[float] = (0.5, 0.2)
    entropies: Sequence[float] = (0.1, 0.01)

    def rules(self, *, two_arms: bool) -> list[tuple[str, Rule]]:
        """Kinds and rules, in the order of reading.

        Parameters
        ----------
        two_arms : bool
            Monotone assumptions need a treatment with two levels.

        Returns
        -------
        list of (str, Rule)
        """
        rungs: list[tuple[str, Rule]] = [("none", Mixture())]
        if two_arms:
            rungs += [("monotone", monotone_rule(name)) for name in MONOTONE]
        rungs += [("confounded fraction", ConfoundedFraction(g)) for g in self.gammas]
        rungs += [("odds factor", MarginalSensitivity(f)) for f in self.factors]
        rungs += [("mean shift", MeanShift(k)) for k in self.shifts]
        rungs += [("entropy", EntropyShift(r)) for r in self.entropies]
        return [*rungs, ("point", ConfoundedFraction(0.0))]


def ladder_columns(
    study: Study,
    control: int,
    name: str,
    rungs: Rungs,
    *,
    null: float,
    level: float,
    target: Cover,
) -> dict[str, list[Any]]:
    """Bounds on one estimand under each assumption of a ladder.

    Parameters
    ----------
    study : Study
        The data.
    control : int
        Code of the control.
    name : str
        The estimand.
    rungs : Rungs
        Numbers of the assumptions.
    null : float
        Value that a sign is counted from.
    level : float
        Confidence level.
    target : {"parameter", "set"}
        What an interval covers.

    Returns
    -------
    dict of str to list
        One row an assumption: ``kind, assumption, lower, upper, ci_lower, ci_upper,
        width, verdict``. The verdict is "above" or "below" the null where the interval
        says so, "refuted" where its ends contradict each other beyond their errors, and
        empty otherwise. The table is ordered for reading, it is not a chain of nested
        sets.
    """
    out: dict[str, list[Any]] = {
        key: []
        for key in (
            *("kind", "assumption", "lower", "upper", "ci_lower", "ci_upper"),
            *("width", "verdict"),
        )
    }
    for kind, rule in rungs.rules(two_arms=study.n_arms == 2):
        rows = score_rows(study, rule, control, outcomes=[0])
        row = next(r for r in rows if r.estimand == name)
        got = summarise([row], study.sampling, level=level, target=target)
        low, high = got["ci_lower"][0], got["ci_upper"][0]
        entry = (
            *(kind, "none" if kind == "none" else rule.label),
            *(got["lower"][0], got["upper"][0], low, high, got["width"][0]),
            verdict(low, high, null),
        )
        for key, value in zip(out, entry, strict=True):
            out[key].append(value)
    return out


def verdict(ci_lower: float, ci_upper: float, null: float = 0.0) -> str:
    """What an interval says about a sign, or against its own assumption."""
    if np.isnan(ci_lower) or np.isnan(ci_upper):
        return ""
    if ci_upper < ci_lower:
        return "refuted"
    if ci_lower > null:
        return "above"
    return "below" if ci_upper < null else ""
