"""What an assessment of a generalised linear model starts from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.samplesize.columns import Design
from infostat.samplesize.expansion import Order
from infostat.samplesize.glm import GLMOptions
from infostat.samplesize.outcomes import Outcome
from infostat.samplesize.requirement import Requirement

__all__ = ["Method", "Problem", "Settings", "drop_weightless", "read_offset"]

FloatArray = npt.NDArray[np.float64]
Method = Literal["asymptotic", "bootstrap", "parametric-bootstrap"]


@dataclass(frozen=True, eq=False)
class Problem:
    """Data of an assessment.

    Attributes
    ----------
    design : Design
        Columns without the intercept.
    outcome : Outcome or None
        Outcomes; None for a model evaluated without them.
    intercept : bool
        Whether the model has one.
    weight : ndarray of shape (n_rows,) or None
        Weights.
    sampling : bool
        Whether weights undo unequal chances of selection, else repeat rows.
    offset : ndarray of shape (n_rows, q) or None
        Known part of the predictor.
    """

    design: Design
    outcome: Outcome | None
    intercept: bool = True
    weight: FloatArray | None = None
    sampling: bool = False
    offset: FloatArray | None = None

    def mass(self) -> FloatArray:
        """Share of each row."""
        n_rows = len(self.design.matrix)
        weight = np.ones(n_rows) if self.weight is None else self.weight
        return np.asarray(weight / weight.sum())

    @property
    def n(self) -> float:
        """Rows, or their total frequency."""
        if self.weight is None or self.sampling:
            return float(len(self.design.matrix))
        return float(self.weight.sum())

    def columns(self) -> FloatArray:
        """Intercept and columns."""
        if not self.intercept:
            return self.design.matrix
        return np.column_stack([np.ones(len(self.design.matrix)), self.design.matrix])


@dataclass(frozen=True)
class Settings:
    """How to assess.

    Attributes
    ----------
    requirement : Requirement
        Limits.
    options : GLMOptions
        Expansion.
    order : {"pade", 2, 1}
        Form of the risk.
    method : {"asymptotic", "bootstrap", "parametric-bootstrap"}
        Expansion or resampling.
    n_resamples : int
        Resamples.
    check_existence : bool
        Whether to prove separation where the maximum is not certified.
    prior_scale : float
        Standard deviation of the prior of the complexity shown beside the risk.
    """

    requirement: Requirement = field(default_factory=Requirement)
    options: GLMOptions = field(default_factory=GLMOptions)
    order: Order = "pade"
    method: Method = "asymptotic"
    n_resamples: int = 200
    check_existence: bool = True
    prior_scale: float = 1.0


def read_offset(offset: Any, n_rows: int) -> FloatArray | None:
    """Check an offset.

    Parameters
    ----------
    offset : array-like of shape (n_rows,) or None
        Known part of the linear predictor.
    n_rows : int
        Rows of the design.

    Returns
    -------
    ndarray of shape (n_rows, 1) or None

    Raises
    ------
    InfostatError
        If its length is wrong or a value is not finite.
    """
    if offset is None:
        return None
    values = np.asarray(offset, dtype=float).reshape(-1, 1)
    if len(values) != n_rows or not np.isfinite(values).all():
        msg = f"offset must hold {n_rows} finite numbers, got {len(values)}."
        raise InfostatError(msg)
    return values


def drop_weightless(problem: Problem) -> Problem:
    """Leave out rows of weight zero, which say nothing.

    Parameters
    ----------
    problem : Problem
        Data.

    Returns
    -------
    Problem
    """
    if problem.weight is None or problem.weight.all():
        return problem
    kept = np.flatnonzero(problem.weight)
    design, outcome, offset = problem.design, problem.outcome, problem.offset
    return replace(
        problem,
        design=replace(
            design,
            matrix=design.matrix[kept],
            codes={g: code[kept] for g, code in design.codes.items()},
        ),
        outcome=None if outcome is None else replace(outcome, y=outcome.y[kept]),
        weight=problem.weight[kept],
        offset=None if offset is None else offset[kept],
    )
