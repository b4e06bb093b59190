"""One policy for bins that lack a class: one row of the rarer class, and its like.

Evidence of a bin without events is infinite, and mass in proportion to the bin's size
does not help: a bin of three rows would get the same extreme evidence as one of three
hundred. One row of the rarer class and as many of the other as come with it on average
pull a bin towards no evidence, the more the fewer rows it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_choice, read_number
from infostat.counts import CountTable
from infostat.exceptions import InfostatError
from infostat.inference.measure import WeightType, effective_sizes, spreads
from infostat.inference.options import check_weight_type

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
        Filled bins that lack a class: their evidence rests on the added rows.
    """

    p: FloatArray
    q: FloatArray
    p_spread: FloatArray
    q_spread: FloatArray
    filled: npt.NDArray[np.bool_]
    smoothed: npt.NDArray[np.bool_]


def smooth_shares(
    table: CountTable,
    smoothing: Smoothing = "auto",
    *,
    weight_type: WeightType = "frequency",
) -> Shares:
    r"""Turn a count table into positive shares.

    Parameters
    ----------
    table : CountTable
        Two classes, each with weight.
    smoothing : {"auto", "none"} or float, default="auto"
        "auto" adds nothing to bins with both classes. A bin that lacks one gets a row
        of the rarer class and rows of the other in the proportion of all rows, so that
        its evidence is pulled towards none, by more the fewer rows it has, and the
        evidence of the other bins stays what it is. A number is a mass to add to each
        class, spread over all bins like the pooled shares.
    weight_type : {"frequency", "sampling"}, default="frequency"
        See :func:`infostat.inference.measure`.

    Returns
    -------
    Shares

    Raises
    ------
    InfostatError
        If a class is empty, a bin lacks a class and smoothing is "none", or an option is
        unknown.

    Notes
    -----
    With :math:`\delta = 1/\min(n_1, n_0)` a bin that lacks a class has the shares
    :math:`p_j + \delta` and :math:`q_j + \delta`, before all are scaled to sum to
    one. The error of such a bin is about one, that of the added row: an interval covers
    where evidence is moderate (standard deviation over bins of up to about one), and no
    error can tell how extreme a bin is in which an outcome was never seen.
    """
    check_weight_type(weight_type)
    if isinstance(smoothing, str):
        read_choice(smoothing, "smoothing", ("auto", "none"), " or a mass >= 0")
    else:
        smoothing = read_number(smoothing, "smoothing", low=0.0)
    totals = table.totals
    if totals.shape != (2,) or (totals <= 0).any():
        msg = (
            f"Evidence needs events and non-events, got class totals "
            f"{totals.tolist()}: pool periods or segments until both occur."
        )
        raise InfostatError(msg)
    filled = table.weight.sum(axis=1) > 0
    smoothed = filled & (table.weight.min(axis=1) <= 0)
    shares, spread = table.weight[filled] / totals, spreads(table, weight_type)[filled]
    # One row of a weighted class is one over its effective size of the class.
    sizes = effective_sizes(table, weight_type)
    if smoothing == "auto":
        added = np.outer(smoothed[filled], [1.0, 1.0]) / sizes.min()
    else:
        mass = _mass(smoothing, table, smoothed)
        added = np.outer(shares @ (sizes / sizes.sum()), mass / sizes)
    scale = 1.0 + added.sum(axis=0)
    spread = (spread + added / sizes) / scale
    shares = (shares + added) / scale
    return Shares(
        p=shares[:, 1],
        q=shares[:, 0],
        p_spread=spread[:, 1],
        q_spread=spread[:, 0],
        filled=filled,
        smoothed=smoothed,
    )


def _mass(
    smoothing: Smoothing, table: CountTable, lacking: npt.NDArray[np.bool_]
) -> float:
    """Mass that was asked for, where it makes every share positive."""
    if smoothing != "none":
        mass = float(smoothing)
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
