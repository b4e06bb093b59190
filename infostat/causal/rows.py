"""From scores of arms to rows of a table: estimands, estimates, errors, intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.causal.intervals import Averages, Cover, Sampling, imbens_manski
from infostat.causal.orthogonal import Ends, Rule
from infostat.causal.study import Study

__all__ = ["End", "ScoreRow", "estimands", "score_rows", "summarise", "weighted_row"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ScoreRow:
    """Scores of one estimand under one rule.

    Attributes
    ----------
    estimand, method, support : str
        What is bounded, under which rule, and where the range came from.
    lower, upper : tuple of ndarray of shape (n_samples,)
        Scores of both ends, one array a repetition of the splits.
    outcome : int
        Place of the functional.
    """

    estimand: str
    method: str
    support: str
    lower: tuple[FloatArray, ...]
    upper: tuple[FloatArray, ...]
    outcome: int = 0


@dataclass(frozen=True)
class End:
    """Estimate of one end and its error, over the repetitions.

    Attributes
    ----------
    value, se : float
        Median over repetitions, and the error that counts their spread.
    """

    value: float
    se: float


def potential(level: Any) -> str:
    """Name of a potential outcome."""
    return f"Y({level})"


def estimands(study: Study, outcome: int, control: int) -> list[tuple[str, Any]]:
    """Names of the estimands of one functional and the arms they compare.

    Parameters
    ----------
    study : Study
        The data.
    outcome : int
        Place of the functional.
    control : int
        Code of the treatment that the others are compared with.

    Returns
    -------
    list of (str, (int, int or None))
        First every arm's own, then each contrast with the control.
    """
    names = study.outcomes[outcome]
    out: list[tuple[str, Any]] = [
        (names.label.format(potential(level)), (arm, None))
        for arm, level in enumerate(study.levels)
    ]
    base = potential(study.levels[control])
    for arm, level in enumerate(study.levels):
        if arm != control:
            out.append((names.contrast.format(potential(level), base), (arm, control)))
    return out


def score_rows(
    study: Study, rule: Rule, control: int, *, outcomes: list[int] | None = None
) -> list[ScoreRow]:
    """Score every estimand under one rule.

    Parameters
    ----------
    study : Study
        The data.
    rule : Rule
        What is assumed.
    control : int
        Code of the treatment that the others are compared with.
    outcomes : list of int, optional
        Places of the functionals; all by default.

    Returns
    -------
    list of ScoreRow
    """
    repetitions = range(len(study.learners.seeds))
    rows = []
    for k in range(len(study.outcomes)) if outcomes is None else outcomes:
        by_repetition = [
            [rule.scores(study.view(r, k, arm)) for arm in range(study.n_arms)]
            for r in repetitions
        ]
        for name, pair in estimands(study, k, control):
            ends = [_contrast(scores, *pair) for scores in by_repetition]
            rows.append(
                ScoreRow(
                    name,
                    rule.label,
                    study.outcomes[k].support,
                    tuple(lower for lower, _ in ends),
                    tuple(upper for _, upper in ends),
                    k,
                )
            )
    return rows


def _contrast(scores: list[Ends], arm: int, control: int | None) -> Ends:
    """Scores of a mean, or of a difference: each end takes the other end below."""
    if control is None:
        return scores[arm]
    (lower, upper), (base_lower, base_upper) = scores[arm], scores[control]
    return lower - base_upper, upper - base_lower


def weighted_row(
    name: str, study: Study, rule: Rule, policy: FloatArray, outcome: int = 0
) -> ScoreRow:
    """Scores of the value of a stochastic policy.

    Parameters
    ----------
    name : str
        Name of the estimand.
    study : Study
        The data.
    rule : Rule
        What is assumed.
    policy : ndarray of shape (n_samples, n_treatments)
        Probabilities of the treatments.
    outcome : int, default=0
        Place of the functional.

    Returns
    -------
    ScoreRow
    """
    lower: list[FloatArray] = []
    upper: list[FloatArray] = []
    for r in range(len(study.learners.seeds)):
        ends = [rule.scores(study.view(r, outcome, a)) for a in range(study.n_arms)]
        for total, side in ((lower, 0), (upper, 1)):
            with np.errstate(invalid="ignore"):
                parts = [
                    np.where(policy[:, a] > 0.0, policy[:, a] * ends[a][side], 0.0)
                    for a in range(study.n_arms)
                ]
            total.append(np.sum(parts, axis=0))
    support = study.outcomes[outcome].support
    return ScoreRow(name, rule.label, support, tuple(lower), tuple(upper), outcome)


def summarise(
    rows: list[ScoreRow],
    sampling: Sampling,
    *,
    level: float,
    target: Cover,
    within: BoolArray | None = None,
) -> dict[str, list[Any]]:
    """Estimate every row.

    Parameters
    ----------
    rows : list of ScoreRow
        The rows.
    sampling : Sampling
        Weights and clusters.
    level : float
        Confidence level.
    target : {"parameter", "set"}
        What an interval covers.
    within : ndarray of shape (n_samples,), bool, optional
        Rows of a group.

    Returns
    -------
    dict of str to list
        Columns of ``bounds_``. Errors and confidence ends are NaN where the range was
        taken from the sample: its error follows no regular law.
    """
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            *("estimand", "method", "lower", "upper", "se_lower", "se_upper"),
            *("ci_lower", "ci_upper", "width", "support"),
        )
    }
    for row in rows:
        lower, upper = both_ends(row, sampling, within)
        low, high = imbens_manski(
            lower.value,
            upper.value,
            lower.se,
            upper.se,
            n=sampling.size,
            level=level,
            target=target,
            df=sampling.degrees(within),
        )
        known = row.support != "observed"
        entry = (
            *(row.estimand, row.method, lower.value, upper.value),
            *((lower.se, upper.se, low, high) if known else (np.nan,) * 4),
            *(upper.value - lower.value, row.support),
        )
        for name, value in zip(columns, entry, strict=True):
            columns[name].append(value)
    return columns


def both_ends(
    row: ScoreRow, sampling: Sampling, within: BoolArray | None = None
) -> tuple[End, End]:
    """Estimates of both ends over the repetitions."""
    each = [
        sampling.averages(np.column_stack(pair), within)
        for pair in zip(row.lower, row.upper, strict=True)
    ]
    return _median(each, 0), _median(each, 1)


def _median(each: list[Averages], k: int) -> End:
    """Median of the estimates; its variance counts their spread."""
    values = np.array([a.mean[k] for a in each])
    value = float(np.median(values))
    if not np.isfinite(value):
        return End(value, 0.0)
    square = np.array([a.se[k] for a in each]) ** 2 + (values - value) ** 2
    return End(value, float(np.sqrt(np.median(square))))
