"""Frames from columns, in the library that the caller names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from infostat._arrays import read_choice
from infostat._frames import build_frame, frame_backend
from infostat.exceptions import InfostatError

__all__ = ["checked_backend", "frame_of"]

_LIBRARIES = ("pandas", "polars", "pyarrow")


def checked_backend(backend: str | None) -> str | None:
    """Name of a library for new frames; an error where it is unknown or missing."""
    if backend is None:
        found: str | None = frame_backend()
        return found
    read_choice(backend, "backend", _LIBRARIES)
    library: Any = backend
    try:
        nw.from_dict({"column": [0]}, backend=library)
    except ImportError as error:
        msg = f"backend {backend!r} is not installed: install it or choose another."
        raise InfostatError(msg) from error
    return backend


def frame_of(columns: Mapping[str, np.ndarray[Any, Any]], backend: str | None) -> Any:
    """Build a frame; missing values are whatever the library calls missing.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (n_rows,)
        Numbers (NaN = missing), or objects that are text or None.
    backend : {"pandas", "polars", "pyarrow"} or None
        Library of the frame; None as in `infostat._frames.build_frame`.

    Returns
    -------
    frame
        A dict of arrays where no library is installed.
    """
    library: Any = checked_backend(backend)
    if library is None:
        return build_frame(columns)
    listed = {
        name: values.tolist() if values.dtype == object else values
        for name, values in columns.items()
    }
    frame = nw.from_dict(listed, backend=library)
    if library != "pandas":
        # Outside pandas, NaN is a number and null is the missing value.
        floats = [name for name, v in columns.items() if v.dtype.kind == "f"]
        frame = frame.with_columns(
            nw.when(~nw.col(name).is_nan()).then(nw.col(name)).alias(name)
            for name in floats
        )
    return frame.to_native()
