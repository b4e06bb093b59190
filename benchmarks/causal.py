"""Monte-Carlo validation and timing of the causal bounds; writes docs/validation_causal.md.

Run ``python -m benchmarks.causal`` (about ten minutes on two cores), with ``--quick`` for a
tenth of the replicates and no file. Nothing is selected, smoothed or widened before
coverage is computed; a failed fit would count as not covering.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from scipy.special import expit

from infostat import CausalBounds
from infostat.causal.dual import ball_distance
from infostat.causal.power import power_distance
from infostat.causal.radius import OUTER, power_exponent, resolve_divergence

PAGE = Path(__file__).parents[1] / "docs" / "validation_causal.md"
METHODS = ("sharp", *OUTER)
REPLICATES = {500: 300, 2000: 200, 8000: 60}


def propensity(x0, x1, hidden):
    return 0.05 + 0.9 * expit(0.5 * x0 - 0.4 * x1 + hidden)


def outcome(x0, x1, hidden, noise):
    index = 0.4 * np.tanh(x0) + 0.3 * x1 + 0.6 + 0.4 * np.sin(x0)
    return expit(index + 0.9 * hidden + 0.7 * noise)


def draw(n, seed):
    """Rows: covariates, outcome, treatment."""
    rng = np.random.default_rng(seed)
    X, hidden = rng.uniform(-2, 2, (n, 5)), rng.normal(size=n)
    taken = (rng.random(n) < propensity(X[:, 0], X[:, 1], hidden)).astype(int)
    noise = rng.normal(size=n)
    treated = outcome(X[:, 0], X[:, 1], hidden, noise)
    untreated = expit(
        0.4 * np.tanh(X[:, 0]) + 0.3 * X[:, 1] + 0.9 * hidden + 0.7 * noise
    )
    return X, np.where(taken == 1, treated, untreated), taken


def oracle():
    """Truth, ends of every method, and adversarial truths, by quadrature."""
    nodes, mass = np.polynomial.legendre.leggauss(20)
    normal, weight = np.polynomial.hermite_e.hermegauss(30)
    weight = weight / weight.sum()
    x0, x1 = (g.ravel() * 2 for g in np.meshgrid(nodes, nodes, indexing="ij"))
    over_x = np.multiply.outer(mass, mass).ravel() / 4
    hidden, noise = (g.ravel() for g in np.meshgrid(normal, normal, indexing="ij"))
    both = np.multiply.outer(weight, weight).ravel()
    y = outcome(x0[:, None], x1[:, None], hidden, noise)
    taken = propensity(x0[:, None], x1[:, None], hidden) * both
    e = taken.sum(axis=1)
    law = taken / e[:, None]
    inside = over_x @ (e * (law * y).sum(axis=1))
    ends = {"sharp": (inside, inside + over_x @ (1 - e))}
    for name in OUTER:
        divergence = resolve_divergence(name)
        exponent = power_exponent(divergence)
        found = []
        for w in (y, 1 - y):
            if exponent is not None:
                each = power_distance(w, law, e, exponent)[0]
            else:
                each = [
                    ball_distance(a, b, float(c), divergence)
                    for a, b, c in zip(w, law, e, strict=True)
                ]
            found.append(float(over_x @ np.asarray(each)))
        ends[name] = (found[0], 1 - found[1])
    seen = (law * y).sum(axis=1)
    truths = {
        "the truth": over_x @ (y @ both),
        "all at the top": inside + over_x @ (1 - e),
        "all at the bottom": inside,
        "as the seen": over_x @ seen,
        "half-way to the top": inside + over_x @ ((1 - e) * (seen + 1) / 2),
    }
    return ends, truths


def replicate(n, seed):
    X, y, taken = draw(n, seed)
    started = time.perf_counter()
    bounds = CausalBounds(y_bounds=(0, 1), method="all", random_state=seed)
    frame = bounds.fit(X, y, treatment=taken).bounds_
    seconds = time.perf_counter() - started
    rows = frame[frame["estimand"] == "E[Y(1)]"]
    keys = ["lower", "upper", "se_lower", "se_upper", "ci_lower", "ci_upper"]
    return rows[keys].to_numpy(), seconds


def table(results, ends, truths):
    lines = [
        (
            "| n | bound | bias (up) | sd | mean error | RMSE | lower end covered | "
            "upper end covered | truth covered | width (oracle) |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    rmse = {}
    for n, (found, _) in results.items():
        for k, method in enumerate(METHODS):
            cell, (low, high) = found[:, k], ends[method]
            bias = cell[:, 1].mean() - high
            root = np.sqrt(np.mean((cell[:, 1] - high) ** 2))
            rmse.setdefault(method, []).append(root)
            truth = truths["the truth"]
            covered = (cell[:, 4] <= truth) & (truth <= cell[:, 5])
            lines.append(
                f"| {n} | {method} | {bias:.4f} | {cell[:, 1].std(ddof=1):.4f} | "
                f"{cell[:, 3].mean():.4f} | {root:.4f} | "
                f"{np.mean(cell[:, 4] <= low):.3f} | {np.mean(cell[:, 5] >= high):.3f} | "
                f"{covered.mean():.3f} | {np.mean(cell[:, 1] - cell[:, 0]):.4f} "
                f"({high - low:.4f}) |"
            )
    sizes = np.log(list(results))
    slopes = {m: np.polyfit(sizes, np.log(r), 1)[0] for m, r in rmse.items()}
    return lines, slopes


def adversaries(results, truths):
    lines = ["| n | unseen outcomes | truth | covered by sharp |", "|---|---|---|---|"]
    for n, (found, _) in results.items():
        for name, truth in truths.items():
            hit = (found[:, 0, 4] <= truth) & (truth <= found[:, 0, 5])
            lines.append(f"| {n} | {name} | {truth:.4f} | {hit.mean():.3f} |")
    return lines


def large():
    """Seconds and memory for 100,000 rows and 20 covariates."""
    rng = np.random.default_rng(0)
    n = 100_000
    X, hidden = rng.normal(size=(n, 20)), rng.normal(size=n)
    taken = (rng.random(n) < expit(0.5 * X[:, 0] - 0.4 * X[:, 1] + hidden)).astype(int)
    y = expit(0.4 * X[:, 0] + 0.3 * X[:, 1] + 0.5 * taken + hidden)
    started = time.perf_counter()
    bounds = CausalBounds(y_bounds=(0, 1), method="all", random_state=0)
    bounds.fit(X, y, treatment=taken)
    fitted = time.perf_counter() - started
    bounds.ladder()
    bounds.breakdown()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return fitted, time.perf_counter() - started - fitted, peak


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    fitted, asked, peak = large()
    ends, truths = oracle()
    results = {}
    for n, count in REPLICATES.items():
        count = max(count // 10, 10) if options.quick else count
        runs = Parallel(n_jobs=options.jobs)(
            delayed(replicate)(n, 1000 * n + k) for k in range(count)
        )
        found = np.array([r[0] for r in runs])
        results[n] = found, np.mean([r[1] for r in runs])
        print(n, count, "seconds a fit", round(results[n][1], 2), flush=True)
    lines, slopes = table(results, ends, truths)
    failures = sum(
        int((~np.isfinite(f)).any(axis=(1, 2)).sum()) for f, _ in results.values()
    )
    crossed = sum(int((f[:, :, 0] > f[:, :, 1]).sum()) for f, _ in results.values())
    page = [
        "# Validation of the causal bounds",
        "",
        "Written by `python -m benchmarks.causal`. Five covariates, a hidden confounder,",
        "an outcome in (0, 1); oracle by quadrature. Bounds on the mean outcome under",
        "treatment, defaults of `CausalBounds`, nominal 95 % Imbens-Manski intervals,",
        "whose ends hold with 95 % each. "
        + ", ".join(f"n = {n}: {len(f)} replicates" for n, (f, _) in results.items())
        + ".",
        "",
        *lines,
        "",
        "Log-log slope of the RMSE of the upper end in n: "
        + ", ".join(f"{m} {s:.2f}" for m, s in slopes.items())
        + f". Fits with a value that is not finite: {failures}; crossed ends: {crossed}.",
        "",
        "## Unseen outcomes chosen by an adversary",
        "",
        "The observed law is the same in each line; only outcomes that nobody sees differ.",
        "",
        *adversaries(results, truths),
        "",
        "## Time",
        "",
        "100,000 rows, 20 covariates, sharp and five divergences with intervals:",
        f"{fitted:.0f} s and {peak:.2f} GB at the peak on two shared cores; ladder and",
        f"breakdown then take {asked:.0f} s. Seconds a fit above: "
        + ", ".join(f"n = {n}: {s:.1f}" for n, (_, s) in results.items())
        + ".",
        "",
    ]
    print("\n".join(page))
    if not options.quick:
        PAGE.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    # Imported by its name, so that worker processes find the functions.
    from benchmarks import causal

    causal.main()
