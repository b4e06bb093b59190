"""One-hot, weight of evidence and boosted stumps on the same bins, held-out rows.

``python -m benchmarks.encodings [--folds 5] [--resamples 500] [--out docs/encodings.md]``

The study of arXiv 2509.09855, section 7, with intervals: stumps boosted for 10, 50 and
100 rounds give bins; on these bins stand a logistic regression on indicators, one on
weights of evidence, and the boosted model itself. Every row is predicted by a model that
did not see it. Intervals are percentiles of a paired bootstrap of the held-out rows
within fold and class; they speak of the rows, not of the choice of folds.

Real data are read from the folder named by ``INFOSTAT_DATA``; sets that cannot be read
are left out and named.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from tqdm import tqdm

ROUNDS = (10, 50, 100)
KINDS = ("one-hot", "woe", "boosted")
REMEDIES = ("one-hot, ridge", "boosted, slope refitted")
WITHIN = 0.015


@dataclass(frozen=True, eq=False)
class Case:
    """One data set."""

    name: str
    X: Any
    y: np.ndarray


def cases(rows: int) -> Iterator[Case]:
    from infostat import datasets

    for shape in ("full", "paper"):
        made = datasets.make_applications(rows, shape=shape, rng=0, backend="pandas")
        X, y = made.frame[made.features], made.frame[made.target].to_numpy()
        yield Case(f"make_applications, {shape}", X, y)
    for name, load in (
        ("German credit", datasets.load_german_credit),
        ("Taiwan default", datasets.load_taiwan_default),
        ("Adult", datasets.load_adult),
        ("Boston HMDA", datasets.load_boston_hmda),
    ):
        try:
            data = load(backend="pandas")
        except (datasets.loaders.InfostatError, OSError) as error:
            print(f"{name} left out: {error}")
            continue
        y = (data.frame[data.target] == data.event).to_numpy().astype(int)
        yield Case(name, data.frame[data.features], y)


def models(X: Any, y: np.ndarray, rounds: int) -> dict[str, Any]:
    """The three models on the bins of one boosted card."""
    from infostat import (
        BoostedScorecardClassifier,
        QuantileBinner,
        ScorecardClassifier,
    )

    boosted = BoostedScorecardClassifier(rounds).fit(X, y)
    same = QuantileBinner(fixed_bins=boosted.bins_)
    return {
        "one-hot": ScorecardClassifier(same, encoding="onehot").fit(X, y),
        "woe": ScorecardClassifier(same).fit(X, y),
        "boosted": boosted,
        "one-hot, ridge": ScorecardClassifier(
            same, encoding="onehot", estimator=LogisticRegression(max_iter=1000)
        ).fit(X, y),
        "boosted, slope refitted": Refitted(boosted, X, y),
    }


class Refitted:
    """A boosted card whose log-odds were stretched to fit its training rows best."""

    def __init__(self, boosted: Any, X: Any, y: np.ndarray):
        self.boosted = boosted
        self.line = LogisticRegression(C=1e6).fit(self.margin(X), y)

    def margin(self, X: Any) -> np.ndarray:
        """Log-odds as a column."""
        return self.boosted.decision_function(X)[:, None]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of both classes."""
        return self.line.predict_proba(self.margin(X))


def held_out(case: Case, n_folds: int, bar: tqdm) -> tuple[np.ndarray, dict, int]:
    """Fold of each row, and its probability under every model."""
    from infostat import ScorecardClassifier

    fold = np.zeros(len(case.y), dtype=int)
    keys = [(kind, n) for n in ROUNDS for kind in KINDS + REMEDIES]
    keys.append(("default card", 0))
    out = {key: np.zeros(len(case.y)) for key in keys}
    bins = []
    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=0)
    for number, (train, test) in enumerate(splitter.split(case.X, case.y)):
        fold[test] = number
        X, y = case.X.iloc[train], case.y[train]
        new = case.X.iloc[test]
        fitted = {("default card", 0): ScorecardClassifier().fit(X, y)}
        for rounds in ROUNDS:
            made = models(X, y, rounds)
            fitted |= {(kind, rounds): made[kind] for kind in KINDS + REMEDIES}
            bins.append(sum(b.n_ordinary for b in made["boosted"].bins_.values()))
        for key, model in fitted.items():
            out[key][test] = model.predict_proba(new)[:, 1]
        bar.update()
    return fold, out, bins


class Resampled:
    """AUC and log loss, mean over folds, under weights of the rows."""

    def __init__(self, probability: np.ndarray, y: np.ndarray, fold: np.ndarray):
        p = np.clip(probability, 1e-15, 1 - 1e-15)
        self.loss = -np.where(y == 1, np.log(p), np.log1p(-p))
        self.parts = []
        for number in np.unique(fold):
            rows = np.flatnonzero(fold == number)
            rows = rows[np.argsort(probability[rows], kind="stable")]
            starts = np.flatnonzero(np.r_[True, np.diff(probability[rows]) > 0])
            self.parts.append((rows, starts, y[rows] == 1))

    def under(self, weight: np.ndarray) -> tuple[float, float]:
        """AUC and log loss."""
        areas, losses = [], []
        for rows, starts, event in self.parts:
            w = weight[rows]
            ones = np.add.reduceat(w * event, starts)
            zeros = np.add.reduceat(w * ~event, starts)
            below = np.cumsum(zeros) - zeros / 2
            areas.append((ones * below).sum() / (ones.sum() * zeros.sum()))
            losses.append(np.average(self.loss[rows], weights=w))
        return float(np.mean(areas)), float(np.mean(losses))


