"""Bins by hand: labels, boundaries, editing, documents, refusals."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infostat import Bins
from infostat.exceptions import DocumentError, InfostatError

finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
cut_lists = st.lists(
    st.floats(-1e6, 1e6, allow_nan=False), min_size=0, max_size=30, unique=True
).map(sorted)
level_text = st.text(
    alphabet=st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=5
)


@st.composite
def numeric_bins(draw):
    cuts = draw(cut_lists)
    specials = draw(st.lists(st.integers(-9, 9), max_size=2, unique=True))
    bins = Bins.numeric("f", cuts, special_values=specials)
    merged = draw(st.none() | st.integers(bins.first, bins.n_bins - 1))
    return bins if merged is None else bins.merge(0, merged)


@st.composite
def level_bins(draw):
    levels = draw(st.lists(level_text, min_size=1, max_size=8, unique=True))
    ends = draw(st.sets(st.integers(1, len(levels)), max_size=4)) | {len(levels)}
    edges = [0, *sorted(ends)]
    groups = [levels[a:b] for a, b in itertools.pairwise(edges)]
    bins = Bins.categorical("f", groups)
    merged = draw(st.none() | st.integers(bins.first, bins.n_bins - 1))
    return bins if merged is None else bins.merge(0, merged)


def slow_code(bins, x):
    """The documented order and boundaries, one value at a time."""
    if math.isnan(x):
        return bins.missing_to
    if x in bins.special_values:
        return 1 + bins.special_values.index(x)
    return bins.first + sum(x > cut for cut in bins.cuts)


@given(numeric_bins(), st.lists(st.floats(-1e7, 1e7), max_size=20))
def test_codes_follow_the_definition(bins, values):
    # Boundaries, their neighbours, infinities and NaN besides random numbers.
    cuts = list(bins.cuts)
    values = [
        *values,
        *cuts,
        *(np.nextafter(c, np.inf) for c in cuts),
        *(np.nextafter(c, -np.inf) for c in cuts),
        *bins.special_values,
        np.inf,
        -np.inf,
        np.nan,
    ]
    expected = [slow_code(bins, float(x)) for x in values]
    assert bins.codes(np.array(values)).tolist() == expected


@given(numeric_bins() | level_bins())
def test_json_round_trip(bins):
    assert Bins.from_dict(json.loads(json.dumps(bins.to_dict()))) == bins
    assert len(bins.labels) == bins.n_bins


@given(numeric_bins(), st.data())
def test_merge_joins_codes_and_nothing_else(bins, data):
    if bins.n_ordinary < 2:
        return
    last = data.draw(st.integers(bins.first + 1, bins.n_bins - 1))
    first = data.draw(st.integers(bins.first, last - 1))
    merged = bins.merge(first, last)
    assert merged.n_bins == bins.n_bins - (last - first)
    values = np.array([*bins.cuts, 1e9, -1e9, np.nan, *bins.special_values])
    old = bins.codes(values).astype(int)
    expected = np.where(old <= first, old, np.maximum(first, old - (last - first)))
    assert merged.codes(values).tolist() == expected.tolist()


@given(level_bins(), st.data())
def test_merge_of_levels_joins_codes(bins, data):
    if bins.n_ordinary < 2:
        return
    last = data.draw(st.integers(bins.first + 1, bins.n_bins - 1))
    first = data.draw(st.integers(bins.first, last - 1))
    levels = np.array([lv for g in bins.groups for lv in g] + [None], dtype=object)
    old = bins.codes(levels).astype(int)
    expected = np.where(old <= first, old, np.maximum(first, old - (last - first)))
    assert bins.merge(first, last).codes(levels).tolist() == expected.tolist()


@given(cut_lists, finite)
def test_split_then_merge_is_the_identity(cuts, at):
    bins = Bins.numeric("f", cuts)
    if at in bins.cuts:
        return
    split = bins.split(at)
    place = bins.first + split.cuts.index(at)
    assert split.n_bins == bins.n_bins + 1
    assert split.merge(place, place + 1) == bins
    assert bins.with_cuts(split.cuts) == split


def test_labels_and_counts_of_every_kind_of_bin():
    bins = Bins.numeric("age", [25, 40.5], special_values=[-1, -2.5])
    assert bins.labels == (
        "missing",
        "special -1",
        "special -2.5",
        "(-inf, 25]",
        "(25, 40.5]",
        "(40.5, inf)",
    )
    assert (bins.first, bins.n_ordinary, bins.n_bins) == (3, 3, 6)
    assert bins.unseen is None
    levels = Bins.categorical("job", [["a", 1], [True]], special_values=["?"])
    assert levels.labels == ("missing", "special ?", "unseen", "a, 1", "True")
    assert levels.unseen == 2
    assert levels.codes(["a", "1", "True", "zzz", None, "?"]).tolist() == [
        3,
        3,
        4,
        2,
        0,
        1,
    ]


def test_close_cuts_keep_labels_apart():
    bins = Bins.numeric("x", [1.0000001, 1.0000002])
    assert len(set(bins.labels)) == bins.n_bins


def test_no_cuts_is_one_bin():
    bins = Bins.numeric("x", [])
    assert bins.labels == ("missing", "(-inf, inf)")
    assert bins.codes([1.0, np.inf, np.nan]).tolist() == [1, 1, 0]


def test_missing_values_merge_into_an_ordinary_bin():
    bins = Bins.numeric("x", [0.0], special_values=[-9]).merge(0, 3)
    y = np.array([0, 1, 1])
    table = bins.count(np.array([np.nan, 1.0, -9.0]), y)
    assert table.rows.tolist() == [[0, 0], [0, 1], [0, 0], [1, 1]]
    with pytest.raises(InfostatError, match="'x'"):
        bins.split(5.0)


def test_levels_split_off():
    bins = Bins.categorical("job", [["a", "b", "c"], ["d"]])
    split = bins.split(["b"])
    assert split.groups == (("a", "c"), ("b",), ("d",))
    assert split.merge(2, 3).groups == (("a", "c", "b"), ("d",))
    # One level by its name; a name is not a list of letters.
    words = Bins.categorical("job", [["ab", "a", "b"]])
    assert words.split("ab").groups == (("a", "b"), ("ab",))


def test_numbers_are_levels_by_their_names():
    bins = Bins.categorical("code", [[1, 2.0], ["3"]])
    for values in ([1, 2, 3], [1.0, 2.0, 3.0], ["1", "2", "3"]):
        assert bins.codes(np.array(values)).tolist() == [2, 2, 3]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Bins("income"),
        lambda: Bins("income", cuts=(1.0,), groups=(("a",),)),
        lambda: Bins.numeric("income", [2, 1]),
        lambda: Bins.numeric("income", [1, 1]),
        lambda: Bins.numeric("income", [math.nan]),
        lambda: Bins.numeric("income", [math.inf]),
        lambda: Bins.numeric("income", [1], special_values=[math.nan]),
        lambda: Bins.numeric("income", [1], special_values=[math.inf]),
        lambda: Bins("income", cuts=(1.0,), special_values=("x",)),
        lambda: Bins.numeric("income", [1], special_values=[-1], missing_to=1),
        lambda: Bins.numeric("income", [1], missing_to=9),
        lambda: Bins.numeric("income", [1], missing_to=-1),
        lambda: Bins.numeric("income", [1], special_values=[-1, -1.0]),
        lambda: Bins.categorical("income", [["a"], []]),
        lambda: Bins.categorical("income", [["a"], ["a"]]),
        lambda: Bins.categorical("income", [["a", 1], ["1"]]),
        lambda: Bins.categorical("income", [["a"]], special_values=["a"]),
        lambda: Bins.categorical("income", [["a"]], missing_to=1),
        lambda: Bins.numeric("income", [1, 2]).merge(2, 1),
        lambda: Bins.numeric("income", [1, 2]).merge(1, 4),
        lambda: Bins.numeric("income", [1, 2], special_values=[0]).merge(1, 2),
        lambda: Bins.numeric("income", [1, 2]).merge(0, 4),
        lambda: Bins.numeric("income", [1, 2]).split(2),
        lambda: Bins.numeric("income", [1, 2]).split(math.nan),
        lambda: Bins.categorical("income", [["a", "b"]]).split(["a", "b"]),
        lambda: Bins.categorical("income", [["a", "b"]]).split(["z"]),
        lambda: Bins.categorical("income", [["a"], ["b"]]).split(["a", "b"]),
        lambda: Bins.categorical("income", [["a", "b"]]).split([]),
        lambda: Bins.categorical("income", [["a"]]).with_cuts([1]),
    ],
)
def test_refusals_name_the_feature(make):
    with pytest.raises(InfostatError, match="'income'") as caught:
        make()
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"feature": "f"},
        {"feature": "f", "cuts": [1]},
        {"feature": "f", "cuts": [1], "special_values": []},
        {"feature": "f", "cuts": ["x"], "special_values": [], "missing_to": 0},
        {"feature": "f", "cuts": [2, 1], "special_values": [], "missing_to": 0},
        {"feature": "f", "cuts": 3, "special_values": [], "missing_to": 0},
        {"feature": "f", "cuts": [1], "special_values": [], "missing_to": None},
        {"feature": "f", "cuts": [1], "special_values": [], "missing_to": math.inf},
        {"feature": "f", "cuts": [10**400], "special_values": [], "missing_to": 0},
        {"feature": "f", "groups": None, "special_values": [], "missing_to": 0},
        # A string is no list of its letters.
        {"feature": "f", "groups": ["abc"], "special_values": [], "missing_to": 0},
        {"feature": "f", "groups": [["a"]], "special_values": "xy", "missing_to": 0},
        [],
        None,
        3,
    ],
)
def test_damaged_documents_are_refused(data):
    with pytest.raises(DocumentError, match="cannot be read"):
        Bins.from_dict(data)
