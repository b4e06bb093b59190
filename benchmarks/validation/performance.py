"""Performance of a score: area, distance, calibration, rates, drift, parts of the value."""

from __future__ import annotations

from benchmarks.validation import score_draws as one
from benchmarks.validation.designs import (
    Designs,
    Study,
    covers,
    numbers,
    simulate,
    sizes,
)
from benchmarks.validation.study import Result, Scale, Tick

THREE = ["ties", "frequencies", "weights"]
THIRD = ["events heavy", "non-events heavy", "clusters"]
FIVE = ["ties", "frequencies", *THIRD]
DRIFT = "sample, n, n current, shift, spread"
DISTANCE = (
    "Distance: one-sided tests of the true distance at 5 %; small is safe, so that no "
    "band is judged."
)
UPWARDS = (
    "Wasserstein drift: one-sided test of the true distance at 5 %, not judged; the "
    "distance is too large on average where the laws are close or cross."
)
ZERO = "`value_parts` where no bin has a part: share of intervals that hold zero."
ASSURED = (
    "`PNCriterion(assurance=0.8)`: share of samples whose divergence stays below the "
    "assured quantile (aim .8), and below the risk."
)
DESIGN = (
    "Area, distance and difference: normal scores, events higher by *shift* standard "
    "deviations (the two scores correlated by 0.6). *Ties* rounds to half a deviation, "
    "*frequencies* counts such rows into weights, *weights* are sampling weights that "
    "undo a tilt of half a deviation, up for events and down for non-events, which "
    "weigh three times as much besides. Calibration, rates and parts: log-odds normal "
    "about -1.5, rounded to 0.01 (*ties* to 0.5, *clusters* to 0.1), the outcome's "
    "log-odds with the given slope on them; *heavy* keeps a quarter of that class, and "
    "half of the rows of low risk, and weighs by the inverse; *clusters* are customers of "
    "three rows on average, alike in prediction and outcome. Rates: ten bands, or five "
    "below 1,000 rows, and three fixed cut-offs, slope 0.7. Drift: a normal sample "
    "against one moved and spread, 99 permutations (39 beyond 5,000 rows). Parts and "
    "evidence: eight bins at the octiles; value +- 1.96 errors. A part is of second "
    "order in the gap of its two shares: where they are equal the normal law does not "
    "hold, the error goes to zero with the part, and the interval is no test of it; "
    "it then holds zero nearly always. Assurance: logistic regression on normal columns, "
    "one with effect; the Kullback-Leibler divergence of the fitted law on 2,000 new rows."
)
TIED = "Kolmogorov's limit law knows no ties: few places find a smaller largest gap."
CAUTIOUS = "The error of the gap where it is widest stands for its error everywhere."
SMALL = (
    "The limit law is cautious for few rows, and Newcombe's least width for the area."
)
SECOND = (
    "Bins whose shares are nearly equal: there a part is of second order in the gap."
)
REASONS = {
    ("part_coverage", "plain"): SECOND,
    ("part_coverage", "events heavy"): SECOND,
    ("part_coverage", "non-events heavy"): SECOND,
    ("part_coverage", "clusters"): SECOND,
    ("score_size", "plain"): SMALL,
    ("score_size", "ties"): TIED,
    ("score_size", "frequencies"): TIED,
    ("score_size", "weights"): CAUTIOUS,
    ("distance_coverage", "weights"): (
        "The upper limit is that of the gap at a fixed value, and a little wide."
    ),
    ("calibration_size", "events heavy"): (
        "The variance comes from the residuals of a few rows that weigh much."
    ),
}


def classes(kinds: list[str], pairs: list[tuple[int, int]], *rest: float) -> Designs:
    """Plain designs of class sizes, and others of 200 events."""
    plain = [("plain", *pair, *rest) for pair in pairs]
    return plain + [(kind, 200, 2_000, *rest) for kind in kinds]


def binned(kinds: list[str], slope: float) -> Designs:
    """Designs of eight bins."""
    plain = [("plain", n, slope) for n in (300, 2_000, 10_000)]
    return plain + [(kind, n, slope) for kind in kinds for n in (2_000, 10_000)]


