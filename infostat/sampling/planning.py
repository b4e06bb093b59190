"""From the parameters of an estimator to a drawn and certified design."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._frames import build_frame
from infostat._sklearn import Integral, Interval, Real, RealNotInt, StrOptions
from infostat.exceptions import InfostatError
from infostat.sampling.certificate import Certificate, certify
from infostat.sampling.constants import required_samples
from infostat.sampling.density import BaseMeasure, Envelope
from infostat.sampling.designs import METHODS, Design, DesignPlan, draw_design
from infostat.sampling.simulation import (
    FLOORS,
    SimulatedConstant,
    has_simulated_constant,
    plan_by_simulation,
    simulate_eigenvalues,
    simulated_certificate,
)
from infostat.sampling.sources import PoolSource, Source

__all__ = [
    "DESIGN_CONSTRAINTS",
    "DesignSample",
    "as_generator",
    "certified_design",
    "resolve_base",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

FEWEST_SIMULATIONS = 200

DESIGN_CONSTRAINTS: dict[str, list[Any]] = {
    "method": [StrOptions(set(METHODS))],
    "n_samples": [
        Interval(Integral, 1, None, closed="left"),
        Interval(RealNotInt, 0, None, closed="neither"),
        StrOptions({"target"}),
        None,
    ],
    "base": [StrOptions({"leverage", "uniform", "mixture", "kernel"})],
    "mixture": [Interval(Real, 0, 1, closed="neither")],
    "kernel_diagonal": "no_validation",  # type: ignore[dict-item]
    "oversample": [Interval(Integral, 1, None, closed="left")],
    "min_eigenvalue": [Interval(Real, 0, None, closed="neither"), None],
    "max_redraws": [Interval(Integral, 1, None, closed="left")],
    "target_constant": [Interval(Real, 1, None, closed="neither")],
    "n_simulations": [Interval(Integral, 0, None, closed="left")],
    "random_state": "no_validation",  # type: ignore[dict-item]
}
"""Parameters that sampler and regressor share."""


@dataclass(frozen=True, eq=False)
class DesignSample:
    """A design: where to observe, and how much each observation weighs.

    Attributes
    ----------
    indices : ndarray of shape (n,) or None
        Row numbers, for pools; a row that comes twice is observed once and counts
        twice.
    points : ndarray of shape (n, d) or None
        Points, for bases.
    weights : ndarray of shape (n,)
        w = dmu/dnu, for weighted least squares.
    blocks : ndarray of shape (n,) or None
        Independent blocks of a repeated DPP.
    features : ndarray of shape (n, m)
        Orthonormal features at the points.
    certificate : Certificate
        What the design guarantees.
    n_redraws : int
        Designs thrown away before it.
    complete_blocks : int
        Number of blocks where all are whole, 0 otherwise.
    method : str
        How it was drawn.
    min_eigenvalue : float
        Smallest eigenvalue of the Gram matrix; 1 is ideal.
    """

    indices: IntArray | None
    points: FloatArray | None
    weights: FloatArray
    blocks: IntArray | None
    features: FloatArray
    certificate: Certificate
    n_redraws: int
    complete_blocks: int

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def method(self) -> str:
        """How it was drawn."""
        return self.certificate.method

    @property
    def min_eigenvalue(self) -> float:
        """Smallest eigenvalue of the Gram matrix."""
        return self.certificate.min_eigenvalue

    def to_frame(self, like: Any = None) -> Any:
        """Return the design as a frame, one row a point.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Columns ``row`` or ``x0, x1, ...``, then ``weight`` and, for a repeated
            DPP, ``block``.
        """
        columns: dict[str, Any] = {}
        if self.indices is not None:
            columns["row"] = self.indices
        elif self.points is not None:
            columns = {f"x{j}": x for j, x in enumerate(self.points.T)}
        columns["weight"] = self.weights
        if self.blocks is not None:
            columns["block"] = self.blocks
        return build_frame(columns, like)


def as_generator(random_state: Any) -> np.random.Generator:
    """Generator of a seed, a Generator, a RandomState or None."""
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**31, size=4))
    return np.random.default_rng(random_state)


def resolve_base(
    source: Source, base: str, mixture: float, kernel_diagonal: Any
) -> BaseMeasure:
    """Return the base measure of an estimator's parameters.

    Raises
    ------
    InfostatError
        If a kernel's diagonal is missing, superfluous or not usable.
    """
    if (base == "kernel") != (kernel_diagonal is not None):
        msg = (
            f"base={base!r} and kernel_diagonal go together: base='kernel' needs "
            f"kernel_diagonal, the others take none."
        )
        raise InfostatError(msg)
    if base == "leverage":
        return BaseMeasure(0.0)
    if base == "uniform":
        return BaseMeasure(1.0)
    if base == "mixture":
        return BaseMeasure(float(mixture))
    if isinstance(kernel_diagonal, Envelope):
        return BaseMeasure(float(mixture), kernel_diagonal)
    values = np.asarray(kernel_diagonal, dtype=float)
    usable = isinstance(source, PoolSource) and values.shape == source.mu.shape
    if not (usable and np.isfinite(values).all() and (values > 0).all()):
        msg = (
            "kernel_diagonal must hold one positive number a row of the pool, or be an "
            "Envelope with its bound and mean."
        )
        raise InfostatError(msg)
    mean = float(source.mu @ values) if isinstance(source, PoolSource) else 1.0
    return BaseMeasure(float(mixture), Envelope(values, mean))


def _size(
    source: Source,
    n_samples: Any,
    plan: DesignPlan,
    target: float,
    n_simulations: int,
    rng: np.random.Generator,
) -> tuple[int, SimulatedConstant | None]:
    """Number of points, and the simulation that chose it."""
    m = source.rank
    if n_samples is None:
        return (m if plan.method == "dpp" else 2 * m), None
    if isinstance(n_samples, str):
        if has_simulated_constant(plan):
            return plan_by_simulation(
                source,
                plan,
                target_constant=target,
                n_simulations=max(n_simulations, FEWEST_SIMULATIONS),
                rng=rng,
            )
        if plan.method in ("fixed_volume", "dpp", "volume", "leverage"):
            rows = None
            if isinstance(source, PoolSource):
                rows = int(np.count_nonzero(source.mu))
            method: Any = plan.method
            bound = plan.base.bound(m)
            return required_samples(
                m, target_constant=target, method=method, bound=bound, n_rows=rows
            ), None
        msg = f"No constant is known for method={plan.method!r}: pass n_samples."
        raise InfostatError(msg)
    if isinstance(n_samples, float):
        n = math.ceil(n_samples * m - 1e-9)
        return (-(-n // m) * m if plan.method == "repeated_dpp" else n), None
    return int(n_samples), None


def certified_design(
    source: Source,
    n_samples: Any,
    plan: DesignPlan,
    *,
    target_constant: float,
    n_simulations: int,
    rng: np.random.Generator,
) -> DesignSample:
    """Draw a design with its certificate.

    Parameters
    ----------
    source : Source
        A pool or a basis.
    n_samples : int, float, "target" or None
        Points; a ratio to the rank (rounded up to whole blocks for "repeated_dpp");
        the smallest number that meets the target; twice the rank.
    plan : DesignPlan
        How to draw.
    target_constant : float
        For "target".
    n_simulations : int
        Designs to simulate for the certificate; 0 for none.
    rng : Generator
        Source of randomness.

    Returns
    -------
    DesignSample

    Raises
    ------
    InfostatError
        If the number of points does not fit the method or the rank.
    """
    n, simulation = _size(source, n_samples, plan, target_constant, n_simulations, rng)
    if simulation is None and n_simulations:
        if not has_simulated_constant(plan):
            msg = (
                f"No simulated constant is known for method={plan.method!r} with this "
                f"base measure: set n_simulations=0."
            )
            raise InfostatError(msg)
        smallest = simulate_eigenvalues(source, n, plan, n_simulations, rng)
        floors = FLOORS if plan.min_eigenvalue is None else (plan.min_eigenvalue,)
        simulation = simulated_certificate(smallest, n, source.rank, floors=floors)
    if simulation is not None and np.isfinite(simulation.constant):
        # The floor is fixed before the design is drawn, and the design must reach it.
        plan = replace(plan, min_eigenvalue=simulation.floor)
    design = draw_design(source, n, plan, rng)
    return as_sample(source, design, certify(source, design, plan, simulation))


def as_sample(source: Source, design: Design, certificate: Certificate) -> DesignSample:
    """Public form of a design."""
    finite = isinstance(source, PoolSource)
    places = design.draws.places
    return DesignSample(
        places if finite else None,
        None if finite else places,
        design.weights,
        design.blocks,
        design.draws.features,
        certificate,
        design.n_redraws,
        design.complete_blocks,
    )
