"""What users may import is frozen here: a change of this list is a decision."""

from __future__ import annotations

from importlib import import_module

import pytest

import infostat

PUBLIC = {
    "infostat": [
        "Bins",
        "BoostedScorecardClassifier",
        "CausalBounds",
        "CountTable",
        "DivergenceEstimate",
        "Estimate",
        "FairnessFrontier",
        "InfostatError",
        "InfostatWarning",
        "OptimalBinner",
        "PNCriterion",
        "QuantileBinner",
        "Scorecard",
        "ScorecardClassifier",
        "StabilityMonitor",
        "StumpBinner",
        "VolumeRegressor",
        "VolumeSampler",
        "WOEEncoder",
        "__version__",
        "divergence",
        "information_value",
        "population_stability_index",
        "show_versions",
        "tabulate",
        "weight_of_evidence",
    ],
    "infostat.exceptions": [
        "DocumentError",
        "InfeasibleError",
        "InfostatError",
        "InfostatWarning",
    ],
    "infostat.divergences": [
        "Alpha",
        "Derivatives",
        "Divergence",
        "Hellinger",
        "Jeffreys",
        "JensenShannon",
        "KernelRegime",
        "KullbackLeibler",
        "Neyman",
        "Pearson",
        "ReverseKullbackLeibler",
        "TotalVariation",
        "Triangular",
        "catalogue",
        "contributions",
        "derivatives",
        "get_divergence",
        "kernel_regime",
    ],
    "infostat.counts": [
        "ClusteredTable",
        "CountTable",
        "Partition",
        "read_batches",
        "tabulate",
        "tabulate_batches",
        "tabulate_clusters",
        "tabulate_pairs",
    ],
    "infostat.inference": [
        "AreaEstimate",
        "Calibration",
        "DistanceEstimate",
        "DivergenceEstimate",
        "Estimate",
        "IndependentDifference",
        "ScoreTable",
        "SlidingCalibration",
        "adjust_p_values",
        "area_under_roc",
        "calibrate",
        "hosmer_lemeshow",
        "independent_difference",
        "joint_table",
        "kolmogorov_smirnov",
        "measure",
        "paired_area_difference",
        "paired_difference",
        "permutation_p_value",
        "sliding_calibration_test",
        "step_down_p_values",
        "traffic_light",
        "verdict",
        "wilson_interval",
    ],
    "infostat.evidence": [
        "QuadraticStability",
        "StabilityIndex",
        "ValueParts",
        "WeightOfEvidence",
        "divergence",
        "information_value",
        "population_stability_index",
        "psi_quadratic",
        "smooth_shares",
        "value_parts",
        "weight_of_evidence",
    ],
    "infostat.binning": [
        "Binner",
        "Bins",
        "ContinuousBins",
        "MulticlassBins",
        "OptimalBinner",
        "Prebins",
        "QuantileBinner",
        "SelectionTest",
        "StumpBinner",
        "continuous_bins",
        "multiclass_bins",
        "prebin_batches",
        "prebin_frame",
        "selection_test",
    ],
    "infostat.scorecard": [
        "BoostedScorecardClassifier",
        "FeatureCard",
        "Scaling",
        "ScorePerformance",
        "Scorecard",
        "ScorecardClassifier",
        "WOEEncoder",
        "auc_difference",
        "score_performance",
    ],
    "infostat.stability": [
        "CauchySchwarzEstimate",
        "DriftEquilibrium",
        "Snapshot",
        "StabilityMonitor",
        "StabilityReport",
        "TransportEstimate",
        "anytime_p_values",
        "cs_divergence",
        "cs_drift",
        "spending_share",
        "wasserstein_drift",
    ],
    "infostat.fairness": [
        "FairnessFrontier",
        "approval_measures",
        "conservative_ratio",
        "demographic_iv",
        "fair_scorecard",
        "group_calibration",
        "parity_gap_limit",
    ],
    "infostat.datasets": [
        "Applications",
        "ApplicationsTruth",
        "Dataset",
        "TrueBins",
        "load_abalone",
        "load_adult",
        "load_boston_hmda",
        "load_dataset",
        "load_german_credit",
        "load_ihdp",
        "load_lalonde",
        "load_mortgage_panel",
        "load_nhefs",
        "load_sba_case",
        "load_taiwan_default",
        "load_wine_quality",
        "make_applications",
    ],
    "infostat.causal": [
        "CausalBounds",
        "HockeyStick",
        "binary_bounds",
        "divergence_bounds",
        "divergence_radius",
        "imbens_manski",
        "intersection_bounds",
        "marginal_sensitivity_bounds",
        "mixture_bounds",
        "order_ends",
        "policy_radius",
    ],
    "infostat.sampling": [
        "Certificate",
        "DesignSample",
        "Envelope",
        "FeatureBasis",
        "FourierBasis",
        "PolynomialBasis",
        "SimulatedConstant",
        "SplineBasis",
        "VolumeRegressor",
        "VolumeSampler",
        "chernoff_size",
        "expected_constant",
        "greedy_removal",
        "leverage_scores",
        "numerical_dimension",
        "required_samples",
        "sample_projection_dpp",
        "simulated_certificate",
        "volume_sample",
    ],
    "infostat.samplesize": [
        "CategoricalFamily",
        "CustomFamily",
        "Derivatives",
        "Expansion",
        "ExponentialFamilyPN",
        "GaussianFamily",
        "LocationScalePN",
        "LogLinearFamily",
        "ModelMeans",
        "PNCriterion",
        "PNResult",
        "PoissonFamily",
        "RileySize",
        "Separation",
        "bayes_error_bound",
        "bayes_error_threshold",
        "binned_expansion",
        "effective_dimension",
        "estimation_risk",
        "general_expansion",
        "location_scale_expansion",
        "mixture_complexity",
        "normal_linear_risk",
        "normal_risk",
        "pn_from_samples",
        "required_n",
        "riley_binary",
        "riley_r2",
        "separation",
        "zero_cell_probability",
    ],
    "infostat.displays": [
        "BinCostDisplay",
        "BinDisplay",
        "BoundsCurveDisplay",
        "CalibrationDisplay",
        "ConfoundingContourDisplay",
        "CutoffDisplay",
        "DesignDisplay",
        "DesignStabilityDisplay",
        "DriftDisplay",
        "DriftHistoryDisplay",
        "FitDisplay",
        "FrontierDisplay",
        "GainsDisplay",
        "GroupBoundsDisplay",
        "LadderDisplay",
        "PathDisplay",
        "RiskDisplay",
        "RocDisplay",
        "ScoreDisplay",
        "TermDisplay",
    ],
    "infostat.report": [
        "render_report",
        "write_report",
    ],
}
rooms = pytest.mark.parametrize("room", list(PUBLIC))


