"""What the default card's area depends on: one choice at a time, small and large data.

``python -m benchmarks.race_causes CASE [--splits N] [--save FILE]``

Cases are the public sets of the race (splits of the same rows) and generated portfolios
of 1,000, 5,000 and 20,000 rows (fresh rows, and 20,000 others for the area).
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks.race_sides import texts

Rows = tuple[pd.DataFrame, np.ndarray, pd.DataFrame, np.ndarray]

GENERATED = {"1,000": 1_000, "5,000": 5_000, "20,000": 20_000}
PUBLIC = ("German", "Taiwan", "Adult")
OTHERS = 20_000
TEST = 0.3
"""Share of a public set that is held out."""

SPLITS = {
    "German": 50,
    "Taiwan": 5,
    "Adult": 5,
    "1,000": 40,
    "5,000": 15,
    "20,000": 5,
}


class _Card:
    """The default card with some choices changed, features chosen by value if asked."""

    def __init__(self, least: float = 0.0, card: Any = None, **binner: Any) -> None:
        self.least, self.card, self.binner = least, card or {}, binner

    def points(self, X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
        from infostat import OptimalBinner, ScorecardClassifier

        card = ScorecardClassifier(OptimalBinner(**self.binner), **self.card)
        fitted = card.fit(X, y)
        if self.least:
            kept = [n for n, v in fitted.iv_.items() if v.value >= self.least]
            X, new = X[kept], new[kept]
            fitted = card.fit(X, y)
        return fitted.predict_points(new)


def ridge(strength: float) -> dict[str, Any]:
    """Coefficients on evidence with a normal prior: mean 0, variance ``strength``."""
    from sklearn.linear_model import LogisticRegression

    return {"estimator": LogisticRegression(C=strength, max_iter=1_000)}


def variants() -> dict[str, _Card]:
    """One choice at a time."""
    return {
        "default": _Card(),
        "penalty: prior variance 3": _Card(card=ridge(3.0)),
        "penalty: prior variance 1": _Card(card=ridge(1.0)),
        "penalty: prior variance 0.1": _Card(card=ridge(0.1)),
        "bins of 3 % or more": _Card(min_bin_size=0.03),
        "bins of 5 % or more": _Card(min_bin_size=0.05),
        "20 pre-bins": _Card(prebins=20),
        "50 pre-bins": _Card(prebins=50),
        "at most 5 bins": _Card(max_bins=5),
        "at most 12 bins": _Card(max_bins=12),
        "rare levels not pooled": _Card(rare_level=0.0),
        "levels under 5 % pooled": _Card(rare_level=0.05),
        "smoothing, 4 rows": _Card(card={"smoothing": 4.0}),
        "smoothing, 20 rows": _Card(card={"smoothing": 20.0}),
        "no trend": _Card(monotonic=None),
        "value less its bias": _Card(objective="iv_corrected"),
        "neighbours apart at 5 %": _Card(max_pvalue=0.05),
        "missing values merged": _Card(missing="merge"),
        "points not rounded": _Card(card={"rounding": None}),
        "no coefficient against its evidence": _Card(
            card={"monotone_coefficients": True}
        ),
        "features of value 0.02 or more": _Card(least=0.02),
        "one coefficient a bin": _Card(card={"encoding": "onehot"}),
    }


def their_bins(X: pd.DataFrame, y: np.ndarray) -> dict[str, Any]:
    """Bins that optbinning chooses, as ours."""
    from optbinning import BinningProcess

    from infostat import Bins

    words = texts(X)
    process = BinningProcess(list(X), categorical_variables=words).fit(X, y)
    out = {}
    for name in X:
        splits = process.get_binned_variable(name).splits
        if name in words:
            out[name] = Bins.categorical(name, [[str(v) for v in g] for g in splits])
        else:
            # Theirs are closed on the left.
            below = np.nextafter(np.asarray(splits, dtype=float), -np.inf)
            out[name] = Bins.numeric(name, below.tolist())
    return out


def with_their_bins(X: pd.DataFrame, y: np.ndarray) -> dict[str, _Card]:
    """Our regression, maximum likelihood and penalised, on their bins."""
    bins, words = their_bins(X, y), texts(X)
    numbers = {name: b for name, b in bins.items() if name not in words}
    groups = {name: b for name, b in bins.items() if name in words}
    out = {}
    for what, fixed in (("", bins), (" of numbers", numbers), (" of levels", groups)):
        out[f"optbinning's bins{what}"] = _Card(fixed_bins=fixed)
        out[f"optbinning's bins{what}, prior variance 1"] = _Card(
            fixed_bins=fixed, card=ridge(1.0)
        )
    return out


def draws(case: str, splits: int) -> Iterator[Rows]:
    """Rows to fit, rows to judge."""
    from sklearn.model_selection import StratifiedShuffleSplit

    from benchmarks.race import real_sets
    from infostat.datasets import make_applications

    if case in PUBLIC:
        X, y = real_sets()[case]
        halves = StratifiedShuffleSplit(splits, test_size=TEST, random_state=0)
        for train, test in halves.split(X, y):
            rows, new = (X.iloc[k].reset_index(drop=True) for k in (train, test))
            yield rows, y[train], new, y[test]
        return
    n = GENERATED[case]
    for seed in range(splits):
        made = make_applications(n + OTHERS, rng=1_000 + seed, backend="pandas")
        X, y = made.frame[made.features], made.frame[made.target].to_numpy()
        yield X.iloc[:n], y[:n], X.iloc[n:].reset_index(drop=True), y[n:]


def causes(
    case: str, first: int, splits: int, seconds: float, *, theirs: bool
) -> dict[str, list[float]]:
    """Area of every variant in every draw from ``first`` on; none starts too late."""
    from benchmarks.race import auc

    found: dict[str, list[float]] = {}
    start = time.monotonic()
    drawn = islice(draws(case, first + splits), first, None)
    for X, y, new, later in tqdm(drawn, total=splits, disable=None):
        if time.monotonic() - start > seconds:
            break
        cards = variants() | (with_their_bins(X, y) if theirs else {})
        for name, card in cards.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found.setdefault(name, []).append(auc(later, card.points(X, y, new)))
    return found


def gap(areas: list[float], own: list[float], *, overlap: bool) -> tuple[float, float]:
    """Mean difference and its standard error.

    Splits of the same rows overlap: the variance of their mean is that of one split
    times ``1 / splits + test / train`` (Nadeau and Bengio 2003).
    """
    both = min(len(areas), len(own))
    difference = np.array(areas[:both]) - np.array(own[:both])
    if both < 2:
        return float(difference.mean()), float("nan")
    share = 1.0 / both + (TEST / (1.0 - TEST) if overlap else 0.0)
    return float(difference.mean()), float(difference.std(ddof=1) * np.sqrt(share))


def section(results: dict[str, dict[str, list[float]]]) -> list[str]:
    """Lines of the page."""
    from benchmarks.performance_page import lines_of

    cases = [case for case in (*PUBLIC, *GENERATED) if case in results]
    counts = ", ".join(f"{c} {len(results[c]['default'])}" for c in cases)
    names = list(dict.fromkeys(name for case in cases for name in results[case]))
    body = []
    for name in names:
        row = [name]
        for case in cases:
            areas, own = results[case].get(name), results[case]["default"]
            if areas is None:
                row.append("")
            elif name == "default":
                row.append(f"{np.mean(own):.4f}")
            else:
                mean, error = gap(areas, own, overlap=case in PUBLIC)
                fewer = f" ({len(areas)})" if len(areas) < len(own) else ""
                row.append(f"{mean:+.4f} ± {error:.4f}{fewer}")
        body.append(row)
    return [
        "## One choice at a time",
        "",
        (
            f"Mean held-out area of the default card, and what one changed choice adds "
            f"to it, ± its standard error: corrected for the overlap of the splits on "
            f"public data, from fresh rows each time on generated portfolios (fits to "
            f"1,000, 5,000 and 20,000 rows, judged on {OTHERS:,} others). "
            f"Draws: {counts}, or the number in brackets."
        ),
        "",
        *lines_of(["choice", *cases], body),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.race_causes", description=__doc__)
    parser.add_argument("case", choices=SPLITS)
    parser.add_argument("--first", type=int, default=0, help="splits left out")
    parser.add_argument("--splits", type=int)
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="no new split"
    )
    parser.add_argument("--theirs", action="store_true", help="optbinning's bins too")
    parser.add_argument(
        "--save", type=Path, help="JSON file for benchmarks.race --merge"
    )
    args = parser.parse_args()
    splits = args.splits or SPLITS[args.case]
    found = causes(args.case, args.first, splits, args.seconds, theirs=args.theirs)
    print("\n".join(section({args.case: found})))
    if args.save is not None:
        saved = {"causes": {args.case: found}}
        args.save.write_text(json.dumps(saved), encoding="utf-8")


if __name__ == "__main__":
    main()
