"""The comparisons of the scoring benchmark: sides that do the same work, and floors."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.portfolio import applicants, floor_edges
from benchmarks.turns import Sides

COLUMNS = 20


def _codes(x: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """Codes with known edges: one search and the fix for missing values."""
    code = np.searchsorted(edge, x)
    code[np.isnan(x)] = len(edge) + 1
    return code


def floor_fit(X: pd.DataFrame, y: np.ndarray, edges: list[np.ndarray]) -> None:
    """Codes and joint counts with known edges."""
    for name, edge in zip(X, edges, strict=True):
        code = _codes(X[name].to_numpy(), edge)
        np.bincount(2 * code + y, minlength=2 * (len(edge) + 2))


def floor_score(X: pd.DataFrame, edges: list[np.ndarray]) -> np.ndarray:
    """Sum of table values with known edges."""
    total = np.zeros(len(X))
    for name, edge in zip(X, edges, strict=True):
        total += np.arange(len(edge) + 2.0)[_codes(X[name].to_numpy(), edge)]
    return total


def binning(rows: int) -> Sides:
    """Fit, and fit and transform, of numeric columns."""
    from infostat import OptimalBinner, WOEEncoder

    X, y = applicants(rows, COLUMNS)
    edges, matrix = floor_edges(X), np.ascontiguousarray(X.to_numpy())
    sides: Sides = {
        "floor": lambda: floor_fit(X, y, edges),
        "binner fit, frame": lambda: OptimalBinner().fit(X, y),
        "encoder fit (WoE, IV, errors), frame": lambda: WOEEncoder().fit(X, y),
        "encoder fit + transform, frame": lambda: WOEEncoder().fit_transform(X, y),
        "encoder fit + transform, C-ordered array": lambda: WOEEncoder().fit_transform(
            matrix, y
        ),
    }
    process = peer_process(X)
    if process is not None:
        sides["optbinning fit + transform, frame"] = lambda: process.fit(
            X, y
        ).transform(X)
    return sides


def peer_process(X: pd.DataFrame) -> Any:
    """Process of optbinning with its defaults; None where it is not installed."""
    try:
        from optbinning import BinningProcess
    except ImportError:
        return None
    return BinningProcess(variable_names=list(X))


def string_storage() -> str:
    """What pandas holds strings in: pyarrow where it is installed, else Python."""
    dtype: Any = pd.Series(["a"]).astype("str").dtype
    return str(getattr(dtype, "storage", dtype))


def categorical(rows: int, levels: int, kind: str) -> Sides:
    """Fit and transform of one column of strings, or of codes with categories."""
    from infostat import WOEEncoder

    rng = np.random.default_rng(7)
    y = (rng.random(rows) < 0.08).astype(np.uint8)
    names = np.array([f"level {k}" for k in range(levels)], dtype=object)
    column = pd.Series(names[rng.integers(0, levels, rows)]).astype(kind)
    X = pd.DataFrame({"x": column})
    if kind == "category":
        codes = column.cat.codes.to_numpy()

        def floor() -> np.ndarray:
            counts = np.bincount(2 * codes.astype(np.intp) + y, minlength=2 * levels)
            return np.take(counts[::2].astype(float), codes)

        sides: Sides = {"floor: bincount + take on ready codes": floor}
    else:
        sides = {"floor: one factorize": column.factorize}
    sides["encoder fit + transform"] = lambda: WOEEncoder().fit_transform(X, y)
    return sides


def stability(rows: int) -> Sides:
    """PSI with errors of numeric columns between two samples, ten quantile bins."""
    from infostat import QuantileBinner, population_stability_index, tabulate

    base, y = applicants(rows, COLUMNS)
    now, z = applicants(rows, COLUMNS, seed=1)
    edges = [
        np.unique(np.nanquantile(base[c][::50], np.arange(1, 10) / 10)) for c in base
    ]
    frame = now.assign(bad=z)
    stored = QuantileBinner(max_bins=10).fit(base, y)

    def compare(reference: Any) -> list[Any]:
        tables = tabulate(frame, reference.bins_, "bad")
        return [
            population_stability_index(
                reference.tables_[name].weight.sum(axis=1), table.weight.sum(axis=1)
            )
            for name, table in tables.items()
        ]

    def floor() -> None:
        for sample in (base, now):
            for name, edge in zip(sample, edges, strict=True):
                np.bincount(_codes(sample[name].to_numpy(), edge))

    return {
        "floor, both samples": floor,
        "both samples": lambda: compare(QuantileBinner(max_bins=10).fit(base, y)),
        "stored reference": lambda: compare(stored),
    }


def mixed(rows: int) -> tuple[pd.DataFrame, np.ndarray]:
    """25 numeric and 5 string columns of 4 to 40 levels, and a target."""
    X, y = applicants(rows, 25)
    rng = np.random.default_rng(3)
    for levels in (4, 8, 15, 25, 40):
        place = rng.random(rows) ** 2 * levels + 2 * y * rng.random(rows)
        number = np.minimum(place.astype(int), levels - 1)
        names = np.array([f"level {k}" for k in range(levels)], dtype=object)
        X[f"levels {levels}"] = pd.Series(names[number]).astype("str")
    return X, y


def scorecards(rows: int) -> tuple[Sides, dict[str, float]]:
    """Fit on ``rows`` rows and score of as many others, and the AUC of each on these."""
    from sklearn.metrics import roc_auc_score

    from infostat import ScorecardClassifier

    X, y = mixed(2 * rows)
    train, test = X.iloc[:rows], X.iloc[rows:].reset_index(drop=True)
    target, held = y[:rows], y[rows:]
    areas: dict[str, float] = {}

    def note(name: str, score: Any) -> None:
        areas[name] = float(roc_auc_score(held, score))

    def own() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            card = ScorecardClassifier().fit(train, target)
        note("infostat", card.predict_proba(test)[:, 1])

    sides: Sides = {"infostat": own}
    sides.update(_peer_scorecards(train, target, test, note))
    return sides, areas


def _peer_scorecards(train: Any, target: Any, test: Any, note: Any) -> Sides:
    """Scorecards of the peers that are installed, with their defaults."""
    sides: Sides = {}
    levels = [name for name in train if name.startswith("levels")]
    try:
        from optbinning import BinningProcess, Scorecard
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        pass
    else:

        def optbinning_card() -> None:
            process = BinningProcess(list(train), categorical_variables=levels)
            model = LogisticRegression(max_iter=1000)
            card = Scorecard(binning_process=process, estimator=model)
            card.fit(train, target)
            note("optbinning", card.predict_proba(test)[:, 1])

        sides["optbinning"] = optbinning_card
    try:
        import toad
    except ImportError:
        return sides

    def toad_card() -> None:
        both = train.assign(target=target)
        combiner = toad.transform.Combiner()
        combiner.fit(both, y="target", method="dt", min_samples=0.05)
        woe = toad.transform.WOETransformer()
        coded = woe.fit_transform(
            combiner.transform(both), both["target"], exclude=["target"]
        )
        card = toad.ScoreCard(combiner=combiner, transer=woe, max_iter=1000)
        card.fit(coded[list(train)], target)
        note("toad", -card.predict(test))

    sides["toad"] = toad_card
    return sides


def scoring(rows: int, path: str) -> Sides:
    """A card of ten features, written to ``path``, against the floor."""
    from infostat import ScorecardClassifier
    from infostat.scorecard.scorecard import Scorecard

    X, y = applicants(rows, 10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = ScorecardClassifier().fit(X.iloc[:50_000], y[:50_000])
    fitted.to_json(path)
    card = Scorecard.from_json(path)
    edges = [np.asarray(card.features[name].bins.cuts) for name in X]
    matrix = np.ascontiguousarray(X.to_numpy())
    return {
        "floor": lambda: floor_score(X, edges),
        "card, points, frame": lambda: card.points(X),
        "card, points and probability, frame": lambda: card.score(X),
        "card, points, C-ordered array": lambda: card.points(matrix),
        "card, points and probability, C-ordered array": lambda: card.score(matrix),
    }
