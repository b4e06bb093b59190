"""Categorical features of which a card knows no value: another coding, not new levels."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._text import name_list
from infostat.binning.bins import Bins
from infostat.counts.levels import Factorized, bins_of_levels, factorize
from infostat.exceptions import InfostatWarning

__all__ = ["UnseenLevels"]

LEAST = 20
"""Rows from which on it is no chance that none has a known level."""

BLOCK = 1024
"""Rows looked at at once; mostly the first ones hold a known level."""


class UnseenLevels:
    """Features of which no level was known so far, chunk by chunk.

    Parameters
    ----------
    bins : mapping of str to Bins
        Bins of the features; numeric ones are left out.
    """

    def __init__(self, bins: Mapping[str, Bins]) -> None:
        self._bins = {
            name: part for name, part in bins.items() if any(part.groups or ())
        }
        self._rows = dict.fromkeys(self._bins, 0)
        self._levels: dict[str, list[str]] = {}

    def read(self, name: str, values: Any) -> Factorized:
        """Factorize a column and look at its levels.

        Parameters
        ----------
        name : str
            Feature.
        values : array-like, narwhals Series or Factorized of shape (n_samples,)
            Its rows, see :func:`.counts.levels.factorize`.

        Returns
        -------
        Factorized
        """
        column = Factorized(*factorize(values))
        if name in self._bins:  # not where a known level was met already
            self._see(name, column)
        return column

    def _see(self, name: str, column: Factorized) -> None:
        codes, bins = column.codes, self._bins[name]
        known = bins_of_levels(column.levels, bins)[1:] != bins.unseen
        if known.any() and _occurs(codes, known):
            del self._bins[name]
            return
        filled = codes[codes >= 0]
        self._rows[name] += len(filled)
        if len(filled) and name not in self._levels:
            met = np.unique(filled[:BLOCK])
            self._levels[name] = sorted(column.levels[k] for k in met.tolist())

    def warn(self, stacklevel: int = 2) -> None:
        """Warn of what is left: an InfostatWarning a feature.

        Parameters
        ----------
        stacklevel : int, default=2
            As in :func:`warnings.warn`, counted from here.
        """
        for name, levels in self._levels.items():
            if name not in self._bins:
                continue
            known = [
                level for group in self._bins[name].groups or () for level in group
            ]
            coded = all(map(_is_number, levels)) and not any(map(_is_number, known))
            if coded or self._rows[name] >= LEAST:
                remedy = (
                    "these are numbers, such as codes in place of labels: give the "
                    "labels of the fit"
                    if coded
                    else "give the column of the fit, its levels written as they were "
                    "there"
                )
                warnings.warn(
                    f"None of the values of {name!r}, {name_list(levels, 3)}, is one of "
                    f"the levels of the card, {name_list(known, 3)}, so that the feature "
                    f"says nothing: {remedy}.",
                    InfostatWarning,
                    stacklevel=stacklevel + 1,
                )


def _occurs(codes: npt.NDArray[np.signedinteger], known: npt.NDArray[np.bool_]) -> bool:
    """Whether a row has a known level; a category may be there without rows."""
    by_code = np.append(known, False)  # -1 is missing
    starts = range(0, len(codes), BLOCK)
    return any(by_code[codes[start : start + BLOCK]].any() for start in starts)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
