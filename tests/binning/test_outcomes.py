"""Continuous and multiclass outcomes against all binnings and textbook tests."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, ttest_ind_from_stats

from infostat import InfostatError
from infostat.binning import continuous_bins, multiclass_bins
from infostat.exceptions import InfeasibleError


def binnings(n_pre, fewest, most):
    for n_cuts in range(fewest - 1, min(most, n_pre)):
        for cuts in itertools.combinations(range(n_pre - 1), n_cuts):
            yield list(cuts)


def codes_of(x, cuts):
    return np.searchsorted(np.asarray(cuts, dtype=float), x, side="left")


def bends(means, trend, gap):
    change = np.diff(means)
    up, down = change >= gap - 1e-9, -change >= gap - 1e-9
    if trend == "ascending":
        return up.all()
    if trend == "descending":
        return down.all()
    if trend is None:
        return (abs(change) >= gap - 1e-9).all()
    first, second = (up, down) if trend == "peak" else (down, up)
    return any(first[:k].all() and second[k:].all() for k in range(up.size + 1))


def welch(first, second):
    if min(len(first), len(second)) < 2:
        return 1.0
    stats = [(v.mean(), v.std(ddof=1), len(v)) for v in (first, second)]
    return ttest_ind_from_stats(*stats[0], *stats[1], equal_var=False).pvalue


@pytest.mark.parametrize("trend", ["ascending", "descending", "peak", "valley", None])
@pytest.mark.parametrize("seed", range(6))
def test_continuous_optimum_equals_enumeration(trend, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 7, 90).astype(float)
    y = rng.normal(size=90) + 0.8 * np.sin(x) + 100.0
    gap = [0.0, 0.2][seed % 2]
    level = [None, 0.2][(seed // 2) % 2]
    fewest = 1 + seed % 3 // 2
    options = {
        "max_bins": 4,
        "min_bins": fewest,
        "min_bin_size": 12,
        "monotonic": trend,
        "min_gap": gap,
        "max_pvalue": level,
    }
    best = None
    for cuts in binnings(7, fewest, 4):
        code = codes_of(x, cuts)
        groups = [y[code == k] for k in range(len(cuts) + 1)]
        if min(map(len, groups)) < 12:
            continue
        if not bends([g.mean() for g in groups], trend, gap):
            continue
        if level and any(welch(a, b) > level for a, b in itertools.pairwise(groups)):
            continue
        between = sum(len(g) * (g.mean() - y.mean()) ** 2 for g in groups)
        best = between if best is None else max(best, between)
    if best is None:
        with pytest.raises(InfeasibleError, match="'x'"):
            continuous_bins(x, y, **options)
        return
    found = continuous_bins(x, y, **options)
    total = ((y - y.mean()) ** 2).sum()
    assert found.explained * total == pytest.approx(best, rel=1e-9)
    code = codes_of(x, found.bins.cuts)
    for k in range(found.bins.n_ordinary):
        assert found.mean[1 + k] == pytest.approx(y[code == k].mean())
        assert found.deviation[1 + k] == pytest.approx(y[code == k].std(ddof=1))


def test_continuous_frequency_weights_equal_repeated_rows():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=300), rng.normal(size=300)
    x[:20] = np.nan
    weight = rng.integers(0, 4, 300)
    weighted = continuous_bins(x, y, sample_weight=weight, max_pvalue=0.5)
    repeated = continuous_bins(
        np.repeat(x, weight), np.repeat(y, weight), max_pvalue=0.5
    )
    assert weighted.bins == repeated.bins
    np.testing.assert_allclose(weighted.mean, repeated.mean)
    np.testing.assert_allclose(weighted.deviation, repeated.deviation)


def test_continuous_auto_follows_the_truth():
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, 3000)
    noise = rng.normal(size=3000)
    assert continuous_bins(x, 2 * x + noise).trend == "ascending"
    assert continuous_bins(x, -2 * x + noise).trend == "descending"
    assert continuous_bins(x, 3 * x**2 + noise).trend == "valley"
    assert continuous_bins(x, noise).trend in ("ascending", "descending")


def test_continuous_levels_and_reserved_bins():
    levels = pd.Series(["b", "a", None, "c", "a", "b", "c", "c"])
    y = np.array([2.0, 1, 9, 3, 1, 2, 3, 3])
    found = continuous_bins(levels, y, min_bin_size=1, feature="job")
    assert found.bins.groups == (("a",), ("b",), ("c",))
    assert found.mean[[0, 2, 3, 4]].tolist() == [9, 1, 2, 3]
    assert found.trend is None
    numbers = continuous_bins(
        [1, 2, -9, np.nan, 1, 2],
        [1.0, 2, 7, 8, 1, 2],
        special_values=[-9],
        min_bin_size=1,
    )
    assert numbers.bins.labels[:2] == ("missing", "special -9")
    assert numbers.mean[:2].tolist() == [8, 7]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [1.0, np.nan, 2.0]}, "y holds nan .row 1."),
        ({"y": [1.0, 2.0]}, "one number for each of 3 rows"),
        ({"monotonic": "up"}, "monotonic must be one of"),
        ({"x": [[1.0], [2.0], [3.0]]}, "one column"),
    ],
)
def test_continuous_input_is_checked(change, message):
    given = {"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 3.0], **change}
    with pytest.raises(InfostatError, match=message):
        continuous_bins(given.pop("x"), given.pop("y"), **given)


def one_against_rest(code, y, n_bins):
    """Sum of the classes' information values; minus infinity with an empty cell."""
    total = 0.0
    for label in np.unique(y):
        inside = np.bincount(code[y == label], minlength=n_bins)
        outside = np.bincount(code[y != label], minlength=n_bins)
        if not (inside.all() and outside.all()):
            return -np.inf
        p, q = inside / inside.sum(), outside / outside.sum()
        total += ((p - q) * np.log(p / q)).sum()
    return total


