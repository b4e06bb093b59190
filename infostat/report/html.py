"""One HTML file that needs nothing else: tables, figures and warnings of a card."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat import __version__
from infostat._files import write_text
from infostat._text import cell_text
from infostat.displays import BinDisplay, ScoreDisplay
from infostat.exceptions import InfostatError
from infostat.scorecard.scorecard import Scorecard
from infostat.scorecard.tables import bin_table, feature_table

__all__ = ["render_report", "write_report"]

HEADINGS = {
    "feature": "Feature",
    "bins": "Bins",
    "bin": "Bin",
    "events": "Events",
    "non_events": "Non-events",
    "event_rate": "Event rate",
    "woe": "WoE (nats)",
    "iv": "IV part (nats)",
    "estimate": "IV (nats)",
    "std_error": "Std. error",
    "conf_low": "95 % from",
    "conf_high": "95 % to",
    "p_value": "p-value",
    "p_adjusted": "p adjusted",
    "coefficient": "Coefficient",
    "coefficient_std_error": "Std. error",
    "variance_inflation": "Variance inflation",
    "points": "Points",
    "points_std_error": "Std. error",
    "smoothed": "Smoothed",
}


def render_report(
    card: Any,
    *,
    points: npt.NDArray[np.float64] | None = None,
    events: npt.NDArray[Any] | None = None,
    title: str = "Scorecard",
    notes: Sequence[str] = (),
) -> str:
    """Render the report of a card.

    Parameters
    ----------
    card : Scorecard or ScorecardClassifier
        The card.
    points, events : ndarray of shape (n_samples,), optional
        Scores and outcomes (1 for events) of the rows to describe.
    title : str, default="Scorecard"
        Heading.
    notes : sequence of str
        Warnings of the fit, shown on top.

    Returns
    -------
    str
        HTML without any reference to the outside; all names are shown as text.

    Raises
    ------
    InfostatError
        If jinja2 or matplotlib is not installed.
    """
    try:
        import jinja2
    except ImportError as error:
        msg = "The report needs jinja2 and matplotlib: pip install 'infostat[report]'."
        raise InfostatError(msg) from error
    data: Scorecard = getattr(card, "card_", card)
    folder = files("infostat.report")
    template = folder.joinpath("report.html.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    score = None
    if points is not None and events is not None:
        display = ScoreDisplay.from_scores(points, events).plot()
        score = {"figure": _figure(display.figure_), "auc": _auc(points, events)}
    document: str = environment.from_string(template).render(
        title=title,
        style=folder.joinpath("report.css").read_text(encoding="utf-8"),
        version=__version__,
        card=data,
        scaling=data.scaling,
        audit=data.audit,
        notes=list(notes),
        values=_table(feature_table(data)),
        features=_features(data),
        score=score,
    )
    return document


def write_report(card: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Write the report of a card atomically; options as in :func:`render_report`."""
    write_text(path, render_report(card, **options))


def _features(card: Scorecard) -> list[dict[str, Any]]:
    """Figure and rows of each feature, in the order of the card."""
    bins = _table(bin_table(card))
    # The mark of smoothed bins is a column only where there are any.
    marked = any(row[-1] for row in bins["rows"])
    stop = len(bins["keys"]) if marked else -1
    headings = bins["headings"][1:stop]
    out = []
    for name, feature in card.features.items():
        display = BinDisplay.from_card(card, name).plot()
        rows = [row[1:stop] for row in bins["rows"] if row[0] == name]
        out.append(
            {
                "name": name,
                "figure": _figure(display.figure_),
                "headings": headings,
                "rows": rows,
                "value": {k: cell_text(k, v) for k, v in feature.value.items()},
                "merged": int(feature.value["n_merged"]),
            }
        )
    return out


def _table(frame: Any) -> dict[str, Any]:
    """Keys, headings and cells of a frame as text."""
    data = nw.from_native(frame, eager_only=True)
    keys = list(data.columns)
    rows = [
        [cell_text(key, cell) for key, cell in zip(keys, row, strict=True)]
        for row in data.iter_rows()
    ]
    return {"keys": keys, "headings": [HEADINGS[k] for k in keys], "rows": rows}


def _figure(figure: Any) -> str:
    """Figure as a data address: an image of its own, so that no ids collide."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()


def _auc(points: npt.NDArray[np.float64], events: npt.NDArray[Any]) -> str:
    from sklearn.metrics import roc_auc_score

    return f"{roc_auc_score(events, -points):.3f}"