def draws(y: np.ndarray, fold: np.ndarray, n: int) -> Iterator[np.ndarray]:
    """Bootstrap weights of rows within fold and class; the first are ones."""
    rng = np.random.default_rng(0)
    yield np.ones(len(y))
    cells = [
        np.flatnonzero((fold == f) & (y == c)) for f in np.unique(fold) for c in (0, 1)
    ]
    for _ in range(n):
        weight = np.zeros(len(y))
        for cell in cells:
            picked = rng.integers(len(cell), size=len(cell))
            weight[cell] = np.bincount(picked, minlength=len(cell))
        yield weight


def study(case: Case, n_folds: int, n_resamples: int, bar: tqdm) -> dict:
    fold, probability, bins = held_out(case, n_folds, bar)
    measures = {key: Resampled(p, case.y, fold) for key, p in probability.items()}
    values = np.array(
        [
            [m.under(weight) for m in measures.values()]
            for weight in draws(case.y, fold, n_resamples)
        ]
    )
    return {
        "case": case,
        "keys": list(measures),
        "values": values,
        "bins": np.reshape(bins, (n_folds, -1)).mean(axis=0),
    }


def against(result: dict, first: tuple, second: tuple, measure: int) -> str:
    """Difference with its interval."""
    keys, values = result["keys"], result["values"][:, :, measure]
    difference = values[:, keys.index(first)] - values[:, keys.index(second)]
    low, high = np.quantile(difference[1:], [0.025, 0.975])
    return f"{difference[0]:+.4f} ({low:+.4f}, {high:+.4f})"


def tables(results: list[dict]) -> str:
    lines = [
        (
            "| data | rounds | bins | AUC one-hot | AUC WoE | AUC boosted | "
            "one-hot - WoE | boosted - WoE | largest gap |"
        ),
        "|---|---:|---:|---:|---:|---:|---|---|---:|",
    ]
    losses = [
        (
            "| data | rounds | one-hot | WoE | boosted | one-hot - WoE | boosted - WoE | "
            "largest gap |"
        ),
        "|---|---:|---:|---:|---:|---|---|---:|",
    ]
    for result in results:
        name, keys = result["case"].name, result["keys"]
        for k, rounds in enumerate(ROUNDS):
            for measure, out in ((0, lines), (1, losses)):
                own = [
                    result["values"][0, keys.index((kind, rounds)), measure]
                    for kind in KINDS
                ]
                cells = [f"{v:.4f}" for v in own]
                gaps = [
                    against(result, (kind, rounds), ("woe", rounds), measure)
                    for kind in ("one-hot", "boosted")
                ]
                gap = max(own) - min(own)
                largest = f"{gap:.4f}" if gap <= WITHIN else f"**{gap:.4f}**"
                count = [f"{result['bins'][k]:.0f}"] if measure == 0 else []
                row = [name, str(rounds), *count, *cells, *gaps, largest]
                out.append(f"| {' | '.join(row)} |")
    remedies = [
        "| data | rounds | one-hot, ridge - WoE | boosted, slope refitted - WoE |",
        "|---|---:|---|---|",
    ]
    for result in results:
        for rounds in ROUNDS:
            gaps = [
                against(result, (kind, rounds), ("woe", rounds), 1) for kind in REMEDIES
            ]
            row = [result["case"].name, str(rounds), *gaps]
            remedies.append(f"| {' | '.join(row)} |")
    reference = [
        "| data | rows | event rate | AUC | log loss | boosted, 100 - default card |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for result in results:
        case, place = result["case"], result["keys"].index(("default card", 0))
        auc, loss = result["values"][0, place]
        gap = against(result, ("boosted", 100), ("default card", 0), 0)
        reference.append(
            f"| {case.name} | {len(case.y)} | {case.y.mean():.3f} | {auc:.4f} | "
            f"{loss:.4f} | {gap} |"
        )
    parts = ["## Area under the ROC curve", "\n".join(lines)]
    parts += ["## Log loss", "\n".join(losses)]
    parts += ["## Log loss with a remedy", "\n".join(remedies)]
    parts += ["## Default card", "\n".join(reference)]
    return "\n\n".join(parts)


HEAD = """# Encodings: one-hot, weight of evidence, boosted stumps

Written by `python -m benchmarks.encodings`. Stumps boosted for 10, 50 and 100 rounds
(`BoostedScorecardClassifier`, rate 0.3, constraint "auto") give the bins; on the same
bins stand a logistic regression on indicators, one on weights of evidence, and the
boosted model itself. {folds} folds, every row predicted by models that did not see it;
area and log loss are means over the folds. In parentheses: 95 % percentile interval of
a paired bootstrap ({resamples} resamples within fold and class). A gap above {within}
between the largest and the smallest of the three is bold.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000, help="generated rows")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--resamples", type=int, default=500)
    parser.add_argument("--out", type=Path, help="page to write, reading kept")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    found = list(cases(options.rows))
    results = []
    with tqdm(total=len(found) * options.folds, disable=None) as bar:
        for case in found:
            bar.set_description(case.name)
            results.append(study(case, options.folds, options.resamples, bar))
    text = tables(results)
    print(text)
    if options.out is not None:
        head = HEAD.format(
            folds=options.folds, resamples=options.resamples, within=WITHIN
        )
        # What a person wrote below the mark stays.
        old = options.out.read_text("utf-8") if options.out.exists() else ""
        reading = old[old.index(MARK) :] if MARK in old else f"{MARK}\n"
        options.out.write_text(f"{head}\n{text}\n\n{reading}", "utf-8")


MARK = "## Reading"


if __name__ == "__main__":
    main()
