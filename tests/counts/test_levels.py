"""Levels have names: what is one level, and what is missing, on every kind of column."""

from __future__ import annotations

import datetime as dt

import narwhals.stable.v2 as nw
import numpy as np
import pytest

from infostat.binning import Bins
from infostat.counts.levels import factorize, level_codes, level_name

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (1, "1"),
        (1.0, "1"),
        ("1", "1"),
        (np.int8(1), "1"),
        (np.float32(1), "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (np.float32(0.1), "0.10000000149011612"),
        (1e300, str(int(1e300))),
        (np.inf, "inf"),
        (2**63, "9223372036854775808"),
        (True, "True"),
        (np.bool_(False), "False"),
        ("", ""),
        ("nan", "nan"),
        (np.str_("a"), "a"),
        (dt.date(2024, 5, 1), "2024-05-01"),
        (None, None),
        (np.nan, None),
        (np.float32("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
    ],
)
def test_level_name(value, name):
    assert level_name(value) == name


def as_series(native):
    return nw.from_native(native, series_only=True)


STRINGS = ["b", "a", None, "b", "é"]
NAMED = ["b", "a", None, "b", "é"]
COLUMNS = {
    "numpy object": (np.array(STRINGS, dtype=object), NAMED),
    "numpy str": (np.array(["b", "a", "b"]), ["b", "a", "b"]),
    "numpy float": (np.array([2.0, np.nan, 1.5, 2.0]), ["2", None, "1.5", "2"]),
    "numpy int": (np.array([3, 1, 3]), ["3", "1", "3"]),
    "numpy bool": (np.array([True, False]), ["True", "False"]),
    "list": (["b", None, "a"], ["b", None, "a"]),
    "pandas object": (as_series(pd.Series(STRINGS, dtype=object)), NAMED),
    "pandas str": (as_series(pd.Series(STRINGS, dtype="str")), NAMED),
    "pandas string": (as_series(pd.Series(STRINGS, dtype="string")), NAMED),
    "pandas category": (as_series(pd.Series(STRINGS, dtype="category")), NAMED),
    "pandas int category": (
        as_series(pd.Series([3, None, 1, 3], dtype="category")),
        ["3", None, "1", "3"],
    ),
    "pandas Int64": (
        as_series(pd.Series([3, None, 1], dtype="Int64")),
        ["3", None, "1"],
    ),
    "pandas float": (as_series(pd.Series([3, np.nan, 1.5])), ["3", None, "1.5"]),
    "pandas boolean": (
        as_series(pd.Series([True, None, False], dtype="boolean")),
        ["True", None, "False"],
    ),
    "pandas arrow": (
        as_series(pd.Series(STRINGS, dtype=pd.ArrowDtype(pa.string()))),
        NAMED,
    ),
    "polars String": (as_series(pl.Series(STRINGS)), NAMED),
    "polars Categorical": (as_series(pl.Series(STRINGS, dtype=pl.Categorical)), NAMED),
    "polars Enum": (
        as_series(pl.Series(STRINGS, dtype=pl.Enum(["a", "b", "é", "never"]))),
        NAMED,
    ),
    "polars Int8": (
        as_series(pl.Series([3, None, 1], dtype=pl.Int8)),
        ["3", None, "1"],
    ),
    "polars Float64": (
        as_series(pl.Series([3.0, None, float("nan"), 1.5])),
        ["3", None, None, "1.5"],
    ),
    "polars Boolean": (
        as_series(pl.Series([True, None, False])),
        ["True", None, "False"],
    ),
    "pyarrow string": (as_series(pa.chunked_array([STRINGS[:2], STRINGS[2:]])), NAMED),
    "pyarrow int": (as_series(pa.chunked_array([[3, None, 1]])), ["3", None, "1"]),
    "pyarrow dictionary": (
        as_series(pa.chunked_array([pa.array(STRINGS).dictionary_encode()])),
        NAMED,
    ),
    "pyarrow unsigned dictionary": (
        as_series(
            pa.chunked_array(
                [
                    pa.DictionaryArray.from_arrays(
                        pa.array([1, 0, None, 1, 2], pa.uint8()), ["a", "b", "é"]
                    )
                ]
            )
        ),
        NAMED,
    ),
    "pyarrow chunks of other dictionaries": (
        as_series(
            pa.chunked_array(
                [
                    pa.array(["b", "a"]).dictionary_encode(),
                    pa.array(["a", None, "c"]).dictionary_encode(),
                ]
            )
        ),
        ["b", "a", "a", None, "c"],
    ),
    "empty polars": (as_series(pl.Series([], dtype=pl.String)), []),
    "null polars": (as_series(pl.Series([None, None])), [None, None]),
    "null pyarrow": (as_series(pa.chunked_array([pa.nulls(2)])), [None, None]),
    "empty pyarrow": (as_series(pa.chunked_array([], type=pa.string())), []),
    "all missing": (np.array([None, np.nan], dtype=object), [None, None]),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_factorize_names_every_row(kind):
    column, names = COLUMNS[kind]
    codes, levels = factorize(column)
    assert [None if c < 0 else levels[c] for c in codes] == names
    assert len(set(levels)) == len(levels)
    assert all(isinstance(level, str) for level in levels)


def test_one_name_is_one_level_and_true_is_not_one():
    """pandas takes True, 1 and 1.0 for one value, and 1 and "1" for two."""
    values = np.array([1, "1", 1.0, True, "True", None, np.nan, pd.NA], dtype=object)
    codes, levels = factorize(values)
    names = [None if c < 0 else levels[c] for c in codes]
    assert names == ["1", "1", "1", "True", "True", None, None, None]
    assert sorted(levels) == ["1", "True"]


@pytest.mark.parametrize("kind", ["numpy object", "numpy float", "list"])
def test_factorize_without_pandas(kind, monkeypatch):
    monkeypatch.setattr("infostat.counts.levels.find_spec", lambda name: None)
    column, names = COLUMNS[kind]
    codes, levels = factorize(column)
    assert [None if c < 0 else levels[c] for c in codes] == names


BINS = Bins.categorical("x", [["a", "b"], [1, True]], special_values=["none", 9])


def test_level_codes_follow_the_documented_order():
    values = np.array(["a", "b", 1, "1", True, "none", 9.0, "new", None], dtype=object)
    assert level_codes(values, BINS).tolist() == [4, 4, 5, 5, 5, 1, 2, 3, 0]


def test_missing_levels_go_where_they_were_merged():
    bins = Bins.categorical("x", [["a"], ["b"]], missing_to=3)
    codes = level_codes(np.array(["a", None, "b", "c"], dtype=object), bins)
    assert codes.tolist() == [2, 3, 3, 1]


def test_a_hundred_thousand_levels():
    values = np.array([f"level {k}" for k in range(100_000)] * 2, dtype=object)
    codes, levels = factorize(values)
    assert len(levels) == 100_000
    np.testing.assert_array_equal(codes[:100_000], codes[100_000:])
