"""The paper's aggregation of divergences: an order statistic of their ends."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from infostat._arrays import read_choice, read_count, read_numbers
from infostat.causal.radius import OUTER

__all__ = ["aggregate_columns", "order_ends"]


def order_ends(
    lower: Any, upper: Any, k: int | Literal["adaptive"]
) -> tuple[float, float, int]:
    """Take the k-th largest lower and the k-th smallest upper end.

    Parameters
    ----------
    lower, upper : array-like of shape (n_bounds,)
        Ends of several intervals for one parameter.
    k : int or "adaptive"
        Rank; "adaptive" takes the smallest one whose ends do not cross. A rank above
        the number of intervals is the loosest of them.

    Returns
    -------
    lower, upper : float
        In the units of the ends; infinite where too few ends are finite.
    k : int
        Rank used.

    Raises
    ------
    InfostatError
        If the ends are empty, NaN, or as many lower as upper ones are not given, or the
        rank is not a whole number of at least 1.

    Notes
    -----
    arXiv 2601.17160, section 5. It is valid where at least ``n - k + 1`` intervals are.
    Ends that were chosen for being extreme err inwards, and no interval is given.
    """
    if isinstance(k, str):
        read_choice(k, "k", ("adaptive",), " or a whole number of at least 1")
    else:
        k = read_count(k, "k")
    falling = np.sort(read_numbers(lower, "lower", low=-np.inf, high=np.inf))[::-1]
    rising = np.sort(
        read_numbers(upper, "upper", shape=falling.shape, low=-np.inf, high=np.inf)
    )
    if isinstance(k, str):
        rank = next(
            (j for j in range(1, len(rising)) if falling[j - 1] <= rising[j - 1]),
            len(rising),
        )
    else:
        rank = min(k, len(rising))
    return float(falling[rank - 1]), float(rising[rank - 1]), rank


def aggregate_columns(columns: dict[str, list[Any]], k: Any) -> None:
    """Append one aggregated row an estimand to the columns of ``bounds_``.

    Parameters
    ----------
    columns : dict of str to list
        Columns, extended in place by the aggregates over the divergences in them.
    k : int or "adaptive"
        Rank, as in :func:`order_ends`.
    """
    outer = [
        i
        for i, method in enumerate(columns["method"])
        if method in OUTER or method.startswith(("power", "dual_risk", "hockey"))
    ]
    for name in dict.fromkeys(columns["estimand"][i] for i in outer):
        chosen = [i for i in outer if columns["estimand"][i] == name]
        low, high, rank = order_ends(
            [columns["lower"][i] for i in chosen],
            [columns["upper"][i] for i in chosen],
            k,
        )
        support = columns["support"][chosen[0]]
        label = f"order {rank} of {len(chosen)}"
        entry = (name, label, low, high, *(np.nan,) * 4, high - low, support)
        for key, value in zip(columns, entry, strict=True):
            columns[key].append(value)
