"""Saved models that were cut off, altered, doubled or blown up.

Every one is refused in one sentence, or reads as the very model that was saved.
``INFOSTAT_FUZZ=20`` tries twenty times as many alterations.
"""

from __future__ import annotations

import copy
import json
import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from infostat import (
    BoostedScorecardClassifier,
    Scorecard,
    ScorecardClassifier,
    StabilityMonitor,
)
from infostat.exceptions import DocumentError, InfostatError, InfostatWarning

EFFORT = float(os.environ.get("INFOSTAT_FUZZ", "1"))
KINDS = ["card", "boosted", "monitor"]
READERS = {
    "card": ScorecardClassifier.from_json,
    "boosted": BoostedScorecardClassifier.from_json,
    "monitor": StabilityMonitor.from_json,
}


def sample():
    rng = np.random.default_rng(0)
    X = np.round(rng.normal(size=(400, 2)), 2)
    X[:20, 0] = np.nan
    y = (rng.uniform(size=400) < 1 / (1 + np.exp(1 - X[:, 1]))).astype(int)
    return X, y


@pytest.fixture(scope="module")
def texts():
    X, y = sample()
    with warnings.catch_warnings():
        # Sparse bins are told at fit; reading the card again tells nothing.
        warnings.simplefilter("ignore", InfostatWarning)
        card = ScorecardClassifier().fit(X, y)
        boosted = BoostedScorecardClassifier(n_rounds=6).fit(X, y)
        monitor = StabilityMonitor(model=card, max_bins=3)
        monitor.fit(X, y, sample_weight=np.tile([0.5, 2.0], 200))
        monitor.update(X[::-1] + 0.5, period="later")
    return {
        "card": card.to_json(),
        "boosted": boosted.to_json(),
        "monitor": monitor.to_json(),
    }


