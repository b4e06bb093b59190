"""Columns of the regression behind a card."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.counts import CountTable

__all__ = ["evidence_design", "indicator_design"]

FloatArray = npt.NDArray[np.float64]


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
