"""A PAC-Bayes certificate of a logistic score, beside a plain holdout."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, rel_entr
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression

from benchmarks.considered.method import Method, generated, real_data
from benchmarks.papers.claims import Listing, Run
from benchmarks.validation.study import Scale

TAUS = (0.1, 0.3, 1.0, 3.0, 10.0)
RISK = 0.05


def certificate(x, y) -> tuple[float, float]:
    """Upper limit of the Gibbs error over all prior widths, and the training error."""
    n, best = len(y), (1.0, 1.0)
    x1 = np.column_stack([np.ones(n), x])
    p = x1.shape[1]
    for tau in TAUS:
        fit = LogisticRegression(C=tau**2, fit_intercept=False, max_iter=500).fit(x1, y)
        w, mean = fit.coef_[0], fit.predict_proba(x1)[:, 1]
        precision = x1.T @ (x1 * (mean * (1 - mean))[:, None]) + np.eye(p) / tau**2
        covariance = np.linalg.inv(precision)
        kl = np.trace(covariance) / tau**2 + w @ w / tau**2 - p
        kl += np.linalg.slogdet(precision)[1] + 2 * p * np.log(tau)
        margin = (2 * y - 1) * (x1 @ w)
        spread = np.sqrt(np.einsum("ij,jk,ik->i", x1, covariance, x1))
        gibbs = float(ndtr(-margin / spread).mean())
        room = (kl / 2 + np.log(2 * np.sqrt(n) * len(TAUS) / RISK)) / n
        best = min(best, (inverted(gibbs, room), gibbs))
    return best


def inverted(rate: float, room: float) -> float:
    """Largest error whose binary divergence from a rate is within the room."""

    def gap(q):
        return float(rel_entr(rate, q) + rel_entr(1 - rate, 1 - q)) - room

    return float(brentq(gap, rate, 1 - 1e-12))


def holdout(x, y) -> float:
    """Clopper-Pearson limit from 30 % of the rows, the fit from the others."""
    order = np.random.default_rng(0).permutation(len(y))
    held, kept = np.split(order, [int(0.3 * len(y))])
    fit = LogisticRegression(max_iter=500).fit(x[kept], y[kept])
    wrong = int((fit.predict(x[held]) != y[held]).sum())
    return float(beta.ppf(1 - RISK, wrong + 1, len(held) - wrong))


def study(scale: Scale) -> Method:
    sets = {"generated": generated(4_000 if scale.quick else 20_000)}
    if not scale.quick:
        sets |= real_data()
    body, runs = [], []
    for name, (x, y) in sets.items():
        bound, gibbs = certificate(x, y)
        plain = holdout(x, y)
        runs.append(Run(bound - plain, [0.0, 0.3], when=name))
        body.append(
            [name, f"{len(y):,}", f"{gibbs:.4f}", f"{bound:.4f}", f"{plain:.4f}"]
        )
    smallest = min(run.value for run in runs)
    return Method(
        "PAC-Bayes certificate of a score",
        "An upper limit of the error rate from the training rows alone: a normal prior, a "
        "normal posterior about the fit, the divergence between the two.",
        f"A holdout of 30 % with a Clopper-Pearson limit is tighter on {len(body)} of "
        f"{len(body)} sets, by at least {smallest:.4f}."
        if smallest > 0
        else f"The certificate is tighter somewhere, by up to {-smallest:.4f}.",
        "When a user can spare no rows at all; print the holdout figure beside it.",
        [
            Listing(
                "95 % upper limits of the error rate",
                ["data", "rows", "Gibbs error, training", "PAC-Bayes", "holdout"],
                body,
            )
        ],
        runs,
    )
