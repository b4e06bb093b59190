"""Section of the sample size: whether the fit's sample bears this card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from infostat._text import number_text
from infostat.binning.bins import Bins
from infostat.displays import RiskDisplay
from infostat.exceptions import InfostatError
from infostat.report.blocks import Finding, Section, figure, table, text
from infostat.report.rows import ReportRows
from infostat.samplesize import PNCriterion, PNResult, zero_cell_probability
from infostat.samplesize.expansion import estimation_risk
from infostat.samplesize.result import READINGS
from infostat.samplesize.threshold import bayes_error_threshold
from infostat.scorecard.scorecard import Scorecard

__all__ = ["samplesize_section"]

DELTA = 0.05
"""Distance of the Bayes error from 1/2 that estimation may leave; the criterion's own."""

LARGEST_DESIGN = 20_000_000
"""Numbers in the design up to which the whole expansion is computed."""

MOST_FEATURES = 40
"""Beyond it the second term, a sum over all triples of features, is probed at random."""

TITLE = "Sample size"


@dataclass
class _CodedCard:
    """A card as the criterion reads it: rows come as bin codes."""

    features: Mapping[str, Any]
    encoding: str
    bins_: dict[str, Bins] = field(default_factory=dict)
    coef_: Any = None
    estimator: Any = None

    def __post_init__(self) -> None:
        self.bins_ = {name: feature.bins for name, feature in self.features.items()}

    @property
    def card_(self) -> _CodedCard:
        return self

    def codes(self, X: dict[str, Any]) -> dict[str, Any]:
        return X


def samplesize_section(card: Scorecard, rows: ReportRows | None) -> Section:
    """Judge the sample of the fit.

    Parameters
    ----------
    card : Scorecard
        The card.
    rows : ReportRows or None
        With the rows of the fit the whole criterion is computed; else the leading term,
        which needs the card's counts alone.

    Returns
    -------
    Section
    """
    if card.encoding == "boosted":
        why = (
            "The criterion speaks of maximum likelihood, and boosted stumps are none: "
            "compare learning curves instead."
        )
        return Section("samplesize", TITLE, absent=why)
    if any(_weighted(feature.table) for feature in card.features.values()):
        why = (
            "The card was fitted with weights, and the criterion wants rows: judge the "
            "sample with PNCriterion and its weight_type."
        )
        return Section("samplesize", TITLE, absent=why)
    size = sum(f.bins.n_bins for f in card.features.values())
    if rows is None or not rows.of_fit or size * len(rows.points) > LARGEST_DESIGN:
        return _leading(card)
    try:
        t2 = "auto" if len(card.features) <= MOST_FEATURES else "probes"
        result = PNCriterion(delta=DELTA, t2=t2, random_state=0).evaluate(
            _CodedCard(card.features, card.encoding), rows.codes, rows.outcome
        )
    except InfostatError as error:
        return Section("samplesize", TITLE, absent=str(error))
    return _whole(result)


def _weighted(counts: Any) -> bool:
    return not np.array_equal(counts.rows, counts.weight)


def _whole(result: PNResult) -> Section:
    """Section of the whole criterion."""
    section = Section(
        "samplesize",
        TITLE,
        f"The verdict counts every bin as a parameter: {READINGS[result.verdict]}. "
        + " ".join(_sentence(note) for note in result.reasons),
    )
    facts = {
        "Rows": result.n,
        "Parameters": result.p,
        "Estimation risk, nats a row": result.risk,
        "Risk allowed": result.threshold,
        "Rows required": result.n_required,
        "Share of the information lost": result.share,
        "Expected calibration slope on new rows": result.shrinkage,
        "Chance of no estimate in such a sample": result.p_no_mle,
        "Fewest rows of a class in a bin": result.min_expected_events,
    }
    if result.woe is not None:
        facts["Risk with one parameter a feature, bins as given"] = result.woe.risk
    section.tables = [_facts(facts)]
    if result.risk is not None and result.a is not None and result.c2 is not None:
        alt = (
            f"Estimation risk over the number of rows; this sample has "
            f"{result.risk:.4f} nats a row where {result.threshold:.4f} are allowed"
        )
        section.figures = [figure(RiskDisplay.from_result(result), alt)]
    level = "good" if result.passed else "mind"
    if result.verdict == "insufficient":
        level = "alarm"
    said = f"Sample size of the fit: {READINGS[result.verdict]}."
    if level == "alarm" and result.n_required is not None:
        said += f" {result.n_required} rows would meet the limit."
    section.findings = [Finding(level, said)]
    section.findings += [Finding("mind", _sentence(note)) for note in result.warnings]
    return section


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}."


def _leading(card: Scorecard) -> Section:
    """Section of the leading term, from the card's counts."""
    tables = [
        f.table.rows[f.table.rows.sum(axis=1) > 0] for f in card.features.values()
    ]
    n = int(tables[0].sum())
    p = 1 + sum(len(rows) - 1 for rows in tables)
    counts = np.concatenate(tables)
    risk = estimation_risk(p / 2.0, 0.0, n)
    allowed = bayes_error_threshold(DELTA)
    chance = zero_cell_probability(counts, n)
    enough = risk <= allowed
    facts = {
        "Rows": n,
        "Parameters": p,
        "Estimation risk, nats a row, leading term p / 2n": risk,
        "Risk allowed": allowed,
        "Rows required": int(np.ceil(p / (2.0 * allowed))),
        "Chance of no estimate in such a sample": chance,
        "Fewest rows of a class in a bin": int(counts.min()),
    }
    section = Section(
        "samplesize",
        TITLE,
        "From the card's counts alone, every bin a parameter: the leading term of the "
        "criterion. Sparse bins cost more; the second order and the information need the "
        "rows of the fit, so give those as the data, or run infostat samplesize on them.",
        tables=[_facts(facts)],
    )
    words = "large enough" if enough else "too small"
    said = (
        f"By the leading term the sample of the fit is {words} for this card: risk "
        f"{number_text(risk)} nats a row, {number_text(allowed)} allowed."
    )
    section.findings = [Finding("good" if enough else "alarm", said)]
    if chance > 0.05:
        said = (
            f"With probability {chance:.2f} a sample like that of the fit has a bin "
            f"without events or without non-events: merge sparse bins."
        )
        section.findings.append(Finding("mind", said))
    return section


def _facts(facts: Mapping[str, Any]) -> Any:
    rows = [
        {"name": name, "value": number_text(value)}
        for name, value in facts.items()
        if value is not None
    ]
    columns = [text("Quantity", "name"), text("Value", "value")]
    return table("The p-n criterion", columns, rows)
