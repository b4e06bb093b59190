"""The paper's two simulation designs, with outcomes clipped to a finite range.

Their outcomes are unbounded, so that the ends which they estimate are infinite in the
population. The clipped outcome has finite ends, known from one large sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

BLOCK = 500_000
SLOPES = np.random.default_rng(0).normal(0.0, 0.6, 5)
"""Slopes of the propensity, drawn once; the text gives their law alone."""


@dataclass(frozen=True)
class Design:
    """A law of rows.

    Attributes
    ----------
    name, title : str
        For keys and for pictures.
    bounds : tuple of float
        Range that outcomes are clipped to.
    law : callable
        Covariates, propensity given all, outcomes without and with treatment.
    """

    name: str
    title: str
    bounds: tuple[float, float]
    law: Callable

    def rows(self, n: int, rng):
        """Covariates, propensity and the clipped outcomes."""
        X, p, without, treated = self.law(n, rng)
        return X, p, np.clip(without, *self.bounds), np.clip(treated, *self.bounds)

    def draw(self, n: int, seed: int):
        """Covariates, outcome, treatment."""
        rng = np.random.default_rng(seed)
        X, p, without, treated = self.rows(n, rng)
        taken = (rng.random(n) < p).astype(int)
        return X, np.where(taken == 1, treated, without), taken

    def oracle(self, n: int):
        """Ends of the sharp set of the mean under treatment, and the mean itself."""
        rng, low, high = np.random.default_rng(1), *self.bounds
        sums = np.zeros(3)
        for _ in range(max(n // BLOCK, 1)):
            _, p, _, treated = self.rows(BLOCK, rng)
            sums += np.array([(p * treated).mean(), p.mean(), treated.mean()])
        inside, e, mean = sums / max(n // BLOCK, 1)
        return (inside + (1 - e) * low, inside + (1 - e) * high), mean


def appendix(n: int, rng):
    """Smooth effects, noise with three degrees of freedom."""
    X, hidden = rng.uniform(-2, 2, (n, 5)), rng.normal(size=n)
    index = X @ SLOPES + 0.8 * hidden + 0.5 * np.sin(X[:, 0]) - 0.25 * X[:, 0] ** 2
    p = 0.05 + 0.9 * expit(index)
    base = 0.5 + 0.8 * np.tanh(X[:, 0]) + 0.25 * X[:, 1] ** 2 - 0.15 * np.sin(X[:, 2])
    effect = 0.7 + 0.2 * np.sin(X[:, 0]) + 0.1 * X[:, 0] + 0.8 * (p - 0.5)
    rest = base + 0.7 * hidden + rng.standard_t(3, n)
    return X, p, rest, rest + effect


def average(x0):
    """Propensity of the second design given the covariates."""
    return 0.05 + 0.9 * ndtr(2 * x0 / np.sqrt(2))


def wave(e):
    """Mean outcome under treatment at a propensity."""
    return 5 * np.sin(2 * np.pi * (e - 0.05) / 0.9)


def sine(n: int, rng):
    """An effect that swings with the propensity, probit selection."""
    X, hidden = rng.normal(0, np.sqrt(0.5), (n, 5)), rng.normal(size=n)
    p = 0.05 + 0.9 * ndtr(2 * X[:, 0] + hidden)
    rest = hidden + rng.normal(size=n)
    return X, p, rest, rest + wave(average(X[:, 0]))


def point_truth(X):
    """Conditional mean under treatment and propensity, second design, unclipped."""
    e = average(X[:, 0])
    return wave(e), e


DESIGNS = [
    Design("appendix", "first design", (-9.0, 11.0), appendix),
    Design("sine", "second design", (-12.0, 12.0), sine),
]
