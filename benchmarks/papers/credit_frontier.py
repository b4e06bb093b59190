"""The performance-fairness frontier over the paper's grid of caps."""

from __future__ import annotations

import numpy as np

from benchmarks.papers.claims import PUBLISHED, Claim, Listing, Part, Run
from benchmarks.validation.laws import jeffreys
from benchmarks.validation.study import Scale

WITHOUT = (
    "the frontier needs the room `infostat.fairness`, which this installation lacks."
)


def frontier(scale: Scale) -> Part:
    """Exact points, measured on a holdout, and how often a chosen cap is broken."""
    try:
        from infostat.fairness import FairnessFrontier
    except ImportError:
        return Part(missing=WITHOUT)
    from infostat.datasets import make_applications

    caps = PUBLISHED["credit/frontier"]["caps"]
    made = make_applications(20_000, shape="paper", rng=0, backend="pandas")
    X, y, group = (made.frame[k] for k in (made.features, "default", "group"))
    model = FairnessFrontier(max_group_iv=caps, random_state=0).fit(X, y, groups=group)
    points = model.frontier_
    first, last = points.iloc[0], points.iloc[-1]
    width = (last.auc_high - last.auc_low) / 2 / 1.96
    claims = [
        Claim(
            "credit/frontier_auc",
            [Run(float(last.auc - first.auc), [-0.01, 0.2], float(width), 1)],
            "Gain in area from the tightest cap to the widest, on rows that chose "
            "nothing; other rows than theirs, and a frontier that is proved optimal.",
        ),
        Claim(
            "credit/frontier_trade",
            [Run(float((np.diff(points.iv) > 0).mean()), [1.0, 1.0])],
            "Share of steps along the caps on which both values rise: what is bought "
            "with group difference is predictive value.",
        ),
        broken_caps(scale, caps),
    ]
    columns = ["cap", "iv", "group_iv", "auc", "score_iv", "score_group_iv"]
    body = [
        [
            *(f"{row[c]:.3f}" for c in columns[:4]),
            f"{row.score_iv:.3f} ({row.score_iv_low:.3f}, {row.score_iv_high:.3f})",
            (
                f"{row.score_group_iv:.3f} ({row.score_group_low:.3f}, "
                f"{row.score_group_high:.3f})"
            ),
        ]
        for _, row in points.iterrows()
    ]
    listing = Listing(
        "Exact frontier over the paper's caps (points that coincide are one row); area "
        "and values of the score's bands on a holdout of 30 %, with 95 % intervals",
        columns,
        body,
    )
    series = [
        {
            "label": "sum over features, chosen",
            "x": points.group_iv.tolist(),
            "y": points.iv.tolist(),
        },
        {
            "label": "score, holdout",
            "x": points.score_group_iv.tolist(),
            "y": points.score_iv.tolist(),
            "style": "s--",
        },
    ]
    curves = {
        "title": "Predictive value against group difference",
        "x": "IV about the protected group",
        "y": "IV about default",
        "log": "",
        "series": series,
    }
    return Part(claims, [listing], curves)


def broken_caps(scale: Scale, caps) -> Claim:
    """Share of samples whose chosen binnings truly exceed the cap."""
    from infostat.datasets import make_applications
    from infostat.fairness import FairnessFrontier

    draws, cap = scale.draws(60, 4), caps[0]
    big = make_applications(200_000, shape="paper", rng=1, backend="pandas")
    runs = []
    for name, confidence in (("no confidence is asked", None), ("95 % is asked", 0.95)):
        over = []
        for k in range(draws):
            made = make_applications(
                4_000, shape="paper", rng=100 + k, backend="pandas"
            )
            model = FairnessFrontier(
                max_group_iv=[cap], confidence=confidence, holdout=0.05, random_state=k
            )
            frame = made.frame
            model.fit(frame[made.features], frame["default"], groups=frame["group"])
            over.append(true_sum(model, big) > cap)
        rate = float(np.mean(over))
        # The spread of the rate that is promised: a claim is judged by its own law.
        spread = float(np.sqrt(0.05 * 0.95 / draws))
        band = [0.6, 1.0] if confidence is None else [0.0, 0.4]
        runs.append(Run(rate, band, spread, draws, name))
    return Claim(
        "credit/frontier_broken",
        runs,
        "Share of samples of 4,000 rows whose chosen binnings exceed the tightest cap in "
        "the population. Choosing among many binnings uses up chance errors, and more "
        "than a margin for one fixed binning allows: the holdout decides.",
    )


def true_sum(model, big, point: int = 0) -> float:
    """Sum of a point's features' values about the group in a large sample."""
    member = (big.frame["group"] == "B").to_numpy().astype(np.uint8)
    bins, total = model.cards_[point].bins_, 0.0
    for name in model.chosen_[point]:
        table = bins[name].count(big.frame[name].to_numpy(), member)
        held = table.weight.sum(axis=1) > 0
        q, p = (table.weight[held] / table.weight[held].sum(axis=0)).T
        total += float(jeffreys(np.maximum(p, 1e-9), np.maximum(q, 1e-9)))
        # What the large sample adds by its own noise.
        total -= (held.sum() - 1) * float((1 / table.weight.sum(axis=0)).sum())
    return total
