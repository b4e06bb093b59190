"""Drawing a design by any method: blocks, weights, eigenvalues, conditioning."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from infostat._threads import one_thread
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.sampling.density import BaseMeasure
from infostat.sampling.greedy import greedy_removal
from infostat.sampling.sources import Draws, PoolSource, Source
from infostat.sampling.volume import (
    check_size,
    draw_fixed_size,
    draw_repeated,
    draw_ridge,
    draw_volume,
)

__all__ = [
    "METHODS",
    "Design",
    "DesignPlan",
    "draw_design",
    "gram_matrix",
    "start_size",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

METHODS = (
    *("volume", "fixed_volume", "repeated_dpp", "dpp", "dpp_greedy"),
    *("leverage", "uniform", "best_of"),
)
LEAST_OVERSAMPLE = 2
"""Greedy removal starts from at least this many times the points it keeps."""

UNBIASED = ("volume", "dpp", "fixed_volume")


@dataclass(frozen=True)
class DesignPlan:
    """How to draw.

    Attributes
    ----------
    method : str
        One of ``METHODS``.
    base : BaseMeasure
        nu of the independent points of "volume" and "leverage".
    oversample : int
        Points before removal ("dpp_greedy") in units of m; at least twice those kept.
    criterion : {"A", "D"}
        What the removal keeps good.
    candidates : int
        Designs to choose from ("best_of").
    min_eigenvalue : float or None
        Redraw until the smallest eigenvalue reaches it.
    max_redraws : int
        Designs drawn at most.
    ridge : float
        Positive for regularised fixed-size sampling.
    ridge_rows : ndarray or None
        Standardised rows of the pool, for that.
    """

    method: str = "volume"
    base: BaseMeasure = field(default_factory=BaseMeasure)
    oversample: int = 6
    criterion: str = "A"
    candidates: int = 100
    min_eigenvalue: float | None = None
    max_redraws: int = 20
    ridge: float = 0.0
    ridge_rows: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Design:
    """A drawn design.

    Attributes
    ----------
    draws : Draws
        Places and features.
    weights : ndarray of shape (n,)
        w = dmu/dnu for the weighted fit.
    blocks : ndarray of shape (n,) or None
        Independent blocks of a repeated DPP.
    eigenvalues : tuple of float
        Smallest and largest of the Gram matrix, weights normalised by the mean over
        the design.
    n_redraws : int
        Designs thrown away before this one.
    conditioned : bool
        Whether it was redrawn until, or chosen because, its eigenvalue was large.
    reached : bool
        Whether the asked eigenvalue was reached; True where none was asked.
    unbiased : bool
        Whether the weighted fit on it is unbiased.
    """

    draws: Draws
    weights: FloatArray
    blocks: IntArray | None
    eigenvalues: tuple[float, float]
    n_redraws: int = 0
    conditioned: bool = False
    reached: bool = True
    unbiased: bool = False

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def complete_blocks(self) -> int:
        """Number of blocks where all are whole; 0 otherwise."""
        if self.blocks is None:
            return 0
        sizes = np.bincount(self.blocks)
        return len(sizes) if (sizes == self.draws.features.shape[1]).all() else 0


def gram_matrix(features: FloatArray, weights: FloatArray) -> FloatArray:
    """G = mean of w phi phi^T over the points, shape (m, m)."""
    rows = features * np.sqrt(weights / len(weights))[:, None]
    return np.asarray(rows.T @ rows)


def draw_design(
    source: Source, n: int, plan: DesignPlan, rng: np.random.Generator
) -> Design:
    """Draw a design, and redraw it while its smallest eigenvalue is too small.

    Parameters
    ----------
    source : Source
        A pool or a basis.
    n : int
        Points.
    plan : DesignPlan
        How.
    rng : Generator
        Source of randomness.

    Returns
    -------
    Design
        The first that reaches ``min_eigenvalue``; where none does in ``max_redraws``
        draws, the best of them, with an InfostatWarning.

    Raises
    ------
    InfostatError
        If n is below the rank, or the method needs a pool.
    """
    if not plan.ridge:
        check_size(n, source.rank)
    if plan.method == "dpp" and n != source.rank:
        msg = (
            f"A projection DPP has exactly {source.rank} points here, not {n}: ask for "
            f"{source.rank}, or use method='volume'."
        )
        raise InfostatError(msg)
    best: Design | None = None
    # The bar shows only where redraws take long.
    tries = tqdm(
        range(max(plan.max_redraws, 1)),
        desc="designs",
        disable=None,
        delay=2.0,
        leave=False,
    )
    for redraw in tries:
        design = _draw_once(source, n, plan, rng, redraw)
        if best is None or design.eigenvalues[0] > best.eigenvalues[0]:
            best = design
        if plan.min_eigenvalue is None or best.eigenvalues[0] >= plan.min_eigenvalue:
            return best
    if best is None:
        msg = f"max_redraws must be at least 1, got {plan.max_redraws}."
        raise InfostatError(msg)
    warnings.warn(
        f"None of {plan.max_redraws} designs reached the smallest eigenvalue "
        f"{plan.min_eigenvalue:g}; the best has {best.eigenvalues[0]:.3g} and no "
        f"simulated certificate: raise n_samples or lower min_eigenvalue.",
        InfostatWarning,
        stacklevel=3,
    )
    return Design(
        best.draws,
        best.weights,
        best.blocks,
        best.eigenvalues,
        plan.max_redraws - 1,
        conditioned=True,
        reached=False,
    )


def _draw_once(
    source: Source, n: int, plan: DesignPlan, rng: np.random.Generator, redraw: int
) -> Design:
    """One design of the plan's method, its eigenvalues computed."""
    draws, weights, blocks = _DRAW[plan.method](source, n, plan, rng)
    with one_thread():
        values = np.linalg.eigvalsh(gram_matrix(draws.features, weights))
    conditioned = plan.min_eigenvalue is not None or plan.method == "best_of"
    return Design(
        draws,
        weights,
        blocks,
        (max(float(values[0]), 0.0), float(values[-1])),
        redraw,
        conditioned=conditioned,
        unbiased=plan.method in UNBIASED and not conditioned and not plan.ridge,
    )


