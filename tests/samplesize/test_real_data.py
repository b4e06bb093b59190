"""Published tables on public data: German credit, wine quality, abalone."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from infostat import PNCriterion
from infostat.samplesize import ExponentialFamilyPN, GaussianFamily, LogLinearFamily
from infostat.samplesize.columns import read_design

pytestmark = pytest.mark.skipif(
    not os.environ.get("INFOSTAT_DATA"),
    reason="real data sets: set INFOSTAT_DATA to their folder",
)


def table(name, **options):
    pandas = pytest.importorskip("pandas")
    path = Path(os.environ["INFOSTAT_DATA"]) / name
    return pandas.read_csv(path, keep_default_na=False, **options)


def german():
    frame = table("german_credit/german_credit.csv")
    return frame, (frame.pop("creditability") == "bad").astype(int).to_numpy()


# design: options, p, p/2n, two-term (robust), MI, share (netted), rows at 0.05 and 0.025
GERMAN = {
    "numeric": ({"rare_level": 0.04}, 46, 0.0230, 0.0269, 0.0280, 0.1379, 0.201, 0.197),
    "binned": (
        *({"rare_level": 0.04, "n_bins": 5}, 60, 0.0300, 0.0365, 0.0378),
        *(0.1396, 0.274, 0.270),
    ),
    "unmerged": ({}, 49, 0.0245, 0.0294, 0.0307, 0.1380, 0.222, 0.218),
}
ROWS = {"numeric": (1318, 4768), "binned": (1713, 6213)}


@pytest.mark.parametrize("design", GERMAN)
def test_german_credit_table(design):
    options, p, lead, two, robust, mi, gross, share = GERMAN[design]
    frame, y = german()
    check = PNCriterion(**options).fit(frame, y)
    r = check.result_
    assert r.p == p
    assert r.risk1 == pytest.approx(lead, abs=5e-5)
    assert r.risk2 == pytest.approx(two, abs=1e-4)
    assert r.mi == pytest.approx(mi, abs=3e-4)
    assert r.share_gross == pytest.approx(gross, abs=1e-3)
    assert r.share == pytest.approx(share, abs=1e-3)
    again = PNCriterion(**options, cov="robust").fit(frame, y).result_
    assert again.risk2 == pytest.approx(robust, abs=1e-4)
    if design in ROWS:
        assert (check.required_n(), check.required_n(delta=0.025)) == ROWS[design]
    else:
        assert r.p_no_mle == pytest.approx(0.40, abs=0.02)


def cross_validated_gain(matrix, y, repeats):
    gains = []
    for seed in range(repeats):
        loss = np.empty(len(y))
        for train, test in StratifiedKFold(10, shuffle=True, random_state=seed).split(
            matrix, y
        ):
            model = LogisticRegression(C=np.inf, solver="newton-cholesky", max_iter=200)
            model.fit(matrix[train], y[train])
            eta = model.decision_function(matrix[test])
            rate = y[train].mean()
            null = y[test] * np.log(rate) + (1 - y[test]) * np.log(1 - rate)
            loss[test] = y[test] * eta - np.logaddexp(0, eta) - null
        gains.append(loss.mean())
    return float(np.mean(gains))


@pytest.mark.parametrize(
    ("design", "repeats"),
    [
        ("numeric", 3),
        ("binned", 3),
        pytest.param("numeric", 10, marks=pytest.mark.slow),
        pytest.param("binned", 10, marks=pytest.mark.slow),
    ],
)
def test_gain_predicted_from_one_fit_is_the_cross_validated_one(design, repeats):
    options = GERMAN[design][0]
    frame, y = german()
    r = PNCriterion(**options).fit(frame, y).result_
    n = 0.9 * r.n
    predicted = r.mi - (r.a / (n - r.c2 / r.a)) + 1 / (2 * n)
    found = cross_validated_gain(read_design(frame, **options).matrix, y, repeats)
    assert found == pytest.approx(predicted, abs=0.005 if repeats == 10 else 0.007)


# name: p, tr S, two-term risk, resampled risk, delta-0.05 Bayes error
NORMAL = {
    "red": (77, 145, 0.0471, 0.0470, 0.423),
    "red logs": (77, 98, 0.0313, 0.0315, 0.438),
    # Two terms by the derivation of test_normal_brute_force; the published .0448 and
    # .1129 are wrong in c2.
    "white": (77, 430, 0.0477, None, 0.423),
    "abalone": (44, 636, 0.1095, None, 0.384),
    "abalone logs": (44, 270, 0.0316, 0.0322, 0.437),
}


@pytest.mark.parametrize("name", NORMAL)
def test_normal_laws_of_wine_and_abalone(name, normal_case):
    p, trace, two, resampled, error = NORMAL[name]
    x = normal_case(name)
    r = ExponentialFamilyPN(GaussianFamily(), order=2).assess(x)
    assert r.p == p
    assert r.p_eff == pytest.approx(trace, rel=0.005)
    assert r.verdict == "insufficient"
    assert r.risk2 == pytest.approx(two, rel=0.03)
    assert r.bayes_error_lb == pytest.approx(error, abs=0.001)
    if resampled is not None:
        options = {"method": "bootstrap", "n_resamples": 400}
        boot = ExponentialFamilyPN(GaussianFamily(), **options).assess(x, rng=0)
        spread = 3 * np.sqrt(2) * boot.risk_se
        assert boot.risk == pytest.approx(resampled, abs=spread)


def test_second_order_under_outliers_by_large_resamples(normal_case):
    """White wine: c2 by resamples of 4n rows, the quadratic part as control."""
    x = normal_case("white")
    r = ExponentialFamilyPN(GaussianFamily(), order=2).assess(x)
    n = len(x)
    family, equal = GaussianFamily(), np.full(n, 1 / n)
    law = family.fit(x, equal)
    z = law.whitened(x)
    rng = np.random.default_rng(1)
    rest = []
    for _ in range(1500):
        mass = rng.multinomial(4 * n, equal) / (4 * n)
        u = mass @ z
        rest.append(law.divergence(family.fit(x, mass)) - 0.5 * u @ u)
    second = 16 * np.mean(rest)
    se = 16 * np.std(rest) / np.sqrt(len(rest))
    assert abs(r.c2 / n**2 - second) < 3 * se


@pytest.mark.parametrize(
    ("name", "p", "trace", "two", "error"),
    [("red", 55, 55.2, 0.0175, 0.453), ("abalone", 36, 41.2, 0.0050, 0.475)],
)
def test_pairwise_log_linear_laws(name, p, trace, two, error, normal_case):
    x = normal_case(name)
    if name == "red":
        x = np.delete(x, 9, axis=1) if p == 0 else x[:, :10]
    split = (x > np.median(x, axis=0)).astype(int)
    r = ExponentialFamilyPN(LogLinearFamily((2,) * split.shape[1]), order=2).assess(
        split
    )
    assert r.p == p
    assert r.verdict == "sufficient"
    assert r.p_eff == pytest.approx(trace, rel=0.03)
    assert r.risk2 == pytest.approx(two, rel=0.03)
    assert r.bayes_error_lb == pytest.approx(error, abs=0.002)
