"""Sections of the report: each a small function from data to text and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infostat._text import name_list, number_text
from infostat.displays import (
    BinDisplay,
    CalibrationDisplay,
    CutoffDisplay,
    GainsDisplay,
    RocDisplay,
    ScoreDisplay,
)
from infostat.report.blocks import (
    Finding,
    Section,
    figure,
    frame_rows,
    interval,
    names_text,
    number,
    percent,
    percents,
    rows_of,
    span,
    table,
    text,
)
from infostat.report.rows import ReportRows
from infostat.scorecard.performance import ScorePerformance
from infostat.scorecard.scorecard import Scorecard
from infostat.scorecard.tables import bin_table, feature_table

__all__ = [
    "audit_section",
    "bins_section",
    "calibration_section",
    "cutoffs_section",
    "gains_section",
    "scores_section",
    "values_section",
]

SQUARE = (4.2, 3.7)
INFLATED = 10.0
"""Variance inflation from which features are called collinear; a custom, no theory."""

MEASURES = {
    "auc": "Area under the ROC curve",
    "gini": "Gini coefficient",
    "ks": "Kolmogorov-Smirnov distance",
    "information_value": "Information value of ten bands, nats",
    "calibration_intercept": "Calibration intercept",
    "calibration_slope": "Calibration slope",
    "calibration_test": "Calibration, chi-square of both",
    "brier_score": "Brier score",
    "log_loss": "Log loss, nats",
}


def values_section(card: Scorecard) -> Section:
    """Information value of every feature."""
    rows = frame_rows(feature_table(card, "pandas"))
    columns = [
        text("Feature", "feature"),
        number("Bins", "bins"),
        number("IV, nats", "estimate"),
        interval("95 % interval", "conf_low", "conf_high"),
        number("p-value", "p_value"),
        number("p adjusted", "p_adjusted"),
    ]
    for name, heading in (
        ("coefficient", "Coefficient"),
        ("coefficient_std_error", "Std. error"),
        ("variance_inflation", "Variance inflation"),
    ):
        if rows and name in rows[0]:
            columns.append(number(heading, name))
    section = Section(
        "values",
        "Information values",
        "Corrected for their bias; the p-value is that of no predictive power (Pearson), "
        "adjusted over the features by Benjamini-Hochberg. Bins were chosen on the same "
        "rows: the values are those of the chosen bins.",
        tables=[table("Information value of every feature", columns, rows)],
    )
    weak = [row["feature"] for row in rows if not row["p_adjusted"] <= 0.05]
    if weak:
        said = f"No predictive power is shown at the 5 % level for {names_text(weak)}."
        section.findings.append(Finding("mind", said))
    tied = [r["feature"] for r in rows if (r.get("variance_inflation") or 0) > INFLATED]
    if tied:
        said = f"Collinear (variance inflation above {INFLATED:g}): {names_text(tied)}."
        section.findings.append(Finding("mind", said))
    return section


def bins_section(card: Scorecard) -> Section:
    """Bins, evidence and points of every feature."""
    rows = frame_rows(bin_table(card, like="pandas"))
    columns = [
        text("Bin", "bin"),
        number("Events", "events"),
        number("Non-events", "non_events"),
        percent("Event rate", "event_rate"),
        number("WoE, nats", "woe"),
        interval("95 % interval", "conf_low", "conf_high"),
        number("IV part", "iv"),
        number("Points", "points", 2),
    ]
    if rows and "points_std_error" in rows[0]:
        columns.append(number("Std. error", "points_std_error", 2))
    section = Section("bins", "Bins and points")
    for k, (name, feature) in enumerate(card.features.items(), start=1):
        own = [row for row in rows if row["feature"] == name]
        marked = [*columns]
        if any(row["smoothed"] for row in own):
            marked.append(number("Smoothed", "smoothed"))
        value = feature.value
        lead = (
            f"IV {number_text(value['estimate'])} nats, 95 % interval "
            f"{number_text(value['conf_low'])} to {number_text(value['conf_high'])}."
        )
        if value["n_merged"]:
            lead += (
                f" Inference speaks of {value['n_bins']} bins: {value['n_merged']} "
                f"sparse ones were merged."
            )
        best = max(own, key=lambda row: row["points"], default=None)
        alt = f"Weight of evidence of {name} in {len(own)} bins, with error bars" + (
            f"; most points in {best['bin']}" if best else ""
        )
        part = Section(f"feature-{k}", name, lead)
        part.figures.append(figure(BinDisplay.from_card(card, name), alt))
        part.tables.append(table(f"Bins of {name}", marked, own))
        section.parts.append(part)
    smoothed = [n for n, f in card.features.items() if f.smoothed.any()]
    if smoothed:
        said = (
            f"Bins that lack events or non-events, whose evidence is smoothed: "
            f"{names_text(smoothed)}."
        )
        section.findings.append(Finding("mind", said))
    return section


def scores_section(performance: ScorePerformance, rows: ReportRows) -> Section:
    """Where the classes' scores lie, and how well they are told apart."""
    known = rows.known
    display = ScoreDisplay.from_scores(rows.points[known], rows.outcome[known])
    measures = frame_rows(performance.summary())
    for row in measures:
        row["measure"] = MEASURES.get(row["measure"], row["measure"])
    columns = [
        text("Measure", "measure"),
        number("Estimate", "estimate"),
        number("Std. error", "std_error"),
        interval("95 % interval", "conf_low", "conf_high"),
        number("p-value", "p_value"),
    ]
    low, high = performance.auc.interval()
    area = f"{performance.auc.value:.3f} (95 % interval {low:.3f} to {high:.3f})"
    lead = (
        f"{performance.n_samples} rows with an outcome, event rate "
        f"{100 * performance.event_rate:.2f} %."
    )
    if rows.of_fit:
        lead += (
            " The card was fitted on these rows: expect less on new ones, and "
            "calibration is right by construction."
        )
    section = Section("scores", "Scores and their power", lead)
    section.figures = [
        figure(
            display,
            "Distribution of the points of events and of non-events",
            "Points of events and of non-events.",
        ),
        figure(
            RocDisplay.from_performance(performance),
            f"ROC curve with area {area}",
            "Events called events against non-events called events.",
            SQUARE,
        ),
    ]
    caption = "Measures of the score; p-values of no power, or of right predictions"
    section.tables = [table(caption, columns, measures)]
    level = "mind" if rows.of_fit or low <= 0.5 else "good"
    said = f"Area under the ROC curve {area}."
    if rows.of_fit:
        said += " These are the rows of the fit, so it is too good."
    section.findings.append(Finding(level, said))
    return section


