"""The truth of the generated portfolio against a large simulation from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import chi2
from sklearn.metrics import roc_auc_score

from infostat.datasets import ApplicationsTruth, make_applications
from infostat.datasets.laws import NumericLaw
from infostat.exceptions import InfostatError

N_ROWS = 2_000_000
FEATURES = [
    *("mortgage", "balance", "amount_past_due", "utilisation"),
    *("months_since_delinquency", "inquiries", "open_trades", "employment", "purpose"),
]
DRIFTING = {"balance", "utilisation", "inquiries"}


@pytest.fixture(scope="module")
def simulated():
    """Two million rows over four periods that drift, as arrays, and their truth."""
    data = make_applications(
        N_ROWS, n_periods=4, drift=1.0, backend="pandas", rng=20_250_101
    )
    columns = {name: data.frame[name].to_numpy() for name in data.frame.columns}
    return columns, data.truth


def cuts_of(truth, feature, n_bins=5):
    law = truth.law.features[truth.law.position(feature)]
    return truth.quantile_cuts(feature, n_bins) if isinstance(law, NumericLaw) else []


def bin_names(truth, feature, values, cuts):
    """Label of each row's bin, found without the package's own counting."""
    law = truth.law.features[truth.law.position(feature)]
    if not isinstance(law, NumericLaw):
        return np.array([v if isinstance(v, str) else "missing" for v in values])
    values = values.astype(float)
    labels = truth.bins(feature, cuts).labels
    intervals = np.array(labels[len(labels) - len(cuts) - 1 :], dtype=object)
    names = intervals[np.searchsorted(cuts, values)]
    names[np.isnan(values)] = "missing"
    for code in law.codes:
        names[values == code] = f"{code:g}"
    return names.astype(str)


def counts_of(truth, feature, columns, cuts, keep=None):
    """Counts by bin and class, (2, n_bins): non-events, then events."""
    keep = slice(None) if keep is None else keep
    names = bin_names(truth, feature, columns[feature][keep], cuts)
    labels = truth.bins(feature, cuts).labels
    default = columns["default"][keep]
    return np.array(
        [[np.sum(names[default == k] == label) for label in labels] for k in (0, 1)]
    )


def pearson_p_value(counts, probability):
    expected = counts.sum() * probability
    seen = expected > 0
    assert not counts[~seen].any()
    statistic = ((counts - expected)[seen] ** 2 / expected[seen]).sum()
    return chi2.sf(statistic, seen.sum() - 1)


def joint_probability(table, rate):
    return np.stack([table.non_events * (1 - rate), table.events * rate])


def jeffreys_and_error(p, q, n_p, n_q):
    """Plug-in Jeffreys divergence less its bias, and the delta-method error."""
    ratio = np.log(p / q)
    a, b = ratio + 1 - q / p, -ratio + 1 - p / q
    variance = (p @ a**2 - (p @ a) ** 2) / n_p + (q @ b**2 - (q @ b) ** 2) / n_q
    bias = (len(p) - 2 + (q / p).sum()) / (2 * n_p)
    bias += (len(p) - 2 + (p / q).sum()) / (2 * n_q)
    scale = 1 / n_p + 1 / n_q
    error = np.sqrt(variance + 2 * (len(p) - 1) * scale**2)
    return (p - q) @ ratio - bias, error


@pytest.mark.parametrize("feature", FEATURES)
def test_law_of_every_feature(simulated, feature):
    columns, truth = simulated
    cuts = cuts_of(truth, feature)
    table = truth.bins(feature, cuts)
    counts = counts_of(truth, feature, columns, cuts)
    joint = joint_probability(table, truth.event_rate)
    assert pearson_p_value(counts, joint) > 1e-4
    np.testing.assert_allclose(joint.sum(axis=0), table.share, atol=1e-12)
    np.testing.assert_allclose(
        table.event_rate, joint[1] / joint.sum(axis=0), rtol=1e-10
    )
    # The same test sees a truth that is a little wrong.
    assert pearson_p_value(counts, joint_probability(table, 0.152)) < 1e-4
    tilted = joint * np.linspace(0.98, 1.02, joint.shape[1])
    assert pearson_p_value(counts, tilted / tilted.sum()) < 1e-4


@pytest.mark.parametrize("feature", FEATURES)
def test_information_value(simulated, feature):
    columns, truth = simulated
    cuts = cuts_of(truth, feature)
    good, bad = counts_of(truth, feature, columns, cuts)
    keep = good + bad > 0
    p, q = (c[keep] / c.sum() for c in (bad, good))
    estimate, error = jeffreys_and_error(p, q, bad.sum(), good.sum())
    value = truth.information_value(feature, cuts)
    assert abs(estimate - value) < 4 * error
    # Small enough an error to tell this truth from one that is an eighth off.
    assert 4 * error < 0.125 * value


@pytest.mark.parametrize("feature", FEATURES)
def test_stability_index(simulated, feature):
    columns, truth = simulated
    cuts = cuts_of(truth, feature)
    first, last = (
        counts_of(truth, feature, columns, cuts, columns["period"] == t).sum(axis=0)
        for t in (1, 4)
    )
    p, q = last / last.sum(), first / first.sum()
    estimate, error = jeffreys_and_error(p, q, last.sum(), first.sum())
    value = truth.population_stability_index(feature, 1, 4, cuts)
    assert abs(estimate - value) < 4.5 * error
    assert (value > 0.05) == (feature in DRIFTING)
    assert (value == 0.0) == (feature not in DRIFTING)


def test_group(simulated):
    columns, truth = simulated
    minority = columns["group"] == "B"
    assert abs(minority.mean() - 0.3) < 4 * np.sqrt(0.21 / N_ROWS)
    cuts = cuts_of(truth, "utilisation")
    table = truth.bins("utilisation", cuts)
    assert table.share @ table.group_share == pytest.approx(0.3, abs=1e-12)
    names = bin_names(truth, "utilisation", columns["utilisation"], cuts)
    rows = np.array([names == label for label in table.labels])
    seen = np.array([minority[row].mean() for row in rows])
    error = np.sqrt(seen * (1 - seen) / rows.sum(axis=1))
    assert np.all(np.abs(seen - table.group_share) < 4 * error)
    p, q = ((rows & k).sum(axis=1) / k.sum() for k in (minority, ~minority))
    estimate, error = jeffreys_and_error(p, q, minority.sum(), (~minority).sum())
    value = truth.group_information_value("utilisation", cuts)
    assert abs(estimate - value) < 4 * error


def test_treatment(simulated):
    columns, truth = simulated
    treated = columns["treatment"] == 1
    default = columns["default"]
    shift = truth.coefficients["treatment"]["1"]
    base = truth.log_odds - shift * treated
    effects = expit(base + shift) - expit(base)
    effect = truth.average_treatment_effect()
    assert abs(effects.mean() - effect) < 4 * effects.std() / np.sqrt(N_ROWS)
    naive = default[treated].mean() - default[~treated].mean()
    error = np.sqrt(sum(0.15 * 0.85 / k.sum() for k in (treated, ~treated)))
    assert abs(naive - truth.naive_contrast()) < 4 * error
    assert abs(treated.mean() - 0.4) < 4 * np.sqrt(0.24 / N_ROWS)
    # Adjusting within equal scores of the predictors leaves the hidden confounder.
    score = np.unique(truth.probability, return_inverse=True)[1]
    arms = [
        np.bincount(score[k], minlength=score.max() + 1) for k in (treated, ~treated)
    ]
    bad = [
        np.bincount(score[k], default[k], minlength=score.max() + 1)
        for k in (treated, ~treated)
    ]
    both = (arms[0] > 0) & (arms[1] > 0)
    weight = (arms[0] + arms[1])[both]
    contrast = bad[0][both] / arms[0][both] - bad[1][both] / arms[1][both]
    adjusted = weight @ contrast / weight.sum()
    assert abs(adjusted - truth.adjusted_contrast()) < 5 * error
    assert truth.naive_contrast() < 0 < truth.adjusted_contrast() < 0.5 * effect
    for wrong in (truth.naive_contrast(), truth.adjusted_contrast()):
        assert abs(effects.mean() - wrong) > 40 * effects.std() / np.sqrt(N_ROWS)


def test_best_score(simulated):
    columns, truth = simulated
    default, probability = columns["default"], truth.probability
    assert abs(roc_auc_score(default, probability) - truth.auc()) < 0.002
    error = np.sqrt((probability * (1 - probability)).mean() / N_ROWS)
    assert abs(default.mean() - probability.mean()) < 4 * error
    late = columns["period"] == 4
    assert truth.default_rate(4) > truth.default_rate(1) + 0.01
    assert abs(default[late].mean() - truth.default_rate(4)) < 8 * error
    order = np.argsort(probability)
    for part in np.array_split(order, 20):
        spread = np.sqrt(probability[part].mean() / len(part))
        assert abs(default[part].mean() - probability[part].mean()) < 4 * spread


def test_coefficients_rebuild_the_log_odds(simulated):
    columns, truth = simulated
    rows = slice(0, 3_000)
    table = truth.coefficients
    total = np.full(3_000, table["intercept"][""])
    for law in truth.portfolio.features:
        cells = list(law.edges) if isinstance(law, NumericLaw) else []
        names = bin_names(truth, law.name, columns[law.name][rows], cells)
        total += [table[law.name][name] for name in names]
    total += table["treatment"]["1"] * columns["treatment"][rows]
    total += table["confounder"]["1"] * truth.confounder[rows]
    np.testing.assert_allclose(total, truth.log_odds[rows], atol=1e-9)
    odds = np.log(truth.propensity / (1 - truth.propensity))[rows]
    score = total - table["treatment"]["1"] * columns["treatment"][rows]
    score -= table["confounder"]["1"] * truth.confounder[rows]
    hidden = odds + 0.5 * score - 1.2 * truth.confounder[rows]
    assert np.ptp(hidden) < 1e-9


def test_special_values_can_be_numbers():
    truth = make_applications(10, rng=0).truth
    apart = truth.bins("months_since_delinquency", [24])
    merged = truth.bins("months_since_delinquency", [24], special_values=[-999])
    low = truth.bins("months_since_delinquency", [-998.5, 24], special_values=[])
    assert apart.labels == ("-999", "-998", "(-inf, 24]", "(24, inf)")
    assert merged.labels == ("-999", "(-inf, 24]", "(24, inf)")
    assert merged.share[1] == pytest.approx(apart.share[1:3].sum())
    np.testing.assert_allclose(low.share, merged.share)
    np.testing.assert_allclose(low.event_rate, merged.event_rate)


def test_groups_of_levels_and_data_processing():
    truth = make_applications(10, rng=0).truth
    groups = [["car", "home", "boat"], ["debt", "medical"], ["holiday"]]
    table = truth.bins("purpose", groups)
    each = truth.bins("purpose")
    assert table.labels == ("car, home, boat", "debt, medical", "holiday")
    assert table.share[1] == pytest.approx(each.share[2] + each.share[3])
    assert 0.002 < each.share[-1] < 0.006
    merged = truth.information_value("purpose", groups)
    assert merged < truth.information_value("purpose")
    fine = truth.information_value("balance", range(500, 20_000, 500))
    assert truth.information_value("balance", [1_000, 5_000]) < fine


def test_range_of_information_values():
    truth = make_applications(10, rng=0).truth
    values = [truth.information_value(f, cuts_of(truth, f)) for f in FEATURES]
    assert 0.015 < min(values) < 0.03
    assert 0.5 < max(values) < 0.65
    assert truth.auc() > 0.72


def test_truth_follows_its_arguments():
    data = make_applications(10, event_rate=0.04, rng=0).truth
    assert data.default_rate() == pytest.approx(0.04, abs=1e-10)
    small, large = (
        make_applications(10, drift=d, rng=0).truth.population_stability_index(
            "balance", 1, 24, [2_000, 5_000]
        )
        for d in (0.5, 1.0)
    )
    assert 3 * small < large < 5 * small
    # No effect in the log-odds, no effect; the confounder still biases contrasts.
    idle = replace(data.portfolio, treatment_points=0)
    fields = {"segment", "confounder", "propensity", "log_odds", "probability"}
    none = ApplicationsTruth(
        idle, 0.15, 2, 0.0, **dict.fromkeys(sorted(fields), np.empty(0))
    )
    assert none.average_treatment_effect() == 0.0
    assert none.adjusted_contrast() < -0.01


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda t: t.bins("salary"), "salary"),
        (lambda t: t.bins("balance", [3, 2]), "increasing"),
        (lambda t: t.bins("balance", [1, np.nan]), "finite"),
        (lambda t: t.bins("balance", ["a"]), "finite"),
        (lambda t: t.bins("purpose", [["car"], ["home"]]), "exactly once"),
        (lambda t: t.bins("purpose", [["car", "yacht"]]), "yacht"),
        (lambda t: t.bins("balance", [1], periods=0), "1 to 24"),
        (lambda t: t.bins("balance", [1], periods=[]), "1 to 24"),
        (lambda t: t.bins("balance", [1], periods=[3, 25]), "1 to 24"),
        (lambda t: t.quantile_cuts("purpose"), "numeric"),
    ],
)
def test_refusals(call, match):
    truth = make_applications(10, rng=0).truth
    with pytest.raises(InfostatError, match=match):
        call(truth)
