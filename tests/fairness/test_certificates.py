"""Certificates: closed forms, sparse cells, the stop rule, and the level by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binom, ncx2

from benchmarks.fairness_certified import N_PRE, Population, choose, select
from infostat import FairnessFrontier, OptimalBinner
from infostat.binning.bins import Bins
from infostat.counts.array_engine import count_codes
from infostat.datasets import make_applications
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.fairness.certificates import Certificate, certify
from infostat.fairness.groups import Comparison
from infostat.fairness.selection import certified_points
from infostat.inference import measure

LEVEL = 0.95


FIXED = (0, 3, 6, 9)


def test_limits_of_features_are_those_of_the_inference_and_the_largest_counts():
    population = Population([0.3, 0.1, 0.0], 0.5)
    columns, _, comparison = population.draw(np.random.default_rng(0), 1500)
    own = []
    for name in population.bins:
        place = np.r_[0, 1 + np.arange(N_PRE) // 3]
        labels = [str(k) for k in range(5)]
        member = comparison.member.astype(np.uint8)
        table = count_codes(place[columns[name]], member, labels)
        own.append(measure(table, ordered_from=1, name="").interval(0.9)[1])
    starts = dict.fromkeys(population.bins, FIXED)
    found = population.limit(starts, columns, comparison, chance="feature")
    assert found == pytest.approx(max(own), rel=1e-9)


def test_copies_of_a_feature_multiply_its_limit():
    # The one case of dependence with an exact answer: the sum is a multiple.
    population = Population([0.3, 0.3, 0.3])
    columns, _, comparison = population.draw(np.random.default_rng(1), 900)
    copies = dict.fromkeys(population.bins, columns["f0"])
    one = population.limit({"f0": FIXED}, copies, comparison)
    three = population.limit(dict.fromkeys(population.bins, FIXED), copies, comparison)
    assert three == pytest.approx(3 * one, rel=1e-6)
    # Independent features: less than that, more than one of them.
    mixed = population.limit(dict.fromkeys(population.bins, FIXED), columns, comparison)
    assert one < mixed < three


def test_weights_are_repetition_and_other_rows_do_not_count():
    rng = np.random.default_rng(2)
    population = Population([0.2, 0.4], 0.3)
    columns, _, comparison = population.draw(rng, 800)
    starts = dict.fromkeys(population.bins, FIXED)
    w = rng.integers(0, 4, 800)
    rows = np.repeat(np.arange(800), w)
    again = {name: codes[rows] for name, codes in columns.items()}
    for chance in ("sum", "feature"):
        options = {"chance": chance, "confidence": 0.9}
        one = population.limit(
            starts, columns, comparison, weight=w.astype(float), **options
        )
        two = population.limit(starts, again, comparison.take(rows), **options)
        assert one == pytest.approx(two, rel=1e-9)
    other = comparison.member.copy()
    other[::3] = -1
    kept = np.flatnonzero(other >= 0)
    fewer = {name: codes[kept] for name, codes in columns.items()}
    assert population.limit(
        starts, columns, Comparison("g", "1", "0", other)
    ) == pytest.approx(population.limit(starts, fewer, comparison.take(kept)))


def test_sparse_unseen_and_absent_cells():
    rng = np.random.default_rng(3)
    member = (np.arange(600) % 3 == 0).astype(np.int8)
    comparison = Comparison("g", "1", "0", member)
    bins = {"c": Bins.categorical("c", [["a"], ["b"], ["d"]])}
    codes = rng.integers(2, 5, 600)
    table = count_codes(codes, np.zeros(600, dtype=np.uint8), bins["c"].labels)

    def found(codes, member=comparison):
        return certify(bins, {"c": table}, {"c": codes}, [member])

    plain = found(codes)
    assert plain.n_merged[0] == 0
    assert np.isfinite(plain.limits[0])
    # A few rows of a level that the card has never seen are merged, and reported.
    unseen = codes.copy()
    unseen[:6] = 1
    assert found(unseen).n_merged[0] == 1
    assert np.isfinite(found(unseen).limits[0])
    # A bin that held rows when it was chosen and holds none now is reported as well.
    assert found(np.where(codes == 3, 2, codes)).n_merged[0] == 1
    # One bin left, or no protected row: the holdout limits nothing.
    assert found(np.full(600, 2)).limits[0] == np.inf
    nobody = Comparison("g", "1", "0", np.zeros(600, dtype=np.int8))
    assert found(codes, nobody).limits[0] == np.inf
    # No feature used: the card tells no groups apart.
    assert certify({}, {}, {}, [comparison]).limits[0] == 0
    with pytest.raises(InfostatError, match=r"0\.95, not 95"):
        certify({}, {}, {}, [comparison], confidence=95)


def test_every_comparison_must_be_within_its_own_cap():
    found = Certificate(np.array([0.1, 0.3]), np.zeros(2, dtype=int))
    assert found.within(np.array([0.1, 0.3]))
    assert not found.within(np.array([0.2, 0.2]))
    assert found.within(np.array([0.2, np.inf]))


def test_points_are_tested_in_the_order_of_the_rows_that_chose_and_no_further():
    seen = np.array([0.3, 0.1, 0.2, 0.4])
    worth = np.array([3.0, 1.0, 2.0, 4.0])
    limit = np.array([0.25, 0.15, 0.2, 0.1])
    passed, order = certified_points(seen, worth, limit, 0.25)
    assert order.tolist() == [1, 2, 0, 3]
    assert passed.tolist() == [1, 2, 0, 3]
    # Point 0 fails: point 3 is not reached, though its limit is the smallest.
    assert certified_points(seen, worth, limit, 0.2)[0].tolist() == [1, 2]
    assert certified_points(seen, worth, limit, 0.14)[0].size == 0
    limit[2] = np.nan
    assert certified_points(seen, worth, limit, 0.25)[0].tolist() == [1]


@pytest.mark.parametrize(
    ("shifts", "correlation"),
    [
        ([0.15] * 5, 0.5),  # where the plug-in variance alone lets 9 % through
        ([0.3, 0.0, 0.0, 0.0, 0.0], 0.9),
        ([0.15] * 5, 0.0),
    ],
)
def test_fixed_bins_keep_the_level(shifts, correlation):
    rng = np.random.default_rng(4)
    population = Population(shifts, correlation)
    starts = dict.fromkeys(population.bins, (0, 2, 5, 7, 10))
    truth = population.truth(starts)
    draws = 100
    missed, limits = 0, []
    for _ in range(draws):
        columns, _, comparison = population.draw(rng, 1200)
        limits.append(population.limit(starts, columns, comparison))
        missed += limits[-1] < truth
    assert missed <= binom.ppf(1 - 1e-3, draws, 1 - LEVEL)
    # A limit that certifies nothing would keep any level.
    assert np.median(limits) < (3.0 if correlation < 0.9 else 5.0) * truth


@pytest.mark.parametrize("shifts", [[0.1] * 4, [0.35, 0.2, 0.1, 0.0]])
def test_selected_points_keep_the_cap_in_the_population(shifts):
    rng = np.random.default_rng(5)
    population = Population(shifts, 0.3)
    cap, grid = 0.1, [0.02, 0.05, 0.1, 0.2]
    draws = 24
    broken = {"seen": 0, "certified": 0}
    served = 0
    for _ in range(draws):
        rows, held = population.draw(rng, 2400), population.draw(rng, 1600)
        points = choose(population, rows, grid, confidence=None)
        by_seen, by_held = select(population, points, held, rows, cap)
        if by_seen is not None:
            broken["seen"] += population.truth(by_seen.starts) > cap
        if by_held is not None:
            served += 1
            broken["certified"] += population.truth(by_held.starts) > cap
    assert broken["certified"] <= binom.ppf(1 - 1e-3, draws, 1 - LEVEL)
    assert served > draws / 4
    if max(shifts) > 0.1:
        # Caps on the rows that chose are broken: the test has something to find.
        assert broken["seen"] > draws / 4


@pytest.fixture(scope="module")
def data():
    drawn = make_applications(5000, rng=0, backend="pandas")
    frame = drawn.frame
    return frame[drawn.features], frame["default"], frame["group"]


@pytest.fixture(scope="module")
def fitted(data):
    X, y, group = data
    frontier = FairnessFrontier(
        max_group_iv=[0.1, 0.2, 0.4, 2.0], confidence=LEVEL, holdout=0.4, random_state=0
    )
    return frontier.fit(X, y, groups=group)


def test_frontier_shows_the_certificates(data, fitted):
    table, groups = fitted.frontier_, fitted.groups_
    np.testing.assert_array_equal(table["certified_limit"], groups["certified_limit"])
    np.testing.assert_array_equal(
        table["certified"], table["certified_limit"] <= table["cap"]
    )
    # The limit of the cards' own bins, counted on the rows held out.
    from sklearn.model_selection import train_test_split

    X, y, group = data
    _, held = train_test_split(
        np.arange(len(y)),
        test_size=0.4,
        random_state=np.random.RandomState(0),
        stratify=y,
    )
    member = (group.iloc[held] == "B").to_numpy().astype(np.int8)
    card, used = fitted.cards_[2], fitted.chosen_[2]
    found = certify(
        {name: card.bins_[name] for name in used},
        card.tables_,
        card.card_.codes(X.iloc[held]),
        [Comparison("group", "B", "A", member)],
        confidence=LEVEL,
    )
    assert table["certified_limit"][2] == pytest.approx(found.limits[0], rel=1e-9)
    assert groups["n_merged"][2] == found.n_merged[0]


def test_the_picture_marks_certified_points(fitted):
    pytest.importorskip("matplotlib")
    from infostat.displays import FrontierDisplay

    shown = FrontierDisplay.from_estimator(fitted).plot()
    np.testing.assert_array_equal(
        shown.frame()["certified"], fitted.frontier_["certified"]
    )
    assert fitted.frontier_["certified"].any()
    said = [text.get_text() for text in shown.ax_.get_legend().get_texts()]
    assert any("certified" in text for text in said)


def test_select_takes_the_best_certified_point(fitted):
    table = fitted.frontier_
    limits = table["certified_limit"].to_numpy()
    assert (np.diff(table["limit"]) > 0).all()
    for cap in (limits[0], limits[1] * 1.001, 10.0):
        passed = np.append(limits, np.inf) > cap
        card = fitted.select(max_group_iv=float(cap))
        assert card.bins_ == fitted.cards_[int(passed.argmax()) - 1].bins_
    with pytest.raises(
        InfostatError, match=f"certified_limit .* is {limits.min():.6g}"
    ):
        fitted.select(max_group_iv=0.9 * float(limits.min()))


def test_arrays_and_features_one_by_one(data):
    X, y, group = (part.iloc[:3000] for part in data)
    options = {"max_group_iv": [0.3], "confidence": 0.9, "chance": "feature"}
    options |= {"binner": OptimalBinner(max_bins=3, prebins=6), "random_state": 0}
    frame = FairnessFrontier(**options).fit(X, y, groups=group)
    columns = X[["mortgage", "utilisation", "inquiries"]]
    one = FairnessFrontier(**options).fit(columns, y, groups=group)
    two = FairnessFrontier(**options).fit(columns.to_numpy(), y, groups=group)
    assert one.frontier_["certified_limit"][0] == two.frontier_["certified_limit"][0]
    # A cap on each feature speaks of the largest limit, on both kinds of rows.
    assert frame.frontier_["n_features"][0] > 2
    assert frame.frontier_["limit"][0] <= 0.3


def test_two_comparisons_show_the_worse(data):
    X, y, group = (part.iloc[:3000] for part in data)
    other = np.where(np.arange(3000) % 2, "u", "v")
    found = FairnessFrontier(max_group_iv=[0.5], confidence=0.9, random_state=0)
    found.fit(X, y, groups=np.column_stack([group, other]))
    limits = found.groups_["certified_limit"]
    assert limits.nunique() == 2
    assert found.frontier_["certified_limit"][0] == limits.max()


def test_a_confidence_without_a_holdout_certifies_nothing_and_says_so(data):
    X, y, group = (part.iloc[:1500] for part in data)
    frontier = FairnessFrontier(max_group_iv=[0.5], confidence=0.9, holdout=None)
    with pytest.warns(InfostatWarning, match="Nor is any point certified.*holdout"):
        frontier.fit(X, y, groups=group)
    assert np.isnan(frontier.frontier_["certified_limit"]).all()
    assert not frontier.frontier_["certified"].any()
    frontier.select(max_group_iv=0.5)
    # Without a confidence there is no certificate either.
    plain = FairnessFrontier(max_group_iv=[0.5], random_state=0).fit(X, y, groups=group)
    assert np.isnan(plain.groups_["certified_limit"]).all()


def test_the_limit_of_a_sum_matches_mean_and_variance_at_the_limit():
    """Variance 4 lambda_max S + 2 tr K^2 at the limit S itself, solved for apart."""
    reference, protected = np.array([520, 310, 170.0]), np.array([150, 140, 110.0])
    counts = np.stack([reference, protected]).astype(int)
    codes = np.concatenate([np.repeat([1, 2, 3], row) for row in counts])
    member = np.repeat([0, 1], counts.sum(axis=1)).astype(np.int8)
    bins = Bins.numeric("x", [1.5, 2.5])
    table = count_codes(codes, member.astype(np.uint8), bins.labels)
    found = certify(
        {"x": bins}, {"x": table}, {"x": codes}, [Comparison("g", "1", "0", member)]
    )
    n, shares = counts.sum(axis=1), counts / counts.sum(axis=1, keepdims=True)
    covariance = sum(
        (np.diag(s) - np.outer(s, s)) / size for s, size in zip(shares, n, strict=True)
    )
    pooled = counts.sum(axis=0) / n.sum()
    roots = np.linalg.eigvalsh(covariance / np.sqrt(np.outer(pooled, pooled)))
    seen = measure(table, name="")
    largest = max(roots[-1], seen.variance / (4 * seen.plug_in))
    typical = (roots**2).sum() / roots.sum()

    def below(limit):
        mean, variance = (
            limit + seen.bias,
            4 * largest * limit + 2 * typical * seen.bias,
        )
        # A scaled noncentral chi-square of this mean and variance.
        scale = variance / (2 * (mean + limit))
        law = ncx2(seen.bias / scale, limit / scale)
        return law.cdf(seen.plug_in / scale) - 0.05

    assert found.limits[0] == pytest.approx(brentq(below, 0.01, 2.0), rel=1e-3)
