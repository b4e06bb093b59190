"""The estimator, the fair card, the picture and the command."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from infostat import (
    FairnessFrontier,
    OptimalBinner,
    Scorecard,
    ScorecardClassifier,
)
from infostat.cli import main
from infostat.datasets import make_applications
from infostat.exceptions import InfeasibleError, InfostatError, InfostatWarning
from infostat.fairness import demographic_iv, fair_scorecard
from infostat.fairness.constrained import GapProblem
from infostat.fairness.points import PointProblem
from infostat.fairness.remeasure import tell_apart


@pytest.fixture(scope="module")
def data():
    drawn = make_applications(6000, rng=0, backend="pandas")
    frame = drawn.frame
    return frame[drawn.features], frame["default"], frame["group"]


@pytest.fixture(scope="module")
def fitted(data):
    X, y, group = data
    return FairnessFrontier(max_group_iv=6, random_state=0).fit(X, y, groups=group)


def test_frontier_is_monotone_and_proved(fitted):
    table = fitted.frontier_
    assert (np.diff(table["iv"]) > 0).all()
    assert (table["limit"] <= table["cap"] + 1e-12).all()
    assert (table["gap"] == 0).all()
    assert (table["bound"] == table["iv"]).all()
    for name in ("auc", "score_iv"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    assert list(fitted.groups_["point"]) == list(table["point"])


def test_values_are_those_of_the_cards_own_tables(data, fitted):
    # The value of a point is the sum over its card's features, from the definition.
    for point, card in enumerate(fitted.cards_):
        total = 0.0
        for name, starts in fitted.chosen_[point].items():
            table = card.tables_[name].drop_empty()
            assert len(starts) <= table.n_bins
            p, q = table.events / table.events.sum(), table.non_events / table.totals[0]
            if (p > 0).all() and (q > 0).all():
                total += float(((p - q) * np.log(p / q)).sum())
            else:
                total = np.nan
        if np.isfinite(total):
            assert total == pytest.approx(fitted.frontier_["iv"][point], rel=1e-9)


def test_holdout_measures_are_those_of_other_rows(data, fitted):
    X, y, group = data
    from sklearn.model_selection import train_test_split

    _, held = train_test_split(
        np.arange(len(y)),
        test_size=0.3,
        random_state=np.random.RandomState(0),
        stratify=y,
    )
    held = np.sort(held)
    card = fitted.cards_[3]
    points = card.predict_points(X.iloc[held])
    area = roc_auc_score(y.iloc[held], -points)
    assert fitted.frontier_["auc"][3] == pytest.approx(area)
    found = demographic_iv(points, group.iloc[held])["group=B"]
    assert fitted.frontier_["score_group_iv"][3] == pytest.approx(found.value)


def test_exact_frontier_contains_the_grid(data, fitted):
    X, y, group = data
    exact = FairnessFrontier(max_group_iv="exact", random_state=0)
    exact.fit(X, y, groups=group)
    every = exact.exact_
    assert len(every) > 200
    for cap, iv in zip(fitted.frontier_["cap"], fitted.frontier_["iv"], strict=True):
        assert every["iv"][every["group_iv"] <= cap].max() == pytest.approx(iv)
    # The solver, made to work by a constraint that never binds, agrees.
    solved = FairnessFrontier(max_group_iv=6, max_total_bins=10_000, random_state=0)
    solved.fit(X, y, groups=group)
    np.testing.assert_allclose(
        solved.frontier_["iv"], fitted.frontier_["iv"], rtol=1e-9
    )
    assert set(solved.frontier_["status"]) == {"optimal"}


def test_side_constraints_hold(data):
    X, y, group = data
    two = np.column_stack([group, np.where(X["mortgage"].rank() % 2, "u", "v")])
    frontier = FairnessFrontier(
        max_group_iv=[0.05, {"group0": 0.2}],
        max_features=4,
        max_total_bins=12,
        required=["utilisation"],
        exclusions=[("mortgage", "inquiries")],
        intersections=True,
        random_state=0,
    ).fit(X, y, groups=two)
    table = frontier.frontier_
    assert (table["n_features"] <= 4).all()
    assert (table["n_bins"] <= 12).all()
    for chosen in frontier.chosen_:
        assert "utilisation" in chosen
        assert not {"mortgage", "inquiries"} <= set(chosen)
    first = frontier.groups_[frontier.groups_["point"] == 0]
    assert (first["group_iv"] <= 0.05).all()
    assert len(first) == 5


def test_select_gives_working_cards(data, fitted):
    X, _, _ = data
    card = fitted.select(max_group_iv=fitted.frontier_["cap"][2])
    assert isinstance(card, ScorecardClassifier)
    np.testing.assert_array_equal(
        card.predict_points(X), fitted.cards_[2].predict_points(X)
    )
    left_out = set(X.columns) - set(fitted.chosen_[2])
    assert all(np.ptp(card.points_[name]) == 0 for name in left_out)
    best = fitted.select(max_score_iv=0.2)
    inside = fitted.frontier_["score_group_high"] <= 0.2
    place = int(fitted.frontier_["iv"].where(inside).idxmax())
    assert best.bins_ == fitted.cards_[place].bins_
    with pytest.raises(InfostatError, match="the smallest is"):
        fitted.select(max_score_iv=1e-9)
    with pytest.raises(InfostatError, match="Give one of"):
        fitted.select()
    with pytest.raises(InfostatError, match="points 0 to"):
        fitted.select(99)
    restored = pickle.loads(pickle.dumps(fitted))  # noqa: S301
    np.testing.assert_array_equal(
        restored.select(0).predict(X), fitted.select(0).predict(X)
    )


def test_confidence_makes_caps_stricter(data, fitted):
    X, y, group = data
    caps = [0.1, 0.3]
    plain, sums, single = (
        FairnessFrontier(max_group_iv=caps, random_state=0, **options).fit(
            X, y, groups=group
        )
        for options in (
            {},
            {"confidence": 0.95},
            {"confidence": 0.95, "chance": "feature"},
        )
    )
    assert (sums.frontier_["iv"] < plain.frontier_["iv"]).all()
    assert (sums.frontier_["group_iv"] < sums.frontier_["limit"]).all()
    # Each feature's own upper limit, from the inference.
    for point, cap in enumerate(caps):
        assert single.frontier_["n_features"][point] > 0
        assert single.groups_["cap"][point] == cap
    with pytest.raises(InfeasibleError, match="upper limit is within the cap"):
        FairnessFrontier(
            max_group_iv=[1e-7], confidence=0.95, chance="feature", random_state=0
        ).fit(X[["mortgage", "balance"]], y, groups=group)


def test_infeasible_caps_are_named(data):
    X, y, group = data
    with pytest.raises(InfeasibleError, match=r"group=B can be brought down to"):
        FairnessFrontier(
            max_group_iv=[1e-6], required=["mortgage"], random_state=0
        ).fit(X, y, groups=group)
    with pytest.warns(InfostatWarning, match="1 of 2 caps cannot be met"):
        FairnessFrontier(
            max_group_iv=[1e-6, 1.0], required=["mortgage"], random_state=0
        ).fit(X, y, groups=group)
    with pytest.raises(InfostatError, match="'zip'"):
        FairnessFrontier(max_group_iv=[{"zip": 0.1}]).fit(X, y, groups=group)


def test_without_groups_one_point_and_a_warning(data):
    X, y, _ = data
    with pytest.warns(InfostatWarning, match="no groups"):
        found = FairnessFrontier(random_state=0).fit(X, y)
    assert len(found.cards_) == 1
    with pytest.warns(InfostatWarning, match="flatters"):
        FairnessFrontier(holdout=None, max_group_iv=2).fit(X, y, groups=data[2])


def test_bands_hold_the_frontier_of_resamples(data):
    X, y, group = data
    found = FairnessFrontier(max_group_iv=3, n_resamples=12, random_state=0)
    table = found.fit(X, y, groups=group).frontier_
    assert (table["band_low"] < table["band_high"]).all()
    # Optimising again on a resample flatters: the band lies above the middle.
    assert (table["band_high"] > table["iv"]).all()


def test_weights_are_repetition(data):
    X, y, group = (part.iloc[:2500] for part in data)
    rng = np.random.default_rng(0)
    w = rng.integers(1, 3, len(y))
    rows = np.repeat(np.arange(len(y)), w)
    options = {"max_group_iv": 3, "holdout": None, "random_state": 0}
    with pytest.warns(InfostatWarning, match="flatters"):
        one = FairnessFrontier(**options).fit(X, y, groups=group, sample_weight=w)
    with pytest.warns(InfostatWarning, match="flatters"):
        two = FairnessFrontier(**options).fit(
            X.iloc[rows], y.iloc[rows], groups=group.iloc[rows]
        )
    for name in ("iv", "group_iv", "auc", "score_group_iv"):
        np.testing.assert_allclose(one.frontier_[name], two.frontier_[name], rtol=1e-6)


def test_groups_are_routed_as_metadata(data):
    with config_context(enable_metadata_routing=True):
        request = FairnessFrontier().set_fit_request(groups=True, sample_weight=False)
        assert request.get_metadata_routing().fit.requests["groups"] is True
        assert clone(request).get_metadata_routing().fit.requests["groups"] is True


def test_labels_and_arrays(data):
    X, y, group = (part.iloc[:3000] for part in data)
    named = np.where(y == 1, "bad", "good")
    found = FairnessFrontier(
        OptimalBinner(max_bins=4, prebins=10, special_values=[-999, -998]),
        max_group_iv=2,
        event="bad",
        random_state=0,
    ).fit(X.to_numpy(dtype=object), named, groups=group.to_numpy())
    card = found.select(1)
    assert set(card.predict(X.to_numpy(dtype=object))) <= {"bad", "good"}
    assert json.loads(card.to_json())["event"] == "bad"


def test_identical_scores_cannot_be_told_apart_and_different_ones_can():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 4000)
    good, noise = rng.normal(0, 1, 4000) - y, rng.normal(0, 1, 4000)
    same = tell_apart(good, good, [y])[0]
    assert same.value == pytest.approx(0)
    other = tell_apart(good, noise, [y])[0]
    assert other.p_value() < 1e-6
    # At equality the test keeps its size.
    rejected = 0
    for _ in range(200):
        y = rng.integers(0, 2, 600)
        a, b = (rng.normal(0, 1, 600) - 0.5 * y for _ in range(2))
        rejected += tell_apart(a, b, [y])[0].p_value() <= 0.05
    assert rejected <= 21  # one in 1,000 under the nominal size


def test_fair_card_meets_its_cap_and_keeps_most_of_the_area(data):
    X, y, group = data
    card = ScorecardClassifier().fit(X, y)
    free = demographic_iv(card.predict_points(X), group)["group=B"].plug_in
    areas = []
    for cap in (0.5, 0.1, 0.03):
        fair = fair_scorecard(card, X, y, group, cap)
        points = fair.predict_points(X)
        found = demographic_iv(points, group)["group=B"].plug_in
        assert found <= cap
        assert (points == np.round(points)).sum() > 0
        areas.append(roc_auc_score(y, -points))
        # Probabilities are those of the points.
        expected = fair.card_.scaling.probability(points)
        np.testing.assert_allclose(fair.predict_proba(X)[:, 1], expected, rtol=1e-9)
    assert free > 0.1
    assert areas[0] >= areas[1] >= areas[2] - 0.005
    assert areas[0] == pytest.approx(
        roc_auc_score(y, -card.predict_points(X)), abs=0.003
    )
    again = ScorecardClassifier.from_json(fair.to_json())
    np.testing.assert_array_equal(again.predict_points(X), fair.predict_points(X))
    with pytest.raises(InfostatError, match="encoding='onehot'"):
        fair_scorecard(
            ScorecardClassifier(encoding="onehot").fit(X[["utilisation"]], y),
            X[["utilisation"]],
            y,
            group,
            0.1,
        )


def test_constrained_regression_against_a_general_solver():
    rng = np.random.default_rng(1)
    X = rng.integers(0, 3, (3000, 3)) * 1.0
    y = (rng.random(3000) < 1 / (1 + np.exp(1 - 0.8 * X[:, 0] - 0.4 * X[:, 1]))).astype(
        int
    )
    gaps = np.array([[0.3, -0.1, 0.2]])
    problem = GapProblem(X, y, gaps)
    free = problem.solve(np.inf)
    assert abs(float(gaps[0] @ free.values)) > 0.1
    tight = problem.solve(0.1)
    assert abs(float(gaps[0] @ tight.values)) <= 0.1 + 1e-8
    assert (tight.values >= -1e-12).all()

    def loss(b):
        z = b[0] + X @ b[1:]
        return (np.logaddexp(0, z) - y * z).mean()

    # Another road: a grid over the plane that the limit leaves, unconstrained inside.
    best = np.inf
    for c in np.linspace(0, 1.5, 31):
        for d in np.linspace(0, 1.5, 31):
            low = max(0.0, (-0.1 - 0.3 * c + 0.1 * d) / 0.2)
            high = (0.1 - 0.3 * c + 0.1 * d) / 0.2
            if high < low:
                continue
            for e in (low, min(high, low + 0.2), high):
                inside = [np.array([a, c, d, e]) for a in np.linspace(-1.5, 0.5, 11)]
                best = min(best, *(loss(point) for point in inside))
    mine = loss(np.r_[tight.intercept, tight.values])
    assert mine <= best + 1e-9
    assert mine >= best - 0.01


def test_point_search_against_every_small_card():
    from itertools import product

    rng = np.random.default_rng(2)
    codes = [rng.integers(0, 2, 500) for _ in range(2)]
    member = (rng.random(500) < 0.3 + 0.3 * codes[0]).astype(int)
    y = (rng.random(500) < 0.2 + 0.4 * codes[0] + 0.2 * codes[1]).astype(int)
    problem = PointProblem.of(
        codes, [2, 2], y, [member], offset=0.0, factor=2.0, bands=4, step=1.0
    )
    start = np.array([1.0, -1.0, 1.0, 0.0])
    cap = problem.demographic_iv(problem.score(start)) * 0.5
    points, feasible = problem.improve(start, cap, np.ones(4, dtype=bool))
    assert feasible
    best = min(
        problem.loss(problem.score(np.array(p, float)))
        for p in product(range(-4, 5), repeat=4)
        if problem.excess(problem.score(np.array(p, float)), cap) <= 0
    )
    assert problem.loss(problem.score(points)) <= best + 0.02
    assert problem.excess(problem.score(points), cap) <= 0


def test_display_and_command(data, fitted, tmp_path, capfd):
    pytest.importorskip("matplotlib")
    from infostat.displays import FrontierDisplay

    shown = FrontierDisplay.from_estimator(fitted).plot()
    assert len(shown.frame()) == len(fitted.frontier_)
    assert "divergence" in shown.ax_.get_xlabel()
    X, y, group = (part.iloc[:1500] for part in data)
    path, out = tmp_path / "rows.csv", tmp_path / "card.json"
    X.assign(default=y, sex=group).to_csv(path, index=False)
    options = ["--target", "default", "--group", "sex", "--points", "3"]
    main(
        ["frontier", str(path), *options, "--json", "--select", "0", "--out", str(out)]
    )
    document = json.loads(capfd.readouterr().out)
    assert len(document["frontier"]["iv"]) <= 3
    assert set(Scorecard.from_json(out).feature_names) == set(X.columns)
    main(["frontier", str(path), *options, "--caps", "0.2,0.4", "--max-features", "2"])
    assert "score_group_iv" in capfd.readouterr().out
    certain = [*options, "--caps", "0.1,1.5", "--confidence", "0.9", "--json"]
    main(["frontier", str(path), *certain, "--select-cap", "1.5", "--out", str(out)])
    document = json.loads(capfd.readouterr().out)
    assert document["frontier"]["certified"][-1] is True
    assert document["groups"]["certified_limit"][-1] <= 1.5
    for wrong, said in (
        (["--caps", "low"], "give numbers"),
        (["--select", "1"], "together"),
        (["--select", "1", "--select-cap", "1", "--out", "x.json"], "together"),
        ([*certain[6:], "--select-cap", "1e-9", "--out", "x.json"], "certified_limit"),
        (["--group", "zip"], "no column 'zip'"),
    ):
        with pytest.raises(SystemExit):
            main(["frontier", str(path), *options, *wrong])
        assert said in capfd.readouterr().err


def test_solver_prints_nothing(tmp_path):
    import subprocess
    import sys

    code = (
        "import numpy as np\n"
        "from infostat.fairness.program import LinearProgram\n"
        "p = LinearProgram(); k = p.binary(); p.minimise(np.array([1.0])); p.run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, check=True
    )
    assert done.stdout == b""
