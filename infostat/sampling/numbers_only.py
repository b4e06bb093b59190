"""Tables that must hold numbers alone."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from infostat._frames import as_frame
from infostat.exceptions import InfostatError

__all__ = ["refuse_text"]


def refuse_text(X: Any) -> None:
    """Raise where a frame is lazy or has columns that hold no numbers.

    Parameters
    ----------
    X : object
        A frame of any library; anything else passes.

    Raises
    ------
    InfostatError
        Naming the columns and the remedy.
    """
    frame = as_frame(X)
    if isinstance(frame, nw.LazyFrame):
        msg = "X is lazy: collect it, or select from a file with infostat select."
        raise InfostatError(msg)
    if frame is None:
        return
    text = [
        name
        for name, kind in frame.schema.items()
        if kind in (nw.String, nw.Categorical, nw.Enum)
    ]
    if text:
        msg = (
            f"The columns {text} hold text: encode them (OneHotEncoder), or drop them; "
            f"infostat select encodes them by itself."
        )
        raise InfostatError(msg)
