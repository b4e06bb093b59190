"""Every public function of arrays on lists, holes, wrong shapes and foreign things.

The answer is finite, or the error is ours and says which value it cannot use.
"""

from __future__ import annotations

import warnings
from dataclasses import is_dataclass

import numpy as np
import pytest

import infostat
from infostat import (
    InfostatError,
    InfostatWarning,
    causal,
    divergences,
    inference,
    samplesize,
    sampling,
    scorecard,
    stability,
)
from infostat.binning import continuous_bins, multiclass_bins
from infostat.counts import tabulate_clusters, tabulate_pairs

RNG = np.random.default_rng(0)
X1 = np.round(RNG.normal(size=60), 2)
X2 = np.column_stack([X1, np.round(RNG.normal(size=60), 2)])
Y = np.tile([0, 1, 1], 20)
P = np.linspace(0.1, 0.9, 60)
SHARE = [0.2, 0.3, 0.5]
COUNTS, OTHER = [30, 40, 50], [50, 40, 20]
PD = np.diag([2.0, 1.0])

# Infinite by definition: no ball is large enough at propensity zero, shares of nothing
# are infinitely far from others, and a range may be unbounded.
INFINITE = {
    "divergence_radius": ("zero", "three axes"),
    "policy_radius": ("zero",),
    "contributions": ("zero",),
    "order_ends": ("inf", "-inf"),
}

