"""Columns of a file that a model would take for something else, said beforehand."""

from __future__ import annotations

import re
import warnings
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from infostat._text import name_list
from infostat.exceptions import InfostatWarning

__all__ = ["warn_of_doubtful"]

LEAST = 10
"""Different numbers (dates) that make a column of text look like one of numbers."""

WRITTEN = re.compile(r"[^\w.,+-]?\s*[+-]?\d[\d.,'\s]*(e[+-]?\d+)?[^\w.,+-]?")
"""A number as people write it: with a sign, separators, a currency or per cent."""

DATE = re.compile(r"(\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{2,4})([T ].*)?")
"""A date as people write it."""


def warn_of_doubtful(source: str, frame: nw.DataFrame[Any]) -> None:
    """Warn of numbers and dates read as text, and of row numbers taken for a feature.

    One stray cell makes a column of a text file text, and its numbers levels of which
    each is too rare to tell anything.

    Parameters
    ----------
    source : path-like
        The file, for the message.
    frame : narwhals DataFrame
        Its features; columns that are meant to be text left out.
    """
    for name in frame.columns:
        column = frame.get_column(name)
        if name.startswith("Unnamed: "):
            _warn(
                f"{source} has a column without a name, {name!r}, which is often the "
                f"number of the row: leave it out with --exclude {name!r}."
            )
        elif column.dtype in (nw.String, nw.Object):
            _check_text(source, name, column)


def _check_text(source: str, name: str, column: nw.Series[Any]) -> None:
    """Warn where most cells of a column of text are numbers or dates, as written."""
    cells = [cell for cell in column.drop_nulls().to_list() if isinstance(cell, str)]
    levels, counts = np.unique(np.array(cells, dtype=object), return_counts=True)
    if _are_mostly(DATE, levels, counts):
        _warn(
            f"Column {name!r} of {source} looks like dates, and each is a level of its "
            f"own: turn them into numbers, for instance days before the application, "
            f"or leave the column out with --exclude {name!r}."
        )
        return
    if not _are_mostly(WRITTEN, levels, counts):
        return
    strange = [not _is_number(level) for level in levels]
    few = levels[strange][np.argsort(-counts[strange], kind="stable")]
    _warn(
        f"Column {name!r} of {source} looks like numbers but is read as text, because "
        f"of {name_list(few, 3)} ({counts[strange].sum()} of {len(cells)} cells): give "
        f"--missing for words that mean missing, and write numbers as 1234.5."
    )


def _are_mostly(pattern: re.Pattern[str], levels: Any, counts: Any) -> bool:
    """Whether many levels and half of the cells are of a pattern."""
    found = np.array([pattern.fullmatch(level[:99]) is not None for level in levels])
    return bool(found.sum() >= LEAST and 2 * counts[found].sum() >= counts.sum())


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _warn(sentence: str) -> None:
    warnings.warn(sentence, InfostatWarning, stacklevel=3)
