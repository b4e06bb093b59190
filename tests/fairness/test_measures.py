"""Measures of a score: closed forms, other packages, coverage at zero and away."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from infostat.exceptions import InfostatError, InfostatWarning
from infostat.fairness import (
    approval_measures,
    conservative_ratio,
    demographic_iv,
    group_calibration,
    parity_gap_limit,
)
from infostat.fairness.groups import read_comparisons
from infostat.fairness.measures import score_bands
from infostat.fairness.proportions import difference_interval, ratio_interval
from infostat.inference import Estimate, measure


def within(covered, total, level=0.95, slack=0.0):
    """Whether a count agrees with a coverage of at least ``level``, to one in 10,000."""
    return covered >= binom.ppf(1e-4, total, level - slack)


@pytest.mark.parametrize("iv", [1e-6, 0.01, 0.05, 0.3, 2.0])
def test_parity_limit_is_the_root_and_is_sharp(iv):
    v = parity_gap_limit(iv)
    assert 2 * v * np.log((1 + v) / (1 - v)) == pytest.approx(iv, rel=1e-9)
    # Two bands that reach it.
    p = np.array([(1 + v) / 2, (1 - v) / 2])
    assert ((p - p[::-1]) * np.log(p / p[::-1])).sum() == pytest.approx(iv, rel=1e-9)


def test_no_law_breaks_the_parity_limit():
    rng = np.random.default_rng(0)
    p, q = (rng.dirichlet(np.ones(6), 20_000) for _ in range(2))
    jeffreys = ((p - q) * np.log(p / q)).sum(axis=1)
    gap = np.abs(np.cumsum(p - q, axis=1)).max(axis=1)
    assert (gap <= parity_gap_limit(jeffreys) + 1e-9).all()


def test_values_speak_of_the_bands_and_cut_offs_are_edges():
    rng = np.random.default_rng(1)
    points = np.round(rng.normal(600, 20, 3000))
    group = (rng.random(3000) < 0.4).astype(int)
    bands = score_bands(points, 5, cutoffs=[610.0])
    codes = bands.codes(points)
    assert len(set(codes[points >= 610]) & set(codes[points < 610])) == 0
    found = demographic_iv(points, group, n_bands=5)["group=1"]
    codes = score_bands(points, 5).codes(points)
    cells = np.stack([np.bincount(codes[group == k]) for k in (0, 1)])
    cells = cells[:, cells.sum(axis=0) > 0]
    p, q = cells[1] / cells[1].sum(), cells[0] / cells[0].sum()
    assert found.plug_in == pytest.approx(((p - q) * np.log(p / q)).sum())


@pytest.mark.parametrize(
    ("rate_1", "rate_0"),
    [(0.5, 0.5), (0.6, 0.8), (0.95, 0.99), (0.05, 0.1), (0.9, 0.9)],
)
def test_coverage_of_ratio_and_difference(rate_1, rate_0):
    rng = np.random.default_rng(3)
    draws, n1, n0 = 4000, 120, 400
    x1, x0 = rng.binomial(n1, rate_1, draws), rng.binomial(n0, rate_0, draws)
    low, high = ratio_interval(x1, n1, x0, n0)
    covered = int(((low <= rate_1 / rate_0) & (rate_1 / rate_0 <= high)).sum())
    assert within(covered, draws, slack=0.01)
    assert covered < draws * 0.98
    low, high = difference_interval(x1, n1, x0, n0)
    gap = rate_1 - rate_0
    covered = int(((low <= gap) & (gap <= high)).sum())
    assert within(covered, draws, slack=0.01)
    assert covered < draws * 0.98


def test_ratio_interval_inverts_the_score_test_and_knows_the_ends():
    # Koopman's data as worked in the literature: 36 of 40 against 16 of 80.
    low, high = ratio_interval(36, 40, 16, 80)
    assert (float(low), float(high)) == pytest.approx((2.939, 7.152), abs=0.01)
    low, high = ratio_interval(0, 50, 20, 50)
    assert low == 0
    assert 0 < high < 0.3
    low, high = ratio_interval(50, 50, 60, 60)
    assert low < 1 < high


def population(rng, n):
    """Scores with known rates by group and outcome."""
    group = (rng.random(n) < 0.3).astype(int)
    y = (rng.random(n) < np.where(group == 1, 0.3, 0.2)).astype(int)
    points = rng.normal(600 - 8 * group - 15 * y, 20)
    return points, y, group


def test_approval_measures_by_definition_and_coverage():
    rng = np.random.default_rng(4)
    points, y, group = population(rng, 200_000)
    approved, good = points >= 600, y == 0

    def gap(among):
        return float(
            approved[among & (group == 1)].mean()
            - approved[among & (group == 0)].mean()
        )

    everyone = np.ones(len(y), dtype=bool)
    true = {
        "parity": gap(everyone),
        "opportunity": gap(good),
        "odds": max(abs(gap(good)), abs(gap(~good))),
    }
    ratio = approved[group == 1].mean() / approved[group == 0].mean()
    names = [*true, "air"]
    covered = dict.fromkeys(names, 0)
    draws = 300
    for _ in range(draws):
        table = approval_measures(*population(rng, 1500), [600.0])
        row = {name: table[name][0] for name in table.columns}
        for name, value in {**true, "air": ratio}.items():
            covered[name] += row[f"{name}_low"] <= value <= row[f"{name}_high"]
    assert all(within(covered[name], draws) for name in names), covered
    table = approval_measures(points, y, group, [600.0])
    assert table["parity_gap"][0] == pytest.approx(true["parity"])
    assert table["opportunity_gap"][0] == pytest.approx(true["opportunity"])
    assert table["odds_gap"][0] == pytest.approx(true["odds"])
    assert table["adverse_impact_ratio"][0] == pytest.approx(ratio)


def test_every_cut_off_has_a_row_and_bad_ones_are_refused():
    points, y, group = population(np.random.default_rng(5), 2000)
    assert len(approval_measures(points, y, group)) == 9
    with pytest.raises(InfostatError, match="cut-off 900"):
        approval_measures(points, y, group, [900.0])
    with pytest.raises(InfostatError, match="has no events"):
        approval_measures(points, np.where(group == 1, 0, y), group, [600.0])


@pytest.mark.parametrize("shift", [0.0, 12.0])
def test_coverage_of_demographic_value(shift):
    rng = np.random.default_rng(6)
    edges = np.array([-np.inf, 585.0, 595.0, 605.0, 615.0, np.inf])
    big = [
        np.histogram(rng.normal(600 - d, 20, 2_000_000), edges)[0] for d in (shift, 0)
    ]
    p, q = (b / b.sum() for b in big)
    if shift == 0:
        q = p
    truth = float(((p - q) * np.log(p / q)).sum())
    covered, draws = 0, 400
    for _ in range(draws):
        counts = [rng.multinomial(n, law) for n, law in ((250, p), (900, q))]
        points = np.repeat(
            np.tile([580, 590, 600, 610, 620], 2), np.concatenate(counts)
        )
        member = np.repeat([1, 0], [250, 900])
        cuts = [590.0, 600.0, 610.0, 620.0]
        found = demographic_iv(points, member, n_bands=1, cutoffs=cuts)["group=1"]
        low, high = found.interval()
        covered += low <= truth <= high
    assert within(covered, draws, slack=0.01), covered


def test_calibration_covers_where_the_model_is_true():
    rng = np.random.default_rng(7)
    inside = np.zeros(2)
    draws = 40
    for _ in range(draws):
        log_odds = rng.normal(-1.0, 1.0, 1200)
        p = 1 / (1 + np.exp(-log_odds))
        y = (rng.random(1200) < p).astype(int)
        table = group_calibration(p, y, rng.integers(0, 2, 1200))
        for row in (0, 1):
            inside += [
                table["gap_low"][row] <= 0 <= table["gap_high"][row],
                table["slope_low"][row] <= 1 <= table["slope_high"][row],
            ]
    assert all(within(int(k), 2 * draws) for k in inside), inside
    # Predictions too extreme: the slope says by how much.
    big = rng.normal(-1.0, 1.0, 60_000)
    y = (rng.random(60_000) < 1 / (1 + np.exp(-big / 2))).astype(int)
    table = group_calibration(1 / (1 + np.exp(-big)), y, np.arange(60_000) % 2)
    assert table["slope"][0] == pytest.approx(0.5, abs=0.05)
    with pytest.warns(InfostatWarning, match="no calibration slope"):
        group_calibration(np.full(200, 0.3), np.arange(200) % 2, np.arange(200) // 100)


def test_conservative_ratio_of_equation_27():
    one, two = Estimate(0.6, 0.05, 100), Estimate(0.1, 0.02, 100)
    assert conservative_ratio(one, two, 2.58) == pytest.approx(
        (0.6 - 0.129) / (0.1 + 0.0516)
    )
    assert conservative_ratio(Estimate(0.01, 0.05, 1), two) == 0
    with pytest.raises(InfostatError, match="no ratio"):
        conservative_ratio(one, Estimate(0.0, 0.0, 1))


def test_groups_of_every_kind_and_intersections():
    pandas = pytest.importorskip("pandas")
    sex = np.array(["m"] * 300 + ["f"] * 200, dtype=object)
    race = np.array((["a"] * 3 + ["b"] * 2) * 100, dtype=object)
    one = read_comparisons(sex, 500)
    assert [(c.name, c.reference, int((c.member == 1).sum())) for c in one] == [
        ("group=f", "m", 200)
    ]
    frame = pandas.DataFrame({"sex": sex, "race": race})
    found = read_comparisons(frame, 500, intersections=True, reference={"sex": "f"})
    names = [c.name for c in found]
    assert names[:2] == ["sex=m", "race=b"]
    assert set(names[2:]) == {"sex x race=m, a", "sex x race=m, b", "sex x race=f, b"}
    assert {c.reference for c in found[2:]} == {"f, a"}
    crossed = {c.group: int((c.member == 1).sum()) for c in found[2:]}
    assert crossed["m, b"] == int(((sex == "m") & (race == "b")).sum())


def test_bad_groups_are_named():
    with pytest.raises(InfostatError, match="3 rows and X has 4"):
        read_comparisons([0, 1, 0], 4)
    with pytest.raises(InfostatError, match="needs two"):
        read_comparisons(np.zeros(100), 100)
    with pytest.raises(InfostatError, match="looks like a number"):
        read_comparisons(np.arange(100.0), 100)
    with pytest.raises(InfostatError, match="'x', but its groups"):
        read_comparisons(np.arange(100) % 2, 100, reference={"group": "x"})
    with (
        pytest.warns(InfostatWarning, match="fewer than 50 rows"),
        pytest.raises(InfostatError, match="No protected group"),
    ):
        read_comparisons(np.r_[np.zeros(90), np.ones(10)], 100)
    with pytest.warns(InfostatWarning, match="missing in 5 rows"):
        read_comparisons(np.r_[[np.nan] * 5, np.arange(200) % 2], 205)


def test_certified_binnings_have_the_limits_of_the_inference():
    from infostat.fairness.chance import CertifiedFeature
    from infostat.fairness.columns import Limits, binning_columns
    from tests.fairness.brute import random_feature

    rng = np.random.default_rng(8)
    counts = random_feature(rng, "f", 8, 1, missing=True, size=3000)
    listed = binning_columns(counts, Limits(max_bins=4), listed=True)
    feature = CertifiedFeature(listed, counts)
    every = np.arange(1, len(feature.columns))
    limits = feature.upper_limits(0, every, 0.05)
    for k in every[::7]:
        starts = feature.columns.starts[k]
        place = np.r_[0, 1 + np.searchsorted(starts[1:], np.arange(8), "right")]
        labels = [str(b) for b in range(1 + len(starts))]
        table = counts.groups[0].collapse(place, labels)
        found = measure(table, ordered_from=1, name="")
        assert found.interval(0.9)[1] == pytest.approx(limits[k - 1], rel=1e-9)
    assert feature.smallest(0, 0.05) == pytest.approx(limits.min())
    for cap in np.quantile(limits, [0.1, 0.4, 0.8]):
        best = feature.best(np.array([cap]), 0.05)
        assert best.iv[1] == feature.columns.iv[1:][limits <= cap].max()
        assert best.limit[1, 0] <= cap


POINTS = np.arange(200.0)
EVENTS = np.arange(200) % 4 == 0
GROUPS = np.repeat(["a", "b"], 100)
WEIGHT = np.ones(200)


def spoilt(values, wrong):
    """The same values with one that cannot be used."""
    out = np.array(values, dtype=float)
    out[7] = wrong
    return out


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"points": spoilt(POINTS, np.nan)}, r"^points holds nan \(1 of 200"),
        ({"points": spoilt(POINTS, np.inf)}, r"^points holds inf"),
        ({"points": ["high"] * 200}, r"^points must be a non-empty vector of numbers"),
        ({"points": POINTS[:, None]}, r"^points must be a non-empty vector, got shape"),
        ({"sample_weight": spoilt(WEIGHT, -1)}, r"^sample_weight holds -1"),
        ({"sample_weight": spoilt(WEIGHT, np.nan)}, r"^sample_weight holds nan"),
        ({"sample_weight": WEIGHT[1:]}, r"^sample_weight .* shape \(200,\)"),
        ({"sample_weight": 0 * WEIGHT}, r"^sample_weight holds 200 zeros"),
    ],
)
def test_every_measure_of_a_score_refuses_what_it_cannot_read(changed, said):
    given = {"points": POINTS, "sample_weight": WEIGHT, **changed}
    points, weight = given["points"], given["sample_weight"]
    with pytest.raises(InfostatError, match=said):
        score_bands(points, sample_weight=weight)
    with pytest.raises(InfostatError, match=said):
        demographic_iv(points, GROUPS, sample_weight=weight)
    with pytest.raises(InfostatError, match=said):
        approval_measures(points, EVENTS, GROUPS, sample_weight=weight)
    if "points" not in changed:
        with pytest.raises(InfostatError, match=said):
            group_calibration((POINTS + 1) / 202, EVENTS, GROUPS, sample_weight=weight)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (spoilt(EVENTS, 2), r"^events holds 2 \(1 of 200 rows\).*Recode"),
        (spoilt(EVENTS, np.nan), r"^events holds nan"),
        (np.where(EVENTS, "bad", "good"), r"^events must be .* of numbers"),
        (EVENTS[1:], r"^events .* shape \(200,\), got shape \(199,\)"),
    ],
)
def test_outcomes_other_than_0_and_1_are_refused(events, said):
    with pytest.raises(InfostatError, match=said):
        approval_measures(POINTS, events, GROUPS)
    with pytest.raises(InfostatError, match=said):
        group_calibration((POINTS + 1) / 202, events, GROUPS)


@pytest.mark.parametrize("wrong", [np.nan, 0.0, 1.0, 1.5])
def test_probabilities_at_the_ends_are_refused(wrong):
    with pytest.raises(InfostatError, match=f"^probability holds {wrong:g} "):
        group_calibration(spoilt((POINTS + 1) / 202, wrong), EVENTS, GROUPS)


def test_cut_offs_bands_levels_and_lengths_are_checked():
    for cutoffs in ([100.0, np.nan], [np.inf], ["x"]):
        for call in (
            lambda c: approval_measures(POINTS, EVENTS, GROUPS, c),
            lambda c: score_bands(POINTS, cutoffs=c),
            lambda c: demographic_iv(POINTS, GROUPS, cutoffs=c),
        ):
            with pytest.raises(InfostatError, match=r"^cutoffs "):
                call(cutoffs)
    with pytest.raises(InfostatError, match=r"^cutoffs must be a non-empty vector"):
        approval_measures(POINTS, EVENTS, GROUPS, [])
    for n_bands in (0, -1, 2.5, True, np.nan):
        with pytest.raises(InfostatError, match=r"^n_bands must be a whole number"):
            score_bands(POINTS, n_bands)
        with pytest.raises(InfostatError, match=r"^n_bands must be a whole number"):
            demographic_iv(POINTS, GROUPS, n_bands=n_bands)
    with pytest.raises(InfostatError, match=r"0\.95, not 95"):
        approval_measures(POINTS, EVENTS, GROUPS, level=95)
    with pytest.raises(InfostatError, match="199 rows and X has 200"):
        demographic_iv(POINTS, GROUPS[1:])
    given = read_comparisons(GROUPS[1:], 199)
    with pytest.raises(InfostatError, match="199 rows and the score has 200"):
        group_calibration((POINTS + 1) / 202, EVENTS, given)
    nobody = np.where(GROUPS == "b", 0.0, 1.0)
    with pytest.raises(InfostatError, match="'b' has no row of positive weight"):
        approval_measures(
            POINTS, EVENTS, read_comparisons(GROUPS, 200), sample_weight=nobody
        )


def test_weights_are_repeated_rows():
    rng = np.random.default_rng(9)
    points, y, group = population(rng, 600)
    points = np.round(points)
    w = rng.integers(1, 4, 600)
    rows = np.repeat(np.arange(600), w)
    again = points[rows], y[rows], group[rows]
    one = demographic_iv(points, group, sample_weight=w)["group=1"]
    two = demographic_iv(again[0], again[2])["group=1"]
    assert (one.value, one.se) == pytest.approx((two.value, two.se))
    p = 1 / (1 + np.exp((points - 560) / 20))
    for one, two in (
        (
            approval_measures(points, y, group, [590.0], sample_weight=w),
            approval_measures(*again, [590.0]),
        ),
        (
            group_calibration(p, y, group, sample_weight=w),
            group_calibration(p[rows], *again[1:]),
        ),
    ):
        for name in one.columns[3:]:
            np.testing.assert_allclose(one[name], two[name], rtol=1e-6)


def test_limits_and_ratios_refuse_numbers_that_are_none():
    for wrong in (np.nan, -0.1, "x"):
        with pytest.raises(InfostatError, match=r"^iv "):
            parity_gap_limit(wrong)
    assert parity_gap_limit(np.inf) == 1
    one, lost = Estimate(0.6, 0.05, 100), Estimate(np.nan, 0.05, 100)
    with pytest.raises(InfostatError, match=r"^performance holds nan"):
        conservative_ratio(lost, one)
    with pytest.raises(InfostatError, match=r"^fairness holds nan"):
        conservative_ratio(one, lost)
    for reach in (np.nan, -1.0):
        with pytest.raises(InfostatError, match=r"^reach holds"):
            conservative_ratio(one, one, reach)
