"""Counts of the score at fit: the reference of its own drift, kept in the audit record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.counts import CountTable
from infostat.counts.array_engine import count_codes
from infostat.exceptions import DocumentError

__all__ = ["KEY", "read_score_counts", "write_score_counts"]

FloatArray = npt.NDArray[np.float64]

KEY = "score_counts"
"""Name in the audit record."""

BANDS = 10

DAMAGED = "The score counts of the card are damaged ({}): write the card again."


def write_score_counts(points: FloatArray, events: npt.NDArray[Any]) -> dict[str, Any]:
    """Count the scores of the fit in bands of about equal size.

    Parameters
    ----------
    points : ndarray of shape (n_samples,)
        Scores.
    events : ndarray of shape (n_samples,)
        1 for events.

    Returns
    -------
    dict
        ``cuts``, half-way between two neighbouring scores, so that no rounding moves a
        row; ``non_events`` and ``events`` by band. Ready for JSON.
    """
    ordered = np.sort(points)
    cuts = set()
    for place in (np.arange(1, BANDS) * len(ordered)) // BANDS:
        # The score at the place closes its band; tied scores stay together.
        after = np.searchsorted(ordered, ordered[place], side="right")
        if after < len(ordered):
            cuts.add(float(0.5 * (ordered[place] + ordered[after])))
    bins = Bins.numeric("score", sorted(cuts))
    table = count_codes(bins.codes(points), events, bins.labels)
    filled = table.rows[bins.first :]
    return {
        "cuts": sorted(cuts),
        "non_events": filled[:, 0].tolist(),
        "events": filled[:, 1].tolist(),
    }


def read_score_counts(audit: Mapping[str, Any]) -> tuple[Bins, CountTable] | None:
    """Bands of the score and their counts at fit.

    Parameters
    ----------
    audit : mapping
        Audit record of a card.

    Returns
    -------
    bins : Bins
        Bands.
    table : CountTable
        Non-events and events of the fit; None in place of both where the card keeps no
        counts.

    Raises
    ------
    DocumentError
        If the record was damaged.
    """
    if KEY not in audit:
        return None
    try:
        stored = audit[KEY]
        bins = Bins.numeric("score", [float(cut) for cut in stored["cuts"]])
        filled = np.array([stored["non_events"], stored["events"]], dtype=np.int64).T
        rows = np.zeros((bins.n_bins, 2), dtype=np.int64)
        rows[bins.first :] = filled
        sound = bool((rows >= 0).all() and rows.any())
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise DocumentError(DAMAGED.format(error)) from error
    if not sound:
        raise DocumentError(DAMAGED.format("no counts, or negative ones"))
    weight = rows.astype(np.float64)
    return bins, CountTable(rows, weight, weight, bins.labels)
