"""Encoders alone against other packages: time, and what they do with doubtful cells."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks.portfolio import applicants
from benchmarks.race_sides import feature_engine_encoder, levels, tenths
from benchmarks.turns import turns

Encoder = Callable[[pd.DataFrame, np.ndarray, pd.DataFrame], np.ndarray]
"""Fit on rows and outcomes, evidence (events over non-events) of other rows."""

LEVELS = (4, 6, 10, 20, 40)
ROWS = 4_000


def infostat_encoder(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    from infostat import WOEEncoder

    return WOEEncoder(sign="bad_over_good").fit(X, y).transform(new)


def infostat_tenths(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    from infostat import QuantileBinner, WOEEncoder

    encoder = WOEEncoder(QuantileBinner(max_bins=10), sign="bad_over_good")
    return encoder.fit(X, y).transform(new)


def optbinning_encoder(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    from optbinning import BinningProcess

    words = [c for c in X if not pd.api.types.is_numeric_dtype(X[c])]
    process = BinningProcess(list(X), categorical_variables=words).fit(X, y)
    return -np.asarray(process.transform(new, metric="woe"))


def toad_encoder(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    import toad

    combiner = toad.transform.Combiner()
    combiner.fit(X, y, method="dt", min_samples=0.05)
    transformer = toad.transform.WOETransformer()
    transformer.fit_transform(combiner.transform(X), y)
    return np.asarray(transformer.transform(combiner.transform(new)))


def fastwoe_encoder(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    from fastwoe import FastWoe

    encoder = FastWoe()
    encoder.fit(X, y)
    return np.asarray(encoder.transform(new))


def category_encoders_encoder(
    X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame
) -> np.ndarray:
    from category_encoders import WOEEncoder

    words = [c for c in X if not pd.api.types.is_numeric_dtype(X[c])]
    if len(words) < X.shape[1]:
        edges = tenths(X)
        X, new = levels(X, edges), levels(new, edges)
    encoder = WOEEncoder(cols=list(X)).fit(X, y)
    return encoder.transform(new).to_numpy()


def feature_engine_bare(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame):
    """Without the steps that fill missing values and pool rare levels."""
    from feature_engine.discretisation import EqualFrequencyDiscretiser
    from feature_engine.encoding import WoEEncoder

    if all(pd.api.types.is_numeric_dtype(X[c]) for c in X):
        cut = EqualFrequencyDiscretiser(return_object=True)
        X, new = cut.fit_transform(X), cut.transform(new)
    return WoEEncoder().fit(X, y).transform(new).to_numpy()


def feature_engine_filled(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame):
    return feature_engine_encoder(X).fit(X, y).transform(new).to_numpy()


def feature_engine_given(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame):
    return feature_engine_encoder(X, "given").fit(X, y).transform(new).to_numpy()


def feature_engine_tree(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame):
    return feature_engine_encoder(X, "tree").fit(X, y).transform(new).to_numpy()


NUMBERS: dict[str, tuple[str, Encoder]] = {
    "infostat, optimal bins": ("", infostat_encoder),
    "infostat, tenths": ("", infostat_tenths),
    "category_encoders, tenths before it": (
        "category_encoders",
        category_encoders_encoder,
    ),
    "feature-engine, tenths": ("feature-engine", feature_engine_filled),
    "feature-engine, cuts given": ("feature-engine", feature_engine_given),
    "feature-engine, decision trees": ("feature-engine", feature_engine_tree),
}
WORDS: dict[str, tuple[str, Encoder]] = {
    "infostat, optimal groups": ("", infostat_encoder),
    "category_encoders": ("category_encoders", category_encoders_encoder),
    "feature-engine": ("feature-engine", feature_engine_bare),
    "feature-engine, missing and rare levels named": (
        "feature-engine",
        feature_engine_filled,
    ),
}
PROBED: dict[str, Encoder] = {
    "infostat": infostat_encoder,
    "optbinning": optbinning_encoder,
    "toad": toad_encoder,
    "fastwoe": fastwoe_encoder,
    "category_encoders": category_encoders_encoder,
    "feature-engine": feature_engine_bare,
}


def words_of(y: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Five columns of 4 to 40 levels, which events make higher."""
    out = {}
    for k, size in enumerate(LEVELS):
        latent = rng.normal(size=len(y)) + 0.4 * y
        edges = np.quantile(rng.normal(size=10_000), np.arange(1, size) / size)
        names = rng.permutation([f"level {j:02d}" for j in range(size)])
        out[f"text{k}"] = names[np.searchsorted(edges, latent)]
    return pd.DataFrame(out)


