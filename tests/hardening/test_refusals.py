"""Options, numbers and lengths that no public function may take in silence.

Each case names the argument that its message must name.
"""

from __future__ import annotations

import numpy as np
import pytest

from infostat import (
    InfostatError,
    OptimalBinner,
    StabilityMonitor,
    causal,
    datasets,
    displays,
    divergences,
    evidence,
    inference,
    samplesize,
    sampling,
    scorecard,
    stability,
)
from infostat.binning import Bins, continuous_bins, multiclass_bins, selection_test
from infostat.counts import CountTable, tabulate
from infostat.inference import estimate as estimates

RNG = np.random.default_rng(0)
X = RNG.normal(size=(600, 2))
Y = np.tile([0, 1, 1], 200)
TABLE = CountTable.from_counts([30, 40, 50], [50, 40, 20])
ONE_CLASS = CountTable.from_counts([3, 4], [0, 0])
PSI = evidence.population_stability_index(TABLE)
SCORED = scorecard.score_performance(X[:, 0], Y)
MOVED = stability.wasserstein_drift(X[:, 0], X[:, 1], n_resamples=9, rng=0)
KERNEL = stability.cs_drift([30, 40, 50], [50, 40, 20])
ROWS = inference.ScoreTable.count(X[:, 0], Y)
FEWER = inference.ScoreTable.count(X[:30, 0], Y[:30])
BINNER = OptimalBinner().fit(X, Y)
NUMBERS = Bins.numeric("age", [25, 40])
LEVELS = Bins.categorical("kind", [["x"], ["y", "z"]])
SNAPSHOT = stability.Snapshot(
    {"a": CountTable(*[np.ones((1, 6))] * 3, ("1",))}, ("north", "south")
)
WHOLE = stability.Snapshot({"a": CountTable(*[np.ones((1, 3))] * 3, ("1",))})

# What is called, and a word of the message beside its value.
OPTIONS = {
    "weight_type of iv": (
        lambda v: evidence.information_value(TABLE, weight_type=v),
        "weight_type",
    ),
    "weight_type of psi": (
        lambda v: evidence.population_stability_index(TABLE, weight_type=v),
        "weight_type",
    ),
    "reference of psi": (
        lambda v: evidence.population_stability_index(TABLE, reference=v),
        "reference",
    ),
    "weight_type of measure": (
        lambda v: inference.measure(TABLE, weight_type=v),
        "weight_type",
    ),
    "reference of measure": (
        lambda v: inference.measure(TABLE, reference=v),
        "reference",
    ),
    "divergence of measure": (lambda v: inference.measure(TABLE, v), "divergence"),
    "weight_type of woe": (
        lambda v: evidence.weight_of_evidence(TABLE, weight_type=v),
        "weight_type",
    ),
    "sign of woe": (lambda v: evidence.weight_of_evidence(TABLE, sign=v), "sign"),
    "sampling of woe": (
        lambda v: evidence.weight_of_evidence(TABLE, sampling=v),
        "sampling",
    ),
    "smoothing of woe": (
        lambda v: evidence.weight_of_evidence(TABLE, smoothing=v),
        "smoothing",
    ),
    "weight_type of parts": (
        lambda v: evidence.value_parts(TABLE, weight_type=v),
        "weight_type",
    ),
    "weight_type of shares": (
        lambda v: evidence.smooth_shares(TABLE, weight_type=v),
        "weight_type",
    ),
    "smoothing of shares": (lambda v: evidence.smooth_shares(TABLE, v), "smoothing"),
    "sign of a display": (
        lambda v: displays.BinDisplay.from_table(TABLE, sign=v),
        "sign",
    ),
    "statistic": (
        lambda v: inference.permutation_p_value(TABLE, statistic=v),
        "statistic",
    ),
    "reference": (
        lambda v: inference.permutation_p_value(TABLE, reference=v),
        "reference",
    ),
    "adjustment": (lambda v: inference.adjust_p_values([0.1], v), "method"),
    "reading": (inference.traffic_light, "reading"),
    "alternative of psi": (lambda v: PSI.p_value(0.0, v), "alternative"),
    "alternative of ks": (lambda v: SCORED.ks.p_value(0.0, v), "alternative"),
    "alternative of auc": (lambda v: SCORED.auc.p_value(0.5, v), "alternative"),
    "alternative of drift": (lambda v: MOVED.p_value(0.0, v), "alternative"),
    "alternative of kernel": (lambda v: KERNEL.p_value(0.0, v), "alternative"),
    "method of a test": (lambda v: selection_test(BINNER, method=v), "method"),
    "monotonic": (
        lambda v: continuous_bins(X[:, 0], X[:, 1], monotonic=v),
        "monotonic",
    ),
    "divergence": (divergences.get_divergence, "divergence"),
    "design": (lambda v: samplesize.binned_expansion([3], [4], design=v), "design"),
    "order": (lambda v: samplesize.estimation_risk(1.0, 1.0, 9.0, v), "order"),
    "bound": (lambda v: samplesize.bayes_error_threshold(0.05, v), "bound"),
    "law": (samplesize.location_scale_expansion, "kind"),
    "criterion": (lambda v: sampling.greedy_removal(X, 9, criterion=v), "criterion"),
    "base": (lambda v: sampling.volume_sample(X, 9, base=v), "base"),
    "target": (
        lambda v: causal.imbens_manski(0.0, 1.0, 0.1, 0.1, n=50, target=v),
        "target",
    ),
    "order of ends": (lambda v: causal.order_ends([0.0], [1.0], v), "k"),
    "kernel": (lambda v: stability.cs_divergence(X, X, kernel=v), "kernel"),
    "weight_type of a score": (
        lambda v: scorecard.score_performance(X[:, 0], Y, weight_type=v),
        "weight_type",
    ),
    "name of a data set": (datasets.load_dataset, "name"),
    "engine": (
        lambda v: tabulate({"a": [1.0]}, {}, "a", engine=v),
        "engine",
    ),
    "method of a constant": (lambda v: sampling.expected_constant(9, 3, v), "method"),
    "feature of a snapshot": (SNAPSHOT.table, "feature"),
}


