"""Numbers that can be squared and added without leaving the range of numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError

__all__ = ["LARGEST", "refuse_huge"]

LARGEST = 1e30
"""Single precision, in which some learners compute, ends at 3e38."""


def refuse_huge(name: str, values: npt.NDArray[np.float64]) -> None:
    """Raise where a column holds a finite number whose moments overflow.

    Parameters
    ----------
    name : str
        Name of the column, for the message.
    values : ndarray of float64
        Its numbers; NaN and infinities are not looked at.

    Raises
    ------
    InfostatError
        Naming the column, the number and the remedies.
    """
    # Half precision could not hold the bound that it is compared with.
    values = np.asarray(values, dtype=np.float64)
    huge = np.isfinite(values) & (np.abs(values) > LARGEST)
    if huge.any():
        msg = (
            f"The column {name!r} holds {values[huge][0]:g}, and squares of numbers "
            f"beyond {LARGEST:g} overflow: rescale it, take logarithms, or treat such "
            f"codes as missing."
        )
        raise InfostatError(msg)
