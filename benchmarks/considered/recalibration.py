"""Recalibration by the sliding-window objective, beside the usual maps."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.special import logit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.naive_bayes import GaussianNB

from benchmarks.considered.method import Method, generated, real_data
from benchmarks.papers.claims import Listing, Run
from benchmarks.validation.study import Scale

KNOTS, WINDOW, WINDOWS = 12, 201, 300


def programme(p, y):
    """Monotone broken line with the least mean absolute gap over sliding windows."""
    order = np.argsort(p, kind="stable")
    knots = np.unique(np.quantile(p, np.linspace(0, 1, KNOTS)))
    hats = np.column_stack([np.interp(p[order], knots, e) for e in np.eye(len(knots))])
    starts = np.linspace(0, len(p) - WINDOW, WINDOWS).astype(int)
    sums = np.vstack(
        [np.zeros(len(knots) + 1), np.cumsum(np.c_[hats, y[order]], axis=0)]
    )
    means = (sums[starts + WINDOW] - sums[starts]) / WINDOW
    design, target, k = means[:, :-1], means[:, -1], len(knots)
    slack = -np.eye(WINDOWS)
    rising = np.hstack([np.eye(k)[:-1] - np.eye(k)[1:], np.zeros((k - 1, WINDOWS))])
    rows = np.vstack([np.hstack([design, slack]), np.hstack([-design, slack]), rising])
    limits = np.r_[target, -target, np.zeros(k - 1)]
    cost = np.r_[np.zeros(k), np.full(WINDOWS, 1 / WINDOWS)]
    bounds = [(1e-4, 1 - 1e-4)] * k + [(0, None)] * WINDOWS
    found = linprog(cost, sparse.csr_array(rows), limits, bounds=bounds)
    return lambda new: np.interp(new, knots, found.x[:k])


def losses(x, y, model, seed: int) -> list[float]:
    """Log loss on new rows: raw, Platt, isotonic, programme."""
    order = np.random.default_rng(seed).permutation(len(y))
    train, middle, test = np.array_split(order, 3)
    model.fit(x[train], y[train])
    p, new = (
        model.predict_proba(x[part])[:, 1].clip(1e-6, 1 - 1e-6)
        for part in (middle, test)
    )
    platt = LogisticRegression(C=1e6).fit(logit(p)[:, None], y[middle])
    step = IsotonicRegression(y_min=1e-4, y_max=1 - 1e-4, out_of_bounds="clip")
    step.fit(p, y[middle])
    predictions = [
        new,
        platt.predict_proba(logit(new)[:, None])[:, 1],
        step.predict(new),
        programme(p, y[middle])(new),
    ]
    return [log_loss(y[test], v) for v in predictions]


def study(scale: Scale) -> Method:
    sets = {"generated": generated(6_000 if scale.quick else 20_000)}
    if not scale.quick:
        sets |= real_data()
    splits = 1 if scale.quick else 3
    boosting = HistGradientBoostingClassifier(max_iter=100)
    models = {"boosting": boosting, "naive Bayes": GaussianNB()}
    body, wins = [], 0
    for name, (x, y) in sets.items():
        for title, model in models.items():
            mean = np.mean([losses(x, y, model, s) for s in range(splits)], axis=0)
            wins += mean[3] < min(mean[1:3])
            body.append([name, title, *(f"{v:.4f}" for v in mean)])
    ratio = wins / len(body)
    return Method(
        "Recalibration by the sliding-window objective",
        "Choose the monotone map that minimises the windowed gap of predicted and observed "
        "rate (arXiv 2506.17968); for one score a linear programme.",
        f"It beat both Platt's map and isotonic regression in {wins} of {len(body)} cases "
        f"in log loss.",
        "If a smooth monotone map is wanted as an option.",
        [
            Listing(
                f"Log loss on new rows, {splits} splits",
                ["data", "model", "raw", "Platt", "isotonic", "programme"],
                body,
            )
        ],
        [Run(float(ratio), [0.0, 1.0])],
    )