@pytest.mark.parametrize("value", ["nope", "", ["kl"], np.array(["kl", "js"])])
@pytest.mark.parametrize("name", OPTIONS)
def test_unknown_options_are_refused_with_those_that_there_are(name, value):
    call, argument = OPTIONS[name]
    with pytest.raises(InfostatError, match=rf"^{argument} must be") as caught:
        call(value)
    assert str(value)[:3] in str(caught.value)
    if isinstance(value, str):
        assert f"{argument} must be one of " in str(caught.value)


# Number, its name in the message, and numbers that it cannot be.
NUMBERS_OUT_OF_RANGE = {
    "permutations": (
        lambda v: inference.permutation_p_value(TABLE, n_resamples=v),
        "n_resamples",
        (0, -1, 2.5),
    ),
    "step-down permutations": (
        lambda v: inference.step_down_p_values([Y], Y, n_resamples=v),
        "n_resamples",
        (0, -1),
    ),
    "permutations of drift": (
        lambda v: stability.wasserstein_drift(X[:, 0], X[:, 1], n_resamples=v),
        "n_resamples",
        (0, -1),
    ),
    "permutations of a kernel": (
        lambda v: stability.cs_divergence(X, X, n_resamples=v),
        "n_resamples",
        (0, -1),
    ),
    "draws of a selection test": (
        lambda v: selection_test(BINNER, n_resamples=v),
        "n_resamples",
        (0, -1),
    ),
    "null of psi": (PSI.p_value, "null", (-3, np.nan, np.inf)),
    "null of drift": (MOVED.p_value, "null", (-3, np.nan)),
    "null of a kernel": (KERNEL.p_value, "null", (-3, np.nan)),
    "null of ks": (SCORED.ks.p_value, "null", (-0.1, 1.1, np.nan)),
    "null of auc": (SCORED.auc.p_value, "null", (-0.1, 1.1)),
    "null of gini": (SCORED.gini.p_value, "null", (-1.1, 1.1)),
    "null of any": (inference.Estimate(1.0, 1.0, 9).p_value, "null", (np.nan, np.inf)),
    "level": (estimates.check_level, "level", (0, 1, 95, -0.1, np.nan)),
    "level of a certificate": (
        lambda v: sampling.simulated_certificate([0.5], 9, 2, level=v),
        "level",
        (5, 0, 1),
    ),
    "floors": (
        lambda v: sampling.simulated_certificate([0.5], 9, 2, floors=[v]),
        "floors",
        (0.0, -1.0),
    ),
    "mixture": (
        lambda v: sampling.volume_sample(X, 9, base="mixture", mixture=v),
        "mixture",
        (-0.1, 1.1, np.nan),
    ),
    "rows kept": (lambda v: sampling.greedy_removal(X, v), "n", (0, -3, 2.5)),
    "pdo": (lambda v: scorecard.Scaling(pdo=v), "pdo", (0, -20, np.nan)),
    "odds": (lambda v: scorecard.Scaling(base_odds=v), "base_odds", (0, -1, np.inf)),
    "propensity": (
        lambda v: causal.marginal_sensitivity_bounds([0.0, 1.0], v, 2.0),
        "propensity",
        (1.5, -0.1, np.nan),
    ),
    "factor": (
        lambda v: causal.marginal_sensitivity_bounds([0.0, 1.0], 0.5, v),
        "factor",
        (0.3, np.nan, np.inf),
    ),
    "lower": (
        lambda v: causal.imbens_manski(v, 1.0, 0.1, 0.1, n=50),
        "lower",
        (np.nan,),
    ),
    "se_upper": (
        lambda v: causal.imbens_manski(0.0, 1.0, 0.1, v, n=50),
        "se_upper",
        (-0.1, np.nan),
    ),
    "units": (
        lambda v: causal.imbens_manski(0.0, 1.0, 0.1, 0.1, n=v),
        "n",
        (0, -5, np.nan),
    ),
    "rank": (lambda v: causal.order_ends([0.0], [1.0], v), "k", (0, -1, 1.5)),
    "dimension": (lambda v: samplesize.normal_risk(50, v), "d", (-1, 0, 1.5)),
    "coefficients": (lambda v: samplesize.normal_linear_risk(50, v), "k", (-1, 0)),
    "information": (samplesize.riley_r2, "mi", (-1, np.nan)),
    "queries": (
        lambda v: divergences.kernel_regime(X, n_queries=v),
        "n_queries",
        (0, -1),
    ),
    "period": (stability.spending_share, "period", (0, -1, 1.5)),
    "horizon": (lambda v: stability.spending_share(1, v), "horizon", (0, -1)),
    "bins": (
        lambda v: continuous_bins(X[:, 0], X[:, 1], max_bins=v),
        "max_bins",
        (0, -1, 2.5),
    ),
    "prebins": (
        lambda v: continuous_bins(X[:, 0], X[:, 1], prebins=v),
        "prebins",
        (0, -1),
    ),
    "bins for classes": (
        lambda v: multiclass_bins(X[:, 0], Y, max_bins=v),
        "max_bins",
        (0, -1),
    ),
    "bin of missing values": (
        lambda v: Bins.numeric("a", [1], missing_to=v),
        "missing_to",
        (-1, 1.5),
    ),
    "first bin": (lambda v: NUMBERS.merge(v, 2), "first", (-1, 0.5)),
    "last bin": (lambda v: TABLE.merge(0, v), "last", (-1, 0.5)),
    "points": (lambda v: sampling.expected_constant(v, 1), "n", (np.nan,)),
    "range": (lambda v: causal.mixture_bounds([0.5], 0.5, v, 1.0), "low", (np.nan,)),
    "chance": (
        lambda v: causal.mixture_bounds([0.5], v, 0.0, 1.0),
        "propensity",
        (-0.1, 1.1, np.nan),
    ),
    "probability": (
        lambda v: causal.intersection_bounds(
            np.zeros(1), np.ones(1), X[:, :1], v, n=600
        ),
        "probability",
        (-0.1, 1.5, np.nan),
    ),
    "draws": (
        lambda v: causal.intersection_bounds(
            np.zeros(1), np.ones(1), X[:, :1], 0.9, n=600, n_draws=v
        ),
        "n_draws",
        (0, -1),
    ),
    "eps": (lambda v: sampling.numerical_dimension(X, v), "eps", (0, 1, np.nan)),
    "prior": (
        lambda v: samplesize.effective_dimension(np.eye(2), v, 9),
        "tau",
        (np.nan,),
    ),
    "leading": (lambda v: samplesize.estimation_risk(v, 1.0, 9.0), "a", (np.nan,)),
    "bars": (
        lambda v: displays.BinCostDisplay.from_counts(["a"], [1], [2], largest=v),
        "largest",
        (0, -1),
    ),
    "bands": (SCORED.gains, "bands", (1, 0, 2.5)),
    "minimum": (
        lambda v: inference.measure(TABLE, minimum_expected=v),
        "minimum_expected",
        (-1, np.nan),
    ),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (name, value)
        for name, (_, _, values) in NUMBERS_OUT_OF_RANGE.items()
        for value in (*values, "a", None, [[1.0], [2.0]])
        if (name, value) != ("horizon", None)
    ],
)
def test_numbers_out_of_range_are_refused_with_their_name(name, value):
    call, argument, _ = NUMBERS_OUT_OF_RANGE[name]
    with pytest.raises(
        InfostatError, match=rf"^{argument}( of 'a')?( must|\b.* holds)"
    ):
        call(value)