def read(kind, text):
    """The model, or None where it was refused as it should be."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return READERS[kind](text)
        except DocumentError as error:
            said = str(error)
            assert "\n" not in said
            assert 20 < len(said) < 1_000, said
            return None


def places(value, path=()):
    """Every place of a document, the whole of each list."""
    if path:
        yield path
    if isinstance(value, dict):
        parts = value.items()
    else:
        parts = enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*path, key))


def altered(document, path, value):
    changed = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


@pytest.mark.parametrize("kind", KINDS)
def test_cut_off_at_every_byte(texts, kind):
    text = texts[kind]
    step = max(1, int(len(text) / (2_000 * EFFORT)))
    ends = {
        *range(1, len(text), step),
        *range(1, 200),
        *range(len(text) - 200, len(text)),
    }
    for end in sorted(ends):
        assert read(kind, text[:end]) is None, text[end - 20 : end]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_needed(texts, kind):
    # A key may be absent only where its absence is told apart from any value.
    document = json.loads(texts[kind])
    optional = {"variance_inflation", "infostat"}
    free = {"audit", "parameters"}  # what a person reads, not what scores
    for path in places(document):
        if isinstance(path[-1], int) or path[-1] in optional:
            continue
        if kind != "monitor" and free & set(path[:-1]):
            continue
        assert read(kind, json.dumps(altered(document, path, ...))) is None, path


WRONG = ["abc", True, [], {}, [[1]], None, "7", 10**400, -(10**30), 1.5e300]


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_another_type_is_refused(texts, kind):
    document = json.loads(texts[kind])
    rng = np.random.default_rng(1)
    found = list(places(document))
    keep = [p for p in found if not {"audit", "infostat"} & set(p)]
    tried = min(len(keep), int(150 * EFFORT))
    for k in rng.choice(len(keep), tried, replace=False):
        path = keep[k]
        value = document
        for key in path:
            value = value[key]
        for wrong in WRONG:
            if type(wrong) is type(value) or isinstance(value, int | float | None):
                # Another number is another model, not a damaged one; it must score.
                continue
            changed = altered(document, path, wrong)
            if kind == "monitor" and path[-1] in {"period", "event", "tolerance"}:
                continue
            model = read(kind, json.dumps(changed))
            assert model is None, (path, value, wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_may_not_become_text_or_truth(texts, kind):
    document = json.loads(texts[kind])
    rng = np.random.default_rng(2)
    keep = []
    for path in places(document):
        value = document
        for key in path:
            value = value[key]
        told = {"audit", "parameters", "classes", "event"} & set(path)
        if type(value) in (int, float) and not told:
            keep.append((path, value))
    for k in rng.choice(len(keep), min(len(keep), int(120 * EFFORT)), replace=False):
        path, value = keep[k]
        for wrong in (str(value), [value], {"value": value}, 10**400):
            if isinstance(wrong, int) and path[-1] == "p_value":
                continue
            changed = altered(document, path, wrong)
            assert read(kind, json.dumps(changed)) is None, (path, wrong)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "1" * 5000])
def test_what_is_no_number_of_json_is_refused(texts, kind, word):
    for key in ('"missing_to": 0', '"schema_version": 1'):
        name = key.split(":")[0]
        text = texts[kind].replace(key, f"{name}: {word}", 1)
        assert text != texts[kind]
        assert read(kind, text) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_huge_number_scores_finitely_or_is_refused(texts, kind):
    X, _ = sample()
    document = json.loads(texts[kind])
    rng = np.random.default_rng(3)
    keep = [p for p in places(document) if "audit" not in p]
    for k in rng.choice(len(keep), min(len(keep), int(100 * EFFORT)), replace=False):
        for huge in (1e308, -1e308, 10**18):
            model = read(kind, json.dumps(altered(document, keep[k], huge)))
            if model is None or kind == "monitor":
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                assert np.isfinite(model.card_.score(X[:5])).all(), keep[k]


@pytest.mark.parametrize("kind", KINDS)
def test_doubled_keys_are_refused(texts, kind):
    # A parser that takes the last one reads another model than a person who reads
    # the first.
    for key in ('"format": ', '"schema_version": ', '"bins": ', '"missing_to": '):
        text = texts[kind].replace(key, f"{key}0, {key}", 1)
        assert read(kind, text) is None
    with pytest.raises(DocumentError, match="'format' twice"):
        READERS[kind](texts[kind].replace("{", '{"format": "x", ', 1))


@pytest.mark.parametrize("kind", KINDS)
def test_deep_and_long_documents_are_refused_briefly(texts, kind):
    document = json.loads(texts[kind])
    deep = "[" * 100_000 + "]" * 100_000
    assert read(kind, '{"a": ' * 100_000) is None
    assert read(kind, '{"format": ' + deep + "}") is None
    long = "x" * 10_000_000
    for path in (("format",), ("schema_version",), ("bins",), ("event",)):
        if path[0] in document:
            assert read(kind, json.dumps(altered(document, path, long))) is None
    entry = ("bins", 0) if kind == "monitor" else ("features", 0, "bins")
    for key in ("cuts", "missing_to", "special_values"):
        assert read(kind, json.dumps(altered(document, (*entry, key), long))) is None
    assert read(kind, json.dumps(altered(document, (*entry, "cuts"), [long]))) is None
    assert read(kind, long) is None  # taken for a path, which nobody has


@pytest.mark.parametrize("kind", KINDS)
def test_changed_bytes(texts, kind):
    # A flipped byte may make another number; it must never make another exception.
    raw = texts[kind].encode()
    rng = np.random.default_rng(4)
    for _ in range(int(300 * EFFORT)):
        changed = bytearray(raw)
        for place in rng.integers(0, len(raw), rng.integers(1, 4)):
            changed[place] = rng.integers(0, 256)
        read(kind, changed.decode("utf-8", errors="replace"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_of_a_document_is_the_document(texts, kind):
    assert json.loads(read(kind, texts[kind]).to_json()) == json.loads(texts[kind])


def test_a_newer_and_a_foreign_schema(texts):
    for kind in KINDS:
        document = json.loads(texts[kind])
        for version in (3, 10**300):
            newer = json.dumps(document | {"schema_version": version})
            with pytest.raises(DocumentError, match="upgrade infostat"):
                READERS[kind](newer)
    for kind, other in (("card", "boosted"), ("boosted", "card"), ("monitor", "card")):
        assert read(kind, texts[other]) is None
    with pytest.raises(DocumentError, match="not a scorecard"):
        Scorecard.from_json(texts["monitor"])


@pytest.mark.parametrize("change", [{"limits": (0.1, 1e308)}, {"tolerance": 1e308}])
def test_limits_that_no_index_reaches(change):
    X, _ = sample()
    with pytest.raises(InfostatError, match=f"{next(iter(change))} must be"):
        StabilityMonitor(**change).fit(X)


def test_files_that_are_no_text(tmp_path, texts):
    for content in (b"", b"\0" * 99, b"\xff\xfe{", b"\x89PNG\r\n", b"\xef\xbb\xbf"):
        path = Path(tmp_path / "card.json")
        path.write_bytes(content)
        for kind in KINDS:
            assert read(kind, path) is None
