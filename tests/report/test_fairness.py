"""The fairness section: its figures are those of the measures, and it reads them."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import ScorecardClassifier
from infostat.fairness import approval_measures, demographic_iv
from infostat.report.fairness import fairness_section
from infostat.report.rows import read_rows

pd = pytest.importorskip("pandas")


def sample(gap):
    rng = np.random.default_rng(0)
    n = 3000
    sex = np.where(rng.random(n) < 0.4, "f", "m")
    x = rng.normal(size=n) - gap * (sex == "f")
    y = (rng.random(n) < 1 / (1 + np.exp(1.5 + x))).astype(int)
    return pd.DataFrame({"x": x, "noise": rng.normal(size=n), "y": y, "sex": sex})


def section_of(frame, **options):
    card = ScorecardClassifier().fit(frame[["x", "noise"]], frame["y"]).card_
    rows = read_rows(card, [frame], "y", groups=["sex"], **options)
    return card, rows, fairness_section(card, rows)


def test_figures_are_those_of_the_measures():
    _, rows, section = section_of(sample(1.0))
    part = section.parts[0]
    assert part.title == "sex: f against m"
    found = demographic_iv(rows.points, rows.groups)["sex=f"]
    score = part.tables[0].rows[0]
    assert score[0] == "Score"
    assert float(score[1]) == pytest.approx(float(found.value), abs=6e-5)
    assert [row[0] for row in part.tables[0].rows[1:]] == ["x", "noise"]
    frame = approval_measures(rows.points, rows.outcome, rows.groups, like="pandas")
    shown = [float(row[3]) for row in part.tables[1].rows]
    np.testing.assert_allclose(shown, frame["adverse_impact_ratio"], atol=6e-4)


def test_a_gap_raises_the_alarm_and_none_does_not():
    _, _, wide = section_of(sample(1.0))
    assert [f.level for f in wide.findings] == ["alarm"]
    assert "below four fifths is established" in wide.findings[0].text
    _, _, none = section_of(sample(0.0))
    assert [f.level for f in none.findings] != ["alarm"]


def test_what_cannot_be_compared_is_said():
    frame = sample(0.0).assign(sex="m")
    _, _, section = section_of(frame)
    assert "a comparison needs two" in section.absent
    small = sample(0.0)
    small.loc[:19, "sex"] = "x"
    _, _, section = section_of(small)
    assert any("fewer than 50 rows" in f.text for f in section.findings)
    lost = sample(0.5)
    lost.loc[lost["sex"] == "f", "y"] = 0
    _, _, section = section_of(lost)
    assert "has no events" in section.parts[0].lead
