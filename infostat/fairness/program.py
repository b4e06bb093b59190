"""Integer programmes: the only file that speaks to PuLP, which hands them to HiGHS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["GAP", "SCALE", "Answer", "LinearProgram"]

FloatArray = npt.NDArray[np.float64]

GAP = 1e-9
"""Relative gap asked of the solver; its default would lose points of a frontier."""

SCALE = 1e4
"""Caps and values are scaled to this, far above the solver's absolute tolerances."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What the solver says.

    Attributes
    ----------
    values : ndarray of shape (n_variables,) or None
        The best solution found; None where there is none.
    bound : float
        No solution has a smaller objective.
    status : str
        "optimal", "time limit" or "infeasible".
    """

    values: FloatArray | None
    bound: float
    status: str


class LinearProgram:
    """Minimise a sum of binary variables under linear constraints.

    Always a minimisation: PuLP 3.3 passes a maximisation negated, and with it the sign
    of the bound. PuLP 3.3 and 4 are asked in the same words.
    """

    def __init__(self) -> None:
        import pulp

        _silence_banner()
        self._model = pulp.LpProblem("frontier", pulp.LpMinimize)
        self._variables: list[Any] = []

    def binary(self) -> int:
        """Add a binary variable and return its number."""
        name = f"x{len(self._variables)}"
        self._variables.append(self._model.add_variable(name, 0, 1, "Integer"))
        return len(self._variables) - 1

    def row(
        self,
        coefficients: Mapping[int, float],
        *,
        low: float | None = None,
        high: float | None = None,
    ) -> None:
        """Keep a sum of variables between two limits.

        Parameters
        ----------
        coefficients : mapping of int to float
            Coefficient of each variable.
        low, high : float, optional
            Limits; equal ones make an equation.
        """
        total = self._sum(coefficients)
        if low is not None and low == high:
            self._model += total == low
            return
        if low is not None:
            self._model += total >= low
        if high is not None:
            self._model += total <= high

    def minimise(self, costs: npt.ArrayLike) -> None:
        """Set the objective, one cost a variable."""
        self._model.setObjective(self._sum(dict(enumerate(np.asarray(costs, float)))))

    def run(self, time_limit: float | None = None) -> Answer:
        """Solve.

        Parameters
        ----------
        time_limit : float, optional
            Seconds; then the best solution and the best bound so far are returned.

        Returns
        -------
        Answer
        """
        import pulp

        solver = pulp.HiGHS(msg=False, timeLimit=time_limit, gapRel=GAP)
        self._model.solve(solver)
        # The status PuLP returns calls a time limit a success; the solver's does not.
        highs = self._model.solverModel
        status = str(highs.getModelStatus()).rsplit(".", 1)[-1]
        if status in ("kInfeasible", "kUnboundedOrInfeasible"):
            return Answer(None, np.inf, "infeasible")
        information = highs.getInfo()
        values = [variable.value() for variable in self._variables]
        found = np.array(values, dtype=float) if None not in values else None
        if not np.isfinite(information.objective_function_value):
            found = None
        said = "optimal" if status == "kOptimal" else "time limit"
        return Answer(found, float(information.mip_dual_bound), said)

    def _sum(self, coefficients: Mapping[int, float]) -> Any:
        import pulp

        terms = [(self._variables[k], float(a)) for k, a in coefficients.items() if a]
        # PuLP 4 has a constructor of its own for a list of terms.
        build = getattr(pulp.LpAffineExpression, "from_list", pulp.LpAffineExpression)
        return build(terms)


@lru_cache(maxsize=1)
def _silence_banner() -> None:
    """Make the first solver of the process with standard output shut.

    HiGHS writes its banner to file descriptor 1 then, whatever its options say, and a
    command that prints JSON would be spoilt.
    """
    import highspy

    try:
        kept = os.dup(1)
    except OSError:  # there is no standard output
        return
    quiet = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(quiet, 1)
        highspy.Highs()  # type: ignore[no-untyped-call]
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(quiet)
