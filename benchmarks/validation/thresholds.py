"""Size of the tests at a threshold: more than J0, or certified to be less."""

from __future__ import annotations

from scipy.special import ndtr

from benchmarks.validation.coverage import draw
from benchmarks.validation.laws import jeffreys, shipped, tilted
from benchmarks.validation.rivals import pooled_smoothing, standard_errors
from benchmarks.validation.study import Result, Row, Scale, Table, Tick
from infostat.inference import matched

DESIGNS = [
    (5, "uniform", 500, 4_500, 0.02),
    (5, "uniform", 2_000, 18_000, 0.1),
    (5, "skew", 1_000, 9_000, 0.25),
    (10, "uniform", 500, 4_500, 0.1),
    (10, "uniform", 1_000, 9_000, 0.02),
    (10, "skew", 5_000, 5_000, 0.05),
    (20, "uniform", 1_000, 9_000, 0.05),
    (20, "uniform", 5_000, 45_000, 0.02),
    (20, "skew", 5_000, 5_000, 0.1),
]
METHODS = ["matched (shipped)", "delta Wald", "paper", "plug-in > J0"]


def count(scale: Scale) -> int:
    return len(scale.some(DESIGNS, (1, 6)))


def run(scale: Scale, tick: Tick) -> Result:
    above, below = [], []
    for number, design in enumerate(scale.some(DESIGNS, (1, 6))):
        pair = threshold_rows(design, scale.draws(20_000, 4_000), number)
        above.append(pair[0])
        below.append(pair[1])
        tick()
    keys = ["bins", "shape", "n1/n0", "J0"]
    return Result(
        title="Tests at a threshold",
        design="Draws at the boundary J = J0; sparse bins merged as shipped.",
        tables=[
            Table(
                "at_most",
                "Size of the test of J <= J0 (evidence for more), nominal 5 %.",
                "size",
                keys,
                METHODS,
                METHODS[:1],
                above,
            ),
            Table(
                "at_least",
                "Size of the test of J >= J0 (certificate of less), nominal 5 %.",
                "size",
                keys,
                METHODS[:3],
                METHODS[:1],
                below,
            ),
        ],
    )


def threshold_rows(design, draws: int, number: int) -> tuple[Row, Row]:
    n_bins, shape, n1, n0, value = design
    p, q = tilted(n_bins, shape, value)
    events, non_events = draw(p, q, n1, n0, draws, 7, number)
    answer = shipped(events, non_events, p, q)
    law = (answer.plug_in, answer.scale, answer.df, answer.target)
    smooth = pooled_smoothing(events, non_events)
    plug_in = jeffreys(*smooth)
    errors = standard_errors(*smooth, n1, n0)
    z = {name: (plug_in - value) / errors[name] for name in ("delta", "paper")}
    above = {
        METHODS[0]: float((matched.p_at_most(*law) <= 0.05).mean()),
        METHODS[1]: float((ndtr(-z["delta"]) <= 0.05).mean()),
        METHODS[2]: float((ndtr(-z["paper"]) <= 0.05).mean()),
        METHODS[3]: float((plug_in > value).mean()),
    }
    below = {
        METHODS[0]: float((matched.p_at_least(*law) <= 0.05).mean()),
        METHODS[1]: float((ndtr(z["delta"]) <= 0.05).mean()),
        METHODS[2]: float((ndtr(z["paper"]) <= 0.05).mean()),
    }
    key = [str(n_bins), shape, f"{n1}/{n0}", f"{value:g}"]
    return Row(key, above, draws), Row(key, below, draws)
