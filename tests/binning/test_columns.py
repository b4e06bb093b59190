"""Columns read once, in parts, out of row-major arrays, and for several estimators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from infostat import Bins, OptimalBinner, ScorecardClassifier, WOEEncoder
from infostat.binning import columns as module
from infostat.binning.columns import read_columns
from infostat.counts.levels import Factorized, bins_of_levels
from infostat.exceptions import InfostatError

rng = np.random.default_rng(8)
N_ROWS = module.ARRAY_CHUNK + 3


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int32, bool])
@pytest.mark.parametrize("width", [1, 3, 8, 9, 20])
def test_columns_of_a_row_major_array(kind, width):
    array = (10 * rng.normal(size=(N_ROWS, width))).astype(kind)
    before = array.copy()
    columns = read_columns(array)
    for name in [*columns.names, *columns.names[::-1]]:
        number = columns.names.index(name)
        values = columns.read(name, categorical=False).values
        assert values.dtype == np.float64
        np.testing.assert_array_equal(values, array[:, number].astype(float))
    np.testing.assert_array_equal(array, before)


def test_few_neighbours_are_copied_where_rows_are_many(monkeypatch):
    monkeypatch.setattr(module, "GATHERED", 2 * 8 * N_ROWS)
    array = rng.normal(size=(N_ROWS, 5))
    columns = read_columns(array)
    for k, name in enumerate(columns.names):
        np.testing.assert_array_equal(columns.raw(name), array[:, k])
        assert columns._gathered[1].shape[0] <= 2


@pytest.mark.parametrize("library", ["pandas", "polars", "array"])
def test_chunks_join_to_the_whole(library, monkeypatch):
    monkeypatch.setattr(module, "FRAME_CHUNK", 1000)
    array = rng.normal(size=(N_ROWS, 2))
    data = {
        "pandas": lambda: pd.DataFrame(array, columns=["a", "b"]),
        "polars": lambda: pl.DataFrame(array, schema=["a", "b"]),
        "array": lambda: array,
    }[library]()
    columns = read_columns(data, ["a", "b"])
    seen = np.full(N_ROWS, np.nan)
    for rows, part in columns.chunks():
        seen[rows] = part.read("b", categorical=False).values
        assert part.n_rows == rows.stop - rows.start
    np.testing.assert_array_equal(seen, array[:, 1])


def test_a_chunk_names_the_row_of_the_whole(monkeypatch):
    monkeypatch.setattr(module, "FRAME_CHUNK", 4)
    frame = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, "six"]}, dtype=object)
    _, last = list(read_columns(frame).chunks())[-1]
    with pytest.raises(InfostatError, match=r"'six' \(row 5\)"):
        last.read("a", categorical=False)


def test_levels_are_numbered_once_where_they_are_kept():
    frame = pd.DataFrame({"a": ["x", None, "y", "x"]})
    columns = read_columns(frame, keep=True)
    first = columns.read("a", categorical=True).values
    assert isinstance(first, Factorized)
    assert first.codes.tolist() == [0, -1, 1, 0]
    assert first.codes.dtype == np.int8
    assert columns.read("a", categorical=True).values is first
    assert read_columns(columns) is columns


def applicants(n=400):
    return pd.DataFrame(
        {
            "number": np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n)),
            "level": rng.choice(["a", "b", "c", None], n),
            "flag": rng.random(n) < 0.5,
        }
    ), (rng.random(n) < 0.3).astype(int)


@pytest.mark.parametrize("library", ["pandas", "polars", "array"])
def test_fit_transform_is_fit_and_transform(library):
    X, y = applicants()
    data = {"pandas": X, "polars": pl.from_pandas(X), "array": X.to_numpy(object)}
    encoder = WOEEncoder()
    together = encoder.fit_transform(data[library], y)
    apart = WOEEncoder().fit(data[library], y)
    np.testing.assert_array_equal(together, apart.transform(data[library]))
    assert hasattr(encoder.binner_, "feature_names_in_") == (library != "array")
    assert encoder.bins_ == apart.bins_


def test_an_inner_binner_is_refitted_without_old_names():
    X, y = applicants()
    binner = OptimalBinner().fit(X, y)
    binner.fit(read_columns(X.to_numpy(object)), y)
    assert not hasattr(binner, "feature_names_in_")
    assert list(binner.bins_) == ["x0", "x1", "x2"]


def test_output_in_a_frame_keeps_the_index():
    X, y = applicants()
    X.index = X.index + 7
    out = WOEEncoder().set_output(transform="pandas").fit_transform(X, y)
    assert out.index.equals(X.index)
    assert list(out.columns) == list(X.columns)


def test_a_card_of_levels_alone_scores():
    X, y = applicants()
    card = ScorecardClassifier().fit(X[["level"]], y)
    expected = card.card_.log_odds(X[["level"]])
    points, probability = card.card_.score(X[["level"]])
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(-expected)), rtol=1e-12)
    np.testing.assert_array_equal(points, card.card_.points(X[["level"]]))


@pytest.mark.parametrize("kind", ["f8", "f4", "i4", "i8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_fit_transform_of_an_array_is_fit_and_transform(kind, order):
    n_rows = module.BLOCK + 5
    array = np.array(20 * rng.normal(size=(n_rows, 11)), dtype=kind, order=order)
    before = array.copy()
    y = (rng.random(n_rows) < 0.2 + 0.3 * (array[:, 0] > 0)).astype(int)
    binner = OptimalBinner(categories=["x1"])
    together = WOEEncoder(binner).fit_transform(array, y)
    apart = WOEEncoder(binner).fit(pd.DataFrame(array), y)
    np.testing.assert_array_equal(together, apart.transform(pd.DataFrame(array)))
    np.testing.assert_array_equal(together, apart.transform(array))
    np.testing.assert_array_equal(array, before)


def test_columns_move_only_where_float64_holds_them():
    wide = np.arange(12).reshape(4, 3)
    for array, moves in (
        (wide.astype(float), True),
        (wide.astype(np.int32), True),
        (wide, False),
        (wide > 5, False),
        (wide.astype(object), False),
        (np.asfortranarray(wide.astype(float)), False),
    ):
        columns = read_columns(array)
        moved = columns.moved()
        assert (moved is columns) == (not moves)
        assert np.shares_memory(moved.raw("x1"), moved.room()) == moves
        assert not np.shares_memory(array, moved.room())
        if moves:
            np.testing.assert_array_equal(moved.room(), array)
            assert moved.take(np.array([2, 0])).room().shape == (2, 3)
        assert moved.names == columns.names
        assert moved.n_rows == 4


def test_places_of_levels_are_those_that_names_give():
    names = np.array([f"level {k}" for k in range(3_000)], dtype=object)
    frame = pd.DataFrame({"a": names[rng.integers(0, 3_000, 20_000)]})
    frame.iloc[::7, 0] = None
    y = (rng.random(20_000) < 0.2).astype(int)
    columns = read_columns(frame, keep=True)
    binner = OptimalBinner(special_values=["level 7"]).fit(columns, y)
    column = columns.read("a", categorical=True).values
    for partition, places in column.places:
        np.testing.assert_array_equal(places, bins_of_levels(column.levels, partition))
    assert [known for known, _ in column.places] == [binner.prebins_["a"]]
    # Bins that others made are looked up by name.
    other = Bins.categorical("a", [names[:5], names[5:2_000]])
    np.testing.assert_array_equal(
        column.bins_in(other), bins_of_levels(column.levels, other)
    )
