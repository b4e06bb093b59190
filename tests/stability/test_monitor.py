"""The monitor: what it counts, remembers and says."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from infostat import (
    Bins,
    InfostatError,
    InfostatWarning,
    OptimalBinner,
    QuantileBinner,
    ScorecardClassifier,
    StabilityMonitor,
    population_stability_index,
    tabulate,
)
from infostat.datasets import make_applications
from infostat.exceptions import DocumentError

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")


@pytest.fixture(scope="module")
def portfolio():
    before, after = (make_applications(3000, rng=k, backend="pandas") for k in (0, 1))
    return before, after


@pytest.fixture(scope="module")
def card(portfolio):
    before, _ = portfolio
    return ScorecardClassifier().fit(
        before.frame[before.features], before.frame["default"]
    )


def columns(data):
    return data.frame[data.features]


def quiet(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        return function(*args, **kwargs)


def test_the_index_is_that_of_the_counts(portfolio):
    before, after = portfolio
    monitor = StabilityMonitor().fit(columns(before))
    report = quiet(monitor.compare, columns(after))
    row = report.frame.set_index("feature").loc["balance"]
    bins = monitor.bins_["balance"]
    expected, actual = (
        np.bincount(bins.codes(d.frame["balance"].to_numpy()), minlength=bins.n_bins)
        for d in (before, after)
    )
    psi = population_stability_index(
        expected, actual, ordered_from=bins.ordered_from, name=""
    )
    assert row["estimate"] == psi.value
    assert (row["conf_low"], row["conf_high"]) == psi.interval()
    assert row["p_value"] == psi.p_value(0.10, "greater")
    assert (row["light"], row["verdict"]) == (psi.light(), psi.verdict())
    assert len(bins.cuts) == 9
    assert monitor.periods_ == {}


def test_batches_of_a_period_add_up(portfolio):
    before, after = portfolio
    X, y = columns(after), after.frame["default"]
    whole, parts = (
        StabilityMonitor().fit(columns(before), before.frame["default"])
        for _ in range(2)
    )
    quiet(whole.update, X, y, period="2024-01")
    for start in range(0, 3000, 700):
        rows = slice(start, start + 700)
        quiet(parts.update, X[rows], y[rows], period="2024-01")
    pandas.testing.assert_frame_equal(whole.history_, parts.history_)
    pandas.testing.assert_frame_equal(whole.performance_, parts.performance_)


def test_vintages_of_one_call_are_periods(portfolio):
    before, after = portfolio
    X, month = columns(after), after.frame["period"] % 3 + 9
    together = StabilityMonitor().fit(columns(before))
    quiet(together.update, X, period=month)
    assert list(together.periods_) == ["9", "10", "11"]
    apart = StabilityMonitor().fit(columns(before))
    for label in (9, 10, 11):
        quiet(apart.update, X[month == label], period=label)
    pandas.testing.assert_frame_equal(together.history_, apart.history_)


def test_each_segment_is_compared_with_itself(portfolio):
    before, after = portfolio
    monitor = StabilityMonitor().fit(columns(before), segments=before.frame["group"])
    quiet(monitor.update, columns(after), segments=after.frame["group"], period=1)
    alone = StabilityMonitor(dict(monitor.bins_))
    inside = [d.frame["group"] == "A" for d in (before, after)]
    alone.fit(columns(before)[inside[0]])
    quiet(alone.update, columns(after)[inside[1]], period=1)
    found = monitor.history_.query("segment == 'A'")["estimate"].to_numpy()
    np.testing.assert_array_equal(found, alone.history_["estimate"].to_numpy())
    total = monitor.history_.query("segment == 'all'")
    assert (total["n_current"] == 3000).all()


@pytest.mark.filterwarnings("ignore:Sparse bins:infostat.InfostatWarning")
def test_segments_without_a_reference_of_their_own(portfolio):
    before, after = portfolio
    whole = StabilityMonitor().fit(columns(before))
    quiet(whole.update, columns(after), segments=after.frame["group"], period=1)
    assert (whole.history_["n_reference"] == 3000).all()
    segmented = StabilityMonitor().fit(columns(before), segments=before.frame["group"])
    renamed = after.frame["group"].replace("B", "new")
    with pytest.warns(InfostatWarning, match=r"\['new'\] do not occur"):
        segmented.update(columns(after), segments=renamed, period=1)
    assert set(segmented.history_["segment"]) == {"all", "A"}


def test_weights_are_repetition(portfolio):
    before, after = portfolio
    X, weight = columns(after), np.random.default_rng(0).integers(0, 4, 3000)
    monitor = StabilityMonitor().fit(columns(before))
    weighted = quiet(monitor.compare, X, sample_weight=weight).frame
    repeated = quiet(monitor.compare, X.loc[X.index.repeat(weight)]).frame
    pandas.testing.assert_frame_equal(weighted, repeated)
    sampling = StabilityMonitor(weight_type="sampling").fit(columns(before))
    wider = quiet(sampling.compare, X, sample_weight=weight).frame
    assert (wider["std_error"] > weighted["std_error"]).all()


def test_a_card_is_watched_on_its_own_bins(portfolio, card):
    before, after = portfolio
    monitor = StabilityMonitor(model=card).fit(columns(before), before.frame["default"])
    assert all(monitor.bins_[name] == part for name, part in card.bins_.items())
    quiet(monitor.update, columns(after), after.frame["default"], period=1)
    assert "score" in set(monitor.history_["feature"])
    measures = monitor.performance_.query("feature == 'score'")["measure"].tolist()
    assert measures == ["auc", "calibration in the large", "calibration slope"]
    # The document and a function are watched alike.
    saved = StabilityMonitor(model=card.card_).fit(columns(before))
    plain = StabilityMonitor(dict(card.bins_), model=lambda X: card.predict_points(X))
    plain.fit(columns(before))
    frames = [quiet(m.compare, columns(after)).frame for m in (saved, plain)]
    pandas.testing.assert_frame_equal(*frames)
    clones = clone(monitor)
    assert clones.model is card
    assert not hasattr(clones, "reference_")


def test_any_classifier_is_watched(portfolio):
    before, after = portfolio
    X = columns(before)[["balance"]].fillna(0)
    model = LogisticRegression().fit(X, before.frame["default"])
    monitor = StabilityMonitor(model=model).fit(X, before.frame["default"])
    np.testing.assert_allclose(monitor.reference_.table("score").totals.sum(), 3000)
    quiet(monitor.update, columns(after)[["balance"]].fillna(0), period=1)
    assert monitor.bins_["score"].cuts[-1] < 1
    # Known by its log-odds bin by bin.
    p = model.predict_proba(X)[:, 1]
    codes = monitor.bins_["score"].codes(p)
    k = int(codes[0])
    expected = np.log(p / (1 - p))[codes == k].mean()
    assert monitor.score_log_odds_[k] == pytest.approx(expected)


def test_alarms_name_the_bins_that_drive_them(portfolio):
    before, after = portfolio
    X = columns(after).copy()
    X["balance"] *= 3
    monitor = StabilityMonitor().fit(columns(before))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        report = monitor.update(X, period="2024-05")
    assert report.has_alarm
    assert monitor.alarm_["feature"].tolist() == ["balance"]
    assert monitor.alarm_["light"].tolist() == ["red"]
    parts = monitor.contributions("balance")
    top = parts["bin"][int(np.argmax(parts["estimate"]))]
    assert monitor.alarm_["drivers"][0].startswith(f"{top}: ")
    psi = population_stability_index(
        parts["reference_share"] * 3000, parts["current_share"] * 3000
    )
    assert parts["estimate"].sum() == pytest.approx(psi.plug_in)
    summary = monitor.summary().set_index("feature")
    assert summary.loc["balance", "alarms"] == 1
    assert summary["alarms"].sum() == 1


def test_a_monitor_goes_on_where_it_stopped(portfolio, card, tmp_path):
    before, after = portfolio
    monitor = StabilityMonitor(model=card, limits=(0.05, 0.2), adjust="by")
    monitor.fit(
        columns(before), before.frame["default"], segments=before.frame["group"]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        more = {"segments": after.frame["group"]}
        monitor.update(columns(after), after.frame["default"], period=1, **more)
        path = tmp_path / "monitor.json"
        monitor.to_json(path)
        again = StabilityMonitor.from_json(path, model=card)
        for m in (monitor, again):
            m.update(columns(before), period=2, segments=before.frame["group"])
    for name in ("history_", "alarm_", "performance_"):
        pandas.testing.assert_frame_equal(getattr(monitor, name), getattr(again, name))
    assert again.to_json() == monitor.to_json()
    orphan = StabilityMonitor.from_json(path)
    with pytest.raises(InfostatError, match=r"from_json\(path, model="):
        orphan.compare(columns(after))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "x"}, "not a monitor"),
        ({"schema_version": 3}, "upgrade infostat"),
        ({"bins": []}, "damaged"),
        ({"parameters": {}}, "damaged"),
        ({"coarse": {"score": [0.5]}}, "damaged"),
    ],
)
def test_damaged_documents_are_refused(change, message):
    rng = np.random.default_rng(0)
    monitor = StabilityMonitor().fit(rng.normal(size=(100, 1)))
    document = json.loads(monitor.to_json()) | change
    with pytest.raises(DocumentError, match=message):
        StabilityMonitor.from_json(json.dumps(document))


def test_counts_that_do_not_fit_are_refused():
    monitor = StabilityMonitor().fit(np.random.default_rng(0).normal(size=(100, 1)))
    document = json.loads(monitor.to_json())
    document["reference"]["features"]["x0"]["rows"][1][0] = -1
    with pytest.raises(DocumentError, match="do not fit"):
        StabilityMonitor.from_json(json.dumps(document))
    with pytest.raises(DocumentError, match="complete JSON"):
        StabilityMonitor.from_json(monitor.to_json()[:-5])
    with pytest.raises(DocumentError, match="no file"):
        StabilityMonitor.from_json("absent.json")


def test_tables_of_any_engine_are_taken(portfolio):
    before, after = portfolio
    monitor = StabilityMonitor().fit(columns(before), before.frame["default"])
    quiet(monitor.update, columns(after), after.frame["default"], period=1)
    lazy = [
        tabulate(polars.from_pandas(d.frame).lazy(), monitor.bins_, "default")
        for d in (before, after)
    ]
    counted = StabilityMonitor().fit_counts(monitor.bins_, lazy[0])
    quiet(counted.update_counts, lazy[1], period=1)
    pandas.testing.assert_frame_equal(counted.history_, monitor.history_)
    with pytest.raises(InfostatError, match="does not count"):
        counted.update_counts({}, period=2)


def test_levels_missing_values_and_strangers_have_bins():
    text = np.array(["a", "b", "c"] * 300 + ["rare"] * 3 + [None] * 40, dtype=object)
    before = pandas.DataFrame({"level": text, "x": np.arange(943.0)})
    monitor = StabilityMonitor(special_values={"x": [0.0]}).fit(before)
    bins = monitor.bins_["level"]
    assert bins.groups == (("a",), ("b",), ("c",), ("rare",))
    assert "special 0" in monitor.bins_["x"].labels
    after = before.assign(level=before["level"].replace("c", "stranger"))
    quiet(monitor.update, after, period=1)
    parts = monitor.contributions("level").set_index("bin")
    assert parts.loc["unseen", "current_share"] == pytest.approx(300 / 943)
    assert parts.loc["missing", "reference_share"] == pytest.approx(40 / 943)


def test_frames_come_back_in_the_users_library():
    frame = polars.DataFrame({"x": np.random.default_rng(0).normal(size=400)})
    monitor = StabilityMonitor().fit(frame)
    monitor.update(frame, period=1)
    for found in (monitor.history_, monitor.alarm_, monitor.summary()):
        assert isinstance(found, polars.DataFrame)


def test_binners_need_an_outcome(portfolio):
    before, _ = portfolio
    X, y = columns(before), before.frame["default"]
    monitor = StabilityMonitor(OptimalBinner(max_bins=4))
    with pytest.raises(InfostatError, match="needs the outcome y"):
        monitor.fit(X)
    assert monitor.fit(X, y).bins_ == OptimalBinner(max_bins=4).fit(X, y).bins_
    named = np.where(y == 1, "bad", "good")
    other = StabilityMonitor(QuantileBinner(max_bins=4, event="bad"), event="bad")
    assert other.fit(X, named).event_ == "bad"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"limits": (0.25, 0.1)}, "two increasing positive numbers"),
        ({"binner": {"nope": Bins.numeric("nope", [1])}}, r"\['nope'\]"),
        ({"binner": {"x0": Bins.numeric("other", [1])}}, "must be Bins of 'x0'"),
        ({"binner": LogisticRegression()}, "binner"),
        ({"model": 3}, "gives no score"),
        ({"model": lambda X: X}, "one number a row"),
        ({"level": 95}, "level"),
        ({"adjust": "none"}, "adjust"),
    ],
)
def test_parameters_are_checked(parameters, message):
    X = np.random.default_rng(0).normal(size=(50, 2))
    with pytest.raises(ValueError, match=message):
        StabilityMonitor(**parameters).fit(X)


def test_bad_samples_are_named():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 1)), np.arange(200) % 2
    monitor = StabilityMonitor().fit(X, y)
    with pytest.raises(InfostatError, match="y holds '2'"):
        monitor.update(X, y + 1, period=1)
    with pytest.raises(InfostatError, match="no rows"):
        monitor.update(X[:0], period=1)
    with pytest.raises(InfostatError, match="segments has the shape"):
        monitor.update(X, period=1, segments=["a"])
    with pytest.raises(InfostatError, match="called 'all'"):
        monitor.update(X, period=1, segments=["all"] * 200)
    with pytest.raises(InfostatError, match="period is missing"):
        monitor.update(X, period=None)
    with pytest.raises(InfostatError, match="There is no comparison of 'x9'"):
        monitor.contributions("x9", 3)
    with pytest.warns(InfostatWarning, match="no outcome"):
        StabilityMonitor().fit(X).compare(X, y)
    frame = pandas.DataFrame({"score": X[:, 0]})
    with pytest.raises(InfostatError, match="called 'score'"):
        StabilityMonitor(model=lambda X: X["score"]).fit(frame)


def test_a_sample_that_does_not_add_leaves_no_trace():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 1))
    monitor = StabilityMonitor().fit(X)
    monitor.update(X, period=2)
    before = monitor.to_json()
    with pytest.raises(InfostatError, match="segments and the other has none"):
        monitor.update(X, period=np.arange(400) % 3, segments=["a"] * 400)
    assert monitor.to_json() == before


def test_a_fixed_reference_and_a_tolerance_of_zero():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 1))
    now = rng.normal(size=(500, 1)) + 0.25
    rows = [
        StabilityMonitor(tolerance=0.0, reference=kind).fit(X).compare(now).frame
        for kind in ("sample", "fixed")
    ]
    assert (rows[1]["std_error"] < 0.9 * rows[0]["std_error"]).all()
    # One comparison: nothing to adjust, and the test is that of no change.
    for frame in rows:
        assert (frame["p_sequential"] == frame["p_zero"]).all()


def test_metadata_is_routed():
    import sklearn

    with sklearn.config_context(enable_metadata_routing=True):
        wanted = {"sample_weight": True, "segments": True, "clusters": True}
        monitor = StabilityMonitor().set_fit_request(**wanted)
        routed = monitor.get_metadata_routing().fit.requests
    assert routed == wanted


def test_unknown_outcomes_count_for_the_index_alone():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(500, 1)), rng.integers(0, 2, 500).astype(float)
    monitor = StabilityMonitor().fit(X, y)
    late = np.where(np.arange(500) < 200, np.nan, y)
    monitor.update(X, late, period=1)
    assert monitor.history_["n_current"].tolist() == [500.0]
    assert monitor.periods_["1"].table("x0").totals.tolist() == [
        float((late == 0).sum()),
        float((late == 1).sum()),
        200.0,
    ]


@pytest.mark.parametrize("broken", [np.nan, 7.0])
def test_a_feature_that_moved_completely_alarms(broken):
    """All missing, or one constant: no bin of the reference is left."""
    rng = np.random.default_rng(0)
    before, now = rng.normal(size=(2, 400, 2))
    now[:, 1] = broken
    monitor = StabilityMonitor().fit(before)
    with pytest.warns(InfostatWarning, match="x1: at most one bin is shared"):
        report = monitor.update(now, period="2026-02")
    frame = report.frame
    assert list(frame["light"][frame["feature"] == "x1"]) == ["red"]
    assert list(frame["alarm"]) == [False, True]
    assert np.isinf(frame["conf_high"]).tolist() == [False, True]
    assert report.has_alarm
