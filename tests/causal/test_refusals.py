"""What the estimator refuses, and what it says then."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from infostat import CausalBounds, InfostatError, InfostatWarning


def fit(draw, **parameters):
    parameters = {"y_bounds": (0, 1), "random_state": 0} | parameters
    return CausalBounds(**parameters).fit(draw.X, draw.y, treatment=draw.treatment)


def refusals(draw):
    """Name, arguments changed, what the sentence must say."""
    n = len(draw.y)
    gap = draw.treatment.astype(float)
    gap[3] = np.nan
    far = draw.y.copy()
    far[5] = 1.5
    zero = np.where(draw.treatment == 1, 0.0, 1.0)
    text = np.array(["good", "bad"])[draw.treatment]
    hole = draw.y.copy()
    hole[2] = np.nan
    return [
        ({}, {"treatment": np.ones(n)}, "one level only"),
        ({}, {"treatment": gap}, "missing in 1 rows"),
        ({}, {"treatment": np.arange(n)}, "cut a dose"),
        ({}, {"treatment": draw.treatment[:-1]}, "one value a row"),
        ({}, {"y": far}, "outside y_bounds"),
        ({}, {"y": text}, "must be numeric"),
        ({}, {"y": hole}, "drop rows without an outcome"),
        ({}, {"sample_weight": zero}, "sample weight zero"),
        ({}, {"groups": np.zeros(n)}, "two clusters"),
        ({"y_bounds": (1, 0)}, {}, "must rise"),
        ({"y_bounds": (0, 1, 2)}, {}, "y_bounds must be"),
        ({"method": "nothing"}, {}, "divergence must be one of"),
        ({"method": []}, {}, "empty list"),
        ({"method": "power"}, {}, "alpha"),
        ({"method": "kl", "gamma": 0.5}, {}, "Assumptions go with"),
        ({"msm_lambda": 2.0, "gamma": 0.5}, {}, "not combined"),
        ({"monotone": "upwards"}, {}, "is unknown"),
        ({"functional": "cdf"}, {}, "needs at="),
        ({"functional": "winsorised_mean", "at": (2, 1)}, {}, "low < high"),
        ({"functional": "quantile", "at": 2}, {}, "between 0 and 1"),
        ({"functional": lambda y: 1.0}, {}, "one finite number"),
        ({"control": 7}, {}, "not among the treatments"),
        ({"method": "tv", "cv": 2000}, {}, "fewer than the 2000"),
        ({"method": "tv", "propensity_learner": NoClassifier()}, {}, "classifier"),
    ]


class NoClassifier(Ridge):
    def predict_proba(self, X):
        return self.predict(X)


@pytest.mark.parametrize("k", range(24))
def test_bad_input_is_one_sentence_with_the_remedy(draw, k):
    parameters, changed, said = refusals(draw)[k]
    data = {"y": draw.y, "treatment": draw.treatment} | changed
    bounds = CausalBounds(**{"y_bounds": (0, 1), "random_state": 0} | parameters)
    with pytest.raises(InfostatError, match=said) as error:
        bounds.fit(draw.X, **data)
    assert "\n" not in str(error.value)


def test_every_refusal_is_tried(draw):
    assert len(refusals(draw)) == 24


def test_poor_overlap_is_told():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 1))
    treatment = (X[:, 0] + 0.02 * rng.normal(size=600) > 0).astype(int)
    bounds = CausalBounds(y_bounds=(0, 1), method="tv", clip=0.05, random_state=0)
    with pytest.warns(InfostatWarning, match="clipped"):
        bounds.fit(X, rng.random(600), treatment=treatment)
    assert bounds.diagnostics_["clipped_share"] > 0.05
