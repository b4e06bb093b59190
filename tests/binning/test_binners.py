"""Binners: every kind of column and frame, special values, hand-made bins, weights."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest

from infostat import Bins, InfostatError, OptimalBinner, QuantileBinner, tabulate

BINNERS = [QuantileBinner, OptimalBinner]
both = pytest.mark.parametrize("make", BINNERS)


def applications(n=1_200, seed=0):
    """Columns as lists, None for missing, and a target that depends on them."""
    rng = np.random.default_rng(seed)
    income = rng.lognormal(3, 0.5, n).round(1)
    months = rng.integers(0, 40, n)
    job = rng.choice(["clerk", "nurse", "smith", "cook"], n, p=[0.4, 0.3, 0.2, 0.1])
    owner = rng.uniform(size=n) < 0.3
    risk = -0.5 - 0.03 * income + 0.02 * months + (job == "cook") - owner
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-risk))).astype(int)
    gone = rng.uniform(size=(n, 4)) < 0.05
    columns = {"income": income, "months": months, "job": job, "owner": owner}
    lists = {
        name: [
            None if g else v for v, g in zip(values.tolist(), gone[:, k], strict=True)
        ]
        for k, (name, values) in enumerate(columns.items())
    }
    return lists, y


def frame_in(library, lists):
    pytest.importorskip(library)
    return nw.from_dict(lists, backend=library).to_native()


def counts(binner):
    return {name: table.rows.tolist() for name, table in binner.tables_.items()}


@both
@pytest.mark.parametrize("library", ["polars", "pyarrow", "object array"])
def test_every_library_gives_the_bins_of_pandas(make, library):
    lists, y = applications()
    reference = make(max_bins=5).fit(frame_in("pandas", lists), y)
    if library == "object array":
        rows = list(zip(*lists.values(), strict=True))
        X = np.array(rows, dtype=object)
        names = [f"x{k}" for k in range(4)]
    else:
        X, names = frame_in(library, lists), list(lists)
    binner = make(max_bins=5).fit(X, y)
    assert list(binner.bins_) == names
    assert list(counts(binner).values()) == list(counts(reference).values())
    codes = binner.transform(X)
    assert np.array_equal(codes, reference.transform(frame_in("pandas", lists)))
    # The table is the tabulation of codes against the target.
    for k, table in enumerate(binner.tables_.values()):
        for label in (0, 1):
            counted = np.bincount(codes[y == label, k], minlength=table.n_bins)
            assert counted.tolist() == table.rows[:, label].tolist()


def test_kinds_of_columns():
    lists, y = applications()
    bins = OptimalBinner().fit(frame_in("pandas", lists), y).bins_
    assert {name for name, b in bins.items() if b.groups is None} == {
        "income",
        "months",
    }
    assert {level for g in bins["owner"].groups for level in g} == {"True", "False"}


NUMERIC = {
    "float64": lambda v: pd.Series(v, dtype="float64"),
    "float32": lambda v: pd.Series(v, dtype="float32"),
    "Int64": lambda v: pd.Series(v, dtype="Int64"),
    "object": lambda v: pd.Series([None if i is pd.NA else i for i in v], dtype=object),
    "int64[pyarrow]": lambda v: pd.Series(v, dtype="int64[pyarrow]"),
}


@both
@pytest.mark.parametrize("kind", list(NUMERIC))
def test_numbers_of_any_type(make, kind):
    if kind == "int64[pyarrow]":
        pytest.importorskip("pyarrow")
    values = [k % 17 if k % 11 else None for k in range(500)]
    y = np.array([(k % 17) // 9 ^ (k % 5 == 0) for k in range(500)]).astype(int)
    plain = pd.DataFrame({"a": [np.nan if v is None else float(v) for v in values]})
    expected = make(max_bins=4).fit(plain, y)
    missing = pd.NA if kind == "Int64" else None
    X = pd.DataFrame(
        {"a": NUMERIC[kind]([missing if v is None else v for v in values])}
    )
    binner = make(max_bins=4).fit(X, y)
    assert binner.bins_ == expected.bins_
    assert counts(binner) == counts(expected)
    # A card fitted on one type reads the others.
    assert np.array_equal(expected.transform(X), binner.transform(plain))


LEVELS = {
    "object": lambda v: pd.Series(v, dtype=object),
    "str": lambda v: pd.Series(v, dtype="str"),
    "category": lambda v: pd.Series(v, dtype="category"),
    "category with idle levels": lambda v: pd.Series(
        pd.Categorical(v, categories=["zz", "c", "b", "a"])
    ),
}


@both
@pytest.mark.parametrize("kind", list(LEVELS))
def test_levels_of_any_type(make, kind):
    values = ["abc"[k % 3] if k % 7 else None for k in range(420)]
    y = np.array([(k % 3 == 0) ^ (k % 5 == 0) for k in range(420)]).astype(int)
    binner = make().fit(pd.DataFrame({"a": LEVELS[kind](values)}), y)
    table = binner.tables_["a"]
    assert table.rows[0].sum() == 60
    assert table.rows[1].sum() == 0  # nothing unseen at fit
    assert sorted(lv for g in binner.bins_["a"].groups for lv in g) == ["a", "b", "c"]


@both
def test_integer_array_and_bool_array(make):
    rng = np.random.default_rng(1)
    X, y = rng.integers(0, 9, (300, 2)), rng.integers(0, 2, 300)
    assert make().fit(X, y).bins_ == make().fit(X.astype(float), y).bins_
    flags = make().fit(X > 4, y)
    assert all(b.groups is not None for b in flags.bins_.values())


@both
def test_special_values_of_a_list_hold_where_they_occur(make):
    rng = np.random.default_rng(2)
    X = pd.DataFrame({"a": rng.normal(size=400), "b": rng.normal(size=400)})
    y = rng.integers(0, 2, 400)
    X.loc[:39, "a"] = -999.0
    binner = make(special_values=[-999]).fit(X, y)
    assert binner.bins_["a"].special_values == (-999.0,)
    assert binner.bins_["b"].special_values == ()
    table = binner.tables_["a"]
    assert table.labels[1] == "special -999"
    assert table.rows[1].sum() == 40
    # The code does not move the quantiles.
    clean = make().fit(X[["a"]].iloc[40:], y[40:])
    if make is QuantileBinner:
        assert binner.bins_["a"].cuts == clean.bins_["a"].cuts
    assert min(binner.bins_["a"].cuts) > -10


@both
def test_special_values_of_a_dict_hold_everywhere_they_are_named(make):
    rng = np.random.default_rng(2)
    X = pd.DataFrame({"a": rng.normal(size=200), "b": ["u", "v", "?", "w"] * 50})
    y = rng.integers(0, 2, 200)
    binner = make(special_values={"a": [-1], "b": ["?"]}).fit(X, y)
    assert binner.bins_["a"].special_values == (-1.0,)
    assert binner.tables_["b"].rows[1].sum() == 50
    assert all("?" not in group for group in binner.bins_["b"].groups)
    new = pd.DataFrame({"a": [-1.0], "b": ["?"]})
    assert binner.transform(new).tolist() == [[1, 1]]


@both
def test_missing_and_unseen_at_transform(make):
    y = np.arange(100) % 2
    X = pd.DataFrame({"n": np.arange(100.0), "c": ["p", "q", "r", "p", "q"] * 20})
    binner = make().fit(X, y)
    new = pd.DataFrame({"n": [np.nan, np.inf, -np.inf], "c": [None, "zzz", "p"]})
    codes = binner.transform(new)
    n, c = binner.bins_["n"], binner.bins_["c"]
    assert codes[:, 0].tolist() == [0, n.n_bins - 1, n.first]
    assert codes[:2, 1].tolist() == [0, c.unseen]
    assert codes[2, 1] >= c.first


@both
def test_categories_can_be_forced_on_numbers(make):
    X = pd.DataFrame({"code": [1, 2, 3, 4] * 50, "n": np.arange(200.0)})
    y = (np.arange(200) % 4 == 1).astype(int) ^ (np.arange(200) % 9 == 0)
    binner = make(categories=["code"]).fit(X, y)
    assert binner.bins_["code"].groups is not None
    assert binner.bins_["n"].groups is None
    # The same level from floats, strings and integers.
    for kind in (float, int):
        codes = binner.transform(X.astype({"code": kind}))[:, 0]
        assert codes.tolist() == binner.transform(X)[:, 0].tolist()


@both
def test_fixed_bins_flow_downstream(make):
    lists, y = applications()
    X = frame_in("pandas", lists)
    first = make(max_bins=5).fit(X, y)
    by_hand = first.bins_["income"].with_cuts([10.0, 20.0]).merge(0, 2)
    again = make(max_bins=5, fixed_bins={"income": by_hand}).fit(X, y)
    assert again.bins_["income"] == by_hand
    assert again.bins_["months"] == first.bins_["months"]
    assert again.tables_["income"].rows[0].sum() == 0
    assert again.tables_["income"].rows.sum() == len(y)
    assert np.array_equal(
        again.transform(X)[:, 0], by_hand.codes(X["income"].to_numpy(dtype=float))
    )


@both
@pytest.mark.parametrize(
    "fixed",
    [
        {"income": [10, 20]},
        {"income": Bins.numeric("months", [3])},
        {"nobody": Bins.numeric("nobody", [3])},
    ],
)
def test_fixed_bins_must_belong_to_a_feature(make, fixed):
    lists, y = applications(200)
    with pytest.raises(InfostatError, match=f"{next(iter(fixed))!r}"):
        make(fixed_bins=fixed).fit(frame_in("pandas", lists), y)


@pytest.mark.parametrize(
    "parameters",
    [
        {"categories": ["nobody"]},
        {"special_values": {"nobody": [1]}},
        {"monotonic": {"nobody": "peak"}},
        {"monotonic": {"income": "upwards"}},
    ],
)
def test_parameters_speak_of_known_features_and_trends(parameters):
    lists, y = applications(200)
    with pytest.raises(InfostatError, match=r"nobody|upwards") as caught:
        OptimalBinner(**parameters).fit(frame_in("pandas", lists), y)
    assert "income" in str(caught.value)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_counts_of_prebins_give_the_same_bins_as_rows(library):
    # Numbers only: cuts of the rows' own pre-bins, counted in two chunks and added.
    lists, y = applications()
    numbers = {"income": lists["income"], "months": lists["months"]}
    by_rows = OptimalBinner(prebins=40).fit(frame_in(library, numbers), y)
    pre = QuantileBinner(max_bins=40).fit(frame_in(library, numbers), y)
    half = len(y) // 2
    tables = None
    for part in (slice(0, half), slice(half, None)):
        chunk = {name: values[part] for name, values in numbers.items()}
        counted = tabulate(
            frame_in(library, {**chunk, "bad": y[part].tolist()}), pre.bins_, "bad"
        )
        tables = (
            counted if tables is None else {k: tables[k] + counted[k] for k in tables}
        )
    by_counts = OptimalBinner().fit_counts(pre.bins_, tables)
    assert by_counts.bins_ == by_rows.bins_
    assert counts(by_counts) == counts(by_rows)
    assert by_counts.trends_ == by_rows.trends_
    X = frame_in(library, numbers)
    assert np.array_equal(by_counts.transform(X), by_rows.transform(X))


def test_counts_of_levels_give_the_same_bins_as_rows():
    lists, y = applications()
    X = frame_in("pandas", {"job": lists["job"]})
    pre = QuantileBinner(max_bins=100, rare_level=0.0).fit(X, y)
    by_counts = OptimalBinner(rare_level=0.0).fit_counts(pre.bins_, pre.tables_)
    by_rows = OptimalBinner(rare_level=0.0).fit(X, y)
    assert by_counts.bins_ == by_rows.bins_
    assert counts(by_counts) == counts(by_rows)


def test_quantile_binner_joins_counted_prebins():
    x = np.arange(1000.0)
    y = (x % 3 == 0).astype(int)
    pre = QuantileBinner(max_bins=100).fit(x.reshape(-1, 1), y)
    coarse = QuantileBinner(max_bins=4).fit_counts(pre.bins_, pre.tables_)
    assert coarse.bins_["x0"].cuts == (249.0, 499.0, 749.0)


def test_tables_of_other_bins_are_refused():
    bins = {"a": Bins.numeric("a", [1.0])}
    table = Bins.numeric("a", [2.0]).count(np.arange(4.0), np.array([0, 1, 0, 1]))
    for tables in ({"a": table}, {}):
        with pytest.raises(InfostatError, match="'a'"):
            OptimalBinner().fit_counts(bins, tables)


@both
@pytest.mark.parametrize("n_seed", range(3))
def test_a_weight_is_a_number_of_repeated_rows(make, n_seed):
    lists, y = applications(500, seed=n_seed)
    X = frame_in("pandas", lists)
    weight = np.random.default_rng(n_seed).integers(0, 4, len(y))
    weighted = make().fit(X, y, sample_weight=weight)
    repeated = make().fit(X.loc[X.index.repeat(weight)], np.repeat(y, weight))
    assert weighted.bins_ == repeated.bins_
    for name, table in weighted.tables_.items():
        np.testing.assert_array_equal(table.weight, repeated.tables_[name].rows)


@both
def test_the_same_answer_twice_and_the_input_untouched(make):
    lists, y = applications()
    X = frame_in("pandas", lists)
    before, y_before = X.copy(), y.copy()
    one, two = make().fit(X, y), make().fit(X, y)
    assert one.bins_ == two.bins_
    assert counts(one) == counts(two)
    one.transform(X)
    pd.testing.assert_frame_equal(X, before)
    assert np.array_equal(y, y_before)


@both
def test_row_order_does_not_matter(make):
    lists, y = applications()
    X = frame_in("pandas", lists)
    order = np.random.default_rng(0).permutation(len(y))
    assert make().fit(X, y).bins_ == make().fit(X.iloc[order], y[order]).bins_
