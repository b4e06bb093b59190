"""One column on its own, for functions that bin a single feature."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._arrays import as_array, read_count, read_number
from infostat._sklearn import read_weight
from infostat.binning.columns import Column, read_columns
from infostat.exceptions import InfostatError

__all__ = ["as_column", "as_weights", "check_limits"]

FloatArray = npt.NDArray[np.float64]


def as_column(x: Any, feature: str) -> Column:
    """Read one column: numbers with NaN for missing, or levels.

    Raises
    ------
    InfostatError
        If it is not one column, or holds neither numbers nor levels.
    """
    if isinstance(nw.from_native(x, pass_through=True, allow_series=True), nw.Series):
        x = nw.from_native(x, series_only=True).to_numpy()
    values = as_array(x, feature)
    if values.ndim != 1 or values.size == 0:
        msg = f"{feature!r} must be one column with rows, got shape {values.shape}."
        raise InfostatError(msg)
    return read_columns(values[:, None], [feature]).detect(feature, ())


def as_weights(sample_weight: Any, values: Any) -> FloatArray:
    """Weights of the rows; ones by default."""
    weight = read_weight(sample_weight, len(values))
    return np.ones(len(values)) if weight is None else weight


def check_limits(
    max_bins: int,
    min_bins: int,
    prebins: int,
    min_bin_size: float,
    max_pvalue: float | None,
) -> None:
    """Raise where a limit on the bins is out of range."""
    read_count(max_bins, "max_bins")
    read_count(min_bins, "min_bins")
    read_count(prebins, "prebins")
    read_number(min_bin_size, "min_bin_size", low=0.0)
    if max_pvalue is not None:
        read_number(max_pvalue, "max_pvalue", low=0.0, high=1.0)
