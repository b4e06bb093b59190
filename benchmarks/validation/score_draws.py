"""One draw of each performance measure: which of its statements hold."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
from scipy.special import expit, logit, ndtr

from benchmarks.validation.scores import (
    HEAVY,
    bins,
    chances,
    law,
    predicted,
    score_truth,
    scored,
)
from infostat.evidence import value_parts, weight_of_evidence
from infostat.inference import (
    area_under_roc,
    calibrate,
    kolmogorov,
    kolmogorov_smirnov,
)
from infostat.samplesize import PNCriterion
from infostat.scorecard import auc_difference
from infostat.scorecard.bands import calibration_frame, cutoff_frame, gains_frame
from infostat.stability import wasserstein_drift


def within(interval, truth):
    """Whether limits hold the truth."""
    return (interval[0] <= truth) & (truth <= interval[1])


def no_power(rng, kind, n1, n0):
    # The test of no distance needs none of the draws behind the interval.
    with patch.object(kolmogorov, "DRAWS", 1):
        table = scored(rng, kind, n1, n0, 0.0)
        zero = kolmogorov_smirnov(table).p_zero
    return area_under_roc(table).p_value(0.5) <= 0.05, zero <= 0.05


def area(rng, kind, n1, n0, shift):
    found = area_under_roc(scored(rng, kind, n1, n0, shift))
    return [within(found.interval(), score_truth(kind, shift)[0])]


def distance(rng, kind, n1, n0, shift):
    found = kolmogorov_smirnov(scored(rng, kind, n1, n0, shift), rng=rng)
    truth = score_truth(kind, shift)[1]
    tails = [found.p_value(truth, side) <= 0.05 for side in ("greater", "less")]
    return [within(found.interval(), truth), *tails]


def paired(rng, kind, n1, n0, first, second):
    """Difference of the areas of two scores that are correlated by 0.6."""
    y = np.repeat([1, 0], [n1, n0])
    tilt = np.where(y == 1, 0.5, -0.5) if kind == "weights" else 0.0
    s = rng.normal(tilt, size=y.size)
    weight = np.exp(-tilt * s) * np.where(y == 1, 1.0, 3.0)
    other = 0.6 * s + 0.8 * rng.normal(size=y.size) + second * y
    s = s + first * y
    if kind == "ties":
        s, other = np.round(2.0 * s), np.round(2.0 * other)
    options = {"sample_weight": weight} if kind == "weights" else {}
    found = auc_difference(
        s, other, y, weight_type="sampling", higher_is_riskier=True, **options
    )
    truth = score_truth(kind, first)[0] - score_truth(kind, second)[0]
    if first == second:
        return [found.p_value() <= 0.05]
    return [within(found.interval(), truth)]


def calibration_size(rng, kind, n):
    return [calibrate(chances(predicted(rng, kind, n, 1.0))).p_value <= 0.05]


def calibration(rng, kind, n, slope):
    table = predicted(rng, kind, n, slope)
    found = calibrate(chances(table)).slope
    ranked = area_under_roc(table).interval()
    held = found is not None and within(found.interval(), slope)
    return held, within(ranked, law(kind, slope)[3])


def rates(rng, kind, n, bands):
    """Shares of intervals that hold, in the tables of gains, cut-offs and calibration."""
    x, share, rate, _ = law(kind, 0.7)
    table = predicted(rng, kind, n, 0.7)
    below = np.concatenate([[0.0], np.cumsum(share)])
    lost = np.concatenate([[0.0], np.cumsum(share * rate)])

    def between(low, high):
        first, last = np.searchsorted(x, low - 1e-6), np.searchsorted(x, high + 1e-6)
        return (lost[last] - lost[first]) / (below[last] - below[first])

    gains = gains_frame(-table, bands, 0.95, as_given=False)
    ends = np.sort([gains["score_from"], gains["score_to"]], axis=0)
    captured = 1.0 - lost[np.searchsorted(x, ends[0] - 1e-6)] / lost[-1]
    cuts = cutoff_frame(-table, [-2.5, -1.5, -0.5], 0.95, as_given=False)
    safe = np.searchsorted(x, cuts["cutoff"] + 1e-6)
    frame = calibration_frame(chances(table), bands, 0.95)
    logits = logit([frame["probability_from"], frame["probability_to"]])
    pairs = [
        (gains, "conf", between(*ends)),
        ({k: v[:-1] for k, v in gains.items()}, "captured", captured[:-1]),
        (cuts, "approval", below[safe]),
        (cuts, "event_rate", lost[safe] / below[safe]),
        (frame, "conf", between(*logits)),
    ]
    return [within((f[f"{m}_low"], f[f"{m}_high"]), t).mean() for f, m, t in pairs]


def drift(rng, kind, n, m, shift, spread):
    """Scores in standard deviations of the reference."""
    x, y = rng.normal(size=n), rng.normal(shift, spread, m)
    if kind == "ties":
        x, y = np.round(2.0 * x) / 2.0, np.round(2.0 * y) / 2.0
    few = 99 if n + m < 5_000 else 39
    found = wasserstein_drift(x, y, n_resamples=few, rng=rng)
    if shift == 0 and spread == 1:
        return [found.p_zero <= 0.05]
    grid = np.arange(-8.0, 9.0, 0.5 if kind == "ties" else 0.005)
    grid = grid + (0.25 if kind == "ties" else 0.0)
    gap = np.abs(ndtr(grid) - ndtr((grid - shift) / spread))
    truth = float(gap.sum() * (grid[1] - grid[0]))
    return within(found.interval(), truth), found.p_value(truth, "greater") <= 0.05


def parts(rng, kind, n, slope):
    table, p, q = bins(rng, kind, n, slope)
    found = value_parts(table, weight_type="sampling" if kind in HEAVY else "frequency")
    return np.abs(found.value - (p - q) * np.log(p / q)) <= 1.96 * found.se


def evidence(rng, kind, n, slope):
    table, p, q = bins(rng, kind, n, slope)
    kinds = {"weight_type": "sampling" if kind in HEAVY else "frequency"}
    found = weight_of_evidence(table, sign="bad_over_good", **kinds)
    return np.abs(found.value - np.log(p / q)) <= 1.96 * found.se


def assured(rng, n, columns):
    """Whether the divergence stays below its assured quantile, and below the mean."""
    x = rng.normal(size=(n + 2_000, columns))
    rate = expit(x[:, 0] - 1.0)
    y = (rng.random(n) < rate[:n]).astype(int)
    check = PNCriterion("binomial", assurance=0.8).fit(x[:n], y)
    logits = check.coef_[0] + x[n:] @ check.coef_[1:]
    p, q = rate[n:], expit(logits.ravel())
    loss = np.mean(p * np.log(p / q) + (1.0 - p) * np.log((1.0 - p) / (1.0 - q)))
    return loss <= check.result_.assurance_quantile, loss <= check.risk_
