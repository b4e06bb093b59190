"""Which sections a report has, and why some are left out."""

from __future__ import annotations

from infostat.report.blocks import Section, heard
from infostat.report.drift import drift_section
from infostat.report.fairness import fairness_section
from infostat.report.rows import ReportRows
from infostat.report.samplesize import samplesize_section
from infostat.report.sections import (
    audit_section,
    bins_section,
    calibration_section,
    cutoffs_section,
    gains_section,
    scores_section,
    values_section,
)
from infostat.scorecard.performance import score_performance
from infostat.scorecard.scorecard import Scorecard

__all__ = ["report_sections"]

OF_OUTCOMES = {
    "scores": "Scores and their power",
    "gains": "Gains",
    "cutoffs": "Cut-offs",
    "calibration": "Calibration",
}


def report_sections(card: Scorecard, rows: ReportRows | None) -> list[Section]:
    """All sections in order.

    Parameters
    ----------
    card : Scorecard
        The card.
    rows : ReportRows or None
        Rows to describe.

    Returns
    -------
    list of Section
        Those without input say so in one sentence.
    """
    return [
        values_section(card),
        *_outcome_sections(rows),
        *_comparison_sections(card, rows),
        samplesize_section(card, rows),
        bins_section(card),
        audit_section(card),
    ]


def _outcome_sections(rows: ReportRows | None) -> list[Section]:
    """Sections that need scored rows with outcomes."""
    if rows is None or not rows.has_both:
        why = (
            "No rows were given."
            if rows is None
            else "The rows lack events or non-events, so the score cannot be judged."
        )
        return [Section(name, title, absent=why) for name, title in OF_OUTCOMES.items()]
    known = rows.known
    with heard() as warned:
        performance = score_performance(
            rows.points[known],
            rows.outcome[known],
            probability=rows.probability[known],
            event=1,
        )
    scores = scores_section(performance, rows)
    scores.findings += warned
    return [
        scores,
        gains_section(performance),
        cutoffs_section(performance),
        calibration_section(performance, rows),
    ]


def _comparison_sections(card: Scorecard, rows: ReportRows | None) -> list[Section]:
    """Sections that compare samples and groups."""
    if rows is None:
        drift = Section("drift", "Drift since the fit", absent="No rows were given.")
    else:
        drift = drift_section(card, rows)
    return [drift, fairness_section(card, rows)]