@pytest.mark.parametrize("seed", range(12))
def test_multiclass_optimum_equals_enumeration(seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 7, 200).astype(float)
    y = (rng.random(200) * 2 + 0.15 * x).astype(int).clip(0, 2)
    signs = [None, {0: -1, 2: 1}, "auto"][seed % 3]
    level = [None, 0.1][seed % 2]
    words = {1: "ascending", -1: "descending"}
    wanted = (
        {label: words[s] for label, s in signs.items()}
        if isinstance(signs, dict)
        else signs
    )
    tried = {
        None: [{}],
        "auto": [dict(enumerate(s)) for s in itertools.product((1, -1), repeat=3)],
    }
    combinations = [signs] if isinstance(signs, dict) else tried[signs]
    best = -np.inf
    for cuts in binnings(7, 1, 4):
        code = codes_of(x, cuts)
        n_bins = len(cuts) + 1
        table = np.array(
            [np.bincount(code[y == c], minlength=n_bins) for c in range(3)]
        ).T
        if table.sum(axis=1).min() < 20 or not table.all():
            continue
        rates = table / table.sum(axis=1, keepdims=True)
        change = np.diff(rates, axis=0)
        if not any(
            all((s * change[:, c] >= -1e-12).all() for c, s in combination.items())
            for combination in combinations
        ):
            continue
        if level and any(
            chi2_contingency(table[k : k + 2], correction=False).pvalue > level
            for k in range(n_bins - 1)
        ):
            continue
        best = max(best, one_against_rest(code, y, n_bins))
    found = multiclass_bins(
        x, y, max_bins=4, min_bin_size=20, monotonic=wanted, max_pvalue=level
    )
    assert found.value == pytest.approx(best, abs=1e-10)
    code = codes_of(x, found.bins.cuts)
    assert one_against_rest(code, y, found.bins.n_ordinary) == pytest.approx(best)
    assert found.table.weight.sum() == 200


def test_two_classes_are_the_binary_optimum():
    from infostat import OptimalBinner

    rng = np.random.default_rng(0)
    x = rng.normal(size=2000)
    y = (rng.random(2000) < 1 / (1 + np.exp(1 - x))).astype(int)
    options = {"monotonic": None, "min_bin_size": 0.05, "max_bins": 4}
    binary = OptimalBinner(**options).fit(x[:, None], y)
    several = multiclass_bins(x, y, max_bins=4, min_bin_size=0.05, feature="x0")
    assert several.bins == binary.bins_["x0"]
    ratio = several.value / 2  # either class against the other
    table = binary.tables_["x0"].weight[1:] / binary.tables_["x0"].totals
    iv = ((table[:, 1] - table[:, 0]) * np.log(table[:, 1] / table[:, 0])).sum()
    assert ratio == pytest.approx(iv)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": ["a", "b", "c"]}, "levels.*OptimalBinner"),
        ({"y": [0, 0, 0]}, "1 classes"),
        ({"y": [0.0, 1.0, np.nan]}, "missing labels"),
        ({"y": np.array(["a", None, "b"], dtype=object)}, "missing labels"),
        ({"monotonic": {5: "ascending"}}, "class 5"),
        ({"monotonic": "up"}, "monotonic is 'up'"),
        ({"min_bins": 3}, "Lower min_bin_size"),
    ],
)
def test_multiclass_input_is_checked(change, message):
    given = {"x": [1.0, 2.0, 3.0], "y": [0, 1, 2], **change}
    with pytest.raises(InfostatError, match=message):
        multiclass_bins(given.pop("x"), given.pop("y"), **given)
