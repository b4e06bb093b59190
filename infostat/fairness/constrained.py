"""Logistic coefficients under limits on the mean score gap between groups.

The gap between the mean scores of two groups is linear in the coefficients, so the
problem is convex. It only steers: what counts is the divergence of the rounded score's
bands, which the caller measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from infostat._threads import one_thread
from infostat.exceptions import InfostatError

__all__ = ["Coefficients", "GapProblem", "GivenCoefficients"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Coefficients:
    """A fitted linear score.

    Attributes
    ----------
    intercept : float
        Log-odds of the event with all columns zero.
    values : ndarray of shape (n_columns,)
        Log-odds per unit of evidence.
    """

    intercept: float
    values: FloatArray


class GapProblem:
    """Maximum likelihood with ``|mean gap| <= c`` for every comparison.

    Parameters
    ----------
    design : ndarray of shape (n_samples, n_columns)
        Evidence, event over non-event.
    events : ndarray of shape (n_samples,)
        1 for events.
    gaps : ndarray of shape (n_comparisons, n_columns)
        Mean evidence of the protected group less that of the reference group.
    weight : ndarray of shape (n_samples,), optional
        Frequency weights.
    monotone : bool, default=True
        Keep coefficients from turning negative, which would reverse a feature's
        evidence.
    """

    def __init__(
        self,
        design: FloatArray,
        events: npt.NDArray[Any],
        gaps: FloatArray,
        weight: FloatArray | None = None,
        *,
        monotone: bool = True,
    ) -> None:
        # Rows with equal evidence are one row: a card has few distinct ones.
        rows, place = np.unique(design, axis=0, return_inverse=True)
        w = np.ones(len(design)) if weight is None else weight
        place = np.ravel(place)
        self.design = np.column_stack([np.ones(len(rows)), rows])
        self.size = np.bincount(place, weights=w, minlength=len(rows))
        self.ones = np.bincount(place, weights=w * events, minlength=len(rows))
        self.total = float(w.sum())
        self.gaps = np.column_stack([np.zeros(len(gaps)), gaps])
        self.monotone = monotone
        self._start: FloatArray | None = None

    def solve(self, limit: float) -> Coefficients:
        """Coefficients under a limit on the mean gap.

        Parameters
        ----------
        limit : float
            Largest absolute gap of the mean log-odds; infinite for none.

        Returns
        -------
        Coefficients

        Raises
        ------
        InfostatError
            If the optimiser fails.
        """
        from scipy.optimize import minimize

        n = self.design.shape[1]
        if self._start is None:
            rate = self.ones.sum() / self.total
            self._start = np.append(np.log(rate / (1.0 - rate)), np.zeros(n - 1))
        lower = [None, *([0.0] if self.monotone else [None]) * (n - 1)]
        constraints = []
        if np.isfinite(limit):
            both = np.vstack([self.gaps, -self.gaps])
            constraints = [
                {
                    "type": "ineq",
                    "fun": lambda b: limit - both @ b,
                    "jac": lambda _: -both,
                }
            ]
        with one_thread():
            found: Any = minimize(
                self._loss,
                self._start,
                jac=True,
                method="SLSQP",
                bounds=[(low, None) for low in lower],
                constraints=constraints,
                options={"maxiter": 500, "ftol": 1e-10},
            )  # type: ignore[call-overload]
        if not np.isfinite(found.fun) or found.status not in (0, 8):
            msg = (
                f"The constrained regression did not converge ({found.message}): use "
                f"fewer bins or features."
            )
            raise InfostatError(msg)
        return Coefficients(float(found.x[0]), found.x[1:])

    def _loss(self, coefficients: FloatArray) -> tuple[float, FloatArray]:
        """Mean logistic loss and its gradient."""
        log_odds = self.design @ coefficients
        loss = self.size @ np.logaddexp(0.0, log_odds) - self.ones @ log_odds
        slope = self.design.T @ (self.size * expit(log_odds) - self.ones)
        return float(loss / self.total), slope / self.total


class GivenCoefficients:
    """A linear classifier whose coefficients are known before it sees data.

    The last step of a :class:`infostat.ScorecardClassifier` whose coefficients were
    found elsewhere.

    Parameters
    ----------
    intercept : float
        Intercept.
    coefficients : sequence of float
        Coefficients.
    """

    def __init__(self, intercept: float = 0.0, coefficients: Any = ()) -> None:
        self.intercept = intercept
        self.coefficients = coefficients

    def get_params(self, *, deep: bool = True) -> dict[str, Any]:
        """Parameters by name, as scikit-learn's ``clone`` asks for them."""
        del deep
        return {"intercept": self.intercept, "coefficients": self.coefficients}

    def set_params(self, **parameters: Any) -> GivenCoefficients:
        """Set parameters by name."""
        for name, value in parameters.items():
            setattr(self, name, value)
        return self

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> GivenCoefficients:
        """Take the given coefficients."""
        del X, y, sample_weight
        self.intercept_ = np.array([float(self.intercept)])
        self.coef_ = np.array([self.coefficients], dtype=float)
        return self

    def __repr__(self) -> str:
        return f"GivenCoefficients({self.intercept!r}, {self.coefficients!r})"
