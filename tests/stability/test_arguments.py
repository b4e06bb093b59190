"""Arguments that public functions cannot use are named, with what is needed."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import InfostatError, StabilityMonitor
from infostat.stability import (
    DriftEquilibrium,
    anytime_p_values,
    cs_divergence,
    wasserstein_drift,
)

X = np.random.default_rng(0).normal(size=(40, 2))
PSI = 0.1 + 0.01 * X[:, 0]


def equilibrium(psi=PSI, se=0.01, **more):
    parameters = {"n_resamples": 3, "random_state": 0} | more.pop("parameters", {})
    return DriftEquilibrium(**parameters).fit(psi, se, **more)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: anytime_p_values([np.nan], 1), "p_values holds nan"),
        (lambda: anytime_p_values([], 1), "p_values"),
        (lambda: anytime_p_values([0.1], np.inf), "period must be a whole number"),
        (lambda: cs_divergence(X, X, n_resamples=0), "n_resamples must be a whole"),
        (
            lambda: cs_divergence(X, X, n_resamples=np.nan),
            "n_resamples must be a whole",
        ),
        (lambda: cs_divergence(X, X, max_rows=-1), "max_rows must be a whole number"),
        (
            lambda: wasserstein_drift(X[:, 0], X[:, 1], n_resamples=0),
            "n_resamples must",
        ),
        (lambda: equilibrium(se=[0.1] * 3), r"se has the shape \(3,\)"),
        (lambda: equilibrium(se="a"), "se must be"),
        (lambda: equilibrium(psi=["a"] * 20), "psi must be"),
        (lambda: equilibrium(psi=[]), "has 0 periods"),
        (lambda: equilibrium(psi=[np.inf] * 20), "psi holds inf"),
        (
            lambda: equilibrium(interventions=X[:7]),
            r"interventions has the shape \(7, 2",
        ),
        (lambda: equilibrium(interventions=["a"] * 40), "interventions must be"),
        (lambda: equilibrium(parameters={"n_resamples": 0}), "n_resamples must be"),
        (lambda: equilibrium().forecast("a"), "n_periods must be a whole number"),
        (lambda: DriftEquilibrium().forecast(), "call fit before forecast"),
        (lambda: StabilityMonitor(limits=("a", "b")).fit(X), "limits must be two"),
        (lambda: StabilityMonitor(limits=(np.nan, 0.2)).fit(X), "limits must be two"),
        (
            lambda: StabilityMonitor().fit(X).reference_.table("y"),
            "feature must be one of 'x0', 'x1', got 'y'",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(InfostatError, match=message):
        call()
