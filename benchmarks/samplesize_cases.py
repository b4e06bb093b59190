"""Published simulation rows of the p-n criterion, rebuilt from their invariants.

A published row gives p, n and the second-order coefficients in-sample and out-of-sample.
For a logit or Poisson model with normal features these two fix the intercept and the length
of the slopes, hence the law; the linear row has no free number. A scorecard row gives the
bins' shares, the event rate and the information of the features; slopes equally spaced over
the bins are scaled to meet it. Rows whose design is not determined so cannot be rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import brentq, least_squares

from infostat.samplesize.glm import GLMOptions, glm_expansion
from infostat.samplesize.likelihood import evaluated_fit, fit_glm
from infostat.samplesize.responses import Binomial, Gaussian, Poisson, Response

POOL = 3000
SHARES = np.array([0.30, 0.25, 0.20, 0.13, 0.08, 0.04])


@dataclass(frozen=True, eq=False)
class Case:
    """A population of rows, and a published simulation on it."""

    name: str
    response: Response
    x: np.ndarray
    beta: np.ndarray
    n: int
    published: float
    error: float
    in_sample: bool = False
    tolerance: float = 0.0

    def fit(self):
        """Evaluate the pool at the true coefficients."""
        mass = np.full(len(self.x), 1 / len(self.x))
        eta = self.x @ self.beta
        return evaluated_fit(self.x, self.beta, eta, self.response, mass, len(self.x))

    def expansion(self, design=None):
        """Coefficients of the risk on the pool."""
        chosen = design or ("fixed" if self.in_sample else "random")
        return glm_expansion(self.fit(), options=GLMOptions(design=chosen)).expansion


def normal_pool(p, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([np.ones(POOL), rng.normal(size=(POOL, p - 1))])


def with_invariants(response, p, fixed, random, start):
    """Pool and coefficients with given second-order coefficients."""
    x, target = normal_pool(p), np.array([fixed, random])

    def beta(t):
        return np.r_[t[0], np.full(p - 1, t[1] / np.sqrt(p - 1))][:, None]

    def gap(t):
        case = Case("", response, x, beta(t), 1, 0.0, 0.0)
        return [case.expansion("fixed").c2, case.expansion("random").c2] - target

    found = least_squares(gap, start, xtol=1e-10)
    assert found.cost < 1e-10
    return x, beta(found.x)


def scorecard(event_rate, information):
    """Eight features of six bins with equally spaced slopes."""
    rng = np.random.default_rng(1)
    bins = np.repeat(np.arange(6), np.rint(SHARES * 20_000).astype(int))
    codes = [rng.permutation(bins) for _ in range(8)]
    x = np.column_stack([np.ones(20_000), *(np.eye(6)[c][:, 1:] for c in codes)])
    slope = np.tile(np.arange(1, 6) / 5.0, 8)

    def chances(intercept, size):
        return 1 / (1 + np.exp(-intercept - x[:, 1:] @ (size * slope)))

    def centred(size):
        return brentq(lambda b: chances(b, size).mean() - event_rate, -12, 6)

    def gain(size):
        mu = chances(centred(size), size)
        own = mu * np.log(mu) + (1 - mu) * np.log(1 - mu)
        null = event_rate * np.log(event_rate)
        null += (1 - event_rate) * np.log(1 - event_rate)
        return own.mean() - null - information

    size = brentq(gain, 0.01, 3.0)
    return x, np.r_[centred(size), size * slope][:, None]


def cases():
    logit = Binomial(), *with_invariants(Binomial(), 5, 27.6, 41.2, (-0.5, 1.0))
    poisson = Poisson(), *with_invariants(Poisson(), 5, 1.6, 20.0, (0.3, 0.4))
    linear = Gaussian(1.0), normal_pool(5), np.ones((5, 1))
    ten = Binomial(), *scorecard(0.10, 0.0148)
    return [
        Case("logit, p = 5", *logit, 60, 0.05673, 0.0003),
        Case("logit, p = 5", *logit, 120, 0.02414, 0.0001),
        Case("logit, p = 5, in-sample", *logit, 120, 0.02307, 0.0001, in_sample=True),
        Case("Poisson, p = 5", *poisson, 30, 0.11625, 0.0007),
        Case("Poisson, p = 5", *poisson, 60, 0.04836, 0.0002),
        Case("linear, p = 5", *linear, 30, 0.10295, 0.0005),
        Case("scorecard 8 x 6 bins, 10 %", *ten, 3000, 0.00736, 0.0001, tolerance=0.02),
    ]


def losses(case, repeats, seed=0):
    """Losses of refits on samples of rows from the pool, and the share without one.

    The quadratic form of the score, whose mean is p/(2n) exactly, serves as a control.
    """
    rng = np.random.default_rng(seed)
    x, beta, response, n = case.x, case.beta, case.response, case.n
    eta, equal, found = x @ beta, np.full(n, 1 / n), []
    mean, lower = response.mean(eta), case.fit().lower
    for _ in range(repeats):
        rows = rng.integers(0, len(x), size=n)
        y = response.draw(eta[rows], rng)
        fit = fit_glm(x[rows], y, response, equal, n, start=beta)
        if fit.exists:
            where = rows if case.in_sample else slice(None)
            loss = response.divergence(eta[where], (x @ fit.coef)[where]).mean()
            score = x[rows].T @ (y - mean[rows])[:, 0] / n
            u = solve_triangular(lower, score, lower=True)
            found.append(loss - 0.5 * u @ u + 0.5 * len(beta) / n)
    return np.array(found), 1 - len(found) / repeats