def gains_section(performance: ScorePerformance) -> Section:
    """Gains and lift by band of the score."""
    display = GainsDisplay.from_performance(performance)
    rows = rows_of(display.columns)
    columns = [
        number("Band", "band"),
        span("Points", "score_from", "score_to"),
        number("Rows", "rows"),
        number("Events", "events"),
        percent("Event rate", "event_rate"),
        percents("95 % interval", "conf_low", "conf_high"),
        number("Lift", "lift", 2),
        percent("Rows so far", "cumulative_rows"),
        percent("Events captured", "captured_events"),
        percents("95 % interval", "captured_low", "captured_high"),
    ]
    alt = (
        f"Share of events captured against the share of riskiest rows; the riskiest band "
        f"of {100 * rows[0]['cumulative_rows']:.0f} % holds "
        f"{100 * rows[0]['captured_events']:.0f} % of the events"
    )
    return Section(
        "gains",
        "Gains",
        "Bands of about equal size, the riskiest first.",
        figures=[figure(display, alt, size=SQUARE)],
        tables=[table("Gains and lift", columns, rows)],
    )


def cutoffs_section(performance: ScorePerformance) -> Section:
    """What each cut-off approves and catches."""
    display = CutoffDisplay.from_performance(performance)
    columns = [
        number("Cut-off", "cutoff", 2),
        percent("Approved", "approval_rate"),
        percent("Event rate among them", "event_rate"),
        percents("95 % interval", "event_rate_low", "event_rate_high"),
        percent("Events declined", "captured_events"),
        percents("95 % interval", "captured_low", "captured_high"),
        percent("Non-events declined", "declined_non_events"),
    ]
    return Section(
        "cutoffs",
        "Cut-offs",
        "Rows at the cut-off or above are approved; each cut-off is taken as given.",
        figures=[
            figure(
                display,
                "Approval rate, events declined and event rate among the approved "
                "against the cut-off, with intervals",
            )
        ],
        tables=[table("Cut-offs", columns, rows_of(display.columns))],
    )


def calibration_section(performance: ScorePerformance, rows: ReportRows) -> Section:
    """Observed against predicted event rates."""
    display = CalibrationDisplay.from_performance(performance)
    bands = rows_of(display.columns)
    columns = [
        number("Band", "band"),
        number("Rows", "rows"),
        percent("Predicted", "predicted"),
        percent("Observed", "observed"),
        percents("95 % interval", "conf_low", "conf_high"),
        number("Events expected", "expected_events", 1),
        number("Events", "events"),
    ]
    within = sum(bool(row["within"]) for row in bands)
    alt = (
        f"Observed against predicted event rate in {len(bands)} bands; {within} intervals "
        f"hold the prediction"
    )
    section = Section(
        "calibration",
        "Calibration",
        f"{within} of {len(bands)} intervals hold the predicted rate.",
        figures=[figure(display, alt, size=SQUARE)],
        tables=[table("Predicted and observed event rates", columns, bands)],
    )
    found = performance.calibration
    if rows.of_fit:
        section.lead += " On the rows of the fit this is right by construction."
    elif found is not None:
        off = found.p_value <= 0.05
        said = "differ from" if off else "agree with"
        words = (
            f"Predicted event rates {said} the observed ones (test of intercept zero and "
            f"slope one, p = {number_text(found.p_value)})."
        )
        section.findings.append(Finding("mind" if off else "good", words))
    return section


def audit_section(card: Scorecard) -> Section:
    """What the card says of its own fit."""
    audit, scaling = card.audit, card.scaling
    facts: dict[str, Any] = {
        "Rows": audit.get("n_samples", "not recorded"),
        "Events": audit.get("n_events", "not recorded"),
        "Event": card.event,
        "Encoding": card.encoding,
        "Sign of evidence": card.sign.replace("_", " "),
        "Points": f"{scaling.base_points:g} at {scaling.base_odds:g} non-events to one "
        f"event; {scaling.pdo:g} double the odds",
        "Decimals of points": "exact" if card.rounding is None else card.rounding,
    }
    for key in ("device", "n_rounds"):
        if key in audit:
            facts[key.replace("_", " ").capitalize()] = audit[key]
    if card.missing_words:
        facts["Cells that meant missing"] = name_list(card.missing_words)
    tables = [_facts("How the card was made", facts)]
    for key, title in (("parameters", "Parameters"), ("versions", "Versions")):
        if isinstance(audit.get(key), Mapping):
            tables.append(_facts(f"{title} of the fit", audit[key]))
    return Section("audit", "Audit record", tables=tables)


def _facts(caption: str, facts: Mapping[str, Any]) -> Any:
    rows = [{"name": name, "value": str(value)} for name, value in facts.items()]
    return table(caption, [text("Name", "name"), text("Value", "value")], rows)
