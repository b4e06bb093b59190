"""Options of the optimal binner, from rows to bins."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import sklearn

from infostat import (
    Bins,
    CountTable,
    InfostatError,
    OptimalBinner,
    QuantileBinner,
    ScorecardClassifier,
    information_value,
)
from infostat.binning.samples import halves
from infostat.exceptions import InfeasibleError


def rows(n=3_000, seed=0):
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 70, n).astype(float)
    income = rng.lognormal(3, 0.5, n)
    job = rng.choice(["clerk", "nurse", "smith", "cook"], n)
    risk = -1.0 - 0.03 * (age - 40) - 0.2 * np.log(income) + 0.5 * (job == "cook")
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-risk))).astype(int)
    gone = rng.uniform(size=n) < 0.08
    y[gone] = rng.uniform(size=gone.sum()) < 0.6
    X = pd.DataFrame({"age": np.where(gone, np.nan, age), "income": income, "job": job})
    return X, y


def plug_in(table):
    return information_value(table, name="").plug_in


def test_missing_values_join_their_best_bin():
    X, y = rows()
    merged = OptimalBinner(missing="merge", max_bins=4, monotonic=None).fit(X, y)
    bins, table = merged.bins_["age"], merged.tables_["age"]
    assert bins.missing_to >= bins.first
    assert table.weight[0].sum() == 0
    assert table.weight.sum() == len(y)
    assert (merged.transform(X)[X["age"].isna(), 0] == bins.missing_to).all()
    # The best of every binning of the pre-bins with missing values in every bin.
    pre, counts = merged.prebins_["age"], merged.prebin_tables_["age"]
    cells = counts.weight[1:]
    size = 0.02 * len(y)
    running = np.vstack([np.zeros(2), np.cumsum(cells, axis=0)])
    best = 0.0
    for ends in itertools.chain.from_iterable(
        itertools.combinations(range(1, len(cells)), k) for k in range(3)
    ):
        groups = np.diff(running[[0, *ends, len(cells)]], axis=0)
        for place in range(len(groups)):
            joined = groups.copy()
            joined[place] += counts.weight[0]
            shares = joined / counts.totals
            if (joined > 0).all() and (joined.sum(axis=1) >= size).all():
                q, p = shares.T
                best = max(best, ((p - q) * np.log(p / q)).sum())
    three = OptimalBinner(missing="merge", max_bins=3, monotonic=None).fit(X, y)
    assert plug_in(three.tables_["age"]) == pytest.approx(best, abs=1e-12)
    assert pre.n_ordinary == len(cells)
    # A feature that had none keeps the bin, without evidence.
    assert merged.bins_["income"].missing_to == 0
    again = Bins.from_dict(bins.to_dict())
    assert again == bins


@pytest.mark.parametrize("make", [OptimalBinner, QuantileBinner])
def test_every_binner_can_merge_missing_values(make):
    X, y = rows()
    fitted = make(missing="merge").fit(X[["age"]], y)
    bins, table = fitted.bins_["age"], fitted.tables_["age"]
    assert bins.missing_to
    apart = make().fit(X[["age"]], y)
    # Missing customers default often here: they join the worst bin of a quantile.
    if make is QuantileBinner:
        assert apart.bins_["age"].cuts == bins.cuts
        worst = 1 + int(np.nanargmax(apart.tables_["age"].event_rate[1:]))
        assert bins.missing_to == worst
    assert table.weight.sum() == len(y)
    card = ScorecardClassifier(make(missing="merge")).fit(X, y)
    assert np.isfinite(card.predict_proba(X)).all()


def test_missing_levels_join_a_group():
    X, y = rows()
    X["job"] = X["job"].where(X["age"].notna(), None)
    fitted = OptimalBinner(missing="merge").fit(X[["job"]], y)
    bins = fitted.bins_["job"]
    assert bins.missing_to >= bins.first
    assert (fitted.transform(X[["job"]])[X["job"].isna(), 0] == bins.missing_to).all()


def test_all_missing_stays_apart():
    X = pd.DataFrame({"a": np.full(40, np.nan), "b": np.arange(40.0)})
    fitted = OptimalBinner(missing="merge").fit(X, np.arange(40) % 2)
    assert fitted.bins_["a"].missing_to == 0


def test_splits_of_the_user():
    X, y = rows()
    fitted = OptimalBinner(
        user_splits={"age": [25, 30, 40, 55]}, fixed_splits={"income": [20.0]}
    ).fit(X, y)
    assert set(fitted.bins_["age"].cuts) <= {25.0, 30.0, 40.0, 55.0}
    assert 20.0 in fitted.bins_["income"].cuts
    assert len(fitted.prebins_["age"].cuts) == 4
    both = OptimalBinner(
        user_splits={"age": [25, 30]}, fixed_splits={"age": [47.5]}, max_bins=2
    ).fit(X, y)
    assert both.bins_["age"].cuts == (47.5,)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"user_splits": {"wage": [1]}}, "user_splits names .'wage'"),
        ({"fixed_splits": {"wage": [1]}}, "fixed_splits names .'wage'"),
        ({"user_splits": {"job": [1]}}, "'job', which holds levels"),
        ({"fixed_splits": {"age": ["x"]}}, "fixed_splits of 'age' must be a list"),
        ({"user_splits": {"age": [np.nan]}}, "finite numbers"),
        ({"user_splits": {"age": 3}}, "must be a list of numbers"),
    ],
)
def test_splits_are_checked(parameters, message):
    X, y = rows(300)
    with pytest.raises(InfostatError, match=message):
        OptimalBinner(**parameters).fit(X, y)


def test_a_fixed_split_outside_the_data_is_infeasible():
    X, y = rows(300)
    with pytest.raises(InfeasibleError, match=r"'age'.*fixed_splits.*Drop some"):
        OptimalBinner(fixed_splits={"age": [500.0]}).fit(X, y)


@pytest.mark.parametrize(("digits", "step"), [(0, 1.0), (-1, 10.0), (1, 0.1)])
def test_split_digits(digits, step):
    X, y = rows()
    fitted = OptimalBinner(split_digits=digits, max_bins=5).fit(X, y)
    cuts = np.array(fitted.bins_["income"].cuts)
    assert cuts.size
    np.testing.assert_allclose(cuts / step, np.round(cuts / step), atol=1e-9)
    assert (np.diff(fitted.prebins_["income"].cuts) > 0).all()


@pytest.mark.parametrize("outliers", ["iqr", "zscore"])
def test_outliers_do_not_move_the_cuts(outliers):
    rng = np.random.default_rng(0)
    x = rng.normal(size=2_000)
    y = (rng.random(2_000) < 1 / (1 + np.exp(-x))).astype(int)
    wild = np.concatenate([x, rng.uniform(50, 1e6, 300)])
    target = np.concatenate([y, rng.integers(0, 2, 300)])
    fitted = OptimalBinner(outliers=outliers, prebins=20).fit(wild[:, None], target)
    cuts = fitted.prebins_["x0"].cuts
    assert max(cuts) < 5
    # Yet every row is counted.
    assert fitted.tables_["x0"].weight.sum() == 2_300
    moved = OptimalBinner(prebins=20).fit(wild[:, None], target)
    assert max(moved.prebins_["x0"].cuts) > 5
    # Weights are repeated rows.
    weight = rng.integers(1, 3, 2_300)
    weighted = OptimalBinner(outliers=outliers).fit(wild[:, None], target, weight)
    repeated = OptimalBinner(outliers=outliers).fit(
        np.repeat(wild, weight)[:, None], np.repeat(target, weight)
    )
    assert weighted.bins_ == repeated.bins_


def test_a_constant_bulk_has_no_outliers():
    x = np.array([0.0] * 90 + [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    fitted = OptimalBinner(outliers="iqr", min_bin_size=1).fit(
        x[:, None], np.arange(100) % 2
    )
    assert max(fitted.prebins_["x0"].cuts) == 9


def test_sizes_count_rows_or_weight():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=2_000), rng.integers(0, 2, 2_000)
    weight = np.where(x > 1, 10.0, 1.0)
    for unit, held in (("rows", "rows"), ("weight", "weight")):
        fitted = OptimalBinner(
            min_bin_size=0.15, size_unit=unit, monotonic=None, max_bins=20
        ).fit(x[:, None], y, weight)
        amounts = getattr(fitted.tables_["x0"], held)[1:].sum(axis=1)
        assert amounts.min() >= 0.15 * amounts.sum() - 1e-9
        other = getattr(fitted.tables_["x0"], "weight" if held == "rows" else "rows")[
            1:
        ].sum(axis=1)
        assert other.min() < 0.15 * other.sum()


def test_a_gap_holds_without_a_trend_and_for_levels():
    X, y = rows()
    fitted = OptimalBinner(monotonic=None, min_rate_gap=0.05, missing="merge").fit(X, y)
    for name in X:
        change = np.diff(fitted.tables_[name].event_rate[fitted.bins_[name].first :])
        assert (abs(change) >= 0.05 - 1e-12).all()


@pytest.mark.parametrize("trend", ["concave", "convex"])
def test_curved_trends_take_fewer_prebins(trend):
    X, y = rows()
    fitted = OptimalBinner(monotonic={"age": trend}).fit(X[["age", "income"]], y)
    assert fitted.trends_["age"] == trend
    assert fitted.prebins_["age"].n_ordinary <= 50
    assert fitted.prebins_["income"].n_ordinary == 100
    bend = np.diff(fitted.tables_["age"].event_rate[1:], 2)
    assert ((bend <= 1e-12) if trend == "concave" else (bend >= -1e-12)).all()


def test_trends_hold_every_feature():
    X, y = rows(600)
    X["flat"] = 1.0
    fixed = Bins.numeric("income", [20.0])
    fitted = OptimalBinner(fixed_bins={"income": fixed}, n_jobs=3).fit(X, y)
    assert list(fitted.trends_) == list(X)
    assert fitted.trends_["flat"] is None
    assert fitted.trends_["income"] is None
    assert fitted.trends_["job"] is None
    assert fitted.trends_["age"] is not None
    assert "income" not in fitted.prebins_


def test_threads_do_not_change_the_bins():
    X, y = rows()
    one, four = (OptimalBinner(n_jobs=k).fit(X, y) for k in (None, 4))
    assert one.bins_ == four.bins_
    assert list(one.prebins_) == list(four.prebins_)


def samples_with_a_reversal(n=4_000):
    """Two samples whose event rates over x differ in the upper half."""
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 1, n)
    second = np.arange(n) % 2 == 1
    rate = np.where(second & (x > 0.7), 0.5 - 0.4 * x, 0.1 + 0.3 * x)
    y = (rng.uniform(size=n) < rate).astype(int)
    return x[:, None], y, np.where(second, "2025", "2024")


def test_samples_share_a_trend():
    X, y, names = samples_with_a_reversal()
    options = {"monotonic": "ascending", "min_bin_size": 0.05, "max_bins": 10}
    pooled = OptimalBinner(**options).fit(X, y)
    shared = OptimalBinner(**options).fit(X, y, samples=names)
    assert shared.n_samples_ == 2

    def rises(binner):
        codes = binner.transform(X)[:, 0]
        rates = [
            [y[(codes == k) & (names == s)].mean() for k in np.unique(codes)]
            for s in ("2024", "2025")
        ]
        return [bool((np.diff(r) >= 0).all()) for r in rates]

    assert rises(shared) == [True, True]
    assert not all(rises(pooled))
    assert shared.bins_["x0"].n_ordinary > 1
    # One sample only is no samples at all.
    alone = OptimalBinner(**options).fit(X, y, samples=np.full(len(y), "a"))
    assert alone.bins_ == pooled.bins_


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([1, 2, 3], "each of 40 rows"),
        (np.arange(40) % 2, "Sample '0' has no events"),
        (np.arange(40), "has no|at most"),
    ],
)
def test_samples_are_checked(samples, message):
    X = np.arange(40.0)[:, None]
    with pytest.raises(InfostatError, match=message):
        OptimalBinner().fit(X, np.arange(40) % 2, samples=samples)


def test_samples_are_routed():
    X, y, names = samples_with_a_reversal(500)
    with sklearn.config_context(enable_metadata_routing=True):
        binner = OptimalBinner().set_fit_request(samples=True)
        pipe = sklearn.pipeline.Pipeline([("bins", binner)]).fit(X, y, samples=names)
    assert pipe["bins"].n_samples_ == 2


def test_honest_tables_count_the_other_half():
    X, y = rows()
    honest = OptimalBinner(honest=True).fit(X, y)
    again = OptimalBinner(honest=True).fit(X, y)
    other = OptimalBinner(honest=True, random_state=1).fit(X, y)
    assert honest.bins_ == again.bins_
    assert honest.bins_ != other.bins_
    for name, table in honest.tables_.items():
        chosen = honest.prebin_tables_[name]
        together = table.totals + chosen.totals
        assert together.tolist() == [len(y) - y.sum(), y.sum()]
        assert abs(table.totals - chosen.totals).max() <= 1
    card = ScorecardClassifier(OptimalBinner(honest=True)).fit(X, y)
    assert np.isfinite(card.predict_proba(X)).all()


def test_halves_share_no_row_and_both_classes():
    y = np.random.default_rng(0).integers(0, 2, 101).astype(np.uint8)
    chosen, counted_rows = halves(y, 0)
    assert sorted([*chosen, *counted_rows]) == list(range(101))
    for label in (0, 1):
        split = [int((y[part] == label).sum()) for part in (chosen, counted_rows)]
        assert abs(split[0] - split[1]) <= 1


def test_honest_fixed_bins_and_weights_are_halved_too():
    X, y = rows()
    weight = np.random.default_rng(0).integers(1, 4, len(y)).astype(float)
    fixed = {"age": Bins.numeric("age", [30, 50])}
    fitted = OptimalBinner(honest=True, fixed_bins=fixed).fit(X, y, weight)
    totals = {tuple(t.totals) for t in fitted.tables_.values()}
    assert len(totals) == 1
    assert fitted.bins_["age"] == fixed["age"]


def test_one_event_cannot_be_halved():
    y = np.zeros(30, dtype=int)
    y[3] = 1
    with pytest.raises(InfostatError, match="one event only"):
        OptimalBinner(honest=True).fit(np.arange(30.0)[:, None], y)


def counted(X, y, n=20):
    pre = QuantileBinner(max_bins=n).fit(X, y)
    return pre.bins_, pre.tables_


def test_counts_honour_fixed_bins():
    X, y = rows()
    bins, tables = counted(X, y)
    cuts = bins["age"].cuts
    fixed = {
        "age": Bins.numeric("age", [cuts[3], cuts[9]]),
        "job": Bins.categorical(
            "job",
            [["cook"], ["nurse", "clerk"]],
        ),
    }
    fitted = OptimalBinner(fixed_bins=fixed).fit_counts(bins, tables)
    rows_fitted = OptimalBinner(fixed_bins=fixed).fit(X, y)
    for name in fixed:
        assert fitted.bins_[name] == fixed[name]
        np.testing.assert_array_equal(
            fitted.tables_[name].weight, rows_fitted.tables_[name].weight
        )
    assert fitted.trends_["age"] is None


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"fixed_bins": {"age": Bins.numeric("age", [30.33])}},
            r"'age' reach over the cuts \[30.33\]",
        ),
        (
            {"fixed_bins": {"age": Bins.numeric("age", [30], special_values=[-1])}},
            "does not|do not count apart|reach over",
        ),
        (
            {"fixed_bins": {"age": Bins.categorical("age", [["a"]])}},
            "'age' have cuts, its bins levels",
        ),
        ({"fixed_splits": {"age": [30.33]}}, r"fixed_splits of 'age' hold \[30.33\]"),
        ({"user_splits": {"age": [30.33]}}, "reach over the cuts"),
        ({"monotonic": {"aeg": "peak"}}, r"monotonic names \['aeg'\]"),
        ({"event": "bad"}, "the tables' events are labelled 1"),
    ],
)
def test_counts_check_the_parameters(parameters, message):
    X, y = rows(500)
    bins, tables = counted(X, y)
    with pytest.raises(InfostatError, match=message):
        OptimalBinner(**parameters).fit_counts(bins, tables)


def test_counts_of_levels_in_several_bins():
    pre = Bins.categorical("job", [["a", "b"], ["c"]])
    table = CountTable.from_counts([0, 0, 5, 6], [0, 0, 9, 2], pre.labels)
    fixed = {"job": Bins.categorical("job", [["a"], ["b", "c"]])}
    with pytest.raises(InfostatError, match=r"\['a', 'b'\] of 'job' lies in several"):
        OptimalBinner(fixed_bins=fixed).fit_counts({"job": pre}, {"job": table})


def test_counts_declare_the_event():
    X, y = rows(500)
    bins, tables = counted(X, y)
    for event, classes in ((None, [0, 1]), (0, [0, 1]), (True, [False, True])):
        fitted = OptimalBinner(event=event).fit_counts(bins, tables)
        assert fitted.event_ == (1 if event is None else event)
        assert fitted.classes_.tolist() == classes


def test_counted_levels_may_come_in_any_order():
    X, y = rows()
    bins, tables = counted(X[["job"]], y)
    pre, table = bins["job"], tables["job"]
    order = [3, 0, 2, 1]
    shuffled = Bins.categorical("job", [pre.groups[k] for k in order])
    place = [0, 1, *(2 + k for k in order)]
    moved = table.select(place)
    ours = OptimalBinner().fit_counts({"job": shuffled}, {"job": moved})
    expected = OptimalBinner().fit(X[["job"]], y)
    assert ours.bins_ == expected.bins_


def test_counts_choose_among_user_splits():
    X, y = rows()
    bins, tables = counted(X[["income"]], y)
    some = list(bins["income"].cuts[2::4])
    fitted = OptimalBinner(
        user_splits={"income": some}, fixed_splits={"income": some[:1]}
    ).fit_counts(bins, tables)
    cuts = fitted.bins_["income"].cuts
    assert some[0] in cuts
    assert set(cuts) <= set(some)
