"""A monitor as JSON, and its state in one table."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat import __version__
from infostat._documents import kind_of, number, numbers, read_document, texts
from infostat._files import write_text
from infostat._frames import build_frame
from infostat.binning.bins import Bins
from infostat.stability.report import Comparison
from infostat.stability.snapshot import SCORE, TOTAL, Snapshot

__all__ = ["FORMAT", "SCHEMA_VERSION", "read_monitor", "summary_frame", "write_monitor"]

FORMAT = "infostat.stability"
SCHEMA_VERSION = 2
"""The second schema has clusters; a monitor without them is written in the first."""

PARAMETERS = (
    *("max_bins", "limits", "tolerance", "level", "adjust", "horizon"),
    *("reference", "weight_type", "minimum_expected"),
)


def write_monitor(monitor: Any, path: str | os.PathLike[str] | None = None) -> str:
    """Turn a fitted monitor into JSON text, and write it where a path is given.

    Parameters
    ----------
    monitor : StabilityMonitor
        Fitted.
    path : path-like, optional
        File to write, atomically.

    Returns
    -------
    str
        The document: data, never code.
    """
    log_odds = monitor.score_log_odds_
    samples = [monitor.reference_, *monitor.periods_.values()]
    clustered = any(sample.products is not None for sample in samples)
    classes = monitor.classes_
    document = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION if clustered else 1,
        "infostat": __version__,
        "parameters": {name: _plain(getattr(monitor, name)) for name in PARAMETERS},
        "columns": monitor._names(),
        "named": hasattr(monitor, "feature_names_in_"),
        "classes": None if classes is None else [_plain(c) for c in classes],
        "event": _plain(monitor.event_),
        "bins": [part.to_dict() for part in monitor.bins_.values()],
        "coarse": {name: list(cuts) for name, cuts in monitor._coarse.items()},
        "score_log_odds": None
        if log_odds is None
        else [None if math.isnan(v) else float(v) for v in log_odds],
        "reference": monitor.reference_.to_dict(),
        "periods": [
            {"period": label, **snapshot.to_dict()}
            for label, snapshot in monitor.periods_.items()
        ],
    }
    if monitor._missing_words:
        document["missing_words"] = list(monitor._missing_words)
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    if path is not None:
        write_text(path, text)
    return text


def _plain(value: Any) -> Any:
    """Python's own value for numpy's scalars and for tuples."""
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def read_monitor(kind: Any, source: str | os.PathLike[str], model: Any) -> Any:
    """Read what :func:`write_monitor` wrote.

    Parameters
    ----------
    kind : type
        Class of the monitor.
    source : path-like or str
        Path, or the document itself (a string that starts with ``{``).
    model : object
        Model whose output is watched, or None.

    Returns
    -------
    StabilityMonitor

    Raises
    ------
    DocumentError
        If the file is absent, is no monitor, is damaged, or has a newer schema.
    """
    return read_document(
        source,
        lambda document: _build(kind, document, model),
        noun="monitor",
        form=FORMAT,
        version=SCHEMA_VERSION,
    )


def _build(kind: Any, document: Mapping[str, Any], model: Any) -> Any:
    given = {name: document["parameters"][name] for name in PARAMETERS}
    given["limits"] = tuple(given["limits"])
    monitor = kind(model=model, event=document["event"], **given)
    monitor._validate_params()
    monitor._rules()
    bins = [Bins.from_dict(entry) for entry in kind_of("bins", document["bins"], list)]
    monitor.bins_ = {part.feature: part for part in bins}
    if not bins or len(monitor.bins_) != len(bins):
        msg = "it has no features, or one twice"
        raise ValueError(msg)
    monitor._coarse = {
        name: tuple(number("a coarse cut", cut) for cut in cuts)
        for name, cuts in document["coarse"].items()
    }
    for name, cuts in monitor._coarse.items():
        if not set(cuts) <= set(monitor.bins_[name].cuts or ()):
            msg = f"the coarse cuts of {name!r} are not among its cuts"
            raise ValueError(msg)
    monitor.score_log_odds_ = _read_log_odds(document["score_log_odds"], monitor.bins_)
    classes = document["classes"]
    monitor.classes_ = None if classes is None else np.array(classes)
    monitor.event_ = document["event"]
    known = [None] if classes is None else kind_of("classes", classes, list)
    if len(known) != (1 if classes is None else 2) or document["event"] not in known:
        msg = f"the classes {classes} and the event {document['event']!r} do not fit"
        raise ValueError(msg)
    columns = kind_of("columns", document["columns"], list)
    if set(columns) != set(monitor.bins_) - set(monitor._coarse):
        msg = "the columns are not the features"
        raise ValueError(msg)
    monitor.n_features_in_ = len(columns)
    if kind_of("named", document["named"], bool):
        monitor.feature_names_in_ = np.array(columns, dtype=object)
    monitor._library = None
    monitor.reference_ = Snapshot.from_dict(document["reference"], monitor.bins_)
    monitor._forget()
    monitor._missing_words = texts("missing_words", document.get("missing_words", []))
    periods = {
        str(entry["period"]): Snapshot.from_dict(entry, monitor.bins_)
        for entry in kind_of("periods", document["periods"], list)
    }
    if periods:
        monitor._add(periods, silent=True)
    return monitor


def _read_log_odds(
    values: list[float | None] | None, bins: Mapping[str, Bins]
) -> npt.NDArray[np.float64] | None:
    if values is None:
        return None
    found = numbers("score_log_odds", values, gaps=True)
    if SCORE not in bins or found.shape != (bins[SCORE].n_bins,):
        msg = "the log-odds of the score do not fit its bins"
        raise ValueError(msg)
    return found


def summary_frame(
    bins: Mapping[str, Bins], found: Mapping[str, Sequence[Comparison]], like: Any
) -> Any:
    """One row a feature: the last period, and the extremes of all."""
    rows = [
        [c for period in found.values() for c in period if c.feature == name]
        for name in bins
    ]
    total = [[c for c in row if c.segment == TOTAL] for row in rows]
    kept = [k for k, row in enumerate(total) if row]
    names = list(bins)
    last = [total[k][-1] for k in kept]
    columns: dict[str, list[Any]] = {
        "feature": [names[k] for k in kept],
        "period": [c.period for c in last],
        "estimate": [c.psi.value for c in last],
        "std_error": [c.psi.se for c in last],
        "conf_low": [c.low for c in last],
        "conf_high": [c.high for c in last],
        "light": [c.light for c in last],
        "verdict": [c.reading for c in last],
        "periods": [len(total[k]) for k in kept],
        "largest": [max(c.psi.value for c in total[k]) for k in kept],
        "red_periods": [sum(c.light == "red" for c in total[k]) for k in kept],
        "alarms": [sum(c.alarm for c in rows[k]) for k in kept],
    }
    return build_frame(columns, like)
