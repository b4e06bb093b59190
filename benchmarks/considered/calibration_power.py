"""Power of the sliding calibration test beside three classical tests."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, expit, logit

from benchmarks.considered.method import Method
from benchmarks.papers.claims import Listing, Run
from benchmarks.validation.study import Scale
from infostat.inference import calibrate, hosmer_lemeshow, sliding_calibration_test
from infostat.inference.score_table import ScoreTable

ROWS = 2_000
TESTS = ["sliding", "Hosmer-Lemeshow", "Spiegelhalter", "slope and intercept"]
DEFECTS = {
    "none": lambda p: p,
    "log-odds too low by 0.25": lambda p: expit(logit(p) + 0.25),
    "log-odds too extreme (slope 0.8)": lambda p: expit(0.8 * logit(p) - 0.35),
    "a bump, p from 10 to 15 % doubled": lambda p: np.where(
        (p > 0.10) & (p < 0.15), 2 * p, p
    ),
    "a wave in the log-odds": lambda p: expit(logit(p) + 0.5 * np.sin(4 * logit(p))),
    "upper tenth saturates at 25 %": lambda p: np.minimum(p, 0.25),
}


def p_values(p, y, resamples: int, rng) -> list[float]:
    """One p-value a test; the model has not seen these rows."""
    sliding = sliding_calibration_test(p, y, n_resamples=resamples, rng=rng).p_value
    bands = np.array_split(np.argsort(p), 10)
    sums = [[v[b].sum() for b in bands] for v in (y, p)]
    _, _, classic = hosmer_lemeshow(*sums, [len(b) for b in bands])
    variance = p * (1 - p)
    lean = 1 - 2 * p
    z = ((y - p) @ lean) ** 2 / (lean**2 @ variance)
    joint = calibrate(ScoreTable.count(p, y.astype(np.uint8))).p_value
    return [sliding, classic, float(chdtrc(1, z)), joint]


def study(scale: Scale) -> Method:
    draws, resamples = scale.draws(400, 30), scale.draws(199, 99)
    rates = {}
    for number, (name, true) in enumerate(DEFECTS.items()):
        rng = np.random.default_rng([5, number])
        hits = np.zeros(len(TESTS))
        for _ in range(draws):
            p = rng.beta(1.2, 7, ROWS).clip(1e-4, 1 - 1e-4)
            y = (rng.random(ROWS) < true(p)).astype(float)
            hits += np.array(p_values(p, y, resamples, rng)) <= 0.05
        rates[name] = hits / draws
    body = [[name, *(f"{v:.3f}" for v in row)] for name, row in rates.items()]
    sizes = rates["none"]
    defects = [name for name in rates if name != "none"]
    best = [name for name in defects if rates[name][0] >= rates[name][1:].max() - 1e-9]
    against = [name for name in defects if rates[name][0] > rates[name][1]]
    error = float(np.sqrt(0.05 * 0.95 / draws))
    worst = min(rates[name][0] - rates[name][1:].max() for name in defects)
    verdict = (
        f"The most powerful of the four on {len(best)} of {len(defects)} defects"
        + (f" ({'; '.join(best)})" if best else "")
        + f", more powerful than Hosmer-Lemeshow on {len(against)}, and at worst "
        f"{-worst:.2f} behind the best. "
    )
    verdict += (
        "Use it to see where a defect lies, and the joint score test or Hosmer-Lemeshow to "
        "decide."
        if len(best) * 2 < len(defects)
        else "It can be the first test to look at."
    )
    return Method(
        "Sliding-window calibration test (shipped, power beside others)",
        "The mean absolute gap of predicted and observed rate over a window that slides "
        "along the score, against outcomes drawn from the predictions "
        "(`sliding_calibration_test`).",
        verdict,
        "The table is to be read again if the window or the statistic changes.",
        [
            Listing(
                f"Rate of rejection at 5 %, {ROWS:,} rows, Beta(1.2, 7) predictions, "
                f"{draws} samples (error at 5 %: {error:.3f})",
                ["defect", *TESTS],
                body,
            )
        ],
        [
            Run(float(size), [0.03, 0.07], error, draws, name)
            for size, name in zip(sizes, TESTS, strict=True)
        ]
        + [Run(float(rates[defects[0]][0]), [0.3, 1.0], 0.03, draws, defects[0])],
    )
