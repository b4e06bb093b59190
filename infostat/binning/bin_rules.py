"""What bins must satisfy, and how a document holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import as_array, as_floats, read_codes
from infostat._documents import integer, kind_of, number
from infostat.counts.levels import Factorized, level_names
from infostat.exceptions import InfostatError

__all__ = [
    "check_cuts",
    "check_groups",
    "document_fields",
    "groups_of",
    "levels_of",
    "numbers_of",
    "rows_of",
]

Specials = tuple[float | str, ...]


def _listed(feature: str, what: str, values: Any) -> Any:
    """Return a list of values; text, which is a list of letters, is refused."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        msg = (
            f"{what} of {str(feature)!r} must be a list, got {values!r}: put it in "
            f"brackets."
        )
        raise InfostatError(msg)
    return values


def numbers_of(feature: str, what: str, values: Any) -> tuple[float, ...]:
    """Read cuts or special values of a numeric feature, in the order given."""
    given = list(_listed(feature, what, values))
    name = f"{what} of {str(feature)!r}"
    numbers = as_floats(given, name, "a list of numbers")
    if numbers.ndim != 1:
        msg = f"{name} must be a list of numbers, got shape {numbers.shape}."
        raise InfostatError(msg)
    return tuple(float(number) for number in numbers)


def levels_of(feature: str, what: str, values: Any) -> tuple[str, ...]:
    """Names of a list of levels."""
    return level_names(_listed(feature, what, values))


def groups_of(feature: str, groups: Any) -> tuple[tuple[str, ...], ...]:
    """Names of the levels of each group."""
    return tuple(
        levels_of(feature, "A group", group)
        for group in _listed(feature, "Groups", groups)
    )


def rows_of(
    values: Any, classes: Any, weight: Any
) -> tuple[npt.NDArray[Any], npt.NDArray[np.float64] | None]:
    """Read the classes and weights of the rows of a column."""
    given = values.codes if isinstance(values, Factorized) else values
    if not hasattr(given, "shape"):
        given = as_array(given, "values")
    shape = (*given.shape, 1)[:1]
    classes = read_codes(classes, "classes", 2, shape=shape)
    if weight is None:
        return classes, None
    weight = as_floats(weight, "weight")
    if weight.shape != shape or not (weight >= 0.0).all():
        msg = (
            f"weight must hold one number of at least 0 for each of {shape[0]} rows, got "
            f"shape {weight.shape}, least {weight.min(initial=0.0):g}."
        )
        raise InfostatError(msg)
    return classes, weight


def check_cuts(feature: str, cuts: tuple[float, ...], special_values: Specials) -> None:
    """Refuse cuts that do not increase, and special values that are no numbers."""
    edges = np.asarray(cuts, dtype=float)
    if not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
        msg = f"Cuts of {feature!r} must be finite and increasing, got {list(cuts)}."
        raise InfostatError(msg)
    for special in special_values:
        if isinstance(special, str) or not np.isfinite(special):
            msg = (
                f"Special value {special!r} of the numeric feature {feature!r} must be "
                f"a finite number."
            )
            raise InfostatError(msg)
    if len(set(special_values)) < len(special_values):
        msg = f"Special values of {feature!r} repeat: {list(special_values)}."
        raise InfostatError(msg)


def check_groups(
    feature: str, groups: tuple[tuple[str, ...], ...], special_values: Specials
) -> None:
    """Refuse bins without levels, and levels in two bins."""
    if not all(groups):
        msg = f"A bin of {feature!r} has no levels: leave it out."
        raise InfostatError(msg)
    specials = level_names(special_values)
    n_levels = sum(map(len, groups)) + len(specials)
    if len(set(specials).union(*groups)) < n_levels:
        levels = [level for group in groups for level in group] + [*specials]
        twice = next(level for level in levels if levels.count(level) > 1)
        msg = f"Level {twice!r} of {feature!r} is in two bins: name it once."
        raise InfostatError(msg)


def document_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of bins in plain data; text is no list, a number no name, True no number.

    Parameters
    ----------
    data : mapping
        What a document holds.

    Returns
    -------
    dict of str to object
        Arguments of :class:`.Bins`.

    Raises
    ------
    ValueError
        Or a KeyError or TypeError: a field is absent or of the wrong kind.
    """
    feature = kind_of("the name of the feature", data["feature"], str)
    special = kind_of("special_values", data["special_values"], list)
    out = {"feature": feature, "missing_to": integer("missing_to", data["missing_to"])}
    if ("groups" in data) == ("cuts" in data):
        msg = "it needs either groups or cuts"
        raise ValueError(msg)
    if "groups" not in data:
        cuts = [number("a cut", v) for v in kind_of("cuts", data["cuts"], list)]
        coded = [number("a special value", v) for v in special]
        return {
            **out,
            "cuts": tuple(map(float, cuts)),
            "special_values": tuple(map(float, coded)),
        }
    groups = [kind_of("a group", group, list) for group in data["groups"]]
    for level in [*special, *(level for group in groups for level in group)]:
        kind_of("a level", level, str)
    return {
        **out,
        "groups": tuple(map(tuple, groups)),
        "special_values": tuple(special),
    }
