"""Functionals of the outcome: what is averaged, and the range it has by construction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError

__all__ = ["Functional", "read_functionals"]

FloatArray = npt.NDArray[np.float64]

NAMES = ("mean", "cdf", "quantile", "winsorised_mean")


@dataclass(frozen=True, eq=False)
class Functional:
    """One functional of the outcome.

    Attributes
    ----------
    label : str
        Text with ``{}`` for the potential outcome, such as ``E[{}]``.
    contrast : str
        Text for a difference, with two places.
    apply : callable
        Maps outcomes to values, both ndarray of shape (n_samples,).
    support : tuple of float or None
        Range that holds by construction; None where the user must give it.
    """

    label: str
    contrast: str
    apply: Callable[[FloatArray], FloatArray]
    support: tuple[float, float] | None = None


def read_functionals(functional: Any, at: Any) -> list[Functional]:
    """Build the functionals that the constructor's parameters name.

    Parameters
    ----------
    functional : {"mean", "cdf", "winsorised_mean"} or callable
        What is averaged. Quantiles are inverted distribution functions and have a
        module of their own.
    at : float, sequence of float or None
        Thresholds of "cdf", the two limits of "winsorised_mean".

    Returns
    -------
    list of Functional

    Raises
    ------
    InfostatError
        If ``at`` is missing or does not fit.
    """
    if callable(functional):
        return [Functional("E[f({})]", "E[f({}) - f({})]", _checked_call(functional))]
    if functional == "mean":
        if at is not None:
            msg = f"functional='mean' takes no at, got {at!r}: leave it out."
            raise InfostatError(msg)
        return [Functional("E[{}]", "E[{} - {}]", _identity)]
    points = numbers_at(functional, at)
    if functional == "cdf":
        return [
            Functional(
                f"P({{}} <= {t:g})",
                f"P({{}} <= {t:g}) - P({{}} <= {t:g})",
                partial(_at_most, threshold=t),
                (0.0, 1.0),
            )
            for t in points
        ]
    if len(points) != 2 or not points[0] < points[1]:
        msg = (
            f"functional='winsorised_mean' needs at=(low, high) with low < high, got "
            f"{at!r}: give the two limits in the units of the outcome."
        )
        raise InfostatError(msg)
    low, high = points
    inside = f"clip({{}}, {low:g}, {high:g})"
    return [
        Functional(
            f"E[{inside}]",
            f"E[{inside} - {inside}]",
            lambda y: np.clip(y, low, high),
            (low, high),
        )
    ]


def numbers_at(functional: str, at: Any) -> list[float]:
    """Points of a functional as finite numbers, raise where there are none."""
    points = [] if at is None else np.atleast_1d(np.asarray(at, dtype=float)).tolist()
    if not points or not np.isfinite(points).all():
        wanted = {
            "cdf": "one or more thresholds in the units of the outcome",
            "quantile": "one or more probabilities between 0 and 1",
            "winsorised_mean": "the two limits (low, high)",
        }[functional]
        msg = f"functional={functional!r} needs at= {wanted}, got {at!r}."
        raise InfostatError(msg)
    return [float(p) for p in points]


def _at_most(y: FloatArray, threshold: float) -> FloatArray:
    return (y <= threshold).astype(np.float64)


def _identity(y: FloatArray) -> FloatArray:
    return y


def _checked_call(
    functional: Callable[[Any], Any],
) -> Callable[[FloatArray], FloatArray]:
    def apply(y: FloatArray) -> FloatArray:
        values = np.asarray(functional(y), dtype=np.float64)
        if values.shape != y.shape or not np.isfinite(values).all():
            msg = (
                f"The functional must return one finite number for each outcome, got "
                f"shape {values.shape} for {y.shape}: write it for arrays."
            )
            raise InfostatError(msg)
        return values

    return apply
