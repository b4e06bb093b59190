"""Fair scorecards beside the integer points of FasterRisk, at its demographic value.

``fasterrisk`` needs numpy below 2, so it runs under an interpreter of its own:
``python -m benchmarks.fairness_fasterrisk --peer VENV/bin/python``, where the environment
has ``pip install "numpy<2" fasterrisk``. Some minutes of one core; ``--write`` puts the
section into docs/validation_fairness.md. The public data are read from INFOSTAT_DATA.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from benchmarks.fasterrisk_page import render, replaced
from benchmarks.fasterrisk_peer import (
    MOST_ROWS,
    distinct,
    indicators,
    missing,
    peer_pools,
    version,
)
from infostat import FairnessFrontier, InfostatWarning, ScorecardClassifier
from infostat.exceptions import InfeasibleError
from infostat.fairness import demographic_iv, fair_scorecard
from infostat.scorecard import auc_difference, score_performance

PAGE = Path(__file__).parents[1] / "docs" / "validation_fairness.md"
SIZES = (5, 10, 20)
N_CAPS = 12


def value_of(score, group):
    """Divergence of the score's bands between the two groups, with interval."""
    return next(iter(demographic_iv(score, group).values()))


class Rows:
    """One split of one data set: rows that fit and rows that chose nothing."""

    def __init__(self, X, y, group, seed=0):
        one, two = train_test_split(
            np.arange(len(y)), test_size=0.4, random_state=seed, stratify=y
        )
        if len(one) > MOST_ROWS:
            one, _ = train_test_split(
                one, train_size=MOST_ROWS, random_state=seed, stratify=y[one]
            )
        self.X, self.X_test = X.iloc[one], X.iloc[two]
        self.y, self.y_test = y[one], y[two]
        self.group, self.group_test = group[one], group[two]
        self.lines, self.gaps, self.excess = [], [], []

    def add(self, label, score, probability, size, seconds, beside=None):
        """Cells of one model; ``beside`` is the peer's score."""
        area = score_performance(score, self.y_test).auc
        value, gap = value_of(score, self.group_test), ""
        if beside is not None:
            found = auc_difference(score, beside, self.y_test)
            low, high = found.interval()
            gap = f"{found.value:+.3f} ({low:+.3f} to {high:+.3f})"
            self.gaps.append((label.split(" (")[0], low, high))
            theirs = value_of(beside, self.group_test)
            self.excess.append(value.value - theirs.value)
        loss = log_loss(self.y_test, probability)
        self.lines.append(
            f"{label} | {size} | {_three(area)} | {gap} | {loss:.3f} | "
            f"{_three(value)} | {seconds:.1f} |"
        )

    def add_card(self, label, make, beside):
        """Cells of a card of ours, or why there is none."""
        began = time.process_time()
        try:
            card = make()
        except InfeasibleError:
            self.lines.append(f"{label}: none meets the cap | | | | | | |")
            return
        seconds = time.process_time() - began
        X_test = self.X_test[list(card.feature_names_in_)]
        used = [len(p) for p in card.points_.values() if np.ptp(p) > 0]
        chance = card.predict_proba(X_test)[:, 1]
        size = f"{len(used)} / {sum(used)}"
        self.add(label, card.predict_points(X_test), chance, size, seconds, beside)


def _three(found):
    low, high = found.interval()
    return f"{found.value:.3f} ({low:.3f} to {high:.3f})"


def study(rows, python):
    """Each model of theirs, then ours at its value on the fitting rows."""
    card = ScorecardClassifier().fit(rows.X, rows.y)
    columns, owners = indicators(card, rows.X)
    varied = distinct(columns)
    columns, owners = columns[:, varied], owners[varied]
    outside = indicators(card, rows.X_test)[0][:, varied]
    pools = peer_pools(python, columns, rows.y, SIZES)
    for k in SIZES:
        betas = pools[f"coefficients {k}"]
        values = [value_of(-(columns @ b), rows.group).plug_in for b in betas]
        for name, at in {"lowest loss": 0, "fairest": int(np.argmin(values))}.items():
            beta, score = betas[at], -(outside @ betas[at])
            odds = (pools[f"intercept {k}"][at] - score) / pools[f"multiplier {k}"][at]
            used = list(dict.fromkeys(owners[beta != 0]))
            rows.add(
                f"FasterRisk, {k} columns, {name} of {len(betas)}",
                score,
                1 / (1 + np.exp(-odds)),
                f"{len(used)} / {np.count_nonzero(beta)}",
                float(pools[f"seconds {k}"]),
            )
            ours(rows, card, used, values[at], score)


def _area_within(cap, score, rows):
    if value_of(score, rows.group).plug_in > cap:
        return -np.inf
    return score_performance(score, rows.y).auc.value


def ours(rows, card, used, cap, beside):
    """Three cards whose value on the fitting rows is at most the cap."""

    def fair(start, X):
        return fair_scorecard(start, X, rows.y, rows.group, cap)

    def same():
        X = rows.X[used]
        return fair(ScorecardClassifier().fit(X, rows.y), X)

    def best_point():
        frontier = FairnessFrontier(
            max_group_iv=N_CAPS, max_features=len(used), holdout=None, random_state=0
        ).fit(rows.X, rows.y, groups=rows.group)
        areas = [
            _area_within(cap, c.predict_points(rows.X), rows) for c in frontier.cards_
        ]
        if max(areas) == -np.inf:
            raise InfeasibleError("no point")
        return frontier.cards_[int(np.argmax(areas))]

    rows.add_card(
        f"fair card, all features (cap {cap:.3f})", lambda: fair(card, rows.X), beside
    )
    rows.add_card("fair card, the same features", same, beside)
    rows.add_card("frontier, at most as many features", best_point, beside)


def section(python, sets):
    """Lines of the page; a reason where the other package cannot be run."""
    if reason := missing(python):
        return render([], reason)
    found = []
    for name, X, y, group in sets:
        if name.startswith(("Adult", "German")):
            rows = Rows(X, y, np.asarray(group))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", InfostatWarning)
                study(rows, python)
            found.append((name, rows))
            print("\n".join(rows.lines), flush=True)
    return render(found, version=version(python))


if __name__ == "__main__":
    from benchmarks.fairness import public_sets

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="interpreter of an environment with fasterrisk")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lines = section(options.peer, public_sets())
    print("\n".join(lines))
    if options.write and not missing(options.peer):
        text = replaced(PAGE.read_text(encoding="utf-8"), lines)
        PAGE.write_text(text, encoding="utf-8")
