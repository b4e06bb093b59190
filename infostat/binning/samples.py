"""Rows in several roles: samples that share a binning, halves that choose and count."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
from sklearn.utils import check_random_state

from infostat._sklearn import Target
from infostat.binning.bins import Bins
from infostat.counts import CountTable
from infostat.counts.array_engine import count_values
from infostat.exceptions import InfostatError

__all__ = ["count_samples", "halves", "read_samples"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MOST_SAMPLES = 64
"""Samples whose tables are counted in one pass with 8-bit classes."""


def read_samples(samples: Any, target: Target) -> IntArray | None:
    """Number the samples; None where there is one only.

    Raises
    ------
    InfostatError
        If there is not one name a row, or a sample lacks a class.
    """
    if samples is None:
        return None
    if isinstance(
        nw.from_native(samples, pass_through=True, allow_series=True), nw.Series
    ):
        samples = nw.from_native(samples, series_only=True).to_numpy()
    names = np.asarray(samples)
    if names.shape != target.y.shape:
        msg = (
            f"samples must name the sample of each of {target.y.size} rows, got shape "
            f"{names.shape}."
        )
        raise InfostatError(msg)
    distinct, codes = np.unique(names.astype(str), return_inverse=True)
    if distinct.size > MOST_SAMPLES:
        msg = (
            f"samples name {distinct.size} samples: at most {MOST_SAMPLES} can share a "
            f"binning. Group them."
        )
        raise InfostatError(msg)
    events = np.bincount(codes, weights=target.y)
    rows = np.bincount(codes)
    for name, n_events, n_rows in zip(distinct, events, rows, strict=True):
        if n_events in (0, n_rows):
            lacking = "events" if n_events == 0 else "non-events"
            msg = f"Sample {str(name)!r} has no {lacking}: join it with another one."
            raise InfostatError(msg)
    return codes.astype(np.intp) if distinct.size > 1 else None


def count_samples(
    bins: Bins,
    values: Any,
    classes: npt.NDArray[np.uint8],
    samples: IntArray | None,
    weight: FloatArray | None,
) -> tuple[CountTable, ...]:
    """Count a column in each sample, in one pass.

    Returns
    -------
    tuple of CountTable
        Empty where there is one sample only.
    """
    if samples is None:
        return ()
    n_samples = int(samples.max()) + 1
    cells = (2 * samples + classes).astype(np.uint8)
    both = count_values(values, bins, cells, weight=weight, n_classes=2 * n_samples)
    return tuple(
        CountTable(
            both.rows[:, k : k + 2],
            both.weight[:, k : k + 2],
            both.squared[:, k : k + 2],
            both.labels,
        )
        for k in range(0, 2 * n_samples, 2)
    )


def halves(
    classes: npt.NDArray[np.uint8], random_state: Any
) -> tuple[IntArray, IntArray]:
    """Rows that choose and rows that count, each with half of either class.

    Raises
    ------
    InfostatError
        If a class has one row only.
    """
    generator = check_random_state(random_state)
    chosen = np.zeros(classes.size, dtype=bool)
    for label, name in ((0, "non-event"), (1, "event")):
        rows = np.flatnonzero(classes == label)
        if rows.size < 2:
            msg = (
                f"The target has one {name} only, which cannot be on both halves: use "
                f"honest=False and selection_test."
            )
            raise InfostatError(msg)
        chosen[generator.permutation(rows)[: (rows.size + 1) // 2]] = True
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)
