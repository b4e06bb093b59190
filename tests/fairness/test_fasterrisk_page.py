"""The comparison with FasterRisk, with a stand-in for that package."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

pytest.importorskip("pandas")

from benchmarks import fairness_fasterrisk
from benchmarks.fairness_fasterrisk import Rows, section, study, value_of
from benchmarks.fasterrisk_page import HEADING, kept, render, replaced
from benchmarks.fasterrisk_peer import distinct, indicators, missing, peer_pools
from infostat import ScorecardClassifier
from infostat.datasets import make_applications

pytestmark = pytest.mark.filterwarnings("ignore::infostat.exceptions.InfostatWarning")

STAND_IN = """
import numpy as np

class RiskScoreOptimizer:
    def __init__(self, X, y, k, lb, ub):
        assert set(np.unique(y)) == {-1, 1} and set(np.unique(X)) == {0, 1}
        self.lean, self.k = X.T @ y / X.sum(axis=0) - y.mean(), k

    def optimize(self):
        weak_first = np.argsort(np.abs(self.lean))
        self.betas = np.zeros((2, len(self.lean)))
        for beta, chosen in zip(self.betas, (weak_first[-self.k:], weak_first[-1:])):
            beta[chosen] = 2 * np.sign(self.lean[chosen])

    def get_models(self):
        return np.array([2.0, 4.0]), np.array([-3.0, -5.0]), self.betas
"""


@pytest.fixture(scope="module")
def sample():
    drawn = make_applications(2000, rng=0, backend="pandas").frame
    X = drawn[["utilisation", "inquiries", "mortgage"]]
    return X, drawn["default"].to_numpy(), drawn["group"].to_numpy()


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    (tmp_path / "fasterrisk").mkdir()
    (tmp_path / "fasterrisk" / "__init__.py").touch()
    (tmp_path / "fasterrisk" / "fasterrisk.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return sys.executable


def test_it_is_left_out_with_a_reason():
    assert "no interpreter" in section(None, ())[-1]
    assert "did not start" in section("no-such-interpreter", ())[-1]
    assert "No module named" in section(sys.executable, ())[-1]


def test_columns_say_which_bin_and_how_far(sample):
    card = ScorecardClassifier().fit(sample[0], sample[1])
    columns, owners = indicators(card, sample[0])
    for name, codes in card.card_.codes(sample[0]).items():
        bins = card.bins_[name]
        inside = columns[:, owners == name][:, : bins.n_bins]
        np.testing.assert_array_equal(inside.argmax(axis=1), codes)
        assert (inside.sum(axis=1) == 1).all()
        steps = columns[:, owners == name][:, bins.n_bins :].sum(axis=1)
        np.testing.assert_array_equal(
            steps, np.maximum(codes.astype(int), bins.first) - bins.first
        )
    places = distinct(columns)
    assert (np.ptp(columns[:, places], axis=0) == 1).all()
    assert len(np.unique(columns[:, places], axis=1).T) == len(places)


def test_both_sides_are_measured_on_rows_that_chose_nothing(
    sample, stand_in, monkeypatch
):
    monkeypatch.setattr(fairness_fasterrisk, "SIZES", (4,))
    assert missing(stand_in) == ""
    rows = Rows(*sample)
    study(rows, stand_in)
    table = [[cell.strip() for cell in line.split("|")] for line in rows.lines]
    theirs = [row for row in table if row[0].startswith("FasterRisk")]
    assert [row[1].split(" / ")[1] for row in theirs] == ["4", "1"]
    # The first model of the pool again, from its numbers.
    card = ScorecardClassifier().fit(rows.X, rows.y)
    columns, _ = indicators(card, rows.X)
    places = distinct(columns)
    pool = peer_pools(stand_in, columns[:, places], rows.y, (4,))
    risk = indicators(card, rows.X_test)[0][:, places] @ pool["coefficients 4"][0]
    chance = 1 / (1 + np.exp((3.0 - risk) / 2.0))
    loss = -np.log(np.where(rows.y_test == 1, chance, 1 - chance)).mean()
    bad, good = risk[rows.y_test == 1], risk[rows.y_test == 0]
    wins = np.sign(bad[:, None] - good).mean() / 2 + 0.5
    assert float(theirs[0][2].split()[0]) == pytest.approx(wins, abs=6e-4)
    assert float(theirs[0][4]) == pytest.approx(loss, abs=6e-4)
    value = value_of(-risk, rows.group_test).value
    assert float(theirs[0][5].split()[0]) == pytest.approx(value, abs=6e-4)
    cards = [row for row in table if not row[0].startswith("FasterRisk")]
    assert len(cards) == 6
    assert len(rows.gaps) == sum("none meets" not in row[0] for row in cards) > 0

    lines = render([("Applications", rows)], version="1.2.3")
    assert "FasterRisk 1.2.3 with" in lines[2]
    better = sum(low > 0 for _, low, _ in rows.gaps)
    said = re.findall(r"(\d+) of \d+ rank better", lines[-1])
    assert sum(map(int, said)) == better
    width = {line.count("|") for line in lines if line.startswith("|")}
    assert len(width) == 1
    page = replaced("# Page\n\ntext\n", lines)
    assert kept(page) == lines
    assert replaced(page, kept(page)) == page
    assert kept("# Page\n")[0] == HEADING
    assert "Not compared" in kept("# Page\n")[-1]
