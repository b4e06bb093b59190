"""Column names that every engine takes, in place of the user's.

Spark reads a name such as "a.b" as a field of "a", fails on a back quote, and knows no
difference between "A" and "a". Its columns are renamed by position before they are
spoken of, and get their own names back at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

__all__ = ["own_names", "plain_names"]

Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]


def plain_names(frame: Frame) -> tuple[Frame, dict[str, str]]:
    """Rename the columns where the engine needs it.

    Parameters
    ----------
    frame : narwhals DataFrame or LazyFrame
        Any frame.

    Returns
    -------
    frame : narwhals DataFrame or LazyFrame
        The frame itself, or on Spark the frame with the columns c0, c1, ...
    names : dict of str to str
        Name of each column in that frame.
    """
    columns = frame.collect_schema().names()
    if not _reads_names_as_code(frame):
        return frame, {name: name for name in columns}
    plain = [f"c{k}" for k in range(len(columns))]
    # Positional: a rename by name would have to name the columns that it cannot name.
    renamed = nw.from_native(frame.to_native().toDF(*plain))
    return renamed, dict(zip(columns, plain, strict=True))


def own_names(frame: Frame, names: Sequence[str]) -> Frame:
    """Give a frame of :func:`plain_names`, columns in order, the names of the user."""
    if not _reads_names_as_code(frame):
        return frame
    return nw.from_native(frame.to_native().toDF(*names))  # type: ignore[no-any-return]


def _reads_names_as_code(frame: Frame) -> bool:
    return bool(frame.implementation.is_pyspark()) or bool(
        frame.implementation.is_pyspark_connect()
    )
