"""JSON documents of infostat: read whole, or refused in one sentence."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from infostat.exceptions import DocumentError

__all__ = [
    "count_arrays",
    "integer",
    "kind_of",
    "number",
    "numbers",
    "read_document",
    "texts",
]

Built = TypeVar("Built")
LONGEST = 240
"""Characters of a foreign error that a message repeats; a document may hold megabytes."""

LARGEST = 1e100
"""Largest weight of a cell: its square and the sum of squares still are numbers."""


def read_document(
    source: str | os.PathLike[str],
    build: Callable[[dict[str, Any]], Built],
    *,
    noun: str,
    form: str,
    version: int,
) -> Built:
    """Read a document and build what it describes.

    Parameters
    ----------
    source : path-like or str
        Path, or the document itself (a string that starts with ``{``).
    build : callable
        Takes the parsed document, of a schema that this version knows.
    noun : str
        What the document holds, for messages: "scorecard", "monitor".
    form : str
        Its ``format``.
    version : int
        Newest ``schema_version`` that can be read.

    Returns
    -------
    object
        What ``build`` returns.

    Raises
    ------
    DocumentError
        If the file is absent, foreign, damaged, or has a newer schema.
    """
    text, name = _text(source, noun)
    try:
        document = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_unique,
        )
    except (ValueError, RecursionError) as error:
        msg = (
            f"{name} is not a complete JSON document ({_short(error)}): write it again."
        )
        raise DocumentError(msg) from error
    if not isinstance(document, dict) or document.get("format") != form:
        msg = f"{name} is not a {noun} of infostat (no format {form!r})."
        raise DocumentError(msg)
    found = document.get("schema_version")
    if type(found) is not int or found < 1:
        msg = (
            f"{name} has a schema version, {_short(repr(found))}, which never was one."
        )
        raise DocumentError(msg)
    if found > version:
        msg = (
            f"{name} has schema version {_short(str(found))}, this infostat reads up to "
            f"{version}: upgrade infostat."
        )
        raise DocumentError(msg)
    try:
        return build(document)
    except DocumentError as error:
        raise DocumentError(f"{name} is damaged: {_short(error)}") from error
    except (
        LookupError,
        TypeError,
        ValueError,
        ArithmeticError,
        AttributeError,
        RecursionError,
    ) as error:
        kind = type(error).__name__
        msg = f"{name} is damaged ({kind}: {_short(error)}): write it again."
        raise DocumentError(msg) from error


def _short(error: object) -> str:
    """One line of an error's words, cut where they quote the whole document."""
    line = " ".join(str(error).split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def _text(source: str | os.PathLike[str], noun: str) -> tuple[str, str]:
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return source, "The document"
    name = _short(source)
    try:
        return Path(source).read_text(encoding="utf-8"), name
    except FileNotFoundError as error:
        msg = f"There is no file {name}: give the path of a saved {noun}."
        raise DocumentError(msg) from error
    except (OSError, ValueError) as error:
        msg = f"{name} cannot be read as text: {_short(error)}."
        raise DocumentError(msg) from error


def _refuse_constant(name: str) -> None:
    msg = f"it holds {name}, which is not JSON"
    raise ValueError(msg)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        msg = f"it holds {text[:20]}, which is too large"
        raise ValueError(msg)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Object of a document; of two values under one name neither can be trusted."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"it has {_short(twice)!r} twice in one object"
        raise ValueError(msg)
    return found


def kind_of(name: str, value: Any, kind: type[Built]) -> Built:
    """Return a value that has exactly this type; text is no list and True no number.

    Raises
    ------
    TypeError
        If it has another type.
    """
    if type(value) is not kind:
        msg = f"{name} is {_short(repr(value))}, not of type {kind.__name__}"
        raise TypeError(msg)
    return value


def integer(name: str, value: Any) -> int:
    """Return a whole number that is not a bool; raises TypeError."""
    return kind_of(name, value, int)


def number(name: str, value: Any) -> float:
    """Return a number that is neither text nor bool; raises TypeError."""
    if type(value) is not int and type(value) is not float:
        msg = f"{name} is {_short(repr(value))}, not a number"
        raise TypeError(msg)
    return float(value)


def numbers(
    name: str, values: Any, kind: str = "number", *, gaps: bool = False
) -> npt.NDArray[Any]:
    """Return an array of a list, without numpy's readiness to convert.

    Parameters
    ----------
    name : str
        What it is, for messages.
    values : list
        Of the document, nested where the array has several axes.
    kind : {"number", "integer", "bool"}
        What the entries must be.
    gaps : bool, default=False
        Whether null stands for NaN in a plain list.

    Returns
    -------
    ndarray of float64, int64 or bool

    Raises
    ------
    TypeError
        If it is no list, or holds anything else.
    """
    listed = kind_of(name, values, list)
    if gaps:
        listed = [math.nan if v is None else v for v in listed]
    found = np.array(listed)
    allowed = {"number": "if", "integer": "i", "bool": "b"}[kind]
    if found.dtype.kind not in allowed and found.size:
        msg = f"{name} holds {_short(repr(values))}, not entries of type {kind}"
        raise TypeError(msg)
    return found.astype({"number": float, "integer": np.int64, "bool": bool}[kind])


def texts(name: str, values: Any) -> tuple[str, ...]:
    """Return the texts of a list; raises TypeError where it holds anything else."""
    return tuple(kind_of(name, value, str) for value in kind_of(name, values, list))


def count_arrays(
    feature: str,
    entry: dict[str, Any],
    shape: tuple[int, int],
    *,
    weighted: bool = True,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Rows, weights and squared weights of a count table; rows stand for absent weights.

    Raises
    ------
    DocumentError
        If they do not fit the bins, or are no counts.
    TypeError
        If they are not numbers.
    """
    rows = numbers("rows", entry["rows"], "integer")
    weight = squared = rows.astype(np.float64)
    if weighted:
        weight = numbers("weight", entry["weight"])
        squared = numbers("squared_weight", entry["squared_weight"])
    for counts, most in ((rows, 1e18), (weight, LARGEST), (squared, LARGEST**2)):
        if counts.shape != shape or not ((counts >= 0) & (counts <= most)).all():
            msg = f"The document's counts of {feature!r} do not fit its bins."
            raise DocumentError(msg)
    return rows, weight, squared
