"""The section on FasterRisk of docs/validation_fairness.md."""

from __future__ import annotations

import numpy as np

from benchmarks.fasterrisk_peer import MOST_ROWS, missing

HEADING = "## Integer points of FasterRisk"
EXPLAINED = (
    "`python -m benchmarks.fairness_fasterrisk --peer VENV/bin/python`: FasterRisk {} with "
    "coefficients from -5 to 5 on 5, 10 and 20 columns, its other settings as they come. A "
    "column says whether a row is in a bin of our card, or in that bin or a later one. Of "
    "its pool of at most 50 models within 5 % of the lowest loss: the first, and the one "
    "with the smallest divergence on the fitting rows. Below each, cards of ours whose "
    "divergence on the same fitting rows is at most that model's: the fair card on all "
    "features, on the features which that model uses, and the point of the frontier (12 "
    "caps, at most as many features) with the largest AUC on the fitting rows. The cap is "
    "met on the fitting rows. On the others, which chose nothing, divergences are close, "
    "or ours is lower where the cap does not bind; German credit has 400 such rows, which "
    "say little about a divergence. Both "
    f"sides fit on the same rows, 60 % and at most {MOST_ROWS:,}, since FasterRisk takes "
    "long on more. Size: features, and points other than zero (theirs) or bins (ours): a "
    "card of ours has several times as many numbers. Difference: AUC less that of the "
    "FasterRisk model above, paired. CPU seconds of a pool, or of a card. 95 % intervals."
)
HEADER = (
    "| data | model | size | AUC | difference | log loss | divergence | CPU, s |",
    "|---|---|---|---|---|---|---|---|",
)


def render(found, reason="", version=""):
    """Table with its explanation, from (name, rows) of every data set."""
    if reason:
        return [HEADING, "", f"Not compared: {reason}."]
    table = [f"| {name} | {line}" for name, rows in found for line in rows.lines]
    out = [HEADING, "", EXPLAINED.format(version), "", *HEADER, *table]
    for name, rows in found:
        kinds = "; ".join(_verdict(kind, rows.gaps) for kind in _kinds(rows.gaps))
        text = (
            f"{name}. {kinds}. Their held-out divergence less that of the model above them "
            f"is {np.mean(rows.excess):+.3f} on the mean, {min(rows.excess):+.3f} to "
            f"{max(rows.excess):+.3f}."
        )
        out += ["", text]
    return out


def _kinds(gaps):
    return list(dict.fromkeys(kind for kind, _, _ in gaps))


def _verdict(kind, gaps):
    """How many of one kind of card rank better or worse than the model above them."""
    ends = [(low, high) for found, low, high in gaps if found == kind]
    better, worse = sum(low > 0 for low, _ in ends), sum(high < 0 for _, high in ends)
    return (
        f"{kind}: {better} of {len(ends)} rank better, {worse} worse, "
        f"{len(ends) - better - worse} cannot be told apart"
    )


def kept(text):
    """Lines of the section that a page has, or why it has none."""
    _, heading, rest = text.partition(HEADING)
    if not heading:
        return render([], missing(None))
    return (heading + rest.rstrip()).split("\n")


def replaced(text, lines):
    """The page with its last section replaced."""
    return text.split(HEADING)[0].rstrip("\n") + "\n\n" + "\n".join(lines) + "\n"
