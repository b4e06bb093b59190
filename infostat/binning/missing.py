"""Missing values that join an ordinary bin after the bins are known."""

from __future__ import annotations

import numpy as np

from infostat.binning.bins import Bins
from infostat.counts import CountTable
from infostat.divergences import contributions, get_divergence

__all__ = ["join_missing", "send_missing"]


def join_missing(bins: Bins, table: CountTable) -> tuple[Bins, CountTable]:
    """Send missing values to the ordinary bin where the classes stay furthest apart.

    Parameters
    ----------
    bins : Bins
        Bins with missing values in bin 0.
    table : CountTable
        Their counts.

    Returns
    -------
    bins : Bins
    table : CountTable
        Unchanged where there are no missing values, no ordinary ones, or missing values
        were sent to a bin already.

    Notes
    -----
    The bin is the one whose triangular discrimination loses least; unlike the
    information value it is finite where a bin lacks a class.
    """
    filled = np.flatnonzero(table.weight[bins.first :].sum(axis=1) > 0)
    gone = table.weight[0]
    if bins.missing_to or gone.sum() <= 0 or not filled.size:
        return bins, table
    cells = table.weight[bins.first :][filled] / table.totals
    joined = cells + gone / table.totals
    member = get_divergence("triangular")
    change = contributions(joined[:, 1], joined[:, 0], member) - contributions(
        cells[:, 1], cells[:, 0], member
    )
    return send_missing(bins, table, int(filled[change.argmax()]))


def send_missing(bins: Bins, table: CountTable, number: int) -> tuple[Bins, CountTable]:
    """Send missing values to an ordinary bin, counted from zero."""
    codes = np.arange(bins.n_bins)
    codes[0] = bins.first + number
    return bins.merge(0, bins.first + number), table.collapse(codes, bins.labels)
