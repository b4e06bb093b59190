"""Whole scorecards of infostat and of other packages, with one call each."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd

Side = Callable[[pd.DataFrame, np.ndarray, pd.DataFrame], np.ndarray]
"""Fit on rows and outcomes, score other rows; more points mean fewer events."""

TENTHS = np.arange(1, 10) / 10


def infostat_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """Defaults, rounded points."""
    from infostat import ScorecardClassifier

    return ScorecardClassifier().fit(X, y).predict_points(new)


def penalised_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """The penalty that the peers' regressions have by default."""
    from sklearn.linear_model import LogisticRegression

    from infostat import ScorecardClassifier

    model = LogisticRegression(max_iter=1_000)
    return ScorecardClassifier(estimator=model).fit(X, y).predict_points(new)


def texts(X: pd.DataFrame) -> list[str]:
    """Columns that are not numbers."""
    return [c for c in X if not pd.api.types.is_numeric_dtype(X[c])]


def optbinning_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """Defaults, but for the empirical weight of evidence of missing values."""
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    process = BinningProcess(list(X), categorical_variables=texts(X))
    card = Scorecard(
        binning_process=process,
        estimator=LogisticRegression(max_iter=1_000),
        scaling_method="pdo_odds",
        scaling_method_params={"pdo": 20, "odds": 50, "scorecard_points": 600},
    )
    options = {"metric_special": "empirical", "metric_missing": "empirical"}
    card.fit(X, y, **options)
    return np.asarray(card.score(new))


def toad_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """Decision-tree bins; the default chi-merge takes minutes."""
    import toad

    combiner = toad.transform.Combiner()
    combiner.fit(X, y, method="dt", min_samples=0.05)
    transformer = toad.transform.WOETransformer()
    evidence = transformer.fit_transform(combiner.transform(X), y)
    card = toad.ScoreCard(combiner=combiner, transer=transformer, max_iter=1_000)
    card.fit(evidence, y)
    return np.asarray(card.predict(new))


def fastwoe_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """Defaults and a logistic regression; the package has no points."""
    from fastwoe import FastWoe
    from sklearn.linear_model import LogisticRegression

    encoder = FastWoe()
    encoder.fit(X, y)
    model = LogisticRegression(max_iter=1_000).fit(encoder.transform(X), y)
    return -model.decision_function(encoder.transform(new))


def scorecardpy_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    """Defaults, all features kept."""
    import contextlib
    import io

    import scorecardpy
    from sklearn.linear_model import LogisticRegression

    with contextlib.redirect_stdout(io.StringIO()):
        data = X.assign(outcome=y)
        bins = scorecardpy.woebin(data, y="outcome", no_cores=1)
        encoded = scorecardpy.woebin_ply(data, bins)
        columns = [c for c in encoded if c != "outcome"]
        model = LogisticRegression(max_iter=1_000).fit(encoded[columns], y)
        card = scorecardpy.scorecard(bins, model, columns)
        points = scorecardpy.scorecard_ply(new, card, print_step=0)
    return np.asarray(points["score"])


def levels(X: pd.DataFrame, edges: dict[str, np.ndarray]) -> pd.DataFrame:
    """Numbers as names of their bins, and missing values as a level."""
    out = {}
    for name in X:
        missing = X[name].isna().to_numpy()
        if name in edges:
            found = np.searchsorted(edges[name], X[name].to_numpy()).astype(str)
        else:
            found = X[name].to_numpy(dtype=object)
        out[name] = np.where(missing, "missing", found).astype(object)
    return pd.DataFrame(out)


def tenths(X: pd.DataFrame) -> dict[str, np.ndarray]:
    """Deciles of the numbers."""
    words = texts(X)
    return {c: np.unique(X[c].quantile(TENTHS)) for c in X if c not in words}


def category_encoders_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame):
    """Defaults on tenths of numbers, since the package cuts nothing; a regression."""
    from category_encoders import WOEEncoder
    from sklearn.linear_model import LogisticRegression

    edges = tenths(X)
    encoder = WOEEncoder(cols=list(X))
    evidence = encoder.fit_transform(levels(X, edges), y)
    model = LogisticRegression(max_iter=1_000).fit(evidence, y)
    return -model.decision_function(encoder.transform(levels(new, edges)))


def feature_engine_encoder(X: pd.DataFrame, kind: str = "frequency"):
    """Impute, cut and encode: the package's own steps, one after another."""
    from feature_engine.discretisation import (
        ArbitraryDiscretiser,
        DecisionTreeDiscretiser,
        EqualFrequencyDiscretiser,
    )
    from feature_engine.encoding import RareLabelEncoder, WoEEncoder
    from feature_engine.imputation import (
        AddMissingIndicator,
        CategoricalImputer,
        MeanMedianImputer,
    )
    from sklearn.pipeline import make_pipeline

    words = texts(X)
    numbers = [c for c in X if c not in words]
    steps = []
    if numbers:
        cut = {"variables": numbers, "return_object": True}
        steps += [
            AddMissingIndicator(variables=numbers),
            MeanMedianImputer(variables=numbers),
        ]
        if kind == "frequency":
            steps.append(EqualFrequencyDiscretiser(**cut))
        elif kind == "given":
            ends = {c: [-np.inf, *e, np.inf] for c, e in tenths(X).items()}
            steps.append(ArbitraryDiscretiser(ends, return_object=True))
        else:
            steps.append(
                DecisionTreeDiscretiser(
                    variables=numbers, bin_output="bin_number", regression=False
                )
            )
    if words:
        steps.append(CategoricalImputer(variables=words))
        # Its remedy for levels that lack a class.
        steps.append(RareLabelEncoder(n_categories=1, variables=words))
    return make_pipeline(*steps, WoEEncoder(variables=list(X), ignore_format=True))


def feature_engine_card(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame):
    """Indicators and medians of missing values, tenths, rare levels; a regression."""
    from sklearn.linear_model import LogisticRegression

    encoder = feature_engine_encoder(X)
    model = LogisticRegression(max_iter=1_000).fit(encoder.fit_transform(X, y), y)
    return -model.decision_function(encoder.transform(new))


PEERS: dict[str, Side] = {
    "optbinning": optbinning_card,
    "toad": toad_card,
    "fastwoe": fastwoe_card,
    "scorecardpy": scorecardpy_card,
    "category_encoders": category_encoders_card,
    "feature-engine": feature_engine_card,
}


def installed() -> tuple[dict[str, Side], dict[str, str]]:
    """Sides of this interpreter, and their versions."""
    sides: dict[str, Side] = {"infostat": infostat_card, "penalised": penalised_card}
    versions = {}
    for name, side in PEERS.items():
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
        sides[name] = side
    for name in ("numpy", "pandas", "scikit-learn"):
        versions[name] = version(name)
    return sides, versions
