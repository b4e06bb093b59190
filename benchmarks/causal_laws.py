"""A law with a hidden confounder: rows from it, and the true ends by quadrature.

The outcome lies in (0, 1); it is taken as it is, drawn again as a binary outcome with that
chance, or kept with chance 0.4 and zero else. The average ends of the sharp set are known
for all three from one quadrature.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from infostat.causal import binary_bounds
from infostat.causal.dual import ball_distance
from infostat.causal.power import power_distance
from infostat.causal.radius import OUTER, power_exponent, resolve_divergence

KEPT = {"continuous": 1.0, "binary": 1.0, "zero-inflated": 0.4}


def propensity(x0, x1, hidden):
    return 0.05 + 0.9 * expit(0.5 * x0 - 0.4 * x1 + hidden)


def outcome(x0, x1, hidden, noise, arm=1):
    index = 0.4 * np.tanh(x0) + 0.3 * x1 + arm * (0.6 + 0.4 * np.sin(x0))
    return expit(index + 0.9 * hidden + 0.7 * noise)


def draw(n, seed, law="continuous"):
    """Rows: covariates, outcome, treatment."""
    rng = np.random.default_rng(seed)
    X, hidden = rng.uniform(-2, 2, (n, 5)), rng.normal(size=n)
    taken = (rng.random(n) < propensity(X[:, 0], X[:, 1], hidden)).astype(int)
    y = outcome(X[:, 0], X[:, 1], hidden, rng.normal(size=n), taken)
    if law == "binary":
        y = (rng.random(n) < y).astype(float)
    elif law == "zero-inflated":
        y = np.where(rng.random(n) < KEPT[law], y, 0.0)
    return X, y, taken


def _law_given(x0, x1):
    """Outcomes, their law in the arm, and the propensity, at each pair of covariates."""
    normal, weight = np.polynomial.hermite_e.hermegauss(30)
    weight = weight / weight.sum()
    hidden, noise = (g.ravel() for g in np.meshgrid(normal, normal, indexing="ij"))
    both = np.multiply.outer(weight, weight).ravel()
    y = outcome(x0[:, None], x1[:, None], hidden, noise)
    taken = propensity(x0[:, None], x1[:, None], hidden) * both
    e = taken.sum(axis=1)
    return y, taken / e[:, None], e, y @ both


def pointwise(x0, x1):
    """Sharp ends of the mean under treatment at single covariates."""
    y, law, e, _ = _law_given(x0, x1)
    inside = e * (law * y).sum(axis=1)
    return np.column_stack([inside, inside + 1.0 - e])


def oracle(law="continuous", methods=OUTER):
    """Ends of every method, and truths that an adversary could choose."""
    nodes, mass = np.polynomial.legendre.leggauss(20)
    x0, x1 = (g.ravel() * 2 for g in np.meshgrid(nodes, nodes, indexing="ij"))
    over_x = np.multiply.outer(mass, mass).ravel() / 4
    y, given, e, mean = _law_given(x0, x1)
    seen = (given * y).sum(axis=1)
    inside = KEPT[law] * (over_x @ (e * seen))
    ends = {"sharp": (inside, inside + over_x @ (1 - e))}
    for name in methods:
        ends[name] = _outer(name, law, y, given, e, over_x)
    truths = {
        "the truth": KEPT[law] * (over_x @ mean),
        "all at the top": ends["sharp"][1],
        "all at the bottom": inside,
        "as the seen": KEPT[law] * (over_x @ seen),
        "half-way to the top": inside + over_x @ ((1 - e) * (KEPT[law] * seen + 1) / 2),
    }
    return ends, truths


def _outer(name, law, y, given, e, over_x):
    if law == "binary":
        p = (given * y).sum(axis=1)
        each = [binary_bounds(a, b, name) for a, b in zip(p, e, strict=True)]
        return tuple(float(v) for v in over_x @ np.asarray(each))
    divergence = resolve_divergence(name)
    exponent = power_exponent(divergence)
    found = []
    for w in (y, 1 - y):
        if exponent is not None:
            each = power_distance(w, given, e, exponent)[0]
        else:
            each = [
                ball_distance(a, b, float(c), divergence)
                for a, b, c in zip(w, given, e, strict=True)
            ]
        found.append(float(over_x @ np.asarray(each)))
    return found[0], 1 - found[1]