def race_encoders(
    rows: int, repeats: int, found: dict[str, str]
) -> dict[str, dict[str, Any]]:
    """Processor seconds of fit and transform, sides taking turns.

    ``found`` holds the versions of the packages that are installed.
    """
    numbers, y = applicants(rows, 20)
    words = words_of(y, np.random.default_rng(20_261_129))
    made = {"numbers": (numbers, NUMBERS), "words": (words, WORDS)}
    out: dict[str, dict[str, Any]] = {}
    for kind, (X, sides) in made.items():
        used, errors = {}, {}
        for name, (package, side) in sides.items():
            if package and package not in found:
                continue
            run = partial(side, X, y, X)
            try:
                # Imports and compilation are not part of the race.
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    run()
            except Exception as error:  # a peer may fail in any way
                errors[name] = f"{type(error).__name__}: {str(error)[:120]}"
            else:
                used[name] = run
        bar = tqdm(total=repeats * len(used), disable=None)
        with bar, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seconds = turns(used, repeats, bar)
        out[kind] = {
            "rows": rows,
            "seconds": {name: cpu for name, (_, cpu) in seconds.items()},
            "errors": errors,
        }
    return out


def probes() -> dict[str, tuple[pd.DataFrame, np.ndarray, pd.DataFrame]]:
    """One column each, and rows of which the first one's evidence is asked for."""
    rng = np.random.default_rng(0)
    y = (rng.random(ROWS) < 0.2).astype(int)
    word = np.array(["a", "b", "c", "d"], dtype=object)[
        np.clip(np.round(1.5 + rng.normal(size=ROWS) + 0.5 * y), 0, 3).astype(int)
    ]
    number = rng.normal(size=ROWS) + 0.5 * y
    some = rng.random(ROWS) < np.where(y == 1, 0.12, 0.08)

    def case(values: np.ndarray, asked: Any, y: np.ndarray = y):
        new = np.concatenate([np.array([asked], dtype=values.dtype), values[:9]])
        return pd.DataFrame({"x": values}), y, pd.DataFrame({"x": new})

    lacking = np.flatnonzero(y == 0)[:300]
    pure = np.flatnonzero(y == 1)[:300]
    return {
        "level without events": case(_put(word, lacking, "z"), "z"),
        "level without non-events": case(_put(word, pure, "z"), "z"),
        "level missing at fit": case(_put(word, some, None), None),
        "number missing at fit": case(_put(number, some, np.nan), np.nan),
        "level missing only later": case(word, None),
        "number missing only later": case(number, np.nan),
        "level never seen": case(word, "never"),
        "number infinite at fit": case(_put(number, number > 2.0, np.inf), np.inf),
        "number infinite only later": case(number, np.inf),
    }


def _put(values: np.ndarray, rows: np.ndarray, value: Any) -> np.ndarray:
    out = values.copy()
    out[rows] = value
    return out


def empirical(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> str:
    """Evidence of the rows that hold the value that is asked for."""
    asked = new["x"].iloc[0]
    values = X["x"]
    there = (values.isna() if pd.isna(asked) else values == asked).to_numpy()
    if not there.any():
        return "none seen"
    with np.errstate(divide="ignore"):
        odds = np.log(there[y == 1].mean()) - np.log(there[y == 0].mean())
    return f"{odds:+.2f}"


def answer(side: Encoder, *rows: Any) -> str:
    """The evidence, or the refusal; warnings are marked."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            value = float(np.ravel(side(*rows))[0])
        except Exception as error:  # a peer may fail in any way
            text = " ".join(str(error).split()).replace("|", "/")
            return f"refused: {text[:70]}"
    # Pending removals say nothing about the cell.
    spoken = [w for w in said if issubclass(w.category, UserWarning | RuntimeWarning)]
    return f"{value:+.2f}" + (", warns" if spoken else "")


def race_probes(found: dict[str, str]) -> dict[str, dict[str, str]]:
    """Answers of every installed side to every probe."""
    sides = {k: v for k, v in PROBED.items() if k == "infostat" or k in found}
    out = {}
    for name, rows in probes().items():
        said = {side: answer(encode, *rows) for side, encode in sides.items()}
        out[name] = {"empirical": empirical(*rows), **said}
    return out


def section(timed: dict[str, Any], answers: dict[str, Any]) -> list[str]:
    """Lines of the page."""
    from benchmarks.performance_page import lines_of

    titles = {"numbers": "20 columns of numbers", "words": "5 columns of strings"}
    lines = []
    for kind, case in timed.items():
        lines += [f"## Encoders alone: {case['rows']:,} rows, {titles[kind]}", ""]
        own = next(iter(case["seconds"].values()))
        body = [
            [name, f"{spent:.3f}", f"{spent / own:.1f}"]
            for name, spent in case["seconds"].items()
        ]
        lines += lines_of(["fit and transform", "s", "x infostat"], body)
        for name, error in case["errors"].items():
            lines += [f"Failed: {name}: {error}", ""]
    if not answers:
        return lines
    names = list(next(iter(answers.values())))
    lines += [
        "## Doubtful cells",
        "",
        (
            f"Evidence (events over non-events) of one value after a fit to {ROWS:,} "
            f"rows of one column with 20 % events; *empirical* is that of the rows "
            f"which hold it. category_encoders and toad's cuts as in the races above; "
            f"feature-engine without the steps that fill missing values, which its "
            f"encoder asks for."
        ),
        "",
        *lines_of(
            ["value", *names],
            [
                [probe, *(said.get(n, "") for n in names)]
                for probe, said in answers.items()
            ],
        ),
    ]
    return lines
