"""Frames, roles and reproducibility of the generated portfolio."""

from __future__ import annotations

import filecmp
import importlib.util
import json
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import pytest

from infostat.datasets import make_applications
from infostat.exceptions import InfostatError

DATA = Path(__file__).parents[2] / "data"


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_frames(backend):
    pytest.importorskip(backend)
    data = make_applications(2_000, backend=backend, rng=3)
    frame = nw.from_native(data.frame, eager_only=True)
    assert frame.implementation.value == backend
    assert len(frame) == 2_000
    assert list(data.dictionary) == frame.columns
    assert set(data.features) < set(frame.columns)
    assert {data.target, data.protected}.isdisjoint(data.features)
    assert all(text.endswith(".") for text in data.dictionary.values())
    missing = {name: frame[name].null_count() for name in frame.columns}
    assert {n for n, k in missing.items() if k} == {
        "balance",
        "utilisation",
        "employment",
    }
    if backend != "pandas":
        assert not frame["balance"].is_nan().any()
    assert frame["inquiries"].min() == -999
    assert frame["months_since_delinquency"].dtype == nw.Int64
    assert sorted(frame["group"].unique()) == ["A", "B"]
    assert sorted(frame["default"].unique()) == [0, 1]
    assert len(data.truth.confounder) == 2_000


def test_libraries_hold_the_same_rows():
    pytest.importorskip("polars")
    one, two = (
        nw.from_native(make_applications(500, backend=b, rng=1).frame, eager_only=True)
        for b in ("pandas", "polars")
    )
    for name in one.columns:
        left = [None if v != v else v for v in one[name].to_list()]
        assert left == two[name].to_list(), name


def test_seed_decides():
    first, again, other = (make_applications(300, rng=r) for r in (5, 5, 6))
    assert first.frame.equals(again.frame)
    np.testing.assert_array_equal(first.truth.log_odds, again.truth.log_odds)
    assert not first.frame.equals(other.frame)
    generator = np.random.default_rng(5)
    assert first.frame.equals(make_applications(300, rng=generator).frame)
    assert not first.frame.equals(make_applications(300, rng=generator).frame)


def test_shape_of_the_paper():
    data = make_applications(shape="paper", backend="pandas", rng=0)
    assert data.frame.shape == (20_000, 10)
    assert len(data.features) == 7
    assert not data.frame.isna().any(axis=None)
    assert data.frame[data.features].min().min() >= 0
    assert abs(data.frame["default"].mean() - 0.15) < 0.01
    assert abs((data.frame["group"] == "B").mean() - 0.3) < 0.015
    assert "999" not in " ".join(data.dictionary.values())
    assert data.truth.average_treatment_effect() == 0.0


def test_predictors_are_correlated_and_missing_values_tell():
    data = make_applications(20_000, backend="pandas", rng=0)
    frame = data.frame[data.frame["utilisation"] != -999]
    rank = frame[["balance", "utilisation", "inquiries"]].corr(method="spearman")
    assert rank.to_numpy()[np.triu_indices(3, 1)].min() > 0.2
    table = data.truth.bins("balance", [5_000])
    assert table.labels[0] == "missing"
    assert table.event_rate[0] > table.event_rate[1] + 0.05


def test_one_period_and_one_row():
    data = make_applications(1, n_periods=1, drift=2.0, backend="pandas", rng=0)
    assert data.frame["period"].tolist() == [1]
    assert data.truth.population_stability_index("balance", 1, 1, [5_000]) == 0.0


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"n_samples": 0}, "n_samples=0"),
        ({"n_samples": 2.5}, "n_samples=2.5"),
        ({"n_periods": -1}, "n_periods=-1"),
        ({"event_rate": 1.0}, "event_rate=1.0"),
        ({"event_rate": float("nan")}, "event_rate=nan"),
        ({"drift": 9}, "drift=9"),
        ({"shape": "round"}, "round"),
        ({"backend": "excel"}, "excel"),
    ],
)
def test_refusals(arguments, match):
    with pytest.raises(InfostatError, match=match):
        make_applications(**arguments)


@pytest.fixture(scope="module")
def make():
    """Load the script that writes the folder data."""
    spec = importlib.util.spec_from_file_location("make_data", DATA / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_close(left, right):
    """Equal structure and text; numbers equal to eight digits."""
    assert type(left) is type(right)
    if isinstance(left, dict):
        assert list(left) == list(right)
        for name in left:
            assert_close(left[name], right[name])
    elif isinstance(left, list):
        assert len(left) == len(right)
        for pair in zip(left, right, strict=True):
            assert_close(*pair)
    elif isinstance(left, str):
        assert left == right
    else:
        assert left == pytest.approx(right, rel=1e-8)


def test_samples_in_data_are_those_of_the_script(make, tmp_path):
    make.main(tmp_path)
    names = ["applications.csv", "batch.csv", "README.md"]
    _, different, failed = filecmp.cmpfiles(DATA, tmp_path, names, shallow=False)
    assert not different
    assert not failed
    # The last digits of a transcendental function may differ between platforms.
    kept, made = (
        json.loads((folder / "truth.json").read_text()) for folder in (DATA, tmp_path)
    )
    assert_close(kept, made)
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 500_000


def test_batch_holds_what_the_applications_lack(make):
    every = make.generate()
    frame = nw.from_native(every.frame, eager_only=True)
    assert make.UNSEEN not in frame["purpose"].to_list()
    batch = make.make_batch(make.rows(every), every)
    assert len(batch) == make.N_BATCH
    assert "default" not in batch[0]
    assert any(row["purpose"] == make.UNSEEN for row in batch)
    assert any(row["mortgage"] is None for row in batch)
    assert any(row["balance"] == -999 for row in batch)
