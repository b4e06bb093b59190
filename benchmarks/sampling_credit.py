"""Which 200 of 30,000 accounts to label: the Taiwan default data."""

from __future__ import annotations

import os

import numpy as np

from infostat._arrays import row_shares
from infostat.sampling.designs import DesignPlan, draw_design
from infostat.sampling.least_squares import coefficient_covariance, weighted_fit
from infostat.sampling.pool import orthonormal_pool
from infostat.sampling.sources import PoolSource


def credit_section(scale: float) -> str:
    """Loss over the best of linear fits on 100 and 200 labelled accounts."""
    if "INFOSTAT_DATA" not in os.environ:
        return "## Accounts to label\n\nSkipped: INFOSTAT_DATA is not set.\n"
    from infostat.datasets import load_taiwan_default

    data = load_taiwan_default(backend="pandas")
    X = data.frame[data.features].to_numpy(dtype=float)
    y = (data.frame[data.target] == 1).to_numpy(dtype=float)
    mu = row_shares(None, len(X))
    factor, phi = orthonormal_pool(X, mu, intercept=True)
    source, m = PoolSource(phi, mu), factor.rank
    best = phi.T @ (mu * y)
    least = float(mu @ (y - phi @ best) ** 2)
    runs, lines = max(int(200 * scale), 20), []
    for n in (50, 100, 200):
        for method in (
            "uniform",
            "leverage",
            "fixed_volume",
            "volume",
            "repeated_dpp",
            "dpp_greedy",
        ):
            rng, ratio, hits = np.random.default_rng(0), [], []
            gaps = []
            for _ in range(runs):
                design = draw_design(source, n, DesignPlan(method), rng)
                rows = design.draws.places
                fit = weighted_fit(phi[rows], design.weights, y[rows][:, None])
                gap = fit.coefficients[:, 0] - best
                gaps.append(gap)
                ratio.append(1 + gap @ gap / least)
                if method == "volume" and fit.leverage.max() < 1 - 1e-8:
                    cov, _ = coefficient_covariance(fit, "HC3")
                    se = np.sqrt(np.diag(cov[0]))
                    hits.append(np.mean(np.abs(gap) < 1.97 * se))
            bias = float(np.sum(np.mean(gaps, axis=0) ** 2) / least)
            covered = f"{np.mean(hits):.3f}" if hits else "–"
            lines.append(
                f"| {n} | {method} | {np.mean(ratio):.3f} | {np.median(ratio):.3f} | "
                f"{np.quantile(ratio, 0.95):.3f} | {bias:.4f} | {covered} |"
            )
    return (
        f"## Accounts to label\n\nTaiwan default data, {len(X)} accounts, "
        f"{len(data.features)} numbers as they are, m = {m}: a linear probability model "
        f"fitted to n labelled accounts, its loss on all accounts over that of the fit "
        f"to all labels, {runs} repetitions. Bias: squared norm of the mean error over "
        f"the least loss (about (E ratio - 1)/{runs} of it is noise).\n\n"
        "| n | design | mean | median | 95 % | bias² | HC3 cover |\n"
        "|---|---|---|---|---|---|---|\n" + "\n".join(lines) + "\n"
    )
