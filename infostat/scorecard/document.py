"""The JSON document of a card: data, never code; older versions load, newer are refused."""

from __future__ import annotations

import json
import math
import os
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._documents import (
    count_arrays,
    kind_of,
    number,
    numbers,
    read_document,
    texts,
)
from infostat._files import write_text
from infostat.binning.bins import Bins
from infostat.counts import CountTable
from infostat.scorecard.feature_card import FeatureCard
from infostat.scorecard.scaling import Scaling
from infostat.scorecard.scorecard import MISSING_WORDS, Scorecard

__all__ = ["SCHEMA_VERSION", "read_card", "write_card"]

FORMAT = "infostat.scorecard"
SCHEMA_VERSION = 1
VALUE_FIELDS = (
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "n_bins",
    "n_merged",
)


def write_card(card: Scorecard, path: str | os.PathLike[str] | None = None) -> str:
    """Turn a card into JSON text, and write it where a path is given.

    Parameters
    ----------
    card : Scorecard
        The card.
    path : path-like, optional
        File to write, atomically.

    Returns
    -------
    str
        The document.
    """
    document = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "classes": [_plain(label) for label in card.classes],
        "event": _plain(card.event),
        "sign": card.sign,
        "encoding": card.encoding,
        "scaling": {
            "pdo": card.scaling.pdo,
            "base_points": card.scaling.base_points,
            "base_odds": card.scaling.base_odds,
            "rounding": card.rounding,
        },
        "intercept": card.intercept,
        "features": [_write_feature(feature) for feature in card.features.values()],
        "covariance": _write_covariance(card),
        "audit": card.audit,
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    if path is not None:
        write_text(path, text)
    return text


def _plain(value: Any) -> Any:
    """Python's own scalar for numpy's."""
    return value.item() if isinstance(value, np.generic) else value


def _numbers(values: npt.NDArray[Any]) -> list[float | None]:
    """List of floats; NaN, which JSON lacks, as null."""
    return [None if math.isnan(v) else float(v) for v in values.tolist()]


def _write_feature(card: FeatureCard) -> dict[str, Any]:
    return {
        "bins": card.bins.to_dict(),
        "rows": card.table.rows.tolist(),
        "weight": card.table.weight.tolist(),
        "squared_weight": card.table.squared.tolist(),
        "woe": _numbers(card.woe),
        "woe_std_error": _numbers(card.woe_se),
        "smoothed": card.smoothed.tolist(),
        "effect": _numbers(card.effect),
        "points": _numbers(card.points),
        "points_std_error": None
        if card.points_se is None
        else _numbers(card.points_se),
        "information_value": {
            name: None if value == math.inf else value
            for name, value in card.value.items()
        },
        "coefficient": card.coefficient,
        "coefficient_std_error": card.coefficient_se,
        "variance_inflation": _inflation(card.variance_inflation),
    }


def _inflation(value: float | None) -> float | str | None:
    """Number; infinite for a column that others determine, for which JSON has no word."""
    return "infinite" if value == math.inf else value


def _write_covariance(card: Scorecard) -> list[list[float]] | None:
    """Upper triangle over the intercept and the bins with an error; nine digits.

    Rows of empty bins are zero and are left out; reading puts them back.
    """
    if card.covariance is None:
        return None
    kept = _with_error(card.features)
    dense = card.covariance[np.ix_(kept, kept)]
    return [
        [float(f"{v:.9g}") for v in row[k:]] for k, row in enumerate(dense.tolist())
    ]


def _with_error(features: dict[str, FeatureCard]) -> npt.NDArray[np.intp]:
    """Places of the intercept and of the filled bins in the stacked covariance."""
    filled = [card.table.weight.sum(axis=1) > 0 for card in features.values()]
    return np.flatnonzero(np.concatenate([[True], *filled]))


def read_card(source: str | os.PathLike[str]) -> Scorecard:
    """Read what :func:`write_card` wrote.

    Parameters
    ----------
    source : path-like or str
        Path, or the document itself (a string that starts with ``{``).

    Returns
    -------
    Scorecard

    Raises
    ------
    DocumentError
        If the file is absent, is not a card, is damaged, or has a newer schema.
    """
    return read_document(
        source, _build, noun="scorecard", form=FORMAT, version=SCHEMA_VERSION
    )


