"""Loaders: counts and rates of the published sets, traps, and refusals."""

from __future__ import annotations

import gzip
import os
from types import SimpleNamespace

import narwhals.stable.v2 as nw
import numpy as np
import pytest
import sklearn.datasets

from infostat import datasets
from infostat.exceptions import InfostatError

needs_data = pytest.mark.skipif(
    not os.environ.get("INFOSTAT_DATA"),
    reason="INFOSTAT_DATA does not name a folder with the public data sets",
)
BACKENDS = ["pandas", "polars"]
ONE_FILE = [
    ("german_credit", 1_000, 21, 0.300),
    ("taiwan_default", 30_000, 25, 0.22120),
    ("adult", 48_842, 16, 0.23928),
    ("boston_hmda", 1_989, 59, 0.87733),
    ("sba_case", 2_102, 33, 0.32636),
    ("mortgage_panel", 9_573, 23, 0.02549),
    ("nhefs", 1_629, 67, None),
    ("abalone", 4_177, 9, None),
]


def frame_of(data):
    return nw.from_native(data.frame, eager_only=True)


def load(name, **arguments):
    return getattr(datasets, f"load_{name}")(**arguments)


@needs_data
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "n_rows", "n_columns", "rate"), ONE_FILE)
def test_counts_and_rates(name, n_rows, n_columns, rate, backend):
    pytest.importorskip(backend)
    data = load(name, backend=backend)
    frame = frame_of(data)
    assert frame.shape == (n_rows, n_columns)
    assert frame.implementation.value == backend
    if rate is None:
        assert data.event is None
    else:
        assert (frame[data.target] == data.event).mean() == pytest.approx(
            rate, abs=6e-6
        )
    columns = set(frame.columns)
    assert set(data.protected) | set(data.leaks) | set(data.features) < columns
    assert {data.target, data.treatment, data.date}.isdisjoint(data.features)
    assert set(data.leaks).isdisjoint(data.features)
    assert data.features
    assert data.description.endswith(".")
    assert data.source.endswith(".")


@needs_data
@pytest.mark.parametrize("backend", BACKENDS)
def test_traps_stay_text(backend):
    pytest.importorskip(backend)
    german = frame_of(load("german_credit", backend=backend))
    assert german["other_installment_plans"].dtype == nw.String
    assert "none" in german["other_installment_plans"].to_list()
    assert german.select(nw.all().is_null().any()).row(0) == (False,) * 21
    assert german["credit_amount"].mean() == pytest.approx(3271.258)
    adult = frame_of(load("adult", backend=backend))
    unknown = [
        (adult[name] == "?").sum()
        for name in ("workclass", "occupation", "native_country")
    ]
    assert unknown == [2_799, 2_809, 857]
    sba = frame_of(load("sba_case", backend=backend))
    for name in ("LoanNr_ChkDgt", "Zip", "NAICS", "FranchiseCode", "ApprovalDate"):
        assert sba[name].dtype == nw.String, name
    assert sba["ChgOffDate"].null_count() == 1_405
    assert sba["NewExist"].null_count() == 1
    boston = frame_of(load("boston_hmda", backend=backend))
    assert boston["min30"].null_count() == 183
    assert boston["approve"].dtype == nw.Int64


@needs_data
def test_leaks_and_roles():
    sba = load("sba_case")
    assert {"Term", "MIS_Status", "ChgOffDate", "daysterm"} <= set(sba.leaks)
    frame = frame_of(sba)
    # Why what is computed from the leaking Term is a leak as well.
    assert ((frame["Term"] >= 240) == (frame["RealEstate"] == 1)).all()
    assert (frame["daysterm"] == 30 * frame["Term"]).all()
    assert "ID" not in load("taiwan_default").features
    assert {"fnlwgt", "split", "sex"}.isdisjoint(load("adult").features)
    assert load("nhefs").treatment == "qsmk"
    assert "age" in load("nhefs").features
    assert frame_of(load("nhefs"))["wt82_71"].drop_nulls().len() == 1_566


def contrast(data):
    frame = frame_of(data)
    treated = frame[data.treatment].to_numpy() == 1
    outcome = frame[data.target].to_numpy()
    return outcome[treated].mean() - outcome[~treated].mean()


@needs_data
@pytest.mark.parametrize(
    ("controls", "n_rows", "effect"),
    [
        ("experiment", 445, 1794.34),
        ("nsw", 722, 886.30),
        ("psid", 2_675, -15204.78),
        ("psid2", 438, -3646.81),
        ("psid3", 313, 1069.85),
        ("cps", 16_177, -8497.52),
        ("cps2", 2_554, -3821.97),
        ("cps3", 614, -635.03),
    ],
)
def test_lalonde(controls, n_rows, effect):
    data = load("lalonde", controls=controls)
    assert len(data.frame) == n_rows
    assert contrast(data) == pytest.approx(effect, abs=0.006)


