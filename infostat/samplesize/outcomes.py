"""Outcomes of a regression: which response they belong to, and in which form."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError, InfostatWarning
from infostat.samplesize.responses import (
    Binomial,
    Gaussian,
    Multinomial,
    Poisson,
    Response,
)

__all__ = ["Outcome", "read_outcome"]

FloatArray = npt.NDArray[np.float64]

FAMILIES = ("auto", "binomial", "poisson", "gaussian", "multinomial")


@dataclass(frozen=True, eq=False)
class Outcome:
    """Outcomes with their response.

    Attributes
    ----------
    response : Response
        Response; a Gaussian one has variance one until the fit is known.
    y : ndarray of shape (n_rows, q)
        Outcomes: 0 and 1, counts, numbers, or indicators of all classes but the first.
    classes : ndarray or None
        Labels, sorted, of a binomial or multinomial response.
    """

    response: Response
    y: FloatArray
    classes: npt.NDArray[Any] | None

    def class_codes(self) -> npt.NDArray[np.intp] | None:
        """Number of each row's class; None for numbers and counts."""
        if self.classes is None:
            return None
        if self.response.q == 1:
            return self.y[:, 0].astype(np.intp)
        return np.where(self.y.any(axis=1), self.y.argmax(axis=1) + 1, 0)


def read_outcome(y: Any, family: str = "auto") -> Outcome:
    """Read outcomes and choose the response.

    Parameters
    ----------
    y : array-like or series of shape (n_rows,)
        Outcomes.
    family : {"auto", "binomial", "poisson", "gaussian", "multinomial"}
        "auto" takes two values or labels for binomial, more labels for multinomial,
        whole numbers from zero on for counts (with a warning), other numbers for
        Gaussian.

    Returns
    -------
    Outcome

    Raises
    ------
    InfostatError
        If values are missing, do not suit the family, or are all equal.
    """
    if family not in FAMILIES:
        msg = f"family must be one of {', '.join(FAMILIES)}, got {family!r}."
        raise InfostatError(msg)
    if isinstance(nw.from_native(y, pass_through=True, allow_series=True), nw.Series):
        y = nw.from_native(y, series_only=True).to_numpy()
    values = np.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        msg = f"The outcome y must be one column, got shape {values.shape}."
        raise InfostatError(msg)
    if values.dtype == object or values.dtype.kind in "US":
        values = _labels(values)
    numeric = values.dtype.kind in "iufb"
    if numeric and not np.isfinite(values.astype(float)).all():
        msg = "The outcome y contains NaN or infinity: drop rows without an outcome."
        raise InfostatError(msg)
    levels = np.unique(values)
    if len(levels) < 2:
        msg = (
            f"The outcome has one class only, {levels.tolist()[0]!r}: a model needs "
            f"outcomes that vary."
        )
        raise InfostatError(msg)
    chosen = _family(values, levels, numeric) if family == "auto" else family
    return _build(chosen, values, levels, numeric)


def _labels(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Numbers stay numbers, everything else becomes text."""
    listed = values.tolist()
    if any(v is None or v != v for v in listed):
        msg = "The outcome y contains missing values: drop rows without an outcome."
        raise InfostatError(msg)
    if all(isinstance(v, int | float | bool | np.number) for v in listed):
        return np.array(listed)
    return np.array([str(v) for v in listed])


def _family(values: npt.NDArray[Any], levels: npt.NDArray[Any], numeric: bool) -> str:  # noqa: FBT001
    if len(levels) == 2:
        return "binomial"
    if not numeric:
        return "multinomial"
    if (values % 1 != 0).any() or values.min() < 0:
        return "gaussian"
    warnings.warn(
        f"The outcome holds {len(levels)} different whole numbers and is taken for "
        f"counts (Poisson): say family='multinomial' or family='gaussian' if it is not.",
        InfostatWarning,
        stacklevel=3,
    )
    return "poisson"


def _build(
    family: str,
    values: npt.NDArray[Any],
    levels: npt.NDArray[Any],
    numeric: bool,  # noqa: FBT001
) -> Outcome:
    if family == "binomial":
        if len(levels) != 2:
            msg = (
                f"A binomial outcome has two values, got {len(levels)}: use "
                f"family='multinomial', or encode event against rest."
            )
            raise InfostatError(msg)
        coded = (values == levels[1]).astype(float)
        return Outcome(Binomial(), coded[:, None], levels)
    if family == "multinomial":
        indicator = (values[:, None] == levels[None, 1:]).astype(float)
        if len(levels) == 2:
            return Outcome(Binomial(), indicator, levels)
        return Outcome(Multinomial(len(levels) - 1), indicator, levels)
    if not numeric:
        msg = (
            f"A {family} outcome consists of numbers, got labels {levels.tolist()[:5]}."
        )
        raise InfostatError(msg)
    column = values.astype(float)[:, None]
    if family == "gaussian":
        return Outcome(Gaussian(), column, None)
    if (column < 0).any() or (column % 1 != 0).any():
        msg = "A Poisson outcome consists of whole counts, zero or more."
        raise InfostatError(msg)
    return Outcome(Poisson(), column, None)
