"""The p-n criterion: risks, public data, required rows."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.special import xlogy
from scipy.stats import binom, poisson

from benchmarks import samplesize as study
from benchmarks.papers.claims import PUBLISHED, Claim, Listing, Part, Run
from benchmarks.samplesize_cases import cases, losses
from benchmarks.validation.study import Scale
from infostat.samplesize import (
    ExponentialFamilyPN,
    GaussianFamily,
    LogLinearFamily,
    bayes_error_threshold,
    estimation_risk,
    normal_risk,
    required_n,
    riley_binary,
    riley_r2,
)

USES = ["samplesize.py", "samplesize_cases.py"]
ORDERS = (1, 2, "pade")
DIFFERS = dict.fromkeys(
    ("white wine", "abalone"),
    "A brute-force derivation without cumulants agrees with ours to ten digits; see the "
    "validation page.",
)


def near(value, key: str, share: float, error: float = 0.0, draws: int = 1) -> Run:
    """A figure that must lie within a share of the published one."""
    theirs = PUBLISHED[key]["value"]
    return Run(value, [(1 - share) * theirs, (1 + share) * theirs], error, draws)


def bernoulli_risk(p: float, n: int) -> float:
    """Exact risk of an event rate, given that both outcomes occur."""
    k = np.arange(1, n)
    chance = binom.pmf(k, n, p)
    q = k / n
    loss = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    return float(chance @ loss / chance.sum())


def poisson_risk(rate: float, n: int) -> float:
    """Exact risk of a Poisson rate, given that something occurs."""
    k = np.arange(1, int(n * rate + 40 * np.sqrt(n * rate)))
    chance, fit = poisson.pmf(k, n * rate), k / n
    loss = xlogy(rate, rate / fit) + fit - rate
    return float(chance @ loss / chance.sum())


def exact_cases():
    """Title, leading coefficient, second coefficient, rows, exact risk."""
    for n in (30, 120):
        second = 5 / (12 * 0.2 * 0.8) - 11 / 12
        yield f"bernoulli_{n}", 0.5, second, n, bernoulli_risk(0.2, n)
    for d, n in ((1, 20), (2, 20), (2, 100), (3, 20), (3, 100)):
        second = 5 / 12 * d**3 + 17 / 8 * d**2 + 61 / 24 * d
        half = d * (d + 3) / 4
        yield f"normal_{d}_{n}", half, second, n, normal_risk(n, d)
    yield "poisson_20", 0.5, 5 / 12, 20, poisson_risk(1.0, 20)


def exact(_: Scale) -> Part:
    """Risks known in closed form against the three expansions."""
    claims, body, lines = [], [], []
    for key, a, c2, n, risk in exact_cases():
        entry = f"samplesize/{key}"
        claims.append(
            Claim(
                entry,
                [near(risk, entry, 1e-4)],
                "By summation or a closed form, without the expansion.",
            )
        )
        gaps = [100 * (estimation_risk(a, c2, n, o) / risk - 1) for o in ORDERS]
        shown = PUBLISHED[entry]["errors"]
        theirs = ["-" if v is None else f"{v:+.1f}" for v in shown]
        cells = [f"{g:+.1f} [{t}]" for g, t in zip(gaps, theirs, strict=True)]
        body.append([PUBLISHED[entry]["statement"], f"{risk:.6f}", *cells])
        pairs = zip(gaps, shown, strict=True)
        lines.append(max(abs(g - t) for g, t in pairs if t is not None))
    claims.append(
        Claim(
            "samplesize/expansion_errors",
            [Run(float(max(lines)), [0.0, 0.11])],
            "Largest difference, in points of a percent, over all entries of the table.",
        )
    )
    listing = Listing(
        "Relative error (%) of leading term, two terms and Padé form against the exact "
        "risk, published in brackets",
        ["law", "exact risk", "leading", "two terms", "Padé"],
        body,
    )
    return Part(claims, [listing])


def simulated(scale: Scale) -> Part:
    """Published simulations of regression risks, simulated again."""
    claims, body, chosen = [], [], cases()
    for case in scale.some(chosen, (1, 5)):
        repeats = scale.draws(150 if case.n > 1000 else 3_000, 400)
        found, lost = losses(case, repeats, seed=1)
        mean = float(found.mean())
        error = float(found.std() / np.sqrt(len(found)))
        key = f"samplesize/mc_{chosen.index(case)}"
        claims.append(
            Claim(
                key,
                [near(mean, key, 0.02, error, repeats)],
                "The design is rebuilt from its published coefficients; a control variate "
                "with known mean is subtracted.",
            )
        )
        expansion = case.expansion()
        gaps = [100 * (expansion.risk(case.n, o) / mean - 1) for o in ORDERS]
        cells = [f"{g:+.1f}" for g in gaps]
        body.append(
            [case.name, f"{case.n:,}", f"{mean:.5f}", *cells, f"{100 * lost:.1f}"]
        )
    listing = Listing(
        "Relative error (%) of the three forms against simulation",
        ["model", "n", "simulated", "leading", "two terms", "Padé", "no estimate, %"],
        body,
    )
    return Part(claims, [listing])


def data(_: Scale) -> Part:
    """Both wines and abalone."""
    claims, body = [], []
    todo = [(t, k, GaussianFamily(), k) for t, (k, _) in study.NORMAL.items()]
    todo += [
        (t, (k, width), LogLinearFamily((2,) * width), f"{k} {width}")
        for t, (k, width, _) in study.SPLIT.items()
    ]
    for title, key, family, name in todo:
        try:
            x = study.columns(key if isinstance(key, str) else key[0])
        except (KeyError, OSError) as error:
            return Part(missing=f"wines and abalone could not be read: {error!r}")
        if not isinstance(key, str):
            x = x[:, : key[1]]
            x = (x > np.median(x, axis=0)).astype(int)
        r = ExponentialFamilyPN(family, order=2).assess(x)
        entry = f"samplesize/data_{name.replace(' ', '_')}"
        claims.append(
            Claim(
                entry,
                [near(float(r.risk2), entry, 0.07 if title in DIFFERS else 0.01)],
                DIFFERS.get(
                    title,
                    f"Parameters / twice the rows would say {r.p / (2 * r.n):.4f}.",
                ),
            )
        )
        half = f"{r.p / (2 * r.n):.4f}"
        body.append([title, str(r.p), f"{r.p_eff:.1f}", half, f"{r.risk2:.4f}"])
    listing = Listing(
        "Two-term risk with the data's own moments",
        ["data, model", "p", "effective p", "p/(2n)", "two terms"],
        body,
    )
    return Part(claims, [listing])


def german(_: Scale) -> Part:
    """German credit: risk, share and required rows."""
    try:
        found = list(study.german_results())
    except (KeyError, OSError) as error:
        return Part(missing=f"German credit could not be read: {error!r}")
    claims, body = [], []
    for k, (name, check) in enumerate(found):
        r = check.result_
        values = {
            "risk": r.risk2,
            "mi": r.mi,
            "share": r.share,
        }
        if k != 2:
            values |= {
                "n05": check.required_n(),
                "n025": check.required_n(delta=0.025),
            }
        for what, value in values.items():
            claims.append(
                Claim(
                    f"samplesize/german_{k}_{what}",
                    [near(float(value), f"samplesize/german_{k}_{what}", 0.005)],
                    f"{name[0].upper()}{name[1:]}.",
                )
            )
        shown = [str(r.p), f"{r.risk:.4f}", f"{r.mi:.4f}", f"{r.share:.3f}"]
        body.append([name, *shown, f"{check.required_n():,}"])
    head = ["design", "p", "risk (Padé)", "information", "share lost", "rows required"]
    return Part(claims, [Listing("German credit, 1,000 rows, 300 events", head, body)])


def required(_: Scale) -> Part:
    """Rows asked for by four rules, for forty parameters and an information."""
    case = PUBLISHED["samplesize/scorecard"]["given"]
    a, c2 = case["a"], case["c2"]
    share = (1 - case["slope"]) / case["slope"]
    riley = riley_binary(case["p"], riley_r2(case["mi"]), case["rate"])
    allowed = {
        "n_05": bayes_error_threshold(0.05),
        "n_025": bayes_error_threshold(0.025),
        "n_slope": share * case["mi"],
    }
    values = {k: float(np.ceil(required_n(a, c2, v))) for k, v in allowed.items()}
    values["riley"] = float(riley.shrinkage)
    values["epv"] = 10 * case["p"] / case["rate"]
    meanings = {
        "n_05": "Absolute rule: excess Bayes error of .05.",
        "n_025": "Absolute rule: excess Bayes error of .025; the earlier figure took the "
        "threshold rounded to .005.",
        "n_slope": "Relative rule: the risk is at most a ninth of the information, the "
        "intercept counted.",
        "riley": "Without the second order and blind to the design, yet near.",
        "epv": "Ten events a parameter ask a third of what the slope needs.",
    }
    claims = [
        Claim(f"samplesize/{k}", [near(v, f"samplesize/{k}", 0.001)], meanings[k])
        for k, v in values.items()
    ]
    head = ["rule", "rows"]
    names = {k: PUBLISHED[f"samplesize/{k}"]["statement"] for k in values}
    body = [[names[k], f"{v:,.0f}"] for k, v in values.items()]
    caption = (
        f"Rows required for {case['p']} indicator columns, "
        f"{100 * case['rate']:.0f} % events and {case['mi']} nats of information a row"
    )
    rows = np.geomspace(300, 20_000, 25)
    risk = partial(estimation_risk, a, c2)
    series = [
        {
            "label": {1: "leading", 2: "two terms", "pade": "Padé"}[order],
            "x": rows.tolist(),
            "y": [risk(n, order) for n in rows],
            "style": "-",
        }
        for order in ORDERS
    ]
    for name, level in allowed.items():
        label = names[name]
        line = {"label": label, "x": [rows[0], rows[-1]], "y": [level, level]}
        series.append({**line, "style": "--"})
    curves = {
        "title": "Risk of the scorecard against rows, and what is allowed",
        "x": "rows",
        "y": "risk, nats a row",
        "log": "xy",
        "series": series,
    }
    return Part(claims, [Listing(caption, head, body)], curves)


PARTS = {
    "exact": exact,
    "simulated": simulated,
    "wines and abalone": data,
    "German credit": german,
    "required rows": required,
}
