"""IHDP: twenty subsamples of 500 rows, five covariates."""

from __future__ import annotations

import numpy as np

from benchmarks.causal_ihdp import COVARIATES
from benchmarks.papers.claims import PUBLISHED, Claim, Listing, Part, Run, figure
from benchmarks.validation.study import Scale
from infostat import CausalBounds
from infostat.causal.radius import OUTER
from infostat.datasets import load_ihdp
from infostat.exceptions import InfostatError


def ihdp(scale: Scale) -> Part:
    """Widths of the mean under treatment, range of the treated arm."""
    try:
        frame = load_ihdp(1, backend="pandas").frame
    except (InfostatError, OSError) as error:
        return Part(missing=f"IHDP could not be read: {error}")
    draws, found = scale.draws(20, 2), []
    for k in range(draws):
        rows = np.random.default_rng(k).choice(len(frame), 500, replace=False)
        found.append(widths(frame.iloc[rows], k))
    table = {m: np.array([f[m] for f in found]) for m in ("sharp", *OUTER)}
    shown = PUBLISHED["causal/ihdp"]["widths"]
    claims = []
    for name in OUTER:
        width = table[name]
        claims.append(
            Claim(
                f"causal/ihdp_{name}",
                [mean_run(width, [4.5, 9.0])],
                "Same rows, range and divergence; ours is the population's ball of the "
                "mean, theirs the mean of pointwise networks.",
            )
        )
    ratio = np.min([table[name] / table["sharp"] for name in OUTER], axis=0)
    claims.append(
        Claim(
            "causal/ihdp_gain",
            [mean_run(ratio, [1.0, 1.2])],
            "Smallest ratio of the five widths to that of the sharp interval: whoever "
            "knows the range gains nothing from a divergence.",
        )
    )
    body = [
        [name, f"{w.mean():.2f}", f"{w.std():.2f}", figure(shown.get(name, np.nan))]
        for name, w in table.items()
    ]
    listing = Listing(
        f"Width of the bounds on the mean under treatment, IHDP, {draws} subsamples of "
        f"500 rows, range of the treated arm",
        ["bound", "mean width", "spread over subsamples", "published run"],
        body,
    )
    return Part(claims, [listing])


def mean_run(values, band) -> Run:
    """Mean over subsamples, with its error."""
    error = float(values.std() / np.sqrt(len(values)))
    return Run(float(values.mean()), band, error, len(values))


def widths(frame, seed: int) -> dict[str, float]:
    """Width by method on one subsample."""
    y, treated = frame["y_factual"], frame["treatment"] == 1
    low, high = y[treated].min(), y[treated].max()

    def limits(_, arm):
        return (low, high) if arm == 1 else (y.min(), y.max())

    model = CausalBounds(y_bounds=limits, method="all", random_state=seed)
    model.fit(frame[COVARIATES], y, treatment=frame["treatment"])
    rows = model.bounds_[model.bounds_["estimand"] == "E[Y(1)]"]
    return dict(zip(rows["method"], rows["width"], strict=True))
