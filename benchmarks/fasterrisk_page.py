"""The section on FasterRisk of docs/validation_fairness.md."""

from __future__ import annotations

import numpy as np

from benchmarks.fasterrisk_peer import MOST_ROWS, missing

HEADING = "## Integer points of FasterRisk"
EXPLAINED = (
    "FasterRisk with coefficients from -5 to 5 on 5, 10 and 20 columns, its other settings "
    "as they come. A column says whether a row is in a bin of our card, or in that bin or "
    "a later one. Of its pool of at most 50 models within 5 % of the lowest loss: the "
    "first, and the one with the smallest divergence on the fitting rows. Below each, "
    "cards of ours whose divergence on the same fitting rows is at most that model's: the "
    "fair card on all features, on the features which that model uses, and the point of "
    "the frontier (twelve caps, at most as many features) with the largest AUC on the "
    f"fitting rows. Both sides fit on the same rows, 60 % and at most {MOST_ROWS:,}, since "
    "FasterRisk takes long on more; the other 40 % chose nothing. Size: features, and "
    "points other than zero (theirs) or bins (ours). Difference: AUC less that of the "
    "FasterRisk model above, paired. CPU seconds of a pool, or of a card. 95 % intervals."
)
HEADER = (
    "| data | model | size | AUC | difference | log loss | divergence | CPU, s |",
    "|---|---|---|---|---|---|---|---|",
)


def render(found, reason=""):
    """Table with its explanation, from (name, rows) of every data set."""
    if reason:
        return [HEADING, "", f"Not compared: {reason}."]
    table = [f"| {name} | {line}" for name, rows in found for line in rows.lines]
    out = [HEADING, "", EXPLAINED, "", *HEADER, *table]
    for name, rows in found:
        better = sum(low > 0 for low, _ in rows.gaps)
        worse = sum(high < 0 for _, high in rows.gaps)
        text = (
            f"{name}: of {len(rows.gaps)} cards, {better} rank better than the model above "
            f"them, {worse} worse, {len(rows.gaps) - better - worse} cannot be told apart; "
            f"their held-out divergence less its own is {np.mean(rows.excess):+.3f} on the "
            f"mean, {min(rows.excess):+.3f} to {max(rows.excess):+.3f}."
        )
        out += ["", text]
    return out


def kept(text):
    """Lines of the section that a page has, or why it has none."""
    _, heading, rest = text.partition(HEADING)
    if not heading:
        return render([], missing(None))
    return (heading + rest.rstrip()).split("\n")


def replaced(text, lines):
    """The page with its last section replaced."""
    return text.split(HEADING)[0].rstrip("\n") + "\n\n" + "\n".join(lines) + "\n"
