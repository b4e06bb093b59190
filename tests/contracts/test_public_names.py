"""What users may import is frozen here: a change of this list is a decision."""

from __future__ import annotations

from importlib import import_module

import pytest

import infostat

PUBLIC = {
    "infostat": [
        "Bins",
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
    ],
    "infostat.counts": [
        "ClusteredTable",
        "CountTable",
        "Partition",
        "tabulate",
        "tabulate_clusters",
        "tabulate_pairs",
    ],
    "infostat.inference": [
        "DivergenceEstimate",
        "Estimate",
        "IndependentDifference",
        "adjust_p_values",
        "independent_difference",
        "joint_table",
        "measure",
        "paired_difference",
        "permutation_p_value",
        "step_down_p_values",
        "verdict",
    ],
    "infostat.evidence": [
        "ValueParts",
        "WeightOfEvidence",
        "divergence",
        "information_value",
        "population_stability_index",
        "smooth_shares",
        "value_parts",
        "weight_of_evidence",
    ],
    "infostat.binning": ["Binner", "Bins", "OptimalBinner", "QuantileBinner"],
    "infostat.scorecard": [
        "FeatureCard",
        "Scaling",
        "Scorecard",
        "ScorecardClassifier",
        "WOEEncoder",
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
        "ConfoundingContourDisplay",
        "DesignDisplay",
        "FitDisplay",
        "FrontierDisplay",
        "GroupBoundsDisplay",
        "LadderDisplay",
        "PathDisplay",
        "RiskDisplay",
        "ScoreDisplay",
        "StabilityDisplay",
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