CLASS, ROWS = "sample, n1, n0", "sample, n"
FEW = [(20, 20), (20, 5_000), (5_000, 5_000)]
STUDIES = [
    Study(
        one.no_power,
        CLASS,
        [*classes(THREE, [*FEW, (100, 1_000)]), ("weights", 50, 200)],
        (2_000, 300),
        (3,),
        [sizes("score_size", "No power", "area (shipped)", "distance (shipped)")],
    ),
    Study(
        one.area,
        f"{CLASS}, shift",
        [*classes(THREE, FEW, 1), ("plain", 60, 600, 2.5), ("weights", 50, 200, 1)],
        (2_000, 300),
        (0, 5),
        [covers("area_coverage", "Area", "shipped")],
    ),
    Study(
        one.distance,
        f"{CLASS}, shift",
        [*classes(THREE, [(20, 20), (200, 2_000)], 1), *classes([], FEW[2:], 0.3)],
        (400, 40),
        (4,),
        [
            covers("distance_coverage", "Distance", "shipped"),
            numbers("distance_tests", DISTANCE, "not above it", "not below it"),
        ],
    ),
    Study(
        one.paired,
        f"{CLASS}, shift 1, shift 2",
        classes(["ties", "weights"], FEW, 1, 1),
        (2_000, 300),
        (1,),
        [sizes("difference_size", "Difference of equal areas")],
    ),
    Study(
        one.paired,
        f"{CLASS}, shift 1, shift 2",
        classes(["ties", "weights"], FEW, 1.5, 1),
        (2_000, 300),
        (4,),
        [covers("difference_coverage", "Difference of unequal areas", "shipped")],
    ),
    Study(
        one.calibration_size,
        ROWS,
        [("plain", n) for n in (100, 1_000, 10_000)] + [(k, 2_000) for k in FIVE],
        (2_000, 200),
        (1,),
        [sizes("calibration_size", "Joint calibration test")],
    ),
    Study(
        one.calibration,
        f"{ROWS}, slope",
        [("plain", *n) for n in ((100, 1), (100, 0.7), (1_000, 1), (10_000, 0.7))]
        + [(kind, 2_000, 0.7) for kind in FIVE],
        (1_000, 150),
        (6, 8),
        [
            covers(
                "calibration_coverage",
                "Slope of calibration, and area",
                "slope (shipped)",
                "area (shipped)",
            )
        ],
    ),
    Study(
        one.rates,
        f"{ROWS}, bands",
        [("plain", *n) for n in ((100, 5), (1_000, 10), (10_000, 10))]
        + [(kind, 2_000, 10) for kind in FIVE[:-1]],
        (1_000, 60),
        (1, 6),
        [
            covers(
                "rate_coverage",
                "Tables as shipped, mean over bands or cut-offs",
                "gains: event rate",
                "gains: captured",
                "cut-offs: approval",
                "cut-offs: event rate",
                "calibration: event rate",
            )
        ],
    ),
    Study(
        one.drift,
        DRIFT,
        [("plain", *n, 0, 1) for n in ((20, 20), (100, 1_000), (5_000, 5_000))]
        + [("ties", 500, 500, 0, 1)],
        (1_000, 60),
        (0,),
        [sizes("drift_size", "Wasserstein drift, permutations")],
    ),
    Study(
        one.drift,
        DRIFT,
        [
            *(("plain", 20, 20, 0.5, 1), ("plain", 500, 500, 0.05, 1)),
            *(("plain", 100, 1_000, 0.3, 1), ("plain", 5_000, 5_000, 0.1, 1)),
            *(("plain", 500, 500, 0.1, 1.3), ("ties", 500, 500, 0.3, 1)),
        ],
        (600, 60),
        (5,),
        [
            covers("drift_coverage", "Wasserstein drift", "shipped"),
            numbers("drift_tests", UPWARDS, "not above it"),
        ],
    ),
    Study(
        one.parts,
        f"{ROWS}, slope",
        binned(THIRD, 1),
        (2_000, 150),
        (2, 8),
        [covers("part_coverage", "`value_parts`", "mean (shipped)", "worst bin")],
    ),
    Study(
        one.parts,
        f"{ROWS}, slope",
        binned(THIRD, 0),
        (2_000, 150),
        (2,),
        [numbers("part_zero", ZERO, "mean", "worst bin")],
    ),
    Study(
        one.evidence,
        f"{ROWS}, slope",
        binned(THIRD[:-1], 1),
        (2_000, 150),
        (2, 4),
        [covers("evidence_coverage", "Evidence", "mean (shipped)", "worst bin")],
    ),
    Study(
        one.assured,
        "n, columns",
        [(200, 5), (1_000, 5), (1_000, 20)],
        (400, 20),
        (1,),
        [numbers("assurance", ASSURED, "assured quantile", "mean risk")],
    ),
]


def count(scale: Scale) -> int:
    return sum(len(scale.some(study.designs, study.picks)) for study in STUDIES)


def run(scale: Scale, tick: Tick) -> Result:
    tables = simulate(STUDIES, REASONS, scale, tick)
    return Result(title="Performance measures", design=DESIGN, tables=tables)
