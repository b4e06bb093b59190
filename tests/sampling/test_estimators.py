"""Estimators: scikit-learn's checks, cloning, pickling, seeds."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from infostat import VolumeRegressor, VolumeSampler
from infostat.sampling import FeatureBasis, FourierBasis, PolynomialBasis, SplineBasis

ESTIMATORS = [
    VolumeSampler(),
    VolumeRegressor(),
    VolumeRegressor(FeatureBasis()),
    PolynomialBasis(2, bounds="data"),
    PolynomialBasis(2),
    FourierBasis(1),
    SplineBasis(2),
    FeatureBasis(),
]


@pytest.mark.filterwarnings("ignore::infostat.InfostatWarning")
@parametrize_with_checks(ESTIMATORS)
def test_sklearn_check(estimator, check):
    check(estimator)
