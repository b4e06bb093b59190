"""Whether a linear score ranks by means and covariances alone."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr
from sklearn.linear_model import LogisticRegression

from benchmarks.considered.method import Method, generated, real_data
from benchmarks.papers.claims import Listing, Run
from benchmarks.validation.study import Scale
from infostat.inference import area_under_roc
from infostat.inference.score_table import ScoreTable


def gap(x, y) -> tuple[float, float, float]:
    """Empirical area on half of the rows, its error, and that of normal classes."""
    order = np.random.default_rng(0).permutation(len(y))
    train, test = np.array_split(order, 2)
    w = LogisticRegression(max_iter=500).fit(x[train], y[train]).coef_[0]
    score, label = x[test] @ w, y[test]
    area = area_under_roc(ScoreTable.count(score, label.astype(np.uint8)))
    groups = [score[label == k] for k in (0, 1)]
    shift = groups[1].mean() - groups[0].mean()
    normal = ndtr(shift / np.sqrt(groups[0].var() + groups[1].var()))
    return float(area.value), float(area.se), float(normal)


def study(scale: Scale) -> Method:
    rng = np.random.default_rng(1)
    label = (rng.random(10_000) < 0.3).astype(float)
    sets = {
        "normal classes": (rng.normal(size=(10_000, 4)) + 0.4 * label[:, None], label)
    }
    sets["generated applications"] = generated(8_000 if scale.quick else 20_000)
    if not scale.quick:
        sets |= real_data()
    body, distance = [], []
    for name, (x, y) in sets.items():
        area, error, normal = gap(x, y)
        distance.append((area - normal) / error)
        cells = [f"{area:.4f}", f"{error:.4f}", f"{normal:.4f}", f"{distance[-1]:+.1f}"]
        body.append([name, *cells])
    far = sum(abs(d) > 2 for d in distance[1:])
    return Method(
        "Two-moment check of a linear score",
        "The area under the curve that two normal classes with the score's means and "
        "variances would have, against the empirical one and its error.",
        f"On credit data the two differ by more than two errors in {far} of "
        f"{len(distance) - 1} sets (largest distance {max(map(abs, distance[1:])):.1f} "
        f"errors; {abs(distance[0]):.1f} where the classes are normal by construction). "
        f"Where they agree nothing is learned beyond the area and its error, which are "
        f"printed anyway; where they differ moments do not stand for the score.",
        "If scores must be monitored from moments alone, for privacy.",
        [
            Listing(
                "Area under the curve",
                ["data", "empirical", "error", "normal classes", "distance in errors"],
                body,
            )
        ],
        [Run(float(distance[0]), [-3.5, 3.5])],
    )
