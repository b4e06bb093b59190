"""A monitor of rows that come in clusters: counts, errors, documents, warnings."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from scipy.stats import binom, norm

from infostat import (
    Bins,
    InfostatError,
    InfostatWarning,
    StabilityMonitor,
    population_stability_index,
)
from infostat.counts import tabulate_clusters
from infostat.exceptions import DocumentError
from infostat.stability.batches import add_batches

pandas = pytest.importorskip("pandas")

CUTS = norm.ppf(np.arange(1, 5) / 5)
BINS = {name: Bins.numeric(name, CUTS) for name in ("x0", "x1")}


def sample(n_clusters, first, *, rho=0.8, size=4, shift=0.0, seed=0):
    """Rows of clusters, their labels, outcomes, weights and segments."""
    rng = np.random.default_rng([seed, first])
    common = np.repeat(rng.normal(size=(n_clusters, 2)), size, axis=0)
    own = rng.normal(size=common.shape)
    X = np.sqrt(rho) * common + np.sqrt(1 - rho) * own + [shift, 0.0]
    y = (rng.random(len(X)) < 1 / (1 + np.exp(1 - common[:, 0]))).astype(int)
    return {
        "X": X,
        "y": y,
        "clusters": np.repeat(np.arange(first, first + n_clusters), size),
        "sample_weight": rng.integers(1, 4, len(X)),
        "segments": np.where(rng.random(len(X)) < 0.5, "A", "B"),
    }


def some(data, *names):
    return {name: data[name] for name in ("X", "clusters", *names)}


def rows(data, kept):
    return {name: values[kept] for name, values in data.items()}


BEFORE, AFTER = sample(300, 0), sample(200, 10_000, shift=0.4)


def watch(*names, **parameters):
    return StabilityMonitor(BINS, **parameters).fit(**some(BEFORE, *names))


@pytest.mark.parametrize("weight_type", ["frequency", "sampling"])
def test_the_index_is_that_of_the_clustered_table(weight_type):
    names = ("sample_weight",) if weight_type == "sampling" else ()
    monitor = watch(*names, weight_type=weight_type)
    found = monitor.compare(**some(AFTER, *names)).frame.iloc[0]
    both = {k: np.concatenate([BEFORE[k], AFTER[k]]) for k in BEFORE}
    table = tabulate_clusters(
        BINS["x0"].codes(both["X"][:, 0]),
        np.repeat([0, 1], [len(BEFORE["X"]), len(AFTER["X"])]),
        both["clusters"],
        BINS["x0"].labels,
        weight=both["sample_weight"] if names else None,
    )
    psi = population_stability_index(table, ordered_from=BINS["x0"].ordered_from)
    assert found["estimate"] == pytest.approx(psi.value, rel=1e-12)
    assert found["std_error"] == pytest.approx(psi.se, rel=1e-9)
    assert (found["conf_low"], found["conf_high"]) == pytest.approx(psi.interval())
    assert found["p_zero"] == pytest.approx(psi.p_zero)
    assert found["p_value"] == pytest.approx(psi.p_value(0.1, "greater"))


def same_statements(found, expected):
    """The test of no change takes its variance from the rows, not from their number."""
    columns = ["estimate", "conf_low", "conf_high", "p_value"]
    np.testing.assert_allclose(found[columns], expected[columns], rtol=1e-9)
    np.testing.assert_allclose(found["std_error"], expected["std_error"], rtol=1e-3)
    np.testing.assert_allclose(found["p_zero"], expected["p_zero"], atol=1e-3)


class Score:
    """A model with points and log-odds, as a saved card has."""

    def points(self, X):
        return np.round(20 * self.log_odds(X))

    def log_odds(self, X):
        return np.asarray(X)[:, 0] - 1.0


def test_rows_written_three_times_say_what_they_said_once():
    """Every error, of index, bins and performance, is that of the rows themselves."""
    alone = StabilityMonitor(BINS, model=Score()).fit(BEFORE["X"], BEFORE["y"])
    alone.update(AFTER["X"], AFTER["y"], period=1)
    many = StabilityMonitor(BINS, model=Score())
    before, after = (
        {
            "X": np.repeat(d["X"], 3, axis=0),
            "y": np.repeat(d["y"], 3),
            "clusters": np.repeat(np.arange(len(d["X"])) + start, 3),
        }
        for d, start in ((BEFORE, 0), (AFTER, 10_000))
    )
    many.fit(**before).update(**after, period=1)
    assert not alone.history_["n_merged"].any()
    same_statements(many.history_, alone.history_)
    np.testing.assert_allclose(
        many.contributions("x0")["std_error"],
        alone.contributions("x0")["std_error"],
        rtol=1e-9,
    )
    # DeLong's error has sizes less one, which clusters do not.
    rates = ["estimate", "std_error"]
    assert alone.performance_["measure"].tolist() == [
        *["information value"] * 2,
        *("auc", "calibration in the large", "calibration slope"),
    ]
    np.testing.assert_allclose(
        many.performance_[rates], alone.performance_[rates], rtol=3e-3
    )


def test_clusters_of_one_row_change_nothing():
    plain = StabilityMonitor(BINS).fit(BEFORE["X"]).compare(AFTER["X"]).frame
    numbered = StabilityMonitor(BINS).fit(BEFORE["X"], clusters=np.arange(1200))
    # Names of a series are read like numbers.
    labels = pandas.Series([f"row {k}" for k in range(800)])
    found = numbered.compare(AFTER["X"], clusters=labels).frame
    same_statements(found, plain)


def test_frequency_weights_are_repetition_within_the_cluster():
    names = ("y", "sample_weight")
    weighted = watch(*names, model=Score())
    weighted.update(**some(AFTER, *names), period=1)
    repeated = StabilityMonitor(BINS, model=Score())
    long = [
        rows(some(d, "y"), np.repeat(np.arange(len(d["X"])), d["sample_weight"]))
        for d in (BEFORE, AFTER)
    ]
    repeated.bins_ = weighted.bins_
    repeated.fit(**long[0])
    assert repeated.bins_ == weighted.bins_
    repeated.update(**long[1], period=1)
    for name in ("history_", "performance_"):
        pandas.testing.assert_frame_equal(
            getattr(weighted, name), getattr(repeated, name), rtol=1e-9
        )


def test_segments_batches_and_documents(tmp_path):
    names = ("y", "segments")
    monitor = watch(*names)
    monitor.update(**some(AFTER, *names), period=1)
    # A cluster lies in both segments: the total holds their products too.
    total = monitor.history_.query("segment == 'all'").reset_index(drop=True)
    whole = watch("y")
    whole.update(**some(AFTER, "y"), period=1)
    numeric = total.select_dtypes("number").columns.drop(
        ["p_value", "p_adjusted", "p_sequential"]
    )
    np.testing.assert_allclose(total[numeric], whole.history_[numeric], rtol=1e-9)
    # A segment is its rows.
    inside = [d["segments"] == "A" for d in (BEFORE, AFTER)]
    apart = StabilityMonitor(BINS).fit(**rows(some(BEFORE), inside[0]))
    apart = apart.compare(**rows(some(AFTER), inside[1])).frame
    segment = monitor.history_.query("segment == 'A'")
    np.testing.assert_allclose(segment["std_error"], apart["std_error"], rtol=1e-9)
    # Batches add, also where one has a new segment, in this process and from a file.
    data = some(AFTER, *names)
    data["segments"] = np.where(np.arange(800) < 80, "new", data["segments"])
    parts = [rows(data, slice(0, 400)), rows(data, slice(400, 800))]
    one, two, three = watch(*names), watch(*names), watch(*names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfostatWarning)
        one.update(**data, period=1)
        two.update(**parts[1], period=1)
        path = tmp_path / "monitor.json"
        two.to_json(path)
        again = StabilityMonitor.from_json(path)
        for each in (two, again):
            each.update(**parts[0], period=1)
        add_batches(three, [{**part, "period": 1} for part in parts])
    for name in ("history_", "alarm_", "performance_"):
        first = getattr(one, name).sort_values(["segment", "feature"])
        for other in (two, again, three):
            found = getattr(other, name).sort_values(["segment", "feature"])
            pandas.testing.assert_frame_equal(
                found.reset_index(drop=True), first.reset_index(drop=True)
            )
    assert json.loads(path.read_text())["schema_version"] == 2
    assert "10000" not in path.read_text()  # no label of a cluster
    assert (
        json.loads(StabilityMonitor().fit(BEFORE["X"]).to_json())["schema_version"] == 1
    )


@pytest.mark.parametrize(
    "change",
    [
        {"first": [0]},
        {"value": [-1.0]},
        {"value": [1e9]},
        {"second": [10_000]},
        {"first": 3},
    ],
)
def test_products_that_do_not_fit_are_refused(change):
    document = json.loads(watch().to_json())
    products = document["reference"]["features"]["x0"]["products"]
    for key, values in change.items():
        given = products[key]
        products[key] = values if values == 3 else [*values, *given[1:]]
    if "first" in change and change["first"] == [0]:
        products["first"] = products["first"][:-1]
    with pytest.raises(DocumentError, match="damaged"):
        StabilityMonitor.from_json(json.dumps(document))


def test_tables_with_clusters_are_taken():
    monitor = watch("y")
    monitor.update(**some(AFTER, "y"), period=1)
    tables = [
        {
            name: tabulate_clusters(
                part.codes(d["X"][:, k]), d["y"], d["clusters"], part.labels
            )
            for k, (name, part) in enumerate(BINS.items())
        }
        for d in (BEFORE, AFTER)
    ]
    counted = StabilityMonitor().fit_counts(BINS, tables[0])
    counted.update_counts(tables[1], period=1)
    for name in ("history_", "performance_"):
        pandas.testing.assert_frame_equal(
            getattr(counted, name), getattr(monitor, name)
        )
    mixed = {**tables[0], "x1": tables[0]["x1"].table}
    with pytest.raises(InfostatError, match=r"Only \['x0'\] have clusters"):
        StabilityMonitor().fit_counts(BINS, mixed)


def test_what_errors_cannot_allow_for_is_said():
    monitor = watch()
    with pytest.warns(InfostatWarning, match="200 clusters of .* in the reference too"):
        monitor.compare(AFTER["X"], clusters=np.repeat(np.arange(100, 300), 4))
    with pytest.warns(InfostatWarning, match="only the reference has clusters"):
        monitor.compare(AFTER["X"])
    with pytest.warns(InfostatWarning, match=r"only \['current'\] has clusters"):
        StabilityMonitor(BINS).fit(BEFORE["X"]).compare(**some(AFTER))
    monitor.update(**rows(some(AFTER), slice(0, 402)), period=1)
    rest = rows(some(AFTER), slice(402, 800))
    with pytest.warns(InfostatWarning, match="1 clusters stand in an earlier batch"):
        monitor.update(**rest, period=1)
    with pytest.raises(InfostatError, match="One batch of a period has clusters"):
        monitor.update(AFTER["X"], period=1)
    few = rows(some(AFTER), slice(0, 60))
    with pytest.warns(InfostatWarning, match="Fewer than 20 rows"):
        monitor.compare(**few)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # A known law has no clusters; another period may have the same ones.
        StabilityMonitor(BINS, reference="fixed").fit(BEFORE["X"]).compare(
            **some(AFTER)
        )
        monitor.update(**some(AFTER), period=2)


@pytest.mark.parametrize(
    ("clusters", "message"),
    [
        (np.arange(5), r"clusters has the shape \(5,\)"),
        (np.zeros((1200, 1)), r"clusters has the shape \(1200, 1\)"),
        (
            np.where(np.arange(1200) == 7, np.nan, 1.0),
            "missing in 1 rows .first: row 7",
        ),
        (pandas.Series(["a", None] * 600), "missing in 600 rows .first: row 1"),
    ],
)
def test_bad_clusters_are_named(clusters, message):
    with pytest.raises(InfostatError, match=message):
        StabilityMonitor(BINS).fit(BEFORE["X"], clusters=clusters)


@pytest.mark.parametrize("shift", [0.0, 0.6])
def test_size_and_coverage(shift):
    """Five rows a cluster, correlation .9: the clusters count, not the rows."""
    draws, edges = 250, np.r_[-np.inf, CUTS, np.inf]
    q, p = np.diff(norm.cdf(edges)), np.diff(norm.cdf(edges - shift))
    truth = float(((p - q) * np.log(p / q)).sum())
    hits = {True: np.zeros(3), False: np.zeros(3)}
    bins = {"x0": BINS["x0"]}
    for seed in range(draws):
        data = [
            sample(n, first, rho=0.9, size=5, shift=s, seed=seed)
            for n, first, s in ((160, 0, 0.0), (80, 10_000, shift))
        ]
        for known, count in hits.items():
            if not known and seed >= 50:
                continue  # far enough off to be seen at once
            more = [{"clusters": d["clusters"]} if known else {} for d in data]
            monitor = StabilityMonitor(bins, tolerance=0.0)
            monitor.fit(data[0]["X"][:, :1], **more[0])
            found = monitor.compare(data[1]["X"][:, :1], **more[1])
            row = found.frame.iloc[0]
            inside = row["conf_low"] <= truth <= row["conf_high"]
            count += [row["p_zero"] <= 0.05, inside, found.has_alarm]
    low, high = binom.ppf([1e-4, 1 - 1e-4], draws, 0.95)
    size, covered, alarms = hits[True]
    assert covered >= low
    assert hits[False][1] <= 0.8 * 50  # what the argument is for
    if shift:
        assert covered <= high
    else:
        assert draws - high <= size == alarms <= draws - low
        assert hits[False][0] >= 0.3 * 50


TABLE = tabulate_clusters([0, 1, 1], [0, 1, 0], [1, 1, 2], ("missing", "(-inf, inf]"))


@pytest.mark.parametrize(
    ("bins", "tables", "message"),
    [
        ({}, {}, "There are no bins"),
        ({"a": 3}, {"a": TABLE}, "must be Bins of 'a', got 3"),
        ({"a": BINS["x0"]}, {"a": TABLE}, "must be Bins of 'a', got 'x0'"),
        (BINS, {"x0": 3, "x1": 4}, "does not count its bins"),
        (BINS, {}, "does not count its bins"),
    ],
)
def test_counts_of_other_bins_are_refused(bins, tables, message):
    with pytest.raises(InfostatError, match=message):
        StabilityMonitor().fit_counts(bins, tables)