@needs_data
@pytest.mark.parametrize(("replication", "effect"), [(1, 4.01607), (10, 4.58600)])
def test_ihdp(replication, effect):
    data = load("ihdp", replication=replication)
    frame = frame_of(data)
    assert frame.shape == (747, 30)
    assert (frame["mu1"] - frame["mu0"]).mean() == pytest.approx(effect, abs=6e-6)
    assert data.features == [f"x{k}" for k in range(1, 26)]


@needs_data
@pytest.mark.parametrize(
    ("colour", "n_rows", "quality"),
    [("red", 1_599, 5.6360), ("white", 4_898, 5.8779), ("both", 6_497, 5.8184)],
)
def test_wine(colour, n_rows, quality):
    data = load("wine_quality", colour=colour)
    frame = frame_of(data)
    assert len(frame) == n_rows
    assert frame["quality"].mean() == pytest.approx(quality, abs=6e-5)
    assert len(data.features) == 11
    assert frame["colour"].n_unique() == (2 if colour == "both" else 1)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("lalonde", {"controls": "moon"}),
        ("ihdp", {"replication": 2}),
        ("wine_quality", {"colour": "rose"}),
        ("abalone", {"backend": "excel"}),
    ],
)
def test_unknown_choices(name, arguments):
    (value,) = arguments.values()
    with pytest.raises(InfostatError, match=str(value)):
        load(name, **arguments)


@pytest.fixture
def offline(monkeypatch):
    """Neither a folder nor a network."""

    def refuse(*args, **kwargs):
        msg = "Name or service not known"
        raise OSError(msg)

    monkeypatch.delenv("INFOSTAT_DATA", raising=False)
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", refuse)


@pytest.mark.parametrize("name", [row[0] for row in ONE_FILE])
@pytest.mark.usefixtures("offline")
def test_neither_folder_nor_network(name):
    with pytest.raises(InfostatError, match="INFOSTAT_DATA") as caught:
        load(name)
    message = str(caught.value)
    assert name in message
    assert "set INFOSTAT_DATA to the folder" in message
    assert message.count("\n") == 0


def test_folder_without_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("INFOSTAT_DATA", str(tmp_path))
    with pytest.raises(InfostatError, match="lacks it"):
        load("abalone")


def test_file_of_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("INFOSTAT_DATA", str(tmp_path))
    (tmp_path / "adult").mkdir()
    text = "age,workclass,fnlwgt,income\n39,?,7,<=50K\n,none,9,>50K\n"
    with gzip.open(tmp_path / "adult" / "adult.csv.gz", "wt") as out:
        out.write(text)
    frame = frame_of(load("adult", backend="pandas"))
    assert frame["workclass"].to_list() == ["?", "none"]
    assert frame["age"].null_count() == 1
    assert frame["fnlwgt"].dtype == nw.Int64
    with gzip.open(tmp_path / "adult" / "adult.csv.gz", "wt") as out:
        out.write(text + "1,2\n")
    with pytest.raises(InfostatError, match="damaged"):
        load("adult")


def answer(names, categories, data, target):
    return SimpleNamespace(
        feature_names=names,
        categories=categories,
        data=np.array(data, dtype=float),
        target=np.array(target, dtype=object),
    )


def test_openml_answers_become_our_columns(monkeypatch):
    adult = datasets.sources.SOURCES["adult"].openml
    german = datasets.sources.SOURCES["german_credit"].openml
    asked = []

    def fetch(name, *, version, **kwargs):
        asked.append((name, version, kwargs["as_frame"]))
        n_columns = len(adult.columns if name == "adult" else german.columns)
        names = [f"column-{k}" for k in range(n_columns)]
        levels = {"column-1": ["Private", "State-gov"]}
        data = np.ones((2, n_columns))
        data[0, 1] = np.nan if name == "adult" else 0
        target = [">50K", "<=50K"] if name == "adult" else ["bad", "good"]
        return answer(names, levels, data, target)

    monkeypatch.delenv("INFOSTAT_DATA", raising=False)
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetch)
    data = load("adult", backend="pandas")
    frame = frame_of(data)
    assert frame["workclass"].to_list() == ["?", "State-gov"]
    assert frame["age"].to_list() == [1, 1]
    assert frame["age"].dtype == nw.Int64
    assert (frame["income"] == data.event).to_list() == [True, False]
    data = load("german_credit", backend="pandas")
    assert frame_of(data)["creditability"].to_list() == ["bad", "good"]
    assert len(data.features) == 17
    assert asked == [("adult", 2, False), ("credit-g", 1, False)]
