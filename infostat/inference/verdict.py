"""An interval read against limits."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from infostat._arrays import read_choice, read_number, read_numbers
from infostat.exceptions import InfostatError

__all__ = ["traffic_light", "verdict"]

Reading = Literal["stable", "moderate", "shift", "not enough data"]


def verdict(low: float, high: float, limits: tuple[float, float] = (0.10, 0.25)) -> str:
    """Reading of an interval against two limits.

    Parameters
    ----------
    low, high : float
        Confidence interval of a divergence, in nats.
    limits : tuple of float, default=(0.10, 0.25)
        Values below the first are stable, above the second a shift.

    Returns
    -------
    {"stable", "moderate", "shift", "not enough data"}
        "moderate" is an established finding between the limits; "not enough data" says
        that the interval crosses a limit.

    Raises
    ------
    InfostatError
        If an end is NaN or above the other, or the limits are not two rising numbers.
    """
    first, second = read_numbers(limits, "limits", shape=(2,))
    low, high = (
        read_number(end, name, low=-np.inf, high=np.inf)
        for end, name in ((low, "low"), (high, "high"))
    )
    if first > second or low > high:
        msg = (
            f"An interval from {low} to {high} cannot be read against the limits "
            f"{first:g} and {second:g}: both must rise."
        )
        raise InfostatError(msg)
    if high < limits[0]:
        return "stable"
    if low > limits[1]:
        return "shift"
    if limits[0] <= low and high <= limits[1]:
        return "moderate"
    return "not enough data"


def traffic_light(reading: str) -> str:
    """Colour of a :func:`verdict`.

    Parameters
    ----------
    reading : {"stable", "moderate", "shift", "not enough data"}
        A verdict.

    Returns
    -------
    {"green", "amber", "red"}
        Green and red are established; amber is everything between, a lack of data
        included, which the verdict tells apart.

    Raises
    ------
    InfostatError
        If the reading is no verdict.
    """
    read_choice(reading, "reading", get_args(Reading))
    return {"stable": "green", "shift": "red"}.get(reading, "amber")
