"""Information-theoretic causal bounds: rates, widths, IHDP, unseen arms, claims."""

from __future__ import annotations

import numpy as np

from benchmarks.causal import bootstrap_slope, slope
from benchmarks.causal_laws import draw as law_draw
from benchmarks.causal_laws import oracle
from benchmarks.causal_runs import treated_rows
from benchmarks.papers.causal_claims import theory
from benchmarks.papers.causal_designs import DESIGNS, Design, point_truth
from benchmarks.papers.causal_ihdp import ihdp
from benchmarks.papers.claims import PUBLISHED, Claim, Listing, Part, Run
from benchmarks.validation.study import Scale
from infostat import CausalBounds

USES = ["causal.py", "causal_laws.py", "causal_ihdp.py", "causal_runs.py"]
SIZES = [100, 200, 400, 800, 1600, 3200]
KEYS = ["lower", "upper", "ci_lower", "ci_upper"]


def treated(X, y, taken, **options) -> np.ndarray:
    """Ends and limits of the mean under treatment."""
    bounds = CausalBounds(**options).fit(X, y, treatment=taken)
    return bounds.bounds_[KEYS].to_numpy()[1]


def replicates(design: Design, n: int, draws: int) -> np.ndarray:
    """Ends and limits of the sharp set, one row a sample."""
    return np.array(
        [
            treated(*design.draw(n, 1000 * n + k), y_bounds=design.bounds)
            for k in range(draws)
        ]
    )


def rates(scale: Scale) -> Part:
    """How fast ends approach the population's, and penalised widths."""
    draws, rng = scale.draws(120, 40), np.random.default_rng(0)
    claims, body, series = [], [], []
    for design in DESIGNS:
        (low, high), truth = design.oracle(scale.draws(2_000_000, 500_000))
        groups = {n: replicates(design, n, draws) for n in SIZES}
        roots: dict[str, list[float]] = {}
        for k, (end, value) in enumerate((("lower", low), ("upper", high))):
            cells = {n: g[:, k] for n, g in groups.items()}
            roots[end] = [
                float(np.sqrt(np.mean((c - value) ** 2))) for c in cells.values()
            ]
            error = bootstrap_slope(cells, value, rng)
            run = Run(slope(SIZES, roots[end]), [-0.58, -0.42], error, draws)
            claims.append(
                Claim(
                    f"causal/slope_{design.name}_{end}",
                    [run],
                    "With a range that holds the outcome the target is finite and the "
                    "error falls as the root of n; without one there is no limit, and "
                    "the slow decline is towards another fit of the same estimator.",
                )
            )
        widths = penalised(groups, truth)
        body += [
            [
                design.name,
                f"{n:,}",
                *(f"{roots[e][k]:.3f}" for e in roots),
                *widths[k][1],
            ]
            for k, n in enumerate(SIZES)
        ]
        label = f"{design.title}, sharp, upper end"
        series.append({"label": label, "x": SIZES, "y": roots["upper"]})
        claims.append(width_claim(design, widths, draws))
    body = with_published(body)
    shown = PUBLISHED["causal/curves"]
    theirs = {"label": "published, debiased", "x": SIZES, "y": shown["rmse"]}
    series.append({**theirs, "style": "s--"})
    listing = Listing(
        f"Sharp bounds on the mean under treatment in both designs, outcome clipped to "
        f"its range, {draws} samples a size. Penalised width: mean width times "
        f"1 + 10 max(0, .95 - coverage). Published curves are pointwise, of the first "
        f"design",
        [
            *("design", "n", "RMSE lower", "RMSE upper", "coverage of the truth"),
            *("penalised width", "published RMSE", "published penalised width"),
        ],
        body,
    )
    curves = {
        "title": "Error of the upper end against its target",
        "x": "rows",
        "y": "root mean squared error",
        "log": "xy",
        "series": series,
    }
    return Part(claims, [listing], curves)


def penalised(groups, truth):
    """Penalised width, and its cells of the table, by size."""
    out = []
    for cell in groups.values():
        covered = float(np.mean((cell[:, 2] <= truth) & (truth <= cell[:, 3])))
        width = cell[:, 3] - cell[:, 2]
        factor = 1 + 10 * max(0.0, 0.95 - covered)
        value, error = width.mean() * factor, width.std() * factor / np.sqrt(len(cell))
        out.append(((value, error), [f"{covered:.3f}", f"{value:.2f}"]))
    return out


def width_claim(design: Design, widths, draws: int) -> Claim:
    """Growth of the penalised width from 100 to 400 rows."""
    (first, e1), (third, e3) = widths[0][0], widths[2][0]
    ratio = third / first
    error = ratio * float(np.hypot(e1 / first, e3 / third))
    return Claim(
        f"causal/penalised_{design.name}",
        [Run(float(ratio), [0.75, 1.0], error, draws)],
        "Valid intervals shrink as rows come in; theirs widened first, by an error that "
        "their coverage on simulated confounding does not show.",
    )


def with_published(body: list[list[str]]) -> list[list[str]]:
    """Append published curves to the rows of the first design."""
    shown = PUBLISHED["causal/curves"]
    pairs = zip(shown["rmse"], shown["penalised"], strict=True)
    cells = [[f"{a:g}", f"{b:g}"] for a, b in pairs]
    cells += [["-", "-"]] * (len(body) - len(cells))
    return [row + cell for row, cell in zip(body, cells, strict=True)]


