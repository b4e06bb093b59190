"""The report: self-contained, safe with hostile names, and its figures are right."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from infostat import (
    InfostatError,
    ScorecardClassifier,
    population_stability_index,
)
from infostat.report import render_report, write_report
from infostat.report.contents import report_sections
from infostat.report.rows import read_rows
from infostat.scorecard import score_performance
from infostat.scorecard.score_counts import read_score_counts

pd = pytest.importorskip("pandas")


@pytest.fixture(scope="module")
def report(hostile) -> str:
    return render_report(
        hostile.card,
        data=hostile.later,
        target="bad",
        title=hostile.fitted.columns[0],
        notes=[hostile.fitted.columns[0]],
    )


@pytest.fixture(scope="module")
def sections(hostile):
    rows = read_rows(hostile.card.card_, [hostile.later], "bad")
    return {s.name: s for s in report_sections(hostile.card.card_, rows)}


class Page(HTMLParser):
    """Tags in order, and whether each closes."""

    VOID = frozenset({"meta", "img", "link", "br"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_names_are_text(report):
    assert "<script" not in report
    assert report.count("&lt;script&gt;") > 5


def test_nothing_is_fetched(report):
    assert not re.search(r"(?:src|href)=[\"'](?!data:|#)", report)
    assert "http" not in re.sub(r'src="data:[^"]*"', "", report)
    assert "@import" not in report
    assert "url(" not in report


def test_pictures_are_whole_and_fetch_nothing(report):
    found = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', report)
    assert len(found) == 9
    for picture in found:
        text = base64.b64decode(picture).decode()
        ET.fromstring(text)  # noqa: S314 - our own picture
        assert "<script" not in text
        assert not re.search(r'href="(?!#)', text)


def test_structure_can_be_read_aloud(report):
    page = Page(report)
    assert page.open == []
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == names.count("main") == 1
    levels = [int(tag[1]) for tag in names if re.fullmatch(r"h[1-6]", tag)]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert names.count("caption") == names.count("table") > 8
    assert all(a.get("alt") for tag, a in page.tags if tag == "img")
    assert all(a.get("scope") in ("row", "col") for tag, a in page.tags if tag == "th")
    regions = [a for _, a in page.tags if a.get("class") == "wide"]
    assert len(regions) == names.count("table")
    assert all(a["tabindex"] == "0" and a["aria-label"] for a in regions)
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    links = [a["href"][1:] for tag, a in page.tags if tag == "a"]
    assert set(links) <= set(ids)
    assert all(
        a["aria-labelledby"] in ids for _, a in page.tags if "aria-labelledby" in a
    )


def test_page_has_print_rules_and_language(report):
    assert 'lang="en"' in report
    assert "@media print" in report
    assert "break-before: page" in report


@pytest.mark.filterwarnings("ignore:.*sparse bins")
def test_drift_is_that_against_the_counts_of_the_fit(hostile, sections):
    card = hostile.card.card_
    rows = {row[0]: row for row in sections["drift"].tables[0].rows}
    for name, feature in card.features.items():
        codes = card.codes(hostile.later[card.feature_names])[name]
        now = np.bincount(codes, minlength=feature.bins.n_bins)
        psi = population_stability_index(
            feature.table.rows.sum(axis=1), now, ordered_from=feature.bins.ordered_from
        )
        low, high = psi.interval()
        assert float(rows[name][1]) == pytest.approx(psi.value, abs=6e-5)
        assert rows[name][2] == f"{low:.4f} to {high:.4f}"
        assert rows[name][3] == psi.light()


def test_drift_that_was_made_raises_the_alarm(hostile, sections):
    moved = [f.text for f in sections["drift"].findings if f.level == "alarm"]
    shifted = hostile.fitted.columns[0]
    assert sorted(said.split(" moved")[0] for said in moved) == [shifted, "score"]


@pytest.mark.filterwarnings("ignore:.*sparse bins")
def test_score_drift_is_that_of_its_own_bands(hostile, sections):
    card = hostile.card.card_
    bins, table = read_score_counts(card.audit)
    points = card.points(hostile.later[card.feature_names])
    now = np.bincount(bins.codes(points), minlength=bins.n_bins)
    psi = population_stability_index(
        table.rows.sum(axis=1), now, ordered_from=bins.ordered_from
    )
    row = next(r for r in sections["drift"].tables[0].rows if r[0] == "score")
    assert float(row[1]) == pytest.approx(psi.value, abs=6e-5)


def test_a_card_without_score_counts_says_so(hostile):
    card = replace(hostile.card.card_, audit={})
    rows = read_rows(card, [hostile.later], "bad")
    drift = {s.name: s for s in report_sections(card, rows)}["drift"]
    assert "keeps no counts of its score" in drift.lead
    assert "score" not in [row[0] for row in drift.tables[0].rows]


def test_measures_are_those_of_the_score(hostile, sections):
    names = hostile.card.card_.feature_names
    points = hostile.card.predict_points(hostile.later[names])
    found = score_performance(points, hostile.later["bad"])
    row = sections["scores"].tables[0].rows[0]
    low, high = found.auc.interval()
    assert row[0] == "Area under the ROC curve"
    assert row[1] == f"{found.auc.value:.4f}"
    assert row[3] == f"{low:.4f} to {high:.4f}"
    captured = sections["gains"].tables[0].rows[-1][8]
    assert captured == "100.0 %"
    n_bands = len(sections["calibration"].tables[0].rows)
    assert sum(int(r[1]) for r in sections["calibration"].tables[0].rows) == 700
    assert f"of {n_bands} intervals hold" in sections["calibration"].lead


def test_rows_of_the_fit_are_known_as_such(hostile):
    card = hostile.card.card_
    rows = read_rows(
        card, [hostile.fitted.iloc[:300], hostile.fitted.iloc[300:]], "bad"
    )
    assert rows.of_fit
    found = {s.name: s for s in report_sections(card, rows)}
    assert "nothing to compare" in found["drift"].absent
    assert "too good" in found["scores"].findings[0].text
    # All bins are parameters, beside the constant.
    filled = [int((f.table.rows.sum(axis=1) > 0).sum()) for f in card.features.values()]
    facts = dict(found["samplesize"].tables[0].rows)
    assert facts["Parameters"] == str(1 + sum(filled) - len(filled))
    assert facts["Rows"] == "700"
    assert "Risk with one parameter a feature, bins as given" in facts


def test_sample_size_by_the_leading_term_needs_no_rows(hostile, sections):
    facts = dict(sections["samplesize"].tables[0].rows)
    risk = facts["Estimation risk, nats a row, leading term p / 2n"]
    assert float(risk) == pytest.approx(int(facts["Parameters"]) / 1400, abs=5e-5)


def test_without_rows_sections_say_why(hostile):
    text = render_report(hostile.card)
    assert text.count("Left out. No rows were given.") == 5
    with pytest.raises(InfostatError, match="give target="):
        render_report(hostile.card, data=hostile.later)
    with pytest.raises(InfostatError, match="give data="):
        render_report(hostile.card, groups=["sex"])


def test_outcomes_may_be_missing_and_labels_differ(hostile):
    card, later = hostile.card.card_, hostile.later.copy()
    later["word"] = later["bad"].map({0: "good", 1: "worse"})
    later.loc[:99, "word"] = None
    rows = read_rows(card, [later], "word", event="worse")
    assert int((~rows.known).sum()) == 100
    np.testing.assert_array_equal(rows.outcome[100:], later["bad"].iloc[100:])
    # All rows count for drift, those with an outcome for performance.
    found = {s.name: s for s in report_sections(card, rows)}
    assert found["scores"].lead.startswith("600 rows")
    assert all(table.rows.sum() == 700 for table in rows.tables.values())
    later["one"] = 0
    alone = {
        s.name: s
        for s in report_sections(card, read_rows(card, [later.assign(bad=0)], "bad"))
    }
    assert "lack events or non-events" in alone["gains"].absent


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({"bad": "?"}, {"target": "bad"}, r"label '\?', the card knows \['0', '1'\]"),
        ({}, {"target": "gone"}, r"lack the columns \['gone'\]"),
        ({}, {"target": "bad", "event": "5"}, "must be one of two"),
    ],
)
def test_what_cannot_be_read_is_named(hostile, change, options, words):
    with pytest.raises(InfostatError, match=words):
        render_report(hostile.card, data=hostile.later.assign(**change), **options)


def test_empty_and_nameless_data_are_refused(hostile):
    with pytest.raises(InfostatError, match="no rows"):
        render_report(hostile.card, data=hostile.later.iloc[:0], target="bad")
    with pytest.raises(InfostatError, match="data frame"):
        render_report(hostile.card, data=np.zeros((3, 3)), target="bad")


def test_cards_without_errors_and_with_one_hot_code_have_reports():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.normal(size=500), "z": rng.normal(size=500)})
    y = (rng.random(500) < 1 / (1 + np.exp(1 - frame["x"]))).astype(int)
    for options in (
        {"encoding": "onehot"},
        {"estimator": LogisticRegression(C=0.5)},
    ):
        card = ScorecardClassifier(**options).fit(frame, y)
        text = render_report(card, data=frame.assign(y=y), target="y")
        assert text.rstrip().endswith("</html>")


def test_it_is_written_whole(hostile, tmp_path):
    write_report(hostile.card, tmp_path / "r.html", title="Card")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>")
    assert "<title>Card</title>" in text
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]
    again = render_report(hostile.card, title="Card")
    assert again == text
