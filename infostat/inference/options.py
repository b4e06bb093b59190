"""What count tables are measured with: meanings of weights and classes, divergences."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from infostat._arrays import read_choice
from infostat.counts import CountTable
from infostat.divergences import Divergence, get_divergence
from infostat.exceptions import InfostatError

__all__ = [
    "Reference",
    "WeightType",
    "check_reference",
    "check_two_classes",
    "check_weight_type",
    "smooth_divergence",
]

Reference = Literal["sample", "fixed"]
WeightType = Literal["frequency", "sampling"]


def check_weight_type(weight_type: str) -> None:
    """Raise unless ``weight_type`` names a meaning of weights."""
    read_choice(weight_type, "weight_type", get_args(WeightType))


def check_reference(reference: str) -> None:
    """Raise unless ``reference`` names what class 0 is."""
    read_choice(reference, "reference", get_args(Reference))


def smooth_divergence(divergence: str | Divergence) -> Divergence:
    """Look a divergence up; raise where the delta method does not apply to it."""
    kind = get_divergence(divergence)
    if not np.isfinite(kind.curvature):
        msg = (
            f"The divergence {kind.name!r} has no second derivative at equality, so the "
            f"delta method does not apply: use 'hellinger' or 'js'."
        )
        raise InfostatError(msg)
    return kind


def check_two_classes(table: CountTable) -> None:
    """Raise unless a table has two classes, each with weight."""
    if table.weight.shape[1] != 2:
        msg = f"Expected two classes, got {table.weight.shape[1]}: select two columns."
        raise InfostatError(msg)
    if (table.totals <= 0).any():
        which = "events" if table.totals[-1] <= 0 else "non-events"
        msg = (
            f"The table holds no {which}: a divergence needs both classes. Pool periods "
            f"or segments until both occur."
        )
        raise InfostatError(msg)
