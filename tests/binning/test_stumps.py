"""Stumps: thresholds coded exactly, the collapse, the reduction, counts and threads."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st

from infostat import Bins, InfostatError, InfostatWarning, OptimalBinner, StumpBinner
from infostat.binning import QuantileBinner
from infostat.binning.boosting import BoostedColumn, Boosting, Stump, train_stumps
from infostat.binning.shapes import level_shape, number_shape
from infostat.binning.single_precision import right_closed_cuts, round_thresholds
from infostat.evidence import information_value
from infostat.exceptions import InfeasibleError

SINGLES = st.floats(width=32, allow_nan=False, allow_infinity=False)


def around(threshold):
    """Doubles and singles at, just below and just above a threshold."""
    single = np.float32(threshold)
    below = np.nextafter(single, np.float32(-np.inf))
    above = np.nextafter(single, np.float32(np.inf))
    middle = (float(single) + float(below)) / 2
    doubles = [float(single), float(below), float(above), middle]
    return np.array(
        [np.nextafter(v, way) for v in doubles for way in (-np.inf, v, np.inf)]
    )


@given(SINGLES.filter(lambda t: abs(t) < 3e38))
@settings(max_examples=300, deadline=None)
def test_cut_codes_every_double_as_single_precision_does(threshold):
    values = around(threshold)
    (cut,) = right_closed_cuts([threshold])
    expected = values.astype(np.float32) < np.float32(threshold)
    np.testing.assert_array_equal(values <= cut, expected)
    # The largest such double: the next one is on the other side.
    assert not np.float32(np.nextafter(cut, np.inf)) < np.float32(threshold)


def test_cuts_of_special_thresholds():
    largest = np.finfo(np.float32).max
    values = np.array([-np.inf, -1e39, -float(largest), 0.0, 1e39, np.inf])
    for threshold in (-largest, np.float32(0), np.float32(1e-45), largest):
        (cut,) = right_closed_cuts([threshold])
        with np.errstate(over="ignore"):
            expected = values.astype(np.float32) < threshold
        np.testing.assert_array_equal(values <= cut, expected)
    assert (np.diff(right_closed_cuts(np.float32([1, 1 + 2**-23, 2]))) > 0).all()


def own_stumps(x, y, rounds=25, **options):
    """A booster trained without any code of ours, and its JSON-free predictions."""
    matrix = xgboost.DMatrix(x.reshape(-1, 1), y)
    parameters = {
        "objective": "binary:logistic",
        "max_depth": 1,
        "tree_method": "hist",
        "nthread": 1,
        **options,
    }
    return xgboost.train(parameters, matrix, rounds)


@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_bins_code_boundary_values_as_xgboost_does(kind):
    rng = np.random.default_rng(1)
    x = rng.normal(size=4000) * 10.0 ** rng.integers(-3, 6, 4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(-np.sin(3 * x)))).astype(int)
    column = BoostedColumn(x)
    booster, found = train_stumps([column], y, None, Boosting(rounds=40))
    shape = number_shape(found.stumps)
    assert len(shape.thresholds) > 10
    bins = Bins.numeric("x", right_closed_cuts(shape.thresholds))
    probe = np.concatenate([around(t) for t in shape.thresholds]).astype(kind)
    margin = booster.predict(
        xgboost.DMatrix(probe.astype(np.float64).reshape(-1, 1)), output_margin=True
    )
    ours = found.intercept + shape.effect[bins.codes(probe.astype(float)) - bins.first]
    np.testing.assert_allclose(ours, margin, atol=2e-6)
    # The wrong recipe, the single-precision predecessor as a cut, fails on doubles.
    wrong = Bins.numeric(
        "x", np.nextafter(shape.thresholds, np.float32(-np.inf)).astype(float)
    )
    differs = wrong.codes(probe.astype(float)) != bins.codes(probe.astype(float))
    assert differs.any() == (kind == "float64")


def test_stumps_are_those_of_a_plain_booster():
    rng = np.random.default_rng(2)
    x = rng.integers(0, 40, 3000).astype(float)
    x[:200] = np.nan
    y = (rng.random(3000) < 0.2 + 0.4 * (x > 20)).astype(int)
    _, found = train_stumps([BoostedColumn(x)], y, None, Boosting(rounds=25))
    table = own_stumps(x, y, base_score=float(y.mean())).trees_to_dataframe()
    roots = table[table["Node"] == 0]
    splits = roots[roots["Feature"] == "f0"]
    assert len(found.stumps) == len(splits) > 5
    for stump, (_, row) in zip(found.stumps, splits.iterrows(), strict=True):
        assert stump.threshold == np.float32(row["Split"])
        leaves = table[table["Tree"] == row["Tree"]].set_index("ID")["Gain"]
        sides = leaves[row["Yes"]], leaves[row["No"]]
        assert (stump.left, stump.right) == pytest.approx(sides, rel=1e-6)
        assert stump.missing == pytest.approx(leaves[row["Missing"]], rel=1e-6)


def test_trees_without_a_split_go_into_the_intercept():
    x, y = np.arange(40.0), np.tile([0, 1, 1, 1], 10)
    column = BoostedColumn(x)
    options = Boosting(rounds=7, min_child_weight=1e6)
    booster, found = train_stumps([column], y, None, options)
    assert found.stumps == ()
    margin = booster.predict(xgboost.DMatrix(x[:, None]), output_margin=True)
    np.testing.assert_allclose(margin, found.intercept, atol=1e-6)
    # With the wrong base rate the single nodes do move.
    assert found.intercept == pytest.approx(np.log(3), abs=1e-5)


def test_stumps_that_set_missing_values_apart_cut_nothing():
    # XGBoost writes an infinite threshold, or one beyond the data, by its version.
    infinite = np.float32(np.inf)
    shape = number_shape(
        [
            Stump(0, -infinite, None, 0.0, 0.1, 2.0, 5.0),
            Stump(0, infinite, None, 0.3, 0.0, 1.0, 4.0),
            Stump(0, np.float32(7), None, -1.0, 1.0, 1.0, 3.0),
        ]
    )
    assert shape.thresholds.tolist() == [7.0]
    assert shape.effect == pytest.approx([-0.6, 1.4])
    assert shape.missing == 4.0
    assert shape.at(7.0) == pytest.approx(1.4)


def test_levels_share_a_bin_where_all_stumps_agree():
    rng = np.random.default_rng(3)
    level = rng.integers(0, 12, 6000)
    rate = np.where(level < 4, 0.05, np.where(level < 8, 0.4, 0.95))
    y = (rng.random(6000) < rate).astype(int)
    column = BoostedColumn(level.astype(np.float32), 12)
    booster, found = train_stumps([column], y, None, Boosting(rounds=30))
    shape = level_shape(found.stumps, 12)
    data = xgboost.DMatrix(
        np.arange(12.0)[:, None], feature_types=["c"], enable_categorical=True
    )
    margin = booster.predict(data, output_margin=True)
    np.testing.assert_allclose(found.intercept + shape.effect, margin, atol=2e-6)
    for number in np.unique(shape.signature):
        assert np.ptp(shape.effect[shape.signature == number]) == 0
    few = level_shape(found.stumps, 12, most=3).signature
    assert len(np.unique(few)) == 3
    # The three groups that the law has.
    assert len({*zip(few.tolist(), (np.arange(12) // 4).tolist(), strict=True)}) == 3


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(4)
    n = 5000
    frame = pd.DataFrame(
        {
            "up": rng.normal(size=n),
            "down": rng.exponential(size=n),
            "hill": rng.uniform(-2, 2, n),
            "noise": rng.normal(size=n),
            "kind": rng.choice(list("abcdef"), n),
        }
    )
    frame.loc[rng.random(n) < 0.1, "up"] = np.nan
    frame.loc[rng.random(n) < 0.05, "kind"] = None
    log_odds = (
        -1
        + frame["up"].fillna(1.0)
        - frame["down"]
        - frame["hill"] ** 2
        + frame["kind"]
        .map(dict(zip("abcdef", [0, 0, 1, 1, 2, 2], strict=True)))
        .fillna(0)
    )
    y = (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(int).to_numpy()
    return frame, y


@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize("reduction", ["optimal", "gain"])
def test_constraints_hold(rows, joint, reduction):
    X, y = rows
    trends = {"up": "ascending", "down": "descending", "hill": "peak", "noise": None}
    binner = StumpBinner(
        max_bins=5,
        n_rounds=30,
        joint=joint,
        reduction=reduction,
        monotonic=trends,
        min_bin_size=0.05,
    ).fit(X, y)
    rates = {}
    for name, bins in binner.bins_.items():
        assert bins.n_ordinary <= 5
        ordinary = binner.tables_[name].weight[bins.first :]
        assert ordinary.sum(axis=1).min() >= 0.05 * len(y) - 1e-9
        rates[name] = ordinary[:, 1] / ordinary.sum(axis=1)
    assert len(rates["up"]) > 2
    assert (np.diff(rates["up"]) >= 0).all()
    assert len(rates["down"]) > 1
    assert (np.diff(rates["down"]) <= 0).all()
    turn = int(rates["hill"].argmax())
    assert (np.diff(rates["hill"][: turn + 1]) >= 0).all()
    assert (np.diff(rates["hill"][turn:]) <= 0).all()
    assert binner.trends_ == trends
    assert binner.device_ == "cpu"
    np.testing.assert_array_equal(
        binner.tables_["kind"].rows.sum(axis=0), np.bincount(y)
    )


def plug_in(table):
    p, q = (c[c > 0] / c.sum() for c in (table.events, table.non_events))
    return float(((p - q) * np.log(p / q)).sum())


def test_optimal_reduction_is_the_best_of_all_subsets(rows):
    # Brute force over every choice of thresholds.
    from itertools import combinations

    X, y = rows
    x = X["hill"].to_numpy()
    binner = StumpBinner(
        max_bins=3, n_rounds=8, monotonic=None, min_bin_size=0, max_candidates=20
    ).fit(x[:, None], y)
    cuts = right_closed_cuts(binner.thresholds_["x0"])
    assert 4 <= len(cuts) <= 8

    def value(chosen):
        table = Bins.numeric("x0", chosen).count(x, y.astype(np.uint8))
        return plug_in(table)

    best = max(value(chosen) for k in (1, 2) for chosen in combinations(cuts, k))
    assert plug_in(binner.tables_["x0"]) == pytest.approx(best, rel=1e-12)


def test_gain_keeps_the_thresholds_of_the_largest_gain(rows):
    X, y = rows
    x = X[["down"]].to_numpy()
    loose = {"monotonic": None, "min_bin_size": 0, "reduction": "gain"}
    binner = StumpBinner(max_bins=4, n_rounds=40, **loose).fit(x, y)
    booster = own_stumps(
        x.ravel(), y, rounds=40, max_bin=256, base_score=float(y.mean())
    )
    table = booster.trees_to_dataframe()
    gain = table[table["Feature"] == "f0"].groupby("Split")["Gain"].sum()
    expected = np.sort(gain.sort_values(ascending=False).index[:3].to_numpy())
    np.testing.assert_allclose(
        binner.bins_["x0"].cuts, right_closed_cuts(expected.astype(np.float32))
    )


def test_noise_gets_few_bins_in_a_joint_model(rows):
    X, y = rows
    options = {"n_rounds": 40, "monotonic": None, "min_bin_size": 0}
    joint = StumpBinner(joint=True, **options).fit(X, y)
    alone = StumpBinner(**options).fit(X, y)
    assert len(joint.thresholds_["noise"]) < len(alone.thresholds_["noise"])
    assert joint.bins_["up"].n_ordinary > 3


def test_result_does_not_depend_on_threads(rows):
    X, y = rows
    one = StumpBinner(n_jobs=1).fit(X, y)
    for n_jobs in (2, 4):
        other = StumpBinner(n_jobs=n_jobs).fit(X, y)
        assert other.bins_ == one.bins_
        for name, thresholds in one.thresholds_.items():
            np.testing.assert_array_equal(other.thresholds_[name], thresholds)


def test_frames_of_all_libraries_and_strange_names(rows):
    X, y = rows
    strange = X.rename(columns={"up": 'a"; drop table x; --', "kind": "<b>[1]"})
    one = StumpBinner(n_rounds=10).fit(strange, y)
    other = StumpBinner(n_rounds=10).fit(pl.from_pandas(strange), y)
    assert one.bins_ == other.bins_
    assert list(one.bins_) == list(strange)
    assert one.bins_["<b>[1]"].groups is not None


def test_infinities_stay_in_order(rows):
    _, y = rows
    rng = np.random.default_rng(5)
    x = rng.normal(size=len(y)) + y
    x[:20], x[20:40], x[40:60] = np.inf, -np.inf, 1e300
    binner = StumpBinner(n_rounds=20).fit(x[:, None], y)
    codes = binner.transform(x[:, None]).ravel()
    last = binner.bins_["x0"].n_bins - 1
    assert set(codes[:20]) == {last} == set(codes[40:60])
    assert set(codes[20:40]) == {1}


def test_counts_give_the_bins_of_the_rows():
    rng = np.random.default_rng(6)
    x = rng.integers(0, 30, 4000).astype(float)
    x[:300] = np.nan
    level = rng.choice(list("pqrst"), 4000)
    rate = 0.1 + 0.4 * (x > 11) + 0.2 * (level == "q")
    y = (rng.random(4000) < rate).astype(int)
    X = pd.DataFrame({"x": x, "level": level})
    # Every value has a pre-bin of its own, so that nothing is lost by counting.
    pre = QuantileBinner(max_bins=50).fit(X, y)
    options = {"monotonic": None, "n_rounds": 30}
    counted = StumpBinner(**options).fit_counts(pre.bins_, pre.tables_)
    whole = StumpBinner(**options).fit(X, y)
    assert counted.device_ == "cpu"
    for name in X:
        np.testing.assert_array_equal(
            counted.tables_[name].rows, whole.tables_[name].rows
        )


def test_joint_counts_are_refused(rows):
    X, y = rows
    pre = QuantileBinner().fit(X, y)
    with pytest.raises(InfostatError, match="joint law"):
        StumpBinner(joint=True).fit_counts(pre.bins_, pre.tables_)


def test_weights_equal_repetition(rows):
    X, y = rows
    X, y = X.head(400), y[:400]
    weight = np.random.default_rng(7).integers(0, 4, 400)
    weighted = StumpBinner(n_rounds=15).fit(X, y, sample_weight=weight)
    repeated = StumpBinner(n_rounds=15).fit(
        X.loc[X.index.repeat(weight)].reset_index(drop=True), np.repeat(y, weight)
    )
    assert weighted.bins_ == repeated.bins_


def test_specials_and_fixed_bins_stand_apart(rows):
    X, y = rows
    x = X["down"].to_numpy(copy=True)
    x[:500] = -999.0
    frame = pd.DataFrame({"x": x, "kind": X["kind"], "up": X["up"]})
    fixed = Bins.numeric("up", [0.0])
    binner = StumpBinner(
        n_rounds=10,
        special_values={"x": [-999], "kind": ["a"]},
        fixed_bins={"up": fixed},
    ).fit(frame, y)
    assert binner.bins_["up"] == fixed
    assert list(binner.bins_) == ["x", "kind", "up"]
    assert binner.tables_["x"].rows[1].sum() == 500
    assert binner.bins_["x"].labels[1] == "special -999"
    assert binner.bins_["kind"].labels[1] == "special a"
    assert min(binner.bins_["x"].cuts) > 0


@pytest.mark.parametrize("kind", ["constant", "missing"])
def test_columns_without_information_have_one_bin(rows, kind):
    X, y = rows
    frame = X[["up"]].assign(empty=1.0 if kind == "constant" else np.nan)
    for joint in (True, False):
        binner = StumpBinner(n_rounds=5, joint=joint).fit(frame, y)
        assert binner.bins_["empty"].n_ordinary == 1


def test_labels_name_round_thresholds():
    # "(-inf, 5]" would claim the value five for the lower bin.
    bins = Bins.numeric("n", right_closed_cuts([5.0, 7.5]))
    assert bins.labels[1:] == ("(-inf, 5)", "[5, 7.5)", "[7.5, inf)")
    assert bins.codes([4.0, 5.0, 7.4, 7.5]).tolist() == [1, 2, 2, 3]


def test_round_thresholds_are_found_among_all_cuts():
    rng = np.random.default_rng(0)
    plain = np.r_[np.arange(-3.0, 4.0), 0.5, -0.25, 1e6 + 0.5, 123456.5, 1234.567]
    plain = np.r_[plain, np.round(rng.normal(size=50), 3), rng.normal(size=50)]
    made = right_closed_cuts(plain)
    cuts = np.r_[plain, made, np.nextafter(made, -np.inf)]

    def one(cut):
        if float(cut).is_integer() or abs(cut) > 1e6:
            return np.nan
        single = np.float32(cut)
        if single <= cut:
            single = np.nextafter(single, np.float32(np.inf))
        short = float(f"{float(single):.6g}") == float(single)
        return (
            float(single) if short and right_closed_cuts([single])[0] == cut else np.nan
        )

    found = round_thresholds(cuts)
    np.testing.assert_array_equal(found, [one(cut) for cut in cuts])
    assert np.isfinite(found[plain.size :]).sum() > 8
    assert round_thresholds([]).shape == (0,)


def test_a_cuda_request_that_falls_back_warns(rows, monkeypatch):
    X, y = rows
    from infostat import _device

    # What XGBoost reports after it trained on the CPU, whatever this machine has.
    monkeypatch.setattr("infostat.binning.boosting.device_used", lambda _: "cpu")
    with pytest.warns(InfostatWarning, match="StumpBinner was asked for device='cuda'"):
        binner = StumpBinner(n_rounds=3, device="cuda").fit(X[["down"]], y)
    assert binner.device_ == "cpu"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _device.report_fallback("cuda", ["cuda"], "x") == "cuda"
        assert _device.report_fallback("cpu", ["cpu"], "x") == "cpu"


def test_device_is_read_from_the_booster():
    from infostat._device import device_used

    x, y = np.arange(20.0), np.tile([0, 1], 10)
    booster = own_stumps(x, y, rounds=1)
    assert device_used(booster) == "cpu"

    class OnGpu:
        def save_config(self):
            return booster.save_config().replace('"device":"cpu"', '"device":"cuda:0"')

    assert device_used(OnGpu()) == "cuda"


def test_bad_parameters_are_named(rows):
    X, y = rows
    with pytest.raises(InfostatError, match="monotonic of 'up' is 'sideways'"):
        StumpBinner(n_rounds=2, monotonic={"up": "sideways"}).fit(X, y)
    with pytest.raises(InfostatError, match=r"monotonic names \['lost'\]"):
        StumpBinner(n_rounds=2, monotonic={"lost": None}).fit(X, y)
    with pytest.raises(ValueError, match="device"):
        StumpBinner(device="tpu").fit(X, y)
    with pytest.raises(InfeasibleError, match="'up'"):
        StumpBinner(n_rounds=2, min_bin_size=6000).fit(X, y)


def test_value_is_close_to_that_of_quantile_prebins(rows):
    X, y = rows
    stumps, optimal = StumpBinner().fit(X, y), OptimalBinner().fit(X, y)
    for name in ("up", "down", "hill"):
        ours, best = (
            information_value(b.tables_[name]).value for b in (stumps, optimal)
        )
        assert ours > 0.93 * best
