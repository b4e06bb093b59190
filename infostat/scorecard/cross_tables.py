"""Sums over rows for every pair of bins, of one feature and of two.

Everything quadratic in indicators of bins is read off these tables, whatever the number
of rows. To count 30 features pair by pair would take 435 passes over the rows. Instead a
few features at a time become one code of all their bins together, these codes are
counted in pairs, and the tables of single features are margins of those counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["cross_tables"]

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[Any]

JOINT = 100
"""Most combinations of bins of features that are taken together: the sums of two such
codes stay in cache."""

BLOCK = 32_768
"""Rows counted at a time: places and weights of a block stay in cache."""


def cross_tables(
    codes: Sequence[Codes],
    n_bins: Sequence[int],
    weights: Sequence[FloatArray | None],
) -> FloatArray:
    """Sum each weight over the rows of every pair of bins.

    Parameters
    ----------
    codes : sequence of ndarray of shape (n_samples,)
        Bin of each row, one array a feature.
    n_bins : sequence of int
        Bins of each feature.
    weights : sequence of (ndarray of shape (n_samples,) or None)
        What to sum; None counts rows.

    Returns
    -------
    ndarray of shape (len(weights), total bins, total bins)
        Symmetric, bins of one feature after those of another: entry ``a, b`` sums the
        rows that lie in both bins. On the diagonal stand the sums of single bins.
    """
    start = np.concatenate([[0], np.cumsum(n_bins)])
    out = np.zeros((len(weights), start[-1], start[-1]))
    groups = [_Group.of(codes[a:b], n_bins[a:b], start[a]) for a, b in _ends(n_bins)]
    for k, group in enumerate(groups):
        sums = _sums(group.codes, group.size, weights)
        out[:, group.place, group.place] = (group.bins.T * sums[:, None]) @ group.bins
        for other in groups[:k]:
            table = _pair_sums(group, other, weights)
            both = group.bins.T @ table @ other.bins
            out[:, group.place, other.place] = both
            out[:, other.place, group.place] = both.transpose(0, 2, 1)
    return out


@dataclass(frozen=True, eq=False)
class _Group:
    """Features that are taken together.

    Attributes
    ----------
    codes : ndarray of shape (n_samples,), unsigned integer
        Combination of bins of each row.
    bins : ndarray of shape (n_combinations, n_bins)
        Which bins, of all features of the group, a combination consists of: ones and
        zeros, so that a product with it sums combinations into bins.
    place : slice
        Where these bins stand among those of all features.
    """

    codes: npt.NDArray[Any]
    bins: FloatArray
    place: slice

    @classmethod
    def of(cls, codes: Sequence[Codes], n_bins: Sequence[int], start: int) -> _Group:
        """Number the combinations of the features' bins."""
        size = int(np.prod(n_bins))
        joint = np.zeros(len(codes[0]), dtype=np.min_scalar_type(size))
        for code, bins in zip(codes, n_bins, strict=True):
            joint *= joint.dtype.type(bins)
            np.add(joint, code, out=joint, casting="unsafe")
        parts = np.unravel_index(np.arange(size), tuple(n_bins))
        members = [np.eye(n)[part] for n, part in zip(n_bins, parts, strict=True)]
        return cls(joint, np.hstack(members), slice(start, start + sum(n_bins)))

    @property
    def size(self) -> int:
        """Number of combinations."""
        return len(self.bins)


def _ends(n_bins: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and end of neighbouring features that are taken together."""
    first, size = 0, 1
    for k, bins in enumerate(n_bins):
        if k > first and size * bins > JOINT:
            yield first, k
            first, size = k, 1
        size *= bins
    yield first, len(n_bins)


def _pair_sums(
    one: _Group, two: _Group, weights: Sequence[FloatArray | None]
) -> FloatArray:
    """Sums over the rows of every pair of combinations."""
    out = np.zeros((len(weights), one.size * two.size))
    places = np.empty(BLOCK, dtype=np.intp)
    for start in range(0, one.codes.size, BLOCK):
        part = slice(start, start + BLOCK)
        place = places[: one.codes[part].size]
        np.multiply(one.codes[part], two.size, out=place, dtype=np.intp)
        place += two.codes[part]
        some = [None if weight is None else weight[part] for weight in weights]
        out += _sums(place, out.shape[1], some)
    return out.reshape(len(weights), one.size, two.size)


def _sums(
    place: npt.NDArray[Any], size: int, weights: Sequence[FloatArray | None]
) -> FloatArray:
    """Sums of each weight by place."""
    place = place.astype(np.intp, copy=False)
    return np.stack([np.bincount(place, weight, minlength=size) for weight in weights])
