"""Validation and speed of the sampling room: writes docs/validation_sampling.md.

Run ``python -m benchmarks.sampling`` from the root of the repository; ``--quick`` runs
a tenth of the repetitions and prints without writing. The speed section compares with
DPPy where it is installed, and the credit case needs the folder of public data sets.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.stats import qmc

from benchmarks.sampling_credit import credit_section
from benchmarks.sampling_speed import speed_section
from infostat._files import write_text
from infostat.exceptions import InfostatWarning
from infostat.sampling import PolynomialBasis, VolumeRegressor
from infostat.sampling.density import BaseMeasure
from infostat.sampling.designs import DesignPlan, draw_design, gram_matrix
from infostat.sampling.least_squares import weighted_fit
from infostat.sampling.simulation import simulate_eigenvalues, simulated_certificate

PAGE = Path(__file__).parents[1] / "docs" / "validation_sampling.md"
DESIGNS = ("leverage", "volume", "repeated_dpp")


def table(header: list[str], rows: list[list[object]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def stability(scale: float) -> str:
    """Smallest eigenvalues of designs, by space, size and method."""
    spaces = [
        ("d=1, m=30", PolynomialBasis(29, dimension=1), (2, 6)),
        ("total degree 6, d=2, m=28", PolynomialBasis(6, dimension=2), (4, 8)),
        (
            "hyperbolic cross, d=4, m=43",
            PolynomialBasis(6, index_set="hyperbolic_cross", dimension=4),
            (4, 12),
        ),
    ]
    rng, rows = np.random.default_rng(0), []
    for name, basis, ratios in spaces:
        source = basis.prepare().source_
        for ratio in ratios:
            cells: list[object] = [name, ratio]
            for method in DESIGNS:
                values = simulate_eigenvalues(
                    source,
                    ratio * source.rank,
                    DesignPlan(method),
                    max(int(200 * scale), 20),
                    rng,
                )
                cells.append(
                    f"{np.median(values):.3f} / {np.quantile(values, 0.1):.3f}"
                )
            rows.append(cells)
    return (
        "## Stability\n\nSmallest eigenvalue of the Gram matrix, median / 10 % quantile "
        "over 200 designs.\n\n" + table(["space", "n/m", *DESIGNS], rows)
    )


def certificates(scale: float) -> str:
    """Simulated constants at several sizes."""
    rng, rows = np.random.default_rng(1), []
    for name, basis in (
        ("d=1, m=10", PolynomialBasis(9, dimension=1)),
        ("total degree 5, d=2, m=21", PolynomialBasis(5, dimension=2)),
    ):
        source = basis.prepare().source_
        m = source.rank
        for method in DESIGNS:
            cells: list[object] = [name, method]
            for ratio in (2, 4, 6, 12):
                values = simulate_eigenvalues(
                    source,
                    ratio * m,
                    DesignPlan(method),
                    max(int(500 * scale), 50),
                    rng,
                )
                found = simulated_certificate(values, ratio * m, m)
                cells.append(f"{found.constant:.2f}")
            rows.append(cells)
    return (
        "## Simulated constants\n\nBound of the expected squared error over the best, "
        "given the floor; 500 designs, all floors jointly at 95 %.\n\n"
        + table(["space", "method", "n/m=2", "4", "6", "12"], rows)
    )


def error_ratios(scale: float) -> str:
    """Mean error over best error, bias and inverse Gram matrix, m = 5."""
    source = PolynomialBasis(4, dimension=1).prepare().source_
    x, weight = np.polynomial.legendre.leggauss(200)
    phi = source.features(x[:, None])
    target = np.abs(x - 0.3)
    best = phi.T @ (weight / 2 * target)
    least = float(weight / 2 @ (target - phi @ best) ** 2)
    runs, rows = max(int(4000 * scale), 100), []
    rng = np.random.default_rng(2)
    cases = [
        ("uniform", DesignPlan("uniform")),
        ("leverage", DesignPlan("leverage")),
        ("volume", DesignPlan("volume")),
        ("volume, uniform base", DesignPlan("volume", base=BaseMeasure(1.0))),
        ("volume, mixture base", DesignPlan("volume", base=BaseMeasure(0.5))),
        ("repeated_dpp", DesignPlan("repeated_dpp")),
    ]
    for n in (10, 15, 20, 40):
        for name, plan in cases:
            error, shift, inverse = [], [], []
            for _ in range(runs):
                design = draw_design(source, n, plan, rng)
                value = np.abs(design.draws.places[:, 0] - 0.3)[:, None]
                fit = weighted_fit(design.draws.features, design.weights, value)
                gap = fit.coefficients[:, 0] - best
                error.append(1 + gap @ gap / least)
                shift.append(gap)
                gram = gram_matrix(design.draws.features, design.weights)
                inverse.append(np.trace(np.linalg.pinv(gram)) / 5)
            gaps = np.array(shift)
            z = np.abs(gaps.mean(axis=0)) / (gaps.std(axis=0) / np.sqrt(runs))
            spread = np.std(error) / np.sqrt(runs)
            rows.append(
                [
                    n,
                    name,
                    f"{np.mean(error):.3g} ± {spread:.2g}",
                    f"{z.max():.1f}",
                    f"{np.mean(inverse):.3g}",
                    f"{n / (n - 4):.3f}",
                ]
            )
    return (
        f"## Error, bias and inverse Gram matrix\n\nPolynomials of degree 4 for "
        f"|x - 0.3|, {runs} designs. Largest z-score of the five coefficients' bias; "
        f"volume sampling is unbiased and has tr(G^-1)/m = n/(n-m+1).\n\n"
        + table(
            ["n", "design", "E error / best", "bias z", "tr G^-1 / m", "n/(n-m+1)"],
            rows,
        )
    )


def wave(x: np.ndarray) -> np.ndarray:
    """An anisotropic Gaussian bump with an oscillation, in two variables."""
    bump = np.exp(-2 * (x[:, 0] - 0.2) ** 2 - 4 * (x[:, 1] + 0.3) ** 2)
    return np.asarray(bump + 0.3 * np.cos(4 * x[:, 0] + 3 * x[:, 1]))


def small_budgets(scale: float) -> str:
    """Greedy designs against scrambled Sobol points with plain least squares."""
    rows = []
    for degree, sizes in ((5, (42,)), (10, (99, 132, 198))):
        source = PolynomialBasis(degree, dimension=2).prepare().source_
        x, weight = np.polynomial.legendre.leggauss(50)
        grid = np.array([(a, b) for a in x for b in x])
        weights = np.outer(weight, weight).ravel() / 4
        phi = source.features(grid)
        best = phi.T @ (weights * wave(grid))
        least = float(weights @ (wave(grid) - phi @ best) ** 2)
        runs = max(int(100 * scale), 10)
        for n in sizes:
            cells: list[object] = [f"m={source.rank}", n]
            for draw in _budget_designs(source):
                ratios = []
                for k in range(runs):
                    features, w, points = draw(n, k)
                    fit = weighted_fit(features, w, wave(points)[:, None])
                    gap = fit.coefficients[:, 0] - best
                    ratios.append(1 + gap @ gap / least)
                cells.append(f"{np.mean(ratios):.3g} / {np.median(ratios):.3g}")
            rows.append(cells)
    return (
        "## Small budgets\n\nMean / median of squared error over the best, polynomials "
        "of total degree 5 and 10 in two variables, 100 designs. The greedy design "
        "starts from repeated DPPs of 6 m points and has no design-based interval.\n\n"
        + table(
            [
                "space",
                "n",
                "scrambled Sobol + OLS",
                "volume",
                "repeated_dpp",
                "dpp_greedy",
            ],
            rows,
        )
    )


Drawer = Callable[[int, int], tuple[np.ndarray, np.ndarray, np.ndarray]]


def _budget_designs(source) -> list[Drawer]:
    def sobol(n: int, seed: int):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # n is no power of two
            points = 2 * qmc.Sobol(2, rng=np.random.default_rng(seed)).random(n) - 1
        return source.features(points), np.ones(n), points

    def by(method: str) -> Drawer:
        def draw(n: int, seed: int):
            design = draw_design(
                source, n, DesignPlan(method), np.random.default_rng(seed)
            )
            return design.draws.features, design.weights, design.draws.places

        return draw

    return [sobol, by("volume"), by("repeated_dpp"), by("dpp_greedy")]


def coverage(scale: float) -> str:
    """Pointwise coverage of nominal 95 % intervals of the best fit, m = 6."""
    basis = PolynomialBasis(5, dimension=1)
    x, weight = np.polynomial.legendre.leggauss(60)
    phi = basis.fit(x[:, None]).transform(x[:, None])
    best = phi.T @ (weight / 2 / (1 + 5 * x**2))
    grid = np.linspace(-0.95, 0.95, 9)[:, None]
    truth, runs = basis.transform(grid) @ best, max(int(600 * scale), 60)
    rng, rows = np.random.default_rng(3), []
    for method, sigma, kinds in (
        ("repeated_dpp", 0.0, ("HC3", "block_sandwich", "block")),
        ("repeated_dpp", 0.1, ("HC3", "block_sandwich", "block")),
        ("volume", 0.1, ("HC3",)),
    ):
        for r in (3, 5, 10):
            hits = np.zeros((3, runs))
            for k in range(runs):
                model = VolumeRegressor(
                    basis, method=method, n_samples=float(r), random_state=rng
                )
                X = model.design()
                y = 1 / (1 + 5 * X[:, 0] ** 2) + sigma * rng.standard_normal(len(X))
                for i, kind in enumerate(kinds):
                    model.set_params(cov_type=kind).fit(X, y)
                    _, low, high = model.predict(grid, return_interval=True)
                    hits[i, k] = ((low <= truth) & (truth <= high)).mean()
            shown = [f"{h.mean():.3f}" for h in hits[: len(kinds)]]
            rows.append([method, r, sigma, *shown, *["–"] * (3 - len(kinds))])
    return (
        f"## Coverage\n\nPointwise 95 % intervals of the best fit of degree 5 to "
        f"1/(1+5x²), {runs} designs of n = r m points, noise of standard deviation "
        f"σ.\n\n"
        + table(["design", "r", "σ", "HC3", "block sandwich", "block jackknife"], rows)
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", help="name of one section")
    given = parser.parse_args()
    scale = 0.1 if given.quick else 1.0
    warnings.simplefilter("ignore", InfostatWarning)
    sections = {
        "stability": stability,
        "certificates": certificates,
        "errors": error_ratios,
        "budgets": small_budgets,
        "coverage": coverage,
        "credit": credit_section,
        "speed": speed_section,
    }
    chosen = sections if given.only is None else {given.only: sections[given.only]}
    parts = ["# Validation of designs\n\nWritten by `python -m benchmarks.sampling`.\n"]
    for name, section in chosen.items():
        parts.append(section(scale))
        sys.stderr.write(f"{name} done\n")
        sys.stdout.write(parts[-1] + "\n")
        sys.stdout.flush()
    if not given.quick and given.only is None:
        write_text(PAGE, "\n".join(parts))


if __name__ == "__main__":
    main()
