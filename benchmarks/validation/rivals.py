"""Standard errors and tests of others, from their publications, for comparison only."""

from __future__ import annotations

import numpy as np

from benchmarks.validation.laws import JEFFREYS
from infostat.inference.delta import share_moments

Z = 1.959963984540054


def pooled_smoothing(events, non_events):
    """Shares of many tables; draws with a zero cell get half a row a bin, pooled."""
    n1, n0 = events.sum(axis=-1, keepdims=True), non_events.sum(axis=-1, keepdims=True)
    pooled = (events + non_events) / (n1 + n0)
    # An empty bin would divide by zero: a trace of mass leaves all figures unchanged.
    pooled = np.maximum(pooled, 1e-9)
    lacking = np.minimum(events, non_events).min(axis=-1, keepdims=True) == 0
    mass = np.where(lacking, events.shape[-1] / 2.0, 0.0)
    return (events + mass * pooled) / (n1 + mass), (non_events + mass * pooled) / (
        n0 + mass
    )


def standard_errors(p, q, n1: int, n0: int) -> dict[str, np.ndarray]:
    """Standard error of the information value, source by source.

    "paper": arXiv 2509.09855 equation 18, weights frozen. "fastwoe <= 0.1.8": that plus
    the frozen evidence times the spread of the shares. "statistical_iv": the covariance
    of ln(p/q) with q/p is left out. "delta": the correct first order.
    """
    gap, evidence = p - q, np.log(p / q)
    frozen = (gap**2 * (1.0 / (n1 * p) + 1.0 / (n0 * q))).sum(axis=-1)
    spread = p * (1.0 - p) / n1 + q * (1.0 - q) / n0
    half = frozen + (evidence**2 * spread).sum(axis=-1)

    def variance(share, function):
        mean = (share * function).sum(axis=-1, keepdims=True)
        return (share * (function - mean) ** 2).sum(axis=-1)

    uncrossed = (variance(p, evidence) + variance(p, q / p)) / n1
    uncrossed += (variance(q, evidence) + variance(q, p / q)) / n0
    delta = share_moments(p, q, p / n1, q / n0, JEFFREYS).variance
    return {
        "paper": np.sqrt(frozen),
        "fastwoe <= 0.1.8": np.sqrt(half),
        "statistical_iv": np.sqrt(uncrossed),
        "delta": np.sqrt(delta),
    }


def wald_covers(value, error, target):
    """Wald interval, clipped at zero as its users do."""
    low, high = np.maximum(value - Z * error, 0.0), value + Z * error
    return (low <= target) & (target <= high)
