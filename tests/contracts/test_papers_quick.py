"""The papers re-run on few draws: figures in their bands, published ones from a file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.papers.__main__ import run
from benchmarks.papers.claims import PUBLISHED, Claim, Run, figure
from benchmarks.papers.page import published, render, unused
from benchmarks.validation.study import Scale

GIVEN = {"areas", "caps", "coverage", "medians", "rmse", "widths", "given"}
"""Entries with one of these are read by a run or a table, not judged as a claim."""


# One worker computes what all tests of this file look at.
pytestmark = pytest.mark.xdist_group("papers")


@pytest.fixture(scope="module")
def found():
    return run(Scale(quick=True), cache=None, progress=False)


@pytest.fixture(scope="module")
def claims(found):
    return [c for parts in found.values() for part in parts for c in part.claims]


def test_every_figure_lies_in_its_band(claims):
    missed = [
        (claim.key, each.when, each.value, each.band)
        for claim in claims
        for each in claim.runs
        if not each.expected
    ]
    assert missed == []


def test_errors_are_too_small_for_empty_bands(claims):
    # A band is no test where Monte-Carlo error swallows what it should tell apart.
    for claim in claims:
        for each in claim.runs:
            assert each.error < 0.26, (claim.key, each)


@pytest.mark.parametrize(
    ("key", "verdict"),
    [
        ("credit/identity", "holds"),
        ("credit/se_paper", "fails"),
        ("credit/se_package", "fails"),
        ("credit/se_ours", "holds"),
        ("credit/size_paper", "fails"),
        ("credit/size_ours", "holds"),
        ("credit/size_independent", "reproduced"),
        ("credit/cover_paper", "fails"),
        ("credit/cover_ours", "holds"),
        ("credit/chance_paper", "fails"),
        ("credit/chance_ours", "holds"),
        ("causal/slope_appendix_upper", "not reproduced"),
        ("causal/radius", "holds"),
        ("causal/valid", "holds when the range holds the outcomes of both arms"),
        ("causal/finite", "holds when the outcome is bounded (an indicator)"),
        ("causal/sharp", "fails"),
        ("causal/sign", "fails"),
        ("causal/unseen_scientific", "holds"),
        ("sampling/stabler", "holds"),
        ("sampling/constants", "holds"),
        ("samplesize/expansion_errors", "reproduced"),
        ("samplesize/normal_3_20", "reproduced"),
        ("samplesize/riley", "reproduced"),
    ],
)
def test_verdicts_that_must_come_out(claims, key, verdict):
    (claim,) = [c for c in claims if c.key == key]
    assert claim.verdict == verdict


def test_the_page_takes_published_figures_from_the_file(found, claims):
    page = render(found, {"version": "", "seconds": 0.0, "pictures": {}})
    for claim in claims:
        entry = PUBLISHED[claim.key]
        assert entry["statement"] in page
        assert entry["source"] in page
        if "value" in entry:
            assert published(claim).startswith(
                figure(entry["value"], entry.get("digits", 3))
            )
    for parts in found.values():
        for part in parts:
            assert part.claims or part.missing
            assert part.missing in page


def test_no_published_entry_is_forgotten(found):
    lacking = any(part.missing for parts in found.values() for part in parts)
    left = {key for key in unused(found) if not GIVEN & set(PUBLISHED[key])}
    # Quick runs leave designs out, and a claim without its data is not made.
    optional = ("samplesize/mc_", "causal/slope_ball_")
    optional += ("credit/frontier_",) if lacking else ()
    optional += ("causal/ihdp_", "samplesize/data_", "samplesize/german_")[
        : 3 * lacking
    ]
    assert {key for key in left if not key.startswith(optional)} == set()


def test_verdicts_follow_from_the_figures():
    right = Run(0.975, [0.0, 1.0], 0.001, 1_000)
    claim = Claim("credit/size_independent", [right], "")
    assert claim.verdict == "reproduced"
    wrong = replace(claim, runs=[replace(right, value=0.9)])
    assert wrong.verdict == "not reproduced"
    blurred = replace(claim, runs=[replace(right, value=0.9, error=0.2)])
    assert blurred.verdict == "undecided"
    mixed = [Run(0.05, [0, 1], when="a"), Run(0.5, [0, 1], when="b")]
    assert Claim("credit/size_paper", mixed, "").verdict == "holds when a"
    assert Claim("credit/size_paper", mixed[:1], "").verdict == "holds"
    assert Claim("credit/size_paper", mixed[1:], "").verdict == "fails"
    assert not Run(0.5, [0.0, 0.1], 0.01).expected
