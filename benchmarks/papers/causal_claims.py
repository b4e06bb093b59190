"""The paper's statements about divergence bounds, each put to the numbers."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, ndtri

from benchmarks.papers.claims import PUBLISHED, Claim, Part, Run
from benchmarks.validation.study import Scale
from infostat.causal import (
    divergence_bounds,
    divergence_radius,
    mixture_bounds,
)
from infostat.causal.radius import OUTER, resolve_divergence

PAIRS = [
    ("chi2", "kl"),
    ("chi2", "hellinger"),
    ("chi2", "js"),
    ("chi2", "tv"),
    ("hellinger", "js"),
]
NORMAL = ndtri((np.arange(400) + 0.5) / 400)


def theory(scale: Scale) -> Part:
    """All statements that need no estimation."""
    return Part(
        [
            radius(scale.draws(4_000, 400)),
            *self_selection(),
            finite(),
            sharpness(),
            dominance(scale.draws(150, 40)),
            reverse_order(),
            sign(scale.draws(4_000, 400)),
        ]
    )


def radius(draws: int) -> Claim:
    """Divergence of the observed law from any mixture that contains it."""
    rng, worst = np.random.default_rng(2), -np.inf
    for _ in range(draws):
        p, r = rng.dirichlet(np.full(6, 0.4), 2)
        e = rng.uniform(0.02, 0.98)
        q = e * p + (1 - e) * r
        held = q > 0
        for name in OUTER:
            member = resolve_divergence(name)
            ratio = p[held] / q[held]
            distance = q[held] @ member.f(ratio)
            worst = max(worst, float(distance - divergence_radius(e, name)))
    return Claim(
        "causal/radius",
        [Run(worst, [-0.1, 1e-9], draws=draws)],
        "Largest excess over the radius in random laws and five divergences: the theorem "
        "is right.",
    )


def self_selection() -> list[Claim]:
    """Rows that choose by their own outcome: uniform, those below one half treat."""
    values = (np.arange(2_000) + 0.5) / 4_000
    upper = {}
    for high in (1.0, 0.5):
        ends = {m: divergence_bounds(values, 0.5, 0.0, high, m)[1] for m in OUTER}
        ends["sharp"] = mixture_bounds(values, 0.5, 0.0, high)[1]
        upper[high] = ends
    truth = 0.5
    valid = Claim(
        "causal/valid",
        [
            Run(
                min(upper[1.0].values()) - truth,
                [0.12, 0.13],
                when="the range holds the outcomes of both arms",
            ),
            Run(
                max(upper[0.5].values()) - truth,
                [-0.06, -0.05],
                when="the range is that of the observed arm",
            ),
        ],
        "Upper end less the truth (worst and best divergence): with the range of the "
        "observed arm all five miss, the sharp interval too.",
    )
    shown = PUBLISHED["causal/self_selection"]["upper"]
    gap = max(abs(upper[1.0][name] - value) for name, value in shown.items())
    same = Claim(
        "causal/self_selection",
        [Run(float(gap), [0.0, 1e-3])],
        "Six upper ends by code that shares nothing with the earlier derivation.",
    )
    return [valid, same]


def finite() -> Claim:
    """How the upper end grows with the range."""
    low = float(NORMAL.min()) - 1.0
    growth = [
        divergence_bounds(NORMAL, 0.5, low, 1e4, m)[1]
        / divergence_bounds(NORMAL, 0.5, low, 10.0, m)[1]
        for m in OUTER
    ]
    indicator = (NORMAL > 0).astype(float)
    bounded = [divergence_bounds(indicator, 0.5, 0.0, 1.0, m)[1] for m in OUTER]
    return Claim(
        "causal/finite",
        [
            Run(float(min(growth)), [300.0, 1100.0], when="the outcome is unbounded"),
            Run(
                float(max(bounded)),
                [0.5, 1.0],
                when="the outcome is bounded (an indicator)",
            ),
        ],
        "Ratio of the upper ends with ranges up to 10,000 and up to 10: the end grows with "
        "the range, hence is infinite without one; an indicator has its own range.",
    )


def sharpness() -> Claim:
    """Width of each ball over that of the set that confounders can produce."""
    # Logit-normal outcomes; the sharp width is 1 - e whatever the law.
    values, chances = expit(NORMAL), np.array([0.2, 0.5, 0.8])
    runs = []
    for name in OUTER:
        widths = [np.ptp(divergence_bounds(values, e, 0.0, 1.0, name)) for e in chances]
        ratio = float(np.min(np.array(widths) / (1 - chances)))
        runs.append(Run(ratio, [1.01, 1.4], when=f"the divergence is {name}"))
    return Claim(
        "causal/sharp",
        runs,
        "Smallest ratio of population widths at propensities .2, .5 and .8: a ball holds "
        "laws that no confounder produces.",
    )


def dominance(draws: int) -> Claim:
    """Share of binary laws in which the first divergence is at least as narrow."""
    rng, wins = np.random.default_rng(3), np.zeros(len(PAIRS))
    for _ in range(draws):
        p, e = rng.uniform(0.02, 0.98), rng.uniform(0.05, 0.95)
        law = ([0.0, 1.0], e, 0.0, 1.0)
        width = {m: np.ptp(divergence_bounds(*law, m, [1 - p, p])) for m in OUTER}
        wins += [width[a] <= width[b] + 1e-9 for a, b in PAIRS]
    runs = []
    for (a, b), share in zip(PAIRS, wins / draws, strict=True):
        error = float(np.sqrt(share * (1 - share) / draws))
        band = [1.0, 1.0] if a == "chi2" and b != "tv" else [0.02, 0.98]
        runs.append(Run(float(share), band, error, draws, f"{a} meets {b}"))
    return Claim(
        "causal/dominance",
        runs,
        "Share of random laws in which the first is at least as narrow: chi-square is "
        "never wider than three of the others, so there is nothing to aggregate there.",
    )


def reverse_order() -> Claim:
    """Mean plus or minus sd sqrt((1-e)/e) on data that a truth of ten generates."""
    e, distance = 0.5, 20.0
    bound = NORMAL.mean() + NORMAL.std() * np.sqrt((1 - e) / e)
    truth = e * NORMAL.mean() + (1 - e) * distance
    return Claim(
        "causal/reverse",
        [Run(float(bound - truth), [-9.1, -8.9])],
        "Upper end less a truth that leaves the same observed data: the other order of "
        "chi-square assumes what it should bound.",
    )


def sign(draws: int) -> Claim:
    """Share of laws in which the sharp interval of an effect excludes zero."""
    rng = np.random.default_rng(4)
    e, y1, y0 = rng.uniform(0.02, 0.98, draws), *rng.random((2, draws))
    low = e * y1 - ((1 - e) * y0 + e)
    high = e * y1 + (1 - e) - (1 - e) * y0
    share = float(((low > 0) | (high < 0)).mean())
    return Claim(
        "causal/sign",
        [Run(share, [0.0, 0.0], draws=draws)],
        "Share of random laws whose sharp interval for the effect excludes zero: the "
        "propensity alone never gives a sign.",
    )
