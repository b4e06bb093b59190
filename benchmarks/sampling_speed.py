"""Speed of the samplers, beside DPPy in the same run where it is installed."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from infostat.sampling import PolynomialBasis
from infostat.sampling.dpp import draw_projection
from infostat.sampling.factor import orthonormal_factor
from infostat.sampling.sources import PoolSource


def best_time(run: Callable[[], object], repeats: int) -> float:
    """Shortest wall time of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def speed_section(scale: float) -> str:
    """Finite and continuous draws; factorisation against its floor."""
    peer = find_spec("dppy") is not None
    head = (
        "## Speed\n\nShortest of several runs, one BLAS thread, both sides in one "
        "process" + ("." if peer else "; DPPy was not installed.") + "\n"
    )
    return "\n".join([head, finite(scale, peer=peer), continuous(peer=peer)])


def finite(scale: float, *, peer: bool) -> str:
    rng = np.random.default_rng(0)
    sizes = [(10_000, 50), (100_000, 100), (100_000, 200)]
    lines = []
    for n, m in sizes if scale >= 1 else sizes[:1]:
        A = rng.standard_normal((n, m))
        gram = best_time(lambda A=A: A.T @ A, 3)
        triangle = cholesky(A.T @ A)
        solve = best_time(
            lambda A=A, R=triangle: solve_triangular(R, A.T, trans="T"), 3
        )
        factor = best_time(lambda A=A: orthonormal_factor(A), 3)
        U, _ = orthonormal_factor(A)
        mu = np.full(n, 1 / n)
        source = PoolSource(U * np.sqrt(n), mu)
        draw = best_time(lambda s=source: draw_projection(s, rng), 20)
        cells = [
            f"{factor:.3f}",
            f"{factor / (2 * gram + 2 * solve):.2f}",
            f"{1e3 * draw:.2f}",
        ]
        if peer:
            other = dppy_finite(U)
            cells += [
                f"{other:.2f}",
                f"{other / draw:.0f}",
                f"{(other) / (factor + draw):.1f}",
            ]
        else:
            cells += ["–"] * 3
        lines.append(f"| {n} | {m} | " + " | ".join(cells) + " |")
    return (
        "Finite pools. Floor of the factorisation: two Gram products and two triangular "
        "solves. DPPy is given the orthonormal columns; the last column gives us the "
        "factorisation as well and DPPy none.\n\n"
        "| rows | m | factor, s | over its floor | draw, ms | DPPy draw, s | "
        "repeated draw, times | with our factorisation, times |\n"
        "|---|---|---|---|---|---|---|---|\n" + "\n".join(lines) + "\n"
    )


def dppy_finite(U: np.ndarray) -> float:
    """One draw of DPPy's finite projection sampler, seconds."""
    from dppy.finite_dpps import FiniteDPP

    process = FiniteDPP(
        "correlation", projection=True, K_eig_dec=(np.ones(U.shape[1]), U)
    )
    state = np.random.RandomState(0)
    return best_time(lambda: process.sample_exact(mode="GS", random_state=state), 1)


def continuous(*, peer: bool) -> str:
    rng, lines = np.random.default_rng(1), []
    for d, m in ((2, 50), (2, 100), (2, 200), (3, 100), (4, 100), (5, 100)):
        index, process = tensor_indices(d, m, peer=peer)
        source = PolynomialBasis(1, index_set=index, dimension=d).prepare().source_
        draw_projection(source, rng)
        ours = best_time(lambda s=source: draw_projection(s, rng), 15)
        cells = [f"{1e3 * ours:.2f}"]
        if peer:
            other = best_time(lambda p=process: p.sample(random_state=0), 5)
            cells += [f"{1e3 * other:.1f}", f"{other / ours:.1f}"]
        else:
            cells += ["–", "–"]
        lines.append(f"| {d} | {m} | " + " | ".join(cells) + " |")
    return (
        "Continuous, Legendre products, the same index set.\n\n"
        "| d | m | ours, ms | DPPy, ms | times |\n|---|---|---|---|---|\n"
        + "\n".join(lines)
        + "\n"
    )


def tensor_indices(d: int, m: int, *, peer: bool):
    """Index set of DPPy's order, or the first of the tensor set without it."""
    if peer:
        from dppy.multivariate_jacobi_ope import MultivariateJacobiOPE

        process = MultivariateJacobiOPE(m, np.zeros((d, 2)))
        return np.array(process.ordering), process
    side = int(np.ceil(m ** (1 / d)))
    grid = np.stack(np.meshgrid(*[np.arange(side)] * d, indexing="ij"), axis=-1)
    flat = grid.reshape(-1, d)
    return flat[np.argsort(flat.max(axis=1), kind="stable")][:m], None
