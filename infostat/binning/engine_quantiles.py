"""Cuts of a numeric column by the approximate quantiles of the engine that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat.binning.quantile import quantile_cuts
from infostat.counts.frame_engine import nan_expression

__all__ = ["engine_cuts"]

FloatArray = npt.NDArray[np.float64]


def engine_cuts(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any],
    column: str,
    dtype: Any,
    n_bins: int,
    special_values: Sequence[float] = (),
) -> FloatArray:
    """Cuts at about the ``1/n, ..., (n-1)/n`` quantiles of a column.

    DuckDB, Dask and Spark give approximate quantiles in one pass and bounded memory; for
    any other library the one column is read and cut exactly.

    Parameters
    ----------
    frame : narwhals DataFrame or LazyFrame
        Rows.
    column : str
        Name of the column in the frame.
    dtype : narwhals dtype
        Its type.
    n_bins : int
        Number of bins wanted.
    special_values : sequence of float
        Values that do not move the quantiles; nor do infinities and missing values.

    Returns
    -------
    ndarray of shape (at most n_bins - 1,)
        Increasing and finite.
    """
    if n_bins < 2:
        return np.zeros(0)
    x = nw.col(column).cast(nw.Float64())
    usable = (x > -np.inf) & (x < np.inf)
    if dtype.is_float():
        # Some engines sort NaN above infinity, others below.
        usable = usable & ~nan_expression(x, frame.implementation)
    for special in special_values:
        usable = usable & (x != special)
    values = frame.filter(~nw.col(column).is_null() & usable).select(value=x)
    engine, native = values.implementation, values.to_native()
    level = (np.arange(1, n_bins) / n_bins).tolist()
    if engine.is_duckdb():
        found = native.aggregate(f"approx_quantile(value, {level})").fetchall()[0][0]
    elif engine.is_pyspark() or engine.is_pyspark_connect():
        found = native.approxQuantile("value", level, 0.1 / n_bins)
    elif engine.is_dask():
        found = native["value"].quantile(level).compute().to_numpy()
    else:
        eager = values.collect() if isinstance(values, nw.LazyFrame) else values
        numbers = np.asarray(eager.get_column("value").to_numpy(), dtype=np.float64)
        return quantile_cuts(numbers, n_bins)
    cuts = np.array([] if found is None else found, dtype=np.float64)
    return np.unique(cuts[np.isfinite(cuts)])
