"""Columns of the regression behind a card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._threads import one_thread
from infostat.counts import CountTable

__all__ = [
    "evidence_design",
    "indicator_design",
    "row_blocks",
    "summed_values",
    "variance_inflation",
]

FloatArray = npt.NDArray[np.float64]

BLOCK = 131_072
"""Numbers a block of cross products: small enough to stay in cache."""


def row_blocks(design: FloatArray) -> Iterator[slice]:
    """Blocks of rows of a design, within which cross products stay in cache."""
    rows = max(BLOCK // (design.shape[1] + 1), 64)
    for start in range(0, len(design), rows):
        yield slice(start, start + rows)


def evidence_design(
    codes: list[npt.NDArray[Any]], evidence: list[FloatArray]
) -> FloatArray:
    """One column a feature: the evidence of each row's bin.

    Parameters
    ----------
    codes : list of ndarray of shape (n_samples,)
        Bin of each row.
    evidence : list of ndarray of shape (n_bins,)
        Weight of evidence of each bin.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
    """
    out = np.empty((len(codes[0]), len(codes)), order="F")
    for k, (code, values) in enumerate(zip(codes, evidence, strict=True)):
        np.take(values, code, out=out[:, k], mode="clip")
    return out


def summed_values(
    codes: list[npt.NDArray[Any]], values: list[FloatArray]
) -> FloatArray:
    """Sum over the features of the values of each row's bins.

    Parameters
    ----------
    codes : list of ndarray of shape (n_samples,)
        Bin of each row.
    values : list of ndarray of shape (n_bins,)
        Value of each bin: points, log-odds.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    total, taken = np.zeros((2, len(codes[0])))
    for code, table in zip(codes, values, strict=True):
        # Clipping spares a check of codes that are all valid.
        total += np.take(table, code, out=taken, mode="clip")
    return np.asarray(total)


def indicator_design(
    codes: list[npt.NDArray[Any]], tables: list[CountTable]
) -> tuple[FloatArray, list[npt.NDArray[np.intp]]]:
    """One column a filled bin, but for the largest bin of each feature.

    Parameters
    ----------
    codes : list of ndarray of shape (n_samples,)
        Bin of each row.
    tables : list of CountTable
        Counts of each feature.

    Returns
    -------
    design : ndarray of shape (n_samples, n_columns)
        Indicators.
    columns : list of ndarray
        Bin that each column of a feature stands for; the largest bin is the reference.
    """
    columns = []
    for table in tables:
        size = table.weight.sum(axis=1)
        filled = np.flatnonzero(size > 0)
        columns.append(filled[filled != size.argmax()])
    out = np.empty((len(codes[0]), sum(len(c) for c in columns)), order="F")
    k = 0
    for code, bins in zip(codes, columns, strict=True):
        for number in bins:
            np.equal(code, number, out=out[:, k])
            k += 1
    return out, columns


def variance_inflation(design: FloatArray, weight: FloatArray | None) -> FloatArray:
    r"""How much each column's variance of estimation grows through the others.

    .. math:: VIF_k = 1 / (1 - R_k^2)

    with :math:`R_k^2` of the linear regression of column k on the other columns.

    Parameters
    ----------
    design : ndarray of shape (n_samples, n_columns)
        Columns.
    weight : ndarray of shape (n_samples,) or None
        Frequency weights.

    Returns
    -------
    ndarray of shape (n_columns,)
        At least one; one for a constant column, infinite for a column that others
        determine.
    """
    if weight is not None:
        design, weight = design[weight > 0], weight[weight > 0]
    centre = np.average(design, axis=0, weights=weight)
    covariance = np.zeros((len(centre), len(centre)))
    with one_thread():
        for part in row_blocks(design):
            # Laid out like the design: a row a column.
            rows = design[part].T - centre[:, None]
            if weight is not None:
                rows *= np.sqrt(weight[part])
            covariance += rows @ rows.T
    scale = np.sqrt(np.diag(covariance))
    varies = np.flatnonzero(np.ptp(design, axis=0) > 0)
    out = np.ones(len(scale))
    if not len(varies):
        return out
    within = np.ix_(varies, varies)
    values, vectors = np.linalg.eigh(
        covariance[within] / np.outer(scale, scale)[within]
    )
    known = values > 1e-10
    # The diagonal of the inverse; a column in the null space has no inverse.
    out[varies] = np.maximum(1.0, (vectors[:, known] ** 2) @ (1.0 / values[known]))
    lost = (vectors[:, ~known] ** 2).sum(axis=1) > 1e-8
    out[varies[lost]] = np.inf
    return out
