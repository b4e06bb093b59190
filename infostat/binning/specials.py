"""Declared special values: codes such as -999 that get a bin of their own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

from infostat.counts.levels import level_name
from infostat.exceptions import InfostatError

__all__ = ["special_codes"]


def special_codes(given: Any, feature: str, *, categorical: bool) -> list[Any]:
    """Special values of one feature, as the user declared them.

    Parameters
    ----------
    given : sequence, mapping or None
        For all features alike, or feature by feature. Text in a sequence speaks of the
        levels of categorical features alone.
    feature : str
        Name of the feature.
    categorical : bool
        Whether it holds levels; a number then stands for the level of that name.

    Returns
    -------
    list

    Raises
    ------
    InfostatError
        If a code is missing or infinite, or is text that a numeric feature cannot hold.
    """
    own = isinstance(given, Mapping)
    declared = list((given.get(feature) if own else given) or ())
    for value in declared:
        absent = level_name(value) is None
        if absent or (isinstance(value, Real) and math.isinf(value)):
            msg = (
                f"The special value {value!r} of {feature!r} is no code: missing values "
                f"have a bin of their own, and infinities belong to the end bins."
            )
            raise InfostatError(msg)
        if isinstance(value, str) and not categorical and (own or _is_number(value)):
            msg = (
                f"The special value {value!r} is text, and the feature {feature!r} holds "
                f"numbers: give the number, which stands for the level of that name too."
            )
            raise InfostatError(msg)
    return [v for v in declared if categorical or not isinstance(v, str)]


def _is_number(text: str) -> bool:
    """Whether a number has this very name, so that the number can be given instead."""
    try:
        return level_name(float(text)) == text
    except ValueError:
        return False