def upper_end(n: int, seed: int, name: str) -> float:
    """Upper end of a divergence bound on one sample; the treated arm alone is scored."""
    X, y, taken = law_draw(n, seed)
    bounds = CausalBounds(y_bounds=(0, 1), random_state=seed).fit(X, y, treatment=taken)
    bounds.set_params(method=name)
    return treated_rows(bounds)[0][1]


def balls(scale: Scale) -> Part:
    """Rate of the divergence bounds on a law whose oracle is known."""
    names = ("chi2", "kl") if not scale.quick else ("chi2",)
    sizes = SIZES[1:] if not scale.quick else [200, 1600]
    draws, rng = scale.draws(20, 10), np.random.default_rng(1)
    ends, _ = oracle("continuous", names)
    claims = []
    for name in names:
        groups = {}
        for n in sizes:
            seeds = range(7000 * n, 7000 * n + draws)
            groups[n] = np.array([upper_end(n, seed, name) for seed in seeds])
        high = ends[name][1]
        roots = [np.sqrt(np.mean((v - high) ** 2)) for v in groups.values()]
        error = bootstrap_slope(groups, high, rng)
        claims.append(
            Claim(
                f"causal/slope_ball_{name}",
                [Run(slope(sizes, roots), [-0.65, -0.4], error, draws)],
                "The same divergence by its dual in closed form, cross-fitted, outcome "
                "in [0, 1].",
            )
        )
    return Part(claims)


def unseen(scale: Scale) -> Part:
    """Coverage when only outcomes that nobody sees are shifted."""
    design, draws = DESIGNS[1], scale.draws(80, 12)
    shown = PUBLISHED["causal/unseen"]["coverage"]
    shifts = np.array([float(s) for s in shown])
    top = (design.bounds[0], design.bounds[1] + shifts.max())
    ranges = {"observed": None, "scientific": top}
    large, *_ = design.draw(1_000_000, 1)
    truth = shifted(large, shifts).mean(axis=0)
    hits, points = np.zeros((2, 2, len(shifts), draws))
    for k in range(draws):
        rows = design.draw(2000, 90_000 + k)
        new, *_ = design.draw(500, 95_000 + k)
        local = shifted(new, shifts)
        for r, bounds in enumerate(ranges.values()):
            interval, ends = fitted(rows, new, bounds, design.bounds)
            hits[r, :, k] = (interval[0] <= truth) & (truth <= interval[1])
            inside = (ends[:, :1] <= local) & (local <= ends[:, 1:])
            points[r, :, k] = inside.mean(axis=0)
    meanings = {
        "observed": "The observed law is the same throughout: coverage in one simulation "
        "says nothing of another with other unseen outcomes.",
        "scientific": "The price of an assumption that holds is width, not coverage.",
    }
    claims, body = [], []
    for r, name in enumerate(ranges):
        runs = []
        for shift, cell in zip(shifts, hits[r], strict=True):
            rate = float(cell.mean())
            good = r == 1 or shift <= 5
            error = float(np.sqrt(rate * (1 - rate) / draws))
            band = [0.9, 1.0] if good else [0.0, 0.1]
            runs.append(Run(rate, band, error, draws, f"the shift is {shift:g}"))
        claims.append(Claim(f"causal/unseen_{name}", runs, meanings[name]))
        label = {"observed": "range of the treated arm", "scientific": "range of all"}
        cells = [(hits, "interval of the mean"), (points, "predicted ends at rows")]
        for values, kind in cells:
            rates = [f"{v:.3f}" for v in values[r].mean(axis=1)]
            body.append([f"sharp, {label[name]}, {kind}", *rates])
    theirs = [f"{v:.3f}" for v in shown.values()]
    body.append(["itbound, published run, predicted ends at rows", *theirs])
    listing = Listing(
        f"Coverage of the truth by the shift of the outcomes that the untreated would "
        f"have had; 2,000 rows, {draws} samples. Predicted ends come from a regression "
        f"and carry no interval, so that they miss where the set is narrow",
        ["bounds", *(f"{s:g}" for s in shifts)],
        body,
    )
    return Part(claims, [listing])


def shifted(X, shifts):
    """Conditional means under treatment, one column a shift of the unseen arm."""
    mean, e = point_truth(X)
    return mean[:, None] + (1 - e)[:, None] * shifts


def fitted(rows, new, bounds, other):
    """Interval of the mean under treatment, and predicted ends at new rows."""
    X, y, taken = rows
    seen = y[taken == 1]
    low, high = bounds or (seen.min(), seen.max())

    def limits(_, arm):
        return (low, high) if arm == 1 else other

    model = CausalBounds(y_bounds=limits, random_state=0).fit(X, y, treatment=taken)
    ends = model.predict_bounds(new, 1).to_numpy()
    return model.bounds_[KEYS].to_numpy()[1, 2:], ends


PARTS = {
    "rates": rates,
    "balls": balls,
    "ihdp": ihdp,
    "unseen arm": unseen,
    "theory": theory,
}
