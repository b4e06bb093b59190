"""What a binning must tell the engines, and the order of its bins.

Bin 0 holds missing values, bins 1 to S the S special values, then (categorical features
only) one bin holds unseen levels, then come the ordinary bins. Every engine follows
this file.
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["Partition", "first_ordinary", "unseen_bin"]


class Partition(Protocol):
    """Bins of one feature, as the engines see them."""

    @property
    def feature(self) -> str:
        """Name of the feature."""

    @property
    def cuts(self) -> tuple[float, ...] | None:
        """Increasing cuts of a numeric feature, right-closed; None for levels."""

    @property
    def groups(self) -> tuple[tuple[str, ...], ...] | None:
        """Levels in each ordinary bin of a categorical feature; None for numbers."""

    @property
    def special_values(self) -> tuple[float | str, ...]:
        """Codes that have a bin each."""

    @property
    def missing_to(self) -> int:
        """Bin that takes missing values: 0, or an ordinary bin they were merged into."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of all bins."""


def unseen_bin(partition: Partition) -> int | None:
    """Index of the bin of unseen levels; None for a numeric feature."""
    return None if partition.groups is None else 1 + len(partition.special_values)


def first_ordinary(partition: Partition) -> int:
    """Index of the first ordinary bin."""
    n_special = len(partition.special_values)
    return 1 + n_special + (partition.groups is not None)
