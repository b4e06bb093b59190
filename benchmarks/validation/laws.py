"""Pairs of share vectors with a chosen Jeffreys divergence, and what is drawn from them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from infostat.counts import CountTable
from infostat.divergences import get_divergence
from infostat.exceptions import InfostatWarning
from infostat.inference import DivergenceEstimate, matched, measure
from infostat.inference.delta import Moments, share_moments

# The merged bins define the target of the interval, and measure() does not return them.
from infostat.inference.sparse import merge_sparse

JEFFREYS = get_divergence("jeffreys")


def jeffreys(p, q):
    """Jeffreys divergence along the last axis; positive shares."""
    return ((p - q) * np.log(p / q)).sum(axis=-1)


def base_shares(n_bins: int, shape: str):
    """Uniform shares, or shares that fall from bin to bin.

    They fall by a quarter, by 15 % where there are more than ten bins: with these two
    the figures of the specification come out.
    """
    ratio = 1.0 if shape == "uniform" else 0.75 if n_bins <= 10 else 0.85
    weight = ratio ** np.arange(n_bins)
    return weight / weight.sum()


def tilted(n_bins: int, shape: str, value: float):
    """Two laws tilted apart symmetrically until their divergence is ``value``."""
    base, score = base_shares(n_bins, shape), np.linspace(-1.0, 1.0, n_bins)

    def pair(tilt: float):
        p, q = base * np.exp(tilt * score / 2), base * np.exp(-tilt * score / 2)
        return p / p.sum(), q / q.sum()

    if value == 0:
        return base, base
    return pair(brentq(lambda tilt: jeffreys(*pair(tilt)) - value, 1e-9, 50.0))


@dataclass(frozen=True)
class Shipped:
    """What the package says about each draw.

    ``target`` is the divergence of the bins that the statement speaks of: sparse bins
    are merged, draw by draw.
    """

    plug_in: np.ndarray
    variance: np.ndarray
    scale: np.ndarray
    df: np.ndarray
    n_bins: np.ndarray
    n_merged: np.ndarray
    open_above: np.ndarray
    pearson: np.ndarray
    p_zero: np.ndarray
    p_zero_plug_in: np.ndarray
    target: np.ndarray

    def interval(self, level: float = 0.95):
        """Limits of each draw."""
        low, high = matched.interval(self.plug_in, self.scale, self.df, level)
        single = self.n_bins < 2
        high = np.where(self.open_above > 0, np.inf, high)
        return np.where(single, 0.0, low), np.where(single, 0.0, high)

    def covers(self, level: float = 0.95):
        """Whether the interval holds the target."""
        low, high = self.interval(level)
        return (low <= self.target) & (self.target <= high)


def plain_moments(events, non_events) -> Moments:
    """Moments of many tables of counts without a zero."""
    n1, n0 = events.sum(axis=-1, keepdims=True), non_events.sum(axis=-1, keepdims=True)
    p, q = events / n1, non_events / n0
    return share_moments(p, q, p / n1, q / n0, JEFFREYS)


def silent_measure(table: CountTable, **options) -> DivergenceEstimate:
    """The package's own estimate, warnings kept off the screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        return measure(table, name="", **options)


def shipped(events, non_events, p, q, *, one_by_one: bool = False) -> Shipped:
    """Ask the package about every draw.

    Draws without a sparse bin go through one broadcast call of the same functions that
    ``measure`` calls; the others (or all, with ``one_by_one``) through ``measure``.
    """
    from scipy.special import chdtrc

    draws, n_bins = events.shape
    n1, n0 = events[0].sum(), non_events[0].sum()
    pooled = (events + non_events) / (n1 + n0)
    sparse = (pooled.min(axis=1) * min(n1, n0) < 5.0) | (events.min(axis=1) == 0)
    sparse |= (non_events.min(axis=1) == 0) | one_by_one
    columns = np.zeros((11, draws))
    dense = np.flatnonzero(~sparse)
    if dense.size:
        moments = plain_moments(events[dense], non_events[dense])
        scale_0 = 1.0 / n1 + 1.0 / n0
        scale, df = matched.matched_law(
            moments.plug_in, moments.variance, moments.bias, scale_0
        )
        gap = events[dense] / n1 - non_events[dense] / n0
        pearson = (gap**2 / pooled[dense]).sum(axis=1)
        tails = [
            chdtrc(n_bins - 1, pearson / scale_0),
            chdtrc(n_bins - 1, moments.plug_in / scale_0),
        ]
        columns[:, dense] = np.array(
            np.broadcast_arrays(
                *(moments.plug_in, moments.variance, scale, df, n_bins, 0, 0, pearson),
                *tails,
                jeffreys(p, q),
            )
        )
    for k in np.flatnonzero(sparse):
        columns[:, k] = _one(events[k], non_events[k], p, q)
    return Shipped(*columns)


def merged_bins(table: CountTable, *, fixed: bool = False, open_above: bool = False):
    """Merged bin of each bin of a table of counts, as ``measure`` merges."""
    return merge_sparse(table, table.totals, fixed=fixed, both_classes=not open_above)[
        1
    ]


def _one(events, non_events, p, q):
    table = CountTable.from_counts(events, non_events)
    estimate = silent_measure(table)
    codes = merged_bins(table, open_above=estimate.open_above)
    n_groups = int(codes.max()) + 1
    coarse = [np.bincount(codes, weights=w, minlength=n_groups) for w in (p, q)]
    return (
        *(estimate.plug_in, estimate.variance, estimate.scale, estimate.df),
        *(estimate.n_bins, estimate.n_merged, estimate.open_above, np.nan),
        *(estimate.p_zero, estimate.p_zero_plug_in, jeffreys(*coarse)),
    )