REFUSED = {
    "a permutation test of one class": (
        lambda: inference.permutation_p_value(ONE_CLASS),
        "no non-events",
    ),
    "a step-down test of one class": (
        lambda: inference.step_down_p_values([[0, 1, 1]], [1, 1, 1]),
        "rows of both classes",
    ),
    "a step-down test of two lengths": (
        lambda: inference.step_down_p_values([[0, 1]], [0, 1, 1]),
        r"codes\[0\] must be an array of shape \(3,\)",
    ),
    "a step-down test of nothing": (
        lambda: inference.step_down_p_values([], [0, 1]),
        "0 features",
    ),
    "negative weights of scores": (
        lambda: inference.ScoreTable.count([1.0, 2.0], [0, 1], np.array([-1.0, 1.0])),
        "weight holds -1",
    ),
    "weights of fewer scores": (
        lambda: inference.ScoreTable.count([1.0, 2.0], [0, 1], np.array([1.0])),
        r"weight must be an array of shape \(2,\)",
    ),
    "scores of fewer events": (
        lambda: inference.ScoreTable.count([1.0, 2.0], np.array([0, 1, 1])),
        "scores must be numbers, one for each of the 3 rows",
    ),
    "events that are none": (
        lambda: inference.ScoreTable.count([1.0, 2.0], np.array([0, 7])),
        "events holds 7",
    ),
    "areas of other rows": (
        lambda: inference.paired_area_difference(ROWS, FEWER, Y),
        "second counts 30 rows",
    ),
    "areas of fewer events": (
        lambda: inference.paired_area_difference(ROWS, ROWS, Y[:5]),
        "events must be an array",
    ),
    "areas of fewer weights": (
        lambda: inference.paired_area_difference(ROWS, ROWS, Y, np.ones(5)),
        "weight must be an array",
    ),
    "joint bins of two lengths": (
        lambda: inference.joint_table([0, 1], [0], [0, 1], (2, 2)),
        "codes_2 must be an array",
    ),
    "joint classes of another length": (
        lambda: inference.joint_table([0, 1], [0, 1], [0], (2, 2)),
        "classes must be an array",
    ),
    "joint bins beyond the last": (
        lambda: inference.joint_table([0, 2], [0, 1], [0, 1], (2, 2)),
        "codes_1 holds 2",
    ),
    "limits that fall": (lambda: inference.verdict(0, 1, (0.2, 0.1)), "both must rise"),
    "an interval of NaN": (lambda: inference.verdict(np.nan, 1), "low must be"),
    "one class for two rows": (
        lambda: NUMBERS.count([20.0, 30.0], np.array([1])),
        r"classes must be an array of shape \(2,\)",
    ),
    "a class that is none": (
        lambda: NUMBERS.count([20.0, 30.0], np.array([0, 2])),
        "classes holds 2",
    ),
    "one weight for two rows": (
        lambda: NUMBERS.count([20.0, 30.0], np.array([0, 1]), np.ones(1)),
        "weight must hold one number",
    ),
    "a negative weight": (
        lambda: LEVELS.count(["x", "y"], np.array([0, 1]), np.array([-1.0, 1.0])),
        "least -1",
    ),
    "bins from the end": (lambda: TABLE.select([-1]), "bins holds -1"),
    "bins beyond the last": (lambda: TABLE.select([5]), "bins holds 5"),
    "half a bin": (lambda: TABLE.select([0.5]), "bins holds 0.5"),
    "codes of fewer bins": (
        lambda: TABLE.collapse([0, 1], ["a", "b"]),
        r"codes must be an array of shape \(3,\)",
    ),
    "codes without a label": (
        lambda: TABLE.collapse([0, 1, 2], ["a", "b"]),
        "codes holds 2",
    ),
    "text for a group": (lambda: Bins.categorical("a", ["xy"]), "A group of 'a'"),
    "text for groups": (lambda: Bins.categorical("a", "xy"), "Groups of 'a'"),
    "text for special levels": (
        lambda: Bins.categorical("a", [["x"]], special_values="na"),
        "Special values of 'a'",
    ),
    "text among cuts": (lambda: Bins.numeric("a", ["low"]), "Cuts of 'a'.*'low'"),
    "text for cuts": (lambda: Bins.numeric("a", "low"), "Cuts of 'a'.*'low'"),
    "text among special values": (
        lambda: Bins.numeric("a", [1], special_values=["na"]),
        "Special values of 'a'.*'na'",
    ),
    "text among new cuts": (lambda: NUMBERS.with_cuts(["u"]), "Cuts of 'age'"),
    "text among numbers": (lambda: NUMBERS.codes(["u"]), "values of 'age'.*'u'"),
    "a table of numbers": (lambda: NUMBERS.codes(np.ones((2, 2))), "must be a column"),
    "a letter for levels": (lambda: LEVELS.codes("x"), "must have one axis"),
    "a table of levels": (lambda: LEVELS.codes([["x"]]), "must have one axis"),
    "a curve without curvature": (
        lambda: inference.paired_difference([[9, 8], [7, 6]], [[5, 6], [7, 9]], "tv"),
        "no second derivative",
    ),
    "a split at text": (
        lambda: NUMBERS.split("u"),
        "The new cut of 'age' must be a number, got 'u'",
    ),
    "a split at a number": (lambda: LEVELS.split(3), r"\['3'\] is not a proper part"),
    "cut-offs of text": (lambda: SCORED.cutoffs(["a"]), "cuts must be"),
    "text for a law": (
        lambda: evidence.psi_quadratic(["a"], ["b"]),
        "expected must be",
    ),
    "a bandwidth of text": (
        lambda: divergences.kernel_regime(X, "a"),
        "bandwidth must be a number",
    ),
    "rows of text": (lambda: divergences.kernel_regime("a"), "X must be"),
    "masses of fewer points": (
        lambda: samplesize.location_scale_expansion("normal", [1.0, 2.0, 4.0], [1.0]),
        r"weight must be an array of shape \(3,\)",
    ),
    "labels of fewer bins": (
        lambda: displays.BinCostDisplay.from_counts(["a"], [1, 2], [3, 4]),
        r"events must be an array of shape \(1,\)",
    ),
    "a snapshot without its segments": (
        lambda: SNAPSHOT.spread(["north"]),
        "segments must hold those of the snapshot",
    ),
    "segments of a snapshot without": (
        lambda: WHOLE.spread(["north"]),
        "segments must",
    ),
    "weights of fewer rows": (
        lambda: StabilityMonitor().fit(X, sample_weight=np.ones(5)),
        "sample_weight cannot be used",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(name):
    call, message = REFUSED[name]
    with pytest.raises(InfostatError, match=message):
        call()


def test_a_feature_that_a_card_lacks_is_named():
    card = scorecard.ScorecardClassifier().fit(X, Y)
    with pytest.raises(
        InfostatError, match="feature must be one of 'x0', 'x1', got 'no"
    ):
        displays.BinDisplay.from_card(card, "nope")


def test_masses_need_not_sum_to_one():
    plain = samplesize.location_scale_expansion("normal", [1.0, 2.0, 4.0])
    scaled = samplesize.location_scale_expansion("normal", [1.0, 2.0, 4.0], [2, 2, 2])
    assert plain.c2 == pytest.approx(scaled.c2)
