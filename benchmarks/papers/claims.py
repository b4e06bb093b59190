"""A published claim, what came out here, and a verdict that follows from the numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

PUBLISHED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "published.json").read_text(encoding="utf-8")
)
"""Entries by ``paper/key``: statement, source, value, and how it is judged."""

ERRORS = 3.5
"""Monte-Carlo errors within which two figures count as the same."""


@dataclass(frozen=True)
class Run:
    """One figure of ours.

    Attributes
    ----------
    value : float
        What came out.
    band : list of float
        Where it must lie, to within its Monte-Carlo error; asserted by the tests.
    error : float
        Monte-Carlo standard error; zero where nothing is drawn.
    draws : int
        Replications.
    when : str
        Condition, where a claim has several.
    """

    value: float
    band: list[float]
    error: float = 0.0
    draws: int = 1
    when: str = ""

    def inside(self, band: list[float]) -> bool:
        """Whether the figure lies in a band, to within its error."""
        slack = ERRORS * self.error
        return band[0] - slack <= self.value <= band[1] + slack

    @property
    def expected(self) -> bool:
        """Whether the figure is what it must be."""
        return self.inside(self.band)


@dataclass(frozen=True)
class Claim:
    """One published claim.

    Attributes
    ----------
    key : str
        Entry of the file of published figures, ``paper/name``.
    runs : list of Run
        Our figure, one a condition.
    meaning : str
        One sentence.
    """

    key: str
    runs: list[Run]
    meaning: str

    @property
    def entry(self) -> dict[str, Any]:
        """The published side."""
        return PUBLISHED[self.key]

    @property
    def verdict(self) -> str:
        """Verdict that follows from the figures.

        An entry with ``true_if`` is a statement: it holds where our figure lies in that
        range. One without is a figure, reproduced where ours equals it to within both
        errors and the digits or the plot it was read from; undecided where our error
        is so large that this says nothing.
        """
        entry = self.entry
        if "true_if" not in entry:
            if not self.reproduced:
                return "not reproduced"
            # With so wide an error nearly any figure would count as the same.
            coarse = ERRORS * self.runs[0].error > 0.5 * abs(entry["value"])
            return "undecided" if coarse and entry["value"] else "reproduced"
        good = [run.inside(entry["true_if"]) for run in self.runs]
        if all(good):
            return "holds"
        if not any(good):
            return "fails"
        names = [run.when for run, ok in zip(self.runs, good, strict=True) if ok]
        return f"holds when {' or '.join(names)}"

    @property
    def reproduced(self) -> bool:
        """Whether our only figure equals the published one."""
        (run,) = self.runs
        entry = self.entry
        spread = ERRORS * float(np.hypot(run.error, entry.get("error", 0.0)))
        allowed = spread + entry["tolerance"]
        return bool(abs(run.value - entry["value"]) <= allowed)


@dataclass(frozen=True)
class Listing:
    """A supporting table of finished cells."""

    caption: str
    head: list[str]
    body: list[list[str]]


@dataclass(frozen=True)
class Part:
    """What one run of a paper hands over.

    Attributes
    ----------
    claims : list of Claim
    listings : list of Listing
    curves : dict
        One picture: ``title, x, y`` (labels), ``log`` ("", "x" or "xy") and ``series``,
        each with ``label, x, y`` and perhaps ``style``. Empty for none.
    missing : str
        Why there is nothing, where the run could not be done.
    name : str
        Name of the run.
    seconds : float
        Time spent.
    """

    claims: list[Claim] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    curves: dict[str, Any] = field(default_factory=dict)
    missing: str = ""
    name: str = ""
    seconds: float = 0.0


def part_from(data: dict[str, Any]) -> Part:
    """Rebuild a part from plain data."""
    claims = [
        Claim(c["key"], [Run(**run) for run in c["runs"]], c["meaning"])
        for c in data.pop("claims")
    ]
    listings = [Listing(**listing) for listing in data.pop("listings")]
    return Part(claims=claims, listings=listings, **data)


def figure(value: float, digits: int = 3) -> str:
    """Significant digits, without an exponent for ordinary sizes."""
    if value == 0 or not np.isfinite(value):
        return "0" if value == 0 else "-"
    if not 1e-4 <= abs(value) < 1e6:
        return f"{value:.{max(digits - 1, 0)}g}"
    places = max(digits - 1 - int(np.floor(np.log10(abs(value)))), 0)
    return f"{value:,.{places}f}"
