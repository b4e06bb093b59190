"""Section of drift: every feature and the score against the counts of the fit."""

from __future__ import annotations

from typing import Any

from infostat.counts.array_engine import count_codes
from infostat.displays import DriftDisplay
from infostat.report.blocks import (
    Finding,
    Section,
    figure,
    frame_rows,
    heard,
    interval,
    names_text,
    number,
    table,
    text,
)
from infostat.report.rows import ReportRows
from infostat.scorecard.score_counts import read_score_counts
from infostat.scorecard.scorecard import Scorecard
from infostat.stability import StabilityMonitor

__all__ = ["drift_section"]

SCORE = "score"
"""Row of the score among the features."""


def drift_section(card: Scorecard, rows: ReportRows) -> Section:
    """Stability of every feature between the fit and these rows."""
    section = Section("drift", "Drift since the fit")
    if rows.of_fit:
        section.absent = (
            "The counts of these rows are those of the fit, so there is nothing to "
            "compare: give rows of another time."
        )
        return section
    # One comparison: nothing is kept back for later ones.
    monitor = StabilityMonitor(horizon=1)
    bins, reference, current = _samples(card, rows)
    monitor.fit_counts(bins, reference)
    with heard() as warned:
        monitor.update_counts(current, period="data")
    display = DriftDisplay.from_monitor(monitor, "data")
    display.title = "Index since the fit, 95 % intervals"
    found = sorted(frame_rows(monitor.history_), key=lambda r: -r["estimate"])
    columns = [
        text("Feature", "feature"),
        number("PSI, nats", "estimate"),
        interval("95 % interval", "conf_low", "conf_high"),
        text("Light", "light"),
        text("Reading", "verdict"),
        number("p, no change", "p_zero"),
        number("p adjusted, at most 0.10", "p_adjusted"),
        number("Alarm", "alarm"),
    ]
    section.lead = (
        "Population stability index against the card's own counts. The light reads one "
        "interval against 0.10 and 0.25; an alarm says that 0.10 is exceeded, and no "
        "alarm is false with probability 95 % over all features."
    )
    if SCORE not in bins:
        section.lead += (
            " The card keeps no counts of its score, so its drift is left out: refit it, "
            "or use infostat monitor with the rows of the fit."
        )
    lights = ", ".join(f"{row['feature']} {row['light']}" for row in found[:6])
    height = 1.3 + 0.28 * len(found)
    alt = f"Stability index of {len(found)} features with intervals: {lights}"
    section.figures = [figure(display, alt, size=(5.0, height))]
    section.tables = [table("Drift of every feature", columns, found)]
    section.findings = _drift_findings(monitor, found)
    section.findings += warned
    return section


def _samples(card: Scorecard, rows: ReportRows) -> tuple[dict[str, Any], ...]:
    """Bins, counts of the fit and counts of the rows, of the score where it has them."""
    bins = {name: feature.bins for name, feature in card.features.items()}
    reference = {name: feature.table for name, feature in card.features.items()}
    current = dict(rows.tables)
    stored = read_score_counts(card.audit)
    if stored is not None and SCORE not in bins:
        bins[SCORE], reference[SCORE] = stored
        codes = bins[SCORE].codes(rows.points)
        current[SCORE] = count_codes(
            codes, rows.outcome, bins[SCORE].labels, n_classes=3
        )
    return bins, reference, current


def _drift_findings(monitor: Any, found: list[dict[str, Any]]) -> list[Finding]:
    alarms = frame_rows(monitor.alarm_)
    if alarms:
        return [
            Finding("alarm", f"{row['feature']} moved since the fit. {row['drivers']}.")
            for row in alarms[:5]
        ]
    unsure = _of([row for row in found if row["light"] != "green"])
    if unsure:
        said = f"No drift alarm, but stability is not shown for {names_text(unsure)}."
        return [Finding("mind", said)]
    what = "features and the score" if SCORE in _of(found) else "features"
    return [Finding("good", f"All {what} are stable since the fit.")]


def _of(found: list[dict[str, Any]]) -> list[str]:
    return [row["feature"] for row in found]
