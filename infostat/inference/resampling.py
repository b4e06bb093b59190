"""Permutation tests on count tables, and on many features at once."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from infostat._arrays import read_choice, read_codes, read_count
from infostat.counts import CountTable
from infostat.divergences import contributions, get_divergence
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.inference.measure import measure
from infostat.inference.null import pearson_statistic
from infostat.inference.options import check_reference, check_two_classes

__all__ = ["permutation_p_value", "step_down_p_values"]

FloatArray = npt.NDArray[np.float64]

LARGEST_TOTAL = 10**9
"""numpy's multivariate hypergeometric sampler refuses totals from here on."""


def permutation_p_value(
    table: CountTable,
    *,
    statistic: Literal["pearson", "hellinger", "js"] = "pearson",
    reference: Literal["sample", "fixed"] = "sample",
    n_resamples: int = 1999,
    rng: int | np.random.Generator | None = None,
) -> float:
    """Exact test that both classes share one law, given the bins' totals.

    Parameters
    ----------
    table : CountTable
        Whole counts of two classes.
    statistic : {"pearson", "hellinger", "js"}, default="pearson"
        Statistic to permute; each stays finite with zero cells.
    reference : {"sample", "fixed"}, default="sample"
        With "fixed" class 1 is drawn from the shares of class 0.
    n_resamples : int, default=1999
        Number of random tables.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    float
        ``(1 + number of tables at least as extreme) / (n_resamples + 1)``. The cost
        does not depend on the number of rows. Where the total reaches 10^9, beyond the
        sampler's range, Pearson's p-value with an InfostatWarning.

    Raises
    ------
    InfostatError
        If a class is empty, the counts are not whole, ``n_resamples`` is below 1, or the
        statistic or the reference is unknown.
    """
    read_choice(statistic, "statistic", ("pearson", "hellinger", "js"))
    check_reference(reference)
    n_resamples = read_count(n_resamples, "n_resamples")
    check_two_classes(table)
    dense = table.drop_empty()
    counts = np.rint(dense.weight).astype(np.int64)
    if np.abs(counts - dense.weight).max() > 1e-9:
        msg = (
            "A permutation test needs whole counts, got fractional weights: use the "
            "Pearson p-value with weight_type='sampling'."
        )
        raise InfostatError(msg)
    totals = counts.sum(axis=1)
    n_events = int(counts[:, 1].sum())
    if totals.sum() >= LARGEST_TOTAL:
        warnings.warn(
            f"The table holds {totals.sum()} rows, more than the permutation sampler "
            f"takes: this is Pearson's p-value instead.",
            InfostatWarning,
            stacklevel=2,
        )
        return measure(table, reference=reference, name="").p_zero
    generator = np.random.default_rng(rng)
    if reference == "fixed":
        fixed = counts[:, 0] / counts[:, 0].sum()
        events = generator.multinomial(n_events, fixed, size=n_resamples)
        non_events = np.broadcast_to(counts[:, 0], events.shape)
    else:
        events = generator.multivariate_hypergeometric(
            totals, n_events, size=n_resamples, method="marginals"
        )
        non_events = totals - events

    def value(ones: npt.NDArray[Any], zeros: npt.NDArray[Any]) -> FloatArray:
        p = ones / ones.sum(axis=-1, keepdims=True)
        q = zeros / zeros.sum(axis=-1, keepdims=True)
        if statistic == "pearson":
            pooled = q if reference == "fixed" else totals / totals.sum()
            # A bin that a fixed reference excludes: infinite where it occurs, and
            # nothing (NaN, never extreme) in every drawn table.
            with np.errstate(divide="ignore", invalid="ignore"):
                return pearson_statistic(p, q, pooled)
        return np.asarray(contributions(p, q, get_divergence(statistic)).sum(axis=-1))

    observed = value(counts[:, 1], counts[:, 0])
    # Ties differ in the last digits between the observed and the drawn tables.
    extreme = value(events, non_events) >= observed * (1.0 - 1e-10)
    return float((1 + extreme.sum()) / (n_resamples + 1))


def step_down_p_values(
    codes: Sequence[npt.NDArray[Any]],
    classes: npt.NDArray[Any],
    *,
    n_resamples: int = 999,
    rng: int | np.random.Generator | None = None,
) -> FloatArray:
    """P-values of many features, family-wise error held under any dependence.

    Westfall and Young's step-down minimum-p procedure with the classes permuted
    jointly, so that correlated features do not pay for one another.

    Parameters
    ----------
    codes : sequence of ndarray of shape (n_samples,)
        Bins of each feature.
    classes : ndarray of shape (n_samples,)
        0 for non-events, 1 for events.
    n_resamples : int, default=999
        Number of permutations; each costs one count of every feature.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    ndarray of shape (n_features,)
        Adjusted p-values, in the order of ``codes``.

    Raises
    ------
    InfostatError
        If there is no feature, a class is empty, bins and classes differ in length, or
        ``n_resamples`` is below 1.
    """
    n_resamples = read_count(n_resamples, "n_resamples")
    y = read_codes(classes, "classes", 2).astype(bool)
    codes = [
        read_codes(c, f"codes[{k}]", LARGEST_TOTAL, shape=y.shape)
        for k, c in enumerate(codes)
    ]
    if not codes or y.all() or not y.any():
        msg = (
            f"There are {len(codes)} features and {int(y.sum())} events in {y.size} "
            f"rows: a test needs a feature, and rows of both classes."
        )
        raise InfostatError(msg)
    generator = np.random.default_rng(rng)
    totals = [np.bincount(c) for c in codes]

    def p_values(events_of: npt.NDArray[Any]) -> FloatArray:
        out = np.empty(len(codes))
        for k, (code, total) in enumerate(zip(codes, totals, strict=True)):
            filled = total > 0
            ones = np.bincount(code[events_of], minlength=total.size)[filled]
            zeros = total[filled] - ones
            p, q = ones / ones.sum(), zeros / zeros.sum()
            pooled = total[filled] / total.sum()
            scale = 1.0 / ones.sum() + 1.0 / zeros.sum()
            chi_square = pearson_statistic(p, q, pooled) / scale
            df = int(filled.sum()) - 1
            out[k] = chdtrc(df, chi_square) if df > 0 else 1.0
        return out

    observed = p_values(np.flatnonzero(y))
    order = np.argsort(observed, kind="stable")
    exceed = np.zeros(len(codes))
    for _ in range(n_resamples):
        drawn = p_values(np.flatnonzero(generator.permutation(y)))[order]
        # Minimum over the features that are no more significant than this one.
        smallest = np.minimum.accumulate(drawn[::-1])[::-1]
        exceed += smallest <= observed[order] * (1.0 + 1e-10)
    adjusted = np.maximum.accumulate((1.0 + exceed) / (n_resamples + 1))
    out = np.empty(len(codes))
    out[order] = adjusted
    return out
