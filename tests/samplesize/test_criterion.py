"""The criterion as a user meets it: verdicts, questions, models of other makers."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from infostat import InfostatError, InfostatWarning, PNCriterion, ScorecardClassifier
from infostat.datasets import make_applications
from infostat.samplesize import (
    effective_dimension,
    mixture_complexity,
    required_n,
    riley_binary,
    riley_r2,
    separation,
    zero_cell_probability,
)
from infostat.samplesize.responses import Binomial, Multinomial, Poisson


@pytest.mark.filterwarnings("ignore::infostat.InfostatWarning")
@parametrize_with_checks([PNCriterion(), PNCriterion(method="bootstrap", n_boot=3)])
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
    boot = PNCriterion(method="bootstrap", n_boot=400, random_state=0).fit(x, y).result_
    assert boot.risk == pytest.approx(
        plain.risk, abs=3 * boot.risk_se + 0.02 * boot.risk
    )
    assert boot.p_no_mle == 0.0
    assert boot.method == "bootstrap"


def test_evaluate_scikit_learn():
    x, y = logistic(400, 3, seed=12)
    ours = PNCriterion().fit(x, y).result_
    free = LogisticRegression(C=np.inf, tol=1e-8).fit(x, y)
    for model in (free, make_pipeline(StandardScaler(), LogisticRegression(C=np.inf))):
        result = PNCriterion().evaluate(model.fit(x, y), x, y)
        assert result.risk == pytest.approx(ours.risk, rel=1e-6)
    blind = PNCriterion().evaluate(free, x)
    assert blind.risk == pytest.approx(ours.risk, rel=1e-4)
    assert blind.mi == pytest.approx(ours.mi, rel=1e-3)
    penalised = LogisticRegression(C=1.0).fit(x, y)
    with pytest.raises(InfostatError, match=r"penalised.*refit=True"):
        PNCriterion().evaluate(penalised, x, y)
    again = PNCriterion().evaluate(penalised, x, y, refit=True)
    assert again.risk == pytest.approx(ours.risk, rel=1e-8)
    with pytest.raises(InfostatError, match="away from the maximum"):
        PNCriterion().evaluate(free, x[:200], y[:200])
    with pytest.raises(InfostatError, match="no fitted linear model"):
        PNCriterion().evaluate(object(), x, y)
    with pytest.raises(InfostatError, match="coefficients and X gives"):
        PNCriterion().evaluate(free, x[:, :2], y)


def test_evaluate_other_linear_models():
    rng = np.random.default_rng(13)
    x = rng.normal(size=(300, 3))
    counts = rng.poisson(np.exp(0.4 * x[:, 0]))
    ours = PNCriterion("poisson").fit(x, counts).result_
    free = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000).fit(x, counts)
    found = PNCriterion().evaluate(free, x, counts)
    assert found.risk == pytest.approx(ours.risk, rel=1e-6)
    with pytest.raises(InfostatError, match="alpha=1"):
        PNCriterion().evaluate(PoissonRegressor(alpha=1).fit(x, counts), x, counts)
    number = x[:, 0] + rng.normal(size=300)
    linear = PNCriterion().evaluate(LinearRegression().fit(x, number), x, number)
    assert linear.risk1 == pytest.approx(4 / 600, rel=1e-9)
    several = np.array(["a", "b", "c"])[rng.integers(0, 3, 300)]
    softmax = LogisticRegression(C=np.inf, tol=1e-8).fit(x, several)
    by_hand = PNCriterion().fit(x, several).result_
    found = PNCriterion().evaluate(softmax, x, several)
    assert found.c2 == pytest.approx(by_hand.c2, rel=1e-6)


def test_evaluate_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    x, y = logistic(400, 3, seed=14)
    ours = PNCriterion().fit(x, y).result_
    full = sm.add_constant(x)
    logit = sm.Logit(y, full)
    glm = sm.GLM(y, full, family=sm.families.Binomial())
    for fitted in (logit.fit(disp=0), glm.fit()):
        result = PNCriterion().evaluate(fitted)
        assert result.risk == pytest.approx(ours.risk, rel=1e-6)
        assert result.mi == pytest.approx(ours.mi, rel=1e-6)
    probit = sm.GLM(y, full, family=sm.families.Binomial(sm.families.links.Probit()))
    with pytest.raises(InfostatError, match="canonical"):
        PNCriterion().evaluate(probit.fit())
    with pytest.raises(InfostatError, match="penalised"):
        PNCriterion().evaluate(logit.fit_regularized(alpha=1.0, disp=0))
    shift = np.linspace(-1, 1, 400)
    moved = sm.GLM(y, full, family=sm.families.Binomial(), offset=shift).fit()
    own = PNCriterion().fit(x, y, offset=shift).result_
    assert PNCriterion().evaluate(moved).risk == pytest.approx(own.risk, rel=1e-6)


def test_evaluate_a_scorecard_reports_bins_and_evidence():
    data = make_applications(2500, rng=1, backend="pandas")
    X, y = data.frame[data.features], data.frame[data.target]
    card = ScorecardClassifier().fit(X, y)
    result = PNCriterion().evaluate(card, X, y)
    filled = [(t.weight.sum(axis=1) > 0).sum() for t in card.tables_.values()]
    assert result.p == 1 + sum(filled) - len(filled)
    assert result.woe.p == 1 + len(filled)
    assert result.woe.risk < result.risk
    assert "value_woe" in result.to_frame().columns
    assert "weights of evidence" in result.summary()
    penalised = ScorecardClassifier(estimator=LogisticRegression()).fit(X, y)
    with pytest.raises(InfostatError, match="refit=True"):
        PNCriterion().evaluate(penalised, X, y)


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


def test_zero_cells_by_simulation():
    rng = np.random.default_rng(17)
    cells = np.array([[0.30, 0.05], [0.40, 0.012], [0.22, 0.018]])
    n = 200
    drawn = rng.multinomial(n, cells.ravel(), size=20_000)
    rate = (drawn == 0).any(axis=1).mean()
    se = np.sqrt(rate * (1 - rate) / 20_000)
    assert zero_cell_probability(cells * n, n) == pytest.approx(
        rate, abs=3 * se + 0.003
    )
    assert zero_cell_probability(np.array([[5.0, 0.0]])) == 1.0
    with pytest.raises(InfostatError, match="between 0 and n"):
        zero_cell_probability(np.array([[5.0, 9.0]]), 8)


def test_complexity_ignores_empty_bins():
    """20 bins, and the same with 180 empty ones beside them."""
    share = np.full(20, 1 / 20)
    dense = np.diag(share * 0.1 * 0.9)
    sparse = np.zeros((200, 200))
    sparse[:20, :20] = dense
    one, other = (effective_dimension(j, 2.0, 5000) for j in (dense, sparse))
    assert one == pytest.approx(other, rel=1e-12)
    assert 15 < one < 20
    theta = np.zeros(200)
    assert mixture_complexity(sparse, theta, 2.0, 5000) == pytest.approx(
        mixture_complexity(dense, theta[:20], 2.0, 5000), rel=1e-12
    )
    with pytest.raises(InfostatError, match="negative eigenvalue"):
        effective_dimension(-np.eye(2), 1.0, 10)
    with pytest.raises(InfostatError, match="tau"):
        effective_dimension(np.eye(2), 0.0, 10)


def test_complexity_is_exact_for_the_gaussian_linear_model():
    """Evidence of a linear model with known noise, against the joint normal law."""
    from scipy.stats import multivariate_normal

    rng = np.random.default_rng(18)
    n, p, tau = 40, 3, 0.8
    x = rng.normal(size=(n, p))
    y = x @ rng.normal(size=p) + rng.normal(size=n)
    ridge = np.linalg.solve(x.T @ x + np.eye(p) / tau**2, x.T @ y)
    evidence = multivariate_normal(np.zeros(n), np.eye(n) + tau**2 * x @ x.T).logpdf(y)
    at_ridge = -0.5 * ((y - x @ ridge) ** 2).sum() - 0.5 * n * np.log(2 * np.pi)
    cost = mixture_complexity(x.T @ x / n, ridge, tau, n)
    assert at_ridge - cost == pytest.approx(evidence, rel=1e-10)


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
