"""The page of the papers: generated, never typed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.papers.claims import PUBLISHED, Claim, Part, Run, figure
from benchmarks.validation.page import markdown as table

TITLES = {
    "credit": "Information metrics for credit risk (arXiv 2509.09855)",
    "causal": "Information-theoretic causal bounds (arXiv 2601.17160)",
    "sampling": "Least squares with determinantal and volume sampling "
    "(arXiv 2312.14057)",
    "samplesize": "The p-n criterion (arXiv 2105.08947)",
}

HEAD = """# The papers, re-run

Every headline figure and claim of the four papers that the package starts from, beside
what the shipped code gives. Written by `python -m benchmarks.papers`{version}; nothing in
it is typed by hand, and published figures come from one file with their sources.

How to read it. *Ours* has its Monte-Carlo standard error in parentheses and the number
of replications beside it. A figure is *reproduced* where it equals the published one to
within 3.5 of both errors and the digits it was printed with (or the plot it was read
from), and *undecided* where our error is too large to say. A statement *holds* where
our figure lies in the range that makes it true, *holds when* a condition is met if it
does so only there, and *fails* otherwise. *Run* names the part of `benchmarks/papers`
that gives the figure. Where a text could not be read in full, or names no figure, the
published side is the project's own earlier derivation or run, written independently of
the package; the source says so.
"""


def markdown(head: list[str], body: list[list[str]]) -> list[str]:
    """Lines of one table; a bar inside a cell does not end it."""
    return table(head, [[cell.replace("|", "\\|") for cell in row] for row in body])


def ours(run: Run) -> str:
    """Our figure with its error."""
    text = figure(run.value)
    if run.error > 0:
        text += f" ({figure(run.error, 1)})"
    return f"{run.when}: {text}" if run.when else text


def published(claim: Claim) -> str:
    """Published figure, or the range that makes a statement true."""
    entry = claim.entry
    if "value" not in entry:
        return "-"
    text = figure(entry["value"], entry.get("digits", 3))
    return text + (f" ({figure(entry['error'], 1)})" if "error" in entry else "")


def replications(claim: Claim) -> str:
    """How many, from the fewest to the most; a dash where nothing was drawn."""
    draws = sorted({run.draws for run in claim.runs} - {1})
    return (
        " to ".join(f"{d:,}" for d in dict.fromkeys([*draws[:1], *draws[-1:]])) or "-"
    )


def claim_lines(parts: list[Part], sources: list[str]) -> list[str]:
    """Table of claims; a source is named by its number."""
    body = []
    for run, claim in ((part.name, c) for part in parts for c in part.claims):
        source = claim.entry["source"]
        if source not in sources:
            sources.append(source)
        body.append(
            [
                f"{claim.entry['statement']} [{sources.index(source) + 1}]",
                published(claim),
                "; ".join(ours(run) for run in claim.runs),
                replications(claim),
                f"**{claim.verdict}**",
                claim.meaning,
                run,
            ]
        )
    head = ["claim", "published", "ours (error)", "replications", "verdict"]
    head += ["meaning", "run"]
    return markdown(head, body)


def summary(parts: dict[str, list[Part]]) -> list[str]:
    """Verdicts a paper, and what was not reproduced."""
    body, missed = [], []
    for paper, found in parts.items():
        claims = [c for part in found for c in part.claims]
        counts = {"reproduced": 0, "not reproduced": 0, "undecided": 0}
        counts |= {"holds": 0, "fails": 0}
        conditional = 0
        for claim in claims:
            if claim.verdict in counts:
                counts[claim.verdict] += 1
            else:
                conditional += 1
            if claim.verdict in ("not reproduced", "fails"):
                missed.append(
                    f"- {claim.entry['statement']}: published {published(claim)}, here "
                    f"{'; '.join(ours(run) for run in claim.runs)}. {claim.meaning}"
                )
        row = [
            counts[k] for k in ("reproduced", "not reproduced", "undecided", "holds")
        ]
        body.append([TITLES[paper], *map(str, [*row, conditional, counts["fails"]])])
    head = ["paper", "reproduced", "not reproduced", "undecided", "holds"]
    head += ["holds when", "fails"]
    lines = ["## Summary", "", *markdown(head, body), ""]
    return [*lines, "Not reproduced, or not true:", "", *(missed or ["- none."]), ""]


def render(parts: dict[str, list[Part]], facts: dict[str, Any]) -> str:
    """The whole page.

    Parameters
    ----------
    parts : dict of str to list of Part
        By paper.
    facts : dict
        ``version``, ``seconds`` and ``pictures`` (file by paper).
    """
    sources: list[str] = []
    lines = [HEAD.format(version=facts["version"]), *summary(parts)]
    for paper, found in parts.items():
        lines += [f"## {TITLES[paper]}", ""]
        lines += [*claim_lines(found, sources), ""]
        if paper in facts["pictures"]:
            name, title = facts["pictures"][paper]
            lines += [f"![{title}]({name})", ""]
        for part in found:
            if part.missing:
                lines += [f"Left out: {part.missing}", ""]
            for listing in part.listings:
                lines += [f"**{listing.caption}**", ""]
                lines += [*markdown(listing.head, listing.body), ""]
    lines += ["## Sources of the published figures", ""]
    lines += [f"{k + 1}. {source}" for k, source in enumerate(sources)]
    lines += ["", f"Computed in {facts['seconds']:.0f} s.", ""]
    return "\n".join(lines)


def draw_picture(curves: dict[str, Any], path: Path) -> None:
    """One chart of lines as a small SVG file."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "papers", "svg.fonttype": "none"}):
        chart = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = chart.subplots()
        for line in curves["series"]:
            axes.plot(
                line["x"], line["y"], line.get("style", "o-"), label=line["label"]
            )
        if "x" in curves["log"]:
            axes.set_xscale("log")
        if "y" in curves["log"]:
            axes.set_yscale("log")
        axes.set(xlabel=curves["x"], ylabel=curves["y"], title=curves["title"])
        axes.legend(fontsize="small", frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        chart.savefig(path, metadata={"Date": None})


def unused(parts: dict[str, list[Part]]) -> set[str]:
    """Published entries that no claim of these papers refers to."""
    used = {c.key for found in parts.values() for part in found for c in part.claims}
    return {key for key in PUBLISHED if key.split("/")[0] in parts} - used
