"""An interval read against limits."""

from __future__ import annotations

__all__ = ["traffic_light", "verdict"]


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
    """
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
    """
    return {"stable": "green", "shift": "red"}.get(reading, "amber")