def _known(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if isinstance(value, bool) or value not in allowed:
        msg = f"{name} is {value!r}, not one of {list(allowed)}"
        raise ValueError(msg)
    return value


def _positive(name: str, value: Any) -> float:
    if not number(name, value) > 0:
        msg = f"{name} is {value!r}, not a positive number"
        raise ValueError(msg)
    return float(value)


def _build(document: dict[str, Any]) -> Scorecard:
    scaling = document["scaling"]
    features = {}
    for entry in kind_of("features", document["features"], list):
        card = _read_feature(entry)
        if card.bins.feature in features:
            msg = f"the feature {card.bins.feature!r} occurs twice"
            raise ValueError(msg)
        features[card.bins.feature] = card
    if not features:
        msg = "it has no features"
        raise ValueError(msg)
    low, high = kind_of("classes", document["classes"], list)
    event = document["event"]
    if not low < high or not any(
        event == c and type(event) is type(c) for c in (low, high)
    ):
        msg = f"the classes {low!r} and {high!r} and the event {event!r} do not fit"
        raise ValueError(msg)
    intercept = number("intercept", document["intercept"])
    base_points = number("base_points", scaling["base_points"])
    parts = features.values()
    reach = abs(intercept) + sum(float(np.abs(card.effect).max()) for card in parts)
    reach += abs(base_points) + sum(float(np.abs(card.points).max()) for card in parts)
    if not math.isfinite(reach):
        msg = "its effects or points are too large to add up"
        raise ValueError(msg)
    return Scorecard(
        features=features,
        intercept=intercept,
        scaling=Scaling(
            _positive("pdo", scaling["pdo"]),
            base_points,
            _positive("base_odds", scaling["base_odds"]),
        ),
        rounding=_known("rounding", scaling["rounding"], (None, *range(13))),
        classes=(low, high),
        event=event,
        sign=_known("sign", document["sign"], ("good_over_bad", "bad_over_good")),
        encoding=_known("encoding", document["encoding"], ("woe", "onehot", "boosted")),
        covariance=_read_covariance(document["covariance"], features),
        audit=_read_audit(document["audit"]),
    )


def _read_audit(audit: Any) -> dict[str, Any]:
    """Read the record; what it says to people is free, what is acted upon is checked."""
    found = kind_of("audit", audit, dict)
    if MISSING_WORDS in found:
        texts(MISSING_WORDS, found[MISSING_WORDS])
    return found


def _read_feature(entry: dict[str, Any]) -> FeatureCard:
    bins = Bins.from_dict(entry["bins"])

    def vector(name: str) -> npt.NDArray[np.float64]:
        values = numbers(name, entry[name], gaps=True)
        if values.shape != (bins.n_bins,):
            msg = f"{name} of {bins.feature!r} does not have {bins.n_bins} entries"
            raise ValueError(msg)
        if name.endswith("std_error") and (values < 0).any():
            msg = f"{name} of {bins.feature!r} has entries below zero"
            raise ValueError(msg)
        return values

    effect, points = vector("effect"), vector("points")
    if not (np.isfinite(effect).all() and np.isfinite(points).all()):
        msg = f"effects or points of {bins.feature!r} are not numbers"
        raise ValueError(msg)
    counts = count_arrays(bins.feature, entry, (bins.n_bins, 2))
    smoothed = numbers("smoothed", entry["smoothed"], "bool")
    if smoothed.shape != (bins.n_bins,):
        msg = f"smoothed of {bins.feature!r} does not have {bins.n_bins} entries"
        raise ValueError(msg)
    has_errors = entry["points_std_error"] is not None
    return FeatureCard(
        bins=bins,
        table=CountTable(*counts, bins.labels),
        woe=vector("woe"),
        woe_se=vector("woe_std_error"),
        smoothed=smoothed,
        effect=effect,
        points=points,
        points_se=vector("points_std_error") if has_errors else None,
        value={
            name: _limit(name, entry["information_value"][name])
            for name in VALUE_FIELDS
        },
        coefficient=_optional(entry["coefficient"]),
        coefficient_se=_optional(entry["coefficient_std_error"]),
        variance_inflation=_read_inflation(entry.get("variance_inflation")),
    )


def _limit(name: str, value: Any) -> Any:
    """Number; the upper limit may be infinite, for which JSON has null."""
    if name == "conf_high" and value is None:
        return math.inf
    number(name, value)
    return value


def _optional(value: Any) -> float | None:
    return None if value is None else number("a coefficient or its error", value)


def _read_inflation(value: Any) -> float | None:
    return math.inf if value == "infinite" else _optional(value)


def _read_covariance(
    rows: list[list[float]] | None, features: dict[str, FeatureCard]
) -> npt.NDArray[np.float64] | None:
    if any((card.points_se is None) != (rows is None) for card in features.values()):
        msg = "standard errors of points and their covariance come together"
        raise ValueError(msg)
    if rows is None:
        return None
    kept = _with_error(features)
    if [len(row) for row in rows] != list(range(len(kept), 0, -1)):
        msg = "the covariance does not fit the bins"
        raise ValueError(msg)
    dense = np.zeros((len(kept), len(kept)))
    for k, row in enumerate(rows):
        values = numbers("covariance", row)
        if values.ndim > 1:
            msg = "the covariance holds lists for numbers"
            raise ValueError(msg)
        dense[k, k:] = dense[k:, k] = values
    if not np.isfinite(dense).all() or (np.diag(dense) < 0).any():
        msg = (
            "the covariance holds entries that are not numbers, or variances below zero"
        )
        raise ValueError(msg)
    size = 1 + sum(card.bins.n_bins for card in features.values())
    out = np.zeros((size, size))
    out[np.ix_(kept, kept)] = dense
    return out
