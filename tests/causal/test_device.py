"""The device that XGBoost took is recorded, and a fallback is never silent."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from infostat import CausalBounds, InfostatWarning


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    treatment = (rng.random(300) < 0.5).astype(int)
    return X, (rng.random(300) < 0.3 + 0.2 * treatment).astype(int), treatment


def bounds(data, **options):
    X, y, treatment = data
    learners = {"outcome_learner": "xgboost", "propensity_learner": "xgboost"}
    return CausalBounds(
        y_bounds=(0, 1), method="js", cv=2, random_state=0, **(learners | options)
    ).fit(X, y, treatment=treatment)


def test_device_is_in_the_diagnostics(data):
    assert bounds(data).diagnostics_["device"] == "cpu"
    plain = bounds(data, outcome_learner=None, propensity_learner=None)
    assert "device" not in plain.diagnostics_


def test_predictions_record_it_too(data):
    fitted = bounds(data, propensity_learner=None, outcome_learner="xgboost")
    fitted.predict_bounds(data[0], 1)
    assert fitted.diagnostics_["device"] == "cpu"


def test_a_fallback_warns_once(data, monkeypatch):
    # What XGBoost reports after it trained on the CPU, whatever this machine has.
    monkeypatch.setattr("infostat.causal.nuisance.device_used", lambda _: "cpu")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fitted = bounds(data, device="cuda")
    ours = [w for w in caught if issubclass(w.category, InfostatWarning)]
    assert len(ours) == 1
    assert "CausalBounds was asked for device='cuda'" in str(ours[0].message)
    assert fitted.diagnostics_["device"] == "cpu"
