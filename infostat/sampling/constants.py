"""What is known before a design is drawn: error constants and sample sizes.

A constant C bounds the expected squared error of a fit by C times the least in the
space. Derivations: matrix Chernoff bounds (Tropp 2012) and the identities of volume
sampling; every function names its formula.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.optimize import minimize_scalar

from infostat._arrays import read_choice, read_number
from infostat.exceptions import InfostatError

__all__ = ["chernoff_size", "expected_constant", "lower_tail", "required_samples"]

Method = Literal["volume", "leverage", "repeated_dpp", "dpp", "fixed_volume", "uniform"]

METHODS = ("volume", "leverage", "repeated_dpp", "dpp", "fixed_volume", "uniform")
LARGEST = 10**9
HUGE = 1e100


def _lower_rate(delta: float) -> float:
    """c(delta) = delta + (1 - delta) ln(1 - delta), the lower Chernoff rate."""
    return delta + (1.0 - delta) * math.log1p(-delta) if delta < 1.0 else 1.0


def _upper_rate(delta: float) -> float:
    """(1 + delta) ln(1 + delta) - delta, the two-sided Chernoff rate."""
    return (1.0 + delta) * math.log1p(delta) - delta


def lower_tail(n: int, m: int, delta: float, bound: float) -> float:
    """Bound of P(smallest eigenvalue < 1 - delta), m exp(-n c(delta) / L).

    Parameters
    ----------
    n : int
        Independent terms.
    m : int
        Rank.
    delta : float
        In (0, 1].
    bound : float
        L, the largest norm of a term.

    Returns
    -------
    float
        At most 1.
    """
    return min(1.0, m * math.exp(-n * _lower_rate(delta) / bound))


def chernoff_size(
    m: int,
    *,
    delta: float,
    failure: float = 0.01,
    bound: float | None = None,
    sides: Literal["one", "two"] = "one",
) -> int:
    """Independent points that hold the Gram matrix near the identity.

    Parameters
    ----------
    m : int
        Rank.
    delta : float
        Distance, in (0, 1).
    failure : float, default=0.01
        Probability that it does not hold.
    bound : float, optional
        L, the supremum of w phi^T phi; m by default, that of the leverage measure.
    sides : {"one", "two"}, default="one"
        "one" bounds the smallest eigenvalue from below, all that error bounds need;
        "two" bounds the norm of G - I.

    Returns
    -------
    int
        Smallest n with m exp(-n c(delta) / L) <= failure (twice that for "two").

    Raises
    ------
    InfostatError
        If delta or failure are not in (0, 1).

    Examples
    --------
    >>> chernoff_size(10, delta=0.9), chernoff_size(10, delta=0.9, sides="two")
    (104, 238)
    """
    for name, value in (("delta", delta), ("failure", failure)):
        if not 0.0 < value < 1.0:
            msg = f"{name} must lie strictly between 0 and 1, got {value}."
            raise InfostatError(msg)
    bound = float(m) if bound is None else bound
    if sides == "one":
        return math.ceil(bound / _lower_rate(delta) * math.log(m / failure))
    return math.ceil(bound / _upper_rate(delta) * math.log(2.0 * m / failure))


def _volume_constant(n: int, m: int, bound: float) -> float:
    """gamma_n: 1 + m always (non-increasing in n), or the bound by a good event.

    1 + V (1 - delta)^-2 + (n m / (n - m + 1)) max(1, L/m) p with V = m/n for the
    leverage measure and [(n - m) L + 2 L^2] / n^2 else, p the Chernoff bound of the
    n - m independent points.
    """
    if n <= m:
        return 1.0 + m
    leverage = bound <= m * (1.0 + 1e-12)
    spread = m / n if leverage else ((n - m) * bound + 2.0 * bound**2) / n**2
    inverse = n * m / (n - m + 1.0) * max(1.0, bound / m)

    def total(delta: float) -> float:
        inner = 1.0 - (1.0 - delta) * n / (n - m)
        tail = lower_tail(n - m, m, inner, bound) if inner > 0 else 1.0
        return 1.0 + spread / (1.0 - delta) ** 2 + inverse * tail

    return min(1.0 + m, _smallest(total, m / n))


def _conditioned_constant(m: int, terms: int, norm: float, spread: float) -> float:
    """1 + min(1/(1-d), spread (1-d)^-2) / (1 - p), given smallest eigenvalue >= 1 - d.

    ``terms`` independent matrices of norm at most ``norm`` make p; infinite where p
    reaches 1 for every d.
    """

    def total(delta: float) -> float:
        failure = lower_tail(terms, m, delta, norm)
        if failure >= 1.0:
            return math.inf
        floor = 1.0 - delta
        return 1.0 + min(1.0 / floor, spread / floor**2) / (1.0 - failure)

    return _smallest(total, 0.0)


def _smallest(total: Callable[[float], float], lowest: float) -> float:
    """Smallest value over delta: a grid, then a bracketed search."""
    grid = np.linspace(lowest, 1.0, 402)[1:-1]
    values = [total(float(delta)) for delta in grid]
    best = int(np.argmin(values))
    if not math.isfinite(values[best]):
        return math.inf
    ends = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(
        lambda delta: min(total(float(delta)), HUGE), bounds=ends, method="bounded"
    )
    return float(min(values[best], found.fun))


def expected_constant(
    n: int,
    m: int,
    method: Method = "volume",
    *,
    bound: float | None = None,
    n_rows: int | None = None,
) -> float:
    """A-priori constant C of E error <= C times the least error, both squared.

    Parameters
    ----------
    n : int
        Points.
    m : int
        Rank.
    method : str, default="volume"
        "volume" and "dpp" hold without conditions. "leverage", "uniform" and
        "repeated_dpp" hold for designs redrawn until the smallest eigenvalue reaches
        the best 1 - delta. "fixed_volume" holds on pools of equal weights.
    bound : float, optional
        L, the supremum of w phi^T phi under the base measure; m by default.
    n_rows : int, optional
        Rows of the pool, for "fixed_volume".

    Returns
    -------
    float
        Infinite where n is too small for the bound to say anything.

    Raises
    ------
    InfostatError
        If n is below m, the method is unknown, or "fixed_volume" lacks its pool and
        "uniform" its bound.

    Notes
    -----
    These are worst cases, far above what happens: simulate
    (:func:`simulated_certificate`) before a budget is spent.

    Examples
    --------
    >>> round(expected_constant(200, 10), 2), expected_constant(10, 10, "dpp")
    (1.78, 11.0)
    """
    read_choice(method, "method", METHODS)
    if read_number(n, "n") < read_number(m, "m") or m < 1:
        msg = f"n = {n} points cannot carry m = {m} functions: n must be at least m."
        raise InfostatError(msg)
    if method == "uniform" and bound is None:
        msg = "The uniform measure needs bound=, the supremum of phi^T phi."
        raise InfostatError(msg)
    L = float(m) if bound is None else read_number(bound, "bound")
    if method == "dpp":
        return 1.0 + m
    if method == "volume":
        return _volume_constant(n, m, L)
    if method == "fixed_volume":
        if n_rows is None or n_rows < n:
            msg = f"fixed_volume needs n_rows, at least n = {n}, got {n_rows}."
            raise InfostatError(msg)
        # Sharp envelope over the class of all pools (Rhee 2026).
        share = (n_rows - n) / (n_rows - m) if n_rows > m else 0.0
        return 1.0 + m * share
    if method == "repeated_dpp":
        return _conditioned_constant(m, n // m, float(m), m / n)
    return _conditioned_constant(m, n, L, L / n)


def required_samples(
    m: int,
    *,
    target_constant: float = 2.0,
    method: Method = "volume",
    bound: float | None = None,
    n_rows: int | None = None,
) -> int:
    """Smallest number of points whose a-priori constant meets a target.

    Parameters
    ----------
    m : int
        Rank.
    target_constant : float, default=2.0
        C, above 1.
    method : str, default="volume"
        As in :func:`expected_constant`.
    bound : float, optional
        As there.
    n_rows : int, optional
        As there.

    Returns
    -------
    int

    Raises
    ------
    InfostatError
        If the target is not above 1, or the method never meets it.

    Examples
    --------
    >>> required_samples(10), required_samples(10, method="leverage")
    (181, 122)
    """
    if not target_constant > 1.0:
        msg = (
            f"target_constant must be above 1, got {target_constant}: 2, for instance."
        )
        raise InfostatError(msg)

    def meets(n: int) -> bool:
        return (
            expected_constant(n, m, method, bound=bound, n_rows=n_rows)
            <= target_constant
        )

    low, high = m, m
    top = LARGEST if n_rows is None or method != "fixed_volume" else n_rows
    if method == "dpp":
        top = m
    while not meets(high):
        if high >= top:
            msg = (
                f"method={method!r} does not reach the constant {target_constant} with "
                f"{m} functions: choose another method or a larger target."
            )
            raise InfostatError(msg)
        low, high = high, min(2 * high, top)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if meets(middle) else (middle, high)
    return high
