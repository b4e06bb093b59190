"""What a design guarantees: constants before, by simulation, and of the design drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._frames import build_frame
from infostat.sampling.constants import expected_constant
from infostat.sampling.designs import Design, DesignPlan, gram_matrix
from infostat.sampling.simulation import SimulatedConstant
from infostat.sampling.sources import PoolSource, Source

__all__ = ["Certificate", "certify"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Certificate:
    """Error constants of a design, each with how it is known.

    A constant C bounds the squared error of the fit by C times that of the best fit in
    the space (the sup-norm constant: the error by C times the best sup-norm error).

    Attributes
    ----------
    method : str
        How the design was drawn.
    n, m : int
        Points and rank.
    expected_constant : float or None
        A priori: holds in expectation, before a design is drawn. None where no bound is
        known (greedy designs, measures without a bound) or it says nothing.
    simulated_constant : float or None
        Simulated: holds in expectation given ``min_eigenvalue >= floor``. None where
        nothing was simulated, or the design did not reach the floor.
    simulation : SimulatedConstant or None
        What stands behind it.
    sup_norm_constant : float
        Realised: 1 + sqrt(mean w / smallest eigenvalue), holds for this very design.
        Infinite for a singular one.
    noise_inflation : float
        Realised: variance of noise in the fit over m / n of its variance. Infinite for
        a singular design.
    min_eigenvalue, max_eigenvalue : float
        Realised: of the Gram matrix.
    unbiased : bool
        Whether the expectation of the fit over designs is the best fit.
    void : str
        Why there is no simulated constant although one was asked for; empty otherwise.
    condition_number : float
        Realised: largest over smallest eigenvalue; infinite for a singular design.
    """

    method: str
    n: int
    m: int
    expected_constant: float | None
    simulated_constant: float | None
    simulation: SimulatedConstant | None
    sup_norm_constant: float
    noise_inflation: float
    min_eigenvalue: float
    max_eigenvalue: float
    unbiased: bool
    void: str = ""

    @property
    def condition_number(self) -> float:
        """Largest over smallest eigenvalue; infinite for a singular design."""
        if self.min_eigenvalue <= 0:
            return float("inf")
        return self.max_eigenvalue / self.min_eigenvalue

    def summary(self, like: Any = None) -> Any:
        """Return the figures, one row each.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Columns ``quantity, known, value, meaning``.
        """
        given = ""
        if self.simulation is not None:
            given = (
                f"given eigenvalue >= {self.simulation.floor:g}, which "
                f">= {100 * self.simulation.probability:.0f} % of designs reach"
            )
        rows = [
            ("expected_constant", "a priori", self.expected_constant, _meaning(self)),
            (
                "simulated_constant",
                "simulated",
                self.simulated_constant,
                self.void or given or "not asked for",
            ),
            (
                "sup_norm_constant",
                "realised",
                self.sup_norm_constant,
                "error over best sup-norm error",
            ),
            (
                "noise_inflation",
                "realised",
                self.noise_inflation,
                "noise variance over m/n of it",
            ),
            ("min_eigenvalue", "realised", self.min_eigenvalue, "1 is ideal"),
            ("max_eigenvalue", "realised", self.max_eigenvalue, "1 is ideal"),
        ]
        names = ("quantity", "known", "value", "meaning")
        return build_frame(
            {name: [r[k] for r in rows] for k, name in enumerate(names)}, like
        )


def _meaning(certificate: Certificate) -> str:
    if certificate.expected_constant is None:
        known = certificate.method in METHODS_WITH_BOUND
        return "no bound at this size" if known else "no bound is known"
    if certificate.method in ("leverage", "uniform", "repeated_dpp"):
        return "worst case, given a redrawn design"
    return "worst case in expectation"


def certify(
    source: Source,
    design: Design,
    plan: DesignPlan,
    simulation: SimulatedConstant | None = None,
) -> Certificate:
    """Certificate of a drawn design.

    Parameters
    ----------
    source : Source
        Where it was drawn from.
    design : Design
        The design.
    plan : DesignPlan
        How it was drawn.
    simulation : SimulatedConstant, optional
        Simulated beforehand; it holds if the design was redrawn to its floor.

    Returns
    -------
    Certificate
    """
    n, m = len(design), source.rank
    smallest, largest = design.eigenvalues
    simulated, void = None, ""
    if simulation is not None and not np.isfinite(simulation.constant):
        void = "void: no simulated design reached a floor"
    elif simulation is not None and design.reached:
        simulated = simulation.constant
    elif simulation is not None:
        void = f"void: no design reached the floor {simulation.floor:g}"
    sup_norm = inflation = float("inf")
    if smallest > 0:
        sup_norm = 1.0 + float(np.sqrt(design.weights.mean() / smallest))
        inflation = _noise_inflation(design)
    return Certificate(
        plan.method,
        n,
        m,
        _a_priori(source, n, plan, design),
        simulated,
        simulation,
        sup_norm,
        inflation,
        smallest,
        largest,
        design.unbiased,
        void,
    )


def _a_priori(source: Source, n: int, plan: DesignPlan, design: Design) -> float | None:
    """Constant before the draw, None where there is none or it is infinite."""
    m = source.rank
    if plan.ridge or plan.method in ("dpp_greedy", "best_of"):
        return None
    if plan.method in UNCONDITIONAL and design.conditioned:
        return None
    bound = (
        plan.base.bound(m) if plan.base.envelope is None else m / (1 - plan.base.share)
    )
    if (bound is None or plan.method == "uniform") and isinstance(source, PoolSource):
        bound = float((source.features[source.mu > 0] ** 2).sum(axis=1).max())
    n_rows = None
    if isinstance(source, PoolSource):
        if plan.method == "fixed_volume" and np.ptp(source.mu[source.mu > 0]) > 1e-12:
            return None
        n_rows = int(np.count_nonzero(source.mu))
    if bound is None:
        return 1.0 + m if plan.method == "volume" else None
    if plan.method == "uniform" and not isinstance(source, PoolSource):
        return None
    method: Any = plan.method
    constant = expected_constant(n, m, method, bound=bound, n_rows=n_rows)
    return constant if np.isfinite(constant) else None


METHODS_WITH_BOUND = ("volume", "leverage", "repeated_dpp", "dpp", "fixed_volume")

UNCONDITIONAL = ("volume", "dpp", "fixed_volume")


def _noise_inflation(design: Design) -> float:
    """(n / m) times tr(G^-1 G_2 G^-1) / n, G_2 the mean of w^2 phi phi^T."""
    m = design.draws.features.shape[1]
    gram = gram_matrix(design.draws.features, design.weights)
    second = gram_matrix(design.draws.features, design.weights**2)
    inverse = np.linalg.inv(gram)
    return float(np.trace(inverse @ second @ inverse) / m)
