"""One policy for bins that lack a class: mass in proportion to the pooled shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from infostat.counts import CountTable
from infostat.exceptions import InfostatError
from infostat.inference.measure import WeightType, effective_sizes, spreads

__all__ = ["Shares", "Smoothing", "smooth_shares"]

FloatArray = npt.NDArray[np.float64]
Smoothing = Literal["auto", "none"] | float


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of both classes over the filled bins, with their spreads.

    Attributes
    ----------
    p, q : ndarray of shape (n_filled,)
        Shares of events and of non-events, smoothed where needed; positive.
    p_spread, q_spread : ndarray of shape (n_filled,)
        Their spreads, see :mod:`infostat.inference.delta`.
    filled : ndarray of shape (n_bins,), bool
        Bins in which at least one class occurs.
    smoothed : ndarray of shape (n_bins,), bool
        Filled bins that lack a class: their evidence rests on the added mass.
    mass : float
        Rows added to each class; zero without smoothing.
    """

    p: FloatArray
    q: FloatArray
    p_spread: FloatArray
    q_spread: FloatArray
    filled: npt.NDArray[np.bool_]
    smoothed: npt.NDArray[np.bool_]
    mass: float


def smooth_shares(
    table: CountTable,
    smoothing: Smoothing = "auto",
    *,
    weight_type: WeightType = "frequency",
) -> Shares:
    """Turn a count table into positive shares.

    Parameters
    ----------
    table : CountTable
        Two classes, each with weight.
    smoothing : {"auto", "none"} or float, default="auto"
        "auto" adds nothing while every filled bin has both classes, and otherwise half
        a row a bin to each class, spread like the pooled shares: this pulls towards no
        evidence, whereas equal mass a cell would pull the smaller class towards the
        uniform law and invent evidence. A number is the mass to add to each class.
    weight_type : {"frequency", "sampling"}, default="frequency"
        See :func:`infostat.inference.measure`.

    Returns
    -------
    Shares

    Raises
    ------
    InfostatError
        If a class is empty, or a bin lacks a class and smoothing is "none".
    """
    totals = table.totals
    if totals.shape != (2,) or (totals <= 0).any():
        msg = (
            f"Evidence needs events and non-events, got class totals "
            f"{totals.tolist()}: pool periods or segments until both occur."
        )
        raise InfostatError(msg)
    filled = table.weight.sum(axis=1) > 0
    smoothed = filled & (table.weight.min(axis=1) <= 0)
    mass = _mass(smoothing, int(filled.sum()), table, smoothed)
    weight, spread = table.weight[filled], spreads(table, weight_type)[filled]
    sizes = effective_sizes(table, weight_type)
    pooled = (weight / totals) @ (sizes / sizes.sum())
    # One row of a weighted class weighs total / effective size on average.
    added = mass * totals / sizes
    shares = (weight + np.outer(pooled, added)) / (totals + added)
    if mass:
        spread = (spread * totals + np.outer(pooled, added / sizes)) / (totals + added)
    return Shares(
        p=shares[:, 1],
        q=shares[:, 0],
        p_spread=spread[:, 1],
        q_spread=spread[:, 0],
        filled=filled,
        smoothed=smoothed if mass else np.zeros_like(smoothed),
        mass=mass,
    )


def _mass(
    smoothing: Smoothing,
    n_filled: int,
    table: CountTable,
    lacking: npt.NDArray[np.bool_],
) -> float:
    if smoothing == "auto":
        return n_filled / 2.0 if lacking.any() else 0.0
    if smoothing != "none":
        mass = float(smoothing)
        if not np.isfinite(mass) or mass < 0:
            msg = f"smoothing must be 'auto', 'none' or a mass >= 0, got {smoothing!r}."
            raise InfostatError(msg)
        if mass > 0 or not lacking.any():
            return mass
    if lacking.any():
        names = [table.labels[k] for k in np.flatnonzero(lacking)]
        msg = (
            f"The bins {names} lack a class, so their evidence is infinite: merge them "
            f"or use smoothing='auto'."
        )
        raise InfostatError(msg)
    return 0.0
