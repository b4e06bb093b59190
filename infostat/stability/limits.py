"""What limits a comparison, said once a call whatever the number of comparisons."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from infostat.exceptions import InfostatWarning
from infostat.stability.snapshot import Snapshot

if TYPE_CHECKING:
    from infostat.stability.report import Comparison

__all__ = ["new_segments", "warn_of_clusters", "warn_of_limits", "warn_of_split"]

FEW = 20
"""Rows, or clusters, below which the matched law is approximate."""


def new_segments(reference: Snapshot, current: Snapshot) -> list[str]:
    """Segments that a reference with segments lacks."""
    if not reference.segments:
        return []
    return [name for name in current.segments if name not in reference.segments]


def warn_of_limits(found: Sequence[Comparison], new: Sequence[str]) -> None:
    """Say once what limits the comparisons, whatever their number.

    Parameters
    ----------
    found : sequence of Comparison
        Comparisons of one call.
    new : sequence of str
        Segments that the reference lacks.
    """
    if new:
        warnings.warn(
            f"The segments {sorted(set(new))} do not occur in the reference and are "
            f"compared within the total only: fit a reference that has them.",
            InfostatWarning,
            stacklevel=4,
        )
    merged = [c for c in found if c.psi.n_merged]
    if merged:
        features = dict.fromkeys(c.feature for c in merged)
        warnings.warn(
            f"Sparse bins were merged before inference in {len(merged)} of {len(found)} "
            f"comparisons (of {', '.join(features)}; see n_merged): these indices speak "
            f"of coarser bins. Use fewer bins, longer periods or larger segments.",
            InfostatWarning,
            stacklevel=4,
        )
    moved = [c for c in found if c.psi.open_above]
    if moved:
        features = dict.fromkeys(c.feature for c in moved)
        warnings.warn(
            f"{', '.join(features)}: at most one bin is shared with the reference in "
            f"{len(moved)} of {len(found)} comparisons, so nothing limits these indices "
            f"from above. Look whether the feed broke, then fit a new reference.",
            InfostatWarning,
            stacklevel=4,
        )
    small = [c for c in found if c.smaller < FEW]
    if small:
        where = dict.fromkeys(f"{c.period}/{c.segment}" for c in small)
        warnings.warn(
            f"Fewer than {FEW} rows (or clusters) in {', '.join(list(where)[:5])}: the "
            f"intervals are approximate. Pool periods or segments.",
            InfostatWarning,
            stacklevel=4,
        )


def warn_of_clusters(reference: Snapshot, parts: Mapping[str, Snapshot]) -> None:
    """Say what the errors cannot allow for: samples that share clusters, or lack them.

    Parameters
    ----------
    reference : Snapshot
        Counts of the reference.
    parts : mapping of str to Snapshot
        Counts of later samples, by period.
    """
    shared = {label: reference.shared(part) for label, part in parts.items()}
    both = [label for label, count in shared.items() if count]
    if both:
        warnings.warn(
            f"{sum(shared.values())} clusters of {both[:5]} stand in the reference too, "
            f"and the samples are taken as independent: where accounts keep to their "
            f"bins, errors are too large and alarms too few. Count both dates together "
            f"(infostat.counts.tabulate_pairs or tabulate_clusters) and give the tables "
            f"to population_stability_index.",
            InfostatWarning,
            stacklevel=4,
        )
    mixed = [
        label
        for label, part in parts.items()
        if (part.products is None) != (reference.products is None)
    ]
    if mixed:
        has = "the reference" if reference.products is not None else f"{mixed[:5]}"
        warnings.warn(
            f"Of the two samples only {has} has clusters, and the rows of the other are "
            f"taken as independent: give clusters= for both, np.arange(n_samples) where "
            f"every row stands alone.",
            InfostatWarning,
            stacklevel=4,
        )


def warn_of_split(count: int) -> None:
    """Say that clusters lie in several batches of a period."""
    if count:
        warnings.warn(
            f"{count} clusters stand in an earlier batch of their period, and the "
            f"batches are taken as independent, which makes errors too small: give all "
            f"rows of a cluster in one batch.",
            InfostatWarning,
            stacklevel=5,
        )
