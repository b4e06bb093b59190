"""The criterion as a user meets it: verdicts, questions, models of other makers."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from infostat import InfostatError, InfostatWarning, PNCriterion
from infostat.datasets import make_applications
from infostat.samplesize import (
    required_n,
    riley_binary,
    riley_r2,
    separation,
)
from infostat.samplesize.responses import Binomial, Multinomial, Poisson


@pytest.mark.filterwarnings("ignore::infostat.InfostatWarning")
@parametrize_with_checks(
    [PNCriterion(), PNCriterion(method="bootstrap", n_resamples=3)]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def logistic(n, p, seed=0, strength=0.3, intercept=-1.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    eta = intercept + strength * x @ rng.normal(size=p)
    return x, (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)


def scorecard_rows(n, rate, seed, features=8):
    """One-hot rows of characteristics with six bins."""
    rng = np.random.default_rng(seed)
    share = [0.30, 0.25, 0.20, 0.13, 0.08, 0.04]
    codes = rng.choice(6, size=(n, features), p=share)
    x = np.concatenate([codes[:, [j]] == np.arange(1, 6) for j in range(features)], 1)
    groups = np.repeat(np.arange(features), 5)
    eta = np.log(rate / (1 - rate)) + x @ rng.normal(0, 0.15, x.shape[1])
    return x.astype(float), groups, (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)


def test_the_published_planning_example():
    """40 one-hot bins, 10 % events, n = 3,000: a = 20.5, c2 = 4047, MI = 0.0148."""
    a, c2, mi = 20.5, 4047.0, 0.0148
    assert np.ceil(required_n(a, c2, 0.020035)) == pytest.approx(1221, abs=1)
    assert np.ceil(required_n(a, c2, 0.02)) == pytest.approx(1223, abs=1)
    assert np.ceil(required_n(a, c2, 0.005)) == pytest.approx(4298, abs=1)
    assert required_n(a, c2, mi / 9) == pytest.approx(12_660, abs=10)
    assert required_n(a, c2, mi / 4) == pytest.approx(5735, abs=10)
    riley = riley_binary(40, riley_r2(mi), 0.1)
    assert riley.shrinkage == pytest.approx(12_142, rel=2e-3)
    assert riley.optimism == pytest.approx(1629, rel=2e-3)
    assert riley.intercept == pytest.approx(138, abs=1)
    # Netted of the model without features, both criteria agree.
    assert 20 / (mi / 9) == pytest.approx(riley.shrinkage, rel=5e-3)


def test_one_hot_rows_of_the_planning_example():
    x, groups, y = scorecard_rows(3000, 0.1, 0)
    check = PNCriterion(groups=groups, max_share=1 / 9).fit(x, y)
    result = check.result_
    assert (result.p, result.route) == (41, "onehot")
    assert result.c2 == pytest.approx(4000, rel=0.25)
    assert result.risk < result.threshold  # the absolute limit alone would pass
    assert result.verdict == "insufficient"  # the relative one does not
    assert result.share > 0.2
    alone = PNCriterion(groups=groups, t2="gram").fit(x, y).result_
    assert alone.c2 == pytest.approx(result.c2, rel=1e-9)
    assert alone.verdict == "sufficient"


def test_a_missing_estimate_is_a_verdict():
    x, y = logistic(200, 3)
    check = PNCriterion().fit(np.column_stack([x, y]), y)
    result = check.result_
    assert (result.verdict, result.passed, result.risk) == ("no_mle", False, None)
    assert "separation" in result.reasons[0]
    assert check.coef_ is None
    for ask in (check.required_n, check.max_params):
        with pytest.raises(InfostatError, match="no maximum likelihood"):
            ask()
    wide = PNCriterion().fit(x[:3], [0, 1, 0]).result_
    assert wide.verdict == "no_mle"
    json.dumps(result.to_dict())


def test_no_bare_pass_where_samples_lose_their_estimate():
    """3 % events, 40 bins: the risk is within the limit, empty cells are likely."""
    x, groups, y = scorecard_rows(3000, 0.03, 1)
    result = PNCriterion(groups=groups).fit(x, y).result_
    assert result.p_no_mle > 0.05
    assert result.risk < result.threshold
    assert result.verdict == "unreliable"
    assert any("merge" in reason for reason in result.reasons)


def test_no_bare_pass_above_a_fifth_or_with_a_large_correction():
    x, y = logistic(100, 24, strength=0.02, intercept=0.0)
    crowded = PNCriterion(delta=0.45).fit(x, y).result_
    assert crowded.p > 0.2 * crowded.n
    assert crowded.verdict == "unreliable"
    assert not crowded.reliable


@pytest.mark.parametrize(
    ("c2", "threshold_at", "verdict"),
    [
        (60.0, 0.06, "unreliable"),
        (30.0, 0.0699, "insufficient"),
        (30.0, 0.08, "sufficient"),
    ],
)
def test_a_large_correction_is_never_a_bare_pass(c2, threshold_at, verdict):
    """a = 5, n = 100: ratio 0.12 c2 / 6; above 1/2 no verdict, above 1/4 the band."""
    from infostat.samplesize import Expansion, bayes_error_bound
    from infostat.samplesize.requirement import Requirement
    from infostat.samplesize.verdict import Evidence, conclude

    delta = 0.5 - bayes_error_bound(threshold_at, "pinsker")
    requirement = Requirement(delta, "pinsker")
    expansion = Expansion(5.0, 5.0 * c2, 10)
    evidence = Evidence(
        expansion, 100.0, np.ones(10), 10.0, 0.0, facts={"family": "normal"}
    )
    result = conclude(evidence, requirement, 2)
    assert result.ratio == pytest.approx(c2 / 100)
    assert result.verdict == verdict
    if c2 < 50:  # the two-term risk is within 0.0699, the upper end of the band is not
        assert result.risk < 0.0699
        assert "band" in result.warnings[0]


def test_without_information_the_share_is_undefined():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(400, 8)), rng.integers(0, 2, size=400)
    result = PNCriterion(max_share=0.2).fit(x, y).result_
    while result.mi > 0:  # the sample happens to look informative
        x = rng.permutation(x)
        result = PNCriterion(max_share=0.2).fit(x, y).result_
    assert result.share is None
    assert result.verdict in ("no_signal", "insufficient")


def test_information_and_gain_by_fresh_rows():
    """Predicted gain on new rows against a large holdout, on average."""
    gaps = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        beta = np.r_[0.5, -0.4, 0.3, np.zeros(7)]
        x = rng.normal(size=(20_400, 10))
        eta = -0.8 + x @ beta
        y = (rng.random(20_400) < 1 / (1 + np.exp(-eta))).astype(int)
        check = PNCriterion().fit(x[:400], y[:400])
        new = check.coef_[0] + x[400:] @ check.coef_[1:]
        rate = y[:400].mean()
        ours = y[400:] * new[:, 0] - np.logaddexp(0, new[:, 0])
        null = y[400:] * np.log(rate) + (1 - y[400:]) * np.log(1 - rate)
        gaps.append(check.result_.gain - (ours - null).mean())
    assert abs(np.mean(gaps)) < 3 * np.std(gaps) / np.sqrt(40)


def test_recoding_x_leaves_every_figure():
    x, _, y = scorecard_rows(1500, 0.2, 4, features=3)
    full = np.column_stack([x, 1 - x[:, :5].sum(1)])[:, 1:]  # another reference bin
    one = PNCriterion(cov="robust", max_share=0.1).fit(x, y).result_
    other = PNCriterion(cov="robust", max_share=0.1).fit(full * 7 - 2, y).result_
    for name in ("risk", "c2", "p_eff", "mi", "share", "n_required", "aic", "tic2"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-6)


def test_rank_deficiency_is_counted_and_said():
    x, _, y = scorecard_rows(800, 0.3, 5, features=2)
    full = np.column_stack([x, 1 - x[:, :5].sum(1)])
    plain, full = PNCriterion().fit(x, y).result_, PNCriterion().fit(full, y).result_
    assert plain.p == full.p == 11
    assert full.risk == pytest.approx(plain.risk, rel=1e-8)
    assert any("p counts the 11" in note for note in full.warnings)


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_text_levels_and_the_users_library(library):
    pytest.importorskip(library)
    data = make_applications(1500, rng=0, backend=library)
    X = (
        data.frame.select(["purpose", "open_trades"])
        if library != "pandas"
        else (data.frame[["purpose", "open_trades"]])
    )
    y = data.frame[data.target]
    check = PNCriterion(rare_level=0.05).fit(X, y)
    assert check.result_.p > 3
    for table in (check.path("iv"), check.path("gain"), check.result_.to_frame()):
        assert type(table).__module__.startswith(library)


def test_path_and_compression():
    x, y = logistic(500, 12, seed=6, strength=0.25)
    check = PNCriterion(delta=0.03).fit(x, y)
    for order in ("iv", "gain", "wald", ["x3", "x1"]):
        path = check.path(order)
        assert list(path["p"]) == list(range(2, len(path) + 2))
        assert (path["risk"].diff().dropna() > 0).all()
    full = check.path("wald").iloc[-1]
    assert full["risk"] == pytest.approx(check.risk_, rel=1e-9)
    steps = check.compress(keep=["x0"])
    assert steps["verdict"].iloc[-1] == "sufficient"
    assert (steps["verdict"].iloc[:-1] != "sufficient").all()
    assert "x0" not in set(steps["dropped"])
    with pytest.raises(InfostatError, match="order"):
        check.path("size")
    with pytest.raises(InfostatError, match="names"):
        check.path(["x99"])
    with pytest.raises(InfostatError, match="keep"):
        check.compress(keep=["x99"])


def test_compression_drops_the_sparsest_group_where_there_is_no_estimate():
    x, groups, y = scorecard_rows(400, 0.3, 7, features=3)
    flag = np.zeros(400)
    flag[np.flatnonzero(y == 1)[:4]] = 1
    check = PNCriterion(groups=[*groups, 9], delta=0.1)
    check.fit(np.column_stack([x, flag]), y)
    assert check.result_.verdict == "no_mle"
    assert check.compress()["dropped"].iloc[1] == "9"


def test_questions_take_other_limits():
    x, y = logistic(1500, 10, seed=8)
    check = PNCriterion().fit(x, y)
    r = check.result_
    assert check.required_n() == r.n_required
    assert check.required_n(delta=0.025) > 3 * check.required_n()
    both = check.required_n(max_share=0.05)
    again = PNCriterion(max_share=0.05).fit(x, y).result_
    assert both == max(again.n_required, again.n_required_relative)
    assert check.max_params() == int(2 * 1500 * r.threshold)


@pytest.mark.parametrize(
    ("family", "kind"),
    [("poisson", Poisson), ("gaussian", None), ("multinomial", None)],
)
def test_other_families(family, kind):
    rng = np.random.default_rng(9)
    x = rng.normal(size=(600, 4))
    eta = 0.3 * x[:, 0]
    y = {
        "poisson": rng.poisson(np.exp(eta)),
        "gaussian": eta + rng.normal(size=600),
        "multinomial": np.array(["a", "b", "c"])[rng.integers(0, 3, size=600)],
    }[family]
    for cov in ("model", "robust"):
        result = PNCriterion(family, cov=cov).fit(x, y).result_
        assert result.family == family
        assert result.p == (10 if family == "multinomial" else 5)
        assert result.risk1 == pytest.approx(result.p / 1200, rel=0.35)
    if family == "poisson":
        with pytest.warns(InfostatWarning, match="Poisson"):
            PNCriterion().fit(x, y)
    else:
        assert PNCriterion().fit(x, y).result_.family == family


def test_offset_and_weights():
    x, y = logistic(500, 3, seed=10)
    shifted = PNCriterion().fit(x, y, offset=0.7 * np.ones(500)).result_
    assert shifted.risk == pytest.approx(PNCriterion().fit(x, y).risk_, rel=1e-8)
    times = np.random.default_rng(0).integers(0, 3, size=500)
    weighted = PNCriterion(cov="robust").fit(x, y, sample_weight=times).result_
    rows = np.repeat(np.arange(500), times)
    repeated = PNCriterion(cov="robust").fit(x[rows], y[rows]).result_
    assert weighted.n == len(rows)
    for name in ("risk", "c2", "mi", "p_eff_se", "aic"):
        assert getattr(weighted, name) == pytest.approx(
            getattr(repeated, name), rel=1e-7
        )
    sampling = PNCriterion(weight_type="sampling").fit(
        x, y, np.r_[[5.0] * 250, [1] * 250]
    )
    assert sampling.result_.n == 500
    assert sampling.result_.p_eff > 1.2 * sampling.result_.p
    with pytest.raises(InfostatError, match="offset"):
        PNCriterion().fit(x, y, offset=[1.0])


def test_bootstrap_method_reports_its_error_and_losses():
    x, y = logistic(300, 4, seed=11)
    plain = PNCriterion(cov="robust").fit(x, y).result_
    boot = (
        PNCriterion(method="bootstrap", n_resamples=400, random_state=0)
        .fit(x, y)
        .result_
    )
    assert boot.risk == pytest.approx(
        plain.risk, abs=3 * boot.risk_se + 0.02 * boot.risk
    )
    assert boot.p_no_mle == 0.0
    assert boot.method == "bootstrap"


def test_summary_and_frame_tell_the_same():
    x, y = logistic(600, 5, seed=15)
    result = PNCriterion(max_share=1 / 9).fit(x, y).result_
    text = result.summary()
    assert result.verdict.upper() in text
    assert "<pre>" in text._repr_html_()
    frame = result.to_frame("pandas").set_index("quantity")["value"]
    assert frame["risk"] == result.risk
    told = json.loads(json.dumps(result.to_dict()))
    assert told["passed"] is result.passed
    assert told["p"] == 6


def test_separation_programme():
    rng = np.random.default_rng(16)
    for seed in range(6):
        x, y = logistic(14, 2, seed=seed, intercept=0.0)
        full = np.column_stack([np.ones(14), x])
        found = separation(full, y[:, None] * 1.0, Binomial())
        verdict = PNCriterion("binomial").fit(x, y).result_.verdict
        assert found.separated == (verdict == "no_mle")
    line = np.column_stack([np.ones(10), np.arange(10.0) * 1e6])
    above = (np.arange(10) > 5).astype(float)[:, None]
    found = separation(line, above, Binomial())
    assert found.separated
    assert found.n_rows in (9, 10)  # one row may lie on the boundary
    assert (((2 * above - 1) * (line @ found.direction)) >= -1e-6).all()
    counts = np.where(above > 0, 0.0, rng.integers(1, 4, size=(10, 1)))
    flag = np.column_stack([np.ones(10), above[:, 0]])
    assert separation(flag, counts, Poisson()).separated
    assert not separation(flag, counts + 1, Poisson()).separated
    three = np.arange(12) % 3
    named = np.eye(3)[three][:, 1:]
    apart = np.column_stack([np.ones(12), three == 2])
    assert separation(apart, named, Multinomial(2)).separated
    mixed = np.column_stack([np.ones(12), np.arange(12) // 6])
    assert not separation(mixed, named, Multinomial(2)).separated


def test_cost_of_a_scorecard():
    x, _, y = scorecard_rows(3000, 0.1, 19)
    started = time.perf_counter()
    PNCriterion().fit(x, y)
    assert time.perf_counter() - started < 1.0


def test_probes_report_their_error():
    x, y = logistic(600, 8, seed=20)
    exact = PNCriterion(t2="gram").fit(x, y).result_
    one, two = (PNCriterion(t2="probes", random_state=1).fit(x, y) for _ in range(2))
    assert one.risk_ == two.risk_
    assert 0 < one.result_.c2_se < 0.2 * exact.c2
    assert abs(one.result_.c2 - exact.c2) < 4 * one.result_.c2_se


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"X": [[1.0, np.nan], [0.0, 1.0], [2.0, 0.0]]}, "NaN"),
        ({"y": [0, 1]}, "one a row"),
        ({"y": [1, 1, 1]}, "one class"),
        ({"y": ["a", None, "b"]}, "missing"),
        ({"y": [0.0, np.nan, 1.0]}, "NaN"),
        ({"groups": ["a"]}, "groups has 1"),
        ({"family": "poisson", "y": [0.5, 1.0, 2.0]}, "whole counts"),
        ({"family": "binomial", "y": [0, 1, 2]}, "two values"),
        ({"family": "gaussian", "y": ["a", "b", "c"]}, "numbers"),
    ],
)
def test_mistakes_are_named(change, words):
    options = {k: v for k, v in change.items() if k not in ("X", "y")}
    x = change.get("X", [[1.0, 2.0], [0.0, 1.0], [2.0, 0.0]])
    with pytest.raises(ValueError, match=words):
        PNCriterion(**options).fit(x, change.get("y", [0, 1, 1]))
