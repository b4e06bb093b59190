"""Tables of rows turned into bin codes, feature by feature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.binning.columns import read_columns

__all__ = ["code_columns"]


def code_columns(
    X: Any, bins: Mapping[str, Bins]
) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Bin codes of every feature, one at a time.

    Parameters
    ----------
    X : frame or ndarray of shape (n_samples, n_features)
        Columns by name, or in the order of ``bins``.
    bins : mapping of str to Bins
        Bins of each feature.

    Yields
    ------
    name : str
        Feature.
    codes : ndarray of shape (n_samples,)
        Bin of each row.

    Raises
    ------
    InfostatError
        If a column is absent or a numeric feature holds text.
    """
    columns = read_columns(X, list(bins))
    for name, part in bins.items():
        column = columns.read(name, categorical=part.groups is not None)
        yield name, part.codes(column.values)
