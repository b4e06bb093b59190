"""CPU and GPU give the same bins, up to ties in single precision."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost

from infostat import BoostedScorecardClassifier, StumpBinner
from infostat._device import device_used
from infostat.evidence import information_value

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.filterwarnings("ignore:Sparse bins were merged"),
]


@pytest.fixture(scope="module")
def rows():
    """Rows, where XGBoost really trains on a CUDA device."""
    matrix = xgboost.DMatrix(np.arange(8.0)[:, None], np.arange(8) % 2)
    options = {"device": "cuda", "tree_method": "hist"}
    try:
        with xgboost.config_context(verbosity=0):
            used = device_used(xgboost.train(options, matrix, 1))
    except xgboost.core.XGBoostError as error:
        pytest.skip(f"XGBoost cannot use a CUDA device: {error}")
    if used != "cuda":
        pytest.skip("no CUDA device, or XGBoost built without CUDA")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 3))
    X[rng.random(X.shape) < 0.1] = np.nan
    log_odds = np.nan_to_num(X[:, 0], nan=1.0) - np.nan_to_num(X[:, 1]) ** 2
    return X, (rng.random(len(X)) < 1 / (1 + np.exp(-log_odds))).astype(int)


@pytest.mark.parametrize("joint", [False, True])
def test_bins_agree_up_to_ties(rows, joint):
    X, y = rows
    pair = [
        StumpBinner(n_rounds=30, joint=joint, device=device).fit(X, y)
        for device in ("cpu", "cuda")
    ]
    assert [binner.device_ for binner in pair] == ["cpu", "cuda"]
    for name in pair[0].bins_:
        values = [information_value(b.tables_[name]).value for b in pair]
        # Sketches may keep other candidates, a rank or so away.
        assert values[1] == pytest.approx(values[0], abs=0.01)


def test_boosted_cards_agree_and_fold_exactly(rows):
    X, y = rows
    cpu, gpu = (
        BoostedScorecardClassifier(50, device=device).fit(X, y)
        for device in ("cpu", "cuda")
    )
    assert gpu.device_ == "cuda"
    assert '"device": "cuda"' in gpu.to_json()
    margin = gpu.booster_.predict(xgboost.DMatrix(X), output_margin=True)
    np.testing.assert_allclose(gpu.decision_function(X), margin, atol=4e-6)
    assert np.abs(cpu.predict_proba(X) - gpu.predict_proba(X)).mean() < 0.01
