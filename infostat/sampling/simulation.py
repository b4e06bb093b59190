"""Constants from simulated designs: no outcome is needed to simulate a design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import beta
from tqdm import tqdm

from infostat._arrays import as_array, read_count, read_numbers
from infostat._threads import one_thread
from infostat.exceptions import InfostatError
from infostat.inference.estimate import check_level
from infostat.sampling.designs import DesignPlan, draw_design
from infostat.sampling.sources import Source

__all__ = [
    "SimulatedConstant",
    "has_simulated_constant",
    "plan_by_simulation",
    "simulate_eigenvalues",
    "simulated_certificate",
]

FloatArray = npt.NDArray[np.float64]

FLOORS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8)
"""Eigenvalues t that a simulated certificate chooses from, fixed before any draw."""

SIMULATED = ("volume", "leverage", "repeated_dpp")
"""Methods with E b_g^T b_g <= (m / n) g^T g under the leverage measure."""


@dataclass(frozen=True)
class SimulatedConstant:
    """A constant that holds given that the smallest eigenvalue reaches ``floor``.

    Attributes
    ----------
    constant : float
        1 + min((m / n) / t^2, 1 / t) / p with p the lower limit of the probability;
        infinite where no simulated design reached any floor.
    floor : float
        t.
    probability : float
        Lower confidence limit (Clopper-Pearson, all floors jointly) of P(smallest
        eigenvalue >= t).
    n_simulations : int
        Designs simulated.
    level : float
        Confidence level of the limit.
    """

    constant: float
    floor: float
    probability: float
    n_simulations: int
    level: float


def simulate_eigenvalues(
    source: Source,
    n: int,
    plan: DesignPlan,
    n_simulations: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Smallest eigenvalues of independent designs, without conditioning.

    Parameters
    ----------
    source : Source
        A pool or a basis.
    n : int
        Points.
    plan : DesignPlan
        How to draw.
    n_simulations : int
        Designs.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray of shape (n_simulations,)
    """
    free = replace(plan, min_eigenvalue=None)
    steps = tqdm(
        range(n_simulations),
        desc=f"designs of {n}",
        disable=None,
        delay=2.0,
        leave=False,
    )
    with one_thread():
        return np.array(
            [draw_design(source, n, free, rng).eigenvalues[0] for _ in steps]
        )


def simulated_certificate(
    smallest: npt.ArrayLike,
    n: int,
    m: int,
    *,
    floors: Sequence[float] = FLOORS,
    level: float = 0.95,
) -> SimulatedConstant:
    """Constant from simulated designs, valid for designs redrawn to reach the floor.

    E[error | smallest eigenvalue >= t] <= 1 + min((m / n) t^-2, 1 / t) / P(>= t), for
    samplers with E b_g^T b_g <= (m / n) g^T g: independent leverage draws, volume
    sampling with the leverage base, repeated DPPs.

    Parameters
    ----------
    smallest : array-like of shape (n_simulations,)
        Smallest eigenvalues of independent designs, other than the one to be used.
    n, m : int
        Points and rank.
    floors : sequence of float, default=0.05 to 0.8
        Values of t to choose from, fixed beforehand.
    level : float, default=0.95
        Confidence that all probabilities are at least the limits used.

    Returns
    -------
    SimulatedConstant

    Raises
    ------
    InfostatError
        If nothing was simulated, there is no floor or one is not positive, or the level
        does not lie strictly between 0 and 1.
    """
    check_level(level)
    n, m = read_count(n, "n"), read_count(m, "m")
    floors = read_numbers(floors, "floors", low=1e-15).tolist()
    if as_array(smallest, "smallest").size == 0:
        msg = "No design was simulated: n_simulations must be at least 1."
        raise InfostatError(msg)
    values = read_numbers(smallest, "smallest")
    tail = (1.0 - level) / len(floors)
    best = SimulatedConstant(float("inf"), 0.0, 0.0, len(values), level)
    for floor in floors:
        hits = int((values >= floor).sum())
        if not hits:
            continue
        limit = float(beta.ppf(tail, hits, len(values) - hits + 1))
        constant = 1.0 + min(m / n / floor**2, 1.0 / floor) / limit
        if constant < best.constant:
            best = SimulatedConstant(constant, floor, limit, len(values), level)
    return best


def plan_by_simulation(
    source: Source,
    plan: DesignPlan,
    *,
    target_constant: float,
    n_simulations: int,
    rng: np.random.Generator,
    largest_ratio: int = 64,
) -> tuple[int, SimulatedConstant]:
    """Smallest n (up to a tenth) whose simulated constant meets a target.

    Parameters
    ----------
    source : Source
        A pool or a basis.
    plan : DesignPlan
        How to draw; "volume", "leverage" or "repeated_dpp" with the leverage base.
    target_constant : float
        C, above 1.
    n_simulations : int
        Designs a size.
    rng : Generator
        Source of randomness.
    largest_ratio : int
        Give up beyond this many points a function.

    Returns
    -------
    n : int
        Points; whole blocks for "repeated_dpp".
    simulation : SimulatedConstant
        The constant and the floor that the design must reach.

    Raises
    ------
    InfostatError
        If the method has no simulated constant or the target is not met.
    """
    if not has_simulated_constant(plan):
        msg = (
            f"method={plan.method!r} has no simulated constant: pass n_samples, or use "
            f"one of {', '.join(SIMULATED)} with base='leverage'."
        )
        raise InfostatError(msg)
    m = source.rank

    def at(n: int) -> SimulatedConstant:
        smallest = simulate_eigenvalues(source, n, plan, n_simulations, rng)
        return simulated_certificate(smallest, n, m)

    unit = m if plan.method == "repeated_dpp" else max(m // 2, 1)
    low, high = m - unit, 2 * m
    found = at(high)
    while found.constant > target_constant:
        low, high = high, high + max(high // 2 // unit, 1) * unit
        if high > largest_ratio * m:
            msg = (
                f"The constant {target_constant} is not reached with {largest_ratio} "
                f"points a function: raise target_constant or n_simulations."
            )
            raise InfostatError(msg)
        found = at(high)
    while high - low > unit and high - low > high // 10:
        middle = low + max((high - low) // 2 // unit, 1) * unit
        if middle >= high:
            break
        between = at(middle) if middle >= m else None
        if between is not None and between.constant <= target_constant:
            high, found = middle, between
        else:
            low = middle
    return high, found


def has_simulated_constant(plan: DesignPlan) -> bool:
    """Whether the simulated constant is proven for designs of this plan."""
    return plan.method in SIMULATED and plan.base.share <= 0.0
