"""Closed forms: risks that need no sums over rows."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from infostat._arrays import read_choice, read_count, read_number, read_numbers
from infostat.exceptions import InfostatError
from infostat.samplesize.expansion import Expansion

__all__ = ["binned_expansion", "normal_linear_risk", "normal_risk"]


def binned_expansion(
    events: npt.ArrayLike,
    non_events: npt.ArrayLike,
    *,
    design: Literal["random", "fixed"] = "random",
) -> Expansion:
    r"""Risk of one binned feature: the event rate of each of K bins.

    With shares ``s_b`` of the rows and rates in bin b, and B, G, n counts,

    .. math::

        c_{fix} = n \sum_b \left[ \tfrac5{12} (1/B_b + 1/G_b) - \tfrac{11}{12 n_b}
        \right], \qquad
        c_{out} = -\tfrac K2 + \tfrac{5 n}{12} \sum_b (1/B_b + 1/G_b - 1/n_b)

    Parameters
    ----------
    events, non_events : array-like of shape (n_bins,)
        Counts, or expected counts; only their proportions matter.
    design : {"random", "fixed"}, default="random"
        Risk on new rows, or on the rows of the sample.

    Returns
    -------
    Expansion

    Raises
    ------
    InfostatError
        If a bin lacks a class or the design is unknown.

    Examples
    --------
    >>> round(binned_expansion([10, 20], [90, 80], design="fixed").c2, 4)
    10.8009
    """
    read_choice(design, "design", ("random", "fixed"))
    b = read_numbers(events, "events", low=0.0, high=1e15)
    g = read_numbers(non_events, "non_events", low=0.0, high=1e15)
    if b.shape != g.shape or not ((b > 1e-15).all() and (g > 1e-15).all()):
        msg = (
            "Every bin needs events and non-events, one count of each a bin: merge bins "
            "that lack a class."
        )
        raise InfostatError(msg)
    size = b + g
    n, k = size.sum(), len(size)
    inverse = 1.0 / b + 1.0 / g
    if design == "fixed":
        c2 = n * (5.0 / 12.0 * inverse - 11.0 / (12.0 * size)).sum()
    else:
        c2 = 5.0 * n / 12.0 * (inverse - 1.0 / size).sum() - k / 2.0
    return Expansion(k / 2.0, float(c2), k)


def normal_risk(n: int, d: int) -> float:
    """Exact risk of a normal law with free mean and covariance.

    Parameters
    ----------
    n : int
        Sample size, above ``d + 2``.
    d : int
        Dimension.

    Returns
    -------
    float
        Risk in nats.

    Raises
    ------
    InfostatError
        If the sample is too small: the risk is infinite.
    """
    d = read_count(d, "d")
    _check_size(n, d + 2, "d + 2")
    spread = digamma((n - np.arange(1, d + 1)) / 2.0).sum() + d * np.log(2.0 / n)
    return float(0.5 * (n * d / (n - d - 2) - d + spread + d / (n - d - 2)))


def normal_linear_risk(n: int, k: int) -> float:
    """Exact in-sample risk of a normal linear model with unknown variance.

    Parameters
    ----------
    n : int
        Rows, above ``k + 2``.
    k : int
        Coefficients, the intercept included.

    Returns
    -------
    float
        Risk in nats.

    Raises
    ------
    InfostatError
        If the sample is too small: the risk is infinite.
    """
    k = read_count(k, "k")
    _check_size(n, k + 2, "k + 2")
    spread = digamma((n - k) / 2.0) - np.log(n / 2.0)
    return float(0.5 * ((n + k) / (n - k - 2) - 1.0 + spread))


def _check_size(n: Any, least: int, words: str) -> None:
    if not read_number(n, "n") > least:
        msg = f"n must exceed {words} = {least}, got {n}: the exact risk is infinite."
        raise InfostatError(msg)