# Function, usable arguments, and which of them are arrays.
FUNCTIONS = {
    "weight_of_evidence": (infostat.weight_of_evidence, [COUNTS, OTHER], (0, 1)),
    "information_value": (infostat.information_value, [COUNTS, OTHER], (0, 1)),
    "psi": (infostat.population_stability_index, [COUNTS, OTHER], (0, 1)),
    "divergence": (infostat.divergence, [COUNTS, OTHER], (0, 1)),
    "contributions": (
        lambda p, q: divergences.contributions(p, q, divergences.Jeffreys()),
        [SHARE, SHARE[::-1]],
        (0, 1),
    ),
    "derivatives": (
        lambda p, q: divergences.derivatives(p, q, divergences.Jeffreys()),
        [SHARE, SHARE[::-1]],
        (0, 1),
    ),
    "kernel_regime": (lambda X: divergences.kernel_regime(X, rng=0), [X2], (0,)),
    "adjust_p_values": (inference.adjust_p_values, [[0.1, 0.2, 0.03]], (0,)),
    "wilson_interval": (inference.wilson_interval, [[0.1, 0.5], [20, 30]], (0, 1)),
    "hosmer_lemeshow": (
        inference.hosmer_lemeshow,
        [[3, 5, 9], [4.0, 5.0, 8.0], [20, 20, 20]],
        (0, 1, 2),
    ),
    "paired_difference": (
        inference.paired_difference,
        [[[9, 8], [7, 6]], [[5, 6], [7, 9]]],
        (0, 1),
    ),
    "sliding_calibration_test": (
        lambda p, y: inference.sliding_calibration_test(
            p, y, window=20, n_resamples=20, rng=0
        ),
        [P, Y],
        (0, 1),
    ),
    "score_performance": (scorecard.score_performance, [X1, Y], (0, 1)),
    "auc_difference": (scorecard.auc_difference, [X1, X2[:, 1], Y], (0, 1, 2)),
    "continuous_bins": (continuous_bins, [X1, X2[:, 1]], (0, 1)),
    "multiclass_bins": (multiclass_bins, [X1, np.tile([0, 1, 2], 20)], (0, 1)),
    "tabulate_pairs": (tabulate_pairs, [[[9, 3], [2, 8]]], (0,)),
    "tabulate_clusters": (
        lambda codes, y, c: tabulate_clusters(codes, y, c, ("a", "b")).table.weight,
        [Y, Y[::-1], np.arange(60) // 3],
        (0, 1, 2),
    ),
    "anytime_p_values": (
        lambda p: stability.anytime_p_values(p, 2),
        [[0.1, 0.02]],
        (0,),
    ),
    "cs_drift": (stability.cs_drift, [COUNTS, OTHER], (0, 1)),
    "cs_divergence": (
        lambda a, b: stability.cs_divergence(a, b, n_resamples=19, rng=0),
        [X1, X2[:, 1]],
        (0, 1),
    ),
    "wasserstein_drift": (
        lambda a, b: stability.wasserstein_drift(a, b, n_resamples=19, rng=0),
        [X1, X2[:, 1]],
        (0, 1),
    ),
    "mixture_bounds": (
        lambda v: causal.mixture_bounds(v, 0.4, -9.0, 9.0),
        [X1],
        (0,),
    ),
    "divergence_bounds": (
        lambda v: causal.divergence_bounds(v, 0.4, -9.0, 9.0, "kl"),
        [X1],
        (0,),
    ),
    "marginal_sensitivity_bounds": (
        lambda v: causal.marginal_sensitivity_bounds(v, 0.4, 2.0),
        [X1],
        (0,),
    ),
    "divergence_radius": (lambda e: causal.divergence_radius(e, "kl"), [P], (0,)),
    "policy_radius": (
        lambda e, a: causal.policy_radius(e, a, "kl"),
        [[0.2, 0.3, 0.5], [0.5, 0.25, 0.25]],
        (0, 1),
    ),
    "intersection_bounds": (
        lambda m, s, f: causal.intersection_bounds(m, s, f, 0.95, n=60, rng=0),
        [np.array([0.1, 0.2]), np.array([0.1, 0.1]), X2],
        (0, 1, 2),
    ),
    "order_ends": (lambda a, b: causal.order_ends(a, b, 1), [[0, 0.1], [1, 2]], (0, 1)),
    "leverage_scores": (sampling.leverage_scores, [X2], (0,)),
    "numerical_dimension": (sampling.numerical_dimension, [X2], (0,)),
    "greedy_removal": (lambda A: sampling.greedy_removal(A, 9), [X2], (0,)),
    "volume_sample": (lambda X: sampling.volume_sample(X, 9, rng=0), [X2], (0,)),
    "projection_dpp": (
        lambda X: sampling.sample_projection_dpp(X, rng=0),
        [np.linalg.qr(X2)[0]],
        (0,),
    ),
    "simulated_certificate": (
        lambda s: sampling.simulated_certificate(s, 9, 2),
        [P],
        (0,),
    ),
    "binned_expansion": (samplesize.binned_expansion, [COUNTS, OTHER], (0, 1)),
    "effective_dimension": (
        lambda f: samplesize.effective_dimension(f, 1.0, 100),
        [PD],
        (0,),
    ),
    "mixture_complexity": (
        lambda f, t: samplesize.mixture_complexity(f, t, 1.0, 100),
        [PD, [0.5, 0.5]],
        (0, 1),
    ),
    "zero_cell_probability": (samplesize.zero_cell_probability, [np.array(COUNTS)], (0,)),
    "pn_from_samples": (samplesize.pn_from_samples, [X2, X2[::-1]], (0, 1)),
    "location_scale": (
        lambda x: samplesize.location_scale_expansion("normal", x),
        [X1],
        (0,),
    ),
}  # fmt: skip


def flat(value):
    """Numbers of an answer; what may be infinite or absent by its docstring aside."""
    if is_dataclass(value) and not isinstance(value, type):
        value = getattr(value, "value", 0.0)
    if isinstance(value, tuple | list):
        return np.concatenate([flat(v) for v in value]) if len(value) else np.zeros(0)
    try:
        return np.asarray(value, dtype=float).ravel()
    except (TypeError, ValueError):
        return np.zeros(0)


def harmed(values):
    """The array in every way in which it can be wrong, and what was done to it."""
    usual = np.asarray(values, dtype=float)
    yield "None", None
    yield "text", "abc"
    yield "list of text", ["a"] * len(usual)
    yield "numbers as text", usual.astype(str).tolist()
    yield "empty", []
    yield "empty table", np.zeros((0, 2))
    yield "a number", 3.0
    yield "three axes", np.zeros((2, 2, 2))
    yield "shorter", usual[:-1]
    yield "transposed", usual[:, None] if usual.ndim == 1 else usual[0]
    for name, wrong in (("NaN", np.nan), ("inf", np.inf), ("-inf", -np.inf)):
        changed = usual.copy()
        changed.flat[0] = wrong
        yield name, changed
    yield "all NaN", np.full_like(usual, np.nan)
    yield "negative", -np.abs(usual) - 1.0
    yield "zero", np.zeros_like(usual)
    yield "constant", np.ones_like(usual)
    yield "huge", usual * 1e300
    yield "tiny", usual * 1e-300
    yield "complex", usual + 1j
    yield "objects", np.array([object()] * len(usual), dtype=object)
    yield "dict", {"a": 1}
    yield "a set", {1, 2}
    yield "ragged", [[1.0], [1.0, 2.0]]
    yield "dates", np.full(usual.shape, np.datetime64("2020-01-01"))
    yield "gaps of objects", np.where(usual == usual.flat[0], None, usual)


def attempt(call, arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", InfostatWarning)
        return call(*arguments)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_usable_arguments_are_answered_as_arrays_and_lists(name):
    call, arguments, _ = FUNCTIONS[name]
    one = flat(attempt(call, arguments))
    assert np.isfinite(one).all()
    if name in ("tabulate_clusters", "zero_cell_probability", "intersection_bounds"):
        return  # arrays alone, as annotated
    listed = [np.asarray(a).tolist() for a in arguments]
    np.testing.assert_array_equal(one, flat(attempt(call, listed)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_unusable_arguments_are_refused(name):
    call, arguments, arrays = FUNCTIONS[name]
    failures = []
    for k in arrays:
        for harm, value in harmed(arguments[k]):
            changed = [value if j == k else a for j, a in enumerate(arguments)]
            try:
                out = attempt(call, changed)
            except InfostatError as error:
                if not 15 < len(str(error)) < 900:
                    failures.append((k, harm, str(error)[:200]))
            except Exception as error:
                failures.append((k, harm, f"{type(error).__name__}: {error}"[:160]))
            else:
                if harm in INFINITE.get(name, ()):
                    continue
                if not np.isfinite(flat(out)).all():
                    failures.append((k, harm, "not finite"))
    assert not failures, "\n".join(map(str, failures))
