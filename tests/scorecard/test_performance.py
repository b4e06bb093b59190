"""Performance of a score: tables by plain loops, weights, directions, pictures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import binom
from sklearn.metrics import roc_auc_score, roc_curve

from infostat import InfostatError, InfostatWarning, information_value
from infostat.displays import (
    CalibrationDisplay,
    CutoffDisplay,
    GainsDisplay,
    RocDisplay,
)
from infostat.inference import kolmogorov, wilson_interval
from infostat.scorecard import auc_difference, score_performance


def sample(n=3_000, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(-1.5, 1, n)
    y = (rng.random(n) < expit(x)).astype(int)
    return np.round(600 - 30 * x), expit(x), y


@pytest.fixture(scope="module")
def found():
    points, chance, y = sample()
    return score_performance(points, y, probability=chance)


def test_summary(found):
    table = found.summary().set_index("measure")
    points, _, y = sample()
    assert table.loc["auc", "estimate"] == pytest.approx(roc_auc_score(y, -points))
    assert table.index.tolist() == [
        "auc",
        "gini",
        "ks",
        "information_value",
        "calibration_intercept",
        "calibration_slope",
        "calibration_test",
        "brier_score",
        "log_loss",
    ]
    with_limits = table.drop(index="calibration_test")
    assert (with_limits["conf_low"] < with_limits["estimate"]).all()
    assert (with_limits["estimate"] < with_limits["conf_high"]).all()
    ranking = table.loc[["auc", "gini", "ks", "information_value"], "p_value"]
    assert (ranking < 1e-10).all()
    assert table.loc["calibration_test", "p_value"] > 0.01
    wider = found.summary(0.99).set_index("measure")
    assert (wider["conf_low"] <= table["conf_low"])[with_limits.index].all()
    short = score_performance(points, y).summary()
    assert short["measure"].tolist() == ["auc", "gini", "ks", "information_value"]


def test_the_value_of_the_score_is_that_of_its_bands(found):
    points, _, y = sample()
    gains = found.gains()
    bands = pd.cut(points, [-np.inf, *gains["score_to"]])
    counts = pd.crosstab(bands, y)
    value = information_value(counts[1].to_numpy(), counts[0].to_numpy())
    assert found.information_value.value == pytest.approx(value.value)
    assert found.information_value.se == pytest.approx(value.se)


def test_gains_by_a_plain_loop(found):
    points, _, y = sample()
    table = found.gains(5)
    seen = 0
    for _, row in table.iterrows():
        inside = (points >= row["score_from"]) & (points <= row["score_to"])
        upto = points <= row["score_to"]
        seen += inside.sum()
        assert row["rows"] == inside.sum()
        assert row["events"] == y[inside].sum()
        assert row["event_rate"] == pytest.approx(y[inside].mean())
        assert row["lift"] == pytest.approx(y[inside].mean() / y.mean())
        assert row["cumulative_rows"] == pytest.approx(upto.mean())
        assert row["captured_events"] == pytest.approx(upto[y == 1].mean())
        assert row["cumulative_lift"] == pytest.approx(y[upto].mean() / y.mean())
        assert row["ks"] == pytest.approx(upto[y == 1].mean() - upto[y == 0].mean())
        low, high = wilson_interval(y[inside].mean(), inside.sum())
        assert (row["conf_low"], row["conf_high"]) == pytest.approx((low, high))
    assert seen == len(y)
    assert table["rows"].between(450, 750).all()


def test_cutoffs_by_a_plain_loop(found):
    points, _, y = sample()
    cuts = [points.min(), 600, 640, 655.5, points.max(), points.max() + 1]
    table = found.cutoffs(cuts)
    assert table["cutoff"].tolist() == cuts
    for _, row in table.iterrows():
        yes = points >= row["cutoff"]
        assert row["approval_rate"] == pytest.approx(yes.mean())
        assert row["captured_events"] == pytest.approx((~yes)[y == 1].mean())
        assert row["declined_non_events"] == pytest.approx((~yes)[y == 0].mean())
        assert row["event_rate"] == pytest.approx(y[yes].mean() if yes.any() else 0)
        refused = y[~yes].mean() if (~yes).any() else 0
        assert row["declined_event_rate"] == pytest.approx(refused)
        low, high = wilson_interval(y[yes].mean() if yes.any() else 0, yes.sum())
        ends = row["event_rate_low"], row["event_rate_high"]
        assert ends == pytest.approx((low, high))
    assert table.iloc[-1][["event_rate_low", "event_rate_high"]].tolist() == [0, 1]
    assert table["ks"].max() <= found.ks.value
    at_best = found.cutoffs([found.ks.at + 1])
    assert at_best["ks"][0] == pytest.approx(found.ks.value)
    default = found.cutoffs()
    assert 15 <= len(default) <= 20
    assert default["approval_rate"].is_monotonic_decreasing
    assert default["approval_rate"][0] == 1


def test_roc_is_that_of_scikit_learn(found):
    points, _, y = sample()
    false, true, _ = roc_curve(y, -points, drop_intermediate=False)
    table = found.roc()
    np.testing.assert_allclose(table["false_positive_rate"], false)
    np.testing.assert_allclose(table["true_positive_rate"], true)


def test_calibration_table_by_a_plain_loop(found):
    _, chance, y = sample()
    table = found.calibration_table(8)
    for _, row in table.iterrows():
        ends = row["probability_from"], row["probability_to"]
        inside = (chance >= ends[0]) & (chance <= ends[1])
        assert row["rows"] == inside.sum()
        assert row["predicted"] == pytest.approx(chance[inside].mean())
        assert row["observed"] == pytest.approx(y[inside].mean())
        assert row["expected_events"] == pytest.approx(chance[inside].sum())
    statistic, df, p = found.hosmer_lemeshow(8)
    assert df == 8
    assert 0.001 < p < 1
    expected, rows = table["expected_events"], table["rows"]
    by_hand = (table["events"] - expected) ** 2 / (expected * (1 - expected / rows))
    assert statistic == pytest.approx(by_hand.sum())


@pytest.mark.filterwarnings("ignore:Feature 'score'")
def test_coverage_of_event_rates_and_captured_shares():
    # The cut is given; rates and shares at it are those of the population.
    big, _, outcome = sample(400_000, 99)
    yes = big >= 630
    truth = {
        "approval": yes.mean(),
        "event_rate": outcome[yes].mean(),
        "captured": (~yes)[outcome == 1].mean(),
    }
    hits = dict.fromkeys(truth, 0)
    for seed in range(150):
        points, _, y = sample(400, seed)
        row = score_performance(points, y).cutoffs([630]).iloc[0]
        for name, value in truth.items():
            hits[name] += row[f"{name}_low"] <= value <= row[f"{name}_high"]
    for count in hits.values():
        assert 0.9 < count / 150 < 0.995


@pytest.mark.parametrize("measure", ["auc", "ks"])
def test_the_direction_is_for_show(found, measure):
    points, chance, y = sample()
    other = score_performance(-points, y, probability=chance, higher_is_riskier=True)
    ours, theirs = getattr(found, measure), getattr(other, measure)
    assert ours.value == pytest.approx(theirs.value)
    pd.testing.assert_frame_equal(
        found.gains()[["rows", "events", "captured_events"]],
        other.gains()[["rows", "events", "captured_events"]],
    )
    assert other.gains()["score_from"].tolist() == (-found.gains()["score_to"]).tolist()
    flipped, cuts = other.cutoffs([-640, -600]), found.cutoffs([600, 640])
    assert flipped["cutoff"].tolist() == [-600, -640]
    pd.testing.assert_frame_equal(
        flipped.drop(columns="cutoff"), cuts.drop(columns="cutoff")
    )
    np.testing.assert_allclose(other.roc()["score"], -found.roc()["score"])


@pytest.mark.filterwarnings("ignore:Feature 'score'")
def test_a_weight_is_a_number_of_rows():
    points, chance, y = sample(500)
    weight = np.random.default_rng(0).integers(0, 4, 500)
    weighted = score_performance(points, y, probability=chance, sample_weight=weight)
    repeated = score_performance(
        np.repeat(points, weight),
        np.repeat(y, weight),
        probability=np.repeat(chance, weight),
    )
    for name in ("summary", "gains", "cutoffs", "calibration_table", "roc"):
        pd.testing.assert_frame_equal(
            getattr(weighted, name)(), getattr(repeated, name)()
        )
    gap = auc_difference(points, chance, y, sample_weight=weight)
    other = auc_difference(*(np.repeat(v, weight) for v in (points, chance, y)))
    assert (gap.value, gap.se) == pytest.approx((other.value, other.se))


def test_sampling_weights_widen_and_have_no_hosmer_lemeshow():
    points, chance, y = sample(1_000)
    weight = np.random.default_rng(0).lognormal(0, 0.8, 1_000) + 1
    options = {"probability": chance, "sample_weight": weight}
    plain = score_performance(points, y, **options)
    wide = score_performance(points, y, weight_type="sampling", **options)
    assert wide.auc.value == plain.auc.value
    for name in ("gains", "cutoffs", "calibration_table"):
        high = [c for c in wide.gains() if c.endswith("high")]
        assert (wide.gains()[high].to_numpy() >= plain.gains()[high].to_numpy()).all()
        assert getattr(wide, name)().shape == getattr(plain, name)().shape
    assert wide.auc.se > 1.2 * plain.auc.se
    with pytest.raises(InfostatError, match="no known law under sampling weights"):
        wide.hosmer_lemeshow()


def test_few_events_are_said():
    rng = np.random.default_rng(0)
    y = np.repeat([1, 0], [12, 400])
    with (
        pytest.warns(InfostatWarning, match="'score'.*merged"),
        pytest.warns(InfostatWarning, match="12 rows"),
    ):
        score_performance(rng.normal(size=412) - y, y)


def test_labels_frames_and_refusals():
    pl = pytest.importorskip("polars")
    points, chance, y = sample(800)
    named = np.where(y == 1, "bad", "good")
    plain = score_performance(points, y)
    other = score_performance(
        pl.Series(points), pl.Series(named), event="bad", like=pl.DataFrame()
    )
    assert other.auc.value == plain.auc.value
    assert isinstance(other.summary(), pl.DataFrame)
    assert isinstance(other.gains(), pl.DataFrame)
    with pytest.raises(InfostatError, match="give probability="):
        plain.calibration_table()
    with pytest.raises(InfostatError, match="give probability="):
        CalibrationDisplay.from_performance(plain)
    with pytest.raises(InfostatError, match="points has nan"):
        score_performance(np.where(points > 650, np.nan, points), y)
    with pytest.raises(InfostatError, match="probability must be numbers"):
        score_performance(points, y, probability=chance[:-1])
    with pytest.raises(InfostatError, match="one class only"):
        score_performance(points, np.ones(800))
    with pytest.raises(InfostatError, match="bands must be"):
        plain.gains(1)
    with pytest.raises(InfostatError, match="cuts holds"):
        plain.cutoffs([np.nan])
    with pytest.raises(InfostatError, match="weight_type"):
        score_performance(points, y, weight_type="importance")
    with pytest.raises(InfostatError, match="level"):
        plain.summary(95)


def test_a_score_of_one_value():
    y = np.tile([0, 1], 100)
    found = score_performance(np.ones(200), y)
    assert found.auc.value == 0.5
    assert found.ks.value == 0
    assert found.ks.interval()[0] == 0
    table = found.summary()
    assert np.isfinite(table.drop(columns="measure").to_numpy()).all()
    assert (table["p_value"] == 1).all()
    assert len(found.gains()) == 1
    assert found.cutoffs()["approval_rate"].tolist() == [1.0]


DISPLAYS = [GainsDisplay, RocDisplay, CalibrationDisplay, CutoffDisplay]


@pytest.mark.parametrize("display", DISPLAYS, ids=lambda d: d.__name__)
def test_pictures_show_their_frames(found, display):
    pytest.importorskip("matplotlib")
    picture = display.from_performance(found).plot()
    frame = picture.frame()
    drawn = np.concatenate([line.get_ydata() for line in picture.ax_.get_lines()])
    column = {
        GainsDisplay: "captured_events",
        RocDisplay: "true_positive_rate",
        CalibrationDisplay: "observed",
        CutoffDisplay: "approval_rate",
    }[display]
    for value in 100 * frame[column]:
        assert np.abs(drawn - value).min() < 1e-9
    if display is RocDisplay:
        assert f"{found.auc.value:.3f}" in picture.ax_.get_title(loc="left")
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert display.from_performance(found).plot(ax).ax_ is ax


@pytest.mark.filterwarnings("ignore:Feature 'score'")
@pytest.mark.parametrize(("of_event", "of_other"), [(0.2, 1.0), (1.0, 0.05)])
def test_coverage_of_rates_whose_weights_depend_on_the_outcome(
    of_event, of_other, monkeypatch
):
    """Events or non-events are kept by chance and weighted by its inverse."""
    monkeypatch.setattr(kolmogorov, "DRAWS", 2)  # the distance is not read
    rng, draws = np.random.default_rng(5), 120
    size = 1_500 if of_other == 1 else 8_000
    rate = np.array([0.2, 0.12, 0.06, 0.02])
    hits = {"cutoffs": 0, "gains": 0, "calibration_table": 0}
    for _ in range(draws):
        place = rng.integers(0, 4, size)
        y = (rng.random(size) < rate[place]).astype(int)
        chance = np.where(y == 1, of_event, of_other)
        kept = rng.random(size) < chance
        found = score_performance(
            place[kept],
            y[kept],
            probability=rate[place[kept]],
            sample_weight=1 / chance[kept],
            weight_type="sampling",
        )
        row = found.cutoffs([2]).iloc[0]
        hits["cutoffs"] += row["event_rate_low"] <= 0.04 <= row["event_rate_high"]
        row = found.gains(4).iloc[0]
        hits["gains"] += row["conf_low"] <= 0.2 <= row["conf_high"]
        row = found.calibration_table(4).iloc[-1]
        hits["calibration_table"] += row["conf_low"] <= 0.2 <= row["conf_high"]
    # Kish's rows cover 64 % in the first design, and all in the second.
    low, high = binom.ppf([1e-4, 1 - 1e-4], draws, 0.95)
    for count in hits.values():
        assert low <= count <= min(high, draws - 1)
