"""Tables that must hold numbers alone."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._frames import as_frame
from infostat._magnitude import refuse_huge
from infostat.exceptions import InfostatError

__all__ = ["refuse_foreign"]


def refuse_foreign(X: Any) -> None:
    """Raise where a table is lazy, or holds what no sum of squares can.

    Parameters
    ----------
    X : object
        A frame of any library, whose columns are named; of anything else the numbers
        are looked at where there are any.

    Raises
    ------
    InfostatError
        Naming the column and the remedy.
    """
    frame = as_frame(X)
    if isinstance(frame, nw.LazyFrame):
        msg = "X is lazy: collect it, or select from a file with infostat select."
        raise InfostatError(msg)
    if frame is None:
        if isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind == "f":
            for k, column in enumerate(X.T):
                refuse_huge(f"x{k}", column)
        return
    for name in frame.columns:
        numbers = _numbers(name, frame.get_column(name))
        bad = ~np.isfinite(numbers)
        if bad.any():
            word = "NaN" if np.isnan(numbers[bad][0]) else "infinity"
            msg = (
                f"The column {name!r} contains {word} in {int(bad.sum())} rows (first: "
                f"row {int(np.flatnonzero(bad)[0])}): impute them, or drop those rows."
            )
            raise InfostatError(msg)
        refuse_huge(name, numbers)


def _numbers(name: str, values: nw.Series[Any]) -> npt.NDArray[np.float64]:
    kind = values.dtype
    found = values.to_numpy()
    if kind not in (nw.String, nw.Categorical, nw.Enum) and found.dtype.kind in "biufO":
        try:
            return np.asarray(found, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            pass
    msg = (
        f"The column {name!r} holds other things than numbers ({kind}): impute what is "
        f"missing, encode levels (OneHotEncoder), or drop it; infostat select encodes "
        f"text by itself."
    )
    raise InfostatError(msg)
