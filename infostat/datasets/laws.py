"""Laws of single predictors given a segment of applicants, drawn from and summed over.

Given the segment, predictors are independent, so that every share of a bin is a finite
sum of products of distribution functions. A predictor adds whole points to the risk of
a row, one number of points per cell of its own step function; that keeps the law of
their sum exact too (see :mod:`infostat.datasets.truth`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import logit, ndtr, pdtr

from infostat.exceptions import InfostatError

__all__ = ["CategoricalLaw", "NumericLaw", "Pieces"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
PerSegment = tuple[float, ...]


@dataclass(frozen=True)
class Pieces:
    """Probabilities of the pieces into which bins and the points' cells cut a law.

    Attributes
    ----------
    probability : ndarray of shape (n_periods, n_segments, n_pieces)
        Probability of a piece given period and segment; sums to one over pieces.
    points : ndarray of shape (n_pieces,)
        Points that a row in the piece gets.
    bin : ndarray of shape (n_pieces,)
        Index of the bin that holds the piece.
    labels : tuple of str
        Names of the bins: missing, special codes, then ordinary values.
    """

    probability: FloatArray
    points: IntArray
    bin: IntArray
    labels: tuple[str, ...]


@dataclass(frozen=True)
class NumericLaw:
    """A whole-numbered predictor: missing, coded, zero, or drawn from a closed form.

    Attributes
    ----------
    name, description : str
        Column name, and one sentence with unit and codes.
    link : {"log", "logit", "poisson"}
        Law of the ordinary part given the segment: rounded log-normal, rounded
        ``scale`` times logit-normal, or Poisson with log-mean ``location``.
    location : tuple of float
        Location by segment, on the scale of the link.
    edges, points : tuple
        Right-closed cells of the true step function, and the points of each.
    spread : float
        Standard deviation on the scale of the link (not used by "poisson").
    scale : float
        Upper end of a logit-normal, in the predictor's unit.
    zero : tuple of float
        Probability by segment that an ordinary value is exactly zero.
    missing : tuple of float
        Probability by segment that the value is missing.
    missing_points : int
        Points of a missing value.
    codes : mapping of float to tuple of float
        Probability by segment of each special code.
    code_points : mapping of float to int
        Points of each special code.
    drift : float
        Move of the location over the whole window for a portfolio drift of one.
    """

    name: str
    description: str
    link: Literal["log", "logit", "poisson"]
    location: PerSegment
    edges: tuple[float, ...]
    points: tuple[int, ...]
    spread: float = 1.0
    scale: float = 1.0
    zero: PerSegment = ()
    missing: PerSegment = ()
    missing_points: int = 0
    codes: Mapping[float, PerSegment] = field(default_factory=dict)
    code_points: Mapping[float, int] = field(default_factory=dict)
    drift: float = 0.0

    def _by_segment(self, values: PerSegment) -> FloatArray:
        """Probabilities by segment; zero where the law does not name them."""
        return np.array(values) if values else np.zeros(len(self.location))

    def _cdf(self, x: float, shift: FloatArray) -> FloatArray:
        """P(ordinary value <= x), of shape (n_periods, n_segments)."""
        location = np.array(self.location) + self.drift * shift[:, None]
        if np.isposinf(x):
            return np.ones(location.shape)
        if x < 0:
            return np.zeros(location.shape)
        whole = np.floor(x)
        if self.link == "poisson":
            smooth: FloatArray = pdtr(whole, np.exp(location))
        else:
            # The latent value is rounded to the nearest whole number.
            latent = whole + 0.5
            if self.link == "log":
                at = np.log(latent)
            else:
                at = logit(min(latent / self.scale, 1.0))
            smooth = ndtr((at - location) / self.spread)
        zero = self._by_segment(self.zero)
        return zero + (1.0 - zero) * smooth

    def pieces(
        self,
        bins: Sequence[float],
        shift: FloatArray,
        special_values: Sequence[float] | None = None,
    ) -> Pieces:
        """Cut the law by right-closed cuts and by the cells of the points.

        Parameters
        ----------
        bins : sequence of float
            Increasing cuts, in the predictor's unit.
        shift : ndarray of shape (n_periods,)
            Portfolio drift reached in each period.
        special_values : sequence of float, optional
            Values with a bin of their own; by default every code of the predictor. A
            code that is not listed is binned as the number that it is.

        Returns
        -------
        Pieces
            With bins for "missing" and for codes only where these can occur.

        Raises
        ------
        InfostatError
            If the cuts do not increase.
        """
        cuts = checked_cuts(self.name, bins)
        special = list(self.codes) if special_values is None else list(special_values)
        special = [float(v) for v in special if np.any(self._code(float(v)))]
        missing = self._by_segment(self.missing)
        labels = ["missing"] * bool(missing.any()) + [f"{v:g}" for v in special]
        first = len(labels)
        ends = np.unique(np.concatenate([cuts, self.edges, [np.inf]]))
        below = np.array([self._cdf(float(end), shift) for end in ends])
        ordinary = 1.0 - missing - sum(self._code(v) for v in self.codes)
        parts = list(np.diff(below, axis=0, prepend=0.0) * ordinary)
        points = list(np.array(self.points)[np.searchsorted(self.edges, ends)])
        where = list(first + np.searchsorted(cuts, ends))
        full = np.ones_like(below[0])
        if missing.any():
            parts.append(missing * full)
            points.append(self.missing_points)
            where.append(0)
        for code in self.codes:
            parts.append(self._code(code) * full)
            points.append(self.code_points[code])
            # A code that has no bin of its own is counted as the number that it is.
            where.append(
                labels.index(f"{code:g}")
                if code in special
                else first + int(np.searchsorted(cuts, code))
            )
        return Pieces(
            np.stack(parts, axis=-1),
            np.array(points, dtype=np.int64),
            np.array(where, dtype=np.int64),
            (*labels, *interval_labels(cuts)),
        )

    def _code(self, value: float) -> FloatArray:
        return self._by_segment(self.codes.get(value, ()))

    def draw(
        self, rng: np.random.Generator, segment: IntArray, shift: FloatArray
    ) -> tuple[FloatArray, IntArray]:
        """Draw values and their points.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        segment : ndarray of shape (n_rows,)
            Segment of each row.
        shift : ndarray of shape (n_rows,)
            Portfolio drift reached in the row's period.

        Returns
        -------
        values : ndarray of shape (n_rows,)
            NaN where missing.
        points : ndarray of shape (n_rows,)
            Points of each value.
        """
        location = np.array(self.location)[segment] + self.drift * shift
        if self.link == "poisson":
            values = rng.poisson(np.exp(location)).astype(float)
        else:
            latent = location + self.spread * rng.standard_normal(len(segment))
            if self.link == "log":
                values = np.rint(np.exp(latent))
            else:
                values = np.rint(self.scale / (1.0 + np.exp(-latent)))
        values[rng.random(len(segment)) < self._by_segment(self.zero)[segment]] = 0.0
        points = np.array(self.points)[np.searchsorted(self.edges, values)]
        level = rng.random(len(segment))
        for value, chance, score in self._exceptions():
            level -= chance[segment]
            hit = (level < 0) & (level >= -chance[segment])
            values[hit] = value
            points[hit] = score
        return values, points.astype(np.int64)

    def _exceptions(self) -> list[tuple[float, FloatArray, int]]:
        """Codes and missing values, which exclude one another, with their chances."""
        listed = [(v, self._code(v), self.code_points[v]) for v in self.codes]
        return [*listed, (np.nan, self._by_segment(self.missing), self.missing_points)]

    def quantile_cuts(self, n_bins: int, shift: FloatArray, weight: FloatArray) -> Any:
        """Cuts at the quantiles of the ordinary values, whole numbers, without ties.

        Parameters
        ----------
        n_bins : int
            Number of bins wanted; atoms such as zero may leave fewer.
        shift : ndarray of shape (n_periods,)
            Portfolio drift reached in each period.
        weight : ndarray of shape (n_segments,)
            Shares of the segments.

        Returns
        -------
        ndarray of shape (n_cuts,)
            ``n_cuts < n_bins``.
        """
        ordinary = 1.0 - self._by_segment(self.missing)
        ordinary = weight * (ordinary - sum(self._code(v) for v in self.codes))
        ordinary = ordinary / ordinary.sum()
        found = []
        for level in np.arange(1, n_bins) / n_bins:
            low, high = -1, 2**40
            while high - low > 1:
                middle = (low + high) // 2
                reached = float((self._cdf(middle, shift) @ ordinary).mean()) >= level
                low, high = (low, middle) if reached else (middle, high)
            found.append(float(high))
        return np.unique(found)


@dataclass(frozen=True)
class CategoricalLaw:
    """A predictor with named levels.

    Attributes
    ----------
    name, description : str
        Column name, and one sentence with the levels.
    levels : tuple of str
        The levels.
    share : tuple of tuple of float
        Shares of the levels by segment among rows that are not missing.
    points : tuple of int
        Points of each level.
    missing : tuple of float
        Probability by segment that the value is missing.
    missing_points : int
        Points of a missing value.
    """

    name: str
    description: str
    levels: tuple[str, ...]
    share: tuple[PerSegment, ...]
    points: tuple[int, ...]
    missing: PerSegment
    missing_points: int = 0

    def _table(self) -> FloatArray:
        """Probability of each level, then of missing, by segment."""
        missing = np.array(self.missing)[:, None]
        return np.hstack([np.array(self.share) * (1.0 - missing), missing])

    def pieces(
        self,
        bins: Sequence[Sequence[str]],
        shift: FloatArray,
        special_values: Sequence[float] | None = None,  # noqa: ARG002
    ) -> Pieces:
        """Collect the levels into groups.

        Parameters
        ----------
        bins : sequence of sequence of str
            Groups of levels; every level once. Empty: each level by itself.
        shift : ndarray of shape (n_periods,)
            Portfolio drift in each period; levels do not drift.
        special_values : sequence of float, optional
            Not used: text has no special codes.

        Returns
        -------
        Pieces
            With a bin for "missing" only where values can be missing.

        Raises
        ------
        InfostatError
            If a level is unknown, named twice or left out.
        """
        groups = [[str(v) for v in group] for group in bins or zip(self.levels)]
        if sorted(v for group in groups for v in group) != sorted(self.levels):
            msg = (
                f"groups {groups!r} of {self.name!r} must name every level of "
                f"{list(self.levels)!r} exactly once: correct the groups."
            )
            raise InfostatError(msg)
        table = self._table()
        some = any(self.missing)
        of_level = [
            some + next(k for k, group in enumerate(groups) if level in group)
            for level in self.levels
        ]
        kept = table if some else table[:, :-1]
        return Pieces(
            np.broadcast_to(kept, (len(shift), *kept.shape)).copy(),
            np.array([*self.points, *[self.missing_points] * some], dtype=np.int64),
            np.array([*of_level, *[0] * some], dtype=np.int64),
            (*["missing"] * some, *(", ".join(group) for group in groups)),
        )

    def draw(
        self,
        rng: np.random.Generator,
        segment: IntArray,
        shift: FloatArray,  # noqa: ARG002
    ) -> tuple[npt.NDArray[np.object_], IntArray]:
        """Draw levels (None where missing) and their points; see `NumericLaw.draw`."""
        edges = np.cumsum(self._table(), axis=1)[:, :-1]
        level = (rng.random(len(segment))[:, None] >= edges[segment]).sum(axis=1)
        names = np.array([*self.levels, None], dtype=object)
        return names[level], np.array([*self.points, self.missing_points])[level]


def checked_cuts(name: str, cuts: Sequence[float]) -> FloatArray:
    """Cuts as an array; an error where they are not numbers that increase."""
    try:
        array = np.asarray(cuts, dtype=float).reshape(-1)
    except (TypeError, ValueError):
        array = np.array([np.nan])
    if not np.all(np.isfinite(array)) or np.any(np.diff(array) <= 0):
        msg = (
            f"cuts {list(cuts)!r} of {name!r} must be finite numbers in increasing "
            "order: sort them and drop duplicates."
        )
        raise InfostatError(msg)
    return array


def interval_labels(cuts: FloatArray) -> tuple[str, ...]:
    """Names of the right-closed intervals that the cuts make."""
    ends = ["-inf", *(f"{cut:.12g}" for cut in cuts), "inf"]
    return tuple(
        f"({low}, {high}{')' if high == 'inf' else ']'}" for low, high in pairwise(ends)
    )
