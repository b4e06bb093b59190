"""List-wise distillation with two classes."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from benchmarks.considered.method import Method
from benchmarks.papers.claims import Listing, Run
from benchmarks.validation.study import Scale

TRUTH = np.array([0.3, 1.0, -0.7])


def fitted(x, weight_one, weight_zero) -> np.ndarray:
    """Coefficients where each row counts as an event and as a non-event."""
    both = np.vstack([x, x])
    y = np.r_[np.ones(len(x)), np.zeros(len(x))]
    fit = LogisticRegression(C=1e10, max_iter=500, tol=1e-8)
    fit.fit(both, y, sample_weight=np.r_[weight_one, weight_zero])
    return np.r_[fit.intercept_, fit.coef_[0]]


def study(scale: Scale) -> Method:
    rows = 50_000 if not scale.quick else 4_000
    x = np.random.default_rng(0).normal(size=(rows, 2))
    p = expit(TRUTH[0] + x @ TRUTH[1:])
    # Expected over outcomes: an event has weight p under its own chance p.
    listwise, soft = fitted(x, p * p, (1 - p) * (1 - p)), fitted(x, p, 1 - p)
    ratio = float(np.mean(listwise / TRUTH))
    body = [
        [name, *(f"{v:.3f}" for v in values)]
        for name, values in (("truth", TRUTH), ("list-wise", listwise), ("soft", soft))
    ]
    return Method(
        "List-wise distillation of a challenger",
        "Train the scorecard on the order of classes that a stronger model gives, the "
        "true class first (arXiv 2506.12542).",
        f"With two classes the loss is cross-entropy weighted by the teacher's chance of "
        f"the true class, and with a perfect teacher the log-odds are multiplied by "
        f"{ratio:.2f}. Soft labels keep them.",
        "For rating grades with more than two classes where only order counts; then "
        "calibrate again.",
        [Listing("Coefficients, perfect teacher", ["fit", "b0", "b1", "b2"], body)],
        [Run(ratio, [1.99, 2.01])],
    )
