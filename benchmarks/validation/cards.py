"""Scorecards: errors of coefficients and intervals of probabilities, bins given."""

from __future__ import annotations

import warnings

import numpy as np

from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.binning import OptimalBinner
from infostat.datasets import make_applications
from infostat.exceptions import InfostatWarning
from infostat.scorecard import ScorecardClassifier

FEATURES = ["utilisation", "inquiries", "months_since_delinquency", "employment"]
DESIGNS = [("woe", 1_500), ("woe", 5_000), ("onehot", 5_000)]
SMALL = (
    "Few events a coefficient: the normal law on the log-odds scale is a large-sample "
    "one."
)


def count(scale: Scale) -> int:
    return len(scale.some(DESIGNS, (1,)))


def run(scale: Scale, tick: Tick) -> Result:
    coverages, errors = [], []
    for number, design in enumerate(scale.some(DESIGNS, (1,))):
        pair = card_rows(*design, scale.draws(1_000, 60), number)
        coverages.append(pair[0])
        errors.append(pair[1])
        tick()
    return Result(
        title="Scorecards",
        design=(
            "The population is a sample of 40,000 generated applications, drawn from "
            "with replacement; its own card, with the same fixed bins, is the truth. "
            "Bins are given, so that only the regression and the weights of evidence "
            "are estimated. Coverage is the mean over 200 applicants or over the "
            "coefficients; the worst of them is shown beside it."
        ),
        tables=[
            Table(
                "cards",
                "Coverage of nominal 95 % intervals.",
                "coverage",
                ["encoding", "rows"],
                ["predict_interval", "worst applicant", "coefficients", "worst one"],
                ["predict_interval", "coefficients"],
                coverages,
            ),
            Table(
                "cards_sd",
                "Root mean square standard error of the coefficients over their "
                "Monte-Carlo standard deviation.",
                "number",
                ["encoding", "rows"],
                ["mean ratio", "smallest", "largest"],
                [],
                errors,
                digits=2,
            ),
        ],
    )


def fitted(X, y, bins, encoding: str) -> ScorecardClassifier:
    """Fit a card on given bins without rounding."""
    binner = OptimalBinner(fixed_bins=bins)
    card = ScorecardClassifier(binner=binner, encoding=encoding, rounding=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        return card.fit(X, y)


def card_rows(encoding: str, n_rows: int, draws: int, number: int) -> tuple[Row, Row]:
    rng = np.random.default_rng([20_261_124, 16, number])
    data = make_applications(40_000, backend="pandas", rng=1)
    X, y = data.frame[FEATURES], data.frame[data.target].to_numpy()
    bins = OptimalBinner(max_bins=4, min_bin_size=0.05).fit(X, y).bins_
    truth = fitted(X, y, bins, encoding)
    beta = np.r_[truth.intercept_, truth.coef_.ravel()]
    probe = rng.choice(len(y), 200, replace=False)
    rate = truth.predict_proba(X.iloc[probe])[:, 1]
    inside = np.zeros(200)
    estimates, deviations = [], []
    for _ in range(draws):
        rows = rng.integers(0, len(y), n_rows)
        card = fitted(X.iloc[rows], y[rows], bins, encoding)
        low, high = card.predict_interval(X.iloc[probe])
        inside += (low <= rate) & (rate <= high)
        estimates.append(np.r_[card.intercept_, card.coef_.ravel()])
        deviations.append(np.sqrt(np.diag(card.covariance_)))
    value, error = np.array(estimates), np.array(deviations)
    hit = (np.abs(value - beta) <= 1.959964 * error).mean(axis=0)
    ratio = np.sqrt((error**2).mean(axis=0)) / value.std(axis=0)
    key = [encoding, str(n_rows)]
    rates = {
        "predict_interval": float(inside.mean() / draws),
        "worst applicant": float(inside.min() / draws),
        "coefficients": float(hit.mean()),
        "worst one": float(hit.min()),
    }
    ratios = {
        "mean ratio": float(ratio.mean()),
        "smallest": float(ratio.min()),
        "largest": float(ratio.max()),
    }
    return Row(key, rates, draws, SMALL), Row(key, ratios, draws)
