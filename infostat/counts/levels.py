"""Levels of categorical columns: one factorization, one lookup on the distinct values.

Levels are compared by name, so that 1, 1.0 and "1", or a level read back from JSON,
are one level on every engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import repeat
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._arrays import as_array
from infostat.counts.partition import Partition, first_ordinary, unseen_bin
from infostat.exceptions import InfostatError

__all__ = [
    "Factorized",
    "bins_of_levels",
    "factorize",
    "level_codes",
    "level_name",
    "level_names",
]


@dataclass(frozen=True, eq=False)
class Factorized:
    """A column of levels that was factorized already.

    Attributes
    ----------
    codes : ndarray of shape (n_samples,), signed integer
        Index of each row's level, -1 where it is missing.
    levels : list of str
        Names of the levels.
    places : list of (Partition, ndarray of shape (n_levels + 1,))
        Bins of missing values and of each level in partitions made from these very
        levels, so that a hundred thousand names need not be looked up again.
    """

    codes: npt.NDArray[Any]
    levels: list[str]
    places: list[tuple[Partition, npt.NDArray[np.intp]]] = field(default_factory=list)

    def bins_in(self, partition: Partition) -> npt.NDArray[np.intp]:
        """See :func:`bins_of_levels`."""
        for known, bins in self.places:
            if known is partition:
                return bins
        return bins_of_levels(self.levels, partition)


def level_name(value: Any) -> str | None:
    """Name of a level; None for a missing value (None, NaN, NaT, pandas' NA).

    Examples
    --------
    >>> level_name(1.0), level_name("1"), level_name(True), level_name(float("nan"))
    ('1', '1', 'True', None)
    """
    if isinstance(value, str):
        return str(value)
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        if np.isnan(number):
            return None
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)


def level_names(values: Iterable[Any]) -> tuple[str, ...]:
    """Names of several values, none of them missing."""
    values = tuple(values)
    if set(map(type, values)) <= {str}:
        return values
    return tuple(str(level_name(value)) for value in values)


def factorize(values: Any) -> tuple[npt.NDArray[Any], list[str]]:
    """Number the distinct levels of a column.

    Parameters
    ----------
    values : array-like, narwhals Series or Factorized of shape (n_samples,)
        Strings, booleans, numbers or a categorical column, missing values included.

    Returns
    -------
    codes : ndarray of shape (n_samples,), signed integer
        Index of each row's level, -1 where it is missing.
    levels : list of str
        Names of the levels, in order of first appearance or of the category type.

    Raises
    ------
    InfostatError
        If it is not one column.
    """
    if isinstance(values, Factorized):
        return values.codes, values.levels
    codes, distinct = _raw_factorize(values)
    if set(map(type, distinct)) <= {str}:
        return codes, distinct
    names = [level_name(value) for value in distinct]
    # Two raw values may share a name (1 and "1"), and a NaN may hide in the categories.
    index: dict[str, int] = {}
    for name in names:
        if name is not None:
            index.setdefault(name, len(index))
    target = np.array(
        [-1 if name is None else index[name] for name in names] + [-1], dtype=np.intp
    )
    # Code -1 reads the last entry of the table, which is "missing".
    return target[codes], list(index)


def _raw_factorize(values: Any) -> tuple[npt.NDArray[Any], list[Any]]:
    if not isinstance(values, nw.Series):
        array = as_array(values, "A column of levels")
        if array.ndim != 1:
            msg = f"A column of levels must have one axis, got shape {array.shape}."
            raise InfostatError(msg)
        # pandas hashes strings several times faster than numpy sorts them.
        if array.dtype.kind in "biuf" or find_spec("pandas") is None:
            return _factorize_array(array)
        values = nw.new_series("level", array.astype(object), backend="pandas")
    library = str(values.implementation.value)
    native = values.to_native()
    if library == "pandas":
        if isinstance(values.dtype, nw.Categorical | nw.Enum):
            return native.cat.codes.to_numpy(), native.cat.categories.tolist()
        codes, distinct = native.factorize()
        if native.dtype == object and any(map(_like_a_boolean, distinct)):
            # For a hash table True is 1; their names differ.
            return _factorize_array(native.to_numpy())
        return codes, distinct.tolist()
    if library == "pyarrow":
        encoded = native.combine_chunks()
        if not isinstance(values.dtype, nw.Categorical | nw.Enum):
            encoded = encoded.dictionary_encode()
        # Indices may be unsigned, which cannot hold -1.
        codes = (
            encoded.indices.cast("int64").fill_null(-1).to_numpy(zero_copy_only=False)
        )
        return codes, encoded.dictionary.to_pylist()
    distinct = values.unique(maintain_order=True)
    keys = distinct.to_list()
    if not keys:
        return np.zeros(0, dtype=np.intp), []
    # A join against the distinct values keeps the work inside the frame library.
    numbers = values.replace_strict(
        keys, list(range(len(keys))), return_dtype=nw.Int64()
    )
    codes = numbers.to_numpy()
    return codes, keys


def _like_a_boolean(value: Any) -> bool:
    return not isinstance(value, str) and value in (0, 1)


def _factorize_array(array: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], list[Any]]:
    if array.dtype == object:
        names = np.array([level_name(v) for v in array.tolist()], dtype=object)
        missing = np.array([name is None for name in names], dtype=bool)
        codes = np.full(array.shape, -1, dtype=np.intp)
        if missing.all():
            return codes, []
        distinct, inverse = np.unique(names[~missing].astype(str), return_inverse=True)
        codes[~missing] = inverse
        return codes, distinct.tolist()
    distinct, inverse = np.unique(array, return_inverse=True)
    return inverse, distinct.tolist()


def bins_of_levels(levels: list[str], partition: Partition) -> npt.NDArray[np.intp]:
    """Bin of missing values, then of each level.

    Parameters
    ----------
    levels : list of str
        Names of the levels.
    partition : Partition
        Bins of the feature; its groups are not None.

    Returns
    -------
    ndarray of shape (n_levels + 1,), intp
        In the documented order of bins, by the level's code plus one.
    """
    bin_of: dict[str, int] = {}
    for k, group in enumerate(partition.groups or (), start=first_ordinary(partition)):
        bin_of.update(dict.fromkeys(group, k))
    for k, special in enumerate(partition.special_values, start=1):
        bin_of[str(level_name(special))] = k
    out = np.empty(len(levels) + 1, dtype=np.intp)
    out[0] = partition.missing_to
    found = map(bin_of.get, levels, repeat(unseen_bin(partition)))
    out[1:] = np.fromiter(found, dtype=np.intp, count=len(levels))
    return out


def level_codes(values: Any, partition: Partition) -> npt.NDArray[np.intp]:
    """Bin of every row of a categorical column.

    Parameters
    ----------
    values : array-like, narwhals Series or Factorized of shape (n_samples,)
        See :func:`factorize`.
    partition : Partition
        Bins of the feature; its groups are not None.

    Returns
    -------
    ndarray of shape (n_samples,), intp
        Missing, special, unseen and ordinary bins in the documented order.
    """
    codes, levels = factorize(values)
    return bins_of_levels(levels, partition)[codes.astype(np.intp) + 1]
