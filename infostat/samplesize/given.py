"""Whether coefficients found elsewhere are the maximum of this likelihood."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.samplesize.assess import Assessment
from infostat.samplesize.likelihood import GLMFit, evaluated_fit, independent_columns
from infostat.samplesize.problem import Problem
from infostat.samplesize.reading import REFIT, Reading
from infostat.samplesize.responses import Gaussian

__all__ = ["given_fit", "refuse_other_maximum"]

FloatArray = npt.NDArray[np.float64]

TOLERANCE = 0.01
"""Distance from the maximum that is allowed, as a share of the leading risk."""


def given_fit(problem: Problem, reading: Reading) -> GLMFit | None:
    """Fit at the coefficients that a model came with.

    Parameters
    ----------
    problem : Problem
        Data.
    reading : Reading
        Model.

    Returns
    -------
    GLMFit or None
        None where the model is to be fitted anew.

    Raises
    ------
    InfostatError
        If the columns are redundant, so that coefficients are not determined, or a
        variance is needed and no outcomes are given.
    """
    if reading.coef is None:
        return None
    columns, mass = problem.columns(), problem.mass()
    if len(reading.coef) != columns.shape[1]:
        msg = (
            f"The model has {len(reading.coef)} coefficients and X gives "
            f"{columns.shape[1]} columns: pass the rows of the fit."
        )
        raise InfostatError(msg)
    response = reading.response
    offset = 0.0 if problem.offset is None else problem.offset
    eta = columns @ reading.coef + offset
    if isinstance(response, Gaussian):
        if reading.outcome is None:
            msg = "The variance of a Gaussian model is estimated from y: pass y."
            raise InfostatError(msg)
        square = float(mass @ (reading.outcome.y - eta)[:, 0] ** 2)
        free = problem.n - len(reading.coef)
        response = replace(response, variance=square * problem.n / max(free, 1.0))
    if len(independent_columns(columns, mass)) < columns.shape[1]:
        if reading.outcome is not None:
            return None
        msg = (
            "Columns of X are combinations of others, so the coefficients are not "
            "determined: drop a reference level, or pass y to fit anew."
        )
        raise InfostatError(msg)
    return evaluated_fit(columns, reading.coef, eta, response, mass, problem.n)


def refuse_other_maximum(fitted: Any, given: GLMFit, found: Assessment) -> None:
    """Refuse coefficients that do not maximise the likelihood of these rows.

    Parameters
    ----------
    fitted : object
        Model, for its name.
    given : GLMFit
        Fit at its coefficients.
    found : Assessment
        Assessment at the maximum.

    Raises
    ------
    InfostatError
        If the divergence from the maximum exceeds a hundredth of ``p/(2n)``.
    """
    fit = found.fit
    if fit is None:
        return
    gap = float(fit.mass @ fit.response.divergence(fit.eta, given.eta))
    if gap > TOLERANCE * fit.p / (2.0 * fit.n):
        msg = (
            f"The coefficients of {type(fitted).__name__} are {gap:.2g} nats away from "
            f"the maximum of the likelihood of these rows (other rows, a penalty, or no "
            f"convergence), but {REFIT}."
        )
        raise InfostatError(msg)
