"""Section of fairness: what features and score say of groups, and who is approved."""

from __future__ import annotations

from typing import Any

from infostat.counts.array_engine import count_codes
from infostat.exceptions import InfostatError
from infostat.fairness import approval_measures, demographic_iv, group_calibration
from infostat.fairness.groups import Comparison, read_comparisons
from infostat.inference import adjust_p_values
from infostat.inference.measure import measure
from infostat.report.blocks import (
    Finding,
    Section,
    frame_rows,
    heard,
    interval,
    number,
    percent,
    percents,
    table,
    text,
)
from infostat.report.rows import ReportRows
from infostat.scorecard.scorecard import Scorecard

__all__ = ["fairness_section"]

FOUR_FIFTHS = 0.8
"""Impact ratio below which the four-fifths rule of US agencies sees adverse impact."""

DIVERGENCES = (
    text("Score or feature", "name"),
    number("IV between groups, nats", "estimate"),
    interval("95 % interval", "conf_low", "conf_high"),
    number("p, no difference", "p_value"),
    number("p adjusted", "p_adjusted"),
    number("Sparse bins merged", "n_merged"),
)
APPROVALS = (
    number("Cut-off", "cutoff", 2),
    percent("Approved", "approval_rate"),
    percent("Approved, reference", "reference_rate"),
    number("Impact ratio", "adverse_impact_ratio", 3),
    interval("95 % interval", "air_low", "air_high"),
    percent("Parity gap", "parity_gap"),
    percents("95 % interval", "parity_low", "parity_high"),
    percent("Gap among non-events", "opportunity_gap"),
    percents("95 % interval", "opportunity_low", "opportunity_high"),
)
CALIBRATIONS = (
    text("Group", "group"),
    number("Rows", "n"),
    percent("Observed", "event_rate"),
    percent("Predicted", "predicted_rate"),
    percent("Gap", "gap"),
    percents("95 % interval", "gap_low", "gap_high"),
    number("Slope", "slope", 3),
    interval("95 % interval", "slope_low", "slope_high"),
)


def fairness_section(card: Scorecard, rows: ReportRows | None) -> Section:
    """Compare every group with the largest group of its column.

    Parameters
    ----------
    card : Scorecard
        The card.
    rows : ReportRows or None
        Rows with groups.

    Returns
    -------
    Section
        One part a comparison.
    """
    section = Section("fairness", "Fairness")
    if rows is None or not rows.groups:
        section.absent = "No group was named: give columns with groups= (--group)."
        return section
    with heard() as warned:
        try:
            found = read_comparisons(rows.groups, len(rows.points))
        except InfostatError as error:
            section.absent = str(error)
            return section
        section.lead = (
            "Each group against the largest of its column. The information value between "
            "groups is that of demographic difference: what the score, or a feature, "
            "tells of membership. Impact ratios compare approvals at a cut-off. Each "
            "interval stands alone; p-values are adjusted by Benjamini-Hochberg within a "
            "table."
        )
        for k, comparison in enumerate(found, start=1):
            section.parts.append(_comparison(card, rows, comparison, k, section))
        section.parts += _calibration(rows, found)
    section.findings += warned
    return section


def _comparison(
    card: Scorecard, rows: ReportRows, comparison: Comparison, k: int, whole: Section
) -> Section:
    """One group against its reference."""
    title = f"{comparison.attribute}: {comparison.group} against {comparison.reference}"
    part = Section(f"group-{k}", title)
    caption = f"Divergence between the groups {comparison.group} and "
    part.tables.append(
        table(
            caption + comparison.reference,
            DIVERGENCES,
            _divergences(card, rows, comparison),
        )
    )
    known = rows.known
    try:
        approvals = frame_rows(
            approval_measures(
                rows.points[known],
                rows.outcome[known],
                [comparison.take(known)],
                like="pandas",
            )
        )
    except InfostatError as error:
        part.lead = f"There is no table of approvals. {error}"
        return part
    part.tables.append(
        table(f"Approvals of {comparison.group} at the cut-offs", APPROVALS, approvals)
    )
    whole.findings.append(_impact(comparison, approvals))
    return part


def _divergences(
    card: Scorecard, rows: ReportRows, comparison: Comparison
) -> list[dict[str, Any]]:
    """Information value about the groups: of the score, then of every feature."""
    kept = comparison.member >= 0
    member = comparison.member[kept].astype("uint8")
    # Merged bins have a column of their own, in place of a warning a feature.
    with heard():
        score = demographic_iv(rows.points, [comparison])
        estimates = {"Score": score[comparison.name]}
        for name, feature in card.features.items():
            counts = count_codes(rows.codes[name][kept], member, feature.bins.labels)
            estimates[name] = measure(
                counts, ordered_from=feature.bins.ordered_from, name=name
            )
    p_values = [float(found.p_value()) for found in estimates.values()]
    adjusted = adjust_p_values(p_values, "bh")
    out = []
    for (name, found), p, q in zip(estimates.items(), p_values, adjusted, strict=True):
        low, high = found.interval()
        out.append(
            {
                "name": name,
                "estimate": float(found.value),
                "conf_low": low,
                "conf_high": high,
                "p_value": p,
                "p_adjusted": float(q),
                "n_merged": int(found.n_merged),
            }
        )
    return [out[0], *sorted(out[1:], key=lambda row: -row["estimate"])]


def _impact(comparison: Comparison, approvals: list[dict[str, Any]]) -> Finding:
    """Reading of the impact ratios over the cut-offs."""
    ratios = [row["adverse_impact_ratio"] for row in approvals]
    below = [row["cutoff"] for row in approvals if row["air_high"] < FOUR_FIFTHS]
    said = (
        f"{comparison.attribute}: approvals of {comparison.group} are "
        f"{min(ratios):.2f} to {max(ratios):.2f} times those of {comparison.reference} "
        f"over the cut-offs; "
    )
    if below:
        places = ", ".join(f"{cut:g}" for cut in below)
        return Finding("alarm", said + f"below four fifths is established at {places}.")
    if all(row["air_low"] >= FOUR_FIFTHS for row in approvals):
        return Finding("good", said + "four fifths are kept at each of them.")
    return Finding("mind", said + "below four fifths is neither shown nor excluded.")


def _calibration(rows: ReportRows, found: list[Comparison]) -> list[Section]:
    """Calibration within groups, where outcomes are known."""
    known = rows.known
    part = Section("group-calibration", "Calibration within groups")
    try:
        frame = group_calibration(
            rows.probability[known],
            rows.outcome[known],
            [comparison.take(known) for comparison in found],
            like="pandas",
        )
    except InfostatError as error:
        part.absent = str(error)
        return [part]
    groups = frame_rows(frame)
    several = len({row["attribute"] for row in groups}) > 1
    for row in groups:
        row["group"] = (
            f"{row['attribute']}: {row['group']}" if several else row["group"]
        )
    part.tables = [table("Observed and predicted event rates", CALIBRATIONS, groups)]
    return [part]