def start_size(n: int, rank: int, plan: DesignPlan) -> int:
    """Points from which greedy removal starts."""
    return max(plan.oversample * rank, LEAST_OVERSAMPLE * n)


Drawn = tuple[Draws, FloatArray, IntArray | None]


def _volume(source: Source, n: int, plan: DesignPlan, rng: Any) -> Drawn:
    draws = draw_volume(source, n, plan.base, rng)
    return draws, plan.base.weights(draws), None


def _dpp(source: Source, n: int, plan: DesignPlan, rng: Any) -> Drawn:
    del plan
    draws, _ = draw_repeated(source, n, rng)
    return draws, BaseMeasure().weights(draws), None


def _repeated(source: Source, n: int, plan: DesignPlan, rng: Any) -> Drawn:
    del plan
    draws, blocks = draw_repeated(source, n, rng)
    return draws, BaseMeasure().weights(draws), blocks


def _greedy(source: Source, n: int, plan: DesignPlan, rng: Any) -> Drawn:
    draws, _ = draw_repeated(source, start_size(n, source.rank, plan), rng)
    weights = BaseMeasure().weights(draws)
    rows = draws.features * np.sqrt(weights)[:, None]
    criterion: Any = plan.criterion
    kept = greedy_removal(rows, n, criterion=criterion)
    return draws.take(kept), weights[kept], None


def _independent(source: Source, n: int, plan: DesignPlan, rng: Any) -> Drawn:
    draws = plan.base.draw(source, n, rng)
    return draws, plan.base.weights(draws), None


def _uniform(source: Source, n: int, plan: DesignPlan, rng: Any) -> Drawn:
    del plan
    draws = source.measured(n, rng)
    return draws, np.ones(n), None


def _best_of(source: Source, n: int, plan: DesignPlan, rng: Any) -> Drawn:
    best: tuple[float, Drawn] | None = None
    with one_thread():
        for _ in range(plan.candidates):
            drawn = _independent(source, n, plan, rng)
            smallest = np.linalg.eigvalsh(gram_matrix(drawn[0].features, drawn[1]))[0]
            if best is None or smallest > best[0]:
                best = float(smallest), drawn
    if best is None:
        msg = f"best_of needs at least one candidate, got {plan.candidates}."
        raise InfostatError(msg)
    return best[1]


def _fixed(source: Source, n: int, plan: DesignPlan, rng: Any) -> Drawn:
    if not isinstance(source, PoolSource):
        msg = "method='fixed_volume' draws rows of a pool: use 'volume' for a basis."
        raise InfostatError(msg)
    if plan.ridge and plan.ridge_rows is not None:
        draws = source.rows(draw_ridge(plan.ridge_rows, n, plan.ridge, rng))
    else:
        draws = draw_fixed_size(source, n, rng)
    # The determinant is that of rows sqrt(mu) x, the fit is weighted by mu.
    mu = source.mu[draws.places]
    return draws, mu * np.count_nonzero(source.mu), None


_DRAW = {
    "volume": _volume,
    "dpp": _dpp,
    "repeated_dpp": _repeated,
    "dpp_greedy": _greedy,
    "leverage": _independent,
    "uniform": _uniform,
    "best_of": _best_of,
    "fixed_volume": _fixed,
}
