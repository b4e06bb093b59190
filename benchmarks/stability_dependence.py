"""Drift monitoring where things depend on one another: features, scores and rows."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.special import ndtri
from scipy.stats import norm

from benchmarks.validation.study import Row, Table
from infostat import Bins, StabilityMonitor
from infostat.exceptions import InfostatWarning

SEED = 20_261_129


def correlated_counts(rng, shape, n, law, rho):
    """Counts of equicorrelated features and of their sum, the score.

    ``shape`` gives samples and features; every feature, and the score, has the shares
    ``law`` over its bins. One more feature comes out, the score.
    """
    n_samples, n_features = shape
    inner = ndtri(np.cumsum(law)[:-1])
    out = np.empty((n_samples, n_features + 1, len(law)), dtype=np.int64)
    width = np.sqrt(n_features * (1.0 + (n_features - 1.0) * rho))
    for k in range(n_samples):
        x = rng.standard_normal((n_features + 1, n), dtype=np.float32)
        x[:-1] = np.sqrt(rho) * x[-1] + np.sqrt(1.0 - rho) * x[:-1]
        x[-1] = x[:-1].sum(axis=0) / width
        # Rows at or below each cut; differences are the bins.
        below = np.stack([(x <= cut).sum(axis=1) for cut in inner], axis=1)
        out[k] = np.diff(below, axis=1, prepend=0, append=n)
    return out


def _clusters(rng, first, n_clusters, size, rho, shift):
    """Standard normal rows of clusters, moved by a shift, with their labels."""
    common = np.repeat(rng.normal(size=n_clusters), size)
    own = rng.normal(size=common.size)
    x = np.sqrt(rho) * common + np.sqrt(1.0 - rho) * own + shift
    return x[:, None], np.repeat(np.arange(first, first + n_clusters), size)


def clustered(draws: int) -> Table:
    """Size and coverage with five rows a customer, with and without ``clusters=``."""
    rows, cuts = [], ndtri(np.arange(1, 10) / 10)
    edges, bins = np.r_[-np.inf, cuts, np.inf], {"x0": Bins.numeric("x0", cuts)}
    for n_clusters in (60, 400):
        for rho in (0.5, 0.9):
            values = {}
            for shift in (0.0, 0.5):
                rng = np.random.default_rng(
                    [SEED, n_clusters, int(10 * rho), shift > 0]
                )
                q, p = np.diff(norm.cdf(edges)), np.diff(norm.cdf(edges - shift))
                truth = float(((p - q) * np.log(p / q)).sum())
                hits = np.zeros(2)
                for _ in range(draws):
                    before, now = (
                        _clusters(rng, start, n, 5, rho, s)
                        for start, n, s in (
                            (0, 2 * n_clusters, 0.0),
                            (10**6, n_clusters, shift),
                        )
                    )
                    hits += [
                        _holds(bins, before, now, truth, known=known)
                        for known in (True, False)
                    ]
                for name, hit in zip(("clusters", "none"), hits / draws, strict=True):
                    values[f"{name}, J={truth:.2g}"] = float(hit)
            rows.append(Row([f"{n_clusters:,}", f"{rho:g}"], values, draws))
    names = list(rows[0].values)
    caption = (
        "Five rows a customer, ten bins, a reference of twice as many customers: share "
        "of draws in which the test of no change does not reject (J=0) and in which the "
        "interval covers, with `clusters=` and without (none)."
    )
    judged = [name for name in names if name.startswith("clusters")]
    keys = ["customers a month", "correlation"]
    return Table("clustered", caption, "coverage", keys, names, judged, rows)


def _holds(bins, before, now, truth, *, known: bool) -> bool:
    """Whether the statement about one draw is right."""
    more = [{"clusters": sample[1]} if known else {} for sample in (before, now)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        monitor = StabilityMonitor(bins).fit(before[0], **more[0])
        monitor.update(now[0], period=1, **more[1])
    (c,) = monitor._found["1"]
    return c.psi.p_zero > 0.05 if truth == 0 else c.low <= truth <= c.high
