"""A small study with an unmeasured confounder and known truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import expit


@dataclass
class Draw:
    X: np.ndarray
    y: np.ndarray
    treatment: np.ndarray
    outcomes: np.ndarray


def confounded(n, seed):
    """Five covariates, a hidden one, outcomes in (0, 1); the true mean of Y(1) is .61."""
    rng = np.random.default_rng(seed)
    X, hidden = rng.uniform(-2, 2, (n, 5)), rng.normal(size=n)
    e = 0.05 + 0.9 * expit(0.5 * X[:, 0] - 0.4 * X[:, 1] + hidden)
    taken = (rng.random(n) < e).astype(int)
    noise = 0.9 * hidden + 0.7 * rng.normal(size=n)
    base = 0.4 * np.tanh(X[:, 0]) + 0.3 * X[:, 1] + noise
    outcomes = np.column_stack([expit(base), expit(base + 0.6 + 0.4 * np.sin(X[:, 0]))])
    return Draw(X, outcomes[np.arange(n), taken], taken, outcomes)


@pytest.fixture(scope="session")
def draw():
    return confounded(1200, 0)


@pytest.fixture(scope="session")
def make_draw():
    return confounded