@rooms
def test_public_names_are_frozen(room):
    assert sorted(import_module(room).__all__) == PUBLIC[room]


@rooms
def test_public_names_resolve(room):
    module = import_module(room)
    for name in module.__all__:
        value = getattr(module, name)
        assert value is not None
        # The same object on every road, and on the second look.
        assert getattr(module, name) is value
    assert len(set(module.__all__)) == len(module.__all__)


def test_the_front_door_gives_the_rooms_own_objects():
    from infostat.binning import OptimalBinner
    from infostat.scorecard import ScorecardClassifier

    assert infostat.OptimalBinner is OptimalBinner
    assert infostat.ScorecardClassifier is ScorecardClassifier
    assert set(dir(infostat)) == set(infostat.__all__)


@pytest.mark.parametrize("room", ["infostat", "infostat.binning", "infostat.scorecard"])
def test_unknown_names_are_attribute_errors(room):
    module = import_module(room)
    assert not hasattr(module, "Scorecord")
    with pytest.raises(AttributeError, match=f"{room}.*'Scorecord'"):
        module.Scorecord  # noqa: B018 - looking it up is the test


def test_errors_are_value_errors():
    # What callers of scikit-learn catch.
    from infostat.exceptions import DocumentError, InfeasibleError

    for error in (DocumentError, InfeasibleError):
        assert issubclass(error, infostat.InfostatError)
    assert issubclass(infostat.InfostatError, ValueError)
    assert issubclass(infostat.InfostatWarning, UserWarning)
