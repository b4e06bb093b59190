"""Few points, well chosen: projection DPPs, volume sampling, weighted fits."""

from infostat.sampling.bases import FourierBasis, PolynomialBasis, SplineBasis
from infostat.sampling.certificate import Certificate
from infostat.sampling.constants import (
    chernoff_size,
    expected_constant,
    required_samples,
)
from infostat.sampling.density import Envelope
from infostat.sampling.dpp import sample_projection_dpp
from infostat.sampling.feature_basis import FeatureBasis
from infostat.sampling.greedy import greedy_removal
from infostat.sampling.leverage import leverage_scores, numerical_dimension
from infostat.sampling.planning import DesignSample
from infostat.sampling.regression import VolumeRegressor
from infostat.sampling.sampler import VolumeSampler
from infostat.sampling.simulation import SimulatedConstant, simulated_certificate
from infostat.sampling.volume import volume_sample

__all__ = [
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
]
